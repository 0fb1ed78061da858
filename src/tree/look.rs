//! What the disk says.

use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::Path;

use super::{Entry, Kind, Look};

impl Look {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { kind: kind(metadata.file_type()), bytes: metadata.len(), executable: may_run(metadata) }
    }
}

pub(super) fn kind(of: FileType) -> Kind {
    if of.is_file() {
        Kind::File
    } else if of.is_dir() {
        Kind::Folder
    } else if of.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// What can be listed of a folder.
pub(super) fn entries(folder: &Path) -> io::Result<impl Iterator<Item = Entry>> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    Ok(entries
        .filter_map(|entry| Some(Entry { name: entry.file_name(), kind: kind(entry.file_type().ok()?) })))
}

/// True if anybody may run it: all that Git keeps of a mode.
#[cfg(unix)]
pub(super) fn may_run(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
pub(super) fn may_run(_: &Metadata) -> bool {
    false
}
