//! Which files start builds: by their names, and those that each tool finds by itself in a folder.

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::quadlet;

/// A kind of file that starts builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A Compose file.
    Compose,
    /// A bake file, in HCL or JSON.
    Bake,
    /// A `devcontainer.json`.
    Devcontainer,
    /// A `.build` unit of Podman's Quadlet.
    Quadlet,
    /// A workflow of GitHub Actions.
    GithubWorkflow,
    /// The jobs of GitLab CI.
    GitlabJobs,
    /// A shell script, a Makefile or a README that builds images.
    Script,
}

/// Files that start builds together, such as a Compose file and its override.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Their kind.
    pub kind: EntryKind,
    /// The folder in which the tool is run.
    pub folder: PathBuf,
    /// The files, in the order in which the tool reads them; for Compose and bake, none means those that the tool finds
    /// in the folder by itself.
    pub files: Vec<PathBuf>,
}

/// The Compose files that are found by name; the first that is there counts.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// The bake files that are found by name; all that are there count.
const BAKE: [&str; 4] =
    ["docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"];

impl EntryKind {
    /// What a tool takes the file at this path for when it finds it by itself.
    ///
    /// ```
    /// use build_targets::EntryKind;
    ///
    /// assert_eq!(EntryKind::found_as("app/compose.yaml".as_ref()), Some(EntryKind::Compose));
    /// assert_eq!(EntryKind::found_as("app/compose.prod.yaml".as_ref()), None);
    /// ```
    #[must_use]
    pub fn found_as(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let folder = || path.parent()?.file_name()?.to_str();
        match name {
            _ if COMPOSE.contains(&name) => Some(Self::Compose),
            _ if BAKE.contains(&name) => Some(Self::Bake),
            ".devcontainer.json" => Some(Self::Devcontainer),
            "devcontainer.json" => {
                let above = path.parent()?.parent().and_then(|p| p.file_name()?.to_str());
                (folder() == Some(".devcontainer") || above == Some(".devcontainer"))
                    .then_some(Self::Devcontainer)
            }
            ".gitlab-ci.yml" => Some(Self::GitlabJobs),
            _ if is_unit(name) => Some(Self::Quadlet),
            _ if is_yaml(name) && folder() == Some("workflows") => {
                let above = path.parent()?.parent()?.file_name()?.to_str();
                (above == Some(".github")).then_some(Self::GithubWorkflow)
            }
            _ => None,
        }
    }

    /// What a file is taken for that somebody names: also by the usual parts of names.
    ///
    /// ```
    /// use build_targets::EntryKind;
    ///
    /// assert_eq!(EntryKind::named_as("compose.prod.yaml".as_ref()), Some(EntryKind::Compose));
    /// assert_eq!(EntryKind::named_as("build/images.hcl".as_ref()), Some(EntryKind::Bake));
    /// ```
    #[must_use]
    pub fn named_as(path: &Path) -> Option<Self> {
        if let Some(kind) = Self::found_as(path) {
            return Some(kind);
        }
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        match () {
            () if name.ends_with(".hcl") => Some(Self::Bake),
            () if name.ends_with(".json") && name.contains("bake") => Some(Self::Bake),
            () if name.ends_with(".json") && name.contains("devcontainer") => Some(Self::Devcontainer),
            () if is_yaml(&name) && name.contains("compose") => Some(Self::Compose),
            () if name.ends_with(".gitlab-ci.yml") => Some(Self::GitlabJobs),
            () => None,
        }
    }
}

