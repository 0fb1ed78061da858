//! What base images weigh, by the figures that are published of them.

use std::borrow::Cow;

use crate::knowledge::{BaseFigure, base_figures, suites};
use crate::syntax::ImageRef;

/// Unpacked bytes by compressed bytes for images whose unpacked size nobody has published: the medians of
/// 194 families of images in 2018, which were up to 15 % off for images of 2024 and later.
const RATIO_ALPINE: f64 = 2.8;
const RATIO_SLIM: f64 = 2.66;
const RATIO_FULL: f64 = 2.55;
/// A JDK is compressed already for the larger part.
const RATIO_JAVA: f64 = 1.6;
/// How far off such a figure may be.
const SLACK_RATIO: f64 = 0.15;
/// How far off the figure of another version of the same image may be, and how much more with each major version
/// between.
const SLACK_VERSION: f64 = 0.2;
const SLACK_MAJOR: f64 = 0.015;
const MAX_SLACK: f64 = 0.5;

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
}

/// What kind of image a tag means, versions aside: `slim`, `alpine`, `jre`, and the release it is built on.
#[derive(Debug, PartialEq, Eq)]
struct Variant {
    words: Vec<String>,
    suite: Option<String>,
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

/// The same image as the catalogue calls it, and its architecture: `arm64v8/debian` is `debian` for arm64, and
/// mirrors of the official images have the same.
fn known_as<'a>(image: &'a ImageRef, arch: &'a str) -> (String, &'a str) {
    let official = match &*image.registry {
        "docker.io" => Some(image.familiar_path()),
        "public.ecr.aws" => image.path.strip_prefix("docker/library/"),
        "mirror.gcr.io" => image.path.strip_prefix("library/"),
        _ => None,
    };
    let Some(name) = official else { return (format!("{}/{}", image.registry, image.familiar_path()), arch) };
    let of_arch = name.split_once('/').and_then(|(owner, name)| {
        let arch = match owner {
            "amd64" | "i386" | "ppc64le" | "s390x" | "riscv64" => owner,
            "arm64v8" => "arm64",
            "arm32v5" | "arm32v6" | "arm32v7" => "arm",
            _ => return None,
        };
        Some((name.to_owned(), if arch == "i386" { "386" } else { arch }))
    });
    of_arch.unwrap_or_else(|| (name.to_owned(), arch))
}

impl Variant {
    fn of(image: &str, tag: &str) -> Self {
        let mut variant = Self { words: Vec::new(), suite: None, version: Vec::new() };
        for part in tag.split(['-', '_']) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                if variant.version.is_empty() {
                    variant.version = part.split('.').map_while(|n| n.parse().ok()).collect();
                }
            } else if suites().iter().any(|s| s.name == part) {
                variant.suite = Some(part.to_owned());
            } else if !MOVING.contains(&part) {
                // `alpine3.20` is `alpine`.
                variant
                    .words
                    .push(part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned());
            }
        }
        // Debian's tags are its releases.
        if image == "debian" && variant.suite.is_none() {
            let name = match variant.version.first() {
                Some(11) => "bullseye",
                Some(12) => "bookworm",
                Some(13) => "trixie",
                None if tag.starts_with("latest") || tag.starts_with("stable") => "trixie",
                _ => "",
            };
            variant.suite = Some(name.to_owned());
        }
        // Ubuntu's are called by their year or by their name.
        if image == "ubuntu" {
            let name = variant.suite.take();
            let named =
                UBUNTU.iter().find(|(suite, _)| name.as_deref() == Some(suite) || variant.words == [*suite]);
            if let Some((suite, version)) = named {
                variant.words.retain(|word| word != suite);
                variant.version = version.to_vec();
            }
        }
        variant.words.sort_unstable();
        variant
    }

    /// How much another tag differs, the less the better; `None` if it is another kind of image.
    fn distance(&self, other: &Self, image: &str) -> Option<(bool, u32, u32)> {
        if self.words != other.words {
            return None;
        }
        let named = self.suite.as_deref().is_some_and(|s| !s.is_empty());
        if image == "debian" && !(named && self.suite == other.suite) {
            return None;
        }
        let suite = self.suite.is_some() && other.suite.is_some() && self.suite != other.suite;
        let number = |v: &Self, i: usize| v.version.get(i).copied();
        let apart = |i: usize| match (number(self, i), number(other, i)) {
            (Some(a), Some(b)) => a.abs_diff(b),
            _ => 0,
        };
        Some((suite, apart(0), apart(1)))
    }

    fn ratio(&self, image: &str) -> f64 {
        let has = |word: &str| self.words.iter().any(|w| w == word);
        let java = ["openjdk", "eclipse-temurin", "amazoncorretto", "azul-zulu"].contains(&image);
        match (has("alpine"), has("slim")) {
            _ if java => RATIO_JAVA,
            (true, _) => RATIO_ALPINE,
            (_, true) => RATIO_SLIM,
            _ => RATIO_FULL,
        }
    }
}

