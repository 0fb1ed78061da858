//! What several builds of one Dockerfile have in common.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diag::{Applicability, Finding, Origin};
use crate::rules::RuleId;
use crate::semantic::{Analysis, Model};
use crate::text::Span;
use crate::workspace::Target;

use super::linted::Linted;
use super::opened::Opened;

/// What is said of stages and comments that nothing needs, which is so only if no build needs them.
const NEEDED_BY_NONE: [RuleId; 4] = [
    RuleId::UNREACHABLE_STAGE,
    RuleId::UNUSED_FOREIGN_SUPPRESSION,
    RuleId::UNUSED_STAGE,
    RuleId::UNUSED_SUPPRESSION,
];

/// How many files a help names beside the first one.
const MAX_ADVICE: usize = 3;

/// Lints a Dockerfile, or what fixes have made of it, for each of its builds. What is said of all is said once; what is
/// said of some names them, and its fix is only shown, for it may be wrong for the others.
pub(super) fn lint(
    first: &Analysis,
    builds: &[Opened],
    one: &dyn Fn(&Analysis, &Opened) -> Linted,
) -> Linted {
    let analyses: Vec<Analysis> = builds.iter().map(|build| analysis_of(build, first)).collect();
    let mut merged = Merged::default();
    let mut all = Linted::default();
    for (number, (analysis, build)) in analyses.iter().zip(builds).enumerate() {
        let linted = one(analysis, build);
        all.ignore.extend(linted.ignore);
        all.problems.extend(linted.problems);
        all.suppressed = all.suppressed.max(linted.suppressed);
        merged.add(number, linted.kept);
    }
    all.problems.dedup_by(|a, b| a.message == b.message);
    all.kept = merged.judge(builds, &analyses);
    all
}

/// The builds that may differ: those for several platforms are one to a Dockerfile that never asks for the platform.
pub(super) fn that_differ(builds: Vec<Opened>) -> Vec<Opened> {
    let asks = || builds.first().is_none_or(Opened::asks_for_platform);
    if builds.iter().all(|build| build.target.platforms.is_empty()) || asks() {
        return builds;
    }
    let mut left: Vec<Opened> = Vec::with_capacity(builds.len());
    for mut build in builds {
        let is_first = left.last().is_none_or(|last| last.target.entry() != build.target.entry());
        if build.target.platforms.is_empty() || is_first {
            left.push(build);
        } else if let Some(last) = left.last_mut() {
            last.problems.append(&mut build.problems);
        }
    }
    left
}

/// What a text means in a build: that of `first`, which may have been fixed.
fn analysis_of(build: &Opened, first: &Analysis) -> Analysis {
    if Arc::ptr_eq(&build.analysis.file, &first.file) {
        return build.analysis.clone();
    }
    let model = Model::of_build(Arc::clone(&first.file), &build.target.build);
    build.analysis.clone().with_model(Arc::new(model))
}

/// Findings that say the same of the same place, and the builds that they were found in.
#[derive(Default)]
struct Merged {
    findings: Vec<(Finding, Vec<usize>)>,
    /// By rule, place, fault, and which of equal ones it is in its build.
    known: HashMap<Key, usize>,
}

type Key = (String, Origin, Span, Option<&'static str>, usize);

impl Merged {
    fn add(&mut self, build: usize, findings: Vec<Finding>) {
        let mut seen: HashMap<(String, Origin, Span, Option<&'static str>), usize> = HashMap::new();
        for finding in findings {
            let rule = finding.rule.to_string();
            let nth = seen.entry((rule.clone(), finding.origin, finding.span, finding.kind)).or_default();
            let key = (rule, finding.origin, finding.span, finding.kind, *nth);
            *nth += 1;
            let known = self.known.get(&key).and_then(|at| self.findings.get_mut(*at));
            match known {
                Some((known, builds)) => {
                    // Another build may need other edits: none is right for both.
                    if let Some(fix) = &mut known.fix
                        && finding.fix.is_none_or(|other| other.edits != fix.edits)
                    {
                        fix.applicability = Applicability::Display;
                    }
                    // Each file says in its own way where its context is.
                    if RuleId::COPY_MISSING_SOURCE.is(&finding.rule)
                        && let (Some(known), Some(own)) = (&mut known.help, &finding.help)
                        && let Some((_, own)) = own.split_once("`: ")
                        && !known.contains(own)
                        && known.matches("; ").count() < MAX_ADVICE
                    {
                        *known = format!("{known}; {own}");
                    }
                    builds.push(build);
                }
                None => {
                    self.known.insert(key, self.findings.len());
                    self.findings.push((finding, vec![build]));
                }
            }
        }
    }

    /// The builds that a finding names: with their platforms where it is not in all of those.
    fn names(builds: &[Opened], found_in: &[usize]) -> Vec<String> {
        let found = || found_in.iter().filter_map(|number| builds.get(*number)).map(|build| &build.target);
        let mut names: Vec<String> = Vec::new();
        let (mut of_all, mut checked) = (HashMap::new(), HashMap::new());
        let count = |counts: &mut HashMap<Option<String>, usize>, target: &Target| {
            *counts.entry(target.entry()).or_default() += 1;
        };
        found().for_each(|target| count(&mut of_all, target));
        builds.iter().for_each(|build| count(&mut checked, &build.target));
        for target in found() {
            let entry = target.entry();
            // Of a Dockerfile that asks for no platform one stands for all.
            let is_all = of_all.get(&entry) == checked.get(&entry);
            let name = if is_all { entry } else { target.entry_on_platform() };
            if names.last() != name.as_ref() {
                names.extend(name);
            }
        }
        names
    }

    fn judge(self, builds: &[Opened], analyses: &[Analysis]) -> Vec<Finding> {
        let mut kept: Vec<Finding> = Vec::with_capacity(self.findings.len());
        for (mut finding, found_in) in self.findings {
            let runs =
                |(number, analysis): (usize, &Analysis)| is_run(analysis, finding.span).then_some(number);
            let without = analyses.iter().enumerate().filter_map(runs).find(|n| !found_in.contains(n));
            if let Some(without) = without {
                if NEEDED_BY_NONE.iter().any(|id| id.is(&finding.rule)) {
                    continue;
                }
                let name = |number: usize| Self::names(builds, &[number]).pop();
                if let Some(fix) = &mut finding.fix {
                    let other = name(without).unwrap_or_else(|| "a build of the last stage".to_owned());
                    fix.applicability = Applicability::Display;
                    fix.title = format!("{} (may be wrong for {other})", fix.title);
                }
                finding.builds = Self::names(builds, &found_in);
            }
            kept.push(finding);
        }
        // What one of the builds refuses itself is no other finding.
        let refused: HashSet<Span> =
            kept.iter().filter(|f| f.kind == Some("not-in-this-builder")).map(|f| f.span).collect();
        kept.retain(|finding| {
            !RuleId::REFUSED_ELSEWHERE.is(&finding.rule) || !refused.contains(&finding.span)
        });
        super::lint::sort(&mut kept);
        kept
    }
}

/// True if the build runs what is at a place, as far as that is a part of a stage.
fn is_run(analysis: &Analysis, span: Span) -> bool {
    let after =
        analysis.file.instructions.partition_point(|instruction| instruction.span.start <= span.start);
    let step = after.checked_sub(1);
    step.and_then(|step| analysis.stage_of(step)).is_none_or(|stage| stage.reachable)
}
