#!/bin/sh
# dockerode-compose 1.4.0 (Node), seen 2026-11-30.
#
# In a Compose file the networks of a service are a list, or a map if one of them has aliases. Of the map the library
# takes the name for a number: it creates `shop_back`, and the container asks for `shop_undefined`. A port in the long
# form is published as `80/undefined` unless it names its protocol.
#
# One would have guessed that both forms mean the same. It matters since the map is the form for aliases and addresses,
# and the one in which `docker compose config` writes a list too.
set -eu
. "$(dirname "$0")/common"

npm_install dockerode-compose@1.4.0

# An object that remembers what it is to create stands in for Docker.
cat > "$dir/up.js" <<'EOF'
const fs = require('fs');
const Compose = require('dockerode-compose');
const [file, networks, port] = process.argv.slice(2);
fs.writeFileSync(file, `
services:
  web:
    image: app
    ports: [${port}]
    networks: ${networks}
networks:
  back: { driver: bridge }
`);
const made = [];
const docker = {
    createNetwork: async ({ Name }) => made.push(`network ${Name}`),
    createContainer: async (options) => {
        made.push(`joins ${Object.keys(options.NetworkingConfig.EndpointsConfig)}`);
        made.push(`publishes ${Object.keys(options.HostConfig.PortBindings)}`);
        return { start: async () => {} };
    },
};
new Compose(docker, file, 'shop').up().then(() => console.log(made.join(', ')));
EOF
up() { node "$dir/up.js" "$dir/compose.yaml" "$@"; }

expect 'list, short port' 'network shop_back, joins shop_back, publishes 80/tcp' "$(up '[back]' '"8080:80"')"
expect 'map, short port' 'network shop_back, joins shop_undefined, publishes 80/tcp' \
    "$(up '{ back: { aliases: [shop] } }' '"8080:80"')"
expect 'map without aliases' 'network shop_back, joins shop_undefined, publishes 80/tcp' \
    "$(up '{ back: null }' '"8080:80"')"
expect 'list, long port' 'network shop_back, joins shop_back, publishes 80/undefined' \
    "$(up '[back]' '{ target: 80, published: 8080 }')"
