//! What a change rebuilds of one build.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockerignore::{Dialect, IgnoreFile};

use crate::cache::{Below, Fate, FlippedPath, Layer, Order, Question, Store, judge, orders};
use crate::context::{
    Change, ChangeQuery, Detail, Progress, ScanRequest, SourceQuery, Taken, flips, scan_changes,
};
use crate::semantic::{
    Analysis, BuildContext, ContextIgnore, CopyFrom, Model, SourceKind, context_name, manifest_patterns,
};
use crate::size::Sum;
use crate::syntax::{self, DirectiveKind};
use crate::text::Source;
use crate::workspace::{Files, Target, TargetOrigin, is_top};

use super::named::measure_named;
use super::opened::Opened;
use super::shared_walks::SharedWalks;
use super::texts::read_files;
use super::walk::load_ignore;

/// Walks that several builds share, and which of the builds it is.
pub type SharedWalk<'w> = (&'w SharedWalks<'w>, usize);

/// What changes, and what is known of the build before.
#[derive(Debug, Clone, Default)]
pub struct BuildChange {
    /// The files, as paths of the context; `None` stands for any source file, which manifests are not.
    pub files: Option<Vec<String>>,
    /// All that changes as whole paths, as far as it was named.
    pub whole: Vec<PathBuf>,
    /// The Dockerfile of the build before, if another one.
    pub dockerfile: Option<Source>,
    /// The ignore file of the build before, if another one.
    pub ignore: Option<Source>,
    /// The build arguments that had other values; `None` where the value is not known.
    pub args: BTreeMap<String, Option<String>>,
    /// Build contexts with a name, which COPY takes from.
    pub contexts: Vec<NamedContext>,
    /// The names of build contexts that were something else before, or that there are only before or now.
    pub other_contexts: BTreeSet<String>,
    /// True if some of the changed paths lie outside of all contexts.
    pub outside: bool,
    /// Where the cache is.
    pub store: Store,
}

/// A folder that a build knows by a name, beside its context.
#[derive(Debug, Clone)]
pub struct NamedContext {
    /// The name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What changes in it: each path in it, and as a whole.
    pub changed: Vec<(String, PathBuf)>,
}

/// What is taken of a changed path of a context with a name.
#[derive(Debug)]
pub struct Elsewhere {
    /// The whole path.
    pub whole: PathBuf,
    /// Who takes something of it.
    pub taken: Vec<Taken>,
}

/// What becomes of the layers of a build when something changes.
#[derive(Debug)]
pub struct Rebuilt {
    /// What the instructions take of the build context, and then of contexts with a name.
    pub queries: Vec<SourceQuery>,
    /// The changes, in the order in which they were named; then those that follow from others.
    pub changes: Vec<Change>,
    /// What is taken of the changes in contexts with a name.
    pub elsewhere: Vec<Elsewhere>,
    /// True if any source file may change, and none was named.
    pub any: bool,
    /// What the ignore file now lets in or leaves out.
    pub flips: Vec<FlippedPath>,
    /// The copies that another ignore file may change, if the old one is not known.
    pub unsure: Vec<(usize, usize)>,
    /// What becomes of the images of other builds of the project, by the names of the contexts that they are.
    pub below: BTreeMap<String, Below>,
    /// The layers that ONBUILD instructions of these images make here, by the same names.
    pub triggers: BTreeMap<String, Vec<TriggerLayer>>,
    /// The layers, stage by stage.
    pub layers: Vec<Layer>,
    /// Orders of the instructions that keep more.
    pub orders: Vec<Order>,
    /// The Dockerfile and what may be its ignore file, as paths of the context.
    pub special: Vec<String>,
    /// The same and the file that starts the build, as whole paths without links, wherever they lie.
    pub special_whole: Vec<PathBuf>,
    /// True if the file that starts the build changes, in a way that is not known.
    pub entry_changes: bool,
    /// How the Dockerfile changes.
    pub dockerfile: FileChange,
    /// How the ignore file changes.
    pub ignore: FileChange,
    /// The copies that take `.git`, which each commit changes, by the numbers of their queries.
    pub takes_git: Vec<usize>,
}

