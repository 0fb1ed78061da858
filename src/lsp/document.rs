//! A document that is open in the editor.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::syntax::File;
use crate::text::Span;

use super::place::{Encoding, Lines};
use super::protocol::{Change, Position, Range, TextEdit, Uri};
use super::uri;

/// An open document as the client has it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) uri: Uri,
    /// What it is called in the workspace.
    pub(super) path: PathBuf,
    pub(super) version: i32,
    text: String,
    lines: Arc<Lines>,
    encoding: Encoding,
    /// True if the workspace has an older text.
    pub(super) changed: bool,
}

impl Document {
    pub(super) fn new(uri: Uri, version: i32, text: String, encoding: Encoding) -> Self {
        let lines = Arc::new(Lines::new(&text, encoding));
        Self { path: uri::path(&uri), uri, version, text, lines, encoding, changed: true }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Makes changes one after the other; each is about the text that the one before left.
    pub(super) fn change(&mut self, version: i32, changes: Vec<Change>) {
        for Change { range, text } in changes {
            match range {
                Some(range) => {
                    let span = self.lines.span(&self.text, range);
                    self.text.replace_range(span.range(), &text);
                }
                None => self.text = text,
            }
            self.lines = Arc::new(Lines::new(&self.text, self.encoding));
        }
        self.version = version;
        self.changed = true;
    }

    /// The document with its tree.
    pub(super) fn read(&self, file: Arc<File>) -> Read {
        Read { uri: self.uri.clone(), path: self.path.clone(), file, lines: Arc::clone(&self.lines) }
    }
}

/// A document that was parsed.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) uri: Uri,
    path: PathBuf,
    pub(super) file: Arc<File>,
    lines: Arc<Lines>,
}

impl Read {
    pub(super) fn text(&self) -> &str {
        self.file.text()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The place of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        self.lines.range(self.text(), span)
    }

    /// The bytes of a range.
    pub(super) fn span(&self, range: Range) -> Span {
        self.lines.span(self.text(), range)
    }

    /// The byte at a place.
    pub(super) fn offset(&self, position: Position) -> u32 {
        self.lines.offset(self.text(), position)
    }

    /// An edit of the library as one of the protocol.
    pub(super) fn edit(&self, edit: &crate::text::Edit) -> TextEdit {
        TextEdit { range: self.range(edit.span), new_text: edit.text.clone() }
    }

    /// The edit that makes `after` of the text: from the first byte that differs to the last.
    pub(super) fn edit_to(&self, after: &str) -> TextEdit {
        let before = self.text();
        let same = |(a, b): &((usize, char), char)| a.1 == *b;
        let head: usize =
            before.char_indices().zip(after.chars()).take_while(same).map(|(a, _)| a.1.len_utf8()).sum();
        let (rest, new) = (&before[head..], &after[head..]);
        let tails = rest.chars().rev().zip(new.chars().rev());
        let tail: usize = tails.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let span = Span::of(head..before.len() - tail);
        TextEdit { range: self.range(span), new_text: new[..new.len() - tail].to_owned() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    /// A document with this text.
    pub(in crate::lsp) fn read(text: &str) -> Read {
        let uri = Uri("file:///app/Dockerfile".to_owned());
        let document = Document::new(uri, 1, text.to_owned(), Encoding::Utf16);
        document.read(Arc::new(parse(Source::from_text("Dockerfile", text))))
    }

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn each_change_is_about_the_text_that_the_one_before_left() {
        let mut document = Document::new(Uri(String::new()), 1, "a𝒳b\nc".to_owned(), Encoding::Utf16);
        let change =
            |start, end, text: &str| Change { range: Some(Range { start, end }), text: text.to_owned() };
        document.change(
            2,
            vec![
                change(at(0, 3), at(0, 4), "소\r\nd"),
                change(at(1, 1), at(2, 1), "!"),
                change(at(0, 4), at(1, 0), ""),
            ],
        );
        assert_eq!((document.text(), document.version), ("a𝒳소d!", 2));
        let whole = Change { range: None, text: "x\ny".to_owned() };
        document.change(3, vec![whole, change(at(1, 0), at(1, 1), "z")]);
        assert_eq!(document.text(), "x\nz");
        document.change(4, vec![change(at(7, 7), at(9, 9), "end")]);
        assert_eq!(document.text(), "x\nzend");
    }

    #[test]
    fn the_edit_to_another_text_is_small() {
        for (before, after, want) in [
            ("FROM a\nRUN x\n", "FROM a\nRUN y\n", "y"),
            ("a", "a", ""),
            ("aa", "aaa", "a"),
            ("소b", "수b", "수"),
        ] {
            let edit = read(before).edit_to(after);
            assert_eq!(edit.new_text, want, "{before}");
        }
    }
}
