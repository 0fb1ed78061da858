//! `missing-multi-stage`: what only the build needs, and the final image keeps.

use crate::diag::{Part, Saving};
use crate::knowledge::{
    Action, Family, ImageKind, Library, ManagerId, Trait, apk_library, apt_library, program_is, suites,
};
use crate::rules::Cx;
use crate::semantic::{
    Base, Cmd, CopyFrom, DevPackages, Entry, Model, NodeNeeds, Stage, facts, is_build_driver, is_compiler,
    is_headers, is_script, on_release, runtime_of_version,
};
use crate::shell::Word;
use crate::size::Difference;
use crate::syntax::ImageRef;
use crate::text::Span;

use super::all;
use super::go_program::GoProgram;
use super::moved::Moved;
use super::unshipped::{is_development, is_development_file};
use super::user::{is_tool_box, starts_init};

/// `missing-multi-stage`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage() else { return };
    let entry = model.entry(stage);
    let runs = || model.entry_commands(entry);
    if runs().next().is_none()
        || is_development(stage)
        || is_development_file(model)
        || is_tool_box(model, entry)
        || starts_init(model, entry)
    {
        return;
    }
    if runs().any(|c| c.needs_toolchain() || c.is_dev_server()) {
        return;
    }
    if !sdk(cx, stage, entry) {
        packages(cx, stage, entry);
    }
    front_end(cx, entry);
}

/// The commands that a build of the final image runs in it.
fn commands<'m>(model: &'m Model) -> impl Iterator<Item = Cmd<'m>> {
    model.run_commands().filter(|c| !c.script().onbuild && c.stage().is_some_and(|s| s.in_final_image))
}

/// A base image with compilers.
fn sdk(cx: &mut Cx<'_>, stage: &Stage, entry: Entry) -> bool {
    let model = cx.model;
    let Some(root) = model.lineage(stage).last() else { return false };
    let (Base::Image(image), Some(word)) = (&root.base, &root.base_word) else { return false };
    let Some((facts, runtime)) = facts(image).and_then(|f| Some((f, f.runtime?))) else {
        return false;
    };
    if facts.kind != Some(ImageKind::Sdk)
        || image
            .tag
            .as_deref()
            .is_some_and(|t| t.contains("slim") && runtime.contains("-slim") && image.repository() == "swift")
    {
        return false;
    }
    // A script, or a program in another language, may use the compiler.
    let runs: Vec<Cmd<'_>> = model.entry_commands(entry).collect();
    let unclear = |c: &Cmd<'_>| {
        is_script(c.program())
            || program_is(c.program(), Trait::Interpreter)
            || program_is(c.program(), Trait::Shell)
    };
    // So may what calls programs of source control, which somebody has installed for it.
    let fetches = |c: &Cmd<'_>| {
        c.usage.action == Action::Install
            && c.packages()
                .iter()
                .any(|p| matches!(&*p.name, "git" | "mercurial" | "subversion" | "bzr" | "fossil"))
    };
    let builds_here = || commands(model).filter(|c| c.stage().is_some_and(|s| s.index == stage.index));
    if runs.iter().any(unclear)
        || (builds_here().all(|c| !c.builds_program()) && builds_here().any(|c| fetches(&c)))
    {
        return true;
    }
    let build = commands(model).find(|c| c.builds_program());
    let copied = || {
        model.copies.iter().find(|c| matches!(c.from, CopyFrom::Stage(_)) && stage.steps.contains(&c.step))
    };
    let label = match (&build, copied()) {
        (Some(build), _) => (build.head_span(), "built here"),
        (None, Some(copy)) => (model.instruction(copy.step).keyword_span, "built elsewhere"),
        (None, None) => return false,
    };
    let Some(run) = runs.last() else { return false };
    let what = run.shell().program_word().map_or("", |w| w.static_prefix());
    let copy = if what.starts_with('/') {
        format!(
            "`COPY --from=build {what} {what}`, the WORKDIR, and whatever files and libraries it needs when it runs"
        )
    } else {
        "`COPY --from=build` of the result, and whatever files and libraries it needs when it runs".to_owned()
    };
    // What brings its own runtime needs just the libraries below it.
    let runtime = match build.as_ref().filter(|build| brings_runtime(build)) {
        Some(_) => "mcr.microsoft.com/dotnet/runtime-deps with the same tag",
        None => runtime,
    };
    let runtime = runtime_of_version(image, runtime);
    let runtime = on_release(&runtime, model.suite(stage).map(|suite| suite.name));
    let moved = Moved::of(model, stage, entry);
    let program = build
        .filter(|_| image.repository() == "golang")
        .map(|b| GoProgram::of(model, stage, &b, moved.needs_system()));
    let runtime = program.as_ref().and_then(|program| program.image(model, stage)).unwrap_or(runtime);
    let runtime = moved.image(model, stage, runtime);
    // `IMAGE (or IMAGE)`.
    let first = runtime.split(' ').next().and_then(|r| ImageRef::parse(r).ok());
    let lighter = first.and_then(|first| cx.base_images.difference(image, &first, "amd64"));
    let message = format!("the final image keeps the compilers of `{}`, but only runs `{what}`", word.text);
    let help = match build {
        Some(_) => {
            let (before, behind) = program.map_or_else(Default::default, |program| program.advice());
            format!(
                "name this stage `build`{before}, and add a final stage from {runtime}, with {copy}{behind}{}",
                moved.advice(&runtime)
            )
        }
        None => format!("start from {runtime} instead"),
    };
    let mut finding = cx.at(word.span, message).label(label.0, label.1).help(help);
    finding.saving = lighter.map(base_saving);
    cx.report(finding);
    true
}

