//! What the build cache keeps: for people as a table, for programs as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::diag::format_bytes;

use super::Style;
use super::paint::Ink;
use super::plan::{Amounts, short};
use super::sanitize::{path, sanitize};
use super::sheet::{Sheet, clip, plural};

/// How many changed paths are shown.
const ROWS: usize = 25;
/// How many lines are named in a sum.
const LINES: usize = 8;

/// What becomes of the layers of a build when files change. This is the JSON document, too: names and types
/// stay, new ones may come within a version. Paths are as they were named, or relative to the context.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CacheReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The context's folder.
    pub context: String,
    /// The stage that was asked for.
    pub target: Option<String>,
    /// The paths that change; `None` if any source file may.
    pub changed: Option<Vec<ChangedRow>>,
    /// True if the Dockerfile is one of them.
    pub dockerfile_changed: bool,
    /// The layers of the stages that the target needs, in the order of the file.
    pub layers: Vec<CacheRow>,
    /// Those that are taken from the cache, base images left out, as in the other sums.
    pub kept: CacheSum,
    /// Those of which only the build knows.
    pub perhaps: CacheSum,
    /// Those that are built again.
    pub rebuilt: CacheSum,
    /// Other orders that would keep installs in the cache.
    pub advice: Vec<OrderRow>,
    /// What went wrong, or is of no use.
    pub notes: Vec<String>,
}

/// A path that changes.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedRow {
    /// As it was named.
    pub path: String,
    /// What is known of it.
    pub state: ChangedState,
    /// What leaves it out.
    pub ignored_by: Option<IgnoredBy>,
    /// The lines of the instructions that take something of it.
    pub lines: Vec<u32>,
}

/// A line of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoredBy {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// What is known of a changed path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedState {
    /// It is in the context.
    There,
    /// It is not there, so it counts as deleted.
    Deleted,
    /// The ignore file leaves it out.
    Ignored,
    /// It is not in the context.
    Outside,
}

/// What becomes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheFate {
    /// It is taken from the cache.
    Kept,
    /// Only the build knows.
    Perhaps,
    /// It is built again.
    Rebuilt,
}

/// A layer.
#[derive(Debug, Clone, Serialize)]
pub struct CacheRow {
    /// The number of its stage, from 0.
    pub stage: usize,
    /// The name of its stage.
    pub stage_name: Option<String>,
    /// First and last line of its instruction.
    pub lines: (u32, u32),
    /// The instruction, as one line.
    pub instruction: String,
    /// What becomes of it.
    pub fate: CacheFate,
    /// Why.
    pub reason: CacheReason,
    /// True if it is a layer of the target's image, and not of a stage that is only copied from.
    pub in_image: bool,
    /// True for a FROM: what the stage starts from, perhaps many layers.
    pub base: bool,
    /// The bytes of its files, as far as they are known; those of a FROM are in no sum.
    pub sum: Amounts,
    /// How they are known: `measured`, `index`, `catalogue`, `estimated` or `unknown`.
    pub known_by: &'static str,
}

/// Why that becomes of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CacheReason {
    /// Nothing that it is made from changes.
    Untouched,
    /// It comes from an image or an address.
    Elsewhere,
    /// It has `--link`, so that a layer below it that is rebuilt is none of its business.
    Linked {
        /// The first line that is rebuilt.
        line: u32,
    },
    /// It takes changed files.
    Takes {
        /// The source that takes them, the first if there are several.
        source: String,
        /// The first changed path that it takes something of; none if any source file may change.
        path: Option<String>,
        /// How many changed paths it takes something of.
        paths: usize,
        /// How many changed files it takes that are there.
        files: u64,
        /// The largest of them.
        example: Option<String>,
    },
    /// A source depends on a variable.
    UnknownSource,
    /// A source is not in the context.
    MissingSource {
        /// The source.
        source: String,
    },
    /// It copies from a stage of which something is rebuilt; only other content rebuilds it.
    FromStage {
        /// The name of that stage, or its number.
        stage: String,
    },
    /// Its stage starts from one that is rebuilt.
    OnStage {
        /// The name of that stage, or its number.
        stage: String,
    },
    /// It is built on a layer that is rebuilt.
    Follows {
        /// The first line that is rebuilt.
        line: u32,
    },
}

