//! Which versions of images get no more security fixes, and which images are not maintained.

use crate::knowledge::{Deprecated, Product, deprecation, products};
use crate::syntax::ImageRef;

use super::images;

/// A version without security fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// What it is, for people: `Debian 10`.
    pub what: String,
    /// The month of the last fixes: `2024-06`.
    pub since: &'static str,
}

impl Product {
    /// The ended version that `text` starts with, by its parts: `3.8` of `3.8.5`.
    fn version(&self, text: &str) -> Option<(&'static str, &'static str)> {
        let is_start = |key: &str| {
            text.strip_prefix(key).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        let fitting = self.ended.iter().filter(|(key, _)| *key == "*" || is_start(key));
        fitting.max_by_key(|(key, _)| key.len()).copied()
    }

    fn ended(&'static self, version: &str, suite: Option<&str>) -> Option<Ended> {
        let (key, since) = self.version(version)?;
        let what = match suite {
            _ if key == "*" => self.name.to_owned(),
            Some(suite) => format!("{} {key} ({suite})", self.name),
            None => format!("{} {}", self.name, key.trim_start_matches(|c: char| c.is_ascii_alphabetic())),
        };
        Some(Ended { what, since })
    }

    /// The ended version that a part of a tag names: `buster`, `alpine3.17`.
    fn of_part(&'static self, part: &str) -> Option<Ended> {
        if let Some((suite, version)) = self.suites.iter().find(|(suite, _)| *suite == part) {
            return self.ended(version, Some(suite));
        }
        self.ended(part.strip_prefix(self.tag?)?, None)
    }
}

/// The product that an image is.
fn product(image: &ImageRef) -> Option<&'static Product> {
    let name = images::written(image);
    // What ends in `/*` speaks of all repositories below it.
    let is = |i: &&str| **i == *name || i.strip_suffix('*').is_some_and(|folder| name.starts_with(folder));
    products().iter().find(|product| product.images.iter().any(is))
}

/// The version of `image` that gets no more security fixes, of what it is or of the system in it, as far as
/// its tag says.
#[must_use]
pub fn ended(image: &ImageRef) -> Option<Ended> {
    let tag = image.tag.as_deref().unwrap_or("");
    let own = product(image);
    own.and_then(|product| product.ended(tag, None))
        .or_else(|| tag.split('-').find_map(|part| products().iter().find_map(|p| p.of_part(part))))
}

/// True if new images of the tag of `image` are still made, as far as that can be told: its version gets
/// fixes, or it names none.
#[must_use]
pub fn is_rebuilt(image: &ImageRef) -> bool {
    let tag = image.tag.as_deref().unwrap_or("");
    let known = product(image).is_some();
    deprecated(image).is_none()
        && ended(image).is_none()
        && (known || !tag.contains(|c: char| c.is_ascii_digit()))
}

/// What is known of `image` if it is not maintained any more.
#[must_use]
pub fn deprecated(image: &ImageRef) -> Option<&'static Deprecated> {
    let tag = image.tag.as_deref().unwrap_or("");
    let number = tag.split(|c: char| !c.is_ascii_digit()).next();
    deprecation(&images::written(image)).filter(|found| found.version.is_none() || found.version == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        for product in products() {
            let is_ended = |version: &str| product.ended.iter().any(|(ended, _)| *ended == version);
            assert!(product.suites.iter().all(|(_, version)| is_ended(version)), "{}", product.name);
        }
    }

    #[test]
    fn versions_are_read_from_tags() {
        for (image, want) in [
            ("debian:10", Some("Debian 10")),
            ("debian:10.13-slim", Some("Debian 10")),
            ("debian:buster-slim", Some("Debian 10 (buster)")),
            ("ubuntu:20.04", Some("Ubuntu 20.04")),
            ("alpine:3.1", Some("Alpine 3.1")),
            ("alpine:3.17.2", Some("Alpine 3.17")),
            ("python:3.8-slim-bookworm", Some("Python 3.8")),
            ("python:3.12-slim-buster", Some("Debian 10 (buster)")),
            ("node:18-alpine3.17", Some("Node.js 18")),
            ("node:22-alpine3.17", Some("Alpine 3.17")),
            ("php:7", Some("PHP 7")),
            ("nvidia/cuda:11.0-devel-ubuntu18.04", Some("Ubuntu 18.04")),
            ("nvidia/cuda:11.0-devel-centos7", Some("CentOS 7")),
            ("registry.access.redhat.com/ubi7/ubi-minimal:7.9", Some("Red Hat Enterprise Linux 7")),
            ("amazonlinux:2", Some("Amazon Linux 2")),
            ("amazonlinux:2023", None),
            ("alpine:3.23", None),
            ("alpine:3", None),
            ("alpine", None),
            ("debian:12", None),
            ("debian:100", None),
            ("python:3.13", None),
            ("python:3", None),
            ("node:22-trixie", None),
            ("ghcr.io/example/python:3.6", None),
        ] {
            let found = ended(&ImageRef::parse(image).unwrap());
            assert_eq!(found.map(|e| e.what).as_deref(), want, "{image}");
        }
    }

    #[test]
    fn maintained_versions_and_moving_tags_are_rebuilt() {
        let rebuilt = |image: &str| is_rebuilt(&ImageRef::parse(image).unwrap());
        assert!(rebuilt("python:3.13") && rebuilt("node:22-slim") && rebuilt("rust") && rebuilt("rust:slim"));
        assert!(!rebuilt("python:3.8") && !rebuilt("rust:1.60") && !rebuilt("haskell:8.0.2"));
        assert!(!rebuilt("openjdk"));
    }

    #[test]
    fn deprecated_images_are_found_by_repository() {
        let is_deprecated = |image: &str| deprecated(&ImageRef::parse(image).unwrap()).is_some();
        assert!(is_deprecated("openjdk:8") && is_deprecated("docker.io/library/centos:7"));
        // Later versions are published under both names.
        let container =
            |tag: &str| is_deprecated(&format!("mcr.microsoft.com/vscode/devcontainers/go:{tag}"));
        assert!(
            container("0-1.19") && container("0.205.2") && !container("1-1.22") && !container("bookworm")
        );
        assert!(is_deprecated("microsoft/dotnet:2.1-sdk") && is_deprecated("k8s.gcr.io/pause:3.1"));
        assert!(!is_deprecated("eclipse-temurin:21") && !is_deprecated("ghcr.io/example/openjdk:8"));
    }

    #[test]
    fn no_advice_names_a_version_that_has_ended() {
        for name in
            ["alpine", "debian", "fedora", "golang", "node", "php", "postgres", "python", "ruby", "ubuntu"]
        {
            let image = ImageRef::parse(name).unwrap();
            let tag = super::super::facts(&image).and_then(|facts| facts.tag).unwrap();
            let advised = ImageRef::parse(&format!("{name}:{tag}")).unwrap();
            assert!(ended(&advised).is_none(), "{advised}");
        }
    }
}
