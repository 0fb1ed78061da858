//! `dlint size --fix-ignore`: writes the lines that the ignore file lacks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dockerignore::{IgnoreFile, Matcher};

use crate::context::{Detail, Progress, Scan, ScanRequest, SourceQuery, Tally, scan};
use crate::engine::{self, InputKind, discover, load_ignore, write_atomically, write_new};
use crate::report::{self, Amount, IgnoreReport, LeftRow, LineRow, sanitize};
use crate::rewrite::ignore::{Build, Lines, lines};
use crate::rewrite::{History, history_readers, sends};
use crate::semantic::{Analysis, Model};
use crate::syntax;
use crate::text::Source;
use crate::workspace::{Files, describe, read_source};

use super::super::Exit;
use super::super::args::{SizeArgs, TableFormatArg};
use super::super::output::{self, Sink};
use super::super::progress;
use super::super::project;

/// How many other Dockerfiles of the context are looked at.
const MAX_OTHERS: usize = 1000;
/// How much of a file of the project is read, and of how many.
const MAX_HISTORY_BYTES: u64 = 1 << 20;
const MAX_HISTORY_FILES: usize = 50;

/// Shows what the ignore file lacks, and writes it unless only the difference is wanted.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let Some(format) = args.format.table() else {
        return Ok(output::failed("--fix-ignore has no page: its --format is human or json"));
    };
    let measured = Progress::default();
    let planned = progress::shown(args.quiet, &measured, || plan(args, &measured));
    let (mut report, change) = match planned {
        Ok(planned) => planned,
        Err(message) => return Ok(output::failed(&message)),
    };
    report.written = change.is_some() && !args.diff;
    let sink = args.out.output.as_deref().map_or(Sink::Stdout, Sink::File);
    if let Some(change) = change.as_ref().filter(|_| !args.diff)
        && let Err(error) = change.write()
    {
        // What was to be written is of use all the same.
        let name = sanitize(&report.ignore_file);
        return Ok(output::failed(&format!("{name} cannot be written: {error}")));
    }
    output::write(sink, args.out.color, args.quiet, |out, style| match format {
        TableFormatArg::Human => report::write_ignore(out, &report, style),
        TableFormatArg::Json => report::write_ignore_json(out, &report),
    })?;
    Ok(if args.diff && change.is_some() { Exit::Findings } else { Exit::Clean })
}

/// What is to be written where.
struct Change {
    path: PathBuf,
    /// True if there is no file yet.
    new: bool,
    text: Vec<u8>,
}

impl Change {
    fn write(&self) -> io::Result<()> {
        if self.new { write_new(&self.path, &self.text) } else { write_atomically(&self.path, &self.text) }
    }
}

