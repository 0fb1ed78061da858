//! Real images: what is in their layers, and what of it is hidden by later ones.
//!
//! Reads what `docker save`, `buildx --output type=oci|docker`, `skopeo`, `buildah` and kaniko write: an
//! archive (perhaps compressed), or the folder of an OCI layout, with layers that are plain, gzip or zstd.
//! Each layer is read once, layers in parallel; nothing is unpacked and nothing written.

mod archive;
mod blob;
mod error;
mod fingerprint;
mod layer;
mod manifest;
mod merge;
mod pipe;
mod platform;
mod select;
mod store;
mod summary;
mod tar;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::Serialize;

pub use archive::{Unpacked, plain, unpacked};
pub use blob::Compression;
pub use error::{Fault, ImageError};
#[cfg(test)]
pub use merge::Put;
pub use merge::{Hiding, PutKind};
pub use platform::Platform;
pub use store::Blobs;
pub use tree::{NodeId, Presence, Tree};

use layer::{Budget, Contents, Wanted};
use store::Store;

/// What to read of an image.
#[derive(Debug, Default, Clone, Copy)]
pub struct Options<'a> {
    /// The platform of an image for several: `linux/arm64`.
    pub platform: Option<&'a str>,
    /// The name of an image beside others: `app:1.2`.
    pub pick: Option<&'a str>,
    /// Places whose visible bytes are to be counted.
    pub watch: &'a [Watch],
    /// Counts the stored bytes of the layers that were read.
    pub progress: Option<&'a AtomicU64>,
    /// Keeps what each layer does to each path, as [`Image::tree`].
    pub tree: bool,
    /// Reads layers without a look at their digests, which takes most of the time for what is not compressed.
    pub unverified: bool,
}

/// A place in the file system of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// All below a folder: `/var/lib/apt/lists`; `~/.npm` is in the home of root or anybody else.
    Folder(String),
    /// All below a folder of that name, wherever it is: `__pycache__`.
    Named(String),
    /// All files in a folder whose names end so.
    Ending {
        /// The folder: `/var/cache/apt`.
        folder: String,
        /// The ending: `.bin`.
        ending: String,
    },
}

/// An image.
#[derive(Debug, Clone, Serialize)]
pub struct Image {
    /// What it is called: `app:1.2`.
    pub names: Vec<String>,
    /// `linux/amd64`.
    pub platform: String,
    /// When it was made, in the form of RFC 3339, as the config says it.
    pub created: Option<String>,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
    /// The steps that made it, those without a layer included.
    pub history: Vec<HistoryStep>,
    /// Bytes of file contents in all layers.
    pub bytes: u64,
    /// Files with contents in all layers; hard links count once.
    pub files: u64,
    /// Bytes of the layers as they are stored.
    pub stored: u64,
    /// Bytes that a running container sees: [`Image::bytes`] less what is hidden.
    pub visible: u64,
    /// What is hidden: one entry per layer that has the bytes, layer that hides them, and way.
    pub hidden: Vec<Hidden>,
    /// Bytes that copies of equal files take, all but one of each.
    pub duplicated: u64,
    /// Equal files, the heaviest first; at most [`MAX_SHOWN`].
    pub duplicates: Vec<Duplicate>,
    /// The largest files that a container sees; at most [`MAX_SHOWN`].
    pub largest: Vec<File>,
    /// What is in the watched places, one entry per place and layer with anything in it.
    pub watched: Vec<Watched>,
    /// What each layer does to each path, if it was asked for.
    #[serde(skip)]
    pub tree: Option<Tree>,
}

/// The most files that are named in a list.
pub const MAX_SHOWN: usize = 20;

impl Image {
    /// The bytes that a later layer hides.
    #[must_use]
    pub const fn hidden_bytes(&self) -> u64 {
        self.bytes - self.visible
    }

    /// The share of the bytes that a container sees, 0 to 1; 1 for an empty image.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a few digits are shown")]
    pub fn efficiency(&self) -> f64 {
        if self.bytes == 0 { 1.0 } else { self.visible as f64 / self.bytes as f64 }
    }
}

/// A layer.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    /// Digest of the uncompressed archive, as the config has it.
    pub diff_id: String,
    /// How it is stored.
    pub compression: Compression,
    /// Bytes as it is stored.
    pub stored: u64,
    /// Bytes of file contents.
    pub bytes: u64,
    /// Files with contents; hard links count once.
    pub files: u64,
    /// Things that it puts where nothing was; folders do not count.
    pub added: u64,
    /// Things that it puts where something was.
    pub changed: u64,
    /// Files of lower layers that it takes away.
    pub deleted: u64,
    /// Bytes of it that are hidden by later layers.
    pub hidden: u64,
    /// Index into [`Image::history`], if the numbers of layers and steps agree.
    pub step: Option<usize>,
}

/// A step of the history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryStep {
    /// What the builder says that it did.
    pub created_by: String,
    /// What the builder says of itself: `buildkit.dockerfile.v0`.
    pub comment: Option<String>,
    /// The layer that it made, as an index into [`Image::layers`].
    pub layer: Option<usize>,
}

