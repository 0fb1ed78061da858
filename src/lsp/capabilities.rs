//! What client and server agree on at the start.

use std::path::Path;

use crate::engine;

use super::actions;
use super::place::Encoding;
use super::protocol::{
    CodeActionKind, CodeActionOptions, CodeActionProvider, CompletionOptions, DefinitionProvider,
    DiagnosticOptions, DiagnosticProvider, DocumentHighlightProvider, DocumentSymbolProvider,
    ExecuteCommandOptions, FoldingRangeProvider, HoverProvider, Initialize, InitializeResult,
    PositionEncodingKind, ReferencesProvider, RenameOptions, RenameProvider, Save, ServerCapabilities,
    ServerInfo, SignatureHelpOptions, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use super::uri;

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
}

impl Client {
    pub(super) fn of(given: &Initialize) -> Self {
        Self {
            encoding: encoding(given),
            asks_for_diagnostics: given.can("/textDocument/diagnostic"),
            fills_in: given.can("/textDocument/completion/completionItem/snippetSupport"),
            shows_markdown: shows_markdown(given),
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

/// True for a document that is a Dockerfile, whatever else the client sends.
pub(super) fn is_dockerfile(language: &str, uri: &Uri) -> bool {
    let path = uri::path(uri);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_ignore_file =
        Path::new(name).extension().is_some_and(|end| end == "dockerignore" || end == "containerignore")
            || matches!(name, ".dockerignore" | ".containerignore");
    !is_ignore_file
        && (language.eq_ignore_ascii_case("dockerfile")
            || language.eq_ignore_ascii_case("containerfile")
            || engine::is_dockerfile_name(name))
}

/// What the server offers.
pub(super) fn offered(client: &Client) -> InitializeResult {
    let diagnostics = DiagnosticOptions {
        identifier: Some("dlint".to_owned()),
        inter_file_dependencies: false,
        workspace_diagnostics: false,
        ..DiagnosticOptions::default()
    };
    let capabilities = ServerCapabilities {
        position_encoding: Some(match client.encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
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
            code_action_kinds: Some(vec![CodeActionKind::QuickFix, actions::fix_all_kind()]),
            ..CodeActionOptions::default()
        })),
        document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["-", "=", "$", "{", ",", "#"].map(str::to_owned).to_vec()),
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
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![actions::EXPLAIN.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    InitializeResult { capabilities, server_info: Some(ServerInfo { name: "dlint".to_owned(), version }) }
}
