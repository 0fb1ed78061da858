//! Releases of Debian and Ubuntu: `rules/data/suites.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::syntax::ImageRef;

use super::lifecycle::is_rebuilt;
use super::{Base, Family, Model, Stage, facts, family};

/// A release of Debian or Ubuntu.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Its name for people: `Debian 12`.
    pub label: String,
    /// `repository:tag` of images that are this release.
    images: Vec<String>,
    /// Bytes that `apt-get update` leaves in `/var/lib/apt/lists`.
    pub lists: u64,
}

/// When the figures were taken, as a finding's source says it.
pub const SUITE_DATE: &str = "2026-11";

/// By name, so that the order is always the same.
static SUITES: LazyLock<BTreeMap<String, Suite>> = LazyLock::new(|| {
    // The tables are part of the program, and a test reads them.
    toml::from_str(include_str!("../../rules/data/suites.toml")).unwrap_or_default()
});

/// The release of `image`, by its tag: `python:3.12-bookworm`, `ubuntu:24.04`. A name counts before a version,
/// and of several names the first in the alphabet.
#[must_use]
pub fn suite(image: &ImageRef) -> Option<(&'static str, &'static Suite)> {
    let tag = image.tag.as_deref().unwrap_or("latest");
    let named = |name: &str| tag.split(['-', '.', '_']).any(|p| p == name);
    let version = |suite: &Suite| {
        suite.images.iter().any(|i| {
            let Some((repository, version)) = i.split_once(':') else { return false };
            let rest = if image.familiar_path() == repository {
                tag.strip_prefix(version)
            } else {
                // `12.4.1-devel-ubuntu22.04`.
                tag.rsplit_once(repository)
                    .and_then(|(_, rest)| rest.trim_start_matches('-').strip_prefix(version))
            };
            rest.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
    };
    let by_name = SUITES.iter().find(|(name, _)| named(name));
    by_name.or_else(|| SUITES.iter().find(|(_, suite)| version(suite))).map(|(n, s)| (n.as_str(), s))
}

/// The release whose figures count for `image`: the one that its tag names, or the one that the image is
/// built on as long as its tag is rebuilt. `None` for releases without figures, and where nobody can tell.
#[must_use]
pub fn likely_suite(image: &ImageRef) -> Option<(&'static str, &'static Suite)> {
    const OTHERS: [&str; 9] =
        ["wheezy", "jessie", "stretch", "buster", "bullseye", "forky", "sid", "testing", "unstable"];
    let found = suite(image);
    let family = family(image);
    if found.is_some() || family != Family::Debian {
        return found.filter(|_| matches!(family, Family::Debian | Family::Ubuntu));
    }
    let tag = image.tag.as_deref().unwrap_or("");
    if tag.split(['-', '.', '_']).any(|p| OTHERS.contains(&p)) || !is_rebuilt(image) {
        return None;
    }
    SUITES.get_key_value(facts(image)?.suite.as_deref()?).map(|(n, s)| (n.as_str(), s))
}

impl Model {
    /// The release whose figures count for what `stage` starts from in the end, see [`likely_suite`].
    #[must_use]
    pub fn suite(&self, stage: &Stage) -> Option<(&'static str, &'static Suite)> {
        match self.root_base(stage) {
            Base::Image(image) => likely_suite(image),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_well_formed() {
        let suites: BTreeMap<String, Suite> =
            toml::from_str(include_str!("../../rules/data/suites.toml")).unwrap();
        assert!(suites.values().all(|s| s.lists > 1_000_000 && !s.label.is_empty()));
    }

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
            ("alpine:3.20", None),
        ] {
            assert_eq!(likely_suite(&ImageRef::parse(image).unwrap()).map(|s| s.0), want, "{image}");
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
            assert_eq!(suite(&ImageRef::parse(image).unwrap()).map(|s| s.0), want, "{image}");
        }
    }
}
