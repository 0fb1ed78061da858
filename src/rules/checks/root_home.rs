//! Programs in the home of root that another user is to run.

use crate::knowledge::{Family, ImageKind};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, RunsAs, ScriptKind, Stage, facts};
use crate::syntax::{Kind, Word};
use crate::text::Span;

/// Folders below the home of root that installers fill, and the programs that they put there.
const TOOLS: [(&str, &[&str]); 8] = [
    (".bun/bin", &["bun", "bunx"]),
    (".cargo/bin", &["cargo", "rustc", "rustup", "uv", "uvx"]),
    (".deno/bin", &["deno"]),
    (".local/bin", &["pipx", "poetry", "uv", "uvx"]),
    (".local/share/pnpm", &["pnpm", "pnpx"]),
    (".poetry/bin", &["poetry"]),
    ("anaconda3/bin", &["conda"]),
    ("miniconda3/bin", &["conda"]),
];

/// More steps than these are not looked at.
const MAX_STEPS: usize = 500;

/// `program-in-root-home`.
pub fn program(cx: &mut Cx<'_>) {
    let model = cx.model;
    if !model.file.text().contains("/root/") {
        return;
    }
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
            let (Some(stage), RunsAs::Other(user)) = (stage.filter(|s| s.reachable), who) else { continue };
            if user.is_empty() {
                continue;
            }
            let Some(word) = cmd.shell().program_word() else { continue };
            let Some((path, place)) = folder_of(model, stage, &cmd, name, word) else { continue };
            if told.contains(&place) || may_be_elsewhere(model, stage, name, place) {
                continue;
            }
            told.push(place);
            let effect = match script.kind {
                ScriptKind::Run => "the build fails",
                ScriptKind::Healthcheck => "every check fails",
                _ => "the container does not start",
            };
            let message = format!(
                "`{name}` is in `{path}`, and only root may open `/root`, but this runs as the user `{user}`: {effect}"
            );
            let help =
                format!("install it where everybody may read it ({}), or below this USER", elsewhere(name));
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

/// The folder below `/root` that holds the program, and where it is put on PATH or named.
fn folder_of(
    model: &Model,
    stage: &Stage,
    cmd: &Cmd<'_>,
    name: &str,
    word: &crate::shell::Word,
) -> Option<(String, Span)> {
    let holds = |folder: &str| {
        let rest = folder.strip_prefix("/root/")?.trim_end_matches('/');
        TOOLS.iter().any(|(tool, programs)| *tool == rest && programs.contains(&name)).then_some(())
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
        let found = folders(model, step, value).into_iter().find(|folder| holds(folder).is_some());
        return found.map(|folder| (folder, value.span));
    }
    None
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
                    let links = ["ln -", "cp ", "mv ", "install ", "/usr/local/bin", "su ", "gosu"];
                    let opens = ["chmod", "chown", "setfacl"];
                    opens.iter().any(|word| text.contains(word)) && text.contains("/root")
                        || text.contains(name) && links.iter().any(|word| text.contains(word))
                        || model.runs_as(step) != RunsAs::Root && text.contains("install")
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
