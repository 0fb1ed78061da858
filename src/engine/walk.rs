//! One walk through a build context, for the Dockerfiles that have it in common.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dockerignore::{Dialect, IgnoreFile, Pattern};

use crate::context::{Detail, Progress, Scan, SourceQuery, Tally, Views, ViewsRequest, scan_views};
use crate::diag::Problem;
use crate::semantic::{Analysis, BuildContext, Builder, ContextIgnore, Reads, Told, UnreadIgnore};
use crate::text::{Source, plain_path};
use crate::tree::Tree;
use crate::workspace::{ContextSource, Files, IgnoreSource, Target, describe};

use super::fitting::fitting;
use super::generated::{generated, ignored_secrets};
use super::history;
use super::outcome::problem;
use super::texts::read_files;
use super::told;
use super::weights::weigh;

/// A context with the single paths that the plan of the layers asks about.
pub(super) fn with_weights(
    files: &Files,
    context: BuildContext,
    (root, target): (&Path, &Target),
    analysis: &Analysis,
    unread: Vec<UnreadIgnore>,
) -> BuildContext {
    let weights = weigh(files.file_tree(), root, context.ignore().map(|(file, _)| file), analysis.weighed());
    let fitting = fitting(files, target, analysis, &context.scan);
    BuildContext { weights, unread, is_said: target.says_context(), fitting, ..context }
}

/// The ignore files that do not count for a target whose context is in `root`, though they lie where people put
/// one: beside the Dockerfile, in a folder of the context that is copied and is no context of another Dockerfile, and
/// in the root under the name that only other builders read.
pub(super) fn unread(files: &Files, target: &Target, root: &Path, folders: &[String]) -> Vec<UnreadIgnore> {
    let (IgnoreSource::Found, Some(path)) = (&target.ignore, target.path()) else { return Vec::new() };
    let reads_all = target.builder().is_buildah();
    let [own, shared] = dockerignore::candidates(path, root);
    let same = |a: &Path, b: &Path| a == b || a.canonicalize().ok() == b.canonicalize().ok();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (beside, other) = (folder.join(".dockerignore"), root.join(".containerignore"));
    let is_read = files.exists(&shared);
    let strays = (folder != root && files.exists(&beside) && !same(folder, root)).then_some(beside);
    let others = (!reads_all && !is_read && files.exists(&other)).then_some(other);
    let inner = folders.iter().map(|folder| root.join(folder)).filter(|inner| {
        !same(inner, folder)
            && files.exists(&inner.join(".dockerignore"))
            && !Builder::default().dockerfile_names().iter().any(|name| files.exists(&inner.join(name)))
    });
    let inner = inner.map(|inner| inner.join(".dockerignore"));
    let shown = |path: &Path| plain_path(path).display().to_string();
    let of_shared = LazyCell::new(|| {
        let source = files.source_called(&shared, &shown(&shared)).ok();
        let file = source.map(|s| IgnoreFile::parse(s.text()));
        let patterns = file.as_ref().map_or(&[][..], IgnoreFile::patterns);
        patterns.iter().map(|p| (p.is_negated(), p.as_str().to_owned())).collect::<HashSet<(bool, String)>>()
    });
    let unread = strays.into_iter().chain(others).chain(inner).map(|path| {
        let source = files.source_called(&path, &shown(&path)).ok();
        let file = source.map(|s| IgnoreFile::parse(s.text()));
        let patterns = file.as_ref().map_or(&[][..], IgnoreFile::patterns);
        let all = |p: &Pattern| !p.is_negated() && matches!(p.as_str(), "*" | "**");
        UnreadIgnore {
            path: shown(&path),
            root: root.display().to_string(),
            shared: shown(&shared),
            own: shown(&own),
            is_read_for_root: is_read,
            leaves_out_all: patterns.iter().any(all),
            is_repeated: is_read && {
                let has = |p: &&Pattern| of_shared.contains(&(p.is_negated(), p.as_str().to_owned()));
                let repeated = patterns.iter().filter(has).count();
                repeated * 10 >= patterns.len() * 9
            },
            named: path.parent().map(|folder| named_below(root, folder, patterns)).unwrap_or_default(),
        }
    });
    unread.collect()
}

/// The most patterns of an ignore file that are looked at one by one.
const MAX_PATTERNS: usize = 50;

/// What the patterns of an ignore file in `folder` mean, as paths of the context in `root`; empty where one is
/// negated or has wildcards.
fn named_below(root: &Path, folder: &Path, patterns: &[Pattern]) -> Vec<String> {
    let plain = |p: &Pattern| !p.is_negated() && !p.as_str().contains(['*', '?', '[', '\\']);
    let root = if root == Path::new(".") { Path::new("") } else { root };
    let below = folder.strip_prefix(root).ok().and_then(Path::to_str);
    let Some(folder) = below.filter(|_| patterns.len() <= MAX_PATTERNS && patterns.iter().all(plain)) else {
        return Vec::new();
    };
    let path = |p: &Pattern| dockerignore::filepath::clean(&format!("/{folder}/{}", p.as_str()));
    patterns.iter().map(|p| path(p).trim_start_matches('/').to_owned()).collect()
}

