//! `cd` and WORKDIR.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Cmd, Model, ScriptKind};
use crate::shell::{Connector, Word};
use crate::syntax::{Instruction, Kind, Value};
use crate::text::{Edit, Span};

/// `cd-has-no-effect`.
pub fn no_effect(cx: &mut Cx<'_>) {
    for command in cx.model.commands_named("cd") {
        let Some((target, len)) = top_level(&command) else { continue };
        let place = &command.shell().place;
        let last = place.index + 1 == len
            && matches!(place.after, None | Some(crate::shell::Link { connector: Connector::Seq, .. }));
        if !last || place.before.connector == Connector::Or {
            continue;
        }
        // Behind another `cd` it is the way back, which does no harm.
        let is_way_back = command.script().script.commands.iter().any(|c| {
            c.place.list == 0 && c.place.index < place.index && matches!(c.program(), Some("cd" | "pushd"))
        });
        if is_way_back {
            continue;
        }
        let span = command.shell().span;
        let message = "this `cd` has no effect: it lasts until the RUN ends, and nothing follows it there";
        let mut finding =
            cx.at(span, message).help(format!("write `WORKDIR {}`", cx.model.text(target.span)));
        let instruction = cx.model.instruction(command.step());
        if let Some(path) = workdir_path(&command, instruction, target) {
            let edit = if len == 1 {
                let whole = Span::new(instruction.keyword_span.start, span.end);
                whole.contains(instruction.span).then(|| Edit::replace(whole, format!("WORKDIR {path}")))
            } else {
                last_item(&command, instruction).map(|cut| Edit::replace(cut, format!("\nWORKDIR {path}")))
            };
            if let Some(edit) = edit {
                let title = format!("write `WORKDIR {path}`: everything after it then runs there");
                finding = finding.fix(Fix::uncertain(title, [edit]));
            }
        }
        cx.report(finding);
    }
}

/// `cd-instead-of-workdir`.
pub fn instead_of_workdir(cx: &mut Cx<'_>) {
    let mut reported = None;
    for command in cx.model.commands_named("cd") {
        let Some((target, len)) = top_level(&command) else { continue };
        let place = &command.shell().place;
        // What comes last is for the other rule.
        if place.index + 1 == len || reported.replace(command.step()) == Some(command.step()) {
            continue;
        }
        if is_made_here(&command, target) {
            continue;
        }
        let path = cx.model.text(target.span);
        let span = command.shell().span;
        let message = "`cd` lasts for this RUN only, and the folder must already exist";
        let mut finding = cx.at(span, message).help(format!("write `WORKDIR {path}` before this RUN"));
        let instruction = cx.model.instruction(command.step());
        if place.index == 0
            && let Some(path) = workdir_path(&command, instruction, target)
            && let Some(cut) = first_item(&command, instruction)
            && !returns(&command)
            && let Some(back) = way_back(cx.model, &command)
        {
            let run = cx.model.text(instruction.keyword_span);
            let mut edits = vec![Edit::replace(cut, format!("WORKDIR {path}\n{run} "))];
            let title = match &back {
                Some(old) => {
                    edits.push(Edit::insert(instruction.span.end, format!("\nWORKDIR {old}")));
                    format!("use WORKDIR, and go back to `{old}` after it")
                }
                None => "use WORKDIR".to_owned(),
            };
            finding = finding.fix(Fix::uncertain(title, edits));
        }
        cx.report(finding);
    }
}

/// True if the script itself makes the folder above the `cd`: a WORKDIR in front of the RUN would make it first, or be
/// another one.
fn is_made_here(command: &Cmd<'_>, target: &Word) -> bool {
    let path = target.static_prefix().trim_end_matches('/');
    let commands = command.script().script.commands.iter();
    let mut above = commands.take_while(|c| c.span.start < command.shell().span.start).take(MAX_ABOVE);
    above.any(|c| {
        let is_it = |word: &Word| word.static_prefix().trim_end_matches('/') == path;
        c.program() == Some("mkdir") && c.arguments().iter().any(is_it)
    })
}

/// The most commands that are looked at above a `cd`.
const MAX_ABOVE: usize = 64;

/// True if the script goes back to where it came from, which would be another folder.
fn returns(command: &Cmd<'_>) -> bool {
    command.script().script.commands.iter().any(|c| {
        matches!(c.program(), Some("pushd" | "popd" | "dirs"))
            || c.program() == Some("cd") && c.arguments().iter().any(|w| w.static_prefix().starts_with('-'))
    }) || command.model.text(command.model.instruction(command.step()).span).contains("OLDPWD")
}

