use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{Saving, format_bytes};

use super::Style;
use super::context::Amount;
use super::diff::write_patch;
use super::sanitize::sanitize;

/// What became of an ignore file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IgnoreReport {
    /// The version of this form.
    pub version: u32,
    /// The Dockerfile whose build it is for.
    pub dockerfile: String,
    /// The ignore file.
    pub ignore_file: String,
    /// True if it was written, false if it is only shown.
    pub written: bool,
    /// The lines that were, or would be, added.
    pub added: Vec<LineRow>,
    /// Lines that leave out much, and that something needs.
    pub left: Vec<LeftRow>,
    /// What is sent less with all of them, measured.
    pub sent: Amount,
    /// The bytes that the ignore file itself adds to what is sent, where a COPY takes it.
    pub own_bytes: u64,
    /// What COPY and ADD bring less of it into the image that is built; a file that two of them take counts
    /// twice, as it does in the image.
    pub copied: Amount,
    /// The change, as `patch -p0` reads it.
    pub diff: String,
}

/// A line for an ignore file.
#[derive(Debug, Clone, Serialize)]
pub struct LineRow {
    /// The line.
    pub line: String,
    /// What is sent of the things that it leaves out.
    pub sent: Amount,
}

/// A line that was not added.
#[derive(Debug, Clone, Serialize)]
pub struct LeftRow {
    /// The line.
    pub line: String,
    /// Why not.
    pub why: String,
}

/// Writes it for people; with `raw` the change as `patch` reads it.
///
/// # Errors
/// Those of `out`.
pub fn write_ignore(out: &mut dyn Write, report: &IgnoreReport, raw: bool, style: &Style) -> io::Result<()> {
    write_patch(out, report.diff.as_bytes(), raw, style)?;
    if style.quiet {
        return Ok(());
    }
    let name = sanitize(&report.ignore_file);
    if report.added.is_empty() {
        writeln!(out, "nothing to add to {name}: all that is sent may be needed")?;
    } else {
        let lines = if report.added.len() == 1 {
            "1 line".to_owned()
        } else {
            format!("{} lines", report.added.len())
        };
        let (head, sends) = if report.written {
            (format!("wrote {name}, {lines} added"), "are no longer sent")
        } else {
            (format!("{name} lacks {lines}"), "would no longer be sent")
        };
        let copied = match report.copied.bytes {
            0 => "; no COPY took any of it into the image".to_owned(),
            bytes => format!("; COPY took {} of it into the image", format_bytes(bytes)),
        };
        let own = match report.own_bytes {
            0 => String::new(),
            bytes => {
                format!("; the ignore file, which is sent too, grows by {}", format_bytes(bytes))
            }
        };
        let files = if report.sent.files == 1 { "file" } else { "files" };
        writeln!(
            out,
            "{head}: {} in {} {files} {sends} (measured){copied}{own}",
            format_bytes(report.sent.bytes),
            report.sent.files
        )?;
    }
    for left in &report.left {
        writeln!(out, "`{}` not added: {}", sanitize(&left.line), sanitize(&left.why))?;
    }
    Ok(())
}

/// Writes it as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_ignore_json(out: &mut dyn Write, report: &IgnoreReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

/// A proposed Dockerfile, or why there is none.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProposalReport {
    /// The version of this form.
    pub version: u32,
    /// The Dockerfile that it is for.
    pub dockerfile: String,
    /// The proposed text.
    pub proposal: Option<String>,
    /// What it does, in the order of the file.
    pub changes: Vec<ChangeRow>,
    /// What to look at before it is used.
    pub notes: Vec<String>,
    /// Why there is none, and the line that stands in the way.
    pub why: Option<String>,
    /// That line.
    pub line: Option<u32>,
    /// The change, as `patch -p0` reads it.
    #[serde(skip)]
    pub diff: Vec<u8>,
}

/// One thing that a proposal does.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeRow {
    /// The line of the Dockerfile as it is.
    pub line: u32,
    /// What is carried along without need, and what is done about it.
    pub what: String,
    /// What that saves of the image; `null` if it is not known before a build.
    pub saving: Option<Saving>,
}

/// Writes it for people; with `raw` the change as `patch` reads it.
///
/// # Errors
/// Those of `out`.
pub fn write_proposal(
    out: &mut dyn Write,
    report: &ProposalReport,
    raw: bool,
    style: &Style,
) -> io::Result<()> {
    let name = sanitize(&report.dockerfile);
    if report.proposal.is_none() {
        let place = report.line.map_or_else(|| name.to_string(), |line| format!("{name}:{line}"));
        return writeln!(
            out,
            "no proposal for {place}: {}",
            sanitize(report.why.as_deref().unwrap_or_default())
        );
    }
    if !style.quiet {
        writeln!(out, "# a proposal: build and test it before you use it; {name} is unchanged")?;
        for change in &report.changes {
            let saves = match &change.saving {
                Some(saving) => format!("saves {saving}"),
                None => "what that saves is unknown before a build".to_owned(),
            };
            writeln!(out, "# line {}: {}; {}", change.line, sanitize(&change.what), sanitize(&saves))?;
        }
        for note in &report.notes {
            writeln!(out, "# {}", sanitize(note))?;
        }
    }
    write_patch(out, &report.diff, raw, style)
}

/// Writes it as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_proposal_json(out: &mut dyn Write, report: &ProposalReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
