//! `dlint cache`: what a change of files rebuilds.

mod asked;
pub(in crate::cli) mod changed;
mod platforms;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::cache::{Layer, Order};
use crate::context::{Change, Progress, SourceStatus};
use crate::engine::{BuildChange, BuildsBelow, FileChange, Opened, Rebuilt, SharedWalk, TakenBelow};
use crate::report::{
    self, Amounts, CacheFate, CacheFileChange, CacheReason, CacheReport, CacheRow, CacheSum, ChangedRow,
    ChangedState, IgnoredBy, OrderRow, sanitize,
};
use crate::semantic::{Analysis, Builder, ContextIgnore, Model};
use crate::size::{Plan, Provenance, Row, plan};
use crate::syntax::{Keyword, Platform};
use crate::workspace::{Target, describe};

use super::Exit;
use super::args::{CacheArgs, TableFormatArg};
use super::output::{self, Sink};
use super::progress;
use super::project;
use changed::Named;
use platforms::Platforms;

/// Which packages count: sizes differ little between architectures.
const ARCHITECTURE: &str = "amd64";

/// Judges the cache and prints what becomes of each layer.
pub(super) fn run(args: &CacheArgs) -> io::Result<Exit> {
    let measured = Progress::default();
    let report = match progress::shown(args.quiet, &measured, || gather(args, &measured)) {
        Ok(report) => report,
        Err(message) => return Ok(output::failed(&message)),
    };
    let sink = Sink::named(args.out.output.as_deref());
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        TableFormatArg::Human => report::write_cache(out, &report, style),
        TableFormatArg::Json => report::write_cache_json(out, &report),
    })?;
    Ok(Exit::Clean)
}

/// Reads and judges; an error is a sentence for people.
fn gather(args: &CacheArgs, progress: &Progress) -> Result<CacheReport, String> {
    let (dockerfile, changed) = told(args);
    let platform = Platform::parse(project::PLATFORM);
    let (opened, platforms) =
        project::unmeasured(dockerfile.as_deref(), &args.target, &args.config, platform)?;
    let root = opened.target.context_folder();
    let root = root.ok_or("this needs a build context: pass one with --context")?;
    let asked = asked::of(args, &changed, &opened, &root)?;
    let change_of = |target: &Target, root: &Path| asked.changes.of_other(target, root);
    let unread = |e: io::Error| format!("{} {}", sanitize(&root.display().to_string()), describe(&e));
    let alike = opened.clone();
    let judged = Rebuilt::among(opened, &root, asked.change.clone(), &change_of, (progress, None));
    let (project, rebuilt, below) = judged.map_err(unread)?;
    let model = &project.analysis;
    let costs = Costs::of(&plan(model, &project.settings.base_images, ARCHITECTURE));
    let rows = rows::rows(model, &rebuilt, &|layer| costs.of_layer(model, layer));
    let (kept, perhaps, again) =
        (sum(&rows, CacheFate::Kept), sum(&rows, CacheFate::Perhaps), sum(&rows, CacheFate::Rebuilt));
    let mut platforms = Platforms::of(&alike, platforms, args.target.build.platform.is_some());
    platforms.judge(&root, &asked.change, &change_of, (&rows, progress)).map_err(unread)?;
    let named = asked.changes.named.as_deref();
    let changed = named.map(|named| changed_rows(model, &rebuilt, &rows, (named, &below)));
    Ok(CacheReport {
        version: 1,
        dockerfile: project.target.name(),
        context: root.display().to_string(),
        target: args.target.build.target.clone(),
        dockerfile_changed: rebuilt.dockerfile != FileChange::None,
        dockerfile_change: file_change(rebuilt.dockerfile),
        ignore_change: file_change(rebuilt.ignore),
        args_changed: asked.args,
        advice: rebuilt.orders.iter().map(|order| order_row(model, &costs, order)).collect(),
        kept,
        perhaps,
        rebuilt: again,
        notes: [platforms.notes, notes(&project, &rebuilt, &rows, changed.as_deref())].concat(),
        changed,
        layers: rows,
    })
}

/// What a change builds again, a row for each layer; base images are rows as well.
///
/// # Errors
/// If the folder of the context cannot be read.
pub(super) fn layers(
    opened: Opened,
    root: &Path,
    change: BuildChange,
    below: &mut BuildsBelow<'_>,
    walk: SharedWalk<'_>,
) -> io::Result<Vec<CacheRow>> {
    let (project, rebuilt) = below.rebuilt(opened, root, change, Some(walk))?;
    let model = &project.analysis;
    let costs = Costs::of(&plan(model, &project.settings.base_images, ARCHITECTURE));
    Ok(rows::rows(model, &rebuilt, &|layer| costs.of_layer(model, layer)))
}

