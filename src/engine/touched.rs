//! Which Dockerfiles a change touches: those that changed, or whose context, ignore file, settings or builds did. The
//! others are not parsed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use build_targets::EntryKind;
use dockerignore::filepath::{clean, has_wildcard};

use crate::config::is_settings_name;
use crate::entries::EntryGroup;
use crate::lock;
use crate::semantic::NamedContext;
use crate::text::{Gather, MAX_SOURCE_BYTES};
use crate::tree::Tree;
use crate::workspace::{ContextSource, Files, Target, is_top};

/// What a change touches.
#[derive(Debug)]
pub struct Touched<'a> {
    files: &'a Files,
    /// The paths that differ, the old ones too, without links. In their order, all below a folder stand together.
    changed: BTreeSet<PathBuf>,
    /// Folders whose settings, lock file or own rules changed: all below is touched.
    settings: Vec<PathBuf>,
    /// Folders without links, by how they are written.
    real: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl<'a> Touched<'a> {
    /// What is touched in `files` where these paths differ from those of `other`. They have to be without links.
    #[must_use]
    pub fn new(files: &'a Files, other: &Tree, changed: impl IntoIterator<Item = PathBuf>) -> Self {
        let changed: BTreeSet<PathBuf> = changed.into_iter().gather();
        let says_more = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default();
            is_settings_name(name) || name == lock::NAME || name == ".gitmodules"
        };
        // A rule of the users' own may be any Markdown below the settings that name it, wherever these are above.
        let rules = changed.iter().filter(|path| path.extension().is_some_and(|e| e == "md"));
        let trees = [files.file_tree(), other];
        let is_rule = |path: &&PathBuf| trees.iter().any(|tree| reads_like_rule(tree, path));
        let of_rules = rules.filter(is_rule).filter_map(|path| top(path));
        let own = changed.iter().filter(says_more).filter_map(|path| path.parent());
        let settings = own.chain(of_rules).map(Path::to_path_buf).collect();
        Self { files, settings, real: Mutex::default(), changed }
    }

    /// True if a file that starts builds may say something else than before: it changed, or what it may read.
    #[must_use]
    pub fn starts_builds(&self) -> bool {
        let reads = ["yml", "yaml", "hcl", "json", "env"];
        self.changed.iter().any(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ends = path.extension().is_some_and(|e| reads.iter().any(|end| e.eq_ignore_ascii_case(end)));
            ends || name.starts_with(".env") || EntryKind::named_as(path).is_some()
        })
    }

    /// True if the ignore file at a path changed, or what it is about.
    #[must_use]
    pub fn has_ignore_file(&self, path: &Path) -> bool {
        let folder = path.parent().unwrap_or(Path::new(""));
        self.below(&self.real(folder)) || self.is_governed(path)
    }

    /// True if a build is another one than before, as far as that shows without reading what its Dockerfile says.
    #[must_use]
    pub fn has(&self, target: &Target) -> bool {
        self.reaches(target, &mut HashSet::new())
    }

    /// True if a file of a group that starts builds changed, or what it builds.
    #[must_use]
    pub fn has_group(&self, group: &EntryGroup, builds: &mut dyn Iterator<Item = Option<&Target>>) -> bool {
        let sources = group.resolution.sources.iter();
        let paths: Vec<&Path> = sources.map(|(_, file)| file.path.as_path()).collect();
        paths.iter().any(|path| self.has_path(path) || self.is_governed(path))
            || builds.flatten().any(|target| self.has(target))
    }

    /// The same; what it starts from is looked at once, by however many ways it is reached.
    fn reaches(&self, target: &Target, seen: &mut HashSet<*const Target>) -> bool {
        let folder = target.context_folder();
        let own = target.path().is_some_and(|path| self.has_path(path) || self.is_governed(path));
        let ignore = folder.as_ref().map(|folder| target.ignore_files(folder)).unwrap_or_default();
        let context = folder.as_ref().is_some_and(|folder| self.below(&self.real(folder)));
        let named = target.build.contexts.values().any(|context| match context {
            NamedContext::Folder(folder) => self.below(&self.real(folder)),
            _ => false,
        });
        own || context
            || named
            || ignore.iter().any(|path| self.has_path(path))
            || target.siblings.values().any(|s| seen.insert(Arc::as_ptr(s)) && self.reaches(s, seen))
            || target.context == ContextSource::Beside && self.may_be_above(target)
    }

    /// True if a file differs.
    fn has_path(&self, path: &Path) -> bool {
        self.changed.contains(&self.real_file(path))
    }

    /// True if something at or below a path without links differs.
    fn below(&self, folder: &Path) -> bool {
        let from = self.changed.range::<Path, _>((Bound::Included(folder), Bound::Unbounded)).next();
        from.is_some_and(|path| path.starts_with(folder))
    }

    fn is_governed(&self, path: &Path) -> bool {
        !self.settings.is_empty() && {
            let real = self.real_file(path);
            self.settings.iter().any(|folder| real.starts_with(folder))
        }
    }

    /// True if the context may be a folder above the Dockerfile, and what is copied from there differs. As
    /// [`guess`](super::guess), but by a look at the lines that copy: whoever is not sure says yes.
    fn may_be_above(&self, target: &Target) -> bool {
        let Some(folder) = target.path().and_then(Path::parent).map(|folder| self.real(folder)) else {
            return false;
        };
        if self.changed.is_empty() || is_top(&folder) {
            return false;
        }
        let Some(sources) = target.path().and_then(|path| copied(self.files, path)) else { return true };
        let tree = self.files.file_tree();
        let named = sources.iter().filter(|source| !source.is_empty() && !has_wildcard(source));
        if named.into_iter().all(|source| tree.exists(&folder.join(source))) {
            return false;
        }
        let above = folder.ancestors().skip(1);
        let mut above: Vec<&Path> = above.collect();
        let levels = above.iter().position(|folder| is_top(folder)).map_or(above.len(), |top| top + 1);
        above.truncate(levels);
        above.into_iter().any(|root| {
            let ignore = target.ignore_files(root);
            ignore.iter().any(|path| self.changed.contains(path))
                || sources.iter().any(|source| self.below(&root.join(without_wildcards(source))))
        })
    }

    /// A folder without links.
    fn real(&self, folder: &Path) -> PathBuf {
        let lock = || self.real.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(folder) {
            return known.clone();
        }
        let asked = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = self.files.file_tree().real(asked).or_else(|_| std::path::absolute(asked));
        let real = real.unwrap_or_else(|_| asked.to_path_buf());
        lock().insert(folder.to_path_buf(), real.clone());
        real
    }

    fn real_file(&self, path: &Path) -> PathBuf {
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => self.real(folder).join(name),
            _ => self.real(path),
        }
    }
}

