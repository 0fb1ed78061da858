//! Linting a Dockerfile for all its builds at once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::config::Settings;
use crate::diag::{FileReport, Problem, Refusal};
use crate::semantic::{Analysis, Model};
use crate::syntax::{self, Keyword};
use crate::workspace::Target;

use super::fix::{Fixer, Unfinished};
use super::linted::{Linted, findings};
use super::opened::Opened;
use super::outcome::{Changed, Fixing, Outcome, problem};
use super::run::Run;
use super::several;
use super::write::write_atomically;

impl Run<'_> {
    /// Lints a Dockerfile for each of its builds, and fixes it if that is asked for. What is said of all is said once;
    /// a fix counts if it is right for all.
    pub(super) fn builds(&self, builds: Vec<Opened>) -> Outcome {
        let mut builds = several::that_differ(builds);
        let problems: Vec<Problem> =
            builds.iter_mut().flat_map(|build| std::mem::take(&mut build.problems)).collect();
        if let Some(seen) = self.seen {
            builds.iter().for_each(seen);
        }
        let Some(first) = builds.first() else { return Outcome::default() };
        let name = first.analysis.file.source.name().to_owned();
        let settings = Arc::clone(&first.settings);
        let guessed = first.guessed.as_ref().map(|folder| folder.display().to_string());
        let builder = builds.iter().find_map(|build| build.built_by.clone());
        let target = first.target.clone();
        let mut outcome = Outcome { problems, ..Outcome::default() };
        let (analysis, linted) = match <[Opened; 1]>::try_from(builds) {
            // Nothing else holds its model, so that it goes once fixes have made another one.
            Ok([Opened { analysis, .. }]) => {
                self.lint_or_fix(analysis, &target, &|new| self.one(new, &settings), &mut outcome)
            }
            Err(builds) => {
                let Some(first) = builds.first() else { return outcome };
                let analysis = first.analysis.clone();
                self.lint_or_fix(analysis, &target, &|new| self.lint_builds(new, &builds), &mut outcome)
            }
        };
        outcome.problems.extend(linted.problems);
        outcome.fails = linted.kept.iter().any(|f| settings.fails(f));
        outcome.files.push(FileReport {
            path: name,
            source: analysis.file.source.clone(),
            findings: linted.kept,
            suppressed: linted.suppressed,
            context: guessed,
            builder,
        });
        outcome.fails |= linted.ignore.iter().flat_map(|file| &file.findings).any(|f| settings.fails(f));
        outcome.files.extend(linted.ignore);
        outcome
    }

    /// Lints a Dockerfile, after fixing it if that is asked for. Gives it as it is then, and what was found.
    fn lint_or_fix(
        &self,
        analysis: Analysis,
        target: &Target,
        lint: &dyn Fn(&Analysis) -> Linted,
        outcome: &mut Outcome,
    ) -> (Analysis, Linted) {
        match self.fixing {
            Some(fixing) => fix(analysis, fixing, target, lint, outcome),
            None => {
                let linted = lint(&analysis);
                (analysis, linted)
            }
        }
    }

    /// What is found in one build.
    fn one(&self, analysis: &Analysis, settings: &Settings) -> Linted {
        findings(analysis, settings, self.shellcheck, self.progress).apart(analysis)
    }

    /// What is found in a Dockerfile, or in what fixes have made of it, for all its builds.
    pub(super) fn lint_builds(&self, analysis: &Analysis, builds: &[Opened]) -> Linted {
        let one = |analysis: &Analysis, build: &Opened| self.one(analysis, &build.settings);
        match builds {
            [only] => one(analysis, only),
            all => several::lint(analysis, all, &one),
        }
    }
}

/// Fixes a file, and writes it if that is asked for. Gives the file as it is then, and what linting it gave.
fn fix(
    analysis: Analysis,
    fixing: Fixing,
    target: &Target,
    lint: &dyn Fn(&Analysis) -> Linted,
    outcome: &mut Outcome,
) -> (Analysis, Linted) {
    let before = analysis.file.source.clone();
    let name = before.name();
    let known = script_errors(&analysis, |_| true);
    let check = |new: &Model, edited: &[usize]| still_shell(new, edited, &known);
    let fixed = Fixer::new(fixing.allow).build(&target.build).check(&check).fixpoint(analysis, lint);
    outcome.fixed = fixed.applied.len();
    outcome.refused.extend(fixed.refused.into_iter().map(|refused| Refusal {
        path: name.to_owned(),
        rule: refused.rule,
        reason: refused.reason.to_string(),
    }));
    if let Some(unfinished) = fixed.unfinished {
        let why = match unfinished {
            Unfinished::Cycle => "fixes undo each other",
            Unfinished::Rounds => "fixes go on without an end",
        };
        outcome.problems.push(problem(name, format!("was not fixed completely: {why}")));
    }
    let bytes = fixed.analysis.file.source.bytes();
    if bytes == before.bytes() {
        return (fixed.analysis, fixed.linted);
    }
    if let Some(path) = target.file().filter(|_| fixing.write)
        && let Err(error) = write_atomically(path, bytes)
    {
        outcome.problems.push(problem(name, format!("cannot be written: {error}")));
        outcome.fixed = 0;
        let model = Model::of_build(syntax::parse(before), &target.build);
        let unfixed = fixed.analysis.with_model(Arc::new(model));
        let linted = lint(&unfixed);
        return (unfixed, linted);
    }
    outcome.changed =
        Some(Changed { path: name.to_owned(), before: before.bytes().to_vec(), after: bytes.to_vec() });
    (fixed.analysis, fixed.linted)
}

/// Why scripts of some steps cannot be read as shell.
pub(super) fn script_errors(model: &Model, step: impl Fn(usize) -> bool) -> HashSet<String> {
    let scripts = model.scripts.iter().filter(|script| step(script.step));
    scripts.filter_map(|script| Some(script.script.error.as_ref()?.message.clone())).collect()
}

/// Refuses edits that leave a script which is no shell any more. `known` is what was wrong before.
pub(super) fn still_shell(new: &Model, edited: &[usize], known: &HashSet<String>) -> Result<(), String> {
    let runs = |i: &usize| {
        let keyword = new.file.instructions.get(*i).map(|i| i.keyword);
        matches!(keyword, Some(Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck))
    };
    if !edited.iter().any(runs) {
        return Ok(());
    }
    let errors = script_errors(new, |step| edited.contains(&step));
    match errors.difference(known).next() {
        Some(error) => Err(format!("its script would not be valid shell: {error}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;
    use crate::text::Source;

    #[test]
    fn an_edited_script_has_to_stay_shell() {
        let file = |text: &str| Model::new(syntax::parse(Source::from_text("Dockerfile", text)));
        let whole = file("FROM a\nRUN if x; then y; fi\nENV A=b\n");
        let broken = file("FROM a\nRUN if x; then y\nENV A=b\n");
        let known = script_errors(&whole, |_| true);
        assert!(known.is_empty());
        assert_eq!(still_shell(&whole, &[1], &known), Ok(()));
        let refusal = still_shell(&broken, &[1], &known).unwrap_err();
        assert!(refusal.starts_with("its script would not be valid shell: "), "{refusal}");
        // What was wrong before, or what was not edited, is no reason.
        let known = script_errors(&broken, |_| true);
        assert_eq!(still_shell(&broken, &[1], &known), Ok(()));
        assert_eq!(still_shell(&broken, &[0, 2], &HashSet::new()), Ok(()));
    }
}
