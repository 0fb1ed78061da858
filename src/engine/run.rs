use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::{FileReport, Finding, Origin, Problem, Refusal};
use crate::rules::suppression::{self, Strictness};
use crate::rules::{Needs, Rule};
use crate::semantic::{Analysis, BuildContext, Model};
use crate::shellcheck::Checker;
use crate::syntax::{self, Keyword};
use crate::text::Source;
use crate::workspace::{Files, Target};

use super::contexts;
use super::discover::{Input, InputKind};
use super::fix::{Fixer, Unfinished};
use super::guess::{Tops, guess};
use super::lint::{is_asked, lint_until, sort};
use super::outcome::{Changed, Fixing, Outcome, guarded, problem};
use super::scripts;
use super::walk;
use super::write::write_atomically;

/// What to do with each file.
pub struct Run<'a> {
    /// The settings for a path.
    pub settings: &'a (dyn Fn(&Path) -> Arc<Settings> + Sync),
    /// What is built from the Dockerfile at a path.
    pub target: &'a (dyn Fn(&Path) -> Target + Sync),
    /// Where texts come from.
    pub files: &'a Files,
    /// Counters for a progress line.
    pub progress: Option<&'a Progress>,
    /// Whether to fix what can be fixed.
    pub fixing: Option<Fixing>,
    /// What runs ShellCheck where the settings ask for it.
    pub shellcheck: Option<&'a Checker>,
}

impl Run<'_> {
    /// Lints all inputs, in parallel. The outcomes come in the order of the inputs. A build context that
    /// several have in common is walked once.
    #[must_use]
    pub fn all(&self, inputs: &[Input]) -> Vec<Outcome> {
        contexts::lint_all(self, inputs)
    }

    /// Lints one input. A panic in a rule is caught and said.
    #[must_use]
    pub fn one(&self, input: &Input) -> Outcome {
        match input.kind {
            InputKind::Dockerfile => self.target(&(self.target)(&input.path)),
            InputKind::Ignorefile => {
                let name = input.path.display().to_string();
                match self.files.source(&input.path) {
                    Ok(source) => {
                        let lint = || self.ignorefile(&input.path, walk::unmeasured(source));
                        guarded(&name, lint).unwrap_or_else(|failed| *failed)
                    }
                    Err(error) => Outcome::problem(problem(&name, error.to_string())),
                }
            }
        }
    }

    /// Lints the Dockerfile of one target.
    #[must_use]
    pub fn target(&self, target: &Target) -> Outcome {
        let linted = contexts::analysis(self.files, target).and_then(|analysis| {
            let name = analysis.file.source.name().to_owned();
            guarded(&name, || {
                let mut problems = Vec::new();
                let guessed = Tops::default().levels(target).and_then(|n| guess(target, &analysis, n));
                let target = &target.with_guess(guessed.as_deref());
                let context = walk::measure(self.files, target, &analysis, self.progress, &mut problems);
                let mut outcome = self.analysis(analysis.with_context(context.map(Arc::new)), target);
                outcome.problems.splice(0..0, problems);
                outcome.with_guess(guessed.as_deref())
            })
        });
        linted.unwrap_or_else(|failed| *failed)
    }

    /// Lints a Dockerfile that was read, and fixes it if that is asked for.
    pub(super) fn analysis(&self, analysis: Analysis, target: &Target) -> Outcome {
        let name = analysis.file.source.name().to_owned();
        let settings = (self.settings)(target.path().unwrap_or(Path::new(&name)));
        let mut outcome = Outcome::default();
        let lint = |analysis: &Analysis| findings(analysis, &settings, self.shellcheck, self.progress);
        let (analysis, linted) = match self.fixing {
            Some(fixing) => fix(analysis, fixing, target, &lint, &mut outcome),
            None => {
                let linted = lint(&analysis);
                (analysis, linted)
            }
        };
        let mut own = FileReport { path: name, suppressed: linted.suppressed, ..FileReport::default() };
        let mut ignore = FileReport::default();
        outcome.problems.extend(linted.problems);
        outcome.fails = linted.kept.iter().any(|f| settings.fails(f));
        (own.findings, ignore.findings) =
            linted.kept.into_iter().partition(|f| f.origin == Origin::Dockerfile);
        own.source = analysis.file.source.clone();
        outcome.files.push(own);
        if let Some(source) = analysis.context().and_then(|c| c.ignore.as_ref()).map(|i| &i.source)
            && !ignore.findings.is_empty()
        {
            ignore.path = source.name().to_owned();
            ignore.source = source.clone();
            outcome.files.push(ignore);
        }
        outcome
    }

    /// Lints the ignore file of a context by itself.
    pub(super) fn ignorefile(&self, path: &Path, context: BuildContext) -> Outcome {
        let Some(source) = context.ignore.as_ref().map(|i| i.source.clone()) else {
            return Outcome::default();
        };
        let settings = (self.settings)(path);
        // No Dockerfile: what the rules say of one is left out.
        let empty = Analysis::new(Model::new(syntax::parse(Source::default())));
        let mut findings =
            findings(&empty.with_context(Some(Arc::new(context))), &settings, None, self.progress).kept;
        findings.retain(|f| f.origin == Origin::Ignorefile);
        let path = source.name().to_owned();
        let fails = findings.iter().any(|f| settings.fails(f));
        let report = FileReport { path, source, findings, ..FileReport::default() };
        Outcome { files: vec![report], fails, ..Outcome::default() }
    }
}

