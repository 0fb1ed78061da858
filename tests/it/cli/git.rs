//! A folder that is a repository. What asks git needs git to be tested: without it, these tests fail.

use super::Folder;

/// Runs git in a folder.
pub(super) fn git(folder: &Folder, args: &[&str]) -> String {
    let name = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.autocrlf=false"];
    let mut command = std::process::Command::new("git");
    let done = command.arg("-C").arg(folder.path("")).args(name).args(args).output();
    let done = done.expect("these tests start git: install it");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A repository whose branch `main` holds these files, on a branch of its own.
pub(super) fn repository(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    for (path, text) in files {
        folder.write(path, text);
    }
    git(&folder, &["init", "-q", "-b", "main"]);
    commit(&folder);
    git(&folder, &["checkout", "-q", "-b", "work"]);
    folder
}

/// Commits all there is.
pub(super) fn commit(folder: &Folder) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "x"]);
}
