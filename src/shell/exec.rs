//! The exec form: a program and its arguments, without a shell.

use super::command::{Command, Effective, List, ListKind, Place, Within};
use super::lower::Root;
use super::nested;
use super::origin::{Origin, Where};
use super::parse::{Dialect, Script};
use super::word::Word;
use super::wrappers::{self, ShellInput, shell_input};
use crate::text::Span;

/// One command of fixed words, each given with its place, its value, and whether the value is just what
/// the place holds. Wrappers are peeled, and the script of `["sh", "-c", "…"]` is parsed.
pub fn exec<'a>(words: impl IntoIterator<Item = (Span, &'a str, bool)>) -> Script {
    let mut script = Script::new(Dialect::Posix);
    let words: Box<[Word]> =
        words.into_iter().map(|(span, value, exact)| Word::fixed(span, value, exact)).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return script };
    let span = first.span.to(last.span);
    script.lists.push(List {
        kind: ListKind::Script,
        span,
        place: None,
        owner: None,
        redirects: Box::default(),
        len: 1,
    });
    let effective: Effective = wrappers::peel(&words);
    let place = Place::start(0, span, Within::default());
    let inner = match words.get(effective.name_index..).and_then(shell_input) {
        Some(ShellInput::Word(at)) => words.get(effective.name_index + at).cloned(),
        _ => None,
    };
    script.commands.push(Command {
        span,
        assignments: Box::default(),
        words,
        redirects: Box::default(),
        place: place.clone(),
        effective,
    });
    if let Some(word) = inner {
        let place_of_text = if word.exact { Where::At(word.span.start) } else { Where::Within(word.span) };
        let origin = Origin { text: word.static_prefix(), place: place_of_text };
        let root = Root { kind: ListKind::ShellString, place: Some(place), owner: Some(0) };
        nested::parse_all(&mut script, origin, root);
        script.sort();
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exec_form_is_one_command_and_its_shell_string() {
        let text = r#"["/bin/sh", "-c", "echo $HOME && ls"]"#;
        let item = |word: &str| {
            let start = text.find(word).unwrap();
            (Span::of(start..start + word.len()), &text[start..start + word.len()], true)
        };
        let script = exec([item("/bin/sh"), item("-c"), item("echo $HOME && ls")]);
        let programs: Vec<_> = script.commands.iter().map(|c| c.program().unwrap()).collect();
        assert_eq!(programs, ["sh", "echo", "ls"]);
        assert_eq!(script.commands[2].span.text(text), "ls");
        assert!(exec([]).commands.is_empty());
    }

    #[test]
    fn dollars_stay_as_they_are() {
        let script = exec([(Span::new(2, 6), "echo", true), (Span::new(10, 15), "$HOME", true)]);
        assert_eq!(script.commands[0].words[1].as_str(), Some("$HOME"));
    }
}
