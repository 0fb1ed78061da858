//! Scripts of the project that a build or a container cannot start.

use crate::diag::{Finding, Fix};
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Cmd, CopyUse, FileHead, ScriptKind, Stage, Started, base_name, covers};
use crate::text::{Edit, Span};

use super::brought::{first_place, is_before};
use super::lacks::Lacks;
use super::program_help::install_with;
use super::programs::image_name;

/// `script-cannot-start`.
pub fn cannot_start(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.context().is_none_or(|context| context.heads.is_empty()) {
        return;
    }
    let mut told: Vec<(String, ScriptKind)> = Vec::new();
    for started in model.started_files() {
        let kind = started.cmd.script().kind;
        let Some(head) = model.head_of(&started.source) else { continue };
        if told.iter().any(|(path, of)| *path == started.source && *of == kind) {
            continue;
        }
        let finding = line_endings(cx, &started, head)
            .or_else(|| format(cx, &started, head))
            .or_else(|| interpreter(cx, &started, head))
            .or_else(|| mode(cx, &started, head));
        if let Some(finding) = finding {
            told.push((started.source, kind));
            cx.report(finding);
        }
    }
}

/// What happens, with what the system says.
fn effect(started: &Started<'_>, says: &str) -> String {
    match started.cmd.script().kind {
        ScriptKind::Run => format!("the build fails: {says}"),
        ScriptKind::Healthcheck => format!("every health check fails: {says}"),
        ScriptKind::Cmd | ScriptKind::Entrypoint => format!("the container does not start: {says}"),
    }
}

/// The place of the copy that brings the file.
fn copied_at(cx: &Cx<'_>, copy: &CopyUse) -> Span {
    match copy.sources.as_slice() {
        [only] => only.span,
        _ => cx.model.instruction(copy.step).keyword_span,
    }
}

/// Lines that end in CR and LF.
fn line_endings<'m>(cx: &Cx<'m>, started: &Started<'m>, head: &FileHead) -> Option<Finding> {
    let copy = cx.model.copies.get(started.copy)?;
    let (crlf, lines) = head.lines;
    let message = match started.shell {
        None if head.shebang_ends_in_cr => {
            let line = head.shebang.as_deref().unwrap_or_default();
            let effect = effect(started, "“no such file or directory”");
            format!(
                "`{}` has Windows line endings, so its first line names `{line}␍`, and {effect}",
                base_name(&started.source)
            )
        }
        Some(shell) if head.text && crlf > 1 && crlf == lines => format!(
            "`{}` has Windows line endings, which `{shell}` takes for a part of each line, so its commands fail",
            base_name(&started.source)
        ),
        _ => return None,
    };
    let takes_back =
        |text: &str| ["dos2unix", "fromdos", "\\r", "\\x0d", "\\015"].iter().any(|w| text.contains(w));
    if later_runs(cx, started, copy).any(|(_, text)| takes_back(text)) {
        return None;
    }
    let help = format!(
        "save it with Unix line endings, and keep Git from changing them: the line `{} text eol=lf` in .gitattributes",
        base_name(&started.source)
    );
    Some(cx.at(started.word.span, message).label(copied_at(cx, copy), "copied here").help(help))
}

/// A text that the kernel cannot start by itself.
fn format<'m>(cx: &Cx<'m>, started: &Started<'m>, head: &FileHead) -> Option<Finding> {
    let script = started.cmd.script();
    let copy = cx.model.copies.get(started.copy)?;
    let is_script = [".sh", ".bash"].iter().any(|ending| started.source.ends_with(ending));
    // A shell runs such a file itself, also one that gets it by `-c`.
    let is_nested = started.cmd.usage.command > 0;
    if is_nested
        || started.shell.is_some()
        || !script.exec
        || head.shebang.is_some()
        || !head.text
        || !is_script
    {
        return None;
    }
    let why = if head.shebang_after_bom {
        "begins with a byte order mark, so its `#!` line is not recognized"
    } else {
        "has no `#!` line"
    };
    let effect = effect(started, "“exec format error”");
    let message = format!("`{}` {why}, and {effect}", base_name(&started.source));
    let help = if head.shebang_after_bom {
        "save it as UTF-8 without a byte order mark"
    } else {
        "begin it with `#!/bin/sh`"
    };
    if later_runs(cx, started, copy).any(|(_, text)| text.contains("sed")) {
        return None;
    }
    Some(cx.at(started.word.span, message).label(copied_at(cx, copy), "copied here").help(help))
}

/// An interpreter that the image does not have.
fn interpreter<'m>(cx: &Cx<'m>, started: &Started<'m>, head: &FileHead) -> Option<Finding> {
    let model = cx.model;
    let program = head.interpreter().filter(|_| started.shell.is_none())?;
    let stage = runs_in(cx, started)?;
    if !Lacks::of(model, stage)?.has_not(program) {
        return None;
    }
    let place = first_place(cx, stage, program);
    let there = match started.cmd.script().kind {
        ScriptKind::Run => is_before(place, &started.cmd),
        _ => place.is_some(),
    };
    if there {
        return None;
    }
    let line = head.shebang.as_deref().unwrap_or_default();
    let effect = effect(started, "“no such file or directory”");
    let message = format!(
        "`{}` begins with `#!{line}`, but `{}` has no `{program}`, so {effect}",
        base_name(&started.source),
        image_name(model, stage)
    );
    let install = install_with(model, stage, program);
    let help = match program {
        "bash" if model.family(stage) == Family::Alpine => {
            format!("write the script for `#!/bin/sh`, or install bash: {install}")
        }
        _ => format!("install it: {install}"),
    };
    let copy = model.copies.get(started.copy)?;
    Some(cx.at(started.word.span, message).label(copied_at(cx, copy), "copied here").help(help))
}

