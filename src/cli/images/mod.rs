//! Where the image is that `--image` names: in a file, on standard input, in an engine, or in a registry.

mod saved;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::image::{Fault, Image, ImageError, Options, Watch};
use crate::registry::Client;
use crate::report::sanitize;
use crate::syntax::ImageRef;
use crate::workspace::describe;

use super::args::RegistryArgs;
use saved::{Refusal, Saved};

/// A program that keeps images and writes them as an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Docker,
    Podman,
}

impl Engine {
    /// The program, as it is found on the PATH.
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }

    /// The words that make it write an image to standard output; its name follows.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Docker => &["save"],
            Self::Podman => &["image", "save"],
        }
    }
}

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Stdin,
    /// An archive, or a folder.
    File(PathBuf),
    /// The image of that name in an engine.
    Engine(Engine, String),
    /// The same, in whichever engine is there.
    Engines(String),
    /// In its registry.
    Registry(Box<ImageRef>),
}

/// What stands before the name of an image that its registry has.
const REGISTRY: &str = "registry:";

/// How the names of archives end.
const ARCHIVES: [&str; 9] =
    [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".oci", ".gz", ".zst"];

impl Place {
    /// What a value of `--image` means. What looks like a path is one, whether or not it is there.
    pub(super) fn of(value: &Path) -> Result<Self, String> {
        let file = || Self::File(value.to_path_buf());
        let Some(text) = value.to_str() else { return Ok(file()) };
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if let Some(name) = text.strip_prefix(REGISTRY) {
            return match ImageRef::parse(name) {
                Ok(image) => Ok(Self::Registry(Box::new(image))),
                Err(error) => Err(format!("`{}` is not the name of an image: {error}", sanitize(name))),
            };
        }
        for engine in [Engine::Docker, Engine::Podman] {
            if let Some(name) = text.strip_prefix(engine.program()).and_then(|rest| rest.strip_prefix(':')) {
                return match is_name(name) {
                    true => Ok(Self::Engine(engine, name.to_owned())),
                    false => Err(format!(
                        "`{}` is not the name of an image: write it as in `{}:app:latest`",
                        sanitize(name),
                        engine.program()
                    )),
                };
            }
        }
        let is_path = text.starts_with(['/', '.', '\\']) || ARCHIVES.iter().any(|end| text.ends_with(end));
        if is_path || holds_image(value) || !is_name(text) {
            return Ok(file());
        }
        Ok(Self::Engines(text.to_owned()))
    }

    /// The word for how its image was measured, in `dlint.lock`.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Stdin | Self::File(_) => "archive",
            Self::Engine(engine, _) => engine.program(),
            Self::Engines(_) => "engine",
            Self::Registry(_) => "registry",
        }
    }
}

/// True for a file, and for a folder that may hold an image; a folder of sources is none.
fn holds_image(path: &Path) -> bool {
    path.is_file() || ["index.json", "manifest.json"].iter().any(|name| path.join(name).exists())
}

/// True for what an engine may call an image: a reference, or the digits of an id. Nothing of it can be taken for an
/// option.
fn is_name(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let is_id = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && (is_id || ImageRef::parse(text).is_ok())
}

/// How an image is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) platform: Option<&'a str>,
    pub(super) pick: Option<&'a str>,
    pub(super) watch: &'a [Watch],
    pub(super) unverified: bool,
    /// Keeps what each layer does to each path.
    pub(super) tree: bool,
    /// Counts the bytes that were read.
    pub(super) read: &'a AtomicU64,
    /// How a registry is asked.
    pub(super) registries: &'a RegistryArgs,
}

/// Reads the image; an error is a sentence for people. A program is run only if an engine has the image.
pub(super) fn load(place: &Place, wish: Wish<'_>) -> Result<Image, String> {
    let options = Options {
        platform: wish.platform,
        pick: wish.pick,
        watch: wish.watch,
        progress: Some(wish.read),
        unverified: wish.unverified,
        tree: wish.tree,
    };
    match place {
        Place::Stdin => crate::image::read_stream(io::stdin().lock(), "standard input", options)
            .map_err(|error| said(&error)),
        Place::File(path) => crate::image::read(path, options).map_err(|error| said(&error)),
        Place::Engine(engine, name) => {
            from_engine(*engine, name, wish).map_err(|refusal| refusal.message(*engine, name))
        }
        Place::Engines(name) => from_any(name, wish),
        Place::Registry(image) => from_registry(image, wish, options),
    }
}

