#!/bin/sh
# dockerfile-parser 0.9.0 (Rust), seen 2026-11-29.
#
# The image of `FROM debian:12@sha256:…`, which is how a base is pinned with its tag beside it, has the name
# `debian:12` and no tag. Without a digest the name is `debian` and the tag `12`. The registry and the digest are right.
#
# One would have guessed the three parts that a reference consists of. It matters to anyone who looks for a newer tag of
# a base image, or for all files that build on `debian`: the pinned ones, which updates need most, are another image.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
fn main() {
    let text = format!("FROM {}\n", std::env::args().nth(1).unwrap());
    let file = dockerfile_parser::Dockerfile::parse(&text).unwrap();
    let image = &file.instructions[0].as_from().unwrap().image_parsed;
    println!("{:?} {} {:?} {}", image.registry, image.image, image.tag, image.hash.is_some());
}
EOF
cargo_build dockerfile-parser 0.9.0

digest=sha256:$(printf '%064d' 7)
expect 'tag' 'Some("example.com") debian Some("12") false' "$("$dir/probe" example.com/debian:12)"
expect 'digest' 'Some("example.com") debian None true' "$("$dir/probe" "example.com/debian@$digest")"
expect 'both' 'Some("example.com") debian:12 None true' "$("$dir/probe" "example.com/debian:12@$digest")"
