//! What a build context weighs: for people as tables with bars, for programs as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{counted, format_bytes, format_count};
use crate::text::Arrange;

use super::Style;
use super::fit::Fitted;
use super::paint::Ink;
use super::sanitize::{path, sanitize};
use super::sheet::Sheet;

/// How many rows a table for people shows.
const ROWS: usize = 25;

/// A number of files and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Amount {
    /// Everything that is not a folder.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// All that is known of a build context. This is the JSON document, too: names and types stay, new ones
/// may come within a version. Paths are relative to the context, with `/`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContextReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The context's folder as it was named.
    pub context: String,
    /// The Dockerfile, if there is one.
    pub dockerfile: Option<String>,
    /// A folder above this one that has what the Dockerfile copies, where this one lacks some of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likely_context: Option<String>,
    /// The stage that was asked for.
    pub target: Option<String>,
    /// The builder whose rules count, by its name in settings, if that is not BuildKit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builder: Option<&'static str>,
    /// What the builder is called for people, and why it is the one that counts.
    #[serde(skip)]
    pub built_by: Option<(&'static str, Option<String>)>,
    /// The ignore file that counts, if there is one.
    pub ignore_file: Option<String>,
    /// The ignore file to put the suggestions into.
    pub ignore_into: String,
    /// All that is there.
    pub total: Amount,
    /// What is left after ignoring.
    pub kept: Amount,
    /// What BuildKit sends for the Dockerfile and the target; nothing is known without a Dockerfile.
    pub sent: Option<Amount>,
    /// The entries of the context's root, heaviest first, at most 20.
    pub top: Vec<TopRow>,
    /// The patterns of the ignore file, in its order.
    pub patterns: Vec<PatternRow>,
    /// What the Dockerfile takes, in its order.
    pub sources: Vec<SourceRow>,
    /// The largest files that are kept, at most 20.
    pub largest: Vec<FileRow>,
    /// Lines worth adding to the ignore file: those for secrets, then the one that saves most first.
    pub suggestions: Vec<SuggestionRow>,
    /// Lines that would save something and must not be added.
    pub left: Vec<LeftLine>,
    /// The files that the Dockerfile takes, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<TakenRow>>,
    /// Files that look like secrets and would be sent, by path; at most 100.
    pub secrets: Vec<SecretRow>,
    /// How many of them there are.
    pub secrets_total: u64,
    /// What could not be read, by path; at most 100.
    pub warnings: Vec<WarningRow>,
    /// How many of them there are.
    pub warnings_total: u64,
}

/// An entry of the context's root.
#[derive(Debug, Clone, Serialize)]
pub struct TopRow {
    /// Its name.
    pub name: String,
    /// True for a folder.
    pub folder: bool,
    /// What is kept of it.
    pub kept: Amount,
    /// What the ignore file leaves out of it.
    pub excluded: Amount,
}

/// A pattern of the ignore file.
#[derive(Debug, Clone, Serialize)]
pub struct PatternRow {
    /// Its line, from 1.
    pub line: u32,
    /// The line as written, without blanks around it.
    pub text: String,
    /// True for a `!` line, which brings back.
    pub negated: bool,
    /// How many files it decides about: leaves out, or brings back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// True if it hits anything; a line that does not can go.
    pub matched: bool,
}

/// A source of a COPY, ADD or bind mount.
#[derive(Debug, Clone, Serialize)]
pub struct SourceRow {
    /// The line of the instruction, from 1.
    pub line: u32,
    /// `COPY`, `ADD` or `RUN --mount`.
    pub instruction: &'static str,
    /// The source as it is expanded.
    pub source: String,
    /// The named context that it is in; it is no part of this context then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whether it is there.
    pub status: SourceState,
    /// The line of the ignore file that leaves it out.
    pub excluded_by: Option<u32>,
    /// True if the build runs the instruction; only then it is sent.
    pub reached: bool,
    /// How many files it takes.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Whether a source is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    /// At least a part of it is kept.
    Found,
    /// The ignore file leaves it out.
    Excluded,
    /// There is nothing of that name.
    Missing,
    /// It depends on a variable whose value is not known; the source is as it is written.
    Unknown,
}

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// A line worth adding to the ignore file.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionRow {
    /// The line.
    pub line: String,
    /// How many kept files it leaves out.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How much of that is sent now.
    pub sent: u64,
    /// True for a file that looks like a secret.
    pub secret: bool,
}

