//! The files that start builds of given Dockerfiles, or lie in given folders.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use build_targets::{Entry, EntryKind, devcontainer};

use crate::text::{Gather, SourceError};
use crate::workspace::{ContextSource, Files, ReadError, above};

/// The largest file that starts builds, in bytes: 2 MiB. Its tree takes up to 100 times as much.
const MAX_ENTRY_BYTES: usize = 2 << 20;

/// The texts of a workspace as `build-targets` reads them: an editor's buffers lie over the files on the disk.
pub(super) struct Texts<'a>(pub(super) &'a Files);

impl build_targets::Files for Texts<'_> {
    fn read(&self, path: &Path) -> io::Result<Option<Arc<str>>> {
        let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "the file is larger than 2 MiB");
        match self.0.source(path) {
            Ok(source) if source.text().len() > MAX_ENTRY_BYTES => Err(too_large()),
            Ok(source) if source.invalid().is_empty() => Ok(Some(source.text().into())),
            Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text")),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(ReadError::Io(error)) => Err(error),
            Err(ReadError::Source(SourceError::Utf16)) => {
                Err(io::Error::other("it is UTF-16 text; save it as UTF-8"))
            }
            Err(ReadError::Source(SourceError::Binary)) => Err(io::Error::other("it is not text")),
            Err(ReadError::Source(SourceError::TooLarge)) => Err(too_large()),
            Err(error) => Err(io::Error::other(format!("it {error}"))),
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.0.is_folder(path)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let entries = self.0.file_tree().entries(folder).unwrap_or_default();
        let mut names: Vec<String> =
            entries.into_iter().filter_map(|entry| entry.name.into_string().ok()).collect();
        names.extend(self.0.buffers_in(folder));
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What the tools find by themselves when they are run in a folder. Compose also looks in the folders above it.
pub(super) fn as_tools(files: &Files, folder: &Path) -> Vec<Entry> {
    let mut entries = Entry::found_in(&Texts(files), folder);
    // The tool takes no file of a folder of its own by itself.
    let is_found = |path: &PathBuf| devcontainer::FILES.iter().any(|name| *path == folder.join(name));
    entries.retain(|entry| entry.kind != EntryKind::Devcontainer || entry.files.iter().all(is_found));
    let of = |kind| Entry { kind, folder: folder.to_path_buf(), files: Vec::new() };
    match entries.iter().any(|entry| entry.kind == EntryKind::Compose) {
        false => entries.push(of(EntryKind::Compose)),
        // bake takes a Compose file without any of its own as well.
        true if !entries.iter().any(|entry| entry.kind == EntryKind::Bake) => {
            entries.push(of(EntryKind::Bake))
        }
        true => {}
    }
    entries
}

/// The folders to look in: `folders`, and those of `dockerfiles` and all above them, up to the tops of their repositories,
/// or, outside of one, up to the folder that somebody works in or that dlint runs in.
pub(super) fn folders<'p>(
    files: &Files,
    dockerfiles: impl IntoIterator<Item = &'p Path>,
    folders: &[PathBuf],
) -> BTreeSet<PathBuf> {
    let mut own: BTreeSet<PathBuf> = BTreeSet::new();
    for dockerfile in dockerfiles {
        own.extend(ContextSource::Beside.folder(Some(dockerfile)));
    }
    let mut all: BTreeSet<PathBuf> = folders.iter().cloned().collect();
    // By what a folder really is, since one may be written in several ways.
    let mut known: BTreeSet<PathBuf> =
        all.iter().filter_map(|folder| files.file_tree().real(folder).ok()).gather();
    let mut add = |folder: PathBuf| {
        let is_new = files.file_tree().real(&folder).is_ok_and(|real| known.insert(real));
        if is_new {
            all.insert(folder);
        }
        is_new
    };
    for folder in own {
        let levels = levels_above(files, &folder);
        add(folder.clone());
        for level in 1..=levels {
            // What is above that was seen before.
            if !add(above(&folder, level)) {
                break;
            }
        }
    }
    all
}

/// How many levels the top of its repository is above a folder, or, outside of one, the folder that somebody works in or
/// that dlint runs in.
pub(super) fn levels_above(files: &Files, folder: &Path) -> usize {
    files.levels_to_border(folder).unwrap_or_else(|| levels_to_here(folder))
}

/// How many levels the folder that dlint runs in is above a folder, if its path goes straight down from there.
fn levels_to_here(folder: &Path) -> usize {
    let names = folder.components().filter(|component| *component != Component::CurDir);
    if names.clone().all(|component| matches!(component, Component::Normal(_))) { names.count() } else { 0 }
}
