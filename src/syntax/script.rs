use crate::text::{Span, lines_with_ends, trim_end_of, trim_start};

use super::ast::{CommandForm, File, Instruction};
use super::logical::{Logical, LogicalBuilder};

/// The text of a shell script inside an instruction, as long as the source that it stands in.
///
/// What is no script is blanked: comment lines and empty lines inside continuations, carriage
/// returns, blanks behind a continuation character. So an offset into the text plus
/// [`ScriptText::base`] is an offset into the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptText {
    /// The blanked text.
    pub text: String,
    /// Where it starts in the file.
    pub base: u32,
    /// The program of a `#!` line, which runs it instead of the shell.
    pub interpreter: Option<Box<str>>,
}

impl Instruction {
    /// The script of a shell form: the arguments and, for a RUN, its here-documents.
    #[must_use]
    pub fn script(&self, file: &File, form: &CommandForm) -> Option<ScriptText> {
        let CommandForm::Shell(span) = form else { return None };
        if let [only] = &*self.heredocs
            && only.marker == *span
        {
            return Some(body(only.body, file.text()));
        }
        let mut text = blank(span.text(file.text()), file.escape.char());
        if let Some(last) = self.heredocs.last() {
            let end = last.terminator.unwrap_or(last.body).end;
            let rest = Span::new(span.end, end).text(file.text());
            push_without_returns(&mut text, rest);
        }
        Some(ScriptText { text, base: span.start, interpreter: None })
    }

    /// The script of a shell form to the letter as the shell gets it: continuations joined, comment
    /// lines inside them gone, here-documents behind it.
    #[must_use]
    pub fn joined_script(&self, file: &File, form: &CommandForm) -> Option<Logical> {
        let CommandForm::Shell(span) = form else { return None };
        let mut joined = LogicalBuilder::default();
        if let [only] = &*self.heredocs
            && only.marker == *span
        {
            let mut at = only.body.start as usize;
            for line in only.body.text(file.text()).split_inclusive('\n') {
                let kept = if only.chomp { line.trim_start_matches('\t') } else { line };
                joined.push(at + line.len() - kept.len(), kept);
                at += line.len();
            }
            return Some(joined.finish());
        }
        self.logical.pieces_from(span.start).for_each(|(at, piece)| joined.push(at, piece));
        for heredoc in &self.heredocs {
            // What BuildKit writes behind the line: a line ending, the body, the bare delimiter.
            let body = heredoc.body.range();
            joined.push(body.start.saturating_sub(1), "\n");
            joined.push(body.start, heredoc.body.text(file.text()));
            if let Some(end) = heredoc.terminator {
                joined.push(end.end as usize - heredoc.name.len(), &heredoc.name);
            }
        }
        Some(joined.finish())
    }
}

/// A here-document that is the whole script (BuildKit's `dispatchRun`).
fn body(span: Span, text: &str) -> ScriptText {
    let mut body = String::with_capacity(span.len() as usize);
    push_without_returns(&mut body, span.text(text));
    let text = body;
    let interpreter = interpreter(&text).map(Into::into);
    ScriptText { text, base: span.start, interpreter }
}

/// Adds `text` with blanks in place of carriage returns.
fn push_without_returns(out: &mut String, text: &str) {
    for (number, piece) in text.split('\r').enumerate() {
        if number > 0 {
            out.push(' ');
        }
        out.push_str(piece);
    }
}

/// The program that the `#!` line of a script names.
#[must_use]
pub fn interpreter(script: &str) -> Option<&str> {
    named_program(script.strip_prefix("#!")?.lines().next()?)
}

/// The program that a line names after its `#!`: `/bin/sh`, or `bash` for `/usr/bin/env -S A=b bash -e`.
#[must_use]
pub fn named_program(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let program = words.next()?;
    if program.rsplit('/').next() != Some("env") {
        return Some(program);
    }
    words.find(|word| !word.starts_with('-') && !word.contains('=')).or(Some(program))
}

