//! Sources of the build context that a task of the project puts there before the build: a Makefile, a script or a job that
//! copies, downloads or writes them.

use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::knowledge::{BRINGING_WORDS, COPYING_WORDS, TASK_FILES, TASK_FOLDERS};
use crate::tree::{Kind, Look, Tree};

use super::discover::MAX_GITIGNORE_BYTES;

/// How many entries of a folder are looked at.
const MAX_ENTRIES: usize = 2_000;

/// How many files are read, and how many bytes of them.
const MAX_FILES: usize = 64;
const MAX_BYTES: usize = 4 << 20;

/// Their endings.
const ENDINGS: [&str; 7] = [".sh", ".bash", ".mk", ".ps1", ".bat", ".cmd", ".py"];

/// Those of `sources`, as they are written in the Dockerfile, that a task of the repository at `top` may bring into the
/// context at `root`.
pub(super) fn brought<'s>(tree: &Tree, root: &Path, top: &Path, sources: &[&'s str]) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    if sources.is_empty() {
        return found;
    }
    let mut folders: Vec<PathBuf> = TASK_FOLDERS.iter().map(|folder| top.join(folder)).collect();
    folders.extend(["", "scripts", "ci"].iter().map(|folder| root.join(folder)));
    // Between the two, too; what is above the repository is none of its own.
    let between = root.ancestors().skip(1).take_while(|folder| *folder != top && folder.starts_with(top));
    folders.extend(between.take(8).map(Path::to_path_buf));
    folders.sort_unstable();
    folders.dedup();
    let mut wanted = Wanted::of(sources);
    let (mut files, mut bytes) = (MAX_FILES, MAX_BYTES);
    for folder in folders {
        let Ok(entries) = tree.entries(&folder) else { continue };
        let in_workflows = folder.ends_with("workflows");
        for entry in entries.into_iter().take(MAX_ENTRIES).filter(|entry| entry.kind == Kind::File) {
            let Some(name) = entry.name.to_str().map(str::to_ascii_lowercase) else { continue };
            let is_task = TASK_FILES.contains(&&*name)
                || ENDINGS.iter().any(|ending| name.ends_with(ending))
                || in_workflows && (name.ends_with(".yml") || name.ends_with(".yaml"));
            if !is_task {
                continue;
            }
            if files == 0 || bytes == 0 || found.len() == sources.len() {
                // What is not read may bring all of it.
                let all = (found.len() < sources.len()).then_some(sources);
                found.extend(all.into_iter().flatten());
                return found;
            }
            files -= 1;
            let Some(text) = text(tree, &folder.join(&entry.name)) else { continue };
            bytes = bytes.saturating_sub(text.len());
            for (line, copies) in text.lines().filter_map(|line| Some((line, brings(line)?))) {
                wanted.take_named(line, copies, &mut found);
            }
        }
    }
    found
}

/// Whether a line copies something (true), or brings files in another way; `None` if it does neither.
fn brings(line: &str) -> Option<bool> {
    let line = line.trim_start();
    if line.starts_with('#') || line.starts_with("//") {
        return None;
    }
    let words = || line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
    if words().any(|word| COPYING_WORDS.contains(&word)) {
        return Some(true);
    }
    let writes = line.contains('>') || line.contains(" -o ") || line.contains("path:");
    (writes || words().any(|word| BRINGING_WORDS.contains(&word))).then_some(false)
}

/// Sources by the words that name them. What is found is taken out, so that no word is looked at for one source twice.
#[derive(Default)]
struct Wanted<'s> {
    by_name: HashMap<&'s str, Vec<&'s str>>,
    /// By the folder at the top that they are in.
    by_folder: HashMap<&'s str, Vec<&'s str>>,
    /// By a wildcard of their ending.
    by_ending: HashMap<String, Vec<&'s str>>,
}

impl<'s> Wanted<'s> {
    fn of(sources: &[&'s str]) -> Self {
        let mut wanted = Self::default();
        for source in sources {
            let path = source.trim_start_matches("./").trim_matches('/');
            let name = path.rsplit('/').next().unwrap_or(path);
            wanted.by_name.entry(name).or_default().push(source);
            if let Some(first) = path.split('/').next().filter(|first| *first != name && first.len() > 2) {
                wanted.by_folder.entry(first).or_default().push(source);
            }
            if let Some((_, ending)) = name.rsplit_once('.') {
                wanted.by_ending.entry(format!("*.{ending}")).or_default().push(source);
            }
        }
        wanted
    }

    /// Takes out what a line names; if it copies, also by a folder that a source is in, and by a wildcard of its ending.
    fn take_named(&mut self, line: &str, copies: bool, found: &mut BTreeSet<&'s str>) {
        let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '*');
        for word in line.split(|c| !is_inside(c)) {
            found.extend(self.by_name.remove(word).into_iter().flatten());
            if copies {
                found.extend(self.by_folder.remove(word).into_iter().flatten());
                found.extend(self.by_ending.remove(word).into_iter().flatten());
            }
        }
    }
}

/// The text of a file of moderate size.
pub(super) fn text(tree: &Tree, path: &Path) -> Option<String> {
    let is_readable = |look: Look| look.kind == Kind::File && look.bytes <= MAX_GITIGNORE_BYTES;
    tree.look(path).ok().filter(|look| is_readable(*look))?;
    let mut bytes = Vec::new();
    tree.open(path).ok()?.take(MAX_GITIGNORE_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_above_the_repository_brings_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().join("app");
        let root = top.join("docker");
        std::fs::create_dir_all(&root).unwrap();
        let brings = |at: &Path, root: &Path, top: &Path| {
            std::fs::write(at.join("build.sh"), "cp ../data.csv docker/\n").unwrap();
            let found = !brought(&crate::tree::DISK, root, top, &["data.csv"]).is_empty();
            std::fs::remove_file(at.join("build.sh")).unwrap();
            found
        };
        assert!(!brings(folder.path(), &root, &top));
        // The context may be the top itself.
        assert!(!brings(folder.path(), &top, &top));
        assert!(brings(&top, &root, &top) && brings(&top, &top, &top) && brings(&root, &root, &top));
    }

    #[test]
    fn tasks_copy_fetch_and_write_files() {
        for (line, source, want) in [
            ("\tcp ../go.mod docker/", "go.mod", true),
            ("curl -fsSL https://example.com/x -o conf/größe.conf", "größe.conf", true),
            ("        path: assets/app.yaml", "app.yaml", true),
            ("cp -r ../shared .", "shared/a.py", true),
            ("rsync -a src/*.json .", "a.json", true),
            ("sed s/a/b/ a.in > a.conf", "./a.conf", true),
            ("pip install -r requirements.txt", "requirements.txt", false),
            ("cd web && npm install", "web/start", false),
            ("# cp ../go.mod .", "go.mod", false),
            ("cp ../go.mod .", "go.sum", false),
            ("cp go.mod.bak .", "go.mod", false),
        ] {
            let mut found = BTreeSet::new();
            if let Some(copies) = brings(line) {
                Wanted::of(&[source]).take_named(line, copies, &mut found);
            }
            assert_eq!(found.contains(source), want, "{line}");
        }
    }
}
