//! Installs of pip into a Python that belongs to the distribution.

use std::collections::HashMap;

use crate::knowledge::{Action, Family, ImageKind, MANAGED_PYTHON_RELEASES, ManagerId, OTHER_PYTHON};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, CopyFrom, Model, Stage, StageId, base_name, facts};
use crate::shell::Word;
use crate::syntax::{Kind, MountType};

use super::existing::{is_alpine_since, is_newest_ubuntu};

/// The first minor version of Alpine 3 whose Python is.
const ALPINE: usize = 19;

/// Official images that bring a Python of their own.
const OWN_PYTHON: [&str; 5] = ["hylang", "odoo", "pypy", "python", "sentry"];

/// More stages below one are not looked at.
const MAX_STAGES: usize = 20;

/// `pip-externally-managed`.
pub fn pip_externally_managed(cx: &mut Cx<'_>) {
    let model = cx.model;
    // By stage: the step that installs the pip of the distribution, and the one from which on nothing is sure.
    let mut known: HashMap<StageId, Known> = HashMap::new();
    let mut told = None;
    let mut labels = HashMap::new();
    for cmd in model.commands_named("pip") {
        if told == Some(cmd.step()) {
            continue;
        }
        let Some(stage) = cmd.stage().filter(|stage| stage.reachable) else { continue };
        let label = labels.entry(stage.index).or_insert_with(|| managed(model, stage));
        let Some(label) = label.as_ref().filter(|_| installs_into_system(&cmd)) else { continue };
        let (mut is_brought, mut is_sure) = (false, true);
        for stage in model.lineage(stage).take(MAX_STAGES) {
            let of_stage = known.entry(stage.index).or_insert_with(|| Known::of(model, stage));
            is_brought |= of_stage.brought.is_some_and(|step| step <= cmd.step());
            is_sure &= of_stage.unsure.is_none_or(|step| step > cmd.step());
        }
        if !is_brought || !is_sure {
            continue;
        }
        told = Some(cmd.step());
        let message = format!(
            "the Python of {label} is managed by the distribution, so `{}` refuses to install into it: the build fails with “externally-managed-environment”",
            cmd.head()
        );
        let package = if model.family(stage) == Family::Alpine { "" } else { " (package `python3-venv`)" };
        let help = format!(
            "install into a virtual environment: `RUN python3 -m venv /opt/venv`{package} and `ENV PATH=/opt/venv/bin:$PATH` above; or, where nothing else uses this Python, add `--break-system-packages`"
        );
        cx.report(cx.at(cmd.head_span(), message).help(help));
    }
}

/// What a stage says of its Python.
struct Known {
    /// The first step that installs the pip of the distribution.
    brought: Option<usize>,
    /// The first step behind which another Python may be there.
    unsure: Option<usize>,
}

impl Known {
    fn of(model: &Model, stage: &Stage) -> Self {
        let brings = |step: &usize| model.commands_of(*step).any(|cmd| brings_pip(&cmd));
        Self {
            brought: stage.steps.clone().find(brings),
            unsure: stage.steps.clone().find(|step| is_settled(model, *step)),
        }
    }
}

/// True for `apt-get install python3-pip` and `apk add py3-pip`.
fn brings_pip(cmd: &Cmd<'_>) -> bool {
    let is_system = [ManagerId::Apt, ManagerId::Apk].iter().any(|id| cmd.is(*id, Action::Install));
    let is_pip = |word: &str| matches!(word, "python3-pip" | "py3-pip");
    is_system && cmd.operands().iter().any(|word| word.as_str().is_some_and(is_pip))
}

