//! Build contexts that were measured once, and are kept while their Dockerfile is edited.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::context::{Progress, SourceQuery};
use crate::semantic::{Analysis, BuildContext, Model};
use crate::text::Gather;
use crate::workspace::{Files, Snapshot, Target};

use super::check::of_snapshot;
use super::opened::{Opened, SharedTree, read_shared};
use super::outcome::Outcome;
use super::together::MeasuredImages;
use super::weights::weigh;

/// What was measured for the builds of a Dockerfile, and for which questions.
#[derive(Debug)]
pub struct Measured {
    /// The builds as they were told.
    targets: Vec<Target>,
    builds: Vec<(Opened, Asked)>,
}

/// What a Dockerfile asks of its contexts.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    context: Vec<SourceQuery>,
    named: BTreeMap<String, Vec<SourceQuery>>,
}

impl Asked {
    fn by(analysis: &Analysis) -> Self {
        let named = analysis.named_queries().into_iter().map(|(name, asked)| (name.to_owned(), asked));
        Self { context: analysis.source_queries(), named: named.gather() }
    }
}

impl Opened {
    /// The same build as it is planned: with no build argument but those that are given, and with what single paths and
    /// the images of other builds weigh. The context is walked again only if other files of it are asked for.
    #[must_use]
    pub fn planned(&self, files: &Files, progress: &Progress, images: &mut MeasuredImages) -> Self {
        let mut own = self.clone();
        own.target.build.all_args = true;
        let model = Arc::new(Model::of_build(Arc::clone(&own.analysis.file), &own.target.build));
        let asked = Analysis::new(Arc::clone(&model));
        if Asked::by(&asked) != Asked::by(&own.analysis) {
            own.analysis = asked.with_also(own.target.also.clone());
            return own.measured_with(files, progress, images);
        }
        own.analysis = own.analysis.with_model(model);
        own.weighed(files, progress, images)
    }

    /// The same with what single paths of its context and the images of other builds weigh.
    fn weighed(mut self, files: &Files, progress: &Progress, images: &mut MeasuredImages) -> Self {
        let root = self.target.context_folder();
        if let (Some(root), Some(context)) = (root, self.analysis.context()) {
            let ignore = context.ignore().map(|(file, _)| file);
            let weights = weigh(files.file_tree(), &root, ignore, self.analysis.weighed());
            let context = BuildContext { weights, ..context.clone() };
            self.analysis = self.analysis.clone().with_context(Some(Arc::new(context)));
        }
        let mut named = self.analysis.named().clone();
        named.images = images.of(files, &self.target, progress);
        self.analysis = self.analysis.with_named(named);
        self
    }
}

impl Measured {
    /// Reads the builds of a Dockerfile and walks through their contexts, which takes its time. `None` if it cannot be
    /// read, or if somebody ended it through `progress`.
    #[must_use]
    pub fn of(snapshot: &Snapshot, targets: &[Target], progress: &Progress) -> Option<Self> {
        let first = targets.first()?;
        let opened = of_snapshot(snapshot, first, progress, |run| run.open_all(targets)).ok()?;
        if progress.is_cancelled() {
            return None;
        }
        // The texts will be others: of the models only one stays, since something has to.
        let mut model: Option<Arc<Model>> = None;
        let kept = |build: Opened| {
            let asked = Asked::by(&build.analysis);
            let model = model.get_or_insert_with(|| build.analysis.shared_model());
            let analysis = build.analysis.with_model(Arc::clone(model));
            (Opened { analysis, problems: Vec::new(), ..build }, asked)
        };
        let builds = opened.into_iter().map(kept).collect();
        Some(Self { targets: targets.to_vec(), builds })
    }

    /// The builds with the contexts that were measured.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.builds.iter().map(|(build, _)| &build.target)
    }

    /// The builds as they are in `snapshot` now, with what was measured, if they are the same and still ask the same. No
    /// file is touched.
    #[must_use]
    pub fn fitted(&self, snapshot: &Snapshot, targets: &[Target]) -> Option<Vec<Opened>> {
        let is_same = |(old, new): (&Target, &Target)| old.is_same_build(new) && old.name() == new.name();
        if targets.len() != self.targets.len() || !self.targets.iter().zip(targets).all(is_same) {
            return None;
        }
        let shared = SharedTree::default();
        let fit = |((build, asked), told): (&(Opened, Asked), &Target)| {
            let now = read_shared(snapshot.files(), &build.target, Some(&shared)).ok()?;
            if Asked::by(&now) != *asked {
                return None;
            }
            let target = Target { origin: told.origin.clone(), ..build.target.clone() };
            let settings = snapshot.settings_of(target.path()?);
            let analysis = build.analysis.clone().with_model(now.shared_model());
            Some(Opened { target, analysis, settings, ..build.clone() })
        };
        self.builds.iter().zip(targets).map(fit).collect()
    }
}

/// The builds of a Dockerfile as they are in `snapshot`. Nothing is measured.
///
/// # Errors
/// If it cannot be read, what linting it gives.
pub fn read_builds(snapshot: &Snapshot, targets: &[Target]) -> Result<Vec<Opened>, Box<Outcome>> {
    let Some(first) = targets.first() else { return Ok(Vec::new()) };
    of_snapshot(snapshot, first, &Progress::default(), |run| run.read_all(targets))
}

/// Lints the builds of a Dockerfile, with what was measured of their contexts.
#[must_use]
pub fn check_opened(snapshot: &Snapshot, builds: Vec<Opened>) -> Outcome {
    let Some(first) = builds.first().map(|build| build.target.clone()) else { return Outcome::default() };
    of_snapshot(snapshot, &first, &Progress::default(), |run| run.checked(builds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Build;
    use crate::workspace::{Overrides, Workspace};

    #[test]
    fn what_was_measured_counts_as_long_as_the_same_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(folder.path().join("app.py"), "print()\n").unwrap();
        let mut workspace = Workspace::new(Overrides::default(), &mut Vec::new());
        let mut snapshot = |text: &str| {
            workspace.files_mut().open(path.clone(), 1, text);
            workspace.snapshot()
        };
        let first = snapshot("FROM debian:12\nCOPY app.py ap.py /\n");
        let target = first.target_of(&path, &Build::default());
        let measured = Measured::of(&first, std::slice::from_ref(&target), &Progress::default()).unwrap();
        let moved = snapshot("FROM debian:12\n\n# x\nCOPY app.py ap.py /\nUSER 1\n");
        let opened = measured.fitted(&moved, std::slice::from_ref(&target)).unwrap();
        let outcome = check_opened(&moved, opened);
        let found: Vec<_> =
            outcome.files[0].findings.iter().map(|f| (f.rule.to_string(), f.span.start)).collect();
        assert_eq!(found, [("copy-missing-source".to_owned(), 32)]);
        let others = snapshot("FROM debian:12\nCOPY app.py /\n");
        assert!(measured.fitted(&others, std::slice::from_ref(&target)).is_none());
        let more = Target {
            platforms: vec![crate::syntax::Platform::parse("linux/arm64").unwrap()],
            ..target.clone()
        };
        assert!(measured.fitted(&moved, std::slice::from_ref(&more)).is_none());
        let ended = Progress::default();
        ended.cancel();
        assert!(Measured::of(&first, std::slice::from_ref(&target), &ended).is_none());
    }
}