/// Layers of one fate.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CacheSum {
    /// How many.
    pub layers: usize,
    /// How many of them are layers of the target's image, which are pushed and pulled.
    pub in_image: usize,
    /// The bytes of those, as far as they are known.
    pub sum: Amounts,
    /// The lines of those whose bytes are not all known.
    pub unknown: Vec<u32>,
}

/// An order that would keep an install in the cache.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrderRow {
    /// The command that installs.
    pub command: String,
    /// The first line of its instruction.
    pub line: u32,
    /// The bytes of that layer, as far as they are known.
    pub sum: Amounts,
    /// The line of the COPY that comes too early.
    pub copy_line: u32,
    /// The files that would rebuild it then; none for packages that the command names.
    pub until: Vec<String>,
    /// True if the command builds the project, too: then what is kept are the downloads.
    pub builds: bool,
    /// What to do, in words.
    pub words: String,
    /// The first line and the last one to write anew, where that is sure.
    pub replaces: Option<(u32, u32)>,
    /// What to write in their place; an instruction may have several lines.
    pub write: Vec<String>,
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_cache_json(out: &mut dyn Write, report: &CacheReport) -> io::Result<()> {
    super::json::to_writer(out, report)
}

/// Writes the report for people.
///
/// # Errors
/// Those of `out`.
pub fn write_cache(out: &mut dyn Write, report: &CacheReport, style: &Style) -> io::Result<()> {
    let width = style.width.clamp(60, 200);
    let mut page = Page { sheet: Sheet::new(out, style), width, quiet: style.quiet };
    page.head(report)?;
    page.changed(report)?;
    page.layers(report)?;
    page.sums(report)?;
    if !style.quiet {
        page.advice(report)?;
    }
    page.notes(report)
}

struct Page<'o> {
    sheet: Sheet<'o>,
    width: usize,
    quiet: bool,
}

