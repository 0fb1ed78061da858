//! The contexts of many builds, each walked through once for all that ask something of it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dockerignore::Dialect;

use crate::context::{Change, ChangeQuery, Detail, ScanRequest, SourceQuery, scan_changes_and_files};
use crate::semantic::{ContextIgnore, manifest_patterns};
use crate::tree::Tree;

use super::opened::Opened;

/// The contexts of builds.
#[derive(Debug)]
pub struct SharedWalks<'t> {
    tree: &'t Tree,
    contexts: Vec<SharedContext>,
    /// For each build its context, and which of the queries of that are its own.
    builds: Vec<Option<Member>>,
}

/// What contexts are told apart by: the folder, the text of the ignore file, and how that is read.
/// The last is whether any file may change.
type Key = (PathBuf, Option<Vec<u8>>, Dialect, bool);

#[derive(Debug, Clone)]
struct Member {
    context: usize,
    first: usize,
    /// The lines of the instructions that its queries are of; nothing for those that the build does not reach.
    lines: Vec<Option<u32>>,
}

/// A context with one ignore file.
#[derive(Debug)]
struct SharedContext {
    root: PathBuf,
    ignore: Option<Arc<ContextIgnore>>,
    queries: Vec<SourceQuery>,
    /// What may be asked of changes.
    paths: BTreeSet<String>,
    /// What is none of them, wherever it lies.
    excludes: Vec<String>,
    walked: OnceLock<Option<Walked>>,
}

/// What a walk has found.
#[derive(Debug)]
struct Walked {
    changes: HashMap<String, Change>,
    files: Vec<(String, u64)>,
    /// For each query the files that it takes, by their places.
    taken: Vec<Vec<usize>>,
}

/// A file that a build sends: its path, its bytes, and a line of an instruction that takes it.
pub type SentFile<'w> = (&'w str, u64, u32);

impl<'t> SharedWalks<'t> {
    /// Those of `builds`, in their order. `changed` says which paths change for the build of a number below the folder of its context,
    /// relative to that with `/`; `None` stands for any source file. Nothing is walked through yet.
    #[must_use]
    pub fn new(
        tree: &'t Tree,
        builds: &[Option<&Opened>],
        changed: impl Fn(usize, &Path) -> Option<Vec<String>>,
    ) -> Self {
        let mut walks = Self { tree, contexts: Vec::new(), builds: Vec::with_capacity(builds.len()) };
        let mut known: HashMap<Key, usize> = HashMap::new();
        for (number, build) in builds.iter().enumerate() {
            let member =
                build.and_then(|build| walks.member(build, &mut known, |root| changed(number, root)));
            walks.builds.push(member);
        }
        walks
    }

    fn member(
        &mut self,
        build: &Opened,
        known: &mut HashMap<Key, usize>,
        changed: impl FnOnce(&Path) -> Option<Vec<String>>,
    ) -> Option<Member> {
        let model = &build.analysis;
        let root = build.target.context_folder()?;
        let ignore = model.context()?.ignore.clone();
        let text = ignore.as_ref().map(|ignore| ignore.source.bytes().to_vec());
        let real = self.tree.real(&root).unwrap_or_else(|_| root.clone());
        let paths = changed(&root);
        let key = (real, text, build.target.builder().dialect(), paths.is_none());
        let context = *known.entry(key).or_insert_with(|| {
            let excludes = if paths.is_none() { manifest_patterns() } else { Vec::new() };
            let (queries, walked) = (Vec::new(), OnceLock::new());
            self.contexts.push(SharedContext {
                root,
                ignore,
                queries,
                paths: BTreeSet::new(),
                excludes,
                walked,
            });
            self.contexts.len() - 1
        });
        let shared = self.contexts.get_mut(context)?;
        shared.paths.extend(paths.unwrap_or_else(|| vec![String::new()]));
        shared.paths.extend(special(build, &shared.root));
        let first = shared.queries.len();
        let queries = model.source_queries();
        let line = |query: &SourceQuery| {
            let step = model.step_of_query(query.id).filter(|_| query.reachable)?;
            Some(model.instruction(step).lines.0)
        };
        let lines = queries.iter().map(line).collect();
        // Within a walk each has a number of its own.
        shared.queries.extend((first..).zip(queries).map(|(id, query)| SourceQuery { id, ..query }));
        Some(Member { context, first, lines })
    }

    fn walked(&self, member: &Member) -> Option<&Walked> {
        let shared = self.contexts.get(member.context)?;
        shared.walked.get_or_init(|| shared.walk(self.tree)).as_ref()
    }

    /// What a build sends, one for each instruction that takes a file; nothing if its context cannot be read.
    pub fn sent(&self, build: usize) -> impl Iterator<Item = SentFile<'_>> {
        let member = self.builds.get(build).and_then(Option::as_ref);
        let found = member.and_then(|member| Some((member, self.walked(member)?)));
        found.into_iter().flat_map(|(member, walked)| {
            let lines = member.lines.iter().enumerate();
            lines.filter_map(|(at, line)| Some((member.first + at, (*line)?))).flat_map(
                move |(query, line)| {
                    let taken = walked.taken.get(query).into_iter().flatten();
                    taken.filter_map(move |file| {
                        let (path, bytes) = walked.files.get(*file)?;
                        Some((path.as_str(), *bytes, line))
                    })
                },
            )
        })
    }

    /// What a build takes of what changes, where its queries are those; nothing if they were not foreseen.
    #[must_use]
    pub fn changes(
        &self,
        build: usize,
        change: &ChangeQuery,
        queries: &[SourceQuery],
    ) -> Option<Vec<Change>> {
        let member = self.builds.get(build)?.as_ref()?;
        let shared = self.contexts.get(member.context)?;
        let own = shared.queries.get(member.first..member.first + queries.len())?;
        let is_same = |(one, other): (&SourceQuery, &SourceQuery)| {
            SourceQuery { id: other.id, ..one.clone() } == *other
        };
        if shared.excludes != change.excludes
            || member.lines.len() != queries.len()
            || !own.iter().zip(queries).all(is_same)
        {
            return None;
        }
        let walked = self.walked(member)?;
        let of = |path: &String| {
            let mut change = walked.changes.get(path)?.clone();
            let own = member.first..member.first + queries.len();
            change.taken.retain(|taken| own.contains(&taken.query));
            change.taken.iter_mut().for_each(|taken| taken.query -= member.first);
            Some(change)
        };
        change.paths.iter().map(of).collect()
    }
}

