//! Whether a build may have put another version of a language in than its image has.

use crate::knowledge::{Action, Trait, VERSION_MANAGERS, program_is};
use crate::semantic::{Cmd, CopyFrom, CopyUse, Model, base_name, is_file_name};
use crate::shell::Connector;
use crate::syntax::{Instruction, Kind, Pair};

/// More stages below one are not looked at.
const MAX_STAGES: usize = 20;

/// A language, and what another version of it shows in.
pub(super) struct Language {
    /// Its programs.
    pub(super) programs: &'static [&'static str],
    /// What names of packages and archives of it begin with or hold.
    pub(super) word: &'static str,
    /// Files that hold settings of its package managers.
    pub(super) settings: &'static [&'static str],
}

pub(super) const GO: Language = Language { programs: &["go"], word: "go", settings: &["go.env"] };
pub(super) const RUST: Language = Language {
    programs: &["cargo", "rustc", "rustup"],
    word: "rust",
    settings: &["config.toml", ".cargo", "rustup"],
};
pub(super) const PYTHON: Language = Language {
    programs: &["python", "python3", "pip", "pip3", "uv.toml"],
    word: "python",
    settings: &["pip.conf", "pip.ini", ".config", "pip"],
};
pub(super) const NODE: Language = Language {
    programs: &["node", "nodejs", "npm", "npx", "yarn", "pnpm"],
    word: "node",
    settings: &[".npmrc", "npmrc", ".yarnrc", ".yarnrc.yml", "rc"],
};

impl Language {
    /// True if something before `cmd`, or in its RUN, may have brought another version, or settings by which the one that
    /// is there will do.
    pub(super) fn may_be_other(&self, model: &Model, cmd: &Cmd<'_>) -> bool {
        let Some(stage) = cmd.stage() else { return true };
        let mut lineage = model.lineage(stage);
        let other = lineage.by_ref().take(MAX_STAGES).any(|stage| {
            let mut steps = model.instructions_of(stage).take_while(|(step, _)| *step <= cmd.step());
            steps.any(|(step, instruction)| self.is_brought(model, step, instruction, cmd))
        });
        other || lineage.next().is_some()
    }

    fn is_brought(&self, model: &Model, step: usize, instruction: &Instruction, cmd: &Cmd<'_>) -> bool {
        match &instruction.kind {
            Kind::Env(pairs) => pairs.iter().any(|pair| self.is_set(model, pair)),
            Kind::Run(_) => {
                let text = model.text(instruction.span);
                let mut tokens =
                    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\\')));
                tokens.any(|token| VERSION_MANAGERS.contains(&token))
                    || text.contains("PATH=")
                    || model.scripts_of(step).iter().any(|script| script.script.opaque)
                    || model.commands_of(step).any(|own| self.brings(&own, text))
            }
            Kind::Copy(_) | Kind::Add(_) => {
                model.copies_of(step).iter().any(|copy| self.is_copied(model, copy, cmd))
            }
            _ => false,
        }
    }

    /// True for a variable that may be a setting of the version, or leads to other programs.
    fn is_set(&self, model: &Model, pair: &Pair) -> bool {
        const ABOUT: [&str; 9] = [
            "CONFIG_FILE",
            "ENGINE",
            "FORCE",
            "GLOBALCONFIG",
            "NODE_VERSION",
            "REQUIRES_PYTHON",
            "TOOLCHAIN",
            "USERCONFIG",
            "YARN_RC",
        ];
        let key = pair.key.text.to_ascii_uppercase();
        if key == "PATH" {
            let value = pair.value.as_ref().map_or("", |value| model.text(value.span)).trim_matches('"');
            return self.leads_elsewhere(model, value);
        }
        ABOUT.iter().any(|word| key.contains(word))
    }

    /// True if a folder before those that were there may hold another version.
    fn leads_elsewhere(&self, model: &Model, path: &str) -> bool {
        let is_own = |folder: &str| {
            let folder = folder.trim_end_matches('/');
            let known =
                ["node_modules/.bin", ".local/bin", "GOPATH/bin", "GOPATH}/bin", "/go/bin", "/cargo/bin"];
            known.iter().any(|end| folder.ends_with(end))
        };
        // An environment has the Python that made it.
        let is_environment = || {
            let makes = |cmd: Cmd<'_>| {
                matches!(cmd.program(), "python" | "python3") && cmd.args().iter().any(|word| word.is("venv"))
                    || matches!(cmd.program(), "virtualenv" | "poetry")
            };
            self.word == "python" && model.run_commands().any(makes)
        };
        let mut folders = path.split(':');
        let other = folders.by_ref().take_while(|folder| !folder.contains("PATH") || folder.contains('/'));
        let is_other = other.filter(|folder| !is_own(folder)).count() > 0;
        is_other && !is_environment()
    }

    /// True for a command that may put another version in. `run` is the text of its RUN.
    fn brings(&self, cmd: &Cmd<'_>, run: &str) -> bool {
        let program = cmd.program();
        let is_fed = || {
            let before = cmd.shell().place.before.connector;
            program_is(program, Trait::Shell) && matches!(before, Connector::Pipe | Connector::PipeBoth)
        };
        let is_package = |name: &str| {
            let rest = name.rsplit('/').next().and_then(|name| name.strip_prefix(self.word));
            rest.is_some_and(|rest| match self.word {
                // Those of the distribution lie behind the image's own, unless they bear a number.
                "python" => rest.starts_with("3."),
                "node" => rest.is_empty() || rest == "js" || rest.starts_with('-'),
                "go" => rest.is_empty() || rest.starts_with("lang"),
                _ => true,
            })
        };
        let moves =
            ["tar", "unzip", "dpkg", "ln", "mv", "cp", "install", "update-alternatives", "bsdtar", "7z"];
        cmd.runs_script()
            || is_fed()
            || matches!(program, "make" | "just" | "task" | "ansible-playbook" | "brew" | "pkgx")
            || moves.contains(&program) && run.contains(self.word)
            || cmd.usage.action == Action::Install
                && cmd.packages().iter().any(|package| is_package(&package.name))
    }

    /// True for a copy that may bring another version, or settings from elsewhere.
    fn is_copied(&self, model: &Model, copy: &CopyUse, cmd: &Cmd<'_>) -> bool {
        let Some(to) = copy.destination.known() else { return true };
        let folder = model.workdir(cmd.step()).known().map(|folder| folder.trim_end_matches('/'));
        // What lies beside the command is read.
        let beside = |target: &str| target.rsplit_once('/').map(|(parent, _)| parent) == folder;
        let names = |path: &str| self.settings.contains(&base_name(path.trim_end_matches('/')));
        let sets = copy.sources.iter().filter_map(|source| source.value.known()).any(names) || names(to);
        let targets = copy.targets();
        sets && !targets.iter().all(|target| beside(target) || Some(target.as_str()) == folder)
            || targets.iter().any(|target| self.is_program(target, copy.from != CopyFrom::Context))
    }

    /// True for a place where programs of the language may come to lie.
    fn is_program(&self, target: &str, is_foreign: bool) -> bool {
        let name = base_name(target);
        let (parent, in_bin) =
            (target.strip_suffix(name).unwrap_or(""), target.ends_with("/bin") || target.ends_with("/sbin"));
        if parent.ends_with("/bin/") || parent.ends_with("/sbin/") {
            return self.programs.contains(&name);
        }
        let whole = matches!(target, "" | "/" | "/usr" | "/usr/local" | "/usr/local/lib" | "/usr/lib");
        whole
            || is_foreign
                && (in_bin && !is_file_name(target) || self.programs.contains(&name) || name == self.word)
    }
}