/// The Dockerfile and the changed paths. `--changed A B DOCKERFILE` takes the Dockerfile for a path: where there is
/// none otherwise, the last path is one if it looks like it.
fn told(args: &CacheArgs) -> (Option<PathBuf>, Vec<PathBuf>) {
    let mut changed = args.changed.clone();
    let dockerfile_in = |folder: &Path| project::dockerfile_in(folder, Builder::default());
    let needed = args.dockerfile.is_none() && dockerfile_in(Path::new("")).is_none();
    let is_one = |path: &PathBuf| {
        let name = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let named = name.contains("dockerfile") || name.contains("containerfile");
        (named && path.is_file()) || dockerfile_in(path).is_some_and(|found| found.is_file())
    };
    let last = changed.last().filter(|path| needed && changed.len() > 1 && is_one(path)).cloned();
    if last.is_some() {
        changed.pop();
    }
    (args.dockerfile.clone().or(last), changed)
}

const fn file_change(change: FileChange) -> CacheFileChange {
    match change {
        FileChange::None => CacheFileChange::None,
        FileChange::Known => CacheFileChange::Compared,
        FileChange::Unknown => CacheFileChange::Unknown,
    }
}

fn order_row(model: &Model, costs: &Costs, order: &Order) -> OrderRow {
    let lines = |step: usize| model.instruction(step).lines;
    let new = order.new.as_ref();
    OrderRow {
        command: order.command.clone(),
        line: lines(order.run).0,
        copy_line: model.copies.get(order.copy).map_or(0, |c| lines(c.step).0),
        until: order.until.clone(),
        builds: order.builds,
        words: order.words.clone(),
        replaces: new.map(|new| (lines(new.steps.0).0, lines(new.steps.1).1)),
        write: new.map_or_else(Vec::new, |new| new.lines.clone()),
        sum: costs.get(order.run).0,
    }
}

/// What went wrong, or is good to know.
fn notes(
    project: &Opened,
    rebuilt: &Rebuilt,
    rows: &[CacheRow],
    changed: Option<&[ChangedRow]>,
) -> Vec<String> {
    let model = &project.analysis;
    let mut notes = Vec::new();
    let builder = project.target.builder();
    if !builder.makes_layers() {
        notes.push(
            "buildah build keeps no cache unless it is run with --layers: without that, every build runs all of this."
                .to_owned(),
        );
    } else if !builder.is_buildkit() {
        notes.push(format!("The keys are those of BuildKit; {} may keep less.", builder.title()));
    }
    if let Some(rows) = changed.filter(|rows| !rows.is_empty())
        && rows.iter().all(|r| !r.exists)
    {
        let which = match rows {
            [_] => "The changed path does not exist".to_owned(),
            rows => format!("None of the {} changed paths exists", rows.len()),
        };
        notes.push(format!(
            "{which} below the current folder, the build context or the top of the repository: check what the paths \
             are relative to."
        ));
    }
    let compare = |what: &str, option: &str| {
        format!(
            "The {what} changes. To see what that rebuilds, pass the version of the last build with {option}, or \
             compare with a commit by --since."
        )
    };
    if rebuilt.dockerfile == FileChange::Unknown {
        notes.push(compare("Dockerfile", "--changed-dockerfile"));
    }
    if rebuilt.ignore == FileChange::Unknown {
        notes.push(compare("ignore file", "--changed-ignore"));
    }
    if rebuilt.entry_changes
        && let Some(entry) = project.target.entry()
    {
        notes.push(format!(
            "The file that starts this build changes ({entry}): what it says of arguments, stage and contexts is taken \
             for what it was in the last build."
        ));
    }
    let fails = rows.iter().find_map(|row| match &row.reason {
        CacheReason::Fails { source } => Some((row.lines.0, source)),
        _ => None,
    });
    if let Some((line, source)) = fails {
        let place = if source.contains(':') { "in its named context" } else { "in the build context" };
        notes.push(format!("The build fails at line {line}: {source} is not {place}."));
    }
    let linked = |row: &CacheRow| matches!(row.reason, CacheReason::Linked { .. });
    if rows.iter().any(|row| linked(row) && row.fate == CacheFate::Perhaps) {
        notes.push(
            "Whether --link keeps a layer depends on the image store: with containerd's, or with a builder in a \
             container, it does; with overlay2 it does not. Say which one you have with --store."
                .to_owned(),
        );
    }
    if let Some(step) = rebuilt.takes_git.iter().find_map(|id| model.step_of_query(*id)) {
        let line = model.instruction(step).lines.0;
        notes.push(format!(
            "`.git` is not ignored, so every commit rebuilds line {line}: add `.git` to the ignore file."
        ));
    }
    let problem = |p: &crate::diag::Problem| match &p.path {
        Some(path) => format!("{path}: {}", p.message),
        None => p.message.clone(),
    };
    notes.extend(project.problems.iter().map(problem));
    let unused = model.undeclared_args();
    notes.extend(unused.iter().map(|name| format!("No ARG declares the build argument {name}.")));
    notes
}

