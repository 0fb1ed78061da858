//! What there was before a change: the files of a commit, and what is found in them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use build_targets::EntryKind;

use super::side::{Side, Told};
use crate::baseline::Baseline;
use crate::diag::{FileReport, Problem, RunReport};
use crate::engine::{self, Found, Input, InputKind, Touched};
use crate::entries::Entries;
use crate::git::{Change, Commit, Failure, OldTree, Repository};
use crate::report::sanitize;
use crate::text::Gather;
use crate::tree::{DISK, Tree};
use crate::workspace::{Workspace, from_here};

/// A commit that the files are compared with.
#[derive(Debug)]
pub(super) struct Base {
    repository: Repository,
    /// Where the history of what is there now parted from that of the commit that was named.
    commit: Commit,
    old: OldTree,
    /// What files are called now, by what they were called, as whole paths.
    renamed: BTreeMap<PathBuf, PathBuf>,
}

/// Git, being asked for a commit.
pub(super) struct Asked(JoinHandle<Result<Base, Problem>>);

/// Asks git while files are searched.
pub(super) fn asked(name: String, paths: &[PathBuf]) -> Asked {
    let paths = paths.to_vec();
    Asked(std::thread::spawn(move || Base::of(&name, &paths)))
}

impl Asked {
    /// What it has to say.
    ///
    /// # Errors
    /// As those of [`Base::of`].
    pub(super) fn answer(self) -> Result<Base, Problem> {
        let failed = |_| Problem { message: "asking git made dlint fail".to_owned(), ..Problem::default() };
        self.0.join().map_err(failed).flatten()
    }
}

impl Base {
    /// Asks git for what a commit had, in the repository of the first of `paths`.
    ///
    /// # Errors
    /// If git cannot be run, or does not know the commit.
    pub(super) fn of(name: &str, paths: &[PathBuf]) -> Result<Self, Problem> {
        let asked = || {
            let repository = Repository::at(&folder_of(paths))?;
            let commit = repository.merge_base(name)?;
            let old = repository.old_tree(&commit)?;
            let whole = |path: &Path| repository.top().join(path);
            let renamed = old.changes.iter();
            let renamed = renamed
                .filter_map(|change| Some((whole(change.renamed_from()?), whole(change.new.as_deref()?))));
            Ok(Self { renamed: renamed.gather(), repository, commit, old })
        };
        asked().map_err(|failure: Failure| Problem {
            message: sanitize(&failure.to_string()).into_owned(),
            help: failure.help().map(str::to_owned),
            ..Problem::default()
        })
    }

    /// The folder of the repository.
    pub(super) fn top(&self) -> &Path {
        self.repository.top()
    }

    /// The commit that the files are compared with.
    pub(super) const fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The files as they were.
    pub(super) const fn tree(&self) -> &Tree {
        &self.old.tree
    }

    /// What differs, as whole paths: the old ones and the new ones.
    pub(super) fn changed(&self) -> impl Iterator<Item = PathBuf> {
        self.old.changes.iter().flat_map(Change::paths).map(|path| self.repository.top().join(path))
    }

    /// True if the old content of a file, by its whole path now, is not in this clone.
    pub(super) fn lacks(&self, now: &Path) -> bool {
        let old = self.old_path(now);
        let below = old.strip_prefix(self.top()).unwrap_or(&old);
        self.old.lacking.iter().any(|path| path == below)
    }

    /// What of the old files is not as it was.
    pub(super) fn notes(&self) -> Vec<Problem> {
        let note = |path: &PathBuf, message: &str| Problem {
            path: Some(path.display().to_string()),
            message: message.to_owned(),
            ..Problem::default()
        };
        let lacking = self.old.lacking.iter();
        let lacking =
            lacking.map(|path| note(path, "its old content is not in this clone, and counts as empty"));
        let submodules = self.old.submodules.iter();
        let submodules =
            submodules.map(|path| note(path, "this submodule counts as it is now, before the change too"));
        let dirty = self.old.dirty.iter().map(|path| {
            note(path, "what is not committed in this submodule counts as there before the change, too")
        });
        lacking.chain(submodules).chain(dirty).collect()
    }

    /// The project as it was, with the old Dockerfiles of `inputs` and those that are gone.
    pub(super) fn before(&self, told: &Told<'_>, inputs: &[Input]) -> Side {
        // What was wrong with old settings helps nobody.
        let problems = &mut Vec::new();
        let tree = &self.old.tree;
        let mut workspace = Workspace::of(tree, told.overrides.clone(), problems);
        let old = inputs.iter().map(|input| Input { path: self.old_name(&input.path), kind: input.kind });
        let mut old: Vec<Input> =
            old.chain(self.gone(told)).filter(|input| tree.is_file(&input.path)).collect();
        old.sort_unstable();
        old.dedup();
        let folders = told.folders.iter().cloned().chain(self.gone_entries());
        let mut found = Found {
            inputs: old.clone(),
            entries: told.named.clone(),
            folders: folders.collect(),
            ..Found::default()
        };
        workspace.load_settings(told.searched.iter().map(PathBuf::as_path), problems);
        workspace.load_settings(found.paths(), problems);
        let snapshot = workspace.snapshot();
        old.retain(|input| !snapshot.settings().excludes(&input.path));
        let mut entries = match told.looks {
            true => found.entries(&snapshot, told.searched, None, told.environment.clone()),
            false => Entries::default(),
        };
        if let Some(platform) = &told.build.platform {
            entries.on_platform(platform);
        }
        if let Some(name) = told.entry {
            // A build that was not there before is new.
            let _ = entries.only(name);
        }
        if let Some(known) = &told.known {
            let known: HashSet<PathBuf> = known.iter().map(|input| self.old_name(&input.path)).collect();
            let is_lone = |input: &Input| {
                !old.contains(input)
                    && !known.contains(&input.path)
                    && !entries.builds_of(&input.path).is_empty()
            };
            let lone: Vec<Input> = found.inputs.into_iter().filter(is_lone).collect();
            old.extend(lone);
        }
        look_only_at_touched(&Touched::new(snapshot.files(), &DISK, self.changed()), &mut entries);
        Side { snapshot, inputs: old, entries }
    }

