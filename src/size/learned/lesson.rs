use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::image::Image;
use crate::lock::{self, Layers, Learned};
use crate::semantic::{Analysis, Stage, is_automatic};
use crate::syntax::{Keyword, Value};

use super::super::history::{Attribution, Blame, Certainty, attribute};
use super::super::plan::{Plan, Provenance};
use super::recipe::{Recipe, recipes};

/// What a real image says of the instructions of the Dockerfile that it was built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// What is to be kept.
    pub layers: Layers,
    /// The instructions that were learned, with their bytes, in order.
    pub rows: Vec<(usize, u64)>,
    /// How many instructions make layers of the image.
    pub all: usize,
    /// What to know of it, for people.
    pub notes: Vec<String>,
}

/// Why nothing can be learned of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unteachable {
    /// The Dockerfile has no stage.
    NoStage,
    /// There is no history, or it does not fit the layers.
    NoHistory,
    /// All layers were melted into one.
    Squashed,
    /// It was built from another Dockerfile.
    Other,
    /// No layer is an instruction's own.
    NoLayer,
}

impl fmt::Display for Unteachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStage => "the Dockerfile has no stage",
            Self::NoHistory => {
                "the image has no history that fits its layers, so no layer can be told from another"
            }
            Self::Squashed => "the image was squashed into one layer: build it without that to learn from it",
            Self::Other => {
                "most instructions of this Dockerfile are not in the image; build the image from it first, or name the \
                 stage with --target"
            }
            Self::NoLayer => "no layer of the image is an instruction's own, so there is nothing to learn",
        })
    }
}

impl std::error::Error for Unteachable {}

/// What an image is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Class<'a> {
    /// The build that made it.
    pub model: &'a Analysis,
    /// What it would weigh by what is known without it.
    pub plan: &'a Plan,
    /// The name of the build: Dockerfile, target and platform.
    pub build: &'a str,
    /// A digest of what each copy takes now, by its number.
    pub taken: &'a BTreeMap<usize, String>,
    /// The bytes of the lock file itself in the copies that take it.
    pub left_out: &'a BTreeMap<usize, u64>,
    /// What was known of the build before.
    pub old: Option<&'a Layers>,
    /// Where the image was: `docker`.
    pub by: &'a str,
    /// Today: `2026-11-28`.
    pub date: &'a str,
}

/// Learns from an image what the instructions of its Dockerfile weigh.
///
/// # Errors
/// If the image does not tell one instruction from another, or is of another Dockerfile.
pub fn learn(class: &Class<'_>, image: &Image) -> Result<Lesson, Unteachable> {
    let stage = class.model.final_stage().ok_or(Unteachable::NoStage)?;
    let found = attribute(class.model, stage, image);
    check(image, &found)?;
    let mut pupil = Pupil { class, stage, image, found: &found, notes: Vec::new() };
    let bytes = pupil.bytes();
    let stale = pupil.first_stale(&bytes);
    let recipes = recipes(class.model, class.build, class.taken);
    let (mut layers, mut rows) = (Layers::new(), Vec::new());
    let mut is_stale = false;
    for recipe in &recipes {
        is_stale |= Some(recipe.step) == stale;
        let Some(bytes) = bytes.get(&recipe.step) else { continue };
        let mut learned = Learned {
            what: class.model.instruction(recipe.step).keyword.name().to_owned(),
            bytes: *bytes,
            date: class.date.to_owned(),
            by: class.by.to_owned(),
            args: pupil.given(recipe),
            inputs: recipe.inputs.clone(),
        };
        if is_stale {
            // No hash is like this, so that the row is never taken for an exact one.
            learned.inputs.files = "0".repeat(16);
        }
        // What is the same keeps its day, so that the file changes only where something has.
        let same = class.old.and_then(|old| old.get(&recipe.key)).filter(|old| is_same(old, &learned));
        layers.insert(recipe.key.clone(), same.cloned().unwrap_or(learned));
        rows.push((recipe.step, *bytes));
    }
    if rows.is_empty() {
        return Err(Unteachable::NoLayer);
    }
    Ok(Lesson { layers, rows, all: recipes.len(), notes: pupil.notes })
}

fn is_same(old: &Learned, new: &Learned) -> bool {
    (old.bytes, &old.args, &old.inputs) == (new.bytes, &new.args, &new.inputs)
}

/// Refuses an image that tells nothing of single instructions.
fn check(image: &Image, found: &Attribution) -> Result<(), Unteachable> {
    let is_apart = image.history.iter().any(|step| step.layer.is_some());
    if image.history.is_empty() || !is_apart && !image.layers.is_empty() {
        Err(Unteachable::NoHistory)
    } else if found.layers.contains(&Blame::Squashed) {
        Err(Unteachable::Squashed)
    } else if !found.agrees() {
        Err(Unteachable::Other)
    } else {
        Ok(())
    }
}

/// An image beside what it is compared with.
struct Pupil<'a> {
    class: &'a Class<'a>,
    stage: &'a Stage,
    image: &'a Image,
    found: &'a Attribution,
    notes: Vec<String>,
}