impl Entry {
    /// What the tools find by themselves in a folder, each kind on its own.
    #[must_use]
    pub fn found_in(files: &dyn Files, folder: &Path) -> Vec<Self> {
        let mut found = Vec::new();
        let mut add = |kind, paths: Vec<PathBuf>| {
            found.push(Self { kind, folder: folder.to_path_buf(), files: paths });
        };
        let names = files.names(folder);
        let there = |name: &str| names.binary_search_by(|n| n.as_str().cmp(name)).is_ok();
        let has = |name: &&str| there(name) && files.is_file(&folder.join(name));
        if COMPOSE.iter().any(has) {
            add(EntryKind::Compose, Vec::new());
        }
        if BAKE.iter().any(has) {
            add(EntryKind::Bake, Vec::new());
        }
        let inside =
            if there(".devcontainer") { files.names(&folder.join(".devcontainer")) } else { Vec::new() };
        let inside = inside.iter().map(|name| folder.join(".devcontainer").join(name));
        let (own, folders): (Vec<PathBuf>, Vec<PathBuf>) =
            inside.partition(|path| path.ends_with("devcontainer.json"));
        // The tool takes the first of these; editors offer those in folders of their own as well.
        let first =
            own.into_iter().chain(there(".devcontainer.json").then(|| folder.join(".devcontainer.json")));
        let first = first.into_iter().find(|path| files.is_file(path));
        let others =
            folders.into_iter().map(|path| path.join("devcontainer.json")).filter(|path| files.is_file(path));
        first.into_iter().chain(others).for_each(|path| add(EntryKind::Devcontainer, vec![path]));
        for path in names.iter().map(|name| folder.join(name)) {
            let is_unit = EntryKind::found_as(&path) == Some(EntryKind::Quadlet);
            // Of a container only what is wrong counts: the unit that it names is an entry itself.
            if is_unit && has_build_section(files, &path) || quadlet::lacks_unit(files, &path) {
                add(EntryKind::Quadlet, vec![path]);
            }
        }
        let workflows = folder.join(".github").join("workflows");
        let jobs = if there(".github") { files.names(&workflows) } else { Vec::new() };
        for (path, _) in
            jobs.iter().map(|name| (workflows.join(name), name)).filter(|(_, name)| is_yaml(name))
        {
            if files.is_file(&path) {
                add(EntryKind::GithubWorkflow, vec![path]);
            }
        }
        if has(&".gitlab-ci.yml") {
            add(EntryKind::GitlabJobs, vec![folder.join(".gitlab-ci.yml")]);
        }
        let below = SCRIPT_FOLDERS.iter().filter(|name| there(name)).map(|name| folder.join(name));
        let below = below.flat_map(|folder| {
            files.names(&folder).into_iter().map(move |name| folder.join(name)).collect::<Vec<_>>()
        });
        let scripts = names.iter().map(|name| folder.join(name)).chain(below).filter(|path| is_script(path));
        for path in scripts.filter(|path| builds_images(files, path)) {
            add(EntryKind::Script, vec![path]);
        }
        found
    }
}

impl Entry {
    /// The Compose files of a folder that Compose reads only where somebody names them, and that build something: those
    /// for one environment, such as `docker-compose.prod.yml`. Examples and old ones are left out.
    #[must_use]
    pub fn variants_in(files: &dyn Files, folder: &Path) -> Vec<PathBuf> {
        let paths = files.names(folder).into_iter().map(|name| folder.join(name));
        let paths = paths.filter(|path| Self::is_variant(path) && files.is_file(path));
        paths
            .filter(|path| files.read(path).ok().flatten().is_some_and(|text| text.contains("build:")))
            .collect()
    }

    /// Whether a path is that of a Compose file for one environment, by its name.
    ///
    /// ```
    /// use build_targets::Entry;
    ///
    /// assert!(Entry::is_variant("app/compose.prod.yaml".as_ref()));
    /// assert!(!Entry::is_variant("app/compose.yaml".as_ref()));
    /// ```
    #[must_use]
    pub fn is_variant(path: &Path) -> bool {
        const NOT_RUN: [&str; 9] =
            ["override", "example", "sample", "template", "tmpl", "dist", "old", "bak", "backup"];
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| is_yaml(name)) else {
            return false;
        };
        let rest = name.strip_prefix("docker-compose").or_else(|| name.strip_prefix("compose"));
        let Some(rest) = rest.filter(|rest| rest.starts_with(['.', '-', '_'])) else { return false };
        let mut parts = rest.split(['.', '-', '_']).filter(|part| !part.is_empty());
        parts.clone().count() > 1 && !parts.any(|part| NOT_RUN.contains(&part))
    }
}

/// Folders in which a project keeps scripts that are run in the folder above.
const SCRIPT_FOLDERS: [&str; 5] = ["bin", "ci", "hack", "scripts", "tools"];

/// Whether a file is a README, which shows commands that are to be run.
pub(crate) fn is_readme(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let ending = path.extension().and_then(|ending| ending.to_str());
    stem.is_some_and(|stem| stem.eq_ignore_ascii_case("readme"))
        && ending.is_none_or(|ending| ["md", "rst", "txt", "adoc"].contains(&ending))
}

