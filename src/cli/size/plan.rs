//! What the image will weigh, before it is built.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use crate::config::Settings;
use crate::diag::{Origin, Problem};
use crate::engine::{LayerSaving, Opened, diff, layer_savings, lint_model, with_fixes_of_savings};
use crate::lock::LockFile;
use crate::report::{
    self, AdviceRow, Amounts, LayerCount, PieceRow, PlanFile, PlanPackage, PlanReport, PlanRow, PlanStage,
    sanitize,
};
use crate::rules::checks::secret_names::without_secrets;
use crate::screen::View;
use crate::semantic::{Builder, Model};
use crate::size::{Plan, Provenance, Row, State, Sum, plan};
use crate::syntax::Kind;
use crate::workspace::Files;

use super::super::Exit;
use super::super::args::{SizeArgs, SizeFormatArg};
use super::super::output::{self, Sink};
use super::limits;
use super::limits::Known;
use super::locked::{self, Lock};
use super::online;
use super::tui;

/// Plans the build and prints what it costs.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let mut project = match super::open(args) {
        Ok(project) => project,
        Err(message) => return Ok(output::failed(&message)),
    };
    if args.tui
        && let Err(message) = tui::ready()
    {
        return Ok(output::failed(&message));
    }
    let online = match args.online.then(|| online::ask(args, &project)).transpose() {
        Ok(asked) => asked.map(|(file, mut problems)| {
            project.problems.append(&mut problems);
            file
        }),
        Err(message) => return Ok(output::failed(&message)),
    };
    let (mut report, fault) = gather(args, &project, online.as_ref());
    if args.format == SizeFormatArg::Html {
        report.about = super::about(args);
    }
    if args.tui {
        let model = project.analysis.model();
        return tui::show(args, View::of_plan(&report, Some(model.file.text())));
    }
    project.problems.extend(fault.map(|message| Problem { message, ..Problem::default() }));
    let sink = Sink::named(args.out.output.as_deref());
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        SizeFormatArg::Human => report::write_plan(out, &report, style),
        SizeFormatArg::Json => report::write_plan_json(out, &report),
        SizeFormatArg::Html => report::write_plan_page(out, &report),
    })?;
    let troubled = output::problems(args.out.color, &project.problems)?;
    Ok(match troubled {
        Exit::Clean if report.checks.iter().any(|c| !c.passed) => Exit::Findings,
        other => other,
    })
}

/// What an image is built for unless it is said.
const ARCHITECTURE: &str = "amd64";

/// The plan of a build; and what is wrong with the lock file, which then does not count.
pub(super) fn gather(
    args: &SizeArgs,
    project: &Opened,
    online: Option<&LockFile>,
) -> (PlanReport, Option<String>) {
    let model = &project.analysis;
    let priced = Priced::of(&Files::default(), project, online);
    let Priced { plan, settings, states, platform, .. } = &priced;
    let findings = lint_model(model, settings);
    let (advice, rows_of) = advice(model, &layer_savings(model, plan, &findings));
    let image = amounts(plan.image());
    let saved = advice.iter().map(|a| a.counted).fold(0, u64::saturating_add);
    let after = (saved > 0).then(|| Amounts {
        bytes: image.bytes.saturating_sub(saved),
        least: image.least.saturating_sub(saved),
        most: image.most.saturating_sub(saved),
        unknown: image.unknown,
    });
    let layers = layers(model, plan);
    let then = args.limits.then(project.settings.unknown_sizes);
    let refused = project.refusal().map(|_| "the Dockerfile does not build".to_owned());
    let known =
        Known { bytes: image.bytes, wasted: saved, unknown: refused.or_else(|| layers.doubt()), then };
    let mut checks = limits::check(args, &known);
    if args.locked {
        checks.push(locked::check(model, plan, states.as_deref()));
    }
    let source = model.file.source.bytes();
    let edited = (args.format == SizeFormatArg::Html).then(|| with_fixes_of_savings(source, &findings));
    let edits = edited.flatten().map(|text| diff(&project.target.name(), source, &text));
    let report = PlanReport {
        version: 1,
        dockerfile: project.target.name(),
        edits: edits.map(|edits| String::from_utf8_lossy(&edits).into_owned()).unwrap_or_default(),
        context: model.context().and(project.target.context_folder()).map(|r| r.display().to_string()),
        target: model.final_stage().and_then(|s| s.name.as_deref()).map(str::to_owned),
        platform: platform.clone(),
        image,
        layers,
        after,
        stages: stages(model, plan, &rows_of, states.as_deref().unwrap_or_default()),
        advice,
        notes: notes(priced.architecture(), project, plan),
        checks,
        ..PlanReport::default()
    };
    (report, priced.fault)
}

