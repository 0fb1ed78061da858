//! Which scripts are checked, and what the program gets to read of each.

use std::collections::BTreeSet;

use crate::knowledge::{Family, PROXY_VARIABLES};
use crate::semantic::{Base, Cmd, Model, ScriptKind, ScriptUse};
use crate::shell::{Dialect as Language, Part, PartKind, Script, Word};
use crate::syntax::{
    CommandForm, Escape, ExecForm, Healthcheck, Instruction, Kind, Logical, MountType, interpreter,
};

use crate::text::Span;

use super::dialect::Dialect;
use super::directives::Directives;
use super::program::Version;

/// Longer scripts are not checked: a kernel takes no longer line for `sh -c`.
pub const MAX_SCRIPT_BYTES: usize = 128 << 10;

/// Variables beyond this number are declared only where the script names them.
const MAX_VARIABLES: usize = 200;

/// Programs that take names of packages or extensions, and are no package managers.
const LIST_TAKERS: [&str; 5] =
    ["apt-mark", "docker-php-ext-configure", "docker-php-ext-enable", "docker-php-ext-install", "pecl"];

/// A script to be checked.
#[derive(Debug, Clone)]
pub struct Job {
    /// The instruction that it is in.
    pub step: usize,
    pub(super) dialect: Dialect,
    /// The script, with a map to the file.
    pub(super) script: Logical,
    /// True if it stands in a JSON string.
    pub(super) json: bool,
    /// Where a variable stands for several words: a list for a package manager, with its place in the file.
    pub(super) lists: Vec<Span>,
    /// True if a command in it sets variables whose names cannot be seen.
    pub(super) sets_unseen: bool,
    /// True if the shell ends it at the first command that fails.
    stops_at_errors: bool,
    directives: Vec<String>,
    variables: BTreeSet<String>,
}

/// What the program reads: a head of our own, and the script.
pub(super) struct Input {
    pub(super) text: String,
    /// How many lines the head has.
    pub(super) head: u32,
    /// True if the first line is the script's own too.
    pub(super) shebang: bool,
}

impl Job {
    /// What a program of that version reads.
    pub(super) fn input(&self, version: Version) -> Input {
        let script = self.script.text();
        let shebang = script.starts_with("#!").then(|| script.lines().next()).flatten();
        let mut head = vec![match shebang {
            Some(line) => line.to_owned(),
            None => format!("#!/bin/sh{}", if self.stops_at_errors { " -e" } else { "" }),
        }];
        head.push(format!("# shellcheck shell={}", self.dialect.name(version)));
        head.extend_from_slice(&self.directives);
        if !self.variables.is_empty() {
            // A value without blanks and wildcards: what a variable of the Dockerfile holds is its author's
            // business, and quoting each of them no news.
            let values: Vec<String> = self.variables.iter().map(|name| format!("{name}=1")).collect();
            head.push(format!("export {}", values.join(" ")));
        }
        let lines = u32::try_from(head.len()).unwrap_or(u32::MAX);
        let mut text = head.join("\n") + "\n";
        match script.strip_prefix("#!") {
            Some(rest) => text.extend(["##", rest]),
            None => text.push_str(script),
        }
        Input { text, head: lines, shebang: shebang.is_some() }
    }
}

/// The scripts of a Dockerfile that ShellCheck can read, in their order.
#[must_use]
pub fn jobs(model: &Model) -> Vec<Job> {
    model.scripts.iter().filter_map(|script| job(model, script)).collect()
}

fn job(model: &Model, script: &ScriptUse) -> Option<Job> {
    let instruction = model.instruction(script.step);
    let found = match form(instruction)? {
        CommandForm::Exec(exec) => Found::in_exec(exec)?,
        form => Found {
            text: instruction.joined_script(&model.file, form)?,
            program: None,
            stops: false,
            json: false,
        },
    };
    let text = found.text.text();
    // An exec form with a fault in it; that is another rule's.
    if script.kind != ScriptKind::Run && text.starts_with('[') && text.ends_with(']') {
        return None;
    }
    let (shell, language) = model.shell_of(script);
    let shell = shell.filter(|_| !found.json);
    let directives = Directives::of(model, script.step, text);
    let program = directives.shell.as_deref().or(interpreter(text)).or(found.program);
    let program = program.or_else(|| Some(shell?.program())).or(match language {
        Language::Posix => Some("/bin/sh"),
        Language::Bash => Some("/bin/bash"),
        _ => None,
    })?;
    let dialect = Dialect::of_program(program, family(model, script))?;
    let variables =
        if text.contains('$') { variables(model, script, instruction, text) } else { BTreeSet::new() };
    Some(Job {
        step: script.step,
        dialect,
        json: found.json,
        lists: lists(model, script),
        sets_unseen: sets_unseen(&script.script),
        stops_at_errors: found.stops || shell.is_some_and(|s| s.stops_at_errors()),
        directives: directives.lines,
        variables,
        script: found.text,
    })
}

