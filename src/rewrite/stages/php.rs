//! PHP: extensions and the packages of Composer come from a stage with headers and Composer.

use crate::knowledge::ManagerId;
use crate::semantic::{Cmd, Install};

use super::draft::Draft;
use super::interpreted::{self, Plan};
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let installs: Vec<Install<'_>> =
        model.installs().filter(|i| i.manager.id == ManagerId::Composer).collect();
    let [install] = installs.as_slice() else {
        return Err(NoProposal::general("no single command installs what composer.json names"));
    };
    let workdir = case.working(install.cmd.step())?;
    if install.cmd.script().changes_folder {
        return Err(NoProposal::at(model, install.cmd.step(), "it changes the folder before it installs"));
    }
    let from = case.build_name();
    let mut early = Vec::new();
    let extensions = model.run_commands().any(|c| is_of_extensions(&c));
    if extensions {
        for folder in ["/usr/local/lib/php/extensions", "/usr/local/etc/php/conf.d"] {
            early.push(format!("COPY --from={from} {folder} {folder}"));
        }
    }
    // Composer's scripts and its class map read the sources, so they come first, and `vendor` comes last.
    let vendor = format!("COPY --from={from} {workdir}/vendor {workdir}/vendor");
    let kept = model
        .context()
        .is_some_and(|c| c.scan.per_top.iter().any(|t| t.name == "vendor" && t.kept.files > 0));
    let mut results = [early, Vec::new()];
    results[usize::from(kept)].push(vendor);
    let plan = Plan {
        role: &|cmd| role(cmd),
        change: &|_| None,
        manifest: &|s| {
            model.sources_before(install).is_none()
                && matches!(s, "composer.lock" | "composer.*" | "composer.json")
        },
        manifests_run: true,
        manifests_first: None,
        last_from: case.base(),
        setup: [Vec::new(), Vec::new()],
        finish: Vec::new(),
        results,
        packages: Packages { sheds: true, sheds_helpers: case.tie().is_none(), ..Packages::default() },
    };
    let mut notes = Vec::new();
    if !install.cmd.has_flag("--no-scripts") {
        notes.push("the scripts of Composer run in the stage that builds: of what they leave, only `vendor` is taken".to_owned());
    }
    Ok((interpreted::draft(case, plan)?, notes))
}

fn is_of_extensions(cmd: &Cmd<'_>) -> bool {
    matches!(
        cmd.program(),
        "docker-php-ext-install" | "docker-php-ext-configure" | "docker-php-ext-enable" | "pecl"
    )
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match cmd.program() {
        _ if is_of_extensions(cmd) => Some(Role::Build),
        "composer" => match &*cmd.subcommand().unwrap_or_default() {
            "install" | "dump-autoload" | "dumpautoload" => Some(Role::Build),
            "clear-cache" | "config" | "self-update" => Some(Role::Neutral),
            _ => None,
        },
        // The installer of Composer itself.
        "curl" | "wget" if cmd.args().iter().any(|w| w.static_prefix().contains("getcomposer.org")) => {
            Some(Role::Build)
        }
        "php"
            if cmd.args().iter().any(|w| {
                w.static_prefix().starts_with("--install-dir") || w.static_prefix().contains("composer-setup")
            }) =>
        {
            Some(Role::Build)
        }
        "a2enmod" => Some(Role::Prepare),
        _ => None,
    })
}
