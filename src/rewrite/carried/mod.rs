//! What a Dockerfile carries into its image without need, with the edits that leave it behind: each only where it is
//! certain that what runs misses nothing.

mod base;
mod copies;
mod node;
mod residue;
mod sources;
mod symbols;
#[cfg(test)]
mod tests;
mod tools;

use std::cell::RefCell;
use std::collections::HashMap;
use std::slice;

use crate::diag::Saving;
use crate::knowledge::Family;
use crate::semantic::{Analysis, Cmd, CopyFrom, Model, Stage};
use crate::size::BaseImages;
use crate::syntax::{CommandForm, File, ItemKind, Kind, parse};
use crate::text::{Edit, Source, Span, apply};

use super::proposal::{Change, MAX_STEPS, Project, Proposal};
use super::sources::Sources;

/// What is known of the build.
pub(super) struct Case<'m> {
    model: &'m Analysis,
    /// The stage that is built.
    last: &'m Stage,
    project: Project<'m>,
    sources: &'m Sources<'m>,
    images: &'m BaseImages,
    /// Whether the Dockerfile has any of these words in it, as far as that was asked.
    said: RefCell<HashMap<&'static [&'static str], bool>>,
}

/// The most things that one proposal leaves behind.
const MAX_PIECES: usize = 32;

/// A thing to leave behind.
#[derive(Debug, Clone)]
struct Piece {
    change: Change,
    /// What to look at before it is used.
    note: Option<String>,
    edits: Vec<Edit>,
}

