use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use build_targets::{Entry, EntryKind, quadlet};

use crate::diag::Problem;
use crate::semantic::is_test_fixture;
use crate::text::{Arrange, plain_path};

use super::git_excludes::git_excludes;
use super::names::{is_dockerfile, is_dockerfile_name};

/// Largest `.gitignore` or `.ignore` that a search for Dockerfiles reads: 256 KiB. Each line takes some kilobytes while it is searched.
pub const MAX_GITIGNORE_BYTES: u64 = 256 << 10;

/// What a path is to dlint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputKind {
    /// A Dockerfile.
    Dockerfile,
    /// The ignore file of a build context.
    Ignorefile,
}

/// A file to lint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: InputKind,
}

/// Is a file of this name an ignore file?
#[must_use]
pub fn is_ignorefile_name(name: &str) -> bool {
    name.ends_with(".dockerignore") || name.ends_with(".containerignore")
}

/// The Dockerfile that an ignore file of its own name belongs to: `api.Dockerfile` for
/// `api.Dockerfile.dockerignore`. `None` for one that all share.
#[must_use]
pub fn own_dockerfile(ignore_file: &Path) -> Option<PathBuf> {
    let name = ignore_file.file_name()?.to_str()?;
    let name = name.strip_suffix(".dockerignore").or_else(|| name.strip_suffix(".containerignore"))?;
    (!name.is_empty()).then(|| ignore_file.with_file_name(name))
}

/// The Dockerfiles that an ignore file counts for: the one that it is called after, or those beside it.
fn dockerfiles_of(ignore_file: &Path) -> Vec<PathBuf> {
    if let Some(dockerfile) = own_dockerfile(ignore_file) {
        return if dockerfile.is_file() { vec![dockerfile] } else { Vec::new() };
    }
    let folder = ignore_file.parent().filter(|p| !p.as_os_str().is_empty());
    // A folder that cannot be listed has none that could be linted.
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return Vec::new() };
    let beside = entries.flatten().map(|entry| ignore_file.with_file_name(entry.file_name()));
    beside.filter(|path| path.is_file() && is_dockerfile(path)).collect()
}

fn kind(path: &Path) -> InputKind {
    match path.file_name().and_then(|n| n.to_str()) {
        Some(name) if is_ignorefile_name(name) => InputKind::Ignorefile,
        _ => InputKind::Dockerfile,
    }
}

/// What paths name.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The files to lint: sorted, each once.
    pub inputs: Vec<Input>,
    /// Files that start builds and that are named.
    pub entries: Vec<Entry>,
    /// Folders that have such files, of those that were searched: sorted, each once.
    pub folders: Vec<PathBuf>,
    /// What is not there or could not be searched.
    pub problems: Vec<Problem>,
    /// Searched folders without a Dockerfile that have files which start builds: a problem if these bring none.
    pub empty: Vec<Problem>,
    /// What is left out of account, which fails no run.
    pub notes: Vec<Problem>,
}

impl Found {
    /// Drops all inputs but this Dockerfile; with `None` all.
    pub fn only(&mut self, dockerfile: Option<PathBuf>) {
        let input = |path| Input { path, kind: InputKind::Dockerfile };
        self.inputs = dockerfile.map(input).into_iter().collect();
    }

    /// The Dockerfiles that were found.
    pub fn dockerfiles(&self) -> impl Iterator<Item = &Path> {
        let dockerfiles = self.inputs.iter().filter(|input| input.kind == InputKind::Dockerfile);
        dockerfiles.map(|input| input.path.as_path())
    }

    /// The paths of all files, and the folders that have files which start builds.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let inputs = self.inputs.iter().map(|input| input.path.as_path());
        let entries = self.entries.iter().flat_map(|entry| entry.files.iter().chain([&entry.folder]));
        inputs.chain(entries.chain(&self.folders).map(PathBuf::as_path))
    }
}

