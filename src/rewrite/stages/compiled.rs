//! Languages whose result is a program: the last stage takes it, and what it may read when it runs.

use std::collections::BTreeSet;

use crate::semantic::{Cmd, CopyFrom};
use crate::syntax::{CommandForm, Kind};

use super::draft::{Draft, Part};
use super::sort::{self, Role, Run};
use super::system::Packages;
use super::{Case, NoProposal, Try};

/// What is peculiar to a language and a project.
pub(super) struct Plan<'a> {
    /// What the language's own commands do.
    pub(super) role: &'a dyn Fn(&Cmd<'_>) -> Try<Option<Role>>,
    /// Lines at the start of the stage that builds.
    pub(super) setup: Vec<String>,
    /// Lines before the sources are copied.
    pub(super) manifests_first: Vec<String>,
    /// What the last stage starts from if it needs no shell, and otherwise.
    pub(super) bare: Option<String>,
    pub(super) last_from: String,
    /// True if that has apk, not apt.
    pub(super) apk: bool,
    /// Packages that the last stage needs if it has a shell.
    pub(super) packages: Packages,
    /// Packages that it needs only where it installs others.
    pub(super) usual: &'static [&'static str],
    /// What copies the result.
    pub(super) results: Vec<String>,
    /// True for files of the context that only the build reads.
    pub(super) source: &'a dyn Fn(&str) -> bool,
}

pub(super) fn draft<'m>(case: &Case<'m>, plan: Plan<'_>, notes: &mut Vec<String>) -> Try<Draft<'m>> {
    let model = case.model;
    let mut packages = Packages { sheds_helpers: true, ..plan.packages };
    let mut runs: Vec<(usize, Run)> = Vec::new();
    for step in case.steps().filter(|s| matches!(model.instruction(*s).kind, Kind::Run(_))) {
        runs.push((step, sort::run(case, step, plan.role, &mut packages)?));
    }
    let Some(last_build) = runs.iter().rev().find(|(_, r)| r.builds).map(|(s, _)| *s) else {
        return Err(NoProposal::general("nothing is built here that another stage could build"));
    };
    let mut build: Vec<Part> = plan.setup.into_iter().map(Part::New).collect();
    let mut last: Vec<Part> = Vec::new();
    let mut first = plan.manifests_first;
    let mut results = None;
    let mut shell = needs_shell(case);
    for step in case.steps() {
        let before = step < last_build;
        match &model.instruction(step).kind {
            Kind::Run(_) => {
                let run = runs.iter().find(|(s, _)| *s == step).map(|(_, r)| r.clone()).unwrap_or_default();
                if run.builds {
                    if run.prepares && model.commands_of(step).any(|c| is_of_accounts(&c)) {
                        return Err(NoProposal::at(model, step, "it builds and prepares the image in one"));
                    }
                    build.push(Part::Step(step));
                    results = Some(last.len());
                } else if run.prepares {
                    if run.installs {
                        return Err(NoProposal::at(model, step, "it installs and prepares the image in one"));
                    }
                    last.push(Part::Step(step));
                    shell = true;
                } else if run.folders && !is_inside(case, step) {
                    if before {
                        build.push(Part::Step(step));
                    }
                    last.push(Part::Step(step));
                    shell = true;
                } else if before {
                    build.push(Part::Step(step));
                }
            }
            Kind::Copy(_) | Kind::Add(_) => {
                if !before {
                    last.push(Part::Step(step));
                    continue;
                }
                if is_folder(case, step) {
                    build.extend(first.drain(..).map(Part::New));
                }
                build.push(Part::Step(step));
                if is_elsewhere(case, step) {
                    last.push(Part::Step(step));
                }
            }
            _ => sort::place(case, step, last_build)?.put(step, &mut build, &mut last),
        }
    }
    let changes = plan.last_from != case.base();
    if shell && changes {
        packages.need_programs(case);
    }
    shell |= !packages.run.is_empty();
    for package in plan.usual.iter().filter(|_| shell || plan.bare.is_none()) {
        packages.need(package);
    }
    let at = results.unwrap_or(last.len());
    let assets = assets(case, last_build, plan.source, notes)?;
    last.splice(at..at, plan.results.into_iter().chain(assets).map(Part::New));
    drop_passed_folders(case, &mut last);
    if let Some(lines) = packages.lines(case, plan.apk) {
        last.insert(0, Part::New(lines));
    }
    let last_from = match plan.bare {
        Some(bare) if !shell && packages.unknown.is_empty() => bare,
        _ => plan.last_from,
    };
    Ok(Draft { model, build_name: case.build_name(), last_from, build, last })
}

