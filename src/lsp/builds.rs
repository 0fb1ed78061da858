//! How the Dockerfiles that are open are built: what files of their projects say, read once for as long as these stay as
//! they are.

use std::collections::BTreeMap;
use std::path::{MAIN_SEPARATOR, Path};
use std::sync::Arc;

use crate::engine::{self, BuildsOf, ContextEntry, Opened};
use crate::entries::{InFolder, KnownFolders};
use crate::semantic::Analysis;
use crate::workspace::{Files, Snapshot, Target, TargetOrigin};

/// How many builds of a Dockerfile are shown beside each other.
const MAX_SHOWN: usize = 8;

/// The builds of the Dockerfiles that are open.
#[derive(Default)]
pub(super) struct Builds {
    folders: KnownFolders,
    by_document: BTreeMap<String, Arc<BuildsOf>>,
}

impl Builds {
    /// The builds of a document, as far as they are known.
    pub(super) fn known(&self, uri: &str) -> Option<&Arc<BuildsOf>> {
        self.by_document.get(uri)
    }

    /// Keeps the builds of a document.
    pub(super) fn keep(&mut self, uri: &str, builds: Arc<BuildsOf>) {
        self.by_document.insert(uri.to_owned(), builds);
    }

    /// The documents whose builds are known.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Arc<BuildsOf>)> {
        self.by_document.iter()
    }

    /// The builds of a Dockerfile, which may be open or not. What its folders hold is kept only for one that is.
    pub(super) fn read(&mut self, snapshot: &Snapshot, path: &Path) -> BuildsOf {
        BuildsOf::read(snapshot, path, &mut self.folders)
    }

    /// The text of the file at a path is another one. Gives the documents that are perhaps built otherwise now.
    pub(super) fn written(&mut self, path: &Path) -> Vec<String> {
        self.folders.forget(|folder: &InFolder| folder.has_read(path));
        self.renew(|builds| builds.depends_on(path))
    }

    /// The same where the file at a path may be new, or gone.
    pub(super) fn came_or_went(&mut self, path: &Path) -> Vec<String> {
        self.folders.forget(|folder: &InFolder| folder.has_read(path) || folder.is_looked_at(path));
        self.renew(|builds| builds.looks_at(path))
    }

    fn renew(&mut self, is_old: impl Fn(&BuildsOf) -> bool) -> Vec<String> {
        let old = self.by_document.extract_if(.., |_, builds| is_old(builds));
        old.map(|(uri, _)| uri).collect()
    }

    pub(super) fn forget(&mut self, uri: &str) {
        self.by_document.remove(uri);
    }

    pub(super) fn forget_all(&mut self) {
        *self = Self::default();
    }
}

/// Those of builds whose contexts or ignore files differ.
pub(super) fn differing(targets: &[&Target]) -> Vec<Target> {
    let mut differing: Vec<Target> = Vec::new();
    for target in targets {
        let is_same = |known: &Target| known.context == target.context && known.ignore == target.ignore;
        if !differing.iter().any(is_same) && differing.len() < MAX_SHOWN {
            differing.push((*target).clone());
        }
    }
    differing
}

/// What lies in a folder of build contexts, each with the build that alone has it.
pub(super) fn entries(
    files: &Files,
    targets: &[Target],
    folder: &str,
    dockerfile: &Path,
) -> Vec<(ContextEntry, Option<String>)> {
    let mut found: BTreeMap<ContextEntry, Vec<usize>> = BTreeMap::new();
    for (number, target) in targets.iter().enumerate() {
        for entry in engine::context_entries(files, target, folder) {
            found.entry(entry).or_default().push(number);
        }
    }
    let named = |(entry, of): (ContextEntry, Vec<usize>)| {
        let names = of.iter().filter_map(|number| name(targets.get(*number)?, dockerfile));
        let names: Vec<String> = names.collect();
        let is_in_all = of.len() == targets.len();
        (entry, (!is_in_all && !names.is_empty()).then(|| names.join(", ")))
    };
    found.into_iter().map(named).collect()
}

/// A build of a Dockerfile, to be shown.
pub(super) struct Shown {
    /// What starts it, such as `compose.yaml: web`.
    pub(super) name: Option<String>,
    /// What that calls it.
    pub(super) short: Option<String>,
    pub(super) analysis: Analysis,
}

impl Shown {
    /// The first builds of the Dockerfile at a path.
    pub(super) fn of(opened: &[Opened], dockerfile: &Path) -> Vec<Self> {
        let shown = |build: &Opened| Self {
            name: name(&build.target, dockerfile),
            short: match &build.target.origin {
                TargetOrigin::Entry { name, .. } => Some(name.clone()),
                TargetOrigin::CommandLine => None,
            },
            analysis: build.analysis.clone(),
        };
        opened.iter().take(MAX_SHOWN).map(shown).collect()
    }
}

/// What starts a build, as it is seen from a Dockerfile.
pub(super) fn name(target: &Target, dockerfile: &Path) -> Option<String> {
    target.entry_on_platform().map(|name| short_name(&name, dockerfile))
}

/// The name of a build without the folders that its file has in common with the Dockerfile: paths of an editor begin at
/// the root.
pub(super) fn short_name(name: &str, dockerfile: &Path) -> String {
    let folders = dockerfile.ancestors().skip(1);
    let folders = folders.filter(|folder| folder.parent().is_some());
    let mut below = folders.filter_map(|folder| {
        name.strip_prefix(&*folder.to_string_lossy())?.strip_prefix(MAIN_SEPARATOR).map(str::to_owned)
    });
    below.next().unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_build_is_called_as_it_is_seen_from_the_dockerfile() {
        for (name, want) in [
            ("/srv/app/compose.yaml: web", "compose.yaml: web"),
            ("/srv/app/docker/bake.hcl: web", "bake.hcl: web"),
            ("/srv/.github/workflows/ci.yml: build", ".github/workflows/ci.yml: build"),
            ("/opt/compose.yaml: web", "/opt/compose.yaml: web"),
        ] {
            assert_eq!(short_name(name, Path::new("/srv/app/docker/Dockerfile")), want, "{name}");
        }
    }
}
