//! Named contexts that bake files of names of their own supply.
//!
//! bake does not find `images.hcl` by itself: somebody names it, from a folder and with variables that no file here
//! tells of. So its builds are not taken for known, but the names of their contexts stand for no images.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use build_targets::{Entry, EntryKind, Files as _};

use crate::semantic::{Build, NamedContext, context_name};
use crate::workspace::Files;

use super::find::Texts;
use super::real;

/// The most bake files of a folder that are read.
const MAX_FILES: usize = 16;

/// The names of the contexts that the bake files of a folder supply.
#[derive(Debug, Clone)]
pub(super) struct Supplied {
    folder: PathBuf,
    names: BTreeSet<String>,
}

impl Supplied {
    /// What is in `folder`, if anything.
    pub(super) fn in_folder(
        files: &Files,
        folder: &Path,
        leaves_out: &dyn Fn(&Path) -> bool,
    ) -> Option<Self> {
        let texts = Texts(files);
        let is_bake = |path: &PathBuf| {
            path.extension().is_some_and(|end| end == "hcl")
                && EntryKind::found_as(path).is_none()
                && !leaves_out(path)
                && texts.read(path).ok().flatten().is_some_and(|text| text.contains("contexts"))
        };
        let paths = texts.names(folder).into_iter().map(|name| folder.join(name)).filter(is_bake);
        let mut names = BTreeSet::new();
        for path in paths.take(MAX_FILES) {
            let entry = Entry { kind: EntryKind::Bake, folder: folder.to_path_buf(), files: vec![path] };
            let options = build_targets::Options { all: true, ..Default::default() };
            let resolution = super::resolve(files, &entry, &options);
            let contexts = resolution.targets.iter().flat_map(|target| &target.contexts);
            names.extend(contexts.filter_map(|context| context.name.known().map(context_name)));
        }
        (!names.is_empty()).then(|| Self { folder: real(files, folder), names })
    }
}

impl super::Entries {
    /// Lets the names that bake files in the folder of the Dockerfile at a path and above supply stand for contexts, and
    /// tells a build the images that others make.
    pub fn supply(&self, dockerfile: &Path, build: &mut Build) {
        build.project_images = self.images_for(dockerfile);
        if self.supplied.is_empty() {
            return;
        }
        let path = real(&self.files, dockerfile);
        for supplied in self.supplied.iter().filter(|s| path.starts_with(&s.folder)) {
            for name in &supplied.names {
                build.contexts.entry(name.clone()).or_insert(NamedContext::Other);
            }
        }
    }
}
