#!/bin/sh
# prettier-plugin-sh 0.20.0 with prettier 3.10.1 and @reteps/dockerfmt 0.5.4 (Node), seen 2026-11-29.
#
# A COPY or ADD in JSON form is printed as plain words: `COPY ["my app", "/opt/my app/"]` becomes
# `COPY my app /opt/my app/`, which copies three files named `my`, `app` and `/opt/my` into `app/`. CMD and
# ENTRYPOINT keep their brackets.
#
# One would have guessed that a formatter changes only white space. The JSON form is there for names with spaces,
# so exactly the files that need it break. It matters to anyone who runs prettier over a whole repository: the
# plugin formats Dockerfiles along with shell scripts.
set -eu
. "$(dirname "$0")/common"

npm_install prettier@3.10.1 prettier-plugin-sh@0.20.0 @reteps/dockerfmt@0.5.4

cat > "$dir/Dockerfile" <<'EOF'
FROM debian:12
COPY --chown=1000 ["my app", "/opt/my app/"]
CMD ["/opt/my app/run"]
EOF

(cd "$dir" && ./node_modules/.bin/prettier --plugin prettier-plugin-sh Dockerfile > formatted)
expect 'COPY' 'COPY --chown=1000 my app /opt/my app/' "$(grep COPY "$dir/formatted")"
expect 'CMD' 'CMD ["/opt/my app/run"]' "$(grep CMD "$dir/formatted")"
