//! The exec form: what it holds goes to the program as it is.

use crate::knowledge::{Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Model, ScriptKind, ScriptUse, facts};
use crate::shell::Word;

/// What a shell would act on, as words of their own.
const OPERATORS: [&str; 10] = ["|", "||", "|&", "&&", ">", ">>", "2>", "2>&1", "&>", "1>&2"];

/// True for a word that only a shell could make sense of: an operator, or a redirection to a file, `2>/dev/null`.
pub(super) fn is_operator(word: &str) -> bool {
    let redirects = || {
        let target = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&').strip_prefix('>');
        target.is_some_and(|target| target.trim_start_matches('>').starts_with("/dev/"))
    };
    OPERATORS.contains(&word) || redirects()
}

const HELP: &str = "write the shell form, with `exec` before a program that has to receive signals";

/// `shell-syntax-in-exec-form`.
pub fn shell_syntax(cx: &mut Cx<'_>) {
    let model = cx.model;
    for script in model.scripts.iter().filter(|s| s.exec) {
        if let Some(word) = whole_command(model, script) {
            let name = word.static_prefix();
            let message = format!(
                "the first word of an array is the name of a program, and there is none called `{name}`, so {}",
                match script.kind {
                    ScriptKind::Run => "the build fails",
                    ScriptKind::Healthcheck => "every health check fails",
                    ScriptKind::Cmd | ScriptKind::Entrypoint => "the container does not start",
                }
            );
            let words: Vec<String> = name.split_whitespace().map(|word| format!("\"{word}\"")).collect();
            cx.report(
                cx.at(word.span, message)
                    .help(format!("write each word as a separate string: `[{}]`", words.join(", "))),
            );
            continue;
        }
        let Some(word) = not_for_programs(model, script) else { continue };
        let text = word.static_prefix();
        let shown: String = text.chars().take(60).collect();
        let message = if OPERATORS.contains(&text) {
            format!("no shell runs the exec form, so the program gets `{shown}` as an argument")
        } else if text.starts_with("~/") {
            format!("no shell runs the exec form, so `{shown}` is in a folder called `~`")
        } else if text.contains('*') {
            format!("no shell runs the exec form, so `{shown}` is a literal file name, not a wildcard")
        } else {
            format!("no shell runs the exec form, so `{shown}` stays as it is, without the variable's value")
        };
        let help = if text.starts_with("~/") {
            "write the whole path, such as `/root/` or `/home/app/`"
        } else {
            HELP
        };
        cx.report(cx.at(word.span, message).help(help));
    }
}

/// The only item of an array, if it is a whole command: `["sleep infinity"]`.
fn whole_command<'m>(model: &'m Model, script: &'m ScriptUse) -> Option<&'m Word> {
    let whole = script.script.commands.first()?;
    let [word] = &*whole.words else { return None };
    let (program, rest) = word.as_str()?.split_once(' ')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // A path may hold blanks, and so may what is no plain word.
    if program.is_empty() || rest.trim().is_empty() || !program.bytes().all(is_name) || script.onbuild {
        return None;
    }
    // What takes a CMD in may read it as it likes; so may the ENTRYPOINT of an image that is not known.
    let stage = model.stage_of(script.step)?;
    let is_alone = script.kind != ScriptKind::Cmd
        || model.entry(stage).entrypoint.is_none()
            && matches!(model.root_base(stage), Base::Image(image)
                if facts(image).is_some_and(|f| matches!(f.kind, Some(ImageKind::Os | ImageKind::Sdk | ImageKind::Runtime))));
    (is_alone && model.family(stage) != Family::Windows).then_some(word)
}

/// The first argument that only a shell could make sense of.
fn not_for_programs<'m>(model: &'m Model, script: &'m ScriptUse) -> Option<&'m Word> {
    // The script of `["sh", "-c", "…"]` is read as well, and stands in the words of the first command.
    let whole = script.script.commands.first()?;
    if script.script.lists.len() > 1 || script.script.opaque {
        return None;
    }
    let home = whole.words.first().filter(|word| word.static_prefix().starts_with("~/"));
    if home.is_some() {
        return home;
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
