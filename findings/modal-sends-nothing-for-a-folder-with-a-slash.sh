#!/bin/sh
# modal 1.6.4 (Python), seen 2026-11-30.
#
# `Image.from_dockerfile` and `dockerfile_commands` send the files which a COPY names, and take the names for patterns.
# `COPY . /app/` sends all files, but `COPY ./ /app/` and `COPY / /app/` send none, although `COPY ./src/ /app/` sends
# `src`. What an ADD takes, or a RUN that mounts a file of the context, is not sent at all, and nothing says so.
#
# One would have guessed that `.` and `./` are one folder, as for Docker. It matters since a COPY of the context is then
# one of an empty folder.
set -eu
. "$(dirname "$0")/common"

pip_install modal==1.6.4

mkdir -p "$dir/context/src"
touch "$dir/context/package.json" "$dir/context/src/index.js"
# The library makes this list itself before it speaks to its service.
cat > "$dir/sent.py" <<'EOF'
import sys
from pathlib import Path
from modal._image import _create_context_mount
context, instruction = sys.argv[1:]
mount = _create_context_mount(["FROM node:22", instruction], lambda path: False, Path(context))
print(*sorted(str(name) for entry in (mount._entries if mount else ()) for _, name in entry.get_files_to_upload()))
EOF
sent() { python3 "$dir/sent.py" "$dir/context" "$1"; }

expect 'COPY . /app/' '/package.json /src/index.js' "$(sent 'COPY . /app/')"
expect 'COPY ./ /app/' '' "$(sent 'COPY ./ /app/')"
expect 'COPY / /app/' '' "$(sent 'COPY / /app/')"
expect 'COPY ./src/ /app/' '/src/index.js' "$(sent 'COPY ./src/ /app/')"
expect 'COPY package.json /app/' '/package.json' "$(sent 'COPY package.json /app/')"
expect 'ADD package.json /app/' '' "$(sent 'ADD package.json /app/')"
expect 'RUN --mount' '' "$(sent 'RUN --mount=type=bind,source=package.json,target=package.json npm ci')"