impl Pupil<'_> {
    fn line(&self, step: usize) -> u32 {
        self.class.model.instruction(step).lines.0
    }

    fn makes_layer(&self, step: usize) -> bool {
        matches!(self.class.model.instruction(step).keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
    }

    /// The bytes of the instructions whose layers are there, by step.
    fn bytes(&mut self) -> BTreeMap<usize, u64> {
        let blamed = self.found.layers.iter().filter(|blame| matches!(blame, Blame::Steps(..))).count();
        let comments = || self.image.history.iter().filter_map(|step| step.comment.as_deref());
        // Then an instruction without a layer is one that wrote nothing.
        let is_one_each = blamed > 1 || comments().any(|comment| comment.contains("buildkit"));
        let mut bytes = BTreeMap::new();
        let mut others = BTreeSet::new();
        for found in self.found.found.iter().filter(|found| self.makes_layer(found.step)) {
            let layer = self.image.history.get(found.entry).and_then(|entry| entry.layer);
            let is_own = match layer.and_then(|layer| self.found.layers.get(layer)) {
                Some(Blame::Steps(steps, _)) => steps.len() == 1 || is_one_each,
                Some(_) => false,
                None => is_one_each,
            };
            if found.certainty != Certainty::Text || !is_own {
                others.insert(self.line(found.step));
                continue;
            }
            let own = layer.map_or(Some(0), |layer| self.image.layers.get(layer).map(|layer| layer.bytes));
            bytes.extend(own.map(|own| (found.step, own)));
        }
        let missing = self.found.missing.iter().filter(|step| self.makes_layer(**step));
        others.extend(missing.map(|step| self.line(*step)));
        if !others.is_empty() {
            let lines: Vec<String> = others.iter().map(u32::to_string).collect();
            let (lines, are) = match lines.as_slice() {
                [line] => (format!("line {line} is"), "a layer of its own"),
                lines => (format!("lines {} are", lines.join(", ")), "layers of their own"),
            };
            self.notes.push(format!(
                "{lines} not in the image as {are} with the same text, so nothing is learned there"
            ));
        }
        let base =
            || self.found.layers.iter().zip(&self.image.layers).filter(|(blame, _)| **blame == Blame::Base);
        if base().next().is_some() {
            let root = self.class.model.lineage(self.stage).last().unwrap_or(self.stage);
            let sum = base().map(|(_, layer)| layer.bytes).fold(0, u64::saturating_add);
            bytes.insert(root.steps.start, sum);
        }
        bytes
    }

    /// The first COPY whose files are not those of the image: what lies here has changed since the build.
    fn first_stale(&mut self, bytes: &BTreeMap<usize, u64>) -> Option<usize> {
        let model = self.class.model;
        let is_stale = |step: &usize| {
            let row = self.class.plan.row(*step).filter(|_| model.instruction(*step).keyword != Keyword::Run);
            let Some(row) = row else { return false };
            let sum = row.sum();
            if row.provenance() != Some(Provenance::Measured) || sum.range.0 != sum.range.1 {
                return false;
            }
            let copies = model.copies.iter().enumerate().filter(|(_, copy)| copy.step == *step);
            let own: u64 = copies.filter_map(|(number, _)| self.class.left_out.get(&number)).sum();
            let least = sum.bytes.saturating_sub(own);
            // The image may have the lock file of another day.
            let most = if own > 0 { least.saturating_add(lock::MAX_BYTES) } else { least };
            bytes.get(step).is_some_and(|built| !(least..=most).contains(built))
        };
        let step = bytes.keys().copied().find(|step| is_stale(step))?;
        self.notes.push(format!(
            "line {}: the files here are not those of the image, so they have changed since the build: this row and those \
             behind it are kept as older",
            self.line(step)
        ));
        Some(step)
    }

    /// The names of the arguments that were given from outside, as the history or the command line tells.
    fn given(&self, recipe: &Recipe) -> Vec<String> {
        let model = self.class.model;
        let entry = self.found.found.iter().find(|found| found.step == recipe.step).map(|found| found.entry);
        let said =
            entry.and_then(|entry| self.image.history.get(entry)).map_or("", |entry| &entry.created_by);
        // `|2 A=1 B=2 /bin/sh -c …`
        let said = said.find('|').map_or("", |at| &said[at..]);
        let is_given = |name: &&String| {
            if model.build().args.contains_key(*name) {
                return true;
            }
            if is_automatic(name) || !said.contains(&format!(" {name}=")) {
                return false;
            }
            match model.binding(recipe.step, name).map(|binding| &binding.value) {
                Some(Value::Known(value)) => !said.contains(&format!(" {name}={value} ")),
                _ => true,
            }
        };
        // Whatever the Dockerfile declares, the file is one that can be read again.
        let shown = |name: &String| -> String {
            let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            name.chars().take(256).map(letter).collect()
        };
        recipe.args.iter().filter(is_given).map(shown).collect()
    }
}
