#!/bin/sh
# shuck-parser 0.2.8 (Rust), seen 2026-11-29.
#
# With two here-documents on one line, the parser takes the second delimiter for quoted, as if `cat <<one <<two`
# were `cat <<one <<'two'`: `quoted` is true and `expands_body` is false. Variables and commands in the second
# body are thus plain text in the tree, though the shell expands them.
#
# One would have guessed that both are read alike; the first is right, and so is a second one on a line of its
# own. It matters to linters that look for commands and variables in the here-documents of a RUN.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
fn main() {
    let script = std::env::args().nth(1).unwrap() + "\n";
    let tree = format!("{:?}", shuck_parser::parser::Parser::new(&script).parse().file);
    let quoted: Vec<_> = tree
        .split("HeredocDelimiter {")
        .skip(1)
        .map(|rest| rest.split("quoted: ").nth(1).unwrap().split(',').next().unwrap())
        .collect();
    println!("{}", quoted.join(" "));
}
EOF
cargo_build shuck-parser 0.2.8

expect 'one' 'false' "$("$dir/probe" 'cat <<one
$a
one')"
expect 'two lines' 'false false' "$("$dir/probe" 'cat <<one
$a
one
cat <<two
$b
two')"
expect 'two on a line' 'false true' "$("$dir/probe" 'cat <<one <<two
$a
one
$b
two')"
