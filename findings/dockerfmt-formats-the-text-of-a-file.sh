#!/bin/sh
# @reteps/dockerfmt 0.5.4 (Node), seen 2026-11-29.
#
# A RUN with a here-document is formatted as if the document were a script, whatever reads it. In
# `RUN cat > /etc/app.yaml <<EOF` the lines of the YAML file lose their indentation, and rows of spaces become one, even
# where the delimiter is quoted. The same lines in a COPY stay as they are.
#
# One would have guessed that only the document of a bare `RUN <<EOF`, which the shell runs, is formatted. It matters
# since the image still builds, and nested keys of the YAML file become keys of the top.
set -eu
. "$(dirname "$0")/common"

npm_install @reteps/dockerfmt@0.5.4

# The lines that make a document of the first line given, formatted.
format() {
    printf '%s\n' 'FROM debian:12' "$1" 'server:' '  port: 80' '  motto:   hi' EOF \
        | dockerfmt | sed -n '3,5p' | paste -s -d '|' -
}

expect 'COPY' 'server:|  port: 80|  motto:   hi' "$(format 'COPY <<EOF /etc/app.yaml')"
expect 'RUN' 'server:|port: 80|motto: hi' "$(format 'RUN cat > /etc/app.yaml <<EOF')"
expect 'RUN, quoted' 'server:|port: 80|motto: hi' "$(format "RUN cat > /etc/app.yaml <<'EOF'")"
