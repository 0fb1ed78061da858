//! Programs other than those of packages that ask what nobody can answer during a build.

use crate::diag::{Finding, Fix};
use crate::knowledge::{Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Cmd, Failing, base_name};
use crate::shell::{RedirectKind, Word};
use crate::text::holds;

use super::chain::with_option;

/// What asks, for `install-without-yes`.
pub(super) fn report(cx: &mut Cx<'_>) {
    // Few files name what asks.
    let text = cx.model.file.text();
    if !["uninstall", "rustup", "conda", "forge"].iter().any(|word| holds(text, word)) {
        return;
    }
    for cmd in cx.model.run_commands() {
        if matches!(cmd.failing(), Failing::MayNotRun | Failing::IsHandled)
            || cmd.args().iter().any(|word| word.has_expansion() && word.static_prefix().is_empty())
        {
            continue;
        }
        let finding = match cmd.program() {
            "pip" | "pip3" => uninstall(cx, &cmd),
            "rustup-init" | "rustup-init.sh" => rustup(cx, &cmd),
            program if program_is(program, Trait::Shell) => {
                rustup_by_pipe(cx, &cmd).or_else(|| conda(cx, &cmd))
            }
            program if is_of_conda(program) => conda(cx, &cmd),
            _ => None,
        };
        if let Some(finding) = finding {
            cx.report(finding);
        }
    }
}

/// True if something else than the build is the input.
fn is_answered(cmd: &Cmd<'_>) -> bool {
    let shell = cmd.shell();
    let reads = [RedirectKind::Read, RedirectKind::HereDoc, RedirectKind::HereString];
    shell.place.pipeline.is_some() || shell.redirects.iter().any(|r| reads.contains(&r.kind))
}

fn uninstall(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    let told = cmd.has_any_flag(&["-y", "--yes", "-h", "--help"])
        || ["PIP_YES", "PIP_NO_INPUT"].iter().any(|name| cmd.setting(name).is_some());
    if !cmd.is_subcommand("uninstall") || told || is_answered(cmd) {
        return None;
    }
    let head = cmd.head();
    let message =
        format!("`{head}` asks for confirmation, and nobody can answer during a build, so it fails");
    let finding = cx.at(cmd.head_span(), message).help("add `-y`");
    Some(match with_option(cmd, "-y") {
        Some(edit) => finding.fix(Fix::safe("add `-y`", [edit])),
        None => finding,
    })
}

/// True if an option has the letter: `-y`, `-qy`.
fn has_letter(cmd: &Cmd<'_>, letter: char) -> bool {
    let has = |word: &Word| {
        let text = word.static_prefix();
        text.starts_with('-') && !text.starts_with("--") && text.contains(letter)
    };
    cmd.args().iter().any(has)
}

const RUSTUP_ASKS: &str =
    "the Rust installer asks how to proceed, and nobody can answer during a build, so it fails";

fn rustup(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    let asks = ["-h", "--help", "-V", "--version"];
    if has_letter(cmd, 'y') || cmd.has_any_flag(&asks) || is_answered(cmd) {
        return None;
    }
    Some(cx.at(cmd.head_span(), RUSTUP_ASKS).help("add `-y`"))
}

/// `curl https://sh.rustup.rs | sh`.
fn rustup_by_pipe(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    let place = &cmd.shell().place;
    place.pipeline?;
    let mut before = cmd.model.commands_of(cmd.step()).filter(|c| c.id() < cmd.id());
    let fetches = before.any(|c| {
        c.shell().place.pipeline.is_some()
            && c.shell().place.list == place.list
            && c.args().iter().any(|word| word.static_prefix().contains("sh.rustup.rs"))
    });
    if !fetches || has_letter(cmd, 'y') || cmd.args().iter().any(Word::has_expansion) {
        return None;
    }
    Some(cx.at(cmd.head_span(), RUSTUP_ASKS).help("write `sh -s -- -y`"))
}

fn is_of_conda(name: &str) -> bool {
    ["Miniconda", "Anaconda", "Miniforge", "Mambaforge"].iter().any(|start| name.starts_with(start))
}

/// An installer of conda, which shows its licence and waits for a yes.
fn conda(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    let mut words = cmd.shell().program_word().into_iter().chain(cmd.args());
    let file = words.find(|word| is_of_conda(base_name(word.static_prefix())))?;
    if has_letter(cmd, 'b') || is_answered(cmd) {
        return None;
    }
    let message = "this installer waits for you to accept its licence, and nobody can answer during a build, so it never continues";
    Some(cx.at(file.span, message).help("add `-b` to accept it, and `-p FOLDER` to say where to install"))
}
