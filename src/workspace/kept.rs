//! Dockerfiles that several parts of a run ask about: each is parsed once, and understood once for each build.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::semantic::{Build, Model, NamedContext};
use crate::syntax::File;

use super::read::ReadError;

/// How much is kept, in bytes of text for each tree and each model. Either takes about 30 times as much.
pub(super) const MAX_BYTES: usize = 4 << 20;

/// What was read of Dockerfiles, for as long as nothing else changes them.
#[derive(Debug, Default)]
pub(super) struct Kept {
    dockerfiles: Mutex<HashMap<Key, Arc<Dockerfile>>>,
    bytes: AtomicUsize,
}

/// A Dockerfile by what it is called, and by its text where that is not the one on the disk.
pub(super) type Key = (PathBuf, Option<String>);

#[derive(Debug, Default)]
struct Dockerfile {
    tree: Mutex<Option<Arc<File>>>,
    /// By a number that equal builds share: of one Dockerfile there may be thousands.
    models: Mutex<HashMap<u64, Vec<(Build, Slot)>>>,
}

/// A model, once it is made: others wait for it instead of making it as well.
type Slot = Arc<OnceLock<Arc<Model>>>;

/// What a thread that failed has left is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that equal builds share, and few others.
fn number(build: &Build) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&build.target, &build.args, &build.open_args).hash(&mut hasher);
    for (name, context) in &build.contexts {
        name.hash(&mut hasher);
        match context {
            NamedContext::Image(image) => image.hash(&mut hasher),
            NamedContext::Folder(folder) => folder.hash(&mut hasher),
            NamedContext::Build(image) => image.name.hash(&mut hasher),
            NamedContext::Other => {}
        }
    }
    hasher.finish()
}

impl Kept {
    /// Takes room for a text; false if there is not enough left.
    fn takes(&self, bytes: usize) -> bool {
        let sum = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= MAX_BYTES);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).is_ok()
    }

    fn get(&self, key: &Key) -> Option<Arc<Dockerfile>> {
        lock(&self.dockerfiles).get(key).cloned()
    }

    /// The tree of a Dockerfile, if it is kept.
    pub(super) fn tree(&self, key: &Key) -> Option<Arc<File>> {
        lock(&self.get(key)?.tree).clone()
    }

    /// What a Dockerfile means in a build, if that is kept.
    pub(super) fn model(&self, key: &Key, build: &Build) -> Option<Arc<Model>> {
        let kept = self.get(key)?;
        let models = lock(&kept.models);
        models.get(&number(build))?.iter().find(|(of, _)| of == build)?.1.get().cloned()
    }

    /// The same; it is made, and kept as far as there is room.
    pub(super) fn understood(
        &self,
        key: Key,
        build: &Build,
        parse: impl FnOnce() -> Result<Arc<File>, ReadError>,
    ) -> Result<Arc<Model>, ReadError> {
        let kept = Arc::clone(lock(&self.dockerfiles).entry(key).or_default());
        let tree = {
            let mut tree = lock(&kept.tree);
            match &*tree {
                Some(tree) => Arc::clone(tree),
                None => {
                    let parsed = parse()?;
                    if self.takes(parsed.source.bytes().len()) {
                        *tree = Some(Arc::clone(&parsed));
                    }
                    parsed
                }
            }
        };
        let make = || Arc::new(Model::of_build(Arc::clone(&tree), build));
        let slot = {
            let mut models = lock(&kept.models);
            let models = models.entry(number(build)).or_default();
            match models.iter().find(|(of, _)| of == build) {
                Some((_, slot)) => Arc::clone(slot),
                None if self.takes(tree.source.bytes().len()) => {
                    let slot = Slot::default();
                    models.push((build.clone(), Arc::clone(&slot)));
                    slot
                }
                None => return Ok(make()),
            }
        };
        Ok(Arc::clone(slot.get_or_init(make)))
    }
}
