#!/bin/sh
# livepush 3.5.4 (Node), seen 2026-11-30.
#
# The library, which balena uses to bring changed files to a running container, works out from the Dockerfile which
# steps a change calls for. A stage depends on those it copies from, and not on the one it is built on: after
# `FROM node AS base` with `COPY package.json /` and `FROM base`, a changed `package.json` runs the steps of `base`
# alone, and the container that runs, of the last stage, keeps the old file. And `WORKDIR src` behind `WORKDIR /app` is
# `src`.
#
# One would have guessed what the builder does: a stage has all the steps of its base, and a relative WORKDIR begins at
# the one before. It matters since nothing says that the change has not arrived.
set -eu
. "$(dirname "$0")/common"

npm_install livepush@3.5.4

# The steps for a changed file, those of each stage behind its number.
cat > "$dir/steps.js" <<'EOF'
const { Dockerfile } = require('livepush');
const [file, ...lines] = process.argv.slice(2);
const stages = new Dockerfile(lines.join('\n')).getActionGroupsFromChangedFiles([file]);
console.log(Object.entries(stages).map(([stage, groups]) => `${stage}: ${groups.map(({ copies, commands }) =>
    [...copies.map(({ source, dest }) => `${source} to ${dest}`), ...commands].join(', ')).join(', ')}`).join('; '));
EOF
steps() { node "$dir/steps.js" "$@"; }

expect 'one stage' '0: package.json to /, npm ci' "$(steps package.json 'FROM node' 'COPY package.json /' 'RUN npm ci')"
expect 'copied from' '0: package.json to /, npm ci; 1: /node_modules to /, npm test' "$(steps package.json \
    'FROM node AS base' 'COPY package.json /' 'RUN npm ci' \
    'FROM node' 'COPY --from=base /node_modules /' 'RUN npm test')"
expect 'built on' '0: package.json to /, npm ci' "$(steps package.json \
    'FROM node AS base' 'COPY package.json /' 'RUN npm ci' 'FROM base' 'COPY src /src' 'RUN npm test')"
expect 'absolute WORKDIR' '0: index.js to /app/src, npm test' \
    "$(steps index.js 'FROM node' 'WORKDIR /app/src' 'COPY index.js .' 'RUN npm test')"
expect 'relative WORKDIR' '0: index.js to src, npm test' \
    "$(steps index.js 'FROM node' 'WORKDIR /app' 'WORKDIR src' 'COPY index.js .' 'RUN npm test')"
