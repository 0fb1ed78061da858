#!/bin/sh
# aws-cdk-lib 2.276.0 with constructs 10.8.1 (Node), seen 2026-11-30.
#
# A `DockerImageAsset` copies the build context to where the image is built from later, without what `.dockerignore`
# leaves out. If it builds `Dockerfile.test`, and there is a `Dockerfile.test.dockerignore`, Docker reads that one in
# the place of `.dockerignore`; the copy goes by `.dockerignore` all the same. What only the test may have is not in the
# copy, and from the copy the build then leaves out what the second file says: the image lacks both.
#
# One would have guessed that the copy has what `docker build` would have. It matters since such a file is there to send
# other files for one of two Dockerfiles: `COPY . /app` works, and the tests of the image find nothing to test.
set -eu
. "$(dirname "$0")/common"

npm_install aws-cdk-lib@2.276.0 constructs@10.8.1

# A context whose `.dockerignore` leaves out the tests, and a Dockerfile for tests that leaves out the documents.
mkdir -p "$dir/context/docs" "$dir/context/tests" "$dir/context/src"
touch "$dir/context/docs/guide.md" "$dir/context/tests/all.js" "$dir/context/src/app.js"
echo 'FROM node:24' | tee "$dir/context/Dockerfile" > "$dir/context/Dockerfile.test"
echo 'tests' > "$dir/context/.dockerignore"
echo 'docs' > "$dir/context/Dockerfile.test.dockerignore"
cat > "$dir/copy.js" <<'EOF'
const fs = require('fs');
const { App, Stack } = require('aws-cdk-lib');
const { DockerImageAsset } = require('aws-cdk-lib/aws-ecr-assets');
const [directory, outdir, file] = process.argv.slice(2);
const app = new App({ outdir, analyticsReporting: false });
new DockerImageAsset(new Stack(app, 'Shop'), 'Image', { directory, file });
app.synth();
const [copy] = fs.readdirSync(outdir).filter((name) => name.startsWith('asset.'));
const names = fs.readdirSync(`${outdir}/${copy}`, { recursive: true });
console.log(names.filter((name) => name.includes('/')).sort().join(' '));
EOF
# The files in folders that are in the copy for a Dockerfile.
copy() { HOME="$dir" node "$dir/copy.js" "$dir/context" "$dir/out-$1" "$1" 2> "$dir/log"; }

expect 'Dockerfile' 'docs/guide.md src/app.js' "$(copy Dockerfile)"
expect 'Dockerfile.test' 'docs/guide.md src/app.js' "$(copy Dockerfile.test)"
rm -r "$dir/context/.dockerignore" "$dir/out-Dockerfile.test"
expect 'without a .dockerignore' 'docs/guide.md src/app.js tests/all.js' "$(copy Dockerfile.test)"
