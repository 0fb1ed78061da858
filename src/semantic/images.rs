//! What is known of base images by their names: `rules/data/images.toml`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::syntax::ImageRef;

/// The package family of an image's distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Family {
    Debian,
    Ubuntu,
    Alpine,
    RedHat,
    Suse,
    Arch,
    /// No package manager and no shell, such as distroless.
    Bare,
    Windows,
    Unknown,
}

/// What is known of one image repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFacts {
    /// The distribution of its plain tags.
    #[serde(default = "unknown")]
    pub family: Family,
    /// The release that tags without one are built on.
    pub suite: Option<String>,
    /// The user that it runs as, where that is not root.
    pub user: Option<String>,
    /// The working directory of all its tags for Linux, where that is sure.
    pub workdir: Option<String>,
    /// Users that it creates, so that `USER name` works.
    #[serde(default)]
    pub users: Vec<String>,
    /// A tag of it, as an example.
    pub tag: Option<String>,
    /// What it is for, where that matters: `sdk` (compilers), `runtime`, `os`, `service`.
    pub kind: Option<String>,
    /// What to use in the final stage instead of it.
    pub runtime: Option<String>,
    /// How many numbers its full versions have, where that is not three.
    pub numbers: Option<usize>,
}

const fn unknown() -> Family {
    Family::Unknown
}

static TABLE: LazyLock<HashMap<String, ImageFacts>> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../rules/data/images.toml")).unwrap_or_default()
});

/// The facts on `image`, if it is a known one.
#[must_use]
pub fn facts(image: &ImageRef) -> Option<&'static ImageFacts> {
    find(&TABLE, image)
}

/// What a table of images says of one; its keys are as people write them, and `registry/path/*` speaks of
/// all repositories below it.
pub(super) fn find<'t, T>(table: &'t HashMap<String, T>, image: &ImageRef) -> Option<&'t T> {
    let name = if &*image.registry == "docker.io" {
        Cow::Borrowed(image.familiar_path())
    } else {
        Cow::Owned(format!("{}/{}", image.registry, image.path))
    };
    table
        .get(&*name)
        .or_else(|| name.match_indices('/').rev().find_map(|(i, _)| table.get(&format!("{}/*", &name[..i]))))
}

/// The distribution family of `image`, by its tag first.
#[must_use]
pub fn family(image: &ImageRef) -> Family {
    let tag = image.tag.as_deref().unwrap_or("");
    let has = |part: &str| tag.split(['-', '.', '_']).any(|p| p.starts_with(part));
    if has("alpine") {
        return Family::Alpine;
    }
    if ["windowsservercore", "nanoserver", "windows", "ltsc"].iter().any(|p| has(p)) {
        return Family::Windows;
    }
    if ["bookworm", "bullseye", "buster", "stretch", "jessie", "trixie", "sid"].iter().any(|p| has(p)) {
        return Family::Debian;
    }
    if ["amzn", "ubi", "rocky", "alma", "centos", "fedora", "oracle", "ol7", "ol8", "ol9"]
        .iter()
        .any(|p| has(p))
    {
        return Family::RedHat;
    }
    if ["noble", "jammy", "focal", "bionic", "xenial", "ubuntu"].iter().any(|p| has(p)) {
        return Family::Ubuntu;
    }
    facts(image).map_or(Family::Unknown, |f| f.family)
}

/// Tags of distributions that name no release.
const MOVING: [&str; 8] =
    ["latest", "stable", "oldstable", "testing", "unstable", "rolling", "devel", "experimental"];

/// How many numbers of a version the tag of `image` says: 2 for `3.12-slim`, 0 for `latest`. A date says
/// all three, and the name of a release, as `bookworm`, its first.
#[must_use]
pub fn version_numbers(image: &ImageRef) -> usize {
    let Some(tag) = image.tag.as_deref() else { return 0 };
    let unprefixed =
        |part: &'_ str| part.strip_prefix('v').unwrap_or(part).starts_with(|c: char| c.is_ascii_digit());
    let Some(version) = tag.split(['-', '_']).find(|part| unprefixed(part)) else {
        let is_release = matches!(image.familiar_path(), "debian" | "ubuntu" | "buildpack-deps")
            && !MOVING.iter().any(|m| tag.starts_with(m));
        return usize::from(is_release);
    };
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let version = version.strip_prefix('v').unwrap_or(version);
    let first = digits(version);
    // `20260105`, and `8u412` of Java.
    let is_update = version[first..].strip_prefix('u').is_some_and(|rest| digits(rest) > 0);
    if first == 8 || is_update {
        return 3;
    }
    let mut numbers = 0;
    for part in version.split('.') {
        numbers += usize::from(digits(part) > 0);
        if digits(part) < part.len() || part.is_empty() {
            break;
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let table: HashMap<String, ImageFacts> =
            toml::from_str(include_str!("../../rules/data/images.toml")).unwrap();
        assert!(table.len() > 50);
    }

    #[test]
    fn tags_say_how_much_of_a_version() {
        for (image, want) in [
            ("python", 0),
            ("python:latest", 0),
            ("python:slim", 0),
            ("node:lts-alpine3.20", 0),
            ("python:3", 1),
            ("python:3-slim", 1),
            ("python:3.12-slim-bookworm", 2),
            ("python:3.12.1", 3),
            ("python:3.14.0rc1", 3),
            ("python:3.14-rc", 2),
            ("a/b:v2.1.106", 3),
            ("eclipse-temurin:21.0.4_7-jre", 3),
            ("eclipse-temurin:8u412-b08-jre", 3),
            ("debian:bookworm-slim", 1),
            ("debian:bookworm-20260105", 3),
            ("debian:stable-slim", 0),
            ("a/b:1.2.3.4", 4),
            ("a/b:1..2", 1),
            ("a/b:jdk-17", 1),
        ] {
            assert_eq!(version_numbers(&ImageRef::parse(image).unwrap()), want, "{image}");
        }
    }

    #[test]
    fn families_follow_tags_and_repositories() {
        for (image, want) in [
            ("python:3.12-alpine3.20", Family::Alpine),
            ("python:3.12", Family::Debian),
            ("node:22-bookworm-slim", Family::Debian),
            ("ubuntu", Family::Ubuntu),
            ("gcr.io/distroless/static-debian12:nonroot", Family::Bare),
            ("mcr.microsoft.com/windows/servercore:ltsc2022", Family::Windows),
            ("nvidia/cuda:12.4.1-base-ubi9", Family::RedHat),
            ("nvidia/cuda:12.9.1-devel-amzn2023", Family::RedHat),
            ("example.com/own", Family::Unknown),
        ] {
            assert_eq!(family(&ImageRef::parse(image).unwrap()), want, "{image}");
        }
    }
}
