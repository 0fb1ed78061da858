//! Scripts within scripts: `sh -c '…'`, `sh <<EOF`, and substitutions that must be parsed on their own.

use std::collections::VecDeque;

use super::Script;
use super::command::{Command, ListKind, RedirectKind};
use super::lower::{Pending, Root};
use super::origin::{Origin, Where};
use super::word::Word;
use super::wrappers::{ShellInput, shell_input};
use crate::text::Span;

/// Texts within texts are parsed to this depth; each byte is thus parsed at most so many times plus one.
const MAX_DEPTH: usize = 4;

struct Job {
    text: String,
    place: Where,
    root: Root,
    depth: usize,
}

/// Parses `origin` and all scripts in it, breadth first: no recursion.
pub(super) fn parse_all(script: &mut Script, origin: Origin<'_>, root: Root) {
    let mut jobs = VecDeque::new();
    run(script, origin, root, 0, &mut jobs);
    while let Some(job) = jobs.pop_front() {
        run(script, Origin { text: &job.text, place: job.place }, job.root, job.depth, &mut jobs);
    }
}

fn run(script: &mut Script, origin: Origin<'_>, root: Root, depth: usize, jobs: &mut VecDeque<Job>) {
    let first = script.commands.len();
    let mut pending = Vec::new();
    script.add(origin, root, &mut pending);
    if depth >= MAX_DEPTH {
        return;
    }
    for Pending { start, end, escaped, root } in pending {
        let Some(inner) = origin.part(start, end) else { continue };
        let (text, place) = if escaped {
            let text = unescape(inner.text, |c| matches!(c, '$' | '`' | '\\'));
            (text, Where::Within(origin.span(start, end)))
        } else {
            (inner.text.to_owned(), inner.place)
        };
        jobs.push_back(Job { text, place, root, depth: depth + 1 });
    }
    for index in first..script.commands.len() {
        let Some(command) = script.commands.get(index) else { break };
        let Some((text, place)) = shell_string(command, origin) else { continue };
        let root =
            Root { kind: ListKind::ShellString, place: Some(command.place.clone()), owner: Some(index) };
        jobs.push_back(Job { text, place, root, depth: depth + 1 });
    }
}

/// The script that `command` hands to a shell.
fn shell_string(command: &Command, origin: Origin<'_>) -> Option<(String, Where)> {
    let words = command.words.get(command.effective.name_index..)?;
    match shell_input(words)? {
        ShellInput::Word(at) => literal_script(words.get(at)?, origin),
        ShellInput::Stdin => {
            let doc = command.redirects.iter().rev().find(|redirect| match redirect.kind {
                RedirectKind::HereDoc => matches!(redirect.fd, None | Some(0)),
                _ => false,
            })?;
            // In an unquoted one the outer shell expands first; the structure is as written.
            let (start, end) = offsets(doc.heredoc_body?, origin)?;
            let inner = origin.part(start, end)?;
            Some((inner.text.to_owned(), inner.place))
        }
    }
}

/// The script in a word: as written if it is one literal without escapes, else with the place of the word.
fn literal_script(word: &Word, origin: Origin<'_>) -> Option<(String, Where)> {
    if let Some((start, end)) = offsets(word.span, origin)
        && let Some(raw) = origin.text.get(start..end)
    {
        let quote = raw.chars().next().filter(|c| matches!(c, '\'' | '"'));
        if let Some(quote) = quote
            && raw.len() >= 2
            && let Some(content) = raw.get(1..raw.len() - 1)
            && raw.ends_with(quote)
            && !(quote == '\'' && content.contains('\''))
        {
            let escaped = quote == '"' && has_escape(content);
            let whole = quote == '\'' || !has_bare_quote(content);
            if whole && !escaped {
                let inner = origin.part(start + 1, end - 1)?;
                return Some((inner.text.to_owned(), inner.place));
            }
            if whole {
                let text = unescape(content, |c| matches!(c, '$' | '`' | '"' | '\\'));
                return Some((text, Where::Within(word.span)));
            }
        }
    }
    word.as_str().map(|value| (value.to_owned(), Where::Within(word.span)))
}

/// The offsets of a span in the text of `origin`.
fn offsets(span: Span, origin: Origin<'_>) -> Option<(usize, usize)> {
    match origin.place {
        Where::At(base) => {
            Some((span.start.checked_sub(base)? as usize, span.end.checked_sub(base)? as usize))
        }
        Where::Within(_) => None,
    }
}

fn has_escape(content: &str) -> bool {
    content.as_bytes().windows(2).any(|pair| matches!(pair, [b'\\', b'$' | b'`' | b'"' | b'\\']))
}

/// True if a double quote without a backslash is in `content`, so that it is not one string.
fn has_bare_quote(content: &str) -> bool {
    let mut escaped = false;
    content.bytes().any(|byte| {
        let bare = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        bare
    })
}

/// Removes the backslashes before characters that `quotes` names.
fn unescape(text: &str, quotes: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next) if c == '\\' && quotes(next) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
