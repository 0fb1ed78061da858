use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;

use super::super::secrets::PROBE_BYTES;
use crate::tree::{Kind, Tree};

/// The first bytes of a regular file; None for anything else. A pipe that takes the file's place in the
/// meantime does not block.
pub(super) fn first_bytes(tree: &Tree, path: &Path) -> Option<Vec<u8>> {
    if tree.look_at_link(path).ok()?.kind != Kind::File {
        return None;
    }
    let mut start = Vec::with_capacity(PROBE_BYTES);
    if tree.differences().is_some() {
        tree.open(path).ok()?.take(PROBE_BYTES as u64).read_to_end(&mut start).ok()?;
        return Some(start);
    }
    let file = open(path)?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    file.take(PROBE_BYTES as u64).read_to_end(&mut start).ok()?;
    Some(start)
}

#[cfg(any(
    all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64", target_arch = "arm")
    ),
    target_os = "macos"
))]
fn open(path: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt;
    /// `O_NONBLOCK`, as these systems number it.
    const NONBLOCK: i32 = if cfg!(target_os = "macos") { 0x4 } else { 0o4000 };
    OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path).ok()
}

#[cfg(not(any(
    all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64", target_arch = "arm")
    ),
    target_os = "macos"
)))]
fn open(path: &Path) -> Option<File> {
    OpenOptions::new().read(true).open(path).ok()
}