/// The plan of a build, with what the lock file knows of it.
pub(in super::super) struct Priced {
    plan: Plan,
    settings: Arc<Settings>,
    /// What the lock file has for its rows.
    states: Option<Vec<(usize, State)>>,
    /// `linux/amd64`.
    pub(in super::super) platform: String,
    /// What is wrong with the lock file, or with a package index, which then does not count.
    pub(in super::super) fault: Option<String>,
}

impl Priced {
    /// Plans a build that was read from `files`; `online` is what was asked just now.
    pub(in super::super) fn of(files: &Files, project: &Opened, online: Option<&LockFile>) -> Self {
        let analysis = project.with_installed(files);
        let model = &*analysis;
        let platform = model.build().platform.as_ref();
        let system = platform.map_or("linux", |p| p.system.as_str());
        let architecture = platform.and_then(|p| p.architecture.as_deref()).unwrap_or(ARCHITECTURE);
        let name = format!("{system}/{architecture}");
        let (lock, fault) = match Lock::of(files, project) {
            Ok(lock) => (lock, None),
            Err(fault) => (None, Some(fault)),
        };
        let mut settings = Arc::clone(&project.settings);
        if lock.is_some() || online.is_some() {
            let base_images = Arc::new(locked::known(&settings.base_images, lock.as_ref(), online));
            Arc::make_mut(&mut settings).base_images = base_images;
        }
        let mut plan = plan(model, &settings.base_images, architecture);
        let fault = fault.or_else(|| settings.base_images.indexes.faults().first().cloned());
        let states = lock.map(|lock| locked::learned(files, project, &mut plan, &name, &lock));
        Self { plan, settings, states, platform: name, fault }
    }

    /// What the image will weigh, and how many of its layers are not known.
    pub(in super::super) fn image(&self) -> Amounts {
        amounts(self.plan.image())
    }

    /// Its stages as rows, without advice.
    pub(in super::super) fn stages(&self, model: &Model) -> Vec<PlanStage> {
        stages(model, &self.plan, &HashMap::new(), self.states.as_deref().unwrap_or_default())
    }

    fn architecture(&self) -> &str {
        self.platform.split('/').nth(1).unwrap_or(ARCHITECTURE)
    }
}

/// The layers of the image, and how many of them are not known whole.
fn layers(model: &Model, plan: &Plan) -> LayerCount {
    let mut count = LayerCount::default();
    for stage in plan.stages.iter().filter(|stage| stage.in_image) {
        let is_base = |row: &&Row| matches!(model.instruction(row.step).kind, Kind::From(_));
        let (base, own): (Vec<&Row>, Vec<&Row>) = stage.rows.iter().partition(is_base);
        // Where all instructions of a stage make one layer, what is below it is another one.
        let size = if model.build().builder.makes_layers() { 1 } else { own.len().max(1) };
        for layer in base.chunks(1).chain(own.chunks(size)) {
            count.all += 1;
            count.unknown += usize::from(layer.iter().any(|row| row.provenance().is_none()));
        }
    }
    count
}

fn stages(
    model: &Model,
    plan: &Plan,
    advice: &HashMap<usize, Vec<usize>>,
    states: &[(usize, State)],
) -> Vec<PlanStage> {
    let states: HashMap<usize, &State> = states.iter().map(|(step, state)| (*step, state)).collect();
    let stage = |planned: &crate::size::StagePlan| {
        let stage = model.stages.get(planned.stage)?;
        let last = stage.steps.end.saturating_sub(1);
        Some(PlanStage {
            stage: planned.stage.number(),
            name: stage.name.as_deref().map(str::to_owned),
            lines: (model.instruction(stage.steps.start).lines.0, model.instruction(last).lines.1),
            in_image: planned.in_image,
            sum: amounts(planned.sum()),
            rows: planned
                .rows
                .iter()
                .map(|r| PlanRow {
                    lock: states.get(&r.step).copied().map(locked::row),
                    ..row(model, r, advice.get(&r.step))
                })
                .collect(),
        })
    };
    plan.stages.iter().filter_map(stage).collect()
}

