//! One build as `build-targets` tells it becomes a [`Target`].

use build_targets as read;

use crate::semantic::{Build, Builder, NamedContext, SiblingImage, context_name, is_named_for_tests};
use crate::syntax::{Platform, User};
use crate::text::{Source, Span, plain_path};
use crate::workspace::{ContextSource, EntryForm, IgnoreSource, Target, TargetOrigin};

use super::inline::InlineDockerfile;
use super::{BuiltFrom, EntryGroup};

/// How many platforms of a build are looked at.
const MAX_PLATFORMS: usize = 8;

/// The build of a target.
pub(super) fn target(target: &read::Target, group: &EntryGroup) -> BuiltFrom {
    let named = target.ignore_file.as_ref();
    // What is sent cannot be told then.
    let context = match named.is_some_and(|named| named.path.is_none()) {
        true => ContextSource::None,
        false => context(&target.context),
    };
    let named = named.and_then(|named| named.path.as_deref()).map(|path| plain_path(path).to_path_buf());
    let mut build = build(target);
    // A named context stands for the stage that is built too: nothing of the Dockerfile runs.
    if target.is_refused || build.target.as_deref().is_some_and(|stage| build.context(stage).is_some()) {
        return BuiltFrom::Elsewhere;
    }
    let mut platforms = platforms(target);
    if platforms.len() == 1 {
        build.platform = platforms.pop();
    }
    let origin = TargetOrigin::Entry {
        path: plain_path(&group.resolution.sources.file(target.place.file).path).to_path_buf(),
        name: target.name.clone(),
        form: form(group),
        span: Span::of(target.place.span()),
    };
    match &target.dockerfile {
        read::Dockerfile::Unknown(_) => BuiltFrom::Elsewhere,
        read::Dockerfile::File { path, text } => {
            let known = text.as_ref().is_none_or(|text| text.known().is_some());
            let here = !matches!(target.context, read::Context::Remote(_));
            if !known || !here {
                return BuiltFrom::Elsewhere;
            }
            let path = plain_path(path);
            let ignore = named.map_or_else(|| ignore(target.kind, &context), IgnoreSource::File);
            BuiltFrom::File(Target { context, build, origin, ignore, platforms, ..Target::of_file(path) })
        }
        read::Dockerfile::Inline(inline) => {
            let Some(file) = group.source(inline.place.file) else { return BuiltFrom::Elsewhere };
            let target = Target { context, build, origin, platforms, ..Target::of_text(Source::default()) };
            BuiltFrom::Inline(InlineDockerfile::new(inline, file.clone(), target))
        }
    }
}

fn form(group: &EntryGroup) -> EntryForm {
    match group.entry.kind {
        read::EntryKind::Bake => EntryForm::Bake,
        read::EntryKind::Devcontainer => EntryForm::Devcontainer,
        read::EntryKind::Quadlet => EntryForm::Quadlet,
        read::EntryKind::GithubWorkflow => EntryForm::Workflow,
        read::EntryKind::GitlabJobs | read::EntryKind::Script => EntryForm::Command,
        _ => EntryForm::Compose,
    }
}

fn context(context: &read::Context) -> ContextSource {
    match context {
        read::Context::Folder { path, text } if text.as_ref().is_none_or(|text| text.known().is_some()) => {
            ContextSource::Folder(plain_path(path).to_path_buf())
        }
        read::Context::Remote(text) => ContextSource::Remote(text.value.clone().unwrap_or_default()),
        // Where it is depends on what nobody here knows: only the Dockerfile is looked at.
        read::Context::Folder { .. } | read::Context::Unknown(_) => ContextSource::None,
    }
}

/// The ignore file that counts. The program for development containers builds from a copy of the Dockerfile in another
/// folder, so that one of the Dockerfile's own never counts.
fn ignore(kind: read::Kind, context: &ContextSource) -> IgnoreSource {
    match (kind, context) {
        (read::Kind::Devcontainer, ContextSource::Folder(folder)) => {
            IgnoreSource::File(folder.join(".dockerignore"))
        }
        _ => IgnoreSource::Found,
    }
}

fn build(target: &read::Target) -> Build {
    let builder = match target.tool {
        read::Tool::Podman => Builder::Podman,
        read::Tool::Buildah => Builder::Buildah,
        _ => Builder::BuildKit,
    };
    let docker_format = target.docker_format;
    let is_other = |user: &str| !User::of(user).is_root();
    let own_user = target.user.as_ref().is_some_and(|user| user.known().is_none_or(is_other));
    // Another user than root could not open what is mounted in root's home, nor the socket of an engine.
    let own_user = own_user || target.has_user_in_comment || target.mounts_for_root;
    let for_tests = is_named_for_tests(&target.name);
    let all_args = !target.may_have_more_arguments;
    let mut build = Build { all_args, builder, docker_format, own_user, for_tests, ..Build::default() };
    build.health_check.clone_from(&target.health_check);
    build.starts.clone_from(&target.starts);
    build.runs_once = target.runs_once;
    build.mounts = target.mounted != read::Mounted::Nothing;
    build.for_editor = target.kind == read::Kind::Devcontainer;
    build.for_development = build.for_editor || target.mounted == read::Mounted::Project;
    build.target = target.stage.as_ref().and_then(|stage| stage.known()).map(str::to_owned);
    for argument in &target.arguments {
        let Some(name) = argument.name.known() else { continue };
        match argument.value.as_ref() {
            Some(value) => match value.known() {
                Some(value) => drop(build.args.insert(name.to_owned(), value.to_owned())),
                None => drop(build.open_args.insert(name.to_owned())),
            },
            // It is taken from the environment of whoever builds, who may well set it.
            None => drop(build.open_args.insert(name.to_owned())),
        }
    }
    for context in &target.contexts {
        if let Some(name) = context.name.known() {
            build.contexts.insert(context_name(name), named(context));
        }
    }
    build
}

/// The platforms of a build, each once.
fn platforms(target: &read::Target) -> Vec<Platform> {
    let mut platforms: Vec<Platform> = Vec::new();
    for platform in &target.platforms {
        // Nothing is said for certain of one that is not known.
        let Some(platform) = platform.known().and_then(Platform::parse) else { return Vec::new() };
        if platforms.len() < MAX_PLATFORMS && !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    platforms
}

fn named(context: &read::NamedContext) -> NamedContext {
    if let Some(folder) = &context.folder {
        return NamedContext::Folder(plain_path(folder).to_path_buf());
    }
    let Some(value) = context.value.known() else { return NamedContext::Other };
    let after = |start: &str| value.strip_prefix(start).map(str::to_owned);
    let build = |name: String| NamedContext::Build(SiblingImage::new(name, None));
    after("docker-image://")
        .map(NamedContext::Image)
        .or_else(|| after("target:").or_else(|| after("service:")).map(build))
        .unwrap_or(NamedContext::Other)
}
