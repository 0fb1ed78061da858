#!/bin/sh
# dockerfile-ast 0.7.1 (Node), seen 2026-11-29.
#
# For an instruction in JSON form, `getJSONStrings()` gives the strings without their spaces:
# `CMD ["sh", "-c", "echo hi there"]` has a third one of `echohithere`, and the source of `COPY ["my app", "/opt/"]`
# is `myapp`. An escape such as `\t` or `\n` goes too. `\"` and `\\` are right, and so is `getArgumentsContent()`.
#
# One would have guessed the strings that a JSON parser returns. It matters to anyone who reads commands and paths
# through this library, as editors do: the words of a `sh -c` run together, and the path names no file.
set -eu
. "$(dirname "$0")/common"

npm_install dockerfile-ast@0.7.1

cat > "$dir/strings.js" <<'EOF'
const { DockerfileParser } = require('dockerfile-ast');
const [instruction] = DockerfileParser.parse(process.argv[2]).getInstructions();
console.log(JSON.stringify(instruction.getJSONStrings().map((string) => string.getJSONValue())));
console.log(instruction.getArgumentsContent());
EOF

strings() { node "$dir/strings.js" "$1" | sed -n 1p; }

expect 'no spaces' '["echo","hi"]' "$(strings 'CMD ["echo", "hi"]')"
expect 'a command' '["sh","-c","echohithere"]' "$(strings 'CMD ["sh", "-c", "echo hi there"]')"
expect 'a path' '["myapp","/opt/"]' "$(strings 'COPY ["my app", "/opt/"]')"
expect 'an escape' '["printf","ab"]' "$(strings 'CMD ["printf", "a\tb"]')"
expect 'quotes' '["echo","\"hi\""]' "$(strings 'CMD ["echo", "\"hi\""]')"
expect 'the whole text' '["sh", "-c", "echo hi there"]' \
    "$(node "$dir/strings.js" 'CMD ["sh", "-c", "echo hi there"]' | sed -n 2p)"