/// Bytes of one layer that another one hides.
#[derive(Debug, Clone, Serialize)]
pub struct Hidden {
    /// The layer that has the bytes.
    pub layer: usize,
    /// The layer that hides them; the same if an archive has a file twice.
    pub by: usize,
    /// How.
    pub how: Hiding,
    /// Bytes of file contents.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// The largest of them, at most three.
    pub largest: Vec<File>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct File {
    /// Bytes of contents.
    pub bytes: u64,
    /// The layer that it is in.
    pub layer: usize,
    /// Its path, from `/`; what is not UTF-8 is shown as U+FFFD.
    pub path: String,
}

/// Equal files.
#[derive(Debug, Clone, Serialize)]
pub struct Duplicate {
    /// Bytes of each.
    pub bytes: u64,
    /// How many there are, two or more.
    pub copies: u64,
    /// Where the first ones are, at most five.
    pub files: Vec<File>,
}

/// What is in a watched place.
#[derive(Debug, Clone, Serialize)]
pub struct Watched {
    /// Index into [`Options::watch`].
    pub watch: usize,
    /// The layer.
    pub layer: usize,
    /// Bytes that a container sees.
    pub bytes: u64,
    /// Files.
    pub files: u64,
}

/// Reads the image in a folder or an archive.
///
/// # Errors
/// If it cannot be read, is no image, or is not what its digests say.
pub fn read(path: &Path, options: Options<'_>) -> Result<Image, ImageError> {
    let budget = Budget::new();
    let store = Store::open(path, options.unverified, &budget)?;
    finish(&store, &path.display().to_string(), options, &budget)
}

/// Reads the image in a stream, such as the output of `docker save`.
///
/// # Errors
/// As [`read`].
pub fn read_stream(input: impl std::io::Read, name: &str, options: Options<'_>) -> Result<Image, ImageError> {
    read_within(input, name, options, &Budget::new())
}

/// Reads an image whose blobs are fetched, such as one of a registry.
///
/// # Errors
/// As [`read`].
pub fn read_blobs(blobs: Arc<dyn Blobs>, name: &str, options: Options<'_>) -> Result<Image, ImageError> {
    finish(&Store::Remote(blobs), name, options, &Budget::new())
}

/// What is in one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadLayer {
    /// The digest of the blob as it is stored.
    pub digest: String,
    /// Bytes of file contents; hard links count once.
    pub bytes: u64,
}

/// Reads a layer to its end.
///
/// # Errors
/// If it cannot be read, is no archive, or is made to take forever.
pub fn read_layer(blob: impl std::io::BufRead) -> Result<ReadLayer, Fault> {
    let contents = layer::read(blob, Wanted { digest: true, diff_id: false }, &Budget::new())?;
    let bytes = contents.entries.list.iter().map(|entry| entry.size).fold(0, u64::saturating_add);
    Ok(ReadLayer { digest: contents.digest.unwrap_or_default(), bytes })
}

fn read_within(
    input: impl std::io::Read,
    name: &str,
    options: Options<'_>,
    budget: &Budget,
) -> Result<Image, ImageError> {
    let store =
        Store::stream(input, options.unverified, budget).map_err(|fault| ImageError::new(name, fault))?;
    finish(&store, name, options, budget)
}

fn finish(store: &Store, name: &str, options: Options<'_>, budget: &Budget) -> Result<Image, ImageError> {
    let wish = select::Wish { name: options.pick, platform: options.platform };
    let chosen = select::image(store, name, wish)?;
    let fail = |index: usize, fault: Fault| ImageError::new(format!("{name}: layer {}", index + 1), fault);
    let layers = &chosen.layers;
    // A blob that is several layers is read once.
    let mut first: HashMap<&str, usize> = HashMap::new();
    let firsts: Vec<usize> =
        layers.iter().enumerate().map(|(index, layer)| *first.entry(&layer.name).or_insert(index)).collect();
    let read = |index: usize| -> Result<Arc<Contents>, Fault> {
        let layer = &layers[index];
        // One digest is enough to know the contents: the blob's own where a manifest names it.
        let wanted = match (options.unverified, &layer.digest) {
            (true, _) => Wanted::default(),
            (false, Some(_)) => Wanted { digest: true, diff_id: false },
            (false, None) => Wanted { digest: false, diff_id: true },
        };
        let contents = store.layer(&layer.name, wanted, budget)?;
        if let Some(progress) = options.progress {
            progress.fetch_add(contents.stored, Ordering::Relaxed);
        }
        Ok(contents)
    };
    // The heaviest first, so that it is not the last one to be waited for.
    let mut order: Vec<usize> = first.into_values().collect();
    order.sort_unstable_by_key(|i| (std::cmp::Reverse(store.size(&layers[*i].name)), *i));
    let mut blobs: BTreeMap<usize, Result<_, _>> =
        order.into_par_iter().with_max_len(1).map(|i| (i, read(i))).collect::<Vec<_>>().into_iter().collect();
    let mut contents: Vec<Arc<Contents>> = Vec::with_capacity(layers.len());
    for (index, (layer, from)) in layers.iter().zip(firsts).enumerate() {
        let blob = match blobs.remove(&index) {
            Some(blob) => blob.map_err(|fault| fail(index, fault))?,
            None => Arc::clone(&contents[from]),
        };
        if from != index {
            budget.again(&blob).map_err(|fault| fail(index, fault))?;
        }
        let (expected, actual) = match &layer.digest {
            Some(digest) => (digest, &blob.digest),
            None => (&layer.diff_id, &blob.diff_id),
        };
        if let Some(actual) = actual.as_ref().filter(|actual| *actual != expected) {
            let fault = Fault::Digest { expected: expected.clone(), actual: actual.clone() };
            return Err(fail(index, fault));
        }
        contents.push(blob);
    }
    Ok(summary::image(chosen, &contents, options.watch, options.tree))
}
