#!/bin/sh
# hcl2-parser 1.0.3, beside @cdktf/hcl2json 0.21.0 (Node), seen 2026-11-29.
#
# In a file such as docker-bake.hcl, `"${TAG}"` is a variable, and `"$${HOME}"` is the text `${HOME}`, for the shell
# of a container. The library turns HCL into objects in which variables stay as they are written, and takes the second
# `$` away all the same, so that text and variable look alike. `%%{if x}` and here-documents lose their signs too.
#
# One would have guessed that the escape stays where variables stay, since it is what tells the two apart; hcl2json
# keeps it. It matters to whoever writes the objects as a docker-bake.json, or looks up variables in them: what was text
# is replaced, or refused as an unknown variable.
set -eu
. "$(dirname "$0")/common"

npm_install hcl2-parser@1.0.3 @cdktf/hcl2json@0.21.0

cat > "$dir/docker-bake.hcl" <<'EOF'
target "app" {
  args = {
    VERSION = "${TAG}"
    FOLDER = "$${HOME}/app"
    FORMAT = "%%{if x}"
  }
  dockerfile-inline = <<DOCKERFILE
RUN echo $${HOME}
DOCKERFILE
}
EOF
cat > "$dir/read.js" <<'EOF'
const [, , library, path] = process.argv;
const text = require('fs').readFileSync(path, 'utf8');
const show = ({ target: { app: [{ args, 'dockerfile-inline': lines }] } }) => {
    console.log([args.VERSION, args.FOLDER, args.FORMAT, lines.trim()].join(', '));
};
if (library === 'hcl2-parser') show(require(library).parseToObject(text)[0]);
else require(library).parse('docker-bake.hcl', text).then(show);
EOF
read_with() { node "$dir/read.js" "$1" "$dir/docker-bake.hcl"; }

expect 'hcl2json' '${TAG}, $${HOME}/app, %%{if x}, RUN echo $${HOME}' "$(read_with @cdktf/hcl2json)"
expect 'hcl2-parser' '${TAG}, ${HOME}/app, %{if x}, RUN echo ${HOME}' "$(read_with hcl2-parser)"
