#!/bin/sh
# dockerfile-compose 0.0.3 (Python), seen 2026-11-30.
#
# A Dockerfile with `# @include other.Dockerfile` gets the steps of that file, without its FROM and CMD and without
# comments. It takes for one each line that begins with `from`, `cmd` or `#`, in any case: in a here-document of
# Python, `from app import setup` goes and `setup()` stays, and of a shell script `#!/bin/bash` goes, or a call of
# `cmdline`. In the file with the include, each line loses its indentation, as the YAML in a here-document does.
#
# One would have guessed that the steps are those of the file. It matters since what is left is a valid Dockerfile:
# the build fails at a name that is not known, a script has no interpreter, and a YAML file has another structure.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile-compose==0.0.3

# What is written for a file with the lines given, below its FROM.
composed() {
    printf '%s\n' 'FROM python:3.14' "$@" > "$dir/Dockerfile"
    python3 "$dir/py/bin/dockerfile-compose" "$dir/Dockerfile" | sed '1,/^FROM/d' | grep -v '^# @' | tr '\n' ';'
}
# The same for a file that includes one with these lines.
included() {
    printf '%s\n' 'FROM python:3.14' "$@" 'CMD ["python3"]' > "$dir/include.Dockerfile"
    composed '# @include include.Dockerfile'
}

expect 'steps' 'RUN pip install app;USER app;' "$(included 'RUN pip install app' 'USER app')"
expect 'Python' 'RUN python3 <<EOF;setup();EOF;' "$(included 'RUN python3 <<EOF' 'from app import setup' 'setup()' EOF)"
expect 'a script' 'COPY <<EOF /run.sh;EOF;' "$(included 'COPY <<EOF /run.sh' '#!/bin/bash' 'cmdline --check' EOF)"
expect 'YAML, not included' 'COPY <<EOF /app.yaml;server:;port: 80;EOF;' \
    "$(composed 'COPY <<EOF /app.yaml' 'server:' '  port: 80' EOF)"
