#!/bin/sh
# bitrab 0.5.0 (Python), seen 2026-12-01.
#
# A job with `before_script: []` has none, and one with `inherit: { default: false }` takes nothing of `default`. Here
# the `before_script` of `default` runs in both. A variable that is made of another, as `IMAGE: $REGISTRY/shop`, is the
# text `$REGISTRY/shop`, and the commands of a job get it so.
#
# One would have guessed what GitLab does, as it is there to run a pipeline of GitLab on one's own machine, and has
# `before_script` and `variables` in the table of what it supports. GitLab's reference says that what a job has itself
# takes the place of the default, what `inherit` is for, and that variables can be made of others. It matters as the
# jobs pass or fail here for another reason than there: a job that takes the default away often does so since it cannot
# run, as in an image without the program that it installs with.
set -eu
. "$(dirname "$0")/common"

pip_install bitrab==0.5.0

# What the commands of a job print, of a pipeline with a default and two variables.
git init -q "$dir/app"
prints() {
    cat > "$dir/app/.gitlab-ci.yml" <<EOF
default:
  before_script: ["echo said: default"]
variables:
  REGISTRY: registry.example.com
  IMAGE: \$REGISTRY/shop
job: $1
EOF
    (cd "$dir/app" && python3 -m bitrab run --serial --no-tui) > "$dir/log" 2>&1
    grep -v '\$ echo' "$dir/log" | sed -n 's/^.*said: //p' | tr '\n' ' ' | sed 's/ $//'
}

expect 'no before_script' 'default run' "$(prints '{ script: ["echo said: run"] }')"
expect 'its own' 'own run' "$(prints '{ before_script: ["echo said: own"], script: ["echo said: run"] }')"
expect 'an empty one' 'default run' "$(prints '{ before_script: [], script: ["echo said: run"] }')"
expect 'no default' 'default run' "$(prints '{ inherit: { default: false }, script: ["echo said: run"] }')"
# shellcheck disable=SC2016
expect 'a variable of another' 'default $REGISTRY/shop' "$(prints '{ script: ["echo said: $IMAGE"] }')"
