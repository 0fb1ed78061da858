//! A document that is open in the editor.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::semantic::Model;
use crate::syntax::File;
use crate::text::Span;

use super::names::Names;
use super::place::{Encoding, Lines};
use super::protocol::{Change, Position, Range, TextEdit, Uri};
use super::uri;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Dockerfile,
    /// The patterns of files that stay out of a build context.
    Ignorefile,
    /// dlint's own configuration, or one of hadolint's.
    Configuration,
    /// What starts builds, such as a Compose file.
    Entry,
}

/// An open document as the client has it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) uri: Uri,
    pub(super) language: Language,
    /// What it is called in the workspace.
    pub(super) path: PathBuf,
    pub(super) version: i32,
    text: String,
    lines: Arc<Lines>,
    encoding: Encoding,
    /// How often the text, or what counts for it, has changed.
    pub(super) revision: u64,
    /// The text as a tree, once it was asked for.
    parsed: Option<Read>,
}

impl Document {
    pub(super) fn new(uri: Uri, language: Language, version: i32, text: String, encoding: Encoding) -> Self {
        let lines = Arc::new(Lines::new(&text, encoding));
        Self {
            path: uri::path(&uri),
            uri,
            language,
            version,
            text,
            lines,
            encoding,
            revision: 0,
            parsed: None,
        }
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
        self.forget();
    }

    /// The place of a span, for a document that is not read as a Dockerfile.
    pub(super) fn range(&self, span: Span) -> Range {
        self.lines.range(&self.text, span)
    }

    /// The byte at a place, for the same.
    pub(super) fn offset(&self, position: Position) -> u32 {
        self.lines.offset(&self.text, position)
    }

    /// Something else than the text has changed that counts for it.
    pub(super) fn counts_anew(&mut self) {
        self.revision += 1;
    }

    /// What is known of the text does not hold any more.
    pub(super) fn forget(&mut self) {
        self.revision += 1;
        self.parsed = None;
    }

    /// The document with its tree, which `parse` makes of a text that was not read yet.
    pub(super) fn read<E>(&mut self, parse: impl FnOnce(&Self) -> Result<Arc<File>, E>) -> Result<Read, E> {
        if let Some(read) = &self.parsed {
            return Ok(read.clone());
        }
        let (file, facts) = (parse(self)?, Arc::default());
        let (uri, path, lines) = (self.uri.clone(), self.path.clone(), Arc::clone(&self.lines));
        Ok(self.parsed.insert(Read { uri, path, file, lines, facts }).clone())
    }
}

/// A document that was parsed.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) uri: Uri,
    path: PathBuf,
    pub(super) file: Arc<File>,
    lines: Arc<Lines>,
    facts: Arc<Facts>,
}

/// What is worked out of a text when it is first asked for.
#[derive(Debug, Default)]
struct Facts {
    model: OnceLock<Arc<Model>>,
    names: OnceLock<Names>,
}

impl Read {
    /// What the text means, without a build context.
    pub(super) fn model(&self) -> &Arc<Model> {
        self.facts.model.get_or_init(|| Arc::new(Model::new(Arc::clone(&self.file))))
    }

    /// What it names.
    pub(super) fn names(&self) -> &Names {
        self.facts.names.get_or_init(|| Names::of(&self.file))
    }

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
        let mut document = Document::new(uri, Language::Dockerfile, 1, text.to_owned(), Encoding::Utf16);
        let parse = |_: &Document| Ok::<_, ()>(Arc::new(parse(Source::from_text("Dockerfile", text))));
        document.read(parse).unwrap()
    }

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn each_change_is_about_the_text_that_the_one_before_left() {
        let text = "a𝒳b\nc".to_owned();
        let mut document = Document::new(Uri(String::new()), Language::Dockerfile, 1, text, Encoding::Utf16);
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
