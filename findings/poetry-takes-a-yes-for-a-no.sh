#!/bin/sh
# poetry 2.5.1 (Python), seen 2026-12-01.
#
# Each setting of Poetry can be given by a variable of the environment. `true` and `1` are a yes there, and everything
# else is a no: with `POETRY_VIRTUALENVS_IN_PROJECT=yes`, or `on`, the environment is not in the project, and with
# `POETRY_VIRTUALENVS_CREATE=yes` there is none. A word such as `yes` is refused by `poetry config`, with a message.
#
# One would have guessed that `yes` is a yes, or that it is refused, as it is where the same setting is made by hand.
# It matters to a Dockerfile whose last stage copies `.venv` from the one before: the COPY finds nothing, or the
# packages are those of the whole system.
set -eu
. "$(dirname "$0")/common"

pip_install poetry==2.5.1

setting() {
    env "$2" POETRY_CONFIG_DIR="$dir/config" POETRY_CACHE_DIR="$dir/cache" python3 -m poetry --directory "$dir" \
        config "$1" 2> "$dir/log" | tail -n 1
}
# What is said if the setting is made with the value given.
set_by_hand() {
    POETRY_CONFIG_DIR="$dir/config" POETRY_CACHE_DIR="$dir/cache" python3 -m poetry --directory "$dir" \
        config virtualenvs.in-project "$1" > "$dir/log" 2>&1 || :
    grep -o '"yes" is an invalid value' "$dir/log"
}

for value in 1 true; do
    expect "in the project, $value" 'true' "$(setting virtualenvs.in-project POETRY_VIRTUALENVS_IN_PROJECT=$value)"
done
for value in yes on; do
    expect "in the project, $value" 'false' "$(setting virtualenvs.in-project POETRY_VIRTUALENVS_IN_PROJECT=$value)"
    expect "create, $value" 'false' "$(setting virtualenvs.create POETRY_VIRTUALENVS_CREATE=$value)"
done
expect 'by hand' '"yes" is an invalid value' "$(set_by_hand yes)"
