//! What base images weigh, by the figures that are published of them.

use std::borrow::Cow;

use crate::knowledge::{BaseFigure, base_figures, suites};
use crate::syntax::ImageRef;

use super::names::{Known, known_as};

/// Unpacked bytes by compressed bytes for images whose unpacked size nobody has published, and how far off that may
/// be: the medians of 194 families of images in 2018, which were up to 15 % off for images of 2024 and later.
const RATIO_ALPINE: (f64, f64) = (2.8, 0.15);
const RATIO_SCRIPTS_ALPINE: (f64, f64) = (2.3, 0.25);
const RATIO_SLIM: (f64, f64) = (2.66, 0.15);
const RATIO_FULL: (f64, f64) = (2.55, 0.15);
const RATIO_ROS: (f64, f64) = (3.05, 0.15);
/// A JDK is compressed already for a part that grew and shrank with its versions; a JRE of today is not.
const RATIO_JDK: (f64, f64) = (2.25, 0.25);
const RATIO_JRE: (f64, f64) = (2.7, 0.25);
const RATIO_JDK_ALPINE: (f64, f64) = (1.75, 0.25);
/// How far off the figure of another version of the same image may be, and how much more with each major version
/// between.
const SLACK_VERSION: f64 = 0.2;
const SLACK_MAJOR: f64 = 0.015;
/// The same for another release of the distribution, and for one that is called otherwise.
const SLACK_SYSTEM: f64 = 0.15;
const MAX_SLACK: f64 = 0.6;

/// What is known of the size of a base image, unpacked.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseSize {
    /// Bytes of file contents, as likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
    /// True if the figure is one of the catalogue for just this tag and kind; else it is worked out.
    pub exact: bool,
    /// The tag that the figure is of.
    pub tag: Cow<'static, str>,
    /// The date of the figure: `2026-09`, or a year.
    pub date: Cow<'static, str>,
    /// Who published it.
    pub source: Cow<'static, str>,
    /// True if the registry of the image told, and not the catalogue.
    pub locked: bool,
}

/// What kind of image a tag means, versions aside: `slim`, `alpine`, `jre`, and the release it is built on.
#[derive(Debug, PartialEq, Eq)]
struct Variant<'t> {
    words: Vec<&'t str>,
    suite: Option<&'t str>,
    /// The first numbers of the tag.
    version: Vec<u32>,
}

/// Words that mean no kind of image but a moving version.
const MOVING: [&str; 7] = ["latest", "lts", "stable", "current", "mainline", "oldstable", "nonroot"];

/// The names of Ubuntu's releases.
const UBUNTU: [(&str, [u32; 2]); 6] = [
    ("xenial", [16, 4]),
    ("bionic", [18, 4]),
    ("focal", [20, 4]),
    ("jammy", [22, 4]),
    ("noble", [24, 4]),
    ("resolute", [26, 4]),
];

/// Words of tags that make no other kind of image: versions that have names, ways to run what is in all of them.
const SAME: [(&str, &[&str]); 6] = [
    ("php", &["cli", "fpm"]),
    ("amazoncorretto", &["jdk"]),
    ("eclipse-temurin", &["jdk"]),
    ("openjdk", &["jdk"]),
    ("debian", &["backports"]),
    (
        "ros",
        &[
            "kinetic", "lunar", "melodic", "noetic", "ardent", "bouncy", "crystal", "dashing", "eloquent",
            "foxy", "galactic", "humble", "iron", "jazzy", "kilted", "lyrical", "rolling",
        ],
    ),
];

/// Words of tags that name a distribution, where an image has the same on several of them; not those with another C
/// library, or with much less in them.
const SYSTEMS: [&str; 7] = ["oraclelinux", "al", "amazonlinux", "ubuntu", "debian", "centos", "rhel"];

