#!/bin/sh
# dockerfile-hardener 1.0.2 (Python), seen 2026-11-30.
#
# `fix` makes `COPY app.tar.gz /opt/` of `ADD app.tar.gz /opt/`, which unpacks the archive. `lint` says of that line
# that it may be on purpose, and then to have a `RUN tar` as well. Of an `ADD --chmod=755 https://example.com/tool`, it
# takes the flag for a local file, and makes a COPY of it; without the flag, it leaves the line as it is.
#
# One would have guessed that a fix that is applied by itself keeps what a line does, as the two steps do which it
# proposes. It matters since the build goes on: the archive is there, and what was in it is not.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile-hardener==1.0.2

# A line of a Dockerfile after the fix for ADD.
fixed() {
    printf '%s\n' 'FROM debian:13' "$1" 'USER app' > "$dir/Dockerfile"
    python3 "$dir/py/bin/dockerfile-hardener" fix --rule DH007 "$dir/Dockerfile" > "$dir/log"
    sed -n 2p "$dir/Dockerfile"
}

expect 'a file' 'COPY app.conf /etc/' "$(fixed 'ADD app.conf /etc/')"
expect 'an archive' 'COPY app.tar.gz /opt/' "$(fixed 'ADD app.tar.gz /opt/')"
expect 'a URL' 'ADD https://example.com/tool /bin/tool' "$(fixed 'ADD https://example.com/tool /bin/tool')"
expect 'a URL with a flag' 'COPY --chmod=755 https://example.com/tool /bin/tool' \
    "$(fixed 'ADD --chmod=755 https://example.com/tool /bin/tool')"
