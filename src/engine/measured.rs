//! A build context that was measured once, and is kept while its Dockerfile is edited.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::context::{Progress, SourceQuery};
use crate::semantic::{Analysis, Model};
use crate::workspace::{Files, Snapshot, Target};

use super::check::of_snapshot;
use super::opened::{Opened, read_target};
use super::outcome::Outcome;

/// What was measured for a Dockerfile, and for which questions.
#[derive(Debug)]
pub struct Measured {
    opened: Opened,
    asked: Asked,
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
        Self { context: analysis.source_queries(), named: named.collect() }
    }
}

impl Opened {
    /// The same build as it is planned: with no build argument but those that are given, and with what single paths and
    /// the images of other builds weigh. The context is walked again only if other files of it are asked for.
    #[must_use]
    pub fn planned(&self, files: &Files, progress: &Progress) -> Self {
        let mut own = self.clone();
        own.target.build.all_args = true;
        let model = Arc::new(Model::of_build(Arc::clone(&own.analysis.file), &own.target.build));
        let asked = Analysis::new(Arc::clone(&model));
        if Asked::by(&asked) != Asked::by(&own.analysis) {
            own.analysis = asked.with_also(own.target.also.clone());
            return own.measured(files, progress);
        }
        own.analysis = own.analysis.with_model(model);
        own.weighed(files, progress)
    }
}

impl Measured {
    /// Reads a target and walks through its contexts, which takes its time. `None` if it cannot be read, or if somebody
    /// ended it through `progress`.
    #[must_use]
    pub fn of(snapshot: &Snapshot, target: &Target, progress: &Progress) -> Option<Self> {
        let opened =
            of_snapshot(snapshot, target, progress, |run| run.open_all(std::slice::from_ref(target)));
        let opened = opened.ok()?.into_iter().next()?;
        let asked = Asked::by(&opened.analysis);
        (!progress.is_cancelled()).then_some(Self { opened, asked })
    }

    /// The Dockerfile as it is in `snapshot` now, with what was measured, if it still asks the same. No file is touched.
    #[must_use]
    pub fn fitted(&self, snapshot: &Snapshot) -> Option<Opened> {
        let Opened { target, analysis, guessed, built_by, .. } = &self.opened;
        let now = read_target(snapshot.files(), target).ok()?;
        if Asked::by(&now) != self.asked {
            return None;
        }
        let model = Model::of_build(Arc::clone(&now.file), &target.build);
        Some(Opened {
            target: target.clone(),
            analysis: analysis.clone().with_model(Arc::new(model)),
            settings: snapshot.settings_of(target.path()?),
            guessed: guessed.clone(),
            built_by: built_by.clone(),
            problems: Vec::new(),
        })
    }
}

/// Lints a build whose contexts were measured.
#[must_use]
pub fn check_opened(snapshot: &Snapshot, opened: Opened) -> Outcome {
    let target = opened.target.clone();
    of_snapshot(snapshot, &target, &Progress::default(), |run| run.builds(vec![opened]))
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
        let measured = Measured::of(&first, &target, &Progress::default()).unwrap();
        let moved = snapshot("FROM debian:12\n\n# x\nCOPY app.py ap.py /\nUSER 1\n");
        let opened = measured.fitted(&moved).unwrap();
        let outcome = check_opened(&moved, opened);
        let found: Vec<_> =
            outcome.files[0].findings.iter().map(|f| (f.rule.to_string(), f.span.start)).collect();
        assert_eq!(found, [("copy-missing-source".to_owned(), 32)]);
        assert!(measured.fitted(&snapshot("FROM debian:12\nCOPY app.py /\n")).is_none());
        let ended = Progress::default();
        ended.cancel();
        assert!(Measured::of(&first, &target, &ended).is_none());
    }
}