/// True if a step may bring another Python, or tell pip something else.
fn is_settled(model: &Model, step: usize) -> bool {
    let instruction = model.instruction(step);
    let text = model.text(instruction.span);
    match &instruction.kind {
        Kind::Env(pairs) => {
            pairs.iter().any(|pair| &*pair.key.text == "PATH")
                || OTHER_PYTHON.iter().any(|word| text.contains(word))
        }
        Kind::Arg(_) => OTHER_PYTHON.iter().any(|word| text.contains(word)),
        Kind::Run(_) => {
            // Package names say nothing of an environment.
            let text = text.replace("python3-venv", "");
            let sources = |cmd: &Cmd<'_>| matches!(cmd.program(), "." | "source");
            OTHER_PYTHON.iter().any(|word| text.contains(word))
                || model.commands_of(step).any(|cmd| replaces(&cmd))
                || instruction.mounts.iter().any(|mount| mount.kind == MountType::Bind)
                || model.scripts_of(step).iter().any(|script| script.script.opaque)
                || model.commands_of(step).any(|cmd| cmd.runs_script() || sources(&cmd))
        }
        Kind::Copy(_) | Kind::Add(_) => {
            let folders = ["/bin", "/etc", "/home", "/root", "/usr"];
            text.contains("pip")
                || model.copies_of(step).iter().any(|copy| {
                    let to = copy.destination.known();
                    let is_system =
                        |to: &str| to == "/" || folders.iter().any(|folder| to.starts_with(folder));
                    copy.from != CopyFrom::Context || to.is_none_or(is_system)
                })
        }
        _ => false,
    }
}

/// True for a command that puts something else in the place of the distribution's programs.
fn replaces(cmd: &Cmd<'_>) -> bool {
    let name = |path: &str| base_name(path).trim_start_matches("python").trim_start_matches("pip").to_owned();
    let is_own = |path: &str| {
        let version = name(path);
        version != base_name(path) && version.bytes().all(|b| b == b'3' || b == b'.' || b.is_ascii_digit())
    };
    let words: Vec<&Word> = cmd.plain_words().collect();
    let [from @ .., to] = words.as_slice() else { return false };
    let stays = |word: &&Word| {
        word.as_str()
            .is_some_and(|path| is_own(path) && (!path.contains('/') || path.starts_with("/usr/bin/")))
    };
    matches!(cmd.program(), "ln" | "cp" | "mv" | "install")
        && to.as_str().is_none_or(|to| is_own(to) || matches!(to.trim_end_matches('/'), "/usr/bin" | "/bin"))
        && !from.iter().all(stays)
}

/// True for an install into the Python that the shell finds, which the build cannot do without.
fn installs_into_system(cmd: &Cmd<'_>) -> bool {
    const OTHER: [&str; 9] = [
        "--break-system-packages",
        "--dry-run",
        "--prefix",
        "--python",
        "--root",
        "--target",
        "-t",
        "--help",
        "-h",
    ];
    let shell = cmd.shell();
    let program = shell.program_word().and_then(|word| word.as_str());
    let is_plain = program.is_some_and(|name| matches!(name, "pip" | "pip3" | "python3" | "/usr/bin/pip3"));
    let is_python = program == Some("python3");
    let is_module = || shell.arguments().iter().filter_map(|word| word.as_str()).take(2).eq(["-m", "pip"]);
    let is_other = |text: &str| {
        OTHER.iter().any(|option| text.split('=').next() == Some(*option)) || text.starts_with("-t")
    };
    cmd.usage.action == Action::Install
        && cmd.ends_build()
        && is_plain
        && (!is_python || is_module())
        && shell.effective().wrappers.iter().all(|wrapper| wrapper.name == "sudo")
        && !cmd.args().iter().any(|word| word.has_expansion() || is_other(word.static_prefix()))
        && !shell.assignments.iter().any(|assignment| assignment.name.starts_with("PIP_"))
}

/// The name of the release that a stage is built on, if its Python is marked.
fn managed(model: &Model, stage: &Stage) -> Option<String> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    let kind = facts(image)?.kind;
    let is_known = matches!(kind, Some(ImageKind::Os | ImageKind::Runtime | ImageKind::Sdk));
    if !is_known || !image.is_official() || OWN_PYTHON.contains(&image.familiar_path()) {
        return None;
    }
    if model.family(stage) == Family::Alpine {
        return is_alpine_since(image, ALPINE).then(|| "Alpine".to_owned());
    }
    if is_newest_ubuntu(image) {
        return Some("Ubuntu".to_owned());
    }
    let suite = model.suite(stage)?;
    MANAGED_PYTHON_RELEASES.contains(&suite.name).then(|| suite.label.to_owned())
}
