//! What a file that starts builds says, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::{self as read, Entry, EntryKind, FileId, Place};

use crate::engine;
use crate::entries::{Entries, EntryGroup, InlineDockerfile};
use crate::text::{Gather, Span};
use crate::workspace::{Files, Target};

/// True for a file that a tool takes for one that starts builds, or that is called like one. What else is written in the
/// languages of such files is something else.
pub(in crate::lsp) fn is_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let says = ["compose", "bake", "devcontainer"].iter().any(|word| name.contains(word));
    EntryKind::found_as(path).is_some() || says && engine::named_entry(path).is_some()
}

/// What the file at `path` builds, with the files that its tool reads beside it. A Compose file that nobody finds by itself
/// may be meant to be read behind the one that is found.
pub(super) fn entries(files: &Files, path: &Path) -> Option<Entries> {
    let entry = engine::named_entry(path)?;
    let read = |entry: &Entry| Entries::read(files, std::slice::from_ref(entry), None);
    let alone = read(&entry);
    if entry.kind != EntryKind::Compose || entry.files.is_empty() || is_whole(files, &alone) {
        return Some(alone);
    }
    let beside = read::compose::NAMES.iter().map(|name| path.with_file_name(name));
    let behind = beside.filter(|base| files.is_file(base)).map(|base| {
        let files = vec![base, path.to_path_buf()];
        read(&Entry { files, ..entry.clone() })
    });
    behind.into_iter().find(|both| both.refusals().next().is_none()).or(Some(alone))
}

/// True if nothing is missing: no tool refuses the files, and the Dockerfiles are there.
fn is_whole(files: &Files, entries: &Entries) -> bool {
    let is_there = |target: &read::Target| match &target.dockerfile {
        read::Dockerfile::File { path, .. } => files.is_file(path),
        read::Dockerfile::Inline(_) | read::Dockerfile::Unknown(_) => true,
    };
    entries.refusals().next().is_none() && entries.iter().all(|(target, ..)| is_there(target))
}

/// What a place means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The build, by its name.
    Name,
    /// Its Dockerfile.
    Dockerfile,
    /// Its build context.
    Context,
    /// The stage that is built.
    Stage(String),
    /// A build argument.
    Argument(String),
    /// A name by which the Dockerfile knows something else than its context.
    ContextName(String),
    /// Another build.
    Build(String),
}

/// A place of the file that means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) span: Span,
    pub(super) meaning: Meaning,
    /// The number of the build that it is part of; none in a list of builds.
    pub(super) build: Option<usize>,
}

/// What one file builds, and what of that is written in it.
#[derive(Debug)]
pub(in crate::lsp) struct Builds {
    pub(super) group: Arc<EntryGroup>,
    /// The builds in the order of the group, as far as they are known.
    pub(super) targets: Vec<Option<Target>>,
    /// The Dockerfiles that are written in the files, by the numbers of their builds.
    pub(super) inline: BTreeMap<usize, InlineDockerfile>,
    pub(super) mentions: Vec<Mention>,
}

impl Builds {
    pub(super) fn of(entries: &Entries, path: &Path) -> Option<Self> {
        let group = Arc::clone(entries.groups().first()?);
        let targets = entries.builds_in(0).map(Option::<&Target>::cloned).collect();
        let inline = entries.inline().map(|((_, number), inline)| (number, inline.clone())).gather();
        let own = group.resolution.sources.find(path);
        let mentions = own.map(|file| mentions(&group.resolution, file)).unwrap_or_default();
        Some(Self { group, targets, inline, mentions })
    }

    /// The builds as their tool has them.
    pub(super) fn read(&self) -> &[read::Target] {
        &self.group.resolution.targets
    }

    /// What the smallest place means that holds a byte. Several builds may have it in common.
    pub(super) fn at(&self, offset: u32) -> Vec<&Mention> {
        let touching = self.mentions.iter().filter(|m| m.span.start <= offset && offset <= m.span.end);
        let touching: Vec<&Mention> = touching.collect();
        let least = touching.iter().map(|m| m.span.end - m.span.start).min();
        touching.into_iter().filter(|m| Some(m.span.end - m.span.start) == least).collect()
    }

    /// The build of a name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.read().iter().position(|target| target.name == name)
    }

    /// The files that what is found here depends on.
    pub(super) fn reads(&self) -> BTreeSet<PathBuf> {
        let sources = self.group.resolution.sources.iter().map(|(_, file)| file.path.clone());
        let dockerfiles = self.read().iter().filter_map(|target| match &target.dockerfile {
            read::Dockerfile::File { path, .. } => Some(path.clone()),
            read::Dockerfile::Inline(_) | read::Dockerfile::Unknown(_) => None,
        });
        sources.chain(dockerfiles).gather()
    }
}

fn mentions(resolution: &read::Resolution, file: FileId) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut add = |place: Place, meaning: Meaning, build: Option<usize>| {
        if place.file == file {
            found.push(Mention { span: Span::of(place.span()), meaning, build });
        }
    };
    for (number, target) in resolution.targets.iter().enumerate() {
        let build = Some(number);
        add(target.place, Meaning::Name, build);
        if let read::Context::Folder { text: Some(text), .. } = &target.context {
            add(text.place, Meaning::Context, build);
        }
        if let read::Dockerfile::File { text: Some(text), .. } = &target.dockerfile {
            add(text.place, Meaning::Dockerfile, build);
        }
        if let Some(stage) = &target.stage
            && let Some(name) = stage.known()
        {
            add(stage.place, Meaning::Stage(name.to_owned()), build);
        }
        for argument in &target.arguments {
            if let Some(name) = argument.name.known() {
                add(argument.name.place, Meaning::Argument(name.to_owned()), build);
            }
        }
        for context in &target.contexts {
            if let Some(name) = context.name.known() {
                add(context.name.place, Meaning::ContextName(name.to_owned()), build);
            }
            if let Some(name) = context.value.known().and_then(other_build) {
                add(context.value.place, Meaning::Build(name.to_owned()), build);
            }
        }
    }
    for mention in &resolution.mentions {
        add(mention.place, Meaning::Build(mention.name.clone()), None);
    }
    found
}

/// The build whose image a named context is.
pub(super) fn other_build(value: &str) -> Option<&str> {
    value.strip_prefix("target:").or_else(|| value.strip_prefix("service:"))
}
