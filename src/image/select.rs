//! Which image of a store is meant, and what its layers are called.

use super::blob::digest_of;
use super::error::{Fault, ImageError};
use super::manifest::{self, Config, Descriptor, Index, Manifest, Saved};
use super::platform::Platform;
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

/// Which image of several is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// Its name, or the first digits of its digest.
    pub(super) name: Option<&'a str>,
    /// `linux/arm64`.
    pub(super) platform: Option<&'a str>,
}

/// Finds the image in a store.
pub(super) fn image(store: &Store, place: &str, wish: Wish<'_>) -> Result<Chosen, ImageError> {
    let at = |name: &str, fault: Fault| ImageError::new(format!("{place}: {name}"), fault);
    if store.has("manifest.json") {
        let bytes = store.json("manifest.json").map_err(|f| at("manifest.json", f))?;
        // An array in what `docker save` writes; a single manifest or an index in `skopeo`'s folders.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            let saved: Vec<Saved> = manifest::parse(&bytes).map_err(|f| at("manifest.json", f))?;
            return match from_saved(store, saved, wish) {
                // Beside it there may be an index with more platforms.
                Err((_, Fault::NoPlatform(_) | Fault::NoName(_))) if store.has("index.json") => {
                    from_layout(store, wish).map_err(|(name, fault)| at(&name, fault))
                }
                chosen => chosen.map_err(|(name, fault)| at(&name, fault)),
            };
        }
        let blob = |digest: &str| manifest::digits(digest).map(str::to_owned);
        if let Ok(index) = manifest::parse::<Index>(&bytes) {
            let blobs = Blobs { file: &blob, manifest_ending: ".manifest.json" };
            return from_index(store, index, wish, "manifest.json", &blobs)
                .map_err(|(name, fault)| at(&name, fault));
        }
        let manifest: Manifest = manifest::parse(&bytes).map_err(|f| at("manifest.json", f))?;
        return from_manifest(store, manifest, Vec::new(), blob).map_err(|(name, fault)| at(&name, fault));
    }
    if !store.has("index.json") {
        return Err(ImageError::new(place, Fault::NotAnImage));
    }
    from_layout(store, wish).map_err(|(name, fault)| at(&name, fault))
}

type At = (String, Fault);

/// Where the blobs of an index are.
struct Blobs<'b> {
    file: &'b dyn Fn(&str) -> Result<String, Fault>,
    /// What stands behind the names of manifests in `skopeo`'s folders.
    manifest_ending: &'static str,
}

fn from_layout(store: &Store, wish: Wish<'_>) -> Result<Chosen, At> {
    let index = || manifest::parse(&store.json("index.json")?);
    let index: Index = index().map_err(|fault| ("index.json".to_owned(), fault))?;
    let blob = |digest: &str| Ok(format!("blobs/sha256/{}", manifest::digits(digest)?));
    from_index(store, index, wish, "index.json", &Blobs { file: &blob, manifest_ending: "" })
}