/// What an ignore file alone tells: nothing is measured.
pub(super) fn unmeasured(source: Source) -> BuildContext {
    let file = IgnoreFile::parse(source.text());
    BuildContext { ignore: Some(Arc::new(ContextIgnore { file, source })), ..BuildContext::default() }
}

/// A context that was walked for some Dockerfiles.
pub(super) struct Walked {
    tree: Tree,
    root: PathBuf,
    views: Views,
    pub(super) ignore: Option<Arc<ContextIgnore>>,
    /// Whether a file of the root says that builds read the repository's history, once one is asked about.
    reads_history: OnceLock<bool>,
    /// What folders say of how containers are run, once a Dockerfile asks.
    told: Mutex<HashMap<PathBuf, Told>>,
}

impl Walked {
    pub(super) fn new(
        files: &Files,
        root: &Path,
        ignore: Option<(IgnoreFile, Source)>,
        views: Vec<Vec<SourceQuery>>,
        progress: Option<&Progress>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let request = ViewsRequest {
            root: root.to_path_buf(),
            tree: files.file_tree(),
            ignore: ignore.as_ref().map(|(file, _)| file),
            views,
            detail: Detail::Lint,
            progress,
        };
        let scanned = catch_unwind(AssertUnwindSafe(|| scan_views(&request)));
        let why = match scanned {
            Ok(Ok(views)) => {
                let ignore = ignore.map(|(file, source)| Arc::new(ContextIgnore { file, source }));
                return Some(Self {
                    tree: files.file_tree().clone(),
                    root: root.to_path_buf(),
                    views,
                    ignore,
                    reads_history: OnceLock::new(),
                    told: Mutex::default(),
                });
            }
            Ok(Err(error)) => describe(&error),
            Err(_) => "made dlint fail".to_owned(),
        };
        problems.push(problem(&root.display().to_string(), why));
        None
    }

    /// What the walk found for one Dockerfile.
    pub(super) fn scan(&self, view: usize) -> Scan {
        self.views.view(view)
    }

    /// What is sent for one Dockerfile.
    pub(super) fn sent(&self, view: usize) -> Tally {
        self.views.view(view).sent
    }

    /// What the folder of the context and that of a Dockerfile say of how its containers are run.
    fn told(&self, dockerfile: Option<&Path>) -> Told {
        let real = |folder: &Path| self.tree.real(folder).ok();
        let beside = ContextSource::Beside.folder(dockerfile).and_then(|folder| real(&folder));
        let root = real(&self.root).unwrap_or_else(|| self.root.clone());
        let mut known = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of = |folder: PathBuf| {
            *known.entry(folder).or_insert_with_key(|folder| told::in_folder(&self.tree, folder))
        };
        beside.filter(|folder| *folder != root).map(&mut of).unwrap_or_default().and(of(root))
    }

    /// The answers for one Dockerfile, with the content of the files that it needs.
    pub(super) fn context(&self, view: usize, reads: Reads, dockerfile: Option<&Path>) -> BuildContext {
        let told = if reads.told { self.told(dockerfile) } else { Told::default() };
        let (texts, heads) = read_files(&self.tree, &self.root, reads);
        let scan = self.views.view(view);
        let generated = generated(&self.tree, &self.root, &scan);
        let reads_history = history::is_sent(&scan)
            && *self.reads_history.get_or_init(|| history::is_read(&self.tree, &self.root));
        let ignore = self.ignore.clone();
        let ignored_by_git = ignored_secrets(&self.tree, &self.root, &scan);
        BuildContext {
            scan,
            ignore,
            texts,
            heads,
            generated,
            ignored_by_git,
            reads_history,
            told,
            ..BuildContext::default()
        }
    }
}

/// The ignore file of a target's own, where it has one: not the `.dockerignore` that all Dockerfiles of a context share.
pub(super) fn own_ignore_file(files: &Files, target: &Target, root: &Path) -> Option<PathBuf> {
    match &target.ignore {
        IgnoreSource::Found => {
            let shared = root.join(".dockerignore");
            let others = target.ignore_files(root).into_iter().take_while(|file| *file != shared);
            others.into_iter().find(|file| files.exists(file)).map(|file| real(files, &file))
        }
        IgnoreSource::File(file) => Some(file.clone()),
        // No path is as good as any that nothing else has.
        IgnoreSource::None => Some(PathBuf::new()),
    }
}

/// A path without links.
pub(super) fn real(files: &Files, path: &Path) -> PathBuf {
    files.file_tree().real(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The ignore file that counts for the context of `target` in `root`.
pub fn load_ignore(
    files: &Files,
    target: &Target,
    root: &Path,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    load_first(files, target.builder().dialect(), target.ignore_files(root), problems)
}

/// The first of these ignore files that is there, as a builder reads it.
pub(super) fn load_first(
    files: &Files,
    dialect: Dialect,
    candidates: impl IntoIterator<Item = PathBuf>,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    let candidate = candidates.into_iter().find(|candidate| files.exists(candidate))?;
    let shown = plain_path(&candidate).display().to_string();
    match files.source_called(&candidate, &shown) {
        Ok(source) => Some((IgnoreFile::parse_as(dialect, source.text()), source)),
        Err(error) => {
            problems.push(problem(&shown, error.to_string()));
            None
        }
    }
}
