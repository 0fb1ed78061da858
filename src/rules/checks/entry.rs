//! Rules about CMD, ENTRYPOINT and HEALTHCHECK.

use std::cell::LazyCell;
use std::fmt::Write as _;

use crate::diag::{Finding, Fix};
use crate::knowledge::{Action, Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, ScriptUse, facts, is_lambda, is_script};
use crate::shell::Word;
use crate::syntax::{CommandForm, ExecItem, Healthcheck, Instruction, Keyword, Kind, Slip};
use crate::text::{Edit, Span};

use super::first_line::without_first_line;
use super::programs::has_no_shell;

/// `multiple-cmd`.
pub fn multiple_cmd(cx: &mut Cx<'_>) {
    multiple(cx, Keyword::Cmd);
}

/// `multiple-entrypoint`.
pub fn multiple_entrypoint(cx: &mut Cx<'_>) {
    multiple(cx, Keyword::Entrypoint);
}

/// `multiple-healthcheck`.
pub fn multiple_healthcheck(cx: &mut Cx<'_>) {
    multiple(cx, Keyword::Healthcheck);
}

fn multiple(cx: &mut Cx<'_>, keyword: Keyword) {
    let model = cx.model;
    let name = keyword.name();
    for stage in &model.stages {
        // Those behind ONBUILD are for other images: each kind has a last one.
        let (mut own, mut triggered) = (None, None);
        for (_, instruction) in model.instructions_of(stage).filter(|(_, i)| i.keyword == keyword) {
            let last = if instruction.is_trigger() { &mut triggered } else { &mut own };
            let Some(ignored) = last.replace(instruction) else { continue };
            let message = format!("this {name} is ignored: only the last one in a stage counts");
            let mut finding = cx
                .at(ignored.keyword_span, message)
                .label(instruction.keyword_span, "this one comes later")
                .help("remove it");
            if let Some(item) = model.file.items.get(ignored.item) {
                let title = format!("remove the {name} that is ignored");
                finding = finding.fix(Fix::uncertain(title, [Edit::delete(item.span)]));
            }
            cx.report(finding);
        }
    }
}

/// The words of a script that needs no shell: one command of plain words.
fn plain_words(script: &ScriptUse) -> Option<&[Word]> {
    let inner = &script.script;
    let [command] = inner.commands.as_slice() else { return None };
    let is_plain = !inner.opaque
        && inner.error.is_none()
        && !inner.approximate
        && inner.lists.len() == 1
        && inner.functions.is_empty()
        && command.assignments.is_empty()
        && command.redirects.is_empty()
        && !command.place.background
        && !command.place.negated
        && command.place.pipeline.is_none();
    let simple = |w: &Word| {
        w.exact
            && !w.is_quoted()
            && !w.has_glob()
            && !w.has_braces()
            && w.as_str().is_some_and(|t| !t.starts_with('~') && !t.contains("=~") && !t.contains(":~"))
    };
    let first = command.words.first()?.as_str()?;
    // `time` and the like stand before it.
    let is_whole = command.words.first()?.span.start == inner.lists.first()?.span.start;
    let ok = is_plain && is_whole && !program_is(first, Trait::Builtin) && command.words.iter().all(simple);
    ok.then_some(&command.words)
}

/// True if a continuation is in the text.
fn is_cut(text: &str) -> bool {
    text.contains('\n')
}

fn exec_form(words: &[Word]) -> String {
    let mut out = String::from("[");
    for (i, word) in words.iter().enumerate() {
        let separator = if i == 0 { "" } else { ", " };
        // Plain words hold neither quotes nor backslashes.
        let _ = write!(out, "{separator}\"{}\"", word.static_prefix());
    }
    out.push(']');
    out
}

