use std::sync::Arc;

use crate::image::Platform;
use crate::syntax::ImageRef;

use super::access::Access;
use super::credentials::Logins;
use super::error::{Fault, RegistryError};
use super::found::{Found, Layer};
use super::json::{Config, Descriptor, Either, MANIFESTS, digest_of, is_digest};
use super::login::{Repository, Session};
use super::remote::Remote;
use super::unpacked::{self, Bytes};
use super::web::{Ask, Web};

/// A manifest or an index is no larger.
const MAX_MANIFEST: u64 = 4 << 20;
/// Nor is a config.
const MAX_CONFIG: u64 = 8 << 20;
/// An index has no more images.
const MAX_MANIFESTS: usize = 1_000;
/// Storage drivers stop at 127 layers.
const MAX_LAYERS: usize = 500;
/// An index in an index in an index is enough.
const MAX_NESTING: usize = 3;

/// A client of registries. Nothing is asked before a method is called.
#[derive(Debug, Clone)]
pub struct Client {
    session: Arc<Session>,
}

impl Client {
    /// A client that keeps to what it may ask.
    #[must_use]
    pub fn new(mut access: Access) -> Self {
        let logins = Logins::read(access.config.as_deref());
        // Whoever has logged in at a host has named it.
        access.private.extend(logins.iter().flat_map(Logins::hosts));
        Self { session: Arc::new(Session::new(Web::new(access), logins)) }
    }

    pub(super) fn web(&self) -> &Web {
        &self.session.web
    }

    /// Finds an image, for a platform if it is for several: `linux/arm64`.
    ///
    /// # Errors
    /// If the registry cannot be asked, does not have it, or answers what makes no sense.
    pub fn find(&self, image: &ImageRef, platform: Option<&str>) -> Result<Found, RegistryError> {
        self.resolved(image, platform).map_err(|fault| RegistryError::new(image.to_string(), fault))
    }

    fn resolved(&self, image: &ImageRef, platform: Option<&str>) -> Result<Found, Fault> {
        let repository = self.repository(image);
        let reference = match &image.digest {
            Some(digest) => format!("{}:{}", digest.algorithm, digest.hex),
            None => image.tag.as_deref().unwrap_or("latest").to_owned(),
        };
        if image.digest.is_some() && !is_digest(&reference) {
            return Err(Fault::Answer("the digest is no sha256"));
        }
        let (top, bytes) = self.manifest(&repository, &reference)?;
        let (manifest, bytes, platforms) = self.descend(&repository, &top, bytes, platform)?;
        let either = parsed(&bytes)?;
        let (Some(config), Some(layers)) = (either.config, either.layers) else {
            return Err(Fault::Answer("this is not the manifest of an image"));
        };
        if layers.len() > MAX_LAYERS {
            return Err(Fault::Limit("an image of more than 500 layers"));
        }
        if !layers.iter().all(|layer| is_digest(&layer.digest)) {
            return Err(Fault::Answer("the manifest names a layer without a sha256 digest"));
        }
        let config_digest = config.digest.clone();
        let text = self.blob(&repository, &config)?;
        let config: Config = serde_json::from_slice(&text)
            .map_err(|_| Fault::Answer("the config of the image is not valid"))?;
        let own = Platform {
            architecture: config.architecture.clone(),
            os: config.os.clone(),
            variant: config.variant.clone(),
        };
        let platforms = if platforms.is_empty() { vec![own.name()] } else { platforms };
        // One image for another platform: builds take it all the same.
        Ok(Found {
            name: image.to_string(),
            digest: top,
            platforms,
            config,
            layers: layers.into_iter().map(Layer::of).collect(),
            repository,
            texts: [(manifest.clone(), Arc::new(bytes)), (config_digest, Arc::new(text))],
            manifest,
        })
    }

    fn repository(&self, image: &ImageRef) -> Repository {
        let (at, prefix) = self.session.web.access.endpoint(&image.registry);
        let path = format!("{prefix}{}", image.path);
        Repository { authority: at.authority, is_plain: at.is_plain, path }
    }

    /// The digest that the tag of an image stands for, whatever digest is written behind it.
    ///
    /// # Errors
    /// As those of [`find`](Self::find).
    pub fn tagged(&self, image: &ImageRef) -> Result<String, RegistryError> {
        let tag = image.tag.as_deref().unwrap_or("latest");
        let manifest = self.manifest(&self.repository(image), tag);
        manifest.map(|(digest, _)| digest).map_err(|fault| RegistryError::new(image.to_string(), fault))
    }