/// What each layer weighs, as far as that is known, and how.
struct Costs(HashMap<usize, (Amounts, &'static str)>);

impl Costs {
    fn of(plan: &Plan) -> Self {
        let rows = plan.stages.iter().flat_map(|s| &s.rows);
        let cost = |row: &Row| {
            (super::size::amounts(row.sum()), row.provenance().map_or("unknown", Provenance::name))
        };
        Self(rows.map(|row| (row.step, cost(row))).collect())
    }

    /// What a trigger makes in another stage has no row.
    fn of_layer(&self, model: &Model, layer: &Layer) -> (Amounts, &'static str) {
        let folder = model.instruction(layer.step).keyword == Keyword::Workdir;
        if model.is_trigger(layer.step) && !folder {
            return (Amounts { unknown: 1, ..Amounts::default() }, "unknown");
        }
        self.get(layer.step)
    }

    /// What has no row adds no more than a folder.
    fn get(&self, step: usize) -> (Amounts, &'static str) {
        self.0.get(&step).copied().unwrap_or((Amounts::default(), Provenance::Measured.name()))
    }
}

/// The layers of one fate: all of them, and those that are pushed and pulled.
fn sum(rows: &[CacheRow], fate: CacheFate) -> CacheSum {
    let mut sum = CacheSum::default();
    for row in rows.iter().filter(|r| r.fate == fate && !r.base) {
        sum.layers += 1;
        if row.in_image {
            sum.in_image += 1;
            sum.sum.add(&row.sum);
            if row.sum.unknown > 0 {
                sum.unknown.push(row.lines.0);
            }
        }
    }
    sum
}

/// The builds below this one that take something of a path, each once.
fn taken_by(taken: &[TakenBelow], named: &Named) -> Vec<String> {
    let mut builds: Vec<String> = Vec::new();
    for TakenBelow { build, path } in taken {
        let is_it = |whole: &PathBuf| whole == path || whole.canonicalize().is_ok_and(|real| real == *path);
        if !builds.contains(build) && named.whole.iter().any(is_it) {
            builds.push(build.clone());
        }
    }
    builds
}

fn changed_rows(
    model: &Analysis,
    rebuilt: &Rebuilt,
    rows: &[CacheRow],
    (named, below): (&[Named], &[TakenBelow]),
) -> Vec<ChangedRow> {
    let ignore = model.context().and_then(|c| c.ignore.as_deref());
    let mut changes = rebuilt.changes.iter();
    let line_of = |query: usize| {
        let query = rebuilt.queries.get(query).filter(|query| query.reachable)?;
        Some(model.instruction(model.step_of_query(query.id)?).lines.0)
    };
    // What a variable decides may be any path of the context.
    let unknown = rows.iter().filter(|r| r.reason == CacheReason::UnknownSource).map(|r| r.lines.0);
    let unknown: Vec<u32> = unknown.collect();
    let one = |named: &Named| {
        let own: Vec<&Change> = changes.by_ref().take(named.places.len()).collect();
        // Those of contexts with a name stand behind all others.
        let elsewhere =
            rebuilt.elsewhere.iter().filter(|c| named.whole.contains(&c.whole)).flat_map(|c| &c.taken);
        let mut row = ChangedRow {
            path: named.shown.clone(),
            exists: named.exists,
            says_what_is_built: named.places.iter().any(|p| rebuilt.special.contains(p))
                || named.whole.iter().any(|whole| rebuilt.special_whole.contains(whole)),
            builds: taken_by(below, named),
            state: ChangedState::Outside,
            ignored_by: None,
            lines: own
                .iter()
                .flat_map(|c| &c.taken)
                .chain(elsewhere)
                .filter_map(|t| line_of(t.query))
                .collect(),
            maybe_lines: Vec::new(),
        };
        row.lines.sort_unstable();
        row.lines.dedup();
        let status = own.iter().map(|c| c.status).min_by_key(|status| match status {
            SourceStatus::Found => 0,
            SourceStatus::Missing => 1,
            SourceStatus::Excluded { .. } => 2,
        });
        row.state = match status {
            None if row.lines.is_empty() => ChangedState::Outside,
            None | Some(SourceStatus::Found) => ChangedState::There,
            Some(SourceStatus::Missing) => ChangedState::Deleted,
            Some(SourceStatus::Excluded { .. }) if !row.lines.is_empty() => ChangedState::There,
            Some(SourceStatus::Excluded { by }) => {
                row.ignored_by = by.zip(ignore).and_then(|(by, ContextIgnore { file, source })| {
                    Some(IgnoredBy { file: source.name().to_owned(), line: file.patterns().get(by)?.line() })
                });
                ChangedState::Ignored
            }
        };
        if matches!(row.state, ChangedState::There | ChangedState::Deleted) && row.lines.is_empty() {
            row.maybe_lines.clone_from(&unknown);
        }
        row
    };
    named.iter().map(one).collect()
}
