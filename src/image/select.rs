//! Which image of a store is meant, and what its layers are called.

use super::blob::digest_of;
use super::error::{Fault, ImageError};
use super::manifest::{self, Config, Descriptor, Index, Manifest, Platform, Saved};
use super::store::{Store, blob_name};

/// More layers than that has no image: storage drivers stop at 127.
const MAX_LAYERS: usize = 10_000;
/// An index in an index in an index is enough.
const MAX_NESTING: usize = 4;
/// More images than that are not looked at one by one.
const MAX_IMAGES: usize = 1000;

/// The image that is meant.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) names: Vec<String>,
    pub(super) platform: Platform,
    pub(super) config: Config,
    pub(super) layers: Vec<ChosenLayer>,
}

/// A layer of it.
#[derive(Debug)]
pub(super) struct ChosenLayer {
    /// The blob.
    pub(super) name: String,
    /// The digest of the blob as it is stored, where a manifest tells.
    pub(super) digest: Option<String>,
    /// The digest of the uncompressed archive.
    pub(super) diff_id: String,
}

/// Finds the image in a store.
pub(super) fn image(store: &Store, place: &str, platform: Option<&str>) -> Result<Chosen, ImageError> {
    let at = |name: &str, fault: Fault| ImageError::new(format!("{place}: {name}"), fault);
    if store.has("manifest.json") {
        let bytes = store.json("manifest.json").map_err(|f| at("manifest.json", f))?;
        // An array in what `docker save` writes; a single manifest in `skopeo`'s folders.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            let saved: Vec<Saved> = manifest::parse(&bytes).map_err(|f| at("manifest.json", f))?;
            return from_saved(store, saved, platform).map_err(|(name, fault)| at(&name, fault));
        }
        let manifest: Manifest = manifest::parse(&bytes).map_err(|f| at("manifest.json", f))?;
        let blob = |digest: &str| manifest::digits(digest).map(str::to_owned);
        return from_manifest(store, manifest, Vec::new(), blob).map_err(|(name, fault)| at(&name, fault));
    }
    if !store.has("index.json") {
        return Err(ImageError::new(place, Fault::NotAnImage));
    }
    let bytes = store.json("index.json").map_err(|f| at("index.json", f))?;
    let index: Index = manifest::parse(&bytes).map_err(|f| at("index.json", f))?;
    from_index(store, index, platform).map_err(|(name, fault)| at(&name, fault))
}

type At = (String, Fault);

