//! Lints and fixes files that start builds, and the Dockerfiles that are written in them.

mod check;
mod compare;
mod facts;
mod fix;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use build_targets::FileId;
use rayon::prelude::*;

use crate::config::Settings;
use crate::diag::{FileReport, Finding, Problem};
use crate::entries::{Entries, EntryGroup, InlineDockerfile};
use crate::rules::{
    Change, Check, EntryBuild, EntryCx, EntryFiles, EntryFinding, Needs, Presence, RULES, Rule, suppression,
};
use crate::text::Source;
use crate::workspace::{Files, Target};

use super::outcome::{Outcome, guarded};
use super::run::Run;

pub use check::{check_entries, quick_fix_of_entries};

/// What was found in one file.
#[derive(Default)]
struct FileLint {
    source: Source,
    /// The findings that no comment suppresses.
    findings: Vec<Finding>,
    suppressed: usize,
    /// What the fixes of findings change, by rule and place.
    changes: HashMap<(String, u32, u32), Change>,
    /// Where Dockerfiles are written in it, whose comments are their own.
    inside: Vec<crate::text::Span>,
    fails: bool,
}

/// What was found in files that start builds.
#[derive(Default)]
struct Lints {
    /// By the names of the files.
    files: BTreeMap<String, FileLint>,
    /// What is only a note.
    notes: Vec<Problem>,
    /// What went wrong.
    problems: Vec<Problem>,
}

/// What was found in a group of files.
#[derive(Default)]
struct GroupLint {
    findings: Vec<EntryFinding>,
    notes: Vec<Problem>,
}

impl Run<'_> {
    /// Lints the files that start builds as far as they are looked at, with the Dockerfiles in them, and fixes them if
    /// that is asked for. Gives the builds as the files say them then.
    #[must_use]
    pub fn entry_files(&self, entries: Entries) -> (Entries, Vec<Outcome>) {
        if entries.groups().is_empty() {
            return (entries, Vec::new());
        }
        match self.fixing {
            None => {
                let outcomes = self.entry_outcomes(self.lint_entries(self.files, &entries), &entries);
                (entries, outcomes)
            }
            Some(fixing) => fix::fix(self, entries, fixing),
        }
    }

    /// An outcome for each file, with what is found in it and in the Dockerfiles that are written there.
    fn entry_outcomes(&self, lints: Lints, entries: &Entries) -> Vec<Outcome> {
        let Lints { files, notes, problems } = lints;
        let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
        for (path, lint) in files {
            let report = FileReport {
                path: path.clone(),
                source: lint.source,
                findings: lint.findings,
                suppressed: lint.suppressed,
                context: None,
                builder: None,
            };
            outcomes.insert(path, Outcome { files: vec![report], fails: lint.fails, ..Outcome::default() });
        }
        let inline: Vec<&InlineDockerfile> = entries.inline().map(|(_, inline)| inline).collect();
        let linted: Vec<Outcome> = inline.par_iter().map(|inline| self.inline(inline)).collect();
        for (inline, outcome) in inline.into_iter().zip(linted) {
            let known = outcomes.entry(inline.file.name().to_owned()).or_default();
            known.fails |= outcome.fails;
            known.files.extend(outcome.files);
            known.problems.extend(outcome.problems);
        }
        outcomes.into_values().chain([Outcome { notes, problems, ..Outcome::default() }]).collect()
    }

    /// What the rules say of the files that are looked at.
    fn lint_entries(&self, files: &Files, entries: &Entries) -> Lints {
        let (mut lints, mut notes, mut problems) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut said: HashSet<(String, String, u32, u32)> = HashSet::new();
        let lint = |(number, group): (usize, &Arc<EntryGroup>)| {
            guarded(&group.name(), || self.lint_group(files, entries, number, group))
        };
        let linted: Vec<_> = entries.groups().par_iter().enumerate().map(lint).collect();
        for (group, linted) in entries.groups().iter().zip(linted) {
            let mut linted = linted.unwrap_or_else(|mut failed| {
                problems.append(&mut failed.problems);
                GroupLint::default()
            });
            notes.append(&mut linted.notes);
            for EntryFinding { file, finding, change } in linted.findings {
                let Some(source) = group.source(file) else { continue };
                let at = (finding.rule.to_string(), finding.span.start, finding.span.end);
                // Other projects may share the file.
                if !said.insert((source.name().to_owned(), at.0.clone(), at.1, at.2)) {
                    continue;
                }
                let lint: &mut FileLint = lints.entry(source.name().to_owned()).or_default();
                lint.source = source.clone();
                lint.findings.push(finding);
                if let Some(change) = change {
                    lint.changes.insert(at, change);
                }
            }
            // A file that starts a build and has no finding is checked as well.
            let starts = group.resolution.targets.iter().filter_map(|target| group.source(target.place.file));
            for source in starts.filter(|source| entries.looks_at(group, Path::new(source.name()))) {
                lints.entry(source.name().to_owned()).or_default().source = source.clone();
            }
        }
        for (_, inline) in entries.inline() {
            if let Some(lint) = lints.get_mut(inline.file.name()) {
                lint.inside.push(inline.span());
            }
        }
        for (path, lint) in &mut lints {
            lint.judge(&(self.settings)(Path::new(path)));
        }
        Lints { files: lints, notes, problems }
    }

    /// What the rules say of the files of a group, each by the settings of its file.
    fn lint_group(&self, files: &Files, entries: &Entries, number: usize, group: &EntryGroup) -> GroupLint {
        let looked_at = group.resolution.sources.iter().filter(|(_, f)| entries.looks_at(group, &f.path));
        let settings: HashMap<FileId, Arc<Settings>> =
            looked_at.map(|(id, file)| (id, (self.settings)(&file.path))).collect();
        if settings.is_empty() {
            return GroupLint::default();
        }
        let only = entries.builds_in(number).position(|target| target.is_some());
        let only = only.filter(|_| entries.is_chosen());
        if entries.is_chosen() && only.is_none() {
            return GroupLint::default();
        }
        let only = only.and_then(|at| group.resolution.targets.get(at)).map(|target| &*target.name);
        let mut builds = facts::places(files, entries, number);
        let notes = made_later(group, &builds);
        let is_on = |rule: &Rule| settings.values().any(|s| s.rules.severity(&rule.meta.name).is_some());
        let rules: Vec<&Rule> =
            RULES.iter().filter(|rule| matches!(rule.check, Check::Entry(_)) && is_on(rule)).collect();
        if !rules.is_empty() {
            facts::read(files, entries, number, &mut builds, &|target: &Target| self.told(target));
        }
        let given =
            EntryFiles { kind: group.entry.kind, resolution: &group.resolution, builds: &builds, only };
        let mut findings = Vec::new();
        for rule in rules {
            let Check::Entry(check) = rule.check else { continue };
            let mut found = Vec::new();
            check(&EntryCx::new(given, &rule.meta, rule.meta.severity, &mut found));
            for mut found in found {
                let severity = settings.get(&found.file).and_then(|s| s.rules.severity(&rule.meta.name));
                if let Some(severity) = severity {
                    found.finding.severity = severity;
                    findings.push(found);
                }
            }
        }
        GroupLint { findings, notes }
    }
}