/// Whether a file is a shell script, a Makefile or a README by its name.
fn is_script(path: &Path) -> bool {
    if is_readme(path) {
        return true;
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let is_shell = path.extension().is_some_and(|ending| ending == "sh" || ending == "bash");
    is_shell || matches!(name, Some("Makefile" | "makefile" | "GNUmakefile"))
}

/// Whether a script may run what builds images at all. Large ones are not looked at.
fn builds_images(files: &dyn Files, path: &Path) -> bool {
    const LARGEST: usize = 256 << 10;
    let text = if files.is_file(path) { files.read(path).ok().flatten() } else { None };
    text.is_some_and(|text| {
        let programs = ["podman", "buildah", "docker", "DOCKER"];
        text.len() <= LARGEST
            && ["build", "bud"].iter().any(|word| text.contains(word))
            && programs.iter().any(|program| text.contains(program))
    })
}

/// Whether a name is that of a `.build` unit; `Dockerfile.build` is a Dockerfile.
fn is_unit(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".build") else { return false };
    let stem = stem.to_ascii_lowercase();
    !stem.is_empty() && !stem.contains("dockerfile") && !stem.contains("containerfile")
}

/// Other tools have files of that name as well: `meson.build`, NAnt's `default.build`.
fn has_build_section(files: &dyn Files, path: &Path) -> bool {
    let text = if files.is_file(path) { files.read(path).ok().flatten() } else { None };
    text.is_some_and(|text| text.lines().any(|line| line.trim() == "[Build]"))
}

fn is_yaml(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|e| e.to_str());
    matches!(ending, Some("yml" | "yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Memory;

    #[test]
    fn each_kind_is_found_by_its_names() {
        for (path, want) in [
            ("compose.yaml", Some(EntryKind::Compose)),
            ("a/docker-compose.yml", Some(EntryKind::Compose)),
            ("docker-compose.override.yml", None),
            ("docker-bake.override.hcl", Some(EntryKind::Bake)),
            ("a/.devcontainer/devcontainer.json", Some(EntryKind::Devcontainer)),
            ("a/.devcontainer/py/devcontainer.json", Some(EntryKind::Devcontainer)),
            ("a/devcontainer.json", None),
            (".devcontainer.json", Some(EntryKind::Devcontainer)),
            ("units/app.build", Some(EntryKind::Quadlet)),
            (".build", None),
            ("Dockerfile.build", None),
            (".github/workflows/ci.yml", Some(EntryKind::GithubWorkflow)),
            ("workflows/ci.yml", None),
            (".gitlab-ci.yml", Some(EntryKind::GitlabJobs)),
        ] {
            assert_eq!(EntryKind::found_as(Path::new(path)), want, "{path}");
        }
    }

    #[test]
    fn a_folder_has_one_entry_for_what_a_tool_reads_together() {
        let names = [
            "compose.yaml",
            "compose.override.yaml",
            "docker-compose.yml",
            "docker-bake.hcl",
            ".devcontainer/devcontainer.json",
            ".devcontainer.json",
            ".devcontainer/db/devcontainer.json",
            "app.build",
            "meson.build",
            ".github/workflows/ci.yml",
            ".github/workflows/notes.txt",
            ".gitlab-ci.yml",
            "build.sh",
            "run.sh",
            "README.md",
            "hack/Makefile",
            "docs/Makefile",
            "sub/compose.yaml",
            "a.container",
            "b.container",
            "c.container",
            "sub/b.build",
        ];
        let text = |name: &str| match name {
            "app.build" => "[Build]\n",
            "a.container" => "[Container]\nImage=app.build\n",
            "b.container" => "[Container]\nImage=b.build\n",
            "c.container" => "[Container]\nImage=c.build\n",
            "build.sh" | "hack/Makefile" | "docs/Makefile" | "README.md" => "\tpodman build .\n",
            _ => "",
        };
        let files: Memory = names.map(|name| (format!("top/{name}"), text(name))).into_iter().collect();
        let found: Vec<String> = Entry::found_in(&files, Path::new("top"))
            .into_iter()
            .map(|e| {
                format!(
                    "{:?} {}",
                    e.kind,
                    e.files.iter().map(|f| f.display().to_string()).collect::<String>()
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "Compose ",
                "Bake ",
                "Devcontainer top/.devcontainer/devcontainer.json",
                "Devcontainer top/.devcontainer/db/devcontainer.json",
                "Quadlet top/app.build",
                "Quadlet top/c.container",
                "GithubWorkflow top/.github/workflows/ci.yml",
                "GitlabJobs top/.gitlab-ci.yml",
                "Script top/README.md",
                "Script top/build.sh",
                "Script top/hack/Makefile",
            ]
        );
        assert_eq!(Entry::found_in(&files, Path::new("top/nothing")), []);
    }
}
