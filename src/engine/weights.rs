//! What single paths of the build context weigh, and what the archives among them unpack to.

use std::collections::{BTreeMap, VecDeque};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use dockerignore::filepath::{clean, has_wildcard, path_match};
use dockerignore::{IgnoreFile, Matcher};

use crate::image::{Unpacked, unpacked};
use crate::semantic::{CommandId, Installed, InstalledBeside, Unpacks, Weighed, Weight, Weights};
use crate::text::Gather;
use crate::tree::{Kind, Tree};

/// At most this many files are looked at below all paths together; what has more stays unknown.
const MAX_FILES: usize = 200_000;
/// At most this many files are hit by a pattern of ADD.
const MAX_HITS: usize = 1_000;

/// Looks at `asked` in the build context `root`. What is not there, or leads elsewhere, is left out.
#[must_use]
pub fn weigh(tree: &Tree, root: &Path, ignore: Option<&IgnoreFile>, asked: Vec<Weighed>) -> Weights {
    if asked.is_empty() {
        return Weights::default();
    }
    let Ok(root) = tree.real(root) else { return Weights::default() };
    let nothing = IgnoreFile::default();
    let mut scale =
        Scale { tree, root: &root, matcher: Matcher::new(ignore.unwrap_or(&nothing)), left: MAX_FILES };
    // A source of ADD is asked for by the same path as one that a command writes anew.
    let mut found: Vec<(String, Vec<Weight>)> = Vec::new();
    for Weighed { path, added } in asked {
        let weights =
            if added { scale.sources(&path) } else { scale.weight(&path, false).into_iter().collect() };
        match found.iter_mut().find(|(known, _)| *known == path) {
            Some((_, known)) if added => *known = weights,
            Some(_) => {}
            None => found.push((path, weights)),
        }
    }
    found.into_iter().collect()
}

/// What lies installed in folders of the build context `root`, be they sent or not: by the command that installs the same.
#[must_use]
pub fn weigh_installed(
    tree: &Tree,
    root: &Path,
    asked: Vec<InstalledBeside>,
) -> BTreeMap<CommandId, Installed> {
    let Ok(root) = tree.real(root) else { return BTreeMap::new() };
    let nothing = IgnoreFile::default();
    let mut scale = Scale { tree, root: &root, matcher: Matcher::new(&nothing), left: MAX_FILES };
    let installed = asked.into_iter().filter_map(|beside| {
        let folder = root.join(&beside.folder);
        let is_there = |mark: &&str| tree.look(&folder.join(mark)).is_ok_and(|mark| mark.kind == Kind::File);
        if !beside.marks.iter().any(is_there) {
            return None;
        }
        let weight = scale.weight(&beside.folder, false).filter(|weight| weight.folder)?;
        Some((beside.command, Installed { bytes: weight.bytes, beside }))
    });
    installed.gather()
}

struct Scale<'r> {
    tree: &'r Tree,
    root: &'r Path,
    matcher: Matcher<'r>,
    left: usize,
}

