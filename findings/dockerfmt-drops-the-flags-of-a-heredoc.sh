#!/bin/sh
# @reteps/dockerfmt 0.5.4 (Node), seen 2026-11-29.
#
# A COPY or ADD of a here-document is printed without its flags. `COPY --chmod=755 --chown=1000 <<EOF /run.sh` becomes
# `COPY <<EOF /run.sh`, and of `COPY <<one <<two /etc/app/` the second document goes, text and all. The flags of a COPY
# of files stay, and so do those of a RUN with a here-document.
#
# One would have guessed that a formatter changes only white space. It matters since the image still builds: the script
# it copies is no longer executable, or belongs to root, and a file is missing.
set -eu
. "$(dirname "$0")/common"

npm_install @reteps/dockerfmt@0.5.4

# The lines after FROM.
format() { printf '%s\n' 'FROM debian:12' "$@" | dockerfmt | sed 1d | paste -s -d '|' -; }

expect 'a file' 'COPY --chmod=755 --chown=1000 run.sh /' "$(format 'COPY --chmod=755 --chown=1000 run.sh   /')"
expect 'RUN' 'RUN --network=none <<EOF|make|EOF' "$(format 'RUN --network=none <<EOF' make EOF)"
expect 'COPY' 'COPY <<EOF /run.sh|exec serve|EOF' \
    "$(format 'COPY --chmod=755 --chown=1000 <<EOF /run.sh' 'exec serve' EOF)"
expect 'ADD' 'ADD <<EOF /run.sh|exec serve|EOF' "$(format 'ADD --chmod=755 <<EOF /run.sh' 'exec serve' EOF)"
expect 'two documents' 'COPY <<one <<two /etc/app/|1|one' "$(format 'COPY <<one <<two /etc/app/' 1 one 2 two)"
