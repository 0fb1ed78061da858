//! What ShellCheck says of the scripts of files.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Settings;
use crate::diag::{Finding, Problem};
use crate::rules::keys;
use crate::semantic::{Analysis, Model};
use crate::shellcheck::{Checker, Job, Level, RULE, jobs};

use super::lint::{edits_swallower, faults, mends};
use super::outcome::{guarded, problem};

/// How many files are read before the program is run on their scripts.
const FILES: usize = 256;

/// The settings for a path.
type SettingsOf<'a> = dyn Fn(&Path) -> Arc<Settings> + Sync + 'a;

/// What is said of one file.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Problem>,
    /// True if all scripts were checked.
    pub(super) complete: bool,
}

/// Has the scripts of many files checked, as many in a process as may be. Linting the files then finds
/// what was said.
pub(super) fn prepare<'a>(
    checker: Option<&Checker>,
    settings: &SettingsOf<'_>,
    files: impl Iterator<Item = (&'a Path, &'a Analysis)>,
) {
    let Some(checker) = checker else { return };
    let files: Vec<_> = files.filter(|(path, _)| is_on(&settings(path))).collect();
    // A single one is asked about when it is linted.
    if files.len() < 2 {
        return;
    }
    let scripts = |(path, analysis): &(&Path, &Analysis)| {
        guarded(&path.display().to_string(), || jobs(analysis)).unwrap_or_default()
    };
    for files in files.chunks(FILES) {
        let jobs: Vec<Job> = files.par_iter().flat_map_iter(scripts).collect();
        checker.prepare(&jobs);
    }
}

/// True if the settings ask for ShellCheck.
pub(super) fn is_on(settings: &Settings) -> bool {
    settings.rules.catalogue().id_of(RULE).is_some_and(|id| settings.rules.is_enabled(id))
}

/// What is said of a file, if its settings ask for it.
pub(super) fn check(checker: Option<&Checker>, model: &Model, settings: &Settings) -> Checked {
    let rule = settings.rules.catalogue().find(RULE);
    let (Some(checker), Some(rule), true) = (checker, rule, is_on(settings)) else {
        return Checked::default();
    };
    let least = Level::of(settings.options(rule).text(&keys::shellcheck::SEVERITY)).unwrap_or(Level::Style);
    let mut said = checker.check(model, least);
    let swallowers = if said.findings.is_empty() { Vec::new() } else { model.file.swallowers() };
    let faults = if said.findings.is_empty() { Vec::new() } else { faults(model) };
    for finding in &mut said.findings {
        if edits_swallower(finding, &model.file, &swallowers) || !mends(finding, &faults) {
            finding.fix = None;
        }
    }
    said.findings.retain_mut(|finding| settings.rules.judge(finding));
    let name = model.file.source.name();
    let failed = |(line, why): (u32, String)| Problem {
        help: Some("what ShellCheck would say of this script is not known".to_owned()),
        ..problem(name, format!("ShellCheck {why}, for the script of line {line}"))
    };
    Checked {
        findings: said.findings,
        problems: said.failed.into_iter().map(failed).collect(),
        complete: said.complete,
    }
}
