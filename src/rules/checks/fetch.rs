//! How curl and wget are called.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::diag::Fix;
use crate::knowledge::{Action, Family, QUIET_WGET_OPTIONS, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Cmd, Destination, Download, Model, ScriptKind, Stage, StageId};
use crate::shell::{RedirectKind, Seat, Word};
use crate::text::Edit;

use super::unshipped::is_little;

/// How many steps behind a download are searched for what uses the file.
const MAX_STEPS: usize = 16;

/// How many commands behind a download are searched for it.
const MAX_COMMANDS: usize = 1000;

/// `wget-and-curl`.
pub fn both(cx: &mut Cx<'_>) {
    // Whoever works in it may want both.
    if is_little(cx.model, None) {
        return;
    }
    for stage in &cx.model.stages {
        for onbuild in [false, true] {
            let first = |program| {
                cx.model.commands_named(program).find(|c| {
                    stage.steps.contains(&c.step())
                        && c.script().kind == ScriptKind::Run
                        && c.script().onbuild == onbuild
                })
            };
            let (Some(wget), Some(curl)) = (first("wget"), first("curl")) else { continue };
            let (one, two) = if wget.shell().span < curl.shell().span { (wget, curl) } else { (curl, wget) };
            let message = format!(
                "`{}` downloads above and `{}` does here, so the image needs both, and security updates for both",
                one.program(),
                two.program()
            );
            let finding = cx
                .at(two.program_span(), message)
                .label(one.program_span(), "the other one")
                .help("use one of them: `wget -nv -O FILE URL` and `curl -fsSLo FILE URL` do the same");
            cx.report(finding);
        }
    }
}

/// `wget-progress`.
pub fn progress(cx: &mut Cx<'_>) {
    for download in cx.model.downloads() {
        let cmd = download.cmd;
        if download.is_curl()
            || cmd.script().kind != ScriptKind::Run
            || matches!(download.destination, Destination::Nowhere)
            || is_quiet(&download)
        {
            continue;
        }
        let option = match which_wget(&cmd) {
            Some(Wget::Gnu) => Some("-nv"),
            Some(Wget::Busybox) => Some("-q"),
            None => None,
        };
        let help = match option {
            Some(option) => format!("write `wget {option}`: errors are still shown"),
            None => "write `wget -nv`, or `wget -q` with BusyBox: errors are still shown".to_owned(),
        };
        let message = "`wget` fills the build log with progress output, which hides the lines that matter";
        let mut finding = cx.at(cmd.program_span(), message).help(help);
        if let Some(option) = option.filter(|_| !cmd.script().exec && is_exact(&cmd)) {
            let edit = Edit::insert(cmd.program_span().end, format!(" {option}"));
            finding = finding.fix(Fix::safe(format!("add `{option}`"), [edit]));
        }
        cx.report(finding);
    }
}

/// True if it writes no progress, or not into the log.
fn is_quiet(download: &Download<'_>) -> bool {
    let terse = |o: &crate::semantic::ProgramOption<'_>| {
        o.is("-n") && o.value.is_some_and(|v| v.static_prefix() == "v")
    };
    let to_file = download.cmd.shell().redirects.iter().any(|r| match r.kind {
        RedirectKind::WriteBoth | RedirectKind::AppendBoth => true,
        _ => r.fd == Some(2),
    });
    download.arguments.has(QUIET_WGET_OPTIONS)
        || download.arguments.options.iter().any(terse)
        || to_file
        || download.has_unknown_options()
}

enum Wget {
    Gnu,
    Busybox,
}

/// Which wget the stage has.
fn which_wget(cmd: &Cmd<'_>) -> Option<Wget> {
    let stage = cmd.stage()?;
    match cmd.model.family(stage) {
        Family::Debian | Family::Ubuntu | Family::RedHat | Family::Suse | Family::Arch => Some(Wget::Gnu),
        Family::Alpine => Some(if installs_wget(cmd.model, stage) { Wget::Gnu } else { Wget::Busybox }),
        _ => None,
    }
}

/// True if the stage, or one that it starts from, installs the package `wget`.
fn installs_wget(model: &Model, stage: &Stage) -> bool {
    let is_package = |w: &&Word| {
        let name = w.static_prefix();
        name.strip_prefix("wget").is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            || w.has_expansion()
    };
    model.commands_named("apk").any(|c| {
        c.usage.action == Action::Install
            && model.inherits_step(stage, c.step())
            && c.operands().iter().any(is_package)
    })
}

/// `curl-without-fail`.
pub fn without_fail(cx: &mut Cx<'_>) {
    let model = cx.model;
    let users = LazyCell::new(|| Users::of(model));
    for download in model.downloads() {
        let cmd = download.cmd;
        if !download.is_curl() || cmd.script().kind != ScriptKind::Run || !ignores_status(&download) {
            continue;
        }
        let name = match download.destination {
            Destination::File(file) => model.text(file.span()),
            Destination::Named => {
                let Some(url) = download.urls.first() else { continue };
                model.text(url.span).trim_matches(['"', '\'']).rsplit('/').next().unwrap_or("")
            }
            Destination::Output | Destination::Nowhere => continue,
        };
        let name = name.trim_matches(['"', '\'']);
        if name.is_empty() || users.use_file(&cmd, name) || users.take_settings(&cmd, name) {
            continue;
        }
        let shown = if name.len() <= 60 { format!("`{name}`") } else { "the file".to_owned() };
        let message =
            format!("if the server returns an error, {shown} holds the error page, and the build goes on");
        let mut finding =
            cx.at(cmd.program_span(), message).help("write `curl -f`, which fails on an HTTP error");
        if !cmd.script().exec && is_exact(&cmd) {
            finding = finding.fix(Fix::safe("add `-f`", [add_fail(&cmd)]));
        }
        cx.report(finding);
    }
}

