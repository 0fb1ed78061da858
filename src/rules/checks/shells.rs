//! Which shell runs a script, and with which options.

use crate::diag::Fix;
use crate::knowledge::{Family, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Cmd, Model, ScriptKind, ScriptUse};
use crate::shell::{Command, Word};
use crate::syntax::{CommandForm, Kind};
use crate::text::{Edit, Span};

/// The shell that a build gets from its image as `/bin/sh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sh {
    /// It has no `pipefail`, but the image has bash.
    Dash,
    Bash,
    Ash,
    Unknown,
}

/// What can be done about the shell of a RUN.
enum Remedy {
    /// It has no `pipefail`, and somebody chose it.
    None,
    /// Nothing is known of it.
    Unknown,
    /// A SHELL before the RUN.
    Add(&'static str),
    /// These options in the SHELL of this step.
    Amend(usize, Span),
    /// This SHELL before the RUN.
    Replace(String),
}

/// `pipe-hides-failure`.
pub fn pipefail(cx: &mut Cx<'_>) {
    let model = cx.model;
    // One SHELL serves all that follows it.
    let mut offered = None;
    for script in &model.scripts {
        let remedy = remedy(model, script);
        if matches!(remedy, Remedy::None) {
            continue;
        }
        let mut told = Vec::new();
        for lost in model.lost_statuses(script) {
            let shell = lost.shell.map(|c| c.span);
            if told.contains(&shell) || told.len() == MAX_SHELLS {
                continue;
            }
            told.push(shell);
            let who = lost.command.and_then(Command::program);
            let who = who.map_or_else(|| "the first part".to_owned(), |name| format!("`{name}`"));
            let message =
                format!("if {who} fails, the build goes on: a pipe returns the status of its last command");
            let mut finding = cx.at(lost.pipe, message);
            if let Some(command) = lost.command {
                finding = finding.label(command.span, "this may fail unseen");
            }
            let (help, fix) = match lost.shell {
                Some(inner) => inside(model, script, inner),
                None if has_interpreter(model, script) => {
                    ("write `set -o pipefail` at the start of the script".to_owned(), None)
                }
                None => {
                    let state = model.steps.get(script.step).map(|s| (s.stage, s.state.shell));
                    around(model, script, &remedy, offered.replace(state) != Some(state))
                }
            };
            finding = finding.help(help);
            cx.report(match fix {
                Some(fix) => finding.fix(fix),
                None => finding,
            });
        }
    }
}

/// At most this many shells of one RUN are told apart.
const MAX_SHELLS: usize = 16;

fn remedy(model: &Model, script: &ScriptUse) -> Remedy {
    const BASH: &str = "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]";
    let sh = sh_of(model, script);
    let step = model.steps.get(script.step);
    let shell = step.and_then(|s| s.state.shell);
    let Some((shell, form)) = shell.and_then(|step| Some((step, model.shell_form(step)?))) else {
        return match sh {
            Sh::Dash | Sh::Bash => Remedy::Add(BASH),
            Sh::Ash => Remedy::Add("[\"/bin/ash\", \"-o\", \"pipefail\", \"-c\"]"),
            Sh::Unknown => Remedy::Unknown,
        };
    };
    let Some(program) = form.items.first() else { return Remedy::Unknown };
    match program.value.rsplit('/').next() {
        Some("dash") => return Remedy::None,
        Some(shell) if program_is(shell, Trait::HasPipefail) => {}
        Some("sh") if matches!(sh, Sh::Bash | Sh::Ash) => {}
        Some("sh") if sh == Sh::Dash => return Remedy::Add(BASH),
        _ => return Remedy::Unknown,
    }
    // That of another stage serves other RUNs as well.
    let here = model.steps.get(shell).map(|s| s.stage) == step.map(|s| s.stage);
    if here && program.exact {
        return Remedy::Amend(shell, program.span);
    }
    let rest = form.items.iter().skip(1).map(|i| &*i.value);
    let items: Vec<String> =
        [&*program.value, "-o", "pipefail"].into_iter().chain(rest).map(|item| format!("{item:?}")).collect();
    Remedy::Replace(format!("[{}]", items.join(", ")))
}

/// True for a here-document whose first line names what runs it.
fn has_interpreter(model: &Model, script: &ScriptUse) -> bool {
    let heredocs = &model.instruction(script.step).heredocs;
    heredocs.iter().any(|doc| model.text(doc.body).starts_with("#!"))
}

fn sh_of(model: &Model, script: &ScriptUse) -> Sh {
    match model.stage_of(script.step).map_or(Family::Unknown, |stage| model.family(stage)) {
        Family::Debian | Family::Ubuntu => Sh::Dash,
        Family::RedHat | Family::Suse | Family::Arch => Sh::Bash,
        Family::Alpine => Sh::Ash,
        Family::Bare | Family::Windows | Family::Unknown => Sh::Unknown,
    }
}

/// Help for a pipe in the script of the RUN: the option in its SHELL.
fn around(model: &Model, script: &ScriptUse, remedy: &Remedy, first: bool) -> (String, Option<Fix>) {
    let start = model.instruction(script.step).span.start;
    let (form, from, edit) = match remedy {
        Remedy::None | Remedy::Unknown => {
            let help = "if the image has bash, write `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` before this RUN";
            return (help.to_owned(), None);
        }
        Remedy::Add(form) => (*form, script.step, None),
        Remedy::Replace(form) => (&**form, script.step, None),
        Remedy::Amend(step, program) => {
            ("", *step, Some(Edit::insert(program.end + 1, ", \"-o\", \"pipefail\"")))
        }
    };
    let help = match edit {
        Some(_) => "add `\"-o\", \"pipefail\"` to the SHELL above".to_owned(),
        None => format!("write `SHELL {form}` before this RUN"),
    };
    if !first || script.onbuild || would_harm(model, script, from) {
        return (help, None);
    }
    let edit = edit.unwrap_or_else(|| Edit::insert(start, format!("SHELL {form}\n")));
    (help, Some(Fix::uncertain("set `pipefail` with SHELL", [edit])))
}

/// Help for a pipe in the script of `bash -c`.
fn inside(model: &Model, script: &ScriptUse, shell: &Command) -> (String, Option<Fix>) {
    let name = shell.program().unwrap_or("sh");
    let has_option = match name {
        "sh" => matches!(sh_of(model, script), Sh::Bash | Sh::Ash),
        name => program_is(name, Trait::HasPipefail),
    };
    if !has_option {
        return ("write `bash -o pipefail -c '…'`".to_owned(), None);
    }
    let help = format!("write `{name} -o pipefail`");
    let word = shell.program_word().filter(|w| w.exact && !w.is_quoted() && !script.exec);
    let fix = word.filter(|_| !would_harm(model, script, script.step)).map(|w| {
        Fix::uncertain(format!("add `-o pipefail` to `{name}`"), [Edit::insert(w.span.end, " -o pipefail")])
    });
    (help, fix)
}

/// True if a pipe from the step `from` on in the stage would fail under `pipefail` without need.
fn would_harm(model: &Model, script: &ScriptUse, from: usize) -> bool {
    model.stage_of(script.step).is_none_or(|stage| model.stops_early(stage, from))
}

/// `shell-replaced`.
pub fn replaced(cx: &mut Cx<'_>) {
    for program in ["ln", "cp", "mv"] {
        for cmd in cx.model.commands_named(program) {
            let Some((shell, span)) = new_shell(&cmd) else { continue };
            report_replaced(cx, &cmd, span, Some(shell));
        }
    }
    for cmd in cx.model.commands_named("dpkg-reconfigure") {
        if cmd.script().kind == ScriptKind::Run && cmd.args().iter().any(|w| w.is("dash")) {
            report_replaced(cx, &cmd, cmd.shell().span, None);
        }
    }
}

fn report_replaced(cx: &mut Cx<'_>, cmd: &Cmd<'_>, span: Span, shell: Option<&str>) {
    let message = "this changes the shell of every script in the image that uses `/bin/sh`";
    let path = match shell {
        None => Some("/bin/bash".to_owned()),
        Some(path) if path.starts_with('/') => Some(path.to_owned()),
        Some(name) => (!name.contains('/')).then(|| format!("/bin/{name}")),
    };
    let form = format!("SHELL [\"{}\", \"-c\"]", path.as_deref().unwrap_or("/bin/bash"));
    let mut finding =
        cx.at(span, message).help(format!("write `{form}`: it applies only to the RUNs after it"));
    if shell.is_some()
        && path.is_some_and(|p| p.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)))
        && is_all(cmd)
    {
        let instruction = cx.model.instruction(cmd.step());
        // ONBUILD stays in front.
        let edit = Edit::replace(Span::new(instruction.keyword_span.start, instruction.span.end), form);
        finding = finding.fix(Fix::uncertain("use SHELL", [edit]));
    }
    cx.report(finding);
}

