#!/bin/sh
# micropipenv 1.10.0 (Python), seen 2026-11-30.
#
# Makes a requirements file of Poetry's lock. A package that is only there for a platform or for an old Python is there
# for all: `colorama` for Windows and `tomli` for Python below 3.11 have no condition. Of a package with two versions,
# each for other Pythons, there is the second: with Python 3.9, for which Poetry installs NumPy 1.24.4, it asks for
# NumPy 2.0.0.
#
# One would have guessed that pip installs what Poetry installs. Poetry writes the condition of each package into the
# lock as `markers`, and the format of the requirements has a place for it. It matters to images that are built for more
# than one Python: micropipenv is made for containers, to install what is locked without Poetry.
set -eu
. "$(dirname "$0")/common"

pip_install micropipenv==1.10.0 toml==0.10.2

# A package of the lock: its name, version and condition.
package() {
    printf '[[package]]\nname = "%s"\nversion = "%s"\ndescription = ""\noptional = false\n' "$1" "$2"
    printf 'python-versions = "*"\ngroups = ["main"]\n'
    [ -z "$3" ] || printf "markers = '%s'\n" "$3"
    printf 'files = [{file = "%s-%s.tar.gz", hash = "sha256:00"}]\n\n' "$1" "$2"
}
# The requirements for a project with the dependencies given, and the packages of its lock on standard input.
requirements() {
    mkdir -p "$dir/project"
    {
        printf '[tool.poetry]\nname = "app"\nversion = "1.0"\ndescription = ""\nauthors = []\n'
        printf '[tool.poetry.dependencies]\npython = "^3.9"\n%s\n' "$1"
    } > "$dir/project/pyproject.toml"
    {
        cat
        printf '[metadata]\nlock-version = "2.1"\npython-versions = "^3.9"\ncontent-hash = "0"\n'
    } > "$dir/project/poetry.lock"
    (cd "$dir/project" && python3 "$dir/py/bin/micropipenv" requirements --method poetry --no-hashes --no-comments)
}

expect 'no condition' 'flask==3.0.0' "$(package flask 3.0.0 '' | requirements 'flask = "^3"')"
expect 'a platform' 'colorama==0.4.6' "$(package colorama 0.4.6 'sys_platform == "win32"' |
    requirements "colorama = {version = '*', markers = 'sys_platform == \"win32\"'}")"
expect 'a Python' 'tomli==2.0.1' "$(package tomli 2.0.1 'python_version < "3.11"' |
    requirements 'tomli = {version = "^2", python = "<3.11"}')"
expect 'two versions' 'numpy==2.0.0' "$( (
    package numpy 1.24.4 'python_version < "3.10"'
    package numpy 2.0.0 'python_version >= "3.10"'
) | requirements 'numpy = [{version = "1.24.4", python = "<3.10"}, {version = "2.0.0", python = ">=3.10"}]')"
