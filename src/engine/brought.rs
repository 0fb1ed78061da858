//! Sources of the build context that a task of the project puts there before the build: a Makefile, a script or a job that
//! copies, downloads or writes them.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::tree::{Kind, Look, Tree};

use super::discover::MAX_GITIGNORE_BYTES;

/// How many entries of a folder are looked at.
const MAX_ENTRIES: usize = 2_000;

/// How many files are read, and how many bytes of them.
const MAX_FILES: usize = 64;
const MAX_BYTES: usize = 4 << 20;

/// Folders of a repository that hold such files.
const FOLDERS: [&str; 12] = [
    "",
    ".circleci",
    ".github/workflows",
    "bin",
    "build",
    "ci",
    "docker",
    "hack",
    "script",
    "scripts",
    "tools",
    "util",
];

/// Names of such files, in lower case.
const NAMES: [&str; 16] = [
    ".gitlab-ci.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "build",
    "build.gradle",
    "build.gradle.kts",
    "buildspec.yml",
    "cloudbuild.yaml",
    "config.yml",
    "gnumakefile",
    "jenkinsfile",
    "justfile",
    "magefile.go",
    "makefile",
    "package.json",
    "taskfile.yml",
];

/// Their endings.
const ENDINGS: [&str; 7] = [".sh", ".bash", ".mk", ".ps1", ".bat", ".cmd", ".py"];

/// Words of lines that bring files: programs that fetch, unpack or write.
const BRINGS: [&str; 22] = [
    "aria2c",
    "artifact",
    "base64",
    "clone",
    "curl",
    "download",
    "envsubst",
    "fetch",
    "gsutil",
    "gunzip",
    "jq",
    "openssl",
    "rclone",
    "s3",
    "sed",
    "tee",
    "touch",
    "unzip",
    "wget",
    "write",
    "write_text",
    "yq",
];

/// Those that copy, whole folders too.
const COPIES: [&str; 14] = [
    "copy", "copyfile", "copytree", "cp", "cpx", "ln", "move", "mv", "ren", "rsync", "scp", "shutil", "tar",
    "xcopy",
];

/// Those of `sources`, as they are written in the Dockerfile, that a task of the repository at `top` may bring into the
/// context at `root`.
pub(super) fn brought<'s>(tree: &Tree, root: &Path, top: &Path, sources: &[&'s str]) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    if sources.is_empty() {
        return found;
    }
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| top.join(folder)).collect();
    folders.extend(["", "scripts", "ci"].iter().map(|folder| root.join(folder)));
    // Between the two, too.
    folders
        .extend(root.ancestors().skip(1).take_while(|folder| *folder != top).take(8).map(Path::to_path_buf));
    folders.sort();
    folders.dedup();
    let (mut files, mut bytes) = (MAX_FILES, MAX_BYTES);
    for folder in folders {
        let Ok(entries) = tree.entries(&folder) else { continue };
        let in_workflows = folder.ends_with("workflows");
        for entry in entries.into_iter().take(MAX_ENTRIES).filter(|entry| entry.kind == Kind::File) {
            let Some(name) = entry.name.to_str().map(str::to_ascii_lowercase) else { continue };
            let is_task = NAMES.contains(&&*name)
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
            let lines: Vec<(&str, bool)> = text.lines().filter_map(|l| Some((l, brings(l)?))).collect();
            let named = |source: &&&str| lines.iter().any(|(line, copies)| names(line, source, *copies));
            let missing = sources.iter().filter(named);
            found.extend(missing.collect::<Vec<_>>());
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
    if words().any(|word| COPIES.contains(&word)) {
        return Some(true);
    }
    let writes = line.contains('>') || line.contains(" -o ") || line.contains("path:");
    (writes || words().any(|word| BRINGS.contains(&word))).then_some(false)
}

/// True if a line names a source; if it copies, also for a folder that the source is in, and for a wildcard of its ending.
fn names(line: &str, source: &str, copies: bool) -> bool {
    let source = source.trim_start_matches("./").trim_matches('/');
    let name = source.rsplit('/').next().unwrap_or(source);
    let first = source.split('/').next().filter(|first| copies && *first != name && first.len() > 2);
    let ending = name.rsplit_once('.').filter(|_| copies).map(|(_, ending)| format!("*.{ending}"));
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '*');
    let mut words = line.split(|c| !is_inside(c));
    words.any(|word| word == name || Some(word) == first || ending.as_deref() == Some(word))
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
            let found = brings(line).is_some_and(|copies| names(line, source, copies));
            assert_eq!(found, want, "{line}");
        }
    }
}
