//! The ignore file of a build with the lines that it lacks, and what they save.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dockerignore::{IgnoreFile, Matcher};

use crate::context::{Detail, Progress, Scan, ScanRequest, SourceQuery, Tally, scan};
use crate::diag::Problem;
use crate::entries::Entries;
use crate::rewrite::ignore::{Build, Lines, lines};
use crate::rewrite::{History, sends};
use crate::semantic::{Analysis, Model, PROBE, is_laid_over};
use crate::syntax;
use crate::text::{Source, SourceError, plain_path};
use crate::tree::DISK;
use crate::workspace::{Files, Target, describe, read_source};

use super::discover::{InputKind, discover};
use super::history;
use super::walk::load_ignore;
use super::write::{write_atomically, write_new};

/// How many other Dockerfiles of the context are looked at.
const MAX_OTHERS: usize = 1000;

/// An ignore file with the lines that it lacks.
#[derive(Debug)]
pub struct IgnoreChange {
    /// Where it is, or will be.
    pub path: PathBuf,
    /// True if there is no file yet.
    pub is_new: bool,
    /// Its bytes before.
    pub before: Vec<u8>,
    /// Its bytes after; the same if nothing is added.
    pub after: Vec<u8>,
    /// The lines that are added, and those that something needs.
    pub lines: Lines,
    /// What is sent less.
    pub sent: Tally,
    /// What the instructions of the final image copy less.
    pub copied: Tally,
    /// True if the build sends the ignore file itself.
    pub is_sent: bool,
}

/// Why there is no such change.
#[derive(Debug)]
pub enum IgnoreChangeError {
    /// The build has no context on this machine.
    NoContext,
    /// The ignore file cannot be read.
    Unreadable(Problem),
    /// BuildKit refuses a line of the ignore file: its place, and the fault.
    Faulty(String, String),
    /// The folder of the context cannot be read.
    Context(PathBuf, io::Error),
    /// With more lines it would be no text that BuildKit reads.
    Text(SourceError),
}

impl fmt::Display for IgnoreChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContext => f.write_str("this build has no context, so there is nothing to ignore"),
            Self::Unreadable(Problem { path, message, .. }) => {
                write!(f, "{} {message}", path.as_deref().unwrap_or_default())
            }
            Self::Faulty(place, fault) => {
                write!(f, "{place}: {fault}: the build stops here, so correct that first")
            }
            Self::Context(root, error) => write!(f, "{} {}", root.display(), describe(error)),
            Self::Text(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IgnoreChangeError {}

impl IgnoreChange {
    /// Measures the context of a build, and decides what its ignore file lacks.
    ///
    /// # Errors
    /// If there is no context, or it or the ignore file cannot be read.
    pub fn of(target: &Target, model: &Analysis, progress: &Progress) -> Result<Self, IgnoreChangeError> {
        let root = target.context_folder().ok_or(IgnoreChangeError::NoContext)?;
        let path = target.path().unwrap_or(Path::new("Dockerfile"));
        let mut problems = Vec::new();
        let ignore = load_ignore(&Files::default(), target, &root, &mut problems);
        if let Some(problem) = problems.pop() {
            return Err(IgnoreChangeError::Unreadable(problem));
        }
        let file = ignore.as_ref().map(|(file, _)| file);
        if let Some((fault, source)) =
            ignore.as_ref().and_then(|(f, source)| Some((f.errors().first()?, source)))
        {
            let place = format!("{}:{}", source.name(), fault.line());
            return Err(IgnoreChangeError::Faulty(place, fault.to_string()));
        }
        let others = others(path, &root);
        let history = history::files(&DISK, &root);
        let history: Vec<History<'_>> = history.iter().map(|(name, text)| History { name, text }).collect();
        let own_name = target.name();
        let mut builds = vec![Build { model, name: &own_name, own: true }];
        builds.extend(others.iter().map(|other| Build {
            model: &other.analysis,
            name: other.analysis.file.source.name(),
            own: other.shares,
        }));
        let measure = Measure::new(&root, &builds, progress);
        let before = measure.scan(file)?;
        let mut lines = lines(&before, file, &builds, &history);
        let text = ignore.as_ref().map_or(&[][..], |(_, source)| source.bytes());
        let (text_after, added, after) = loop {
            let text = lines.extend(text);
            let source = Source::from_bytes("", text.clone()).map_err(IgnoreChangeError::Text)?;
            let added = IgnoreFile::parse_as(target.builder().dialect(), source.text());
            let after = measure.scan(Some(&added))?;
            // Each round takes out a line, so this ends.
            if !lines.settle(&before, &after, &added, &measure.names) {
                break (text, added, after);
            }
        };
        let [_, shared] = dockerignore::candidates(path, &root);
        let path = ignore.as_ref().map_or(shared, |(_, source)| PathBuf::from(source.name()));
        let path = plain_path(&path).to_path_buf();
        Ok(Self {
            is_sent: is_sent(model, &added, &path, &root),
            is_new: ignore.is_none(),
            before: text.to_vec(),
            after: text_after,
            sent: less(before.sent, after.sent),
            copied: copied(model, &before, &after),
            path,
            lines,
        })
    }

    /// True if anything is added.
    #[must_use]
    pub fn adds(&self) -> bool {
        !self.lines.added.is_empty()
    }

    /// Writes the ignore file.
    ///
    /// # Errors
    /// If it cannot be written, or is there meanwhile where it was not.
    pub fn write(&self) -> io::Result<()> {
        if self.is_new {
            write_new(&self.path, &self.after)
        } else {
            write_atomically(&self.path, &self.after)
        }
    }
}

/// True if the build sends the ignore file itself.
fn is_sent(model: &Analysis, ignore: &IgnoreFile, path: &Path, root: &Path) -> bool {
    let root = if root == Path::new(".") { Path::new("") } else { root };
    let Some(inside) = path.strip_prefix(root).ok().and_then(Path::to_str) else { return false };
    !Matcher::new(ignore).is_excluded(inside) && sends(model, inside)
}

/// The same questions to the context with different ignore files.
struct Measure<'a> {
    root: &'a Path,
    queries: Vec<SourceQuery>,
    /// The Dockerfile of each query.
    names: Vec<String>,
    progress: &'a Progress,
}

