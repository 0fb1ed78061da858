//! What a change brings: bytes, findings, and what is built again.

mod markdown;
mod text;
mod words;

use std::io::{self, Write};

use serde::Serialize;

use crate::diag::format_bytes;

use super::about::About;
use super::cache::CacheRow;
use super::image::CheckRow;
use super::plan::{Amounts, PlanFile, PlanStage};
use super::sanitize::sanitize;

pub use markdown::write_compare_markdown;
pub use text::write_compare;

/// What a change brings. This is the JSON document, too: names and types stay, new ones may come within a version. Bytes
/// are those of file contents.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CompareReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The commit, as it was named.
    pub commit: String,
    /// The hash of the commit that is compared with: where the histories of the two parted.
    pub base: String,
    /// The images that the change may touch and does change, the largest growth first.
    pub images: Vec<ImageChange>,
    /// How many of those that it may touch stay as they are.
    pub same: usize,
    /// How all together grow, the new ones and the removed ones too.
    pub sum: Growth,
    /// Findings that are there now and were not before.
    pub gained: Vec<FindingChange>,
    /// Findings that were there before and are not now.
    pub lost: Vec<FindingChange>,
    /// The limits that were asked for.
    pub checks: Vec<CheckRow>,
    /// What to know of all this.
    pub notes: Vec<String>,
    /// Where it comes from: the page says so.
    #[serde(skip)]
    pub about: About,
}

/// What becomes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageState {
    /// It is there before and after.
    Changed,
    /// Nothing built it before.
    New,
    /// Nothing builds it any more.
    Removed,
}

/// How an image changes.
#[derive(Debug, Clone, Serialize)]
pub struct ImageChange {
    /// Its Dockerfile; of one that is removed, what it was.
    pub dockerfile: String,
    /// What the Dockerfile was called, if it was renamed.
    pub renamed_from: Option<String>,
    /// What starts the build, as in `compose.yaml: web`.
    pub entry: Option<String>,
    /// What starts other builds of the same Dockerfile, of which the same changes.
    pub other_entries: Vec<String>,
    /// What becomes of it.
    pub state: ImageState,
    /// Why it does not build now, if it does not: nothing else is compared then.
    pub fault: Option<String>,
    /// Why it did not build before, if it did not: nothing else is compared then, and it is no growth.
    pub was_fault: Option<String>,
    /// `linux/amd64`.
    pub platform: String,
    /// Other platforms of the same build, for which the same changes.
    pub other_platforms: Vec<String>,
    /// True if there are builds of it for other platforms that may change otherwise: its title names its own then.
    #[serde(skip)]
    pub is_one_of_several: bool,
    /// What differs beside files and instructions, in a sentence each: the platform, the frontend.
    pub reasons: Vec<String>,
    /// What it weighed before.
    pub before: Option<Amounts>,
    /// What it weighs after.
    pub after: Option<Amounts>,
    /// How it grows.
    pub growth: Growth,
    /// The layers that make the difference, in the order of the file.
    pub layers: Vec<LayerChange>,
    /// What is sent of the build context.
    pub context: ContextChange,
    /// What is built again; nothing if that cannot be told, or if the image was not there.
    pub cache: Option<CacheChange>,
    /// All layers before and after, where the page shows them.
    #[serde(skip)]
    pub plans: Option<[Vec<PlanStage>; 2]>,
}

/// A difference in bytes: what comes in addition, less what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Growth {
    /// The known part, the most likely figure.
    pub bytes: i64,
    /// The least that the known part may be.
    pub least: i64,
    /// The most.
    pub most: i64,
    /// How many layers may differ by an amount that nobody knows.
    pub unknown: usize,
    /// True if what is unknown is new, so that it can only add to this.
    pub only_adds: bool,
}

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerState {
    /// The same instruction makes more or less of it, or another one in its place.
    Changed,
    /// Its instruction is new.
    Added,
    /// Its instruction is gone.
    Removed,
}

/// A layer that makes a difference.
#[derive(Debug, Clone, Serialize)]
pub struct LayerChange {
    /// What became of it.
    pub state: LayerState,
    /// First and last line of its instruction; of one that is gone, in the old file.
    pub lines: (u32, u32),
    /// The instruction, with continuations joined.
    pub instruction: String,
    /// The instruction that was in its place, if that was another one.
    pub was: Option<String>,
    /// What it weighed before.
    pub before: Option<Amounts>,
    /// What it weighs after.
    pub after: Option<Amounts>,
    /// The difference.
    pub growth: Growth,
    /// How its bytes are known: `measured`, `learned`, `registry`, `index`, `catalogue`, `estimated` or `unknown`.
    pub known_by: &'static str,
    /// The largest files in it.
    pub largest: Vec<PlanFile>,
    /// What it is made of: what is not the same before and after, and what nobody knows the bytes of.
    pub parts: Vec<PartChange>,
    /// The files of the build context that make most of the difference, of a layer that has changed; at most five.
    pub files: Vec<FileChange>,
}

