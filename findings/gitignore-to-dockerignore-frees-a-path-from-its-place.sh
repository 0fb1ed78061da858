#!/bin/sh
# gitignore-to-dockerignore 3.0.0 (Node), beside docker 7.2.0 (Python), seen 2026-11-30.
#
# The library puts `**/` in front of each line without a slash at its front. So it turns `docs/build` of a `.gitignore`
# into `**/docs/build`, which also leaves out `packages/api/docs/build`, and `data/*.csv` into one that takes the CSV
# files of all folders of the name `data`. A line of a `.gitignore` in a folder below gets a `**/` behind the folder.
#
# One would have guessed that the second file means what the first does. For Git, as gitignore(5) says, a slash in the
# middle ties a pattern to the folder of its file, as one at the front does; only a line without one is for any depth.
# It matters since the builder misses files that Git has, and a COPY of their folder succeeds without them.
set -eu
. "$(dirname "$0")/common"

command -v git > /dev/null || not_installed git
npm_install gitignore-to-dockerignore@3.0.0
pip_install docker==7.2.0

cat > "$dir/convert.mjs" <<'EOF'
import { convertToDockerignore } from 'gitignore-to-dockerignore';
process.stdout.write(convertToDockerignore(process.argv[2]));
EOF
# Of two files, those that Git has, and those that reach a builder.
both() {
    rm -rf "$dir/project"
    mkdir "$dir/project"
    (
        cd "$dir/project"
        mkdir -p "$(dirname "$2")" "$(dirname "$3")"
        touch "$2" "$3"
        git init --quiet
        echo "$1" > .git/info/exclude
        node "$dir/convert.mjs" "$1" > "$dir/dockerignore"
        git=$(git ls-files --others --exclude-from=.git/info/exclude | tr '\n' ' ')
        builder=$(python3 -c '
import os, sys, docker.utils
patterns = open(sys.argv[1]).read().split("\n")
print(*sorted(path for path in docker.utils.exclude_paths(".", patterns) if os.path.isfile(path)))' "$dir/dockerignore")
        echo "Git: ${git% }, builder: $builder"
    )
}

expect '/docs/build' 'Git: api/docs/build/a, builder: api/docs/build/a' \
    "$(both /docs/build docs/build/a api/docs/build/a)"
expect 'docs/build' 'Git: api/docs/build/a, builder: ' "$(both docs/build docs/build/a api/docs/build/a)"
expect 'data/*.csv' 'Git: src/data/b.csv, builder: ' "$(both 'data/*.csv' data/a.csv src/data/b.csv)"
expect '*.csv' 'Git: , builder: ' "$(both '*.csv' data/a.csv src/data/b.csv)"
expect 'the line for data/*.csv' '**/data/*.csv' "$(node "$dir/convert.mjs" 'data/*.csv' | tail -n 1)"
