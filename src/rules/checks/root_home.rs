//! Programs in the home of root that another user is to run.

use crate::knowledge::{Action, Family, ImageKind};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, RunsAs, ScriptKind, Stage, facts};
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
                "put it where everybody may read it ({}), or install it after this USER",
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
    let steps = model.lineage(stage).take(20).flat_map(|s| s.steps.clone().rev()).take(MAX_STEPS);
    for step in steps.filter(|step| *step < before) {
        let Kind::Env(pairs) = &model.instruction(step).kind else { continue };
        let Some(pair) = pairs.iter().find(|pair| &*pair.key.text == "PATH") else { continue };
        let value = pair.value.as_ref()?;
        let mut all = folders(model, step, value).into_iter();
        return all.find_map(|path| Some(Found { tool: holding(&path)?, path, place: value.span }));
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