/// Takes out each WORKDIR that another one follows before anything makes use of it.
fn drop_passed_folders(case: &Case<'_>, last: &mut Vec<Part>) {
    let kind = |part: &Part| match part {
        Part::Step(step) | Part::Changed(step, _) => Some(&case.model.instruction(*step).kind),
        // New lines name whole paths.
        Part::New(_) => None,
    };
    let is_passed = |at: usize| {
        let rest = last.get(at + 1..).unwrap_or_default();
        let next = rest
            .iter()
            .filter_map(kind)
            .find(|k| matches!(k, Kind::Workdir(_) | Kind::Run(_) | Kind::Copy(_) | Kind::Add(_)));
        matches!(next, Some(Kind::Workdir(Some(path))) if path.text.starts_with('/'))
    };
    let passed: Vec<usize> = (0..last.len())
        .filter(|at| {
            last.get(*at).and_then(kind).is_some_and(|k| matches!(k, Kind::Workdir(_))) && is_passed(*at)
        })
        .collect();
    for at in passed.into_iter().rev() {
        last.remove(at);
    }
}

/// True if the entry or the health check runs in a shell.
fn needs_shell(case: &Case<'_>) -> bool {
    let model = case.model;
    let entry = model.entry(case.stage);
    let shell = |s: usize| {
        matches!(
            model.instruction(s).kind,
            Kind::Cmd(CommandForm::Shell(_)) | Kind::Entrypoint(CommandForm::Shell(_))
        )
    };
    entry.steps().any(shell)
        || case.steps().any(|s| matches!(model.instruction(s).kind, Kind::Healthcheck(_)))
}

fn is_of_accounts(cmd: &Cmd<'_>) -> bool {
    !matches!(cmd.program(), "chmod" | "touch" | "ln")
}

/// True if the folders that a RUN makes are the working directory or lie in it.
fn is_inside(case: &Case<'_>, step: usize) -> bool {
    let Ok(workdir) = case.working(step) else { return false };
    case.model.commands_of(step).filter(|c| c.program() == "mkdir").all(|c| {
        c.plain_words().all(|w| {
            w.as_str().and_then(|t| c.absolute(t)).is_some_and(|p| {
                let p = p.trim_end_matches('/').to_owned();
                p == workdir || p.starts_with(&format!("{workdir}/")) || workdir.starts_with(&format!("{p}/"))
            })
        })
    })
}

/// True for a copy of a folder or of all there is.
fn is_folder(case: &Case<'_>, step: usize) -> bool {
    let is_file = |s: &str| {
        let name = s.rsplit('/').next().unwrap_or(s);
        name.trim_start_matches('.').contains('.') || matches!(name, "gradlew" | "mvnw")
    };
    !case.copies_only(step, is_file)
}

/// True for a copy to a place outside of the working directory.
fn is_elsewhere(case: &Case<'_>, step: usize) -> bool {
    let workdir = case.working(step).unwrap_or_default();
    let mut copies = case.model.copies.iter().filter(|c| c.step == step && c.from == CopyFrom::Context);
    copies.any(|c| {
        let to = c.destination.known().map(|d| d.trim_end_matches('/'));
        to.is_none_or(|to| to != workdir && !to.starts_with(&format!("{workdir}/"))) && !is_folder(case, step)
    })
}

/// Lines that copy what of the context the program may read when it runs.
fn assets(
    case: &Case<'_>,
    last_build: usize,
    source: &dyn Fn(&str) -> bool,
    notes: &mut Vec<String>,
) -> Try<Vec<String>> {
    const MOST: usize = 8;
    let model = case.model;
    // All is packed into the result.
    if source("") {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for copy in model.copies.iter().filter(|c| c.step < last_build && c.from == CopyFrom::Context && !c.mount)
    {
        if !is_folder(case, copy.step) {
            continue;
        }
        let Some(files) = case.project.files else {
            let note = "what the program reads from files when it runs is not known: copy that to the last stage as well";
            if !notes.iter().any(|n| n == note) {
                notes.push(note.to_owned());
            }
            continue;
        };
        let Some(to) = copy.destination.known().map(|d| d.trim_end_matches('/')) else { continue };
        for from in copy.sources.iter().filter_map(|s| s.value.known()) {
            let from = from.trim_start_matches("./").trim_matches('/');
            let from = if from == "." { "" } else { from };
            let below = |file: &str| match from {
                "" => Some(file.to_owned()),
                from => file.strip_prefix(from)?.strip_prefix('/').map(str::to_owned),
            };
            let inside: Vec<String> = files.iter().filter_map(|f| below(f)).collect();
            let found = grouped(&inside, source);
            for path in found {
                let start = if from.is_empty() { String::new() } else { format!("{from}/") };
                lines.push(format!("COPY {start}{path} {to}/{path}"));
            }
        }
    }
    if lines.len() > MOST {
        let why =
            "too many of these files are not sources, so what the program needs at run time is not known";
        return Err(NoProposal::at(model, last_build, why));
    }
    if lines.iter().any(|l| l.contains(['"', '[', '*', '?', '$', '\\']) || l.split(' ').count() != 3) {
        return Err(NoProposal::at(
            model,
            last_build,
            "some file names contain spaces or special characters",
        ));
    }
    Ok(lines)
}

/// The files that are no sources, a folder for those in one that holds nothing else.
fn grouped(files: &[String], source: &dyn Fn(&str) -> bool) -> Vec<String> {
    let is_source = |f: &str| never_read(f) || source(f);
    let folder = |f: &str, depth: usize| -> Option<String> {
        let parts: Vec<&str> = f.split('/').collect();
        (parts.len() > depth).then(|| parts.get(..depth).unwrap_or_default().join("/"))
    };
    let mut mixed: BTreeSet<String> = BTreeSet::new();
    for file in files.iter().filter(|f| is_source(f)) {
        for depth in 1..file.split('/').count() {
            mixed.extend(folder(file, depth));
        }
    }
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|f| !is_source(f)) {
        let depths = 1..file.split('/').count();
        let pure = depths.filter_map(|d| folder(file, d)).find(|f| !mixed.contains(f));
        found.insert(pure.unwrap_or_else(|| file.clone()));
    }
    found.into_iter().collect()
}

