//! `dlint size --fix-ignore`: writes the lines that the ignore file lacks.

use std::io;

use crate::context::{Progress, Tally};
use crate::engine::{self, IgnoreChange};
use crate::report::{self, Amount, IgnoreReport, LeftRow, LineRow, sanitize};

use super::super::Exit;
use super::super::args::{SizeArgs, TableFormatArg};
use super::super::output::{self, Sink};
use super::super::progress;
use super::super::project;

/// Shows what the ignore file lacks, and writes it unless only the difference is wanted.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let Some(format) = args.format.table() else {
        return Ok(output::failed("--fix-ignore has no page: its --format is human or json"));
    };
    let measured = Progress::default();
    let planned = progress::shown(args.quiet, &measured, || plan(args, &measured));
    let (mut report, change) = match planned {
        Ok(planned) => planned,
        Err(message) => return Ok(output::failed(&message)),
    };
    report.written = change.adds() && !args.diff;
    let sink = Sink::named(args.out.output.as_deref());
    if report.written
        && let Err(error) = change.write()
    {
        // What was to be written is of use all the same.
        let name = sanitize(&report.ignore_file);
        return Ok(output::failed(&format!("{name} cannot be written: {error}")));
    }
    output::write(sink, args.out.color, args.quiet, |out, style| match format {
        TableFormatArg::Human => report::write_ignore(out, &report, !sink.is_terminal(), style),
        TableFormatArg::Json => report::write_ignore_json(out, &report),
    })?;
    Ok(if args.diff && change.adds() { Exit::Findings } else { Exit::Clean })
}

/// Measures, and decides what to add; an error is a sentence for people.
fn plan(args: &SizeArgs, progress: &Progress) -> Result<(IgnoreReport, IgnoreChange), String> {
    let project = project::open(args.dockerfile.as_deref(), &args.target, &args.config, progress)?;
    let change = IgnoreChange::of(&project.target, &project.analysis, progress);
    let change = change.map_err(|e| sanitize(&e.to_string()).into_owned())?;
    let name = change.path.display().to_string();
    let grown = change.after.len().saturating_sub(change.before.len()) as u64;
    let line = |s: &crate::context::Suggestion| LineRow { line: s.line.clone(), sent: amount(s.sent) };
    let report = IgnoreReport {
        version: 1,
        own_bytes: if change.is_sent { grown } else { 0 },
        dockerfile: project.target.name(),
        diff: String::from_utf8_lossy(&engine::diff(&name, &change.before, &change.after)).into_owned(),
        ignore_file: name,
        written: false,
        sent: amount(change.sent),
        copied: amount(change.copied),
        added: change.lines.added.iter().map(line).collect(),
        left: change
            .lines
            .left
            .iter()
            .map(|l| LeftRow { line: l.line.clone(), why: l.why.clone() })
            .collect(),
    };
    Ok((report, change))
}

const fn amount(tally: Tally) -> Amount {
    Amount { files: tally.files, bytes: tally.bytes }
}
