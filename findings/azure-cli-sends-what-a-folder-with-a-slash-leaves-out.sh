#!/bin/sh
# azure-cli 2.91.0 (Python), seen 2026-11-30.
#
# `az acr build` packs the context itself, by the `.dockerignore`. It turns each line into a pattern for a whole path,
# and takes the slashes off both ends of exceptions only: `node_modules/` and `/build` leave out nothing.
# `**/node_modules` leaves out `api/node_modules` but not the one at the top, since there has to be a slash in front. As
# an exception, `!build/` works.
#
# One would have guessed the rules of Docker, to whose documentation the code points: slashes at both ends are taken
# off, and `**` also stands for no folder at all. It matters since these are the usual ways to write such lines: all
# modules are sent with each build, and a COPY of the context puts those of this machine in place of the ones in the
# image.
set -eu
. "$(dirname "$0")/common"

# The program needs a hundred packages, the part that packs a context only these.
pip_install --no-deps azure-cli==2.91.0 azure-core==1.36.0 knack==0.13.0 argcomplete==3.6.3 jmespath==1.0.1 \
    packaging==25.0 pygments==2.19.2 pyyaml==6.0.3 tabulate==0.9.0 requests==2.32.5 urllib3==2.5.0 idna==3.11 \
    certifi==2025.11.12 charset-normalizer==3.4.4 typing-extensions==4.15.0

cat > "$dir/pack.py" <<'END'
import logging, os, sys, tarfile, types

# What sends the archive is in another package, which is not installed.
for name in "azure.cli.core", "azure.cli.core.profiles":
    sys.modules[name] = types.ModuleType(name)
sys.modules["azure.cli.core.profiles"].ResourceType = sys.modules["azure.cli.core.profiles"].get_sdk = None
import azure.cli
acr = types.ModuleType("acr")
acr.__path__ = [os.path.join(list(azure.cli.__path__)[0], "command_modules", "acr")]
sys.modules["acr"] = acr
from acr._archive_utils import _pack_source_code

logging.disable(logging.CRITICAL)
context, archive = sys.argv[1:]
_pack_source_code(context, archive, "", "")
with tarfile.open(archive) as packed:
    print(*sorted(entry.name for entry in packed if entry.isfile() and entry.name != ".dockerignore"))
END
# The files that are sent, with the lines given in the `.dockerignore`.
sent() {
    rm -rf "$dir/context"
    mkdir -p "$dir/context/api/node_modules" "$dir/context/build" "$dir/context/node_modules"
    (cd "$dir/context" && touch main.js api/node_modules/a.js build/main.js node_modules/b.js)
    printf '%s\n' "$@" > "$dir/context/.dockerignore"
    python3 "$dir/pack.py" "$dir/context" "$dir/context.tar.gz"
}

expect 'names' 'api/node_modules/a.js main.js' "$(sent node_modules build)"
expect 'slashes' 'api/node_modules/a.js build/main.js main.js node_modules/b.js' "$(sent node_modules/ /build)"
expect 'two stars' 'build/main.js main.js node_modules/b.js' "$(sent '**/node_modules')"
expect 'an exception' 'build/main.js' "$(sent '*' '!build/')"