/// True for `dotnet publish --self-contained`, and for a native program.
fn brings_runtime(cmd: &Cmd<'_>) -> bool {
    let is_false = |at: usize| cmd.args().get(at + 1).is_some_and(|w| w.is("false"));
    cmd.program() == "dotnet"
        && cmd.args().iter().enumerate().any(|(at, word)| match word.as_str() {
            Some("--self-contained" | "--sc") => !is_false(at),
            Some(text) => {
                let text = text.trim_start_matches(['-', '/']).to_ascii_lowercase();
                ["self-contained=true", "p:selfcontained=true", "p:publishaot=true"].contains(&&*text)
            }
            None => false,
        })
}

/// What another base image saves.
pub(super) fn base_saving(difference: Difference) -> Saving {
    let Difference { bytes, range: (least, most), source } = difference;
    Saving::estimated(bytes, source).between(least, most).of(Part::Base)
}

/// The name of a package without its version.
fn package<'m>(cmd: &Cmd<'m>, word: &'m Word) -> Option<&'m str> {
    let name = word.as_str()?;
    let marks = cmd.usage.manager.and_then(|m| m.pins.as_ref()).map_or(&[][..], |p| p.marks);
    Some(marks.iter().filter_map(|mark| name.split(*mark).next()).min_by_key(|n| n.len()).unwrap_or(name))
}

/// True if the base image is there for its compilers.
fn has_compilers(model: &Model, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    let tag = image.tag.as_deref().unwrap_or("");
    matches!(image.repository(), "gcc" | "golang" | "rust" | "buildpack-deps" | "php")
        || tag.contains("devel")
        || facts(image).is_some_and(|f| f.kind == Some(ImageKind::Sdk))
}

/// True for a release of Debian, as tags name them.
fn is_debian(release: &str) -> bool {
    suites().iter().any(|s| s.family == Family::Debian && s.name == release)
}

