//! Rules about the choice of instructions.

use crate::diag::Fix;
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::Model;
use crate::syntax::{Kind, Operator, Signal, Word};
use crate::text::{Edit, Span};

/// `maintainer-deprecated`.
pub fn maintainer(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let Kind::Maintainer(name) = &instruction.kind else { continue };
        let name = name.as_ref().filter(|n| n.exact && !n.text.contains(['"', '\\', '$', '`']));
        let author = name.map_or("NAME <MAIL>", |name| &name.text);
        let label = format!("LABEL org.opencontainers.image.authors=\"{author}\"");
        let mut finding = cx
            .at(instruction.keyword_span, "MAINTAINER is deprecated: tools read the label instead")
            .help(format!("write `{label}`"));
        if let Some(name) = name {
            let edit = Edit::replace(instruction.keyword_span.to(name.span), label);
            finding = finding.fix(Fix::safe("use the label instead of the Author field", [edit]));
        }
        cx.report(finding);
    }
}

/// `unstoppable-signal`.
pub fn stop_signal(cx: &mut Cx<'_>) {
    for (step, instruction) in cx.model.instructions() {
        let Kind::Stopsignal(Some(word)) = &instruction.kind else { continue };
        let value = cx.model.value(step, word);
        let windows = cx.model.stage_of(step).is_some_and(|s| cx.model.family(s) == Family::Windows);
        if windows {
            continue;
        }
        let (name, what) = match value.known().map(|value| (value, Signal::read(value))) {
            Some((_, Some(Signal::KILL))) => ("SIGKILL", "ends it at once, in the middle of its work"),
            Some((_, Some(Signal::STOP))) => ("SIGSTOP", "only pauses it until it is killed"),
            None if is_empty(cx.model, step, word) => {
                let message =
                    format!("`{}` is empty here, which is not a signal: the build fails", word.text);
                cx.report(cx.at(word.span, message).help("name a signal, for example `SIGTERM`"));
                continue;
            }
            // What has no variables is a syntax error.
            Some((value, None)) if word.has_variables() => {
                let shown: String = value.chars().take(40).collect();
                let message =
                    format!("`{}` is `{shown}` here, which is not a signal: the build fails", word.text);
                cx.report(cx.at(word.span, message).help("name a signal, for example `SIGTERM`"));
                continue;
            }
            _ => continue,
        };
        let message = format!("no program can handle {name}: `docker stop` {what}");
        let help = "leave it out for SIGTERM, or name the signal that makes the program shut down";
        cx.report(cx.at(word.span, message).help(help));
    }
}

/// True if a word is one variable that surely nothing sets.
fn is_empty(model: &Model, step: usize, word: &Word) -> bool {
    let Ok(variables) = word.variables() else { return false };
    let [variable] = variables.as_slice() else { return false };
    let stage = model.stage_of(step);
    let sure = stage.and_then(|stage| model.base_leaves_unset(stage, &variable.name)) == Some(true);
    sure && variable.operator == Operator::Plain
        && variable.range == (0..word.text.len())
        && &*variable.name != "PATH"
        && model.binding(step, &variable.name).is_none()
}

/// `empty-continuation`.
pub fn empty_continuation(cx: &mut Cx<'_>) {
    let text = cx.model.file.text();
    for (_, instruction) in cx.model.instructions() {
        let Some(first) = instruction.empty_continuations.first() else { continue };
        // BuildKit points at the end of the instruction, and comments that suppress go by that.
        let end = instruction.arguments.end.max(instruction.keyword_span.end);
        let before = text.get(..end as usize).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let start = start + before[start..].len() - before[start..].trim_start().len();
        let span = Span::of(start..before.len());
        let count = instruction.empty_continuations.len();
        let what = if count == 1 {
            "there is an empty line".to_owned()
        } else {
            format!("there are {count} empty lines")
        };
        let mut finding = cx
            .at(span, format!("{what} inside this instruction: BuildKit says this will become an error"))
            .help("remove the empty line, or end the instruction above it");
        let mut runs: Vec<Span> = Vec::new();
        for empty in &instruction.empty_continuations {
            match runs.last_mut().filter(|run| run.end == empty.start) {
                Some(run) => *run = run.to(*empty),
                None => runs.push(*empty),
            }
        }
        for run in runs.into_iter().take(4) {
            finding = finding.label(run, "empty");
        }
        // Where nothing follows, the line that was meant to is missing.
        if first.end <= end {
            let edits: Vec<Edit> = instruction.empty_continuations.iter().map(|s| Edit::delete(*s)).collect();
            finding = finding.fix(Fix::safe("remove the empty lines", edits));
        }
        cx.report(finding);
    }
}