/// What `paths` name: files as they are, and the Dockerfiles below folders, without what a `.gitignore` leaves out. An
/// ignore file brings the Dockerfiles that it counts for.
#[must_use]
pub fn discover(paths: &[PathBuf]) -> Found {
    let Found { inputs: mut found, mut entries, mut folders, mut problems, mut empty, mut notes } =
        Found::default();
    let mut fixtures = Vec::new();
    for path in paths {
        let problem = |message: String, help: Option<&str>| Problem {
            path: Some(path.display().to_string()),
            message,
            help: help.map(str::to_owned),
            place: None,
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let before = (problems.len(), folders.len(), fixtures.len());
                let any = walk(path, &mut found, &mut fixtures, &mut folders, &mut problems);
                if !any && problems.len() == before.0 {
                    let (message, help) = nothing_in(path, fixtures.len() > before.2);
                    let into = if folders.len() == before.1 { &mut problems } else { &mut empty };
                    into.push(problem(message, Some(help)));
                }
            }
            // What cannot be opened is said when it is read.
            Ok(_) => {
                let path = plain_path(path).to_path_buf();
                if let Some(entry) = named_entry(&path) {
                    entries.push(entry);
                    continue;
                }
                let kind = kind(&path);
                if kind == InputKind::Ignorefile {
                    let dockerfile = |path| Input { path, kind: InputKind::Dockerfile };
                    found.extend(dockerfiles_of(&path).into_iter().map(dockerfile));
                }
                found.push(Input { path, kind });
            }
            Err(error) => problems.push(problem(crate::workspace::describe(&error), None)),
        }
    }
    // Names from a shell are in order already, which costs nothing to sort.
    if found.iter().all(|input| is_simple(&input.path)) {
        found.arrange_by(|a, b| bytes(&a.path).cmp(bytes(&b.path)).then(a.kind.cmp(&b.kind)));
    } else {
        found.sort_unstable();
    }
    found.dedup();
    folders.sort_unstable();
    folders.dedup();
    fixtures.retain(|path| found.binary_search_by(|input| input.path.cmp(path)).is_err());
    notes.extend(not_linted(&fixtures));
    Found { inputs: found, entries, folders, problems, empty, notes }
}

/// The file at a path as one that starts builds, if its name says so. Where a tool finds it by itself, what it reads
/// beside it counts too.
#[must_use]
pub fn named_entry(path: &Path) -> Option<Entry> {
    if is_dockerfile(path) {
        return None;
    }
    let is_container = || {
        path.extension().is_some_and(|ending| ending == "container")
            && quadlet::unit_of_container(&build_targets::Disk, path).is_some()
    };
    let kind = EntryKind::named_as(path).or_else(|| is_container().then_some(EntryKind::Quadlet))?;
    let is_found = matches!(kind, EntryKind::Compose | EntryKind::Bake)
        && (EntryKind::found_as(path).is_some() || is_override(path));
    let files = if is_found { Vec::new() } else { vec![path.to_path_buf()] };
    Some(Entry { kind, folder: entry_folder(path), files })
}

/// True for the override of a Compose file that lies beside it: Compose reads the two together.
fn is_override(path: &Path) -> bool {
    const NAMES: [&str; 4] = [
        "compose.override.yaml",
        "compose.override.yml",
        "docker-compose.override.yaml",
        "docker-compose.override.yml",
    ];
    let is_beside = |name: &str| path.with_file_name(name).is_file();
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name))
        && ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
            .into_iter()
            .any(is_beside)
}

/// The folder in which the tool is run that reads the file at a path.
fn entry_folder(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(Path::new(""));
    let hidden = parent.ancestors().take(2).find(|p| p.ends_with(".devcontainer") || p.ends_with(".github"));
    let folder = hidden.map_or(Some(parent), Path::parent).unwrap_or(Path::new(""));
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() }
}

/// The bytes of a path, which sort as its parts do: a separator comes before all else.
fn bytes(path: &Path) -> impl Iterator<Item = u8> {
    path.as_os_str().as_encoded_bytes().iter().map(|byte| if *byte == b'/' { 0 } else { *byte })
}

