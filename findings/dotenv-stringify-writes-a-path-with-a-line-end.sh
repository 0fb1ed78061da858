#!/bin/sh
# dotenv-stringify 3.0.1 with dotenv 18.0.10 (Node), seen 2026-12-01.
#
# A value with a space, a quote or a `#` is written as JSON has it, in double quotes and with backslashes. Of these,
# dotenv takes back only the one of a line end. The path `C:\new dir` is read with a line end in it, `say "hi"` has a
# backslash before each quote, and a tab is a backslash and a `t`. A value that is in quotes itself, as `"a"`, loses
# them.
#
# One would have guessed that a value comes back as it was, since the documentation says that what is written follows
# dotenv's rules and can be read with its `parse`. Those rules have single quotes and backticks for such values, in
# which nothing is replaced. It matters as both halves do what they should, and what a program gets is another value.
set -eu
. "$(dirname "$0")/common"

npm_install dotenv-stringify@3.0.1 dotenv@18.0.10

# What is written for a value, and what is read of that, as JSON.
cat > "$dir/write.mjs" <<'EOF'
import stringify from 'dotenv-stringify';
import { parse } from 'dotenv';
const value = JSON.parse(process.argv[2]);
const text = stringify({ VALUE: value });
console.log(`${text}, read as ${JSON.stringify(parse(text).VALUE)}`);
EOF
write() { node "$dir/write.mjs" "$1"; }

expect 'a space' 'VALUE="My app", read as "My app"' "$(write '"My app"')"
expect 'a sign for a comment' 'VALUE="My app #1", read as "My app #1"' "$(write '"My app #1"')"
expect 'a path' 'VALUE="C:\\new dir", read as "C:\\\new dir"' "$(write '"C:\\new dir"')"
expect 'quotes' 'VALUE="say \"hi\"", read as "say \\\"hi\\\""' "$(write '"say \"hi\""')"
expect 'a tab' 'VALUE="a\tb", read as "a\\tb"' "$(write '"a\tb"')"
expect 'a value in quotes' 'VALUE="a", read as "a"' "$(write '"\"a\""')"
