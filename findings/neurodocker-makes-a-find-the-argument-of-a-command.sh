#!/bin/sh
# neurodocker 2.1.2 (Python), seen 2026-11-30.
#
# Writes the lines of a `--run` as one RUN, with `&&` between them. It takes a line that begins with `fi` for the end of
# an `if`, and puts nothing in front of it: `find`, `file` or `firefox` and the rest of the line are arguments of the
# command before. The same happens to the line after one that begins with `if`, such as `ifconfig`.
#
# One would have guessed that each line is a command. It matters since the build goes on where the command before takes
# any arguments, as echo and set do: behind `set -e`, what was to be found and deleted is still there.
set -eu
. "$(dirname "$0")/common"

pip_install neurodocker==2.1.2

# The RUN of a Dockerfile for the commands given, as one line.
run() {
    python3 "$dir/py/bin/neurodocker" generate docker --pkg-manager apt --base-image debian:13 --run "$1" \
        2> "$dir/log" | sed -n '/^RUN set -e/,/[^\\]$/p' | tr -d '\n\\' | tr -s ' '
}

expect 'ls' 'RUN set -e && ls' "$(run 'set -e
ls')"
expect 'find' 'RUN set -e find . -name "*.a" -delete' "$(run 'set -e
find . -name "*.a" -delete')"
expect 'ifconfig' 'RUN set -e && ifconfig eth0 up ls' "$(run 'set -e
ifconfig eth0 up
ls')"

mkdir "$dir/files"
touch "$dir/files/one.a"
# What is there after a shell has run the commands of a RUN.
left() { (cd "$dir/files" && sh -c "$(run "$1" | sed 's/^RUN //')" && ls); }

expect 'left by find' 'one.a' "$(left 'set -e
find . -name "*.a" -delete')"
expect 'left by find behind a colon' '' "$(left 'set -e
: ; find . -name "*.a" -delete')"
