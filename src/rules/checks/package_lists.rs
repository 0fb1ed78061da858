//! The package lists of apt, without which it installs nothing.

use std::collections::HashMap;

use crate::knowledge::{Action, ESSENTIAL_PACKAGES, Family, ManagerId, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Failing, Model, PerStage, Stage};
use crate::shell::{Command, Word};
use crate::size::installs_package;
use crate::syntax::{Kind, MountType};

/// What is known of the package lists of apt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// They are not there.
    Gone,
    /// They are there, or nobody can tell.
    Perhaps,
}

/// `install-without-lists`.
pub fn without_lists(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut findings = Vec::new();
    let mut report = |cmd: &Cmd<'_>| {
        let end = if cmd.ends_build() { ", and the build fails" } else { "" };
        let message = format!(
            "no `apt-get update` comes before this `{}`, and the package lists are not there: it finds no package{end}",
            cmd.head()
        );
        let help = format!("write `apt-get update && {} …` in this RUN", cmd.head());
        findings.push(cx.at(cmd.head_span(), message).help(help));
    };
    let mut ends: PerStage<Lists> = PerStage::with_capacity(model.stages.len());
    // Many stages may start from the image of one build.
    let mut of_builds: HashMap<&str, Lists> = HashMap::new();
    for stage in &model.stages {
        let lists = match &stage.base {
            Base::Stage(base) => ends.get(*base).copied().unwrap_or(Lists::Perhaps),
            Base::Named => {
                let name = stage.base_value.known().unwrap_or_default();
                *of_builds.entry(name).or_insert_with(|| of_build(model, stage))
            }
            _ => of_image(model, stage),
        };
        ends.push(at_end(model, stage, lists, &mut report));
    }
    findings.into_iter().for_each(|finding| cx.report(finding));
}

/// What the image has that a stage starts from.
fn of_image(model: &Model, stage: &Stage) -> Lists {
    match &stage.base {
        Base::Image(image)
            if image.is_official() && matches!(model.family(stage), Family::Debian | Family::Ubuntu) =>
        {
            Lists::Gone
        }
        _ => Lists::Perhaps,
    }
}

/// What the image of another build has that a stage starts from; of that only the stages that lead to it are followed.
fn of_build(model: &Model, stage: &Stage) -> Lists {
    let Some((below, end)) = model.below(stage) else { return Lists::Perhaps };
    let lineage: Vec<&Stage> = below.lineage(end).collect();
    let begins = match lineage.last() {
        Some(root) if root.base == Base::Named => of_build(below, root),
        Some(root) => of_image(below, root),
        None => Lists::Perhaps,
    };
    lineage.iter().rev().fold(begins, |lists, stage| at_end(below, stage, lists, &mut |_| {}))
}