impl<'t> Variant<'t> {
    fn of(image: &str, tag: &'t str) -> Self {
        let mut variant = Self { words: Vec::new(), suite: None, version: Vec::new() };
        for part in tag.split(['-', '_']) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                if variant.version.is_empty() {
                    variant.version = part.split('.').map_while(|n| n.parse().ok()).collect();
                }
            } else if suites().iter().any(|s| s.name == part) {
                variant.suite = Some(part);
            } else if !MOVING.contains(&part) {
                // `alpine3.20` is `alpine`.
                let word = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
                if !SAME.iter().any(|(of, words)| *of == image && words.contains(&word)) {
                    variant.words.push(word);
                }
            }
        }
        // Debian's tags are its releases.
        if image == "debian" && variant.suite.is_none() {
            let name = match variant.version.first() {
                Some(8) => "jessie",
                Some(9) => "stretch",
                Some(10) => "buster",
                Some(11) => "bullseye",
                Some(12) => "bookworm",
                Some(13) => "trixie",
                None if tag.starts_with("latest") || tag.starts_with("stable") => "trixie",
                _ => "",
            };
            variant.suite = Some(name);
        }
        // Ubuntu's are called by their year or by their name.
        if image == "ubuntu" {
            let name = variant.suite.take();
            let named = UBUNTU.iter().find(|(suite, _)| name == Some(suite) || variant.words == [*suite]);
            if let Some((suite, version)) = named {
                variant.words.retain(|word| word != suite);
                variant.version = version.to_vec();
            }
        }
        variant.words.sort_unstable();
        variant
    }

    /// Its words without those that name a distribution.
    fn kind(&self) -> Vec<&str> {
        self.words.iter().copied().filter(|word| !SYSTEMS.contains(word)).collect()
    }

    /// How much another tag differs, the less the better; `None` if it is another kind of image.
    fn distance(&self, other: &Variant<'_>, image: &str) -> Option<Distance> {
        if self.kind() != other.kind() {
            return None;
        }
        let named = |v: &Variant<'_>| v.suite.is_some_and(|s| !s.is_empty());
        if image == "debian" && !(named(self) && named(other)) {
            return None;
        }
        let system = self.words != other.words
            || self.suite.is_some() && other.suite.is_some() && self.suite != other.suite;
        let number = |v: &Variant<'_>, i: usize| v.version.get(i).copied();
        let apart = |i: usize| match (number(self, i), number(other, i)) {
            (Some(a), Some(b)) => a.abs_diff(b),
            _ => 0,
        };
        Some(Distance { system, majors: apart(0), minors: apart(1) })
    }

    fn ratio(&self, image: &str) -> (f64, f64) {
        let has = |word: &str| self.words.contains(&word);
        let java = ["openjdk", "eclipse-temurin", "amazoncorretto", "azul-zulu"].contains(&image);
        match (has("alpine"), has("slim")) {
            _ if java && has("jre") => RATIO_JRE,
            (true, _) if java => RATIO_JDK_ALPINE,
            _ if java => RATIO_JDK,
            _ if image == "ros" => RATIO_ROS,
            (true, _) if matches!(image, "php" | "ruby") => RATIO_SCRIPTS_ALPINE,
            (true, _) => RATIO_ALPINE,
            (_, true) => RATIO_SLIM,
            _ => RATIO_FULL,
        }
    }
}

/// How far the tag of a figure is from the one that is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    /// True for another release of the distribution, or another distribution.
    system: bool,
    majors: u32,
    minors: u32,
}

/// What `image` weighs on `arch` (`amd64`), unpacked; `None` where the catalogue has nothing like it.
#[must_use]
pub fn base_size(image: &ImageRef, arch: &str) -> Option<BaseSize> {
    let Known { name, tag, arch } = known_as(image, arch);
    let figures = base_figures(&name);
    let wanted = Variant::of(&name, &tag);
    // A figure of a tag says nothing exact of what it was at a date.
    let dated = tag.split(['-', '.']).any(|part| part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit()));
    let key = |of: &Variant<'_>, figure: &BaseFigure| {
        // `debian:12` and `debian:bookworm` are one image.
        let named_otherwise = name == "ubuntu" && wanted.version.len() == 2 && wanted == *of;
        let same_release = named_otherwise
            || name == "debian"
                && wanted.version.len() < 2
                && wanted.suite.is_some_and(|s| !s.is_empty())
                && (&wanted.words, wanted.suite) == (&of.words, of.suite);
        let exact = figure.tag == tag || same_release && !dated;
        let distance = if exact { Distance::default() } else { wanted.distance(of, &name)? };
        Some((!exact, distance, figure.arch != arch, figure.compressed))
    };
    let best = figures
        .iter()
        .map(|figure| (Variant::of(&name, figure.tag), figure))
        .filter_map(|(of, figure)| Some((key(&of, figure)?, of.version, figure)))
        // Of equally near ones the newest, by version where the tag leaves that open.
        .min_by(|(a, a_version, a_figure), (b, b_version, b_figure)| {
            let open = || b_version.cmp(a_version).then_with(|| b_figure.date.cmp(a_figure.date));
            a.cmp(b).then_with(open)
        });
    let Some(((other_tag, distance, other_arch, compressed), _, figure)) = best else {
        return distroless(&name, &tag, arch);
    };
    let mut slack = 0.0;
    let mut bytes = as_float(figure.bytes);
    if compressed {
        let (ratio, off) = wanted.ratio(&name);
        bytes *= ratio;
        slack += off;
    }
    if other_tag || other_arch {
        slack += f64::from(distance.majors).mul_add(SLACK_MAJOR, SLACK_VERSION);
    }
    if distance.system {
        slack += SLACK_SYSTEM;
    }
    Some(figure_with(figure, bytes, slack))
}

