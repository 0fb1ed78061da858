//! Commands that have no point in a build.

use crate::knowledge::{Pointless, pointless};
use crate::rules::Cx;
use crate::semantic::{Cmd, Failing, ScriptKind};
use crate::shell::{Connector, RedirectKind, Word};
use crate::syntax::MountType;

/// `pointless-command`.
pub fn command(cx: &mut Cx<'_>) {
    others(cx);
    for (program, commands) in cx.model.programs() {
        let Some(point) = pointless(program) else { continue };
        for cmd in commands {
            // `mount` alone lists.
            let lists = matches!(point, Pointless::Mounts) && cmd.args().is_empty();
            let point = if lists { Pointless::Shows } else { point };
            if cmd.script().kind != ScriptKind::Run || !applies(&cmd, point) {
                continue;
            }
            let defined = cmd.script().script.functions.iter().any(|f| &*f.name == program);
            if defined {
                continue;
            }
            let (message, help) = words(program, point);
            let with_order = matches!(point, Pointless::Starts | Pointless::Systemd);
            let span = if with_order { cmd.head_span() } else { cmd.program_span() };
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// What a RUN starts by `/etc/init.d/NAME start`, and what it writes into files that are the builder's.
fn others(cx: &mut Cx<'_>) {
    const OF_BUILDER: [&str; 2] = ["/etc/hosts", "/etc/resolv.conf"];
    for cmd in cx.model.run_commands() {
        let shell = cmd.shell();
        let word = shell.program_word();
        let order = || cmd.args().first().is_some_and(|w| w.is("start") || w.is("restart"));
        if word.is_some_and(|w| w.static_prefix().starts_with("/etc/init.d/")) && order() && is_last(&cmd) {
            let (message, help) = words(cmd.program(), Pointless::Starts);
            cx.report(cx.at(shell.span, message).help(help));
        }
        let redirects =
            shell.redirects.iter().filter(|r| matches!(r.kind, RedirectKind::Write | RedirectKind::Append));
        let files = cmd.args().iter().filter(|_| cmd.program() == "tee");
        let mut written = redirects.filter_map(|r| r.target.as_ref()).chain(files);
        let Some(file) = written.find(|w| OF_BUILDER.iter().any(|file| w.is(file))) else { continue };
        let may_fail = matches!(cmd.failing(), Failing::MayNotRun | Failing::IsHandled);
        if may_fail || !cx.model.build().builder.is_buildkit() {
            continue;
        }
        let path = file.static_prefix();
        let message = format!(
            "during a RUN, BuildKit mounts its own read-only `{path}`, and the container gets another one"
        );
        let help = match path {
            "/etc/hosts" => {
                "use `docker build --add-host` for the build, and `--add-host` or `extra_hosts` for the container"
            }
            _ => "set the name server when the container starts, with `--dns`",
        };
        cx.report(cx.at(file.span, message).help(help));
    }
}

fn words(program: &str, point: Pointless) -> (String, &'static str) {
    let leave = "leave it out";
    match point {
        Pointless::Shows => (
            format!("`{program}` shows the state of the build machine, which has no effect on the image"),
            leave,
        ),
        Pointless::Interactive => {
            (format!("`{program}` waits for a person at a terminal, and a build has neither"), leave)
        }
        Pointless::Stops => {
            (format!("`{program}` has no machine to stop: a build is not a running system"), leave)
        }
        Pointless::Signals => {
            (format!("`{program}` finds nothing to stop: no process outlives the RUN that started it"), leave)
        }
        Pointless::Mounts => (
            format!("`{program}` fails: a RUN is not allowed to mount, and no mount outlives it"),
            "write `RUN --mount=…`",
        ),
        Pointless::Connects => (
            "`ssh` needs a key in the build and a host that answers: each build depends on both".to_owned(),
            "fetch the files with ADD or COPY; for `git` over SSH write `RUN --mount=type=ssh`",
        ),
        Pointless::Starts => (
            "this service stops when the RUN ends: it will not be running in a container".to_owned(),
            "start it in CMD or ENTRYPOINT, or leave it out",
        ),
        Pointless::Systemd => (
            format!("`{program}` has no init system to talk to in a build"),
            "start the service in CMD or ENTRYPOINT; `systemctl enable` works without systemd",
        ),
    }
}

fn applies(cmd: &Cmd<'_>, point: Pointless) -> bool {
    let place = &cmd.shell().place;
    let used = place.pipeline.is_some_and(|seat| !seat.is_last())
        || place.within.substitution
        || place.within.condition
        || !cmd.shell().redirects.is_empty();
    match point {
        Pointless::Shows => !used,
        Pointless::Interactive => !used && !is_scripted(cmd),
        Pointless::Stops => !asks(cmd),
        Pointless::Signals => !comes_behind_others(cmd) && !asks(cmd),
        Pointless::Mounts => !asks(cmd) && !is_privileged(cmd) && !is_forgiven(cmd),
        Pointless::Connects => !asks(cmd) && !cmd.has_any_flag(&["-V", "-Q", "-G"]) && !has_agent(cmd),
        Pointless::Starts => starts(cmd) && is_last(cmd),
        Pointless::Systemd => {
            let orders = ["start", "restart", "try-restart", "reload", "daemon-reload"];
            !used && cmd.subcommand().is_some_and(|s| orders.contains(&&*s)) && !is_forgiven(cmd)
        }
    }
}

/// True if it only says something of itself.
fn asks(cmd: &Cmd<'_>) -> bool {
    cmd.has_any_flag(&["--version", "--help", "-V"]) || matches!(cmd.args(), [only] if only.is("-h"))
}

/// True for an editor that is told what to do: `vim +PlugInstall +qall`, `emacs --batch`.
fn is_scripted(cmd: &Cmd<'_>) -> bool {
    let told = |w: &Word| {
        let text = w.static_prefix();
        let short = text.strip_prefix('-').filter(|t| !t.starts_with('-'));
        text.starts_with('+')
            || ["--batch", "--headless", "--version", "--help", "--cmd", "--eval", "--script", "--load"]
                .contains(&text)
            || matches!(text, "-batch" | "-script")
            || short.is_some_and(|letters| letters.contains(['c', 'e', 'E', 's', 'S', 'b', 'n']))
    };
    cmd.args().iter().any(|w| told(w) || w.has_expansion())
}

/// True if an earlier command of the script may have started what is to be stopped.
fn comes_behind_others(cmd: &Cmd<'_>) -> bool {
    let before = cmd.script().script.commands.iter().take(cmd.usage.command);
    let harmless = |p: &str| matches!(p, "set" | "cd" | "echo" | "true" | ":" | "sleep" | "export");
    before.into_iter().any(|c| c.program().is_none_or(|p| !harmless(p)))
        || cmd.args().iter().any(|w| w.static_prefix() == "-0")
}

/// True for a RUN with the rights of the machine.
fn is_privileged(cmd: &Cmd<'_>) -> bool {
    cmd.model.instruction(cmd.step()).flag_value("security") == Some("insecure")
}

/// True for a RUN that has an SSH agent or a key.
fn has_agent(cmd: &Cmd<'_>) -> bool {
    let mounts = &cmd.model.instruction(cmd.step()).mounts;
    mounts.iter().any(|m| matches!(m.kind, MountType::Ssh | MountType::Secret))
}

/// `service NAME start`, `invoke-rc.d NAME restart`.
fn starts(cmd: &Cmd<'_>) -> bool {
    let order = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).nth(1);
    order.is_none_or(|w| w.is("start") || w.is("restart"))
}

/// How many commands behind a start are looked at.
const MAX_COMMANDS: usize = 1000;

/// True if only other starts, and what says nothing, follow in the RUN.
fn is_last(cmd: &Cmd<'_>) -> bool {
    let place = &cmd.shell().place;
    let idle = |c: &Cmd<'_>| match c.program() {
        "true" | ":" | "echo" | "sleep" | "exit" => true,
        "service" | "invoke-rc.d" => starts(c),
        _ => false,
    };
    let opaque = cmd.script().script.commands.len() > cmd.model.commands_of(cmd.step()).len();
    !place.within.condition
        && !place.within.function
        && !opaque
        && cmd.model.commands_behind(cmd).take(MAX_COMMANDS).all(|c| idle(&c))
}

/// True where a failure is expected: `systemctl daemon-reload || true`.
fn is_forgiven(cmd: &Cmd<'_>) -> bool {
    cmd.shell().place.after.is_some_and(|link| link.connector == Connector::Or)
}
