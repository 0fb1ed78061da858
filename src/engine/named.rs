//! Folders that are named contexts, each walked once for all builds that take something of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::context::{Progress, SourceQuery};
use crate::diag::Problem;
use crate::semantic::{Analysis, NamedContext, NamedContexts, NamedFolder};
use crate::workspace::Files;

use super::walk::{Walked, load_first, real};

/// What a build asks of the folders that are its named contexts.
#[derive(Debug, Default)]
pub(super) struct NamedQueries(Vec<NamedQuery>);

#[derive(Debug)]
struct NamedQuery {
    name: String,
    root: PathBuf,
    dialect: Dialect,
    queries: Vec<SourceQuery>,
}

impl NamedQueries {
    pub(super) fn of(files: &Files, analysis: &Analysis) -> Self {
        let dialect = analysis.build().builder.dialect();
        let asked = analysis.named_queries().into_iter().filter_map(|(name, queries)| {
            let Some(NamedContext::Folder(root)) = analysis.build().context(name) else { return None };
            // Nothing is known of a folder that is not there; whoever names it has to hear of it.
            let is_there = files.file_tree().is_folder(root);
            is_there.then(|| NamedQuery { name: name.to_owned(), root: root.clone(), dialect, queries })
        });
        Self(asked.collect())
    }
}

/// What the walks say to each of the builds, and what is wrong with the folders, which the first that asks has to say.
pub(super) fn walk_named(
    files: &Files,
    asked: Vec<NamedQueries>,
    progress: Option<&Progress>,
) -> Vec<(NamedContexts, Vec<Problem>)> {
    let mut answers: Vec<(NamedContexts, Vec<Problem>)> = Vec::new();
    answers.resize_with(asked.len(), Default::default);
    let mut groups: BTreeMap<(PathBuf, Dialect), Vec<(usize, NamedQuery)>> = BTreeMap::new();
    for (build, NamedQueries(asked)) in asked.into_iter().enumerate() {
        for query in asked {
            groups.entry((real(files, &query.root), query.dialect)).or_default().push((build, query));
        }
    }
    let walk = |mut asked: Vec<(usize, NamedQuery)>| {
        let mut problems = Vec::new();
        let views = asked.iter_mut().map(|(_, query)| std::mem::take(&mut query.queries)).collect();
        let walked = asked.first().and_then(|(_, NamedQuery { root, dialect, .. })| {
            // Its own ignore file counts.
            let ignore = load_first(files, *dialect, dialect.shared(root), &mut problems);
            Walked::new(files, root, ignore, views, progress, &mut problems)
        });
        (asked, walked, problems)
    };
    let groups: Vec<_> = groups.into_values().collect();
    let walked: Vec<_> = groups.into_par_iter().map(walk).collect();
    for (asked, walked, mut problems) in walked {
        for (view, (build, query)) in asked.into_iter().enumerate() {
            let Some((named, own)) = answers.get_mut(build) else { continue };
            own.append(&mut problems);
            if let Some(walked) = &walked {
                named.folders.insert(query.name, walked.named(view));
            }
        }
    }
    answers
}

impl Walked {
    /// What is said of a folder that is a named context.
    fn named(&self, view: usize) -> NamedFolder {
        NamedFolder { scan: self.scan(view), ignore: self.ignore.clone() }
    }
}

/// Scans the folders that `analysis` is given as named contexts, each for what is taken of it.
pub fn measure_named(
    files: &Files,
    analysis: &Analysis,
    progress: Option<&Progress>,
    problems: &mut Vec<Problem>,
) -> NamedContexts {
    let answers = walk_named(files, vec![NamedQueries::of(files, analysis)], progress);
    let (named, mut found) = answers.into_iter().next().unwrap_or_default();
    problems.append(&mut found);
    named
}
