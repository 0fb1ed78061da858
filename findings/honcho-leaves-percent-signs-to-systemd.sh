#!/bin/sh
# honcho 2.0.0 (Python), seen 2026-12-01.
#
# In the units that `honcho export systemd` writes, the `%` of a command or a variable stands as it did in the Procfile
# and in .env. To systemd it begins a name for something: `date +%H` is `date +` and the name of the machine, and the
# variable `50%off` is 50, the name of the distribution, and `ff`. A variable with a line end, as a key has, ends behind
# its first line, and the others are lines of the unit, which systemd leaves out.
#
# One would have guessed that it writes `%%`, as it does for supervisord, where a `%` means something too. The page of
# systemd on units says that a percent sign is written twice in these places. It matters since `honcho start` runs the
# same files as they are meant.
set -eu
. "$(dirname "$0")/common"

pip_install honcho==2.0.0

# The lines of what it writes for a system that have a text in them, of a Procfile and .env as given.
mkdir "$dir/app"
exported() {
    printf '%s\n' "$3" > "$dir/app/Procfile"
    printf '%s\n' "$4" > "$dir/app/.env"
    rm -rf "$dir/units"
    (cd "$dir/app" && python3 -m honcho export -a shop -u shop "$1" "$dir/units" 2> "$dir/log")
    grep -rh "$2" "$dir/units"
}

hour="web: log --hour \$(date +%H)"
expect 'a command for supervisord' "command=/bin/sh -c 'log --hour \$(date +%%H)'" \
    "$(exported supervisord date "$hour" MODE=test)"
expect 'a command for systemd' "ExecStart=/bin/sh -lc 'log --hour \$(date +%H)'" \
    "$(exported systemd date "$hour" MODE=test)"
expect 'a variable' 'Environment=BANNER=50%off' "$(exported systemd BANNER 'web: serve' 'BANNER=50%off')"
expect 'a variable of two lines' "Environment=KEY='first|second'" \
    "$(exported systemd 'KEY\|second' 'web: serve' "KEY='first\\nsecond'" | tr '\n' '|' | sed 's/|$//')"
