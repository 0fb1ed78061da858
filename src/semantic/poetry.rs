//! Which Poetry a build installs.

use crate::knowledge::{Action, ManagerId};

use super::requirement::{Asked, Requirement, requirement, requirements};
use super::setting::Setting;
use super::{Analysis, Base, Cmd, Model};

/// Which Poetry a build has, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoetryVersion {
    /// The newest that there is.
    Newest,
    /// This one: major and minor.
    Exact(u32, u32),
    /// The base image brings it, or what installs it does not tell.
    Unknown,
}

impl PoetryVersion {
    /// `1.1.12`.
    fn of(text: &str) -> Self {
        let mut parts = text.trim_start_matches('v').split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Self::Exact(major, minor),
            (Some(Ok(major)), None) => Self::Exact(major, 0),
            _ => Self::Unknown,
        }
    }
}

/// The most commands whose projects are read.
const MAX_PROJECTS: usize = 8;

impl Model {
    /// The `pyproject.toml` of what `poetry export` lists, as paths of the build context: it may ask for plugins.
    #[must_use]
    pub(super) fn exported_projects(&self) -> Vec<String> {
        let exports = self.commands_named("poetry").filter(|cmd| cmd.is_subcommand("export"));
        exports.take(MAX_PROJECTS).filter_map(|cmd| self.source_beside(&cmd, "pyproject.toml")).collect()
    }
}

impl Analysis {
    /// The commands of Poetry, each with which Poetry the commands before it install: by pip and the like, by a list of
    /// requirements, or by its own installer, which goes by `POETRY_VERSION`.
    #[must_use]
    pub fn poetry_commands(&self) -> Vec<(Cmd<'_>, PoetryVersion)> {
        let model: &Model = self;
        let mut commands = Vec::new();
        if model.commands_named("poetry").next().is_none() {
            return commands;
        }
        // Whether the script of a step says which version its installer takes.
        let mut told = (usize::MAX, false);
        let is_poetry = |asked: Requirement| (asked.name == "poetry").then_some(asked);
        let version = |asked: Requirement| match asked.exact {
            Some(exact) => PoetryVersion::of(&exact),
            None if asked.versioned => PoetryVersion::Unknown,
            None => PoetryVersion::Newest,
        };
        let of_package = |text: &str| match requirement(text) {
            Asked::Package(asked) => is_poetry(asked).map(version),
            _ => None,
        };
        let of_list = |path: &str| requirements(self.text_of(path)?).wanted.into_iter().find_map(is_poetry);
        // By stage: which Poetry it has by now, and whether something that is not understood decides about it.
        let mut known = model.stages.each(None);
        for cmd in model.run_commands() {
            let Some(stage) = cmd.stage() else { continue };
            let before = match &stage.base {
                Base::Stage(base) => known.get(*base).copied().flatten(),
                _ => None,
            };
            let Some(state) = known.get_mut(stage.index) else { continue };
            let (found, is_open) = state.get_or_insert(before.unwrap_or((PoetryVersion::Unknown, false)));
            let texts = || cmd.args().iter().filter_map(|word| cmd.text_of(word));
            let is_bound = cmd.has_any_flag(&["-c", "--constraint", "--no-index", "-f", "--find-links"])
                || cmd.setting("PIP_CONSTRAINT").is_some();
            let is_own = cmd.program() == "poetry";
            let names_it = is_own || texts().any(|text| text.contains("poetry"));
            // A list of versions, a folder of packages or a condition decides about it.
            *is_open |= names_it && (is_bound && !is_own || cmd.shell().place.within.branch)
                || is_own && cmd.is_subcommand("self");
            if is_own {
                commands.push((cmd, if *is_open { PoetryVersion::Unknown } else { *found }));
                continue;
            }
            let is_python = [ManagerId::Pip, ManagerId::Uv].iter().any(|id| cmd.is(*id, Action::Install));
            let is_tool = cmd.program() == "pipx" && cmd.is_subcommand("install")
                || cmd.program() == "uv" && cmd.is_subcommand("tool install");
            if is_python || is_tool {
                let named = texts().find_map(|text| of_package(&text));
                let listed = || {
                    cmd.requirement_files().into_iter().flatten().find_map(|path| of_list(&path)).map(version)
                };
                // A list that is not known may name it.
                let is_unknown = || {
                    let mut lists = cmd.requirement_files().into_iter().flatten();
                    lists.any(|path| self.text_of(&path).is_none())
                };
                let settled = named.or_else(listed);
                *found =
                    settled.unwrap_or_else(|| if is_unknown() { PoetryVersion::Unknown } else { *found });
            } else if texts().any(|text| text.contains("install.python-poetry.org")) {
                if told.0 != cmd.step() {
                    let script = model.text(model.instruction(cmd.step()).span);
                    told = (cmd.step(), script.contains("POETRY_VERSION") || script.contains("--version"));
                }
                *found = match cmd.setting("POETRY_VERSION") {
                    Some(Setting::To(version)) => PoetryVersion::of(version),
                    None if !told.1 => PoetryVersion::Newest,
                    _ => PoetryVersion::Unknown,
                };
            }
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn what_installs_it_tells_which_it_is() {
        for (installed, expected) in [
            ("RUN pip install poetry", PoetryVersion::Newest),
            ("RUN pip install --no-cache-dir 'poetry==1.1.12' x", PoetryVersion::Exact(1, 1)),
            ("ARG V=1.8.3\nRUN pip install poetry==$V", PoetryVersion::Exact(1, 8)),
            ("ARG V\nRUN pip install poetry==$V", PoetryVersion::Unknown),
            ("RUN pip install 'poetry<2'", PoetryVersion::Unknown),
            ("RUN pipx install poetry==2.1", PoetryVersion::Exact(2, 1)),
            ("RUN curl -sSL https://install.python-poetry.org | python3 -", PoetryVersion::Newest),
            (
                "ENV POETRY_VERSION=1.1.4\nRUN curl -sSL https://install.python-poetry.org | python3 -",
                PoetryVersion::Exact(1, 1),
            ),
            (
                "RUN curl -sSL https://install.python-poetry.org | POETRY_VERSION=1.1.4 python3 -",
                PoetryVersion::Unknown,
            ),
            ("RUN true", PoetryVersion::Unknown),
            (
                "RUN pipx install poetry==1.8.3 && pipx inject poetry poetry-plugin-bundle",
                PoetryVersion::Exact(1, 8),
            ),
            ("RUN uv tool install poetry==2.1", PoetryVersion::Exact(2, 1)),
            ("RUN pip install poetry==1.8.5 && pip show poetry", PoetryVersion::Exact(1, 8)),
            // Each stage has its own, or that of the stage it starts from.
            ("RUN pip install poetry==2.1.0\nFROM acme/poetry:1.8", PoetryVersion::Unknown),
            ("RUN pip install poetry==2.1.0\nFROM alpine\nRUN true\nFROM base", PoetryVersion::Exact(2, 1)),
        ] {
            let text = format!("FROM python:3.12 AS base\n{installed}\nRUN poetry install\n");
            let analysis = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
            let commands = analysis.poetry_commands();
            assert_eq!(commands.last().map(|(_, version)| *version), Some(expected), "{installed}");
        }
    }
}
