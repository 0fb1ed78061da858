//! Rules about here-documents.

use crate::diag::Fix;
use crate::knowledge::{Family, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, Model, ScriptUse, is_errexit};
use crate::shell::{Command, Connector, Dialect, List, ListKind, Redirect, RedirectKind, Script};
use crate::syntax::{CommandForm, Heredoc, Instruction, Keyword, Kind};
use crate::text::{Edit, Span};

/// `heredoc-without-errexit`.
pub fn without_errexit(cx: &mut Cx<'_>) {
    let model = cx.model;
    for script in &model.scripts {
        let instruction = model.instruction(script.step);
        if instruction.heredocs.is_empty() || instruction.keyword != Keyword::Run {
            continue;
        }
        let inner = &script.script;
        if inner.opaque || inner.approximate || !matches!(inner.dialect, Dialect::Posix | Dialect::Bash) {
            continue;
        }
        let Some(body) = body(model, script, instruction) else { continue };
        let Some((lost, last)) = first_unseen(inner, body.list) else { continue };
        let text = model.text(lost.span).lines().next().unwrap_or("").trim_end();
        let span = Span::new(lost.span.start, lost.span.start + Span::of(0..text.len()).end);
        let name = lost.program().unwrap_or("this command");
        let message =
            format!("the build goes on if `{name}` fails: only the last command of a here-document decides");
        let mut finding = cx.at(span, message).help("start the here-document with `set -e`");
        if let Some(last) = last {
            finding = finding.label(last, "this one decides");
        }
        if let Some(edit) = body.heredoc.and_then(|h| set_e(model.file.text(), h)) {
            finding = finding.fix(Fix::uncertain("add `set -e`", [edit]));
        }
        cx.report(finding);
    }
}

/// The script in a here-document.
struct Body<'m> {
    /// Its list of commands.
    list: usize,
    /// The here-document itself.
    heredoc: Option<&'m Heredoc>,
}

/// The script in the here-document of a RUN, if no option of its shell stops it at errors.
fn body<'m>(model: &Model, script: &ScriptUse, instruction: &'m Instruction) -> Option<Body<'m>> {
    let Kind::Run(CommandForm::Shell(span)) = &instruction.kind else { return None };
    let [only] = &*instruction.heredocs else { return None };
    if only.marker == *span {
        let first = model.text(only.body).lines().next().unwrap_or("");
        let stops = match first.strip_prefix("#!") {
            Some(line) => line.split_whitespace().skip(1).any(is_errexit),
            None => model.shell_stops_at_errors(script),
        };
        return (!stops).then_some(Body { list: 0, heredoc: Some(only) });
    }
    // `RUN bash <<EOF`
    let inner = &script.script;
    let is_body = |list: &List| list.kind == ListKind::ShellString && only.body.contains(list.span);
    let list = inner.lists.iter().position(is_body)?;
    let owner = inner.commands.get(inner.lists.get(list)?.owner?)?;
    let stops = owner.words.iter().filter_map(|w| w.as_str()).any(is_errexit);
    let reads = owner.redirects.iter().any(|r| r.kind == RedirectKind::HereDoc);
    (reads && !stops).then_some(Body { list, heredoc: Some(only) })
}

/// The first command of a list whose failure nobody sees, and where the list's last item starts.
fn first_unseen(script: &Script, list: usize) -> Option<(&Command, Option<Span>)> {
    let of_list = || script.commands.iter().filter(move |c| c.place.list == list);
    let guards = |c: &Command| {
        let words = || c.words.iter().skip(1).filter_map(|w| w.as_str());
        match c.program() {
            Some("set") => words().any(is_errexit),
            Some("trap") => words().any(|w| w == "ERR"),
            _ => false,
        }
    };
    if of_list().any(guards) {
        return None;
    }
    let places = of_list().map(|c| (&c.place, c.span)).chain(
        script.lists.iter().filter_map(|l| Some((l.place.as_ref().filter(|p| p.list == list)?, l.span))),
    );
    // Where the chain of `&&` and `||` starts whose status counts.
    let starts_chain =
        |connector| matches!(connector, Connector::Seq | Connector::Start | Connector::Background);
    let (last, span) = places
        .filter(|(p, _)| starts_chain(p.before.connector))
        .map(|(p, s)| (p.index, s))
        .max_by_key(|(i, _)| *i)?;
    // `a && b || c` says at its end what happens if `a` fails, and `set -e` would not stop at what `&&` follows.
    let (mut handled, mut found, mut is_asked) = (false, None, false);
    for command in of_list().collect::<Vec<_>>().into_iter().rev() {
        let place = &command.place;
        let is_seen = handled
            || is_asked
            || place.index >= last
            || place.before.connector == Connector::Or
            || place.negated
            || place.background
            || place.pipeline.is_some_and(|seat| !seat.is_last());
        if !is_seen && can_fail(command) {
            found = Some(command);
        }
        is_asked = place.before.connector == Connector::And;
        handled = match place.before.connector {
            Connector::Or => true,
            connector if starts_chain(connector) => false,
            _ => handled,
        };
    }
    Some((found?, Some(span)))
}

