#!/bin/sh
# npm 11.19.1 (Node), seen 2026-12-01.
#
# Each setting of npm can be given by a variable of the environment. `false` is a no there; `0`, `no` and `off` are
# texts, and a text is a yes: with `npm_config_package_lock=0` there is a package-lock.json, with
# `npm_config_dry_run=0` nothing is installed, and with `npm_config_production=0` no package for development. For
# `npm_config_ignore_scripts`, `0` is a no, and `no` is a yes.
#
# One would have guessed that 0 is a no, or that npm says that it knows no such value, as it does for
# `fetch-retries=abc`. It matters to an ENV or ARG with a 0 or 1, as other tools have them: `ARG
# NPM_CONFIG_PRODUCTION=0` leaves out what the build stage needs, and the value 1 gives the same image.
set -eu
. "$(dirname "$0")/common"

npm_install npm@11.19.1

mkdir "$dir/tool"
echo '{ "name": "tool", "version": "1.0.0" }' > "$dir/tool/package.json"
# What an install of a project with a package for development and a script leaves behind, with the variable given.
installed() {
    rm -rf "$dir/app"
    mkdir "$dir/app"
    cat > "$dir/app/package.json" <<'EOF'
{
  "name": "app",
  "version": "1.0.0",
  "devDependencies": { "tool": "file:../tool" },
  "scripts": { "install": "touch script-ran" }
}
EOF
    (cd "$dir/app" && env "$1" "$dir/node_modules/.bin/npm" install --offline --no-audit --no-fund > "$dir/log" 2>&1
        ls -d node_modules/tool package-lock.json script-ran 2> /dev/null | tr '\n' ' ' | sed 's/ $//')
}

expect 'npm' '11.19.1' "$("$dir/node_modules/.bin/npm" --version)"
expect 'production=false' 'node_modules/tool package-lock.json script-ran' "$(installed npm_config_production=false)"
expect 'production=0' 'package-lock.json script-ran' "$(installed npm_config_production=0)"
expect 'package_lock=false' 'node_modules/tool script-ran' "$(installed npm_config_package_lock=false)"
expect 'package_lock=0' 'node_modules/tool package-lock.json script-ran' "$(installed npm_config_package_lock=0)"
expect 'dry_run=0' 'script-ran' "$(installed npm_config_dry_run=0)"
expect 'dry_run=off' 'script-ran' "$(installed npm_config_dry_run=off)"
expect 'ignore_scripts=0' 'node_modules/tool package-lock.json script-ran' "$(installed npm_config_ignore_scripts=0)"
expect 'ignore_scripts=no' 'node_modules/tool package-lock.json' "$(installed npm_config_ignore_scripts=no)"
