//! The order of instructions that would keep the dependencies in the cache.

use std::collections::HashMap;

use crate::context::SourceStatus;
use crate::semantic::{Analysis, EarlyPackages, EarlySources, Model, Reordered};

use super::{Fate, Layer, Question, Why};

/// Another order of instructions, which keeps an install for longer.
#[derive(Debug, Clone)]
pub struct Order {
    /// The install, as people write it: `npm ci`.
    pub command: String,
    /// The step that it is in.
    pub run: usize,
    /// The COPY before it that is the cause, as an index into [`Model::copies`].
    pub copy: usize,
    /// The files whose change runs it all the same, as paths of the context.
    pub until: Vec<String>,
    /// True if it also builds the project, so that only its downloads can be kept.
    pub builds: bool,
    /// What to do, in words.
    pub words: String,
    /// The new lines, where they can be told.
    pub new: Option<Reordered>,
}

/// The orders that keep what the changes of a question rebuild. None of them touches the lines of another.
#[must_use]
pub fn orders(model: &Analysis, question: &Question<'_>, layers: &[Layer]) -> Vec<Order> {
    let mut found: Vec<Order> = Vec::new();
    let own = |l: &&Layer| model.stage_of(l.step).is_some_and(|s| s.index == l.stage);
    let layers: HashMap<usize, &Layer> = layers.iter().filter(own).map(|l| (l.step, l)).collect();
    let layers = &layers;
    let fits = |found: &[Order], new: &Reordered| found.iter().all(|order| apart(order.new.as_ref(), new));
    for early in model.early_sources() {
        let run = early.install.cmd.step();
        if !is_cause(model, layers, early.first.copy, run) || changes_any(question, &early.manifests) {
            continue;
        }
        let new = early.reordered(model).filter(|new| fits(&found, new));
        found.push(of_sources(model, &early, new));
    }
    for early in model.early_packages() {
        let run = early.install.step();
        let covered = |r: &Reordered| (r.steps.0..=r.steps.1).contains(&run);
        let known = found.iter().any(|order| order.new.as_ref().is_some_and(covered));
        if !known && is_cause(model, layers, early.copy, run) {
            let new = early.reordered(model).filter(|new| fits(&found, new));
            found.push(of_packages(&early, new));
        }
    }
    found
}

/// True if the layer of `run` is rebuilt only because that of the copy is.
fn is_cause(model: &Model, layers: &HashMap<usize, &Layer>, copy: usize, run: usize) -> bool {
    let cause = model.copies.get(copy).map(|c| c.step);
    layers
        .get(&run)
        .is_some_and(|l| l.fate > Fate::Kept && matches!(l.why, Why::Follows { step } if Some(step) == cause))
}

/// True if one of `files` is among what changes: then no order keeps what they decide.
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

/// True if both may be made.
fn apart(one: Option<&Reordered>, other: &Reordered) -> bool {
    one.is_none_or(|one| one.steps.1 < other.steps.0 || other.steps.1 < one.steps.0)
}

fn of_sources(model: &Analysis, early: &EarlySources<'_>, new: Option<Reordered>) -> Order {
    Order {
        command: early.command(model),
        run: early.install.cmd.step(),
        copy: early.first.copy,
        until: early.manifests.clone(),
        builds: early.install.builds,
        words: early.advice(model),
        new,
    }
}

fn of_packages(early: &EarlyPackages<'_>, new: Option<Reordered>) -> Order {
    Order {
        command: early.install.head(),
        run: early.install.step(),
        copy: early.copy,
        until: Vec::new(),
        builds: false,
        words: "move the RUN above the COPY".to_owned(),
        new,
    }
}
