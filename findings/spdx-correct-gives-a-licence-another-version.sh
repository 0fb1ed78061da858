#!/bin/sh
# spdx-correct 3.2.0 (Node), seen 2026-11-30.
#
# Makes an SPDX identifier of the name of a licence. `Eclipse Public License 2.0` becomes EPL-1.0, `Apache License,
# Version 1.1` Apache-2.0, and `GPL (>= 2)`, as packages of R write it, GPL-3.0-or-later. Of `GPLv2 with classpath
# exception` the exception is lost, and `UNLICENSED`, with which npm says that there are no rights, becomes Unlicense,
# which gives them all. What it does not know, it answers with null.
#
# One would have guessed that it answers with null where a name has a version that it does not read. It matters since
# lists of what is in an image take their licences from the names that packages have, and tools that make such lists use
# this library: a wrong version is there like any other.
set -eu
. "$(dirname "$0")/common"

npm_install spdx-correct@3.2.0

cat > "$dir/correct.js" <<'EOF'
console.log(require('spdx-correct')(process.argv[2]));
EOF
correct() { node "$dir/correct.js" "$1"; }

expect 'short names' 'Apache-1.1 EPL-2.0 GPL-2.0-only' \
    "$(echo $(correct 'Apache 1.1') $(correct 'EPL 2.0') $(correct 'GPL v2'))"
expect 'an unknown name' 'null' "$(correct 'See the file COPYING')"
expect 'Eclipse' 'EPL-1.0' "$(correct 'Eclipse Public License 2.0')"
expect 'Apache' 'Apache-2.0' "$(correct 'Apache License, Version 1.1')"
expect 'GPL' 'GPL-3.0-or-later' "$(correct 'GPL (>= 2)')"
expect 'an exception' 'GPL-2.0-only' "$(correct 'GPLv2 with classpath exception')"
expect 'no licence' 'Unlicense' "$(correct UNLICENSED)"
