//! What all images of a project will weigh, a line each, and together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::Sources;
use rayon::prelude::*;

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::{Problem, RunReport};
use crate::engine::{self, Found, Opened};
use crate::entries::{Entries, is_only_inherited};
use crate::report::{
    self, Amounts, EarlierSizes, PieceRow, PlanReport, SharedBase, SizeAdvice, SizeRow, SizesReport,
    SizesSum, sanitize,
};
use crate::semantic::{Base, Build, NamedContext};
use crate::shellcheck::{self, Checker};
use crate::tree::DISK;
use crate::workspace::{ContextSource, Overrides, Snapshot, Target, Workspace, read_bounded};

use super::super::Exit;
use super::super::args::{SizeArgs, SizeFormatArg, SizeSortArg};
use super::super::book::Book;
use super::super::output::{self, Sink};
use super::super::progress;
use super::super::side::{Side, Told, files_of};
use super::limits::{self, Known};
use super::plan;
use crate::config::UnknownSizes;
use crate::text::Arrange;

/// Plans every build and prints what they cost.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let paths = [args.dockerfile.clone().unwrap_or_else(|| PathBuf::from("."))];
    let found = engine::discover(&paths);
    // The page says what is found there, too.
    let again = (args.format == SizeFormatArg::Html).then(|| found.clone());
    let (mut report, problems) = match gather(args, &paths, found) {
        Ok(gathered) => gathered,
        Err(message) => return Ok(output::failed(&message)),
    };
    report.earlier = match args.trend.iter().map(|path| earlier(path)).collect() {
        Ok(earlier) => earlier,
        Err(problem) => return Ok(output::failed_with(&problem)),
    };
    let sink = Sink::named(args.out.output.as_deref());
    let has_no_build = report.targets.is_empty() && !problems.is_empty();
    if has_no_build && args.format == SizeFormatArg::Html {
        // The problem says why; a page of nothing would only take the place of one that is there.
        return output::problems(args.out.color, &problems);
    }
    let found = match again.map(|found| findings(args, &paths, found)).transpose() {
        Ok(found) => found,
        Err(message) => return Ok(output::failed(&message)),
    };
    if found.is_some() {
        report.about = super::about(args);
    }
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        SizeFormatArg::Html => match &found {
            Some((found, book)) => report::write_index_page(out, &report, found, book),
            None => Ok(()),
        },
        SizeFormatArg::Json => report::write_sizes_json(out, &report),
        // The problem says why.
        _ if has_no_build => Ok(()),
        _ => report::write_sizes(out, &report, style),
    })?;
    let is_kept = report.targets.iter().flat_map(|row| &row.checks).all(|check| check.passed);
    Ok(match output::problems(args.out.color, &problems)? {
        Exit::Clean if !is_kept => Exit::Findings,
        other => other,
    })
}

