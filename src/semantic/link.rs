//! How the stages of a file depend on each other, once all of them are known.

use crate::context::SourceQuery;
use crate::knowledge::Family;
use crate::syntax::{ImageRef, Value, Word};
use crate::text::Span;

use super::NamedContext;
use super::build::{Builder, query};
use super::copy::{CopyFrom, CopyUse};
use super::per_stage::{PerStage, StageId};
use super::stage::Base;

/// How many stages are looked at for one that a variable chooses.
const MAX_FITTING: usize = 256;

impl Builder<'_> {
    /// Resolves references between stages, and what the final image reaches.
    pub(super) fn link(&mut self) {
        let mut edges: PerStage<Vec<StageId>> = self.model.stages.each(Vec::new());
        // Where a variable that only the build knows chooses a stage, any that fits may be it.
        let mut chosen: PerStage<Vec<StageId>> = self.model.stages.each(Vec::new());
        for stage in &self.model.stages {
            match (&stage.base, &stage.base_word) {
                (Base::Stage(base), _) => edges[stage.index].push(*base),
                (Base::Unknown, Some(word)) => {
                    chosen[stage.index] = self.fitting(&word.text, stage.index);
                    edges[stage.index].extend(&chosen[stage.index]);
                }
                _ => {}
            }
        }
        for i in 0..self.model.copies.len() {
            let step = self.model.copies[i].step;
            let Some((name, span)) = self.reference(&self.model.copies[i]) else { continue };
            let from = self.resolve(&name, step);
            if let (CopyFrom::Unknown, Some(stage)) = (&from, self.model.steps[step].stage) {
                edges[stage].extend(self.fitting(&name, stage));
            }
            if let CopyFrom::Stage(target) = from {
                if let Some(stage) = self.model.steps[step].stage {
                    edges[stage].push(target);
                }
                self.model.stages[target].used_by.push((step, span));
            }
            self.model.copies[i].from = from;
            self.ask_named(i);
        }
        for i in 0..self.model.triggered.len() {
            let stage = self.model.triggered[i].stage;
            let copy = &self.model.triggered[i].copy;
            let Some((name, span)) = self.reference(copy) else { continue };
            let (step, from) = (copy.step, self.resolve(&name, copy.step));
            match &from {
                CopyFrom::Stage(target) => {
                    edges[stage].push(*target);
                    self.model.stages[*target].used_by.push((step, span));
                }
                CopyFrom::Unknown => edges[stage].extend(self.fitting(&name, stage)),
                _ => {}
            }
            self.model.triggered[i].copy.from = from;
        }
        let Some(last) = self.model.stages.last_id() else { return };
        let named = self.build.target.as_deref().and_then(|name| self.model.target(name));
        let last = named.map_or(last, |stage| stage.index);
        self.model.target = last;
        self.model.stages[last].is_final = true;
        let mut queue = vec![last];
        while let Some(stage) = queue.pop() {
            if !std::mem::replace(&mut self.model.stages[stage].reachable, true) {
                queue.extend(&edges[stage]);
            }
        }
        // The classic builder runs all that stand above the last one, too.
        if self.build.builder == super::builder::Builder::Classic {
            self.model.stages.iter_mut().take(last.number()).for_each(|stage| stage.reachable = true);
        }
        let mut queue = vec![last];
        while let Some(stage) = queue.pop() {
            if !std::mem::replace(&mut self.model.stages[stage].in_final_image, true) {
                queue.extend(&chosen[stage]);
                queue.extend(if let Base::Stage(base) = self.model.stages[stage].base {
                    Some(base)
                } else {
                    None
                });
            }
        }
        for (stage, choices) in self.model.stages.iter_mut().zip(chosen) {
            stage.choices = choices;
        }
        // What this build is told says nothing of a stage that another one runs.
        let build = &self.build;
        for stage in self.model.stages.iter_mut().filter(|stage| !stage.reachable) {
            let is_told =
                stage.base_word.as_ref().and_then(|word| word.variables().ok()).is_some_and(|all| {
                    all.iter()
                        .any(|v| build.args.contains_key(&*v.name) || build.open_args.contains(&*v.name))
                });
            if is_told && matches!(stage.base, Base::Image(_)) {
                stage.base = Base::Unknown;
                stage.family = Family::Unknown;
            }
        }
        for copy in &mut self.model.copies {
            let stage = self.model.steps[copy.step].stage;
            let reachable = stage.is_some_and(|s| self.model.stages[s].reachable);
            for query in copy.query.iter_mut().chain(&mut copy.named_query) {
                query.reachable = reachable;
            }
        }
        let first = self.model.copies.len();
        for (id, triggered) in (first..).zip(&mut self.model.triggered) {
            if let Some(query) = &mut triggered.copy.query {
                query.id = id;
                query.reachable = self.model.stages[triggered.stage].reachable;
            }
        }
    }

    /// Notes what a copy asks of the folder that is a named context.
    fn ask_named(&mut self, number: usize) {
        let file = std::sync::Arc::clone(&self.model.file);
        let Some(copy) = self.model.copies.get_mut(number) else { return };
        if !matches!(copy.from, CopyFrom::Folder(_)) || copy.onbuild {
            return;
        }
        let Some(instruction) = file.instructions.get(copy.step) else { return };
        copy.named_query =
            query(&mut copy.sources, instruction).map(|query| SourceQuery { id: number, ..query });
        let mut copies = std::mem::take(&mut self.model.copies);
        self.bound(&mut copies[number..=number]);
        self.model.copies = copies;
    }

    /// The stages before `stage` that a name such as `base-$TARGETARCH` may stand for: what is fixed in it fits.
    /// None for a name that is all variable, which is mostly an image.
    fn fitting(&self, name: &str, stage: StageId) -> Vec<StageId> {
        let Some((start, rest)) = name.split_once('$') else { return Vec::new() };
        let end = match rest.rfind('}') {
            Some(at) => &rest[at + 1..],
            None => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
        if start.is_empty() && end.is_empty() || end.contains('$') {
            return Vec::new();
        }
        let (start, end) = (start.to_ascii_lowercase(), end.to_ascii_lowercase());
        let fits = |name: &str| {
            name.strip_prefix(&*start).is_some_and(|rest| rest.ends_with(&*end) && rest.len() > end.len())
        };
        let before = self.model.stages.before(stage, MAX_FITTING).iter();
        before.filter(|s| s.name.as_deref().is_some_and(fits)).map(|s| s.index).collect()
    }

    /// What `--from` or `from=` of a copy names, and where.
    fn reference(&self, copy: &CopyUse) -> Option<(String, Span)> {
        let instruction = self.model.instruction(copy.step);
        if !copy.mount {
            let flag = instruction.flag("from")?;
            return Some((flag.value.as_deref()?.to_owned(), flag.value_span));
        }
        let option = self.model.mount_of(copy)?.option(&["from"])?;
        Some((option.value.as_deref()?.to_owned(), option.span))
    }

    fn resolve(&self, name: &str, step: usize) -> CopyFrom {
        if name.contains('$') {
            let word =
                Word { span: Span::at(0), exact: false, text: name.into(), escape: self.model.file.escape };
            return match self.model.environment(step).value(&word) {
                Value::Known(name) if !name.contains('$') => self.resolve(&name, step),
                _ => CopyFrom::Unknown,
            };
        }
        match self.build.context_called(name) {
            Some((name, NamedContext::Folder(_))) => return CopyFrom::Folder(name.into()),
            Some(_) => return CopyFrom::Named,
            None => {}
        }
        if let Ok(number) = name.parse::<usize>() {
            return if number < self.model.stages.len() {
                CopyFrom::Stage(StageId::of(number))
            } else {
                CopyFrom::NoSuchStage
            };
        }
        match self.names.get(&*name.to_ascii_lowercase()) {
            Some(stage) => CopyFrom::Stage(*stage),
            None => CopyFrom::Image(ImageRef::parse(name).ok()),
        }
    }
}
