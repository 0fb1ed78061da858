use super::*;
use crate::text::Span;

mod generator;
mod grammar;
mod limits;
mod places;

mod structure;
mod words;

pub(super) fn bash(text: &str) -> Script {
    let script = parse(text, 0, Dialect::Bash);
    assert!(script.error.is_none(), "{text:?}: {:?}", script.error);
    assert!(!script.approximate);
    script
}

/// Each command as written.
pub(super) fn commands<'a>(script: &Script, text: &'a str) -> Vec<&'a str> {
    script.commands.iter().map(|command| command.span.text(text)).collect()
}

/// The words of a command as written.
pub(super) fn words<'a>(command: &Command, text: &'a str) -> Vec<&'a str> {
    command.words.iter().map(|word| word.text(text)).collect()
}

/// The values of the words of a command, none for those with expansions.
pub(super) fn values(command: &Command) -> Vec<Option<&str>> {
    command.words.iter().map(Word::as_str).collect()
}
