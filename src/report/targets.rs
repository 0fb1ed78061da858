//! The builds that files of a project start.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::path::Path;

use build_targets::{Context, Dockerfile, Kind, Place, Resolution, Sources, Target, Text};
use serde::Serialize;

use crate::diag::{counted, format_bytes};
use crate::text::{Gather, plain_path};

use super::Style;
use super::json::to_writer;
use super::paint::Ink;
use super::sanitize::sanitize;
use super::sheet::{Sheet, clip};

/// What is built, for people and programs.
#[derive(Debug, Clone, Serialize)]
pub struct TargetsReport {
    /// 1; another if fields change their meaning or go.
    pub version: u8,
    /// The builds, in the order of their files.
    pub targets: Vec<TargetRow>,
    /// Why files are refused.
    pub problems: Vec<TargetProblem>,
}

/// One build.
#[derive(Debug, Clone, Serialize)]
pub struct TargetRow {
    /// The service or target.
    pub name: String,
    /// What starts it: `compose`, `bake`, `devcontainer`, `quadlet` or `job`.
    pub kind: &'static str,
    /// The file that says so.
    pub file: String,
    /// The line of that.
    pub line: usize,
    /// The Dockerfile; `null` if it is written in the file, or cannot be known.
    pub dockerfile: Option<String>,
    /// True if the Dockerfile is written in the file.
    pub inline: bool,
    /// The build context: a folder or an address; `null` if it cannot be known.
    pub context: Option<String>,
    /// What is sent of it, in bytes; `null` if that cannot be told.
    pub sent_bytes: Option<u64>,
    /// The number of files.
    pub sent_files: Option<u64>,
    /// The stage; `null` for the last.
    pub stage: Option<String>,
    /// The build arguments; `null` for one whose value is not known or hidden.
    pub arguments: BTreeMap<String, Option<String>>,
    /// The platforms.
    pub platforms: Vec<String>,
    /// The Compose profiles that it needs.
    pub profiles: Vec<String>,
    /// Whether the tool builds it when it is run plainly.
    pub by_default: bool,
}

/// Why a file is refused.
#[derive(Debug, Clone, Serialize)]
pub struct TargetProblem {
    /// The file; `null` if it is none that was read.
    pub file: Option<String>,
    /// The line.
    pub line: Option<usize>,
    /// The column.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl TargetRow {
    /// The row of a build, with what it sends. Values that come from the environment or a `.env` file, and those of
    /// arguments that are `secret` by their names, are hidden unless `show_values`.
    #[must_use]
    pub fn new(
        target: &Target,
        sources: &Sources,
        sent: Option<(u64, u64)>,
        show_values: bool,
        secret: &dyn Fn(&str) -> bool,
    ) -> Self {
        let value =
            |text: &Text| text.known().filter(|_| show_values || !text.from_environment).map(str::to_owned);
        let file = sources.file(target.place.file);
        let context = match &target.context {
            Context::Folder { path, text } => {
                text.as_ref().is_none_or(|text| text.known().is_some()).then(|| shown(plain_path(path)))
            }
            Context::Remote(text) => value(text),
            Context::Unknown(_) => None,
        };
        let dockerfile = match &target.dockerfile {
            Dockerfile::File { path, text } => {
                text.as_ref().is_none_or(|text| text.known().is_some()).then(|| shown(plain_path(path)))
            }
            Dockerfile::Inline(_) | Dockerfile::Unknown(_) => None,
        };
        Self {
            name: target.name.clone(),
            kind: kind(target.kind),
            file: shown(plain_path(&file.path)),
            line: file.position(target.place.start as usize).0,
            dockerfile,
            inline: matches!(target.dockerfile, Dockerfile::Inline(_)),
            context,
            sent_bytes: sent.map(|sent| sent.0),
            sent_files: sent.map(|sent| sent.1),
            stage: target.stage.as_ref().and_then(value),
            arguments: target
                .arguments
                .iter()
                .filter_map(|argument| {
                    let name = argument.name.known()?;
                    let shown = argument.value.as_ref().filter(|_| show_values || !secret(name));
                    Some((name.to_owned(), shown.and_then(value)))
                })
                .gather(),
            platforms: target.platforms.iter().filter_map(value).collect(),
            profiles: target.profiles.clone(),
            by_default: target.by_default,
        }
    }
}