/// A line that must not be added to the ignore file.
#[derive(Debug, Clone, Serialize)]
pub struct LeftLine {
    /// The line.
    pub line: String,
    /// Why not.
    pub why: String,
}

/// A file that instructions take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenRow {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The lines of the instructions, from 1.
    pub lines: Vec<u32>,
}

/// A file that looks like a secret.
#[derive(Debug, Clone, Serialize)]
pub struct SecretRow {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What it looks like, in words.
    pub kind: &'static str,
    /// The lines of the instructions that copy it.
    pub lines: Vec<u32>,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, Serialize)]
pub struct WarningRow {
    /// Where.
    pub path: String,
    /// What the system says.
    pub message: String,
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_context_json(out: &mut dyn Write, report: &ContextReport) -> io::Result<()> {
    super::json::to_writer(out, report)
}

/// Writes the report for people.
///
/// # Errors
/// Those of `out`.
pub fn write_context(out: &mut dyn Write, report: &ContextReport, style: &Style) -> io::Result<()> {
    if let Some(files) = &report.files {
        return Page { sheet: Sheet::new(out, style) }.files(files);
    }
    let mut out = Fitted::new(out, style);
    let mut sheet = Page { sheet: Sheet::new(&mut out, style) };
    sheet.head(report)?;
    sheet.secrets(report)?;
    sheet.top(report)?;
    sheet.patterns(report)?;
    sheet.sources(report)?;
    sheet.largest(report)?;
    sheet.suggestions(report)?;
    sheet.warnings(report)?;
    out.flush()
}

struct Page<'o> {
    sheet: Sheet<'o>,
}

