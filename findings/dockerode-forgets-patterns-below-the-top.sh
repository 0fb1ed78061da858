#!/bin/sh
# dockerode 5.0.1 (Node), seen 2026-11-29.
#
# `buildImage` reads the context's `.dockerignore`, but below the folders named in `src` it matches absolute
# paths, so only patterns that begin with `**/` can ever match: `src/old` is sent to the builder, `**/*.log` is
# not. The names in `src` themselves are matched as they are, so an ignored folder is left out as a whole, and
# a `!` line for a file inside it has no effect.
#
# One would have guessed that the file means the same as to `docker build`. It matters because one project then
# has two build contexts, and a COPY that works with one client fails with the other.
#
# No Docker is needed: a server on a socket in the temporary folder takes the archive and lists it.
set -eu
. "$(dirname "$0")/common"

npm_install dockerode@5.0.1 tar-stream@3.2.2

cat > "$dir/sent.js" <<'EOF'
const http = require('http'), zlib = require('zlib');
const Docker = require('dockerode'), tar = require('tar-stream');
const [socketPath, context, ...src] = process.argv.slice(2);
const server = http.createServer((request, response) => {
    const names = [], list = tar.extract();
    list.on('entry', (header, stream, next) => {
        if (header.type === 'file') names.push(header.name);
        stream.resume().on('end', next);
    });
    list.on('finish', () => {
        console.log(names.sort().join(' '));
        response.end('{}', () => process.exit(0));
    });
    request.pipe(zlib.createGunzip()).pipe(list);
});
server.listen(socketPath, () => new Docker({ socketPath }).buildImage({ context, src }, {}, () => {}));
EOF

context=$dir/context
mkdir -p "$context/src/old" "$context/docs"
touch "$context/Dockerfile" "$context/src/main.js" "$context/src/run.log" "$context/src/old/main.js" \
    "$context/docs/draft.md" "$context/docs/licence.md"
cat > "$context/.dockerignore" <<'EOF'
src/old
**/*.log
docs
!docs/licence.md
EOF

# `docker build` would send Dockerfile, docs/licence.md and src/main.js (and the ignore file).
expect 'sent' 'Dockerfile src/main.js src/old/main.js' \
    "$(node "$dir/sent.js" "$dir/socket" "$context" Dockerfile src docs)"
