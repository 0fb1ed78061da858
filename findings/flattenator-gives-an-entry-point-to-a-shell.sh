#!/bin/sh
# flattenator 0.0.2 (Python), beside dockerfile 3.4.0 (Python package, BuildKit's own parser in a Python package), seen
# 2026-11-30.
#
# Makes an image of one layer with `docker export` and `docker import`, and gives it the settings of the first by
# `--change`. The words of an entry point are in single quotes there, `ENTRYPOINT ['tini', '--']`, which is no JSON:
# Docker takes that for the shell form, and the shell looks for a program `[tini,`. Those of a command are in double
# quotes, as they are to be, and so without effect, since the shell form takes no command.
#
# One would have guessed that the image starts as before. It matters to any image with an ENTRYPOINT, and the tool puts
# the new image in the place of the first, in the registry as well.
set -eu
. "$(dirname "$0")/common"

pip_install flattenator==0.0.2 dockerfile==3.4.0

# A program that stands in for Docker: it has an image of two layers, and writes down what it is told to import.
cat > "$dir/docker" <<'END'
#!/bin/sh
folder=$(dirname "$0")
case $1 in
inspect)
    printf '[{"RootFS": {"Layers": ["sha256:1", "sha256:2"]}, "Config": %s}]\n' "$(cat "$folder/config.json")" ;;
import)
    [ "$2" = --change ] && echo "$3" > "$folder/change" ;;
esac
END
chmod +x "$dir/docker"
# What Docker makes of the step for an image with the configuration given, as its parser reads it.
change() {
    printf '%s' "$1" > "$dir/config.json"
    PATH="$dir:$PATH" python3 "$dir/py/bin/flattenator" --repo registry.example.com/app 1 > "$dir/log" 2>&1
    python3 -c '
import sys, dockerfile
[step] = dockerfile.parse_file(sys.argv[1])
print(step.cmd, "in JSON:" if step.json else "not in JSON:", *step.value)' "$dir/change"
}

expect 'a user' 'USER not in JSON: app' "$(change '{"User": "app"}')"
expect 'an entry point' "ENTRYPOINT not in JSON: ['tini', '--']" "$(change '{"Entrypoint": ["tini", "--"]}')"
expect 'a command' 'CMD in JSON: serve' "$(change '{"Cmd": ["serve"]}')"
