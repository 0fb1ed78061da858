//! What the lines of an ignore file leave out of its build context.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::context::{Detail, Progress, Scan, ScanRequest, scan};
use crate::semantic::{Build, BuildContext, ContextIgnore};
use crate::workspace::{Snapshot, Target};

use super::check::of_snapshot;
use super::discover::own_dockerfile;
use super::outcome::Outcome;
use super::walk::load_first;

/// What the lines of an ignore file do.
#[derive(Debug)]
pub struct IgnoreEffect {
    /// The file as it was.
    pub ignore: Arc<ContextIgnore>,
    /// The folder that is its context.
    pub root: PathBuf,
    /// What is in its context, the excluded measured as well.
    pub scan: Scan,
}

/// The folder that the ignore file at `path` counts for: that of its Dockerfile's context, or its own.
fn root(snapshot: &Snapshot, path: &Path, builds: &[Target]) -> Option<PathBuf> {
    if let Some(folder) = builds.iter().find_map(Target::context_folder) {
        return Some(folder);
    }
    let beside = path.parent().unwrap_or(Path::new("")).join("Dockerfile");
    let dockerfile = own_dockerfile(path).unwrap_or(beside);
    snapshot.target_of(&dockerfile, &Build::default()).context_folder()
}

impl IgnoreEffect {
    /// Walks through the context of the ignore file at `path`, which takes its time: that of `builds`, where one Dockerfile
    /// has the file alone. `None` if that cannot be done, or if somebody ended it.
    #[must_use]
    pub fn of(snapshot: &Snapshot, path: &Path, builds: &[Target], progress: &Progress) -> Option<Self> {
        let root = root(snapshot, path, builds)?;
        let dialect = dockerignore::Dialect::default();
        let (file, source) = load_first(snapshot.files(), dialect, [path.to_path_buf()], &mut Vec::new())?;
        let request = ScanRequest {
            root: root.clone(),
            tree: &crate::tree::DISK,
            ignore: Some(&file),
            queries: Vec::new(),
            detail: Detail::Full,
            progress: Some(progress),
        };
        let scan = scan(&request).ok().filter(|_| !progress.is_cancelled())?;
        Some(Self { ignore: Arc::new(ContextIgnore { file, source }), root, scan })
    }
}

/// Lints the ignore file at `path`, with what its lines do if that was measured for this text.
#[must_use]
pub fn check_ignore_file(snapshot: &Snapshot, path: &Path, effect: Option<&IgnoreEffect>) -> Outcome {
    let dialect = dockerignore::Dialect::default();
    let loaded = load_first(snapshot.files(), dialect, [path.to_path_buf()], &mut Vec::new());
    let Some((file, source)) = loaded else { return Outcome::default() };
    let scan = effect.filter(|effect| effect.ignore.source.text() == source.text());
    let context = BuildContext {
        scan: scan.map(|effect| effect.scan.clone()).unwrap_or_default(),
        ignore: Some(Arc::new(ContextIgnore { file, source })),
        ..BuildContext::default()
    };
    let target = Target::of_file(path);
    of_snapshot(snapshot, &target, &Progress::default(), |run| run.ignorefile(path, context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Overrides, Workspace};

    #[test]
    fn the_lines_of_a_buffer_are_measured() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".dockerignore");
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        std::fs::write(folder.path().join("logs/a"), "12345").unwrap();
        let mut workspace = Workspace::new(Overrides::default(), &mut Vec::new());
        workspace.files_mut().open(path.clone(), 1, "logs\n!\n");
        let snapshot = workspace.snapshot();
        let found = |effect: Option<&IgnoreEffect>| -> Vec<String> {
            let outcome = check_ignore_file(&snapshot, &path, effect);
            outcome.files[0].findings.iter().map(|f| f.rule.to_string()).collect()
        };
        assert_eq!(found(None), ["ignore-syntax"]);
        workspace.files_mut().open(path.clone(), 2, "logs\nnone\n");
        let snapshot = workspace.snapshot();
        let effect = IgnoreEffect::of(&snapshot, &path, &[], &Progress::default()).unwrap();
        let hits: Vec<u64> = effect.scan.per_pattern.iter().map(|pattern| pattern.hits.bytes).collect();
        assert_eq!(hits, [5, 0]);
    }
}
