// The JSON-RPC package that the client of VS Code is made of: what `tools/try-editors` holds true, one line for each step.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const rpc = require('vscode-jsonrpc/node');

const file = path.resolve(process.env.FILE);
const uri = pathToFileURL(file).href;

function check(name, holds, detail) {
  console.log(`${name}${detail ? `: ${detail}` : ''}`);
  if (!holds) throw new Error(`${name}: does not hold`);
}

(async () => {
  const server = spawn(process.env.DLINT, ['lsp'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  let protocolErrors = 0;
  connection.onError(() => { protocolErrors += 1; });
  const waiting = new Map();
  const latest = new Map();
  connection.onNotification('textDocument/publishDiagnostics', ({ version, diagnostics }) => {
    latest.set(version, diagnostics);
    waiting.get(version)?.(diagnostics);
  });
  connection.onRequest(() => null);
  connection.listen();
  const published = version => latest.has(version)
    ? latest.get(version)
    : new Promise(resolve => waiting.set(version, resolve));

  const { capabilities } = await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(path.dirname(file)).href,
    capabilities: {
      general: { positionEncodings: ['utf-16'] },
      textDocument: {
        publishDiagnostics: { versionSupport: true },
        // Without it, the protocol has commands only.
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['source'] } } },
      },
      window: { workDoneProgress: true },
    },
  });
  check('encoding', capabilities.positionEncoding === 'utf-16', capabilities.positionEncoding);
  await connection.sendNotification('initialized', {});
  let text = fs.readFileSync(file, 'utf8');
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'dockerfile', version: 1, text },
  });
  const at = (diagnostics, code) => diagnostics.find(one => one.code === code)?.range.start.line;
  check('diagnostics appear', at(await published(1), 'maintainer-deprecated') === 1);

  const start = { line: 0, character: 0 };
  text = `# héllo 𝒳\n${text}`;
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: { start, end: start }, text: '# héllo 𝒳\n' }],
  });
  check('they move with the text', at(await published(2), 'maintainer-deprecated') === 2);

  const all = { start, end: { line: text.split('\n').length, character: 0 } };
  const hints = await connection.sendRequest('textDocument/inlayHint', { textDocument: { uri }, range: all });
  check('a hint shows bytes', hints.length > 0, hints[0]?.label);

  const [action] = await connection.sendRequest('textDocument/codeAction', {
    textDocument: { uri }, range: all, context: { diagnostics: [], only: ['source.fixAll.dlint'] },
  });
  const edits = action.edit.changes[uri];
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 3 },
    contentChanges: edits.map(edit => ({ range: edit.range, text: edit.newText })),
  });
  check('what the fix mends is gone', at(await published(3), 'maintainer-deprecated') === undefined);

  const stop = new rpc.CancellationTokenSource();
  const late = connection.sendRequest('textDocument/documentSymbol', { textDocument: { uri } }, stop.token);
  stop.cancel();
  check('a cancelled request ends', await late.then(() => true, error => error.code === -32800));
  const unknown = await connection.sendRequest('no/suchMethod', {}).then(() => 0, error => error.code);
  check('an unknown method is refused', unknown === -32601, unknown);
  await connection.sendRequest('shutdown');
  const left = new Promise(resolve => server.on('exit', resolve));
  await connection.sendNotification('exit');
  const code = await left;
  check('it leaves in order', code === 0 && protocolErrors === 0, `code ${code}`);
  process.exit(0);
})().catch(error => { console.error(error.message); process.exit(1); });
