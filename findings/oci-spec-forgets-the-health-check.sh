#!/bin/sh
# oci-spec 0.10.0 (Rust), seen 2026-11-29.
#
# `ImageConfiguration` reads the configuration of an image and writes it again, for tools that change a label or an
# entry point. The keys that builders add to those of the OCI format go on the way: `Healthcheck`, `Shell` and
# `OnBuild`, whose names the format itself reserves, and `moby.buildkit.cache.v0`. Nothing says so.
#
# One would have guessed that what the library does not know is kept, or can be. It matters since the image still runs:
# it has no health check any more, and a build on top of it uses another shell and skips the ONBUILD steps.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
fn main() {
    let file = std::env::args().nth(1).unwrap();
    print!("{}", oci_spec::image::ImageConfiguration::from_file(file).unwrap().to_string().unwrap());
}
EOF
cargo_build oci-spec 0.10.0

cat > "$dir/config.json" <<'EOF'
{
  "architecture": "amd64",
  "os": "linux",
  "config": {
    "Cmd": ["serve"],
    "Healthcheck": {"Test": ["CMD", "check"]},
    "Labels": {"version": "1"},
    "OnBuild": ["COPY . /app"],
    "Shell": ["/bin/bash", "-c"],
    "StopSignal": "SIGINT"
  },
  "rootfs": {"type": "layers", "diff_ids": []},
  "moby.buildkit.cache.v0": "e30="
}
EOF
# The keys of a configuration, those of `config` in brackets.
keys() {
    python3 -c '
import json, sys
everything = json.load(open(sys.argv[1]))
print(*sorted(everything), "(" + " ".join(sorted(everything["config"])) + ")")' "$1"
}

"$dir/probe" "$dir/config.json" > "$dir/written.json"
expect 'read' 'architecture config moby.buildkit.cache.v0 os rootfs (Cmd Healthcheck Labels OnBuild Shell StopSignal)' \
    "$(keys "$dir/config.json")"
expect 'written' 'architecture config os rootfs (Cmd Labels StopSignal)' "$(keys "$dir/written.json")"
