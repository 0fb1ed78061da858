//! Something that could be written at a place.

use super::protocol::CompletionItemKind;

pub(super) struct Offer {
    pub(super) label: String,
    /// What is written, where that is not the label.
    pub(super) written: Option<String>,
    pub(super) snippet: Option<String>,
    pub(super) kind: CompletionItemKind,
    pub(super) text: &'static str,
    pub(super) detail: String,
}

/// What is written already, and what it may become.
pub(super) type Offers = (String, Vec<Offer>);

impl Offer {
    pub(super) fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        let label = label.into();
        Self { label, written: None, snippet: None, kind, text: "", detail: String::new() }
    }

    pub(super) fn explained(self, text: Option<&'static str>) -> Self {
        Self { text: text.unwrap_or_default(), ..self }
    }

    pub(super) fn detailed(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The text that is written.
    pub(super) fn written(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.label)
    }
}
