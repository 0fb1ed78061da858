//! Programs that are linked to a newer C library than the image has that they are copied to.

use crate::knowledge::{Family, OTHER_LIBC};
use crate::rules::Cx;
use crate::semantic::{
    Base, Cgo, Cmd, CopyFrom, CopyUse, Model, Setting, Stage, StageId, Version, archived_suite, base_name,
    family, likely_suite,
};
use crate::syntax::{ImageRef, Instruction};

/// Releases with a glibc older than 2.34, and the names of their versions in tags of distroless images.
const OLDER: [&str; 9] =
    ["wheezy", "jessie", "stretch", "buster", "bullseye", "trusty", "xenial", "bionic", "focal"];
const OLDER_DISTROLESS: [&str; 3] = ["debian9", "debian10", "debian11"];

/// Releases with a newer one.
const NEWER: [&str; 6] = ["bookworm", "trixie", "forky", "jammy", "noble", "resolute"];

/// `newer-libc`.
pub fn newer(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut told: Vec<StageId> = Vec::new();
    for copy in model.copies.iter().filter(|copy| !copy.mount && !copy.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let (Some(from), Some(to)) = (model.stages.get(from), model.stage_of(copy.step)) else { continue };
        if !to.reachable || told.contains(&to.index) || !is_older(model, to) {
            continue;
        }
        let Some(release) = newer_release(model, from) else { continue };
        let Some(build) = links(cx, from, copy) else { continue };
        let speaks =
            |(_, i): (usize, &Instruction)| OTHER_LIBC.iter().any(|word| model.text(i.span).contains(word));
        if model.instructions().any(speaks) || brings_settings(cx, from) {
            return;
        }
        let root = model.stages.get(to.root()).and_then(|root| root.base_word.as_ref());
        let (Some(word), Some(source)) = (root, copy.sources.first()) else { continue };
        told.push(to.index);
        let name = base_name(source.value.known().unwrap_or_default());
        let message = format!(
            "`{name}` is linked to the glibc of {release}, but `{}` has one older than 2.34: the program fails with \"version `GLIBC_2.34' not found\"",
            word.text
        );
        let finding = cx
            .at(word.span, message)
            .label(build.head_span(), "linked here")
            .label(source.span, "copied here")
            .help("start this stage from the release that the program is built on, such as `debian:bookworm-slim`, or build on the release of this image");
        cx.report(finding);
    }
}

/// True if the settings of Cargo, which may say for what it builds, come with the sources of `stage`.
fn brings_settings(cx: &Cx<'_>, stage: &Stage) -> bool {
    let names = |path: &str| path.split('/').any(|part| part == ".cargo");
    let scan = cx.model.context().map(|context| &context.scan);
    let has_top = scan.is_some_and(|scan| scan.per_top.iter().any(|top| top.name == ".cargo"));
    has_top
        || cx.model.copies_before(stage, usize::MAX).any(|copy| {
            let mut sources = copy.sources.iter().filter_map(|source| source.value.known());
            sources.any(names) || copy.destination.known().is_some_and(names)
        })
}

/// True if a stage runs on a release with an old glibc.
fn is_older(model: &Model, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    let is_named = |name: &str| OLDER.contains(&name);
    if &*image.registry == "gcr.io" && image.path.starts_with("distroless/") {
        return OLDER_DISTROLESS.iter().any(|end| image.path.ends_with(end));
    }
    let known = likely_suite(image).or_else(|| archived_suite(image));
    image.is_official() && family(image) != Family::Alpine && known.is_some_and(|suite| is_named(suite.name))
}

/// The release with a newer glibc that an official image of Rust or Go is surely built on.
fn newer_release(model: &Model, stage: &Stage) -> Option<String> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    // The first versions whose tags without a release are built on Debian 12.
    let since = match image.familiar_path() {
        "rust" => Version { major: 1, minor: Some(72), patch: None },
        "golang" => Version { major: 1, minor: Some(21), patch: None },
        _ => return None,
    };
    let is_plain = image.is_official() && family(image) != Family::Alpine;
    let tag = image.tag.as_deref().unwrap_or(if image.digest.is_some() { return None } else { "latest" });
    let mut parts = tag.split('-');
    let named = parts.clone().find(|part| NEWER.contains(part));
    let is_other = |part: &str| {
        OLDER.contains(&part)
            || part.starts_with("alpine")
            || part.contains("nano")
            || part.contains("windows")
    };
    if !is_plain || tag.split('-').any(is_other) {
        return None;
    }
    let first = parts.next()?;
    let is_new = match Version::parse(first) {
        Some(version) => version.minor.is_none() || !version.is_older(since),
        None => matches!(first, "latest" | "slim"),
    };
    match named {
        Some(name) => Some(label(image, name)),
        None => is_new.then(|| format!("`{}`", with_tag(image, tag))),
    }
}

fn label(image: &ImageRef, name: &str) -> String {
    likely_suite(image)
        .filter(|suite| suite.name == name)
        .map_or(name.to_owned(), |suite| suite.label.to_owned())
}

fn with_tag(image: &ImageRef, tag: &str) -> String {
    format!("{}:{tag}", image.familiar_path())
}

/// The command that links the program which a copy takes to the C library, if it surely does.
fn links<'m>(cx: &Cx<'m>, from: &Stage, copy: &CopyUse) -> Option<Cmd<'m>> {
    let model = cx.model;
    let [source] = copy.sources.as_slice() else { return None };
    let path = source.value.known().filter(|path| !path.contains(['*', '?', '[']) && !path.ends_with('/'))?;
    let in_lineage =
        |c: &Cmd<'_>| c.stage().is_some_and(|stage| model.lineage(from).any(|own| own.index == stage.index));
    let names_target = |c: &Cmd<'_>| c.args().iter().any(|word| word.static_prefix().starts_with("--target"));
    // What the image has of its own is built on an older release.
    let is_own = |name: &str| {
        matches!(name, "cargo" | "rustc" | "rustdoc" | "rustfmt" | "rustup") || name.starts_with("cargo-")
    };
    let is_program = !base_name(path).contains('.') && !is_own(base_name(path));
    let built_in = ["/target/release/", "/target/debug/", "/usr/local/cargo/bin/"];
    if is_program && built_in.iter().any(|folder| path.contains(folder)) {
        let builds = |c: &Cmd<'_>| {
            in_lineage(c) && (c.is_subcommand("build") || c.is_subcommand("install")) && !names_target(c)
        };
        return model.commands_named("cargo").filter(builds).last();
    }
    let result = |c: &Cmd<'_>| {
        let out = c.option_value(&["-o"]).and_then(|out| c.absolute(out));
        in_lineage(c) && c.is_subcommand("build") && out.as_deref() == Some(path)
    };
    let is_windows = |build: &Cmd<'_>| !matches!(build.setting("GOOS"), None | Some(Setting::To("linux")));
    let build = model.commands_named("go").filter(result).last().filter(|build| !is_windows(build));
    build.filter(|build| matches!(model.cgo(build), Cgo::Holds(_)))
}