impl Page<'_> {
    fn head(&mut self, report: &CacheReport) -> io::Result<()> {
        let name = path(&report.dockerfile).into_owned();
        let target = match &report.target {
            Some(target) => format!(", stage {}", sanitize(target)),
            None => String::new(),
        };
        let what = match &report.changed {
            None => "if any source file changes".to_owned(),
            Some(rows) if rows.is_empty() => "if nothing changes".to_owned(),
            Some(rows) => match rows.as_slice() {
                [one] => format!("if {} changes", sanitize(&one.path)),
                many => format!("if {} paths change", many.len()),
            },
        };
        writeln!(
            self.sheet.out,
            "{} {name}{target}, {what}",
            self.sheet.paint.ink(Ink::Bold, "Build cache of")
        )
    }

    fn changed(&mut self, report: &CacheReport) -> io::Result<()> {
        let Some(rows) = &report.changed else { return Ok(()) };
        let mut said = Vec::new();
        for row in rows {
            let what = match (row.state, &row.ignored_by) {
                (ChangedState::Outside, _) => "is outside of the context: rebuilds nothing".to_owned(),
                (ChangedState::Ignored, Some(by)) => {
                    format!("is ignored by line {} of {}: rebuilds nothing", by.line, sanitize(&by.file))
                }
                (ChangedState::Ignored, None) => "is ignored: rebuilds nothing".to_owned(),
                (ChangedState::There, _) if row.lines.is_empty() => {
                    "is taken by no instruction: rebuilds nothing".to_owned()
                }
                (ChangedState::Deleted, _) if row.lines.is_empty() => {
                    "is not there, and no instruction would take it: rebuilds nothing".to_owned()
                }
                (ChangedState::Deleted, _) => "is not there: counts as deleted".to_owned(),
                (ChangedState::There, _) => continue,
            };
            said.push((&row.path, what));
        }
        for (name, what) in said.iter().take(ROWS) {
            writeln!(self.sheet.out, "  {} {}", path(name), self.sheet.paint.ink(Ink::Dim, what))?;
        }
        if said.len() > ROWS {
            let text = format!("and {} more; `--format json` lists them", said.len() - ROWS);
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))?;
        }
        if report.dockerfile_changed {
            let text = "The Dockerfile changes as well: an instruction with another text is rebuilt, with all \
                        behind it, which is not shown here.";
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))?;
        }
        Ok(())
    }

    fn layers(&mut self, report: &CacheReport) -> io::Result<()> {
        let several = report.layers.iter().any(|r| r.stage != report.layers.first().map_or(0, |f| f.stage));
        let room = (self.width / 2).saturating_sub(12).max(24);
        let shown = report.layers.iter().filter(|r| !self.quiet || r.fate == CacheFate::Rebuilt);
        let mut stage = None;
        for row in shown {
            if stage != Some(row.stage) {
                stage = Some(row.stage);
                let title = match &row.stage_name {
                    Some(name) => format!("Stage {}", sanitize(name)),
                    None if several => format!("Stage {}", row.stage),
                    None => "Layers".to_owned(),
                };
                self.sheet.title(&title)?;
                self.sheet.header(&format!(
                    "{:>5}  {:<7}  {:>9}  {:<room$}  why",
                    "line", "cache", "bytes", "made by"
                ))?;
            }
            let (fate, ink) = match row.fate {
                CacheFate::Kept => ("kept", Ink::Good),
                CacheFate::Perhaps => ("perhaps", Ink::Warning),
                CacheFate::Rebuilt => ("rebuilt", Ink::Error),
            };
            let unnamed = row.base && row.sum.bytes == 0;
            let bytes = if unnamed { String::new() } else { short(&row.sum) };
            let why = why(row);
            let instruction = clip(&row.instruction, room);
            let pad = if why.is_empty() { 0 } else { room };
            let line = format!(
                "  {:>5}  {}  {bytes:>9}  {instruction:<pad$}",
                row.lines.0,
                self.sheet.paint.ink(ink, format!("{fate:<7}")),
            );
            match why.is_empty() {
                true => writeln!(self.sheet.out, "{line}")?,
                false => writeln!(self.sheet.out, "{line}  {}", self.sheet.paint.ink(Ink::Dim, why))?,
            }
        }
        Ok(())
    }

    fn sums(&mut self, report: &CacheReport) -> io::Result<()> {
        let all = report.kept.layers + report.perhaps.layers + report.rebuilt.layers;
        let (rebuilt, perhaps) = (&report.rebuilt, &report.perhaps);
        let mut text = match (rebuilt.layers, perhaps.layers) {
            (0, 0) => "Nothing is rebuilt".to_owned(),
            (0, _) => format!("Of {} none is surely rebuilt", plural(all as u64, "layer", "layers")),
            (one, _) => format!("{one} of {} rebuilt", plural(all as u64, "layer", "layers")),
        };
        if rebuilt.in_image > 0 {
            text += &format!("; pushed and pulled again: {}", transferred(rebuilt));
        } else if rebuilt.layers > 0 {
            text += "; none of them is pushed or pulled";
        }
        if perhaps.layers > 0 {
            text += &format!("; {} perhaps", perhaps.layers);
            if perhaps.in_image > 0 {
                text += &format!(": {}", transferred(perhaps));
            }
        }
        writeln!(self.sheet.out, "\n{text}.")
    }

    fn advice(&mut self, report: &CacheReport) -> io::Result<()> {
        for row in &report.advice {
            let command = sanitize(&row.command);
            let what = if row.builds { "downloads of " } else { "" };
            let bytes = match short(&row.sum) {
                known if row.sum.bytes > 0 => format!(" ({known})"),
                _ => String::new(),
            };
            let until = match row.until.as_slice() {
                [] => String::new(),
                [one] => format!(" until {} changes", sanitize(one)),
                many => {
                    let names: Vec<_> = many.iter().map(|n| sanitize(n)).collect();
                    format!(" until {} changes", any_of(&names))
                }
            };
            let title = format!("To keep the {what}{command} of line {}{bytes}{until}", row.line);
            match row.replaces {
                Some((first, last)) => {
                    self.sheet.title(&format!("{title}, write in place of lines {first}-{last}:"))?;
                    for line in row.write.iter().flat_map(|l| l.lines()) {
                        writeln!(self.sheet.out, "    {}", sanitize(line))?;
                    }
                }
                None => {
                    self.sheet.title(&format!("{title}:"))?;
                    writeln!(
                        self.sheet.out,
                        "  {}. The COPY is in line {}.",
                        sanitize(&row.words),
                        row.copy_line
                    )?;
                }
            }
        }
        Ok(())
    }

    fn notes(&mut self, report: &CacheReport) -> io::Result<()> {
        for note in &report.notes {
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Warning, sanitize(note)))?;
        }
        Ok(())
    }
}