    /// A manifest by tag or digest, and its digest.
    fn manifest(&self, repository: &Repository, reference: &str) -> Result<(String, Vec<u8>), Fault> {
        let ask = Ask { accept: MANIFESTS, ..Ask::of(repository.url("manifests", reference)) };
        let answer = self.session.ask(repository, ask)?;
        let said = answer.header("docker-content-digest").filter(|said| is_digest(said)).map(str::to_owned);
        let bytes = answer.bytes(MAX_MANIFEST, "a manifest of more than 4 MiB")?;
        let digest = digest_of(&bytes);
        let is_right = |wanted: &str| wanted == digest;
        if reference.contains(':') && !is_right(reference) || said.is_some_and(|said| !is_right(&said)) {
            return Err(Fault::Digest);
        }
        Ok((digest, bytes))
    }

    /// From an index to the manifest for the platform; and the platforms of the index.
    fn descend(
        &self,
        repository: &Repository,
        top: &str,
        bytes: Vec<u8>,
        platform: Option<&str>,
    ) -> Result<(String, Vec<u8>, Vec<String>), Fault> {
        let (mut digest, mut bytes, mut platforms) = (top.to_owned(), bytes, Vec::new());
        for _ in 0..MAX_NESTING {
            let Some(manifests) = parsed(&bytes)?.manifests else { return Ok((digest, bytes, platforms)) };
            if manifests.len() > MAX_MANIFESTS {
                return Err(Fault::Limit("an index of more than 1,000 images"));
            }
            let images: Vec<Descriptor> = manifests.into_iter().filter(|d| !d.is_no_image()).collect();
            let names = || images.iter().filter_map(|d| d.platform.as_ref()).map(Platform::name);
            platforms = names().collect();
            platforms.sort_unstable();
            platforms.dedup();
            let chosen = chosen(&images, platform, &platforms)?;
            if !is_digest(&chosen.digest) {
                return Err(Fault::Answer("the index names an image without a sha256 digest"));
            }
            (digest, bytes) = self.manifest(repository, &chosen.digest)?;
        }
        Err(Fault::Limit("an index in an index in an index"))
    }

    /// A blob that is read at once.
    fn blob(&self, repository: &Repository, descriptor: &Descriptor) -> Result<Vec<u8>, Fault> {
        if !is_digest(&descriptor.digest) {
            return Err(Fault::Answer("the manifest names a config without a sha256 digest"));
        }
        let ask = Ask::of(repository.url("blobs", &descriptor.digest));
        let bytes = self.session.ask(repository, ask)?.bytes(MAX_CONFIG, "a config of more than 8 MiB")?;
        if digest_of(&bytes) == descriptor.digest { Ok(bytes) } else { Err(Fault::Digest) }
    }

    /// What the layers of an image hold, unpacked. Those of at most `download` bytes are downloaded and counted; of
    /// larger ones a few bytes tell, as far as they do.
    ///
    /// # Errors
    /// If a layer cannot be asked for, or is not what its digest says.
    pub fn unpacked(&self, found: &Found, download: u64) -> Result<Vec<Bytes>, RegistryError> {
        use rayon::prelude::*;
        let of = |layer: &Layer| unpacked::of(&self.session, &found.repository, &layer.descriptor, download);
        let bytes: Result<Vec<Bytes>, Fault> = found.layers.par_iter().with_max_len(1).map(of).collect();
        bytes.map_err(|fault| RegistryError::new(found.name.clone(), fault))
    }

    /// The image as one whose layers can be read.
    #[must_use]
    pub fn remote(&self, found: &Found) -> Remote {
        Remote::new(Arc::clone(&self.session), found)
    }
}

/// The image of an index that is meant.
fn chosen<'i>(
    images: &'i [Descriptor],
    wanted: Option<&str>,
    platforms: &[String],
) -> Result<&'i Descriptor, Fault> {
    let is_for = |image: &&Descriptor, wanted: &str| image.platform.as_ref().is_some_and(|p| p.is(wanted));
    let found = match wanted {
        // Of several variants the one that has none, or the newest of the common ones.
        Some(wanted) => {
            let exact = images.iter().find(|d| d.platform.as_ref().is_some_and(|p| p.name() == wanted));
            let common = ["v7", "v8"].iter().map(|variant| format!("{wanted}/{variant}"));
            exact
                .or_else(|| common.into_iter().find_map(|name| images.iter().find(|d| is_for(d, &name))))
                .or_else(|| images.iter().find(|d| is_for(d, wanted)))
        }
        None if images.len() > 1 => return Err(Fault::Several(platforms.to_vec())),
        None => images.first(),
    };
    // An index without platforms has one image, whose config tells.
    let only = || images.first().filter(|only| images.len() == 1 && only.platform.is_none());
    found.or_else(only).ok_or_else(|| Fault::NoPlatform(platforms.to_vec()))
}

fn parsed(bytes: &[u8]) -> Result<Either, Fault> {
    serde_json::from_slice(bytes).map_err(|_| Fault::Answer("the manifest is of an unknown type"))
}