fn figure_with(figure: &BaseFigure, bytes: f64, slack: f64) -> BaseSize {
    let slack = slack.min(MAX_SLACK);
    BaseSize {
        bytes: as_bytes(bytes),
        range: (as_bytes(bytes * (1.0 - slack)), as_bytes(bytes * (1.0 + slack))),
        exact: slack == 0.0,
        tag: Cow::Borrowed(figure.tag),
        date: Cow::Borrowed(figure.date),
        source: Cow::Borrowed(figure.source),
        locked: false,
    }
}

/// What an image of distroless weighs by those that are called nearly the same: on another Debian, or with another
/// version of the language.
fn distroless(name: &str, tag: &str, arch: &str) -> Option<BaseSize> {
    /// `debug` adds a shell.
    const SHELL: f64 = 1_200_000.0;
    let image = name.strip_prefix("gcr.io/distroless/")?;
    let (language, debian) = image.split_once("-debian").unwrap_or((image, ""));
    let letters = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    // The newest first.
    let releases = ["13", "12"].into_iter().filter(|of| debian != *of);
    let names = releases.map(|of| format!("gcr.io/distroless/{language}-debian{of}"));
    let mut figures = names.flat_map(|name| base_figures(&name));
    let named = figures.find(|f| f.arch == arch && !f.compressed);
    let like = || {
        let nodes = base_figures("gcr.io/distroless/nodejs22-debian12");
        nodes.first().copied().filter(|_| letters(language) == "nodejs")
    };
    let figure = named.or_else(like)?;
    let shell = if tag.split('-').any(|part| part == "debug") { SHELL } else { 0.0 };
    Some(figure_with(&figure, as_float(figure.bytes) + shell, SLACK_VERSION + SLACK_SYSTEM))
}

/// A smaller image of the same software, as it would be written, and what may break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// The reference to write instead.
    pub reference: String,
    /// What is different in it.
    pub caveat: &'static str,
}

/// The smaller siblings of an image that the catalogue knows to exist, the safest first.
#[must_use]
pub fn siblings(image: &ImageRef) -> Vec<Sibling> {
    if &*image.registry != "docker.io" || image.digest.is_some() {
        return Vec::new();
    }
    let name = image.familiar_path();
    let tag = image.tag.as_deref().unwrap_or("latest");
    let own = Variant::of(name, tag);
    // Of another kind than these none is a sibling.
    if !own.words.is_empty() && own.words != ["slim"] {
        return Vec::new();
    }
    let figures = base_figures(name);
    let has =
        |word: &str| figures.iter().any(|f| f.tag.contains(word) && Variant::of(name, f.tag).words == [word]);
    let mut found = Vec::new();
    if own.words.is_empty() && has("slim") {
        found.push(Sibling {
            reference: format!("{name}:{}", with_slim(tag, &own, &figures)),
            caveat: if name == "debian" {
                "it has no manual pages and translations"
            } else {
                "it has no compilers, headers, Git or curl"
            },
        });
    }
    if own.suite.is_none() && has("alpine") && tag != "latest" {
        let version = tag.trim_end_matches("-slim");
        found.push(Sibling {
            reference: format!("{name}:{version}-alpine"),
            caveat: "it has musl instead of glibc and no bash: prebuilt binaries may not run",
        });
    }
    found
}

/// The tag with `slim` where the image's own tags have it: `3.11-slim-bookworm`, `22-bookworm-slim`.
fn with_slim(tag: &str, own: &Variant, figures: &[BaseFigure]) -> String {
    let Some(suite) = own.suite.filter(|_| tag.contains('-')) else {
        return if tag == "latest" { "slim".to_owned() } else { format!("{tag}-slim") };
    };
    let before = figures.iter().any(|f| suites().iter().any(|s| f.tag.contains(&format!("slim-{}", s.name))));
    if before { tag.replace(suite, &format!("slim-{suite}")) } else { format!("{tag}-slim") }
}

