//! What Poetry no longer has.

use crate::rules::Cx;
use crate::semantic::{Cmd, CopyFrom, PoetryVersion};
use crate::size::python_version;

/// Commands and options that Poetry 2.0 took away, and what to write instead.
const GONE: [(&str, Option<&str>, &str); 9] = [
    ("install", Some("--no-dev"), "write `--only main`"),
    ("install", Some("--remove-untracked"), "write `poetry sync`"),
    ("update", Some("--no-dev"), "write `--only main`"),
    ("show", Some("--no-dev"), "write `--only main`"),
    ("lock", Some("--no-update"), "leave it out: `poetry lock` keeps the versions that are locked"),
    ("lock", Some("--check"), "write `poetry check --lock`"),
    ("export", Some("--dev"), "write `--with dev`"),
    ("export", None, "also install the plugin `poetry-plugin-export`"),
    ("shell", None, "run programs with `poetry run`"),
];

/// `not-in-poetry-2`.
pub fn not_in_poetry_2(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.commands_named("poetry").next().is_none() {
        return;
    }
    // A list of requirements may name the plugin as well.
    let lists = model.run_commands().flat_map(|cmd| cmd.requirement_files()).next().is_some();
    let has_plugins = lists || model.file.text().contains("poetry-plugin-");
    // Plugins that a project asks for come with its first install.
    let mut is_installed = false;
    for (cmd, version) in model.poetry_commands() {
        let had_install = is_installed;
        is_installed |= cmd.is_subcommand("install");
        if !cmd.ends_build() || !is_poetry_2(cx, &cmd, version) {
            continue;
        }
        for (command, option, help) in GONE.iter().filter(|(command, ..)| cmd.is_subcommand(command)) {
            let (span, what) = match option {
                Some(option) => match cmd.args().iter().find(|word| word.is(option)) {
                    Some(word) => (word.span, format!("option `{option}`")),
                    None => continue,
                },
                // A plugin has it, and pyproject.toml may ask for one.
                None if has_plugins || had_install && asks_for_plugins(cx, &cmd) => continue,
                None => (cmd.head_span(), format!("command `{command}`")),
            };
            let message = format!("Poetry 2 has no {what}: the build fails");
            cx.report(cx.at(span, message).help(*help));
            break;
        }
    }
}

/// Whether the build surely has Poetry 2: it is said, or the newest is installed with a Python that it runs on. Another one
/// may come from another stage, or by its path.
fn is_poetry_2(cx: &Cx<'_>, cmd: &Cmd<'_>, version: PoetryVersion) -> bool {
    let model = cx.model;
    let is_by_path = cmd.shell().program_word().is_none_or(|word| word.static_prefix().contains('/'));
    let is_brought = || {
        let mut copies = cmd.stage().into_iter().flat_map(|stage| model.copies_before(stage, cmd.step()));
        copies.any(|copy| copy.from != CopyFrom::Context)
    };
    if is_by_path || model.file.text().contains("pip.conf") || is_brought() {
        return false;
    }
    match version {
        PoetryVersion::Exact(major, _) => major >= 2,
        PoetryVersion::Newest => {
            let python = cmd.stage().and_then(|stage| python_version(model, stage));
            python.is_some_and(|version| version >= (3, 9))
        }
        PoetryVersion::Unknown => false,
    }
}

/// Whether the project's own `pyproject.toml` names plugins that Poetry installs by itself. A file that is not
/// known names none: few do.
fn asks_for_plugins(cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
    let path = cx.model.source_beside(cmd, "pyproject.toml");
    let text = path.as_deref().and_then(|path| cx.model.text_of(path));
    text.is_some_and(|text| text.contains("requires-plugins"))
}
