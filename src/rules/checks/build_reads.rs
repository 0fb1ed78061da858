//! Signs that a build wants what it gets from its context.

use std::collections::BTreeMap;

use dockerignore::filepath::clean;

use crate::knowledge::ManagerId;
use crate::semantic::{Cmd, Model, Stage};
use crate::shell::RedirectKind;

/// Managers that call git themselves, for packages whose source is a repository.
const CALL_GIT: [ManagerId; 6] = [
    ManagerId::Bundler,
    ManagerId::Composer,
    ManagerId::Pip,
    ManagerId::Pipenv,
    ManagerId::Poetry,
    ManagerId::Uv,
];

/// The files that the commands of RUNs name, by their paths in the image, each with the steps that name it.
pub(super) struct NamedFiles(BTreeMap<String, Vec<usize>>);

impl NamedFiles {
    /// What the RUNs of a Dockerfile name, apart from what they only remove or write.
    pub(super) fn of(model: &Model) -> Self {
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for cmd in model.run_commands() {
            for path in reads(&cmd) {
                named.entry(clean(&path)).or_default().push(cmd.step());
            }
        }
        Self(named)
    }

    /// True if a RUN of `stage`, or of one that starts from it, names the file after `step`.
    pub(super) fn has_after(&self, model: &Model, path: &str, stage: &Stage, step: usize) -> bool {
        let inherits = |at: usize| model.stage_of(at).is_some_and(|own| model.inherits(own, stage));
        self.0.get(path).is_some_and(|steps| steps.iter().any(|at| *at > step && inherits(*at)))
    }
}

/// The paths that the words of a command may be, also behind the `=` of an option or a variable.
fn reads(cmd: &Cmd<'_>) -> Vec<String> {
    if !cmd.removed_paths().is_empty() {
        return Vec::new();
    }
    let shell = cmd.shell();
    let mut args = cmd.args();
    // The last of these is where it goes to.
    if matches!(cmd.program(), "cp" | "mv" | "ln" | "install" | "touch" | "tee") {
        args = args.split_last().map_or(&[][..], |(_, from)| from);
    }
    let inputs = shell.redirects.iter().filter(|redirect| redirect.kind == RedirectKind::Read);
    let values = shell.assignments.iter().filter_map(|assignment| assignment.value.as_ref());
    let words = args.iter().chain(inputs.filter_map(|redirect| redirect.target.as_ref())).chain(values);
    let mut paths: Vec<String> = words.flat_map(|word| cmd.paths_of(word)).collect();
    let behind = args.iter().filter_map(|word| word.as_str()?.split_once('=')).map(|(_, value)| value);
    paths.extend(behind.filter_map(|value| cmd.absolute(value)));
    paths
}

/// True if a stage has git installed though nothing in the Dockerfile seems to call it, and goes on to build after `step`:
/// what it builds asks for the version.
pub(super) fn has_git_for_version(model: &Model, stage: &Stage, step: usize) -> bool {
    let is_git = |cmd: &Cmd<'_>| {
        cmd.usage.manager.is_some_and(|m| m.system) && cmd.packages().iter().any(|p| p.name == "git")
    };
    let is_own = |cmd: &Cmd<'_>| model.inherits_step(stage, cmd.step());
    let calls = |cmd: &Cmd<'_>| {
        let by_manager = |m: ManagerId| CALL_GIT.contains(&m) || ManagerId::OF_NODE_MODULES.contains(&m);
        let names = |text: &str| text.contains("git+") || text.contains("git@") || text.ends_with(".git");
        cmd.program() == "git"
            || cmd.usage.manager.is_some_and(|m| by_manager(m.id))
            || cmd.program() == "go" && cmd.is_subcommand("get")
            || cmd.args().iter().any(|word| names(word.static_prefix()) || word.is("--git"))
    };
    // A script of the project may do anything.
    let builds = |cmd: &Cmd<'_>| {
        let word = cmd.shell().program_word().and_then(|word| word.as_str());
        cmd.builds_program() || cmd.only_builds() || word.is_some_and(|word| word.starts_with('.'))
    };
    let below = || model.run_commands().filter(is_own);
    below().any(|cmd| is_git(&cmd))
        && below().any(|cmd| cmd.step() > step && builds(&cmd))
        && !model.run_commands().any(|cmd| calls(&cmd))
}