/// Blanks what BuildKit removes before the shell sees the script; the length stays.
fn blank(source: &str, escape: char) -> String {
    let mut out = String::with_capacity(source.len());
    let mut first = true;
    let mut continued = false;
    for line in lines_with_ends(source) {
        let body = trim_end_of(line, b"\r\n");
        let ending = line.len() - body.len();
        let is_dropped = |trimmed: &str| trimmed.starts_with('#') || trimmed.is_empty();
        let dropped = !first && continued && is_dropped(trim_start(body));
        first = false;
        if dropped {
            blanks(&mut out, body.len());
            join(&mut out, ending);
            continue;
        }
        let kept = trim_end_of(body, b" \t");
        continued = ending > 0 && kept.ends_with(escape);
        if continued {
            let kept = &kept[..kept.len() - escape.len_utf8()];
            out.push_str(kept);
            // The blanks behind the escape character move in front of it. At the very end of the
            // line the escape character stands right before LF.
            blanks(&mut out, body.len() - kept.len() - 1 + ending.saturating_sub(1));
            out.push_str("\\\n");
        } else {
            out.push_str(body);
            blanks(&mut out, ending);
        }
    }
    if memchr::memchr(b'#', out.as_bytes()).is_some() {
        cut_comment(&mut out);
    }
    out
}

/// A line ending of `ending` bytes inside a continuation, where nothing must be added or removed.
fn join(out: &mut String, ending: usize) {
    match ending {
        0 => {}
        1 if out.ends_with(' ') => {
            out.pop();
            out.push_str("\\\n");
        }
        n => blanks(out, n),
    }
}

/// Adds so many blanks, which are few but for comment lines.
fn blanks(out: &mut String, mut count: usize) {
    const MANY: &str = "                                                                ";
    while let Some(piece) = MANY.get(..count.min(MANY.len())).filter(|piece| !piece.is_empty()) {
        out.push_str(piece);
        count -= piece.len();
    }
}

/// BuildKit joins the lines, so a shell comment reaches to the end of the script, over what were
/// continued lines.
fn cut_comment(text: &mut String) {
    if let Some(at) = comment_start(text) {
        let tail = text.len() - at;
        text.truncate(at);
        text.extend(std::iter::repeat_n(' ', tail));
    }
}

/// What a `#` takes from the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOff {
    /// The comment, to the end of its line.
    pub comment: Span,
    /// The lines behind it, which were continued and are a part of the comment now.
    pub lost: Span,
}

impl Instruction {
    /// What a comment at the end of a continued line keeps a shell form from running.
    #[must_use]
    pub fn cut_off(&self, form: &CommandForm) -> Option<CutOff> {
        let CommandForm::Shell(_) = form else { return None };
        let text = self.arguments_text();
        if self.logical.is_contiguous() || !text.contains('#') {
            return None;
        }
        let at = self.arguments_at + comment_start(text)?;
        let join = self.logical.next_join(at)?;
        let all = self.logical.text();
        let lost = all.get(join..)?;
        let start = join + lost.len() - lost.trim_start().len();
        let end = at + all.get(at..join)?.trim_end().len();
        (start < all.len()).then(|| CutOff {
            comment: self.logical.span(at..end),
            lost: self.logical.span(start..all.len()),
        })
    }
}

/// The last `#` that may start a comment, by the byte before it: most scripts have none.
fn last_mark(bytes: &[u8]) -> Option<usize> {
    let may_follow = |b: &u8| *b <= b' ' || !b.is_ascii() || matches!(b, b';' | b'&' | b'|' | b'(');
    let before = |at: usize| at.checked_sub(1).and_then(|i| bytes.get(i));
    memchr::memrchr_iter(b'#', bytes).find(|at| before(*at).is_none_or(may_follow))
}

