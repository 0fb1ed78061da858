//! Dockerfiles and build contexts that are not there.

use std::collections::HashSet;

use build_targets::{Context, Dockerfile, EntryKind, Kind, Place, Target, Tool};

use super::shown;
use crate::rules::{EntryBuild, EntryCx, Presence};

/// The targets that the tool builds when it is run plainly. Of jobs those that nothing runs before which may make files.
fn plain<'a>(cx: &EntryCx<'a>) -> impl Iterator<Item = (&'a Target, &'a EntryBuild)> + use<'a> {
    cx.builds().filter(|(target, _)| target.by_default && (target.kind != Kind::Job || target.is_of_checkout))
}

/// Where the build context is written, if it is.
fn context_place(target: &Target) -> Option<Place> {
    match &target.context {
        Context::Folder { text, .. } => text.as_ref().map(|text| text.place),
        Context::Remote(text) | Context::Unknown(text) => Some(text.place),
    }
}

/// Where the paths of contexts start.
fn base(cx: &EntryCx<'_>, target: &Target) -> &'static str {
    match target.kind {
        Kind::Compose => "the folder of the first Compose file",
        Kind::Bake => "the folder in which bake is run",
        // A step names its action, which knows no folder of its own.
        Kind::Job if cx.text(target.place).starts_with("docker/") => "the root of the checkout",
        Kind::Job => "the folder in which the command runs",
        Kind::Devcontainer => "the folder of devcontainer.json",
        _ => "the folder of this file",
    }
}

/// `missing-build-context`.
pub fn context(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    for (target, build) in plain(cx) {
        let main = match &target.context {
            // Without one that is written it is the folder of the Dockerfile, or of this file.
            Context::Folder { path, .. } => context_place(target).map(|place| (place, path)),
            _ => None,
        };
        let whole = format!("the build context of `{}`", target.name);
        let main = main.map(|(place, path)| (whole, place, path, build.context));
        let named = target.contexts.iter().zip(&build.named).filter_map(|(context, presence)| {
            let whole = format!("the context `{}` of `{}`", context.name.known()?, target.name);
            Some((whole, context.value.place, context.folder.as_ref()?, *presence))
        });
        for (whole, place, path, presence) in main.into_iter().chain(named) {
            // Podman takes a file for the Dockerfile itself.
            let is_file = presence == Presence::OtherKind && target.tool == Tool::Docker;
            let is_gone = presence == Presence::Missing || is_file;
            if !is_gone || cx.text(place).contains('$') || !said.insert(place) {
                continue;
            }
            let (what, help) = match is_file {
                true if context_place(target) == Some(place) => (
                    "is a file, not a folder",
                    "name its folder here, and the file in `dockerfile`".to_owned(),
                ),
                true => ("is a file, not a folder", "name a folder here".to_owned()),
                false => ("does not exist", format!("the path starts from {}", base(cx, target))),
            };
            cx.report(cx.at(place, format!("{whole} is `{}`, which {what}", shown(path))).help(help));
        }
    }
}

/// `missing-dockerfile`.
pub fn dockerfile(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    for (target, build) in plain(cx) {
        let Dockerfile::File { path, text } = &target.dockerfile else { continue };
        // Of a context that is not there, or whose place is not known, that is said.
        let is_there = build.context == Presence::Here || context_place(target).is_none();
        let is_folder = build.dockerfile == Presence::OtherKind;
        // podman-compose takes a Containerfile: `containerfile-not-read` speaks of that.
        let by_podman = !is_folder && build.containerfile.is_some() && cx.files.kind != EntryKind::Bake;
        if build.dockerfile != Presence::Missing && !is_folder || !is_there || by_podman {
            continue;
        }
        let written = text.as_ref().map(|text| text.place).or_else(|| context_place(target));
        let place = written.unwrap_or(target.place);
        // Whoever starts the build may name another: `${DF:-Dockerfile.x}`.
        let is_open = text.is_some() && cx.text(place).contains('$');
        if is_open || !said.insert(place) {
            continue;
        }
        let what = if is_folder { "is a folder, not a file" } else { "does not exist" };
        let message = format!("`{}` is built from `{}`, which {what}", target.name, shown(path));
        let found = cx.at(place, message);
        cx.report(match &build.containerfile {
            Some(_) => found.help("bake looks for `Dockerfile` only: write `dockerfile = \"Containerfile\"`"),
            None => found,
        });
    }
}

/// `containerfile-not-read`.
pub fn containerfile(cx: &EntryCx<'_>) {
    if cx.files.kind == EntryKind::Bake {
        return;
    }
    let mut said = HashSet::new();
    let missing = |build: &EntryBuild| build.dockerfile == Presence::Missing;
    for (target, build) in plain(cx).filter(|(target, build)| target.kind != Kind::Job && missing(build)) {
        let Some(containerfile) = &build.containerfile else { continue };
        let place = context_place(target).unwrap_or(target.place);
        if said.insert(place) {
            let message = format!(
                "`docker compose` does not read `{}`: it looks for `Dockerfile`, and only podman-compose for both",
                shown(containerfile)
            );
            cx.report(cx.at(place, message).help("name it: `dockerfile: Containerfile` beside `context`"));
        }
    }
}