/// True if a path is written in the one way that there is for it, so that its bytes say where it sorts.
fn is_simple(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let mut parts = path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/');
    std::path::MAIN_SEPARATOR == '/' && parts.all(|part| !matches!(part, b"" | b"." | b".."))
}

/// What is said of a searched folder without a Dockerfile to lint, and what to do about it.
fn nothing_in(folder: &Path, has_fixtures: bool) -> (String, &'static str) {
    let theirs = "name these files, or the folder that they are in";
    if has_fixtures {
        return ("contains no Dockerfile but those that tests read".to_owned(), theirs);
    }
    match ignored(folder) {
        0 => ("contains no Dockerfile".to_owned(), "pass the path of the file if it has another name"),
        1 => ("contains no Dockerfile but one that Git ignores".to_owned(), "name that file, or its folder"),
        number => (format!("contains no Dockerfile but {number} that Git ignores"), theirs),
    }
}

/// Says of Dockerfiles that tests read that a search has left them out.
fn not_linted(fixtures: &[PathBuf]) -> Option<Problem> {
    let first = fixtures.iter().min()?.display();
    let message = match fixtures.len() - 1 {
        0 => format!("`{first}` is read by tests, so it is not linted"),
        more => format!("`{first}` and {more} more are read by tests, so they are not linted"),
    };
    let help = Some("name such a file, or its folder, to lint it".to_owned());
    Some(Problem { path: None, message, help, place: None })
}

/// Adds the Dockerfiles below a folder; true if there are any. Those that tests read are kept apart.
fn walk(
    folder: &Path,
    found: &mut Vec<Input>,
    fixtures: &mut Vec<PathBuf>,
    folders: &mut Vec<PathBuf>,
    problems: &mut Vec<Problem>,
) -> bool {
    let mut any = false;
    if let Some(name) = unreadable_ignore(folder) {
        problems.push(not_searched(folder, name));
        // That says enough.
        return true;
    }
    // Folders that were passed over; the walk owns its filter.
    let passed: Arc<Mutex<Vec<Problem>>> = Arc::default();
    let noted = Arc::clone(&passed);
    let mut walk = ignore::WalkBuilder::new(folder);
    if let Some(excludes) = git_excludes(MAX_GITIGNORE_BYTES) {
        // A pattern that is wrong leaves the others.
        let _ = walk.add_ignore(excludes);
    }
    let walk = walk
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .filter_entry(move |entry| {
            if matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn")) {
                return false;
            }
            let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
            if is_folder && entry.depth() > 0 && is_vendored(entry.path()) {
                return false;
            }
            if is_folder
                && let Some(name) = unreadable_ignore(entry.path())
                && let Ok(mut noted) = noted.lock()
            {
                noted.push(not_searched(entry.path(), name));
                return false;
            }
            true
        })
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let starts_builds = || {
                    let path = entry.path();
                    // A container may name a unit that is not there.
                    let is_container = || path.extension().is_some_and(|ending| ending == "container");
                    EntryKind::found_as(path).is_some() || Entry::is_variant(path) || is_container()
                };
                // A link is followed where its name says that it may be one: the tools do so too.
                let is_file = entry.file_type().is_some_and(|t| {
                    let is_one =
                        || is_dockerfile_name(&entry.file_name().to_string_lossy()) || starts_builds();
                    t.is_file() || t.is_symlink() && is_one() && entry.path().is_file()
                });
                // What is above the searched folder says nothing: who names `testdata` means it.
                let is_fixture = || {
                    let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                    is_test_fixture(&below.to_string_lossy())
                };
                if is_file && is_dockerfile(entry.path()) {
                    let path = plain_path(entry.path()).to_path_buf();
                    if is_fixture() {
                        fixtures.push(path);
                        continue;
                    }
                    found.push(Input { path, kind: InputKind::Dockerfile });
                    any = true;
                } else if is_file && starts_builds() && !is_fixture() {
                    folders.push(entry_folder(plain_path(entry.path())));
                }
            }
            Err(error) => problems.push(Problem {
                path: Some(folder.display().to_string()),
                message: format!("cannot be searched completely: {error}"),
                help: None,
                place: None,
            }),
        }
    }
    if let Ok(mut passed) = passed.lock() {
        problems.append(&mut passed);
    }
    any
}

