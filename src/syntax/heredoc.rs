use crate::text::{ShortText, Span};

use super::ast::Instruction;
use super::expand::{self, Value};
use super::lexer;
use super::logical::Logical;
use super::word::{Escape, Variable};

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

impl Heredoc {
    /// The variables that COPY and ADD replace in its lines, and where they stand; none where the delimiter is quoted, or
    /// where BuildKit refuses the lines.
    #[must_use]
    pub fn variables(&self, file: &str) -> Vec<(Variable, Span)> {
        if !self.expand {
            return Vec::new();
        }
        // Escapes in these are always backslashes, and quotes stay.
        let all = lexer::variables(self.body.text(file), Escape::Backslash, lexer::Quotes::Keep);
        let placed = |variable: Variable| {
            let span = Span::of(variable.range.clone()).shift(self.body.start);
            (variable, span)
        };
        all.unwrap_or_default().into_iter().map(placed).collect()
    }
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

/// What to do where a here-document does not start, so that its lines are read as instructions.
pub(super) const MISSED_HELP: &str =
    "write the delimiter right after `<<-`, and close each quote of that line";

/// Where a here-document would start, had the line no open quote and no blank in its marker.
pub(super) fn missed(instruction: &Instruction) -> Option<(Span, &'static str)> {
    let text = instruction.arguments_text();
    let at = text.find("<<").filter(|_| instruction.keyword.takes_heredocs())?;
    if !instruction.heredocs.is_empty() {
        return None;
    }
    let word_end = |from: usize| text[from..].find(char::is_whitespace).map_or(text.len(), |len| from + len);
    let span = |end: usize| {
        let start = at + instruction.arguments_at;
        instruction.logical.span(start..end + instruction.arguments_at)
    };
    if is_unreadable(&instruction.logical) {
        return Some((span(word_end(at)), "an open quote keeps this from being a here-document"));
    }
    // BuildKit takes `<< EOF`, and not `<<- EOF`.
    let behind = text[at + 2..].strip_prefix('-').map(|_| at + 3)?;
    let delimiter = text[behind..].trim_start_matches([' ', '\t']);
    let start = text.len() - delimiter.len();
    let is_blank = start > behind && delimiter.starts_with(|c: char| c.is_alphabetic() || "_'\"".contains(c));
    is_blank.then(|| (span(word_end(start)), "the blank keeps this from being a here-document"))
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

    #[test]
    fn a_blank_or_an_open_quote_starts_no_here_document() {
        use crate::syntax::parse;
        use crate::text::Source;

        for (text, want) in [
            ("RUN cat <<- EOF > /h\nhello\nEOF", Some(("<<- EOF", "blank"))),
            ("RUN a \"b <<EOF\nhello\nEOF", Some(("<<EOF", "quote"))),
            ("RUN echo $((1 <<- 2))\nhello", None),
            ("CMD cat <<- EOF\nhello", None),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM a\n{text}\n")));
            let error = file.errors.iter().find(|e| e.message.contains("`hello`")).expect(text);
            let found = error.related.map(|(span, why)| (span.text(file.text()), why));
            assert_eq!(found.map(|f| f.0), want.map(|w| w.0), "{text}");
            assert!(found.is_none_or(|f| f.1.contains(want.unwrap().1)), "{text}");
        }
    }
}
