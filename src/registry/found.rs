use std::sync::Arc;

use super::json::{Config, Descriptor};
use super::login::Repository;

/// An image of a registry, as its manifest and config tell.
#[derive(Debug, Clone)]
pub struct Found {
    /// The image as it was asked for: `docker.io/library/node:22`.
    pub name: String,
    /// The digest that its name has: of an index if it is for several platforms.
    pub digest: String,
    /// The digest of the manifest for the platform.
    pub manifest: String,
    /// The platforms that it is for, sorted.
    pub platforms: Vec<String>,
    /// What it says of itself.
    pub config: Config,
    /// Its layers, the lowest first.
    pub layers: Vec<Layer>,
    pub(super) repository: Repository,
    /// Manifest and config, as they were sent.
    pub(super) texts: [(String, Arc<Vec<u8>>); 2],
}

/// A layer as a manifest names it.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The digest of the blob.
    pub digest: String,
    /// Bytes of the blob.
    pub stored: u64,
    pub(super) descriptor: Descriptor,
}

impl Layer {
    pub(super) fn of(descriptor: Descriptor) -> Self {
        Self { digest: descriptor.digest.clone(), stored: descriptor.size, descriptor }
    }
}