/// True if an answer such as 404 does not make it fail.
fn ignores_status(download: &Download<'_>) -> bool {
    let fails = ["-f", "--fail", "--fail-with-body", "-w", "--write-out", "-K", "--config"];
    let elsewhere = |w: &&Word| {
        let url = w.static_prefix();
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        !Download::is_local(url) && scheme.is_none_or(|s| matches!(s, "http" | "https"))
    };
    !download.arguments.has(&fails)
        && !download.sends()
        && !download.has_unknown_options()
        && download.urls.first().is_some_and(elsewhere)
}

/// The commands that may notice, behind a download, that its file is another.
struct Users<'m> {
    /// Those that do more with files than to move them.
    commands: Vec<Cmd<'m>>,
    /// Where the last command of a system's package manager starts, by the stage.
    last_managers: HashMap<StageId, u32>,
}

impl<'m> Users<'m> {
    fn of(model: &'m Model) -> Self {
        let mut last_managers = HashMap::new();
        for cmd in model.commands().filter(|c| c.usage.manager.is_some_and(|m| m.system)) {
            if let Some(stage) = cmd.stage() {
                let last = last_managers.entry(stage.index).or_insert(0);
                *last = cmd.shell().span.start.max(*last);
            }
        }
        let commands = model.commands().filter(|c| !program_is(c.program(), Trait::TakesAnyFile)).collect();
        Self { commands, last_managers }
    }

    /// True if something behind `cmd` would notice that the file is another: it unpacks, installs, runs or
    /// compares it.
    fn use_file(&self, cmd: &Cmd<'_>, name: &str) -> bool {
        let model = cmd.model;
        let file = name.rsplit('/').next().unwrap_or(name);
        let Some(stage) = cmd.stage() else { return true };
        let last = stage.steps.end.min(cmd.step() + MAX_STEPS);
        let behind = &self.commands[self.commands.partition_point(|c| c.id() <= cmd.id())..];
        let names = |w: &Word| model.text(w.span).contains(file) || w.has_glob();
        // `echo "SUM *file" | sha256sum -c` compares what the command before it names.
        let is_fed = |c: &Cmd<'_>| {
            let before = |seat: &Seat| {
                let members = &c.script().script.pipelines.get(seat.pipeline)?.members;
                c.script().script.commands.get((*members.get(seat.position.checked_sub(1)?)?)?)
            };
            c.verifies()
                && c.shell()
                    .place
                    .pipeline
                    .as_ref()
                    .and_then(before)
                    .is_some_and(|c| c.words.iter().any(names))
        };
        // `sha256sum -c FILE` compares what that file names.
        let compares_a_list = |c: &Cmd<'_>| {
            c.program().ends_with("sum")
                && (c.has_flag("-c") || c.has_flag("--check"))
                && c.args().iter().any(|word| !word.static_prefix().starts_with('-'))
        };
        behind.iter().take(MAX_COMMANDS).take_while(|c| c.step() < last).any(|c| {
            c.shell().words.iter().any(names)
                || is_fed(c)
                || c.step() == cmd.step() && compares_a_list(c)
                || c.shell().redirects.iter().filter_map(|r| r.target.as_ref()).any(names)
        })
    }

    /// True for settings of a package manager that runs later, and would fail.
    fn take_settings(&self, cmd: &Cmd<'_>, name: &str) -> bool {
        let folders = [
            "/etc/yum.repos.d/",
            "/etc/apt/sources.list",
            "/etc/apt/preferences",
            "/etc/apt/keyrings/",
            "/etc/apt/trusted.gpg.d/",
            "/usr/share/keyrings/",
            "/etc/zypp/repos.d/",
        ];
        folders.iter().any(|f| name.starts_with(f))
            && cmd
                .stage()
                .and_then(|stage| self.last_managers.get(&stage.index))
                .is_some_and(|last| *last > cmd.shell().span.start)
    }
}

/// `-f` in front of the letters of the first option, or as an option of its own.
fn add_fail(cmd: &Cmd<'_>) -> Edit {
    let cluster = cmd.args().first().filter(|w| {
        let letters = w.as_str().and_then(|t| t.strip_prefix('-')).unwrap_or("");
        !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphabetic()) && !w.is_quoted()
    });
    match cluster {
        Some(word) => Edit::insert(word.span.start + 1, "f"),
        None => Edit::insert(cmd.program_span().end, " -f"),
    }
}

/// True if all words stand in the file as they are.
fn is_exact(cmd: &Cmd<'_>) -> bool {
    cmd.shell().words.iter().all(|w| w.exact)
}
