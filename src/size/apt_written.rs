//! What the packages that apt installs take on the disk, by what the index says of them.

use crate::semantic::{Base, Cmd, Model, Stage};

use super::packages::AptInstall;
use super::plan::{Estimate, Provenance};

/// How far off the index is of what apt really writes, in percent: where documentation is left out, and elsewhere.
/// Python packages are compiled, and the index rounds up.
pub(super) const APT_SLACK: (u64, u64) = (20, 10);
/// The releases whose images were built to see what is left out; of others as much may be there as the index says.
const TRIED: [&str; 4] = ["bookworm", "trixie", "jammy", "noble"];
/// Of what the index says, this is what slim images and Ubuntu's take: the least, the likely, the most.
const WITHOUT_DOCS: (u64, u64, u64) = (68, 83, 96);
/// Python 2 compiles its modules as well, which the table does not have.
const PYTHON_2: u64 = 40;
/// The same where the RUN removes documentation or byte code itself.
const STRIPPED: (u64, u64, u64) = (60, 70, 85);

impl AptInstall<'_> {
    /// Where its figures come from: "Debian 12 package index, 2026-11".
    #[must_use]
    pub fn source(&self) -> String {
        format!("{} package index, {}", self.suite.label, self.date)
    }

    /// What packages that it installs take on the disk, of which the index says `bytes`.
    #[must_use]
    pub fn written(&self, bytes: u64) -> Estimate {
        let model = self.cmd.model;
        let leaves_docs_out = self.cmd.stage().is_some_and(|stage| leaves_docs_out(model, stage));
        let part = |percent: u64| bytes.saturating_mul(percent) / 100;
        let of = |(least, likely, most): (u64, u64, u64)| Estimate {
            bytes: part(likely),
            range: (part(least), part(most)),
            provenance: Provenance::Index,
            source: self.source(),
        };
        let by_index = || Estimate::around(bytes, APT_SLACK, Provenance::Index, self.source());
        let later = |c: &Cmd<'_>| c.id() > self.cmd.id() && strips(c);
        let mut estimate = match () {
            () if model.commands_of(self.cmd.step()).any(|c| later(&c)) => of(STRIPPED),
            () if leaves_docs_out && !TRIED.contains(&self.suite.name) => {
                let likely = of(WITHOUT_DOCS);
                Estimate { range: (likely.range.0, by_index().range.1), ..likely }
            }
            () if leaves_docs_out => of(WITHOUT_DOCS),
            () => by_index(),
        };
        if model.commands_of(self.cmd.step()).any(|c| c.id() > self.cmd.id() && takes_away(&c)) {
            estimate.range.0 = 0;
        }
        if self.adds_any(|name| name.starts_with("libpython2.")) {
            estimate.range.1 = estimate.range.1.saturating_add(part(PYTHON_2));
        }
        estimate
    }
}

/// True for a command that takes away documentation or byte code of what is installed.
fn strips(cmd: &Cmd<'_>) -> bool {
    const FOLDERS: [&str; 4] = ["/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info"];
    let removed = cmd.removed_paths();
    let docs = removed.iter().any(|path| {
        FOLDERS
            .iter()
            .any(|folder| path.starts_with(folder) || *path == "/usr/share" || *path == "/usr/share/")
    });
    docs || cmd.args().iter().any(|w| matches!(w.as_str(), Some("__pycache__" | "*.pyc")))
        && (cmd.program() == "find" || cmd.program() == "rm")
}

/// True for a command that removes what packages may have put there.
fn takes_away(cmd: &Cmd<'_>) -> bool {
    let is_of_packages = |path: &String| {
        let is_below = |folder: &&str| path.starts_with(*folder);
        ["/usr/", "/opt/", "/lib"].iter().any(is_below)
            && ![
                "/usr/local/",
                "/usr/src/",
                "/usr/share/doc",
                "/usr/share/man",
                "/usr/share/locale",
                "/usr/share/info",
            ]
            .iter()
            .any(is_below)
    };
    cmd.removed_paths().iter().any(is_of_packages)
}

/// True for the images whose dpkg leaves documentation out.
fn leaves_docs_out(model: &Model, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    let tag = image.tag.as_deref().unwrap_or("latest");
    image.familiar_path() == "ubuntu" || tag.split(['-', '_']).any(|part| part == "slim")
}
