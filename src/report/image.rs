//! What a real image weighs, layer by layer: for people as tables, for programs as JSON.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{counted, format_bytes, format_count};

use super::Style;
use super::fit::Fitted;
use super::paint::Ink;
use super::sanitize::{path, sanitize};
use super::sheet::{Sheet, clip};

/// Bytes that are worth a line to people: each install of packages replaces some files of the system.
const WORTH: u64 = 1_000_000;
/// How many rows of a list people get to see.
const ROWS: usize = 10;

/// All that is known of an image. This is the JSON document, too: names and types stay, new ones may come
/// within a version. Bytes are those of file contents, but for `stored`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImageReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// Where it was read from.
    pub image: String,
    /// What it is called: `app:1.2`.
    pub names: Vec<String>,
    /// `linux/amd64`.
    pub platform: String,
    /// When it was made, as it says itself.
    pub created: Option<String>,
    /// The Dockerfile that it was built from, if one was given.
    pub dockerfile: Option<String>,
    /// Bytes in all layers.
    pub bytes: u64,
    /// Files in all layers.
    pub files: u64,
    /// Bytes that a container sees.
    pub visible: u64,
    /// Bytes that later layers hide; the image keeps them.
    pub hidden: u64,
    /// [`Self::visible`] by [`Self::bytes`], 0 to 1.
    pub efficiency: f64,
    /// Bytes that further copies of equal files take.
    pub duplicated: u64,
    /// Bytes of the layers as they are stored, compressed or not.
    pub stored: u64,
    /// The layers, the lowest first.
    pub layers: Vec<LayerRow>,
    /// What builds leave behind, the heaviest first.
    pub leftovers: Vec<LeftoverRow>,
    /// Equal files, the heaviest first; at most 20.
    pub duplicates: Vec<DuplicateRow>,
    /// The largest files that a container sees; at most 20.
    pub largest: Vec<LargeRow>,
    /// What does not fit between Dockerfile and image.
    pub notes: Vec<String>,
    /// The limits that were asked for.
    pub checks: Vec<CheckRow>,
    /// What the page says of where the figures come from.
    #[serde(skip)]
    pub about: super::about::About,
}

/// A layer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LayerRow {
    /// Its number, from 1.
    pub layer: usize,
    /// Digest of the uncompressed layer.
    pub diff_id: String,
    /// Where it comes from, as far as it is known.
    pub from: LayerOrigin,
    /// First and last line of the instructions that made it.
    pub lines: Option<(u32, u32)>,
    /// What made it: the instruction as written, or what the image's history says.
    pub made_by: String,
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// Bytes as it is stored.
    pub stored: u64,
    /// Things it puts where nothing was.
    pub added: u64,
    /// Things it puts where something was.
    pub changed: u64,
    /// Files of lower layers that it takes away.
    pub deleted: u64,
    /// Bytes of it that later layers hide.
    pub hidden: u64,
    /// By which layers, and how.
    pub hidden_by: Vec<HiddenRow>,
}

/// Where a layer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerOrigin {
    /// The base image.
    Base,
    /// An instruction with just that text.
    Instruction,
    /// An instruction of that kind in that place; its text is another one.
    Similar,
    /// Nobody knows: there is no Dockerfile, or it does not fit.
    #[default]
    Unknown,
}

/// Bytes of a layer that a later one hides.
#[derive(Debug, Clone, Serialize)]
pub struct HiddenRow {
    /// The number of the layer that hides them.
    pub layer: usize,
    /// First and last line of what made that layer.
    pub lines: Option<(u32, u32)>,
    /// `rewritten`, `changed` or `deleted`.
    pub how: &'static str,
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// The largest of them, at most three.
    pub largest: Vec<String>,
}

/// Something that no container needs.
#[derive(Debug, Clone, Serialize)]
pub struct LeftoverRow {
    /// What it is.
    pub what: String,
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// Lines of the instructions that left it; empty for the base image and where it is not known.
    pub lines: Vec<u32>,
    /// The numbers of the layers that hold it.
    pub layers: Vec<usize>,
    /// True if all of it is in layers of the base image.
    pub base: bool,
    /// What to do about it.
    pub help: String,
}

