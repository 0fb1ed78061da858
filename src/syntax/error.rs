use crate::text::Span;

/// What kind of fault a [`SyntaxError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SyntaxErrorKind {
    InvalidUtf8,
    LineTooLong,
    InstructionTooLong,
    TooManyInstructions,
    DuplicateDirective,
    InvalidEscape,
    NoInstruction,
    MissingFrom,
    UnknownInstruction,
    UnknownFlag,
    DuplicateFlag,
    FlagValue,
    MissingArgument,
    ExtraArgument,
    InvalidArgument,
    InvalidPort,
    InvalidJson,
    UnterminatedHeredoc,
    OnbuildTrigger,
    InvalidMount,
    InvalidStageName,
    InvalidReference,
    BadSubstitution,
}

/// Something that BuildKit would refuse, with its exact place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of fault it is.
    pub kind: SyntaxErrorKind,
    /// The characters at fault.
    pub span: Span,
    /// One sentence that says what is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl SyntaxError {
    pub(super) fn new(kind: SyntaxErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
