//! What the arguments say of the change.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::cache::Store;
use crate::engine::{BuildChange, NamedContext, Opened};
use crate::git::Since;
use crate::report::sanitize;
use crate::semantic::{self, context_name};
use crate::text::Source;
use crate::workspace::{Files, Target, describe};

use super::changed::{self, Named, inside, place};
use crate::cli::args::CacheArgs;
use crate::cli::args::build::StoreArg;

/// The most bytes of a file that is read whole.
const MAX_BYTES: u64 = 16 << 20;

/// What changes, for the build that is asked about.
pub(super) struct Asked {
    pub(super) change: BuildChange,
    /// The same for any.
    pub(super) changes: Changes,
    /// The names of the build arguments that change.
    pub(super) args: Vec<String>,
}

/// What changes, whichever build it is asked of.
pub(super) struct Changes {
    /// The paths as they were named; `None` if any source file may change.
    pub(super) named: Option<Vec<Named>>,
    since: Option<Since>,
    store: Store,
}

/// Reads what the arguments name.
pub(super) fn of(args: &CacheArgs, paths: &[PathBuf], opened: &Opened, root: &Path) -> Result<Asked, String> {
    let from_stdin = paths.iter().chain(&args.changed_dockerfile).chain(&args.changed_ignore);
    if from_stdin.filter(|p| p.as_os_str() == "-").count() > 1 {
        return Err("standard input can be read only once: pass - for one argument only".to_owned());
    }
    let since = args.since.as_deref().map(|reference| Since::of(reference, root)).transpose();
    let since = since.map_err(|error| sanitize(&error.to_string()).into_owned())?;
    let mut named = changed::named(paths, root)?;
    if let Some(since) = &since {
        named.extend(since_named(since, root));
    }
    let changed_args = changed_args(&args.changed_build_arg)?;
    let other =
        args.changed_dockerfile.is_some() || args.changed_ignore.is_some() || !changed_args.is_empty();
    let any = paths.is_empty() && since.is_none() && !other;
    let told = folders_of(&args.build_context)?;
    let store = match args.store {
        None => Store::Unknown,
        Some(StoreArg::Containerd) => Store::Merging,
        Some(StoreArg::Overlay2) => Store::Plain,
    };
    let asked = Changes { named: (!any).then_some(named), since, store };
    let mut change = asked.of(&opened.target, root, &told)?;
    if let Some(dockerfile) = args.changed_dockerfile.as_deref() {
        change.dockerfile = Some(source(dockerfile)?);
    }
    if let Some(ignore) = args.changed_ignore.as_deref() {
        change.ignore = Some(source(ignore)?);
    }
    let args = changed_args.keys().cloned().collect();
    change.args = changed_args;
    Ok(Asked { change, changes: asked, args })
}

impl Changes {
    /// What changes for a build. `told` are folders that the command line names, which count before its own.
    fn of(&self, target: &Target, root: &Path, told: &[(String, PathBuf)]) -> Result<BuildChange, String> {
        let (mut dockerfile, mut ignore) = (None, None);
        if let Some(since) = &self.since {
            let path = target.file().filter(|path| since.has(path));
            dockerfile = path.map(|path| text(path, since.text_of(path)));
            let candidates = target.ignore_files(root);
            if candidates.iter().any(|path| since.has(path)) {
                let before = candidates.iter().find_map(|path| Some((path, since.text_of(path)?)));
                let before = before.map(|(path, bytes)| text(path, Some(bytes)));
                ignore = Some(before.unwrap_or_else(|| text(root, None)));
            }
        }
        let folders = target.build.contexts.iter().filter_map(|(name, context)| match context {
            semantic::NamedContext::Folder(folder) if folder.is_dir() => Some((name.clone(), folder.clone())),
            _ => None,
        });
        // What the command line says counts.
        let folders = folders.filter(|(name, _)| !told.iter().any(|(told, _)| context_name(told) == *name));
        let contexts = contexts(folders.chain(told.iter().cloned()), self.named.as_ref())?;
        let named = self.named.as_deref().unwrap_or_default();
        let in_context = |n: &Named| {
            contexts.iter().any(|c| {
                c.folder.canonicalize().is_ok_and(|f| n.whole.iter().any(|w| inside(&f, w).is_some()))
            })
        };
        let outside = named.iter().any(|n| n.places.is_empty() && !in_context(n));
        let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let files = self
            .named
            .as_ref()
            .map(|named| named.iter().flat_map(|named| named.places_in(&real)).collect::<Vec<String>>());
        Ok(BuildChange {
            files,
            whole: named.iter().flat_map(|named| named.whole.iter().cloned()).collect(),
            dockerfile,
            ignore,
            args: BTreeMap::new(),
            contexts,
            other_contexts: BTreeSet::new(),
            outside,
            store: self.store,
        })
    }