/// Measures, and decides what to add; an error is a sentence for people.
fn plan(args: &SizeArgs, progress: &Progress) -> Result<(IgnoreReport, Option<Change>), String> {
    let project = project::open(args.dockerfile.as_deref(), &args.target, &args.config, progress)?;
    let root = project.target.context_folder();
    let root = root.ok_or("this build has no context, so there is nothing to ignore")?;
    let path = project.target.path().unwrap_or(Path::new("Dockerfile"));
    let model = &project.analysis;
    let mut problems = Vec::new();
    let ignore = load_ignore(&Files::default(), &project.target, &root, &mut problems);
    if let Some(problem) = problems.first() {
        let path = problem.path.as_deref().unwrap_or_default();
        return Err(format!("{} {}", sanitize(path), sanitize(&problem.message)));
    }
    let file = ignore.as_ref().map(|(file, _)| file);
    if let Some((fault, source)) = ignore.as_ref().and_then(|(f, source)| Some((f.errors().first()?, source)))
    {
        let place = format!("{}:{}", source.name(), fault.line());
        return Err(format!("{}: {fault}: the build stops here, so correct that first", sanitize(&place)));
    }
    let others = others(path, &root);
    let history = history(&root);
    let history: Vec<History<'_>> = history.iter().map(|(name, text)| History { name, text }).collect();
    let own_name = project.target.name();
    let mut builds = vec![Build { model, name: &own_name, own: true }];
    builds.extend(others.iter().map(|other| Build {
        model: &other.analysis,
        name: other.analysis.file.source.name(),
        own: other.beside,
    }));
    let measure = Measure::new(&root, &builds, progress);
    let before = measure.scan(file)?;
    let mut lines = lines(&before, file, &builds, &history);
    let text = ignore.as_ref().map_or(&[][..], |(_, source)| source.bytes());
    let (text_after, after) = loop {
        let text = lines.extend(text);
        let source = Source::from_bytes("", text.clone()).map_err(|e| e.to_string())?;
        let added = IgnoreFile::parse(source.text());
        let after = measure.scan(Some(&added))?;
        // Each round takes out a line, so this ends.
        if !lines.settle(&before, &after, &added, &measure.names) {
            break (text, after);
        }
    };
    let [_, shared] = dockerignore::candidates(path, &root);
    let path = ignore.as_ref().map_or(shared, |(_, source)| PathBuf::from(source.name()));
    let path = path.strip_prefix("./").map(Path::to_path_buf).unwrap_or(path);
    let name = path.display().to_string();
    let after_file = Source::from_bytes("", text_after.clone()).map_err(|e| e.to_string())?;
    let sent = is_sent(model, &IgnoreFile::parse(after_file.text()), &path, &root);
    let report = IgnoreReport {
        version: 1,
        own_bytes: if sent { text_after.len().saturating_sub(text.len()) as u64 } else { 0 },
        dockerfile: own_name.clone(),
        diff: String::from_utf8_lossy(&engine::diff(&name, text, &text_after)).into_owned(),
        ignore_file: name,
        written: false,
        sent: less(before.sent, after.sent),
        copied: copied(model, &before, &after),
        added: lines.added.iter().map(|s| LineRow { line: s.line.clone(), sent: amount(s.sent) }).collect(),
        left: left(&lines),
    };
    let change = (!lines.added.is_empty()).then(|| Change { path, new: ignore.is_none(), text: text_after });
    Ok((report, change))
}

fn left(lines: &Lines) -> Vec<LeftRow> {
    lines.left.iter().map(|l| LeftRow { line: l.line.clone(), why: l.why.clone() }).collect()
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
                measure.queries.push(query);
                measure.names.push(build.name.to_owned());
            }
        }
        measure
    }

    fn scan(&self, ignore: Option<&IgnoreFile>) -> Result<Scan, String> {
        let request = ScanRequest {
            root: self.root.to_path_buf(),
            ignore,
            queries: self.queries.clone(),
            detail: Detail::Lint,
            progress: Some(self.progress),
        };
        scan(&request).map_err(|e| format!("{} {}", sanitize(&self.root.display().to_string()), describe(&e)))
    }
}

/// What the instructions of the final image copy less.
fn copied(model: &Analysis, before: &Scan, after: &Scan) -> Amount {
    let mut copied = Amount::default();
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

const fn less(before: Tally, after: Tally) -> Amount {
    Amount {
        files: before.files.saturating_sub(after.files),
        bytes: before.bytes.saturating_sub(after.bytes),
    }
}

const fn amount(tally: Tally) -> Amount {
    Amount { files: tally.files, bytes: tally.bytes }
}

/// Another Dockerfile in the context's folder.
struct Other {
    analysis: Analysis,
    /// True if it lies in the root itself, and so is built with the same ignore file.
    beside: bool,
}

/// The other Dockerfiles that may be built with the same context and ignore file. Those that cannot be
/// read say nothing.
fn others(path: &Path, root: &Path) -> Vec<Other> {
    let same = |a: &Path, b: &Path| match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    };
    let (inputs, _) = discover(&[root.to_path_buf()]);
    let mut others = Vec::new();
    for input in inputs.into_iter().filter(|i| i.kind == InputKind::Dockerfile).take(MAX_OTHERS) {
        let [own, _] = dockerignore::candidates(&input.path, root);
        if same(&input.path, path) || own.symlink_metadata().is_ok() {
            continue;
        }
        let folder = input.path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = same(folder, root);
        let name = input.path.display().to_string();
        let Ok(source) = read_source(&input.path, &name) else { continue };
        others.push(Other { analysis: Analysis::new(Model::new(syntax::parse(source))), beside });
    }
    others
}

/// The files of the root that may say that the repository's history is read.
fn history(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root) else { return found };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let small = || entry.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_HISTORY_BYTES);
        if history_readers(&name)
            && small()
            && found.len() < MAX_HISTORY_FILES
            && let Ok(text) = fs::read(entry.path())
        {
            found.push((name, String::from_utf8_lossy(&text).into_owned()));
        }
    }
    found.sort();
    found
}
