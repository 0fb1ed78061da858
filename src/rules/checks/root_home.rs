//! Programs in the home of root that another user is to run.

use crate::knowledge::{Action, COMMON_PROGRAMS, Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Entry, Model, RunsAs, ScriptKind, Stage, facts};
use crate::syntax::{Kind, Word};
use crate::text::Span;

/// What an installer puts into a folder below the home of root.
struct Tool {
    folder: &'static str,
    programs: &'static [&'static str],
    /// Where the installer comes from, or what it is.
    installers: &'static [&'static str],
    /// The variables that name another folder.
    variables: &'static [&'static str],
}

const TOOLS: [Tool; 8] = [
    Tool {
        folder: ".bun/bin",
        programs: &["bun", "bunx"],
        installers: &["bun.sh/install"],
        variables: &["BUN_INSTALL"],
    },
    Tool {
        folder: ".cargo/bin",
        programs: &["cargo", "rustc", "rustup"],
        installers: &["sh.rustup.rs", "rustup-init"],
        variables: &["CARGO_HOME"],
    },
    Tool {
        folder: ".deno/bin",
        programs: &["deno"],
        installers: &["deno.land/install", "deno.land/x/install"],
        variables: &["DENO_INSTALL"],
    },
    Tool {
        folder: ".local/bin",
        programs: &["uv", "uvx"],
        installers: &["astral.sh/uv"],
        variables: &["UV_INSTALL_DIR", "XDG_BIN_HOME"],
    },
    Tool {
        folder: ".local/bin",
        programs: &["poetry"],
        installers: &["install.python-poetry.org"],
        variables: &["POETRY_HOME"],
    },
    Tool {
        folder: ".local/share/pnpm",
        programs: &["pnpm", "pnpx"],
        installers: &["get.pnpm.io"],
        variables: &[],
    },
    Tool { folder: "anaconda3/bin", programs: &["conda"], installers: &["Anaconda3-"], variables: &[] },
    Tool {
        folder: "miniconda3/bin",
        programs: &["conda"],
        installers: &["Miniconda3-", "miniconda.sh"],
        variables: &[],
    },
];

/// More steps than these are not looked at.
const MAX_STEPS: usize = 500;

/// `program-in-root-home`.
pub fn program(cx: &mut Cx<'_>) {
    let model = cx.model;
    if !model.file.text().contains("/root/") {
        return;
    }
    // What is known of a program and the place where its folder is put on PATH.
    let mut known: Vec<(&str, Span, bool)> = Vec::new();
    let mut told: Vec<Span> = Vec::new();
    let in_force = model.steps_in_force();
    for (name, commands) in model.programs() {
        for cmd in commands {
            let script = cmd.script();
            let run = script.kind == ScriptKind::Run;
            if script.onbuild || script.script.opaque || !run && !in_force.contains(&script.step) {
                continue;
            }
            let (stage, who) = if run {
                (cmd.stage(), model.runs_as(cmd.step()))
            } else {
                let stage = model.final_stage();
                (stage, stage.map_or(RunsAs::Unknown, |stage| model.ends_as(stage)))
            };
            if run && !cmd.ends_build() {
                continue;
            }
            let (Some(stage), RunsAs::Other(user)) = (stage.filter(|s| s.reachable), who) else { continue };
            if user.is_empty() {
                continue;
            }
            let Some(word) = cmd.shell().program_word() else { continue };
            let Some(Found { tool, path, place }) = folder_of(model, stage, &cmd, name, word) else {
                continue;
            };
            if told.contains(&place) {
                continue;
            }
            let is_known = known.iter().find(|(program, at, _)| *program == name && *at == place);
            let is_there = is_known.map(|known| known.2).unwrap_or_else(|| {
                let is_there =
                    is_installed(model, stage, tool) && !may_be_elsewhere(model, stage, name, place);
                known.push((name, place, is_there));
                is_there
            });
            if !is_there {
                continue;
            }
            told.push(place);
            let effect = match script.kind {
                ScriptKind::Run => "the build fails",
                ScriptKind::Healthcheck => "every health check fails",
                _ => "the container does not start",
            };
            let message = format!(
                "`{name}` is in `{path}`, and only root may open `/root`, but this runs as the user `{user}`: {effect}"
            );
            let help = format!(
                "put it where every user can read it ({}), or install it after this USER",
                elsewhere(name)
            );
            cx.report(cx.at(word.span, message).label(place, "put on PATH here").help(help));
        }
    }
}

