//! Which programs a stage lacks as it begins.

use crate::knowledge::{COMMON_PROGRAMS, Family, Lacking, Trait, lacking, program_is};
use crate::semantic::{Base, Model, Stage, family};
use crate::syntax::ImageRef;

/// Tags of releases that brought more than those of today.
const OLD: [&str; 12] =
    ["12.04", "14.04", "16.04", "precise", "trusty", "xenial", "7", "8", "wheezy", "jessie", "squeeze", "6"];

/// What the image that a stage starts from lacks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lacks {
    /// All programs, shells too.
    Everything,
    Some(Lacking),
}

impl Lacks {
    /// What `stage` lacks as it begins, where that is known.
    pub(super) fn of(model: &Model, stage: &Stage) -> Option<Self> {
        match model.root_base(stage) {
            Base::Scratch => Some(Self::Everything),
            Base::Image(image) => Self::of_image(image),
            Base::Named => model.below(stage).and_then(|(below, end)| Self::of(below, end)),
            Base::Stage(_) | Base::Unknown => None,
        }
    }

    fn of_image(image: &ImageRef) -> Option<Self> {
        let tag = image.tag.as_deref().unwrap_or("");
        let part = |name: &str| tag.split(['-', '_']).any(|p| p == name);
        if &*image.registry == "gcr.io" && image.path.starts_with("distroless/") {
            // Those for a look around have the shell of busybox.
            let image = image.path.trim_start_matches("distroless/");
            // Python's of Debian 10 and 11 have `dash`.
            let dash = matches!(image, "python3-debian10" | "python3-debian11");
            return (!part("debug") && !dash).then_some(Self::Everything);
        }
        if part("chiseled") || part("distroless") {
            return image.path.starts_with("dotnet/").then_some(Self::Everything);
        }
        let name = match &*image.registry {
            "docker.io" => image.familiar_path().to_owned(),
            registry => format!("{registry}/{}", image.path),
        };
        let is_os = matches!(&*name, "debian" | "ubuntu");
        if tag.split(['-', '.']).next().is_some_and(|first| is_os && OLD.contains(&first))
            || OLD.iter().any(|old| tag.starts_with(old) && old.len() > 1)
        {
            return None;
        }
        let set = match family(image) {
            Family::Alpine => "alpine",
            Family::Debian if part("slim") => "debian-slim",
            Family::Debian => "debian",
            Family::Ubuntu => "ubuntu",
            _ => return None,
        };
        // What a moving tag was when its digest was taken, nobody can tell.
        let versioned = tag.starts_with(|c: char| c.is_ascii_digit());
        let tag = (image.digest.is_none() || versioned).then_some(tag);
        lacking(set, &name, tag).map(Self::Some)
    }

    pub(super) fn has_not(self, program: &str) -> bool {
        match self {
            Self::Everything => program_is(program, Trait::Shell) || COMMON_PROGRAMS.contains(&program),
            Self::Some(lacking) => lacking.has_not(program),
        }
    }
}
