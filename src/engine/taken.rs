//! What copies take, to the byte: digests over the files of the build context.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use sha2::{Digest, Sha256};

use crate::context::{Detail, ListedFile, Progress, ScanRequest, SourceQuery, scan_files};
use crate::semantic::{Analysis, NamedContext};
use crate::tree::{Kind, Tree};
use crate::workspace::{Files, Target};

use super::walk::{load_first, load_ignore};

/// What the copies of a build take.
#[derive(Debug, Default)]
pub struct TakenFiles {
    /// A digest over path, kind, permission to run and contents of all that a copy takes, by the number of the copy. A
    /// copy is not here if some of that cannot be read.
    pub digests: BTreeMap<usize, String>,
    /// The copies that take the file that was to be left out, with its bytes.
    pub left_out: BTreeMap<usize, u64>,
}

impl TakenFiles {
    /// Reads the files. `leave_out` does not count, wherever it is: what is written about a build must not change it.
    pub fn of(
        files: &Files,
        target: &Target,
        analysis: &Analysis,
        leave_out: &Path,
        progress: Option<&Progress>,
    ) -> Self {
        let mut taken = Self::default();
        let tree = files.file_tree();
        let leave_out = leave_out.canonicalize().ok();
        // What the lock file lacks is said as unknown; what is wrong with the files is said by the plan itself.
        let mut problems = Vec::new();
        if let Some(root) = target.context_folder() {
            let ignore = load_ignore(files, target, &root, &mut problems).map(|(file, _)| file);
            let count = analysis.copies.len();
            let queries = analysis.source_queries().into_iter().filter(|query| query.id < count).collect();
            let request =
                ScanRequest { root, tree, ignore: ignore.as_ref(), queries, detail: Detail::Lint, progress };
            taken.add(&request, leave_out.as_deref());
        }
        for (name, queries) in analysis.named_queries() {
            let Some(NamedContext::Folder(root)) = analysis.build().context(name) else { continue };
            let dialect = analysis.build().builder.dialect();
            let ignore =
                load_first(files, dialect, dialect.shared(root), &mut problems).map(|(file, _)| file);
            let root: PathBuf = root.clone();
            let request =
                ScanRequest { root, tree, ignore: ignore.as_ref(), queries, detail: Detail::Lint, progress };
            taken.add(&request, leave_out.as_deref());
        }
        taken
    }

    fn add(&mut self, request: &ScanRequest<'_>, leave_out: Option<&Path>) {
        let Ok((_, listed)) = scan_files(request) else { return };
        let is_left_out = |file: &ListedFile| {
            let path = request.root.join(&file.path);
            leave_out.is_some_and(|out| {
                path.file_name() == out.file_name() && path.canonicalize().is_ok_and(|p| p == out)
            })
        };
        let digest = |file: &ListedFile| match is_left_out(file) {
            true => Seen::LeftOut,
            false => of_file(request.tree, &request.root.join(&file.path), &file.path)
                .map_or(Seen::Unreadable, Seen::File),
        };
        let seen: Vec<Seen> = listed.par_iter().map(digest).collect();
        let ids: Vec<usize> = request.queries.iter().map(|query: &SourceQuery| query.id).collect();
        let mut hashers: Vec<Option<Sha256>> = ids.iter().map(|_| Some(Sha256::new())).collect();
        for (file, seen) in listed.iter().zip(&seen) {
            // Two sources of a copy that take a file take it once.
            let mut takers: Vec<usize> = file.takers.iter().map(|(query, _)| *query).collect();
            takers.dedup();
            for query in takers {
                let (Some(id), Some(slot)) = (ids.get(query), hashers.get_mut(query)) else { continue };
                match (seen, slot.as_mut()) {
                    (Seen::File(digest), Some(hasher)) => hasher.update(digest),
                    (Seen::Unreadable, _) => *slot = None,
                    (Seen::LeftOut, _) => *self.left_out.entry(*id).or_default() += file.bytes,
                    _ => {}
                }
            }
        }
        for (id, hasher) in ids.into_iter().zip(hashers) {
            let Some(hasher) = hasher else { continue };
            let mut text = String::new();
            // Writing to a string cannot fail.
            hasher.finalize().iter().take(16).for_each(|byte| text.push_str(&format!("{byte:02x}")));
            self.digests.insert(id, text);
        }
    }
}

enum Seen {
    File([u8; 32]),
    LeftOut,
    Unreadable,
}

fn of_file(tree: &Tree, path: &Path, name: &str) -> io::Result<[u8; 32]> {
    let look = tree.look_at_link(path)?;
    let mut hasher = Sha256::new();
    hasher.update(name.len().to_le_bytes());
    hasher.update(name.as_bytes());
    if look.kind == Kind::Link {
        hasher.update(b"link");
        hasher.update(tree.read_link(path)?.as_os_str().as_encoded_bytes());
    } else if look.kind == Kind::File {
        hasher.update(if look.executable { b"prog" } else { b"file" });
        let mut file = tree.open(path)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
    } else {
        hasher.update(b"else");
    }
    Ok(hasher.finalize().into())
}
