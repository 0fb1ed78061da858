//! What the layers of a Dockerfile will weigh: for people as tables, for programs as JSON.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::diag::format_bytes;

use super::Style;
use super::about::About;
use super::fit::Fitted;
use super::image::CheckRow;
use super::paint::{Ink, wrap};
use super::sanitize::{path, sanitize};
use super::sheet::Sheet;

/// Bytes that are worth a line of their own to people.
const WORTH: u64 = 100_000;
/// Where text stands that belongs to a row.
const INDENT: usize = 22;
/// Where the text of advice stands.
const TEXT_AT: usize = 31;
/// How much of an instruction people get to see, in characters.
const TEXT: usize = 72;

/// The plan of a build. This is the JSON document, too: names and types stay, new ones may come within a
/// version. Bytes are those of file contents.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PlanReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The folder of the build context, if it was measured.
    pub context: Option<String>,
    /// The stage that is built, if it has a name.
    pub target: Option<String>,
    /// `linux/amd64`.
    pub platform: String,
    /// What the image will weigh.
    pub image: Amounts,
    /// Its layers, and how many of them cannot be estimated.
    pub layers: LayerCount,
    /// The same once all of the advice is taken; nothing if there is none.
    pub after: Option<Amounts>,
    /// The stages that the build runs, in the order of the file.
    pub stages: Vec<PlanStage>,
    /// What makes the image smaller, the most first.
    pub advice: Vec<AdviceRow>,
    /// What to know of these figures.
    pub notes: Vec<String>,
    /// The limits that were asked for.
    pub checks: Vec<CheckRow>,
    /// What the fixes of the advice would edit, as `patch -p0` reads it; empty without any. The page shows it.
    #[serde(skip)]
    pub edits: String,
    /// What the page says of where the figures come from.
    #[serde(skip)]
    pub about: About,
}

/// Bytes as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Amounts {
    /// Those that are known, as likely as any.
    pub bytes: u64,
    /// The least of what is known.
    pub least: u64,
    /// The most of it.
    pub most: u64,
    /// How many pieces are unknown, and not counted.
    pub unknown: usize,
}

/// The layers of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LayerCount {
    /// All of them; a base image counts as one.
    pub all: usize,
    /// Those with a part of unknown size.
    pub unknown: usize,
}

impl LayerCount {
    /// `3 of 6 layers cannot be estimated`; nothing if all of them can.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        match (self.unknown, self.all) {
            (0, _) => None,
            (1, 1) => Some("its only layer cannot be estimated".to_owned()),
            (unknown, all) => Some(format!("{unknown} of {all} layers cannot be estimated")),
        }
    }
}

impl Amounts {
    /// Counts more.
    pub const fn add(&mut self, other: &Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.least = self.least.saturating_add(other.least);
        self.most = self.most.saturating_add(other.most);
        self.unknown = self.unknown.saturating_add(other.unknown);
    }
}

/// A stage.
#[derive(Debug, Clone, Serialize)]
pub struct PlanStage {
    /// Its number, from 0.
    pub stage: usize,
    /// Its name.
    pub name: Option<String>,
    /// First and last line.
    pub lines: (u32, u32),
    /// True if its layers are in the image.
    pub in_image: bool,
    /// What its own layers weigh.
    pub sum: Amounts,
    /// One for each instruction that makes a layer.
    pub rows: Vec<PlanRow>,
}

/// A layer to be.
#[derive(Debug, Clone, Serialize)]
pub struct PlanRow {
    /// First and last line of the instruction.
    pub lines: (u32, u32),
    /// The instruction, with continuations joined.
    pub instruction: String,
    /// What it adds.
    pub sum: Amounts,
    /// How that is known: `measured`, `learned`, `registry`, `index`, `catalogue`, `estimated` or `unknown`.
    pub known_by: &'static str,
    /// What the bytes are made of.
    pub pieces: Vec<PieceRow>,
    /// The advice on it, by its place in the list.
    pub advice: Vec<usize>,
    /// What `dlint.lock` has for it, where there is one and the row is not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockRow>,
}

/// What `dlint.lock` has for a row.
#[derive(Debug, Clone, Serialize)]
pub struct LockRow {
    /// `exact`, `as-built`, `older` or `missing`.
    pub state: &'static str,
    /// What has changed since it was learned: `base image`, `settings`, `earlier steps`, `files`.
    pub changed: Vec<&'static str>,
}

/// A part of a layer.
#[derive(Debug, Clone, Serialize)]
pub struct PieceRow {
    /// What it is.
    pub what: String,
    /// Its bytes; nothing where they are unknown.
    pub bytes: Option<u64>,
    /// The least and the most that it may be.
    pub range: Option<(u64, u64)>,
    /// How that is known.
    pub known_by: &'static str,
    /// Where the figure comes from.
    pub source: Option<String>,
    /// The largest files in it.
    pub largest: Vec<PlanFile>,
    /// The largest packages in it.
    pub packages: Vec<PlanPackage>,
    /// All of them, to compare.
    #[serde(skip)]
    pub all_packages: Vec<PlanPackage>,
}