/// Proposes a Dockerfile that carries less along; `None` if it is certain of nothing.
pub(super) fn propose(
    model: &Analysis,
    project: Project<'_>,
    sources: &Sources<'_>,
    images: &BaseImages,
) -> Option<Proposal> {
    let last = model.final_stage()?;
    let case = Case { model, last, project, sources, images, said: RefCell::default() };
    if !model.file.errors.is_empty()
        || model.instructions().count() > MAX_STEPS
        || model.family(last) == Family::Windows
        || model.instructions().any(|(_, i)| matches!(i.kind, Kind::Unknown))
    {
        return None;
    }
    let kinds: [fn(&Case<'_>) -> Vec<Piece>; 6] =
        [base::pieces, copies::pieces, node::pieces, residue::pieces, symbols::pieces, tools::pieces];
    let mut fitting: Vec<Piece> = Vec::new();
    for piece in kinds.into_iter().flat_map(|pieces| pieces(&case)).take(MAX_PIECES) {
        // Those that touch each other are another proposal, once the first is taken.
        if case.edited(&[fitting.as_slice(), slice::from_ref(&piece)].concat()).is_some() {
            fitting.push(piece);
        }
    }
    let mut sound = Vec::new();
    case.keep_sound(fitting, &mut sound);
    let text = case.edited(&sound).filter(|_| !sound.is_empty())?;
    let mut proposal = Proposal { text, changes: Vec::new(), notes: Vec::new() };
    for piece in sound {
        proposal.changes.push(piece.change);
        proposal.notes.extend(piece.note.filter(|note| !proposal.notes.contains(note)));
    }
    proposal.changes.sort_by_key(|change| change.line);
    Some(proposal)
}

impl<'m> Case<'m> {
    /// The text with the edits of pieces in it; `None` where they overlap.
    fn edited(&self, pieces: &[Piece]) -> Option<String> {
        let edits: Vec<Edit> = pieces.iter().flat_map(|piece| piece.edits.iter().cloned()).collect();
        String::from_utf8(apply(self.model.file.text().as_bytes(), &edits).ok()?).ok()
    }

    /// Adds those of some pieces to `sound` that make a proposal with what is there already: all, or else those of either
    /// half.
    fn keep_sound(&self, mut pieces: Vec<Piece>, sound: &mut Vec<Piece>) {
        let before = sound.len();
        sound.extend(pieces.iter().cloned());
        if pieces.is_empty() || self.edited(sound).is_some_and(|text| self.is_sound(&text)) {
            return;
        }
        sound.truncate(before);
        if pieces.len() > 1 {
            let rest = pieces.split_off(pieces.len() / 2);
            self.keep_sound(pieces, sound);
            self.keep_sound(rest, sound);
        }
    }

    /// What must be true of any proposal: it reads without faults, has the same stages, and runs the same.
    fn is_sound(&self, text: &str) -> bool {
        let file = parse(Source::from_text("proposal", text));
        let model = Model::of_build(file, self.model.build());
        let runs = |model: &Model, stage: &Stage| -> Vec<String> {
            let steps = model.entry(stage).steps();
            steps.map(|step| model.instruction(step).arguments_text().to_owned()).collect()
        };
        let reached = |model: &Model| -> Vec<bool> { model.stages.iter().map(|s| s.reachable).collect() };
        model.file.errors.is_empty()
            && reached(&model) == reached(self.model)
            && model.final_stage().is_some_and(|stage| runs(&model, stage) == runs(self.model, self.last))
    }

    /// The commands of the RUNs that this build runs.
    fn commands(&self) -> impl Iterator<Item = Cmd<'m>> + use<'m> {
        let model = self.model;
        model.run_commands().filter(|c| !c.script().onbuild && c.stage().is_some_and(|s| s.reachable))
    }

    /// The commands that run in `stage` or one that it starts from.
    fn commands_in(&self, stage: &'m Stage) -> impl Iterator<Item = Cmd<'m>> + use<'m> {
        let model = self.model;
        self.commands().filter(move |c| model.inherits_step(stage, c.step()))
    }

    /// The instructions of the image that is built.
    fn steps(&self) -> impl Iterator<Item = usize> + use<'m> {
        let mut stages: Vec<&Stage> = self.model.lineage(self.last).collect();
        stages.reverse();
        stages.into_iter().flat_map(|stage| stage.steps.clone())
    }

    /// The stages whose files the image that is built takes.
    fn source_stages(&self) -> impl Iterator<Item = &'m Stage> + use<'m> {
        let model = self.model;
        let last = self.last.steps.clone();
        let copies = model.copies.iter().filter(move |copy| last.contains(&copy.step));
        let from = copies.filter_map(|copy| match copy.from {
            CopyFrom::Stage(from) => model.stages.get(from),
            _ => None,
        });
        from.chain([self.last]).filter_map(|stage| model.stages.get(stage.index))
    }

    /// The commands that containers of the image run.
    fn entry(&self) -> Vec<Cmd<'m>> {
        self.model.entry_commands(self.model.entry(self.last)).collect()
    }

    /// True if every script of `stage` and of those that it starts from can be read to the last command.
    fn is_read(&self, stage: &'m Stage) -> bool {
        self.model.lineage(stage).flat_map(|s| s.steps.clone()).all(|step| {
            !matches!(self.model.instruction(step).kind, Kind::Run(_))
                || self.model.scripts_of(step).iter().all(|s| !s.script.opaque && !s.script.approximate)
        })
    }

    /// True if another stage starts from this one, or may.
    fn is_started_from(&self, stage: &Stage) -> bool {
        let is = |other: &Stage| {
            other.base == crate::semantic::Base::Stage(stage.index) || other.choices.contains(&stage.index)
        };
        self.model.stages.iter().any(is)
    }

    /// True if the words of a command can be edited where they stand: a shell reads it, and no other script it is in.
    fn is_plain(&self, cmd: &Cmd<'_>) -> bool {
        let shell = matches!(self.model.instruction(cmd.step()).kind, Kind::Run(CommandForm::Shell(_)));
        shell && !cmd.shell().place.within.shell_string && !cmd.shell().place.within.substitution
    }

    /// Where a line before an instruction goes: before its comments as well, which speak of it.
    fn before(&self, step: usize) -> u32 {
        let file: &File = &self.model.file;
        let item = self.model.instruction(step).item;
        let comments = file.items.get(..item).unwrap_or_default().iter().rev();
        let first = comments.take_while(|i| i.kind == ItemKind::Comment).last();
        first.or_else(|| file.items.get(item)).map_or(0, |i| i.span.start)
    }

    /// A line of its own before an instruction.
    fn line_before(&self, step: usize, line: &str) -> Edit {
        Edit::insert(self.before(step), format!("{line}{}", self.line_end()))
    }

    /// A line of its own at the end of a stage.
    fn line_at_end(&self, stage: &Stage, line: &str) -> Option<Edit> {
        let last = self.model.instruction(stage.steps.clone().last()?);
        Some(Edit::insert(last.span.end, format!("{}{line}", self.line_end())))
    }

    /// An item, with the blank lines behind it where there are some before it, too.
    fn with_blank(&self, item: usize) -> Option<Span> {
        let items = &self.model.file.items;
        let blank = |at: Option<usize>| at.and_then(|at| items.get(at)).filter(|i| i.kind == ItemKind::Blank);
        let own = items.get(item)?.span;
        let between = blank(item.checked_sub(1)).and(blank(Some(item + 1)));
        Some(between.map_or(own, |behind| own.to(behind.span)))
    }

    fn line_end(&self) -> &'static str {
        if self.model.file.text().contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn line(&self, step: usize) -> u32 {
        self.model.instruction(step).lines.0
    }

    fn piece(&self, step: usize, what: impl Into<String>, edits: Vec<Edit>) -> Piece {
        Piece { change: Change { line: self.line(step), what: what.into(), saving: None }, note: None, edits }
    }
}

impl Piece {
    fn saving(mut self, saving: Option<Saving>) -> Self {
        self.change.saving = saving;
        self
    }

    fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}
