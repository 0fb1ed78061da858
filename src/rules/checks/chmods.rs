//! Files whose modes a build changes before they are there.

use crate::rules::Cx;
use crate::semantic::{Cmd, Failing, Grammar, Model, base_name};

use super::starts::{excluded, is_missing, may_run_scripts};

/// chmod(1) of GNU and of busybox.
const CHMOD: Grammar = Grammar { short: "", long: &["reference"] };

/// How many commands are looked at.
const MAX_COMMANDS: usize = 50;

/// Endings and names of scripts, which a build does not make by the way.
const SCRIPTS: [&str; 6] = [".sh", ".bash", ".py", ".pl", ".rb", ".js"];
const NAMES: [&str; 4] = ["docker-entrypoint", "entrypoint", "gradlew", "mvnw"];

/// `chmod-missing-file`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut told = None;
    for cmd in model.commands_named("chmod").take(MAX_COMMANDS) {
        let step = cmd.step();
        let Some(stage) = cmd.stage().filter(|stage| stage.reachable) else { continue };
        if told == Some(step) || cmd.script().changes_folder || !model.instruction(step).mounts.is_empty() {
            continue;
        }
        let arguments = cmd.arguments(&CHMOD);
        if arguments.has(&["-f", "--silent", "--quiet", "-R", "--recursive", "--reference"])
            || cmd.failing() != Failing::EndsBuild
        {
            continue;
        }
        let runs_scripts = |cmd: &Cmd<'_>| may_run_scripts(model, cmd);
        for word in arguments.operands.iter().skip(1) {
            let Some(text) = word.as_str().filter(|text| is_script(text)) else { continue };
            let Some(path) = cmd.absolute(text) else { continue };
            let Some(lack) = model.lacks_before(&cmd, &path, &runs_scripts) else { continue };
            let sources: Vec<&String> = lack.sources.iter().collect();
            let later = copied_later(model, &cmd, &path);
            let why = if let Some(later) = later {
                cx.report(
                    cx.at(
                        word.span,
                        format!("`{text}` is not in the image yet, so `chmod` fails, and so does the build"),
                    )
                    .label(later, "it is copied here")
                    .help("move this RUN below the COPY, or write `COPY --chmod=755` and leave this out"),
                );
                told = Some(step);
                break;
            } else if sources.is_empty() {
                "no COPY or RUN above creates it".to_owned()
            } else if let Some(line) = excluded(model, &sources) {
                format!("{line} leaves it out of the build context")
            } else if is_missing(model, &sources, lack.named) {
                "it is not in the build context".to_owned()
            } else {
                continue;
            };
            let message =
                format!("`{text}` is not in the image, so `chmod` fails, and so does the build: {why}");
            let help = format!("copy it above this RUN, so that it is at `{path}`");
            let finding = cx.at(word.span, message).help(help);
            let base = model.stages.get(stage.root()).and_then(|root| root.base_word.as_ref());
            cx.report(match base.filter(|_| sources.is_empty()) {
                Some(base) => finding.label(base.span, "this image does not have it"),
                None => finding,
            });
            told = Some(step);
            break;
        }
    }
}

fn is_script(path: &str) -> bool {
    let name = base_name(path);
    let plain =
        !path.contains(['*', '?', '[', '$', '{', '~', '\\']) && !path.split('/').any(|part| part == "..");
    plain && (SCRIPTS.iter().any(|ending| name.ends_with(ending) && name != *ending) || NAMES.contains(&name))
}

/// Where a later COPY of the same stage names the file.
fn copied_later(model: &Model, cmd: &Cmd<'_>, path: &str) -> Option<crate::text::Span> {
    let stage = cmd.stage()?;
    let first = model.copies.partition_point(|copy| copy.step <= cmd.step());
    let behind = model.copies.get(first..)?.iter().take_while(|copy| stage.steps.contains(&copy.step));
    let mut behind = behind.filter(|copy| !copy.mount && !copy.onbuild);
    let copy = behind.find(|copy| copy.targets().iter().any(|target| target == path))?;
    copy.sources.first().map(|source| source.span)
}
