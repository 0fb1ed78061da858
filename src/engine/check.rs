use std::fmt;
use std::path::Path;

use crate::context::Progress;
use crate::shellcheck::Checker;
use crate::workspace::{Snapshot, Target};

use super::outcome::Outcome;
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
    let run = Run {
        settings: &|path: &Path| snapshot.settings_of(path),
        target: &|path: &Path| snapshot.target_of(path, &target.build),
        targets: None,
        files: snapshot.files(),
        progress: Some(progress),
        fixing: None,
        shellcheck,
    };
    let outcome = run.target(target);
    if progress.is_cancelled() { Err(Cancelled) } else { Ok(outcome) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Build;
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
