//! Folders beside a Dockerfile in which lies what its commands install: `node_modules`, `vendor`.

use crate::knowledge::ManagerId;

use super::{Cmd, DevPackages, InstalledBeside, Model};

/// At most this many folders are looked at for one Dockerfile.
const MAX_FOLDERS: usize = 8;

/// Options with which an install goes to another folder, or takes a part of the project.
const ELSEWHERE: [&str; 13] = [
    "--prefix",
    "-g",
    "--global",
    "-C",
    "--dir",
    "--cwd",
    "--filter",
    "-F",
    "--workspace",
    "-w",
    "--working-dir",
    "-d",
    "--modules-folder",
];

impl Model {
    /// The folders of the build context that tell what commands install, if somebody has installed the same there.
    #[must_use]
    pub fn installed_beside(&self) -> Vec<InstalledBeside> {
        let installs = self.commands().filter_map(|cmd| self.beside(&cmd));
        installs.take(MAX_FOLDERS).collect()
    }

    fn beside(&self, cmd: &Cmd<'_>) -> Option<InstalledBeside> {
        let manager = cmd.usage.manager?.id;
        let (manifest, folder, marks): (&str, &str, &[&str]) = match manager {
            ManagerId::Npm => ("package.json", "node_modules", &[".package-lock.json"]),
            ManagerId::Yarn => ("package.json", "node_modules", &[".yarn-integrity", ".yarn-state.yml"]),
            ManagerId::Pnpm => ("package.json", "node_modules", &[".modules.yaml"]),
            ManagerId::Composer => ("composer.json", "vendor", &["composer/installed.json"]),
            _ => return None,
        };
        let install = self.install_of(*cmd)?;
        if !install.files.is_empty() || !cmd.operands().is_empty() || cmd.has_any_flag(&ELSEWHERE) {
            return None;
        }
        let is_part = match manager {
            ManagerId::Composer => cmd.has_flag("--no-dev"),
            _ => cmd.dev_packages() != DevPackages::Installed,
        };
        let source = self.source_beside(cmd, manifest)?;
        let above = source.strip_suffix(manifest)?;
        Some(InstalledBeside { command: cmd.id(), folder: format!("{above}{folder}"), marks, is_part })
    }
}

#[cfg(test)]
mod tests {
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn installs_of_a_project_lie_beside_its_manifest() {
        let found = |lines: &str| {
            let text =
                format!("FROM node:22\nWORKDIR /app\nCOPY web/package*.json web/composer.json ./\n{lines}\n");
            let model = Model::new(parse(Source::from_text("Dockerfile", text)));
            let beside = model.installed_beside();
            beside.iter().map(|b| format!("{} {}", b.folder, b.is_part)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(found("RUN npm ci"), "web/node_modules false");
        assert_eq!(found("RUN npm install --omit=dev"), "web/node_modules true");
        assert_eq!(
            found("ENV NODE_ENV=production\nRUN yarn install --frozen-lockfile"),
            "web/node_modules true"
        );
        assert_eq!(found("RUN pnpm install --frozen-lockfile && npm run build"), "web/node_modules false");
        assert_eq!(found("RUN composer install --no-dev"), "web/vendor true");
        for other in [
            "RUN npm install -g pm2",
            "RUN npm install express",
            "RUN npm ci --prefix /other",
            "RUN cd /other && npm ci",
            "ONBUILD RUN npm ci",
            "WORKDIR /other\nRUN npm ci",
        ] {
            assert_eq!(found(other), "", "{other}");
        }
    }
}
