//! The exec form: what it holds goes to the program as it is.

use crate::knowledge::{Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Model, ScriptKind, ScriptUse};
use crate::shell::Word;

/// What a shell would act on, as words of their own.
const OPERATORS: [&str; 10] = ["|", "||", "|&", "&&", ">", ">>", "2>", "2>&1", "&>", "1>&2"];

/// `shell-syntax-in-exec-form`.
pub fn shell_syntax(cx: &mut Cx<'_>) {
    let model = cx.model;
    for script in model.scripts.iter().filter(|s| s.exec) {
        let Some(word) = not_for_programs(model, script) else { continue };
        let text = word.static_prefix();
        let shown: String = text.chars().take(60).collect();
        let message = if OPERATORS.contains(&text) {
            format!("no shell runs the exec form, so the program gets `{shown}` as an argument")
        } else if text.contains('*') {
            format!("no shell runs the exec form, so `{shown}` is a file of that name, and no wildcard")
        } else {
            format!("no shell runs the exec form, so `{shown}` stays as it is, without the variable's value")
        };
        let help = "write the shell form, with `exec` before a program that has to receive signals";
        cx.report(cx.at(word.span, message).help(help));
    }
}

/// The first argument that only a shell could make sense of.
fn not_for_programs<'m>(model: &'m Model, script: &'m ScriptUse) -> Option<&'m Word> {
    // The script of `["sh", "-c", "…"]` is read as well, and stands in the words of the first command.
    let whole = script.script.commands.first()?;
    if script.script.lists.len() > 1 || script.script.opaque {
        return None;
    }
    let program = whole.program()?;
    let shell = program_is(program, Trait::Shell) || matches!(program, "su" | "busybox");
    let interpreter = whole.arguments().iter().any(|w| w.is("-c") || w.is("-e") || w.is("--eval"));
    if program_is(program, Trait::OwnLanguage) || interpreter {
        return None;
    }
    let is_operator = |w: &&Word| w.as_str().is_some_and(|text| OPERATORS.contains(&text));
    let operator = whole.arguments().iter().find(is_operator);
    if operator.is_some() || shell {
        return operator;
    }
    // These take names of files, and none of them reads a wildcard.
    let takes_files = matches!(program, "cat" | "chmod" | "chown" | "cp" | "ls" | "mv" | "rm" | "touch");
    let wildcard =
        |w: &&Word| w.as_str().is_some_and(|text| text.starts_with(['/', '.']) && text.contains('*'));
    // A script of the ENTRYPOINT may give them to a shell.
    let is_handed_on = script.kind == ScriptKind::Cmd
        && model.stage_of(script.step).is_some_and(|stage| model.entry(stage).entrypoint.is_some());
    if let Some(word) = whole.arguments().iter().find(wildcard).filter(|_| takes_files && !is_handed_on) {
        return Some(word);
    }
    let is_set = |name: &str| model.binding(script.step, name).is_some();
    whole.words.iter().find(|w| w.as_str().is_some_and(|text| variables(text).any(is_set)))
}

/// The names behind `$` and in `${…}`, in capital letters as environment variables have them.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(move |(at, _)| {
        let rest = text.get(at + 1..)?;
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let len =
            rest.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
        rest.get(..len).filter(|name| !name.is_empty())
    })
}