/// A layer that an ONBUILD instruction of an image makes in the build that starts from it.
#[derive(Debug, Clone)]
pub struct TriggerLayer {
    /// The instruction, as one line.
    pub instruction: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What its files weigh.
    pub sum: Sum,
    /// How that is known.
    pub known_by: &'static str,
}

/// How one of the files that say what is built changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileChange {
    /// It does not.
    #[default]
    None,
    /// It is compared with the one before.
    Known,
    /// It changes, and the one before is not known.
    Unknown,
}

impl Rebuilt {
    /// Judges the layers of `opened` when that changes, and that becomes of the images of other builds that are `below` it.
    /// Gives the build with its context measured.
    ///
    /// # Errors
    /// If the folder of the context cannot be read.
    pub fn of(
        mut opened: Opened,
        root: &Path,
        changed: BuildChange,
        below: BTreeMap<String, Below>,
        (progress, shared): (&Progress, Option<SharedWalk<'_>>),
    ) -> Result<(Opened, Self), io::Error> {
        let any = changed.files.is_none();
        let ignore = load_ignore(&Files::default(), &opened.target, root, &mut opened.problems);
        let ignore = ignore.map(|(file, source)| Arc::new(ContextIgnore { file, source }));
        let files = Special::of(&opened.target, root, ignore.as_deref());
        let (dockerfile, ignore_change) = files.changes(&changed, &opened.analysis);
        let mut paths = changed.files.clone().unwrap_or_else(|| vec![String::new()]);
        // As files of the context they change, too.
        paths.extend(files.also_changed(
            &changed,
            (dockerfile, ignore_change),
            &opened.analysis,
            ignore.as_deref(),
        ));
        let git = is_top(root);
        if git {
            paths.push(".git".to_owned());
        }
        let change = ChangeQuery { paths, excludes: if any { manifest_patterns() } else { Vec::new() } };
        let request = ScanRequest {
            root: root.to_path_buf(),
            tree: &crate::tree::DISK,
            ignore: ignore.as_deref().map(|ignore| &ignore.file),
            queries: opened.analysis.source_queries(),
            detail: Detail::Lint,
            progress: Some(progress),
        };
        // What was measured of it stays where others have walked through the context as well.
        let shared = shared.filter(|_| opened.analysis.context().is_some());
        let known = shared.and_then(|(walks, build)| walks.changes(build, &change, &request.queries));
        let (scan, mut changes) = match known {
            Some(changes) => (None, changes),
            None => scan_changes(&request, &change).map(|(scan, changes)| (Some(scan), changes))?,
        };
        let queries = &request.queries;
        let git = if git { changes.pop() } else { None };
        let takers = git.into_iter().flat_map(|git| git.taken);
        let takers = takers.filter_map(|taken| queries.get(taken.query)).filter(|query| query.reachable);
        let takes_git = takers.map(|query| query.id).collect();
        if let Some(scan) = scan {
            let (texts, heads) = read_files(&crate::tree::DISK, root, opened.analysis.reads());
            let context =
                BuildContext { scan, ignore: ignore.clone(), texts, heads, ..BuildContext::default() };
            let named =
                measure_named(&Files::default(), &opened.analysis, Some(progress), &mut opened.problems);
            opened.analysis = opened.analysis.with_context(Some(Arc::new(context))).with_named(named);
        }
        let flips = match (&changed.ignore, ignore_change) {
            (Some(old), FileChange::Known) => {
                flipped(root, old, ignore.as_deref(), opened.target.builder().dialect(), queries)?
            }
            _ => Vec::new(),
        };
        let unsure = match ignore_change {
            FileChange::Unknown => unsure(root, &opened.analysis),
            _ => Vec::new(),
        };
        let mut queries = request.queries;
        let mut elsewhere = Vec::new();
        for context in &changed.contexts {
            for (change, (_, whole)) in of_context(context, &opened.analysis, &mut queries, any) {
                elsewhere.push(Elsewhere { whole: whole.clone(), taken: change.taken.clone() });
                changes.push(change);
            }
        }
        let old = old_model(&opened, &changed);
        let entry_changes = files.entry.as_ref().is_some_and(|entry| changed.names(entry));
        let special_whole = files.all();
        let mut rebuilt = Self {
            queries,
            changes,
            elsewhere,
            any,
            flips,
            unsure,
            below,
            triggers: BTreeMap::new(),
            layers: Vec::new(),
            orders: Vec::new(),
            special: files.dockerfile.into_iter().chain(files.ignore).collect(),
            special_whole,
            entry_changes,
            dockerfile,
            ignore: ignore_change,
            takes_git,
        };
        let question = Question {
            old: old.as_ref(),
            unknown_dockerfile: dockerfile == FileChange::Unknown,
            unknown_contexts: changed.outside
                || rebuilt.changes.iter().any(|c| !any && c.taken.is_empty() && changed.contexts.is_empty()),
            other_contexts: &changed.other_contexts,
            store: changed.store,
            files_change: any
                || !changed.whole.is_empty()
                || changed.files.as_ref().is_some_and(|files| !files.is_empty()),
            ..rebuilt.question()
        };
        let layers = judge(&opened.analysis, &question);
        let orders = orders(&opened.analysis, &question, &layers);
        (rebuilt.layers, rebuilt.orders) = (layers, orders);
        Ok((opened, rebuilt))
    }

    /// What was asked of the context.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question {
            queries: &self.queries,
            changes: &self.changes,
            any: self.any,
            flips: &self.flips,
            unsure: &self.unsure,
            below: &self.below,
            files_change: false,
            old: None,
            unknown_dockerfile: false,
            unknown_contexts: false,
            other_contexts: const { &BTreeSet::new() },
            store: Store::Unknown,
        }
    }
}

