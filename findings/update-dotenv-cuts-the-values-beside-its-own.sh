#!/bin/sh
# update-dotenv 1.1.1 (Node), with dotenv 18.0.10 (Node), seen 2026-11-30.
#
# Sets a variable in an `.env` file, and writes all others again, without the quotes that they had. Of
# `GREETING="My app #1"`, what follows `#` is a comment from then on, and is gone with the next variable that is set; of
# `PREFIX="  -"` the spaces are. Comments are gone at once.
#
# One would have guessed that a variable stays as it is while another is set. It matters since such a file is not in Git
# as a rule, so that what is lost is lost, and it does not show: the program that writes the file gives back the values
# as they were before, and the next one that reads it has others.
set -eu
. "$(dirname "$0")/common"

npm_install update-dotenv@1.1.1 dotenv@18.0.10

cat > "$dir/set.js" <<'EOF'
require('update-dotenv')({ TAG: process.argv[2] });
EOF
cat > "$dir/values.js" <<'EOF'
console.log(JSON.stringify(require('dotenv').parse(require('fs').readFileSync('.env'))));
EOF
in_folder() { (cd "$dir" && "$@"); }

printf '# what users see\nGREETING="My app #1"\nPREFIX="  -"\n' > "$dir/.env"
expect 'before' '{"GREETING":"My app #1","PREFIX":"  -"}' "$(in_folder node values.js)"
in_folder node set.js 1
expect 'the file' 'GREETING=My app #1
PREFIX=  -
TAG=1' "$(in_folder cat .env)"
expect 'after' '{"GREETING":"My app","PREFIX":"-","TAG":"1"}' "$(in_folder node values.js)"
in_folder node set.js 2
expect 'the file, once more' 'GREETING=My app
PREFIX=-
TAG=2' "$(in_folder cat .env)"
