#!/bin/sh
# shlex 2.0.1 (Rust), beside the shell of the machine, seen 2026-12-01.
#
# Takes a command apart into its words. Where it goes on in the next line, with a space before the backslash and
# others before the next word, as nearly always, there is an empty word: `apt-get install \`, with `curl` in the next
# line, is `apt-get`, `install`, an empty word and `curl`. Within a word, the backslash and the end of the line go, as
# they should.
#
# One would have guessed three words: the library says that it mimics the POSIX shell, and to them both are gone
# before words are looked for. It matters to readers of RUN lines: each line more is an argument more, and a program
# that is run with these words gets arguments that are empty.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
fn main() {
    let text = std::env::args().nth(1).unwrap();
    for word in shlex::split(&text).unwrap() {
        print!("<{word}>");
    }
}
EOF
cargo_build shlex 2.0.1

shell() { sh -c "printf '<%s>' $1"; }

expect 'one line' '<install><curl>' "$("$dir/probe" 'install curl')"
expect 'two lines' '<install><><curl>' "$("$dir/probe" 'install \
    curl')"
expect 'the same in a shell' '<install><curl>' "$(shell 'install \
    curl')"
expect 'three lines' '<install><><curl><><git>' "$("$dir/probe" 'install \
    curl \
    git')"
expect 'no space' '<installcurl>' "$("$dir/probe" 'install\
curl')"