/// `shell-form-command`.
pub fn shell_form(cx: &mut Cx<'_>) {
    let model = cx.model;
    let started = LazyCell::new(|| model.started_files());
    for (step, instruction) in model.instructions() {
        let (Kind::Cmd(CommandForm::Shell(span)) | Kind::Entrypoint(CommandForm::Shell(span))) =
            &instruction.kind
        else {
            continue;
        };
        // With a SHELL the shell form is asked for.
        if model.has_shell(step) {
            continue;
        }
        // `missing-program` says more where there is no shell.
        if cx.chosen.missing_program
            && model.stage_of(step).is_some_and(|s| s.reachable && has_no_shell(cx, s))
        {
            continue;
        }
        // `[ -f x ] && …` is a test of the shell, and has a space behind the bracket.
        let text = model.text(*span);
        if text.starts_with('[') && (text.ends_with(']') || text.starts_with("[\"") || text.starts_with("['"))
        {
            // `comment-after-arguments` speaks of a comment that makes this no array.
            if instruction.trailing_comments(&model.file).is_empty() || cx.chosen.docker_check {
                cx.report(broken_array(cx, instruction, *span));
            }
            continue;
        }
        let script = model.script_of(step);
        let is_entrypoint = instruction.keyword == Keyword::Entrypoint;
        let hands_over = script.is_some_and(|s| {
            s.script.commands.first().is_some_and(|c| c.words.first().is_some_and(|w| w.is("exec")))
        });
        // `CMD /bin/bash` starts a shell for a person: nothing else runs in it.
        let is_shell = script.is_some_and(|s| match s.script.commands.as_slice() {
            [only] => match &only.words[..] {
                [program] => program
                    .as_str()
                    .is_some_and(|path| program_is(path.rsplit('/').next().unwrap_or(path), Trait::Shell)),
                _ => false,
            },
            _ => false,
        });
        // The process of `CMD exec …` gets the signals, and the variables may be why there is a shell.
        let hides_nothing = is_shell || hands_over || takes_its_place(model, step, script);
        let is_batch = || is_batch(model, step);
        let harmless = match is_entrypoint {
            false => hides_nothing || is_batch(),
            // What it needs of the shell are the variables.
            true => model.text(*span).contains('$') && is_job_alone(model, step) && is_batch(),
        };
        if harmless && !cx.chosen.docker_check {
            continue;
        }
        let name = instruction.keyword.name();
        let message = match (is_entrypoint, hides_nothing) {
            _ if harmless => {
                format!("this {name} is in shell form, and `docker build --check` recommends the exec form")
            }
            (true, true) => {
                "the shell form of ENTRYPOINT drops the arguments of `docker run` and of CMD".to_owned()
            }
            (true, false) => {
                "the shell form of ENTRYPOINT runs the program under a shell, which ignores CMD and the arguments of `docker run`, and may not pass signals on: then `docker stop` waits 10 seconds and kills it".to_owned()
            }
            (false, _) => {
                "the shell form of CMD runs the program under a shell, which may not pass signals on: then `docker stop` waits 10 seconds and kills it".to_owned()
            }
        };
        let mut finding = cx.at(*span, message);
        match script.and_then(plain_words) {
            // Its first word alone would be the script.
            Some(_) if !is_entrypoint && is_behind_sh_c(model, step) => {
                finding = finding.help("write the command as one string in an array, or drop the ENTRYPOINT");
            }
            Some(words) if let Some(file) = without_first_line(model, &started, step) => {
                let new = exec_form(words);
                finding = finding.help(format!(
                    "begin `{file}` with `#!/bin/sh`, without which only a shell can start it, and write `{} {new}`",
                    instruction.keyword.name()
                ));
            }
            Some(words) => {
                let new = exec_form(words);
                finding = finding.help(format!("write `{} {new}`", instruction.keyword.name()));
                if !is_cut(model.text(*span)) {
                    // A shell also runs a script whose first line does not say what runs it.
                    let is_script = words.first().is_some_and(|w| is_script(w.static_prefix()));
                    let make = if !is_script && changes_nothing_else(model, step, is_entrypoint) {
                        Fix::safe
                    } else {
                        Fix::uncertain
                    };
                    finding = finding.fix(make("use the exec form", [Edit::replace(*span, new)]));
                }
            }
            None if !is_entrypoint && script.is_some_and(is_single) => {
                finding = finding.help(
                    "begin it with `exec`, so that the program replaces the shell: `CMD exec PROGRAM …`",
                );
            }
            None => {
                finding = finding.help(
                    "write a JSON array; if a shell is needed, start a script that ends with `exec PROGRAM`",
                );
            }
        }
        cx.report(finding);
    }
}

/// True for a script of one command, which is no part of a compound one.
fn is_single(script: &ScriptUse) -> bool {
    let script = &script.script;
    script.commands.len() == 1 && script.lists.len() == 1 && !script.approximate
}

/// True where the shell of the image puts a single command in its own place, which gets its signals then: bash and ash do,
/// and dash does not (0.5.12).
fn takes_its_place(model: &Model, step: usize, script: Option<&ScriptUse>) -> bool {
    let family = model.stage_of(step).map_or(Family::Unknown, |stage| model.family(stage));
    matches!(family, Family::Alpine | Family::Arch | Family::RedHat | Family::Suse)
        && script.is_some_and(is_single)
}

/// True for an ENTRYPOINT that is not given arguments by a CMD.
fn is_job_alone(model: &Model, step: usize) -> bool {
    model.stage_of(step).is_some_and(|stage| model.entry(stage).cmd.is_none())
}

/// True if the ENTRYPOINT takes what a CMD in exec form says as the script of `sh -c`.
fn is_behind_sh_c(model: &Model, step: usize) -> bool {
    let entrypoint = model.stage_of(step).and_then(|stage| model.entry(stage).entrypoint);
    let Some(Kind::Entrypoint(CommandForm::Exec(exec))) = entrypoint.map(|at| &model.instruction(at).kind)
    else {
        return false;
    };
    script_of_sh_c(&exec.items).is_some_and(<[ExecItem]>::is_empty)
}