/// What linting a file gave.
struct Linted {
    /// The findings that no comment suppresses, in the order of the text.
    kept: Vec<Finding>,
    /// How many are suppressed.
    suppressed: usize,
    problems: Vec<Problem>,
}

impl AsRef<[Finding]> for Linted {
    fn as_ref(&self) -> &[Finding] {
        &self.kept
    }
}

/// What the rules say of a Dockerfile, and no comment suppresses.
#[must_use]
pub fn lint_model(analysis: &Analysis, settings: &Settings) -> Vec<Finding> {
    findings(analysis, settings, None, None).kept
}

fn findings(
    model: &Analysis,
    settings: &Settings,
    checker: Option<&Checker>,
    progress: Option<&Progress>,
) -> Linted {
    let file = &*model.file;
    let mut found = lint_until(model, settings, &|| progress.is_some_and(Progress::is_cancelled));
    let scripts = scripts::check(checker, model, settings);
    if !scripts.findings.is_empty() {
        found.extend(scripts.findings);
        sort(&mut found);
    }
    if let Some(strictness) = Strictness::of(file) {
        found.iter_mut().for_each(|finding| strictness.apply(finding, settings.rules.catalogue()));
    }
    if settings.disable_ignore_pragma {
        found.retain(|finding| settings.is_worthwhile(finding));
        return Linted { kept: found, suppressed: 0, problems: scripts.problems };
    }
    let ran = |rule: &Rule| match rule.meta.needs {
        Needs::Shellcheck => scripts.complete,
        _ => is_asked(&rule.meta, model, &settings.policy),
    };
    let mut outcome = suppression::apply(file, found, &settings.rules, &ran);
    outcome.kept.retain(|finding| settings.is_worthwhile(finding));
    outcome.extra.retain(|finding| settings.is_worthwhile(finding));
    if !outcome.extra.is_empty() {
        outcome.kept.append(&mut outcome.extra);
        outcome.kept.sort_by(|a, b| (a.origin, a.span, &a.rule).cmp(&(b.origin, b.span, &b.rule)));
    }
    Linted { kept: outcome.kept, suppressed: outcome.suppressed.len(), problems: scripts.problems }
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
fn script_errors(model: &Model, step: impl Fn(usize) -> bool) -> HashSet<String> {
    let scripts = model.scripts.iter().filter(|script| step(script.step));
    scripts.filter_map(|script| Some(script.script.error.as_ref()?.message.clone())).collect()
}

/// Refuses edits that leave a script which is no shell any more. `known` is what was wrong before.
fn still_shell(new: &Model, edited: &[usize], known: &HashSet<String>) -> Result<(), String> {
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

/// Sorts reports by path, and merges those of the same file.
#[must_use]
pub fn merge(files: Vec<FileReport>) -> Vec<FileReport> {
    let mut merged: BTreeMap<String, FileReport> = BTreeMap::new();
    for file in files {
        match merged.get_mut(&file.path) {
            Some(known) => {
                for finding in file.findings {
                    if !known.findings.contains(&finding) {
                        known.findings.push(finding);
                    }
                }
                known.findings.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
            }
            None => {
                merged.insert(file.path.clone(), file);
            }
        }
    }
    merged.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
