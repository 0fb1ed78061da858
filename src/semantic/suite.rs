//! The releases of Debian and Ubuntu that images are built on.

use crate::knowledge::{Family, Suite, suites};
use crate::syntax::ImageRef;

use super::lifecycle::is_rebuilt;
use super::{Base, Model, Stage, facts, family};

/// When the figures were taken, as a finding's source says it.
pub const SUITE_DATE: &str = "2026-11";

/// The releases that have figures.
fn measured() -> impl Iterator<Item = &'static Suite> {
    suites().iter().filter(|suite| suite.lists.is_some())
}

/// The release of `image`, by its tag: `python:3.12-bookworm`, `ubuntu:24.04`. A name counts before a version,
/// and of several names that of the oldest release.
#[must_use]
pub fn suite(image: &ImageRef) -> Option<&'static Suite> {
    suite_among(image, measured)
}

/// The release of `image`, by its tag, if its packages are no longer on the servers that it asks.
#[must_use]
pub fn archived_suite(image: &ImageRef) -> Option<&'static Suite> {
    // Other projects have releases of the same names: `kinetic` and `lunar` of ROS.
    let is_own = matches!(image.familiar_path(), "ubuntu" | "buildpack-deps");
    let archived = || suites().iter().filter(|suite| suite.archived.is_some());
    suite_among(image, archived).filter(|suite| {
        let tag = image.tag.as_deref().unwrap_or("");
        suite.family != Family::Ubuntu || is_own || tag.contains("ubuntu")
    })
}

fn suite_among<I: Iterator<Item = &'static Suite>>(
    image: &ImageRef,
    among: impl Fn() -> I,
) -> Option<&'static Suite> {
    // A digest alone does not tell.
    if image.tag.is_none() && image.digest.is_some() {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("latest");
    let parts: Vec<&str> = tag.split(['-', '.', '_']).collect();
    if let Some(suite) = among().find(|suite| parts.contains(&suite.name)) {
        return Some(suite);
    }
    let path = image.familiar_path();
    // Releases of one system stand together.
    let mut looked = ("", None);
    among().find(|suite| {
        suite.images.iter().any(|i| {
            let Some((repository, version)) = i.split_once(':') else { return false };
            if looked.0 != repository {
                let own = path == repository;
                // `12.4.1-devel-ubuntu22.04`.
                let rest = || last_behind(tag, repository).map(|rest| rest.trim_start_matches('-'));
                looked = (repository, if own { Some(tag) } else { rest() });
            }
            let rest = looked.1.and_then(|rest| rest.strip_prefix(version));
            rest.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
    })
}

/// What stands behind the last `word` in a tag. Most tags are shorter than any way to search for long ones.
fn last_behind<'t>(tag: &'t str, word: &str) -> Option<&'t str> {
    let at = tag.as_bytes().windows(word.len()).rposition(|window| window == word.as_bytes())?;
    tag.get(at + word.len()..)
}

/// The release whose figures count for `image`: the one that its tag names, or the one that the image is
/// built on as long as its tag is rebuilt. `None` for releases without figures, and where nobody can tell.
#[must_use]
pub fn likely_suite(image: &ImageRef) -> Option<&'static Suite> {
    let family = family(image);
    if !matches!(family, Family::Debian | Family::Ubuntu) {
        return None;
    }
    let found = suite(image);
    if found.is_some() || family != Family::Debian {
        return found;
    }
    if image.tag.is_none() && image.digest.is_some() {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("");
    // Of those that tags name, the ones with figures were found.
    let is_release = |part| suites().iter().any(|s| s.name == part) || matches!(part, "testing" | "unstable");
    if tag.split(['-', '.', '_']).any(is_release) || !is_rebuilt(image) {
        return None;
    }
    let name = facts(image)?.suite?;
    measured().find(|suite| suite.name == name)
}

impl Model {
    /// The release whose figures count for what `stage` starts from in the end, see [`likely_suite`].
    #[must_use]
    pub fn suite(&self, stage: &Stage) -> Option<&'static Suite> {
        match self.root_base(stage) {
            Base::Image(image) => likely_suite(image),
            _ => self.below(stage).and_then(|(model, stage)| model.suite(stage)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likely_release_is_that_of_rebuilt_tags() {
        for (image, want) in [
            ("python:3.12", Some("trixie")),
            ("python:3.12-slim-bookworm", Some("bookworm")),
            ("python:3.6", None),
            ("python:3.12-buster", None),
            ("node:22", Some("bookworm")),
            ("haskell:8.0.2", None),
            ("rust", Some("trixie")),
            ("rust:1.60", None),
            ("jenkins/jenkins:lts", None),
            ("debian:9", None),
            ("debian@sha256:0000000000000000000000000000000000000000000000000000000000000000", None),
            ("python@sha256:0000000000000000000000000000000000000000000000000000000000000000", None),
            ("alpine:3.20", None),
        ] {
            assert_eq!(likely_suite(&ImageRef::parse(image).unwrap()).map(|s| s.name), want, "{image}");
        }
    }

    #[test]
    fn archived_releases_are_read_from_tags() {
        for (image, want) in [
            ("debian:10-slim", Some("buster")),
            ("python:3.8-slim-buster", Some("buster")),
            ("ubuntu:21.04", Some("hirsute")),
            ("nvidia/cuda:11.4.0-devel-centos7", Some("centos7")),
            ("centos:7.9.2009", Some("centos7")),
            ("centos", Some("centos8")),
            ("debian:100", None),
            ("debian:12", None),
            ("ubuntu:20.04", None),
            ("ros:kinetic-robot-xenial", None),
            ("ros:lunar-ros-base-stretch", Some("stretch")),
            ("quay.io/centos/centos:stream9", None),
        ] {
            let found = archived_suite(&ImageRef::parse(image).unwrap());
            assert_eq!(found.map(|s| s.name), want, "{image}");
        }
    }

    #[test]
    fn tags_name_releases() {
        for (image, want) in [
            ("python:3.12-slim-bookworm", Some("bookworm")),
            ("debian:12.5-slim", Some("bookworm")),
            ("debian", Some("trixie")),
            ("debian:120", None),
            // Two fit.
            ("debian:12-trixie-backports", Some("trixie")),
            ("own/image:noble-bookworm", Some("bookworm")),
            ("ubuntu:22.04", Some("jammy")),
            ("ubuntu:jammy-20240227", Some("jammy")),
            ("ubuntu", None),
            ("nvidia/cuda:12.4.1-devel-ubuntu24.04", Some("noble")),
            ("python:3.12", None),
            ("ghcr.io/own/debian-12:x", None),
        ] {
            assert_eq!(suite(&ImageRef::parse(image).unwrap()).map(|s| s.name), want, "{image}");
        }
    }
}
