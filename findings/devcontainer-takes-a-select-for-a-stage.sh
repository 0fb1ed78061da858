#!/bin/sh
# @devcontainers/cli 0.89.0 (Node), seen 2026-11-29.
#
# `devcontainer build` looks for the FROM lines of the Dockerfile without regard to here-documents. In a COPY of an SQL
# file, the line `FROM users` is the last stage for it: it asks Docker for an image `users`, pulls it if there is none,
# and names the stage, so that the file in the image says `FROM users AS dev_container_auto_added_stage_label`. The
# real stage gets no name, and the one that the build is to start from does not exist.
#
# One would have guessed that a here-document is text, as for the builder. It matters since `docker build` is content
# with the same file, and the message is about an image that nobody asked for.
set -eu
. "$(dirname "$0")/common"

npm_install @devcontainers/cli@0.89.0

# Answers for Docker: it writes down the images that it is asked for, and the Dockerfile that it is given.
cat > "$dir/docker" <<'EOF'
#!/bin/sh
case $1 in
inspect)
    shift 3
    echo "$1" >> "$0.images"
    echo '[{"Id": "sha256:1", "Architecture": "amd64", "Os": "linux", "Config": {"User": "", "Env": [], "Labels": {}}}]'
    ;;
buildx)
    while [ $# -gt 0 ]; do
        [ "$1" != -f ] || cp "$2" "$0.file"
        shift
    done
    ;;
esac
EOF
chmod +x "$dir/docker"
mkdir -p "$dir/project/.devcontainer"
echo '{"build": {"dockerfile": "Dockerfile"}}' > "$dir/project/.devcontainer/devcontainer.json"

# The images asked for, and the lines that say FROM in what is built, without those that the program adds around it.
build() {
    printf '%s\n' "$@" > "$dir/project/.devcontainer/Dockerfile"
    : > "$dir/docker.images"
    TMPDIR=$dir "$dir/node_modules/.bin/devcontainer" build --workspace-folder "$dir/project" \
        --docker-path "$dir/docker" > "$dir/answer" 2> "$dir/log"
    paste -s -d ' ' "$dir/docker.images"
    grep '^FROM [a-z]' "$dir/docker.file" | paste -s -d ',' -
}

expect 'without a document' 'debian:12
FROM debian:12 AS dev_container_auto_added_stage_label' "$(build 'FROM debian:12')"
expect 'with SQL' 'users
FROM debian:12,FROM users AS dev_container_auto_added_stage_label' \
    "$(build 'FROM debian:12' 'COPY <<EOF /view.sql' 'CREATE VIEW names AS SELECT name' 'FROM users' EOF)"
