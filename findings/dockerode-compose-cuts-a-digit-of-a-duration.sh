#!/bin/sh
# dockerode-compose 1.4.0 (Node), seen 2026-11-30.
#
# The library reads the durations of a health check without their last two characters, as if each unit had two letters.
# `interval: 30s` is 3 seconds, and `90s` is 9; only `1m30s` is read as it stands. Of one digit, as in `5s` or `1h`,
# nothing is left, and the number is `NaN`, for which Docker gets a null. So it is with `timeout` and `start_period`.
#
# One would have guessed that `30s`, the value of Docker's own documents, is the one that works. It matters since
# Docker takes the 3 seconds: the check runs ten times as often, and gives up on a slow start ten times as soon.
set -eu
. "$(dirname "$0")/common"

npm_install dockerode-compose@1.4.0

# An object that remembers what it is to create stands in for Docker.
cat > "$dir/up.js" <<'EOF'
const fs = require('fs');
const Compose = require('dockerode-compose');
const [file, time] = process.argv.slice(2);
fs.writeFileSync(file, `
services:
  db:
    image: postgres:16
    healthcheck: { test: [CMD, pg_isready], interval: ${time}, timeout: ${time}, start_period: ${time}, retries: 3 }
`);
let made;
const docker = {
    createNetwork: async () => {},
    createContainer: async ({ Healthcheck }) => { made = Healthcheck; return { start: async () => {} }; },
};
new Compose(docker, file, 'shop').up().then(() =>
    console.log([made.Interval, made.Timeout, made.StartPeriod].map((time) => time / 1e9).join(' ')));
EOF
# The interval, timeout and start period in seconds, for a duration that stands for all three.
seconds() { node "$dir/up.js" "$dir/compose.yaml" "$1"; }

expect '1m30s' '90 90 90' "$(seconds 1m30s)"
expect '30s' '3 3 3' "$(seconds 30s)"
expect '90s' '9 9 9' "$(seconds 90s)"
expect '5s' 'NaN NaN NaN' "$(seconds 5s)"
expect '1h' 'NaN NaN NaN' "$(seconds 1h)"