impl TargetProblem {
    /// A problem with its place.
    #[must_use]
    pub fn new(problem: &build_targets::Problem, sources: &Sources) -> Self {
        let place = problem.place.map(|place| {
            let file = sources.file(place.file);
            (shown(plain_path(&file.path)), file.position(place.start as usize))
        });
        let (file, position) = place.unzip();
        Self {
            file,
            line: position.map(|p| p.0),
            column: position.map(|p| p.1),
            message: problem.message.clone(),
        }
    }
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_targets_report(out: &mut dyn Write, report: &TargetsReport) -> io::Result<()> {
    to_writer(out, report)
}

/// How many columns of a line arguments need to be worth showing there.
const LEAST_FOR_ARGUMENTS: usize = 20;

/// Writes the report as a table.
///
/// # Errors
/// Those of `out`.
pub fn write_targets(out: &mut dyn Write, report: &TargetsReport, style: &Style) -> io::Result<()> {
    let width = style.width.clamp(60, 200);
    let mut sheet = Sheet::new(out, style);
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let rows: Vec<[String; 6]> = report
        .targets
        .iter()
        .map(|row| {
            let dockerfile = if row.inline { "inline".to_owned() } else { known(&row.dockerfile) };
            let sent = row.sent_bytes.map_or_else(|| "?".to_owned(), format_bytes);
            let stage = row.stage.clone().unwrap_or_default();
            [
                row.name.clone(),
                format!("{}:{}", row.file, row.line),
                dockerfile,
                known(&row.context),
                sent,
                stage,
            ]
        })
        .collect();
    const TITLES: [&str; 6] = ["name", "from", "Dockerfile", "context", "sent", "stage"];
    // A column in which nothing stands is left out.
    let has_stages = rows.iter().any(|row| !row[5].is_empty());
    let has_arguments = report.targets.iter().any(|row| !row.arguments.is_empty());
    let shown = if has_stages { TITLES.len() } else { TITLES.len() - 1 };
    // Names and files come whole as far as there is room; the rest of the line is for the arguments.
    let most = width / 4;
    let wide: Vec<usize> = TITLES
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let longest = rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
            longest.max(title.len()).min(most)
        })
        .collect();
    let line = |cells: &[String; 6]| {
        let mut line = String::new();
        for (at, (cell, wide)) in cells.iter().zip(&wide).enumerate().take(shown) {
            // The end of a path tells more than its beginning.
            let cell = if (1..4).contains(&at) { clip_start(cell, *wide) } else { clip(cell, *wide) };
            let pad = wide.saturating_sub(cell.chars().count());
            let (before, after) = if at == 4 { (pad, 0) } else { (0, pad) };
            line.extend([" ".repeat(before), cell, " ".repeat(after + 2)]);
        }
        line
    };
    // Where the rest of a line is too short for them, arguments have one of their own.
    let before: usize = wide.iter().take(shown).map(|wide| wide + 2).sum();
    let room = width.saturating_sub(2 + before);
    let below = room < LEAST_FOR_ARGUMENTS;
    if !rows.is_empty() {
        let titles = line(&TITLES.map(str::to_owned));
        let arguments = if has_arguments && !below { "arguments" } else { "" };
        sheet.header(format!("{titles}{arguments}").trim_end())?;
    }
    for (row, cells) in report.targets.iter().zip(&rows) {
        let start = line(cells);
        let arguments = row.arguments.iter().map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => format!("{name}=…"),
        });
        let arguments = arguments.collect::<Vec<_>>().join(" ");
        let beside = if below { String::new() } else { clip(&arguments, room) };
        writeln!(sheet.out, "  {}", format!("{start}{beside}").trim_end())?;
        if below && !arguments.is_empty() {
            writeln!(sheet.out, "    {}", clip(&arguments, width.saturating_sub(4)))?;
        }
    }
    if !style.quiet {
        let count = rows.len() as u64;
        let what = match count {
            0 => "no Compose, bake, devcontainer or CI file here builds a Dockerfile".to_owned(),
            _ => counted(count, "build", "builds"),
        };
        writeln!(sheet.out, "{what}")?;
    }
    for problem in &report.problems {
        let place = match (&problem.file, problem.line, problem.column) {
            (Some(file), Some(line), Some(column)) => format!("{}:{line}:{column}: ", sanitize(file)),
            _ => String::new(),
        };
        let refused = sheet.paint.ink(Ink::Warning, "refused:");
        writeln!(sheet.out, "{refused} {place}{}", sanitize(&problem.message))?;
    }
    Ok(())
}

