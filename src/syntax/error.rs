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
    InvalidCheck,
    NoInstruction,
    MissingFrom,
    UnknownInstruction,
    UnknownFlag,
    DuplicateFlag,
    MissingFlagValue,
    InvalidFlagValue,
    InvalidDuration,
    InvalidPlatform,
    InvalidMount,
    MissingArgument,
    ExtraArgument,
    MissingEquals,
    EmptyName,
    EmptyPath,
    InvalidAs,
    InvalidStageName,
    InvalidReference,
    InvalidPort,
    InvalidProtocol,
    InvalidSignal,
    InvalidJson,
    UnknownHealthcheck,
    OnbuildTrigger,
    UnterminatedHeredoc,
    HeredocDestination,
    UnclosedQuote,
    BadSubstitution,
}

impl SyntaxErrorKind {
    /// The kind's name in reports, which stays as it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid-utf8",
            Self::LineTooLong => "line-too-long",
            Self::InstructionTooLong => "instruction-too-long",
            Self::TooManyInstructions => "too-many-instructions",
            Self::DuplicateDirective => "duplicate-directive",
            Self::InvalidEscape => "invalid-escape",
            Self::InvalidCheck => "invalid-check",
            Self::NoInstruction => "no-instruction",
            Self::MissingFrom => "missing-from",
            Self::UnknownInstruction => "unknown-instruction",
            Self::UnknownFlag => "unknown-flag",
            Self::DuplicateFlag => "duplicate-flag",
            Self::MissingFlagValue => "missing-flag-value",
            Self::InvalidFlagValue => "invalid-flag-value",
            Self::InvalidDuration => "invalid-duration",
            Self::InvalidPlatform => "invalid-platform",
            Self::InvalidMount => "invalid-mount",
            Self::MissingArgument => "missing-argument",
            Self::ExtraArgument => "extra-argument",
            Self::MissingEquals => "missing-equals",
            Self::EmptyName => "empty-name",
            Self::EmptyPath => "empty-path",
            Self::InvalidAs => "invalid-as",
            Self::InvalidStageName => "invalid-stage-name",
            Self::InvalidReference => "invalid-reference",
            Self::InvalidPort => "invalid-port",
            Self::InvalidProtocol => "invalid-protocol",
            Self::InvalidSignal => "invalid-signal",
            Self::InvalidJson => "invalid-json",
            Self::UnknownHealthcheck => "unknown-healthcheck",
            Self::OnbuildTrigger => "onbuild-trigger",
            Self::UnterminatedHeredoc => "unterminated-heredoc",
            Self::HeredocDestination => "heredoc-destination",
            Self::UnclosedQuote => "unclosed-quote",
            Self::BadSubstitution => "bad-substitution",
        }
    }
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
    /// A second place that belongs to it, and what is there.
    pub related: Option<(Span, &'static str)>,
    /// What most likely was meant to stand at the span.
    pub meant: Option<Box<str>>,
}

impl SyntaxError {
    pub(super) fn new(kind: SyntaxErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), help: None, related: None, meant: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) const fn related(mut self, span: Span, what: &'static str) -> Self {
        self.related = Some((span, what));
        self
    }

    /// Asks whether `word` was meant to stand at the span.
    pub(super) fn meant(mut self, word: &str) -> Self {
        self.help = Some(format!("did you mean `{word}`?"));
        self.meant = Some(word.into());
        self
    }
}
