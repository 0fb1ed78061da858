//! Ruby: the gems go where the official image has them, and the last stage takes them.

use crate::knowledge::ManagerId;
use crate::semantic::{Cmd, Install};

use super::draft::Draft;
use super::interpreted::{self, Plan};
use super::libraries::{Language, Use, headers, usage};
use super::sort::Role;
use super::system::{Packages, release};
use super::{Case, NoProposal, Try};

const GEMS: &str = "/usr/local/bundle";

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let installs: Vec<Install<'_>> =
        model.installs().filter(|i| i.manager.id == ManagerId::Bundler).collect();
    let [install] = installs.as_slice() else {
        return Err(NoProposal::general("no single command installs what the Gemfile names"));
    };
    let step = install.cmd.step();
    if model.file.text().contains("BUNDLE_PATH") || model.file.text().contains("vendor/bundle") {
        return Err(NoProposal::at(model, step, "the gems go to a place of their own"));
    }
    let slim = case.slim();
    let mut notes = Vec::new();
    let mut packages = Packages::default();
    match (case.project.read)("Gemfile.lock") {
        Some(lock) if slim.is_some() => {
            let gems = lock.lines().filter_map(|l| l.strip_prefix("    "));
            for gem in gems.map(|l| l.split(' ').next().unwrap_or(l)) {
                if let Some(Use::Library(name)) =
                    headers(Language::Ruby, gem).map(|h| usage(ManagerId::Apt, h, release(case)))
                {
                    packages.need(&name);
                }
            }
        }
        None if slim.is_some() => notes.push(
            "which libraries the gems need at run time is not known without a Gemfile.lock: compare `ldd`"
                .to_owned(),
        ),
        _ => {}
    }
    let workdir = case.working(step)?;
    let manifests_first = model.sources_before(install).and_then(|sources| {
        let gemfile = (case.project.read)("Gemfile")?;
        let to = model.copies.get(sources.copy)?.destination.known()?;
        let local = gemfile.contains("path:")
            || gemfile.contains("gemspec")
            || gemfile.contains("eval_gemfile")
            || gemfile.contains("read")
            || gemfile.contains(":path");
        if local || to.trim_end_matches('/') != workdir || !sources.folder.is_empty() {
            return None;
        }
        let lock = if (case.project.read)("Gemfile.lock").is_some() { " Gemfile.lock" } else { "" };
        Some(format!("COPY Gemfile{lock} ./"))
    });
    let plan = Plan {
        role: &|cmd| role(cmd),
        change: &|_| None,
        // `bundle exec` reads them.
        manifest: &|source| matches!(source, "Gemfile" | "Gemfile.lock" | "Gemfile*"),
        manifests_run: true,
        manifests_first,
        last_from: slim.unwrap_or_else(|| case.base()),
        setup: [Vec::new(), Vec::new()],
        finish: Vec::new(),
        results: [vec![format!("COPY --from={} {GEMS} {GEMS}", case.build_name())], Vec::new()],
        packages,
    };
    Ok((interpreted::draft(case, plan)?, notes))
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match (cmd.program(), &*cmd.subcommand().unwrap_or_default()) {
        ("bundle" | "bundler", "install") => Some(Role::Build),
        ("bundle" | "bundler", "config" | "config set" | "clean") => Some(Role::Tool),
        ("gem", "install" | "update") => Some(Role::Tool),
        _ => None,
    })
}
