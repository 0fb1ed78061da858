#!/bin/sh
# dockerfile-parser-rs 3.4.0 (Rust), seen 2026-11-29.
#
# In the tree, CMD and ENTRYPOINT are a list of words in either of their two forms, and they are printed in JSON
# form. Reading `CMD serve --port $PORT` and printing it gives `CMD ["serve", "--port", "$PORT"]`: no shell runs
# it any more, and the program receives the five characters `$PORT`.
#
# One would have guessed that a parser which also writes Dockerfiles preserves the meaning of what nobody
# touched. It matters to tools that change one instruction of a file this way, and to linters: the tree does not
# say which form the file uses.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
use std::str::FromStr;
fn main() {
    let text = std::env::args().nth(1).unwrap();
    println!("{}", dockerfile_parser_rs::Dockerfile::from_str(&text).unwrap().instructions[1]);
}
EOF
cargo_build dockerfile-parser-rs 3.4.0

expect 'JSON form' 'CMD ["serve", "--port", "$PORT"]' "$("$dir/probe" 'FROM debian:12
CMD ["serve", "--port", "$PORT"]')"
expect 'shell form' 'CMD ["serve", "--port", "$PORT"]' "$("$dir/probe" 'FROM debian:12
CMD serve --port $PORT')"
expect 'RUN in shell form' 'RUN serve --port $PORT' "$("$dir/probe" 'FROM debian:12
RUN serve --port $PORT')"
