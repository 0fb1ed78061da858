//! What a build leaves in a folder that is copied as a whole: headers, static libraries, caches of packages.

use crate::knowledge::Family;
use crate::semantic::{CopyFrom, CopyUse, RunsAs, Stage};

use super::{Case, Piece};

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let model = case.model;
    let mut found = Vec::new();
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let Some(from) = model.stages.get(from) else { continue };
        let whole = |folder: &str| copies(copy, folder) && is_for_this(case, copy, from);
        if !model.stage_of(copy.step).is_some_and(|s| s.in_final_image) {
            continue;
        }
        if whole("/usr/local") {
            found.extend(headers(case, copy, from));
        }
        if whole("/usr/local/bundle") {
            found.extend(gems(case, copy, from));
        }
    }
    found
}

/// True if all of a folder is copied, to its own place.
fn copies(copy: &CopyUse, folder: &str) -> bool {
    let is = |path: Option<&str>| path.is_some_and(|p| format!("/{}", p.trim_matches('/')) == folder);
    matches!(copy.sources.as_slice(), [source] if is(source.value.known())) && is(copy.destination.known())
}

/// True if a stage of the build serves this copy alone, and root ends it.
fn is_for_this(case: &Case<'_>, copy: &CopyUse, stage: &Stage) -> bool {
    let takes = |c: &&CopyUse| c.from == CopyFrom::Stage(stage.index);
    let last = stage.steps.clone().last().unwrap_or(stage.steps.start);
    !case.is_started_from(stage)
        && !stage.in_final_image
        && case.model.copies.iter().filter(takes).all(|c| c.step == copy.step)
        && case.model.runs_as(last) == RunsAs::Root
}

/// Headers, static libraries and what other builds read, beside a program that is built.
fn headers(case: &Case<'_>, copy: &CopyUse, from: &Stage) -> Option<Piece> {
    let model = case.model;
    let stage = model.stages.get(from.index)?;
    // Images of languages have headers of their own there, which some of them read when they run.
    let plain = |image: &crate::syntax::ImageRef| {
        matches!(image.repository(), "alpine" | "debian" | "ubuntu") && image.is_official()
    };
    let is_plain = |stage: &'_ Stage| match model.root_base(stage) {
        crate::semantic::Base::Image(image) => plain(image),
        _ => false,
    };
    let installs = |c: &crate::semantic::Cmd<'_>| {
        matches!(c.program(), "make" | "ninja" | "cmake")
            && c.args().iter().any(|w| w.is("install") || w.is("--install"))
    };
    let entry = case.entry();
    let is_known = !entry.is_empty()
        && entry.iter().all(|c| {
            !c.needs_toolchain()
                && !c.runs_script()
                && !matches!(c.program(), "python" | "python3" | "ruby" | "perl" | "node")
        });
    let compiles = case.commands_in(case.last).any(|c| c.builds_program() || c.installs_native());
    if !is_plain(stage)
        || !is_plain(case.last)
        || !case.commands_in(stage).any(|c| installs(&c))
        || !is_known
        || compiles
        || case.says(&["/usr/local/include", "/usr/local/lib/cmake", "/usr/local/lib/pkgconfig"])
        || !matches!(model.family(case.last), Family::Alpine | Family::Debian | Family::Ubuntu)
    {
        return None;
    }
    let line = "RUN rm -rf /usr/local/include /usr/local/lib/cmake /usr/local/lib/pkgconfig && find /usr/local/lib -name '*.a' -delete";
    let edit = case.line_at_end(stage, line)?;
    let what = "`make install` puts headers, static libraries and files for other builds there as well, which are copied";
    Some(case.piece(copy.step, what, vec![edit]))
}

/// The archives of gems that Bundler keeps beside what it has installed.
fn gems(case: &Case<'_>, copy: &CopyUse, from: &Stage) -> Option<Piece> {
    let stage = case.model.stages.get(from.index)?;
    let installs = case.commands_in(stage).any(|c| {
        c.program() == "bundle" && (c.is_subcommand("install") || c.args().is_empty())
            || c.program() == "gem" && c.is_subcommand("install")
    });
    let again = |c: &crate::semantic::Cmd<'_>| {
        c.program() == "gem"
            || c.program() == "bundle"
                && c.args().first().is_some_and(|w| w.is("install") || w.is("pristine") || w.is("cache"))
    };
    let reads = case.commands_in(case.last).any(|c| again(&c)) || case.entry().iter().any(again);
    let scripts = case.entry().iter().any(|c| c.runs_script());
    if !installs
        || reads
        || scripts
        || case.entry().is_empty()
        || case.says(&["bundle/cache", "/cache/*.gem", "/cache\n"])
    {
        return None;
    }
    let edit = case.line_at_end(stage, "RUN rm -rf /usr/local/bundle/cache/*.gem")?;
    let what = "Bundler keeps the archive of each gem that it has installed, which is copied as well";
    Some(case.piece(copy.step, what, vec![edit]))
}
