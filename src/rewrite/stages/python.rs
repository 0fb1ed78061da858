//! Python: the packages go into a virtual environment, which the last stage takes.

use crate::knowledge::{Action, ManagerId};
use crate::semantic::Cmd;
use crate::syntax::Kind;

use super::draft::Draft;
use super::interpreted::{self, Plan};
use super::libraries::{Language, Use, headers, usage};
use super::sort::Role;
use super::system::{Packages, release};
use super::{Case, NoProposal, Try};

const VENV: &str = "/opt/venv";

/// Packages that call a compiler when they run.
const COMPILING: [&str; 12] = [
    "cmdstanpy",
    "cppyy",
    "deepspeed",
    "pycuda",
    "pymc",
    "pymc3",
    "pystan",
    "pytensor",
    "sglang",
    "theano",
    "triton",
    "vllm",
];

/// Packages that need GCC's library of OpenMP, which a compiler brings along, from the system.
const OPEN_MP: [&str; 4] = ["chroma-hnswlib", "hnswlib", "implicit", "lightgbm"];

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    for cmd in case.entry_commands() {
        let name = cmd.shell().program_word().map_or("", |w| w.static_prefix());
        if name.starts_with("/usr/") {
            let why = format!("`{name}` is not where a virtual environment has it");
            return Err(NoProposal::at(model, cmd.step(), why));
        }
    }
    // Paths of the interpreter's own packages.
    for step in case.steps() {
        let text = model.text(model.instruction(step).span);
        if ["site-packages", "/usr/local/lib/python", "/usr/local/bin/"].iter().any(|p| text.contains(p)) {
            return Err(NoProposal::at(
                model,
                step,
                "it names a place that a virtual environment has elsewhere",
            ));
        }
    }
    let hides = |step: &usize| match &model.instruction(*step).kind {
        Kind::Env(pairs) => pairs.iter().any(|pair| {
            pair.key.text == "PATH" && pair.value.as_ref().is_none_or(|value| !value.text.contains("PATH"))
        }),
        _ => false,
    };
    if let Some(step) = case.steps().find(hides) {
        return Err(NoProposal::at(model, step, "this PATH would hide a virtual environment"));
    }
    let slim = case.slim();
    let mut notes = Vec::new();
    let installs: Vec<_> = model.installs().collect();
    let local = model
        .run_commands()
        .filter(|c| c.is(ManagerId::Pip, Action::Install))
        .any(|c| c.operands().iter().any(|w| w.static_prefix().starts_with('.')));
    let mut packages = Packages::default();
    let (mut read, mut names) = (Vec::new(), Vec::new());
    let mut whole = !local;
    for install in &installs {
        for file in &install.files {
            let beside = model.source_beside(&install.cmd, file);
            let file = beside.as_deref().unwrap_or_else(|| file.trim_start_matches("./"));
            whole &= requirements(case, file, &mut read, &mut names);
        }
    }
    let pips = model.run_commands().filter(|c| c.is(ManagerId::Pip, Action::Install));
    names.extend(pips.flat_map(|c| c.packages()).map(|package| package.name));
    if let Some(name) = names.iter().find(|name| COMPILING.contains(&name.as_str())) {
        return Err(NoProposal::general(format!("`{name}` compiles code when it runs")));
    }
    names.iter().for_each(|name| library(case, name, &mut packages, slim.is_some()));
    // Only requirements that are known to the last line can be installed without the sources.
    let first = installs.iter().find_map(|i| Some((i, model.sources_before(i)?)));
    let manifests_first = match &first {
        Some((install, sources))
            if whole && sources.folder.is_empty() && !read.is_empty() && installs.len() == 1 =>
        {
            let workdir = case.working(install.cmd.step())?;
            let here =
                sources.files.iter().all(|f| !f.contains('/')) && read.iter().all(|f| !f.contains('/'));
            let same = model
                .copies
                .get(sources.copy)
                .and_then(|c| c.destination.known())
                .is_some_and(|d| d.trim_end_matches('/') == workdir);
            (here && same).then(|| format!("COPY {} ./", read.join(" ")))
        }
        _ => None,
    };
    if slim.is_some() && !whole && !local {
        notes.push("which libraries the Python packages need at run time was not read from a file of requirements: compare `ldd` of what is in /opt/venv".to_owned());
    }
    let files: Vec<String> = read.clone();
    let manifest = |source: &str| {
        files.iter().any(|f| f == source)
            || source.ends_with("requirements.txt")
            || source == "requirements*.txt"
    };
    let plan = Plan {
        role: &|cmd| role(case, cmd),
        change: &|_| None,
        manifest: &manifest,
        manifests_run: false,
        manifests_first,
        last_from: slim.unwrap_or_else(|| case.base()),
        setup: [
            vec![format!("RUN python -m venv {VENV}"), format!("ENV PATH=\"{VENV}/bin:$PATH\"")],
            vec![format!("ENV PATH=\"{VENV}/bin:$PATH\"")],
        ],
        finish: Vec::new(),
        results: [vec![format!("COPY --from={} {VENV} {VENV}", case.build_name())], Vec::new()],
        packages,
    };
    Ok((interpreted::draft(case, plan)?, notes))
}

