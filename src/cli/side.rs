//! A project as it is linted, now or before a change: its settings, its files, and what is built from them.

use std::path::{Path, PathBuf};

use build_targets::{Entry, Environment};

use super::args::LintArgs;
use crate::context::Progress;
use crate::diag::FileReport;
use crate::engine::{self, Found, Input, Opened, Outcome, Run};
use crate::entries::Entries;
use crate::semantic::Build;
use crate::shellcheck::Checker;
use crate::workspace::{Overrides, Snapshot};

/// What a run is told, on each side of a change.
pub(super) struct Told<'a> {
    pub(super) overrides: Overrides,
    pub(super) build: &'a Build,
    /// What was searched.
    pub(super) searched: &'a [PathBuf],
    /// Files that start builds and that are named.
    pub(super) named: Vec<Entry>,
    /// Folders that have such files.
    pub(super) folders: Vec<PathBuf>,
    pub(super) environment: Option<Environment>,
    /// Whether files that start builds count.
    pub(super) looks: bool,
    /// The only build that counts.
    pub(super) entry: Option<&'a str>,
    /// All that was found now, where what files started before of other Dockerfiles counts, too.
    pub(super) known: Option<Vec<Input>>,
}

/// What a run that lints is told.
pub(super) fn told<'a>(
    args: &'a LintArgs,
    build: &'a Build,
    searched: &'a [PathBuf],
    found: &Found,
) -> Told<'a> {
    Told {
        overrides: args.overrides(),
        build,
        searched,
        named: found.entries.clone(),
        folders: found.folders.clone(),
        environment: args.target.entries.environment(),
        looks: args.looks_for_entries(),
        entry: args.target.entries.entry.as_deref(),
        known: None,
    }
}

/// The project before or after the change: its settings, and what is built.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) snapshot: Snapshot,
    pub(super) inputs: Vec<Input>,
    pub(super) entries: Entries,
}

impl Side {
    /// Lints what the change may touch. `seen` is shown each build that is linted.
    pub(super) fn lint(
        self,
        told: &Told<'_>,
        checker: &Checker,
        progress: &Progress,
        seen: Option<&(dyn Fn(&Opened) + Sync)>,
    ) -> Vec<Outcome> {
        let Self { snapshot, inputs, entries } = self;
        let run = Run {
            settings: &|path| snapshot.settings_of(path),
            target: &|path| snapshot.target_of(path, told.build),
            targets: None,
            files: snapshot.files(),
            progress: Some(progress),
            fixing: None,
            shellcheck: Some(checker),
            seen,
        };
        let (entries, of_entries) = run.entry_files(entries);
        let builds_of = |path: &Path| engine::said_by(&snapshot, &entries, path);
        let target = |path: &Path| engine::lone_target(&snapshot, &entries, told.build, path);
        let mut outcomes = Run { targets: Some(&builds_of), target: &target, ..run }.all(&inputs);
        outcomes.extend(of_entries);
        outcomes
    }
}

/// The files of outcomes, each once.
pub(super) fn files_of(outcomes: Vec<Outcome>) -> Vec<FileReport> {
    engine::merge(outcomes.into_iter().flat_map(|outcome| outcome.files).collect())
}
