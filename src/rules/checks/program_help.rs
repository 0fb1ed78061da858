//! How a program that an image lacks gets into it.

use crate::knowledge::{Action, Family, ManagerId, PACKAGES_OF_PROGRAMS, Trait, dropped_since, program_is};
use crate::semantic::{Base, Cmd, Model, ScriptKind, Stage, facts};

use super::lacks::Lacks;

/// The command that installs a program in the images that a stage is like.
pub(super) fn install_with(model: &Model, stage: &Stage, program: &str) -> String {
    let package = package_of(program, model.family(stage));
    match model.family(stage) {
        Family::Alpine => format!("`RUN apk add --no-cache {package}`"),
        Family::Debian | Family::Ubuntu => {
            let more = if needs_certificates(model, stage, program) { "ca-certificates " } else { "" };
            format!(
                "`RUN apt-get update && apt-get install -y --no-install-recommends {more}{package} && rm -rf /var/lib/apt/lists/*`"
            )
        }
        _ => "use an image that has it".to_owned(),
    }
}

/// True for programs that fetch over https, and whose packages only recommend the certificates for that.
fn needs_certificates(model: &Model, stage: &Stage, program: &str) -> bool {
    matches!(model.family(stage), Family::Debian | Family::Ubuntu)
        && matches!(program, "curl" | "wget" | "git")
}

/// The package that has a program, as Debian or Alpine calls it.
pub(super) fn package_of(program: &str, family: Family) -> &str {
    let mut rows = PACKAGES_OF_PROGRAMS.iter().map(|row| row.split(' '));
    let names = rows.find(|row| row.clone().next() == Some(program));
    let column = if family == Family::Alpine { 2 } else { 1 };
    names.and_then(|mut row| row.nth(column)).unwrap_or(program)
}

/// Package managers of distributions.
const MANAGERS: [&str; 7] = ["apk", "apt", "apt-get", "dnf", "dpkg", "microdnf", "yum"];

pub(super) fn help(model: &Model, stage: &Stage, (at, kind): (usize, ScriptKind), program: &str) -> String {
    let family = model.family(stage);
    if matches!(Lacks::of(model, stage), Some(Lacks::Everything)) {
        let instead = match kind {
            _ if program_is(program, Trait::Shell) => "start the program itself, without a shell",
            ScriptKind::Healthcheck => {
                "use the server's own program for the check, or copy one that can do it"
            }
            _ => "copy it from another stage, or use an image that has it",
        };
        return instead.to_owned();
    }
    if MANAGERS.contains(&program) {
        let own = if family == Family::Alpine { "apk add --no-cache" } else { "apt-get install -y" };
        return format!("packages of this image are installed with `{own}`");
    }
    match (program, family) {
        ("useradd" | "groupadd" | "usermod", Family::Alpine) => {
            let own = if program == "groupadd" { "addgroup" } else { "adduser" };
            return format!("write `{own}`, which Alpine has, or install `shadow`");
        }
        ("bash", _) if kind != ScriptKind::Run => {
            return format!("write `sh`, or install it: {}", install_with(model, stage, program));
        }
        _ => {}
    }
    if let Base::Image(image) = model.root_base(stage)
        && let Some(version) = dropped_since(image.familiar_path(), program)
    {
        return format!(
            "the official images have had none since version {version}: install it above, `RUN npm install --global {program}`"
        );
    }
    if package_of(program, family) == "-" {
        return format!("its distribution has no package of it: copy it from an image that has `{program}`");
    }
    let install = install_with(model, stage, program);
    let is_node = match model.root_base(stage) {
        Base::Image(image) => facts(image).is_some() && image.familiar_path() == "node",
        _ => false,
    };
    match (kind, program, family) {
        (ScriptKind::Healthcheck, "curl", Family::Alpine) => {
            format!("write `wget -q -O /dev/null URL`, which Alpine has, or install it: {install}")
        }
        (ScriptKind::Healthcheck, "curl" | "wget", _) if is_node => {
            format!(
                "use node (`node -e \"fetch('URL').then(r => process.exit(r.ok ? 0 : 1))\"`), or install it: {install}"
            )
        }
        _ => match earlier_install(model, stage, at) {
            Some(install) => {
                let line = model.file.source.line_number(install.program_span().start);
                let brings = |name: &str| install.packages().iter().any(|p| p.name == name);
                let certificates = needs_certificates(model, stage, program) && !brings("ca-certificates");
                let more = if certificates { "`ca-certificates` and " } else { "" };
                format!(
                    "add {more}`{}` to the packages that line {line} installs",
                    package_of(program, family)
                )
            }
            None => format!("install it above: {install}"),
        },
    }
}

/// The first command of the stage that installs packages of the system, if it is above `step`.
fn earlier_install<'m>(model: &'m Model, stage: &Stage, step: usize) -> Option<Cmd<'m>> {
    let is_install = |cmd: &Cmd<'m>| {
        cmd.script().kind == ScriptKind::Run
            && cmd.usage.action == Action::Install
            && cmd.usage.manager.is_some_and(|m| matches!(m.id, ManagerId::Apt | ManagerId::Apk))
            && !cmd.packages().is_empty()
    };
    let mut steps = stage.steps.clone().take_while(|at| *at < step);
    steps.find_map(|at| model.commands_of(at).find(is_install))
}
