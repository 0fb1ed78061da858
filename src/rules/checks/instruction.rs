//! Rules about the choice of instructions.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::syntax::{Kind, Signal};
use crate::text::{Edit, Span};

/// `maintainer-deprecated`.
pub fn maintainer(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let Kind::Maintainer(name) = &instruction.kind else { continue };
        let mut finding = cx
            .at(instruction.keyword_span, "MAINTAINER is deprecated: tools read the label instead")
            .help("write `LABEL org.opencontainers.image.authors=\"NAME <MAIL>\"`");
        if let Some(name) = name.as_ref().filter(|n| n.exact && !n.text.contains(['"', '\\', '$', '`'])) {
            let label = format!("LABEL org.opencontainers.image.authors=\"{}\"", name.text);
            let edit = Edit::replace(instruction.keyword_span.to(name.span), label);
            finding = finding.fix(Fix::safe("use the label", [edit]));
        }
        cx.report(finding);
    }
}

/// `unstoppable-signal`.
pub fn stop_signal(cx: &mut Cx<'_>) {
    for (step, instruction) in cx.model.instructions() {
        let Kind::Stopsignal(Some(word)) = &instruction.kind else { continue };
        let value = cx.model.value(step, word);
        let (name, what) = match value.known().and_then(Signal::read) {
            Some(Signal::KILL) => ("SIGKILL", "ends it at once, with its work half done"),
            Some(Signal::STOP) => ("SIGSTOP", "only makes it wait until it is killed"),
            _ => continue,
        };
        let message = format!("no program can handle {name}: `docker stop` {what}");
        let help = "leave it out for SIGTERM, or name the signal on which the program shuts down";
        cx.report(cx.at(word.span, message).help(help));
    }
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
        let what =
            if count == 1 { "an empty line stands".to_owned() } else { format!("{count} empty lines stand") };
        let mut finding = cx
            .at(span, format!("{what} inside this instruction: BuildKit says it will become an error"))
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
