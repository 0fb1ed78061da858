use std::fmt;
use std::path::Path;

use crate::context::Progress;
use crate::diag::{Applicability, Finding};
use crate::semantic::Build;
use crate::shellcheck::Checker;
use crate::syntax::File;
use crate::text::Edit;
use crate::workspace::{Snapshot, Target};

use super::fix::Fixer;
use super::outcome::{Fixing, Outcome};
use super::run::Run;

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
    let outcome = run(snapshot, target, progress, shellcheck, None);
    if progress.is_cancelled() { Err(Cancelled) } else { Ok(outcome) }
}

fn run(
    snapshot: &Snapshot,
    target: &Target,
    progress: &Progress,
    shellcheck: Option<&Checker>,
    fixing: Option<Fixing>,
) -> Outcome {
    let run = Run {
        settings: &|path: &Path| snapshot.settings_of(path),
        target: &|path: &Path| snapshot.target_of(path, &target.build),
        targets: None,
        files: snapshot.files(),
        progress: Some(progress),
        fixing,
        shellcheck,
    };
    run.target(target)
}

/// The text of a target after all fixes that can be trusted as far as `allow`; `None` if they change nothing. No file is
/// written.
#[must_use]
pub fn fixed(snapshot: &Snapshot, target: &Target, allow: Applicability) -> Option<String> {
    let fixing = Some(Fixing { allow, write: false });
    let changed = run(snapshot, target, &Progress::default(), None, fixing).changed?;
    String::from_utf8(changed.after).ok()
}

/// The edits of the fix of one finding, as they fit the file; `None` if it has none, or one that changes more than it
/// says.
#[must_use]
pub fn quick_fix(file: &File, finding: &Finding, build: &Build) -> Option<Vec<Edit>> {
    let outcome = Fixer::new(Applicability::Unsafe).build(build).once(file, std::slice::from_ref(finding));
    (!outcome.edits.is_empty()).then_some(outcome.edits)
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
