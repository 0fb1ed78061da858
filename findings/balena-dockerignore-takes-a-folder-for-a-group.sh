#!/bin/sh
# @balena/dockerignore 1.0.2 (Node), beside docker 7.2.0 (Python), seen 2026-11-29.
#
# The library writes a regular expression for each line of a `.dockerignore`, and leaves `(`, `)`, `+`, `|` and `^` in
# it as they are. `app/(admin)`, which is how Next.js and SvelteKit name folders, ignores `app/admin`, and not
# `app/(admin)`. `*.c++` is refused as an invalid regular expression. `.` and `$` mean themselves.
#
# One would have guessed that only `*`, `?`, `[` and `\` mean anything there, as for Docker itself since 2021.
# dockerode and testcontainers read the file with this library: they send the folder that was to stay out, and leave
# out another one.
set -eu
. "$(dirname "$0")/common"

npm_install @balena/dockerignore@1.0.2
pip_install docker==7.2.0

mkdir -p "$dir/app/admin" "$dir/app/(admin)" "$dir/app/shop"
touch "$dir/app/admin/a.js" "$dir/app/(admin)/b.js" "$dir/app/shop/c.js"
cat > "$dir/sent.js" <<'EOF'
const ignore = require('@balena/dockerignore')().add(process.argv[2]);
console.log(ignore.filter(['app/(admin)/b.js', 'app/admin/a.js', 'app/shop/c.js']).join(' '));
EOF

# What is left of the three files, by each of the two libraries.
node_sent() { node "$dir/sent.js" "$1"; }
python_sent() {
    python3 -c '
import sys, docker.utils
print(*sorted(p for p in docker.utils.exclude_paths(sys.argv[1] + "/app", [sys.argv[2]]) if p.endswith(".js")))
' "$dir" "$1"
}

expect 'app/shop, @balena/dockerignore' 'app/(admin)/b.js app/admin/a.js' "$(node_sent 'app/shop')"
expect 'app/(admin), @balena/dockerignore' 'app/(admin)/b.js app/shop/c.js' "$(node_sent 'app/(admin)')"
expect '(admin) below app, docker' 'admin/a.js shop/c.js' "$(python_sent '(admin)')"
expect '*.c++' 'Invalid regular expression' "$(node_sent '*.c++' 2>&1 | grep -o 'Invalid regular expression')"