fn from_saved(store: &Store, saved: Vec<Saved>, wish: Wish<'_>) -> Result<Chosen, At> {
    let manifest = || "manifest.json".to_owned();
    let mut found = Vec::new();
    for image in saved.into_iter().take(MAX_IMAGES) {
        let name = blob_name(&image.config).map_err(|f| (manifest(), f))?;
        let bytes = store.json(&name).map_err(|f| (name.clone(), f))?;
        let digits = name.trim_end_matches(".json").rsplit(['/', ':']).next().unwrap_or("").to_owned();
        if manifest::is_digits(&digits) {
            verify(&bytes, &format!("sha256:{digits}")).map_err(|f| (name.clone(), f))?;
        }
        let config: Config = manifest::parse(&bytes).map_err(|f| (name, f))?;
        found.push((image.repo_tags.unwrap_or_default(), image.layers, config, digits));
    }
    type Found = (Vec<String>, Vec<String>, Config, String);
    let names =
        |(tags, _, config, _): &Found| tags.first().cloned().unwrap_or_else(|| of_config(config).name());
    if let Some(wanted) = wish.name {
        let there = found.iter().map(names).collect();
        found.retain(|(tags, _, _, digits)| is_called(wanted, tags.iter().map(String::as_str), digits));
        if found.is_empty() {
            return Err((manifest(), Fault::NoName(there)));
        }
    }
    if let Some(wanted) = wish.platform {
        let there = found.iter().map(|(_, _, config, _)| of_config(config).name()).collect();
        found.retain(|(_, _, config, _)| of_config(config).is(wanted));
        if found.is_empty() {
            return Err((manifest(), Fault::NoPlatform(there)));
        }
    }
    if found.len() > 1 {
        return Err((manifest(), Fault::Several(found.iter().map(names).collect())));
    }
    let (tags, layers, config, _) = found.pop().ok_or((manifest(), Fault::NotAnImage))?;
    let layers = layers
        .iter()
        .map(|name| Ok((blob_name(name)?, None)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|f| (manifest(), f))?;
    chosen(tags, config, layers).map_err(|f| (manifest(), f))
}

/// True if an image goes by the name: whole, without registry, without tag, or by the digits of its digest.
fn is_called<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>, digits: &str) -> bool {
    fn familiar(name: &str) -> &str {
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        name.strip_prefix("library/").unwrap_or(name)
    }
    let wanted = familiar(wanted);
    let by_digest = wanted.strip_prefix("sha256:").unwrap_or(wanted);
    if by_digest.len() >= 7 && digits.starts_with(by_digest) {
        return true;
    }
    names.into_iter().map(familiar).any(|name| {
        let rest = name.strip_suffix(wanted).filter(|rest| rest.is_empty() || rest.ends_with('/'));
        let tagless = name.rsplit_once(':').map_or(name, |(name, _)| name);
        rest.is_some() || tagless == wanted || tagless.rsplit('/').next() == Some(wanted)
    })
}

fn from_index(
    store: &Store,
    index: Index,
    wish: Wish<'_>,
    place: &'static str,
    blobs: &Blobs<'_>,
) -> Result<Chosen, At> {
    let mut found: Vec<(Descriptor, Manifest, Option<String>)> = Vec::new();
    let mut indexes = vec![(index, None, 0)];
    while let Some((index, name, depth)) = indexes.pop() {
        for descriptor in index.manifests.into_iter().filter(|d| !d.is_no_image()) {
            if found.len() + indexes.len() >= MAX_IMAGES {
                return Err((place.to_owned(), Fault::Limit("more than 1,000 images")));
            }
            let at = |f| (descriptor.digest.clone(), f);
            let file = (blobs.file)(&descriptor.digest).map_err(at)?;
            let bytes = store.json(&format!("{file}{}", blobs.manifest_ending)).map_err(at)?;
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
                return Err(at(Fault::Json("this is not the manifest of an image".to_owned())));
            }
        }
    }
    let platform_of = |d: &Descriptor| d.platform.as_ref().map(Platform::name);
    let name = |(d, _, name): &(Descriptor, _, Option<String>)| {
        [name.clone(), platform_of(d)].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    if let Some(wanted) = wish.name {
        let there = found.iter().map(name).collect();
        let digits = |d: &Descriptor| d.digest.trim_start_matches("sha256:").to_owned();
        found.retain(|(d, _, name)| is_called(wanted, name.as_deref(), &digits(d)));
        if found.is_empty() {
            return Err((place.to_owned(), Fault::NoName(there)));
        }
    }
    if let Some(wanted) = wish.platform {
        let there = found.iter().filter_map(|(d, _, _)| platform_of(d)).collect::<Vec<_>>();
        // Without a platform in the index there is one image, whose config tells.
        found.retain(|(d, _, _)| d.platform.as_ref().is_none_or(|p| p.is(wanted)));
        if found.is_empty() {
            return Err((place.to_owned(), Fault::NoPlatform(there)));
        }
    }
    if found.len() > 1 {
        return Err((place.to_owned(), Fault::Several(found.iter().map(name).collect())));
    }
    let (descriptor, manifest, name) = found.pop().ok_or((place.to_owned(), Fault::NotAnImage))?;
    let image = from_manifest(store, manifest, name.into_iter().collect(), blobs.file)?;
    match (descriptor.platform, wish.platform) {
        // Whoever made the index may know better than the config.
        (Some(platform), _) => Ok(Chosen { platform, ..image }),
        (None, Some(wanted)) if !image.platform.is(wanted) => {
            Err((place.to_owned(), Fault::NoPlatform(vec![image.platform.name()])))
        }
        (None, _) => Ok(image),
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