/// More files than that are not searched for Dockerfiles that Git ignores.
const MAX_IGNORED: usize = 100_000;

/// How many Dockerfiles lie below a folder that the search leaves out because Git ignores them.
fn ignored(folder: &Path) -> usize {
    let walk = ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
            let of_others = matches!(entry.file_name().to_str(), Some(".git" | ".hg" | ".svn"));
            !(of_others || is_folder && entry.depth() > 0 && is_vendored(entry.path()))
        })
        .build();
    let files = walk.take(MAX_IGNORED).filter_map(Result::ok);
    files.filter(|e| e.file_type().is_some_and(|t| t.is_file()) && is_dockerfile(e.path())).count()
}

/// True for a folder that a package manager of Go, PHP or JavaScript has filled: what is wrong in there is for others
/// to mend.
fn is_vendored(folder: &Path) -> bool {
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("node_modules") => true,
        Some("vendor") => ["modules.txt", "autoload.php"].iter().any(|mark| folder.join(mark).is_file()),
        _ => false,
    }
}

/// The name of an ignore file in `folder` that a search would wait for, such as a named pipe, or that
/// it would read for too long.
fn unreadable_ignore(folder: &Path) -> Option<&'static str> {
    [".gitignore", ".ignore"].into_iter().find(|name| {
        let readable = |m: fs::Metadata| m.is_dir() || m.is_file() && m.len() <= MAX_GITIGNORE_BYTES;
        fs::metadata(folder.join(name)).is_ok_and(|m| !readable(m))
    })
}