/// The last `room` characters of a text, with a sign for those that are left out.
fn clip_start(text: &str, room: usize) -> String {
    let text = sanitize(text);
    let left_out = (text.chars().count() + 1).saturating_sub(room);
    if left_out <= 1 {
        text.into_owned()
    } else {
        std::iter::once('…').chain(text.chars().skip(left_out)).collect()
    }
}

/// Writes targets and problems as JSON. Paths are relative to `here`, where they are inside of it.
pub fn write_targets_json(out: &mut dyn Write, resolutions: &[Resolution], here: &Path) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document {
        targets: Vec<TargetEntry>,
        problems: Vec<ProblemEntry>,
    }
    let mut document = Document { targets: Vec::new(), problems: Vec::new() };
    let mut known: HashSet<ProblemEntry> = HashSet::new();
    for resolution in resolutions {
        let at = |place: Place| PlaceEntry::of(place, &resolution.sources, here);
        let targets = resolution.targets.iter().filter(|target| !target.is_refused);
        document.targets.extend(targets.map(|target| TargetEntry::of(target, at, here)));
        let problems = resolution.problems.iter().map(|problem| {
            let place = problem.place.map(at);
            let message = problem.message.clone();
            ProblemEntry {
                file: place.as_ref().map(|place| place.file.clone()),
                line: place.as_ref().map(|place| place.line),
                column: place.as_ref().map(|place| place.column),
                message,
            }
        });
        // bake reads the Compose file beside it, and refuses it as Compose does.
        document.problems.extend(problems.filter(|problem| known.insert(problem.clone())));
    }
    to_writer(out, &document)
}

/// A target as JSON. What cannot be known is `null`.
#[derive(Serialize)]
struct TargetEntry {
    name: String,
    kind: &'static str,
    context: Option<String>,
    dockerfile: Option<String>,
    inline: Option<String>,
    target: Option<String>,
    args: BTreeMap<String, Option<String>>,
    platforms: Vec<String>,
    contexts: BTreeMap<String, String>,
    place: PlaceEntry,
}

#[derive(Serialize)]
struct PlaceEntry {
    file: String,
    line: usize,
    column: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct ProblemEntry {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
}

impl PlaceEntry {
    fn of(place: Place, sources: &Sources, here: &Path) -> Self {
        let file = sources.file(place.file);
        let (line, column) = file.position(place.start as usize);
        Self { file: relative(&file.path, here), line, column }
    }
}

impl TargetEntry {
    fn of(target: &Target, at: impl Fn(Place) -> PlaceEntry, here: &Path) -> Self {
        let value = |text: &Text| text.value.clone();
        let context = match &target.context {
            Context::Folder { path, .. } => Some(relative(path, here)),
            Context::Remote(text) | Context::Unknown(text) => value(text),
        };
        let (dockerfile, inline) = match &target.dockerfile {
            Dockerfile::File { path, .. } if matches!(target.context, Context::Remote(_)) => {
                (Some(shown(path)), None)
            }
            Dockerfile::File { path, .. } => (Some(relative(path, here)), None),
            Dockerfile::Inline(inline) => (None, Some(inline.text.clone())),
            Dockerfile::Unknown(text) => (value(text), None),
        };
        let named = |context: &build_targets::NamedContext| {
            // bake keeps the working folder's own notation.
            let is_kept = context.value.value.as_deref().is_some_and(|value| value.starts_with("cwd://"));
            let folder = context.folder.as_deref().filter(|_| !is_kept).map(|folder| relative(folder, here));
            Some((value(&context.name)?, folder.or_else(|| value(&context.value)).unwrap_or_default()))
        };
        Self {
            name: target.name.clone(),
            kind: kind(target.kind),
            context,
            dockerfile,
            inline,
            target: target.stage.as_ref().and_then(value),
            args: target
                .arguments
                .iter()
                .filter_map(|argument| {
                    Some((value(&argument.name)?, argument.value.as_ref().and_then(value)))
                })
                .gather(),
            platforms: target.platforms.iter().filter_map(value).collect(),
            contexts: target.contexts.iter().filter_map(named).gather(),
            place: at(target.place),
        }
    }
}

/// What starts a build, in a word.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Compose => "compose",
        Kind::Bake => "bake",
        Kind::Devcontainer => "devcontainer",
        Kind::Quadlet => "quadlet",
        _ => "job",
    }
}

/// A path without `.` and, where that is sure, `..`; relative to `here` where it is inside of it.
fn relative(path: &Path, here: &Path) -> String {
    let clean = build_targets::paths::clean(path);
    let inside = clean.strip_prefix(here).map(Path::to_path_buf).unwrap_or(clean);
    shown(plain_path(&inside))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