fn row(model: &Model, row: &Row, advice: Option<&Vec<usize>>) -> PlanRow {
    let instruction = model.instruction(row.step);
    let name = |basis: Option<Provenance>| basis.map_or("unknown", Provenance::name);
    PlanRow {
        lines: instruction.lines,
        instruction: instruction.shown(&model.file.source).into_owned(),
        sum: amounts(row.sum()),
        known_by: name(row.provenance()),
        pieces: row
            .components
            .iter()
            .map(|piece| PieceRow {
                what: without_secrets(
                    model.build(),
                    &model.file.source.as_written(instruction.span, &piece.what),
                ),
                bytes: piece.estimate.as_ref().map(|f| f.bytes),
                range: piece.estimate.as_ref().map(|f| f.range),
                known_by: name(piece.estimate.as_ref().map(|f| f.provenance)),
                source: piece.estimate.as_ref().map(|f| f.source.clone()),
                largest: piece
                    .largest
                    .iter()
                    .map(|(path, bytes)| PlanFile { path: path.clone(), bytes: *bytes })
                    .collect(),
                packages: packages(&piece.packages).take(MOST_PACKAGES).collect(),
                all_packages: packages(&piece.packages).collect(),
            })
            .collect(),
        advice: advice.cloned().unwrap_or_default(),
        lock: None,
    }
}

/// How many packages of a part are written.
const MOST_PACKAGES: usize = 20;

fn packages(named: &[(String, u64)]) -> impl Iterator<Item = PlanPackage> {
    named.iter().map(|(name, bytes)| PlanPackage { name: name.clone(), bytes: *bytes })
}

pub(in super::super) const fn amounts(sum: Sum) -> Amounts {
    Amounts { bytes: sum.bytes, least: sum.range.0, most: sum.range.1, unknown: sum.unknown }
}

/// What the findings save of the image, the most first; and for each step which of it is about its layer.
fn advice(model: &Model, savings: &[LayerSaving<'_>]) -> (Vec<AdviceRow>, HashMap<usize, Vec<usize>>) {
    let (mut rows, mut of) = (Vec::new(), HashMap::<usize, Vec<usize>>::new());
    for LayerSaving { finding, saving, step, counted } in savings {
        of.entry(*step).or_default().push(rows.len());
        rows.push(AdviceRow {
            rule: finding.rule.to_string(),
            line: match finding.origin {
                Origin::Dockerfile => model.file.source.line_number(finding.span.start),
                Origin::Ignorefile => model.instruction(*step).lines.0,
            },
            message: finding.message.clone(),
            help: finding.help.clone(),
            bytes: saving.bytes,
            range: saving.range,
            how: saving.how.name(),
            source: saving.source.clone(),
            counted: *counted,
        });
    }
    (rows, of)
}

/// What to know of the figures.
fn notes(architecture: &str, project: &Opened, plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(refusal) = project.refusal() {
        notes.push(format!("the Dockerfile does not build, so there is no image: {refusal}"));
    }
    let builder = project.target.builder();
    match builder {
        Builder::BuildKit => {}
        Builder::Buildah => notes.push(
            "buildah makes one layer of each stage unless it is run with --layers: a row is what is left of its line \
             at the end of the stage"
                .to_owned(),
        ),
        _ => notes.push(format!("counted by the rules of {}", builder.title())),
    }
    for name in project.analysis.undeclared_args() {
        notes.push(format!("no ARG declares the build argument {}, so it does nothing", sanitize(name)));
    }
    let index = plan.stages.iter().flat_map(|s| &s.rows).flat_map(|r| &r.components);
    let has_index = index.filter_map(|p| p.estimate.as_ref()).any(|f| f.provenance == Provenance::Index);
    if has_index && architecture != ARCHITECTURE {
        notes.push("sizes of packages are those of linux/amd64".to_owned());
    }
    notes
}
