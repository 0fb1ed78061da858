#!/bin/sh
# synp 1.9.14 with npm 11.19.1 (Node), seen 2026-12-01.
#
# In the package-lock.json that it makes of a yarn.lock, each package that is not itself in the `dependencies` of
# package.json is for development: `"dev": true` stands at what a dependency needs in its turn. So it does at a package
# with a dot in its name, even if package.json has it. What is right is that of a package in `devDependencies`.
#
# One would have guessed that what an app needs is not marked. npm's documentation says that `dev` is for a package that
# only development needs. It matters to what reads the file without asking again, as an SBOM does: npm's own calls the
# package one of development.
set -eu
. "$(dirname "$0")/common"

npm_install synp@1.9.14 npm@11.19.1

# A project as Yarn leaves it: a file that locks five packages, and a folder for each.
mkdir -p "$dir/app/node_modules"
cat > "$dir/app/package.json" <<'EOF'
{
    "name": "app", "version": "1.0.0",
    "dependencies": { "web": "^1.0.0", "web.tools": "^1.0.0" },
    "devDependencies": { "checks": "^1.0.0" }
}
EOF
package() {
    mkdir "$dir/app/node_modules/$1"
    printf '{ "name": "%s", "version": "1.0.0", "dependencies": { %s } }\n' "$1" "${2:+\"$2\": \"^1.0.0\"}" \
        > "$dir/app/node_modules/$1/package.json"
    printf '\n%s@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.example.com/%s/-/%s-1.0.0.tgz#%040d"\n' \
        "$1" "$1" "$1" 7
    [ -z "${2:-}" ] || printf '  dependencies:\n    %s "^1.0.0"\n' "$2"
}
{
    echo '# yarn lockfile v1'
    package checks compare
    package compare
    package streams
    package web streams
    package web.tools
} > "$dir/app/yarn.lock"
"$dir/node_modules/.bin/synp" --source-file "$dir/app/yarn.lock" > "$dir/log"

# Whether a package is for development, by the file, and by npm's SBOM of it.
dev() {
    node -e '
        const { dependencies } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        console.log(dependencies[process.argv[2]].dev === true);' "$dir/app/package-lock.json" "$1"
}
sbom() {
    (cd "$dir/app" && "$dir/node_modules/.bin/npm" sbom --sbom-format cyclonedx --package-lock-only) \
        > "$dir/sbom.json" 2> "$dir/log"
    node -e '
        const { components } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const { properties } = components.find(({ name }) => name === process.argv[2]);
        console.log(properties.some(({ name }) => name === "cdx:npm:package:development"));' "$dir/sbom.json" "$1"
}

expect 'in dependencies' 'false' "$(dev web)"
expect 'in devDependencies' 'true' "$(dev checks)"
expect 'what a dependency needs' 'true' "$(dev streams)"
expect 'a name with a dot' 'true' "$(dev web.tools)"
expect 'what a dependency needs, in an SBOM' 'true' "$(sbom streams)"