    /// What changes for another build of the project, whose context is in `root`.
    pub(super) fn of_other(&self, target: &Target, root: &Path) -> BuildChange {
        // Of a folder that is not there nothing is known anyway.
        self.of(target, root, &[]).unwrap_or_default()
    }
}

/// The files that differ from a commit, as if they had been named.
fn since_named(since: &Since, root: &Path) -> Vec<Named> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let one = |path: &PathBuf| {
        let inside = inside(&root, path).map(|inside| place(&inside, false));
        Named {
            shown: inside.clone().unwrap_or_else(|| path.display().to_string()),
            places: inside.into_iter().collect(),
            whole: vec![path.clone()],
            exists: path.symlink_metadata().is_ok(),
        }
    };
    since.files.iter().map(one).collect()
}

/// The text of a file, or of standard input for `-`.
fn source(path: &Path) -> Result<Source, String> {
    if path.as_os_str() != "-" {
        return Files::default()
            .source(path)
            .map_err(|e| format!("{} {e}", sanitize(&path.display().to_string())));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| format!("standard input {}", describe(&e)))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("standard input is longer than 16 MiB".to_owned());
    }
    Ok(text(path, Some(bytes)))
}

/// A text that was at `path`; an empty one if there was none.
fn text(path: &Path, bytes: Option<Vec<u8>>) -> Source {
    Source::from_text(
        path.display().to_string(),
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned(),
    )
}

/// The values that build arguments had: of `NAME=OLD`, and none for `NAME` alone.
fn changed_args(args: &[String]) -> Result<BTreeMap<String, Option<String>>, String> {
    let one = |arg: &String| {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        if name.is_empty() {
            return Err(format!("write --changed-build-arg as NAME or NAME=OLD, not `{}`", sanitize(arg)));
        }
        Ok((name.to_owned(), value))
    };
    args.iter().map(one).collect()
}

/// The folders of `--build-context NAME=DIR`. Images and addresses are no folders.
fn folders_of(args: &[String]) -> Result<Vec<(String, PathBuf)>, String> {
    let mut folders = Vec::new();
    for arg in args {
        let Some((name, value)) =
            arg.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty())
        else {
            return Err(format!("write --build-context as NAME=DIR, not `{}`", sanitize(arg)));
        };
        if !value.contains("://") && !value.starts_with("target:") {
            folders.push((name.to_owned(), PathBuf::from(value)));
        }
    }
    Ok(folders)
}

/// What changes in the folders of named contexts: what was named, or anything.
fn contexts(
    folders: impl Iterator<Item = (String, PathBuf)>,
    named: Option<&Vec<Named>>,
) -> Result<Vec<NamedContext>, String> {
    let mut contexts = Vec::new();
    for (name, folder) in folders {
        let Ok(whole) = folder.canonicalize() else {
            return Err(format!("{} does not exist", sanitize(&folder.display().to_string())));
        };
        let changed = match named {
            None => vec![(String::new(), whole)],
            Some(named) => {
                let paths =
                    named.iter().flat_map(|n| n.whole.iter().map(move |path| (path, n.shown.ends_with('/'))));
                let changed = paths.filter_map(|(path, is_folder)| {
                    Some((place(&inside(&whole, path)?, is_folder), path.clone()))
                });
                changed.collect()
            }
        };
        contexts.push(NamedContext { name, changed, folder });
    }
    Ok(contexts)
}
