//! Fixes files that start builds: edits are tried on texts in memory, and count only if nothing but what they say
//! changes in what the files build.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use rayon::prelude::*;

use crate::diag::{Applicability, Finding, Origin, Problem, Refusal};
use crate::engine::builds::{script_errors, still_shell};
use crate::engine::fix::{Fixer, MAX_ROUNDS};
use crate::engine::outcome::{Changed, Fixing, Outcome, problem};
use crate::engine::run::Run;
use crate::engine::several;
use crate::engine::write::write_atomically;
use crate::entries::{Entries, InlineDockerfile};
use crate::rules::Change;
use crate::semantic::Model;
use crate::text::{self, Edit, Gather, Span, plain_path};
use crate::workspace::Files;

use super::Lints;
use super::compare::{Expected, compare};

/// How many sets of fixes are tried in one round.
const MAX_TRIALS: usize = 64;

/// A fix that may be applied, or all those of an inline Dockerfile.
#[derive(Clone)]
struct Candidate {
    /// The name of the file.
    file: String,
    edits: Vec<Edit>,
    /// The rules whose fixes it is made of.
    rules: Vec<String>,
    expected: Expected,
    key: Key,
}

/// What a refused fix is known by: rule, file and the text that it edits.
type Key = (String, String, String);

/// Fixes files until nothing is left to apply.
pub(super) fn fix(run: &Run<'_>, entries: Entries, fixing: Fixing) -> (Entries, Vec<Outcome>) {
    let mut state = State::new(run, entries, fixing.allow);
    for _ in 0..MAX_ROUNDS {
        if !state.round() {
            break;
        }
    }
    state.finish(fixing.write)
}

/// The edits of the fix of one finding in the file of a name, if they change what they say and no more.
pub(super) fn of_finding(
    run: &Run<'_>,
    entries: &Entries,
    name: &str,
    finding: &Finding,
) -> Option<Vec<Edit>> {
    let state = State::new(run, entries.again(run.files, &BTreeSet::new()), Applicability::Unsafe);
    let fix = finding.fix.as_ref()?;
    let mut all = state.of_rules(&run.lint_entries(run.files, entries)).into_iter();
    let is_it = |c: &Candidate| c.file == name && c.edits == fix.edits && c.rules == [&*finding.rule];
    let candidate = all.find(is_it)?;
    state.attempt(&[&candidate]).is_ok().then_some(candidate.edits)
}

struct State<'r, 'a> {
    run: &'r Run<'a>,
    allow: Applicability,
    /// The texts as they are by now.
    files: Files,
    entries: Entries,
    /// What the rules say of them.
    lints: Option<Lints>,
    /// How many fixes were applied, by file.
    fixed: BTreeMap<String, usize>,
    refused: Vec<Refusal>,
    /// Fixes that were refused.
    passed_over: HashSet<Key>,
    /// Inline Dockerfiles whose fixes cannot be applied together, by file and place.
    one_by_one: HashSet<(String, u32)>,
}

/// Texts and what they build.
type Tried = (Files, Entries);

impl<'r, 'a> State<'r, 'a> {
    fn new(run: &'r Run<'a>, entries: Entries, allow: Applicability) -> Self {
        Self {
            run,
            allow: allow.max(Applicability::Unsafe),
            files: run.files.clone(),
            entries,
            lints: None,
            fixed: BTreeMap::new(),
            refused: Vec::new(),
            passed_over: HashSet::new(),
            one_by_one: HashSet::new(),
        }
    }

    /// Applies what can be applied together; false if there is nothing to try.
    fn round(&mut self) -> bool {
        let candidates = self.candidates();
        let (mut accepted, mut trials) = (Vec::new(), MAX_TRIALS);
        if let Some((files, entries)) = self.add(&candidates, &mut accepted, &mut trials) {
            (self.files, self.entries, self.lints) = (files, entries, None);
        }
        for candidate in accepted {
            *self.fixed.entry(candidate.file).or_default() += candidate.rules.len();
        }
        !candidates.is_empty() && trials > 0
    }

