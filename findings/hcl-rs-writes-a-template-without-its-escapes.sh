#!/bin/sh
# hcl-rs 0.20.0 (Rust), seen 2026-11-29.
#
# Reading a file such as docker-bake.hcl and writing it again drops the escapes of each string that has a variable in
# it. `"C:\\tools\\${NAME}"` is written as `"C:\tools\${NAME}"`, in which `\t` is a tab, and `"\"${NAME}\""` as
# `""${NAME}""`, which nothing reads. Strings without a variable are written right.
#
# One would have guessed that what was read can be read again, and is the same. It matters to tools that change one
# argument of such a file: the arguments next to it change too, and the file may still be accepted.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
fn main() {
    let text = std::env::args().nth(1).unwrap();
    let written = hcl::to_string(&hcl::parse(&text).unwrap()).unwrap();
    print!("{written}");
    match hcl::parse(&written) {
        Ok(body) => println!("{:?}", body.attributes().next().unwrap().expr().to_string()),
        Err(_) => println!("refused"),
    }
}
EOF
cargo_build hcl-rs 0.20.0

expect 'no variable' 'DIR = "C:\\tools"
"\"C:\\\\tools\""' "$("$dir/probe" 'DIR = "C:\\tools"')"
expect 'a variable' 'DIR = "C:\tools${NAME}"' "$("$dir/probe" 'DIR = "C:\\tools${NAME}"' | sed -n 1p)"
expect 'quotes' 'NAME = ""${NAME}""
refused' "$("$dir/probe" 'NAME = "\"${NAME}\""')"
