#!/bin/sh
# neurodocker 2.1.2 (Python), seen 2026-11-30.
#
# Writes the lines of a `--run` as one RUN, with `&&` between them. A line that begins with `fi` is taken for the end of
# an `if`, and gets none: `find`, `file` and `firefox` with all that follows are arguments of the command before. The
# same happens to a line behind one that begins with `if`, as `ifconfig`.
#
# One would have guessed that each line is a command. It matters since the build succeeds where the command before takes
# all arguments, as echo, export and touch do: what was to be found and deleted is still there.
set -eu
. "$(dirname "$0")/common"

pip_install neurodocker==2.1.2

# The RUN of a Dockerfile for the commands given, as one line.
run() {
    python3 "$dir/py/bin/neurodocker" generate docker --pkg-manager apt --base-image debian:13 --run "$1" \
        2> "$dir/log" | sed -n '/^RUN echo/,/[^\\]$/p' | tr -d '\n\\' | tr -s ' '
}

expect 'ls' 'RUN echo done && ls /opt' "$(run 'echo done
ls /opt')"
expect 'find' 'RUN echo done find /opt -name "*.a" -delete' "$(run 'echo done
find /opt -name "*.a" -delete')"
expect 'ifconfig' 'RUN echo done && ifconfig eth0 up ls /opt' "$(run 'echo done
ifconfig eth0 up
ls /opt')"
