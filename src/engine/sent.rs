//! What builds send to the builder.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::context::{Progress, SourceQuery, Tally};
use crate::workspace::{ContextSource, DockerfileSource, Files, Target};

use super::opened::{SharedTree, read_shared};
use super::outcome::guarded;
use super::walk::{Walked, load_ignore, own_ignore_file};

/// What each build sends of its context: nothing that no instruction takes, and nothing that the ignore file leaves
/// out. `None` where that cannot be told: the Dockerfile or the folder cannot be read, or there is no folder. A
/// Dockerfile is parsed once, and a context walked once, however many builds have it.
#[must_use]
pub fn sent(files: &Files, targets: &[Option<&Target>], progress: Option<&Progress>) -> Vec<Option<Tally>> {
    let mut trees: HashMap<PathBuf, SharedTree> = HashMap::new();
    for target in targets.iter().flatten() {
        if let DockerfileSource::File(path) = &target.dockerfile {
            trees.entry(path.clone()).or_default();
        }
    }
    let queries = |target: &&Target| -> Option<Vec<SourceQuery>> {
        let shared = target.file().and_then(|path| trees.get(path));
        let read = || read_shared(files, target, shared).ok().map(|analysis| analysis.source_queries());
        guarded(&target.name(), read).ok().flatten()
    };
    let asked: Vec<Option<Vec<SourceQuery>>> =
        targets.par_iter().map(|target| target.as_ref().and_then(queries)).collect();
    let mut sent: Vec<Option<Tally>> = Vec::with_capacity(targets.len());
    let mut groups: BTreeMap<(PathBuf, Option<PathBuf>, Dialect), Vec<usize>> = BTreeMap::new();
    for (number, (target, asked)) in targets.iter().zip(&asked).enumerate() {
        let root = target.and_then(Target::context_folder);
        let takes = asked.as_ref().map(|queries| !queries.is_empty());
        // What has no context that is there is not built at all.
        let is_remote = matches!(target.map(|target| &target.context), Some(ContextSource::Remote(_)));
        let is_there = is_remote || root.as_ref().is_some_and(|root| files.is_folder(root));
        sent.push(if takes == Some(false) && is_there { Some(Tally::default()) } else { None });
        if let (Some(target), Some(root), Some(true)) = (target, root, takes) {
            let own = own_ignore_file(files, target, &root);
            let real = files.file_tree().real(&root).unwrap_or(root);
            groups.entry((real, own, target.builder().dialect())).or_default().push(number);
        }
    }
    let measure = |((root, ..), numbers): ((PathBuf, Option<PathBuf>, Dialect), Vec<usize>)| {
        let target = targets.get(*numbers.first()?).copied().flatten()?;
        let views = numbers.iter().filter_map(|number| asked.get(*number)?.clone()).collect();
        let mut problems = Vec::new();
        let ignore = load_ignore(files, target, &root, &mut problems);
        let walked = Walked::new(files, &root, ignore, views, progress, &mut problems)?;
        let tallies = (0..numbers.len()).map(|view| walked.sent(view)).collect::<Vec<_>>();
        problems.is_empty().then(|| numbers.into_iter().zip(tallies).collect::<Vec<_>>())
    };
    let measured: Vec<Vec<(usize, Tally)>> = groups.into_par_iter().filter_map(measure).collect();
    for (number, tally) in measured.into_iter().flatten() {
        if let Some(slot) = sent.get_mut(number) {
            *slot = Some(tally);
        }
    }
    sent
}
