use std::fmt;
use std::path::Path;

use crate::context::Progress;
use crate::diag::{Applicability, Finding};
use crate::semantic::Build;
use crate::shellcheck::Checker;
use crate::syntax::{File, Instruction, parse};
use crate::text::{self, Edit, Source};
use crate::workspace::{Snapshot, Target};

use super::fix::Fixer;
use super::outcome::{Fixing, Outcome};
use super::run::Run;
use super::verify::verify;

/// A check was ended before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the check was ended before it was done")
    }
}

impl std::error::Error for Cancelled {}

/// Lints a target as it is in `snapshot`. Another thread may end it through `progress`; the walk through the
/// build context asks at each folder, and the rules before each of them.
///
/// # Errors
/// If it was ended.
pub fn check(
    snapshot: &Snapshot,
    target: &Target,
    progress: &Progress,
    shellcheck: Option<&Checker>,
) -> Result<Outcome, Cancelled> {
    let outcome = of_snapshot(snapshot, target, progress, |run| Run { shellcheck, ..run }.target(target));
    if progress.is_cancelled() { Err(Cancelled) } else { Ok(outcome) }
}

/// Does something with a run on the texts and settings of a snapshot, that fixes nothing.
pub(super) fn of_snapshot<T>(
    snapshot: &Snapshot,
    target: &Target,
    progress: &Progress,
    with: impl FnOnce(Run<'_>) -> T,
) -> T {
    with(Run {
        settings: &|path: &Path| snapshot.settings_of(path),
        target: &|path: &Path| snapshot.target_of(path, &target.build),
        targets: None,
        files: snapshot.files(),
        progress: Some(progress),
        fixing: None,
        shellcheck: None,
        seen: None,
    })
}

/// The text of a Dockerfile after all fixes that can be trusted as far as `allow` for all of its builds; `None` if they
/// change nothing. No file is written, and no context is looked at.
#[must_use]
pub fn fixed(snapshot: &Snapshot, builds: &[Target], allow: Applicability) -> Option<String> {
    let fixing = Some(Fixing { allow, write: false });
    let first = builds.first()?;
    let outcome = of_snapshot(snapshot, first, &Progress::default(), |run| {
        let run = Run { fixing, ..run };
        run.read_all(builds).map(|opened| run.checked(opened))
    });
    String::from_utf8(outcome.ok()?.changed?.after).ok()
}

/// The edits of the fix of one finding, as they fit the file; `None` if it has none, or one that changes more than it
/// says.
#[must_use]
pub fn quick_fix(file: &File, finding: &Finding, build: &Build) -> Option<Vec<Edit>> {
    let outcome = Fixer::new(Applicability::Unsafe).build(build).once(file, std::slice::from_ref(finding));
    (!outcome.edits.is_empty()).then_some(outcome.edits)
}

/// True if edits (sorted, not overlapping) change blanks between words alone: each instruction has the same keyword,
/// flags, words and here-documents as before, and the directives are the same.
#[must_use]
pub fn changes_blanks_only(file: &File, edits: &[Edit]) -> bool {
    let Ok(bytes) = text::apply(file.source.bytes(), edits) else { return false };
    let Ok(source) = Source::from_bytes(file.source.name(), bytes) else { return false };
    let new = parse(source);
    let same = |(a, b): (&Instruction, &Instruction)| {
        let bodies = a.heredocs.iter().zip(&b.heredocs);
        a.arguments_text().split_whitespace().eq(b.arguments_text().split_whitespace())
            && a.heredocs.len() == b.heredocs.len()
            && bodies.into_iter().all(|(x, y)| x.body.text(file.text()) == y.body.text(new.text()))
    };
    verify(file, &new, edits).is_ok()
        && file.instructions.len() == new.instructions.len()
        && file.instructions.iter().zip(&new.instructions).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Overrides, Workspace};

    #[test]
    fn a_buffer_is_checked_with_the_context_on_the_disk_and_a_check_can_be_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(folder.path().join("app.py"), "print()\n").unwrap();
        let mut problems = Vec::new();
        let mut workspace = Workspace::new(Overrides::default(), &mut problems);
        workspace.files_mut().open(path.clone(), 1, "FROM debian:12\nCOPY ap.py /\nUSER 1\n");
        let snapshot = workspace.snapshot();
        let target = snapshot.target_of(&path, &Build::default());
        let outcome = check(&snapshot, &target, &Progress::default(), None).unwrap();
        let rules: Vec<_> = outcome.files[0].findings.iter().map(|f| f.rule.to_string()).collect();
        assert_eq!(rules, ["copy-missing-source"]);
        let ended = Progress::default();
        ended.cancel();
        assert_eq!(check(&snapshot, &target, &ended, None).map(|_| ()), Err(Cancelled));
        assert_eq!((ended.files(), ended.walks()), (0, 1));
    }
}