impl BuildChange {
    /// True if this whole path without links is one of those that change.
    fn names(&self, path: &Path) -> bool {
        let is_it =
            |one: &&PathBuf| one.file_name() == path.file_name() && whole(one).as_deref() == Some(path);
        self.whole.iter().any(|one| is_it(&one))
    }
}

/// A path without links, but that the last part may be one.
fn whole(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

/// The files that say what is built, as paths of the context where they lie in it.
struct Special {
    dockerfile: Option<String>,
    /// Those that count as ignore file, the first that is there.
    ignore: Vec<String>,
    /// The one that counts now.
    ignore_now: Option<String>,
    /// The Dockerfile as a whole path, wherever it lies.
    whole_dockerfile: Option<PathBuf>,
    /// The same of those that count as ignore file.
    whole_ignore: Vec<PathBuf>,
    /// The same of the file that starts the build.
    entry: Option<PathBuf>,
}

impl Special {
    fn of(target: &Target, root: &Path, ignore: Option<&ContextIgnore>) -> Self {
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let inside = |path: &Path| {
            let parts = whole(path)?;
            let parts = parts.strip_prefix(&root).ok()?.components();
            Some(parts.map(|p| p.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
        };
        let candidates = target.ignore_files(&root);
        let entry = match &target.origin {
            TargetOrigin::Entry { path, .. } => whole(path),
            TargetOrigin::CommandLine => None,
        };
        Self {
            dockerfile: target.file().and_then(inside),
            ignore: candidates.iter().filter_map(|p| inside(p)).collect(),
            ignore_now: ignore.and_then(|i| inside(Path::new(i.source.name()))),
            whole_dockerfile: target.file().and_then(whole),
            whole_ignore: candidates.iter().filter_map(|p| whole(p)).collect(),
            entry,
        }
    }

    /// All of them as whole paths.
    fn all(&self) -> Vec<PathBuf> {
        let first = self.whole_dockerfile.iter().chain(&self.whole_ignore);
        first.chain(&self.entry).cloned().collect()
    }

    /// How Dockerfile and ignore file change.
    fn changes(&self, changed: &BuildChange, analysis: &Analysis) -> (FileChange, FileChange) {
        let files = changed.files.as_deref().unwrap_or_default();
        let among = |own: &str| files.iter().any(|f| f.trim_end_matches('/') == own);
        // They may lie outside of the context.
        let is_named = |own: &PathBuf| changed.names(own);
        let dockerfile = match (&changed.dockerfile, &self.dockerfile) {
            // Another frontend may make other layers of the same file.
            (Some(old), _) if frontend(&syntax::parse(old.clone())) != frontend(&analysis.file) => {
                FileChange::Unknown
            }
            (Some(_), _) => FileChange::Known,
            (None, Some(own)) if among(own) => FileChange::Unknown,
            (None, _) if self.whole_dockerfile.as_ref().is_some_and(is_named) => FileChange::Unknown,
            _ => FileChange::None,
        };
        let ignore = match &changed.ignore {
            Some(_) => FileChange::Known,
            None if self.ignore.iter().any(|own| among(own)) => FileChange::Unknown,
            None if self.whole_ignore.iter().any(is_named) => FileChange::Unknown,
            None => FileChange::None,
        };
        (dockerfile, ignore)
    }

    /// The files of the context that change since their old texts are others.
    fn also_changed(
        &self,
        changed: &BuildChange,
        (dockerfile, ignore_change): (FileChange, FileChange),
        analysis: &Analysis,
        ignore: Option<&ContextIgnore>,
    ) -> Vec<String> {
        let mut also = Vec::new();
        let is_other = |old: &Option<Source>, new: Option<&Source>| {
            old.as_ref().is_some_and(|old| new.is_none_or(|new| new.bytes() != old.bytes()))
        };
        if dockerfile != FileChange::None && is_other(&changed.dockerfile, Some(&analysis.file.source)) {
            also.extend(self.dockerfile.clone());
        }
        if ignore_change != FileChange::None && is_other(&changed.ignore, ignore.map(|i| &i.source)) {
            also.extend(self.ignore_now.clone().or_else(|| self.ignore.last().cloned()));
        }
        let named = changed.files.as_deref().unwrap_or_default();
        also.retain(|path| !named.contains(path));
        also
    }
}

fn frontend(file: &syntax::File) -> Option<String> {
    file.directive(DirectiveKind::Syntax).map(|d| d.value.to_string())
}

/// The build before, if it had another Dockerfile or other arguments.
fn old_model(opened: &Opened, changed: &BuildChange) -> Option<Model> {
    if changed.dockerfile.is_none() && changed.args.is_empty() {
        return None;
    }
    let file = match &changed.dockerfile {
        Some(source) => Arc::new(syntax::parse(source.clone())),
        None => Arc::clone(&opened.analysis.file),
    };
    let mut build = opened.target.build.clone();
    for (name, value) in &changed.args {
        match value {
            Some(value) => build.args.insert(name.clone(), value.clone()),
            // No argument of a build holds a zero, so this one is none that it can have.
            None => build.args.insert(name.clone(), "\0".to_owned()),
        };
    }
    Some(Model::of_build(file, &build))
}

/// What the ignore file now lets in or leaves out, and who takes it.
fn flipped(
    root: &Path,
    old: &Source,
    new: Option<&ContextIgnore>,
    dialect: Dialect,
    queries: &[SourceQuery],
) -> io::Result<Vec<FlippedPath>> {
    let nothing = IgnoreFile::default();
    let old = IgnoreFile::parse_as(dialect, old.text());
    let new = new.map_or(&nothing, |new| &new.file);
    let flips = flips(root, &old, new)?;
    let mut flipped = Vec::new();
    // Who takes a path is asked with the file that keeps it.
    for (ignore, kept) in [(new, true), (&old, false)] {
        let paths: Vec<String> = flips.iter().filter(|f| f.kept == kept).map(|f| f.path.clone()).collect();
        if paths.is_empty() {
            continue;
        }
        let request = ScanRequest {
            root: root.to_path_buf(),
            tree: &crate::tree::DISK,
            ignore: Some(ignore),
            queries: queries.to_vec(),
            detail: Detail::Lint,
            progress: None,
        };
        let (_, changes) = scan_changes(&request, &ChangeQuery { paths, excludes: Vec::new() })?;
        let taken = changes.into_iter().filter(|c| !c.taken.is_empty());
        flipped.extend(taken.map(|change| FlippedPath { change, kept }));
    }
    Ok(flipped)
}

/// The copies whose content an ignore file can change: of folders, and by wildcards. Each with the source.
fn unsure(root: &Path, analysis: &Analysis) -> Vec<(usize, usize)> {
    let queries = analysis.source_queries();
    let found = queries.iter().filter_map(|query| {
        let is_open = |source: &String| {
            let path = source.trim_start_matches("./").trim_start_matches('/');
            source.contains(['*', '?', '[']) || query.parents || root.join(path).is_dir()
        };
        Some((query.id, query.sources.iter().position(is_open)?))
    });
    found.collect()
}

/// The changes of a context with a name, and what takes them: copies from that name.
fn of_context<'c>(
    context: &'c NamedContext,
    analysis: &Analysis,
    queries: &mut Vec<SourceQuery>,
    any: bool,
) -> Vec<(Change, &'c (String, PathBuf))> {
    let triggered = analysis.triggered.iter().map(|t| &t.copy);
    let copies = analysis.copies.iter().chain(triggered).enumerate();
    let named = copies.filter(|(_, copy)| {
        let name = analysis.copy_reference(copy).map(|(name, _)| name);
        matches!(copy.from, CopyFrom::Image(_) | CopyFrom::Named | CopyFrom::Folder(_))
            && name.is_some_and(|n| context_name(n) == context_name(&context.name))
    });
    let own: Vec<SourceQuery> = named
        .map(|(id, copy)| {
            let known = copy.sources.iter().filter(|s| s.kind != SourceKind::Unknown);
            let sources = known.filter_map(|s| s.value.known().map(str::to_owned)).collect();
            SourceQuery { id, sources, reachable: true, ..SourceQuery::default() }
        })
        .collect();
    if own.is_empty() || context.changed.is_empty() {
        return Vec::new();
    }
    let ignore = std::fs::read_to_string(context.folder.join(".dockerignore")).ok();
    let ignore = ignore.map(|text| IgnoreFile::parse(&text));
    let request = ScanRequest {
        root: context.folder.clone(),
        tree: &crate::tree::DISK,
        ignore: ignore.as_ref(),
        queries: own,
        detail: Detail::Lint,
        progress: None,
    };
    let paths = context.changed.iter().map(|(path, _)| path.clone()).collect();
    let excludes = if any { manifest_patterns() } else { Vec::new() };
    let change = ChangeQuery { paths, excludes };
    // A folder that is not there has nothing to take.
    let Ok((_, changes)) = scan_changes(&request, &change) else { return Vec::new() };
    let first = queries.len();
    queries.extend(request.queries);
    let moved = |taken: Taken| Taken { query: taken.query + first, ..taken };
    let changes = changes.into_iter().map(|c| Change {
        path: format!("{}:{}", context.name, c.path),
        taken: c.taken.into_iter().map(moved).collect(),
        status: c.status,
    });
    changes.zip(&context.changed).filter(|(c, _)| !c.taken.is_empty()).collect()
}
