//! The types of the protocol: nothing else here names the crate that they come from.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use gen_lsp_types::{
    ActiveParameter, Code, CodeAction, CodeActionKind, CodeActionOptions, CodeActionProvider,
    CodeDescription, Command, CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionOptions,
    Contents, DefinitionProvider, Diagnostic, DiagnosticOptions, DiagnosticProvider,
    DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, DocumentFormattingProvider,
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightProvider, DocumentLink, DocumentLinkOptions,
    DocumentOnTypeFormattingOptions, DocumentRangeFormattingProvider, DocumentSymbol, DocumentSymbolProvider,
    Documentation, ExecuteCommandOptions, FoldingRange, FoldingRangeKind, FoldingRangeProvider,
    FormattingOptions, Full, Hover, HoverProvider, InitializeResult, InlayHint, InlayHintKind,
    InlayHintProvider, InsertTextFormat, Location, MarkupContent, MarkupKind, Message as DiagnosticMessage,
    ParameterInformation, ParameterInformationLabel, Position, PositionEncodingKind, Range,
    ReferencesProvider, RenameOptions, RenameProvider, Save, SelectionRange, SelectionRangeProvider,
    SemanticTokensFullDelta, SemanticTokensLegend, SemanticTokensOptions, ServerCapabilities, ServerInfo,
    SignatureHelp, SignatureHelpOptions, SignatureInformation, SymbolKind, TextDocumentSync,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextEdit, Tooltip, Uri, WorkspaceEdit,
    WorkspaceFoldersServerCapabilities, WorkspaceOptions,
};

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: i32,
    pub(super) message: String,
}

impl Failure {
    pub(super) const PARSE: i32 = -32700;
    pub(super) const INVALID_REQUEST: i32 = -32600;
    pub(super) const METHOD_NOT_FOUND: i32 = -32601;
    pub(super) const INVALID_PARAMS: i32 = -32602;
    pub(super) const INTERNAL: i32 = -32603;
    pub(super) const NOT_INITIALIZED: i32 = -32002;
    pub(super) const CANCELLED: i32 = -32800;
    pub(super) const FAILED: i32 = -32803;

    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What a request is answered with.
pub(super) type Answer = Result<Value, Failure>;

/// What a message says, as a type.
pub(super) fn params<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    // A list would be taken for the fields in their order.
    if !params.is_object() {
        return Err(Failure::new(Failure::INVALID_PARAMS, "the parameters have to be an object"));
    }
    serde_json::from_value(params).map_err(|error| Failure::new(Failure::INVALID_PARAMS, error.to_string()))
}

/// A result as the protocol has it.
pub(super) fn result(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Failure::new(Failure::INTERNAL, error.to_string()))
}

/// The most values that a message may have: each takes far more memory than the bytes that it is written with.
const MAX_VALUES: usize = 1 << 20;

/// True if a text has more commas and brackets outside of its strings than a message of [`MAX_VALUES`] needs.
fn has_too_many_values(bytes: &[u8]) -> bool {
    if bytes.len() <= MAX_VALUES {
        return false;
    }
    let (mut values, mut at) = (0, 0);
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| b",[{\"".contains(b))) {
        at += found + 1;
        if bytes[at - 1] != b'"' {
            values += 1;
            continue;
        }
        // Behind the string.
        while let Some(end) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            let is_end = bytes[at + end] == b'"';
            at += end + if is_end { 1 } else { 2 };
            if is_end {
                break;
            }
        }
    }
    values > MAX_VALUES
}

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    Request {
        id: Value,
        method: String,
        params: Value,
    },
    Notification {
        method: String,
        params: Value,
    },
    /// An answer of the client.
    Response {
        id: Value,
        result: Value,
    },
    /// No message of the protocol.
    Broken(Failure),
}