fn from_saved(store: &Store, saved: Vec<Saved>, platform: Option<&str>) -> Result<Chosen, At> {
    let manifest = || "manifest.json".to_owned();
    let mut found = Vec::new();
    for image in saved.into_iter().take(MAX_IMAGES) {
        let name = blob_name(&image.config).map_err(|f| (manifest(), f))?;
        let bytes = store.json(&name).map_err(|f| (name.clone(), f))?;
        let digits = name.trim_end_matches(".json").rsplit(['/', ':']).next().unwrap_or("");
        if manifest::is_digits(digits) {
            verify(&bytes, &format!("sha256:{digits}")).map_err(|f| (name.clone(), f))?;
        }
        let config: Config = manifest::parse(&bytes).map_err(|f| (name, f))?;
        found.push((image.repo_tags.unwrap_or_default(), image.layers, config));
    }
    let names = |(tags, _, config): &(Vec<String>, _, Config)| {
        tags.first().cloned().unwrap_or_else(|| of_config(config).name())
    };
    if let Some(wanted) = platform {
        let there = found.iter().map(|(_, _, config)| of_config(config).name()).collect();
        found.retain(|(_, _, config)| of_config(config).is(wanted));
        if found.is_empty() {
            return Err((manifest(), Fault::NoPlatform(there)));
        }
    }
    if found.len() > 1 {
        return Err((manifest(), Fault::Several(found.iter().map(names).collect())));
    }
    let (tags, layers, config) = found.pop().ok_or((manifest(), Fault::NotAnImage))?;
    let layers = layers
        .iter()
        .map(|name| Ok((blob_name(name)?, None)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|f| (manifest(), f))?;
    chosen(tags, config, layers).map_err(|f| (manifest(), f))
}

fn from_index(store: &Store, index: Index, platform: Option<&str>) -> Result<Chosen, At> {
    let blob = |digest: &str| Ok(format!("blobs/sha256/{}", manifest::digits(digest)?));
    let mut found: Vec<(Descriptor, Manifest, Option<String>)> = Vec::new();
    let mut indexes = vec![(index, None, 0)];
    while let Some((index, name, depth)) = indexes.pop() {
        for descriptor in index.manifests.into_iter().filter(|d| !d.is_no_image()) {
            if found.len() + indexes.len() >= MAX_IMAGES {
                return Err(("index.json".to_owned(), Fault::Limit("more than 1,000 images")));
            }
            let at = |f| (descriptor.digest.clone(), f);
            let bytes = store.json(&blob(&descriptor.digest).map_err(at)?).map_err(at)?;
            verify(&bytes, &descriptor.digest).map_err(at)?;
            let own = descriptor.annotations.as_ref().and_then(|a| a.image.clone().or(a.name.clone()));
            let name = own.or_else(|| name.clone());
            let is_index = descriptor.media_type.contains("index") || descriptor.media_type.contains("list");
            if is_index {
                if depth >= MAX_NESTING {
                    return Err(at(Fault::Limit("an index in an index in an index")));
                }
                indexes.push((manifest::parse(&bytes).map_err(at)?, name, depth + 1));
            } else if let Ok(manifest) = manifest::parse::<Manifest>(&bytes) {
                found.push((descriptor, manifest, name));
            } else {
                return Err(at(Fault::Json("this is no manifest of an image".to_owned())));
            }
        }
    }
    let platform_of = |d: &Descriptor| d.platform.as_ref().map(Platform::name);
    if let Some(wanted) = platform {
        let there = found.iter().filter_map(|(d, _, _)| platform_of(d)).collect::<Vec<_>>();
        // Without a platform in the index there is one image, whose config tells.
        found.retain(|(d, _, _)| d.platform.as_ref().is_none_or(|p| p.is(wanted)));
        if found.is_empty() {
            return Err(("index.json".to_owned(), Fault::NoPlatform(there)));
        }
    }
    if found.len() > 1 {
        let name = |(d, _, name): &(Descriptor, _, Option<String>)| {
            [name.clone(), platform_of(d)].into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        return Err(("index.json".to_owned(), Fault::Several(found.iter().map(name).collect())));
    }
    let (_, manifest, name) = found.pop().ok_or(("index.json".to_owned(), Fault::NotAnImage))?;
    let image = from_manifest(store, manifest, name.into_iter().collect(), blob)?;
    match platform {
        Some(wanted) if !image.platform.is(wanted) => {
            Err(("index.json".to_owned(), Fault::NoPlatform(vec![image.platform.name()])))
        }
        _ => Ok(image),
    }
}

fn from_manifest(
    store: &Store,
    manifest: Manifest,
    names: Vec<String>,
    blob: impl Fn(&str) -> Result<String, Fault>,
) -> Result<Chosen, At> {
    let digest = manifest.config.digest;
    let config = || -> Result<Config, Fault> {
        let bytes = store.json(&blob(&digest)?)?;
        verify(&bytes, &digest)?;
        manifest::parse(&bytes)
    };
    let config = config().map_err(|f| (digest.clone(), f))?;
    let layers = manifest
        .layers
        .into_iter()
        .map(|layer| Ok((blob(&layer.digest)?, Some(layer.digest))))
        .collect::<Result<Vec<_>, _>>();
    layers.and_then(|layers| chosen(names, config, layers)).map_err(|f| (digest, f))
}

fn chosen(
    names: Vec<String>,
    config: Config,
    layers: Vec<(String, Option<String>)>,
) -> Result<Chosen, Fault> {
    if layers.len() > MAX_LAYERS {
        return Err(Fault::Limit("an image of more than 10,000 layers"));
    }
    let diff_ids = config.rootfs.as_ref().map(|r| r.diff_ids.clone()).unwrap_or_default();
    if diff_ids.len() != layers.len() {
        return Err(Fault::LayerCount { layers: layers.len(), diff_ids: diff_ids.len() });
    }
    let layers = layers
        .into_iter()
        .zip(diff_ids)
        .map(|((name, digest), diff_id)| ChosenLayer { name, digest, diff_id })
        .collect();
    Ok(Chosen { names, platform: of_config(&config), config, layers })
}

fn of_config(config: &Config) -> Platform {
    Platform {
        architecture: config.architecture.clone(),
        os: config.os.clone(),
        variant: config.variant.clone(),
    }
}

fn verify(bytes: &[u8], expected: &str) -> Result<(), Fault> {
    manifest::digits(expected)?;
    let actual = digest_of(bytes);
    if actual == expected {
        return Ok(());
    }
    Err(Fault::Digest { expected: expected.to_owned(), actual })
}
