#!/bin/sh
# reuse 6.2.0 (Python), beside dockerfile 3.4.0 (Python package, BuildKit's own parser in a Python package), seen 2026-11-29.
#
# `reuse annotate` puts its licence header above everything else in a Dockerfile, even above `# syntax=` and
# `# escape=`. BuildKit looks for these directives only above the first ordinary comment, so the header turns
# them into comments: the file below has two instructions before and three after, the third of them unknown.
#
# One would have guessed that a tool which keeps a `#!` line on top does the same for these. It matters because
# adding a licence header looks like a change that cannot break a build.
set -eu
. "$(dirname "$0")/common"

pip_install reuse==6.2.0 dockerfile==3.4.0

instructions() {
    python3 -c 'import sys, dockerfile; print(*(c.cmd for c in dockerfile.parse_file(sys.argv[1])))' "$1"
}

file=$dir/project/Dockerfile
mkdir "$dir/project"
cat > "$file" <<'EOF'
# escape=`
FROM windows-base
RUN copy C:\in\app.exe `
    C:\app\app.exe
EOF

expect 'instructions before' 'FROM RUN' "$(instructions "$file")"
(cd "$dir/project" && python3 -m reuse annotate --copyright 'Jane Doe' --license MIT --year 2026 Dockerfile >&2)
expect 'first line after' '# SPDX-FileCopyrightText: 2026 Jane Doe' "$(head -n 1 "$file")"
expect 'the directive is on line' '5' "$(grep -n 'escape=' "$file" | cut -d: -f1)"
expect 'instructions after' 'FROM RUN C:\app\app.exe' "$(instructions "$file")"
