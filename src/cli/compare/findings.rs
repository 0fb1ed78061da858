//! Findings gained and lost.

use std::path::{Path, PathBuf};

use crate::baseline::Baseline;
use crate::diag::{FileReport, Finding};
use crate::report::FindingChange;
use crate::tree::DISK;

use crate::cli::base::{Base, name_now};

/// What differs in the findings.
pub(super) struct Changed {
    /// Each with its file as it is now.
    pub(super) gained: Vec<(PathBuf, Finding)>,
    pub(super) rows_gained: Vec<FindingChange>,
    pub(super) rows_lost: Vec<FindingChange>,
}

/// Compares what was found with what is found.
pub(super) fn compare(base: &Base, mut was: Vec<FileReport>, is: Vec<FileReport>) -> Changed {
    let before = Baseline::of(&was, |path| base.name_before(path));
    let after = Baseline::of(&is, name_now);
    let mut fresh = is;
    before.take_known(&mut fresh, name_now, |name| DISK.exists(Path::new(name)));
    after.take_known(
        &mut was,
        |path| base.name_before(path),
        |name| base.tree().exists(&base.old_path(Path::new(name))),
    );
    let gained = fresh
        .iter()
        .flat_map(|file| file.findings.iter().map(|finding| (PathBuf::from(&file.path), finding.clone())));
    Changed { gained: gained.collect(), rows_gained: rows(&fresh), rows_lost: rows(&was) }
}

fn rows(files: &[FileReport]) -> Vec<FindingChange> {
    let of = |file: &FileReport| {
        let lines = file.source.lines();
        let row = |finding: &Finding| FindingChange {
            path: file.path.clone(),
            line: lines.line(finding.span.start),
            rule: finding.rule.to_string(),
            severity: finding.severity.name(),
            message: finding.message.clone(),
        };
        file.findings.iter().map(row).collect::<Vec<_>>()
    };
    files.iter().flat_map(of).collect()
}
