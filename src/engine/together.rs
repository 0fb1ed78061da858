//! Many builds, read and measured: a context that several have in common is walked once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::config::Settings;
use crate::context::Progress;
use crate::text::plain_path;
use crate::workspace::{Files, Target};

use super::opened::{MeasuredImages, OpenError, Opened};
use super::walk::{Walked, load_ignore, measure_named, own_ignore_file, unread, with_weights};

/// Reads targets, and measures their build contexts, in their order.
#[must_use]
pub fn open_all(
    files: &Files,
    targets: Vec<(Target, Arc<Settings>)>,
    progress: &Progress,
) -> Vec<Result<Opened, OpenError>> {
    let open = |(target, settings)| Opened::new(files, target, settings);
    let mut opened: Vec<Result<Opened, OpenError>> = targets.into_par_iter().map(open).collect();
    measure_contexts(files, opened.iter_mut().flatten(), Some(progress));
    let mut images = MeasuredImages::default();
    for build in opened.iter_mut().flatten() {
        let mut named = measure_named(files, &build.analysis, Some(progress), &mut build.problems);
        named.images = images.of(files, &build.target, progress);
        build.analysis = build.analysis.clone().with_named(named);
    }
    opened
}

/// Measures the contexts of builds, each once however many have it and its ignore file in common.
pub(super) fn measure_contexts<'b>(
    files: &Files,
    builds: impl Iterator<Item = &'b mut Opened>,
    progress: Option<&Progress>,
) {
    let mut groups: BTreeMap<(PathBuf, Option<PathBuf>, Dialect), Vec<&mut Opened>> = BTreeMap::new();
    for build in builds {
        let Some(root) = build.target.context_folder() else { continue };
        if build.analysis.source_queries().is_empty() {
            continue;
        }
        let own = own_ignore_file(files, &build.target, &root);
        let real = files.file_tree().real(&root).unwrap_or(root);
        groups.entry((real, own, build.target.builder().dialect())).or_default().push(build);
    }
    let mut groups: Vec<Vec<&mut Opened>> = groups.into_values().collect();
    groups.par_iter_mut().for_each(|builds| measure(files, builds, progress));
}

/// Measures the context of builds that have it and its ignore file in common.
fn measure(files: &Files, builds: &mut [&mut Opened], progress: Option<&Progress>) {
    let views = builds.iter().map(|build| build.analysis.source_queries()).collect();
    let Some(first) = builds.first_mut() else { return };
    let Some(root) = first.target.context_folder() else { return };
    let ignore = load_ignore(files, &first.target, &root, &mut first.problems);
    let walked = Walked::new(files, &root, ignore, views, progress, &mut first.problems);
    let Some(walked) = walked else { return };
    for (view, build) in builds.iter_mut().enumerate() {
        let reads = build.analysis.reads();
        let unread = unread(files, &build.target, &root, &reads.folders);
        let mut context =
            with_weights(files, walked.context(view, reads), (&root, &build.target), &build.analysis, unread);
        context.guess = build.guessed.as_ref().map(|folder| plain_path(folder).display().to_string());
        build.analysis = build.analysis.clone().with_context(Some(Arc::new(context)));
    }
}
