#!/bin/sh
# daytona 0.226.1 (Python), seen 2026-11-30.
#
# `Image.from_dockerfile` looks for the files that a build needs, and sends those. It finds them in a COPY and not in
# an ADD: of `ADD app.tar.gz /opt/` nothing is sent. A source that begins with a slash, as in `COPY /nginx.conf /etc/`,
# is looked for at the root of the machine; for Docker that is the root of the build context. And a line of a
# here-document that begins with COPY, as in `COPY orders FROM STDIN` of an SQL script, asks for files `orders` and
# `FROM`.
#
# One would have guessed that ADD and COPY are alike here. It matters since the build elsewhere has other files than
# the one here, and the message that one is missing comes from there.
set -eu
. "$(dirname "$0")/common"

pip_install daytona==0.226.1

mkdir "$dir/project"
touch "$dir/project/package.json" "$dir/project/app.tar.gz" "$dir/project/nginx.conf"
# What is sent for a Dockerfile with the given lines: each file on this machine.
sent() {
    printf 'FROM debian:12\n%b\n' "$1" > "$dir/project/Dockerfile"
    python3 -c '
import sys
from daytona import Image
image = Image.from_dockerfile(sys.argv[1] + "/Dockerfile")
print(*(context.source_path.replace(sys.argv[1], "project") for context in image._context_list))' \
        "$dir/project" 2> "$dir/log"
}

expect 'COPY' 'project/package.json' "$(sent 'COPY package.json /app/')"
expect 'ADD' '' "$(sent 'ADD app.tar.gz /opt/')"
expect 'a slash' '/nginx.conf' "$(sent 'COPY /nginx.conf /etc/nginx/')"
expect 'a here-document' 'project/orders project/FROM' "$(sent 'RUN psql <<EOF\nCOPY orders FROM STDIN\nEOF')"