/// Equal files.
#[derive(Debug, Clone, Serialize)]
pub struct DuplicateRow {
    /// Bytes of each.
    pub bytes: u64,
    /// How many there are.
    pub copies: u64,
    /// Where the first ones are, at most five.
    pub paths: Vec<String>,
}

/// A large file.
#[derive(Debug, Clone, Serialize)]
pub struct LargeRow {
    /// Bytes.
    pub bytes: u64,
    /// Where it is.
    pub path: String,
    /// The number of its layer.
    pub layer: usize,
    /// The first line of what made that layer.
    pub line: Option<u32>,
}

/// A limit that was asked for.
#[derive(Debug, Clone, Serialize)]
pub struct CheckRow {
    /// The option: `--max-size`.
    pub option: &'static str,
    /// The limit as it was given.
    pub limit: String,
    /// What the image has.
    pub actual: String,
    /// True if that is a sentence of its own.
    #[serde(skip)]
    pub is_sentence: bool,
    /// True if the image keeps it.
    pub passed: bool,
    /// True if that cannot be told, because a part of the image cannot be estimated. Whether it passes then is a
    /// setting.
    pub unknown: bool,
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_image_json(out: &mut dyn Write, report: &ImageReport) -> io::Result<()> {
    super::json::to_writer(out, report)
}

/// Writes the report for people.
///
/// # Errors
/// Those of `out`.
pub fn write_image(out: &mut dyn Write, report: &ImageReport, style: &Style) -> io::Result<()> {
    let mut out = Fitted::new(out, style);
    let mut page = Page { sheet: Sheet::new(&mut out, style), width: style.width.clamp(60, 200) };
    if !style.quiet {
        page.head(report)?;
        page.layers(report)?;
        page.leftovers(report)?;
        page.duplicates(report)?;
        page.largest(report)?;
        page.notes(report)?;
    }
    checks(&mut page.sheet, &report.checks)?;
    out.flush()
}

struct Page<'o> {
    sheet: Sheet<'o>,
    width: usize,
}

