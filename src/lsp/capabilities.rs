//! What client and server agree on at the start.

use serde_json::{Value, json};

use crate::config;
use crate::engine;

use super::actions;
use super::document::Language;
use super::place::Encoding;
use super::protocol::{
    CodeActionKind, CodeActionOptions, CodeActionProvider, CompletionOptions, DefinitionProvider,
    DiagnosticOptions, DiagnosticProvider, DocumentFormattingProvider, DocumentHighlightProvider,
    DocumentLinkOptions, DocumentOnTypeFormattingOptions, DocumentRangeFormattingProvider,
    DocumentSymbolProvider, ExecuteCommandOptions, FoldingRangeProvider, HoverProvider, Initialize,
    InitializeResult, InlayHintProvider, PositionEncodingKind, ReferencesProvider, RenameOptions,
    RenameProvider, Save, SelectionRangeProvider, ServerCapabilities, ServerInfo, SignatureHelpOptions,
    TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, Uri, WorkspaceFoldersServerCapabilities,
    WorkspaceOptions,
};
use super::{entry, tokens, uri};

/// What the client can do, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// True if it asks for diagnostics, so that nothing has to be sent by itself.
    pub(super) asks_for_diagnostics: bool,
    pub(super) folds_whole_lines: bool,
    /// True if it shows Markdown.
    pub(super) shows_markdown: bool,
    /// True if what it inserts may have places to fill in.
    pub(super) fills_in: bool,
    /// True if it asks again for diagnostics and hints when it is told to.
    pub(super) refreshes_diagnostics: bool,
    pub(super) refreshes_hints: bool,
    /// True if it shows how far something is that takes long.
    pub(super) shows_progress: bool,
    /// True if it can watch files.
    pub(super) watches: bool,
    /// True if it can be asked for the settings of the user.
    pub(super) tells_settings: bool,
    /// True if it knows outlines with levels, and actions that are more than commands.
    pub(super) nests_symbols: bool,
    pub(super) takes_actions: bool,
    /// True if it applies edits that it is sent.
    pub(super) applies_edits: bool,
}

impl Client {
    pub(super) fn of(given: &Initialize) -> Self {
        Self {
            encoding: encoding(given),
            asks_for_diagnostics: given.can("/textDocument/diagnostic"),
            fills_in: given.can("/textDocument/completion/completionItem/snippetSupport"),
            shows_markdown: shows_markdown(given),
            refreshes_diagnostics: given.can("/workspace/diagnostics/refreshSupport"),
            refreshes_hints: given.can("/workspace/inlayHint/refreshSupport"),
            shows_progress: given.can("/window/workDoneProgress"),
            watches: given.can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            tells_settings: given.can("/workspace/configuration"),
            nests_symbols: given.can("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            takes_actions: given.can("/textDocument/codeAction/codeActionLiteralSupport"),
            applies_edits: given.can("/workspace/applyEdit"),
            folds_whole_lines: given.can("/textDocument/foldingRange/lineFoldingOnly"),
        }
    }
}

fn shows_markdown(given: &Initialize) -> bool {
    let formats =
        given.capabilities.pointer("/textDocument/hover/contentFormat").and_then(|list| list.as_array());
    formats.is_some_and(|formats| formats.iter().any(|format| format == "markdown"))
}

/// Bytes if the client knows them, since texts are bytes here; else the first that it likes.
fn encoding(given: &Initialize) -> Encoding {
    let offered = given.capabilities.pointer("/general/positionEncodings").and_then(|list| list.as_array());
    let named = |name: &str| match name {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    };
    let known: Vec<Encoding> =
        offered.into_iter().flatten().filter_map(|name| named(name.as_str()?)).collect();
    if known.contains(&Encoding::Utf8) { Encoding::Utf8 } else { known.first().copied().unwrap_or_default() }
}

/// What a document is, if it is anything that dlint knows.
pub(super) fn language(language: &str, uri: &Uri) -> Option<Language> {
    let path = uri::path(uri);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if engine::is_ignorefile_name(name) {
        return Some(Language::Ignorefile);
    }
    if config::is_settings_name(name.as_ref()) {
        return Some(Language::Configuration);
    }
    if entry::is_name(&path) {
        return Some(Language::Entry);
    }
    let is_dockerfile = language.eq_ignore_ascii_case("dockerfile")
        || language.eq_ignore_ascii_case("containerfile")
        || engine::is_dockerfile_name(name);
    is_dockerfile.then_some(Language::Dockerfile)
}

/// The files that the client is asked to watch.
pub(super) fn watched() -> Value {
    let patterns = [
        "**/{dlint.toml,.dlint.toml,.hadolint.yaml,.hadolint.yml}",
        "**/{.dockerignore,.containerignore,*.dockerignore,*.containerignore}",
        "**/{Dockerfile,Containerfile,Dockerfile.*,*.Dockerfile,dlint.lock}",
        "**/{*compose*.yaml,*compose*.yml,*bake*.hcl,*bake*.json,*devcontainer*.json,.env}",
        "**/{.github/workflows/*.yml,.github/workflows/*.yaml,.gitlab-ci.yml,*.build,*.sh,*.bash,Makefile}",
    ];
    let watchers = patterns.map(|pattern| json!({"globPattern": pattern}));
    json!({"registrations": [{
        "id": "dlint/watch",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": watchers},
    }]})
}

/// What the server offers.
pub(super) fn offered(client: &Client) -> InitializeResult {
    let diagnostics = DiagnosticOptions {
        identifier: Some("dlint".to_owned()),
        // What starts a build depends on its Dockerfile.
        inter_file_dependencies: true,
        workspace_diagnostics: false,
        ..DiagnosticOptions::default()
    };
    let capabilities = ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        workspace: Some(WorkspaceOptions {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(true.into()),
            }),
            ..WorkspaceOptions::default()
        }),
        text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Incremental),
            save: Some(Save::Bool(true)),
            ..TextDocumentSyncOptions::default()
        })),
        diagnostic_provider: client
            .asks_for_diagnostics
            .then_some(DiagnosticProvider::DiagnosticOptions(diagnostics)),
        code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
            code_action_kinds: Some(vec![
                CodeActionKind::QuickFix,
                CodeActionKind::RefactorRewrite,
                actions::fix_all_kind(),
            ]),
            ..CodeActionOptions::default()
        })),
        document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(
                ["-", "=", "$", "{", ",", "#", "/", "\"", ":", "["].map(str::to_owned).to_vec(),
            ),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProvider::Bool(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some([" ", "=", "["].map(str::to_owned).to_vec()),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(DefinitionProvider::Bool(true)),
        document_highlight_provider: Some(DocumentHighlightProvider::Bool(true)),
        references_provider: Some(ReferencesProvider::Bool(true)),
        rename_provider: Some(RenameProvider::RenameOptions(RenameOptions {
            prepare_provider: Some(true),
            ..RenameOptions::default()
        })),
        folding_range_provider: Some(FoldingRangeProvider::Bool(true)),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(false),
            ..DocumentLinkOptions::default()
        }),
        inlay_hint_provider: Some(InlayHintProvider::Bool(true)),
        semantic_tokens_provider: Some(tokens::options().into()),
        selection_range_provider: Some(SelectionRangeProvider::Bool(true)),
        document_formatting_provider: Some(DocumentFormattingProvider::Bool(true)),
        document_range_formatting_provider: Some(DocumentRangeFormattingProvider::Bool(true)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "\n".to_owned(),
            more_trigger_character: None,
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: actions::COMMANDS.map(str::to_owned).to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    InitializeResult { capabilities, server_info: Some(ServerInfo { name: "dlint".to_owned(), version }) }
}
