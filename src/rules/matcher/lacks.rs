//! What a stage, or an instruction, must have.

use crate::semantic::{Base, Model, PerStage, StageId};
use crate::syntax::{Instruction, Keyword, Kind};

use super::patterns::Patterns;

/// What is missing.
#[derive(Debug, Clone)]
pub(super) enum Lacks {
    /// The stage, and those that it starts from, have none of these instructions.
    Instruction(Vec<Keyword>),
    /// They set no such label.
    Label(Patterns),
    /// They set no such environment variable.
    Env(Patterns),
    /// The instruction has no such flag.
    Flag(Patterns),
}

impl Lacks {
    /// True if the instruction is, or sets, what stages are to have.
    fn is_in(&self, instruction: &Instruction) -> bool {
        if instruction.is_trigger() {
            // It is for the images that start from this one.
            return matches!(self, Self::Instruction(keywords) if keywords.contains(&Keyword::Onbuild));
        }
        match (self, &instruction.kind) {
            (Self::Instruction(keywords), _) => keywords.contains(&instruction.keyword),
            (Self::Label(names), Kind::Label(pairs)) | (Self::Env(names), Kind::Env(pairs)) => {
                // A name with a variable may be any.
                pairs.iter().any(|p| p.key.literal().is_none_or(|key| names.matches(&key)))
            }
            _ => false,
        }
    }

    /// What has it: looked up once for all stages.
    pub(super) fn holders(&self, model: &Model) -> Holders {
        let mut own = PerStage::with_capacity(model.stages.len());
        for stage in &model.stages {
            // A stage starts from an earlier one only.
            let inherited = matches!(stage.base, Base::Stage(base) if own.get(base) == Some(&true));
            own.push(inherited || model.instructions_of(stage).any(|(_, i)| self.is_in(i)));
        }
        Holders { stages: own }
    }

    /// True if the flag is missing, or anything else is.
    pub(super) fn is_missing(&self, holders: &Holders, model: &Model, step: usize) -> bool {
        if let Self::Flag(names) = self {
            return !model.instruction(step).flags.iter().any(|f| names.matches(&f.name));
        }
        let Some(stage) = model.stage_of(step) else { return false };
        let has = |index: StageId| holders.stages.get(index) == Some(&true);
        // What comes later in the same image counts as well.
        let last = model.final_stage().is_some_and(|last| has(last.index));
        !(has(stage.index) || stage.in_final_image && last)
    }
}

/// Which stages have what must not be lacking, themselves or by what they start from.
#[derive(Debug, Default)]
pub(super) struct Holders {
    stages: PerStage<bool>,
}
