#!/bin/sh
# spython 0.3.14 (Python package, turns a Dockerfile into a Singularity recipe), seen 2026-11-29.
#
# The words of an ENTRYPOINT or CMD in JSON form are joined with spaces and put into a shell script as they are.
# `["sh", "-c", "migrate; serve"]` becomes `exec sh -c migrate; serve "$@"`: `migrate` replaces the script, and
# `serve` never runs. A word with a space in it becomes two.
#
# One would have guessed that words which Docker passes on untouched are quoted on their way into a script. It
# matters to anyone who runs an image under both: the container starts, does less, and reports no error.
set -eu
. "$(dirname "$0")/common"

pip_install spython==0.3.14

# The line that starts the program, of a Dockerfile that ends in the lines given.
exec_line() {
    mkdir -p "$dir/project"
    printf 'FROM alpine:3.20\n%s\n' "$1" > "$dir/project/Dockerfile"
    "$dir/py/bin/spython" recipe "$dir/project/Dockerfile" | sed -n '/%runscript/,/%startscript/p' | grep '^exec'
}

expect 'sh -c' 'exec sh -c migrate; serve "$@"' "$(exec_line 'ENTRYPOINT ["sh", "-c", "migrate; serve"]')"
expect 'a word with a space' 'exec serve --name my app "$@"' "$(exec_line 'ENTRYPOINT ["serve"]
CMD ["--name", "my app"]')"
