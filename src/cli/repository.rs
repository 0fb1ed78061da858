//! Where files are in their repository: services show a finding at a path from its top.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};

use crate::diag::RunReport;
use crate::report::RepositoryPaths;
use crate::workspace::{is_top, top_of};

/// Where services have checked out what they build.
const CHECKOUTS: [&str; 3] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"];

/// The paths of all files of a report.
pub(super) fn paths(report: &RunReport) -> RepositoryPaths {
    let checkouts = CHECKOUTS.into_iter().filter_map(env::var_os).filter(|folder| !folder.is_empty());
    let mut tops = Tops {
        checkouts: checkouts.filter_map(|folder| Path::new(&folder).canonicalize().ok()).collect(),
        known: HashMap::new(),
    };
    let files = report.files.iter().map(|file| &file.path);
    // Findings name files that start builds as well.
    let builds = report.files.iter().flat_map(|file| &file.findings).flat_map(|finding| &finding.builds);
    let builds: Vec<String> = builds.filter_map(|build| Some(build.split_once(": ")?.0.to_owned())).collect();
    let files = files.chain(&builds);
    let named = files.chain(report.problems.iter().filter_map(|problem| problem.path.as_ref()));
    RepositoryPaths::new(named.filter_map(|path| Some((path.clone(), tops.path(Path::new(path))?))))
}

struct Tops {
    /// The folders of [`CHECKOUTS`], without links.
    checkouts: Vec<PathBuf>,
    /// Folders as they are named, without links, and the tops that they are below.
    known: HashMap<PathBuf, Option<(PathBuf, PathBuf)>>,
}

impl Tops {
    /// A path from the top; nothing if there is none, as for standard input.
    fn path(&mut self, path: &Path) -> Option<String> {
        let name = path.file_name()?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !self.known.contains_key(folder) {
            let real = folder.canonicalize().ok();
            let found = real.and_then(|real| Some((self.top(&real)?, real)));
            self.known.insert(folder.to_path_buf(), found);
        }
        let (top, real) = self.known.get(folder)?.as_ref()?;
        let below = real.strip_prefix(top).ok()?.join(name);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    }

    /// The checkout that a folder is in, if it is one of a repository; else the nearest repository; else the
    /// checkout.
    fn top(&self, real: &Path) -> Option<PathBuf> {
        let checkout = self.checkouts.iter().find(|folder| real.starts_with(folder));
        let whole = checkout.filter(|folder| is_top(folder)).cloned();
        whole.or_else(|| top_of(real).map(Path::to_path_buf)).or_else(|| checkout.cloned())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn paths_start_at_the_top() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        for folder in ["ci/repo/.git", "ci/repo/a/module/.git", "ci/repo/b", "ci/plain"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let path = |checkout: Option<&str>, path: &str| {
            let checkouts = checkout.map(|folder| root.join(folder)).into_iter().collect();
            let mut tops = Tops { checkouts, known: HashMap::new() };
            tops.path(&root.join(path))
        };
        assert_eq!(path(None, "ci/repo/b/Dockerfile").as_deref(), Some("b/Dockerfile"));
        assert_eq!(path(None, "ci/repo/b/../Dockerfile").as_deref(), Some("Dockerfile"));
        assert_eq!(path(None, "ci/repo/a/module/x").as_deref(), Some("x"));
        // What is checked out as a whole has other repositories within.
        assert_eq!(path(Some("ci/repo"), "ci/repo/a/module/x").as_deref(), Some("a/module/x"));
        // A folder of checkouts is none.
        assert_eq!(path(Some("ci"), "ci/repo/b/x").as_deref(), Some("b/x"));
        assert_eq!(path(Some("ci"), "ci/plain/x").as_deref(), Some("plain/x"));
        assert_eq!(path(None, "nowhere/x"), None);
    }
}
