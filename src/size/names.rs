//! What the catalogue calls an image that has several names.

use crate::knowledge::products;
use crate::syntax::ImageRef;

/// An image as the catalogue calls it.
pub(super) struct Known<'a> {
    pub(super) name: String,
    pub(super) tag: String,
    /// The architecture that its name or its tag says, or else the one that is built for.
    pub(super) arch: &'a str,
}

/// Names of one image that are more than the place where it is kept.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("java", "openjdk"),
    ("ghcr.io/oracle/oraclelinux", "oraclelinux"),
    ("container-registry.oracle.com/os/oraclelinux", "oraclelinux"),
    ("public.ecr.aws/amazonlinux/amazonlinux", "amazonlinux"),
    ("public.ecr.aws/amazoncorretto/amazoncorretto", "amazoncorretto"),
];

/// The same image as the catalogue calls it, and its architecture: `arm64v8/debian` and `debian:12-arm64v8` are
/// `debian` for arm64, and mirrors of the official images have the same.
pub(super) fn known_as<'a>(image: &'a ImageRef, arch: &'a str) -> Known<'a> {
    let tag = image.tag.as_deref().unwrap_or("latest");
    let (tag, arch) = match tag.rsplit_once('-') {
        Some((rest, last)) if !rest.is_empty() && architecture(last).is_some() => {
            (rest, architecture(last).unwrap_or(arch))
        }
        _ => (tag, arch),
    };
    let official = match &*image.registry {
        "docker.io" => Some(image.familiar_path()),
        "public.ecr.aws" => image.path.strip_prefix("docker/library/"),
        "mirror.gcr.io" => {
            let path = image.path.strip_prefix("library/").unwrap_or(&image.path);
            (path != &*image.path || !path.contains('/')).then_some(path)
        }
        "registry.hub.docker.com" | "index.docker.io" => image.path.strip_prefix("library/"),
        _ => None,
    };
    let name =
        official.map_or_else(|| format!("{}/{}", image.registry, image.familiar_path()), str::to_owned);
    let of_arch = official.and_then(|name| {
        let (owner, name) = name.split_once('/')?;
        Some((architecture(owner)?, name.to_owned()))
    });
    let (arch, name) = of_arch.unwrap_or((arch, name));
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    let name = other.map_or(name, |(_, known)| (*known).to_owned());
    let tag = settled(&name, tag);
    Known { name, tag, arch }
}

/// Moving tags of Debian and Ubuntu, by their first word, and the releases that they mean as of 2026-11.
const MOVING: [(&[&str], &str, &str); 6] = [
    (&["debian", "buildpack-deps"], "stable", "trixie"),
    (&["debian", "buildpack-deps"], "oldstable", "bookworm"),
    (&["debian", "buildpack-deps"], "oldoldstable", "bullseye"),
    (&["ubuntu"], "latest", "26.04"),
    // Of Node.js those that are not among the versions that have ended.
    (&["node"], "jod", "22"),
    (&["node"], "krypton", "24"),
];

/// A tag by the name that figures are known of: `stable-slim` as `trixie-slim`, and `jod-slim` of Node.js as `22-slim`.
fn settled(name: &str, tag: &str) -> String {
    let (first, rest) = tag.split_at(tag.find('-').unwrap_or(tag.len()));
    let moving = MOVING.iter().find(|(names, of, _)| *of == first && names.contains(&name));
    let version = || {
        let node = products().iter().filter(|product| name == "node" && product.images.contains(&name));
        node.flat_map(|product| product.suites).find(|(of, _)| *of == first).map(|(_, version)| *version)
    };
    format!("{}{rest}", moving.map(|(.., known)| *known).or_else(version).unwrap_or(first))
}

/// The architecture that a word means, as the official images spell it.
fn architecture(word: &str) -> Option<&'static str> {
    Some(match word {
        "amd64" | "x86_64" => "amd64",
        "i386" => "386",
        "arm64v8" | "arm64" | "aarch64" => "arm64",
        "arm32v5" | "arm32v6" | "arm32v7" => "arm",
        "ppc64le" => "ppc64le",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        _ => return None,
    })
}