/// The builds of the project, and what is wrong with what was named.
fn gather(
    args: &SizeArgs,
    paths: &[PathBuf],
    mut found: Found,
) -> Result<(SizesReport, Vec<Problem>), String> {
    let mut problems = Vec::new();
    let overrides = Overrides {
        select: Some(vec!["all".to_owned()]),
        config: args.config.choice(),
        ..Overrides::default()
    };
    let mut workspace = Workspace::new(overrides, &mut problems);
    workspace.load_settings(found.paths(), &mut problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    let entries = match args.target.entries.no_entries {
        true => Entries::default(),
        false => found.entries(&snapshot, paths, None, args.target.entries.environment()),
    };
    problems.append(&mut found.problems);
    let platform = args.target.build.build()?.platform;
    let on_one = |target: Target| target.on_one_platform(platform.clone());
    let dockerfiles: Vec<&Path> = found.dockerfiles().collect();
    // All that a file builds which is named, wherever it is.
    let searched: &[PathBuf] = if found.entries.is_empty() { paths } else { &[] };
    let mut builds = Builds::of_entries(&snapshot, &entries, searched, &dockerfiles);
    for path in dockerfiles {
        let told = snapshot.settings().context(path) != ContextSource::Beside;
        if told || entries.builds_of(path).is_empty() {
            let build = Build { all_args: true, ..Build::default() };
            builds.add(SizeRow::default(), Some(snapshot.target_of(path, &build)));
        }
    }
    if builds.rows.is_empty() {
        problems.extend(Found::nothing_in(std::mem::take(&mut found.empty), &entries));
    }
    let measured = Progress::default();
    let report =
        progress::shown(args.quiet, &measured, || builds.report(args, &snapshot, &on_one, &measured));
    let notes = found.notes.iter().map(|note| {
        let place = note.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
        format!("{place}{}", note.message)
    });
    Ok((SizesReport { notes: notes.collect(), ..report }, problems))
}

/// How many builds are opened at a time.
const AT_A_TIME: usize = 256;

/// The builds that are listed: equal ones are planned once.
#[derive(Default)]
struct Builds {
    rows: Vec<(SizeRow, Option<usize>)>,
    /// Names and lines of those with a name.
    listed: HashSet<(String, Option<usize>, Option<usize>)>,
    /// What is built, each once.
    targets: Vec<Target>,
    /// Those of a Dockerfile and fingerprint.
    known: HashMap<(String, u64), Vec<usize>>,
}

impl Builds {
    /// What files build that lie in what was searched, and what others build of the Dockerfiles there; all if nothing
    /// was searched.
    fn of_entries(
        snapshot: &Snapshot,
        entries: &Entries,
        searched: &[PathBuf],
        dockerfiles: &[&Path],
    ) -> Self {
        let mut builds = Self::default();
        let here: HashSet<PathBuf> = dockerfiles.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let is_one = |path: &Path| path.canonicalize().is_ok_and(|real| here.contains(&real));
        for (read, resolution, target) in entries.iter() {
            if is_only_inherited(read, resolution) && !entries.is_chosen() {
                continue;
            }
            let row = row_of(read, &resolution.sources);
            let path = target.and_then(Target::path);
            let is_within = |file: &str| entries.holds(Path::new(file));
            let is_here =
                searched.is_empty() || row.file.as_deref().is_some_and(is_within) || path.is_some_and(is_one);
            let is_told = path.is_some_and(|p| snapshot.settings().context(p) != ContextSource::Beside);
            if is_here && !is_told {
                builds.add(row, target.cloned());
            }
        }
        builds
    }

    fn add(&mut self, row: SizeRow, target: Option<Target>) {
        let number = target.map(|target| self.number(target));
        // What bake reads of a Compose file beside it is there twice.
        if row.name.is_none() || self.listed.insert((row.title(), row.line, number)) {
            self.rows.push((row, number));
        }
    }

    fn number(&mut self, target: Target) -> usize {
        let of_name = self.known.entry((target.name(), target.fingerprint())).or_default();
        let is_same = |at: &&usize| {
            self.targets
                .get(**at)
                .is_some_and(|known| known.is_same_image(&target) && is_same_text(known, &target))
        };
        if let Some(known) = of_name.iter().find(is_same) {
            return *known;
        }
        of_name.push(self.targets.len());
        self.targets.push(target);
        self.targets.len() - 1
    }

    fn report(
        self,
        args: &SizeArgs,
        snapshot: &Snapshot,
        on_one: &dyn Fn(Target) -> Target,
        progress: &Progress,
    ) -> SizesReport {
        let settings = |target: &Target| -> Arc<Settings> {
            snapshot.settings_of(target.path().unwrap_or(Path::new(&target.name())))
        };
        // The models of all would take too much room at a time.
        let mut planned: Vec<Result<Planned, String>> = Vec::with_capacity(self.targets.len());
        for some in self.targets.chunks(AT_A_TIME) {
            let some = some.iter().map(|target| (on_one(target.clone()), settings(target))).collect();
            let opened = engine::open_all(snapshot.files(), some, progress).into_par_iter();
            planned.par_extend(opened.map(|opened| match opened {
                Ok(opened) => Planned::of(args, &opened),
                Err(error) => Err(error.to_string()),
            }));
        }
        let mut report = sums(&planned);
        report.version = 1;
        let mut first_of: HashMap<usize, String> = HashMap::new();
        for (mut row, number) in self.rows {
            match number.and_then(|number| planned.get(number).map(|planned| (number, planned))) {
                Some((number, Ok(planned))) => {
                    row = planned.row(row);
                    match first_of.get(&number) {
                        Some(first) => row.same_as = Some(first.clone()),
                        None => drop(first_of.insert(number, row.title())),
                    }
                }
                Some((_, Err(why))) => row.unknown(why.clone(), args),
                None => row.unknown("which Dockerfile it builds is not known here".to_owned(), args),
            }
            report.targets.push(row);
        }
        report.sum.unknown_targets = report.targets.iter().filter(|row| row.image.is_none()).count();
        // The largest first; what is not known at all comes last.
        report.by_saving = args.sort == Some(SizeSortArg::Saving);
        let size = |row: &SizeRow| {
            let saving = report.by_saving.then(|| row.saving());
            (saving, row.image.map(|image| image.bytes))
        };
        report.targets.arrange_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.title().cmp(&b.title())));
        report
    }
}

