//! What builds send to the builder.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::context::{Progress, SourceQuery, Tally};
use crate::workspace::{ContextSource, DockerfileSource, Files, Target};

use super::opened::{SharedTree, read_shared};
use super::outcome::guarded;
use super::walk::{Walked, load_ignore, own_ignore_file};

/// How many bytes of one Dockerfile are understood for its builds together, but for the first; what further builds send is
/// not told.
const MAX_UNDERSTOOD: usize = 8 << 20;

/// What each build sends of its context: nothing that no instruction takes, and nothing that the ignore file leaves
/// out. `None` where that cannot be told: the Dockerfile or the folder cannot be read, or there is no folder, or the
/// Dockerfile is long and has many builds. A Dockerfile is parsed once, and a context walked once, however many builds
/// have it.
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
    let understood = understood(files, targets);
    let asked: Vec<Option<Vec<SourceQuery>>> = targets
        .par_iter()
        .zip(&understood)
        .map(|(target, is_understood)| target.as_ref().filter(|_| *is_understood).and_then(queries))
        .collect();
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

/// Whether each build is one of those whose Dockerfile is understood.
fn understood(files: &Files, targets: &[Option<&Target>]) -> Vec<bool> {
    let mut known: HashMap<&Path, (usize, usize)> = HashMap::new();
    let are_understood = targets.iter().copied().map(|target| {
        let Some(path) = target.and_then(Target::file) else { return true };
        let bytes = || files.source(path).map_or(0, |source| source.bytes().len());
        let (bytes, builds) = known.entry(path).or_insert_with(|| (bytes(), 0));
        *builds += 1;
        *builds == 1 || builds.saturating_mul(*bytes) <= MAX_UNDERSTOOD
    });
    are_understood.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_dockerfile_not_all_builds_are_understood() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        let sent_by = |text: String, count: usize| {
            std::fs::write(&path, text).unwrap();
            let target = |n: usize| {
                let mut target = Target::of_file(&path);
                target.build.args.insert("A".to_owned(), n.to_string());
                target
            };
            let targets: Vec<Target> = (0..count).map(target).collect();
            let targets: Vec<Option<&Target>> = targets.iter().map(Some).collect();
            let sent = sent(&Files::default(), &targets, None);
            sent.iter().take_while(|sent| sent.is_some()).count()
        };
        let comment = format!("#{}\n", "x".repeat((32 << 10) - 2));
        let long = |bytes: usize| "FROM a\n".to_owned() + &comment.repeat(bytes >> 15);
        assert_eq!(sent_by(long(0), 300), 300);
        assert_eq!(sent_by(long(1 << 20), 20), 7);
        // One is, however long it is.
        assert_eq!(sent_by(long(8 << 20), 2), 1);
    }
}
