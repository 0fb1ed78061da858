//! What becomes of a layer, and why.

use crate::semantic::StageId;

/// What becomes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is taken from the cache.
    Kept,
    /// That depends on what only the build knows.
    Perhaps,
    /// It is built again.
    Rebuilt,
}

/// Why that becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nothing that it is made from changes.
    Untouched,
    /// It comes from an image, an address or a repository, which no file of the context changes.
    Elsewhere,
    /// It has `--link`, so where the store can merge layers it does not go by those below it, though the one of
    /// `step` is rebuilt.
    Linked {
        /// The first step that is rebuilt.
        step: usize,
    },
    /// A copy takes changed files.
    Takes {
        /// The number of the query.
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
        /// Which change, the first if there are several.
        change: usize,
        /// How many changes it takes something of.
        changes: usize,
        /// How many changed files that are there.
        files: u64,
        /// The largest of these files.
        example: Option<String>,
    },
    /// The ignore file lets in or leaves out something that a copy takes.
    Ignored {
        /// The number of the query.
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
        /// Which of the paths, the first if there are several.
        flip: usize,
        /// How many paths.
        flips: usize,
    },
    /// The ignore file changes in a way that is not known.
    UnknownIgnored {
        /// The number of the query.
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
    },
    /// The recipe of the layer differs from that of the cached build.
    Changed(Difference),
    /// The Dockerfile changes in a way that is not known.
    UnknownDockerfile,
    /// A source of the copy depends on a variable.
    UnknownSource {
        /// The number of the query.
        copy: usize,
    },
    /// It may come from a build context with a name.
    UnknownContext,
    /// The base image has triggers, which are not known.
    UnknownTriggers,
    /// Its stage starts from the image of another build of the project, which is built again or may be.
    OnBuild {
        /// The name of the context that it is.
        context: String,
    },
    /// A copy takes from the image of another build of the project, which is built again or may be.
    FromBuild {
        /// The name of the context that it is.
        context: String,
    },
    /// An image that another build of the project makes, by its name, which may be built again.
    ProjectImage {
        /// Its name.
        image: String,
    },
    /// A source of the copy is not in the context now.
    MissingSource {
        /// The number of the query.
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
    },
    /// The build fails here, since a source that was there is not any more.
    Fails {
        /// The number of the query.
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
    },
    /// A copy takes from a stage of which something is rebuilt.
    FromStage {
        /// The number of that stage.
        stage: StageId,
    },
    /// Its stage starts from one of which the last layer is rebuilt.
    OnStage {
        /// The number of that stage.
        stage: StageId,
    },
    /// It is built on the layer of an earlier step.
    Follows {
        /// The first step of the stage that is rebuilt.
        step: usize,
    },
}

/// In what a layer differs from all layers of the cached build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Its instruction is new, or says something else.
    Instruction,
    /// It sees other values of these variables.
    Variables(Vec<String>),
    /// It runs as another user.
    User,
    /// It works in another folder.
    Folder,
    /// It is run by another shell.
    Shell,
    /// Its stage starts from another image.
    Base,
    /// The build context of the name that it takes from is another one.
    Context,
    /// Only what is below it differs: a layer that is gone, new or in another place.
    Below,
}

/// One layer of what is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The number of the stage that it is a layer of.
    pub stage: StageId,
    /// The instruction that makes it; for an image that a stage starts from the FROM; for a trigger its ONBUILD.
    pub step: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// Why.
    pub why: Why,
}
