//! What the files of an entry build, whatever their kind.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::bake::{self, Selection};
use crate::compose::{self, Profiles};
use crate::devcontainer;
use crate::entry::{Entry, EntryKind};
use crate::environment::Environment;
use crate::files::Files;
use crate::jobs::{self, Host};
use crate::quadlet;
use crate::target::{Context, Dockerfile, Kind, Resolution, Target, Tool};

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The variables of the environment; `None` if they are not known.
    pub environment: Option<Environment>,
    /// Whether to resolve also what the tool builds only if it is asked to: services of other profiles, targets that no
    /// group reaches.
    pub all: bool,
}

/// What the files of an entry build. Without [`Options::all`] it is what the tool builds when it is run plainly.
///
/// ```
/// use build_targets::{Context, Entry, Memory, Options, resolve};
///
/// let files: Memory = [("compose.yaml", "services: {web: {build: ./web}}")].into_iter().collect();
/// let entry = Entry::found_in(&files, "".as_ref()).remove(0);
/// let resolution = resolve(&files, &entry, &Options::default());
/// assert_eq!(resolution.targets[0].name, "web");
/// assert!(matches!(&resolution.targets[0].context, Context::Folder { path, .. } if path.ends_with("web")));
/// ```
#[must_use]
pub fn resolve(files: &dyn Files, entry: &Entry, options: &Options) -> Resolution {
    let mut resolution = match entry.kind {
        EntryKind::Compose => {
            let request = compose::Request {
                folder: entry.folder.clone(),
                files: entry.files.clone(),
                environment: options.environment.clone(),
                profiles: if options.all { Profiles::All } else { Profiles::Environment },
                ..compose::Request::default()
            };
            compose::resolve(files, &request)
        }
        EntryKind::Bake => {
            let request = bake::Request {
                folder: entry.folder.clone(),
                files: entry.files.clone(),
                environment: options.environment.clone(),
                platform: options.environment.as_ref().and_then(|_| bake::platform_of_this_machine()),
                selection: if options.all { Selection::All } else { Selection::Default },
                ..bake::Request::default()
            };
            bake::resolve(files, &request)
        }
        EntryKind::Devcontainer => {
            let request = devcontainer::Request {
                folder: entry.folder.clone(),
                file: entry.files.first().cloned(),
                environment: options.environment.clone(),
            };
            devcontainer::resolve(files, &request)
        }
        EntryKind::Quadlet => match entry.files.first() {
            Some(path) => quadlet::resolve(files, path, options.environment.as_ref()),
            None => Resolution::default(),
        },
        EntryKind::GithubWorkflow | EntryKind::GitlabJobs | EntryKind::Script => {
            let host = match entry.kind {
                EntryKind::GithubWorkflow => Host::Github,
                EntryKind::GitlabJobs => Host::Gitlab,
                _ => Host::Shell,
            };
            let path = entry.files.first();
            path.map_or_else(Resolution::default, |path| jobs::resolve(files, &entry.folder, path, host))
        }
    };
    for target in resolution.targets.iter_mut().filter(|target| takes_other_spelling(target)) {
        if let Dockerfile::File { path, .. } = &mut target.dockerfile
            && path.file_name() == Some(OsStr::new("Dockerfile"))
            && !files.is_file(path)
            && files.is_file(&path.with_file_name("dockerfile"))
        {
            path.set_file_name("dockerfile");
        }
    }
    if !options.all {
        resolution.targets.retain(|target| target.by_default);
    }
    resolution
}

/// True where a file `dockerfile` is built if there is no `Dockerfile`: the command line of Docker, buildx and BuildKit each
/// look for both. Podman and buildah do not, nor does the program of development containers.
fn takes_other_spelling(target: &Target) -> bool {
    let is_local = matches!(target.context, Context::Folder { .. });
    is_local && target.tool == Tool::Docker && target.kind != Kind::Devcontainer
}

impl Entry {
    /// Files that somebody names, as the `-f` of the tools takes them: one bake definition if a bake file is among
    /// them, by its name or by what is in it, else one Compose project. Paths start at `folder`. A file that no tool reads
    /// together with others is taken for what its name says.
    ///
    /// ```
    /// use build_targets::{Entry, EntryKind, Memory};
    ///
    /// let files: Memory = [("images.json", r#"{"target": {"web": {}}}"#)].into_iter().collect();
    /// let entry = Entry::of_files(&files, "".into(), vec!["images.json".into()]);
    /// assert_eq!(entry.kind, EntryKind::Bake);
    /// ```
    #[must_use]
    pub fn of_files(files: &dyn Files, folder: PathBuf, paths: Vec<PathBuf>) -> Self {
        let is = |kind| paths.iter().any(|path| EntryKind::named_as(path) == Some(kind));
        let ends_in = |ending: &str| paths.iter().any(|path| path.extension().is_some_and(|e| e == ending));
        let kind = match () {
            () if is(EntryKind::Devcontainer) => EntryKind::Devcontainer,
            () if is(EntryKind::Bake) || ends_in("hcl") => EntryKind::Bake,
            () if paths.iter().any(|path| bake::is_definition(files, path)) => EntryKind::Bake,
            () => match paths.as_slice() {
                [path] if quadlet::unit_of_container(files, path).is_some() => EntryKind::Quadlet,
                [path] => EntryKind::named_as(path).unwrap_or(EntryKind::Compose),
                _ => EntryKind::Compose,
            },
        };
        Self { kind, folder, files: paths }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Memory;
    use crate::target::listed;

    fn built(name: &str, text: &str, dockerfiles: &[&str]) -> String {
        let others = dockerfiles.iter().map(|path| (*path, "FROM scratch"));
        let files: Memory = std::iter::once((name, text)).chain(others).collect();
        let entry = Entry::of_files(&files, "".into(), vec![name.into()]);
        listed(&resolve(&files, &entry, &Options::default()))
    }

    #[test]
    fn a_dockerfile_in_small_letters_is_built_where_docker_builds() {
        let compose = "services: {web: {build: ./web}}";
        assert_eq!(built("compose.yaml", compose, &["web/dockerfile"]), "web: web web/dockerfile\n");
        assert_eq!(
            built("compose.yaml", compose, &["web/dockerfile", "web/Dockerfile"]),
            "web: web web/Dockerfile\n"
        );
        assert_eq!(built("compose.yaml", compose, &[]), "web: web web/Dockerfile\n");
        let named = "services: {web: {build: {context: ., dockerfile: b/Dockerfile}}}";
        assert_eq!(built("compose.yaml", named, &["b/dockerfile"]), "web: . b/dockerfile\n");
        let bake = r#"{"target": {"default": {"context": "web"}}}"#;
        assert_eq!(built("docker-bake.json", bake, &["web/dockerfile"]), "default: web web/dockerfile\n");
        let workflow = "jobs: {a: {steps: [{uses: actions/checkout@v4}, {run: docker build web}, {run: podman build pod}]}}";
        let both = built(".github/workflows/a.yml", workflow, &["web/dockerfile", "pod/dockerfile"]);
        assert!(
            both.contains(" web/dockerfile")
                && both.contains(" pod/Containerfile")
                && !both.contains("pod/dockerfile"),
            "{both}"
        );
    }
}