/// What `image` weighs on `arch` (`amd64`), unpacked; `None` where the catalogue has nothing like it.
#[must_use]
pub fn base_size(image: &ImageRef, arch: &str) -> Option<BaseSize> {
    let (name, arch) = known_as(image, arch);
    let figures = base_figures(&name);
    let tag = image.tag.as_deref().unwrap_or("latest");
    let wanted = Variant::of(&name, tag);
    let key = |figure: &&BaseFigure| {
        // `debian:12` and `debian:bookworm` are one image.
        let named_otherwise =
            name == "ubuntu" && wanted.version.len() == 2 && wanted == Variant::of(&name, figure.tag);
        let same_release = named_otherwise
            || name == "debian"
                && wanted.version.len() < 2
                && wanted.suite.as_deref().is_some_and(|s| !s.is_empty())
                && wanted == (Variant { version: wanted.version.clone(), ..Variant::of(&name, figure.tag) });
        let exact = figure.tag == tag || same_release;
        let distance =
            if exact { (false, 0, 0) } else { wanted.distance(&Variant::of(&name, figure.tag), &name)? };
        Some((!exact, distance, figure.arch != arch, figure.compressed))
    };
    let best = figures
        .iter()
        .filter_map(|f| Some((key(&f)?, f)))
        // Of equally near ones the newest, by version where the tag leaves that open.
        .min_by(|a, b| {
            let version = |figure: &BaseFigure| Variant::of(&name, figure.tag).version;
            let open = || version(b.1).cmp(&version(a.1)).then_with(|| b.1.date.cmp(a.1.date));
            a.0.cmp(&b.0).then_with(open)
        })?;
    let ((other_tag, (_, majors, _), other_arch, compressed), figure) = best;
    let mut slack = 0.0;
    let mut bytes = as_float(figure.bytes);
    if compressed {
        bytes *= wanted.ratio(&name);
        slack += SLACK_RATIO;
    }
    if other_tag || other_arch {
        slack += f64::from(majors).mul_add(SLACK_MAJOR, SLACK_VERSION);
    }
    slack = slack.min(MAX_SLACK);
    Some(BaseSize {
        bytes: as_bytes(bytes),
        range: (as_bytes(bytes * (1.0 - slack)), as_bytes(bytes * (1.0 + slack))),
        exact: slack == 0.0,
        tag: Cow::Borrowed(figure.tag),
        date: Cow::Borrowed(figure.date),
        source: Cow::Borrowed(figure.source),
    })
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
    let figures = base_figures(name);
    let tag = image.tag.as_deref().unwrap_or("latest");
    let own = Variant::of(name, tag);
    let has = |word: &str| figures.iter().any(|f| Variant::of(name, f.tag).words == [word]);
    let mut found = Vec::new();
    if own.words.is_empty() && has("slim") {
        found.push(Sibling {
            reference: format!("{name}:{}", with_slim(tag, &own, figures)),
            caveat: if name == "debian" {
                "it has no manual pages and translations"
            } else {
                "it has no compilers, headers, git or curl"
            },
        });
    }
    if (own.words.is_empty() || own.words == ["slim"])
        && own.suite.is_none()
        && has("alpine")
        && tag != "latest"
    {
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
    let Some(suite) = own.suite.as_deref().filter(|_| tag.contains('-')) else {
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
        ] {
            let size = size(image).unwrap();
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
        ] {
            assert_eq!(size(image), size(same), "{image}");
            assert!(size(image).unwrap().exact, "{image}");
        }
        let newest = size("alpine:3.20").unwrap().bytes;
        for image in ["alpine", "alpine:latest", "alpine:3"] {
            assert_eq!(size(image).unwrap().bytes, newest, "{image}");
        }
        let arm = base_size(&ImageRef::parse("debian:12").unwrap(), "arm64").unwrap();
        assert_eq!(size("arm64v8/debian:12"), Some(arm));
    }

    #[test]
    fn what_is_not_like_anything_is_unknown() {
        assert_eq!(size("example.com/own:1"), None);
        assert_eq!(size("debian:7"), None);
        assert_eq!(size("python:3.11-windowsservercore"), None);
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
