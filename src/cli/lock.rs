//! `dlint lock --image`: measures a real build, and keeps what each instruction of its Dockerfile weighs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::context::Progress;
use crate::diag::format_bytes;
use crate::engine::{LockPlace, TakenFiles};
use crate::image::Image;
use crate::lock::{Layers, Learned, LockFile};
use crate::report::sanitize;
use crate::semantic::{Model, Stage};
use crate::size::{Attribution, Blame, Certainty, Plan, Provenance, Recipe, attribute, plan, recipes};
use crate::syntax::{Keyword, Value};
use crate::workspace::Files;

use super::Exit;
use super::args::LockArgs;
use super::images::{self, Place, Wish};
use super::output;
use super::progress::{self, BytesRead};
use super::project;

/// Measures the image, and writes the lock file.
pub(super) fn run(args: &LockArgs) -> io::Result<Exit> {
    match learn(args) {
        Err(message) => Ok(output::failed(&message)),
        Ok(lesson) => {
            if !args.quiet {
                lesson.print()?;
            }
            output::problems(args.color, &lesson.problems)
        }
    }
}

/// What came of it, for people.
struct Lesson {
    lock: String,
    dockerfile: String,
    image: String,
    platform: String,
    /// How many instructions make layers.
    all: usize,
    /// Line, bytes and instruction of those that were learned.
    rows: Vec<(u32, u64, String)>,
    notes: Vec<String>,
    problems: Vec<crate::diag::Problem>,
}

impl Lesson {
    fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let Self { lock, dockerfile, image, platform, all, rows, .. } = self;
        let of = format!("{} of {all} rows of {dockerfile} from {image} ({platform})", rows.len());
        writeln!(out, "{lock}: learned {of}", lock = sanitize(lock), of = sanitize(&of))?;
        for (line, bytes, text) in rows {
            let text: String = text.chars().take(70).collect();
            writeln!(out, "  {line:>4} {:>10}  {}", format_bytes(*bytes), sanitize(&text))?;
        }
        for note in &self.notes {
            writeln!(out, "note: {}", sanitize(note))?;
        }
        out.flush()
    }
}

fn learn(args: &LockArgs) -> Result<Lesson, String> {
    let place = Place::of(&args.image)?;
    let measured = Progress::default();
    let open = || project::open(args.dockerfile.as_deref(), &args.target, &args.config, &measured);
    let mut project = progress::shown(args.quiet, &measured, open)?;
    let lock = project.target.file().and_then(LockPlace::of);
    let lock = lock.ok_or("the sizes are kept for a Dockerfile by its path, so it has to be a file")?;
    let shown = lock.path.display().to_string();
    let before = lock.read().map_err(|error| format!("{}: {error}", sanitize(&shown)))?;
    let read = BytesRead::default();
    let image = progress::shown(args.quiet, &read, || load(args, &place, &read.0))?;
    let taken = TakenFiles::of(&Files::default(), &project.target, &project.analysis, &lock.path, None);
    let platform = platform(&image);
    let model = &project.analysis;
    let stage = model.final_stage().ok_or("the Dockerfile has no stage")?;
    let found = attribute(model, stage, &image);
    check(&image, &found)?;
    let build = lock.build(stage.name.as_deref(), &platform);
    let recipes = recipes(model, &build, &taken.digests);
    let sizes = plan(model, &project.settings.base_images, architecture(&platform));
    let class = Class { model, stage, image: &image, found: &found, plan: &sizes, taken: &taken };
    let mut notes = Vec::new();
    let bytes = class.bytes(&mut notes);
    let stale = class.first_stale(&bytes, &mut notes);
    let old = before.as_ref().and_then(|file| file.layers(&build));
    let today = today();
    let (mut layers, mut rows) = (Layers::new(), Vec::new());
    let mut is_stale = false;
    for recipe in &recipes {
        is_stale |= Some(recipe.step) == stale;
        let Some(bytes) = bytes.get(&recipe.step) else { continue };
        let instruction = model.instruction(recipe.step);
        let mut learned = Learned {
            what: instruction.keyword.name().to_owned(),
            bytes: *bytes,
            date: today.clone(),
            by: place.kind().to_owned(),
            args: class.given(recipe),
            inputs: recipe.inputs.clone(),
        };
        if is_stale {
            // No hash is like this, so that the row is never taken for an exact one.
            learned.inputs.files = "0".repeat(16);
        }
        // What is the same keeps its day, so that the file changes only where something has.
        let same = old.and_then(|old| old.get(&recipe.key)).filter(|old| is_same(old, &learned));
        layers.insert(recipe.key.clone(), same.cloned().unwrap_or(learned));
        rows.push((instruction.lines.0, *bytes, instruction.logical.text().to_owned()));
    }
    if rows.is_empty() {
        return Err(format!(
            "{}: no layer of it is an instruction's own, so there is nothing to learn",
            sanitize(&args.image.display().to_string())
        ));
    }
    if !taken.left_out.is_empty() {
        notes.push(
            "dlint.lock is in the build context, and COPY takes it: add `dlint.lock` to the ignore file"
                .to_owned(),
        );
    }
    let all = recipes.len();
    let mut file = before.clone().unwrap_or_default();
    file.set_layers(build, layers);
    write(&lock, before.as_ref(), &file)?;
    Ok(Lesson {
        lock: shown,
        dockerfile: project.target.name(),
        image: args.image.display().to_string(),
        platform,
        all,
        rows,
        notes,
        problems: std::mem::take(&mut project.problems),
    })
}

