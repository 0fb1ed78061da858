//! Base images for `dlint.lock`: which ones a project needs, and what their registries have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::image::{self, Presence, PutKind, Tree};
use crate::lock::{BaseFacts, LockedBase, base_key};
use crate::registry::{Bytes, Client, Found, How, RegistryError, Settings};
use crate::rules::checks::secret_names::sounds_secret;
use crate::semantic::{Base, CopyFrom, Model, path_in_image};
use crate::syntax::{ImageRef, Platform};
use crate::text::Gather;

/// An image that builds of a project take something from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedImage {
    /// The image.
    pub image: ImageRef,
    /// `linux/amd64`.
    pub platform: String,
    /// Where it is named: `app/Dockerfile:1`.
    pub places: Places,
    /// What COPY takes out of it, as absolute paths.
    pub paths: BTreeSet<String>,
}

/// Dockerfiles and lines.
pub type Places = BTreeSet<(String, u32)>;

/// The images that builds take something from, by the keys that they have in the lock file.
pub type WantedImages = BTreeMap<String, WantedImage>;

/// What is built for where nothing says another platform.
const PLATFORM: &str = "linux/amd64";

/// Adds the images that a build takes something from: bases, COPY --from and mounts of the stages that it runs.
pub fn add_wanted(wanted: &mut WantedImages, model: &Model, dockerfile: &str) {
    let build = model.build().platform.as_ref();
    let name = |platform: &Platform| {
        let architecture = platform.architecture.as_deref().unwrap_or("amd64");
        format!("{}/{architecture}", platform.system)
    };
    let platform = build.map_or_else(|| PLATFORM.to_owned(), name);
    let mut add = |image: &ImageRef, platform: String, step: usize, paths: Vec<String>| {
        let entry = wanted.entry(base_key(&image.to_string(), &platform));
        let wanted = entry.or_insert_with(|| WantedImage {
            image: image.clone(),
            platform,
            places: Places::new(),
            paths: BTreeSet::new(),
        });
        wanted.places.insert((dockerfile.to_owned(), model.instruction(step).lines.0));
        wanted.paths.extend(paths);
    };
    for stage in model.stages.iter().filter(|stage| stage.reachable) {
        let step = stage.steps.start;
        let own = model.instruction(step).flag_value("platform").and_then(Platform::parse);
        if let Base::Image(image) = &stage.base {
            add(image, own.as_ref().map_or_else(|| platform.clone(), name), step, Vec::new());
        }
        let copies = model.copies.iter().filter(|copy| stage.steps.contains(&copy.step) && !copy.onbuild);
        for copy in copies {
            if let CopyFrom::Image(Some(image)) = &copy.from {
                let sources = copy.sources.iter().filter(|_| !copy.mount);
                let paths = sources.filter_map(|source| path_in_image(source.value.known()?)).collect();
                add(image, platform.clone(), copy.step, paths);
            }
        }
    }
}

/// What was learned of an image, and how.
#[derive(Debug, Clone)]
pub struct AskedBase {
    /// The entry for the lock file.
    pub base: LockedBase,
    /// The surest way that all of its layers are known by.
    pub how: How,
}

/// Asks the registry of an image. Layers of at most `download` bytes are downloaded.
///
/// # Errors
/// If the registry does not tell.
pub fn ask_base(
    client: &Client,
    wanted: &WantedImage,
    download: u64,
    date: &str,
) -> Result<AskedBase, RegistryError> {
    let found = client.find(&wanted.image, Some(&wanted.platform))?;
    let stored = found.layers.iter().map(|layer| layer.stored).fold(0, u64::saturating_add);
    // What is copied out of it can only be told by its files.
    let counted =
        (stored <= download && !wanted.paths.is_empty()).then(|| contents(client, &found, &wanted.paths));
    let (bytes, range, paths, how) = match counted.flatten() {
        Some((bytes, paths)) => (bytes, (bytes, bytes), paths, How::Counted),
        None => {
            let layers = client.unpacked(&found, download)?;
            let sum = |of: &dyn Fn(&Bytes) -> u64| layers.iter().map(of).fold(0, u64::saturating_add);
            let range = (sum(&|layer| layer.range.0), sum(&|layer| layer.range.1));
            let how = layers.iter().map(|layer| layer.how).max().unwrap_or(How::Counted);
            (sum(&|layer| layer.bytes), range, BTreeMap::new(), how)
        }
    };
    let is_pinned = wanted.image.tag.is_some() && wanted.image.digest.is_some();
    // The tag may be gone, and the image is there all the same.
    let tag = is_pinned.then(|| client.tagged(&wanted.image).ok()).flatten();
    let base = LockedBase {
        digest: found.digest.clone(),
        tag: tag.filter(|tag| *tag != found.digest),
        bytes,
        range,
        stored,
        date: date.to_owned(),
        by: "registry".to_owned(),
        paths,
        facts: facts(&found).bounded(),
    };
    Ok(AskedBase { base, how })
}

