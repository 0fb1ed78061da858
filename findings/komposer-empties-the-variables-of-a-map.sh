#!/bin/sh
# komposer 0.2.0 (Python), seen 2026-11-30.
#
# Of a Compose file it makes a manifest for Kubernetes. A variable of an `environment` in the form of a map, as in
# `STAGE: test`, gets the value null there, which is empty to Kubernetes; the value is in a ConfigMap beside it that
# nothing refers to. In the form of a list, each line is read like one of an `.env` file: `TITLE=My app #1` is `My app`,
# and quotes are taken away. And with `environment`, the variables of `env_file` do not get into the container.
#
# One would have guessed that the two forms are the same, as they are to Compose. No message says so.
set -eu
. "$(dirname "$0")/common"

pip_install komposer==0.2.0

# The variables of the container, for a service with the given settings.
mkdir "$dir/project"
echo 'TOKEN=abc' > "$dir/project/app.env"
variables() {
    printf 'services:\n  app:\n    image: registry.example.com/app:1\n    %s\n' "$1" > "$dir/project/compose.yaml"
    "$dir/py/bin/komposer" -f "$dir/project/compose.yaml" -r shop -b main 2> "$dir/log" | python3 -c '
import json, sys, yaml
items = yaml.safe_load(sys.stdin)["items"]
[deployment] = [item for item in items if item["kind"] == "Deployment"]
for variable in deployment["spec"]["template"]["spec"]["containers"][0]["env"]:
    print(variable["name"], "from a ConfigMap" if "valueFrom" in variable else json.dumps(variable["value"]), end=";")'
}

expect 'a list' 'STAGE "test";' "$(variables 'environment: [STAGE=test]')"
expect 'a map' 'STAGE null;' "$(variables 'environment: { STAGE: test }')"
expect 'a hash' 'TITLE "My app";' "$(variables 'environment: ["TITLE=My app #1"]')"
expect 'quotes' "GREETING \"hi\";" "$(variables "environment: [\"GREETING='hi'\"]")"
expect 'a file' 'TOKEN from a ConfigMap;' "$(variables 'env_file: app.env')"
expect 'a file and a list' 'STAGE "test";' "$(variables 'env_file: app.env
    environment: [STAGE=test]')"
