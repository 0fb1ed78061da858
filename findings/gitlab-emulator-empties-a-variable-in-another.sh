#!/bin/sh
# gitlab-emulator 16.3.4 (Python), seen 2026-12-01.
#
# A variable that is made of another one of .gitlab-ci.yml has nothing in the place of it: with
# `REGISTRY: registry.example.com` and `IMAGE: $REGISTRY/shop`, the commands of a job get `/shop`. With braces, as in
# `${REGISTRY}/shop`, it stays as text. Of what GitLab gives itself, `$CI_PROJECT_PATH` is replaced, and in the place of
# `$CI_COMMIT_SHA` there is nothing.
#
# One would have guessed what GitLab does, since it is there to run the jobs of a pipeline on one's own machine.
# GitLab's documentation says that variables can be made of others, in both forms. It matters as nothing fails by
# itself: the job builds and pushes an image of another name.
set -eu
. "$(dirname "$0")/common"

pip_install gitlab-emulator==16.3.4

# What a job prints of its variable IMAGE.
git init -q "$dir/shop"
image() {
    cat > "$dir/shop/.gitlab-ci.yml" <<EOF
variables:
  REGISTRY: registry.example.com
  IMAGE: $1
job:
  script: ['echo "image: \$IMAGE"']
EOF
    (cd "$dir/shop" && python3 "$dir/py/bin/gle" --ignore-docker job) 2> "$dir/log" | sed -n 's/^image: //p'
}

# shellcheck disable=SC2016
{
    expect 'a text' 'registry.example.com/shop' "$(image registry.example.com/shop)"
    expect 'the path of the project' 'registry.example.com/local/shop' \
        "$(image 'registry.example.com/$CI_PROJECT_PATH')"
    expect 'the commit' 'shop:' "$(image '"shop:$CI_COMMIT_SHA"')"
    expect 'a variable' '/shop' "$(image '$REGISTRY/shop')"
    expect 'in braces' '${REGISTRY}/shop' "$(image '"${REGISTRY}/shop"')"
}