/// The bytes of all layers, and of paths in the image they make; what is not there, or is a link, has none that a copy would
/// take. `None` if a layer cannot be read.
fn contents(
    client: &Client,
    found: &Found,
    paths: &BTreeSet<String>,
) -> Option<(u64, BTreeMap<String, u64>)> {
    let options = image::Options { tree: true, ..image::Options::default() };
    let image = image::read_blobs(Arc::new(client.remote(found)), &found.name, options).ok()?;
    let last = u32::try_from(image.layers.len()).ok()?;
    let tree = image.tree?;
    let one = |path: &String| Some((path.clone(), bytes_at(&tree, path, last)?));
    Some((image.bytes, paths.iter().filter_map(one).gather()))
}

/// The bytes of a file, or of all files in a folder, once all layers are on top.
fn bytes_at(tree: &Tree, path: &str, last: u32) -> Option<u64> {
    let mut node = 0;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        node = tree.children(node).find(|child| tree.name(*child) == part)?;
    }
    let is_there = |node| match tree.at(node, last) {
        (Presence::Absent | Presence::Removed, _) | (_, None) => None,
        (_, Some(put)) => Some(*put),
    };
    match is_there(node).map(|put| put.kind) {
        // Folders that no layer names are there all the same.
        None | Some(PutKind::Folder) if tree.below(node).len() > 1 => {
            let inside = tree.below(node).filter_map(is_there);
            Some(inside.map(|put| put.bytes).fold(0, u64::saturating_add))
        }
        Some(PutKind::File) => is_there(node).map(|put| put.bytes),
        // Its bytes are at another name.
        _ => None,
    }
}

/// What builds take over; the values of variables that sound secret are left out.
fn facts(found: &Found) -> BaseFacts {
    let settings = found.config.config.clone().unwrap_or_default();
    let Settings { user, env, working_dir, shell, cmd, entrypoint, on_build } = settings;
    let written = |text: Option<String>| text.filter(|text| !text.is_empty());
    let known = |entry: String| match entry.split_once('=') {
        Some((name, _)) if sounds_secret(name) => name.to_owned(),
        // An address may have a password in it.
        Some((name, value)) if value.contains("://") && value.contains('@') => name.to_owned(),
        _ => entry,
    };
    BaseFacts {
        platforms: found.platforms.clone(),
        user: written(user),
        workdir: written(working_dir),
        env: env.unwrap_or_default().into_iter().map(known).collect(),
        shell: shell.unwrap_or_default(),
        entrypoint: entrypoint.unwrap_or_default(),
        cmd: cmd.unwrap_or_default(),
        onbuild: on_build.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Build;
    use crate::syntax::parse;
    use crate::text::Source;

    fn wanted(text: &str, build: &Build) -> Vec<String> {
        let file = parse(Source::from_text("Dockerfile", text.to_owned()));
        let model = Model::of_build(std::sync::Arc::new(file), build);
        let mut wanted = WantedImages::new();
        add_wanted(&mut wanted, &model, "Dockerfile");
        let shown = |(key, wanted): (&String, &WantedImage)| {
            let lines: Vec<String> = wanted.places.iter().map(|(_, line)| line.to_string()).collect();
            format!("{key} @{}", lines.join(","))
        };
        wanted.iter().map(shown).collect()
    }

    #[test]
    fn images_of_the_stages_that_run_are_wanted() {
        let text = "FROM node:22 AS build\nRUN x\nFROM --platform=linux/arm64 debian:12\nFROM scratch AS last\n\
                    COPY --from=build /a /a\nCOPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/\n\
                    RUN --mount=from=golang:1.24,target=/go true\nFROM nothing:$NO\nCOPY --from=build /b /b\n\
                    COPY --from=alpine /x /x\n";
        let last =
            ["docker.io/library/alpine:latest linux/amd64 @10", "docker.io/library/node:22 linux/amd64 @1"];
        assert_eq!(wanted(text, &Build::default()), last);
        let build = Build {
            target: Some("last".to_owned()),
            platform: Platform::parse("linux/arm64"),
            ..Build::default()
        };
        assert_eq!(
            wanted(text, &build),
            [
                "docker.io/library/golang:1.24 linux/arm64 @7",
                "docker.io/library/node:22 linux/arm64 @1",
                "ghcr.io/astral-sh/uv:0.9 linux/arm64 @6",
            ]
        );
    }
}
