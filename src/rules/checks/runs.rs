//! RUNs in a row.

use crate::knowledge::{Trait, program_is};
use crate::rules::Cx;
use crate::semantic::Model;
use crate::syntax::{CommandForm, Instruction, Kind};

/// `consecutive-runs`.
pub fn consecutive(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.in_final_image) {
        let mut row: Vec<usize> = Vec::new();
        for step in stage.steps.clone() {
            let joins = row.last().is_some_and(|last| same_flags(model, *last, step));
            if !is_single(model, step) {
                report(cx, &row);
                row.clear();
            } else if joins {
                row.push(step);
            } else {
                report(cx, &row);
                row = vec![step];
            }
        }
        report(cx, &row);
    }
}

fn report(cx: &mut Cx<'_>, row: &[usize]) {
    let [first, second, rest @ ..] = row else { return };
    let model = cx.model;
    let count = rest.len() + 2;
    // A `mkdir` beside one other RUN is no layer that anybody would notice.
    let is_cheap =
        |step: &usize| model.commands_of(*step).all(|c| program_is(c.program(), Trait::WritesNothing));
    if count == 2 && row.iter().any(is_cheap) {
        return;
    }
    let message = format!("{count} RUNs of one command each make {count} layers where one would do");
    let mut finding = cx
        .at(model.instruction(*second).keyword_span, message)
        .label(model.instruction(*first).keyword_span, "the first")
        .help("join them with `&&`, or in a here-document");
    for step in rest.iter().take(MAX_LABELS) {
        finding = finding.label(model.instruction(*step).keyword_span, "also");
    }
    cx.report(finding);
}

/// At most this many more RUNs are marked.
const MAX_LABELS: usize = 8;

/// A RUN of one command: what is chained already was put together on purpose.
fn is_single(model: &Model, step: usize) -> bool {
    let instruction = model.instruction(step);
    let plain = match &instruction.kind {
        // It makes no layer here.
        _ if instruction.is_trigger() => false,
        Kind::Run(CommandForm::Shell(_) | CommandForm::Exec(_)) => instruction.heredocs.is_empty(),
        _ => false,
    };
    let script = model.scripts.binary_search_by_key(&step, |s| s.step).ok();
    let commands = script.and_then(|i| model.scripts.get(i)).map(|s| &s.script);
    plain && commands.is_some_and(|s| !s.opaque && s.commands.len() == 1 && s.lists.len() == 1)
}

/// True if both have the same flags in any order: mounts, network and rights cannot be joined.
fn same_flags(model: &Model, a: usize, b: usize) -> bool {
    let flags = |instruction: &Instruction| {
        let mut flags: Vec<String> =
            instruction.flags.iter().map(|f| model.text(f.span).to_owned()).collect();
        flags.sort_unstable();
        flags
    };
    let (a, b) = (model.instruction(a), model.instruction(b));
    a.flags.len() == b.flags.len() && (a.flags.is_empty() || flags(a) == flags(b))
}