impl Page<'_> {
    fn head(&mut self, report: &ImageReport) -> io::Result<()> {
        let name = report.names.first().unwrap_or(&report.image);
        let mut title = format!("{} {}", self.sheet.paint.ink(Ink::Bold, "Image"), path(name));
        // Writing to a string cannot fail.
        let _ = write!(title, ", {}", sanitize(&report.platform));
        if let Some(created) = &report.created {
            let _ = write!(title, ", built {}", sanitize(created.get(..10).unwrap_or(created)));
        }
        writeln!(self.sheet.out, "{title}")?;
        let layers = counted(report.layers.len() as u64, "layer", "layers");
        self.row("in all", report.bytes, &format!("{}, {layers}", counted(report.files, "file", "files")))?;
        self.row("a container sees", report.visible, &percent(report.visible, report.bytes))?;
        let note = "replaced or deleted by later layers, and still part of the image";
        self.row("hidden", report.hidden, if report.hidden == 0 { "" } else { note })?;
        let note = "further copies of equal files";
        self.row("duplicated", report.duplicated, if report.duplicated == 0 { "" } else { note })?;
        self.row("stored", report.stored, "the layers as they are in this archive")
    }

    fn row(&mut self, name: &str, bytes: u64, note: &str) -> io::Result<()> {
        let line = format!("  {name:<18} {:>9}", format_bytes(bytes));
        if note.is_empty() {
            return writeln!(self.sheet.out, "{line}");
        }
        writeln!(self.sheet.out, "{line}  {}", self.sheet.paint.ink(Ink::Dim, note))
    }

    fn layers(&mut self, report: &ImageReport) -> io::Result<()> {
        if report.layers.is_empty() {
            return Ok(());
        }
        self.sheet.title("Layers")?;
        let place = if report.dockerfile.is_some() { "line" } else { "layer" };
        let width = self.sheet.bar;
        self.sheet.header(&format!("{:width$}  {:>9}  {:>9}  {place:>9}  made by", "", "bytes", "hidden"))?;
        let base: Vec<&LayerRow> = report
            .layers
            .iter()
            .filter(|l| report.dockerfile.is_some() && l.from == LayerOrigin::Base)
            .collect();
        let base_bytes = base.iter().map(|l| l.bytes).fold(0, u64::saturating_add);
        let most = report.layers.iter().map(|l| l.bytes).chain([base_bytes]).max().unwrap_or(0);
        if let Some(first) = base.first() {
            let hidden = base.iter().map(|l| l.hidden).fold(0, u64::saturating_add);
            let layers = counted(base.len() as u64, "layer", "layers");
            let what = format!("{} ({layers})", first.made_by);
            self.layer(base_bytes, hidden, most, &lines(first.lines), &what)?;
            for by in base.iter().flat_map(|l| &l.hidden_by).filter(|by| by.bytes >= WORTH) {
                self.hidden(report, by)?;
            }
        }
        for row in &report.layers {
            if report.dockerfile.is_some() && row.from == LayerOrigin::Base {
                continue;
            }
            let place = match row.lines {
                Some(_) => lines(row.lines),
                None if report.dockerfile.is_some() => "?".to_owned(),
                None => row.layer.to_string(),
            };
            let mark = if row.from == LayerOrigin::Similar { "~ " } else { "" };
            self.layer(row.bytes, row.hidden, most, &place, &format!("{mark}{}", row.made_by))?;
            if row.bytes == 0 && row.deleted > 0 {
                self.detail("it only deletes, which frees nothing: the bytes stay in the layers below")?;
            }
            for by in row.hidden_by.iter().filter(|by| by.bytes >= WORTH) {
                self.hidden(report, by)?;
            }
        }
        if report.layers.iter().any(|l| l.from == LayerOrigin::Similar) {
            self.detail("~ the image was built from another text of this instruction")?;
        }
        Ok(())
    }

    fn layer(&mut self, bytes: u64, hidden: u64, most: u64, place: &str, made_by: &str) -> io::Result<()> {
        let bar = self.sheet.bar(bytes, most);
        let hidden = if hidden == 0 { "-".to_owned() } else { format_bytes(hidden) };
        let start = format!("  {bar}  {:>9}  {hidden:>9}  {place:>9}  ", format_bytes(bytes));
        let room = self.width.saturating_sub(self.sheet.bar + 39).max(20);
        writeln!(self.sheet.out, "{start}{}", clip(made_by, room))
    }

    fn hidden(&mut self, report: &ImageReport, row: &HiddenRow) -> io::Result<()> {
        let how = match row.how {
            "rewritten" => "written again unchanged by",
            "changed" => "replaced by",
            _ => "deleted by",
        };
        let by = match (row.lines, report.dockerfile.is_some()) {
            (Some((first, last)), true) if first != last => format!("lines {first}-{last}"),
            (Some((first, _)), true) => format!("line {first}"),
            _ => format!("layer {}", row.layer),
        };
        let names: Vec<String> = row.largest.iter().take(2).map(|p| path(p).into_owned()).collect();
        let more = if row.files > names.len() as u64 { ", …" } else { "" };
        self.detail(&format!("{} {how} {by}: {}{more}", format_bytes(row.bytes), names.join(", ")))
    }

    fn detail(&mut self, text: &str) -> io::Result<()> {
        let room = self.width.saturating_sub(self.sheet.bar + 4).max(20);
        let text = clip(text, room);
        let width = self.sheet.bar;
        writeln!(self.sheet.out, "  {:width$}  {}", "", self.sheet.paint.ink(Ink::Dim, text))
    }

    fn leftovers(&mut self, report: &ImageReport) -> io::Result<()> {
        if report.leftovers.is_empty() {
            return Ok(());
        }
        self.sheet.title("Left behind by the build")?;
        for row in report.leftovers.iter().take(ROWS) {
            let place = match (row.lines.as_slice(), row.base) {
                (_, true) => "in the base image".to_owned(),
                ([line], _) => format!("line {line}"),
                ([], _) if row.layers.len() == 1 => format!("layer {}", list(&row.layers)),
                ([], _) => format!("layers {}", list(&row.layers)),
                (lines, _) => format!("lines {}", list(lines)),
            };
            let bytes = self.sheet.paint.ink(Ink::Warning, format!("{:>9}", format_bytes(row.bytes)));
            writeln!(self.sheet.out, "  {bytes}  {}, {place}", row.what)?;
            if !row.base {
                writeln!(self.sheet.out, "  {:9}  {}", "", self.sheet.paint.ink(Ink::Dim, &row.help))?;
            }
        }
        self.more(report.leftovers.len())
    }

    fn duplicates(&mut self, report: &ImageReport) -> io::Result<()> {
        let worth = |row: &&DuplicateRow| row.bytes.saturating_mul(row.copies - 1) >= 100_000;
        let rows: Vec<&DuplicateRow> = report.duplicates.iter().filter(worth).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.sheet.title("Equal files")?;
        for row in rows.iter().take(ROWS) {
            let paths: Vec<String> = row.paths.iter().take(3).map(|p| path(p).into_owned()).collect();
            let more = if row.copies > paths.len() as u64 { ", …" } else { "" };
            let copies = format!("{} x {}", row.copies, format_bytes(row.bytes));
            writeln!(self.sheet.out, "  {copies:>16}  {}{more}", paths.join(", "))?;
        }
        self.more(rows.len())
    }

    fn largest(&mut self, report: &ImageReport) -> io::Result<()> {
        let Some(most) = report.largest.first().map(|f| f.bytes) else { return Ok(()) };
        self.sheet.title("Largest files")?;
        for row in report.largest.iter().take(ROWS) {
            let bar = self.sheet.bar(row.bytes, most);
            let place = match row.line {
                Some(line) => format!("line {line}"),
                None => format!("layer {}", row.layer),
            };
            let place = self.sheet.paint.ink(Ink::Dim, place);
            writeln!(
                self.sheet.out,
                "  {bar}  {:>9}  {}  {place}",
                format_bytes(row.bytes),
                path(&row.path)
            )?;
        }
        Ok(())
    }

    fn notes(&mut self, report: &ImageReport) -> io::Result<()> {
        for (at, note) in report.notes.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            writeln!(
                self.sheet.out,
                "{gap}{} {}",
                self.sheet.paint.ink(Ink::Warning, "note:"),
                sanitize(note)
            )?;
        }
        Ok(())
    }

    fn more(&mut self, all: usize) -> io::Result<()> {
        let Some(left) = all.checked_sub(ROWS).filter(|n| *n > 0) else { return Ok(()) };
        let text = format!("and {} more; `--format json` lists them", format_count(left as u64));
        writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))
    }
}