/// The image of a language that brings compilers and headers, and the tag of the one without them.
fn full_image<'m>(model: &'m Model, stage: &'m Stage) -> Option<(&'m ImageRef, String)> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    let is_language = matches!(image.repository(), "python" | "node" | "ruby" | "perl" | "pypy");
    if !image.is_official() || !is_language {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("latest");
    if ["slim", "alpine", "windows", "nanoserver"].iter().any(|t| tag.contains(t)) {
        return None;
    }
    let slim = match tag {
        "latest" => "slim".to_owned(),
        // Releases of Debian come behind: `3.13-slim-bookworm`, but `22-bookworm-slim`.
        _ => match tag.rsplit_once('-') {
            Some((version, release)) if image.repository() != "node" && is_debian(release) => {
                format!("{version}-slim-{release}")
            }
            _ => format!("{tag}-slim"),
        },
    };
    Some((image, slim))
}

/// True where a program may compile at run time: kernels for graphics cards, scripts of any kind.
fn may_compile(model: &Model, stage: &Stage, entry: Entry) -> bool {
    let text = model.file.text();
    if ["cuda", "torch", "triton", "vllm", "rocm", "numba"].iter().any(|t| text.contains(t)) {
        return true;
    }
    // In the images of these languages a compiler is there for the packages, whatever a script does.
    let is_language = match model.root_base(stage) {
        Base::Image(image) => matches!(image.repository(), "python" | "node" | "ruby" | "php"),
        _ => false,
    };
    !is_language
        && model
            .entry_commands(entry)
            .any(|c| c.runs_script() || c.shell().words.iter().any(|w| w.static_prefix().ends_with("/build")))
}

/// Compilers that a package manager installs.
fn packages(cx: &mut Cx<'_>, stage: &Stage, entry: Entry) {
    let model = cx.model;
    if has_compilers(model, stage) {
        return;
    }
    let is_system = |c: &Cmd<'_>| c.usage.manager.is_some_and(|m| m.system);
    let full = full_image(model, stage);
    let mut known = None;
    for install in commands(model).filter(|c| is_system(c) && c.usage.action == Action::Install) {
        let words = install.operands();
        let is = |w: &Word, test: &dyn Fn(&str) -> bool| package(&install, w).is_some_and(test);
        let mut kept = words
            .iter()
            .copied()
            .filter(|w| is(w, &is_compiler))
            .chain(words.iter().copied().filter(|w| is(w, &is_headers)));
        // `make` alone weighs next to nothing.
        if words.iter().all(|w| is(w, &|n| n == "make" || !is_compiler(n))) && full.is_none() {
            continue;
        }
        let Some(first) = kept.next().filter(|w| full.is_some() || is(w, &is_compiler)) else { continue };
        // Packages of a language need a compiler, not just `make`.
        let compiles =
            full.is_some() || words.iter().any(|w| is(w, &|n| is_compiler(n) && !is_build_driver(n)));
        let follows = |c: &Cmd<'_>| c.shell().span.start > install.shell().span.start;
        let known = known.get_or_insert_with(|| {
            let removes = |c: Cmd<'_>| is_system(&c) && c.usage.action == Action::Remove;
            let silent = commands(model).any(removes) || may_compile(model, stage, entry);
            let last = |is: &dyn Fn(&Cmd<'_>) -> bool| commands(model).filter(is).last();
            (silent, last(&|c| c.builds_program()), last(&|c| c.installs_native()))
        });
        if known.0 {
            return;
        }
        let usage = known.1.filter(follows).or_else(|| known.2.filter(|c| compiles && follows(c)));
        let Some(usage) = usage else { continue };
        let rest: Vec<&Word> = kept.collect();
        let build = build_span(&usage);
        let names = names(&install, first, &rest);
        let (stay, them) = if rest.is_empty() { ("stays", "it") } else { ("stay", "them") };
        // The words of an array have commas between them.
        let shown = match usage.script().exec {
            true => usage.head(),
            false => model.text(build).replace(['\n', '\\'], " "),
        };
        let message =
            format!("{names} {stay} in the final image, though only a build such as `{shown}` needs {them}");
        let links = match install.usage.manager.map(|m| m.id) {
            Some(ManagerId::Apt) => linked(&words, apt_library, suite(model, stage)),
            Some(ManagerId::Apk) => linked(&words, apk_library, ""),
            _ => Vec::new(),
        };
        let mut help = match (&full, install.usage.manager.map(|m| m.id)) {
            (Some((image, slim)), _) => {
                let name = image.familiar_path();
                let tag = image.tag.as_deref().unwrap_or("latest");
                format!(
                    "build in a separate stage, and copy the result with `COPY --from` into one from `{name}:{slim}`: `{name}:{tag}` itself brings compilers and headers"
                )
            }
            (None, Some(ManagerId::Apk)) => {
                "build in a separate stage and copy the result, or in one RUN: `apk add --virtual .build …`, build, `apk del .build`".to_owned()
            }
            _ => "install and build in a separate stage, and copy the result with `COPY --from`".to_owned(),
        };
        if full.is_some() && model.prisma().is_some_and(|prisma| prisma.needs_openssl) {
            help += "; the last stage needs `openssl` for Prisma";
        }
        if !links.is_empty() {
            help += &format!("; the final image still needs {}", all(&links));
        } else {
            help += "; the final image still needs the shared libraries that the result uses";
        }
        let mut finding = cx.at(first.span, message).label(build, "needed here").help(help);
        finding.saving = match &full {
            Some((image, slim)) => ImageRef::parse(&format!("{}:{slim}", image.familiar_path()))
                .ok()
                .and_then(|slim| cx.base_images.difference(image, &slim, "amd64"))
                .map(base_saving),
            None => packages_saving(cx, &install, |name| {
                name != "make" && (is_compiler(name) || is_headers(name))
            }),
        };
        for also in rest {
            finding = finding.label(also.span, "this too");
        }
        cx.report(finding);
        return;
    }
}

/// The release of what a stage starts from, as the tables call it.
fn suite<'m>(model: &'m Model, stage: &Stage) -> &'m str {
    model.suite(stage).map_or("", |suite| suite.name)
}