/// True for a command whose failure a build should not get over.
fn can_fail(command: &Command) -> bool {
    let Some(program) = command.program() else { return false };
    let writes_text = program == "cat" && command.redirects.iter().any(|r| r.kind == RedirectKind::HereDoc);
    !writes_text
        && !program_is(program, Trait::NeverFails)
        && !matches!(
            program,
            "set" | "export" | "unset" | "alias" | "shopt" | "exit" | "umask" | "ulimit" | "trap"
        )
}

/// Puts `set -e` at the start of a here-document, behind its `#!` line.
fn set_e(text: &str, heredoc: &Heredoc) -> Option<Edit> {
    let body = heredoc.body.text(text);
    let mut at = heredoc.body.start;
    let mut rest = body;
    if body.starts_with("#!") {
        let len = body.find('\n')? + 1;
        at += Span::of(0..len).end;
        rest = body.get(len..)?;
    }
    let line = rest.lines().next()?;
    let indent = line.get(..line.len() - line.trim_start_matches([' ', '\t']).len())?;
    let ending = if body.contains("\r\n") { "\r\n" } else { "\n" };
    Some(Edit::insert(at, format!("{indent}set -e{ending}")))
}

/// `heredoc-with-crlf`.
pub fn crlf(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Buildah takes the carriage returns away.
    if !model.is_built_by(|builder| !builder.is_buildah()) {
        return;
    }
    let text = model.file.text();
    for (step, instruction) in model.instructions().filter(|(_, i)| !i.heredocs.is_empty()) {
        let has_return = |h: &&Heredoc| h.body.text(text).contains("\r\n");
        let read = instruction.heredocs.iter().filter(has_return);
        let Some((heredoc, reader)) = read.filter_map(|h| Some((h, reader(model, step, h)?))).next() else {
            continue;
        };
        let state = model.steps.get(step).map(|s| s.state.dialect);
        let windows = matches!(state, Some(Dialect::Cmd | Dialect::PowerShell | Dialect::Unknown))
            || model.stage_of(step).is_some_and(|s| model.family(s) == Family::Windows);
        if windows || is_windows_file(instruction) {
            continue;
        }
        let what = match reader {
            Reader::Shell => {
                "the shell gets each line of this here-document with a carriage return at its end, and takes it as part of the last word"
            }
            Reader::File => {
                "each line of the file gets a carriage return at its end: a script with one in its `#!` line does not start"
            }
        };
        // What is put in gets the line endings of the file, so nothing is.
        let returns = heredoc.body.text(text).match_indices("\r\n").map(|(at, _)| {
            let start = heredoc.body.start + Span::of(0..at).end;
            Edit::delete(Span::new(start, start + 1))
        });
        let finding = cx
            .at(heredoc.marker, what)
            .help("save the Dockerfile with LF line endings; `Dockerfile text eol=lf` in `.gitattributes` keeps them")
            .fix(Fix::uncertain("use LF in the here-document", returns.collect::<Vec<Edit>>()));
        cx.report(finding);
    }
}

/// What gets the lines of a here-document.
enum Reader {
    Shell,
    /// A file that is written.
    File,
}

/// Who reads a here-document; `None` for a program that may not mind carriage returns.
fn reader(model: &Analysis, step: usize, heredoc: &Heredoc) -> Option<Reader> {
    let instruction = model.instruction(step);
    if instruction.keyword != Keyword::Run {
        return Some(Reader::File);
    }
    if matches!(&instruction.kind, Kind::Run(CommandForm::Shell(span)) if *span == heredoc.marker) {
        return Some(Reader::Shell);
    }
    let reads = |cmd: &Cmd<'_>| {
        let mut bodies = cmd.shell().redirects.iter().filter_map(|redirect| redirect.heredoc_body);
        bodies.any(|body| body.start == heredoc.body.start)
    };
    let cmd = model.commands_of(step).find(reads)?;
    let writes = |r: &Redirect| matches!(r.kind, RedirectKind::Write | RedirectKind::Append);
    match cmd.program() {
        program if program_is(program, Trait::Shell) => Some(Reader::Shell),
        "tee" => Some(Reader::File),
        "cat" if cmd.shell().redirects.iter().any(writes) => Some(Reader::File),
        _ => None,
    }
}

/// True for a COPY to a file that Windows reads.
fn is_windows_file(instruction: &Instruction) -> bool {
    let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { return false };
    let name = transfer.destination.as_ref().map_or("", |d| &*d.text).to_ascii_lowercase();
    [".bat", ".cmd", ".ps1", ".psm1", ".reg", ".ini"].iter().any(|ending| name.ends_with(ending))
}
