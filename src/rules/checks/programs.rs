//! Programs that an image does not have.

use std::collections::{HashMap, HashSet};

use crate::diag::Finding;
use crate::knowledge::{Trait, dropped_since, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Base, Cmd, Failing, Model, NamedContext, PerStage, ScriptKind, ScriptUse, Stage, StageId,
};
use crate::shell::{Connector, Dialect};
use crate::syntax::Kind;
use crate::text::Span;

use super::brought::{Place, first_place, is_before, is_removed_again};
use super::lacks::Lacks;
use super::program_help::{help, install_with, package_of};
use super::stages::name_span;

/// More programs than that of one file are not looked for.
const MAX_CANDIDATES: usize = 200;

/// True if a stage has no shell, for sure.
pub(super) fn has_no_shell(cx: &Cx<'_>, stage: &Stage) -> bool {
    matches!(Lacks::of(cx.model, stage), Some(Lacks::Everything)) && first_place(cx, stage, "sh").is_none()
}

/// True for a command whose program newer images of the base have no more, so that the RUN fails.
pub(super) fn is_dropped(cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
    let was_there = |stage: &&Stage| match cx.model.root_base(stage) {
        Base::Image(image) => dropped_since(image.familiar_path(), cmd.program()).is_some(),
        _ => false,
    };
    let lacks = |stage: &&Stage| {
        was_there(stage) && Lacks::of(cx.model, stage).is_some_and(|l| l.has_not(cmd.program()))
    };
    let Some(stage) = cmd.stage().filter(lacks) else { return false };
    !is_before(first_place(cx, stage, cmd.program()), cmd)
}

/// `missing-program`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let bases: PerStage<Option<Lacks>> =
        model.stages.iter().map(|s| Lacks::of(model, s).filter(|_| s.reachable)).collect();
    if bases.iter().all(Option::is_none) {
        return;
    }
    let mut search = Search {
        cx,
        bases,
        known: HashMap::new(),
        asked: HashMap::new(),
        told: HashSet::new(),
        left: MAX_CANDIDATES,
        runs: model.steps_in_force(),
    };
    let mut findings = search.shells();
    let is_lacking = |program: &&str| search.bases.iter().flatten().any(|lacks| lacks.has_not(program));
    let mut programs: Vec<&str> = model.programs().map(|(program, _)| program).filter(is_lacking).collect();
    programs.sort_unstable();
    for program in programs {
        findings.extend(model.commands_named(program).filter_map(|cmd| search.command(&cmd, program)));
    }
    findings.extend(search.health_check());
    for finding in findings {
        cx.report(finding);
    }
}

