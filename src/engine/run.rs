use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::{BuiltBy, FileReport, Finding, Origin};
use crate::entries::InlineDockerfile;
use crate::semantic::{Analysis, BuildContext, Builder, Model};
use crate::shellcheck::Checker;
use crate::syntax;
use crate::text::{Arrange, Source};
use crate::workspace::{DockerfileSource, Files, Target};

use super::builder::settle;
use super::contexts;
use super::discover::{Input, InputKind};
use super::guess::guessed;
use super::linted::findings;
use super::named::{NamedQueries, walk_named};
use super::opened::{Opened, SharedTree};
use super::outcome::{Fixing, Outcome, guarded, problem};
use super::together::measure_contexts;
use super::walk;

/// The builds of the Dockerfile at a path.
pub type TargetsOf<'a> = dyn Fn(&Path) -> Vec<Target> + Sync + 'a;

/// What to do with each file.
pub struct Run<'a> {
    /// The settings for a path.
    pub settings: &'a (dyn Fn(&Path) -> Arc<Settings> + Sync),
    /// What is built from the Dockerfile at a path, where nothing else says so.
    pub target: &'a (dyn Fn(&Path) -> Target + Sync),
    /// What files of the project build from the Dockerfile at a path: nothing, or each of the builds.
    pub targets: Option<&'a TargetsOf<'a>>,
    /// Where texts come from.
    pub files: &'a Files,
    /// Counters for a progress line.
    pub progress: Option<&'a Progress>,
    /// Whether to fix what can be fixed.
    pub fixing: Option<Fixing>,
    /// What runs ShellCheck where the settings ask for it.
    pub shellcheck: Option<&'a Checker>,
    /// Is shown each build that is linted, with what was measured of it.
    pub seen: Option<&'a (dyn Fn(&Opened) + Sync)>,
}

