//! Packages of the system: which ones the image that runs needs.

use crate::knowledge::{Action, ManagerId};
use crate::semantic::{Cmd, likely_suite};
use crate::syntax::Kind;

use super::draft::Draft;
use super::libraries::{Use, usage};
use super::{Case, NoProposal, Try};

/// Programs that run, and the package that brings them where the image does not.
const PROGRAMS: [(&str, &str); 6] = [
    ("curl", "curl"),
    ("wget", "wget"),
    ("git", "git"),
    ("ssh", "openssh-client"),
    ("nc", "netcat-openbsd"),
    ("pg_isready", "postgresql-client"),
];

/// The packages of the last stage.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// Those to install.
    pub(super) run: Vec<String>,
    /// Packages of headers whose libraries are not known.
    pub(super) unknown: Vec<String>,
    /// True if something is installed that only the build needs.
    pub(super) sheds: bool,
    /// True if what runs hardly calls the helpers of builds, as a compiled program does not.
    pub(super) sheds_helpers: bool,
}

impl Packages {
    /// Adds what `cmd` installs.
    pub(super) fn add(&mut self, case: &Case<'_>, cmd: &Cmd<'_>) -> Try<()> {
        if cmd.usage.action != Action::Install {
            return Ok(());
        }
        let manager = cmd.usage.manager.map(|m| m.id);
        let refuse = |why: &str| Err(NoProposal::at(case.model, cmd.step(), why));
        let Some(manager @ (ManagerId::Apt | ManagerId::Apk)) = manager else {
            return refuse("which of these packages a run needs is not known");
        };
        if cmd.has_any_flag(&["--virtual", "-t"]) && manager == ManagerId::Apk {
            return refuse("a virtual package is made to be removed again, so a second stage gains little");
        }
        if cmd.operands().iter().any(|w| w.has_expansion() || w.as_str().is_none_or(|t| t.contains('/'))) {
            return refuse("which packages it installs is not known");
        }
        for package in cmd.packages() {
            let text = package.word.as_str().unwrap_or(&package.name);
            match usage(manager, &package.name, release(case)) {
                Use::Build => self.sheds = true,
                Use::Library(name) => {
                    self.sheds = true;
                    self.need(&name);
                }
                Use::Unknown => {
                    self.sheds = true;
                    self.unknown.push(package.name);
                }
                Use::Helper if self.sheds_helpers && !runs(case, &package.name) => self.sheds = true,
                Use::Helper | Use::Run => self.need(text),
            }
        }
        Ok(())
    }

    /// Adds a package once.
    pub(super) fn need(&mut self, name: &str) {
        if !name.is_empty() && !self.run.iter().any(|n| n == name) {
            self.run.push(name.to_owned());
        }
    }

    /// Adds what brings the programs that a health check and the entry run, where a smaller image has none.
    pub(super) fn need_programs(&mut self, case: &Case<'_>) {
        for (program, package) in PROGRAMS {
            if runs(case, program) && !(case.is_alpine() && matches!(program, "wget" | "nc")) {
                self.need(package);
            }
        }
    }

    /// The lines that install them.
    pub(super) fn lines(&self, case: &Case<'_>, apk: bool) -> Option<String> {
        let mut lines = String::new();
        if !self.unknown.is_empty() {
            lines.push_str("# to be checked: the run-time libraries that belong to ");
            lines.push_str(&self.unknown.join(", "));
            lines.push('\n');
        }
        let newline = Draft::newline(case.model);
        let names = self.run.join(" ");
        match (self.run.is_empty(), apk) {
            (true, _) => {}
            (false, true) => lines.push_str(&format!("RUN apk add --no-cache {names}")),
            (false, false) => lines.push_str(&format!(
                "RUN apt-get update {newline}&& apt-get install -y --no-install-recommends {names} {newline}&& rm -rf /var/lib/apt/lists/*"
            )),
        }
        let lines = lines.trim_end_matches('\n');
        (!lines.is_empty()).then(|| lines.to_owned())
    }
}

/// The release of Debian or Ubuntu.
pub(super) fn release(case: &Case<'_>) -> Option<&'static str> {
    likely_suite(case.image).map(|suite| suite.name)
}

/// True if the entry or the health check runs `program`.
fn runs(case: &Case<'_>, program: &str) -> bool {
    let model = case.model;
    let health = case.steps().filter(|s| matches!(model.instruction(*s).kind, Kind::Healthcheck(_)));
    case.entry_commands().iter().any(|c| c.program() == program)
        || health.flat_map(|step| model.commands_of(step)).any(|c| c.program() == program)
}
