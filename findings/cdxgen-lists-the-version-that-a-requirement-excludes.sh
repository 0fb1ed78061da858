#!/bin/sh
# @cyclonedx/cdxgen 12.8.4 (Node), beside packaging 26.4 (Python), seen 2026-12-01.
#
# For the SBOM of a project, `parseReqFile` reads its requirements.txt. The version of a package is that of the first
# bound, whatever the bound says: of `django!=4.2.1,>=4.2` it is 4.2.1, and of `urllib3>2.0` it is 2.0, which are just
# the versions that pip may not take. Of `===`, which is for one version only, there is none.
#
# One would have guessed that a version is given where there is one, after `==`, or else none, or the least that is
# allowed. It matters since an advisory is why a version is excluded as a rule: by the SBOM, the project has the very
# version that it does without.
set -eu
. "$(dirname "$0")/common"

npm_install @cyclonedx/cdxgen@12.8.4
pip_install packaging==26.4

cat > "$dir/read.mjs" <<'END'
import { parseReqFile } from '@cyclonedx/cdxgen/helpers/utils';
const [{ name, version }] = await parseReqFile(process.argv[2]);
console.log(name + ' ' + version);
END
# The version in a requirement for cdxgen, and whether the requirement allows it.
version() {
    echo "$1" > "$dir/requirements.txt"
    found=$(cd "$dir" && FETCH_LICENSE=false node read.mjs requirements.txt 2> "$dir/log")
    python3 -c '
import sys
from packaging.requirements import Requirement
name, version = sys.argv[2].split()
allowed = version != "null" and Requirement(sys.argv[1]).specifier.contains(version)
print(version, "allowed" if allowed else "not allowed")
' "$1" "$found"
}

expect 'one version' '4.2.1 allowed' "$(version 'django==4.2.1')"
expect 'from a version on' '4.2 allowed' "$(version 'django>=4.2')"
expect 'a version excluded' '4.2.1 not allowed' "$(version 'django!=4.2.1,>=4.2')"
expect 'above a version' '2.0 not allowed' "$(version 'urllib3>2.0')"
expect 'below a version' '2.0 not allowed' "$(version 'urllib3<2.0')"
expect 'one version, exactly' 'null not allowed' "$(version 'django===4.2.1')"
