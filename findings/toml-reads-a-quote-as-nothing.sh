#!/bin/sh
# toml 0.10.2, beside tomli 2.4.1 (both Python), seen 2026-12-01.
#
# A text of one quote, as `"\""` in a file, is read as an empty text. What is written can be other than what was there:
# a backslash before an x, as a path of Windows or a pattern can have it, is written as if it began a number. Of the
# text `\x41` there is an A, and of `C:\xampp` a file that is no TOML. Of a list of lists of tables, only the keys are
# written. And a table without a key in a list of tables is lost.
#
# One would have guessed that a text comes back as it was. TOML's specification says that a backslash is written twice,
# and has `\"` for a quote. It matters as the other reader, which is Python's own too, has them right, so that a Pipfile
# or a project.toml for a buildpack says one thing to one tool and another to the next.
set -eu
. "$(dirname "$0")/common"

pip_install toml==0.10.2 tomli==2.4.1

# What each of the two reads, and what tomli reads of what toml wrote.
read_by() { python3 -c 'import importlib, sys; print(importlib.import_module(sys.argv[1]).loads(sys.argv[2]))' "$@"; }
back() {
    python3 -c '
import json, sys, toml, tomli
try:
    print(json.dumps(tomli.loads(toml.dumps(json.loads(sys.argv[1])))))
except tomli.TOMLDecodeError:
    print("no TOML")' "$1"
}

expect 'a quote to tomli' "{'mark': '\"'}" "$(read_by tomli 'mark = "\""')"
expect 'a quote to toml' "{'mark': ''}" "$(read_by toml 'mark = "\""')"
expect 'a backslash' '{"text": "C:\\data"}' "$(back '{"text": "C:\\data"}')"
expect 'a backslash and 41' '{"text": "A"}' "$(back '{"text": "\\x41"}')"
expect 'a backslash and an x' 'no TOML' "$(back '{"text": "C:\\xampp"}')"
expect 'a list of lists of tables' '{"list": [[["name"]]]}' "$(back '{"list": [[{"name": 1}]]}')"
expect 'a table in a list' '{"list": [{"list": [{}]}]}' "$(back '{"list": [{"list": [{"mirrors": {}}]}]}')"
