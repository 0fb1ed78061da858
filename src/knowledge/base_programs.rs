//! Programs that base images lack: `rules/data/base_programs.toml`.

use table::{APK, DROPPED, SETS};

mod table {
    use super::{Dropped, ProgramSet};

    include!(concat!(env!("OUT_DIR"), "/base_programs.rs"));
}

/// What images of one kind lack.
#[derive(Debug)]
pub struct ProgramSet {
    /// Programs that a minimal system of this kind does not have.
    pub lacks: &'static [&'static str],
    /// Images, and which of those programs they bring.
    pub images: &'static [(&'static str, &'static [&'static str])],
}

/// Programs that an image no longer brings from some version on.
#[derive(Debug)]
pub struct Dropped {
    /// The repository as people write it.
    pub image: &'static str,
    /// The first version without them, as tags begin.
    pub version: u32,
    /// Words of tags without a version that mean this one or a later one.
    pub tags: &'static [&'static str],
    /// The programs.
    pub lacks: &'static [&'static str],
}

impl Dropped {
    /// True for a tag of this version or a later one: `26-slim`, `lts-alpine`.
    fn is_of(&self, tag: &str) -> bool {
        let version = tag.split(['-', '.']).next().and_then(|first| first.parse::<u32>().ok());
        match version {
            Some(version) => version >= self.version,
            None => tag.split('-').all(|word| self.tags.contains(&word)),
        }
    }
}

/// What an image lacks.
#[derive(Debug, Clone, Copy)]
pub struct Lacking {
    never: &'static [&'static str],
    has: &'static [&'static str],
    dropped: &'static [&'static str],
}

impl Lacking {
    /// True if it surely does not have `program`.
    #[must_use]
    pub fn has_not(self, program: &str) -> bool {
        self.never.contains(&program) && !self.has.contains(&program) || self.dropped.contains(&program)
    }
}

/// What the image that people write as `image` lacks, of the kind `set`: `alpine`, `debian`, `debian-slim` or
/// `ubuntu`; by its `tag`, where versions differ. The tag is `None` for a digest alone.
#[must_use]
pub fn lacking(set: &str, image: &str, tag: Option<&str>) -> Option<Lacking> {
    let known = || {
        let (_, set) = SETS.iter().find(|(name, _)| *name == set)?;
        let (_, has) = set.images.iter().find(|(name, _)| *name == image)?;
        Some((set.lacks, *has))
    };
    let dropped = tag.and_then(|tag| DROPPED.iter().find(|row| row.image == image && row.is_of(tag)));
    let known = known();
    if known.is_none() && dropped.is_none() {
        return None;
    }
    let (never, has) = known.unwrap_or_default();
    Some(Lacking { never, has, dropped: dropped.map_or(&[], |row| row.lacks) })
}

/// The version from which `image` has no `program` any more.
#[must_use]
pub fn dropped_since(image: &str, program: &str) -> Option<u32> {
    DROPPED
        .iter()
        .filter(|row| row.image == image && row.lacks.contains(&program))
        .map(|row| row.version)
        .min()
}

/// The programs that a package of Alpine brings, of those that images lack; `None` if that is not known.
#[must_use]
pub fn apk_brings(package: &str) -> Option<&'static [&'static str]> {
    APK.binary_search_by_key(&package, |(name, _)| name).ok().and_then(|at| APK.get(at)).map(|(_, has)| *has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_brings_is_known_to_be_lacking_elsewhere() {
        for (name, set) in SETS {
            for (image, has) in set.images {
                let strange = has.iter().find(|p| !set.lacks.contains(p));
                assert_eq!(strange, None, "{name}: {image}");
            }
        }
        let alpine = lacking("alpine", "alpine", Some("3.23")).unwrap();
        assert!(alpine.has_not("curl") && !alpine.has_not("wget"));
        assert!(lacking("alpine", "example.com/own", None).is_none());
        assert_eq!(apk_brings("git"), Some(&["git"][..]));
        assert_eq!(apk_brings("something-else"), None);
    }

    #[test]
    fn what_newer_images_of_node_lack_goes_by_the_tag() {
        for (tag, corepack, yarn) in [
            ("24-slim", false, false),
            ("25", true, false),
            ("25.2.1-alpine3.22", true, false),
            ("26", true, true),
            ("26.1-trixie-slim", true, true),
            ("lts-alpine", true, true),
            ("current-bookworm-slim", true, true),
            ("", true, true),
            // What is no longer built is older.
            ("lts-buster", false, false),
            ("alpine3.18", false, false),
            ("krypton-slim", false, false),
        ] {
            let lacks = |program| lacking("none", "node", Some(tag)).is_some_and(|l| l.has_not(program));
            assert_eq!((lacks("corepack"), lacks("yarn")), (corepack, yarn), "{tag}");
        }
        assert!(lacking("none", "node", None).is_none());
        assert_eq!(dropped_since("node", "corepack"), Some(25));
    }
}