/// The libraries that programs link to which are built with the headers among `words`: `libpq5` for `libpq-dev`.
fn linked(words: &[&Word], library: fn(&str) -> Option<&'static Library>, suite: &str) -> Vec<String> {
    let library = |word: &&Word| match library(word.as_str()?)? {
        Library::One(name) => Some(*name),
        Library::ByRelease(names) => {
            names.iter().find(|(release, _)| *release == suite).map(|(_, name)| *name)
        }
    };
    let names = words.iter().filter_map(library).filter(|name| !name.is_empty());
    names.take(MAX_LINKED).map(|name| format!("`{name}`")).collect()
}

/// How many libraries a help names.
const MAX_LINKED: usize = 4;

/// What an install of apt saves without the packages that `leave` picks.
fn packages_saving(cx: &Cx<'_>, install: &Cmd<'_>, leave: impl Fn(&str) -> bool) -> Option<Saving> {
    let install = cx.apt_install(install.id())?;
    let bytes = install.written(install.saved_without(leave)).bytes;
    let saving = Saving::estimated(bytes, install.source()).of(Part::Packages(install.cmd.step()));
    // Of an image that is not known some may be there already.
    let saving = if install.base_is_known { saving } else { saving.between(0, bytes) };
    (bytes > 0).then_some(saving)
}

/// The names of up to two packages, and how many more there are.
fn names(install: &Cmd<'_>, first: &Word, rest: &[&Word]) -> String {
    let name = |w: &Word| format!("`{}`", package(install, w).unwrap_or_default());
    let first = name(first);
    match rest {
        [] => first,
        [second] => format!("{first} and {}", name(second)),
        [second, more @ ..] => format!("{first}, {} and {} more", name(second), more.len()),
    }
}

/// The words that say what a command builds.
fn build_span(cmd: &Cmd<'_>) -> Span {
    if cmd.only_builds() { cmd.program_span() } else { cmd.head_span() }
}

