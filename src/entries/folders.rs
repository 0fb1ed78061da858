//! Folders with files that start builds, each searched and read once for as long as nothing in it changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use build_targets::{Context, Dockerfile, Entry, EntryKind, Files as _, Options, Resolution, compose};

use crate::workspace::{Files, above};

use super::supplied::Supplied;
use super::{EntryGroup, find, resolve};

/// How far below a folder the files are that tools find from there: `.github/workflows/ci.yml`.
const MAX_DEPTH: usize = 3;
/// How many Compose files for one environment are tried over the main one.
const MAX_VARIANTS: usize = 16;

/// What is read where somebody edits: all builds, and nothing of the environment.
pub(super) fn options() -> Options {
    Options { environment: None, all: true }
}

/// The files that start builds and that tools find by themselves in a folder.
#[derive(Debug)]
pub struct InFolder {
    folder: PathBuf,
    pub(super) groups: Vec<Arc<EntryGroup>>,
    pub(super) supplied: Option<Supplied>,
}

impl InFolder {
    /// Searches a folder, and reads what is found. `leaves_out` says of a file whether it is not looked at.
    pub(super) fn read(
        files: &Files,
        folder: PathBuf,
        options: &Options,
        leaves_out: &dyn Fn(&Path) -> bool,
    ) -> Self {
        let mut groups = Vec::new();
        for entry in Entry::found_in(&find::Texts(files), &folder) {
            let resolution = resolve(files, &entry, options);
            let (entry, mut resolution) = from_above(files, entry, resolution, options);
            if resolution.unfit && is_completed(files, &folder, options) {
                resolution.problems.clear();
            }
            if !resolution.sources.iter().any(|(_, file)| leaves_out(&file.path)) {
                groups.push(EntryGroup::new(entry, resolution, false));
            }
        }
        let variants = Entry::variants_in(&find::Texts(files), &folder);
        let variants = variants.into_iter().filter(|file| !leaves_out(file));
        groups.extend(variants.filter_map(|file| variant(files, &folder, file, options)));
        let supplied = Supplied::in_folder(files, &folder, leaves_out);
        Self { folder, groups, supplied }
    }

    /// True if the file at a path was read.
    #[must_use]
    pub fn has_read(&self, path: &Path) -> bool {
        self.groups.iter().any(|group| group.resolution.sources.find(path).is_some())
    }

    /// True if a file at a path is, or would be, where tools look that are run in this folder.
    #[must_use]
    pub fn is_looked_at(&self, path: &Path) -> bool {
        path.strip_prefix(&self.folder).is_ok_and(|below| below.components().count() <= MAX_DEPTH)
    }
}

/// The Compose file that is found by itself in a folder.
fn main_file(files: &Files, folder: &Path) -> Option<PathBuf> {
    compose::discover(&find::Texts(files), folder).and_then(|found| found.files.into_iter().next())
}

/// True if the Compose file of a folder is not meant to be run alone: a file for one environment completes it.
fn is_completed(files: &Files, folder: &Path, options: &Options) -> bool {
    let Some(main) = main_file(files, folder) else { return false };
    let names = find::Texts(files).names(folder).into_iter().map(|name| folder.join(name));
    names.filter(|path| Entry::is_variant(path)).take(MAX_VARIANTS).any(|variant| {
        let (folder, files_of) = (folder.to_path_buf(), vec![main.clone(), variant]);
        let entry = Entry { kind: EntryKind::Compose, folder, files: files_of };
        resolve(files, &entry, options).problems.is_empty()
    })
}

/// A Compose file for one environment, as it is most likely run: alone, or over the one that is found by itself.
/// `None` if neither builds what is there; one that no other file can mend is there for what is wrong with it.
fn variant(files: &Files, folder: &Path, file: PathBuf, options: &Options) -> Option<Arc<EntryGroup>> {
    let over = main_file(files, folder).map(|main| vec![main, file.clone()]);
    let mut refused: Option<Arc<EntryGroup>> = None;
    let mut may_be_mended = false;
    for paths in [Some(vec![file.clone()]), over].into_iter().flatten() {
        let entry = Entry { kind: EntryKind::Compose, folder: folder.to_path_buf(), files: paths };
        let resolution = resolve(files, &entry, options);
        let targets = &resolution.targets;
        let is_there = |target: &build_targets::Target| is_there(files, target);
        if resolution.problems.is_empty() && !targets.is_empty() && targets.iter().all(is_there) {
            return Some(EntryGroup::new(entry, resolution, false));
        }
        let is_at_fault = |problem: &build_targets::Problem| {
            problem.place.is_some_and(|place| resolution.sources.file(place.file).path == file)
        };
        // Another file may complete it, or build what is not there.
        may_be_mended |= resolution.unfit || !resolution.problems.iter().any(is_at_fault);
        refused.get_or_insert(EntryGroup::new(entry, resolution, false));
    }
    refused.filter(|_| !may_be_mended)
}