/// Programs that do one thing and end.
const BRIEF: [&str; 20] = [
    "cat", "cd", "chmod", "chown", "cp", "echo", "exit", "export", "git", "install", "ls", "mkdir", "mv",
    "pytest", "rm", "set", "tar", "test", "touch", "true",
];

/// Words that tell a program to do one thing and end: `flask db upgrade`.
const JOBS: [&str; 8] = ["export", "generate", "import", "migrate", "register", "seed", "setup", "upgrade"];

/// True for commands that all end by themselves, as those of a build do: nothing is left to be shut down.
fn is_batch(model: &Model, step: usize) -> bool {
    let ends = |cmd: &Cmd<'_>| {
        let installs = || matches!(cmd.usage.action, Action::Install | Action::Update | Action::Clean);
        BRIEF.contains(&cmd.program())
            || cmd.args().iter().any(|word| word.as_str().is_some_and(|word| JOBS.contains(&word)))
            || cmd.builds_program()
            || cmd.builds_front_end()
            || cmd.installs_native()
            || cmd.usage.manager.is_some() && installs()
    };
    model.commands_of(step).next().is_some() && model.commands_of(step).all(|cmd| ends(&cmd))
}

/// A finding for what was meant to be a JSON array.
fn broken_array(cx: &Cx<'_>, instruction: &Instruction, span: Span) -> Finding {
    let text = cx.model.text(span);
    let message = "this is not a JSON array of strings, so a shell runs it as a command, brackets included";
    let slipped = instruction.slipped_array();
    let kind = match slipped {
        Some((Slip::SingleQuotes, _)) => "single-quotes",
        _ => "broken-array",
    };
    let finding = cx.at(span, message).kind(kind);
    match slipped {
        Some((_, repaired)) => {
            let finding = finding.help(format!("write `{repaired}`"));
            // No shell is left for a variable.
            if is_cut(text) || text.contains('$') {
                return finding;
            }
            finding.fix(Fix::uncertain("write a JSON array", [Edit::replace(span, repaired)]))
        }
        None => finding.help("write each string in double quotes, with commas between them"),
    }
}

/// The longest lineage that [`changes_nothing_else`] looks at.
const MAX_STEPS: usize = 500;

/// True if the words of the instruction reach no other program than before: an exec form CMD is an
/// argument of an ENTRYPOINT.
fn changes_nothing_else(model: &Model, step: usize, is_entrypoint: bool) -> bool {
    // Who starts from the image may give it another ENTRYPOINT.
    let Some(stage) = model.stage_of(step).filter(|_| !model.is_trigger(step)) else { return false };
    let plain_base = match model.root_base(stage) {
        Base::Image(image) => {
            // The images of Lambda take the CMD as the name of a handler.
            !is_lambda(image)
                && facts(image).is_some_and(|f| {
                    matches!(f.kind, Some(ImageKind::Os | ImageKind::Sdk | ImageKind::Runtime))
                })
        }
        _ => false,
    };
    // Beyond so many steps the answer is not worth the search.
    let steps = || model.lineage(stage).take(100).flat_map(|s| s.steps.clone());
    if steps().nth(MAX_STEPS).is_some() {
        return false;
    }
    let other = |step: usize| match model.instruction(step).keyword {
        _ if model.is_trigger(step) => false,
        Keyword::Entrypoint => true,
        Keyword::Cmd => is_entrypoint,
        _ => false,
    };
    plain_base && !steps().any(|at| at != step && other(at))
}

/// `shell-form-healthcheck`.
pub fn shell_form_healthcheck(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let Kind::Healthcheck(Healthcheck::Cmd(CommandForm::Shell(span))) = &instruction.kind else {
            continue;
        };
        if model.has_shell(step) {
            continue;
        }
        let Some(words) = model.script_of(step).and_then(plain_words) else { continue };
        let new = exec_form(words);
        let mut finding = cx
            .at(*span, "this check starts a shell each time, and needs none")
            .help(format!("write `CMD {new}`"));
        if !is_cut(model.text(*span)) {
            finding = finding.fix(Fix::safe("use the exec form", [Edit::replace(*span, new)]));
        }
        cx.report(finding);
    }
}

