//! `dlint cache`: what a change of files rebuilds.

mod changed;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;

use crate::cache::{Fate, Layer, Order, Question, Why};
use crate::context::{Progress, SourceStatus};
use crate::engine::{Opened, Rebuilt};
use crate::report::{
    self, Amounts, CacheFate, CacheReason, CacheReport, CacheRow, CacheSum, ChangedRow, ChangedState,
    IgnoredBy, OrderRow, sanitize,
};
use crate::semantic::{Analysis, ContextIgnore, Model};
use crate::size::{Plan, Provenance, Row, plan};
use crate::syntax::Keyword;
use crate::workspace::describe;

use super::Exit;
use super::args::{CacheArgs, TableFormatArg};
use super::output::{self, Sink};
use super::progress;
use super::project;
use changed::Named;

/// Which packages count: sizes differ little between architectures.
const ARCHITECTURE: &str = "amd64";

/// Judges the cache and prints what becomes of each layer.
pub(super) fn run(args: &CacheArgs) -> io::Result<Exit> {
    let measured = Progress::default();
    let report = match progress::shown(args.quiet, &measured, || gather(args, &measured)) {
        Ok(report) => report,
        Err(message) => return Ok(output::failed(&message)),
    };
    let sink = args.out.output.as_deref().map_or(Sink::Stdout, Sink::File);
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        TableFormatArg::Human => report::write_cache(out, &report, style),
        TableFormatArg::Json => report::write_cache_json(out, &report),
    })?;
    Ok(Exit::Clean)
}

/// Reads and judges; an error is a sentence for people.
fn gather(args: &CacheArgs, progress: &Progress) -> Result<CacheReport, String> {
    let opened = project::unmeasured(args.dockerfile.as_deref(), &args.target, &args.config)?;
    let root = opened.target.context_folder();
    let root = root.ok_or("a build context is needed: name one with --context")?;
    let named = match args.changed.as_slice() {
        [] => None,
        paths => Some(changed::named(paths, &root)?),
    };
    let places = named.as_ref().map(|named| named.iter().filter_map(|n| n.place.clone()).collect());
    let (project, rebuilt) = Rebuilt::of(opened, &root, places, progress)
        .map_err(|e| format!("{} {}", sanitize(&root.display().to_string()), describe(&e)))?;
    let model = &project.analysis;
    let question = rebuilt.question();
    let costs = Costs::of(&plan(model, &project.settings.base_images, ARCHITECTURE));
    let rows = rebuilt.layers.iter().map(|layer| row(model, &question, &costs, layer));
    let rows: Vec<CacheRow> = rows.collect();
    Ok(CacheReport {
        version: 1,
        dockerfile: project.target.name(),
        context: root.display().to_string(),
        target: args.target.build.target.clone(),
        changed: named.map(|named| changed_rows(model, &question, &named)),
        dockerfile_changed: rebuilt.dockerfile,
        advice: rebuilt.orders.iter().map(|order| order_row(model, &costs, order)).collect(),
        kept: sum(&rows, CacheFate::Kept),
        perhaps: sum(&rows, CacheFate::Perhaps),
        rebuilt: sum(&rows, CacheFate::Rebuilt),
        layers: rows,
        notes: notes(&project),
    })
}

fn order_row(model: &Model, costs: &Costs, order: &Order) -> OrderRow {
    let lines = |step: usize| model.instruction(step).lines;
    let new = order.new.as_ref();
    OrderRow {
        command: order.command.clone(),
        line: lines(order.run).0,
        copy_line: model.copies.get(order.copy).map_or(0, |c| lines(c.step).0),
        until: order.until.clone(),
        builds: order.builds,
        words: order.words.clone(),
        replaces: new.map(|new| (lines(new.steps.0).0, lines(new.steps.1).1)),
        write: new.map_or_else(Vec::new, |new| new.lines.clone()),
        sum: costs.get(order.run).0,
    }
}

/// What went wrong, or is of no use.
fn notes(project: &Opened) -> Vec<String> {
    let problem = |p: &crate::diag::Problem| match &p.path {
        Some(path) => format!("{path}: {}", p.message),
        None => p.message.clone(),
    };
    let unused = project.analysis.undeclared_args();
    let unused = unused.iter().map(|name| format!("no ARG declares the build argument {name}"));
    project.problems.iter().map(problem).chain(unused).collect()
}