#[allow(clippy::cast_precision_loss, reason = "sizes of images are far below 2^52")]
const fn as_float(bytes: u64) -> f64 {
    bytes as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn as_bytes(bytes: f64) -> u64 {
    bytes.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(image: &str) -> Option<BaseSize> {
        base_size(&ImageRef::parse(image).unwrap(), "amd64")
    }

    #[test]
    fn figures_of_the_tag_itself_come_first() {
        let bookworm = size("debian:bookworm").unwrap();
        assert!(bookworm.exact && bookworm.bytes == 116_660_000 && bookworm.range.0 == bookworm.bytes);
        assert_eq!(size("debian:12").unwrap().range, bookworm.range);
        assert!(size("alpine:3.20").unwrap().exact);
    }

    #[test]
    fn what_is_worked_out_has_a_range() {
        // Published on disk: 217.5 MB for 22-bookworm-slim; 1.12 GB for 22.
        for (image, really) in [
            ("node:22-slim", 220_000_000),
            ("node:20", 1_100_000_000),
            ("python:3.11-slim", 125_000_000),
            ("python:3.11", 1_010_000_000),
            ("debian:bookworm-slim", 74_800_000),
            // Published in 2018, of long ago.
            ("node:4", 660_000_000),
            ("python:2.7", 900_000_000),
            // Published on disk, by year: 2018, 2021, 2023, 2018.
            ("ubuntu:16.04", 131_000_000),
            ("ubuntu:bionic-20180526", 81_100_000),
            ("ubuntu:18.04", 63_100_000),
            ("openjdk:8-jdk", 526_000_000),
            ("openjdk:8-jre", 274_000_000),
            ("centos:7", 204_000_000),
            ("debian:9", 101_000_000),
            ("debian:stretch-slim", 55_300_000),
            ("ros:melodic-ros-core-bionic", 950_000_000),
            ("mysql:5.7", 455_000_000),
            ("php:8.2-fpm-alpine", 83_000_000),
            ("gcr.io/distroless/static:nonroot", 1_900_000),
        ] {
            let size = size(image).unwrap_or_else(|| panic!("{image}"));
            assert!(size.range.0 <= really && really <= size.range.1, "{image}: {size:?}");
        }
        assert!(!size("python:3.11").unwrap().exact);
    }

    #[test]
    fn names_of_one_image_are_known_as_one() {
        for (image, same) in [
            ("ubuntu:noble", "ubuntu:24.04"),
            ("docker.io/library/ubuntu:jammy", "ubuntu:22.04"),
            ("library/debian:12", "debian:bookworm"),
            ("public.ecr.aws/docker/library/debian:12", "debian:bookworm"),
            ("amd64/debian:12", "debian:12"),
            ("debian:12-amd64", "debian:12"),
            ("mirror.gcr.io/library/debian:12", "debian:12"),
            ("mirror.gcr.io/debian:12", "debian:12"),
            ("debian:oldstable", "debian:12"),
            (
                "debian:12@sha256:0000000000000000000000000000000000000000000000000000000000000000",
                "debian:12",
            ),
        ] {
            assert_eq!(size(image), size(same), "{image}");
            assert!(size(image).unwrap().exact, "{image}");
        }
        let newest = size("alpine:3.20").unwrap().bytes;
        for image in ["alpine", "alpine:latest", "alpine:3"] {
            assert_eq!(size(image).unwrap().bytes, newest, "{image}");
        }
        for (image, same) in [
            ("debian:stable-slim", "debian:13-slim"),
            ("ubuntu", "ubuntu:26.04"),
            ("ubuntu:latest", "ubuntu:26.04"),
            ("node:jod-slim", "node:22-slim"),
            ("node:krypton", "node:24"),
        ] {
            assert_eq!(size(image), size(same), "{image}");
            assert!(size(image).is_some(), "{image}");
        }
        let arm = base_size(&ImageRef::parse("debian:12").unwrap(), "arm64").unwrap();
        assert_eq!(size("arm64v8/debian:12"), Some(arm.clone()));
        assert_eq!(size("debian:12-arm64v8"), Some(arm));
    }

    #[test]
    fn what_is_not_like_anything_is_unknown() {
        assert_eq!(size("example.com/own:1"), None);
        assert_eq!(size("debian:7"), None);
        assert_eq!(size("python:3.11-windowsservercore"), None);
        assert_eq!(size("gcr.io/distroless/other"), None);
        assert_eq!(size("mysql:8-alpine"), None);
        assert_eq!(size("ubuntu:12.10-slim"), None);
    }

    #[test]
    fn smaller_siblings_are_written_as_the_image_writes_them() {
        let names = |image: &str| -> Vec<String> {
            siblings(&ImageRef::parse(image).unwrap()).into_iter().map(|s| s.reference).collect()
        };
        assert_eq!(names("python:3.11"), ["python:3.11-slim", "python:3.11-alpine"]);
        assert_eq!(names("python:3.11-bookworm"), ["python:3.11-slim-bookworm"]);
        assert_eq!(names("node:22-bookworm"), ["node:22-bookworm-slim"]);
        assert_eq!(names("node:22-slim"), ["node:22-alpine"]);
        assert_eq!(names("alpine:3.20"), [""; 0]);
        assert_eq!(names("golang:1.24-trixie"), [""; 0]);
    }
}
