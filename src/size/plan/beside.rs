//! What commands install that lies installed beside the Dockerfile as well.

use crate::semantic::Cmd;

use super::runs::Run;
use super::{Component, Estimate, Provenance};

/// How far off it is, in percent: other versions and another machine's binaries; and, where the command leaves out what
/// only development needs, next to all of it.
const SLACK: (u64, u64) = (40, 50);
const PART: (u64, u64, u64) = (2, 50, 110);

impl<'m> Run<'_, 'm> {
    /// True for an install whose packages somebody has installed in the build context, too; counts them.
    pub(super) fn installed_beside(&mut self, cmd: &Cmd<'m>) -> bool {
        let Some(installed) = self.model.installed(cmd.id()) else { return false };
        let folder = &installed.beside.folder;
        let source = format!("measured in `{folder}`");
        let of = |percent: u64| installed.bytes.saturating_mul(percent) / 100;
        let (estimate, what) = match installed.beside.is_part {
            true => {
                let (least, likely, most) = PART;
                let range = (of(least), of(most));
                let estimate =
                    Estimate { bytes: of(likely), range, provenance: Provenance::Installed, source };
                (estimate, "a part of the packages in")
            }
            false => {
                (Estimate::around(installed.bytes, SLACK, Provenance::Installed, source), "the packages in")
            }
        };
        self.components.push(Component::known(format!("{what} `{folder}`"), cmd.head_span(), estimate));
        let model = self.model;
        if model.leftovers(cmd.step()).iter().any(|left| left.commands.contains(&cmd.id())) {
            self.unknown(cmd.head_span(), format!("downloads kept by `{}`", cmd.head()));
        }
        true
    }
}
