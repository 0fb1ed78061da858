//! Many builds, read and measured: a context that several have in common is walked once.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::config::Settings;
use crate::context::Progress;
use crate::workspace::{Files, Target};

use super::contexts::own_ignore_file;
use super::opened::{OpenError, Opened, images};
use super::walk::{Walked, load_ignore, measure_named, unread, with_weights};

/// Reads targets, and measures their build contexts, in their order.
#[must_use]
pub fn open_all(
    files: &Files,
    targets: Vec<(Target, Arc<Settings>)>,
    progress: &Progress,
) -> Vec<Result<Opened, OpenError>> {
    let open = |(target, settings)| Opened::new(files, target, settings);
    let mut opened: Vec<Result<Opened, OpenError>> = targets.into_par_iter().map(open).collect();
    let mut groups: BTreeMap<(PathBuf, Option<PathBuf>, Dialect), Vec<&mut Opened>> = BTreeMap::new();
    for build in opened.iter_mut().flatten() {
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
    let mut measured = HashMap::new();
    for build in opened.iter_mut().flatten() {
        let mut named = measure_named(files, &build.analysis, Some(progress), &mut build.problems);
        named.images = images(files, &build.target, progress, &mut measured);
        build.analysis = build.analysis.clone().with_named(named);
    }
    opened
}

/// Measures the context of builds that have it and its ignore file in common.
fn measure(files: &Files, builds: &mut [&mut Opened], progress: &Progress) {
    let views = builds.iter().map(|build| build.analysis.source_queries()).collect();
    let Some(first) = builds.first_mut() else { return };
    let Some(root) = first.target.context_folder() else { return };
    let ignore = load_ignore(files, &first.target, &root, &mut first.problems);
    let walked = Walked::new(files, &root, ignore, views, Some(progress), &mut first.problems);
    let Some(walked) = walked else { return };
    for (view, build) in builds.iter_mut().enumerate() {
        let reads = build.analysis.reads();
        let unread = unread(files, &build.target, &root, &reads.folders);
        let context =
            with_weights(files, walked.context(view, reads), (&root, &build.target), &build.analysis, unread);
        build.analysis = build.analysis.clone().with_context(Some(Arc::new(context)));
    }
}
