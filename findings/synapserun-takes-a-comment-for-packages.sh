#!/bin/sh
# synapserun 0.5.2 (Python), seen 2026-11-30.
#
# Makes a template for a sandbox from a Dockerfile. It joins a comment between the lines of a command to that command:
# of `RUN pip install flask \`, `# for tests` and `pytest`, the packages are flask, `#`, `for` and `tests`, and pytest
# is an unknown instruction. In a requirements file, `flask # web` is one package of that name.
#
# One would have guessed that a comment is a comment, as it is to Docker, which takes such lines out before it joins the
# others. It matters since long lists of packages are where comments are: the packages behind one are missing, and its
# words are asked for instead.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps synapserun==0.5.2 pyyaml==6.0.3

printf 'flask==3.1.2 # web\n' > "$dir/requirements.txt"
# The packages of a template.
packages() {
    printf 'FROM python:3.13\n%s\n' "$1" > "$dir/Dockerfile"
    (cd "$dir" && python3 -c '
import json
from synapse.dockerfile_transpiler import transpile_dockerfile_file
template, warnings = transpile_dockerfile_file("Dockerfile")
print(json.dumps(template["packages"]))')
}

expect 'two lines' '["flask", "pytest"]' "$(packages 'RUN pip install flask \
    pytest')"
expect 'a comment between them' '["flask", "#", "for", "tests"]' "$(packages 'RUN pip install flask \
    # for tests
    pytest')"
expect 'a requirements file' '["flask==3.1.2 # web"]' "$(packages 'RUN pip install -r requirements.txt')"