impl Incoming {
    /// Reads the bytes of a message.
    pub(super) fn read(bytes: &[u8]) -> Self {
        if has_too_many_values(bytes) {
            let message = format!("a message has more than {MAX_VALUES} values");
            return Self::Broken(Failure::new(Failure::PARSE, message));
        }
        let mut message = match serde_json::from_slice::<Value>(bytes) {
            Ok(Value::Object(message)) => message,
            Ok(_) => return Self::broken("a message has to be an object"),
            Err(error) => {
                return Self::Broken(Failure::new(Failure::PARSE, format!("this is no JSON: {error}")));
            }
        };
        let params = message.remove("params").unwrap_or(Value::Null);
        match (message.remove("id"), message.remove("method")) {
            (Some(id @ (Value::Number(_) | Value::String(_))), Some(Value::String(method))) => {
                Self::Request { id, method, params }
            }
            (None, Some(Value::String(method))) => Self::Notification { method, params },
            (Some(id), None) if message.contains_key("result") || message.contains_key("error") => {
                Self::Response { id, result: message.remove("result").unwrap_or_default() }
            }
            (Some(_), Some(Value::String(_))) => Self::broken("an `id` has to be a number or a text"),
            _ => Self::broken("a message has to have a `method`"),
        }
    }

    fn broken(message: &str) -> Self {
        Self::Broken(Failure::new(Failure::INVALID_REQUEST, message))
    }
}

/// Which document.
#[derive(Debug, Deserialize)]
pub(super) struct DocumentId {
    pub(super) uri: Uri,
    pub(super) version: Option<i32>,
}

/// What requests on a whole document say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDocument {
    pub(super) text_document: DocumentId,
}

/// What requests on a place say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AtPosition {
    pub(super) text_document: DocumentId,
    pub(super) position: Position,
    /// Of a request for references.
    #[serde(default)]
    pub(super) context: ReferenceContext,
    /// Of a request to rename.
    #[serde(default)]
    pub(super) new_name: String,
}

/// Which references are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ReferenceContext {
    pub(super) include_declaration: bool,
}

/// What requests on a range say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InRange {
    pub(super) text_document: DocumentId,
    pub(super) range: Range,
}

/// What requests on several places say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AtPositions {
    pub(super) text_document: DocumentId,
    pub(super) positions: Vec<Position>,
}

/// What a request for diagnostics says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DiagnosticsOf {
    pub(super) text_document: DocumentId,
    /// Those that the client has.
    pub(super) previous_result_id: Option<String>,
}

/// Which tokens the client has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokensSince {
    pub(super) text_document: DocumentId,
    pub(super) previous_result_id: String,
}

/// What is to be formatted: all, a range, or what was just typed at a place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Formatted {
    pub(super) text_document: DocumentId,
    pub(super) range: Option<Range>,
    pub(super) position: Option<Position>,
    pub(super) options: FormattingOptions,
}

/// A document that is opened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    pub(super) text_document: OpenedDocument,
}

/// Its text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenedDocument {
    pub(super) uri: Uri,
    pub(super) language_id: String,
    #[serde(default)]
    pub(super) version: i32,
    pub(super) text: String,
}

/// A document that changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    pub(super) text_document: DocumentId,
    pub(super) content_changes: Vec<Change>,
}

/// Files that have changed on the disk.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FilesChanged {
    pub(super) changes: Vec<FileEvent>,
}

/// What became of a file.
#[derive(Debug, Deserialize)]
pub(super) struct FileEvent {
    pub(super) uri: Uri,
    #[serde(rename = "type")]
    pub(super) kind: u32,
}

impl FileEvent {
    /// It was there before, and has another text.
    pub(super) const CHANGED: u32 = 2;
}

/// One change: of a range, or of all.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) range: Option<Range>,
    pub(super) text: String,
}

/// What actions are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActionsAt {
    pub(super) text_document: DocumentId,
    pub(super) range: Range,
    #[serde(default)]
    pub(super) context: ActionContext,
}

/// Which of them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ActionContext {
    pub(super) only: Option<Vec<CodeActionKind>>,
}

/// A command to run.
#[derive(Debug, Deserialize)]
pub(super) struct RunCommand {
    pub(super) command: String,
    #[serde(default)]
    pub(super) arguments: Vec<Value>,
}

/// What the client can do, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Initialize {
    pub(super) capabilities: Value,
    pub(super) initialization_options: Value,
    pub(super) root_uri: Value,
    pub(super) workspace_folders: Value,
}

impl Initialize {
    /// True if the client says that it can do what `pointer` names.
    pub(super) fn can(&self, pointer: &str) -> bool {
        self.capabilities
            .pointer(pointer)
            .is_some_and(|value| !value.is_null() && value != &Value::Bool(false))
    }
}
