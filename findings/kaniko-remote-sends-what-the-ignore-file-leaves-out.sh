#!/bin/sh
# kaniko-remote 0.6.1 (Python), seen 2026-11-30.
#
# Builds in a cluster, and sends the context there. It makes a list of all paths, takes out those that the
# `.dockerignore` leaves out, and puts the others into an archive, each folder with all that is in it. The first in the
# list is the context itself, so that everything is sent, whatever the `.dockerignore` says, and files in folders are
# sent more than once.
#
# One would have guessed that the lines of the `.dockerignore`, which it does read, take effect. It matters since local
# settings leave the machine, and since a `node_modules` makes the upload many times as long. The image does not show
# it, as the builder in the cluster reads the `.dockerignore` too.
set -eu
. "$(dirname "$0")/common"

pip_install kaniko-remote==0.6.1 kubernetes==34.1.0 pathspec==0.12.1 asyncclick==8.3.0.5 anyio==4.11.0 \
    ruamel.yaml==0.18.16 tqdm==4.67.1 deflatable-dict==0.3.0

cat > "$dir/send.py" <<'END'
import asyncio, base64, io, sys, tarfile
from kaniko_remote import k8s
from kaniko_remote.builder import Builder

# Stands in for the shell of a container, and keeps what is written to it.
class Shell:
    written = ""

    def is_open(self):
        return True

    def update(self, timeout):
        pass

    def peek_stdout(self):
        return False

    peek_stderr = peek_stdout

    def write_stdin(self, text):
        self.written += text

    def close(self):
        pass

shell = Shell()
k8s.stream = lambda *_, **__: shell
wrapper = k8s.K8sWrapper.__new__(k8s.K8sWrapper)
wrapper.v1, wrapper.namespace = type("Api", (), {"connect_get_namespaced_pod_exec": None}), "default"
builder = Builder.__new__(Builder)
builder.k8s, builder.pod_name, builder._pod_transfer_packet_size = wrapper, "build", 10_000
builder._local_context = sys.argv[1]
asyncio.run(builder._transfer_local_build_context())
text = shell.written.split("\n", 1)[1].split("\nEOF\n")[0]
with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text))) as archive:
    names = [entry.name.removeprefix("./") for entry in archive if entry.isfile()]
    print(*(f"{name}={names.count(name)}" for name in sorted(set(names) - {".dockerignore"})))
END
# The files that are sent of a context with the `.dockerignore` given, and how often.
sent() {
    rm -rf "$dir/context"
    mkdir -p "$dir/context/src" "$dir/context/node_modules"
    (cd "$dir/context" && touch local.env src/main.js node_modules/a.js)
    printf '%s\n' "$@" > "$dir/context/.dockerignore"
    (cd "$dir/context" && python3 "$dir/send.py" . 2> "$dir/log")
}

expect 'names' 'local.env=1 node_modules/a.js=1 src/main.js=3' "$(sent local.env node_modules)"
expect 'two stars' 'local.env=1 node_modules/a.js=1 src/main.js=3' "$(sent '**/local.env' '**/node_modules')"
