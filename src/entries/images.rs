//! The images that the builds of a repository make, by the names that their files give them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::{Dockerfile, Resolution};

use crate::semantic::{ImageNames, ProjectImages};
use crate::workspace::{above, is_top, levels_to_top};

use super::{BuiltFrom, Entries, real};

/// The images that are made in a repository.
#[derive(Debug, Clone)]
pub(super) struct MadeImages {
    /// Its top folder, without links.
    top: PathBuf,
    names: Arc<ImageNames>,
    /// The names that only one Dockerfile gets.
    own: HashMap<PathBuf, BTreeSet<String>>,
}

/// The names of a repository, each with the Dockerfile that it is made from; `None`: several, or not known.
type Makers = BTreeMap<String, Option<PathBuf>>;

impl Entries {
    /// Notes what all builds make.
    pub(super) fn gather_images(&mut self) {
        let mut repositories: BTreeMap<PathBuf, Makers> = BTreeMap::new();
        let mut tops: HashMap<&Path, PathBuf> = HashMap::new();
        let tree = self.files.file_tree();
        for group in &self.groups {
            let of_targets = group.resolution.targets.iter().flat_map(|target| {
                let names = group.resolution.image_names(target);
                let path = match &target.dockerfile {
                    Dockerfile::File { path, .. } if !names.is_empty() => Some(real(&self.files, path)),
                    _ => None,
                };
                names.into_iter().map(move |name| (name, path.clone()))
            });
            let mut made = Makers::new();
            for (name, path) in of_targets {
                note(&mut made, name, path);
            }
            for name in &group.resolution.images {
                made.entry(name.clone()).or_default();
            }
            if made.is_empty() {
                continue;
            }
            let folder = &*group.entry.folder;
            let top = tops.entry(folder).or_insert_with(|| {
                let levels = levels_to_top(tree, folder).unwrap_or(0);
                real(&self.files, &above(folder, levels))
            });
            let all = repositories.entry(top.clone()).or_default();
            made.into_iter().for_each(|(name, path)| note(all, name, path));
        }
        // Outside of a repository, what lies below a folder with such files belongs to it. Folders come before what is in
        // them.
        let mut whole: BTreeMap<PathBuf, Makers> = BTreeMap::new();
        for (top, made) in repositories {
            let around = top.ancestors().skip(1).find(|folder| whole.contains_key(*folder));
            let around = around.filter(|_| !is_top(&top)).map(Path::to_path_buf);
            let all = whole.entry(around.unwrap_or(top)).or_default();
            made.into_iter().for_each(|(name, path)| note(all, name, path));
        }
        self.images = whole.into_iter().map(|(top, made)| MadeImages::new(top, made)).collect();
    }

    /// The images that other builds of its repository make, for the Dockerfile at a path.
    pub fn images_for(&self, dockerfile: &Path) -> ProjectImages {
        if self.images.is_empty() {
            return ProjectImages::default();
        }
        let path = real(&self.files, dockerfile);
        let around = self.images.iter().filter(|made| path.starts_with(&made.top));
        match around.max_by_key(|made| made.top.as_os_str().len()) {
            Some(made) => {
                let own = made.own.get(&path).cloned().unwrap_or_default();
                ProjectImages::new(Arc::clone(&made.names), own)
            }
            None => ProjectImages::default(),
        }
    }
}

fn note(made: &mut Makers, name: String, path: Option<PathBuf>) {
    match made.entry(name) {
        std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(path)),
        std::collections::btree_map::Entry::Occupied(mut entry) if *entry.get() != path => {
            entry.insert(None);
        }
        std::collections::btree_map::Entry::Occupied(_) => {}
    }
}

impl MadeImages {
    fn new(top: PathBuf, made: Makers) -> Self {
        let names = made.keys().cloned().collect();
        let mut own: HashMap<PathBuf, BTreeSet<String>> = HashMap::new();
        for (name, path) in made {
            if let Some(path) = path {
                own.entry(path).or_default().insert(name);
            }
        }
        Self { top, names: Arc::new(names), own }
    }
}

/// Tells builds whose Dockerfiles are written in the file itself the names of the images that it makes.
pub(super) fn name_in_inline(resolution: &Resolution, builds: &mut [BuiltFrom]) {
    if !builds.iter().any(|built| matches!(built, BuiltFrom::Inline(_))) {
        return;
    }
    let names: Vec<BTreeSet<String>> =
        resolution.targets.iter().map(|target| resolution.image_names(target)).collect();
    let all: Arc<ImageNames> = Arc::new(names.iter().flatten().cloned().collect());
    for (built, own) in builds.iter_mut().zip(names) {
        if let BuiltFrom::Inline(inline) = built {
            inline.target.build.project_images = ProjectImages::new(Arc::clone(&all), own);
        }
    }
}