impl SharedContext {
    fn walk(&self, tree: &Tree) -> Option<Walked> {
        let request = ScanRequest {
            root: self.root.clone(),
            ignore: self.ignore.as_deref().map(|ignore| &ignore.file),
            tree,
            queries: self.queries.clone(),
            detail: Detail::Lint,
            progress: None,
        };
        let paths = self.paths.iter().cloned().collect();
        let change = ChangeQuery { paths, excludes: self.excludes.clone() };
        let (changes, listed) = scan_changes_and_files(&request, &change).ok()?;
        let mut taken = vec![Vec::new(); self.queries.len()];
        for (at, file) in listed.iter().enumerate() {
            for (query, _) in &file.takers {
                // Several sources of one query may take it.
                if let Some(files) =
                    taken.get_mut(*query).filter(|files: &&mut Vec<usize>| files.last() != Some(&at))
                {
                    files.push(at);
                }
            }
        }
        Some(Walked {
            changes: changes.into_iter().map(|change| (change.path.clone(), change)).collect(),
            files: listed.into_iter().map(|file| (file.path, file.bytes)).collect(),
            taken,
        })
    }
}

/// What says how a build goes and may change as a file of its context: the Dockerfile, the ignore files, the history.
fn special(build: &Opened, root: &Path) -> Vec<String> {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let inside = |path: &Path| {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let whole = folder.canonicalize().ok()?.join(path.file_name()?);
        let parts = whole.strip_prefix(&real).ok()?.components();
        Some(parts.map(|p| p.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
    };
    let ignore = build.target.ignore_files(&real);
    let files = build.target.file().into_iter().map(Path::to_path_buf).chain(ignore);
    files.filter_map(|path| inside(&path)).chain([".git".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Progress, scan_changes};
    use crate::engine::open_all;
    use crate::semantic::Build;
    use crate::tree::DISK;
    use crate::workspace::{Overrides, Workspace};

    #[test]
    fn builds_of_one_context_share_its_walk() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("src/a", "1"),
            ("src/b", "22"),
            ("more/c", "333"),
            (".dockerignore", "more/d\n"),
            ("more/d", "4444"),
            ("one.Dockerfile", "FROM scratch\nCOPY src /src\nCOPY src/a /a\n"),
            ("two.Dockerfile", "FROM scratch AS x\nCOPY more /\nFROM scratch\nCOPY s*/b /b\n"),
        ] {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), text).unwrap();
        }
        let snapshot = Workspace::new(Overrides::default(), &mut Vec::new()).snapshot();
        let target = |name: &str| {
            let path = root.join(name);
            (snapshot.target_of(&path, &Build::default()), snapshot.settings_of(&path))
        };
        let targets = vec![target("one.Dockerfile"), target("two.Dockerfile")];
        let opened: Vec<Opened> = open_all(snapshot.files(), targets, &Progress::default())
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let paths: Vec<String> =
            ["src/a", "more/d", "src/gone", "one.Dockerfile", ".git"].map(str::to_owned).to_vec();
        let walks = SharedWalks::new(&DISK, &[Some(&opened[0]), None, Some(&opened[1])], |_, _| {
            Some(vec!["src/a".to_owned(), "more/d".to_owned(), "src/gone".to_owned()])
        });
        assert_eq!((walks.contexts.len(), walks.contexts[0].walked.get().is_some()), (1, false));
        for (build, opened) in [(0, &opened[0]), (2, &opened[1])] {
            let queries = opened.analysis.source_queries();
            let request = ScanRequest {
                root: root.to_path_buf(),
                ignore: opened.analysis.context().unwrap().ignore().map(|(file, _)| file),
                tree: &DISK,
                queries: queries.clone(),
                detail: Detail::Lint,
                progress: None,
            };
            let change = ChangeQuery { paths: paths.clone(), excludes: Vec::new() };
            let (_, alone) = scan_changes(&request, &change).unwrap();
            assert_eq!(walks.changes(build, &change, &queries), Some(alone));
            // What was not foreseen, and other queries, have no answer.
            let of = |path: &str, excludes| ChangeQuery { paths: vec![path.to_owned()], excludes };
            assert_eq!(walks.changes(build, &of("src/b", Vec::new()), &queries), None);
            assert_eq!(walks.changes(build, &of("src/a", manifest_patterns()), &queries), None);
            assert_eq!(walks.changes(build, &change, &queries[1..]), None);
        }
        assert_eq!(walks.changes(1, &ChangeQuery::default(), &[]), None);
        let sent = |build| -> Vec<SentFile<'_>> { walks.sent(build).collect() };
        assert_eq!(sent(0), [("src/a", 1, 2), ("src/b", 2, 2), ("src/a", 1, 3)]);
        // A stage that is not built takes nothing.
        assert_eq!((sent(1), sent(2)), (vec![], vec![("src/b", 2, 4)]));
    }
}
