#!/bin/sh
# yamljs 0.3.0, beside yaml 2.9.1 (both Node), seen 2026-12-01.
#
# A file of two documents, as most manifests for Kubernetes are, is read as one with the keys of both, and of a key in
# both the first value counts: a Deployment and a Service are a Deployment with the port of a Service. And the lines of
# a plain text that goes on in the next line are kept apart, where YAML puts a space. `0o14` is 0, not 12, and `1,024`
# is a number.
#
# One would have guessed what the other one reads, since yamljs says of itself that it is for YAML 1.2. Its
# specification says that documents are independent of each other, that such lines are folded, and what a number is. It
# matters in a Compose file too, where a command that goes on in the next line has a line end in it, at which a shell
# ends the command.
set -eu
. "$(dirname "$0")/common"

npm_install yamljs@0.3.0 yaml@2.9.1

# What each of the two makes of a text. In the second, all documents are in one line.
cat > "$dir/read.cjs" <<'EOF'
const [reader, text] = process.argv.slice(2);
const found = reader === 'yamljs'
    ? [require('yamljs').parse(text)]
    : require('yaml').parseAllDocuments(text).map((document) => document.toJS());
console.log(found.map((document) => JSON.stringify(document)).join(' and '));
EOF
read_by() { node "$dir/read.cjs" "$1" "$(printf '%b' "$2")"; }
yamljs() { read_by yamljs "$1"; }
yaml() { read_by yaml "$1"; }

two='kind: Deployment\nreplicas: 2\n---\nkind: Service\nport: 80\n'
expect 'two documents' '{"kind":"Deployment","replicas":2} and {"kind":"Service","port":80}' "$(yaml "$two")"
expect 'two documents to yamljs' '{"kind":"Deployment","replicas":2,"port":80}' "$(yamljs "$two")"
command='command: shop serve\n  --port 80\n'
expect 'a command' '{"command":"shop serve --port 80"}' "$(yaml "$command")"
expect 'a command to yamljs' '{"command":"shop serve\n--port 80"}' "$(yamljs "$command")"
expect 'a mode' '{"mode":12}' "$(yaml 'mode: 0o14')"
expect 'a mode to yamljs' '{"mode":0}' "$(yamljs 'mode: 0o14')"
expect 'a number' '{"nofile":"1,024"}' "$(yaml 'nofile: 1,024')"
expect 'a number to yamljs' '{"nofile":1024}' "$(yamljs 'nofile: 1,024')"
