//! Sources that are not in the build context yet: what Git ignores is made or fetched before the build, and so is what
//! a file beside it stands in for, and what a submodule brings.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::brought::{brought, text};
use crate::context::{Scan, SourceStatus};
use crate::semantic::PROBE;
use crate::text::Gather;
use crate::tree::Tree;
use crate::workspace::is_top;

/// How many folders above the context are searched for the top of the repository.
const MAX_ABOVE: usize = 32;

/// How many entries of a folder are searched for a stand-in.
const MAX_ENTRIES: usize = 10_000;

/// The missing sources of `scan`, as written, that something makes before the build.
pub(super) fn generated(tree: &Tree, root: &Path, scan: &Scan) -> BTreeSet<String> {
    let sources = scan.per_query.iter().flat_map(|query| &query.sources);
    let mut missing = sources.filter(|s| s.status == SourceStatus::Missing).peekable();
    if missing.peek().is_none() {
        return BTreeSet::new();
    }
    let Ok(root) = tree.real(root) else { return BTreeSet::new() };
    let mut makers = Makers::new(tree, &root);
    let mut is_made = |source: &str| {
        let path = dockerignore::filepath::clean(&format!("/{source}"));
        let path = root.join(path.trim_start_matches('/'));
        // A name that is none of this system's.
        path.starts_with(&root) && path != root && makers.make(&path)
    };
    let mut names: BTreeSet<&str> = missing.map(|s| &*s.source).gather();
    names.retain(|name| is_made(name));
    // What tasks bring is asked last, since their files have to be read for it, and only of what a COPY names.
    let copied = scan.per_query.iter().filter(|query| query.id != PROBE).flat_map(|query| &query.sources);
    let lacking = copied.filter(|source| source.status == SourceStatus::Missing);
    let rest: BTreeSet<&str> =
        lacking.map(|source| &*source.source).filter(|name| !names.contains(name)).gather();
    let rest: Vec<&str> = rest.into_iter().collect();
    names.extend(brought(tree, &root, makers.top(), &rest));
    names.into_iter().map(str::to_owned).gather()
}

/// Says of paths of a repository that are missing whether something makes them before a build.
pub(super) struct Makers<'t> {
    git: Git<'t>,
    submodules: Vec<PathBuf>,
}

impl<'t> Makers<'t> {
    /// For the repository that a folder is in; its path has to be without links.
    pub(super) fn new(tree: &'t Tree, folder: &Path) -> Self {
        let git = Git::new(tree, folder);
        let submodules = submodules(tree, &git.top);
        Self { git, submodules }
    }

    /// The top of the repository; the folder where there is none.
    pub(super) fn top(&self) -> &Path {
        &self.git.top
    }

    /// True if Git ignores the path, it is in a submodule, or a file beside it stands in for it.
    pub(super) fn make(&mut self, path: &Path) -> bool {
        self.submodules.iter().any(|submodule| path.starts_with(submodule))
            || has_stand_in(self.git.tree, path)
            || self.git.ignores(path)
    }
}

/// The secrets of `scan` that Git leaves out.
pub(super) fn ignored_secrets(tree: &Tree, root: &Path, scan: &Scan) -> BTreeSet<String> {
    if scan.secrets.is_empty() {
        return BTreeSet::new();
    }
    let Ok(root) = tree.real(root) else { return BTreeSet::new() };
    let mut git = Git::new(tree, &root);
    let paths = scan.secrets.iter().map(|secret| secret.path.to_string());
    paths.filter(|path| git.ignores(&root.join(path))).collect()
}

/// The folders of the submodules of a repository.
fn submodules(tree: &Tree, top: &Path) -> Vec<PathBuf> {
    // What cannot be read names none.
    let text = text(tree, &top.join(".gitmodules")).unwrap_or_default();
    let folders = text.lines().filter_map(|line| line.trim().strip_prefix("path")?.trim().strip_prefix('='));
    folders.map(|folder| top.join(folder.trim())).collect()
}

/// True if a file beside `path` is called after it: `app.jar.download`, `config.json.example`.
fn has_stand_in(tree: &Tree, path: &Path) -> bool {
    let Some((folder, name)) = path.parent().zip(path.file_name().and_then(|n| n.to_str())) else {
        return false;
    };
    let Ok(entries) = tree.entries(folder) else { return false };
    entries.iter().take(MAX_ENTRIES).any(|entry| {
        entry
            .name
            .to_str()
            .and_then(|e| e.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with(['.', '-']))
    })
}

/// The `.gitignore` files of a repository, each read when it is first asked for.
struct Git<'t> {
    tree: &'t Tree,
    /// The top of the repository; the context where there is none.
    top: PathBuf,
    files: HashMap<PathBuf, Option<Gitignore>>,
}

impl<'t> Git<'t> {
    fn new(tree: &'t Tree, root: &Path) -> Self {
        let top = root.ancestors().take(MAX_ABOVE).find(|folder| is_top(folder)).unwrap_or(root);
        Self { tree, top: top.to_path_buf(), files: HashMap::new() }
    }

    /// True if the nearest `.gitignore` that says something of `path`, or of a folder that it is in, leaves it out.
    fn ignores(&mut self, path: &Path) -> bool {
        let folders: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_path_buf).collect();
        for folder in folders {
            if !folder.starts_with(&self.top) {
                break;
            }
            let file = self.files.entry(folder.clone()).or_insert_with(|| read(self.tree, &folder));
            let Some(file) = file else { continue };
            // What is not there may become a folder: `dist/` is about `dist`.
            let verdict = file.matched_path_or_any_parents(path, true);
            if !verdict.is_none() {
                return verdict.is_ignore();
            }
        }
        false
    }
}

/// The `.gitignore` of a folder, if it is a file of moderate size.
fn read(tree: &Tree, folder: &Path) -> Option<Gitignore> {
    let path = folder.join(".gitignore");
    let text = text(tree, &path)?;
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A faulty line counts for nothing, as for Git.
        let _ = builder.add_line(Some(path.clone()), line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::context::{QueryResult, SourceResult, Tally};

    #[test]
    fn what_git_ignores_and_what_has_a_stand_in_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("docker");
        fs::create_dir_all(root.join("lib")).unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".gitignore"), "**/*.zip\nbuilt/\n!keep.zip\n").unwrap();
        let modules = "[submodule \"x\"]\n\tpath = docker/vendored\n\turl = https://example.com/x.git\n";
        fs::write(folder.path().join(".gitmodules"), modules).unwrap();
        fs::write(root.join("lib/.gitignore"), "x.json\n").unwrap();
        fs::write(root.join("server.jar.download"), "").unwrap();
        let source = |source: &str| SourceResult {
            link: None,
            folder: None,
            source: source.to_owned(),
            status: SourceStatus::Missing,
            total: Tally::default(),
        };
        let asked = [
            "a.zip",
            "keep.zip",
            "built",
            "./built/a.py",
            "lib/x.json",
            "x.json",
            "server.jar",
            "other.jar",
            "vendored/a.yaml",
            "vendored2/a.yaml",
        ];
        let sources = asked.map(source).to_vec();
        let query = QueryResult {
            id: 0,
            total: Tally::default(),
            apart: Default::default(),
            sources,
            largest: Vec::new(),
        };
        let scan = Scan { per_query: vec![query], ..Scan::default() };
        let made = generated(&crate::tree::DISK, &root, &scan);
        let want = ["./built/a.py", "a.zip", "built", "lib/x.json", "server.jar", "vendored/a.yaml"];
        assert_eq!(made.iter().map(String::as_str).collect::<Vec<_>>(), want);
    }
}
