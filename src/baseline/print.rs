use crate::diag::{FileReport, Finding};
use crate::text::{Source, Span, fnv};

/// How many bytes of a line count: a line may be a whole file long, and hold as many findings.
const MAX_LINE: usize = 400;

/// What a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Print {
    /// The name of its rule.
    pub rule: String,
    /// The hash of the text that it points at, and of the line around that, without blanks.
    pub place: u64,
    /// The hash of what it says, without the figures in it: those change with other lines.
    pub said: u64,
}

/// The prints of a file's findings, in their order.
pub(super) fn prints(file: &FileReport) -> Vec<Print> {
    file.findings.iter().map(|finding| print(finding, &file.source)).collect()
}

fn print(finding: &Finding, source: &Source) -> Print {
    let text = source.text();
    let line = line_around(text, finding.span);
    let pointed = cut(text.get(finding.span.range()).unwrap_or_default(), MAX_LINE);
    let place = fnv(pointed.split_whitespace().chain(["\n"]).chain(line.split_whitespace()));
    let said = fnv(finding.message.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()));
    Print { rule: finding.rule.to_string(), place, said }
}

/// The line that holds the start of `span`, as far as it counts.
fn line_around(text: &str, span: Span) -> &str {
    let at = text.floor_char_boundary(span.start as usize);
    let (before, behind) = (text.get(..at).unwrap_or(text), text.get(at..).unwrap_or_default());
    let tail =
        before.get(before.floor_char_boundary(before.len().saturating_sub(MAX_LINE))..).unwrap_or_default();
    let start = at - (tail.len() - tail.rfind('\n').map_or(0, |found| found + 1));
    let behind = cut(behind, MAX_LINE);
    let end = at + behind.find('\n').unwrap_or(behind.len());
    text.get(start..end).unwrap_or_default()
}

/// The first `most` bytes of `text`, and no half of a character.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
