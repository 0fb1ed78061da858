use crate::text::{ShortText, Span};

use super::expand::{self, Value};
use super::lexer;
use super::logical::Logical;
use super::word::Escape;

/// A here-document of RUN, COPY or ADD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter, without its quotes.
    pub name: ShortText,
    /// Where `<<NAME` stands, file descriptor included.
    pub marker: Span,
    /// True for `<<-`: leading tabs are removed from the lines.
    pub chomp: bool,
    /// True if no part of the delimiter is quoted: variables in the body are expanded.
    pub expand: bool,
    /// The lines between marker and terminator, line endings included.
    pub body: Span,
    /// The terminator's line; `None` if the file ends first.
    pub terminator: Option<Span>,
}

/// A marker on an instruction's line, before its body is read.
pub(super) struct Marker {
    pub(super) name: ShortText,
    pub(super) span: Span,
    pub(super) chomp: bool,
    pub(super) expand: bool,
}

impl Marker {
    /// True if `line` was most likely meant to end the here-document, and does not.
    pub(super) fn resembles(&self, line: &str) -> bool {
        let word = line.trim().trim_end_matches([';', '"', '\'', ')', '\\']).trim_start_matches(['"', '\'']);
        !word.is_empty() && word.trim_end().eq_ignore_ascii_case(&self.name)
    }
}

/// True if the words of the line cannot be told apart, so that it starts no here-document.
pub(super) fn is_unreadable(line: &Logical) -> bool {
    lexer::line_words(line.text()).is_none()
}

/// The here-document markers of a logical line, in order (BuildKit's `heredocsFromLine`).
pub(super) fn markers(line: &Logical) -> Vec<Marker> {
    let text = line.text();
    if !text.contains("<<") {
        return Vec::new();
    }
    let words = lexer::line_words(text).unwrap_or_default();
    words
        .into_iter()
        .filter_map(|range| {
            let (name, chomp, expand) = marker(&text[range.clone()])?;
            Some(Marker { name, span: line.span(range), chomp, expand })
        })
        .collect()
}

/// Reads `\d*<<-?NAME`: delimiter, chomp, expand.
pub(super) fn marker(word: &str) -> Option<(ShortText, bool, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let name = match expand::expand(rest, Escape::Backslash, &()).ok()? {
        Value::Known(name) => name,
        // An unset variable stands for itself in a delimiter.
        Value::Unknown => rest.to_owned(),
    };
    if name.is_empty() || (!rest.contains(['"', '\'', '\\']) && name.contains(char::is_whitespace)) {
        return None;
    }
    let expand = name == rest;
    Some((name.into(), chomp, expand))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_whole_words() {
        assert_eq!(marker("<<EOF"), Some(("EOF".into(), false, true)));
        assert_eq!(marker("<<-'EOF'"), Some(("EOF".into(), true, false)));
        assert_eq!(marker("3<<\"E\""), Some(("E".into(), false, false)));
        assert_eq!(marker("<< EOF"), Some(("EOF".into(), false, true)));
        assert_eq!(marker("<<<x"), None);
        assert_eq!(marker("x<<EOF"), None);
        assert_eq!(marker("<<"), None);
    }
}