/// Where a comment starts in a script whose lines are joined.
fn comment_start(text: &str) -> Option<usize> {
    let text = text.get(..=last_mark(text.as_bytes())?)?;
    // What is open: `"`, the `(` of a subshell or substitution, the `{` of an expansion.
    let mut open: Vec<char> = Vec::new();
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = open.last().copied();
        match (inside, c) {
            (_, '\\') => {
                before = chars.next().map_or(c, |(_, c)| if c == '\n' { before } else { c });
                continue;
            }
            (Some('"'), '"') | (Some('('), ')') | (Some('{'), '}') => {
                open.pop();
            }
            (_, '$') if matches!(chars.peek(), Some((_, '(' | '{'))) => {
                open.extend(chars.next().map(|(_, bracket)| bracket));
                // A comment may start behind `$(`, and none behind `${`.
                before = if open.last() == Some(&'(') { ' ' } else { c };
                continue;
            }
            (Some('"'), _) => {}
            (_, '\'') => {
                let escapes = before == '$';
                while let Some((_, c)) = chars.next().filter(|(_, c)| *c != '\'') {
                    if escapes && c == '\\' {
                        chars.next();
                    }
                }
            }
            (_, '"') => open.push(c),
            (Some('{'), _) => {}
            (_, '(') => open.push(c),
            (_, '#') if before.is_whitespace() || matches!(before, ';' | '&' | '|' | '(') => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Kind, parse};
    use crate::text::Source;

    /// The joined script of the first RUN, and each of its bytes in the file.
    fn joined(text: &str) -> String {
        let file = parse(Source::from_text("Dockerfile", text));
        let run = &file.instructions[0];
        let Kind::Run(form) = &run.kind else { panic!("{text}") };
        let script = run.joined_script(&file, form).unwrap();
        for (at, byte) in script.text().bytes().enumerate() {
            let span = script.span(at..at + 1);
            assert_eq!(text.as_bytes()[span.range()], [byte], "{text:?} {at}");
        }
        script.text().to_owned()
    }

    #[test]
    fn the_shell_gets_joined_lines_and_here_documents() {
        for (source, want) in [
            ("RUN  a \\\n  && b\n", "a   && b"),
            ("ONBUILD RUN --mount=type=ssh a\\  \r\n# why\r\n\r\n b # x\r\n", "a b # x"),
            ("RUN 'a\\\nb'\n", "'ab'"),
            ("RUN <<E\na \\\n b\r\n# c\nE\n", "a \\\n b\r\n# c\n"),
            ("RUN <<-E\n\ta\n\t\tb\n\tE\n", "a\nb\n"),
            ("RUN cat <<A <<-B && \\\n c\n1\nA\n\t2\n\tB\n", "cat <<A <<-B &&  c\n1\nA\n\t2\nB"),
            ("RUN <<E\n", ""),
            ("RUN cat <<E\nx", "cat <<E\nx"),
        ] {
            assert_eq!(joined(source), want, "{source:?}");
        }
    }

    #[test]
    fn the_length_stays_and_lines_join() {
        for (source, want) in [
            ("a \\\n  && b", "a \\\n  && b"),
            ("a \\  \n b", "a   \\\n b"),
            ("a \\\r\n b", "a  \\\n b"),
            ("a \\\n# why\n b", "a \\\n    \\\n b"),
            ("a \\\n\n b", "a \\\n  b"),
            ("a \\\n  # why\r\n b", "a \\\n          b"),
            ("a # x \\\n b", "a         "),
            ("echo '# x' \\\n b", "echo '# x' \\\n b"),
        ] {
            let got = blank(source, '\\');
            assert_eq!(got, want, "{source:?}");
            assert_eq!(got.len(), source.len(), "{source:?}");
        }
        assert_eq!(blank("a `\n b", '`'), "a \\\n b");
    }

    #[test]
    fn comments_start_outside_of_quotes_and_expansions() {
        for (text, want) in [
            ("a # b", Some(2)),
            ("a#b '#' \"# \" \\# $# ${#a} ${a# b} $'it\\'s # x'", None),
            ("x=\"$(echo \"a # b\")\" # c", Some(20)),
            ("(a; # b", Some(4)),
            ("x=$(# b", Some(4)),
            ("echo $(( 16#ff )) \"${a:-\"x # y\"}\"", None),
            ("# a", Some(0)),
            ("a # b # c#d", Some(2)),
            ("a \"# b\" \\\n# c", Some(10)),
            ("é\u{a0}# c", Some(4)),
        ] {
            assert_eq!(comment_start(text), want, "{text}");
        }
    }
}
