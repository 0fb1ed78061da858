#!/bin/sh
# dockerfile-parse 2.0.1 (Python), beside dockerfile 3.4.0 (Python package, BuildKit's parser), seen 2026-11-30.
#
# `parser.baseimage = "alpine"` gives the last FROM of a Dockerfile another image. The library knows no here-documents:
# where one has a line that begins with FROM, as SQL does, that line is changed, and the table `users` is `alpine`
# thereafter, while the image stays. And a `--platform` of the FROM is gone with the image it had.
#
# One would have guessed that only the image changes, as the name says. BuildKit reads the text of a here-document as
# one with its RUN, as its parser shows below, and takes the platform of the machine for a FROM without one. Tools that
# pin images write Dockerfiles in this way.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile-parse==2.0.1 dockerfile==3.4.0

cat > "$dir/set.py" <<'EOF'
import io, sys
from dockerfile_parse import DockerfileParser
parser = DockerfileParser(fileobj=io.BytesIO())
parser.content = sys.stdin.read()
parser.baseimage = "alpine"
print(*parser.lines, sep="", end="")
EOF
set_image() { python3 "$dir/set.py" | tr '\n' '/'; }
instructions() {
    python3 -c 'import sys, dockerfile; print(*(c.cmd for c in dockerfile.parse_string(sys.stdin.read())))'
}

cat > "$dir/Dockerfile" <<'EOF'
FROM debian
RUN psql <<QUERY
SELECT name
FROM users
QUERY
EOF
expect 'BuildKit' 'FROM RUN' "$(instructions < "$dir/Dockerfile")"
expect 'plain' 'FROM alpine/RUN make/' "$(printf 'FROM debian\nRUN make\n' | set_image)"
expect 'here-document' 'FROM debian/RUN psql <<QUERY/SELECT name/FROM alpine/QUERY/' "$(set_image < "$dir/Dockerfile")"
expect 'platform' 'FROM alpine AS build/' "$(echo 'FROM --platform=linux/arm64 debian AS build' | set_image)"