/// A package and its bytes.
#[derive(Debug, Clone, Serialize)]
pub struct PlanPackage {
    /// Its name.
    pub name: String,
    /// Bytes, estimated.
    pub bytes: u64,
}

/// A file and its bytes.
#[derive(Debug, Clone, Serialize)]
pub struct PlanFile {
    /// Its path in the build context.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

/// Something that makes the image smaller.
#[derive(Debug, Clone, Serialize)]
pub struct AdviceRow {
    /// The rule that says it.
    pub rule: String,
    /// The line that it is about.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What it saves by itself.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: Option<(u64, u64)>,
    /// `measured` or `estimated`.
    pub how: &'static str,
    /// Where the figure comes from.
    pub source: String,
    /// What it saves beside the advice before it: less than `bytes` where they speak of the same files.
    pub counted: u64,
}

impl PlanReport {
    /// `539 MB -> 206 MB: full-base-image 313 MB, …`; nothing without advice.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let after = self.after?;
        let few: Vec<String> = self
            .advice
            .iter()
            .filter(|a| a.counted > 0)
            .take(4)
            .map(|a| format!("{} {}", a.rule, format_bytes(a.counted)))
            .collect();
        let more = self.advice.iter().filter(|a| a.counted > 0).count().saturating_sub(few.len());
        let more = if more == 0 { String::new() } else { format!(", {more} more") };
        let known = |sum: &Amounts| if sum.unknown > 0 { "" } else { "about " };
        let size = |sum: &Amounts| format!("{}{}", known(sum), format_bytes(sum.bytes));
        let of = if self.image.unknown > 0 { "known layers: " } else { "" };
        Some(format!("{of}{} -> {}: {}{more}", size(&self.image), size(&after), few.join(", ")))
    }
}

/// `1.03 GB`, `about 539 MB`, `at least 20 MB`, `unknown`.
pub(super) fn amount(sum: &Amounts) -> String {
    match (sum.unknown, sum.bytes) {
        (0, bytes) if sum.least == sum.most => format_bytes(bytes),
        (0, bytes) => format!("about {}", format_bytes(bytes)),
        (_, 0) => "unknown".to_owned(),
        (_, _) => format!("at least {}", format_bytes(sum.least)),
    }
}

/// What there is to say of the size of an image, as a sentence or less.
pub(super) fn headline(report: &PlanReport) -> String {
    let nothing = "the size of this image cannot be estimated: nothing is known about its base or layers";
    match report.layers.doubt() {
        Some(_) if report.image.bytes == 0 => nothing.to_owned(),
        Some(doubt) => format!("{}; {doubt}", amount(&report.image)),
        None => format!("the image will be {}", amount(&report.image)),
    }
}

/// The same in few columns: `~1.03 GB`, `20 MB+?`, `?`.
pub fn short_amount(sum: &Amounts) -> String {
    let about = if sum.least == sum.most { "" } else { "~" };
    match (sum.unknown, sum.bytes) {
        (0, bytes) => format!("{about}{}", format_bytes(bytes)),
        (_, 0) => "?".to_owned(),
        (_, bytes) => format!("{about}{} +?", format_bytes(bytes)),
    }
}

/// Writes the plan as tables.
pub fn write_plan(out: &mut dyn Write, report: &PlanReport, style: &Style) -> io::Result<()> {
    let mut out = Fitted::new(out, style);
    let mut sheet = Sheet::new(&mut out, style);
    if !style.quiet {
        head(&mut sheet, report)?;
        for stage in &report.stages {
            self::stage(&mut sheet, report, stage, style)?;
        }
        advice(&mut sheet, report, style.width)?;
        for note in &report.notes {
            write!(sheet.out, "\nnote: ")?;
            wrap(sheet.out, &sanitize(note), 6, 6, style.width)?;
        }
    }
    super::image::checks(&mut sheet, &report.checks)?;
    out.flush()
}

fn head(sheet: &mut Sheet<'_>, report: &PlanReport) -> io::Result<()> {
    let name = sheet.paint.ink(Ink::Bold, &path(&report.dockerfile)).to_string();
    let target = report.target.as_deref().map(|t| format!(", stage {}", sanitize(t))).unwrap_or_default();
    writeln!(sheet.out, "{name}{target}: {}", headline(report))?;
    let range = report.image;
    if range.least != range.most {
        let (least, most) = (format_bytes(range.least), format_bytes(range.most));
        let of = if range.unknown > 0 { "known layers: " } else { "" };
        writeln!(sheet.out, "  {of}{least} to {most} ({})", sanitize(&report.platform))?;
    }
    Ok(())
}

