//! What a build is: the answer of every reader.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::images;
use crate::problem::{Problem, Warning};
use crate::source::{Place, Sources};

/// What a folder or some files build.
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// The files that were read. Places of the targets and problems are in them.
    pub sources: Sources,
    /// One for each thing that is built.
    pub targets: Vec<Target>,
    /// Names of images that are built, also where it is not known from what: without tags, and `*` stands for what is not
    /// known of a name.
    pub images: BTreeSet<String>,
    /// Where targets of bake are named by others: by `inherits`, and by the groups that they are in.
    pub mentions: Vec<Mention>,
    /// Why files are refused: what is here makes the tool stop, and the file gives no target.
    pub problems: Vec<Problem>,
    /// True if each file is in order, and it is only what they say together that is refused: more files may complete it.
    pub unfit: bool,
    /// What is accepted and yet does otherwise than it seems to say.
    pub warnings: Vec<Warning>,
}

/// What starts the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `docker compose build`, from a service of a Compose file.
    Compose,
    /// `docker buildx bake`, from a target of a bake file.
    Bake,
    /// The development container of an editor, from a `devcontainer.json`.
    Devcontainer,
    /// Podman's Quadlet, from a `.build` unit.
    Quadlet,
    /// A command or step of a continuous-integration job.
    Job,
}

/// The program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// Docker, by BuildKit.
    Docker,
    /// `podman build`.
    Podman,
    /// `buildah build`.
    Buildah,
}

/// A text of a file, as the tool gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The value; `None` if it cannot be known, such as the time.
    pub value: Option<String>,
    /// Where it is written.
    pub place: Place,
    /// Variables that are parts of it and that nothing here sets. The tool reads them as empty, and the person who
    /// builds may well set them: a path of these is not known to be missing.
    pub unset: Vec<String>,
    /// Whether a part comes from a `.env` file or the environment, and so may be secret.
    pub from_environment: bool,
}

impl Text {
    /// A text as it is written, without variables.
    #[must_use]
    pub fn literal(value: impl Into<String>, place: Place) -> Self {
        Self { value: Some(value.into()), place, unset: Vec::new(), from_environment: false }
    }

    /// The value, unless it cannot be known here: a part of it is unset or cannot be worked out.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        if self.unset.is_empty() { self.value.as_deref() } else { None }
    }
}

/// Where the build context is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Context {
    /// A folder: cleaned, and joined to the folder that counts for it.
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is written; `None` where nothing is and the tool has a default.
        text: Option<Text>,
    },
    /// A repository or an archive, by its address.
    Remote(Text),
    /// It cannot be known.
    Unknown(Text),
}

/// Where the Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dockerfile {
    /// A file, whether it is there or not.
    File {
        /// Cleaned, and joined to the context or what else counts for it. In a remote context: the path in there.
        path: PathBuf,
        /// What is written; `None` where nothing is and the tool has a default.
        text: Option<Text>,
    },
    /// A text in the file that starts the build.
    Inline(Inline),
    /// It cannot be known.
    Unknown(Text),
}

/// A Dockerfile inside of another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// As the builder gets it: variables replaced, escapes undone.
    pub text: String,
    /// The pieces that make up the text, in order and without gaps.
    pub pieces: Vec<Piece>,
    /// The whole value in the file.
    pub place: Place,
    /// Variables in it that nothing here sets.
    pub unset: Vec<String>,
}

/// A piece of an inline text and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The offset of its first byte in the inline text; it ends where the next begins.
    pub start: u32,
    /// What it comes from in the file.
    pub place: Place,
    /// Whether the bytes are the same here and there, so that an edit of the one is an edit of the other. Otherwise it
    /// stands for a variable, an escape or a line break of the notation.
    pub literal: bool,
}

/// An ignore file that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreFile {
    /// Cleaned, and joined to the folder that counts for it; `None` if it cannot be known.
    pub path: Option<PathBuf>,
    /// What is written.
    pub text: Text,
}

/// A build argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name, and where that is written.
    pub name: Text,
    /// Its value; `None`: it is declared, and nothing gives it a value, so the Dockerfile's own default holds.
    pub value: Option<Text>,
}

/// A named build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedContext {
    /// Its name.
    pub name: Text,
    /// A folder (joined and cleaned), or what is written: `docker-image://…`, `target:…`, `service:…`, an address.
    pub value: Text,
    /// The folder, if it is one.
    pub folder: Option<PathBuf>,
}

/// The name of a target where another one, or a group, names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// True where another target inherits from it; false in a group.
    pub inherits: bool,
}

