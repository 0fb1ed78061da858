//! The order that would keep the dependencies in the cache.

use crate::cache::{Fate, Layer, Question, Why};
use crate::context::SourceStatus;
use crate::report::{Amounts, OrderRow};
use crate::semantic::Analysis;
use crate::semantic::{EarlyPackages, EarlySources, Model, Reordered};

/// What is worth another order, for the layers that the changes rebuild.
pub(super) fn advice(
    model: &Analysis,
    question: &Question<'_>,
    layers: &[Layer],
    sum: impl Fn(usize) -> Amounts,
) -> Vec<OrderRow> {
    let mut rows: Vec<(Option<Reordered>, OrderRow)> = Vec::new();
    for early in model.early_sources() {
        let run = early.install.cmd.step();
        if !is_cause(model, layers, early.first.copy, run) || changes_any(question, &early.manifests) {
            continue;
        }
        let reordered =
            early.reordered(model).filter(|new| rows.iter().all(|(old, _)| apart(old.as_ref(), new)));
        rows.push((reordered.clone(), OrderRow { sum: sum(run), ..of_sources(model, &early, reordered) }));
    }
    for early in model.early_packages() {
        let run = early.install.step();
        let covered = |r: &Reordered| (r.steps.0..=r.steps.1).contains(&run);
        let known = rows.iter().any(|(old, _)| old.as_ref().is_some_and(covered));
        if !known && is_cause(model, layers, early.copy, run) {
            let reordered =
                early.reordered(model).filter(|new| rows.iter().all(|(old, _)| apart(old.as_ref(), new)));
            rows.push((
                reordered.clone(),
                OrderRow { sum: sum(run), ..of_packages(model, &early, reordered) },
            ));
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// True if the copy is the first cause of the RUN's fate, so that another order would change it.
fn is_cause(model: &Model, layers: &[Layer], copy: usize, run: usize) -> bool {
    let cause = model.copies.get(copy).map(|c| c.step);
    let layer = layers.binary_search_by_key(&run, |l| l.step).ok().and_then(|at| layers.get(at));
    layer
        .is_some_and(|l| l.fate > Fate::Kept && matches!(l.why, Why::Follows { step } if Some(step) == cause))
}

/// True if one of the files is among what changes: then the install has to run in any order.
fn changes_any(question: &Question<'_>, files: &[String]) -> bool {
    let kept = |s: SourceStatus| matches!(s, SourceStatus::Excluded { .. });
    let changed = question.changes.iter().filter(|c| !question.any && !kept(c.status));
    let mut folders = changed.map(|c| c.path.trim_end_matches('/'));
    folders.any(|folder| {
        files.iter().any(|file| {
            let rest = file.strip_prefix(folder);
            folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    })
}

/// True if two replacements do not touch each other.
fn apart(one: Option<&Reordered>, other: &Reordered) -> bool {
    one.is_none_or(|one| one.steps.1 < other.steps.0 || other.steps.1 < one.steps.0)
}

fn of_sources(model: &Model, early: &EarlySources<'_>, new: Option<Reordered>) -> OrderRow {
    let run = early.install.cmd.step();
    OrderRow {
        command: early.command(model),
        line: model.instruction(run).lines.0,
        until: early.manifests.clone(),
        builds: early.install.builds,
        words: early.advice(model),
        ..row(model, early.first.copy, new)
    }
}

fn of_packages(model: &Model, early: &EarlyPackages<'_>, new: Option<Reordered>) -> OrderRow {
    let run = early.install.step();
    OrderRow {
        command: early.install.head(),
        line: model.instruction(run).lines.0,
        words: "move the RUN above the COPY".to_owned(),
        ..row(model, early.copy, new)
    }
}

fn row(model: &Model, copy: usize, new: Option<Reordered>) -> OrderRow {
    let lines = |step: usize| model.instruction(step).lines;
    OrderRow {
        copy_line: model.copies.get(copy).map_or(0, |c| lines(c.step).0),
        replaces: new.as_ref().map(|new| (lines(new.steps.0).0, lines(new.steps.1).1)),
        write: new.map_or_else(Vec::new, |new| new.lines),
        ..OrderRow::default()
    }
}
