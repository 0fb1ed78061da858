//! Markdown, as a terminal shows it: headings, paragraphs and lists that fit its width, blocks of code as they are.

use std::io::{self, Write};

use super::Style;
use super::paint::{Ink, Paint, link, wrap};
use super::sanitize::sanitize;

/// Lines of prose are not longer than this: wider ones are hard to read.
const WIDEST: usize = 100;

/// Writes Markdown for people. A line of code is never broken, and nothing in it drives the terminal.
///
/// # Errors
/// Those of `out`.
pub fn write_prose(out: &mut dyn Write, text: &str, style: &Style) -> io::Result<()> {
    let mut page =
        Page { out, style, paint: Paint { color: style.color }, paragraph: String::new(), indent: 0 };
    let mut code = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if code => code = false,
            Some(info) => {
                page.end_paragraph()?;
                page.block(info)?;
                code = true;
            }
            None if code => page.code(line)?,
            None => page.line(line)?,
        }
    }
    page.end_paragraph()
}

struct Page<'o> {
    out: &'o mut dyn Write,
    style: &'o Style,
    paint: Paint,
    /// What was read of a paragraph or of an item of a list.
    paragraph: String,
    /// Where its further lines start.
    indent: usize,
}

impl Page<'_> {
    /// A line outside of code.
    fn line(&mut self, line: &str) -> io::Result<()> {
        let text = line.trim_start();
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) {
            self.end_paragraph()?;
            return writeln!(self.out, "{}", self.paint.ink(Ink::Bold, sanitize(title)));
        }
        if text.is_empty() {
            self.end_paragraph()?;
            return writeln!(self.out);
        }
        if text.starts_with('|') {
            self.end_paragraph()?;
            return writeln!(self.out, "{}", sanitize(line));
        }
        if text.starts_with("- ") || text.starts_with("* ") {
            self.end_paragraph()?;
            self.indent = line.len() - text.len() + 2;
            self.paragraph = line.to_owned();
            return Ok(());
        }
        if self.paragraph.is_empty() {
            self.indent = 0;
            self.paragraph = text.to_owned();
        } else {
            self.paragraph.push(' ');
            self.paragraph.push_str(text);
        }
        Ok(())
    }

    fn end_paragraph(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.paragraph);
        if text.is_empty() {
            return Ok(());
        }
        let text = self.inline(&sanitize(&text));
        let width = self.style.width.clamp(40, WIDEST);
        wrap(self.out, &text, self.indent, 0, width)
    }

    /// Links and bold words.
    fn inline(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['`', '[', '*']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let taken = match from.as_bytes().first() {
                Some(b'`') => between(from, "`", "`").map(|(whole, _)| (whole, whole.to_owned())),
                Some(b'[') => self.link(from),
                _ => between(from, "**", "**")
                    .map(|(whole, inner)| (whole, self.paint.ink(Ink::Bold, inner).to_string())),
            };
            match taken {
                Some((whole, shown)) => {
                    out.push_str(&shown);
                    rest = &from[whole.len()..];
                }
                None => {
                    let (first, after) = from.split_at(1);
                    out.push_str(first);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// `[text](address)`; the address is shown where the terminal makes no link of it.
    fn link<'t>(&self, text: &'t str) -> Option<(&'t str, String)> {
        let (name, after) = text.strip_prefix('[')?.split_once("](")?;
        let (address, _) = after.split_once(')')?;
        let whole = &text[..name.len() + address.len() + 4];
        let is_address = address.starts_with("https://") || address.starts_with("http://");
        Some(match (is_address, self.style.links) {
            (true, true) => (whole, link(name, Some(address))),
            (true, false) if name != address => (whole, format!("{name} ({address})")),
            _ => (whole, name.to_owned()),
        })
    }

    /// What stands above a block of code.
    fn block(&mut self, info: &str) -> io::Result<()> {
        let title = match info.split_whitespace().collect::<Vec<_>>().as_slice() {
            [.., "bad"] => "reported:",
            [.., "good"] => "not reported:",
            [.., "fixed"] => "after the fix:",
            ["tree"] => "with the files:",
            ["dockerignore"] => "with the ignore file:",
            ["config"] => "with the settings:",
            _ => return Ok(()),
        };
        writeln!(self.out, "  {}", self.paint.ink(Ink::Dim, title))
    }

    fn code(&mut self, line: &str) -> io::Result<()> {
        let clean = line.split('\t').map(sanitize).collect::<Vec<_>>().join("\t");
        // What carets point at is what the finding is about.
        let is_mark = line.trim_start_matches('#').trim_start().starts_with('^');
        match is_mark {
            true => writeln!(self.out, "    {}", self.paint.ink(Ink::Label, clean)),
            false => writeln!(self.out, "    {clean}"),
        }
    }
}

/// What stands between two marks, with them and without.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<(&'t str, &'t str)> {
    let inner = text.strip_prefix(open)?;
    let end = inner.find(close).filter(|end| *end > 0)?;
    Some((&text[..open.len() + end + close.len()], &inner[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, style: Style) -> String {
        let mut out = Vec::new();
        write_prose(&mut out, text, &style).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn pages_are_shown_as_text() {
        let text = "## Why\nSome words that\nare **longer** than the terminal is wide, in `code too`.\n\n- an item that goes on for a while, and on\n- a [page](https://example.com) and [another](docs/x.md)\n\n```dockerfile bad\nFROM a  AS  b\n#    ^ why\n```\n";
        let want = "Why\nSome words that are longer than the\nterminal is wide, in `code too`.\n\n- an item that goes on for a while, and\n  on\n- a page (https://example.com) and\n  another\n\n  reported:\n    FROM a  AS  b\n    #    ^ why\n";
        assert_eq!(shown(text, Style { width: 40, ..Style::default() }), want);
        let rich = shown(text, Style { width: 40, color: true, links: true, ..Style::default() });
        assert!(
            rich.contains("\u{1b}[1mWhy\u{1b}[0m")
                && rich.contains("\u{1b}]8;;https://example.com\u{1b}\\page")
        );
    }

    #[test]
    fn nothing_in_a_page_drives_the_terminal() {
        let text =
            "a\u{1b}[31m [x\u{1b}](https://e.com/\u{1b}\\) **\u{7}**\n```\nRUN \u{1b}c\n```\n[a](b `c **d\n";
        let style = Style { links: true, ..Style::default() };
        let plain = shown(text, style).replace("\u{1b}]8;;", "").replace("\u{1b}\\", "");
        assert!(!plain.contains(['\u{1b}', '\u{7}']), "{plain:?}");
        assert!(plain.ends_with("[a](b `c **d\n"), "{plain:?}");
    }
}
