//! What a build of one stage needs, for a build that names its target.

use crate::context::SourceQuery;

use super::{Analysis, Base, CopyFrom, Model, Stage};

impl Model {
    /// The stage that `--target` means: by its name in any case, the last of that name, or by its number
    /// (BuildKit's `instructions.HasStage`).
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Stage> {
        let named = |s: &&Stage| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
        self.stages.iter().rev().find(named).or_else(|| self.stages.get(name.parse::<usize>().ok()?))
    }

    /// Which stages a build of `stage` runs: itself, what it starts from, and what they copy from.
    #[must_use]
    pub fn reachable_from(&self, stage: usize) -> Vec<bool> {
        let mut needs: Vec<Vec<usize>> = vec![Vec::new(); self.stages.len()];
        for copy in &self.copies {
            let user = self.steps.get(copy.step).and_then(|s| s.stage).and_then(|s| needs.get_mut(s));
            if let (CopyFrom::Stage(from), Some(needs)) = (&copy.from, user) {
                needs.push(*from);
            }
        }
        let mut reached = vec![false; self.stages.len()];
        let mut todo = vec![stage];
        while let Some(at) = todo.pop() {
            let (Some(seen), Some(stage)) = (reached.get_mut(at), self.stages.get(at)) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            if let Base::Stage(base) = stage.base {
                todo.push(base);
            }
            todo.extend(needs.get(at).into_iter().flatten());
        }
        reached
    }
}

impl Analysis {
    /// What to ask of the build context if `stage` is built.
    #[must_use]
    pub fn source_queries_for(&self, stage: usize) -> Vec<SourceQuery> {
        let reached = self.reachable_from(stage);
        let is_reached = |id: usize| {
            let step = self.copies.get(id).map(|c| c.step);
            let stage = step.and_then(|s| self.steps.get(s)).and_then(|s| s.stage);
            stage.and_then(|s| reached.get(s)).is_some_and(|r| *r)
        };
        let mut queries = self.source_queries();
        for query in &mut queries {
            query.reachable = is_reached(query.id);
        }
        queries
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax;
    use crate::text::Source;

    use super::*;

    #[test]
    fn a_target_reaches_its_own_lineage_and_what_it_copies() {
        let text = "FROM a AS base\nCOPY base .\nFROM b AS tools\nCOPY tools .\nFROM base AS dev\n\
                    RUN --mount=from=tools,target=/t true\nFROM base AS Prod\nCOPY prod .\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file));
        let reached = |name: &str| model.reachable_from(model.target(name).unwrap().index);
        assert_eq!(reached("base"), [true, false, false, false]);
        assert_eq!(reached("DEV"), [true, true, true, false]);
        assert_eq!(reached("3"), [true, false, false, true]);
        assert!(model.target("none").is_none() && model.target("4").is_none());
        let asked = |stage| -> Vec<String> {
            let queries = model.source_queries_for(stage);
            queries.into_iter().filter(|q| q.reachable).flat_map(|q| q.sources).collect()
        };
        assert_eq!(asked(2), ["base", "tools"]);
        assert_eq!(asked(3), ["base", "prod"]);
        // Without a target the last stage counts, by the same rules.
        let last = model.stages.iter().map(|s| s.reachable).collect::<Vec<_>>();
        assert_eq!(last, reached("prod"));
    }
}
