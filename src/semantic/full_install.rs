//! Installs of Node that bring the development dependencies as well.

use crate::knowledge::{Action, ManagerId};

use super::{Cmd, Install, Model, Stage};

const NODE: [ManagerId; 3] = [ManagerId::Npm, ManagerId::Yarn, ManagerId::Pnpm];

impl Model {
    /// The install of all dependencies in `folder` that is the last word on them in a stage.
    #[must_use]
    pub fn full_install(&self, stage: &Stage, folder: &str) -> Option<Install<'_>> {
        let own =
            |cmd: &Cmd<'_>| cmd.stage().is_some_and(|s| self.lineage(stage).any(|l| l.index == s.index));
        let here = |cmd: &Cmd<'_>| {
            !cmd.script().changes_folder
                && self.workdir(cmd.step()).known().map(|w| w.trim_end_matches('/')) == Some(folder)
        };
        let installs = self.installs().filter(|i| NODE.contains(&i.manager.id));
        let install = installs.filter(|i| own(&i.cmd) && here(&i.cmd)).last()?;
        // What is brought from elsewhere, or thinned out, is not what it has installed.
        let thinned = self.run_commands().any(|c| {
            own(&c)
                && c.id() > install.cmd.id()
                && (c.usage.manager.is_some_and(|m| NODE.contains(&m.id) && c.usage.action != Action::Other)
                    || c.args().iter().any(|w| {
                        let text = w.static_prefix();
                        matches!(text, "prune" | "deploy" | "focus")
                            || text.contains("node_modules")
                            || text.contains("prune")
                    }))
        });
        (!thinned && !leaves_out_dev(&install.cmd)).then_some(install)
    }
}

fn leaves_out_dev(cmd: &Cmd<'_>) -> bool {
    let flags = ["--omit", "--production", "--prod", "--only", "-P", "--no-optional", "--include"];
    let variable = |name: &str| {
        cmd.model
            .binding(cmd.step(), name)
            .is_some_and(|b| b.value.known().is_none_or(|v| v == "production" || v == "dev"))
    };
    cmd.has_any_flag(&flags)
        || variable("NODE_ENV")
        || variable("NPM_CONFIG_OMIT")
        || variable("npm_config_omit")
        || cmd.shell().assignments.iter().any(|a| matches!(&*a.name, "NODE_ENV" | "NPM_CONFIG_OMIT"))
}
