#!/bin/sh
# compose-harden 0.2.0 (Python), beside PyYAML 6.0.4 (Python), seen 2026-11-30.
#
# `fix` adds `no-new-privileges:true` to the `security_opt` of a service, and keys as `tmpfs` behind its last line. If
# `security_opt` is the last key, both go to the same place, and the keys come first: the option is then an entry of
# `tmpfs`, and `security_opt` is as it was. In the same way, of a service whose last key is `tmpfs`, `read_only` has
# the value `true - /tmp`. The report has the option among what it has appended to the existing list.
#
# One would have guessed that an entry goes into its list, wherever that is in the service. The order of keys says
# nothing in YAML. It matters since the file looks right and the report says that it is.
set -eu
. "$(dirname "$0")/common"

pip_install compose-harden==0.2.0 pyyaml==6.0.4

# Two keys of a service after the fix.
service() {
    printf '%s\n' 'services:' '  web:' "$@" > "$dir/compose.yaml"
    python3 "$dir/py/bin/compose-harden" fix --no-audit "$dir/compose.yaml" > "$dir/log"
    python3 -c '
import sys, yaml
web = yaml.safe_load(open(sys.argv[1]))["services"]["web"]
print("security_opt", *web["security_opt"], "tmpfs", *web["tmpfs"], "read_only", web["read_only"])' \
        "$dir/compose.hardened.yaml"
}

expect 'security_opt first' \
    'security_opt label:type:app_t no-new-privileges:true tmpfs /tmp read_only True' \
    "$(service '    security_opt:' '      - label:type:app_t' '    image: app:1')"
expect 'security_opt last' \
    'security_opt label:type:app_t tmpfs /tmp no-new-privileges:true read_only True' \
    "$(service '    image: app:1' '    security_opt:' '      - label:type:app_t')"
expect 'tmpfs last' 'security_opt no-new-privileges:true tmpfs /run read_only true - /tmp' \
    "$(service '    image: app:1' '    tmpfs:' '      - /run')"
