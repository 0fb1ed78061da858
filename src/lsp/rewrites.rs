//! What can be written otherwise at a place, whether or not a rule asks for it: the choice is the user's.

use crate::syntax::{DirectiveKind, File, Instruction, Kind, SyntaxErrorKind};
use crate::text::{Arrange, Edit, Span};

use super::cursor;

/// How many empty lines are looked at around a place.
const MAX_LINES: usize = 1000;

/// A way to write something otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewrite {
    pub(super) title: String,
    pub(super) edits: Vec<Edit>,
}

/// The ways to write otherwise what `at` touches.
pub(super) fn rewrites(file: &File, at: Span) -> Vec<Rewrite> {
    let mut found = Vec::new();
    directives(file, at, &mut found);
    let first = file.instructions.partition_point(|i| i.span.end < at.start);
    let near = file.instructions.iter().skip(first).take_while(|i| i.first_keyword().start <= at.end);
    for instruction in near {
        casing(file, instruction, at, &mut found);
        flags(file, instruction, at, &mut found);
    }
    faults(file, at, &mut found);
    found.extend(empty_lines(file, at));
    found
}

fn touches(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Rewrite {
    Rewrite { title: title.into(), edits: vec![Edit::replace(span, text)] }
}

/// The name of a directive in small letters, an escape character that there is.
fn directives(file: &File, at: Span, found: &mut Vec<Rewrite>) {
    let text = file.text();
    let names = file.directives.iter().map(|directive| directive.name_span);
    let begun = cursor::begun_directive(file).map(|(_, span)| span);
    for span in names.chain(begun).filter(|span| touches(*span, at)) {
        let name = span.text(text);
        let lower = name.to_ascii_lowercase();
        if name != lower {
            found.push(replace(format!("Write the directive as `{lower}`"), span, lower));
        }
    }
    for directive in &file.directives {
        let is_wrong = directive.kind == DirectiveKind::Escape && directive.escape().is_none();
        if is_wrong && touches(directive.value_span, at) {
            for (name, character) in [("a backslash", "\\"), ("a backtick", "`")] {
                let title = format!("Make {name} the escape character");
                found.push(replace(title, directive.value_span, character));
            }
        }
    }
}

/// Keywords in capitals.
fn casing(file: &File, instruction: &Instruction, at: Span, found: &mut Vec<Rewrite>) {
    let own = Some(instruction.keyword_span).filter(|_| !matches!(instruction.kind, Kind::Unknown));
    let alias = match &instruction.kind {
        Kind::From(from) => from.alias.as_ref().map(|alias| alias.keyword),
        _ => None,
    };
    for span in [instruction.onbuild, own, alias].into_iter().flatten().filter(|span| touches(*span, at)) {
        let written = span.text(file.text());
        let upper = written.to_ascii_uppercase();
        if written != upper {
            // A continuation may cut it.
            let name: String = upper.chars().filter(char::is_ascii_uppercase).collect();
            found.push(replace(format!("Write `{name}` in capitals"), span, upper));
        }
    }
}

/// The flags that there are, in place of one that there is not.
fn flags(file: &File, instruction: &Instruction, at: Span, found: &mut Vec<Rewrite>) {
    let known: Vec<&str> = instruction.keyword.flags().collect();
    let mut offer = |span: Span, written: &str| {
        let mut names: Vec<&&str> = known.iter().filter(|name| **name != written).collect();
        names.arrange_by_key(|name| distance(written, name));
        found.extend(
            names.into_iter().map(|name| replace(format!("Write `--{name}`"), span, format!("--{name}"))),
        );
    };
    for flag in instruction.flags.iter().filter(|flag| flag.exact && touches(flag.name_span, at)) {
        if !known.contains(&&*flag.name) {
            offer(flag.name_span, &flag.name);
        }
    }
    // Two dashes alone end the flags.
    let dashes = word_at(file.text(), at.start).filter(|span| span.text(file.text()) == "--");
    if let Some(span) = dashes.filter(|span| span.start > instruction.keyword_span.end) {
        offer(span, "");
    }
}

/// The word that byte `at` is in, or at the end of.
fn word_at(text: &str, at: u32) -> Option<Span> {
    let (before, behind) = text.split_at_checked(at as usize)?;
    let start = before.rfind(char::is_whitespace).map_or(0, |end| end + 1);
    let len = behind.find(char::is_whitespace).unwrap_or(behind.len());
    text.is_char_boundary(start).then(|| Span::of(start..before.len() + len))
}

/// How far a flag is from the one that was written: those that begin alike come first.
fn distance(written: &str, name: &str) -> (usize, usize) {
    let alike = written.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    (usize::MAX - alike, name.len())
}

/// Arguments that are too many, words that were meant as `AS`.
fn faults(file: &File, at: Span, found: &mut Vec<Rewrite>) {
    for error in file.errors.iter().filter(|error| touches(error.span, at)) {
        match error.kind {
            SyntaxErrorKind::ExtraArgument => {
                found.push(replace("Remove what is too much", error.span, ""));
            }
            // A comment is none here, and yet meant as one.
            SyntaxErrorKind::InvalidAs if file.text()[error.span.start as usize..].starts_with('#') => {}
            SyntaxErrorKind::InvalidAs => found.push(replace("Write `AS`", error.span, "AS")),
            _ => {}
        }
    }
}

/// The empty lines inside of an instruction, at its end as well.
fn empty_lines(file: &File, at: Span) -> Option<Rewrite> {
    let text = file.text();
    let is_end = |c: char| c == '\n' || c == '\r';
    let start_of = |at: usize| text[..at].rfind(is_end).map_or(0, |end| end + 1);
    let behind = |start: usize| {
        let rest = &text[start..];
        let len = rest.find(is_end)?;
        Some(start + len + if rest[len..].starts_with("\r\n") { 2 } else { 1 })
    };
    let is_empty =
        |start: usize| text[start..].split(is_end).next().is_some_and(|line| line.trim().is_empty());
    let mut first = start_of(at.start as usize);
    if !is_empty(first) {
        return None;
    }
    let above = |start: usize| {
        let end = text[..start].strip_suffix("\r\n").or_else(|| text[..start].strip_suffix(is_end))?.len();
        Some(start_of(end))
    };
    let mut lines = 0;
    let (mut next, mut is_beside) = (first, true);
    let continued = loop {
        let start = above(next)?;
        let line = text[start..next].trim();
        lines += 1;
        match line.chars().next() {
            _ if lines >= MAX_LINES => return None,
            None if is_beside => first = start,
            None => {}
            // Comments within an instruction, and what stands between them, do not end it.
            Some('#') => is_beside = false,
            Some(_) => break line.ends_with(file.escape.char()).then_some(start)?,
        }
        next = start;
    };
    let step = file.instructions.partition_point(|i| Span::of(continued..continued).start >= i.span.end);
    let instruction = file.instructions.get(step).filter(|i| (i.first_keyword().start as usize) < first)?;
    let in_heredoc = instruction.heredocs.iter().any(|heredoc| heredoc.body.start as usize <= first);
    if in_heredoc {
        return None;
    }
    let mut end = first;
    while lines < MAX_LINES && is_empty(end) {
        lines += 1;
        match behind(end) {
            Some(next) => end = next,
            None => {
                end = text.len();
                break;
            }
        }
    }
    Some(replace("Remove the empty lines of the instruction", Span::of(first..end), ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::{Source, apply};

    /// What each rewrite makes of the text, where `|` stands.
    fn made(text: &str) -> Vec<String> {
        let (before, after) = text.split_once('|').unwrap();
        let text = format!("{before}{after}");
        let file = parse(Source::from_text("Dockerfile", &*text));
        let all = rewrites(&file, Span::at(Span::of(0..before.len()).end));
        let made = all.iter().map(|rewrite| apply(text.as_bytes(), &rewrite.edits).unwrap());
        made.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }

    #[test]
    fn what_is_written_can_be_written_otherwise() {
        for (text, want) in [
            ("# Esc|ape=`\nFROM a", vec!["# escape=`\nFROM a"]),
            ("#escape=|x\nFROM a", vec!["#escape=\\\nFROM a", "#escape=`\nFROM a"]),
            ("fro|m a as b", vec!["FROM a as b"]),
            ("from a a|s b", vec!["from a AS b"]),
            ("FROM a\non|build run b", vec!["FROM a\nONBUILD run b"]),
            ("fr\\\no|m a", vec!["FR\\\nOM a"]),
            ("FROM a\nSTOPSIGNAL 9 |c", vec!["FROM a\nSTOPSIGNAL 9 "]),
            ("FROM a |is b", vec!["FROM a AS b"]),
            ("FROM a\nRUN b \\\n|\n\n  c", vec!["FROM a\nRUN b \\\n  c"]),
            ("FROM a\nRUN b \\\r\n\r\n|", vec!["FROM a\nRUN b \\\r\n"]),
            ("FROM a\nRUN b \\\n # é\n|\n  c", vec!["FROM a\nRUN b \\\n # é\n  c"]),
            ("FROM a\nRUN b \\\r\n\r\n# é\r\n\r\n|\r\nc", vec!["FROM a\nRUN b \\\r\n\r\n# é\r\nc"]),
            ("#escape=`\nFROM a\nENV b=c `\n#\n#\n|\nd=e", vec!["#escape=`\nFROM a\nENV b=c `\n#\n#\nd=e"]),
            ("FROM a\n# b \\\n|\nRUN c", vec![]),
            ("FROM a\nRUN <<E\n# b \\\n|\nE", vec![]),
            ("FROM a\n|\nRUN b", vec![]),
            ("FROM a\nRUN <<E\nb \\\n|\nE", vec![]),
            ("FROM |a", vec![]),
        ] {
            assert_eq!(made(text), want, "{text}");
        }
    }

    #[test]
    fn flags_that_begin_alike_come_first() {
        let flags = |text: &str| -> Vec<String> {
            let all = made(text).into_iter();
            all.map(|text| text.split_once(" --").unwrap().1.split([' ', '=']).next().unwrap().to_owned())
                .collect()
        };
        assert_eq!(flags("FROM a\nCOPY --fr|=b c d")[0], "from");
        assert_eq!(flags("FROM a\nHEALTHCHECK --in|ter=1s CMD b")[0], "interval");
        assert_eq!(flags("FROM a\nHEALTHCHECK --|").len(), 5);
        assert_eq!(flags("FROM a\nCOPY --fr|om=b c d").len(), 0);
    }
}