/// The shell that a command puts in the place of `/bin/sh`, and where it says so.
fn new_shell<'m>(cmd: &Cmd<'m>) -> Option<(&'m str, Span)> {
    if cmd.script().kind != ScriptKind::Run {
        return None;
    }
    let [shell, path] =
        cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let is_sh = |w: &Word| matches!(w.as_str(), Some("/bin/sh" | "/usr/bin/sh"));
    let name = shell.as_str()?;
    let known = name
        .rsplit('/')
        .next()
        .is_some_and(|n| n != "sh" && (program_is(n, Trait::Shell) || matches!(n, "fish" | "rbash")));
    let forced = cmd.has_any_flag(&["-f", "--force"]) || cmd.program() != "ln";
    // An image without a shell may well get one.
    (is_sh(path) && (known || forced && !name.contains("busybox"))).then(|| (name, cmd.shell().span))
}

/// True if the RUN does this, removes the shell that was there, and nothing else.
fn is_all(cmd: &Cmd<'_>) -> bool {
    let instruction = cmd.model.instruction(cmd.step());
    let plain = matches!(&instruction.kind, Kind::Run(CommandForm::Shell(_)))
        && instruction.flags.is_empty()
        && instruction.heredocs.is_empty();
    let script = &cmd.script().script;
    let removes = |c: &Command| {
        c.program() == Some("rm")
            && c.arguments()
                .iter()
                .all(|w| w.static_prefix().starts_with('-') || w.static_prefix().ends_with("/sh"))
    };
    plain
        && script.lists.len() == 1
        && !script.approximate
        && script.commands.iter().all(|c| c.span == cmd.shell().span || removes(c))
}