/// `a`, `b` or `c`.
fn any_of(names: &[std::borrow::Cow<'_, str>]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// The bytes that are known, and the lines whose bytes are not.
fn transferred(sum: &CacheSum) -> String {
    let mut lines: Vec<String> = sum.unknown.iter().take(LINES).map(u32::to_string).collect();
    if sum.unknown.len() > LINES {
        lines.push("…".to_owned());
    }
    let about = if sum.sum.least == sum.sum.most { "" } else { "about " };
    let known = format!("{about}{}", format_bytes(sum.sum.bytes));
    let unknown = match lines.as_slice() {
        [] => return known,
        [line] => format!("what is unknown of line {line}"),
        _ => format!("what is unknown of lines {}", lines.join(", ")),
    };
    if sum.sum.bytes == 0 { unknown } else { format!("{known} and {unknown}") }
}

/// Why, in a few words; nothing for what goes without saying.
fn why(row: &CacheRow) -> String {
    match &row.reason {
        CacheReason::Untouched => String::new(),
        CacheReason::Elsewhere if row.base => String::new(),
        CacheReason::Elsewhere => "comes from elsewhere, not from these files".to_owned(),
        CacheReason::Linked { line } => format!("--link: none of its business that line {line} is rebuilt"),
        CacheReason::Takes { path: Some(path), paths, files, example, .. } => {
            let name = sanitize(if path.is_empty() { "." } else { path });
            let more = match (*paths, *files) {
                (1, 0) => " (deleted)".to_owned(),
                (1, 1) if example.as_deref() == Some(path.as_str()) => String::new(),
                (1, files) => format!(" ({})", plural(files, "file", "files")),
                (paths, _) => format!(" and {} more", paths - 1),
            };
            format!("takes {name}{more}")
        }
        CacheReason::Takes { path: None, files, example, .. } => {
            let example = example.as_deref().map(sanitize);
            match (files, example) {
                (1, Some(name)) => format!("takes {name}"),
                (files, Some(name)) => format!("takes {files} source files, as {name}"),
                (files, None) => format!("takes {}", plural(*files, "source file", "source files")),
            }
        }
        CacheReason::UnknownSource => "what it takes depends on a variable".to_owned(),
        CacheReason::MissingSource { source } => format!("{} is not in the context now", sanitize(source)),
        CacheReason::FromStage { stage } => {
            format!("only if what it takes from {} comes out different", sanitize(stage))
        }
        CacheReason::OnStage { stage } => format!("starts from {}", sanitize(stage)),
        CacheReason::Follows { line } => format!("follows line {line}"),
    }
}
