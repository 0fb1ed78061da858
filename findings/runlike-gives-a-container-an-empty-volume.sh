#!/bin/sh
# runlike 1.5.4 (Python), seen 2026-11-30.
#
# Prints the `docker run` that would make a container once more. For `-v data:/var/lib/data`, it prints
# `--volume /var/lib/data`, which is a new volume without a name; an option for the names that Docker itself has given
# to volumes brings it back. Where a port of the container is published at 127.0.0.1, and once more at all addresses, it
# is at 127.0.0.1 twice. Of an entry point of several words, the first is there.
#
# One would have guessed that a name that somebody has given is a part of what makes the container, and that the option
# is for those of numbers and letters. It matters to whoever moves to a newer image with it: the database starts, and it
# is empty.
set -eu
. "$(dirname "$0")/common"

pip_install runlike==1.5.4

# The words of a command that begin with some option, for a container with the given mounts, ports and entry point.
command() {
    option=$1
    shift
    cat > "$dir/container.json" <<END
[{
  "Name": "/app", "Mounts": ${1:-[]},
  "Config": {
    "Hostname": "app", "User": "", "Image": "app:1", "Entrypoint": ${3:-null}, "Cmd": ["one"], "AttachStdout": true
  },
  "NetworkSettings": {"Ports": {}},
  "HostConfig": {
    "PidMode": "", "CpusetCpus": "", "CpusetMems": "", "NetworkMode": "default", "LogConfig": {"Type": "json-file"},
    "PortBindings": ${2:-{\}}
  }
}]
END
    python3 "$dir/py/bin/runlike" --stdin < "$dir/container.json" | grep -o -e "$option.*"
}
volume='{"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "RW": true,
    "Destination": "/var/lib/data"}'
folder='{"Type": "bind", "Source": "/srv/data", "RW": true, "Destination": "/var/lib/data"}'
local='{"HostIp": "127.0.0.1", "HostPort": "8080"}'
other='{"HostIp": "", "HostPort": "9090"}'

expect 'a folder' '--volume /srv/data:/var/lib/data app:1 one' "$(command --volume "[$folder]")"
expect 'a volume' '--volume /var/lib/data app:1 one' "$(command --volume "[$volume]")"
expect 'ports' '-p 9090:80 -p 127.0.0.1:8080:80 app:1 one' "$(command -p '[]' "{\"80/tcp\": [$other, $local]}")"
expect 'ports in another order' '-p 127.0.0.1:8080:80 -p 127.0.0.1:9090:80 app:1 one' \
    "$(command -p '[]' "{\"80/tcp\": [$local, $other]}")"
expect 'an entry point' '--entrypoint sh app:1 one' "$(command --entrypoint '[]' '{}' '["sh", "-c"]')"
