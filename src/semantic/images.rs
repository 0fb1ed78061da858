//! What base images are, by their names and tags.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::knowledge::{Family, ImageFacts, RED_HAT_TAGS, image_facts, suites};
use crate::syntax::ImageRef;

/// The facts on `image`, if it is a known one.
#[must_use]
pub fn facts(image: &ImageRef) -> Option<&'static ImageFacts> {
    image_facts(&written(image))
}

/// The name of an image as people write it: no `docker.io`, no `library/`.
pub(super) fn written(image: &ImageRef) -> Cow<'_, str> {
    if &*image.registry == "docker.io" {
        Cow::Borrowed(image.familiar_path())
    } else {
        Cow::Owned(format!("{}/{}", image.registry, image.path))
    }
}

/// The distribution family of `image`, by its tag first.
#[must_use]
pub fn family(image: &ImageRef) -> Family {
    let tag = image.tag.as_deref().unwrap_or("");
    let parts = tag.as_bytes().split(|b| matches!(b, b'-' | b'.' | b'_'));
    // The number of a version is a part of most tags, and starts none of these.
    let words = parts.filter(|part| part.first().is_some_and(u8::is_ascii_alphabetic));
    let row = |word: &[u8]| {
        let alike = letter(*word.first()?).and_then(|letter| TAG_WORDS.get(letter))?;
        alike.iter().find(|known| word.starts_with(known.start.as_bytes()))
    };
    match words.filter_map(row).min_by_key(|known| known.rank) {
        Some(known) => known.family,
        None => facts(image).map_or(Family::Unknown, |f| f.family),
    }
}

/// True for an image of AWS Lambda, which starts a function by its name and not a program.
#[must_use]
pub fn is_lambda(image: &ImageRef) -> bool {
    ["lambda/", "amazon/aws-lambda-", "lambci/lambda"].iter().any(|start| image.path.starts_with(start))
}

/// The place of a small letter in the alphabet.
fn letter(byte: u8) -> Option<usize> {
    byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'))
}

/// How a part of a tag starts that says the family; of several that are in a tag, that of the lowest rank counts.
struct TagWord {
    rank: usize,
    start: &'static str,
    family: Family,
}

/// The words of tags by their first letter.
static TAG_WORDS: LazyLock<[Vec<TagWord>; 26]> = LazyLock::new(|| {
    let releases = |of| suites().iter().filter(move |s| s.family == of).map(move |s| (s.name, of));
    let windows = ["windowsservercore", "nanoserver", "windows", "ltsc"].map(|word| (word, Family::Windows));
    let red_hat = RED_HAT_TAGS.iter().map(|word| (*word, Family::RedHat));
    let rows = [("alpine", Family::Alpine)].into_iter().chain(windows).chain(releases(Family::Debian));
    let rows = rows.chain(red_hat).chain(releases(Family::Ubuntu)).chain([("ubuntu", Family::Ubuntu)]);
    let mut by_letter = std::array::from_fn(|_| Vec::new());
    for (rank, (start, family)) in rows.enumerate() {
        if let Some(alike) =
            start.bytes().next().and_then(letter).and_then(|letter| by_letter.get_mut(letter))
        {
            alike.push(TagWord { rank, start, family });
        }
    }
    by_letter
});

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