/// True for files that no program reads when it runs.
fn never_read(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let upper = name.to_ascii_uppercase();
    let lower = name.to_ascii_lowercase();
    file.split('/').any(|part| {
        part.starts_with('.')
            || matches!(
                part,
                "test"
                    | "tests"
                    | "testdata"
                    | "docs"
                    | "doc"
                    | "examples"
                    | "vendor"
                    | "node_modules"
                    | "__pycache__"
            )
    }) || ["README", "LICENSE", "LICENCE", "CHANGELOG", "CONTRIBUTING", "NOTICE", "AUTHORS", "MAKEFILE"]
        .iter()
        .any(|n| upper.starts_with(n))
        || ["dockerfile", "containerfile", "docker-compose", "compose.y", "jenkinsfile"]
            .iter()
            .any(|n| lower.starts_with(n))
        || lower.ends_with(".dockerfile")
        || [".md", ".proto", ".log", ".lock", ".iml"].iter().any(|e| lower.ends_with(e))
}

/// The absolute path of the program that the entry starts; `made` are the files that the build is known to
/// make, and `folders` those that it fills with files of unknown names.
pub(super) fn program(case: &Case<'_>, made: &[String], folders: &[String]) -> Try<String> {
    const PATH: [&str; 8] = [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
        "/go/bin",
        "/usr/local/cargo/bin",
    ];
    let commands = case.entry_commands();
    let Some(cmd) = commands.first() else { return Err(NoProposal::general("what it runs is not known")) };
    let refuse = |why: String| Err(NoProposal::at(case.model, cmd.step(), why));
    let Some(name) = cmd.shell().words.first().and_then(|w| w.as_str()) else {
        return refuse("what it runs is not known".to_owned());
    };
    let workdir = case.model.end_state(case.stage).workdir.and_then(|i| case.model.workdirs.get(i));
    let workdir = workdir.and_then(|w| w.path.known()).or_else(|| case.model.base_workdir(case.stage));
    let candidates: Vec<String> = match (name.contains('/'), workdir) {
        (true, _) if name.starts_with('/') => vec![name.to_owned()],
        (true, Some(workdir)) => {
            vec![format!("{}/{}", workdir.trim_end_matches('/'), name.trim_start_matches("./"))]
        }
        (true, None) => Vec::new(),
        (false, _) => PATH.iter().map(|p| format!("{p}/{name}")).collect(),
    };
    let in_folder = |c: &String| c.rsplit_once('/').is_some_and(|(f, _)| folders.iter().any(|x| x == f));
    match candidates.iter().find(|c| made.contains(c)).or_else(|| candidates.iter().find(|c| in_folder(c))) {
        Some(path) => Ok(path.clone()),
        None => refuse(format!("which command makes `{name}` is not known")),
    }
}

/// What `cp` and `mv` put where: their last operand, and the name in it if it is a folder.
pub(super) fn moved(case: &Case<'_>) -> Vec<String> {
    let mut made = Vec::new();
    for cmd in case.model.run_commands().filter(|c| matches!(c.program(), "cp" | "mv" | "install")) {
        let words: Vec<&str> = cmd.plain_words().filter_map(|w| w.as_str()).collect();
        let [from, .., to] = words.as_slice() else { continue };
        if let Some(to) = cmd.absolute(to) {
            let name = from.rsplit('/').next().unwrap_or(from);
            made.push(format!("{}/{name}", to.trim_end_matches('/')));
            made.push(to);
        }
    }
    made
}
