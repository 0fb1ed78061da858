//! The scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK as commands.

use std::cmp::Ordering;

use crate::shell::{self, Dialect, Script, Word};
use crate::syntax::{CommandForm, ExecItem, File, Healthcheck, Instruction, Kind};

use super::command::{CommandUse, ScriptKind, ScriptUse};
use super::{CommandId, ScriptId};
use crate::knowledge::Action;

/// Reads the script of an instruction, if it has one.
pub(super) fn read(
    file: &File,
    step: usize,
    instruction: &Instruction,
    dialect: Dialect,
) -> Option<ScriptUse> {
    let (kind, form) = match &instruction.kind {
        Kind::Run(form) => (ScriptKind::Run, form),
        Kind::Cmd(form) => (ScriptKind::Cmd, form),
        Kind::Entrypoint(form) => (ScriptKind::Entrypoint, form),
        Kind::Healthcheck(Healthcheck::Cmd(form)) => (ScriptKind::Healthcheck, form),
        _ => return None,
    };
    let (script, exec) = match form {
        CommandForm::Exec(exec) => {
            let items = exec.items.iter().map(|i| (i.span, &*i.value, i.exact));
            (shell::exec(items), true)
        }
        CommandForm::Shell(_) => {
            let text = instruction.script(file, form)?;
            let dialect = text.interpreter.as_deref().map_or(dialect, interpreter);
            (shell::parse(&text.text, text.base, dialect), false)
        }
        CommandForm::Empty => return None,
    };
    let changes_folder = script.commands.iter().any(|c| matches!(c.program(), Some("cd" | "pushd")));
    Some(ScriptUse { step, kind, exec, onbuild: instruction.is_trigger(), changes_folder, script })
}

/// The program of a SHELL that reads scripts: the first shell, as others may start it (`conda run`).
pub(super) fn shell_program(items: &[ExecItem]) -> &str {
    let programs = || items.iter().map(|item| &*item.value);
    programs().find(|p| interpreter(p) != Dialect::Unknown).or(programs().next()).unwrap_or("")
}

/// The language of a program that reads scripts.
pub(super) fn interpreter(program: &str) -> Dialect {
    let base = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    match base.trim_end_matches(".exe") {
        "sh" | "ash" | "dash" | "busybox" => Dialect::Posix,
        "bash" | "ksh" | "mksh" | "zsh" => Dialect::Bash,
        "powershell" | "pwsh" => Dialect::PowerShell,
        "cmd" => Dialect::Cmd,
        _ => Dialect::Unknown,
    }
}

/// What is known of the commands of a script.
pub(super) fn commands(id: ScriptId, script: &Script, out: &mut Vec<CommandUse>) {
    for (command, parsed) in script.commands.iter().enumerate() {
        let Some(program) = parsed.program() else { continue };
        let name_index = parsed.effective().name_index;
        let args = parsed.arguments();
        let (program, skipped) = spelling(program, args);
        let manager = crate::knowledge::manager(program);
        let args = &args[skipped..];
        let found = match manager {
            Some(manager) => manager.subcommand(args),
            None => {
                args.iter().position(|w| !w.static_prefix().starts_with('-')).map(|i| (Action::Other, i, 1))
            }
        };
        // `yarn` alone installs.
        let alone = manager.is_some_and(|m| found.is_none() && m.installs_alone(args));
        let action = if alone { Action::Install } else { found.map_or(Action::Other, |f| f.0) };
        out.push(CommandUse {
            id: CommandId::of(out.len()),
            script: id,
            command,
            program: program.into(),
            first_argument: name_index + 1 + skipped,
            manager,
            action,
            subcommand: found.map(|f| (f.1, f.2)),
        });
    }
}

/// The indices of the commands by program, those of one in the order of the file.
pub(super) fn by_program(commands: &[CommandUse]) -> Vec<usize> {
    // Of most programs the length and the first letters tell which comes first.
    let start = |program: &str| {
        let bytes = program.as_bytes();
        let mut start = [0; 8];
        start[0] = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        start[1..].iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
        u64::from_be_bytes(start)
    };
    let mut sorted: Vec<(u64, usize)> = commands.iter().map(|c| start(&c.program)).zip(0..).collect();
    let order = |at: usize| super::order(&commands[at].program);
    let is_whole = |start: u64| start >> 56 <= 7;
    sorted.sort_unstable_by(|a, b| {
        let names = || if is_whole(a.0) { Ordering::Equal } else { order(a.1).cmp(&order(b.1)) };
        a.0.cmp(&b.0).then_with(names).then(a.1.cmp(&b.1))
    });
    sorted.into_iter().map(|(_, command)| command).collect()
}

/// One spelling for programs that go by several, and how many arguments belong to the name.
fn spelling<'a>(program: &'a str, args: &'a [Word]) -> (&'a str, usize) {
    let is_version = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let program = program.strip_suffix(".exe").unwrap_or(program);
    if program.strip_prefix("pip").is_some_and(is_version) {
        return ("pip", 0);
    }
    if program.strip_prefix("python").is_some_and(is_version)
        && args.first().is_some_and(|w| w.is("-m"))
        && let Some(module @ ("pip" | "uv" | "pipenv" | "poetry")) = args.get(1).and_then(Word::as_str)
    {
        return (module, 2);
    }
    (program, 0)
}