struct Search<'c, 'm> {
    cx: &'c Cx<'m>,
    /// What each stage lacks as it begins.
    bases: PerStage<Option<Lacks>>,
    /// Where a program may come into a stage.
    known: HashMap<(StageId, String), Option<Place>>,
    /// Whether a script itself asks for a program.
    asked: HashMap<(usize, &'m str), bool>,
    /// What was reported: the first of a kind in a stage says it all.
    told: HashSet<(StageId, &'m str, ScriptKind)>,
    left: usize,
    /// What a container of the image runs, as steps.
    runs: Vec<usize>,
}

impl<'m> Search<'_, 'm> {
    /// True for a RUN, and for what a container of the image runs.
    fn counts(&self, script: &ScriptUse) -> bool {
        script.kind == ScriptKind::Run || self.runs.contains(&script.step)
    }

    /// True if `stage` surely lacks `program` when `cmd` runs.
    fn lacks(&mut self, stage: &Stage, program: &str, at: &At<'_, 'm>) -> bool {
        let base = self.bases.get(stage.index).copied().flatten();
        if !base.is_some_and(|b| b.has_not(program)) {
            return false;
        }
        let cx = self.cx;
        let key = (stage.index, program.to_owned());
        if !self.known.contains_key(&key) {
            let Some(left) = self.left.checked_sub(1) else { return false };
            self.left = left;
        }
        let place = *self.known.entry(key).or_insert_with(|| first_place(cx, stage, program));
        match at {
            At::End => place.is_none_or(|place| {
                is_removed_again(cx.model, stage, place, package_of(program, cx.model.family(stage)))
            }),
            At::Step(step) => place.is_none_or(|(from, _)| from >= *step),
            At::Command(cmd) => !is_before(place, cmd),
        }
    }

    /// Scripts that need a shell which is not there.
    fn shells(&mut self) -> Vec<Finding> {
        let model = self.cx.model;
        let mut found = Vec::new();
        let mut told = None;
        for script in model.scripts.iter().filter(|s| !s.onbuild && !s.exec) {
            // A container runs in the image as it is in the end.
            let own = if script.kind == ScriptKind::Run {
                model.stage_of(script.step)
            } else {
                model.final_stage()
            };
            let Some(stage) = own.filter(|s| s.reachable) else { continue };
            let base = self.bases.get(stage.index).copied().flatten();
            let shell = model.steps.get(script.step).and_then(|s| s.state.shell);
            // All others have `sh`.
            if base.is_none() || shell.is_none() && !matches!(base, Some(Lacks::Everything)) {
                continue;
            }
            if !self.counts(script) || mounts_programs(model, script.step) {
                continue;
            }
            let program = match shell {
                Some(step) => shell_of(model, step),
                None => Some("sh"),
            };
            let Some(program) = program else { continue };
            let at = if script.kind == ScriptKind::Run { At::Step(script.step) } else { At::End };
            if !self.lacks(stage, program, &at) || (shell.is_some() && told == shell) {
                continue;
            }
            let image = image_name(model, stage);
            let instruction = model.instruction(script.step);
            let name = instruction.keyword.name();
            // What is misspelt, BuildKit does not run.
            if !instruction.keyword_text(&model.file).eq_ignore_ascii_case(name) {
                continue;
            }
            let effect = effect(script.kind);
            let finding = match shell {
                Some(step) => {
                    told = shell;
                    let span = first_item(model, step).unwrap_or(model.instruction(step).span);
                    let message = format!("`{image}` has no `{program}`, so {effect}");
                    let help = match base {
                        Some(Lacks::Everything) => "use an image that has it".to_owned(),
                        _ => format!("install it above this SHELL: {}", install_with(model, stage, program)),
                    };
                    self.cx.at(span, message).label(instruction.keyword_span, "this runs it").help(help)
                }
                None => {
                    let message = format!("`{image}` has no shell to run this {name} with, so {effect}");
                    let help = match script.kind {
                        ScriptKind::Run => "run it in an earlier stage that has a shell, and copy the result",
                        ScriptKind::Healthcheck => {
                            "write the JSON form with a program that the image has, such as the server itself"
                        }
                        _ => "write the JSON form, which needs no shell: `[\"/app\", \"--option\"]`",
                    };
                    self.cx.at(instruction.keyword_span, message).help(help)
                }
            };
            found.push(finding);
        }
        found
    }

    /// The health check of a Compose service, which counts in place of that of the image.
    fn health_check(&mut self) -> Option<Finding> {
        let model = self.cx.model;
        let program = model.build().health_check.as_deref()?;
        let stage = model.final_stage().filter(|s| s.reachable)?;
        if !self.lacks(stage, program, &At::End) {
            return None;
        }
        let message = format!(
            "`{}` has no `{program}`, and nothing here installs it, so every health check of the Compose service fails",
            image_name(model, stage)
        );
        let place = (stage.steps.end, ScriptKind::Healthcheck);
        Some(self.cx.at(name_span(model, stage), message).help(help(model, stage, place, program)))
    }

    fn command(&mut self, cmd: &Cmd<'m>, program: &'m str) -> Option<Finding> {
        let model = self.cx.model;
        let script = cmd.script();
        let run = script.kind == ScriptKind::Run;
        let own = if run { cmd.stage() } else { model.final_stage() };
        let stage = own.filter(|s| s.reachable)?;
        if self.told.contains(&(stage.index, program, script.kind)) {
            return None;
        }
        let shell = cmd.shell();
        let word = shell.program_word()?;
        let within = shell.place.within;
        // Where there is no shell, its scripts are said to fail as a whole.
        let told = !script.exec && matches!(self.bases.get(stage.index), Some(Some(Lacks::Everything)));
        let unsure = script.onbuild
            || told
            || (script.kind == ScriptKind::Cmd && has_entrypoint(model, stage))
            || !self.counts(script)
            || script.script.opaque
            || script.script.approximate
            || matches!(
                model.steps.get(cmd.step()).map(|s| s.state.dialect),
                Some(Dialect::Cmd | Dialect::PowerShell)
            )
            || is_elsewhere(word.static_prefix())
            || within.function
            || script.script.functions.iter().any(|function| &*function.name == program)
            || within.branch
            || within.condition && !decides_health(model, script)
            || shell.place.before.connector == Connector::Or
            || shell.effective().wrappers.iter().any(|w| matches!(w.name, "chroot" | "ssh"))
            || *self.asked.entry((script.step, program)).or_insert_with(|| asks(model, script, program));
        if unsure || mounts_programs(model, cmd.step()) || has_way_out(model, cmd) {
            return None;
        }
        let at = if run { At::Command(cmd) } else { At::End };
        if !self.lacks(stage, program, &at) {
            return None;
        }
        self.told.insert((stage.index, program, script.kind));
        let image = image_name(model, stage);
        let effect = if run { effect_in_run(cmd) } else { effect(script.kind) };
        let message = format!("`{image}` has no `{program}`, and nothing here installs it, so {effect}");
        Some(self.cx.at(word.span, message).help(help(model, stage, (cmd.step(), script.kind), program)))
    }
}

/// True for a path that leads elsewhere than to a folder of programs.
fn is_elsewhere(path: &str) -> bool {
    let folders = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
    path.rsplit_once('/').is_some_and(|(folder, _)| !folders.contains(&folder))
}

enum At<'c, 'm> {
    /// Before a step.
    Step(usize),
    /// Before a command.
    Command(&'c Cmd<'m>),
    /// At the end of the stage, where its containers start.
    End,
}

/// True if a step has the files of another image or stage at hand.
fn mounts_programs(model: &Model, step: usize) -> bool {
    model.instruction(step).mounts.iter().any(|m| m.from().is_some())
}

/// True if the script itself asks whether programs are there.
fn asks(model: &Model, script: &ScriptUse, program: &str) -> bool {
    model.commands_of(script.step).any(|c| {
        let names = || c.shell().words.iter().any(|w| w.static_prefix().contains(program));
        matches!(c.program(), "which" | "type" | "hash" | "command" | "[" | "test") && names()
    })
}

/// True for distroless images that run a CMD as the arguments of an ENTRYPOINT of their own.
fn has_entrypoint(model: &Model, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    let runs = |name: &str| ["java", "nodejs", "python"].iter().any(|language| name.starts_with(language));
    image.path.strip_prefix("distroless/").is_some_and(runs)
}

/// True if another command takes over where this one fails: not one that only ends the script.
fn has_way_out(model: &Model, cmd: &Cmd<'_>) -> bool {
    let Some(after) = cmd.shell().place.after.filter(|a| a.connector == Connector::Or) else { return false };
    if cmd.script().kind != ScriptKind::Healthcheck {
        return true;
    }
    let next = model.commands_behind(cmd).find(|c| c.shell().span.start >= after.span.end);
    next.is_some_and(|c| !matches!(c.program(), "exit" | "false" | "kill" | "echo" | "return"))
}

/// True for a health check that only asks, and then says how it goes.
fn decides_health(model: &Model, script: &ScriptUse) -> bool {
    let says =
        |c: &Cmd<'_>| matches!(c.program(), "exit" | "true" | "false" | "echo" | "printf" | "kill" | ":");
    let mut own = model.commands_of(script.step);
    script.kind == ScriptKind::Healthcheck && own.all(|c| !c.shell().place.within.branch || says(&c))
}

/// What comes of a command of a RUN that is not there.
fn effect_in_run(cmd: &Cmd<'_>) -> &'static str {
    let place = &cmd.shell().place;
    let feeds = place.pipeline.is_some_and(|seat| !seat.is_last());
    match cmd.failing() {
        Failing::GoesUnseen if place.within.substitution => "its output is empty, and the build goes on",
        Failing::GoesUnseen if feeds => "what it pipes into gets nothing",
        Failing::GoesUnseen => "this does nothing, and the build goes on",
        _ => effect(ScriptKind::Run),
    }
}

const fn effect(kind: ScriptKind) -> &'static str {
    match kind {
        ScriptKind::Run => "the build fails",
        ScriptKind::Healthcheck => "every health check fails and the container counts as unhealthy",
        ScriptKind::Cmd | ScriptKind::Entrypoint => "the container does not start",
    }
}

/// The image that a stage starts from, as people write it.
pub(super) fn image_name(model: &Model, stage: &Stage) -> String {
    match model.root_base(stage) {
        Base::Image(image) => {
            let name = match &*image.registry {
                "docker.io" => image.familiar_path().to_owned(),
                registry => format!("{registry}/{}", image.path),
            };
            image.tag.as_deref().map_or(name.clone(), |tag| format!("{name}:{tag}"))
        }
        _ => match model.named_base(stage) {
            Some((_, NamedContext::Build(image))) => image.name.clone(),
            _ => "scratch".to_owned(),
        },
    }
}

/// The program of a SHELL.
fn shell_of(model: &Model, step: usize) -> Option<&str> {
    let Kind::Shell(Some(form)) = &model.instruction(step).kind else { return None };
    let first = form.items.first()?;
    let name = first.value.rsplit('/').next().unwrap_or(&first.value);
    program_is(name, Trait::Shell).then_some(name)
}

fn first_item(model: &Model, step: usize) -> Option<Span> {
    let Kind::Shell(Some(form)) = &model.instruction(step).kind else { return None };
    form.items.first().map(|item| item.span)
}
