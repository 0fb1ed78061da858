//! The releases of Debian and Ubuntu that images are built on.

use std::sync::LazyLock;

use crate::knowledge::{Family, Suite, suites};
use crate::syntax::ImageRef;

use super::lifecycle::is_rebuilt;
use super::{Base, Model, Stage, facts, family};

/// When the figures were taken, as a finding's source says it.
pub const SUITE_DATE: &str = "2026-11";

/// Parts of tags by which official images say what they are built on.
const BUILT_ON: [(&str, &str, &str); 2] = [("spark", "java17", "jammy"), ("spark", "java21", "jammy")];

/// True for a release that has figures.
const fn is_measured(suite: &Suite) -> bool {
    suite.lists.is_some()
}

/// The release of `image`, by its tag: `python:3.12-bookworm`, `ubuntu:24.04`. A name counts before a version,
/// and of several names that of the oldest release.
#[must_use]
pub fn suite(image: &ImageRef) -> Option<&'static Suite> {
    suite_among(image, is_measured)
}

/// The release of `image`, by its tag, if its packages are no longer on the servers that it asks.
#[must_use]
pub fn archived_suite(image: &ImageRef) -> Option<&'static Suite> {
    // Other projects have releases of the same names: `kinetic` and `lunar` of ROS.
    let is_own = matches!(image.familiar_path(), "ubuntu" | "buildpack-deps");
    suite_among(image, |suite| suite.archived.is_some()).filter(|suite| {
        let tag = image.tag.as_deref().unwrap_or("");
        suite.family != Family::Ubuntu || is_own || tag.contains("ubuntu")
    })
}

/// The tags of a repository that say a release by its version.
struct Versions {
    repository: &'static str,
    suites: Vec<(&'static str, &'static Suite)>,
}

/// They in the order of the releases, those of one repository that stand together as one.
static VERSIONS: LazyLock<Vec<Versions>> = LazyLock::new(|| {
    let images = suites().iter().flat_map(|suite| suite.images.iter().map(move |image| (image, suite)));
    let mut rows: Vec<Versions> = Vec::new();
    for (image, suite) in images {
        let Some((repository, version)) = image.split_once(':') else { continue };
        match rows.last_mut().filter(|last| last.repository == repository) {
            Some(row) => row.suites.push((version, suite)),
            None => rows.push(Versions { repository, suites: vec![(version, suite)] }),
        }
    }
    rows
});

fn suite_among(image: &ImageRef, counts: impl Fn(&Suite) -> bool) -> Option<&'static Suite> {
    // A digest alone does not tell.
    if image.tag.is_none() && image.digest.is_some() {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("latest");
    let is_name = |suite: &&Suite| tag.split(['-', '.', '_']).any(|part| part == suite.name);
    // Names start with a letter, which most tags have few of.
    let starts = tag.bytes().fold(0_u128, |all, byte| all | 1 << (byte & 127));
    let may_be = |suite: &&Suite| suite.name.bytes().next().is_some_and(|b| starts >> (b & 127) & 1 == 1);
    if let Some(suite) = suites().iter().filter(may_be).filter(|suite| counts(suite)).find(is_name) {
        return Some(suite);
    }
    let path = image.familiar_path();
    let built_on = |(of, part, _): &&(&str, &str, &str)| {
        image.is_official() && path == *of && tag.split('-').any(|own| own == *part)
    };
    if let Some((.., name)) = BUILT_ON.iter().find(built_on) {
        return suites().iter().find(|suite| suite.name == *name && counts(suite));
    }
    if image.is_official()
        && let Some(suite) = built_on_last(path, tag)
    {
        return Some(suite).filter(|suite| counts(suite));
    }
    VERSIONS.iter().find_map(|Versions { repository, suites }| {
        let rest = if path == *repository {
            tag
        } else {
            // `12.4.1-devel-ubuntu22.04`.
            last_behind(tag, repository)?.trim_start_matches('-')
        };
        let is_of = |version: &str| {
            let rest = rest.strip_prefix(version);
            rest.is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        suites.iter().find(|(version, suite)| is_of(version) && counts(suite)).map(|(_, suite)| *suite)
    })
}

/// The release that `repository` was built on last under a tag that names none: `7.2-fpm` of `php`.
fn built_on_last(repository: &str, tag: &str) -> Option<&'static Suite> {
    let numbers = |entry: &&'static str| entry.strip_prefix(repository)?.strip_prefix(' ');
    let rows = suites().iter().flat_map(|suite| suite.built_on.iter().map(move |entry| (suite, entry)));
    let mut rows = rows.filter_map(|(suite, entry)| Some((suite, numbers(entry)?))).peekable();
    rows.peek()?;
    let mut parts = tag.split('-');
    let version = parts.next()?;
    let is_other = |part: &str| {
        ["alpine", "windows", "nanoserver"].iter().any(|system| part.starts_with(system))
            || suites().iter().any(|suite| suite.name == part)
    };
    if !version.starts_with(|c: char| c.is_ascii_digit()) || parts.any(is_other) {
        return None;
    }
    rows.find(|(_, numbers)| numbers.split(' ').any(|numbers| is_among(version, numbers)))
        .map(|(suite, _)| suite)
}

