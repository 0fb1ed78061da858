//! Linting a Dockerfile for all its builds at once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diag::{FileReport, Refusal};
use crate::semantic::{Analysis, Model};
use crate::syntax::Keyword;
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
        let builds = several::that_differ(builds);
        let Some(first) = builds.first() else { return Outcome::default() };
        let name = first.analysis.file.source.name().to_owned();
        let settings = Arc::clone(&first.settings);
        let mut outcome = Outcome::default();
        let lint = |analysis: &Analysis| self.lint_builds(analysis, &builds);
        let (analysis, linted) = match self.fixing {
            Some(fixing) => fix(first.analysis.clone(), fixing, &first.target, &lint, &mut outcome),
            None => {
                let linted = lint(&first.analysis);
                (first.analysis.clone(), linted)
            }
        };
        outcome.problems.extend(linted.problems);
        outcome.fails = linted.kept.iter().any(|f| settings.fails(f));
        let guessed = first.guessed.as_ref().map(|folder| folder.display().to_string());
        outcome.files.push(FileReport {
            path: name,
            source: analysis.file.source.clone(),
            findings: linted.kept,
            suppressed: linted.suppressed,
            context: guessed,
            builder: builds.iter().find_map(|build| build.built_by.clone()),
        });
        outcome.fails |= linted.ignore.iter().flat_map(|file| &file.findings).any(|f| settings.fails(f));
        outcome.files.extend(linted.ignore);
        let problems = builds.into_iter().flat_map(|build| build.problems);
        outcome.problems.splice(0..0, problems.collect::<Vec<_>>());
        outcome
    }

    /// What is found in a Dockerfile, or in what fixes have made of it, for all its builds.
    pub(super) fn lint_builds(&self, analysis: &Analysis, builds: &[Opened]) -> Linted {
        let one = |analysis: &Analysis, build: &Opened| {
            findings(analysis, &build.settings, self.shellcheck, self.progress).apart(analysis)
        };
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
    let before = analysis.clone();
    let name = before.file.source.name();
    let known = script_errors(&before, |_| true);
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
    if bytes == before.file.source.bytes() {
        return (fixed.analysis, fixed.linted);
    }
    if let Some(path) = target.file().filter(|_| fixing.write)
        && let Err(error) = write_atomically(path, bytes)
    {
        outcome.problems.push(problem(name, format!("cannot be written: {error}")));
        outcome.fixed = 0;
        let linted = lint(&before);
        return (before, linted);
    }
    outcome.changed = Some(Changed {
        path: name.to_owned(),
        before: before.file.source.bytes().to_vec(),
        after: bytes.to_vec(),
    });
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
