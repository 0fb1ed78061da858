#!/bin/sh
# requirements-parser 0.13.1 (Python), seen 2026-11-30.
#
# Of the line `app @ https://example.com/app-2.0-py3-none-any.whl` there is a name, and neither an address nor a
# version: it is what it is for the line `app`, which means the newest version of the index. With `git+https:` instead
# of `https:`, the address is there, and so it is for a line of the address alone.
#
# One would have guessed that the address is there for each way to write it. The documentation says of URLs that they
# can be handled, and pip takes this way, which PEP 508 has. It matters to lists of what an image has: a package of
# one's own is another one there, of the index and of any version.
set -eu
. "$(dirname "$0")/common"

pip_install requirements-parser==0.13.1

# The name, the version and the address of a line.
parsed() {
    printf '%s\n' "$1" > "$dir/requirements.txt"
    python3 -c '
import requirements, sys
with open(sys.argv[1]) as file:
    for requirement in requirements.parse(file):
        print(requirement.name, requirement.specs, requirement.uri)' "$dir/requirements.txt"
}

expect 'a name' 'app [] None' "$(parsed app)"
expect 'an address' 'app [] https://example.com/app.zip' "$(parsed 'https://example.com/app.zip#egg=app')"
expect 'a name and a repository' 'app [] git+https://example.com/app' "$(parsed 'app @ git+https://example.com/app@v2')"
expect 'a name and an address' 'app [] None' "$(parsed 'app @ https://example.com/app-2.0-py3-none-any.whl')"
expect 'a name and a file' 'app [] None' "$(parsed 'app @ file:///opt/app-2.0-py3-none-any.whl')"