/// `arguments-lost-to-sh-c`.
pub fn lost_to_sh_c(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        let (Kind::Run(CommandForm::Exec(exec))
        | Kind::Cmd(CommandForm::Exec(exec))
        | Kind::Entrypoint(CommandForm::Exec(exec))
        | Kind::Healthcheck(Healthcheck::Cmd(CommandForm::Exec(exec)))) = &instruction.kind
        else {
            continue;
        };
        let [script, first, ..] = lost_in_array(&exec.items).unwrap_or_default() else {
            continue;
        };
        let message = format!(
            "`sh -c` takes `{}` as its whole script, and the words after it do nothing",
            script.value.chars().take(60).collect::<String>()
        );
        let help = "write the command as one string, or leave out the shell and `-c`";
        cx.report(cx.at(first.span, message).help(help));
    }
    for stage in model.stages.iter().filter(|s| s.is_final || s.used_by.is_empty()) {
        let entry = model.entry(stage);
        let (Some(entrypoint), Some(cmd)) = (entry.entrypoint, entry.cmd) else { continue };
        let Kind::Entrypoint(CommandForm::Exec(exec)) = &model.instruction(entrypoint).kind else { continue };
        let Some(rest) = script_of_sh_c(&exec.items) else { continue };
        let cmd = model.instruction(cmd);
        let Kind::Cmd(form) = &cmd.kind else { continue };
        let items = match form {
            CommandForm::Exec(cmd) => cmd.items.as_slice(),
            CommandForm::Shell(_) | CommandForm::Empty => &[],
        };
        let (message, help) = match (rest, form) {
            // The script stands in the ENTRYPOINT, and may take the words of CMD.
            ([script, ..], _) if uses_parameters(&script.value) => continue,
            ([_, ..], CommandForm::Exec(_)) if !items.is_empty() => (
                "the script of `sh -c` in the ENTRYPOINT uses no arguments, so these words do nothing",
                "write `exec PROGRAM \"$@\"` in that script, and a word after it for `$0`; or name the program in the ENTRYPOINT without `sh -c`",
            ),
            ([], CommandForm::Exec(_)) if items.len() > 1 && !uses_parameters(&items[0].value) => (
                "`sh -c` takes the first of these words as its whole script, and the others do nothing",
                "write the command as one string, or an ENTRYPOINT without `sh -c`",
            ),
            ([], CommandForm::Shell(_)) => (
                "this CMD becomes `/bin/sh -c …` after the `sh -c` of the ENTRYPOINT, which takes `/bin/sh` as its script: the command never runs",
                "write the command as one string in an array, `CMD [\"…\"]`, or drop the ENTRYPOINT",
            ),
            _ => continue,
        };
        let finding = cx
            .at(cmd.arguments, message)
            .label(model.instruction(entrypoint).arguments, "the ENTRYPOINT")
            .help(help);
        cx.report(finding);
    }
}

/// Programs that start the one behind them, and nothing else.
const STARTERS: [&str; 4] = ["catatonit", "dumb-init", "env", "tini"];

/// What stands behind the `-c` of `["sh", "-c", …]`, perhaps behind `tini --` and with `-o pipefail`.
fn script_of_sh_c(items: &[ExecItem]) -> Option<&[ExecItem]> {
    let program = |item: &ExecItem| item.value.rsplit('/').next().unwrap_or_default().to_owned();
    let mut items = items;
    while let [first, rest @ ..] = items
        && STARTERS.contains(&&*program(first))
    {
        items = rest;
        while let [option, rest @ ..] = items
            && option.value.starts_with('-')
        {
            items = rest;
        }
    }
    let [shell, rest @ ..] = items else { return None };
    if !program_is(&program(shell), Trait::Shell) {
        return None;
    }
    let mut rest = rest;
    loop {
        let [options, behind @ ..] = rest else { return None };
        let letters = options.value.strip_prefix('-')?;
        if letters.is_empty() || !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        rest = match letters {
            _ if letters.ends_with('c') => return Some(behind),
            // The name of a setting follows.
            _ if letters.ends_with('o') => behind.get(1..)?,
            _ => behind,
        };
    }
}

/// The words behind a script of `sh -c` that is one word and drops them: `["sh", "-c", "echo", "hi"]`.
fn lost_in_array(items: &[ExecItem]) -> Option<&[ExecItem]> {
    let all = script_of_sh_c(items)?;
    let [script, first, rest @ ..] = all else { return None };
    let name = script.value.rsplit('/').next()?;
    // One word may be meant as `$0`.
    let is_name = rest.is_empty()
        && (matches!(&*first.value, "_" | "-" | "--" | "sh" | "bash" | "$0")
            || first.value.rsplit('/').next()? == name);
    let is_word = !script.value.is_empty() && !script.value.contains(|c: char| c.is_whitespace() || c == ';');
    (is_word && !uses_parameters(&script.value) && !is_name).then_some(all)
}

/// True if a script asks for its arguments.
fn uses_parameters(script: &str) -> bool {
    script.match_indices('$').any(|(at, _)| {
        let rest = script.get(at + 1..).unwrap_or("");
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '@' | '*' | '#'))
    }) || script.contains("shift")
}
