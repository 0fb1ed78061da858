//! The triggers of images that other builds of the project make, where a stage of this file starts from such an image:
//! BuildKit runs them there, with the context of this build.

use std::sync::Arc;

use crate::context::{QueryResult, Scan, SourceQuery};
use crate::syntax::{self, Instruction};
use crate::text::Source;

use super::stage::Base;
use super::{Analysis, BuildContext, CopyUse, Model, NamedContext, SiblingImage, Stage};

/// In how many stages such triggers are looked at.
const MAX_STAGES: usize = 64;

/// The triggers of another build's image that run in a stage.
#[derive(Debug, Clone, Copy)]
pub struct ForeignTriggers<'m> {
    /// The stage.
    pub stage: &'m Stage,
    /// The image that the stage starts from.
    pub image: &'m SiblingImage,
    /// The triggers as plain instructions of a file of their own.
    model: &'m Arc<Model>,
    /// The number of their first query.
    first: usize,
}

impl Model {
    /// The triggers of images of other builds that run in stages which are built.
    #[must_use]
    pub fn foreign_triggers(&self) -> Vec<ForeignTriggers<'_>> {
        if self.build().contexts.is_empty() {
            return Vec::new();
        }
        let mut first = self.copies.len() + self.triggered.len();
        let mut found = Vec::new();
        for stage in self.stages.iter().filter(|stage| stage.reachable && stage.base == Base::Named) {
            if let Some((_, NamedContext::Build(image))) = self.named_base(stage)
                && image.is_triggers
                && let Some(model) = &image.model
                && found.len() < MAX_STAGES
            {
                found.push(ForeignTriggers { stage, image, model, first });
                first += model.copies.len();
            }
        }
        found
    }

    /// The instruction that asks what the query of a number asks: that of the copy, or the FROM whose image has triggers
    /// that do.
    #[must_use]
    pub fn step_of_query(&self, id: usize) -> Option<usize> {
        if let Some((copy, _)) = self.copy_of_query(id) {
            return Some(copy.step);
        }
        let triggers = self.foreign_triggers();
        triggers.iter().find(|triggers| triggers.has(id)).map(|triggers| triggers.stage.steps.start)
    }
}

impl<'m> ForeignTriggers<'m> {
    /// What they mean, as the copies of a file of their own.
    #[must_use]
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// True if one of them asks the query of this number.
    #[must_use]
    pub fn has(&self, id: usize) -> bool {
        self.copy(id).is_some()
    }

    /// The copy that asks the query of this number.
    #[must_use]
    pub fn copy(&self, id: usize) -> Option<&'m CopyUse> {
        self.model.copies.get(id.checked_sub(self.first)?)
    }

    /// What they ask of the context of the build.
    #[must_use]
    pub fn queries(&self) -> Vec<SourceQuery> {
        let asked = self.model.copies.iter().filter_map(|copy| copy.query.clone());
        asked.map(|query| SourceQuery { id: query.id + self.first, reachable: true, ..query }).collect()
    }

    /// The same as a build of its own, with what `of` has measured for them.
    #[must_use]
    pub fn analysis(&self, of: &Analysis) -> Analysis {
        let mut model = Arc::clone(self.model);
        if !self.stage.in_final_image {
            // What they copy is left behind then.
            let file = &model.file;
            let text = format!("{}FROM scratch\nCOPY --from=0 / /\n", file.text());
            let file = syntax::parse(Source::from_text(file.source.name().to_owned(), text));
            model = Arc::new(Model::of_build(file, model.build()));
        }
        let context = of.context().map(|context| {
            let own = context.scan.per_query.iter().filter(|result| self.has(result.id));
            let own = own.map(|result| QueryResult { id: result.id - self.first, ..result.clone() });
            let scan = Scan { per_query: own.collect(), ..context.scan.clone() };
            Arc::new(BuildContext { scan, ..context.clone() })
        });
        Analysis::new(model).with_context(context)
    }

    /// The instruction with ONBUILD that one of [`model`](Self::model) is; `None` for the FROM above them.
    #[must_use]
    pub fn written(&self, step: usize) -> Option<&'m Instruction> {
        let plain = self.image.plain()?;
        let triggers = &plain.final_stage()?.triggers;
        triggers.get(step.checked_sub(1)?).map(|step| plain.instruction(*step))
    }
}
