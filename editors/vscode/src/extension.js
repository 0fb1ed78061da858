// Starts `dlint lsp` and shows how far it is with the build context.
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

/** The language features that another server may have instead. */
const FEATURES = {
  completion: 'provideCompletionItem',
  hover: 'provideHover',
  signatureHelp: 'provideSignatureHelp',
  formatting: 'provideDocumentFormattingEdits',
  semanticTokens: 'provideDocumentSemanticTokens',
  documentLink: 'provideDocumentLinks',
};

/** What the server is told of. */
const DOCUMENTS = [
  { language: 'dockerfile' },
  { pattern: '**/{.dockerignore,.containerignore,*.dockerignore,*.containerignore}' },
  { pattern: '**/{dlint.toml,.dlint.toml,.hadolint.yaml,.hadolint.yml}' },
  { pattern: '**/*{compose,bake,devcontainer}*.{yaml,yml,hcl,json}' },
  { pattern: '**/{.github/workflows/*.yaml,.github/workflows/*.yml,.gitlab-ci.yml}' },
];

let client;
let status;
let log;

/** The program: the one that the user names, the one that comes with the extension, or the one in the PATH. */
function program(context) {
  // A folder cannot name it: the setting counts for the machine alone, and not where the folder is not trusted.
  const named = vscode.workspace.getConfiguration('dlint').inspect('path')?.globalValue;
  if (named) return named;
  const name = process.platform === 'win32' ? 'dlint.exe' : 'dlint';
  const bundled = path.join(context.extensionPath, 'bin', name);
  return fs.existsSync(bundled) ? bundled : name;
}

/** True if git may be asked. Only the user can say so, as for the program. */
function showsCache() {
  return vscode.workspace.getConfiguration('dlint').inspect('cacheHints')?.globalValue === true;
}

/** Without the features that are left to another server. */
function middleware() {
  const off = vscode.workspace.getConfiguration('dlint').get('disabledFeatures', []);
  const nothing = Object.fromEntries(off.filter(f => FEATURES[f]).map(f => [FEATURES[f], () => undefined]));
  return {
    ...nothing,
    provideInlayHints: (document, range, token, next) =>
      vscode.workspace.getConfiguration('dlint', document).get('weights', true) || showsCache() ? next(document, range, token) : [],
  };
}

async function start(context) {
  if (!vscode.workspace.getConfiguration('dlint').get('enable', true)) return;
  const command = program(context);
  const run = { command, args: showsCache() ? ['lsp', '--cache-hints'] : ['lsp'], transport: TransportKind.stdio };
  client = new LanguageClient('dlint', 'dlint', { run, debug: run }, {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    middleware: middleware(),
    initializationOptions: vscode.workspace.getConfiguration('dlint'),
    synchronize: { configurationSection: 'dlint' },
  });
  try {
    await client.start();
    status.text = 'dlint';
    status.tooltip = `${command} ${client.initializeResult?.serverInfo?.version ?? ''}`;
  } catch (error) {
    status.text = '$(warning) dlint';
    status.tooltip = String(error);
    vscode.window.showErrorMessage(`dlint could not be started: ${error.message ?? error}`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.isRunning()) await running.stop();
}

/** All safe fixes of the file that is shown. */
async function fixAll() {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const last = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  const all = new vscode.Range(new vscode.Position(0, 0), last);
  const actions = await vscode.commands.executeCommand(
    'vscode.executeCodeActionProvider', editor.document.uri, all, 'source.fixAll.dlint');
  for (const action of actions ?? []) {
    if (action.edit) await vscode.workspace.applyEdit(action.edit);
  }
}

exports.activate = async context => {
  log = vscode.window.createOutputChannel('dlint', { log: true });
  status = vscode.window.createStatusBarItem('dlint', vscode.StatusBarAlignment.Right, 10);
  status.name = 'dlint';
  status.command = 'dlint.log';
  const shown = editor => {
    // The log is an editor, too; it does not take the place of the file.
    if (editor?.document.uri.scheme === 'output') return;
    if (editor && vscode.languages.match(DOCUMENTS, editor.document)) status.show();
    else status.hide();
  };
  shown(vscode.window.activeTextEditor);
  context.subscriptions.push(
    log,
    status,
    vscode.window.onDidChangeActiveTextEditor(shown),
    vscode.commands.registerCommand('dlint.fixFile', fixAll),
    vscode.commands.registerCommand('dlint.log', () => log.show()),
    vscode.commands.registerCommand('dlint.restart', async () => { await stop(); await start(context); }),
    vscode.workspace.onDidChangeConfiguration(async change => {
      const restarts = ['enable', 'path', 'cacheHints', 'disabledFeatures'].some(name => change.affectsConfiguration(`dlint.${name}`));
      if (restarts) { await stop(); await start(context); }
    }),
  );
  await start(context);
};

exports.deactivate = stop;
