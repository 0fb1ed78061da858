//! Commands that set something for the shell they run in, which ends with its RUN.

use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::semantic::{Cmd, Model, ScriptKind, ScriptUse};
use crate::shell::{Command, Connector, Link, List, ListKind, PartKind, Word};
use crate::text::{Edit, Span};

/// The programs that may do so.
const PROGRAMS: [&str; 18] = [
    ".",
    "alias",
    "asdf",
    "conda",
    "eval",
    "export",
    "fnm",
    "mamba",
    "micromamba",
    "nvm",
    "pyenv",
    "rbenv",
    "rvm",
    "set",
    "shopt",
    "source",
    "ulimit",
    "umask",
];

/// Files that only set variables, by the ends of their names.
const SETTINGS: [&str; 16] = [
    "/activate",
    "/setup.bash",
    "/local_setup.bash",
    "/setup.zsh",
    "/setvars.sh",
    "/emsdk_env.sh",
    "/sdkman-init.sh",
    "/asdf.sh",
    "/etc/bash.bashrc",
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
            let own = is_last(cmd.script(), cmd.shell());
            if !own && !ends_string(&cmd) {
                continue;
            }
            let message = match own {
                true => format!("{what} is gone when this RUN ends, and nothing else in this RUN uses it"),
                false => format!("{what} is gone when this shell ends, and nothing else in it uses it"),
            };
            let finding = cx.at(cmd.shell().span, message);
            cx.report(advised(&cmd, finding));
        }
    }
    for script in &model.scripts {
        let Some(command) = script.script.commands.last() else { continue };
        let runs =
            |word: &Word| word.parts.iter().any(|p| matches!(p.kind, PartKind::Command | PartKind::Process));
        let assigns = command.words.is_empty()
            && !command.assignments.is_empty()
            && !command.assignments.iter().any(|a| a.value.as_ref().is_none_or(runs));
        if !assigns || !is_last(script, command) {
            continue;
        }
        let message =
            "a variable of the shell is gone when this RUN ends, and nothing else in this RUN uses it";
        let mut finding = cx
            .at(command.span, message)
            .help("write ENV, which applies to all later instructions and to the container");
        let spans = command.assignments.iter().map(|a| a.span);
        if let Some(edit) = in_env(model, script.step, script.script.commands.len() == 1, spans) {
            finding = finding.fix(Fix::uncertain("use ENV", [edit]));
        }
        cx.report(finding);
    }
}

/// True for the last command of what `bash -c '…'` in a RUN runs.
fn ends_string(cmd: &Cmd<'_>) -> bool {
    let (script, place) = (cmd.script(), &cmd.shell().place);
    let Some(list) = script.script.lists.get(place.list) else { return false };
    list.kind == ListKind::ShellString
        && script.kind == ScriptKind::Run
        && !script.script.approximate
        && ends_list(cmd.shell(), list)
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
        "fnm" | "nvm" => first_is(cmd, "use").then_some("the version that this chooses"),
        "rvm" => (first_is(cmd, "use") && !cmd.has_any_flag(&["--default"]))
            .then_some("the version that this chooses"),
        "asdf" | "pyenv" | "rbenv" => first_is(cmd, "shell").then_some("the version that this chooses"),
        "eval" => {
            let starts = |word: &Word| cmd.model.text(word.span).contains("ssh-agent");
            args.any(starts).then_some("the SSH agent that this starts")
        }
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

fn first_is(cmd: &Cmd<'_>, subcommand: &str) -> bool {
    cmd.args().first().is_some_and(|word| word.is(subcommand))
}

/// True for the last command of a RUN, on the top level of its script.
fn is_last(script: &ScriptUse, shell: &Command) -> bool {
    let Some(list) = script.script.lists.get(shell.place.list) else { return false };
    shell.place.list == 0
        && script.kind == ScriptKind::Run
        && !script.exec
        && !script.script.approximate
        && ends_list(shell, list)
        && script.script.functions.iter().all(|f| Some(&*f.name) != shell.program())
}

/// True for the last item of a list, if it runs in the shell of that list.
fn ends_list(shell: &Command, list: &List) -> bool {
    let place = &shell.place;
    let ends = matches!(place.after, None | Some(Link { connector: Connector::Seq, .. }));
    place.index + 1 == list.len
        && ends
        && place.before.connector != Connector::Or
        && place.pipeline.is_none()
        && !place.background
        && !place.negated
        && shell.redirects.is_empty()
        && shell.effective().wrappers.is_empty()
}

/// Says what to write instead.
fn advised(cmd: &Cmd<'_>, finding: Finding) -> Finding {
    match cmd.program() {
        "export" => {
            let finding = finding.help("write ENV, which applies to all later instructions and to the container");
            match env(cmd) {
                Some(edit) => finding.fix(Fix::uncertain("use ENV", [edit])),
                None => finding,
            }
        }
        "." | "source" if cmd.args().first().is_some_and(|w| w.static_prefix().ends_with("activate")) => finding
            .help("write `ENV PATH=FOLDER/bin:$PATH` with the folder of the environment"),
        "conda" | "mamba" | "micromamba" => finding.help(format!(
            "write `SHELL [\"{}\", \"run\", \"-n\", \"NAME\", \"/bin/bash\", \"-c\"]`, or put its `bin` in front of PATH with ENV",
            cmd.program()
        )),
        "." | "source" => finding.help("read the file in the RUN that needs it, or set its variables with ENV"),
        "eval" => finding.help("write `RUN --mount=type=ssh`, which forwards the SSH agent of the host"),
        "asdf" | "fnm" | "nvm" | "pyenv" | "rbenv" | "rvm" => {
            finding.help("put the `bin` of that version in front of PATH with ENV, or choose it in the RUN that needs it")
        }
        "set" | "shopt" => finding.help("set it in the RUN that needs it, or with SHELL"),
        _ => finding.help("set it in the RUN that needs it"),
    }
}

/// ENV in the place of a RUN that only exports variables.
fn env(cmd: &Cmd<'_>) -> Option<Edit> {
    let alone = cmd.model.commands_of(cmd.step()).len() == 1 && cmd.shell().assignments.is_empty();
    let exact = cmd.args().iter().all(|w| w.exact);
    in_env(cmd.model, cmd.step(), alone && exact, cmd.args().iter().map(|w| w.span))
}

/// ENV with these assignments in the place of a RUN, if it does nothing else.
fn in_env(model: &Model, step: usize, alone: bool, spans: impl Iterator<Item = Span>) -> Option<Edit> {
    let instruction = model.instruction(step);
    let is_plain = |span: &Span| {
        let text = model.text(*span);
        !text.contains(['\'', '`', '\\', '\n', '~', '*']) && !text.contains("$(") && text.contains('=')
    };
    let spans: Vec<Span> = spans.collect();
    let (first, last) = (spans.first()?, spans.last()?);
    let whole = Span::new(instruction.keyword_span.start, last.end);
    let simple = alone
        && instruction.flags.is_empty()
        && instruction.heredocs.is_empty()
        && spans.iter().all(is_plain)
        && last.end == instruction.span.end;
    let words = model.text(first.to(*last));
    (simple && !words.contains('\n')).then(|| Edit::replace(whole, format!("ENV {words}")))
}
