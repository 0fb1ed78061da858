use std::fs;
use std::io::Read as _;
use std::process::Command;

use super::*;
use crate::tree::Tree;

/// A repository in a folder of its own. Its tests need git, and fail without.
struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let own = Self { folder: tempfile::tempdir().unwrap() };
        own.git(&["init", "-q", "-b", "main"]);
        own
    }

    fn git(&self, args: &[&str]) {
        let name = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.autocrlf=false"];
        let done = Command::new("git").arg("-C").arg(self.folder.path()).args(name).args(args).output();
        let done = done.expect("these tests start git: install it");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    fn repository(&self) -> Repository {
        Repository::at(self.folder.path()).unwrap()
    }
}

fn text(tree: &Tree, path: &Path) -> String {
    let mut text = String::new();
    tree.open(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_commit_lies_over_the_working_tree() {
    let sandbox = Sandbox::new();
    let long = "line\n".repeat(20);
    sandbox.write("app/Dockerfile", &long);
    sandbox.write("changed", "before");
    sandbox.write("deleted", "was here");
    sandbox.write(".gitignore", "ignored\n");
    sandbox.commit();
    sandbox.git(&["mv", "app", "web"]);
    sandbox.write("changed", "after!");
    fs::remove_file(sandbox.folder.path().join("deleted")).unwrap();
    sandbox.write("fresh/a b\n\t\"é", "x");
    sandbox.write("ignored", "x");
    let repository = sandbox.repository();
    let old = repository.old_tree(&repository.merge_base("main").unwrap()).unwrap();
    let at = |path: &str| repository.top().join(path);
    assert_eq!(text(&old.tree, &at("app/Dockerfile")), long);
    assert_eq!(text(&old.tree, &at("changed")), "before");
    assert_eq!(text(&old.tree, &at("deleted")), "was here");
    for gone in ["web", "fresh", "fresh/a b\n\t\"é"] {
        assert!(!old.tree.exists(&at(gone)), "{gone:?}");
    }
    assert!(old.tree.exists(&at("ignored")));
    let renamed: Vec<_> =
        old.changes.iter().filter_map(|c| Some((c.renamed_from()?, c.new.clone()?))).collect();
    assert_eq!(renamed, [(Path::new("app/Dockerfile"), PathBuf::from("web/Dockerfile"))]);
    assert!(old.submodules.is_empty() && old.lacking.is_empty());
    // What is only taken out of the index is there once, as it was.
    sandbox.git(&["rm", "-q", "--cached", "changed"]);
    let changes = repository.changes(&repository.commit("HEAD").unwrap()).unwrap();
    let of_it: Vec<_> =
        changes.iter().filter(|c| c.paths().any(|path| path == Path::new("changed"))).collect();
    assert_eq!(of_it.len(), 1);
    assert!(of_it[0].old.is_some() && of_it[0].new.is_some());
}

#[test]
fn the_merge_base_counts_and_what_is_not_known_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("a", "1");
    sandbox.commit();
    sandbox.git(&["checkout", "-q", "-b", "work"]);
    sandbox.write("mine", "1");
    sandbox.commit();
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("theirs", "of others");
    sandbox.commit();
    sandbox.git(&["checkout", "-q", "work"]);
    let repository = sandbox.repository();
    let changes = repository.changes(&repository.merge_base("main").unwrap()).unwrap();
    assert_eq!(changes, [Change { old: None, new: Some("mine".into()) }]);
    assert_eq!(repository.changes(&repository.commit("main").unwrap()).unwrap().len(), 2);
    for bad in ["none", "--none", "-h", "", "HEAD:a", "main..work", "--output=x"] {
        let failure = repository.merge_base(bad).unwrap_err();
        assert!(matches!(failure, Failure::Unknown(_)), "{bad}: {failure}");
        assert!(failure.help().is_some());
    }
    sandbox.git(&["checkout", "-q", "--orphan", "apart"]);
    sandbox.commit();
    assert!(matches!(repository.merge_base("main"), Err(Failure::Apart(_))));
    let nowhere = tempfile::tempdir().unwrap();
    let failure = Repository::at(nowhere.path()).unwrap_err();
    assert!(failure.to_string().contains("not a git repository"), "{failure}");
}

#[test]
fn nothing_of_the_repository_is_started() {
    let sandbox = Sandbox::new();
    sandbox.write("a.x", "1");
    sandbox.write(".gitattributes", "*.x diff=own\n");
    sandbox.commit();
    let mark = sandbox.folder.path().join(".git/started");
    let touch = format!("touch '{}'; true", mark.display());
    for name in ["diff.external", "diff.own.command", "diff.own.textconv", "core.fsmonitor", "core.pager"] {
        sandbox.git(&["config", name, &touch]);
    }
    sandbox.write("a.x", "2");
    fs::remove_file(&mark).unwrap_or_default();
    let repository = sandbox.repository();
    let old = repository.old_tree(&repository.commit("HEAD").unwrap()).unwrap();
    assert_eq!(text(&old.tree, &repository.top().join("a.x")), "1");
    assert!(!mark.exists());
}

#[test]
fn large_files_count_with_what_they_stand_for() {
    let sandbox = Sandbox::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5000000\n";
    sandbox.write("model.bin", pointer);
    sandbox.commit();
    sandbox.write("model.bin", "the new model");
    let repository = sandbox.repository();
    let bytes = || {
        let old = repository.old_tree(&repository.commit("HEAD").unwrap()).unwrap();
        old.tree.look(&repository.top().join("model.bin")).unwrap().bytes
    };
    // Without it nothing was ever more than a pointer.
    assert_eq!(bytes(), pointer.len() as u64);
    fs::create_dir(repository.top().join(".git/lfs")).unwrap();
    assert_eq!(bytes(), 5_000_000);
}

#[test]
fn what_git_says_is_read_whatever_it_is() {
    assert_eq!(changes::parsed(b""), []);
    assert_eq!(changes::parsed(b":100644"), []);
    assert_eq!(changes::parsed(b":100644 100644 aa bb M"), []);
    let read = changes::parsed(
        b":100644 000000 aa 00 D\0a\0:100644 100755 bb 00 R90\0b\0c\0:000000 160000 0 0 A\0s\0",
    );
    assert_eq!(read.len(), 3);
    assert_eq!(
        read[0],
        Change { old: Some(("a".into(), Side::File { id: "aa".into(), executable: false })), new: None }
    );
    assert_eq!(read[1].renamed_from(), Some(Path::new("b")));
    assert_eq!(read[2], Change { old: None, new: Some("s".into()) });
}