/// True if both build the same Dockerfile: one text in the file that starts the build is not another.
fn is_same_text(one: &Target, other: &Target) -> bool {
    use crate::workspace::DockerfileSource::Text;
    match (&one.dockerfile, &other.dockerfile) {
        (Text { source: one, .. }, Text { source: other, .. }) => one.bytes() == other.bytes(),
        _ => one.path() == other.path(),
    }
}

fn row_of(read: &build_targets::Target, sources: &Sources) -> SizeRow {
    let file = sources.file(read.place.file);
    SizeRow {
        name: Some(read.name.clone()),
        file: Some(crate::text::plain_path(&file.path).display().to_string()),
        line: Some(file.position(read.place.start as usize).0),
        inline: matches!(read.dockerfile, build_targets::Dockerfile::Inline(_)),
        ..SizeRow::default()
    }
}

/// The plan of a build, as far as the list shows it.
struct Planned {
    row: SizeRow,
    image: Amounts,
    /// What it starts from, and the bytes of that.
    base: Option<(BaseKey, Amounts)>,
}

/// Images that are there once, however many others start from them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum BaseKey {
    /// One of a registry, for a platform.
    Image(String, String),
    /// What another build of the project makes, by the address of its model.
    Sibling(String, usize),
}

impl Planned {
    /// An error is a Dockerfile that does not build, or a lock file that cannot be read.
    fn of(args: &SizeArgs, opened: &Opened) -> Result<Self, String> {
        if let Some(refusal) = opened.refusal() {
            return Err(format!("the Dockerfile does not build: {refusal}"));
        }
        let (report, fault) = plan::gather(args, opened, None);
        if let Some(fault) = fault {
            return Err(fault);
        }
        let base = Self::base(&report, opened);
        let PlanReport { dockerfile, target, platform, image, layers, after, checks, advice, .. } = report;
        let advice = advice.into_iter().filter(|a| a.counted > 0).max_by_key(|a| a.counted);
        let row = SizeRow {
            dockerfile: Some(dockerfile),
            stage: target,
            platform: Some(platform),
            image: Some(image),
            layers: Some(layers),
            after,
            advice: advice.map(|a| SizeAdvice {
                line: a.line,
                rule: a.rule,
                bytes: a.counted,
                help: a.help.unwrap_or(a.message),
            }),
            base: base.as_ref().map(|(key, _)| key.name().to_owned()),
            checks,
            ..SizeRow::default()
        };
        Ok(Self { row, image, base })
    }

    fn base(report: &PlanReport, opened: &Opened) -> Option<(BaseKey, Amounts)> {
        let model = &opened.analysis;
        let stage = model.final_stage()?;
        let root = model.stages.get(stage.root())?;
        let key = match (model.root_base(stage), model.named_base(stage)) {
            (Base::Image(image), _) => {
                let from = model.instruction(root.steps.start);
                let platform = from.flag_value("platform").unwrap_or(&report.platform);
                let name = image.to_string();
                let short = name.strip_prefix("docker.io/").unwrap_or(&name);
                let short = short.strip_prefix("library/").unwrap_or(short);
                BaseKey::Image(short.to_owned(), platform.to_owned())
            }
            (_, Some((_, NamedContext::Build(image)))) => {
                let plain = image.plain();
                BaseKey::Sibling(image.name.clone(), plain.map_or(0, |m| Arc::as_ptr(m).addr()))
            }
            _ => return None,
        };
        let rows = &report.stages.iter().find(|planned| planned.stage == root.index.number())?.rows;
        let row = rows.first()?;
        let runs_triggers =
            matches!(model.named_base(stage), Some((_, NamedContext::Build(image))) if image.is_triggers);
        // What triggers add is this image's own; the piece before it is what others start from as well.
        let shared = match row.pieces.first().filter(|_| runs_triggers) {
            Some(PieceRow { bytes: Some(bytes), range: Some((least, most)), .. }) => {
                Amounts { bytes: *bytes, least: *least, most: *most, ..Amounts::default() }
            }
            _ => row.sum,
        };
        Some((key, shared))
    }

