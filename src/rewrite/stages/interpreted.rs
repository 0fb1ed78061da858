//! Languages that run from their sources: the last stage copies these, and takes the installed packages
//! from the first.

use crate::semantic::{Cmd, CopyFrom};
use crate::syntax::Kind;

use super::calls::Tie;
use super::draft::{Draft, Part};
use super::sort::{self, Role, Run};
use super::system::Packages;
use super::{Case, NoProposal, Try};

/// What is peculiar to a language and a project.
pub(super) struct Plan<'a> {
    /// What the language's own commands do.
    pub(super) role: &'a dyn Fn(&Cmd<'_>) -> Try<Option<Role>>,
    /// The step that builds, with other text.
    pub(super) change: &'a dyn Fn(usize) -> Option<String>,
    /// True for files that only the installation reads.
    pub(super) manifest: &'a dyn Fn(&str) -> bool,
    /// True if they are read when the image runs as well.
    pub(super) manifests_run: bool,
    /// What copies the manifests, where the sources come before the installation; `None` if the build needs
    /// all of them.
    pub(super) manifests_first: Option<String>,
    /// What the last stage starts from.
    pub(super) last_from: String,
    /// Lines at the start of the stage that builds, and of the last one.
    pub(super) setup: [Vec<String>; 2],
    /// Lines behind the last command that builds.
    pub(super) finish: Vec<String>,
    /// Lines that take results before the sources are copied, and behind that.
    pub(super) results: [Vec<String>; 2],
    /// Packages that the last stage needs anyway.
    pub(super) packages: Packages,
}

pub(super) fn draft<'m>(case: &Case<'m>, plan: Plan<'_>) -> Try<Draft<'m>> {
    let model = case.model;
    let mut packages = plan.packages;
    let mut runs: Vec<(usize, Run)> = Vec::new();
    for step in case.steps().filter(|s| matches!(model.instruction(*s).kind, Kind::Run(_))) {
        runs.push((step, sort::run(case, step, plan.role, &mut packages)?));
    }
    let Some(last_build) = runs.iter().rev().find(|(_, r)| r.builds).map(|(s, _)| *s) else {
        return Err(NoProposal::general("nothing is built or installed here that another stage could do"));
    };
    if plan.last_from == case.base() && !packages.sheds && plan.finish.is_empty() {
        let why = case.tie().map_or("there is no smaller variant of this image", Tie::why);
        let why = format!("this installs nothing that only a build needs, and {why}");
        return Err(NoProposal::at(model, last_build, why));
    }
    let changes_base = plan.last_from != case.base();
    if changes_base {
        packages.need_programs(case);
    }
    let mut build: Vec<Part> = Vec::new();
    let mut last: Vec<Part> = Vec::new();
    build.extend(plan.setup[0].iter().cloned().map(Part::New));
    let mut early = None;
    let mut late = None;
    let mut system = None;
    let mut manifests = plan.manifests_first;
    let keeps_sources = manifests.is_none();
    for step in case.steps() {
        let before = step < last_build;
        match &model.instruction(step).kind {
            Kind::Run(_) => {
                let run = runs.iter().find(|(s, _)| *s == step).map(|(_, r)| r.clone()).unwrap_or_default();
                if run.builds && run.prepares {
                    return Err(NoProposal::at(model, step, "it builds and prepares the image in one"));
                }
                if run.builds && run.folders && !makes_workdir(case, step) {
                    return Err(NoProposal::at(
                        model,
                        step,
                        "it builds and makes folders for the image in one",
                    ));
                }
                if run.installs {
                    system.get_or_insert(last.len());
                }
                if run.builds {
                    build
                        .push((plan.change)(step).map_or(Part::Step(step), |text| Part::Changed(step, text)));
                    early.get_or_insert(last.len());
                } else if run.prepares {
                    if run.installs || run.tools {
                        return Err(NoProposal::at(model, step, "it installs and prepares the image in one"));
                    }
                    last.push(Part::Step(step));
                } else if run.installs {
                    if before {
                        build.push(Part::Step(step));
                    }
                } else if run.tools || run.folders {
                    if before {
                        build.push(Part::Step(step));
                    }
                    last.push(Part::Step(step));
                } else if before || is_of_caches(case, step) {
                    build.push(Part::Step(step));
                } else {
                    last.push(Part::Step(step));
                }
            }
            Kind::Copy(_) | Kind::Add(_) => {
                let foreign = model.copies.iter().any(|c| c.step == step && c.from != CopyFrom::Context);
                if foreign {
                    // A tool from another image.
                    if before {
                        build.push(Part::Step(step));
                    } else {
                        last.push(Part::Step(step));
                    }
                    continue;
                }
                if before && case.copies_only(step, plan.manifest) {
                    build.push(Part::Step(step));
                    if plan.manifests_run && !case.steps().any(|s| s > step && copies_all(case, s)) {
                        last.push(Part::Step(step));
                    }
                    continue;
                }
                if before && keeps_sources {
                    build.push(Part::Step(step));
                } else if before && let Some(text) = manifests.take() {
                    build.push(Part::Changed(step, text));
                }
                early.get_or_insert(last.len());
                last.push(Part::Step(step));
                if before {
                    late = Some(last.len());
                }
            }
            _ => sort::place(case, step, last_build)?.put(step, &mut build, &mut last),
        }
    }
    build.extend(plan.finish.into_iter().map(Part::New));
    let [first, behind] = plan.results;
    let early = early.unwrap_or(last.len());
    let late = late.unwrap_or(early).max(early);
    last.splice(late..late, behind.into_iter().map(Part::New));
    last.splice(early..early, first.into_iter().map(Part::New));
    if let Some(lines) = packages.lines(case, case.is_alpine()) {
        let at = system.unwrap_or(0).min(early);
        last.insert(at, Part::New(lines));
    }
    last.splice(0..0, plan.setup[1].iter().cloned().map(Part::New));
    Ok(Draft { model, build_name: case.build_name(), last_from: plan.last_from, build, last })
}

/// True for a copy of all there is.
fn copies_all(case: &Case<'_>, step: usize) -> bool {
    case.model.copies.iter().any(|c| {
        let all = |v: &str| matches!(v.trim_matches('/'), "." | "" | "*");
        c.step == step
            && c.from == CopyFrom::Context
            && !c.mount
            && c.sources.iter().any(|s| s.value.known().is_some_and(all))
    })
}

/// True if the folders that a RUN makes are the final working directory, which is there anyway.
fn makes_workdir(case: &Case<'_>, step: usize) -> bool {
    let end = case.model.end_state(case.stage).workdir.and_then(|i| case.model.workdirs.get(i));
    let Some(end) = end.and_then(|w| w.path.known()) else { return false };
    case.model.commands_of(step).filter(|c| c.program() == "mkdir").all(|c| {
        c.plain_words().all(|w| {
            let path = w.as_str().and_then(|t| c.absolute(t));
            path.is_some_and(|p| p.trim_end_matches('/') == end.trim_end_matches('/'))
        })
    })
}

/// True for a RUN that only empties caches.
fn is_of_caches(case: &Case<'_>, step: usize) -> bool {
    const CACHES: [&str; 4] = ["/var/lib/apt", "/var/cache", "/root/.", "/tmp"];
    case.model.commands_of(step).all(|c| {
        c.usage.manager.is_some_and(|m| m.system)
            || c.program() == "rm"
                && c.plain_words().all(|w| CACHES.iter().any(|f| w.static_prefix().starts_with(f)))
    })
}
