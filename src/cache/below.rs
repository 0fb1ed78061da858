//! The images of other builds of the project that a build starts from or copies from.

use super::Fate;

/// What becomes of the image of another build.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Below {
    /// For a stage that starts from it: with its ONBUILD instructions.
    pub start: Built,
    /// For a copy from it.
    pub image: Built,
}

/// What becomes of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// How far it is built again.
    pub fate: Fate,
    /// The first cause.
    pub cause: Cause,
}

/// Why an image is built again, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cause {
    /// Nothing of it is.
    #[default]
    None,
    /// Little is known of the build, or of what changes of it.
    Unknown,
    /// Its ONBUILD instructions take changed files.
    Triggers {
        /// The first of the paths; `None` where any source file may change.
        path: Option<String>,
        /// How many.
        paths: usize,
    },
    /// Its Dockerfile changes, or that of an image below it.
    Dockerfile {
        /// Which.
        dockerfile: String,
    },
    /// A line of a Dockerfile.
    Line {
        /// The Dockerfile.
        dockerfile: String,
        /// The line.
        line: u32,
    },
}

impl Default for Built {
    fn default() -> Self {
        Self { fate: Fate::Kept, cause: Cause::None }
    }
}

impl Built {
    /// What cannot be known.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { fate: Fate::Perhaps, cause: Cause::Unknown }
    }
}