impl Page<'_> {
    /// What a table leaves out.
    fn more(&mut self, all: usize) -> io::Result<()> {
        match all.checked_sub(ROWS) {
            None | Some(0) => Ok(()),
            Some(n) => {
                let text =
                    format!("and {} more, smaller ones; `--format json` lists them", format_count(n as u64));
                writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))
            }
        }
    }

    fn head(&mut self, report: &ContextReport) -> io::Result<()> {
        let name = path(&report.context).into_owned();
        writeln!(self.sheet.out, "{} {name}", self.sheet.paint.ink(Ink::Bold, "Build context"))?;
        if let (Some(likely), Some(dockerfile)) = (&report.likely_context, &report.dockerfile) {
            let (likely, dockerfile) = (path(likely), path(dockerfile));
            let note = format!(
                "nothing that {dockerfile} copies is here, and all of it is in {likely}: try `dlint context {likely} -f {dockerfile}`"
            );
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Warning, note))?;
        }
        if let Some((title, why)) = &report.built_by {
            let why = why.as_ref().map(|why| format!(", because {}", sanitize(why))).unwrap_or_default();
            let note = format!("counted by the rules of {title}{why}");
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, note))?;
        }
        let ignore = match &report.ignore_file {
            Some(file) => format!("by {}", path(file)),
            None => "there is no ignore file".to_owned(),
        };
        self.head_row("in all", report.total, "")?;
        self.head_row("left after ignoring", report.kept, &ignore)?;
        match (report.sent, &report.dockerfile) {
            (Some(sent), Some(_)) => {
                let name = report.built_by.as_ref().map_or("BuildKit", |(title, _)| *title);
                let name =
                    if name == "BuildKit" { "sent by BuildKit".to_owned() } else { format!("for {name}") };
                self.head_row(&name, sent, &why::why(report))
            }
            _ => writeln!(
                self.sheet.out,
                "  {}",
                self.sheet
                    .paint
                    .ink(Ink::Dim, "no Dockerfile here, so what is sent is not known: name one with -f")
            ),
        }
    }

    /// One line for each file, for people and for `awk`.
    fn files(&mut self, files: &[TakenRow]) -> io::Result<()> {
        for file in files {
            let bytes = self.sheet.paint.ink(Ink::Dim, format!("{:>9}", format_bytes(file.bytes)));
            writeln!(self.sheet.out, "{bytes}  {}", path(&file.path))?;
        }
        let sum = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
        let count = counted(files.len() as u64, "file", "files");
        writeln!(self.sheet.out, "{:>9}  in {count}", format_bytes(sum))
    }

    fn head_row(&mut self, name: &str, amount: Amount, note: &str) -> io::Result<()> {
        let line = format!(
            "  {name:<20} {:>9}  {:>12}",
            format_bytes(amount.bytes),
            counted(amount.files, "file", "files")
        );
        let note = if note.is_empty() {
            String::new()
        } else {
            format!("  {}", self.sheet.paint.ink(Ink::Dim, note))
        };
        writeln!(self.sheet.out, "{line}{note}")
    }

    fn top(&mut self, report: &ContextReport) -> io::Result<()> {
        if report.top.is_empty() {
            return Ok(());
        }
        self.sheet.title("What is in it")?;
        let mut rows: Vec<&TopRow> = report.top.iter().collect();
        rows.arrange_by_key(|row| std::cmp::Reverse((row.kept.bytes, row.excluded.bytes)));
        let most = rows.iter().map(|r| r.kept.bytes).max().unwrap_or(0);
        let width = self.sheet.bar;
        self.sheet.header(&format!("{:width$}  {:>9}  {:>9}  {:>9}", "", "kept", "files", "left out"))?;
        for row in rows {
            let bar = self.sheet.bar(row.kept.bytes, most);
            let out =
                if row.excluded.files == 0 { String::from("-") } else { format_bytes(row.excluded.bytes) };
            writeln!(
                self.sheet.out,
                "  {bar}  {:>9}  {:>9}  {out:>9}  {}{}",
                format_bytes(row.kept.bytes),
                format_count(row.kept.files),
                path(&row.name),
                if row.folder { "/" } else { "" }
            )?;
        }
        Ok(())
    }

    fn patterns(&mut self, report: &ContextReport) -> io::Result<()> {
        let Some(file) = &report.ignore_file else { return Ok(()) };
        self.sheet.title(&format!("What the lines of {} leave out", path(file)))?;
        if report.patterns.is_empty() {
            return writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, "it has no patterns"));
        }
        let mut rows: Vec<&PatternRow> = report.patterns.iter().collect();
        rows.arrange_by_key(|r| (!r.matched, r.negated, std::cmp::Reverse(r.bytes), r.line));
        self.sheet.header(&format!("{:>6}  {:>9}  {:>9}", "line", "bytes", "files"))?;
        for row in rows.iter().take(ROWS) {
            let note = match (row.matched, row.negated) {
                (false, true) => "  (brings nothing back)",
                (false, false) => "  (leaves nothing out)",
                (true, true) => "  (brings back)",
                (true, false) => "",
            };
            let ink = if row.matched { Ink::Dim } else { Ink::Warning };
            writeln!(
                self.sheet.out,
                "  {:>6}  {:>9}  {:>9}  {}{}",
                row.line,
                format_bytes(row.bytes),
                format_count(row.files),
                sanitize(&row.text),
                self.sheet.paint.ink(ink, note)
            )?;
        }
        self.more(rows.len())
    }

    fn sources(&mut self, report: &ContextReport) -> io::Result<()> {
        let Some(file) = &report.dockerfile else { return Ok(()) };
        if report.sources.is_empty() {
            return Ok(());
        }
        self.sheet.title(&format!("What {} takes", path(file)))?;
        let mut rows: Vec<&SourceRow> = report.sources.iter().collect();
        rows.arrange_by_key(|r| (std::cmp::Reverse(r.bytes), r.line));
        self.sheet.header(&format!("{:>6}  {:>9}  {:>9}", "line", "bytes", "files"))?;
        for row in rows.iter().take(ROWS) {
            let (note, ink) = match (row.status, row.excluded_by) {
                (SourceState::Found, _) if !row.reached => ("not built for this target".to_owned(), Ink::Dim),
                (SourceState::Found, _) if row.source.is_empty() => {
                    ("an empty source is the whole build context".to_owned(), Ink::Warning)
                }
                (SourceState::Found, _) => (String::new(), Ink::Dim),
                (SourceState::Missing, _) => ("missing".to_owned(), Ink::Error),
                (SourceState::Unknown, _) => {
                    ("unknown: it depends on a variable, which --build-arg may set".to_owned(), Ink::Warning)
                }
                (SourceState::Excluded, Some(line)) => (format!("left out by line {line}"), Ink::Error),
                (SourceState::Excluded, None) => ("left out".to_owned(), Ink::Error),
            };
            let note = if note.is_empty() { note } else { format!("  ({note})") };
            writeln!(
                self.sheet.out,
                "  {:>6}  {:>9}  {:>9}  {} {}{}",
                row.line,
                format_bytes(row.bytes),
                format_count(row.files),
                row.from.as_ref().map_or_else(
                    || row.instruction.to_owned(),
                    |from| format!("{} --from={}", row.instruction, sanitize(from))
                ),
                if row.source.is_empty() { "\"\"".into() } else { sanitize(&row.source) },
                self.sheet.paint.ink(ink, note)
            )?;
        }
        self.more(rows.len())
    }

    fn largest(&mut self, report: &ContextReport) -> io::Result<()> {
        let Some(most) = report.largest.first().map(|f| f.bytes) else { return Ok(()) };
        self.sheet.title("Largest files that are kept")?;
        for file in report.largest.iter().take(10) {
            let bar = self.sheet.bar(file.bytes, most);
            writeln!(self.sheet.out, "  {bar}  {:>9}  {}", format_bytes(file.bytes), path(&file.path))?;
        }
        Ok(())
    }

    fn secrets(&mut self, report: &ContextReport) -> io::Result<()> {
        if report.secrets.is_empty() {
            return Ok(());
        }
        self.sheet.title("Secrets that would be sent")?;
        for secret in report.secrets.iter().take(ROWS) {
            let lines: Vec<String> = secret.lines.iter().map(u32::to_string).collect();
            let copied = match lines.len() {
                0 => String::new(),
                1 => format!(", copied by line {}", lines.join("")),
                _ => format!(", copied by lines {}", lines.join(", ")),
            };
            let name = path(&secret.path);
            let name = self.sheet.paint.ink(Ink::Error, name);
            writeln!(self.sheet.out, "  {name}: {}, {}{copied}", secret.kind, format_bytes(secret.bytes))?;
        }
        self.more(usize::try_from(report.secrets_total).unwrap_or(usize::MAX))
    }

    fn suggestions(&mut self, report: &ContextReport) -> io::Result<()> {
        if report.suggestions.is_empty() {
            writeln!(self.sheet.out, "\nNothing in it stands out as worth ignoring.")?;
        } else {
            self.sheet.title(&format!("Worth adding to {}", path(&report.ignore_into)))?;
            self.sheet.header(&format!("{:>9}  {:>9}  {:>9}", "saves", "files", "sent now"))?;
        }
        for row in report.suggestions.iter().take(ROWS) {
            let saves = format!("{:>9}", format_bytes(row.bytes));
            let sent = if report.sent.is_none() { "?".to_owned() } else { format_bytes(row.sent) };
            let note = if row.secret {
                self.sheet.paint.ink(Ink::Error, "  (a secret)").to_string()
            } else {
                String::new()
            };
            writeln!(
                self.sheet.out,
                "  {}  {:>9}  {sent:>9}  {}{note}",
                self.sheet.paint.ink(Ink::Good, saves),
                format_count(row.files),
                sanitize(&row.line)
            )?;
        }
        self.more(report.suggestions.len())?;
        for left in report.left.iter().take(ROWS) {
            writeln!(self.sheet.out, "  `{}` not added: {}", sanitize(&left.line), sanitize(&left.why))?;
        }
        Ok(())
    }

    fn warnings(&mut self, report: &ContextReport) -> io::Result<()> {
        if report.warnings.is_empty() {
            return Ok(());
        }
        self.sheet.title("Not measured")?;
        for warning in report.warnings.iter().take(ROWS) {
            let name = path(&warning.path);
            let name = self.sheet.paint.ink(Ink::Warning, name);
            writeln!(self.sheet.out, "  {name}: {}", sanitize(&warning.message))?;
        }
        self.more(usize::try_from(report.warnings_total).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests;
mod why;