/// A part of a layer that makes a difference, or may make one.
#[derive(Debug, Clone, Serialize)]
pub struct PartChange {
    /// What it is.
    pub what: String,
    /// True if it was there before.
    pub is_before: bool,
    /// True if it is there now.
    pub is_after: bool,
    /// Its bytes; nothing where they are unknown.
    pub bytes: Option<u64>,
    /// The least and the most that it may be.
    pub range: Option<(u64, u64)>,
    /// How that is known.
    pub known_by: &'static str,
    /// Where the figure comes from.
    pub source: Option<String>,
}

/// What is sent of the build context.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContextChange {
    /// Files and bytes before; nothing where that is not known.
    pub before: Option<Sent>,
    /// The same after.
    pub after: Option<Sent>,
    /// The files that make most of the difference, at most five.
    pub files: Vec<FileChange>,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sent {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A file of the build context that differs.
#[derive(Debug, Clone, Serialize)]
pub struct FileChange {
    /// Its path in the context.
    pub path: String,
    /// Its bytes before; nothing if it was not there.
    pub before: Option<u64>,
    /// Its bytes after; nothing if it is gone.
    pub after: Option<u64>,
}

/// What a build with the cache of the old one builds again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CacheChange {
    /// How many steps it has, base images left out.
    pub steps: usize,
    /// Those that are built again, or may be.
    pub rebuilt: Vec<CacheRow>,
}

/// A finding that comes or goes.
#[derive(Debug, Clone, Serialize)]
pub struct FindingChange {
    /// The file.
    pub path: String,
    /// The line that it is at, in the file as it is now or was.
    pub line: u32,
    /// The name of the rule.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// What it says.
    pub message: String,
}

impl Growth {
    /// Counts more.
    pub fn add(&mut self, other: &Self) {
        let is_first = self.unknown == 0;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.least = self.least.saturating_add(other.least);
        self.most = self.most.saturating_add(other.most);
        if other.unknown > 0 {
            self.only_adds = other.only_adds && (is_first || self.only_adds);
        }
        self.unknown += other.unknown;
    }

    /// True if nothing is known to change, and nothing may.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// `+120 MB`, `-3.2 MB`.
pub(in crate::report) fn signed(bytes: i64) -> String {
    let sign = if bytes < 0 { '-' } else { '+' };
    format!("{sign}{}", format_bytes(bytes.unsigned_abs()))
}

impl ImageChange {
    /// What it is called: its Dockerfile, and what starts the build; with the platforms, where the same changes for
    /// several. Nothing raw is in it.
    #[must_use]
    pub fn title(&self) -> String {
        let entries: Vec<&String> = self.entry.iter().chain(&self.other_entries).collect();
        let named: Vec<_> = entries.iter().take(MOST_ENTRIES).map(|entry| sanitize(entry)).collect();
        let more = match entries.len().saturating_sub(MOST_ENTRIES) {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        let entry = if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join("; ")) };
        let mut platforms = String::new();
        if self.is_one_of_several || !self.other_platforms.is_empty() {
            let all = std::iter::once(&self.platform).chain(&self.other_platforms);
            let all: Vec<String> = all.map(|platform| sanitize(platform).into_owned()).collect();
            platforms = format!(" for {}", all.join(", "));
        }
        format!("{}{entry}{platforms}", super::sanitize::path(&self.dockerfile))
    }

    /// True if another image differs from this one by its platform or by what starts it alone.
    fn is_alike(&self, other: &Self) -> bool {
        let plain = |image: &Self| {
            let image = Self {
                platform: String::new(),
                other_platforms: Vec::new(),
                entry: None,
                other_entries: Vec::new(),
                ..image.clone()
            };
            serde_json::to_value(image).ok()
        };
        (&self.dockerfile, self.state, self.growth) == (&other.dockerfile, other.state, other.growth)
            && self.entry.is_some() == other.entry.is_some()
            && plain(self).is_some_and(|own| Some(own) == plain(other))
    }
}

impl CompareReport {
    /// Takes an image. Another build of the same Dockerfile, of which the same changes, is said with it: the same one for
    /// another platform, or what something else starts.
    pub fn take(&mut self, image: ImageChange) {
        match self.images.iter_mut().rev().take(MOST_ALIKE).find(|other| other.is_alike(&image)) {
            Some(other) => {
                let is_own = other.entry == image.entry;
                let is_known = |entry: &String| other.other_entries.contains(entry);
                other.other_entries.extend(image.entry.filter(|entry| !is_own && !is_known(entry)));
                if is_own && image.platform != other.platform {
                    other.other_platforms.push(image.platform);
                }
            }
            None => self.images.push(image),
        }
    }