fn stage(sheet: &mut Sheet<'_>, report: &PlanReport, stage: &PlanStage, style: &Style) -> io::Result<()> {
    let bar_width = sheet.bar;
    // What stands before the instruction takes the bar and 35 columns.
    let room = if style.fit { style.width.saturating_sub(bar_width + 35).max(20) } else { TEXT };
    let name = match &stage.name {
        Some(name) => format!("Stage {}", sanitize(name)),
        None if report.stages.len() == 1 => "Layers".to_owned(),
        None => format!("Stage {}", stage.stage),
    };
    let role = if stage.in_image { "" } else { ", not in the image" };
    sheet.title(&format!("{name}{role}"))?;
    sheet
        .header(&format!("line {:>13}  {:<bar_width$}  {:<9}  instruction", "bytes", "share", "known by"))?;
    let whole = if stage.in_image { report.image.bytes } else { stage.sum.bytes };
    for row in &stage.rows {
        let bar = sheet.bar(row.sum.bytes, whole);
        let (line, bytes) = (row.lines.0, short_amount(&row.sum));
        let text = shown(&row.instruction, room);
        let known = if row.known_by == "unknown" && row.sum.bytes > 0 { "partly" } else { row.known_by };
        writeln!(sheet.out, "  {line:>4} {bytes:>13}  {bar}  {known:<9}  {text}")?;
        pieces(sheet, row)?;
        for advice in row.advice.iter().filter_map(|at| report.advice.get(*at)) {
            let bytes = saved(advice);
            let text = advice.help.as_deref().unwrap_or(&advice.message);
            let mark = sheet.paint.ink(Ink::Warning, "waste").to_string();
            write!(sheet.out, "{:>12} {mark}", "")?;
            let text = format!(" {bytes}: {} [{}]", sanitize(text), sanitize(&advice.rule));
            wrap(sheet.out, &text, INDENT, INDENT - 4, style.width)?;
        }
    }
    if stage.rows.is_empty() {
        writeln!(sheet.out, "  nothing of its own")?;
    }
    Ok(())
}

/// What a layer is made of, where the row alone does not say it.
fn pieces(sheet: &mut Sheet<'_>, row: &PlanRow) -> io::Result<()> {
    let worth = |p: &&PieceRow| p.bytes.is_none_or(|bytes| bytes >= WORTH);
    for piece in row.pieces.iter().filter(worth) {
        let bytes = piece.bytes.map_or_else(|| "?".to_owned(), format_bytes);
        let source = piece.source.as_deref().map(|s| format!(" ({})", sanitize(s))).unwrap_or_default();
        let files: Vec<String> = piece
            .largest
            .iter()
            .filter(|f| f.bytes >= WORTH)
            .take(3)
            .map(|f| format!("{} {}", path(&f.path), format_bytes(f.bytes)))
            .collect();
        let files = if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
        let text = format!("{bytes:>13}  {}{source}{files}", sanitize(&piece.what));
        writeln!(sheet.out, "       {}", sheet.paint.ink(Ink::Dim, &text))?;
    }
    Ok(())
}

fn advice(sheet: &mut Sheet<'_>, report: &PlanReport, width: usize) -> io::Result<()> {
    if report.advice.is_empty() {
        return writeln!(sheet.out, "\nNo savings found.");
    }
    sheet.title("Suggestions, largest saving first")?;
    sheet.header(&format!("{:>10} {:>10}  line", "saves", "counted"))?;
    for row in &report.advice {
        let text = row.help.as_deref().unwrap_or(&row.message);
        let counted = if row.counted == 0 { "-".to_owned() } else { format_bytes(row.counted) };
        let (bytes, line) = (format_bytes(row.bytes), row.line);
        write!(sheet.out, "  {bytes:>10} {counted:>10}  {line:>4}  ")?;
        let what = format!("{} [{}] ({}, {})", sanitize(text), row.rule, row.how, sanitize(&row.source));
        wrap(sheet.out, &sanitize(&what), TEXT_AT, TEXT_AT, width)?;
    }
    if report.advice.iter().any(|a| a.counted < a.bytes) {
        let text = "counted: what it saves on top of the suggestions above it, some of which are about the same files";
        writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, text))?;
    }
    if let Some(summary) = report.summary() {
        writeln!(sheet.out)?;
        wrap(sheet.out, &sanitize(&summary), 2, 0, width)?;
    }
    Ok(())
}

/// `19.9 MB`, `510 MB to 800 MB`.
fn saved(row: &AdviceRow) -> String {
    match row.range {
        Some((least, most)) => format!("{} to {}", format_bytes(least), format_bytes(most)),
        None => format_bytes(row.bytes),
    }
}

/// One line of an instruction, of at most `room` characters.
fn shown(instruction: &str, room: usize) -> String {
    let text: String = sanitize(&instruction.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    if text.chars().count() <= room { text } else { text.chars().take(room - 1).chain(['…']).collect() }
}

/// Writes the plan as JSON.
pub fn write_plan_json(out: &mut dyn Write, report: &PlanReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
