#!/bin/sh
# rekcod 3.0.0 (Node), seen 2026-11-30.
#
# It makes a `docker run` of what `docker inspect` says of a container. A port of the container that two ports of the
# machine lead to, as of `-p 8080:80 -p 127.0.0.1:9090:80`, is published once, with the last of the two. An entry point
# of several words becomes one: `--entrypoint "node app.js"` asks for a program with a space in its name.
#
# One would have guessed one `-p` for each of the two, as the container had. It matters since the new container starts
# in the place of the old one, and what used the other port gets no answer.
set -eu
. "$(dirname "$0")/common"

npm_install rekcod@3.0.0

# The command for a container with the given ports of the machine for its port 80, and the given entry point.
cat > "$dir/run.js" <<'EOF'
const { parse } = require('rekcod');
const [ports, entry] = process.argv.slice(2);
const container = {
    Name: '/web', Image: 'sha256:1', Config: { Image: 'app:1', Entrypoint: JSON.parse(entry) },
    HostConfig: { PortBindings: { '80/tcp': ports.split(' ').map((port) => {
        const [HostPort, HostIp = ''] = port.split(':').reverse();
        return { HostIp, HostPort };
    }) } },
};
console.log(parse(JSON.stringify([container]))[0].command.trim());
EOF
run() { node "$dir/run.js" "$@"; }

expect 'a port' 'docker run --name web -p 8080:80/tcp -d app:1' "$(run 8080 null)"
expect 'two ports' 'docker run --name web -p 127.0.0.1:9090:80/tcp -d app:1' "$(run '8080 127.0.0.1:9090' null)"
expect 'a word' 'docker run --name web -p 8080:80/tcp -d --entrypoint "node" app:1' "$(run 8080 '["node"]')"
expect 'two words' 'docker run --name web -p 8080:80/tcp -d --entrypoint "node app.js" app:1' \
    "$(run 8080 '["node", "app.js"]')"