/// The folder that WORKDIR has to go back to after a RUN, so that nothing after it runs elsewhere; the inner
/// `None` if an absolute WORKDIR comes next, the outer one if the folder is not known.
#[allow(clippy::option_option, reason = "the inner one says that nothing has to be written")]
fn way_back(model: &Model, command: &Cmd<'_>) -> Option<Option<String>> {
    let stage = command.stage()?;
    let mut later = command.step() + 1..stage.steps.end;
    let sets = |step: usize| match &model.instruction(step).kind {
        Kind::Workdir(Some(word)) => Some(word.text.starts_with('/')),
        // These do not look at the folder.
        Kind::Env(_) | Kind::Arg(_) | Kind::Label(_) | Kind::Expose(_) | Kind::User(_) => None,
        _ => Some(false),
    };
    if later.find_map(sets) == Some(true) {
        return Some(None);
    }
    let old = match model.workdir(command.step()) {
        Value::Known(path) => path.as_str(),
        Value::Unknown => model.base_workdir(stage)?,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    (old.starts_with('/') && old.chars().all(plain)).then(|| Some(old.to_owned()))
}

/// The folder of a `cd FOLDER` that the rest of the script, and nothing else, runs in; and how many
/// items the script has. None in a subshell, function, condition, loop or pipeline.
fn top_level<'m>(command: &Cmd<'m>) -> Option<(&'m Word, usize)> {
    let script = command.script();
    let shell = command.shell();
    let place = &shell.place;
    let len = script.script.lists.get(place.list)?.len;
    let here = place.list == 0
        && place.pipeline.is_none()
        && !place.background
        && !place.negated
        && shell.effective().wrappers.is_empty()
        && script.kind == ScriptKind::Run
        && !script.script.approximate
        && script.script.functions.iter().all(|f| &*f.name != "cd");
    let mut operands = command.args().iter().filter(|w| !matches!(w.static_prefix(), "-P" | "-L" | "--"));
    let target = operands.next().filter(|w| !w.static_prefix().starts_with(['-', '~']))?;
    (here && operands.next().is_none() && shell.redirects.is_empty()).then_some((target, len))
}

/// The path for WORKDIR, where the instruction is so simple that it can be rewritten.
fn workdir_path(command: &Cmd<'_>, instruction: &Instruction, target: &Word) -> Option<String> {
    // A relative one would start from the last WORKDIR, and the next one from there.
    let path = target.as_str().filter(|p| p.starts_with('/'))?;
    let simple = target.exact
        && !path.contains([' ', '\t', '$', '"', '\'', '\\', '`', '#'])
        && !target.has_glob()
        && !target.has_braces()
        && !command.script().onbuild
        && !command.script().exec
        && instruction.flags.is_empty()
        && instruction.heredocs.is_empty()
        && command.shell().assignments.is_empty();
    simple.then(|| path.to_owned())
}

/// From the keyword to the next command: `RUN cd /app && `.
fn first_item(command: &Cmd<'_>, instruction: &Instruction) -> Option<Span> {
    let shell = command.shell();
    let link = shell.place.after.filter(|l| l.connector == Connector::And)?;
    let behind = Span::new(link.span.end, instruction.span.end);
    let next = command.model.text(behind);
    let start = skip_blanks(next, command.model.file.escape.char());
    // A comment line within is kept by leaving all as it is.
    let rest = next.get(start..).filter(|rest| !rest.is_empty() && !rest.starts_with('#'))?;
    let between = command.model.text(Span::new(shell.span.end, link.span.start));
    let blank = skip_blanks(between, command.model.file.escape.char()) == between.len();
    let at = behind.end - Span::of(0..rest.len()).end;
    blank.then(|| Span::new(instruction.keyword_span.start, at))
}

/// From the `&&` before the last command to its end.
fn last_item(command: &Cmd<'_>, instruction: &Instruction) -> Option<Span> {
    let shell = command.shell();
    let link = shell.place.before;
    let model = command.model;
    let between = model.text(Span::new(link.span.end, shell.span.start));
    let simple = matches!(link.connector, Connector::And)
        && skip_blanks(between, model.file.escape.char()) == between.len()
        && shell.span.end == instruction.span.end;
    let before = model.text(Span::new(instruction.span.start, link.span.start));
    let kept = trim_continuation(before, model.file.escape.char());
    // A comment line would lose the command that it stands in.
    let last_line = kept.rsplit('\n').next().unwrap_or("").trim_start();
    let start = instruction.span.start + Span::of(0..kept.len()).end;
    (simple && !last_line.starts_with('#')).then(|| Span::new(start, shell.span.end))
}

/// `text` without the blanks and continuations at its end.
fn trim_continuation(text: &str, escape: char) -> &str {
    let mut kept = text;
    loop {
        let trimmed = kept.trim_end_matches([' ', '\t', '\r', '\n']);
        let ends_line = kept.get(trimmed.len()..).is_some_and(|blanks| blanks.contains('\n'));
        match trimmed.strip_suffix(escape).filter(|_| ends_line) {
            Some(before) => kept = before,
            None => return trimmed,
        }
    }
}

/// How many bytes of blanks and continuations `text` starts with.
fn skip_blanks(text: &str, escape: char) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let after =
            rest.strip_prefix(escape).filter(|r| r.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
        match after {
            Some(after) => rest = after,
            None => return text.len() - rest.len(),
        }
    }
}
