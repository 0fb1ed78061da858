//! Reads package indexes of the user's own, when a plan asks for them.

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use crate::size::{Index, Indexes, Loaded, Named, ReadError, read_index};
use crate::tree::{Kind, Tree};

use super::{Config, IndexFile};

/// Gives the base images of a configuration the indexes that it names, which are read later. It is in `folder`.
pub(super) fn attach(config: &mut Config, tree: &Tree, folder: &Path) {
    if config.indexes.is_empty() {
        return;
    }
    let (files, tree, folder) = (config.indexes.clone(), tree.clone(), folder.to_path_buf());
    Arc::make_mut(&mut config.base_images).indexes = Indexes::new(move || load(&files, &tree, &folder));
}

fn load(files: &[IndexFile], tree: &Tree, folder: &Path) -> Loaded {
    let mut loaded = Loaded::default();
    for file in files {
        match read(tree, &folder.join(&file.path)) {
            Ok(index) => {
                let (path, images) = (file.path.clone(), file.images.clone());
                loaded.known.push(Named { path, images, index });
            }
            Err(error) => loaded.faults.push(format!("`{}`, which `size.indexes` names, {error}", file.path)),
        }
    }
    loaded
}

fn read(tree: &Tree, path: &Path) -> Result<Index, ReadError> {
    // Before it is opened: opening a FIFO waits for a writer.
    if tree.look(path)?.kind != Kind::File {
        return Err(std::io::Error::other("it is not a regular file").into());
    }
    read_index(BufReader::with_capacity(1 << 16, tree.open(path)?))
}