/// True for an official image of a version that is built no more, since a later one with the same first numbers is not,
/// either: nobody can tell what it is built on.
fn is_overtaken(image: &ImageRef) -> bool {
    let version = image.tag.as_deref().and_then(|tag| tag.split('-').next()).unwrap_or("");
    let (head, Some(number)) = cut(version) else { return false };
    let is_later = |numbers: &str| {
        let (of, first) = cut(numbers.split('-').next().unwrap_or(""));
        let last = numbers.split_once('-').map_or(first, |(_, last)| last.parse().ok());
        of == head && last.is_some_and(|last| last > number)
    };
    let path = image.familiar_path();
    let mut rows = suites().iter().flat_map(|suite| suite.built_on.iter());
    // Of two numbers, an older one may be built longer: `perl:5.40` and `perl:5.41`.
    head.matches('.').count() == 2
        && image.is_official()
        && rows.any(|row| {
            row.strip_prefix(path)
                .and_then(|row| row.strip_prefix(' '))
                .is_some_and(|row| row.split(' ').any(is_later))
        })
}

/// `7.2.` and 23 of `7.2.23`.
fn cut(version: &str) -> (&str, Option<u32>) {
    let at = version.rfind('.').map_or(0, |dot| dot + 1);
    (&version[..at], version[at..].parse().ok())
}

/// True for `7.2.23` among `7.2.20-34`.
fn is_among(version: &str, numbers: &str) -> bool {
    let Some((first, last)) = numbers.split_once('-') else { return version == numbers };
    let ((head, number), (of, first)) = (cut(version), cut(first));
    head == of
        && number.is_some_and(|n| {
            first.is_some_and(|first| first <= n) && last.parse().is_ok_and(|last| n <= last)
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
    if tag.split(['-', '.', '_']).any(is_release) || !is_rebuilt(image) || is_overtaken(image) {
        return None;
    }
    let name = facts(image)?.suite?;
    suites().iter().find(|suite| suite.name == name && is_measured(suite))
}

impl Model {
    /// The release whose figures count for what `stage` starts from in the end, see [`likely_suite`].
    #[must_use]
    pub fn suite(&self, stage: &Stage) -> Option<&'static Suite> {
        let suites = self
            .facts
            .suites
            .get_or_init(|| self.stages.iter().map(|stage| self.find_suite(stage)).collect());
        suites.get(stage.index).copied().flatten()
    }

    fn find_suite(&self, stage: &Stage) -> Option<&'static Suite> {
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
            ("python:3.6", Some("bullseye")),
            ("python:3.5.2", None),
            ("python:3.12-buster", None),
            // What they were built on last.
            ("ruby:3.4.4", Some("bookworm")),
            ("python:3.13.5-slim", Some("bookworm")),
            ("node:18.12.1", Some("bullseye")),
            ("php:8.3.5-fpm", None),
            ("php:8.4", Some("trixie")),
            ("node:22", Some("bookworm")),
            ("haskell:8.0.2", None),
            ("rust", Some("trixie")),
            ("rust:1.60", Some("bullseye")),
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
            // What was built last under these tags.
            ("php:7.2-fpm", Some("buster")),
            ("php:7.2.10-apache", Some("stretch")),
            ("php:7.2-fpm-alpine", None),
            ("php:7.4", None),
            ("php:7.4.9", Some("buster")),
            ("node:16-slim", Some("buster")),
            ("node:16.20.2", Some("buster")),
            ("node:16.20.3", None),
            ("node:16-bookworm", None),
            ("node:18", None),
            ("golang:1.15.2", Some("buster")),
            ("python:3.10", None),
            ("example.org/php:7.2", None),
            ("own/php:7.2", None),
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
            ("ubuntu", Some("resolute")),
            ("spark:4.1.2-scala2.13-java21-ubuntu", Some("jammy")),
            ("spark:3.5.2-scala2.12-java11-ubuntu", None),
            ("example.com/spark:java21", None),
            ("nvidia/cuda:12.4.1-devel-ubuntu24.04", Some("noble")),
            ("python:3.12", None),
            ("ghcr.io/own/debian-12:x", None),
        ] {
            assert_eq!(suite(&ImageRef::parse(image).unwrap()).map(|s| s.name), want, "{image}");
        }
    }
}
