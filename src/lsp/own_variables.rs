//! Variables that scripts set themselves, by the tree of the shell.

use crate::shell::{Command, Script};
use crate::text::Span;

use super::document::Read;

/// Commands that set, read or drop the variables that their arguments name.
const SETTERS: [&str; 8] = ["declare", "export", "local", "printenv", "read", "readonly", "typeset", "unset"];

/// Commands whose arguments `NAME=value` are variables of another command.
const GIVERS: [&str; 3] = ["env", "sudo", "xargs"];

/// A place where a script sets a variable itself.
pub(super) struct OwnSetting {
    pub(super) at: u32,
    /// True if it holds for the commands behind.
    pub(super) lasts: bool,
}

/// Where the scripts of an instruction set a variable themselves, or mean another one by its name.
pub(super) fn own_settings(read: &Read, step: usize, name: &str) -> Vec<OwnSetting> {
    let model = read.model();
    let mut found = Vec::new();
    let first = model.scripts.partition_point(|script| script.step < step);
    for script in model.scripts.iter().skip(first).take_while(|script| script.step == step) {
        let Some(instruction) = read.file.instructions.get(step) else { continue };
        let script = &script.script;
        if script.opaque {
            continue;
        }
        for command in &script.commands {
            found.extend(of_command(command, name));
        }
        found.extend(of_words(read, instruction.span, script, name));
    }
    found
}

fn of_command(command: &Command, name: &str) -> Option<OwnSetting> {
    let at = command.span.start;
    if command.assignments.iter().any(|assignment| *assignment.name == *name) {
        // In front of a command it is a variable of that alone.
        return Some(OwnSetting { at, lasts: command.words.is_empty() });
    }
    let is_giver = command.words.first().and_then(|word| word.as_str()).is_some_and(|w| GIVERS.contains(&w));
    let gives = |word: &str| word.split_once('=').is_some_and(|(given, _)| given == name);
    if is_giver && command.words.iter().any(|word| gives(word.static_prefix())) {
        return Some(OwnSetting { at, lasts: false });
    }
    let program = command.program()?;
    let mut arguments = command.arguments().iter().map(|word| word.static_prefix());
    let is_it =
        |word: &str| word.split_once('=').map_or(word, |(name, _)| name).trim_end_matches('+') == name;
    let has_v = || command.arguments().iter().any(|word| word.static_prefix() == "-v");
    match program {
        _ if SETTERS.contains(&program) => arguments.any(is_it).then_some(OwnSetting { at, lasts: true }),
        "printf" | "[" | "[[" | "test" if has_v() => {
            arguments.any(is_it).then_some(OwnSetting { at, lasts: program == "printf" })
        }
        "getopts" | "mapfile" | "readarray" | "let" => {
            arguments.any(is_it).then_some(OwnSetting { at, lasts: true })
        }
        _ => None,
    }
}

/// The variables of loops, and what arithmetic sets, are no commands: they stand between those.
fn of_words(read: &Read, within: Span, script: &Script, name: &str) -> Vec<OwnSetting> {
    let text = within.text(read.text());
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if before.ends_with(is_part) || after.starts_with(is_part) || before.ends_with(['$', '{', '-']) {
            continue;
        }
        let at = within.start + Span::of(0..at).end;
        let left = before.trim_end_matches([' ', '\t', '\\', '\n', '\r']);
        let is_loop = left.strip_suffix("for").or_else(|| left.strip_suffix("select"));
        let is_loop = left.len() < before.len() && is_loop.is_some_and(|left| !left.ends_with(is_part));
        let in_command = || script.commands.iter().any(|command| command.span.contains(Span::at(at)));
        if is_inside(before, "((", "))") && is_assigned(left, after) || is_loop && !in_command() {
            found.push(OwnSetting { at, lasts: true });
        }
    }
    found
}

/// How far back the start of a calculation or a test is looked for.
const MAX_INSIDE: usize = 256;

/// True if the end of a text stands between two marks.
pub(super) fn is_inside(text: &str, opens: &str, closes: &str) -> bool {
    let start = text.floor_char_boundary(text.len().saturating_sub(MAX_INSIDE));
    let near = &text[start..];
    near.rfind(opens).is_some_and(|open| near.rfind(closes).is_none_or(|close| close < open))
}

/// True if a calculation sets the name between two texts.
fn is_assigned(before: &str, after: &str) -> bool {
    let after = after.trim_start();
    let steps = |text: &str| text.starts_with("++") || text.starts_with("--");
    let operator = after.trim_start_matches(['+', '-', '*', '/', '%', '&', '|', '^', '<', '>']);
    let is_comparison = matches!(&after[..after.len() - operator.len()], "<" | ">");
    let sets = operator.starts_with('=') && !operator.starts_with("==") && !is_comparison;
    sets || steps(after) || before.ends_with("++") || before.ends_with("--")
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    #[test]
    fn scripts_set_variables_in_many_ways() {
        for (script, want) in [
            ("V=1 && echo $V", Some(true)),
            ("V=1 x", Some(false)),
            ("export A=2 V=3", Some(true)),
            ("unset V", Some(true)),
            ("read -r A V", Some(true)),
            ("for V in a b; do echo $V; done", Some(true)),
            ("for X in V; do echo $V; done", None),
            ("echo for V", None),
            ("x --define V=1", None),
            ("echo V=1", None),
            ("env V=1 x", Some(false)),
            ("printf -v V x", Some(true)),
            ("[ -v V ]", Some(false)),
            ("((V++))", Some(true)),
            ("echo $((X + (V += 2)))", Some(true)),
            ("echo $((V=1))", Some(true)),
            ("echo $((V+1)) $((V == 1)) $((V <= 1)) $((X=V))", None),
            ("V+=x", Some(true)),
            ("echo \"V=1\" $V", None),
        ] {
            let read = read(&format!("FROM a\nRUN {script}\n"));
            let found = own_settings(&read, 1, "V");
            assert_eq!(found.first().map(|own| own.lasts), want, "{script}");
        }
    }
}
