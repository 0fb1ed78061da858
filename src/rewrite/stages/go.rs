//! Go: one static program, or one that links the C library of its base.

use crate::knowledge::ManagerId;
use crate::semantic::{Cgo, Cmd, base_name, newest_system_image};
use crate::syntax::{Kind, ports};

use super::compiled::{self, Plan};
use super::draft::Draft;
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let mut notes = Vec::new();
    let mut made = compiled::moved(case);
    let mut folders = Vec::new();
    for cmd in model.commands_named("go") {
        let subcommand = cmd.subcommand().unwrap_or_default();
        match &*subcommand {
            "build" => match cmd.option_value(&["-o"]) {
                Some(path) => {
                    let path = cmd.absolute(path).unwrap_or_else(|| path.to_owned());
                    // A folder gets files that are called after their packages.
                    folders.push(path.trim_end_matches('/').to_owned());
                    made.push(path);
                }
                None => folders.push(case.working(cmd.step())?),
            },
            "install" => folders.push("/go/bin".to_owned()),
            _ => {}
        }
    }
    let program = compiled::program(case, &made, &folders)?;
    let to = match program.strip_prefix("/go/bin/") {
        Some(name) => format!("/usr/local/bin/{name}"),
        None => program.clone(),
    };
    case.untied()?;
    let cgo = cgo(case);
    let links = cgo.iter().any(|cgo| matches!(cgo, Cgo::Holds(_)));
    if !links && case.sources_say("go", &["import \"C\"", "\t\"C\"\n"]) {
        let why = "the program has C code of its own, so it needs a C library where it runs";
        return Err(NoProposal::at(model, case.stage.steps.start, why));
    }
    let mut setup = Vec::new();
    if !links && !cgo.iter().all(|cgo| *cgo == Cgo::Off) {
        setup.push("ENV CGO_ENABLED=0".to_owned());
        if cgo.contains(&Cgo::Unknown) {
            notes.push("the proposal builds without cgo, so a module that needs it does not work".to_owned());
        }
    }
    let (last_from, apk) = last(case, links)?;
    let root_ports = case.steps().any(|s| match &model.instruction(s).kind {
        Kind::Expose(words) => {
            words.iter().any(|w| ports(&w.word.text).any(|p| p.map_or(true, |p| p.range.0 < 1024)))
        }
        Kind::Volume(_) => true,
        Kind::User(Some(user)) => !user.text.starts_with(|c: char| c.is_ascii_digit()),
        _ => false,
    });
    let bare = if links || root_ports { None } else { model.static_image(case.stage) };
    let plan = Plan {
        role: &role,
        setup,
        manifests_first: manifests(case),
        bare: bare.clone(),
        last_from,
        apk,
        packages: Packages::default(),
        usual: if apk { &["ca-certificates", "tzdata"] } else { &["ca-certificates"] },
        results: vec![case.taking(&program, &to)],
        source: &|f| {
            f.ends_with(".go")
                || f.ends_with(".s")
                || f.ends_with(".c")
                || f.ends_with(".h")
                || matches!(f.rsplit('/').next(), Some("go.mod" | "go.sum" | "go.work" | "go.work.sum"))
        },
    };
    let draft = compiled::draft(case, plan, &mut notes)?;
    if bare.is_some_and(|bare| draft.last_from == bare) {
        // A user that the file names counts before that of the image.
        let user = match model.end_state(case.stage).user {
            Some(_) => "",
            None => ", and its user is `nonroot`",
        };
        notes.push(format!("the image that runs has no shell{user}: choose another base image if the program writes to its own folders, or if you need a shell to debug it"));
    }
    Ok((draft, notes))
}

/// What is known of C code in each program that is built.
fn cgo(case: &Case<'_>) -> Vec<Cgo> {
    const MAX_MODULES: usize = 100;
    let named = |path: &&String| base_name(path) == "go.mod" && !path.contains("vendor/");
    let paths: Vec<&str> = match case.project.files {
        Some(files) => files.iter().filter(named).take(MAX_MODULES).map(String::as_str).collect(),
        None => vec!["go.mod"],
    };
    let texts: Vec<String> = paths.into_iter().filter_map(|path| (case.project.read)(path)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let builds = case
        .model
        .commands_named("go")
        .filter(|cmd| cmd.is_subcommand("build") || cmd.is_subcommand("install"));
    builds.map(|build| case.model.cgo_by(&build, &texts)).collect()
}

/// What the last stage starts from if it needs a shell, and whether that is Alpine.
fn last(case: &Case<'_>, links: bool) -> Try<(String, bool)> {
    match case.model.system_image(case.stage) {
        Some(image) => Ok((image, case.is_alpine())),
        None if links => {
            let why =
                "the release of Debian that it is built on is not known, and the program links its libraries";
            Err(NoProposal::at(case.model, case.stage.steps.start, why))
        }
        None => Ok((newest_system_image(), false)),
    }
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match cmd.program() {
        "go" => match &*cmd.subcommand().unwrap_or_default() {
            "build" | "install" => Some(Role::Build),
            _ => Some(Role::Neutral),
        },
        "cp" | "mv" | "strip" | "upx" | "chmod" => Some(Role::Build),
        "sed" | "git" => Some(Role::Neutral),
        _ => None,
    })
}

/// Lines that fetch the modules before the sources come.
fn manifests(case: &Case<'_>) -> Vec<String> {
    let model = case.model;
    let fetched = model.installs().any(|i| !i.builds && i.manager.id == ManagerId::Go);
    let build = model.installs().find(|i| i.builds && i.manager.id == ManagerId::Go);
    let Some(sources) = build.filter(|_| !fetched).and_then(|i| model.sources_before(&i)) else {
        return Vec::new();
    };
    let Some(manifest) = (case.project.read)("go.mod") else { return Vec::new() };
    let copied = model.copies.get(sources.copy).and_then(|c| c.destination.known());
    let here = copied
        .zip(model.copies.get(sources.copy).and_then(|c| case.working(c.step).ok()))
        .is_some_and(|(to, workdir)| to.trim_end_matches('/') == workdir);
    let local = manifest.lines().any(|l| l.contains("=> .") || l.contains("=> /"));
    let vendored = case.project.files.is_some_and(|f| f.iter().any(|f| f.starts_with("vendor/")));
    if !sources.folder.is_empty() || local || vendored || !here {
        return Vec::new();
    }
    let sums = if (case.project.read)("go.sum").is_some() { " go.sum" } else { "" };
    vec![format!("COPY go.mod{sums} ./"), "RUN go mod download".to_owned()]
}
