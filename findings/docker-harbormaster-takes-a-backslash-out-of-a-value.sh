#!/bin/sh
# docker-harbormaster 0.5.0 (Python), seen 2026-11-30.
#
# Puts values in place of `{{ HM_NAME }}` in the Compose files of its applications. It passes the value to `re.sub` as
# it is, where a backslash has a meaning: two become one, `\n` is a line break, and `\1` is the default that follows the
# name. With `\w` or `\d` the program stops.
#
# One would have guessed that the value is what the file of replacements says. It matters to patterns, as in the rules
# of a proxy, and to passwords: the file is valid, and the container gets something else.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps docker-harbormaster==0.5.0 attrs==25.4.0 click==8.3.1 click-help-colors==0.9.4 pyyaml==6.0.3 \
    ruamel.yaml==0.18.16

# What a line becomes with a value for HM_RULE.
rendered() {
    python3 -c '
import sys
from docker_harbormaster.cli import _render_template
print(_render_template(sys.argv[1], {"RULE": sys.argv[2]}))' "$1" "$2"
}

expect 'a dot' 'rule: ^shop\.example\.com$' "$(rendered 'rule: {{ HM_RULE }}' '^shop\.example\.com$')"
expect 'two backslashes' 'rule: ^shop\.example\.com$' "$(rendered 'rule: {{ HM_RULE }}' '^shop\\.example\\.com$')"
expect 'a figure' "word: a'x'word" "$(rendered "word: {{ HM_RULE:'x' }}" 'a\1word')"
expect 'a letter' 'path: C:
ew' "$(rendered 'path: {{ HM_RULE }}' 'C:\new')"