/// How its installer is told another folder.
fn elsewhere(program: &str) -> &'static str {
    match program {
        "uv" | "uvx" => "`UV_INSTALL_DIR=/usr/local/bin`",
        "poetry" => "`POETRY_HOME=/opt/poetry`",
        "bun" | "bunx" => "`BUN_INSTALL=/usr/local`",
        "cargo" | "rustc" | "rustup" => "`CARGO_HOME=/usr/local/cargo` and `RUSTUP_HOME=/usr/local/rustup`",
        "conda" => "`-p /opt/conda`",
        "deno" => "`DENO_INSTALL=/usr/local`",
        "pnpm" | "pnpx" => "`PNPM_HOME=/usr/local/bin`",
        _ => "such as `/opt` or `/usr/local/bin`",
    }
}

/// Installers that put programs into `/root/.local/bin`, what tells them another place, and how that is written.
const LOCAL_INSTALLERS: [(&str, &[&str], &str); 5] = [
    (
        "pipx install",
        &["PIPX_BIN_DIR", "--global"],
        "`PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin` before `pipx install`",
    ),
    (
        "uv tool install",
        &["UV_TOOL_BIN_DIR", "XDG_BIN_HOME"],
        "`UV_TOOL_DIR=/opt/uv UV_TOOL_BIN_DIR=/usr/local/bin` before `uv tool install`",
    ),
    ("pip install --user", &["PYTHONUSERBASE"], "`pip install` without `--user`"),
    ("pip3 install --user", &["PYTHONUSERBASE"], "`pip3 install` without `--user`"),
    ("pip install -U --user", &["PYTHONUSERBASE"], "`pip install` without `--user`"),
];

/// How the installer is told another place, where what a container starts was put into the home of root and is found
/// by PATH.
pub(super) fn holds_entry(model: &Model, stage: &Stage, entry: Entry) -> Option<&'static str> {
    if !model.file.text().contains("/root/") || entry.steps().any(|step| model.is_trigger(step)) {
        return None;
    }
    let cmd = model.entry_commands(entry).next()?;
    let word = cmd.shell().program_word()?;
    let name = word.as_str().filter(|name| !name.contains('/'))?;
    if let Some(found) = folder_of(model, stage, &cmd, name, word) {
        let is_there =
            is_installed(model, stage, found.tool) && !may_be_elsewhere(model, stage, name, found.place);
        return is_there.then(|| elsewhere(name));
    }
    // What an image has by itself is where everybody finds it.
    if is_known(name) {
        return None;
    }
    let (_, all) = path_of(model, stage, usize::MAX)?;
    if !all.iter().any(|folder| folder.trim_end_matches('/') == "/root/.local/bin") {
        return None;
    }
    let steps = || model.lineage(stage).take(20).flat_map(|s| s.steps.clone()).take(MAX_STEPS);
    let text = |step: usize| model.text(model.instruction(step).span);
    let is_run = |step: &usize| matches!(model.instruction(*step).kind, Kind::Run(_));
    // A link, a copy or another package may bring it elsewhere.
    let links = |step: usize| {
        let text = text(step);
        text.contains(name) && ["ln -", "cp ", "mv ", "install -m"].iter().any(|word| text.contains(word))
            || text.contains("/root") && ["chmod", "chown", "setfacl"].iter().any(|word| text.contains(word))
    };
    let copies = |step: usize| {
        let instruction = model.instruction(step);
        matches!(instruction.kind, Kind::Copy(_) | Kind::Add(_)) && text(step).contains("/bin")
    };
    if steps().any(|step| is_run(&step) && links(step) || copies(step)) {
        return None;
    }
    steps().filter(is_run).filter(|step| model.runs_as(*step) == RunsAs::Root).find_map(|step| {
        let text = text(step);
        let found = LOCAL_INSTALLERS.iter().find(|(mark, _, _)| text.contains(mark))?;
        let told = |name: &&str| text.contains(*name) || model.binding(step, name).is_some();
        let is_moved = found.1.iter().any(told) || model.binding(step, "HOME").is_some();
        (!is_moved).then_some(found.2)
    })
}

/// True for a program that images have, or that an installer of the system brings.
fn is_known(name: &str) -> bool {
    program_is(name, Trait::Shell)
        || COMMON_PROGRAMS.contains(&name)
        || ["python", "node", "java", "ruby", "php", "perl"].iter().any(|start| name.starts_with(start))
}

/// A folder below `/root` that holds a program.
struct Found {
    tool: &'static Tool,
    path: String,
    /// Where it is put on PATH.
    place: Span,
}

