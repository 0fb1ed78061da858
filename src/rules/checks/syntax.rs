//! What BuildKit would refuse.

use crate::rules::Cx;
use crate::syntax::{File, SyntaxErrorKind};
use crate::text::Span;

/// `syntax-error`.
pub fn error(cx: &mut Cx<'_>) {
    let mut last = None;
    // The errors are sorted by their places; the first one at a place says most.
    for error in cx.model.file.errors.iter().filter(|e| e.kind != SyntaxErrorKind::InvalidUtf8) {
        if last.replace(error.span) == Some(error.span) || is_comment(cx.model.file, error.span) {
            continue;
        }
        let mut finding = cx.at(error.span, error.message.as_str());
        if let Some(help) = &error.help {
            finding = finding.help(help.as_str());
        }
        cx.report(finding);
    }
}

/// True if the words are a comment behind arguments, which has a rule of its own.
fn is_comment(file: &File, span: Span) -> bool {
    let i = file.instructions.partition_point(|i| i.span.end <= span.start);
    let Some(instruction) = file.instructions.get(i) else { return false };
    let comments = instruction.effective().trailing_comments(file);
    comments.iter().any(|c| c.start < span.end && span.start < c.end)
}

/// `invalid-utf8`.
pub fn utf8(cx: &mut Cx<'_>) {
    let source = &cx.model.file.source;
    // A file in another encoding is wrong in many places, for one reason.
    if let Some(first) = source.invalid().first() {
        let message = "this is not UTF-8: BuildKit passes the bytes on, and paths and labels come out wrong";
        let finding = cx.at(*first, more(message, source.invalid().len()));
        return cx.report(finding.help("save the file as UTF-8"));
    }
    if source.text().is_ascii() {
        return;
    }
    let mut lost = source.text().match_indices(char::REPLACEMENT_CHARACTER);
    if let Some((at, character)) = lost.next() {
        let message = "a character was lost here when the file was converted: this is U+FFFD";
        let finding = cx.at(Span::of(at..at + character.len()), more(message, 1 + lost.count()));
        cx.report(finding.help("write the character again, and save the file as UTF-8"));
    }
}

fn more(message: &str, count: usize) -> String {
    if count > 1 { format!("{message} ({count} places)") } else { message.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::engine::lint;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn bytes_that_are_not_utf8_are_one_finding() {
        let bytes = b"FROM debian:12\nLABEL a=\"gr\xfc\xdfe\" b=\"\xe9\"\n".to_vec();
        let file = parse(Source::from_bytes("Dockerfile", bytes).unwrap());
        let found = lint(&Model::new(&file), &Default::default());
        let found: Vec<_> = found.iter().filter(|f| f.rule == "invalid-utf8").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span.range(), 26..27);
        assert!(found[0].message.ends_with("(3 places)"));
    }
}