    /// Accepts what can be accepted of `candidates`: all, or by halves. Gives what came of all that was accepted so far,
    /// if anything more was.
    fn add(
        &mut self,
        candidates: &[Candidate],
        accepted: &mut Vec<Candidate>,
        trials: &mut usize,
    ) -> Option<Tried> {
        let first = candidates.first()?;
        *trials = trials.checked_sub(1)?;
        let together: Vec<&Candidate> = accepted.iter().chain(candidates).collect();
        match self.attempt(&together) {
            Ok(tried) => {
                accepted.extend_from_slice(candidates);
                Some(tried)
            }
            Err(reason) if candidates.len() == 1 => {
                self.refuse(first, reason);
                None
            }
            Err(_) => {
                let (left, right) = candidates.split_at(candidates.len() / 2);
                let left = self.add(left, accepted, trials);
                self.add(right, accepted, trials).or(left)
            }
        }
    }

    fn refuse(&mut self, candidate: &Candidate, reason: String) {
        match (&candidate.expected, candidate.rules.as_slice()) {
            // One of them may be to blame.
            (Expected::Inline { file, span, .. }, [_, _, ..]) => {
                self.one_by_one.insert((file.clone(), span.start));
            }
            (_, rules) => {
                self.passed_over.insert(candidate.key.clone());
                let rule = rules.first().cloned().unwrap_or_default().into();
                self.refused.push(Refusal { path: candidate.file.clone(), rule, reason });
            }
        }
    }

    /// What the files build with these edits.
    fn attempt(&self, candidates: &[&Candidate]) -> Result<Tried, String> {
        let mut edits: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
        for candidate in candidates {
            edits.entry(&candidate.file).or_default().extend(candidate.edits.iter().cloned());
        }
        let (mut files, mut changed) = (self.files.clone(), BTreeSet::new());
        for (name, edits) in edits {
            let paths = self.paths(name);
            let path = paths.first().ok_or("the file is not there")?;
            let source = self.files.source(path).map_err(|error| error.to_string())?;
            let bytes = text::apply(source.bytes(), &edits).map_err(|error| error.to_string())?;
            let text = String::from_utf8(bytes).map_err(|_| "the file would not be UTF-8")?;
            for path in paths {
                files.open(path.clone(), 0, text.as_str());
                changed.insert(path);
            }
        }
        let entries = self.entries.again(&files, &changed);
        let expected: Vec<&Expected> = candidates.iter().map(|candidate| &candidate.expected).collect();
        compare((&self.files, &files), &self.entries, &entries, &expected)?;
        Ok((files, entries))
    }

    /// The paths under which a file is read.
    fn paths(&self, name: &str) -> Vec<PathBuf> {
        let sources = self.entries.groups().iter().flat_map(|group| group.resolution.sources.iter());
        let paths = sources.map(|(_, file)| &file.path);
        let mut paths: Vec<PathBuf> =
            paths.filter(|path| plain_path(path).display().to_string() == name).cloned().collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The fixes that can be tried together.
    fn candidates(&mut self) -> Vec<Candidate> {
        let lints = self.lints.take().unwrap_or_else(|| self.run.lint_entries(&self.files, &self.entries));
        let mut all = self.of_rules(&lints);
        self.lints = Some(lints);
        let inline: Vec<&InlineDockerfile> = self.entries.inline().map(|(_, inline)| inline).collect();
        all.par_extend(inline.into_par_iter().filter_map(|inline| self.of_inline(inline)));
        let mut taken: BTreeMap<String, Vec<Span>> = BTreeMap::new();
        all.retain(|candidate| {
            let taken = taken.entry(candidate.file.clone()).or_default();
            let touches =
                |edit: &Edit| taken.iter().any(|t| t.start <= edit.span.end && edit.span.start <= t.end);
            let free = !candidate.edits.iter().any(touches) && !self.passed_over.contains(&candidate.key);
            if free {
                taken.extend(candidate.edits.iter().map(|edit| edit.span));
            }
            free
        });
        all
    }

    /// Those of rules on the files.
    fn of_rules(&self, lints: &Lints) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (file, lint) in &lints.files {
            for finding in &lint.findings {
                let rule = finding.rule.to_string();
                let change = lint.changes.get(&(rule.clone(), finding.span.start, finding.span.end));
                let fix = finding.fix.as_ref().filter(|fix| fix.applicability >= self.allow);
                let (Some(fix), Some(change)) = (fix, change) else { continue };
                let name = file.clone();
                let expected = match change {
                    Change::Value(place, text) => {
                        Expected::Value { file: name, span: Span::of(place.span()), text: text.clone() }
                    }
                    Change::Targets => Expected::Targets { file: name },
                };
                let key = (rule.clone(), file.clone(), edited(lint.source.text(), &fix.edits));
                let rules = vec![rule];
                all.push(Candidate { file: file.clone(), edits: fix.edits.clone(), rules, expected, key });
            }
        }
        all
    }