    /// The row of one of the builds that are this one.
    fn row(&self, row: SizeRow) -> SizeRow {
        let SizeRow { name, file, line, inline, .. } = row;
        let known = self.row.clone();
        let dockerfile = known.dockerfile.clone().filter(|_| !inline);
        SizeRow { name, file, line, inline, dockerfile, ..known }
    }
}

impl BaseKey {
    fn name(&self) -> &str {
        match self {
            Self::Image(name, _) | Self::Sibling(name, _) => name,
        }
    }
}

/// What the images weigh: each for itself, and together, where what several start from counts once.
fn sums(planned: &[Result<Planned, String>]) -> SizesReport {
    let mut report = SizesReport { sum: SizesSum::default(), ..SizesReport::default() };
    let mut bases: BTreeMap<&BaseKey, (usize, Amounts)> = BTreeMap::new();
    for Planned { image, base, .. } in planned.iter().flatten() {
        report.sum.apart.add(image);
        report.sum.images += 1;
        match base {
            Some((key, bytes)) => {
                report.sum.together.add(&image.without(bytes));
                bases.entry(key).or_insert((0, *bytes)).0 += 1;
            }
            None => report.sum.together.add(image),
        }
    }
    for (key, (count, bytes)) in bases {
        // The image of a sibling is one of the images, and counts there.
        if let BaseKey::Image(..) = key {
            report.sum.together.add(&bytes);
        }
        if count > 1 || matches!(key, BaseKey::Sibling(..)) {
            let base = key.name().to_owned();
            let platform = match key {
                BaseKey::Image(_, platform) => Some(platform.clone()),
                BaseKey::Sibling(..) => None,
            };
            report.shared.push(SharedBase { base, platform, images: count, bytes });
        }
    }
    report.shared.arrange_by_key(|shared| std::cmp::Reverse(shared.bytes.bytes));
    report
}

impl SizeRow {
    /// Notes why nothing is known; no limit is known to be kept then.
    fn unknown(&mut self, why: String, args: &SizeArgs) {
        let then = args.limits.then(UnknownSizes::Fail);
        let unknown = Some("nothing is known of it".to_owned());
        self.checks = limits::check(args, &Known { bytes: 0, wasted: 0, unknown, then });
        self.why = Some(sanitize(&why).into_owned());
    }
}

/// How much of an earlier report is read.
const MAX_EARLIER_BYTES: u64 = 64 << 20;

/// An earlier report, called like its file.
fn earlier(path: &Path) -> Result<EarlierSizes, Problem> {
    let problem =
        |message: String| Problem { path: Some(path.display().to_string()), message, ..Problem::default() };
    let text = match read_bounded(&DISK, path, MAX_EARLIER_BYTES) {
        Ok(Some(text)) => text,
        Ok(None) => return Err(problem("does not exist".to_owned())),
        Err(error) => return Err(problem(error.to_string())),
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    EarlierSizes::read(name, &text).map_err(problem)
}

/// What a run that lints finds in the same place, and what is known of its rules.
fn findings(args: &SizeArgs, paths: &[PathBuf], mut found: Found) -> Result<(RunReport, Book), String> {
    let mut problems = Vec::new();
    let overrides = Overrides { config: args.config.choice(), ..Overrides::default() };
    let mut workspace = Workspace::new(overrides.clone(), &mut problems);
    workspace.load_settings(found.paths(), &mut problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    let environment = args.target.entries.environment();
    let looks = !args.target.entries.no_entries;
    let entries = match looks {
        true => found.entries(&snapshot, paths, None, environment.clone()),
        false => Entries::default(),
    };
    let build = args.target.build.build()?;
    let told = Told {
        overrides,
        build: &build,
        searched: paths,
        named: found.entries,
        folders: found.folders,
        environment,
        looks,
        entry: None,
        known: None,
    };
    let checker = Checker::new(Path::new(shellcheck::PROGRAM), shellcheck::Limits::default());
    let book = Book { catalogues: snapshot.settings().catalogues(), docs_url: None };
    let measured = Progress::default();
    let side = Side { snapshot, inputs: found.inputs, entries };
    let outcomes = progress::shown(args.quiet, &measured, || side.lint(&told, &checker, &measured, None));
    Ok((RunReport { files: files_of(outcomes), ..RunReport::default() }, book))
}