/// The top of the repository that a path without links is in.
fn top(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| is_top(folder))
}

/// True if there is Markdown that begins as a rule's page does.
fn reads_like_rule(tree: &Tree, path: &Path) -> bool {
    let mut start = [0; 3];
    let read = tree.open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && (&start == b"+++" || &start == b"---")
}

/// The folder that a pattern begins with, or the path.
fn without_wildcards(source: &str) -> String {
    let parts = source.split('/').take_while(|part| !has_wildcard(part));
    parts.collect::<Vec<_>>().join("/")
}

/// What a Dockerfile copies from its context, relative to that, by a look at its lines; empty for the whole. `None` if
/// the lines alone do not say it.
fn copied(files: &Files, path: &Path) -> Option<Vec<String>> {
    let mut bytes = Vec::new();
    let file = files.file_tree().open(path).ok()?;
    file.take(MAX_SOURCE_BYTES).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut sources = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let is_copy = |word: &str| word.eq_ignore_ascii_case("COPY") || word.eq_ignore_ascii_case("ADD");
        if !words.next().is_some_and(is_copy) {
            continue;
        }
        let (flags, mut operands): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("--"));
        if flags.iter().any(|flag| flag.starts_with("--from")) {
            continue;
        }
        if line.contains(['\\', '`', '$', '"', '\'', '[']) || line.contains("<<") {
            return None;
        }
        operands.pop();
        let local = operands.into_iter().filter(|operand| !operand.contains("://"));
        sources.extend(local.map(|path| clean(&format!("/{path}")).trim_start_matches('/').to_owned()));
    }
    Some(sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::work;
    use crate::tree::DISK;

    fn disk(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir(top.join(".git")).unwrap();
        for (path, text) in files {
            let path = top.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        (folder, top)
    }

    #[test]
    fn a_dockerfile_is_touched_by_what_it_may_take_and_never_parsed() {
        let beside = "FROM a\nCOPY app.py .\n";
        let (_keep, top) = disk(&[
            ("api/Dockerfile", beside),
            ("api/app.py", ""),
            ("web/Dockerfile", beside),
            ("web/app.py", ""),
            ("docker/Dockerfile", "FROM a\nCOPY src /s\nCOPY --from=b x y\nADD lib/*.txt /t\n"),
            ("src/x", ""),
            ("open/Dockerfile", "FROM a\nCOPY $A /\n"),
            ("open/x/Dockerfile", "FROM a\nCOPY none.py \\\n  /\n"),
        ]);
        let files = Files::default();
        let touched = |changed: &[&str]| {
            let touched = Touched::new(&files, &DISK, changed.iter().map(|path| top.join(path)));
            let all = ["api", "web", "docker", "open", "open/x"];
            let is = |name: &&&str| touched.has(&Target::of_file(top.join(name).join("Dockerfile")));
            all.iter().filter(is).copied().collect::<Vec<_>>()
        };
        // Who copies what a variable or the next line says may be touched by anything in the repository.
        assert_eq!(touched(&["api/app.py"]), ["api", "open", "open/x"]);
        assert_eq!(touched(&["web/Dockerfile"]), ["web", "open", "open/x"]);
        assert_eq!(touched(&["src/deep/y"]), ["docker", "open", "open/x"]);
        assert_eq!(touched(&["lib/a.txt"]), ["docker", "open", "open/x"]);
        assert_eq!(touched(&[".dockerignore"]), ["docker", "open", "open/x"]);
        assert_eq!(touched(&["apis/app.py", "a.txt"]), ["open", "open/x"]);
        assert_eq!(touched(&["api/dlint.toml"]), ["api", "open", "open/x"]);
        assert_eq!(touched(&["dlint.toml"]), ["api", "web", "docker", "open", "open/x"]);
        assert_eq!(touched(&[]), [""; 0]);
        let parsed = |name: &str| work::taken(&top.join(name).join("Dockerfile").display().to_string());
        assert_eq!((parsed("api"), parsed("docker"), parsed("open")), ((0, 0), (0, 0), (0, 0)));
    }

    #[test]
    fn a_build_that_many_ways_lead_to_is_looked_at_once() {
        let (_keep, top) = disk(&[("app/Dockerfile", "FROM a\n"), ("base/Dockerfile", "FROM a\n")]);
        let of = |name: &str| Target::of_file(top.join(name).join("Dockerfile"));
        // Each starts from the one below by two names: 2^60 ways.
        let below = (0..60).fold(Arc::new(of("base")), |below, _| {
            let siblings = ["x", "y"].map(|name| (name.to_owned(), Arc::clone(&below))).into();
            Arc::new(Target { siblings, ..of("app") })
        });
        let files = Files::default();
        let touched = |path: &str| Touched::new(&files, &DISK, [top.join(path)]).has(&below);
        assert!(!touched("other/Dockerfile"));
        assert!(touched("base/Dockerfile"));
    }
}