fn role(case: &Case<'_>, cmd: &Cmd<'_>) -> Try<Option<Role>> {
    let refuse = |why: &str| Err(NoProposal::at(case.model, cmd.step(), why));
    let path = cmd.shell().program_word().map_or("", |w| w.static_prefix());
    Ok(match cmd.program() {
        "pip" if cmd.usage.action == Action::Install => {
            if cmd.has_any_flag(&["--user", "--target", "-t", "--prefix", "--root", "-e", "--editable"]) {
                return refuse("it installs to a place of its own");
            }
            if path.starts_with('/') || !cmd.shell().effective().wrappers.is_empty() {
                return refuse("this `pip` is not the one of a virtual environment");
            }
            Some(Role::Build)
        }
        "pip" if matches!(&*cmd.subcommand().unwrap_or_default(), "config" | "cache" | "check" | "list") => {
            Some(Role::Neutral)
        }
        "python" | "python3"
            if cmd.args().first().is_some_and(|w| w.static_prefix().ends_with("manage.py")) =>
        {
            Some(Role::Prepare)
        }
        _ => None,
    })
}

/// Reads a file of requirements and those that it names; true if all was read and nothing of it is local.
fn requirements(case: &Case<'_>, file: &str, read: &mut Vec<String>, names: &mut Vec<String>) -> bool {
    if read.iter().any(|f| f == file) || read.len() > 20 {
        return read.len() <= 20;
    }
    let Some(text) = (case.project.read)(file) else { return false };
    read.push(file.to_owned());
    let mut whole = true;
    for line in text.lines().map(|l| l.split(" #").next().unwrap_or(l).trim()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let other = ["-r ", "-c ", "--requirement ", "--constraint ", "-r", "-c"]
            .iter()
            .find_map(|p| line.strip_prefix(p).filter(|r| !r.starts_with('-')));
        if let Some(other) = other {
            let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let other = format!("{folder}{}", other.trim().trim_start_matches("./"));
            whole &= requirements(case, &other, read, names);
        } else if line.starts_with('-') {
            // Indexes and hashes; what is editable lies among the sources.
            whole &= line.starts_with("--")
                && !line.starts_with("--editable")
                && !line.starts_with("--find-links");
        } else if line.starts_with(['.', '/']) || line.contains("file:") {
            whole = false;
        } else {
            let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
            let name = line.get(..end.unwrap_or(line.len())).unwrap_or("");
            names.push(name.to_ascii_lowercase().replace(['_', '.'], "-"));
        }
    }
    whole
}

/// Adds the library that a package links, where the smaller image lacks what the full one had.
fn library(case: &Case<'_>, package: &str, packages: &mut Packages, slim: bool) {
    if OPEN_MP.contains(&package) {
        packages.need(if case.is_alpine() { "libgomp" } else { "libgomp1" });
    }
    if let Some(Use::Library(name)) =
        headers(Language::Python, package).map(|h| usage(ManagerId::Apt, h, release(case)))
        && slim
    {
        packages.need(&name);
    }
}
