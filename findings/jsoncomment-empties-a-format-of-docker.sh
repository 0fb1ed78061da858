#!/bin/sh
# jsoncomment 0.4.2 (Python), seen 2026-11-30.
#
# Reads JSON with comments and a comma too many, as devcontainer.json may have them. What is in `{{` and `}}` within a
# string is taken for a pointer to another value of the file, and the string has nothing in its place if there is none:
# `docker ps --format {{.Names}}` ends behind `--format`. And a comma before a bracket is removed within strings as
# well, so that the pattern `[0-9]{2,}`, for two digits or more, becomes `[0-9]{2}`.
#
# One would have guessed that strings are as they are in the file. The documentation speaks of comments, of strings of
# more than one line, and of commas at the end of a line. It matters since a command without its format says something
# else, and a pattern without its comma fits other texts; the file is read without an error.
set -eu
. "$(dirname "$0")/common"

pip_install jsoncomment==0.4.2 json-spec==0.12.0

# The value of a string in a file, with a comment and a comma too many; what the library prints goes elsewhere.
value() {
    printf '{\n  // how it starts\n  "value": %s,\n}\n' "$1" > "$dir/devcontainer.json"
    python3 -c '
import contextlib, sys
from jsoncomment import JsonComment
with open(sys.argv[1]) as file, contextlib.redirect_stdout(sys.stderr):
    value = JsonComment().load(file)["value"]
print(value)' "$dir/devcontainer.json" 2> "$dir/log"
}

expect 'a command' 'docker ps # all' "$(value '"docker ps # all"')"
expect 'a format' "docker ps --format ''" "$(value "\"docker ps --format '{{.Names}}'\"")"
expect 'a pattern' '[0-9]{2}' "$(value '"[0-9]{2,}"')"
expect 'a list in a string' "echo '[1]'" "$(value "\"echo '[1,]'\"")"