/// The stage whose image the program runs in.
fn runs_in<'m>(cx: &Cx<'m>, started: &Started<'m>) -> Option<&'m Stage> {
    match started.cmd.script().kind {
        ScriptKind::Run => started.cmd.stage(),
        _ => cx.model.final_stage(),
    }
}

/// A file that nobody may run.
fn mode<'m>(cx: &Cx<'m>, started: &Started<'m>, head: &FileHead) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(started.copy).filter(|_| started.shell.is_none())?;
    let instruction = model.instruction(copy.step);
    let flag = instruction.flag("chmod");
    let of_flag = match flag {
        // What is no number is understood by newer builders only.
        Some(flag) => Some(u32::from_str_radix(flag.value.as_deref()?, 8).ok()? & 0o111 != 0),
        None => None,
    };
    if of_flag.or(head.executable) != Some(false)
        || later_runs(cx, started, copy)
            .any(|(step, text)| text.contains("chmod") && !leaves_alone(cx, step, started))
        || other_script_runs(cx, started, copy)
    {
        return None;
    }
    let effect = effect(started, "“permission denied”");
    let (why, help) = match flag {
        Some(flag) => {
            let mode = flag.value.as_deref().unwrap_or("");
            (
                format!("is copied with the mode `{mode}`, which lets no user run it"),
                format!("write `--chmod={}`", runnable(mode)),
            )
        }
        None => (
            "is not executable in the build context".to_owned(),
            format!(
                "copy it with `--chmod=755`, or make it executable: `chmod +x {path}` and `git update-index --chmod=+x {path}`",
                path = started.source
            ),
        ),
    };
    let message = format!("`{}` {why}, so {effect}", base_name(&started.source));
    let mut finding = cx.at(started.word.span, message).label(copied_at(cx, copy), "copied here").help(help);
    let itself = |path: &str| dockerignore::filepath::clean(path).trim_start_matches('/') == started.source;
    if let ([only], None, false) = (copy.sources.as_slice(), flag, copy.add)
        && only.value.known().is_some_and(itself)
    {
        let at = instruction.keyword_span.end;
        finding =
            finding.fix(Fix::uncertain("copy it with `--chmod=755`", [Edit::insert(at, " --chmod=755")]));
    }
    Some(finding)
}

/// The mode that also lets everybody run the file who may read it: `755` for `644`.
fn runnable(mode: &str) -> String {
    let readers = |mode: u32| (mode & 0o444) >> 2;
    u32::from_str_radix(mode, 8).map_or("755".to_owned(), |mode| match mode | readers(mode) {
        // Nobody may read it.
        same if same == mode => "755".to_owned(),
        runs => format!("{runs:o}"),
    })
}

/// The RUNs between the copy and the start of the file, with their texts; the one that starts it too.
fn later_runs<'m>(
    cx: &Cx<'m>,
    started: &Started<'m>,
    copy: &CopyUse,
) -> impl Iterator<Item = (usize, &'m str)> {
    let model = cx.model;
    let from = copy.step + 1;
    let (stage, to) = match started.cmd.script().kind {
        ScriptKind::Run => (started.cmd.stage(), started.cmd.step() + 1),
        _ => (model.final_stage(), usize::MAX),
    };
    model
        .scripts
        .iter()
        .filter(move |s| s.kind == ScriptKind::Run && (from..to).contains(&s.step))
        .filter(move |s| stage.is_some_and(|stage| model.inherits_step(stage, s.step)))
        .map(move |s| (s.step, model.text(model.instruction(s.step).span)))
}

/// True if a RUN starts a task or another script of the project in between, which may make it executable.
fn other_script_runs<'m>(cx: &Cx<'m>, started: &Started<'m>, copy: &CopyUse) -> bool {
    let steps: Vec<usize> = later_runs(cx, started, copy).map(|(step, _)| step).collect();
    let by_task =
        |cmd: Cmd<'_>| matches!(cmd.program(), "make" | "gmake" | "just" | "task" | "ninja" | "ant");
    if steps.iter().any(|step| cx.model.commands_of(*step).any(by_task)) {
        return true;
    }
    cx.model.started_files().iter().any(|other| {
        other.cmd.script().kind == ScriptKind::Run
            && other.source != started.source
            && steps.binary_search(&other.cmd.step()).is_ok()
    })
}

/// True if the `chmod`s of a RUN surely are about other files.
fn leaves_alone(cx: &Cx<'_>, step: usize, started: &Started<'_>) -> bool {
    let mut commands = cx.model.commands_of(step).filter(|c| c.program() == "chmod").peekable();
    let others = |cmd: Cmd<'_>| {
        let mut files = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).skip(1).peekable();
        files.peek().is_some()
            && files.all(|word| {
                let paths = cmd.paths_of(word);
                !word.has_glob() && !paths.is_empty() && !paths.iter().any(|p| covers(p, &started.target))
            })
    };
    // One that `find` runs is no command of its own.
    commands.peek().is_some() && commands.all(others)
}
