//! `dlint size --suggest`: a proposed Dockerfile, with a stage that builds or with stages that carry less along.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use dockerignore::IgnoreFile;

use crate::engine::{self, Opened};
use crate::report::{self, ChangeRow, ProposalReport, sanitize};
use crate::rewrite::{NoProposal, Project as Read, Proposal, propose};
use crate::semantic::{Build, BuildContext, Model};
use crate::workspace::Files;

use super::super::Exit;
use super::super::args::{SizeArgs, TableFormatArg};
use super::super::output::{self, Sink};
use super::locked::{self, Lock};

/// How large a file of the context may be to be read.
const MAX_BYTES: u64 = 4 << 20;

/// Prints the proposal, or why there is none.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let Some(format) = args.format.table() else {
        return Ok(output::failed("--suggest has no page: its --format is human or json"));
    };
    let project = match super::open(args) {
        Ok(project) => project,
        Err(message) => return Ok(output::failed(&message)),
    };
    let report = report(&project);
    let is_stdout = |path: &&PathBuf| path.as_os_str() == "-";
    if let (Some(_), Some(text)) = (args.out.output.as_ref().filter(is_stdout), &report.proposal) {
        output::write(Sink::Stdout, args.out.color, args.quiet, |out, _| out.write_all(text.as_bytes()))?;
        return Ok(Exit::Clean);
    }
    if let (Some(path), Some(text)) = (&args.out.output, &report.proposal) {
        engine::write_report(path, text.as_bytes()).map_err(|error| {
            let name = path.display().to_string();
            io::Error::other(format!("{} cannot be written: {error}", sanitize(&name)))
        })?;
    }
    let found = report.proposal.is_some();
    let raw = !io::stdout().is_terminal();
    output::write(Sink::Stdout, args.out.color, args.quiet, |out, style| match format {
        TableFormatArg::Human if args.out.output.is_some() && found => Ok(()),
        TableFormatArg::Human => report::write_proposal(out, &report, raw, style),
        TableFormatArg::Json => report::write_proposal_json(out, &report),
    })?;
    Ok(if found { Exit::Clean } else { Exit::Findings })
}

fn report(project: &Opened) -> ProposalReport {
    let model = &project.analysis;
    let root = project.target.context_folder();
    let read = |path: &str| read(root.as_deref()?, path);
    let none = IgnoreFile::default();
    let ignore = model.context().and_then(BuildContext::ignore).map_or(&none, |(file, _)| file);
    let files = root.as_deref().and_then(|root| engine::project_files(root, ignore));
    let name = project.target.name();
    let mut report = ProposalReport { version: 1, dockerfile: name, ..ProposalReport::default() };
    match proposal(project, Read { read: &read, files: files.as_deref() }) {
        Ok(proposal) => {
            let before = model.file.source.bytes();
            report.diff = engine::diff(&report.dockerfile, before, proposal.text.as_bytes());
            report.proposal = Some(proposal.text);
            let rows = proposal.changes.into_iter();
            report.changes =
                rows.map(|c| ChangeRow { line: c.line, what: c.what, saving: c.saving }).collect();
            report.notes = proposal.notes;
        }
        Err(why) => {
            report.line = why.line;
            report.why = Some(why.why);
        }
    }
    report
}

/// The proposal for what is built; if there is none and that is not the last stage, the one for a build of that.
fn proposal(project: &Opened, read: Read<'_>) -> Result<Proposal, NoProposal> {
    let model = &project.analysis;
    // A lock file that cannot be read says nothing of images.
    let lock = Lock::of(&Files::default(), project).ok().flatten();
    let images = locked::known(&project.settings.base_images, lock.as_ref(), None);
    let proposed = propose(model, read, &images);
    let last = model.stages.last_id();
    let (Err(why), Some(stage)) = (&proposed, model.final_stage().filter(|s| Some(s.index) != last)) else {
        return proposed;
    };
    let build = Build { target: None, ..model.build().clone() };
    let whole = model.clone().with_model(Model::of_build(model.file.clone(), &build).into());
    let mut proposal = propose(&whole, read, &images).map_err(|_| why.clone())?;
    let name = stage.name.as_deref().map_or_else(|| stage.index.to_string(), str::to_owned);
    proposal
        .notes
        .insert(0, format!("this is for builds of the last stage: the one looked at ends with `{name}`"));
    Ok(proposal)
}

/// A file of the context as text. Links are not followed out of it, as in a build.
fn read(root: &Path, path: &str) -> Option<String> {
    let full = root.join(path);
    fs::symlink_metadata(&full).ok().filter(|m| m.is_file() && m.len() <= MAX_BYTES)?;
    String::from_utf8(fs::read(full).ok()?).ok()
}
