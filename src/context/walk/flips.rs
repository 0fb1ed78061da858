//! What another ignore file lets in or leaves out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dockerignore::{DirState, IgnoreFile, Matcher};

use super::super::largest::lossy;
use crate::text::Arrange;

/// With more than this the whole context counts as changed.
const MOST_FLIPS: usize = 10_000;

/// A path that one of two ignore files leaves out, and the other does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The path in the context. All below a folder goes with it, as far as the file that keeps it does.
    pub path: String,
    /// True if it is kept now, false if it was kept before.
    pub kept: bool,
}

/// A folder on the way, as both ignore files see it.
struct Folder {
    path: PathBuf,
    name: Vec<u8>,
    states: [DirState; 2],
    /// Left out, and nothing below comes back.
    gone: [bool; 2],
}

/// What differs between `old` and `new` in the context: folders before what is in them.
///
/// # Errors
/// If the root cannot be read.
pub fn flips(root: &Path, old: &IgnoreFile, new: &IgnoreFile) -> io::Result<Vec<Flip>> {
    let matchers = [Matcher::new(old), Matcher::new(new)];
    let states = [matchers[0].root(), matchers[1].root()];
    let mut todo = vec![Folder { path: root.to_path_buf(), name: Vec::new(), states, gone: [false; 2] }];
    let mut flips = Vec::new();
    drop(fs::read_dir(root)?);
    while let Some(folder) = todo.pop() {
        // What cannot be read is said by the walk that measures.
        for entry in fs::read_dir(&folder.path).into_iter().flatten().filter_map(Result::ok) {
            let mut name = folder.name.clone();
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(entry.file_name().to_string_lossy().as_bytes());
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let (mut excluded, mut states, mut gone) = ([true; 2], folder.states, folder.gone);
            for side in 0..2 {
                if !folder.gone[side] {
                    let (verdict, state) = matchers[side].enter(folder.states[side], &name);
                    excluded[side] = verdict.is_excluded();
                    states[side] = state;
                    gone[side] = excluded[side] && matchers[side].can_prune(&name);
                }
            }
            if excluded[0] != excluded[1] {
                flips.push(Flip { path: lossy(&name), kept: excluded[0] });
                if flips.len() > MOST_FLIPS {
                    let root = |kept| Flip { path: String::new(), kept };
                    return Ok(vec![root(false), root(true)]);
                }
            }
            // Where one side has all that is left of a folder, the flip of the folder says it.
            let said = excluded[0] != excluded[1] && (gone[0] || gone[1]);
            if is_folder && !said && gone != [true; 2] {
                todo.push(Folder { path: entry.path(), name, states, gone });
            }
        }
    }
    flips.arrange_by(|a, b| a.path.cmp(&b.path));
    Ok(flips)
}
