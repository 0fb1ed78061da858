use std::ops::Range;

use crate::knowledge::Family;
use crate::syntax::{ImageRef, Value, Word};
use crate::text::Span;

use super::per_stage::StageId;
use super::step::State;

/// A build stage: a FROM and what follows it.
#[derive(Debug)]
pub struct Stage {
    /// Its number, from 0.
    pub index: StageId,
    /// The stage that its lineage starts with; itself if it starts from an image.
    pub(super) root: StageId,
    /// Its name in lower case.
    pub name: Option<Box<str>>,
    /// The name as written.
    pub name_word: Option<Word>,
    /// Its steps, the FROM first: indices into the file's instructions.
    pub steps: Range<usize>,
    /// What holds behind the last of them.
    pub(super) end: State,
    /// Its ONBUILD steps, which run in the stages of this file that start from it, too.
    pub triggers: Vec<usize>,
    /// How many of those of its base run in it.
    pub(super) ran: usize,
    /// What it starts from.
    pub base: Base,
    /// What the named context is that it starts from, where that is an image.
    pub(super) given: Option<Base>,
    /// The family of the image that it starts from itself; unknown if it starts from something else.
    pub(super) family: Family,
    /// The earlier stages that it may start from, where a variable chooses one: `FROM base-$TARGETARCH`.
    pub choices: Vec<StageId>,
    /// The image as written.
    pub base_word: Option<Word>,
    /// The value of the image as far as defaults of build arguments tell.
    pub base_value: Value,
    /// True if a later instruction, or the target itself, needs it: the build runs it.
    pub reachable: bool,
    /// True if its files become part of the final image: it is the final stage, or that starts from it.
    pub in_final_image: bool,
    /// True for the one that is built: the last unless a target was named.
    pub is_final: bool,
    /// Who uses it: step and place of the reference.
    pub used_by: Vec<(usize, Span)>,
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An image.
    Image(ImageRef),
    /// An earlier stage.
    Stage(StageId),
    /// A named build context, which the build is given in place of what is written.
    Named,
    /// It depends on a build argument without a default, or is no valid reference.
    Unknown,
}

impl Stage {
    /// The stage that its lineage starts with.
    #[must_use]
    pub const fn root(&self) -> StageId {
        self.root
    }

    /// The image it starts from directly.
    #[must_use]
    pub const fn image(&self) -> Option<&ImageRef> {
        match &self.base {
            Base::Image(image) => Some(image),
            _ => None,
        }
    }
}