impl Run<'_> {
    /// Lints all inputs, in parallel. The outcomes come in the order of the inputs. A build context that
    /// several have in common is walked once.
    #[must_use]
    pub fn all(&self, inputs: &[Input]) -> Vec<Outcome> {
        contexts::lint_all(self, inputs)
    }

    /// Lints one build of an input. A panic in a rule is caught and said.
    pub(super) fn job(&self, input: &Input, target: &Target) -> Outcome {
        match input.kind {
            InputKind::Dockerfile => self.target(target),
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
        self.targets(std::slice::from_ref(target))
    }

    /// Lints a Dockerfile for each of its targets.
    #[must_use]
    pub fn targets(&self, targets: &[Target]) -> Outcome {
        let name = targets.first().map(Target::name).unwrap_or_default();
        let linted = guarded(&name, || self.open_all(targets).map(|builds| self.builds(builds)));
        linted.unwrap_or_else(Err).unwrap_or_else(|failed| *failed)
    }

    /// Lints builds of a Dockerfile that were opened. A panic in a rule is caught and said.
    pub(super) fn checked(&self, builds: Vec<Opened>) -> Outcome {
        let name = builds.first().map(|build| build.target.name()).unwrap_or_default();
        guarded(&name, || self.builds(builds)).unwrap_or_else(|failed| *failed)
    }

    /// Reads the builds of a Dockerfile, and measures their contexts.
    pub(super) fn open_all(&self, targets: &[Target]) -> Result<Vec<Opened>, Box<Outcome>> {
        let mut builds = self.read_all(targets)?;
        for build in &mut builds {
            build.guessed = guessed(self.files, &build.target, &build.analysis);
            build.target = build.target.with_guess(build.guessed.as_deref());
        }
        measure_contexts(self.files, builds.iter_mut(), self.progress);
        let asked = builds.iter().map(|build| NamedQueries::of(self.files, &build.analysis)).collect();
        for (build, (named, problems)) in builds.iter_mut().zip(walk_named(self.files, asked, self.progress))
        {
            build.problems.extend(problems);
            build.analysis = build.analysis.clone().with_named(named);
        }
        Ok(builds)
    }

    /// Reads the builds of a Dockerfile. Their contexts are not looked at.
    pub(super) fn read_all(&self, targets: &[Target]) -> Result<Vec<Opened>, Box<Outcome>> {
        let told = targets.first().and_then(|first| self.told(first));
        let mut targets = targets.to_vec();
        let built_by = settle(self.files, &mut targets, told);
        let shared = SharedTree::default();
        let read = |(target, built_by): (Target, Option<BuiltBy>)| {
            let analysis = contexts::analysis(self.files, &target, Some(&shared))?;
            Ok(Opened { built_by, ..self.opened(target, analysis, None) })
        };
        targets.into_iter().zip(built_by).map(read).collect()
    }

    /// Lints a text in the place of the file at `path`: as files of the project build that, and else as its own
    /// target.
    #[must_use]
    pub fn text(&self, source: Source, path: Option<&Path>) -> Outcome {
        let dockerfile = DockerfileSource::Text { source, stands_for: path.map(Path::to_path_buf) };
        let mut targets = path.map(|path| self.builds_of(path)).unwrap_or_default();
        if targets.is_empty() {
            targets.push((self.target)(path.unwrap_or(Path::new(&dockerfile.name()))));
        }
        targets.iter_mut().for_each(|target| target.dockerfile = dockerfile.clone());
        self.targets(&targets)
    }

    /// What files of the project build from the Dockerfile at a path, for each platform.
    pub(super) fn builds_of(&self, path: &Path) -> Vec<Target> {
        let targets = self.targets.map(|targets| targets(path)).unwrap_or_default();
        targets.iter().flat_map(Target::by_platform).collect()
    }

    /// Lints a Dockerfile that is written in another file; what is found is in that.
    #[must_use]
    pub fn inline(&self, inline: &InlineDockerfile) -> Outcome {
        let outcome = Run { fixing: None, ..*self }.targets(&inline.target.by_platform());
        // What is in the ignore file of its context stays there.
        let mut reports = outcome.files.into_iter();
        let own = reports.next().map(|report| inline.report(report));
        let files: Vec<FileReport> = own.into_iter().chain(reports).collect();
        let settings = (self.settings)(Path::new(inline.file.name()));
        let fails = files.iter().flat_map(|file| &file.findings).any(|finding| settings.fails(finding));
        Outcome { files, fails, ..outcome }
    }

    /// A build that was read, with its settings.
    pub(super) fn opened(&self, target: Target, analysis: Analysis, guessed: Option<PathBuf>) -> Opened {
        let settings = (self.settings)(target.path().unwrap_or(Path::new(analysis.file.source.name())));
        Opened { target, analysis, settings, guessed, built_by: None, problems: Vec::new() }
    }

    /// What builds a target, if somebody has said so.
    pub(super) fn told(&self, target: &Target) -> Option<Builder> {
        (self.settings)(Path::new(&target.name())).builder
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

/// What the rules say of a Dockerfile, and no comment suppresses.
#[must_use]
pub fn lint_model(analysis: &Analysis, settings: &Settings) -> Vec<Finding> {
    findings(analysis, settings, None, None).kept
}

/// Sorted findings, equal ones once.
fn without_equal(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let beside = |other: &&Finding| (other.span, &other.rule) == (finding.span, &finding.rule);
        if !kept.iter().rev().take_while(beside).any(|other| *other == finding) {
            kept.push(finding);
        }
    }
    kept
}

/// Sorts reports by path, and merges those of the same file.
#[must_use]
pub fn merge(files: Vec<FileReport>) -> Vec<FileReport> {
    let mut merged: BTreeMap<String, FileReport> = BTreeMap::new();
    let mut several: BTreeSet<String> = BTreeSet::new();
    for file in files {
        match merged.get_mut(&file.path) {
            Some(known) => {
                several.insert(file.path);
                known.findings.extend(file.findings);
            }
            None => {
                merged.insert(file.path.clone(), file);
            }
        }
    }
    for path in several {
        if let Some(file) = merged.get_mut(&path) {
            file.findings.arrange_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
            file.findings = without_equal(std::mem::take(&mut file.findings));
        }
    }
    merged.into_values().collect()
}