fn row(model: &Model, question: &Question<'_>, costs: &Costs, layer: &Layer) -> CacheRow {
    let instruction = model.instruction(layer.step);
    let stage = model.stage_of(layer.step);
    let is_from = instruction.keyword == Keyword::From;
    let (sum, known_by) = costs.get(layer.step);
    let text = instruction.logical.text().split_whitespace().collect::<Vec<_>>().join(" ");
    CacheRow {
        stage: stage.map_or(0, |s| s.index),
        stage_name: stage.and_then(|s| s.name_word.as_ref()).map(|n| n.text.to_string()),
        lines: instruction.lines,
        instruction: text,
        fate: match layer.fate {
            Fate::Kept => CacheFate::Kept,
            Fate::Perhaps => CacheFate::Perhaps,
            Fate::Rebuilt => CacheFate::Rebuilt,
        },
        reason: reason(model, question, &layer.why),
        in_image: stage.is_some_and(|s| s.in_final_image),
        base: is_from,
        sum,
        known_by,
    }
}

/// What each layer weighs, as far as that is known, and how.
struct Costs(HashMap<usize, (Amounts, &'static str)>);

impl Costs {
    fn of(plan: &Plan) -> Self {
        let rows = plan.stages.iter().flat_map(|s| &s.rows);
        let cost = |row: &Row| {
            (super::size::amounts(row.sum()), row.provenance().map_or("unknown", Provenance::name))
        };
        Self(rows.map(|row| (row.step, cost(row))).collect())
    }

    /// What has no row adds no more than a folder.
    fn get(&self, step: usize) -> (Amounts, &'static str) {
        self.0.get(&step).copied().unwrap_or((Amounts::default(), Provenance::Measured.name()))
    }
}

fn reason(model: &Model, question: &Question<'_>, why: &Why) -> CacheReason {
    let line = |step: usize| model.instruction(step).lines.0;
    let written = |copy: usize, source: usize| {
        let query = question.queries.iter().find(|q| q.id == copy);
        query.and_then(|q| q.sources.get(source)).cloned().unwrap_or_default()
    };
    let name = |stage: usize| {
        let named = model.stages.get(stage).and_then(|s| s.name_word.as_ref());
        named.map_or_else(|| stage.to_string(), |n| n.text.to_string())
    };
    match why {
        Why::Untouched => CacheReason::Untouched,
        Why::Elsewhere => CacheReason::Elsewhere,
        Why::Linked { step } => CacheReason::Linked { line: line(*step) },
        Why::Takes { copy, source, change, changes, files, example } => CacheReason::Takes {
            source: written(*copy, *source),
            path: question.changes.get(*change).filter(|_| !question.any).map(|c| c.path.clone()),
            paths: if question.any { 0 } else { *changes },
            files: *files,
            example: example.clone(),
        },
        Why::UnknownSource { .. } => CacheReason::UnknownSource,
        Why::MissingSource { copy, source } => CacheReason::MissingSource { source: written(*copy, *source) },
        Why::FromStage { stage, .. } => CacheReason::FromStage { stage: name(*stage) },
        Why::OnStage { stage } => CacheReason::OnStage { stage: name(*stage) },
        Why::Follows { step } => CacheReason::Follows { line: line(*step) },
    }
}

/// The layers of one fate: all of them, and those that are pushed and pulled.
fn sum(rows: &[CacheRow], fate: CacheFate) -> CacheSum {
    let mut sum = CacheSum::default();
    for row in rows.iter().filter(|r| r.fate == fate && !r.base) {
        sum.layers += 1;
        if row.in_image {
            sum.in_image += 1;
            sum.sum.add(&row.sum);
            if row.sum.unknown > 0 {
                sum.unknown.push(row.lines.0);
            }
        }
    }
    sum
}

fn changed_rows(model: &Analysis, question: &Question<'_>, named: &[Named]) -> Vec<ChangedRow> {
    let ignore = model.context().and_then(|c| c.ignore.as_deref());
    let mut changes = question.changes.iter();
    let line_of = |query: usize| {
        let copy = model.copies.get(question.queries.get(query)?.id)?;
        model.stage_of(copy.step).filter(|s| s.reachable)?;
        Some(model.instruction(copy.step).lines.0)
    };
    let one = |named: &Named| {
        let change = named.place.as_ref().and_then(|_| changes.next());
        let mut row = ChangedRow {
            path: named.shown.clone(),
            state: ChangedState::Outside,
            ignored_by: None,
            lines: change
                .map_or_else(Vec::new, |c| c.taken.iter().filter_map(|t| line_of(t.query)).collect()),
        };
        row.lines.dedup();
        row.state = match change.map(|c| c.status) {
            None => ChangedState::Outside,
            Some(SourceStatus::Found) => ChangedState::There,
            Some(SourceStatus::Missing) => ChangedState::Deleted,
            Some(SourceStatus::Excluded { by }) => {
                row.ignored_by = by.zip(ignore).and_then(|(by, ContextIgnore { file, source })| {
                    Some(IgnoredBy { file: source.name().to_owned(), line: file.patterns().get(by)?.line() })
                });
                ChangedState::Ignored
            }
        };
        row
    };
    named.iter().map(one).collect()
}
