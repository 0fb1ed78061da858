use std::borrow::Cow;
use std::fmt::Write;

/// True for characters that a reader cannot see or that change how others are shown: control
/// characters, bidirectional controls (<https://www.unicode.org/reports/tr9/>), line and paragraph
/// separators, invisible formatting characters and tags.
pub(super) const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// True if the `#` at the start of `rest` is the second one of `##[`, `##vso[` or `##teamcity[`, which build services take
/// for a command wherever it stands in a line of the log.
pub(super) fn ends_command_mark(before: Option<char>, rest: &str) -> bool {
    before == Some('#') && ["#[", "#vso[", "#teamcity["].iter().any(|mark| rest.starts_with(mark))
}

/// `text` as one line that is safe to print: hidden characters become escapes like `\u{202e}`, and no
/// part of it is a command to a build log.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    for (at, c) in text.char_indices() {
        if is_hidden(c) {
            out.extend(c.escape_default());
        } else if ends_command_mark(before, text.get(at..).unwrap_or("")) {
            out.push_str("\\u{23}");
        } else {
            out.push(c);
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

/// A line of which a build service takes no part for a command; otherwise as it is. GitHub's looks behind blanks.
pub(super) fn without_commands(line: &str) -> Cow<'_, str> {
    let start = line.len() - line.trim_start().len();
    let is_command = |at: usize| at == start && line.get(at..).is_some_and(|rest| rest.starts_with("::"));
    if !is_command(start) && !line.contains("##") {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 16);
    let mut before = None;
    for (at, c) in line.char_indices() {
        match () {
            () if is_command(at) => out.push_str("\\u{3a}"),
            () if ends_command_mark(before, line.get(at..).unwrap_or("")) => out.push_str("\\u{23}"),
            () => out.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

/// A path for the start of a line. One that would start a workflow command gets a harmless `./`.
pub(super) fn path(path: &str) -> Cow<'_, str> {
    let clean = sanitize(path);
    if clean.trim_start().starts_with("::") { Cow::Owned(format!("./{clean}")) } else { clean }
}

/// The string as JSON escapes, for characters that a viewer should not get raw.
pub(super) fn json_escape(c: char) -> String {
    let mut units = [0; 2];
    let mut out = String::new();
    for unit in c.encode_utf16(&mut units) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        for (text, want) in [
            ("plain 소스 é", "plain 소스 é"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("x\u{202e}y\u{feff}", "x\\u{202e}y\\u{feff}"),
            ("a\r\nb\t", "a\\r\\nb\\t"),
            ("\u{2028}\u{200b}\u{85}", "\\u{2028}\\u{200b}\\u{85}"),
            ("x ##[add-mask]y", "x #\\u{23}[add-mask]y"),
            ("##vso[task]", "#\\u{23}vso[task]"),
            ("##teamcity[buildStop]", "#\\u{23}teamcity[buildStop]"),
            ("###[x", "##\\u{23}[x"),
            ("## heading", "## heading"),
        ] {
            assert_eq!(sanitize(text), want, "{text:?}");
        }
        for (line, want) in [
            (" ::error::x\n", " \\u{3a}:error::x\n"),
            ("\u{3000}\t::error::x", "\u{3000}\t\\u{3a}:error::x"),
            ("+::error::x", "+::error::x"),
            (" a::b # ##[x ##vso[y]", " a::b # #\\u{23}[x #\\u{23}vso[y]"),
            (" ## heading\t", " ## heading\t"),
        ] {
            assert_eq!(without_commands(line), want);
        }
        assert_eq!(path("::error::x"), "./::error::x");
        assert_eq!(path(" ::error::x"), "./ ::error::x");
        assert_eq!(json_escape('\u{202e}'), "\\u202e");
        assert_eq!(json_escape('\u{e0001}'), "\\udb40\\udc01");
    }
}
