//! What the build cache keeps, as JSON; [`super::cache_table`] shows it to people.

use std::io::{self, Write};

use serde::Serialize;

use super::plan::Amounts;

/// What becomes of the layers of a build when files change. This is the JSON document, too: names and types
/// stay, new ones may come within a version. Paths are as they were named, or relative to the context.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CacheReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The context's folder.
    pub context: String,
    /// The stage that was asked for.
    pub target: Option<String>,
    /// The paths that change; `None` if any source file may.
    pub changed: Option<Vec<ChangedRow>>,
    /// True if the Dockerfile changes.
    pub dockerfile_changed: bool,
    /// What is known of its change.
    pub dockerfile_change: CacheFileChange,
    /// What is known of the change of the ignore file.
    pub ignore_change: CacheFileChange,
    /// The names of the build arguments that change.
    pub args_changed: Vec<String>,
    /// The layers of the stages that the target needs, in the order of the file.
    pub layers: Vec<CacheRow>,
    /// Those that are taken from the cache, base images left out, as in the other sums.
    pub kept: CacheSum,
    /// Those of which only the build knows.
    pub perhaps: CacheSum,
    /// Those that are built again.
    pub rebuilt: CacheSum,
    /// Other orders that would keep installs in the cache.
    pub advice: Vec<OrderRow>,
    /// What went wrong, or is of no use.
    pub notes: Vec<String>,
}

/// A path that changes.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedRow {
    /// As it was named.
    pub path: String,
    /// True if there is such a file, in the context or elsewhere.
    pub exists: bool,
    /// True for the Dockerfile and its ignore file, which count whether an instruction copies them or not.
    pub says_what_is_built: bool,
    /// What is known of it.
    pub state: ChangedState,
    /// What leaves it out.
    pub ignored_by: Option<IgnoredBy>,
    /// The lines of the instructions that take something of it.
    pub lines: Vec<u32>,
    /// The lines of those that may, where none surely does.
    pub maybe_lines: Vec<u32>,
    /// The other builds of the project that take something of it, and whose images this one starts or copies from.
    pub builds: Vec<String>,
}

/// What is known of the change of a Dockerfile or an ignore file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheFileChange {
    /// It does not change.
    #[default]
    None,
    /// It is compared with the old one.
    Compared,
    /// It changes, and the old one is not known.
    Unknown,
}

/// In what a layer differs from all layers of the last build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedPart {
    /// Its instruction is new or changed.
    Instruction,
    /// Variables of ENV or ARG have other values.
    Variables,
    /// USER.
    User,
    /// The folder of WORKDIR.
    Folder,
    /// SHELL.
    Shell,
    /// The base image.
    Base,
    /// The build context of the name that it takes from.
    Context,
    /// A layer below it is gone, new or in another place.
    Below,
}

/// A line of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoredBy {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// What is known of a changed path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedState {
    /// It is in the context.
    There,
    /// It is not there, so it counts as deleted.
    Deleted,
    /// The ignore file leaves it out.
    Ignored,
    /// It is not in the context.
    Outside,
}

/// What becomes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheFate {
    /// It is taken from the cache.
    Kept,
    /// Only the build knows.
    Perhaps,
    /// It is built again.
    Rebuilt,
}

impl CacheFate {
    /// A word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Perhaps => "maybe",
            Self::Rebuilt => "rebuilt",
        }
    }
}

/// A layer.
#[derive(Debug, Clone, Serialize)]
pub struct CacheRow {
    /// The number of its stage, from 0.
    pub stage: usize,
    /// The name of its stage.
    pub stage_name: Option<String>,
    /// First and last line of its instruction.
    pub lines: (u32, u32),
    /// The instruction, as one line.
    pub instruction: String,
    /// What becomes of it.
    pub fate: CacheFate,
    /// Why.
    pub reason: CacheReason,
    /// True if it is a layer of the target's image, and not of a stage that is only copied from.
    pub in_image: bool,
    /// True for a FROM: what the stage starts from, perhaps many layers.
    pub base: bool,
    /// The bytes of its files, as far as they are known; those of a FROM are in no sum.
    pub sum: Amounts,
    /// How they are known: `measured`, `index`, `catalogue`, `estimated` or `unknown`.
    pub known_by: &'static str,
}