    /// How many images change, those of other builds with them.
    fn number(&self) -> usize {
        self.images.iter().map(|image| 1 + image.other_entries.len()).sum()
    }
}

/// How many images back one that is alike may be.
const MOST_ALIKE: usize = 64;
/// How many of those that start builds are named.
const MOST_ENTRIES: usize = 3;

impl ContextChange {
    /// The difference in bytes, if both are known.
    fn growth(&self) -> Option<i64> {
        let bytes = |sent: Sent| i64::try_from(sent.bytes).unwrap_or(i64::MAX);
        Some(bytes(self.after?).saturating_sub(bytes(self.before?)))
    }

    /// `12 MB to 132 MB (+120 MB)`; nothing if nothing is known or all is the same.
    pub(in crate::report) fn words(&self) -> Option<String> {
        match (self.before, self.after) {
            (Some(before), Some(after)) if before.bytes != after.bytes => {
                let (was, is) = (format_bytes(before.bytes), format_bytes(after.bytes));
                let is = if was == is { is } else { format!("{was} to {is}") };
                Some(format!("{is} ({})", signed(self.growth()?)))
            }
            (Some(before), Some(after)) if before.files != after.files => Some(format!(
                "{}, now in {} files instead of {}",
                format_bytes(after.bytes),
                after.files,
                before.files
            )),
            (None, Some(after)) if after.files > 0 => Some(format_bytes(after.bytes)),
            _ => None,
        }
    }
}

impl FileChange {
    pub(in crate::report) fn growth(&self) -> i64 {
        let bytes = |bytes: Option<u64>| i64::try_from(bytes.unwrap_or(0)).unwrap_or(i64::MAX);
        bytes(self.after).saturating_sub(bytes(self.before))
    }
}

impl CacheChange {
    /// `3 of 8 steps are built again, from line 4`.
    pub(in crate::report) fn words(&self) -> String {
        use super::cache::CacheFate;
        let number = |fate| self.rebuilt.iter().filter(|row| row.fate == fate).count();
        let (surely, perhaps) = (number(CacheFate::Rebuilt), number(CacheFate::Perhaps));
        let from = self.rebuilt.iter().map(|row| row.lines.0).min().unwrap_or(0);
        let are = |number: usize| if number == 1 { "is" } else { "are" };
        match (surely, perhaps) {
            (0, 0) if self.steps == 0 => "nothing is built upon the base image".to_owned(),
            (0, 0) if self.steps == 1 => "the only step comes from the cache".to_owned(),
            (0, 1) if self.steps == 1 => "the only step may be built again".to_owned(),
            (1, 0) if self.steps == 1 => "the only step is built again".to_owned(),
            (0, 0) => format!("all {} steps come from the cache", self.steps),
            (0, perhaps) => format!("{perhaps} of {} steps may be built again, from line {from}", self.steps),
            (surely, 0) => {
                format!("{surely} of {} steps {} built again, from line {from}", self.steps, are(surely))
            }
            (surely, perhaps) => format!(
                "{surely} of {} steps {} built again and {perhaps} may be, from line {from}",
                self.steps,
                are(surely)
            ),
        }
    }
}

/// What all of it comes to, in one line.
pub(super) fn headline(report: &CompareReport) -> String {
    let mut parts = Vec::new();
    match report.images.as_slice() {
        [] => parts.push("no image changes".to_owned()),
        [image] if report.number() == 1 => parts.push(format!("{} {}", image.title(), image.sentence())),
        _ => parts.push(format!("{} images change{}", report.number(), together(&report.sum))),
    }
    let findings = |number: usize, what: &str| {
        let noun = if number == 1 { "finding" } else { "findings" };
        (number > 0).then(|| format!("{number} {noun} {what}"))
    };
    parts.extend(findings(report.gained.len(), "gained"));
    parts.extend(findings(report.lost.len(), "lost"));
    parts.join("; ")
}

/// What several images come to, behind their number.
fn together(sum: &Growth) -> String {
    match (sum.unknown, sum.bytes) {
        (0, 0) if sum.is_nothing() => ", none of them in size".to_owned(),
        (1.., 0) => ", by an unknown amount".to_owned(),
        _ => format!(": {}", sum.together()),
    }
}

/// Writes the comparison as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_compare_json(out: &mut dyn Write, report: &CompareReport) -> io::Result<()> {
    super::json::to_writer(out, report)
}
