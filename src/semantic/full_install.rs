//! Installs of Node that bring the development dependencies as well.

use crate::knowledge::{Action, ManagerId};

use super::{Cmd, Install, Model, PerStage, Setting, Stage};

impl Model {
    /// The install of all dependencies in `folder` that is the last word on them in a stage.
    #[must_use]
    pub fn full_install(&self, stage: &Stage, folder: &str) -> Option<Install<'_>> {
        let here = |cmd: &Cmd<'_>| {
            !cmd.script().changes_folder
                && self.workdir(cmd.step()).known().map(|w| w.trim_end_matches('/')) == Some(folder)
        };
        let commands: Vec<Cmd<'_>> = self.run_commands_below(stage).collect();
        let mut installs =
            commands.iter().rev().filter(|cmd| here(cmd)).filter_map(|cmd| self.install_of(*cmd));
        let install = installs.find(|install| install.manager.id.is_node())?;
        // What is brought from elsewhere, or thinned out, is not what it has installed.
        let thinned = commands.iter().any(|c| {
            c.id() > install.cmd.id()
                && (c.usage.manager.is_some_and(|m| m.id.is_node() && c.usage.action != Action::Other)
                    || c.args().iter().any(|w| {
                        let text = w.static_prefix();
                        matches!(text, "prune" | "deploy" | "focus")
                            || text.contains("node_modules")
                            || text.contains("prune")
                    }))
        });
        (!thinned && install.cmd.dev_packages() == DevPackages::Installed).then_some(install)
    }

    /// By stage: the last step that may use the development dependencies which a COPY before it has brought: a script of
    /// the project, or a tool that builds.
    #[must_use]
    pub fn last_node_builds(&self) -> PerStage<Option<usize>> {
        let mut last = self.stages.each(None);
        for cmd in self.run_commands() {
            if cmd.is_node_build()
                && let Some(last) = cmd.stage().and_then(|stage| last.get_mut(stage.index))
            {
                *last = Some(cmd.step());
            }
        }
        last
    }
}

/// What an install of Node.js does with the packages that only development needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DevPackages {
    /// It installs them.
    Installed,
    /// An option leaves them out.
    LeftOut,
    /// `NODE_ENV=production` leaves them out, at which later versions of Yarn do not look.
    LeftOutBySetting,
    /// An option or a setting has a say in it.
    Unknown,
}

/// Options and variables that have a say in what an install leaves out.
const OPTIONS: [&str; 9] =
    ["--omit", "--include", "--production", "--prod", "--only", "--also", "--dev", "-D", "-P"];
const VARIABLES: [&str; 5] = [
    "NPM_CONFIG_OMIT",
    "npm_config_omit",
    "NPM_CONFIG_INCLUDE",
    "npm_config_include",
    "NPM_CONFIG_PRODUCTION",
];

impl Cmd<'_> {
    /// True for what may use development packages: a script of the project, or a tool that builds.
    #[must_use]
    pub fn is_node_build(&self) -> bool {
        self.usage.manager.is_some_and(|m| m.id.is_node() && self.usage.action == Action::Other)
            || matches!(self.program(), "npx" | "pnpx" | "tsc" | "vite" | "webpack")
    }

    /// What this install of Node.js does with the packages that only development needs.
    #[must_use]
    pub fn dev_packages(&self) -> DevPackages {
        let text = |flag: &str| self.args().iter().any(|word| word.is(flag));
        let leaves_out = match self.usage.manager.map(|manager| manager.id) {
            Some(ManagerId::Npm) => {
                self.args().windows(2).any(|pair| pair[0].is("--omit") && pair[1].is("dev"))
                    || ["--omit=dev", "--production", "--only=production", "--only=prod"]
                        .into_iter()
                        .any(text)
            }
            Some(ManagerId::Pnpm) => ["--prod", "--production", "-P"].into_iter().any(text),
            _ => text("--production") || text("--prod"),
        };
        if leaves_out && !self.has_any_flag(&["--include", "--also", "--dev", "-D"]) {
            return DevPackages::LeftOut;
        }
        let asks = ["--include=dev", "--production=false", "--prod=false"].into_iter().any(text)
            || self.args().windows(2).any(|pair| pair[0].is("--include") && pair[1].is("dev"));
        if asks && !leaves_out {
            return DevPackages::Installed;
        }
        if self.has_any_flag(&OPTIONS) || VARIABLES.iter().any(|name| self.setting(name).is_some()) {
            return DevPackages::Unknown;
        }
        match self.setting("NODE_ENV") {
            Some(Setting::To("production")) => DevPackages::LeftOutBySetting,
            Some(Setting::Unknown) => DevPackages::Unknown,
            Some(Setting::To(_)) | None => DevPackages::Installed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn options_and_settings_leave_packages_of_development_out() {
        let of = |lines: &str| {
            let model =
                Model::new(parse(Source::from_text("Dockerfile", format!("FROM node:22\n{lines}\n"))));
            let install = model.installs().next().unwrap();
            install.cmd.dev_packages()
        };
        for (lines, want) in [
            ("RUN npm ci", DevPackages::Installed),
            ("ENV NODE_ENV=development\nRUN npm ci", DevPackages::Installed),
            ("RUN NODE_ENV=test npm ci", DevPackages::Installed),
            ("RUN npm ci --omit=dev", DevPackages::LeftOut),
            ("RUN npm ci --omit dev", DevPackages::LeftOut),
            ("RUN pnpm install -P", DevPackages::LeftOut),
            ("RUN yarn install --production", DevPackages::LeftOut),
            ("ENV NODE_ENV=production\nRUN npm ci", DevPackages::LeftOutBySetting),
            ("ENV NODE_ENV=production\nRUN npm ci --include=dev", DevPackages::Installed),
            ("RUN npm ci --omit=dev --include=dev", DevPackages::Unknown),
            ("ARG MODE\nENV NODE_ENV=$MODE\nRUN npm ci", DevPackages::Unknown),
            ("ENV NPM_CONFIG_OMIT=dev\nRUN npm ci", DevPackages::Unknown),
            ("RUN npm ci --omit=optional", DevPackages::Unknown),
            ("RUN yarn install --production=false", DevPackages::Installed),
        ] {
            assert_eq!(of(lines), want, "{lines}");
        }
    }
}