    /// Takes what was found before out of a report.
    pub(super) fn take_known(&self, was: &[FileReport], report: &mut RunReport) {
        let before = Baseline::of(was, |path| self.name_before(path));
        let is_there = |name: &str| DISK.exists(Path::new(name));
        report.before = Some(before.take_known(&mut report.files, name_now, is_there));
    }

    /// What a file was called, as a whole path.
    pub(super) fn old_path(&self, now: &Path) -> PathBuf {
        let old = self.renamed.iter().find(|(_, new)| new.as_path() == now);
        old.map_or_else(|| now.to_path_buf(), |(old, _)| old.clone())
    }

    /// What a file of the old tree is called now, as a whole path.
    pub(super) fn name_before(&self, path: &str) -> String {
        let Ok(real) = self.old.tree.real(Path::new(path)) else { return path.to_owned() };
        self.renamed.get(&real).unwrap_or(&real).display().to_string()
    }

    /// What a file of the old tree is called now; both as whole paths.
    pub(super) fn path_now(&self, old: &Path) -> PathBuf {
        self.renamed.get(old).map_or_else(|| old.to_path_buf(), PathBuf::clone)
    }

    /// A file of a tree as a whole path without links in its folders, and as it is called now. A link in the place of a
    /// file is one, wherever it leads.
    pub(super) fn place(&self, tree: &Tree, path: &Path) -> PathBuf {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = tree.real(folder).ok().zip(path.file_name()).map(|(folder, file)| folder.join(file));
        let real = real.unwrap_or_else(|| path.to_path_buf());
        if tree.differences().is_some() { self.path_now(&real) } else { real }
    }

    /// What a file was called, written as it is written now.
    pub(super) fn old_name(&self, path: &Path) -> PathBuf {
        if self.renamed.is_empty() {
            return path.to_path_buf();
        }
        let real = DISK.real(path).ok();
        match self.renamed.iter().find(|(_, new)| Some(*new) == real.as_ref()) {
            Some((old, _)) => PathBuf::from(from_here(&old.display().to_string())),
            None => path.to_path_buf(),
        }
    }

    /// Dockerfiles that are gone, of those that would have been found.
    fn gone(&self, told: &Told<'_>) -> Vec<Input> {
        let is_searched = |path: &PathBuf| {
            told.searched
                .iter()
                .any(|folder| self.old.tree.real(folder).is_ok_and(|real| path.starts_with(real)))
        };
        let gone = self.gone_paths().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            engine::is_dockerfile_name(&name) && is_searched(path)
        });
        let input = |path: PathBuf| Input {
            path: PathBuf::from(from_here(&path.display().to_string())),
            kind: InputKind::Dockerfile,
        };
        gone.map(input).collect()
    }

    /// The folders of files that started builds and are gone.
    fn gone_entries(&self) -> impl Iterator<Item = PathBuf> {
        let entries = self.gone_paths().filter(|path| EntryKind::found_as(path).is_some());
        let folder = |path: PathBuf| {
            let path = PathBuf::from(from_here(&path.display().to_string()));
            let folder = path.parent()?;
            Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() })
        };
        entries.filter_map(folder)
    }

    fn gone_paths(&self) -> impl Iterator<Item = PathBuf> {
        // What cannot be read, such as a pipe, is no file any more.
        let is_gone = |change: &&Change| {
            change.new.as_ref().is_none_or(|now| !DISK.is_file(&self.repository.top().join(now)))
        };
        let gone = self.old.changes.iter().filter(is_gone);
        gone.filter_map(|change| Some(self.repository.top().join(&change.old.as_ref()?.0)))
    }
}

/// The whole path of a file as it is now.
pub(super) fn name_now(path: &str) -> String {
    DISK.real(Path::new(path)).map_or_else(|_| path.to_owned(), |real| real.display().to_string())
}

/// Leaves files that start builds out of account for themselves that no change touches.
pub(super) fn look_only_at_touched(touched: &Touched<'_>, entries: &mut Entries) {
    let groups = entries.groups().iter().enumerate();
    let is_touched: BTreeSet<usize> = groups
        .filter(|(number, group)| touched.has_group(group, &mut entries.builds_in(*number)))
        .map(|(number, _)| number)
        .gather();
    entries.look_only_at(&is_touched);
}

/// The folder of the first path that is one of the disk.
fn folder_of(paths: &[PathBuf]) -> PathBuf {
    let first = paths.iter().find(|path| path.as_os_str() != "-");
    let folder = first.map(|path| if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(path) });
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_path_buf()
}