impl Scale<'_> {
    /// What a source of ADD hits.
    fn sources(&mut self, source: &str) -> Vec<Weight> {
        let cleaned = clean(&format!("/{source}"));
        let path = cleaned.trim_start_matches('/');
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if has_wildcard(parent) {
            return Vec::new();
        }
        if !has_wildcard(name) {
            return self.weight(path, true).into_iter().collect();
        }
        let Ok(entries) = self.tree.entries(&self.root.join(parent)) else { return Vec::new() };
        let names = entries.into_iter().filter_map(|entry| entry.name.into_string().ok());
        let mut hits: Vec<String> =
            names.filter(|n| path_match(name.as_bytes(), n.as_bytes())).take(MAX_HITS).collect();
        hits.sort_unstable();
        let beside = |n: String| if parent.is_empty() { n } else { format!("{parent}/{n}") };
        hits.into_iter().filter_map(|n| self.weight(&beside(n), true)).collect()
    }

    /// What is at a path; `None` if that is nothing, or left out, or too much.
    fn weight(&mut self, path: &str, added: bool) -> Option<Weight> {
        let real = self.tree.real(&self.root.join(path)).ok()?;
        let own = real.strip_prefix(self.root).ok()?.to_str()?.to_owned();
        let there = self.tree.look(&real).ok()?;
        let weight = Weight { path: path.to_owned(), ..Weight::default() };
        if there.kind == Kind::Folder {
            return Some(Weight { folder: true, bytes: self.below(real, &own)?, ..weight });
        }
        if there.kind != Kind::File || self.matcher.verdict(own.as_bytes()).is_excluded() {
            return None;
        }
        let unpacks = if added { unpacks(self.tree, &real) } else { Unpacks::Nothing };
        Some(Weight { bytes: there.bytes, unpacks, ..weight })
    }

    /// Bytes of the files below a folder that the ignore file leaves there.
    fn below(&mut self, folder: PathBuf, path: &str) -> Option<u64> {
        let mut bytes = 0_u64;
        let mut folders = VecDeque::from([(folder, path.to_owned())]);
        while let Some((folder, path)) = folders.pop_front() {
            for entry in self.tree.entries(&folder).ok()? {
                self.left = self.left.checked_sub(1)?;
                let name = entry.name.to_str()?;
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                let whole = folder.join(name);
                if entry.kind == Kind::Folder {
                    folders.push_back((whole, path));
                } else if entry.kind == Kind::File && !self.matcher.verdict(path.as_bytes()).is_excluded() {
                    bytes = bytes.saturating_add(self.tree.look_at_link(&whole).ok()?.bytes);
                }
            }
        }
        Some(bytes)
    }
}

/// What ADD makes of a file.
fn unpacks(tree: &Tree, file: &Path) -> Unpacks {
    let Ok(file) = tree.open(file) else { return Unpacks::Unknown };
    match unpacked(BufReader::with_capacity(128 << 10, file)) {
        Unpacked::NoArchive => Unpacks::Nothing,
        Unpacked::To(bytes) => Unpacks::To(bytes),
        Unpacked::Broken => Unpacks::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn what_is_installed_counts_if_its_package_manager_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let text = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\n";
        let model = Model::new(parse(Source::from_text("Dockerfile", text)));
        let bytes = || {
            let found = weigh_installed(&crate::tree::DISK, folder.path(), model.installed_beside());
            found.values().map(|installed| installed.bytes).sum::<u64>()
        };
        fs::create_dir_all(folder.path().join("node_modules/a")).unwrap();
        fs::write(folder.path().join("node_modules/a/index.js"), "x".repeat(100)).unwrap();
        assert_eq!(bytes(), 0);
        fs::write(folder.path().join("node_modules/.package-lock.json"), "{}").unwrap();
        assert_eq!(bytes(), 102);
    }

    #[test]
    fn paths_are_weighed_as_the_ignore_file_leaves_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: usize| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![b'x'; bytes]).unwrap();
        };
        write("app/a", 100);
        write("app/lib/b", 20);
        write("app/lib/b.log", 7000);
        write("one.bin", 3);
        let ignore = IgnoreFile::parse("**/*.log\n");
        let asked = |path: &str, added| Weighed { path: path.to_owned(), added };
        let weights = weigh(
            &crate::tree::DISK,
            folder.path(),
            Some(&ignore),
            vec![
                asked("app", false),
                asked("app/a", false),
                asked("app/lib/b.log", false),
                asked("none", false),
                asked("../..", false),
                asked("*.bin", true),
                asked("app/*", true),
            ],
        );
        let bytes = |path: &str| weights.at(path).iter().map(|w| (w.folder, w.bytes)).collect::<Vec<_>>();
        assert_eq!(bytes("app"), [(true, 120)]);
        assert_eq!(bytes("app/a"), [(false, 100)]);
        assert_eq!(bytes("*.bin"), [(false, 3)]);
        assert_eq!(bytes("app/*"), [(false, 100), (true, 20)]);
        for path in ["app/lib/b.log", "none", "../.."] {
            assert_eq!(bytes(path), [], "{path}");
        }
    }
}