impl<'a> Measure<'a> {
    fn new(root: &'a Path, builds: &[Build<'_>], progress: &'a Progress) -> Self {
        let mut measure = Self { root, queries: Vec::new(), names: Vec::new(), progress };
        for (number, build) in builds.iter().enumerate() {
            for mut query in build.model.source_queries() {
                // Of the others it only counts whether their sources stay.
                query.reachable &= number == 0;
                if query.id == PROBE {
                    query.sources.retain(|path| !is_laid_over(path));
                }
                measure.queries.push(query);
                measure.names.push(build.name.to_owned());
            }
        }
        measure
    }

    fn scan(&self, ignore: Option<&IgnoreFile>) -> Result<Scan, IgnoreChangeError> {
        let request = ScanRequest {
            root: self.root.to_path_buf(),
            tree: &DISK,
            ignore,
            queries: self.queries.clone(),
            detail: Detail::Lint,
            progress: Some(self.progress),
        };
        scan(&request).map_err(|error| IgnoreChangeError::Context(self.root.to_path_buf(), error))
    }
}

/// What the instructions of the final image copy less.
fn copied(model: &Analysis, before: &Scan, after: &Scan) -> Tally {
    let mut copied = Tally::default();
    // The queries of the Dockerfile itself stand first, each with the number of its copy.
    let asked = model.source_queries().len();
    for (was, is) in before.per_query.iter().zip(&after.per_query).take(asked) {
        let Some(copy) = model.copies.get(was.id) else { continue };
        if !copy.mount && model.is_kept(copy.step) {
            let less = less(was.total, is.total);
            copied.files += less.files;
            copied.bytes += less.bytes;
        }
    }
    copied
}

const fn less(before: Tally, after: Tally) -> Tally {
    Tally { files: before.files.saturating_sub(after.files), bytes: before.bytes.saturating_sub(after.bytes) }
}

/// Another Dockerfile in the context's folder.
struct Other {
    analysis: Analysis,
    /// True if it is built with the same context: it lies in the root itself, or a file that starts builds says so.
    shares: bool,
}

/// The other Dockerfiles that may be built with the same context and ignore file. Those that cannot be
/// read say nothing.
fn others(path: &Path, root: &Path) -> Vec<Other> {
    let same = |a: &Path, b: &Path| match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    };
    let inputs = discover(&[root.to_path_buf()]).inputs.into_iter();
    let inputs: Vec<_> = inputs.filter(|i| i.kind == InputKind::Dockerfile).take(MAX_OTHERS).collect();
    let files = Files::default();
    let entries = Entries::find(&files, inputs.iter().map(|input| &*input.path), &[], None, &|_| false);
    let has_context = |target: &Target| target.context_folder().is_some_and(|folder| same(&folder, root));
    let mut others = Vec::new();
    for input in inputs {
        let [own, _] = dockerignore::candidates(&input.path, root);
        if same(&input.path, path) || own.symlink_metadata().is_ok() {
            continue;
        }
        let folder = input.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let shares = same(folder, root) || entries.builds_of(&input.path).iter().any(has_context);
        let name = input.path.display().to_string();
        let Ok(source) = read_source(&input.path, &name) else { continue };
        others.push(Other { analysis: Analysis::new(Model::new(syntax::parse(source))), shares });
    }
    others
}