/// `3`, `3-7`, or nothing.
impl CheckRow {
    /// What was asked for, and what the image has.
    pub(super) fn said(&self) -> String {
        match self.limit.as_str() {
            "" => format!("{}: {}", self.option, self.actual),
            limit => format!("{} {limit}: {}", self.option, self.found()),
        }
    }

    /// What the image has, as a sentence.
    pub(super) fn found(&self) -> String {
        if self.is_sentence { self.actual.clone() } else { format!("it has {}", self.actual) }
    }
}

/// Says which limits are kept.
pub(super) fn checks(sheet: &mut Sheet<'_>, checks: &[CheckRow]) -> io::Result<()> {
    if !checks.is_empty() {
        writeln!(sheet.out)?;
    }
    for check in checks {
        let (ink, word) = if check.passed { (Ink::Good, "passed") } else { (Ink::Error, "failed") };
        let word = sheet.paint.ink(ink, word);
        writeln!(sheet.out, "{word}: {}", check.said())?;
        if check.unknown && !check.passed {
            let hint = "cannot be checked; with --unknown pass, only what is known counts";
            writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, hint))?;
        }
    }
    Ok(())
}

fn lines(lines: Option<(u32, u32)>) -> String {
    match lines {
        Some((first, last)) if first != last => format!("{first}-{last}"),
        Some((first, _)) => first.to_string(),
        None => String::new(),
    }
}

fn list(numbers: &[impl ToString]) -> String {
    let shown: Vec<String> = numbers.iter().take(5).map(ToString::to_string).collect();
    let more = if numbers.len() > 5 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// `part` of `whole`: `78.1 %`.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
