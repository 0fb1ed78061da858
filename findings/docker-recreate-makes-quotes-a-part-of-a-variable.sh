#!/bin/sh
# docker-recreate 1.4.5 (Python), seen 2026-11-30.
#
# With `--create`, deletes a container and makes it once more. A variable with a space in it is handed to Docker in
# quotes, and without a shell that would take them off: `OPTS=-Xmx1g -Dmode=prod` becomes a variable `"OPTS`, whose
# value ends with a quote. One without a space is right. Of two ports at which one of the container is published, the
# first is there.
#
# One would have guessed that the container is the same, since the first is gone by then. The quotes are for the line
# that it prints, which is the same list. It matters to the program in the container, which runs without its options,
# and to whoever looks for what has become of them.
set -eu
. "$(dirname "$0")/common"

pip_install docker-recreate==1.4.5

# A program that stands in for Docker: it has one container and its image, and writes down the words of a `run`.
cat > "$dir/docker" <<'END'
#!/bin/sh
folder=$(dirname "$0")
case $1 in
ps) echo app ;;
inspect) cat "$folder/$2.json" ;;
run) printf '<%s>' "$@" > "$folder/run" ;;
esac
END
chmod +x "$dir/docker"
echo '[{"Config": {"Entrypoint": null, "User": "", "Env": ["PATH=/bin"], "Cmd": ["serve"]}}]' > "$dir/image.json"
# The words for a container with a variable and the given ports.
run() {
    cat > "$dir/app.json" <<END
[{
  "Name": "/app",
  "Config": {
    "Image": "image", "AttachStdin": false, "AttachStdout": false, "AttachStderr": false, "Entrypoint": null,
    "User": "", "Env": ["PATH=/bin", "$1"], "Cmd": ["serve"]
  },
  "HostConfig": {
    "AutoRemove": false, "NetworkMode": "default", "PortBindings": {"80/tcp": [$2]}, "IpcMode": "private",
    "RestartPolicy": {"Name": "always"}, "PidMode": "", "Privileged": false, "Binds": null
  }
}]
END
    PATH="$dir:$PATH" python3 "$dir/py/bin/docker-recreate" --create app > "$dir/log" 2>&1
    cat "$dir/run"
}
port='{"HostIp": "", "HostPort": "8080"}'
first='<run><-d><--name><app><--publish><8080:80><--restart><always><-e>'

expect 'without a space' "$first<OPTS=-Xmx1g><image>" "$(run OPTS=-Xmx1g "$port")"
expect 'with a space' "$first<\"OPTS=-Xmx1g -Dmode=prod\"><image>" "$(run 'OPTS=-Xmx1g -Dmode=prod' "$port")"
expect 'two ports' "$first<OPTS=-Xmx1g><image>" \
    "$(run OPTS=-Xmx1g "$port, {\"HostIp\": \"\", \"HostPort\": \"9090\"}")"
