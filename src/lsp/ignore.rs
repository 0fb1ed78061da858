//! Ignore files: what their lines leave out, and what could be left out.

use crate::context::TopEntry;
use crate::diag::{format_bytes, format_count};
use crate::engine::IgnoreEffect;
use crate::report::sanitize;
use crate::text::Span;

use super::document::Read;
use super::protocol::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Contents, Hover, MarkupContent, MarkupKind,
    TextEdit,
};

/// The line of byte `at`, without its end.
fn line(text: &str, at: u32) -> Span {
    let start = text[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let rest = &text[start..];
    Span::of(start..start + rest.find(['\n', '\r']).unwrap_or(rest.len()))
}

/// What the line at a byte leaves out, or brings back. Nothing is said of a line that was written since it was measured.
pub(super) fn hover(read: &Read, at: u32, effect: &IgnoreEffect, markdown: bool) -> Option<Hover> {
    let span = line(read.text(), at);
    let own = span.text(read.text()).trim();
    let patterns = effect.ignore.file.patterns();
    let was = effect.ignore.source.text();
    let number =
        patterns.iter().position(|pattern| was.get(pattern.range()).is_some_and(|was| was.trim() == own))?;
    let (pattern, used) = (patterns.get(number)?, effect.scan.per_pattern.get(number)?);
    let files = match used.hits.files {
        1 => "1 file".to_owned(),
        files => format!("{} files", format_count(files)),
    };
    let bytes = format_bytes(used.hits.bytes);
    let value = match (pattern.is_negated(), used.matched) {
        (_, false) => "nothing in the build context matches".to_owned(),
        (false, true) => format!("leaves out {files} with {bytes}"),
        (true, true) if used.hits.files == 0 => {
            "brings nothing back: no line above leaves out what it matches".to_owned()
        }
        (true, true) => format!("brings back {files} with {bytes}"),
    };
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value }),
        range: Some(read.range(span)),
    })
}

/// What lies in the root of the context and is kept, the heaviest first.
pub(super) fn items(read: &Read, at: u32, effect: &IgnoreEffect) -> Vec<CompletionItem> {
    let text = read.text();
    let start = line(text, at).start;
    let written = Span::new(start, at);
    let prefix = written.text(text);
    if prefix.starts_with('#') {
        return Vec::new();
    }
    let name = prefix.trim_start_matches(['!', '/']);
    let start = at - Span::of(0..name.len()).end;
    let range = read.range(Span::new(start, at));
    let mut entries: Vec<&TopEntry> = effect.scan.per_top.iter().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.kept.bytes));
    let fits = |entry: &&TopEntry| entry.kept.files > 0 && entry.name.starts_with(name);
    let item = |(number, entry): (usize, &TopEntry)| {
        let kind = if entry.folder { CompletionItemKind::Folder } else { CompletionItemKind::File };
        let label = sanitize(&entry.name).into_owned();
        CompletionItem {
            kind: Some(kind),
            detail: Some(format_bytes(entry.kept.bytes)),
            // Clients sort by label otherwise.
            sort_text: Some(format!("{number:03}")),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: label.clone() })),
            label,
            ..CompletionItem::default()
        }
    };
    entries.into_iter().filter(fits).enumerate().map(item).collect()
}
