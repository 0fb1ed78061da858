#!/bin/sh
# podman 5.8.0 (Python, Podman's own library), beside docker 7.2.0 (Python), seen 2026-11-29.
#
# `images.build(path=…)` packs the context itself, and compares each line of the ignore file with `fnmatch`, in which
# `*` goes across folders. `*.txt` thus leaves out `src/app/requirements.txt` too, and `!` lines and `docs/`, with its
# slash, do nothing: after `*` and `!src` the context is empty.
#
# One would have guessed the rules of `podman build` and `docker build`, where `*.txt` is about the top only. It matters
# since the library says nothing: a COPY finds no file, or one that was to stay out.
set -eu
. "$(dirname "$0")/common"

pip_install podman==5.8.0 docker==7.2.0

context=$dir/context
mkdir -p "$context/src/app" "$context/docs"
touch "$context/notes.txt" "$context/src/app/requirements.txt" "$context/docs/draft.md"
cat > "$dir/sent.py" <<'EOF'
import sys, tarfile
import docker.utils
from podman import api
which, context, *patterns = sys.argv[1:]
if which == "podman":
    with open(context + "/.containerignore", "w") as file:
        file.writelines(pattern + "\n" for pattern in patterns)
    archive = tarfile.open(fileobj=api.create_tar(context, exclude=api.prepare_containerignore(context)))
    sent = [entry.name for entry in archive if entry.isfile()]
else:
    sent = docker.utils.exclude_paths(context, patterns)
print(*sorted(path for path in sent if path.endswith((".txt", ".md"))))
EOF
sent() {
    which=$1
    shift
    python3 "$dir/sent.py" "$which" "$context" "$@"
}

expect 'docs, podman' 'notes.txt src/app/requirements.txt' "$(sent podman 'docs')"
expect 'docs, docker' 'notes.txt src/app/requirements.txt' "$(sent docker 'docs')"
expect '*.txt, podman' 'docs/draft.md' "$(sent podman '*.txt')"
expect '*.txt, docker' 'docs/draft.md src/app/requirements.txt' "$(sent docker '*.txt')"
expect 'docs/, podman' 'docs/draft.md notes.txt src/app/requirements.txt' "$(sent podman 'docs/')"
expect 'docs/, docker' 'notes.txt src/app/requirements.txt' "$(sent docker 'docs/')"
expect '* !src, podman' '' "$(sent podman '*' '!src')"
expect '* !src, docker' 'src/app/requirements.txt' "$(sent docker '*' '!src')"
