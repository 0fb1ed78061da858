#!/bin/sh
# projen 0.103.25 (Node), seen 2026-11-30.
#
# Writes Compose files. It turns `driverOpts` into `driver_opts`, and does the same with the names inside it: an option
# `shareName` of a volume or a network, which belongs to its driver, becomes `share_name`. It keeps the names of
# variables, labels and build arguments, but of services only: a label `teamName` of a volume becomes `team_name`.
#
# One would have guessed that names which others have chosen stay as they are. It matters since a driver ignores an
# option that it does not know, or refuses it when the volume is made, on another machine.
set -eu
. "$(dirname "$0")/common"

npm_install projen@0.103.25 constructs@10.4.3

cat > "$dir/write.js" <<'END'
const { DockerCompose, Project } = require('projen');
const options = { driver: 'example/share', driverOpts: { shareName: 'shop' }, labels: { teamName: 'shop' } };
const compose = new DockerCompose(new Project({ name: 'shop', outdir: process.argv[2] }), {
    services: {
        app: {
            image: 'app:1', environment: { shareName: 'shop' }, labels: { teamName: 'shop' },
            volumes: [DockerCompose.namedVolume('data', '/data', options)],
        },
    },
});
const { services, volumes } = compose._synthesizeDockerCompose();
const keys = { service: [services.app.environment, services.app.labels], volume: Object.values(volumes.data).slice(1) };
console.log(keys[process.argv[3]].flatMap(Object.keys).join(' '));
END
names() { node "$dir/write.js" "$dir/out" "$1"; }

expect 'of a service' 'shareName teamName' "$(names service)"
expect 'of a volume' 'share_name team_name' "$(names volume)"