/// Dockerfiles that are not there, and that something may well make before the build.
fn made_later(group: &EntryGroup, builds: &[EntryBuild]) -> Vec<Problem> {
    let targets = group.resolution.targets.iter().zip(builds);
    let later =
        targets.filter(|(target, build)| target.by_default && build.dockerfile == Presence::MadeLater);
    let mut notes: Vec<Problem> = Vec::new();
    for (target, _) in later {
        let build_targets::Dockerfile::File { path, text } = &target.dockerfile else { continue };
        let path = crate::text::plain_path(path).display();
        let message = format!("`{}` is built from `{path}`, which does not exist yet", target.name);
        let place = text.as_ref().map_or(target.place, |text| text.place);
        notes.push(group.remark(&build_targets::Problem { place: Some(place), message }));
    }
    notes
}

impl FileLint {
    /// Drops what comments suppress, and what the settings do not want.
    fn judge(&mut self, settings: &Settings) {
        let mut found = std::mem::take(&mut self.findings);
        if !settings.disable_ignore_pragma {
            let ran = |_, rule: &Rule| rule.meta.needs == Needs::Entry;
            let lines = suppression::Lines {
                text: self.source.text(),
                name: self.source.name(),
                inside: &self.inside,
            };
            let outcome = suppression::apply_to_lines(&lines, found, &settings.rules, &ran);
            self.suppressed = outcome.suppressed.len();
            found = outcome.kept;
            found.extend(outcome.extra);
        }
        found.retain(|finding| settings.is_worthwhile(finding));
        super::lint::sort(&mut found);
        self.fails = found.iter().any(|finding| settings.fails(finding));
        self.findings = found;
    }
}

#[cfg(test)]
mod tests;
