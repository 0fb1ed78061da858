#!/bin/sh
# sbomdiff 0.6.0 (Python), seen 2026-11-30.
#
# Compares two SBOMs by the names of their packages. If a file has several packages of one name, only the first counts:
# to it, an image with lodash 4 is the same as one with lodash 4 and lodash 3, and the exit code is 0.
#
# One would have guessed that a package which is in one of the files only is a difference. It matters since updates
# often bring in a second version of a package, and the older one is what nobody wants.
set -eu
. "$(dirname "$0")/common"

pip_install sbomdiff==0.6.0 lib4sbom==0.10.4

cat > "$dir/write.py" <<'END'
import json, sys
file, *packages = sys.argv[1:]
components = []
for package in packages:
    name, version = package.split("@")
    components.append({"type": "library", "bom-ref": package, "name": name, "version": version,
                       "purl": "pkg:npm/" + package})
json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, open(file, "w"))
END
# The differences between two SBOMs, and the exit code.
differences() {
    python3 "$dir/write.py" "$dir/old.json" $1
    python3 "$dir/write.py" "$dir/new.json" $2
    code=0
    python3 "$dir/py/bin/sbomdiff" "$dir/old.json" "$dir/new.json" > "$dir/out" 2> "$dir/log" || code=$?
    echo $(grep '^\[' "$dir/out") exit $code
}

expect 'another package' '[ADDED ] semver: (Version 7.7.3) (License UNKNOWN) exit 1' \
    "$(differences 'lodash@4.17.21' 'lodash@4.17.21 semver@7.7.3')"
expect 'another version beside it' 'exit 0' "$(differences 'lodash@4.17.21' 'lodash@4.17.21 lodash@3.10.1')"
expect 'without it' 'exit 0' "$(differences 'lodash@4.17.21 lodash@3.10.1' 'lodash@4.17.21')"