fn form(instruction: &Instruction) -> Option<&CommandForm> {
    match &instruction.kind {
        Kind::Run(form) | Kind::Cmd(form) | Kind::Entrypoint(form) => Some(form),
        Kind::Healthcheck(Healthcheck::Cmd(form)) => Some(form),
        _ => None,
    }
}

/// The script of an instruction.
struct Found<'a> {
    text: Logical,
    /// The shell that is called to read it.
    program: Option<&'a str>,
    stops: bool,
    json: bool,
}

impl<'a> Found<'a> {
    /// The script of `["sh", "-c", "…"]`, if it is written without escapes.
    fn in_exec(exec: &'a ExecForm) -> Option<Self> {
        let (program, rest) = exec.items.split_first()?;
        let at = rest.iter().position(|item| !item.value.starts_with('-'))?;
        let (options, script) = (&rest[..at], rest.get(at)?);
        let letters = |item: &&crate::syntax::ExecItem| item.value.strip_prefix('-').map(str::to_owned);
        if !options.last().as_ref().and_then(letters)?.ends_with('c') || !script.exact {
            return None;
        }
        Some(Self {
            text: Logical::verbatim(script.span.start, &script.value),
            program: Some(&program.value),
            stops: options
                .iter()
                .any(|o| letters(&o).is_some_and(|l| l.contains('e') && !l.starts_with('-'))),
            json: true,
        })
    }
}

/// The family of the image, as far as it says which shell `sh` is.
fn family(model: &Model, script: &ScriptUse) -> Family {
    let Some(stage) = model.stage_of(script.step) else { return Family::Unknown };
    match model.root_base(stage) {
        // It has no packages, but the shell of Alpine.
        Base::Image(image) if image.familiar_path() == "busybox" => Family::Alpine,
        _ => match model.family(stage) {
            // Nobody else asks for it.
            Family::Unknown if model.file.escape == Escape::Backtick => Family::Windows,
            family => family,
        },
    }
}

/// The variables that the script finds set.
fn variables(model: &Model, script: &ScriptUse, instruction: &Instruction, text: &str) -> BTreeSet<String> {
    let mut names: BTreeSet<&str> = PROXY_VARIABLES.iter().copied().collect();
    match model.variables_of(script, MAX_VARIABLES) {
        Some(all) => names.extend(all),
        None => names.extend(expanded(text).filter(|name| model.has_variable(script, name))),
    }
    if script.kind == ScriptKind::Run {
        let secrets = instruction.mounts.iter().filter(|mount| mount.kind == MountType::Secret);
        names.extend(secrets.filter_map(|mount| mount.option(&["env"])?.value.as_deref()));
    } else {
        // Whoever starts the container may set any.
        names.extend(expanded(text));
    }
    names
        .into_iter()
        .filter(|name| is_name(name) && *name != "IFS" && *name != "_")
        .map(str::to_owned)
        .collect()
}

/// The variables that are a package manager's arguments as they are: `apt-get install $packages`.
fn lists(model: &Model, script: &ScriptUse) -> Vec<Span> {
    let takes_names = |cmd: &Cmd<'_>| cmd.usage.manager.is_some() || LIST_TAKERS.contains(&cmd.program());
    let commands = model.commands_of(script.step).filter(takes_names);
    let bare = |word: &&Word| {
        matches!(&*word.parts, [Part { kind: PartKind::Variable(_), .. }])
            && model.text(word.span).starts_with('$')
    };
    commands
        .flat_map(|cmd| cmd.args().iter().filter(bare).map(|word| word.span).collect::<Vec<_>>())
        .collect()
}

/// True for `. file`, `eval`, and `export $(…)`.
fn sets_unseen(script: &Script) -> bool {
    script.commands.iter().any(|command| match command.program() {
        Some("." | "source" | "eval") => true,
        Some("export" | "declare" | "typeset" | "local" | "readonly") => {
            command.arguments().iter().any(|w| w.has_expansion() && !w.static_prefix().contains('='))
        }
        _ => false,
    })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The names behind each `$` of a text.
fn expanded(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest).trim_start_matches(['#', '!']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).filter(|name| is_name(name))
    })
}
