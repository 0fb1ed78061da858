#!/bin/sh
# sarif-tools 3.0.5 (Python), seen 2026-11-29.
#
# In SARIF a result may say that it is suppressed, by a comment in the source for instance, or, with
# `"baselineState": "absent"`, that an earlier run had it and this one does not. `sarif summary` and `sarif --check`
# count both as what they would be otherwise. A filter can leave out the first by its `suppression`, not the second.
#
# One would have guessed that neither counts, as in the viewers of code hosts. It matters since linters write both, to
# tell what was judged and what was mended: the check fails for an error that is no longer in the Dockerfile.
set -eu
. "$(dirname "$0")/common"

pip_install sarif-tools==3.0.5

# The number of errors and the exit code, for one error with the properties given.
check() {
    cat > "$dir/results.sarif" <<EOF
{
  "version": "2.1.0",
  "runs": [{
    "tool": {"driver": {"name": "linter"}},
    "results": [{"ruleId": "tag", "level": "error", $1 "message": {"text": "no tag"}, "locations": [
      {"physicalLocation": {"artifactLocation": {"uri": "Dockerfile"}, "region": {"startLine": 1}}}
    ]}]
  }]
}
EOF
    code=0
    python3 -m sarif --check error summary "$dir/results.sarif" > "$dir/summary" 2> "$dir/log" || code=$?
    echo "$(sed -n 's/^error: //p' "$dir/summary"), exit code $code"
}

expect 'an error' '1, exit code 1' "$(check '')"
expect 'a pass' '0, exit code 0' "$(check '"kind": "pass", "level": "none",')"
expect 'suppressed' '1, exit code 1' "$(check '"suppressions": [{"kind": "inSource"}],')"
expect 'absent' '1, exit code 1' "$(check '"baselineState": "absent",')"
