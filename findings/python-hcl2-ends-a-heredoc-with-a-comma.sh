#!/bin/sh
# python-hcl2 8.1.4 (Python), beside @cdktf/hcl2json 0.21.0 (Node, HashiCorp's own parser in WebAssembly), seen
# 2026-11-30.
#
# `dumps` puts a comma behind each entry of a map, and so behind a here-document: `EOT,`. To HCL this line is no end,
# and all that follows is text, up to the next line of `EOT`. A bake file with a here-document in `args` or `tags`
# cannot be read any more after `loads` and `dumps`, by HCL or by the library itself; one in an attribute of its own can.
#
# One would have guessed that a library reads what it has written. It matters to scripts that set a tag in a bake file:
# they report nothing, and the next build does.
set -eu
. "$(dirname "$0")/common"

pip_install python-hcl2==8.1.4
npm_install @cdktf/hcl2json@0.21.0

cat > "$dir/read.js" <<'EOF'
const { readFileSync } = require('fs');
const { parse } = require('@cdktf/hcl2json');
parse('docker-bake.hcl', readFileSync(0, 'utf8')).then(
    (value) => console.log(JSON.stringify(value)),
    (error) => console.log(/Unterminated template string/.exec(error)[0]));
EOF
rewrite() { python3 -c 'import sys, hcl2; print(hcl2.dumps(hcl2.loads(sys.stdin.read())), end="")'; }
read_again() { rewrite 2>&1 | sed -n 's/^[a-z.]*\.\(Unexpected[A-Za-z]*\).*/\1/p' | tail -n 1; }

cat > "$dir/attribute.hcl" <<'EOF'
target "app" {
  dockerfile-inline = <<EOT
FROM debian
EOT
}
EOF
cat > "$dir/map.hcl" <<'EOF'
target "app" {
  args = {
    NOTE = <<EOT
Hello
EOT
    LEVEL = "2"
  }
}
EOF

expect 'attribute, before' '{"target":{"app":[{"dockerfile-inline":"FROM debian\n"}]}}' \
    "$(node "$dir/read.js" < "$dir/attribute.hcl")"
expect 'attribute, after' '{"target":{"app":[{"dockerfile-inline":"FROM debian\n"}]}}' \
    "$(rewrite < "$dir/attribute.hcl" | node "$dir/read.js")"
expect 'map, before' '{"target":{"app":[{"args":{"LEVEL":"2","NOTE":"Hello\n"}}]}}' \
    "$(node "$dir/read.js" < "$dir/map.hcl")"
expect 'map, after' 'Unterminated template string' "$(rewrite < "$dir/map.hcl" | node "$dir/read.js")"
expect 'its end, after' 'EOT,' "$(rewrite < "$dir/map.hcl" | grep '^EOT')"
expect 'map, read again by the library' 'UnexpectedToken' "$(rewrite < "$dir/map.hcl" | read_again)"
