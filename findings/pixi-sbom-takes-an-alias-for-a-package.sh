#!/bin/sh
# pixi-sbom 1.15.0 (Python package of a program), seen 2026-11-30.
#
# Writes an SBOM of a lock file. With `"lodash3": "npm:lodash@3.10.1"` in package.json, which installs lodash under
# another name, the package is `pkg:npm/lodash@3.10.1` if the lock is npm's or pnpm's, and `pkg:npm/lodash3@3.10.1` if
# it is Yarn's, of version 1 or later. The lock of later versions has `resolution: "lodash@npm:3.10.1"` there. A package
# from a Git repository in npm's lock is `pkg:npm/tool@1.0.0`, with no word of the repository, which it has in those
# of Python.
#
# One would have guessed that a package is what it is, whatever program wrote the lock. It matters since `lodash3` may
# be another package of somebody else: nobody warns of what is wrong in lodash 3.10.1.
set -eu
. "$(dirname "$0")/common"

pip_install pixi-sbom==1.15.0

# The packages for the lock on standard input.
purls() {
    rm -rf "$dir/project"
    mkdir "$dir/project"
    cat > "$dir/project/$1"
    echo '{"name": "shop", "version": "1.0.0", "dependencies": {"lodash3": "npm:lodash@3.10.1"}}' \
        > "$dir/project/package.json"
    (cd "$dir/project" && "$dir/py/bin/pixi-sbom" > "$dir/log" 2>&1)
    python3 -c '
import json, sys
print(*(package["purl"] for package in json.load(open(sys.argv[1]))["components"]))' "$dir/project/sbom.cdx.json"
}

expect 'npm' 'pkg:npm/lodash@3.10.1' "$(purls package-lock.json <<END
{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
  "": {"name": "shop", "version": "1.0.0", "dependencies": {"lodash3": "npm:lodash@3.10.1"}},
  "node_modules/lodash3": {"name": "lodash", "version": "3.10.1"}
}}
END
)"
expect 'pnpm' 'pkg:npm/lodash@3.10.1' "$(purls pnpm-lock.yaml <<END
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      lodash3:
        specifier: npm:lodash@3.10.1
        version: lodash@3.10.1
packages:
  lodash@3.10.1:
    resolution: {integrity: sha512-AAAA}
snapshots:
  lodash@3.10.1: {}
END
)"
expect 'Yarn 1' 'pkg:npm/lodash3@3.10.1' "$(purls yarn.lock <<END
# yarn lockfile v1


"lodash3@npm:lodash@3.10.1":
  version "3.10.1"
  resolved "https://registry.example.com/lodash/-/lodash-3.10.1.tgz#5bf45e8e49ba4189e17d482789dfd15bd140b7b6"
END
)"
expect 'Yarn 4' 'pkg:npm/lodash3@3.10.1' "$(purls yarn.lock <<END
__metadata:
  version: 8

"lodash3@npm:lodash@3.10.1":
  version: 3.10.1
  resolution: "lodash@npm:3.10.1"
  languageName: node
  linkType: hard

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    lodash3: "npm:lodash@3.10.1"
  languageName: unknown
  linkType: soft
END
)"
expect 'npm, from a repository' 'pkg:npm/tool@1.0.0' "$(purls package-lock.json <<END
{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
  "": {"name": "shop", "version": "1.0.0", "dependencies": {"tool": "github:example/tool"}},
  "node_modules/tool": {
    "version": "1.0.0",
    "resolved": "git+ssh://git@example.com/example/tool.git#0123456789012345678901234567890123456789"
  }
}}
END
)"