fn not_searched(folder: &Path, name: &str) -> Problem {
    Problem {
        path: Some(folder.display().to_string()),
        message: format!(
            "is not searched: its `{name}` is not a file, or is larger than {} KiB",
            MAX_GITIGNORE_BYTES >> 10
        ),
        help: Some("name the Dockerfiles in it".to_owned()),
        place: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ignore_files() {
        for name in [".dockerignore", ".containerignore", "api.Dockerfile.dockerignore"] {
            assert!(is_ignorefile_name(name), "{name}");
        }
        assert!(!is_ignorefile_name("Dockerfile"));
    }

    #[test]
    fn files_that_start_builds_are_noted() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["compose.yaml", "a/.devcontainer/devcontainer.json", "b/.github/workflows/ci.yml", "c/x.yaml"]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::write(folder.path().join("Dockerfile"), "FROM a\n").unwrap();
        let found = discover(&[folder.path().to_owned()]);
        let folders: Vec<_> = found.folders.iter().map(|p| p.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(folders, ["", "a", "b"].map(Path::new));
        let named = |name: &str| {
            let Found { inputs, mut entries, .. } = discover(&[folder.path().join(name)]);
            assert_eq!(inputs.len() + entries.len(), 1, "{name}");
            entries.pop().map(|entry| (entry.kind, entry.files.len()))
        };
        assert_eq!(named("compose.yaml"), Some((EntryKind::Compose, 0)));
        assert_eq!(named("a/.devcontainer/devcontainer.json"), Some((EntryKind::Devcontainer, 1)));
        assert_eq!((named("c/x.yaml"), named("Dockerfile")), (None, None));
    }

    #[test]
    fn what_package_managers_have_fetched_is_not_searched() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["vendor/a", "php/vendor/b", "own/vendor", "node_modules/c"] {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("Dockerfile"), "FROM a\n").unwrap();
        }
        fs::write(folder.path().join("vendor/modules.txt"), "").unwrap();
        fs::write(folder.path().join("php/vendor/autoload.php"), "").unwrap();
        let found = |start: &Path| {
            let inputs = discover(&[start.to_owned()]).inputs.into_iter();
            inputs.map(|i| i.path.strip_prefix(folder.path()).unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(folder.path()), [Path::new("own/vendor/Dockerfile")]);
        // Who names the folder means it.
        assert_eq!(found(&folder.path().join("vendor")), [Path::new("vendor/a/Dockerfile")]);
    }

    #[test]
    fn what_tests_read_is_linted_only_where_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["web", "pkg/testdata/a", "java/src/test/resources/b", "resources/c"] {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("Dockerfile"), "FROM a\n").unwrap();
        }
        fs::write(folder.path().join("pkg/testdata/a/compose.yaml"), "services: {}\n").unwrap();
        let found = |start: &str| {
            let found = discover(&[folder.path().join(start)]);
            let below = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
            let said =
                found.notes.iter().chain(&found.problems).map(|n| n.message.clone()).collect::<Vec<_>>();
            (found.dockerfiles().map(below).collect::<Vec<_>>(), found.folders.len(), said.join(""))
        };
        let (paths, entries, said) = found("");
        assert_eq!(
            (paths, entries),
            (vec!["resources/c/Dockerfile".to_owned(), "web/Dockerfile".to_owned()], 0)
        );
        assert!(said.ends_with("Dockerfile` and 1 more are read by tests, so they are not linted"), "{said}");
        let (paths, entries, said) = found("pkg/testdata");
        assert_eq!((paths.len(), entries, said.as_str()), (1, 1, ""));
        let (paths, _, said) = found("java");
        assert!(paths.is_empty() && said.contains("no Dockerfile but those that tests read"), "{said}");
        // A file that is named as well is linted, and not said to be left out.
        let named = discover(&[folder.path().to_owned(), folder.path().join("pkg/testdata/a/Dockerfile")]);
        assert!(named.inputs.len() == 3 && named.notes[0].message.contains("b/Dockerfile` is read"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_that_starts_builds_is_one() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("a/unit"), "[Build]\nImageTag=a\nSetWorkingDirectory=unit\n").unwrap();
        fs::write(folder.path().join("c/x.container"), "[Container]\nImage=y.build\n").unwrap();
        std::os::unix::fs::symlink("../a/unit", folder.path().join("b/app.build")).unwrap();
        std::os::unix::fs::symlink("nothing", folder.path().join("a/gone.build")).unwrap();
        let Found { folders, .. } = discover(&[folder.path().to_owned()]);
        let folders: Vec<_> = folders.iter().map(|p| p.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(folders, ["b", "c"].map(Path::new));
        let kind = |name: &str| named_entry(&folder.path().join(name)).map(|entry| entry.kind);
        assert_eq!(kind("c/x.container"), Some(EntryKind::Quadlet));
        fs::write(folder.path().join("c/x.container"), "[Container]\nImage=debian:12\n").unwrap();
        assert_eq!(kind("c/x.container"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_dockerfile_is_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a")).unwrap();
        fs::create_dir_all(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("a/base"), "FROM a\n").unwrap();
        let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, folder.path().join(at)).unwrap();
        link("../a/base", "b/Dockerfile");
        link("nothing", "a/Dockerfile");
        link("../a", "b/Dockerfile.d");
        let found = discover(&[folder.path().to_owned()]);
        let paths: Vec<_> = found.dockerfiles().map(|p| p.strip_prefix(folder.path()).unwrap()).collect();
        assert_eq!(paths, [Path::new("b/Dockerfile")]);
    }

    #[test]
    fn folders_whose_gitignore_cannot_be_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["good", "huge"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("Dockerfile"), "FROM a\n").unwrap();
        }
        let ignore = folder.path().join("huge").join(".gitignore");
        fs::write(&ignore, "x\n".repeat(usize::try_from(MAX_GITIGNORE_BYTES).unwrap() / 2 + 1)).unwrap();
        let Found { inputs, problems, .. } = discover(&[folder.path().to_owned()]);
        assert_eq!(inputs.len(), 1);
        assert!(problems.len() == 1 && problems[0].message.contains(".gitignore"), "{problems:?}");
        fs::rename(&ignore, folder.path().join(".ignore")).unwrap();
        let Found { inputs, problems, .. } = discover(&[folder.path().to_owned()]);
        assert!(inputs.is_empty() && problems.len() == 1, "{problems:?}");
    }
}