/// What a stage ends with that begins with `lists`; `report` gets the first install that is without them.
fn at_end(model: &Model, stage: &Stage, mut lists: Lists, report: &mut dyn FnMut(&Cmd<'_>)) -> Lists {
    // What triggers fetch, and take away again, is not followed.
    let brings =
        |step: &usize| matches!(model.instruction(*step).kind, Kind::Run(_) | Kind::Copy(_) | Kind::Add(_));
    if model.triggers_in(stage).iter().any(brings) {
        lists = Lists::Perhaps;
    }
    let mut reported = false;
    for (step, instruction) in model.instructions_of(stage) {
        match &instruction.kind {
            _ if instruction.is_trigger() => {}
            Kind::Env(pairs) if pairs.iter().any(|pair| &*pair.key.text == "APT_CONFIG") => {
                lists = Lists::Perhaps;
            }
            Kind::Copy(_) | Kind::Add(_) => {
                let whole = model.text(instruction.span);
                if whole.contains("/var/lib/apt")
                    || whole.contains("--from=") && whole.trim_end().ends_with(" /")
                {
                    lists = Lists::Perhaps;
                }
            }
            Kind::Run(_) => {
                let mounted = instruction
                    .mounts
                    .iter()
                    .any(|m| m.kind != MountType::Secret && model.text(m.span).contains("/var/lib/apt"));
                if mounted || model.script_of(step).is_none_or(|s| s.script.opaque || s.script.approximate) {
                    continue;
                }
                if ["Dir::", "RootDir", "APT_CONFIG"]
                    .iter()
                    .any(|word| model.text(instruction.span).contains(word))
                {
                    lists = Lists::Perhaps;
                }
                // `$UPDATE && apt-get install …`
                let is_open = |command: &Command| command.program_word().is_some_and(Word::has_expansion);
                if model.script_of(step).is_some_and(|script| script.script.commands.iter().any(is_open)) {
                    lists = Lists::Perhaps;
                }
                for cmd in model.commands_of(step) {
                    let is_due = lists == Lists::Gone && stage.reachable && !reported;
                    if is_due
                        && installs_by_lists(&cmd)
                        && !is_in_base(model, stage, &cmd)
                        && cmd.failing() != Failing::IsHandled
                    {
                        reported = true;
                        report(&cmd);
                    }
                    lists = behind(&cmd, lists);
                }
            }
            _ => {}
        }
    }
    lists
}

/// True if the base image has all that the command installs: without lists, apt says so and goes on.
pub(super) fn is_in_base(model: &Model, stage: &Stage, cmd: &Cmd<'_>) -> bool {
    let (below, bottom) = model.bottom(stage);
    let Base::Image(image) = below.root_base(bottom) else { return false };
    let operands = cmd.operands();
    cmd.is(ManagerId::Apt, Action::Install)
        && !operands.is_empty()
        && operands.iter().all(|word| {
            word.as_str()
                .is_some_and(|name| ESSENTIAL_PACKAGES.contains(&name) || installs_package(image, name))
        })
}

/// True for an install of packages that are named, and not files.
pub(super) fn installs_by_lists(cmd: &Cmd<'_>) -> bool {
    let is_name = |word: &&Word| {
        word.as_str().is_some_and(|w| !w.contains('/') && !w.starts_with('.') && !w.ends_with(".deb"))
    };
    if !cmd.is(ManagerId::Apt, Action::Install) {
        return false;
    }
    let operands = cmd.operands();
    !cmd.is_dry_run()
        && !cmd.has_any_flag(&["--update", "-U", "--no-download", "--root"])
        && !operands.is_empty()
        && operands.iter().all(is_name)
}

/// What is known of the lists when a command has run.
fn behind(cmd: &Cmd<'_>, lists: Lists) -> Lists {
    let within = cmd.shell().place.within;
    let sure = !within.branch && !within.condition && !within.function && !within.repeated;
    if cmd.usage.manager.is_some_and(|m| m.id == ManagerId::Apt) {
        let cleans = cmd.is_subcommand("distclean") || cmd.is_subcommand("dist-clean");
        return match cmd.usage.action {
            Action::Update => Lists::Perhaps,
            Action::Clean if cleans && sure => Lists::Gone,
            _ => lists,
        };
    }
    let removes = cmd.program() == "rm"
        && sure
        && cmd.args().iter().any(|w| {
            let path = w.static_prefix().trim_end_matches('*').trim_end_matches('/');
            matches!(path, "/var/lib/apt/lists" | "/var/lib/apt")
        });
    if removes {
        return Lists::Gone;
    }
    if lists == Lists::Perhaps {
        return lists;
    }
    // It fetches the lists of what it adds, and the others with them.
    if matches!(cmd.program(), "add-apt-repository" | "apt-add-repository") {
        return Lists::Perhaps;
    }
    // What is not known may fetch them: a script, an installer that is piped to a shell.
    let known = program_is(cmd.program(), Trait::InstallsNothing)
        || cmd.usage.manager.is_some()
        || program_is(cmd.program(), Trait::WritesNothing);
    if known { lists } else { Lists::Perhaps }
}
