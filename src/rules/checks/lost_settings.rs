//! Commands that set something for the shell they run in, which ends with its RUN.

use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::semantic::{Cmd, ScriptKind};
use crate::shell::{Connector, Link, Word};
use crate::text::{Edit, Span};

/// The programs that may do so.
const PROGRAMS: [&str; 11] =
    [".", "alias", "conda", "export", "mamba", "micromamba", "set", "shopt", "source", "ulimit", "umask"];

/// Files that only set variables, by the ends of their names.
const SETTINGS: [&str; 8] = [
    "/activate",
    "/.bashrc",
    "/.profile",
    "/.bash_profile",
    "/.zshrc",
    "/etc/profile",
    "/.cargo/env",
    "/.nvm/nvm.sh",
];

/// `setting-ends-with-run`.
pub fn lost(cx: &mut Cx<'_>) {
    let model = cx.model;
    for program in PROGRAMS {
        for cmd in model.commands_named(program) {
            if program == "set"
                && let Some(word) = taken_by_set(&cmd)
            {
                let message =
                    format!("`set` takes `{}` as an argument instead of running it", word.static_prefix());
                cx.report(cx.at(word.span, message).help("put `&&` or `;` before it"));
                continue;
            }
            let Some(what) = setting(&cmd) else { continue };
            if !is_last(&cmd) {
                continue;
            }
            let message = format!("{what} is gone when this RUN ends, and nothing else in this RUN uses it");
            let finding = cx.at(cmd.shell().span, message);
            cx.report(advised(&cmd, finding));
        }
    }
}

/// The command that `set -e COMMAND` was most likely meant to run.
fn taken_by_set<'m>(cmd: &Cmd<'m>) -> Option<&'m Word> {
    let [options, word, ..] = cmd.args() else { return None };
    let letters = options.as_str()?.strip_prefix('-')?;
    let sets =
        letters.contains(['e', 'x', 'u']) && letters.bytes().all(|b| b.is_ascii_alphabetic() && b != b'o');
    let is_command =
        word.as_str().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'));
    (sets && is_command && cmd.script().kind == ScriptKind::Run && !cmd.script().exec).then_some(word)
}

/// What a command sets for its shell.
fn setting(cmd: &Cmd<'_>) -> Option<&'static str> {
    let mut args = cmd.args().iter();
    match cmd.program() {
        "." | "source" => {
            let file = args.next()?.static_prefix();
            let is_setting =
                SETTINGS.iter().any(|end| file.ends_with(end) || format!("/{file}").ends_with(end))
                    || file.starts_with("/opt/ros/") && file.contains("setup.");
            is_setting.then_some("what this file sets")
        }
        "conda" | "mamba" | "micromamba" => {
            cmd.is_subcommand("activate").then_some("the environment that this activates")
        }
        "export" => {
            let sets = |w: &Word| !w.static_prefix().starts_with('-');
            args.next().is_some_and(sets).then_some("a variable that `export` sets")
        }
        "alias" => args.next().is_some_and(|w| w.static_prefix().contains('=')).then_some("an alias"),
        "umask" => args.next().map(|_| "a umask"),
        "ulimit" => {
            let is_limit = |w: &Word| w.has_expansion() || !w.static_prefix().starts_with('-');
            args.any(is_limit).then_some("a limit")
        }
        "set" | "shopt" => {
            let is_option = |w: &Word| w.static_prefix().starts_with(['-', '+']);
            args.next().is_some_and(is_option).then_some("an option of the shell")
        }
        _ => None,
    }
}

/// True for the last command of a RUN, on the top level of its script.
fn is_last(cmd: &Cmd<'_>) -> bool {
    let script = cmd.script();
    let shell = cmd.shell();
    let place = &shell.place;
    let Some(list) = script.script.lists.get(place.list) else { return false };
    let ends = matches!(place.after, None | Some(Link { connector: Connector::Seq, .. }));
    place.list == 0
        && script.kind == ScriptKind::Run
        && !script.exec
        && !script.script.approximate
        && place.index + 1 == list.len
        && ends
        && place.before.connector != Connector::Or
        && place.pipeline.is_none()
        && !place.background
        && !place.negated
        && shell.redirects.is_empty()
        && shell.effective().wrappers.is_empty()
        && script.script.functions.iter().all(|f| &*f.name != cmd.program())
}

/// Says what to write instead.
fn advised(cmd: &Cmd<'_>, finding: Finding) -> Finding {
    match cmd.program() {
        "export" => {
            let finding = finding.help("write ENV, which holds for all later instructions and in the container");
            match env(cmd) {
                Some(edit) => finding.fix(Fix::uncertain("use ENV", [edit])),
                None => finding,
            }
        }
        "." | "source" if cmd.args().first().is_some_and(|w| w.static_prefix().ends_with("activate")) => finding
            .help("write `ENV PATH=FOLDER/bin:$PATH` with the folder of the environment"),
        "conda" | "mamba" | "micromamba" => finding.help(format!(
            "write `SHELL [\"{}\", \"run\", \"-n\", \"NAME\", \"/bin/bash\", \"-c\"]`, or put its `bin` in front of PATH by ENV",
            cmd.program()
        )),
        "." | "source" => finding.help("read the file in the RUN that needs it, or set its variables by ENV"),
        "set" | "shopt" => finding.help("set it in the RUN that needs it, or by SHELL"),
        _ => finding.help("set it in the RUN that needs it"),
    }
}

/// ENV in the place of a RUN that only exports variables.
fn env(cmd: &Cmd<'_>) -> Option<Edit> {
    let model = cmd.model;
    let instruction = model.instruction(cmd.step());
    let alone = model.commands_of(cmd.step()).len() == 1
        && instruction.flags.is_empty()
        && instruction.heredocs.is_empty()
        && cmd.shell().assignments.is_empty();
    let is_plain = |w: &Word| {
        let text = model.text(w.span);
        w.exact
            && !text.contains(['\'', '`', '\\', '\n', '~', '*'])
            && !text.contains("$(")
            && text.contains('=')
    };
    let (first, last) = (cmd.args().first()?, cmd.args().last()?);
    let whole = Span::new(instruction.keyword_span.start, last.span.end);
    let simple = alone && cmd.args().iter().all(is_plain) && last.span.end == instruction.span.end;
    let words = model.text(first.span.to(last.span));
    (simple && !words.contains('\n')).then(|| Edit::replace(whole, format!("ENV {words}")))
}
