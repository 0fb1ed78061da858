#!/bin/sh
# systemdunitparser 0.4 (Python), seen 2026-11-30.
#
# Of a command on several lines, as `Exec=serve \` and below it `--port=80`, the command is `serve \`, and there is a
# setting with the name `--port`. If the lines are indented they are a part of the command, with their backslashes. And
# a setting that is indented is a part of the one above it: with `Image=app` and `  User=nobody`, there is no user, and
# the image is `app` with `User=nobody` behind it on a second line.
#
# One would have guessed that a parser for unit files reads them as systemd does. Its manual (systemd.syntax) says that
# a line that ends in a backslash goes on in the next, and nothing that gives a meaning to the spaces before a line. It
# matters to Quadlet files, which have long commands: a tool that looks for the user or the command of a container finds
# something else.
set -eu
. "$(dirname "$0")/common"

pip_install systemdunitparser==0.4

# The settings of a file for a container.
settings() {
    printf '[Container]\n%s\n' "$1" > "$dir/app.container"
    python3 -c '
import json, sys
from SystemdUnitParser import SystemdUnitParser
parser = SystemdUnitParser()
parser.read(sys.argv[1])
print(json.dumps(dict(parser["Container"])))' "$dir/app.container"
}

expect 'one line' '{"Image": "app", "Exec": "serve --port=80", "User": "nobody"}' "$(settings 'Image=app
Exec=serve --port=80
User=nobody')"
expect 'a backslash' '{"Image": "app", "Exec": "serve \\", "--port": "80", "User": "nobody"}' "$(settings 'Image=app
Exec=serve \
--port=80
User=nobody')"
expect 'a backslash and spaces' '{"Exec": "serve \\\n--port=80", "User": "nobody"}' "$(settings 'Exec=serve \
  --port=80
User=nobody')"
expect 'spaces' '{"Image": "app\nUser=nobody"}' "$(settings 'Image=app
  User=nobody')"