/// True if the context and the Dockerfile of a build are there, as far as they are known.
fn is_there(files: &Files, target: &build_targets::Target) -> bool {
    let context = match &target.context {
        Context::Folder { path, .. } => files.is_folder(path),
        Context::Remote(_) | Context::Unknown(_) => true,
    };
    context
        && match (&target.dockerfile, &target.context) {
            (Dockerfile::File { path, .. }, Context::Folder { .. }) => files.is_file(path),
            _ => true,
        }
}

/// How many folders above a bake file are tried.
const MAX_LEVELS: usize = 8;

/// The bake files of a folder as they are meant: run in it, or in the folder above, within the repository, where more of
/// what they build is there then. The paths of bake begin where it is run.
pub(super) fn from_above(
    files: &Files,
    entry: Entry,
    resolution: Resolution,
    options: &Options,
) -> (Entry, Resolution) {
    let there =
        |resolution: &Resolution| resolution.targets.iter().filter(|target| is_there(files, target)).count();
    let mut most = there(&resolution);
    if entry.kind != EntryKind::Bake || most == resolution.targets.len() {
        return (entry, resolution);
    }
    let mut paths = entry.files.clone();
    if paths.is_empty() {
        let found = resolution.sources.iter().map(|(_, file)| file.path.clone());
        paths.extend(found.filter(|path| EntryKind::found_as(path) == Some(EntryKind::Bake)));
    }
    let levels = find::levels_above(files, &entry.folder).min(MAX_LEVELS);
    let own = entry.folder.clone();
    let mut best = (entry, resolution);
    for level in 1..=if paths.is_empty() { 0 } else { levels } {
        let folder = above(&own, level);
        let entry = Entry { kind: EntryKind::Bake, folder, files: paths.clone() };
        let resolution = resolve(files, &entry, options);
        let found = there(&resolution);
        if found > most && resolution.problems.is_empty() {
            most = found;
            best = (entry, resolution);
        }
    }
    best
}

/// The folders that somebody still needs.
#[derive(Debug, Default)]
pub struct KnownFolders(HashMap<PathBuf, Weak<InFolder>>);

impl KnownFolders {
    /// The folder of a Dockerfile, and those above it up to the top of its repository, as tools find files in them.
    pub fn around(
        &mut self,
        files: &Files,
        dockerfile: &Path,
        leaves_out: &dyn Fn(&Path) -> bool,
    ) -> Vec<Arc<InFolder>> {
        self.0.retain(|_, known| known.strong_count() > 0);
        let folders = find::folders(files, [dockerfile], &[]).into_iter();
        folders
            .map(|folder| {
                if let Some(known) = self.0.get(&folder).and_then(Weak::upgrade) {
                    return known;
                }
                let read = Arc::new(InFolder::read(files, folder.clone(), &options(), leaves_out));
                self.0.insert(folder, Arc::downgrade(&read));
                read
            })
            .collect()
    }

    /// Forgets the folders of which something has changed.
    pub fn forget(&mut self, has_changed: impl Fn(&InFolder) -> bool) {
        self.0.retain(|_, known| known.upgrade().is_some_and(|known| !has_changed(&known)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(top: &Path, path: &str, text: &str) {
        let path = top.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn a_folder_is_read_once_until_something_in_it_changes() {
        let top = tempfile::tempdir().unwrap();
        write(top.path(), ".git/HEAD", "x");
        write(top.path(), "compose.yaml", "services:\n  web:\n    build: {context: web, target: dev}\n");
        write(top.path(), "web/Dockerfile", "FROM a AS dev\n");
        write(top.path(), "api/Dockerfile", "FROM a\n");
        let files = Files::default();
        let (web, api) = (top.path().join("web/Dockerfile"), top.path().join("api/Dockerfile"));
        let mut known = KnownFolders::default();
        let around = known.around(&files, &web, &|_| false);
        let [above, own] = &around[..] else { panic!("{around:?}") };
        assert!(above.has_read(&top.path().join("compose.yaml")) && !own.has_read(&web));
        let builds = super::super::Entries::around(&files, &around).builds_of(&web);
        assert_eq!(builds[0].build.target.as_deref(), Some("dev"));
        // The folder above is that of another Dockerfile, too.
        let other = known.around(&files, &api, &|_| false);
        assert!(Arc::ptr_eq(above, &other[0]) || Arc::ptr_eq(above, &other[1]));
        known.forget(|folder| folder.is_looked_at(&top.path().join(".github/workflows/ci.yml")));
        let again = known.around(&files, &web, &|_| false);
        assert!(!Arc::ptr_eq(above, &again[0]) && Arc::ptr_eq(own, &again[1]));
        // What nobody needs is not kept.
        drop((around, other, again));
        known.around(&files, &api, &|_| false);
        assert_eq!(known.0.len(), 2);
    }
}
