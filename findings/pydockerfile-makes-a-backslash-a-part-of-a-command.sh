#!/bin/sh
# pydockerfile 0.0.3 (Python), beside dockerfile 3.4.0 (Python package, BuildKit's own parser in a Python package), seen
# 2026-11-30.
#
# A step of several lines is one line to it, in which the backslashes of the line ends stay: `apt-get update \` and
# `&& apt-get clean` become `apt-get update \ && apt-get clean`. So the parsed Dockerfile is, and so is what it writes.
#
# One would have guessed that a step has the text that Docker gives to the shell, or at least that a file comes out as
# it went in. To the shell, a backslash before a space makes that a part of a word: apt-get has an argument of it, and
# `mkdir /a \ /b` makes `/a` and ` /b`. It matters to anyone who reads commands out of a Dockerfile or writes it again:
# the file builds no longer, or builds something else.
set -eu
. "$(dirname "$0")/common"

pip_install pydockerfile==0.0.3 dockerfile==3.4.0

printf '%s\n' 'FROM debian:13' 'RUN apt-get update \' '    && apt-get clean' 'RUN mkdir /a \' '    /b' \
    > "$dir/Dockerfile"
python3 -c 'import sys, pydockerfile.parser; print(pydockerfile.parser.parse_file(sys.argv[1]))' "$dir/Dockerfile" \
    > "$dir/written"
# The commands of a Dockerfile to BuildKit, with one space where there are more, and the words of the last to a shell.
commands() {
    python3 -c '
import shlex, sys, dockerfile
commands = [" ".join(step.value[0].split()) for step in dockerfile.parse_file(sys.argv[1]) if step.cmd.lower() == "run"]
print("; ".join(commands), shlex.split(commands[-1]))' "$1"
}

expect 'before' "apt-get update && apt-get clean; mkdir /a /b ['mkdir', '/a', '/b']" "$(commands "$dir/Dockerfile")"
expect 'after' "apt-get update \\ && apt-get clean; mkdir /a \\ /b ['mkdir', '/a', ' /b']" "$(commands "$dir/written")"
