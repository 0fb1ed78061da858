//! HTML, written so that it is well-formed and that no text of the input is markup.

use super::super::xml::escape;

/// Elements that have no end tag.
const VOID: [&str; 2] = ["meta", "wbr"];

/// A document in the making. Text and the values of attributes are escaped, and hidden characters shown as
/// escapes; names of elements and attributes are dlint's own.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// An element with what `inside` writes.
    pub(super) fn nest(
        &mut self,
        name: &'static str,
        attrs: &[(&'static str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        if self.open(name, attrs) {
            inside(self);
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// The start of an element; false if it has no end.
    fn open(&mut self, name: &'static str, attrs: &[(&'static str, &str)]) -> bool {
        self.out.push('<');
        self.out.push_str(name);
        for (attr, value) in attrs {
            self.out.push(' ');
            self.out.push_str(attr);
            if !value.is_empty() {
                self.out.push_str("=\"");
                self.out.push_str(&escape(value));
                self.out.push('"');
            }
        }
        self.out.push('>');
        !VOID.contains(&name)
    }

    /// An element with text.
    pub(super) fn el(&mut self, name: &'static str, attrs: &[(&'static str, &str)], text: &str) {
        self.nest(name, attrs, |h| h.text(text));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.push_str(&escape(text));
    }

    /// Text in which the ends of lines stay.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => {
                    self.text(line);
                    self.line();
                }
                None => self.text(line),
            }
        }
    }

    /// A path, which may be broken behind its slashes.
    pub(super) fn path(&mut self, path: &str) {
        for part in path.split_inclusive('/') {
            self.text(part);
            self.nest("wbr", &[], |_| {});
        }
    }

    /// A message, in which what stands between backticks is code.
    pub(super) fn prose(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('`')
            && let Some((code, after)) = after.split_once('`')
        {
            self.text(before);
            self.el("code", &[], code);
            rest = after;
        }
        self.text(rest);
    }

    /// What dlint wrote itself: style and script.
    pub(super) fn own(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// Starts a line, so that the source can be read.
    pub(super) fn line(&mut self) {
        self.out.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}
