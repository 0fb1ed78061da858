//! Go: one static program, or one that links the C library of its base.

use crate::knowledge::ManagerId;
use crate::semantic::{Cmd, facts};
use crate::syntax::{ImageRef, Kind, ports};

use super::compiled::{self, Plan};
use super::draft::Draft;
use super::sort::Role;
use super::system::{Packages, release};
use super::{Case, NoProposal, Try};

/// Modules that do not work without cgo.
const CGO: [&str; 8] = [
    "github.com/mattn/go-sqlite3",
    "github.com/confluentinc/confluent-kafka-go",
    "github.com/h2non/bimg",
    "github.com/davidbyttow/govips",
    "gopkg.in/gographics/imagick",
    "github.com/libgit2/git2go",
    "github.com/rwcarlsen/goexif/cgo",
    "gocv.io/x/gocv",
];

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let mut notes = Vec::new();
    let mut made = compiled::moved(case);
    let mut folders = Vec::new();
    for cmd in model.commands_named("go") {
        let subcommand = cmd.subcommand().unwrap_or_default();
        match &*subcommand {
            "build" => match output(&cmd) {
                Some(path) => {
                    let path = cmd.absolute(&path).unwrap_or(path);
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
    let manifest = (case.project.read)("go.mod");
    let links = model.file.text().contains("CGO_ENABLED=1")
        || manifest.as_deref().is_some_and(|m| CGO.iter().any(|module| m.contains(module)))
        || case.is_alpine()
            && model
                .run_commands()
                .flat_map(|c| c.packages())
                .any(|p| matches!(p.name.as_str(), "gcc" | "build-base"));
    let is_set = model.file.text().contains("CGO_ENABLED=0");
    let mut setup = Vec::new();
    if !links && !is_set {
        setup.push("ENV CGO_ENABLED=0".to_owned());
        if manifest.is_none() {
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
    let bare = (!links && !root_ports && !case.sources_say(&[".go"], &["exec.Command"]))
        .then(|| "gcr.io/distroless/static-debian12:nonroot".to_owned());
    if bare.is_some() {
        notes.push("the image that runs has no shell, and its user is `nonroot`: a program that writes to its folders, or that you look into with a shell, needs another".to_owned());
    }
    let plan = Plan {
        role: &role,
        setup,
        manifests_first: manifests(case),
        bare,
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
    if !draft.last_from.contains("nonroot") {
        notes.retain(|n| !n.contains("nonroot"));
    }
    Ok((draft, notes))
}

/// What the last stage starts from if it needs a shell, and whether that is Alpine.
fn last(case: &Case<'_>, links: bool) -> Try<(String, bool)> {
    if case.is_alpine() {
        return Ok((alpine(case.image), true));
    }
    match release(case) {
        Some(release) => Ok((format!("debian:{release}-slim"), false)),
        None if links => {
            let why =
                "the release of Debian that it is built on is not known, and the program links its libraries";
            Err(NoProposal::at(case.model, case.stage.steps.start, why))
        }
        None => Ok(("debian:bookworm-slim".to_owned(), false)),
    }
}

/// The image of Alpine that `image` is built on: 3.20 of `1.23-alpine3.20`.
pub(super) fn alpine(image: &ImageRef) -> String {
    let named = image
        .tag
        .as_deref()
        .and_then(|t| t.split_once("alpine"))
        .map(|(_, v)| v.split('-').next().unwrap_or(v));
    let usual = || ImageRef::parse("alpine").ok().and_then(|i| facts(&i)?.tag).unwrap_or_default().to_owned();
    format!("alpine:{}", named.filter(|v| !v.is_empty()).map_or_else(usual, str::to_owned))
}

/// The value of `-o`.
fn output(cmd: &Cmd<'_>) -> Option<String> {
    let mut args = cmd.args().iter();
    while let Some(word) = args.next() {
        let text = word.as_str()?;
        if text == "-o" {
            return args.next()?.as_str().map(str::to_owned);
        }
        if let Some(value) = text.strip_prefix("-o=") {
            return Some(value.to_owned());
        }
    }
    None
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
