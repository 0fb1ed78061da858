//! Programs that base images lack: `rules/data/base_programs.toml`.

use table::{APK, SETS};

mod table {
    use super::ProgramSet;

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

/// What an image lacks.
#[derive(Debug, Clone, Copy)]
pub struct Lacking {
    set: &'static ProgramSet,
    has: &'static [&'static str],
}

impl Lacking {
    /// The programs, of those that `is_asked` is true for, that it surely does not have.
    pub fn programs(self, is_asked: impl Fn(&&str) -> bool) -> impl Iterator<Item = &'static str> {
        let asked = self.set.lacks.iter().copied().filter(move |program| is_asked(program));
        asked.filter(move |program| !self.has.contains(program))
    }

    /// True if it surely does not have `program`.
    #[must_use]
    pub fn has_not(self, program: &str) -> bool {
        self.set.lacks.contains(&program) && !self.has.contains(&program)
    }
}

/// What the image that people write as `image` lacks, of the kind `set`: `alpine`, `debian`, `debian-slim` or
/// `ubuntu`.
#[must_use]
pub fn lacking(set: &str, image: &str) -> Option<Lacking> {
    let (_, set) = SETS.iter().find(|(name, _)| *name == set)?;
    let (_, has) = set.images.iter().find(|(name, _)| *name == image)?;
    Some(Lacking { set, has })
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
        let alpine = lacking("alpine", "alpine").unwrap();
        assert!(alpine.has_not("curl") && !alpine.has_not("wget"));
        assert!(lacking("alpine", "example.com/own").is_none());
        assert_eq!(apk_brings("git"), Some(&["git"][..]));
        assert_eq!(apk_brings("something-else"), None);
    }
}
