//! How stages depend on each other.

use crate::syntax::{Kind, Mount};
use crate::text::{Arrange, Span};

use super::{Base, CopyFrom, CopySource, CopyUse, Model, Stage, StageId, covers};

/// An edge of the stage graph: what `stage` needs, and where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// The stage that needs the other.
    pub stage: StageId,
    /// The stage that is needed.
    pub needed: StageId,
    /// The step that names it.
    pub step: usize,
    /// The reference.
    pub span: Span,
}

impl Model {
    /// True if a file at `path` of `stage`, or any file without a path, may be in the final image: the
    /// stage is a part of it, or a COPY takes the file on.
    #[must_use]
    pub fn may_ship(&self, stage: &Stage, path: Option<&str>) -> bool {
        let takes = |copy: &CopyUse| {
            let CopyFrom::Stage(from) = copy.from else { return false };
            let starts_here = self.stages.get(from).is_some_and(|s| self.inherits(s, stage));
            let used = self.stage_of(copy.step).is_some_and(|s| s.reachable);
            let covered = |source: &str, path: &str| {
                let absolute = format!("/{}", source.trim_start_matches('/'));
                // A pattern takes what starts like it.
                let start = absolute.split(['*', '?', '[']).next().unwrap_or("/");
                covers(start, path)
                    || covers(path, &absolute)
                    || start.len() < absolute.len() && path.starts_with(start)
            };
            let takes_it =
                |s: &CopySource| s.value.known().zip(path).is_none_or(|(source, path)| covered(source, path));
            !copy.mount && starts_here && used && copy.sources.iter().any(takes_it)
        };
        stage.in_final_image || self.copies.iter().any(takes)
    }

    /// What `--from=` of a copy, or `from=` of its mount, says, and where.
    #[must_use]
    pub fn copy_reference(&self, copy: &CopyUse) -> Option<(&str, Span)> {
        let instruction = self.instruction(copy.step);
        if !copy.mount {
            let flag = instruction.flag("from")?;
            return Some((flag.value.as_deref()?, flag.value_span));
        }
        let option = self.mount_of(copy)?.option(&["from"])?;
        let value = option.value.as_deref()?;
        // The value stands at the end of `from=value`, unless quotes or escapes are in it.
        let len = u32::try_from(value.len()).unwrap_or(0);
        let span = Span::new(option.span.end.saturating_sub(len), option.span.end);
        let exact = self.text(option.span).ends_with(value);
        Some((value, if exact { span } else { option.span }))
    }

    /// The bind mount that a copy is.
    pub(super) fn mount_of(&self, copy: &CopyUse) -> Option<&Mount> {
        let source = copy.sources.first().filter(|_| copy.mount)?.span;
        // They stand in the order of the text, and the source is a part of its mount.
        let mounts = &self.instruction(copy.step).mounts;
        mounts[..mounts.partition_point(|m| m.span.start <= source.start)].last()
    }

    /// Which stages need which, in the order of the references.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        for stage in &self.stages {
            if let (Base::Stage(needed), Kind::From(from)) =
                (&stage.base, &self.instruction(stage.steps.start).kind)
                && let Some(image) = &from.image
            {
                let step = stage.steps.start;
                needs.push(Need { stage: stage.index, needed: *needed, step, span: image.span });
            }
        }
        for copy in &self.copies {
            if let (CopyFrom::Stage(needed), Some(stage), Some((_, span))) =
                (&copy.from, self.stage_of(copy.step), self.copy_reference(copy))
                && !copy.onbuild
            {
                needs.push(Need { stage: stage.index, needed: *needed, step: copy.step, span });
            }
        }
        for triggered in &self.triggered {
            if let (CopyFrom::Stage(needed), Some((_, span))) =
                (&triggered.copy.from, self.copy_reference(&triggered.copy))
            {
                let (stage, step) = (triggered.stage, triggered.copy.step);
                needs.push(Need { stage, needed: *needed, step, span });
            }
        }
        needs.arrange_by_key(|n| n.step);
        needs
    }

    /// A circle of `needs`, or `None`. Linear in the size of the graph.
    #[must_use]
    pub fn cycle(&self, needs: &[Need]) -> Option<Vec<Need>> {
        let mut out = self.stages.each(Vec::new());
        for need in needs {
            out.get_mut(need.stage)?.push(*need);
        }
        // The next edge to follow for a stage on the way, and what is done with.
        let mut next = self.stages.each(0_usize);
        let mut done = self.stages.each(false);
        let mut position = self.stages.each(None);
        for start in self.stages.ids() {
            let mut way: Vec<Need> = Vec::new();
            let mut at = start;
            while !done[at] {
                position[at].get_or_insert(way.len());
                match out[at].get(next[at]) {
                    Some(need) => {
                        next[at] += 1;
                        way.push(*need);
                        if let Some(from) = position[need.needed] {
                            return Some(way.split_off(from));
                        }
                        if done[need.needed] {
                            way.pop();
                        } else {
                            at = need.needed;
                        }
                    }
                    None => {
                        done[at] = true;
                        position[at] = None;
                        let Some(back) = way.pop() else { break };
                        at = back.stage;
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    fn circle(text: &str) -> Option<Vec<usize>> {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let needs = model.needs();
        model.cycle(&needs).map(|way| way.iter().map(|n| n.stage.number()).collect())
    }

    #[test]
    fn circles_are_found_wherever_they_begin() {
        assert_eq!(circle("FROM a AS x\nFROM x AS y\nCOPY --from=x /a /\nFROM y\nCOPY --from=0 / /"), None);
        assert_eq!(circle("FROM a AS x\nCOPY --from=x /a /"), Some(vec![0]));
        let text = "FROM a AS w\nCOPY --from=x / /\nFROM a AS x\nCOPY --from=y / /\n\
                    FROM a AS y\nRUN --mount=from=x,target=/x true";
        assert_eq!(circle(text), Some(vec![1, 2]));
    }

    #[test]
    fn many_stages_take_linear_time_and_no_stack() {
        let mut text = String::new();
        for i in 0..3000 {
            text += &format!("FROM a AS s{i}\nCOPY --from=s{} / /\n", i + 1);
        }
        assert_eq!(circle(&text), None);
        text += "FROM s0 AS s3000\n";
        assert_eq!(circle(&text).map(|c| c.len()), Some(3001));
    }

    #[test]
    fn references_are_the_name_alone() {
        let text = "FROM a AS x\nFROM b\nCOPY --from=x / /\nRUN --mount=type=bind,from=x,target=/t true";
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        for copy in &model.copies {
            let (name, span) = model.copy_reference(copy).unwrap();
            assert_eq!((name, model.text(span)), ("x", "x"));
        }
        assert_eq!(model.copies.len(), 2);
    }
}
