#!/bin/sh
# pip 26.3 (Python), seen 2026-12-01.
#
# Each option of pip can be given by a variable of the environment. The option `--no-compile` keeps the compiled files
# of Python out of an image; with `PIP_NO_COMPILE=1` pip writes them, as it does without the variable, and with
# `PIP_NO_COMPILE=0` it does not. The variable sets what the option takes away, which is to compile.
#
# One would have guessed that 1 is yes to what the name says, as for `PIP_NO_DEPS=1`. pip's manual has it in a note
# only: for this option a false value has to be given. It matters since the layer has a compiled file for each module,
# which is about as large again, and nothing fails.
set -eu
. "$(dirname "$0")/common"

pip_install pip==26.3

# How many compiled files there are after an install with the words given.
compiled() {
    rm -rf "$dir/site"
    env "$@" python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
        --target "$dir/site" six==1.17.0 >&2 || not_installed six==1.17.0
    find "$dir/site" -name '*.pyc' | wc -l
}
unset PIP_NO_COMPILE || :

expect 'pip' '26.3' "$(python3 -m pip --version | cut -d ' ' -f 2)"
expect 'no variable' '1' "$(compiled PIP_QUIET=1)"
expect 'PIP_NO_COMPILE=1' '1' "$(compiled PIP_NO_COMPILE=1)"
expect 'PIP_NO_COMPILE=0' '0' "$(compiled PIP_NO_COMPILE=0)"