fn write(lock: &LockPlace, before: Option<&LockFile>, file: &LockFile) -> Result<(), String> {
    if before == Some(file) {
        return Ok(());
    }
    let name = lock.path.display().to_string();
    lock.write(file).map_err(|error| format!("{} cannot be written: {error}", sanitize(&name)))
}

fn is_same(old: &Learned, new: &Learned) -> bool {
    (old.bytes, &old.args, &old.inputs) == (new.bytes, &new.args, &new.inputs)
}

fn load(args: &LockArgs, place: &Place, read: &AtomicU64) -> Result<Image, String> {
    let platform = args.target.build.platform.as_deref();
    let wish = Wish { platform, pick: args.pick.as_deref(), watch: &[], unverified: args.no_verify, read };
    images::load(place, wish)
}

/// `linux/arm64`, without a variant.
fn platform(image: &Image) -> String {
    image.platform.split('/').take(2).collect::<Vec<_>>().join("/")
}

fn architecture(platform: &str) -> &str {
    platform.split_once('/').map_or("amd64", |(_, architecture)| architecture)
}

/// Refuses an image that tells nothing of single instructions.
fn check(image: &Image, found: &Attribution) -> Result<(), String> {
    if image.history.is_empty()
        || image.history.iter().all(|step| step.layer.is_none()) && !image.layers.is_empty()
    {
        return Err(
            "the image has no history that fits its layers, so no layer can be told from another".to_owned()
        );
    }
    if found.layers.contains(&Blame::Squashed) {
        return Err(
            "the image was squashed into one layer: build it without that to learn from it".to_owned()
        );
    }
    if !found.agrees() {
        return Err(
            "most instructions of this Dockerfile are not in the image; build the image from it first, or name the \
             stage with --target"
                .to_owned(),
        );
    }
    Ok(())
}

/// An image, and what it is compared with.
struct Class<'a> {
    model: &'a Model,
    stage: &'a Stage,
    image: &'a Image,
    found: &'a Attribution,
    plan: &'a Plan,
    taken: &'a TakenFiles,
}

