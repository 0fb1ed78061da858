#!/bin/sh
# @cyclonedx/cdxgen 12.8.4 (Node), seen 2026-11-29.
#
# For the SBOM of a project, `parseContainerFile` collects the images of its Dockerfiles. It takes all between FROM and
# AS for the name: of `FROM --platform=linux/amd64 debian:12` the image is `--platform=linux/amd64 debian:12`, and
# `FROM --platform=$BUILDPLATFORM golang:1.25 AS build`, the form that Docker shows for cross-compilation, is passed
# over as an unknown variable. So is a `from` in small letters. A line `FROM users` of a here-document is an image.
#
# One would have guessed that a flag is no part of a name. It matters since nothing is said: the SBOM has no base image
# of that stage, or one that no registry has.
set -eu
. "$(dirname "$0")/common"

npm_install @cyclonedx/cdxgen@12.8.4

cat > "$dir/images.mjs" <<'EOF'
import { parseContainerFile } from '@cyclonedx/cdxgen/helpers/utils';
console.log(parseContainerFile(process.argv[2]).map(({ image }) => image).join(', '));
EOF
images() { node "$dir/images.mjs" "$(printf '%s\n' "$@")" 2> "$dir/log"; }

expect 'no flag' 'debian:12' "$(images 'FROM debian:12 AS base')"
expect 'a platform' '--platform=linux/amd64 debian:12' "$(images 'FROM --platform=linux/amd64 debian:12 AS base')"
expect 'the build platform' 'debian:12' "$(images 'FROM --platform=$BUILDPLATFORM golang:1.25 AS build' \
    'RUN go build -o /app' 'FROM debian:12' 'COPY --from=build /app /')"
expect 'small letters' '' "$(images 'from debian:12')"
expect 'a document' 'debian:12, users' \
    "$(images 'FROM debian:12' 'COPY <<EOF /names.sql' 'SELECT name' 'FROM users' EOF)"
