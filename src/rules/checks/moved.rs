//! What a start and a check ask of the image that a program is moved to.

use crate::knowledge::{Family, debian_package};
use crate::semantic::{Cmd, Entry, Model, ScriptKind, Stage, base_name, newest_system_image};
use crate::syntax::{Healthcheck, Kind};

use super::all;

/// The most programs of a check that a help names.
const MAX_NAMED: usize = 3;

/// What the Dockerfile asks of the image in which its program is started and checked.
pub(super) struct Moved {
    /// A shell, or programs of the system.
    needs_system: bool,
    /// The packages that the check needs.
    packages: Vec<String>,
}

impl Moved {
    /// Of what containers of `stage` run.
    pub(super) fn of(model: &Model, stage: &Stage, entry: Entry) -> Self {
        let check = model.lineage(stage).find_map(|stage| {
            let is_check = |step: &usize| {
                matches!(model.instruction(*step).kind, Kind::Healthcheck(_)) && !model.is_trigger(*step)
            };
            stage.steps.clone().rev().find(is_check)
        });
        let check = check
            .filter(|step| matches!(model.instruction(*step).kind, Kind::Healthcheck(Healthcheck::Cmd(_))));
        let in_shell = |step: usize| model.script_of(step).is_some_and(|script| !script.exec);
        let installs = |c: &Cmd<'_>| c.usage.manager.is_some_and(|manager| manager.system);
        let checks = || check.into_iter().flat_map(|step| model.commands_of(step));
        let own: Vec<&str> = model.entry_commands(entry).map(|c| c.program()).collect();
        let is_alpine = model.family(stage) == Family::Alpine;
        let mut packages: Vec<String> = Vec::new();
        for cmd in checks().filter(|c| c.script().kind == ScriptKind::Healthcheck) {
            let program = base_name(cmd.program());
            let package = match program {
                "curl" => Some("curl"),
                // They are a part of busybox.
                _ if is_alpine => None,
                "wget" => Some("wget"),
                "nc" => Some("netcat-openbsd"),
                _ => debian_package(program),
            };
            let new = |name: &&str| !own.contains(&program) && !packages.iter().any(|known| known == name);
            packages.extend(package.filter(new).map(str::to_owned));
        }
        packages.truncate(MAX_NAMED);
        let needs_system = entry.steps().chain(check).any(in_shell)
            || model.entry_commands(entry).any(|c| installs(&c))
            || !packages.is_empty();
        Self { needs_system, packages }
    }

    /// The images to start from: of those in `runtime` none that lacks what is needed.
    pub(super) fn image(&self, model: &Model, stage: &Stage, runtime: String) -> String {
        let is_bare = |image: &str| image.contains("distroless") || image.contains("scratch");
        if !self.needs_system || !is_bare(&runtime) {
            return runtime;
        }
        // `IMAGE (or IMAGE)`.
        match runtime.split_once(" (or ") {
            Some((first, _)) if !is_bare(first) => first.to_owned(),
            _ => model.system_image(stage).unwrap_or_else(newest_system_image),
        }
    }

    /// True if an image without a shell would not do.
    pub(super) const fn needs_system(&self) -> bool {
        self.needs_system
    }

    /// What to say of its check, behind what is said of `image`.
    pub(super) fn advice(&self, image: &str) -> String {
        let is_lean = ["debian:", "ubuntu:", "alpine:", "mcr.microsoft.com/dotnet/"];
        if self.packages.is_empty() || !is_lean.iter().any(|start| image.starts_with(start)) {
            return String::new();
        }
        let names: Vec<String> = self.packages.iter().map(|name| format!("`{name}`")).collect();
        format!("; install {} there for the HEALTHCHECK", all(&names))
    }
}