/// What to change in `package.json` before development dependencies are left out.
pub(super) fn moved_to_dependencies(needs: &NodeNeeds) -> Option<String> {
    let names: Vec<String> = needs.packages.iter().map(|name| format!("`{name}`")).collect();
    let them = if names.len() == 1 { "it" } else { "them" };
    (!names.is_empty()).then(|| {
        format!(
            "move {} from `devDependencies` to `dependencies`, since `{}` needs {them}",
            all(&names),
            needs.by
        )
    })
}

/// The dev dependencies of a Node.js project that is built in the final image.
fn front_end(cx: &mut Cx<'_>, entry: Entry) {
    let model = cx.model;
    let serves = |c: Cmd<'_>| {
        let starts = || c.args().iter().any(|w| w.static_prefix().starts_with("start"));
        match c.program() {
            "node" | "serve" | "pm2-runtime" => true,
            "npm" | "yarn" | "pnpm" | "bun" | "next" => starts(),
            _ => false,
        }
    };
    if !model.entry_commands(entry).any(serves) {
        return;
    }
    let is_manager = |c: &Cmd<'_>| matches!(c.program(), "npm" | "yarn" | "pnpm" | "bun");
    let prunes = |c: &Cmd<'_>| {
        let arg = |texts: &[&str]| c.args().iter().any(|w| texts.iter().any(|t| w.is(t)));
        let lean = ["--omit=dev", "--production", "--prod", "--production=true", "--only=production", "-P"];
        is_manager(c) && (arg(&["prune", "dedupe"]) || arg(&lean))
            || c.program() == "rm" && c.args().iter().any(|w| w.static_prefix().contains("node_modules"))
    };
    if commands(model).any(|c| prunes(&c)) {
        return;
    }
    let installs = |c: &Cmd<'_>| {
        let bare = c.program() == "yarn" && c.args().iter().all(|w| w.static_prefix().starts_with('-'));
        let first = c.args().iter().find(|w| !w.static_prefix().starts_with('-'));
        is_manager(c) && (bare || first.is_some_and(|w| w.is("install") || w.is("ci") || w.is("i")))
            // With operands it installs tools, not the project's dependencies.
            && !c.has_any_flag(&["-g", "--global"])
    };
    let has_all = |c: &Cmd<'_>| c.dev_packages() == DevPackages::Installed;
    let Some(install) = commands(model).find(|c| installs(c) && has_all(c)) else { return };
    let Some(build) = commands(model).find(Cmd::builds_front_end) else { return };
    let last = build.args().iter().find(|w| w.is("build")).map_or(build.program_span(), |w| w.span);
    let span = build.program_span().to(last);
    let words = build.shell().words.iter().filter(|word| span.contains(word.span));
    let head = words.map(|word| word.static_prefix()).collect::<Vec<_>>().join(" ");
    let message = format!("`{head}` in the final image leaves the dev dependencies and the sources in it");
    let lean = match install.program() {
        "yarn" => "yarn install --production",
        "pnpm" => "pnpm install --prod",
        "bun" => "bun install --production",
        // Without a lock file `npm ci` fails.
        _ if install.args().iter().any(|w| w.is("ci")) => "npm ci --omit=dev",
        _ => "npm install --omit=dev",
    };
    let mut help = format!(
        "build in a separate stage, and copy the result with `COPY --from`; in the last stage install without dev dependencies: `{lean}`"
    );
    if model.prisma().is_some() {
        help += ", and copy the client that Prisma has generated as well: `node_modules/.prisma`, or the `output` of its generator";
    }
    help += &match moved_to_dependencies(&model.node_needs(&install, entry)) {
        Some(first) => format!("; before that, {first}"),
        None => "; check that nothing there needs one of them at run time".to_owned(),
    };
    let finding = cx.at(span, message).label(install.head_span(), "installs the dev dependencies").help(help);
    cx.report(finding);
}
