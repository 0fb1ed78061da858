//! Ignore files: what their lines leave out, and what could be left out.

use crate::context::TopEntry;
use crate::diag::{format_bytes, format_count};
use crate::engine::{self, ContextEntry, IgnoreEffect};
use crate::report::sanitize;
use crate::text::{Arrange, Span};

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
    let own = span.text(read.text()).trim_start_matches('\u{feff}').trim();
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
        (true, false) => "brings nothing back: no line above leaves out what it matches".to_owned(),
        (true, true) if used.hits.files == 0 => {
            "brings nothing back: no line above leaves out what it matches".to_owned()
        }
        (true, true) => format!("brings back {files} with {bytes}"),
        (false, true) if used.hits.files > 0 => format!("leaves out {files} with {bytes}"),
        (false, _) => "leaves out nothing that other lines do not leave out".to_owned(),
    };
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value }),
        range: Some(read.range(span)),
    })
}

/// What lies in the context and is kept, the heaviest first; behind `!`, what is left out.
pub(super) fn items(read: &Read, at: u32, effect: &IgnoreEffect) -> Vec<CompletionItem> {
    let text = read.text();
    let line = line(text, at);
    let prefix = Span::new(line.start, at).text(text);
    if prefix.starts_with('#') {
        return Vec::new();
    }
    let name = prefix.trim_start_matches(['!', '/']);
    let is_negated = prefix.starts_with('!');
    let start = at - Span::of(0..name.len()).end;
    let range = read.range(Span::new(start, at));
    let mut entries = match name.rsplit_once('/') {
        Some((folder, _)) => below(text, line, effect, folder, is_negated),
        None => at_top(effect, is_negated),
    };
    entries.arrange_by_key(|entry| std::cmp::Reverse(entry.bytes));
    let fits = |entry: &Entry| entry.path.starts_with(name);
    let item = |(number, entry): (usize, Entry)| {
        let kind = if entry.is_folder { CompletionItemKind::Folder } else { CompletionItemKind::File };
        let label = sanitize(&entry.path).into_owned();
        CompletionItem {
            kind: Some(kind),
            detail: entry.bytes.map(format_bytes),
            // Clients sort by label otherwise.
            sort_text: Some(format!("{number:04}")),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: label.clone() })),
            label,
            ..CompletionItem::default()
        }
    };
    entries.into_iter().filter(fits).enumerate().map(item).collect()
}

/// Something that a line could name.
struct Entry {
    path: String,
    is_folder: bool,
    /// `None` for a folder that was not measured.
    bytes: Option<u64>,
}

/// A path as a pattern that matches it alone.
fn pattern(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn at_top(effect: &IgnoreEffect, is_negated: bool) -> Vec<Entry> {
    let entry = |entry: &TopEntry| {
        let tally = if is_negated { &entry.excluded } else { &entry.kept };
        let bytes = Some(tally.bytes).filter(|_| !(is_negated && entry.skipped));
        (tally.files > 0 || is_negated && entry.skipped).then(|| Entry {
            path: pattern(&entry.name),
            is_folder: entry.folder,
            bytes,
        })
    };
    effect.scan.per_top.iter().filter_map(entry).collect()
}

/// What lies in a folder, by the other lines: that of the place is not written yet.
fn below(text: &str, line: Span, effect: &IgnoreEffect, folder: &str, is_negated: bool) -> Vec<Entry> {
    let others = format!("{}{}", &text[..line.start as usize], &text[line.end as usize..]);
    let ignore = dockerignore::IgnoreFile::parse(&others);
    let plain = folder.replace('\\', "");
    let entries = engine::judged_entries(&effect.root, &ignore, &plain).into_iter();
    let entry = |entry: ContextEntry| Entry {
        path: format!("{folder}/{}", pattern(&entry.name)),
        bytes: (!entry.is_folder).then_some(entry.bytes),
        is_folder: entry.is_folder,
    };
    entries.filter(|(_, is_sent)| *is_sent != is_negated).map(|(found, _)| entry(found)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read as document;
    use super::*;
    use crate::context::Progress;
    use crate::workspace::{Overrides, Workspace};

    #[test]
    fn what_the_other_lines_keep_is_offered_in_any_folder() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("größe/a", 5), ("größe/앱/b", 9), ("größe/x[1].md", 7), ("c.md", 1)] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x".repeat(bytes)).unwrap();
        }
        let path = folder.path().join(".dockerignore");
        for (text, want) in [
            ("|", "größe c.md .dockerignore"),
            ("*.md\n|", "größe .dockerignore"),
            ("*.md\n!|", "c.md"),
            ("c|", "c.md"),
            ("größe/|", "größe/x\\[1].md größe/a größe/앱"),
            ("größe/|앱", "größe/x\\[1].md größe/a größe/앱"),
            ("größe/*.md\n/größe/|", "größe/a größe/앱"),
            ("größe/*.md\n!größe/|", "größe/x\\[1].md"),
            ("größe/앱/|", "größe/앱/b"),
            ("none/|", ""),
            ("# c|", ""),
        ] {
            let (before, after) = text.split_once('|').unwrap();
            let text = format!("{before}{after}");
            let mut workspace = Workspace::new(Overrides::default(), &mut Vec::new());
            std::fs::write(&path, "").unwrap();
            workspace.files_mut().open(path.clone(), 1, &*text);
            let effect = IgnoreEffect::of(&workspace.snapshot(), &path, &[], &Progress::default()).unwrap();
            let items = items(&document(&text), Span::of(0..before.len()).end, &effect);
            let labels: Vec<&str> = items.iter().map(|item| &*item.label).collect();
            let mut want: Vec<&str> = want.split_whitespace().collect();
            // What weighs nothing has no order of its own.
            let mut labels = labels;
            labels.sort_unstable();
            want.sort_unstable();
            assert_eq!(labels, want, "{text}");
        }
    }
}