impl Class<'_> {
    fn line(&self, step: usize) -> u32 {
        self.model.instruction(step).lines.0
    }

    /// The bytes of the instructions whose layers are there, by step.
    fn bytes(&self, notes: &mut Vec<String>) -> BTreeMap<usize, u64> {
        let blamed = self.found.layers.iter().filter(|blame| matches!(blame, Blame::Steps(..))).count();
        let comments = || self.image.history.iter().filter_map(|step| step.comment.as_deref());
        // Then an instruction without a layer is one that wrote nothing.
        let is_one_each = blamed > 1 || comments().any(|comment| comment.contains("buildkit"));
        let mut bytes = BTreeMap::new();
        let mut others = BTreeSet::new();
        for found in &self.found.found {
            let keyword = self.model.instruction(found.step).keyword;
            if !matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add) {
                continue;
            }
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
        others.extend(
            self.found.missing.iter().filter(|step| self.makes_layer(**step)).map(|step| self.line(*step)),
        );
        if !others.is_empty() {
            let lines: Vec<String> = others.iter().map(u32::to_string).collect();
            let (lines, are) = match lines.as_slice() {
                [line] => (format!("line {line} is"), "a layer of its own"),
                lines => (format!("lines {} are", lines.join(", ")), "layers of their own"),
            };
            notes.push(format!(
                "{lines} not in the image as {are} with the same text, so nothing is learned there"
            ));
        }
        let base =
            || self.found.layers.iter().zip(&self.image.layers).filter(|(blame, _)| **blame == Blame::Base);
        if base().next().is_some() {
            let root = self.model.lineage(self.stage).last().unwrap_or(self.stage);
            let sum = base().map(|(_, layer)| layer.bytes).fold(0, u64::saturating_add);
            bytes.insert(root.steps.start, sum);
        }
        bytes
    }

    fn makes_layer(&self, step: usize) -> bool {
        matches!(self.model.instruction(step).keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
    }

    /// The first COPY whose files are not those of the image: what lies here has changed since the build.
    fn first_stale(&self, bytes: &BTreeMap<usize, u64>, notes: &mut Vec<String>) -> Option<usize> {
        let is_stale = |step: &usize| {
            let Some(row) =
                self.plan.row(*step).filter(|_| self.model.instruction(*step).keyword != Keyword::Run)
            else {
                return false;
            };
            let sum = row.sum();
            if row.provenance() != Some(Provenance::Measured) || sum.range.0 != sum.range.1 {
                return false;
            }
            let copies = self.model.copies.iter().enumerate().filter(|(_, copy)| copy.step == *step);
            let lock: u64 = copies.filter_map(|(number, _)| self.taken.left_out.get(&number)).sum();
            let least = sum.bytes.saturating_sub(lock);
            // The image may have the lock file of another day.
            let most = if lock > 0 { least.saturating_add(crate::lock::MAX_BYTES) } else { least };
            bytes.get(step).is_some_and(|built| !(least..=most).contains(built))
        };
        let step = bytes.keys().copied().find(|step| is_stale(step))?;
        notes.push(format!(
            "line {}: the files here are not those of the image, so they have changed since the build: this row and those \
             behind it are kept as older",
            self.line(step)
        ));
        Some(step)
    }

    /// The names of the arguments that were given from outside, as the history or the command line tells.
    fn given(&self, recipe: &Recipe) -> Vec<String> {
        let entry = self.found.found.iter().find(|found| found.step == recipe.step).map(|found| found.entry);
        let said =
            entry.and_then(|entry| self.image.history.get(entry)).map_or("", |entry| &entry.created_by);
        // `|2 A=1 B=2 /bin/sh -c …`
        let said = said.find('|').map_or("", |at| &said[at..]);
        let is_given = |name: &&String| {
            if self.model.build().args.contains_key(*name) {
                return true;
            }
            if crate::semantic::is_automatic(name) || !said.contains(&format!(" {name}=")) {
                return false;
            }
            match self.model.binding(recipe.step, name).map(|binding| &binding.value) {
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

/// The day, in the time of Greenwich.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let (year, month, day) = date(i64::try_from(seconds / 86_400).unwrap_or(0));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The date of a day, counted from 1970 (Howard Hinnant, `civil_from_days`).
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!((date(0), date(20_786), date(11_016)), ((1970, 1, 1), (2026, 11, 29), (2000, 2, 29)));
    }
}
