#!/usr/bin/env bash
# Tries a hook with the real pre-commit program, against local clones:
#
#     tools/try-precommit.sh [HOOK]
#
# HOOK is `dlint` (default: built from the source of this repository), `dlint-system` (the dlint on PATH), or `mirror`: the
# hook of packaging/pre-commit-mirror, which installs the wheel in dist/ (see tools/package) or in DLINT_WHEELS, instead
# of one from an index.
#
# The hook has to fail with findings on a bad Dockerfile, a bad ignore file and a bad Compose file, and to pass on a clean
# Dockerfile. How long the first run takes, with the installation, is said. pre-commit comes from the Python package
# index into a temporary folder, or is named by PRE_COMMIT. The committed state (HEAD) is what is tried.
# The hook `dlint` builds the crate, which takes some minutes. Needs bash, git, python3 and, for `dlint`, cargo.
set -euo pipefail

hook="${1:-dlint}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [[ -z "${PRE_COMMIT:-}" ]]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet pre-commit
    PRE_COMMIT="$work/venv/bin/pre-commit"
fi
"$PRE_COMMIT" --version

# A folder of its own: nothing of the user's is touched, nothing old is taken for new.
export PRE_COMMIT_HOME="$work/cache"
# Each try-repo installs anew; the dependencies are compiled once.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$work/target}"
export GIT_AUTHOR_NAME=dlint GIT_AUTHOR_EMAIL=dlint@example.invalid
export GIT_COMMITTER_NAME=dlint GIT_COMMITTER_EMAIL=dlint@example.invalid

if [[ "$hook" == mirror ]]; then
    hook=dlint
    # The wheel is found in a folder; setuptools, which builds the empty package, comes from the index.
    export PIP_FIND_LINKS="${DLINT_WHEELS:-$here/dist}"
    git init --quiet "$work/clone"
    git -C "$here" archive HEAD:packaging/pre-commit-mirror | tar -x -C "$work/clone"
    git -C "$work/clone" add .
    git -C "$work/clone" commit --quiet -m "The mirror"
else
    git clone --quiet "$here" "$work/clone"
fi
ref="$(git -C "$work/clone" rev-parse HEAD)"
"$PRE_COMMIT" validate-manifest "$work/clone/.pre-commit-hooks.yaml"

mkdir "$work/project"
cd "$work/project"
git init --quiet
mkdir bad clean ignore build
printf 'FROM debian:latest\nRUN sudo apt-get update\nMAINTAINER nobody\n' > bad/Dockerfile
printf 'FROM scratch\nCOPY hello /hello\nUSER 65532:65532\nENTRYPOINT ["/hello"]\n' > clean/Dockerfile
printf 'hello' > clean/hello && chmod +x clean/hello
printf '[\n' > ignore/.dockerignore
printf 'services:\n  web:\n    build: {context: .., dockerfile: none}\n' > build/compose.yaml
cat > .pre-commit-config.yaml <<EOF
repos:
  - repo: $work/clone
    rev: $ref
    hooks:
      - id: $hook
EOF
git add . && git commit --quiet -m "Two Dockerfiles"

try() { # FILE...
    "$PRE_COMMIT" run "$hook" --verbose --files "$@" 2>&1
}

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

echo "--- a bad Dockerfile, an ignore file that BuildKit refuses, and a Compose file that builds nothing"
start=$EPOCHREALTIME
if output="$(try bad/Dockerfile ignore/.dockerignore build/compose.yaml)"; then
    echo "$output"
    fail "the hook passed on a bad Dockerfile"
fi
first=$EPOCHREALTIME
echo "$output"
# The build itself may fail too: only findings count, and pre-commit says how the hook ended.
grep -q '^- exit code: 1$' <<< "$output" || fail "the hook did not end with exit code 1"
grep -q 'bad/Dockerfile' <<< "$output" || fail "the findings do not name the file"
grep -q 'ignore-syntax' <<< "$output" || fail "the hook did not check the ignore file"
grep -q 'missing-dockerfile' <<< "$output" || fail "the hook did not check the Compose file"

echo "--- a clean Dockerfile"
again=$EPOCHREALTIME
output="$(try clean/Dockerfile)" || { echo "$output"; fail "the hook failed on a clean Dockerfile"; }
end=$EPOCHREALTIME
echo "$output"
grep -q 'Passed' <<< "$output" || fail "the hook did not run on the clean Dockerfile"

echo "ok: $hook works with pre-commit; the first run took $(((${first/./} - ${start/./}) / 1000)) ms, the next one $(((${end/./} - ${again/./}) / 1000)) ms"
