use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::diag::Problem;

use super::names::is_dockerfile;

/// Largest `.gitignore` or `.ignore` that a search for Dockerfiles reads: 1 MiB.
pub const MAX_GITIGNORE_BYTES: u64 = 1 << 20;

/// What a path is to dlint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputKind {
    /// A Dockerfile.
    Dockerfile,
    /// The ignore file of a build context.
    Ignorefile,
}

/// A file to lint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: InputKind,
}

/// Is a file of this name an ignore file?
#[must_use]
pub fn is_ignorefile_name(name: &str) -> bool {
    name == ".dockerignore" || name == ".containerignore" || name.ends_with(".dockerignore")
}

/// The Dockerfile that an ignore file of its own name belongs to: `api.Dockerfile` for
/// `api.Dockerfile.dockerignore`. `None` for one that all share.
pub(super) fn own_dockerfile(ignore_file: &Path) -> Option<PathBuf> {
    let name = ignore_file.file_name()?.to_str()?.strip_suffix(".dockerignore")?;
    (!name.is_empty()).then(|| ignore_file.with_file_name(name))
}

/// The Dockerfiles that an ignore file counts for: the one that it is called after, or those beside it.
fn dockerfiles_of(ignore_file: &Path) -> Vec<PathBuf> {
    if let Some(dockerfile) = own_dockerfile(ignore_file) {
        return if dockerfile.is_file() { vec![dockerfile] } else { Vec::new() };
    }
    let folder = ignore_file.parent().filter(|p| !p.as_os_str().is_empty());
    // A folder that cannot be listed has none that could be linted.
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return Vec::new() };
    let beside = entries.flatten().map(|entry| ignore_file.with_file_name(entry.file_name()));
    beside.filter(|path| path.is_file() && is_dockerfile(path)).collect()
}

fn kind(path: &Path) -> InputKind {
    match path.file_name().and_then(|n| n.to_str()) {
        Some(name) if is_ignorefile_name(name) => InputKind::Ignorefile,
        _ => InputKind::Dockerfile,
    }
}

/// The files that `paths` name: files as they are, and the Dockerfiles below folders, without what a
/// `.gitignore` leaves out. An ignore file brings the Dockerfiles that it counts for. Sorted, each once.
#[must_use]
pub fn discover(paths: &[PathBuf]) -> (Vec<Input>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let problem = |message: String, help: Option<&str>| Problem {
            path: Some(path.display().to_string()),
            message,
            help: help.map(str::to_owned),
            place: None,
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let before = problems.len();
                let any = walk(path, &mut found, &mut problems);
                if !any && problems.len() == before {
                    problems.push(problem(
                        "holds no Dockerfile".to_owned(),
                        Some("name the file if it is called otherwise"),
                    ));
                }
            }
            // What cannot be opened is said when it is read.
            Ok(_) => {
                let path = plain(path);
                let kind = kind(&path);
                if kind == InputKind::Ignorefile {
                    let dockerfile = |path| Input { path, kind: InputKind::Dockerfile };
                    found.extend(dockerfiles_of(&path).into_iter().map(dockerfile));
                }
                found.push(Input { path, kind });
            }
            Err(error) => problems.push(problem(crate::workspace::describe(&error), None)),
        }
    }
    // Names from a shell are in order already, which costs nothing to sort.
    if found.iter().all(|input| is_simple(&input.path)) {
        found.sort_by(|a, b| bytes(&a.path).cmp(bytes(&b.path)).then(a.kind.cmp(&b.kind)));
    } else {
        found.sort();
    }
    found.dedup();
    (found, problems)
}

/// The bytes of a path, which sort as its parts do: a separator comes before all else.
fn bytes(path: &Path) -> impl Iterator<Item = u8> {
    path.as_os_str().as_encoded_bytes().iter().map(|byte| if *byte == b'/' { 0 } else { *byte })
}

/// True if a path is written in the one way that there is for it, so that its bytes say where it sorts.
fn is_simple(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let mut parts = path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/');
    std::path::MAIN_SEPARATOR == '/' && parts.all(|part| !matches!(part, b"" | b"." | b".."))
}

/// Without a needless `./`, so that one file does not look like two.
fn plain(path: &Path) -> PathBuf {
    path.strip_prefix("./").unwrap_or(path).to_path_buf()
}

/// Adds the Dockerfiles below a folder; true if there are any.
fn walk(folder: &Path, found: &mut Vec<Input>, problems: &mut Vec<Problem>) -> bool {
    let mut any = false;
    if let Some(name) = unreadable_ignore(folder) {
        problems.push(not_searched(folder, name));
        // That says enough.
        return true;
    }
    // Folders that were passed over; the walk owns its filter.
    let passed: Arc<Mutex<Vec<Problem>>> = Arc::default();
    let noted = Arc::clone(&passed);
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .require_git(false)
        .filter_entry(move |entry| {
            if matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn")) {
                return false;
            }
            if entry.file_type().is_some_and(|t| t.is_dir())
                && let Some(name) = unreadable_ignore(entry.path())
                && let Ok(mut noted) = noted.lock()
            {
                noted.push(not_searched(entry.path(), name));
                return false;
            }
            true
        })
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|t| t.is_file());
                if is_file && is_dockerfile(entry.path()) {
                    found.push(Input { path: plain(entry.path()), kind: InputKind::Dockerfile });
                    any = true;
                }
            }
            Err(error) => problems.push(Problem {
                path: Some(folder.display().to_string()),
                message: format!("cannot be searched completely: {error}"),
                help: None,
                place: None,
            }),
        }
    }
    if let Ok(mut passed) = passed.lock() {
        problems.append(&mut passed);
    }
    any
}

/// The name of an ignore file in `folder` that a search would wait for, such as a named pipe, or that
/// it would read for too long.
fn unreadable_ignore(folder: &Path) -> Option<&'static str> {
    [".gitignore", ".ignore"].into_iter().find(|name| {
        let readable = |m: fs::Metadata| m.is_dir() || m.is_file() && m.len() <= MAX_GITIGNORE_BYTES;
        fs::metadata(folder.join(name)).is_ok_and(|m| !readable(m))
    })
}

fn not_searched(folder: &Path, name: &str) -> Problem {
    Problem {
        path: Some(folder.display().to_string()),
        message: format!(
            "is not searched: its `{name}` is not a file, or is larger than {MAX_GITIGNORE_BYTES} bytes"
        ),
        help: Some("name the Dockerfiles in it".to_owned()),
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ignore_files() {
        for name in [".dockerignore", ".containerignore", "api.Dockerfile.dockerignore"] {
            assert!(is_ignorefile_name(name), "{name}");
        }
        assert!(!is_ignorefile_name("Dockerfile"));
    }

    #[test]
    fn folders_whose_gitignore_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["good", "huge"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("Dockerfile"), "FROM a\n").unwrap();
        }
        let ignore = folder.path().join("huge").join(".gitignore");
        fs::write(&ignore, "x\n".repeat(usize::try_from(MAX_GITIGNORE_BYTES).unwrap() / 2 + 1)).unwrap();
        let (found, problems) = discover(&[folder.path().to_owned()]);
        assert_eq!(found.len(), 1);
        assert!(problems.len() == 1 && problems[0].message.contains(".gitignore"), "{problems:?}");
        fs::rename(&ignore, folder.path().join(".ignore")).unwrap();
        let (found, problems) = discover(&[folder.path().to_owned()]);
        assert!(found.is_empty() && problems.len() == 1, "{problems:?}");
    }
}
