use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::uninterrupted::uninterrupted;

/// Replaces the file at `path` by `bytes`, whole or not at all: the bytes go to a new file in the same
/// folder, which then takes the place of the old one. A symbolic link stays, its target is replaced.
/// Mode and, where allowed, owner stay; a hard link to the old file keeps the old bytes.
///
/// # Errors
/// If the file is no regular file, or the folder cannot be written to; the file is as before then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let metadata = fs::metadata(&target)?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no folder"));
    };
    // A file that may not be written must not be replaced either.
    OpenOptions::new().write(true).open(&target)?;
    // Ctrl-C in the middle would leave the new file behind.
    uninterrupted(|| {
        let (temporary, mut file) = beside(folder, name)?;
        let result = file
            .write_all(bytes)
            .and_then(|()| keep_owner(&file, &metadata))
            .and_then(|()| file.set_permissions(metadata.permissions()))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&temporary, &target));
        if result.is_err() {
            // Nothing more can be done about a file that cannot be removed.
            let _ = fs::remove_file(&temporary);
        }
        result
    })
}

/// Makes the file at `path` with `bytes` in it, whole or not at all.
///
/// # Errors
/// If something is there already, or the folder cannot be written to.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no name"));
    };
    uninterrupted(|| {
        let (temporary, mut file) = beside(folder, name)?;
        let result = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| {
            // A link, unlike a new name, replaces nothing; some file systems have none.
            match fs::hard_link(&temporary, path) {
                Err(error)
                    if error.kind() != io::ErrorKind::AlreadyExists
                        && fs::symlink_metadata(path).is_err() =>
                {
                    fs::rename(&temporary, path)
                }
                linked => linked,
            }
        });
        // It has its second name now, or is of no use; after a renaming there is none.
        let _ = fs::remove_file(&temporary);
        result
    })
}

/// A new file in `folder`, called much like `name`.
fn beside(folder: &Path, name: &OsStr) -> io::Result<(PathBuf, fs::File)> {
    // A name may be as long as names can be, so only a part of it is used.
    let start: String = name.to_string_lossy().chars().take(32).collect();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..100_u32 {
        let temporary = folder.join(format!(".{start}.dlint-{}-{attempt}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Writes a report to `path`: a file is made or replaced whole or not at all; what is no file, such as
/// `/dev/stderr`, is written to.
///
/// # Errors
/// If the file cannot be made or written.
pub fn write_report(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => fs::write(path, bytes),
        Ok(_) => write_atomically(path, bytes),
        Err(_) => write_new(path, bytes),
    }
}

/// Adds a report to the end of the file at `path`, which is made if it is not there.
///
/// # Errors
/// If the file cannot be made or written.
pub fn append_report(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
}

#[cfg(unix)]
fn keep_owner(file: &fs::File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only root may give files away; the content matters more than the owner.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn files_are_replaced_through_links_with_their_mode() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("Dockerfile");
        symlink("real", &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn new_files_replace_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        write_new(&path, b"a").unwrap();
        assert!(write_new(&path, b"b").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"a");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_new(&folder.path().join("none/new"), b"a").is_err());
    }

    #[test]
    fn what_is_no_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_atomically(folder.path(), b"x").is_err());
        assert!(write_atomically(&folder.path().join("none"), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let long = folder.path().join("x".repeat(255));
        fs::write(&long, "old").unwrap();
        write_atomically(&long, b"new").unwrap();
        assert_eq!(fs::read(&long).unwrap(), b"new");
    }
}