    /// Those of a Dockerfile that is written in a file.
    fn of_inline(&self, inline: &InlineDockerfile) -> Option<Candidate> {
        let builds = several::that_differ(self.run.open_all(&inline.target.by_platform()).ok()?);
        let build = builds.first()?;
        let known = script_errors(&build.analysis, |_| true);
        let check = |new: &Model, edited: &[usize]| still_shell(new, edited, &known);
        let fixer = Fixer::new(self.allow).build(&build.target.build).check(&check);
        let linted = self.run.lint_builds(&build.analysis, &builds);
        let mut findings = linted.kept;
        let name = inline.file.name().to_owned();
        let key = |rule: &str, edits: &[Edit]| (rule.to_owned(), name.clone(), edited(inline.text(), edits));
        findings.retain(|finding| {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.applicability >= self.allow) else {
                return false;
            };
            finding.origin == Origin::Dockerfile
                && inline.edits_in_file(&fix.edits).is_some()
                && !self.passed_over.contains(&key(&finding.rule, &fix.edits))
        });
        if self.one_by_one.contains(&(name.clone(), inline.span().start)) {
            findings.truncate(1);
        }
        let key = findings.first().and_then(|f| Some(key(&f.rule, &f.fix.as_ref()?.edits)))?;
        let outcome = fixer.once(&build.analysis.file, &findings);
        let text = outcome.model?.file.source.text().to_owned();
        Some(Candidate {
            edits: inline.edits_in_file(&outcome.edits)?,
            rules: outcome.applied.iter().map(|applied| applied.rule.to_string()).collect(),
            expected: Expected::Inline { file: name.clone(), span: inline.span(), text },
            file: name,
            key,
        })
    }

    /// Writes what was fixed, and tells what is found then.
    fn finish(self, write: bool) -> (Entries, Vec<Outcome>) {
        let mut changed = Vec::new();
        let mut problems = Vec::new();
        for name in self.fixed.keys() {
            let Some(path) = self.paths(name).into_iter().next() else { continue };
            let (Ok(before), Ok(after)) = (self.run.files.source(&path), self.files.source(&path)) else {
                continue;
            };
            if let Err(error) = write.then(|| write_atomically(&path, after.bytes())).transpose() {
                problems.push(problem(name, format!("cannot be written: {error}")));
            }
            let (before, after) = (before.bytes().to_vec(), after.bytes().to_vec());
            changed.push(Changed { path: name.clone(), before, after });
        }
        self.outcomes(changed, problems)
    }

    fn outcomes(self, changed: Vec<Changed>, problems: Vec<Problem>) -> (Entries, Vec<Outcome>) {
        // What could not be written is as it was.
        let (files, entries, lints, fixed, changed) = match problems.is_empty() {
            true => (&self.files, self.entries, self.lints, self.fixed, changed),
            false => {
                let paths = self.fixed.keys().flat_map(|name| self.paths(name)).gather();
                let entries = self.entries.again(self.run.files, &paths);
                (self.run.files, entries, None, BTreeMap::new(), Vec::new())
            }
        };
        let lints = lints.unwrap_or_else(|| self.run.lint_entries(files, &entries));
        let mut outcomes = self.run.entry_outcomes(lints, &entries);
        let fixes = changed.into_iter().map(|changed| Outcome {
            fixed: fixed.get(&changed.path).copied().unwrap_or(0),
            changed: Some(changed),
            ..Outcome::default()
        });
        outcomes.extend(fixes);
        outcomes.push(Outcome { problems, refused: self.refused, ..Outcome::default() });
        (entries, outcomes)
    }
}

/// What edits replace, and what they write.
fn edited(text: &str, edits: &[Edit]) -> String {
    edits.iter().map(|edit| format!("{}→{}|", edit.span.text(text), edit.text)).collect()
}