/// One build.
#[derive(Debug, Clone)]
pub struct Target {
    /// The service, the bake target, the development container.
    pub name: String,
    /// What starts it.
    pub kind: Kind,
    /// What builds it.
    pub tool: Tool,
    /// Where its definition begins: the name of the service or target.
    pub place: Place,
    /// The build context.
    pub context: Context,
    /// The Dockerfile.
    pub dockerfile: Dockerfile,
    /// The ignore file that is named, which counts in place of those that are found: `--ignorefile`.
    pub ignore_file: Option<IgnoreFile>,
    /// The stage that is built; `None` for the last one.
    pub stage: Option<Text>,
    /// The build arguments, by name, each once.
    pub arguments: Vec<Argument>,
    /// Whether more arguments may be given, whose names are not known: a line of `build-args` is an expression.
    pub may_have_more_arguments: bool,
    /// The platforms; empty for the builder's own.
    pub platforms: Vec<Text>,
    /// The named contexts, by name, each once.
    pub contexts: Vec<NamedContext>,
    /// The images that the result is tagged as.
    pub tags: Vec<Text>,
    /// Who its containers run as, where that is said: `user` of a Compose service.
    pub user: Option<Text>,
    /// Whether a `user` of a Compose service is commented out: whoever runs it is to decide.
    pub has_user_in_comment: bool,
    /// What of the machine its containers see in place of the image's files, as far as a Compose service says it.
    pub mounted: Mounted,
    /// Whether something is mounted that only root may open, such as a file in its home or the socket of an engine, as far as
    /// a Compose service says it.
    pub mounts_for_root: bool,
    /// The program of its health check, where a Compose service has one whose first program has no other to follow it.
    pub health_check: Option<String>,
    /// The words of what a Compose service starts in place of the image's own command: its `entrypoint` and `command`.
    pub starts: Vec<String>,
    /// Whether its container does one thing and ends: another service of Compose waits until it has.
    pub runs_once: bool,
    /// Whether Podman and buildah are told to write Docker's format of images, which keeps SHELL and HEALTHCHECK.
    pub docker_format: bool,
    /// Whether what it reads is surely what the repository has: nothing that runs before it in its job makes files.
    pub is_of_checkout: bool,
    /// The Compose profiles that it needs; empty if it is always built.
    pub profiles: Vec<String>,
    /// Whether the tool builds it when it is run plainly: active profile, reached from `default`.
    pub by_default: bool,
    /// Whether the tool refuses to build it, for what the problems say: a target of bake that is not there as a context.
    pub is_refused: bool,
}

/// What of the machine the containers of a build see in place of the image's files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mounted {
    /// Nothing is said.
    #[default]
    Nothing,
    /// Files or folders.
    Some,
    /// The folder of the build context itself: what is being worked on.
    Project,
}

impl Target {
    /// A target of which nothing is said but what it needs; the tool builds it when it is run plainly.
    pub(crate) fn new(
        kind: Kind,
        name: String,
        place: Place,
        context: Context,
        dockerfile: Dockerfile,
    ) -> Self {
        Self {
            name,
            kind,
            tool: if kind == Kind::Quadlet { Tool::Podman } else { Tool::Docker },
            place,
            context,
            dockerfile,
            ignore_file: None,
            stage: None,
            arguments: Vec::new(),
            may_have_more_arguments: false,
            platforms: Vec::new(),
            contexts: Vec::new(),
            tags: Vec::new(),
            user: None,
            has_user_in_comment: false,
            mounted: Mounted::Nothing,
            mounts_for_root: false,
            health_check: None,
            starts: Vec::new(),
            runs_once: false,
            docker_format: false,
            is_of_checkout: false,
            profiles: Vec::new(),
            by_default: true,
            is_refused: false,
        }
    }
}

impl Resolution {
    /// What `read` finds; what it fails for is the problem, and then nothing is built.
    pub(crate) fn of(read: impl FnOnce(&mut Self) -> Result<(), Problem>) -> Self {
        let mut resolution = Self::default();
        if let Err(problem) = read(&mut resolution) {
            resolution.targets.clear();
            resolution.problems.push(problem);
        }
        resolution
    }
}

impl Resolution {
    /// The names that a target gives its image, without tags: as they are known, and as they are written, where `*` stands
    /// for what a variable may say.
    #[must_use]
    pub fn image_names(&self, target: &Target) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for tag in &target.tags {
            let written = self.sources.file(tag.place.file).text.get(tag.place.span()).unwrap_or_default();
            let written =
                ["--tag=", "-t"].iter().find_map(|flag| written.strip_prefix(flag)).unwrap_or(written);
            for text in tag.known().into_iter().chain(Some(written)) {
                names.extend(images::names(text, &|_| None));
            }
        }
        names
    }
}

/// The targets, a line each, and the problems, for tests.
#[cfg(test)]
pub(crate) fn listed(resolution: &Resolution) -> String {
    let mut list = String::new();
    let value = |text: &Text| text.value.clone().unwrap_or_else(|| "?".to_owned());
    for target in &resolution.targets {
        let context = match &target.context {
            Context::Folder { path, .. } => path.display().to_string(),
            Context::Remote(text) => value(text),
            Context::Unknown(_) => "?".to_owned(),
        };
        let dockerfile = match &target.dockerfile {
            Dockerfile::File { path, .. } => path.display().to_string(),
            Dockerfile::Inline(_) | Dockerfile::Unknown(_) => "?".to_owned(),
        };
        list.push_str(&format!("{}: {context} {dockerfile}", target.name));
        list.extend(target.stage.iter().map(|stage| format!(" stage {}", value(stage))));
        for argument in &target.arguments {
            let given = argument.value.as_ref().map_or("-".to_owned(), value);
            list.push_str(&format!(" {}={given}", value(&argument.name)));
        }
        list.push_str(if target.may_have_more_arguments { " more" } else { "" });
        list.extend(target.platforms.iter().map(|platform| format!(" on {}", value(platform))));
        list.extend(target.contexts.iter().map(|c| format!(" {}<-{}", value(&c.name), value(&c.value))));
        list.push('\n');
    }
    list.extend(resolution.problems.iter().map(|problem| format!("{}\n", problem.message)));
    list
}
