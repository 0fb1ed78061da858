#!/usr/bin/env bash
# Tries .pre-commit-hooks.yaml with the real pre-commit against a local clone of this repository:
#
#     tools/try-precommit.sh [HOOK]        HOOK is `dlint` (default) or `dlint-system`
#
# The hook has to fail with findings on a bad Dockerfile and a bad ignore file, and to pass on a clean
# Dockerfile. pre-commit comes from the Python package index into a temporary folder, or is named by PRE_COMMIT. The committed
# state (HEAD) is what is tried.
# The hook `dlint` builds the crate from the clone, which takes some minutes; `dlint-system` takes the
# dlint on PATH. Needs bash, git, python3 and, for `dlint`, cargo.
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

git clone --quiet "$here" "$work/clone"
ref="$(git -C "$work/clone" rev-parse HEAD)"
"$PRE_COMMIT" validate-manifest "$work/clone/.pre-commit-hooks.yaml"

mkdir "$work/project"
cd "$work/project"
git init --quiet
mkdir bad clean ignore
printf 'FROM debian:latest\nRUN sudo apt-get update\nMAINTAINER nobody\n' > bad/Dockerfile
printf 'FROM scratch\nCOPY hello /hello\nUSER 65532:65532\nENTRYPOINT ["/hello"]\n' > clean/Dockerfile
printf 'hello' > clean/hello
printf '[\n' > ignore/.dockerignore
git add . && git commit --quiet -m "Two Dockerfiles"

try() { # FILE...
    "$PRE_COMMIT" try-repo "$work/clone" "$hook" --ref "$ref" --verbose --files "$@" 2>&1
}

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

echo "--- a bad Dockerfile and an ignore file that BuildKit refuses"
if output="$(try bad/Dockerfile ignore/.dockerignore)"; then
    echo "$output"
    fail "the hook passed on a bad Dockerfile"
fi
echo "$output"
# The build itself may fail too: only findings count, and pre-commit says how the hook ended.
grep -q '^- exit code: 1$' <<< "$output" || fail "the hook did not end with exit code 1"
grep -q 'bad/Dockerfile' <<< "$output" || fail "the findings do not name the file"
grep -q 'ignore-syntax' <<< "$output" || fail "the hook did not check the ignore file"

echo "--- a clean Dockerfile"
output="$(try clean/Dockerfile)" || { echo "$output"; fail "the hook failed on a clean Dockerfile"; }
echo "$output"
grep -q 'Passed' <<< "$output" || fail "the hook did not run on the clean Dockerfile"

echo "ok: $hook works with pre-commit"
