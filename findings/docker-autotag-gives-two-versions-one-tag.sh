#!/bin/sh
# docker-autotag 3.0.0 (Python), seen 2026-11-30.
#
# Makes the tags of an image of its version. A version that is none of semantic versioning is made one without a word:
# `1.2.3.4` and `1.2.3.5` are both `1.2`, `1.2.3` and `1`, and `2026.01.05` is `2026.1`, `2026.1.5` and `2026`. Of a
# branch as `feature/one`, which has no version in it, the tag is `latest`.
#
# One would have guessed that an image has its own version among its tags, or that the program ends with an error.
# It matters since the image of one fix release takes the place of another, and since nobody finds `2026.01.05`; and a
# pipeline that runs for a branch pushes what is there as the latest.
set -eu
. "$(dirname "$0")/common"

pip_install docker-autotag==3.0.0

tags() { DOCKER_AUTOTAG_VERSION=$1 python3 "$dir/py/bin/docker-autotag"; }

expect '1.2.3' '1.2,1.2.3,1' "$(tags refs/tags/v1.2.3)"
expect '1.2.3.4' '1.2,1.2.3,1' "$(tags refs/tags/v1.2.3.4)"
expect '1.2.3.5' '1.2,1.2.3,1' "$(tags refs/tags/v1.2.3.5)"
expect '2026.01.05' '2026.1,2026.1.5,2026' "$(tags refs/tags/2026.01.05)"
expect 'a branch' 'latest' "$(tags refs/heads/feature/one)"
