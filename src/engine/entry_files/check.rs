//! Files that start builds, checked while they are written.

use std::path::Path;

use crate::context::Progress;
use crate::diag::{FileReport, Finding};
use crate::engine::check::of_snapshot;
use crate::engine::run::{Run, merge};
use crate::entries::Entries;
use crate::text::{Edit, plain_path};
use crate::workspace::{ContextSource, Snapshot, Target};

use super::fix;

/// What is found in the file at `path`, which starts some of the builds of `entries`, and in the Dockerfiles that are
/// written in it. No build context is walked through.
#[must_use]
pub fn check_entries(snapshot: &Snapshot, entries: &Entries, path: &Path) -> FileReport {
    let entries = &entries.without_contexts();
    run(snapshot, path, |run| {
        let name = plain_path(path).display().to_string();
        let outcomes = run.entry_outcomes(run.lint_entries(snapshot.files(), entries), entries);
        let own = outcomes.into_iter().flat_map(|outcome| outcome.files).filter(|file| file.path == name);
        merge(own.collect()).into_iter().next().unwrap_or_default()
    })
}

/// The edits of the fix of one finding; `None` if it has none, or one that changes more of what is built than it says.
/// What is found in a Dockerfile that is written there is not fixed alone.
#[must_use]
pub fn quick_fix_of_entries(
    snapshot: &Snapshot,
    entries: &Entries,
    path: &Path,
    finding: &Finding,
) -> Option<Vec<Edit>> {
    finding.fix.as_ref()?;
    let name = plain_path(path).display().to_string();
    run(snapshot, path, |run| fix::of_finding(&run, entries, &name, finding))
}

fn run<T>(snapshot: &Snapshot, path: &Path, with: impl FnOnce(Run<'_>) -> T) -> T {
    let target = Target { context: ContextSource::None, ..Target::of_file(path) };
    of_snapshot(snapshot, &target, &Progress::default(), with)
}
