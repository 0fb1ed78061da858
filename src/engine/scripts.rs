//! What ShellCheck says of the scripts of files.

use rayon::prelude::*;

use crate::config::Settings;
use crate::diag::{Finding, Problem};
use crate::semantic::Model;
use crate::shellcheck::{Checker, Job, Level, RULE, jobs};
use crate::syntax;

use super::discover::{Input, InputKind};
use super::read::read_source;
use super::run::{Run, guarded, problem};

/// How many files are read before the program is run on their scripts.
const FILES: usize = 256;

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
pub(super) fn prepare(run: &Run<'_>, inputs: &[Input]) {
    let Some(checker) = run.shellcheck.filter(|_| inputs.len() > 1) else { return };
    for inputs in inputs.chunks(FILES) {
        let jobs: Vec<Job> = inputs.par_iter().flat_map_iter(|input| scripts(run, input)).collect();
        checker.prepare(&jobs);
    }
}

/// The scripts of a file. What cannot be read is said when it is linted.
fn scripts(run: &Run<'_>, input: &Input) -> Vec<Job> {
    let wanted = || is_on(&(run.settings)(&input.path));
    if input.kind != InputKind::Dockerfile || !wanted() {
        return Vec::new();
    }
    let name = input.path.display().to_string();
    let Ok(source) = read_source(&input.path, &name) else { return Vec::new() };
    guarded(&name, || jobs(&Model::new(syntax::parse(source)))).unwrap_or_default()
}

fn is_on(settings: &Settings) -> bool {
    settings.rules.catalogue().place_of(RULE).is_some_and(|place| settings.rules.is_enabled(place))
}

/// What is said of a file, if its settings ask for it.
pub(super) fn check(checker: Option<&Checker>, model: &Model, settings: &Settings) -> Checked {
    let rule = settings.rules.catalogue().find(RULE);
    let (Some(checker), Some(rule), true) = (checker, rule, is_on(settings)) else {
        return Checked::default();
    };
    let least = Level::of(settings.options(rule).text("severity")).unwrap_or(Level::Style);
    let mut said = checker.check(model, least);
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