/// The folder below `/root` in which PATH finds the program.
fn folder_of(
    model: &Model,
    stage: &Stage,
    cmd: &Cmd<'_>,
    name: &str,
    word: &crate::shell::Word,
) -> Option<Found> {
    let holding = |folder: &str| {
        let rest = folder.strip_prefix("/root/")?.trim_end_matches('/');
        TOOLS.iter().find(|tool| tool.folder == rest && tool.programs.contains(&name))
    };
    if word.static_prefix().contains('/') {
        return None;
    }
    let before = if cmd.script().kind == ScriptKind::Run { cmd.step() } else { usize::MAX };
    let (place, all) = path_of(model, stage, before)?;
    all.into_iter().find_map(|path| Some(Found { tool: holding(&path)?, path, place }))
}

/// The last ENV before a step that sets PATH: the place of its value, and the folders in it.
fn path_of(model: &Model, stage: &Stage, before: usize) -> Option<(Span, Vec<String>)> {
    let steps = model.lineage(stage).take(20).flat_map(|s| s.steps.clone().rev()).take(MAX_STEPS);
    for step in steps.filter(|step| *step < before) {
        let Kind::Env(pairs) = &model.instruction(step).kind else { continue };
        let Some(pair) = pairs.iter().find(|pair| &*pair.key.text == "PATH") else { continue };
        let value = pair.value.as_ref()?;
        return Some((value.span, folders(model, step, value)));
    }
    None
}

/// True if a RUN of root runs the installer, and nothing tells that another folder.
fn is_installed(model: &Model, stage: &Stage, tool: &Tool) -> bool {
    let mut steps = model.lineage(stage).take(20).flat_map(|s| s.steps.clone()).take(MAX_STEPS);
    steps.any(|step| {
        let instruction = model.instruction(step);
        let text = model.text(instruction.span);
        let is_moved = || {
            let told = |name: &&str| text.contains(*name) || model.binding(step, name).is_some();
            tool.variables.iter().any(told) || model.binding(step, "HOME").is_some()
        };
        matches!(instruction.kind, Kind::Run(_))
            && tool.installers.iter().any(|mark| text.contains(mark))
            && model.runs_as(step) == RunsAs::Root
            && !is_moved()
    })
}

/// The folders of a value for PATH, as far as they are known.
fn folders(model: &Model, step: usize, value: &Word) -> Vec<String> {
    let resolve = |part: &str| {
        let Some(rest) = part.strip_prefix('$') else { return Some(part.to_owned()) };
        let (name, rest) = match rest.strip_prefix('{') {
            Some(rest) => rest.split_once('}')?,
            None => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        Some(format!("{}{rest}", model.binding(step, name)?.value.known()?))
    };
    value.text.trim_matches(['"', '\'']).split(':').filter_map(resolve).collect()
}

/// True if the program may also be where anybody finds it, or `/root` may be open.
fn may_be_elsewhere(model: &Model, stage: &Stage, name: &str, place: Span) -> bool {
    let known = match model.root_base(stage) {
        Base::Image(image) => {
            let plain = facts(image).is_some_and(|facts| {
                matches!(facts.kind, Some(ImageKind::Os | ImageKind::Runtime | ImageKind::Sdk))
            });
            plain
                && image.is_official()
                && !["rust", "oven/bun", "denoland/deno"].contains(&image.familiar_path())
                && matches!(model.family(stage), Family::Debian | Family::Ubuntu | Family::Alpine)
        }
        _ => false,
    };
    let steps = || model.lineage(stage).take(20).flat_map(|s| s.steps.clone()).take(MAX_STEPS);
    !known
        || steps().any(|step| {
            let instruction = model.instruction(step);
            let text = model.text(instruction.span);
            match &instruction.kind {
                Kind::Run(_) => {
                    let links = [
                        "ln -",
                        "cp ",
                        "mv ",
                        "install -m",
                        "install -D",
                        "/usr/local/bin",
                        "su ",
                        "gosu",
                        "corepack",
                    ];
                    let opens = ["chmod", "chown", "setfacl"];
                    let packs = || model.commands_of(step).any(|cmd| installs(&cmd, name));
                    opens.iter().any(|word| text.contains(word)) && text.contains("/root")
                        || text.contains(name) && links.iter().any(|word| text.contains(word))
                        || model.runs_as(step) != RunsAs::Root && text.contains("install")
                        || text.contains(name) && packs()
                }
                Kind::Copy(_) | Kind::Add(_) => text.contains(name) || text.contains("/bin"),
                Kind::Env(pairs) => pairs.iter().any(|pair| {
                    &*pair.key.text == "HOME"
                        || &*pair.key.text == "PATH" && pair.value.as_ref().is_some_and(|v| v.span != place)
                }),
                _ => false,
            }
        })
}

/// True if a package manager installs a package of the program's name.
fn installs(cmd: &Cmd<'_>, name: &str) -> bool {
    let is_named = |word: &str| {
        let rest = word.strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    cmd.usage.action == Action::Install && cmd.operands().iter().any(|word| is_named(word.static_prefix()))
}