/// Reads the layers of an image as they come from its registry.
fn from_registry(image: &ImageRef, wish: Wish<'_>, options: Options<'_>) -> Result<Image, String> {
    let client = Client::new(wish.registries.access([&*image.registry]));
    let found =
        client.find(image, wish.platform).map_err(|error| sanitize(&error.to_string()).into_owned())?;
    // The registry has chosen by them already.
    let options = Options { platform: None, pick: None, ..options };
    crate::image::read_blobs(Arc::new(client.remote(&found)), &image.to_string(), options)
        .map_err(|error| said(&error))
}

/// Reads the image out of docker, or out of podman if docker is not there or does not have it.
fn from_any(name: &str, wish: Wish<'_>) -> Result<Image, String> {
    let docker = match from_engine(Engine::Docker, name, wish) {
        Err(refusal) if refusal.lets_others_try() => refusal,
        result => return result.map_err(|refusal| refusal.message(Engine::Docker, name)),
    };
    let podman = match from_engine(Engine::Podman, name, wish) {
        Err(refusal) if refusal.lets_others_try() => refusal,
        result => return result.map_err(|refusal| refusal.message(Engine::Podman, name)),
    };
    let shown = sanitize(name);
    Err(match (docker, podman) {
        (Refusal::Missing, Refusal::Missing) => format!(
            "there is no file `{shown}`, and neither docker nor podman is on the PATH to ask for an image of that name"
        ),
        (Refusal::NoImage, Refusal::NoImage) => format!(
            "there is no file `{shown}`, and neither docker nor podman has an image of that name: `docker images` and \
             `podman images` list those that they have"
        ),
        (docker, Refusal::Missing | Refusal::NoImage) => {
            format!("there is no file `{shown}`, and {}", docker.message(Engine::Docker, name))
        }
        (_, podman) => format!("there is no file `{shown}`, and {}", podman.message(Engine::Podman, name)),
    })
}

fn from_engine(engine: Engine, name: &str, wish: Wish<'_>) -> Result<Image, Refusal> {
    let mut saved = Saved::start(engine, name, wish.read)?;
    let place = format!("{}:{name}", engine.program());
    let options = Options {
        platform: wish.platform,
        // The engine gives the one that was asked for.
        pick: wish.pick,
        watch: wish.watch,
        // What comes out of the program is counted instead.
        progress: None,
        unverified: wish.unverified,
        tree: wish.tree,
    };
    let image = crate::image::read_stream(&mut saved, &place, options);
    saved.end(image.map_err(|error| said(&error)))
}

/// What an error means, and what to do.
fn said(error: &ImageError) -> String {
    let place = sanitize(&error.place);
    match &error.fault {
        Fault::Io(io) => format!("{place} {}", describe(io)),
        Fault::Several(names) => {
            let option = if differ_by_platform(names) { "--platform" } else { "--pick" };
            format!("{place}: {}; choose one with {option}", sanitize(&error.fault.to_string()))
        }
        fault => format!("{place}: {}", sanitize(&fault.to_string())),
    }
}

/// True for images of one name, or none, for several platforms.
fn differ_by_platform(names: &[String]) -> bool {
    let name = |text: &String| {
        let mut words = text.split(' ').filter(|word| !word.contains('/') || word.contains(':'));
        words.next().map(str::to_owned)
    };
    let first = names.first().and_then(name);
    names.iter().all(|text| text.contains("linux/") || text.contains("windows/"))
        && names.iter().all(|text| name(text) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Place, String> {
        Place::of(Path::new(text))
    }

    #[test]
    fn what_looks_like_a_path_is_one() {
        for text in
            ["/app", "./app", "../app", ".", "app.tar", "app.tar.gz", "out.oci", "App", "a b", "--load", "-x"]
        {
            assert_eq!(of(text), Ok(Place::File(text.into())), "{text}");
        }
        assert_eq!(of("-"), Ok(Place::Stdin));
    }

    #[test]
    fn an_engine_is_named_or_found() {
        let docker = |name: &str| Ok(Place::Engine(Engine::Docker, name.to_owned()));
        assert_eq!(of("docker:app"), docker("app"));
        assert_eq!(of("docker:docker:27"), docker("docker:27"));
        assert_eq!(of("docker:localhost:5000/a/b:1"), docker("localhost:5000/a/b:1"));
        assert_eq!(of("docker:sha256:0123456789ab"), docker("sha256:0123456789ab"));
        assert_eq!(of("podman:app"), Ok(Place::Engine(Engine::Podman, "app".to_owned())));
        assert_eq!(of("app:1.2"), Ok(Place::Engines("app:1.2".to_owned())));
    }

    #[test]
    fn no_name_is_taken_for_an_option() {
        for text in ["docker:", "docker:-o", "docker:--output=x", "podman:a b", "podman:$(x)", "docker:;x"] {
            let message = of(text).unwrap_err();
            assert!(message.contains("is not the name of an image"), "{message}");
        }
    }
}
