//! What a page says of where its figures come from: project, commit, command.

use std::path::{Path, PathBuf};

use crate::report::About;
use crate::tree::DISK;
use crate::workspace::{read_bounded, top_of};

use super::args::TargetArgs;

/// How much of a file of Git is read: one of packed references may be long.
const MOST: u64 = 4 << 20;
/// How many digits of a commit are shown.
const DIGITS: usize = 12;

/// Looks at the folder of what was named, or at this one.
pub(super) fn of(named: Option<&Path>, command: Command) -> About {
    let named = named.unwrap_or(Path::new("."));
    let real = named.canonicalize().ok();
    let top = real.as_deref().and_then(|real| top_of(real).map(Path::to_path_buf));
    let folder = match (&top, real) {
        (Some(top), _) => Some(top.clone()),
        (None, Some(real)) if real.is_dir() => Some(real),
        (None, real) => real.and_then(|real| Some(real.parent()?.to_path_buf())),
    };
    About {
        project: folder.as_deref().and_then(project),
        commit: top.and_then(|top| commit(&top)),
        command: command.text(),
    }
}

/// What a project is called: as its folder is.
pub(super) fn project(folder: &Path) -> Option<String> {
    Some(folder.file_name()?.to_string_lossy().into_owned())
}

/// A command line that makes the same page. Values of build arguments are never in it: they may be secrets.
#[derive(Debug)]
pub(super) struct Command(Vec<String>);

impl Command {
    /// `dlint NAME`.
    pub(super) fn new(name: &str) -> Self {
        Self(vec!["dlint".to_owned(), name.to_owned()])
    }

    /// With words that stand for themselves.
    pub(super) fn words<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.0.extend(words.into_iter().map(Into::into));
        self
    }

    /// With paths.
    pub(super) fn paths<P: AsRef<Path>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        self.words(paths.into_iter().map(|path| path.as_ref().display().to_string()))
    }

    /// With an option, if it has a value.
    pub(super) fn option(self, name: &str, value: Option<String>) -> Self {
        self.words(value.into_iter().flat_map(|value| [name.to_owned(), value]))
    }

    /// With what was said of the build.
    pub(super) fn build(self, target: &TargetArgs) -> Self {
        self.option("--entry", target.entries.entry.clone())
            .option("--target", target.build.target.clone())
            .option("--platform", target.build.platform.clone())
    }

    /// The line.
    pub(super) fn text(&self) -> String {
        self.0.join(" ")
    }
}

/// The commit that is checked out, shortened; read from Git's files, without running it.
fn commit(top: &Path) -> Option<String> {
    let read = |path: PathBuf| read_bounded(&DISK, &path, MOST).ok().flatten();
    let dot_git = top.join(".git");
    // A further work tree has a file that says where its folder is, and that where the shared one is.
    let own = match read(dot_git.clone()) {
        Some(text) => top.join(text.strip_prefix("gitdir:")?.trim()),
        None => dot_git,
    };
    let head = read(own.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref:").map(str::trim) else { return short(&head) };
    // The name of a reference cannot lead elsewhere.
    if !name.starts_with("refs/") || name.split('/').any(|part| part == "..") {
        return None;
    }
    let shared = read(own.join("commondir")).map_or_else(|| own.clone(), |text| own.join(text.trim()));
    let loose = [&own, &shared].into_iter().find_map(|folder| read(folder.join(name)));
    let packed = || {
        let all = read(shared.join("packed-refs"))?;
        all.lines().find_map(|line| line.split_once(' ').filter(|(_, of)| *of == name)?.0.to_owned().into())
    };
    short(&loose.or_else(packed)?)
}

fn short(text: &str) -> Option<String> {
    let digits = text.trim();
    let is_commit = matches!(digits.len(), 40 | 64) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    digits.get(..DIGITS).filter(|_| is_commit).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::commit;

    #[test]
    fn the_commit_is_read_from_the_files_of_git() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let digits = "0123456789abcdef0123456789abcdef01234567\n";
        assert_eq!(commit(root.path()), None);
        write(".git/HEAD", digits);
        assert_eq!(commit(root.path()).as_deref(), Some("0123456789ab"));
        write(".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(commit(root.path()), None);
        write(
            ".git/packed-refs",
            &format!("# pack-refs\n{} refs/heads/main\n", digits.trim().replace('0', "f")),
        );
        assert_eq!(commit(root.path()).as_deref(), Some("f123456789ab"));
        write(".git/refs/heads/main", digits);
        assert_eq!(commit(root.path()).as_deref(), Some("0123456789ab"));
        // A further work tree, and a name that leads elsewhere.
        write(".git/worktrees/w/HEAD", "ref: refs/heads/main\n");
        write(".git/worktrees/w/commondir", "../..\n");
        write("w/.git", &format!("gitdir: {}\n", root.path().join(".git/worktrees/w").display()));
        assert_eq!(commit(&root.path().join("w")).as_deref(), Some("0123456789ab"));
        write(".git/HEAD", "ref: refs/../../elsewhere\n");
        assert_eq!(commit(root.path()), None);
    }
}
