//! Rust: one program, which links the C library of its base.

use crate::knowledge::ManagerId;
use crate::semantic::Cmd;

use super::compiled::{self, Plan};
use super::draft::Draft;
use super::libraries::{Language, Use, headers, usage};
use super::sort::Role;
use super::system::{Packages, release};
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let mut notes = Vec::new();
    let mut folders = Vec::new();
    for cmd in model.commands_named("cargo") {
        match &*cmd.subcommand().unwrap_or_default() {
            "build" => {
                let profile = if cmd.has_any_flag(&["--release", "-r"]) { "release" } else { "debug" };
                let workdir = case.working(cmd.step())?;
                let target = cmd.option_value(&["--target"]).map_or_else(String::new, |t| format!("{t}/"));
                folders.push(format!("{workdir}/target/{target}{profile}"));
            }
            "install" => folders.push("/usr/local/cargo/bin".to_owned()),
            _ => {}
        }
    }
    let program = compiled::program(case, &compiled::moved(case), &folders)?;
    let to = match program.strip_prefix("/usr/local/cargo/bin/") {
        Some(name) => format!("/usr/local/bin/{name}"),
        None => program.clone(),
    };
    let mut packages = Packages::default();
    case.untied()?;
    let Some(last_from) = model.system_image(case.stage) else {
        let why =
            "the release of Debian that it is built on is not known, and the program links its libraries";
        return Err(NoProposal::at(model, case.stage.steps.start, why));
    };
    let apk = case.is_alpine();
    match (case.project.read)("Cargo.lock") {
        Some(lock) if !apk => {
            let names = lock.lines().filter_map(|l| l.strip_prefix("name = \"")?.strip_suffix('"'));
            for header in names.filter_map(|n| headers(Language::Rust, n)) {
                if let Use::Library(name) = usage(ManagerId::Apt, header, release(case)) {
                    packages.need(&name);
                }
            }
        }
        Some(_) => {}
        None => notes.push(
            "which libraries the program links is not known without a Cargo.lock: compare `ldd`".to_owned(),
        ),
    }
    let plan = Plan {
        role: &role,
        setup: Vec::new(),
        manifests_first: Vec::new(),
        bare: None,
        last_from,
        apk,
        packages,
        usual: &["ca-certificates"],
        results: vec![case.taking(&program, &to)],
        source: &|f| {
            f.ends_with(".rs")
                || f.starts_with("target/")
                || f.starts_with("benches/")
                || matches!(
                    f.rsplit('/').next(),
                    Some(
                        "Cargo.toml"
                            | "Cargo.lock"
                            | "rust-toolchain"
                            | "rust-toolchain.toml"
                            | "rustfmt.toml"
                            | "clippy.toml"
                            | "deny.toml"
                    )
                )
        },
    };
    let draft = compiled::draft(case, plan, &mut notes)?;
    Ok((draft, notes))
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match cmd.program() {
        "cargo" => match &*cmd.subcommand().unwrap_or_default() {
            "build" | "install" => Some(Role::Build),
            _ => Some(Role::Neutral),
        },
        "cp" | "mv" | "strip" | "chmod" => Some(Role::Build),
        "rustup" | "sed" | "git" => Some(Role::Neutral),
        _ => None,
    })
}
