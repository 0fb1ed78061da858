#!/bin/sh
# gcbuild 1.3.39 (Node), seen 2026-11-30.
#
# Sends a context to Google Cloud Build, by the `.gcloudignore`. It hands the lines to a library for glob patterns,
# which has other rules: `#!include:.gitignore`, which gcloud writes into the files that it makes in a repository, is a
# comment, `/build` has no effect, `node_modules` stands for the one at the top only, and `!keep.log` does not bring
# back keep.log. Files whose names begin with a dot are never sent.
#
# One would have guessed the rules of `gcloud topic gcloudignore`: those of Git, and that line. It matters to whoever
# comes from gcloud with a project: all modules are sent, and the build has no `.npmrc`.
set -eu
. "$(dirname "$0")/common"

npm_install gcbuild@1.3.39

cat > "$dir/send.js" <<'END'
const { Builder } = require('gcbuild');
const tar = require('tar');

// Stands in for the storage, and prints the names in what is sent.
const names = [];
const insert = ({ media }) => new Promise((resolve, reject) => {
    const list = tar.t({ onentry: (entry) => names.push(entry.path) });
    media.body.pipe(list).on('end', resolve).on('error', reject);
});
const builder = new Builder({ sourcePath: process.argv[2] });
builder._auth = { getProjectId: async () => 'shop' };
builder.gcs = { buckets: { get: async () => ({}) }, objects: { insert } };
builder.upload().then(() => console.log(names.sort().join(' ')));
END
mkdir -p "$dir/context/build" "$dir/context/node_modules" "$dir/context/api/node_modules"
(cd "$dir/context" && touch .npmrc app.js keep.log run.log build/app.js node_modules/a.js api/node_modules/b.js)
echo node_modules > "$dir/context/.gitignore"
# The files that are sent, with the lines given in the `.gcloudignore`.
sent() {
    printf '%s\n' "$@" > "$dir/context/.gcloudignore"
    node "$dir/send.js" "$dir/context"
}

expect 'a folder' 'api/node_modules/b.js app.js keep.log node_modules/a.js run.log' "$(sent build)"
expect 'a slash' 'api/node_modules/b.js app.js build/app.js keep.log node_modules/a.js run.log' "$(sent /build)"
expect 'what Git leaves out' 'api/node_modules/b.js app.js build/app.js keep.log node_modules/a.js run.log' \
    "$(sent '#!include:.gitignore')"
expect 'that, by name' 'api/node_modules/b.js app.js build/app.js keep.log run.log' "$(sent node_modules)"
expect 'an exception' 'api/node_modules/b.js app.js build/app.js node_modules/a.js' "$(sent '*.log' '!keep.log')"
