#!/bin/sh
# docker-meta 5.0.1 (Node), seen 2026-11-30.
#
# Writes a bake file with tags and labels for an image. With the version `2.0.0-rc.1` and `--latest`, the tags have `2`,
# `2.0` and `2.0.0` as well, which are those of the release that is still to come. The commit is in a label
# `org.label-schema.vsc-ref`, of which the schema has the name `vcs-ref`.
#
# One would have guessed that a candidate has its own tag only, as it has in Docker's own metadata action, whose
# documentation says that a pre-release gets no more. It matters since whoever has pinned `2` or `2.0.0` gets the
# candidate with the next pull, and what looks for the commit of an image finds none.
set -eu
. "$(dirname "$0")/common"

npm_install docker-meta@5.0.1

cat > "$dir/docker-meta.config.json" <<'END'
{"preset": "gerrit", "targets": {"app": {"images": ["app"]}}}
END
# Its program, which needs Node 24 to see that it is called as one.
cat > "$dir/program.mjs" <<'END'
import { Cli } from 'clipanion';
import { DockerMetaCommand } from './node_modules/docker-meta/lib/command.js';
const cli = new Cli();
cli.register(DockerMetaCommand);
await cli.runExit(process.argv.slice(2));
END
# What the bake file has for a version: the tags, or the names of the labels.
bake() {
    (cd "$dir" && node program.mjs --config docker-meta.config.json --branch main --git-sha 0123456 \
        --build-date 2026-11-30T00:00:00Z --version "$2" --latest) | python3 -c '
import json, sys
print(*json.load(sys.stdin)["target"]["app"][sys.argv[1]])' "$1"
}

expect '2.0.0' 'app:2.0.0 app:2 app:2.0 app:main' "$(bake tags 2.0.0)"
expect '2.0.0-rc.1' 'app:2.0.0-rc.1 app:2 app:2.0 app:2.0.0 app:main' "$(bake tags 2.0.0-rc.1)"
expect 'labels' 'org.label-schema.vsc-ref org.label-schema.build-date org.label-schema.version '"\
org.label-schema.schema-version" "$(bake labels 2.0.0)"