/// Why that becomes of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CacheReason {
    /// Nothing that it is made from changes.
    Untouched,
    /// It comes from an image or an address.
    Elsewhere,
    /// It has `--link`, so that it does not depend on the layers below it where the image store can merge layers.
    Linked {
        /// The first line that is rebuilt.
        line: u32,
    },
    /// It takes changed files.
    Takes {
        /// The source that takes them, the first if there are several.
        source: String,
        /// The first changed path that it takes something of; none if any source file may change.
        path: Option<String>,
        /// How many changed paths it takes something of.
        paths: usize,
        /// True if that path is not there any more.
        deleted: bool,
        /// How many changed files it takes that are there.
        files: u64,
        /// The largest of them.
        example: Option<String>,
    },
    /// The ignore file now lets in or leaves out something that it takes.
    IgnoreFile {
        /// The source that takes it, the first if there are several.
        source: String,
        /// The first of the paths.
        path: String,
        /// How many paths.
        paths: usize,
        /// True if that path is let in.
        kept: bool,
    },
    /// The ignore file changes in a way that is not known.
    UnknownIgnoreFile {
        /// The source that it may change.
        source: String,
    },
    /// It is not made as any layer of the last build.
    Changed {
        /// In what it differs.
        what: ChangedPart,
        /// The variables that have other values, at most five.
        names: Vec<String>,
    },
    /// The Dockerfile changes in a way that is not known.
    UnknownDockerfile,
    /// It may come from a build context with a name.
    UnknownContext,
    /// The base image has ONBUILD instructions, which are not known.
    UnknownTriggers,
    /// ONBUILD instructions of the base image take changed files.
    Triggers {
        /// The first of the changes; `null` where any source file may change.
        path: Option<String>,
        /// How many changes they take something of.
        paths: usize,
    },
    /// Its stage starts from the image of another build of the project, which is built again or may be.
    OnBuild {
        /// That build.
        build: String,
        /// The Dockerfile that has the first cause, where that is known.
        dockerfile: Option<String>,
        /// Its line.
        line: Option<u32>,
    },
    /// It copies from the image of another build of the project, which is built again or may be.
    FromBuild {
        /// That build.
        build: String,
    },
    /// The build fails here.
    Fails {
        /// The source that is not in the context any more.
        source: String,
    },
    /// A source depends on a variable.
    UnknownSource,
    /// A source is not in the context.
    MissingSource {
        /// The source.
        source: String,
    },
    /// It copies from a stage of which something is rebuilt; only other content rebuilds it.
    FromStage {
        /// The name of that stage, or its number.
        stage: String,
    },
    /// Its stage starts from one that is rebuilt.
    OnStage {
        /// The name of that stage, or its number.
        stage: String,
    },
    /// It is built on a layer that is rebuilt.
    Follows {
        /// The first line that is rebuilt.
        line: u32,
    },
}

/// Layers of one fate.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CacheSum {
    /// How many.
    pub layers: usize,
    /// How many of them are layers of the target's image, which are pushed and pulled.
    pub in_image: usize,
    /// The bytes of those, as far as they are known.
    pub sum: Amounts,
    /// The lines of those whose bytes are not all known.
    pub unknown: Vec<u32>,
}

/// An order that would keep an install in the cache.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrderRow {
    /// The command that installs.
    pub command: String,
    /// The first line of its instruction.
    pub line: u32,
    /// The bytes of that layer, as far as they are known.
    pub sum: Amounts,
    /// The line of the COPY that comes too early.
    pub copy_line: u32,
    /// The files that would rebuild it then; none for packages that the command names.
    pub until: Vec<String>,
    /// True if the command builds the project, too: then what is kept are the downloads.
    pub builds: bool,
    /// What to do, in words.
    pub words: String,
    /// The first line and the last one to write anew, where that is sure.
    pub replaces: Option<(u32, u32)>,
    /// What to write in their place; an instruction may have several lines.
    pub write: Vec<String>,
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_cache_json(out: &mut dyn Write, report: &CacheReport) -> io::Result<()> {
    super::json::to_writer(out, report)
}
