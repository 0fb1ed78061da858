use std::fs;
use std::io::Read as _;

use super::*;

#[derive(Debug)]
struct Texts;

impl Contents for Texts {
    fn read(&self, id: &str) -> io::Result<Vec<u8>> {
        Ok(format!("old {id}").into_bytes())
    }
}

fn file(id: &str) -> Was {
    Was::File(Blob { id: id.to_owned(), bytes: 4 + id.len() as u64, executable: false })
}

fn laid(top: &Path, all: Vec<(&str, Was)>) -> Tree {
    let all = all.into_iter().map(|(path, was)| (PathBuf::from(path), was));
    Tree::with(Differences::new(top.to_path_buf(), all, Box::new(Texts)))
}

fn disk(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    for path in files {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "new").unwrap();
    }
    (folder, top)
}

fn names(tree: &Tree, folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = tree
        .entries(folder)
        .unwrap()
        .into_iter()
        .map(|e| format!("{}:{:?}", e.name.to_str().unwrap(), e.kind))
        .collect();
    names.sort();
    names
}

fn text(tree: &Tree, path: &Path) -> String {
    let mut text = String::new();
    tree.open(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn differences_lie_over_the_disk() {
    let (_keep, top) = disk(&["same", "changed", "added", "fresh/deep/x", "mixed/kept", "mixed/added"]);
    let tree = laid(
        &top,
        vec![
            ("changed", file("c")),
            ("added", Was::Gone),
            ("fresh/deep/x", Was::Gone),
            ("mixed/added", Was::Gone),
            ("was/in/y", file("y")),
        ],
    );
    assert_eq!(names(&tree, &top), ["changed:File", "mixed:Folder", "same:File", "was:Folder"]);
    assert_eq!(names(&tree, &top.join("mixed")), ["kept:File"]);
    assert_eq!(names(&tree, &top.join("was/../was/in")), ["y:File"]);
    assert_eq!(text(&tree, &top.join("changed")), "old c");
    assert_eq!(text(&tree, &top.join("same")), "new");
    assert_eq!(tree.look(&top.join("changed")).unwrap().bytes, 5);
    for gone in ["added", "fresh", "fresh/deep", "fresh/deep/x", "was/in/none", "changed/x"] {
        let path = top.join(gone);
        assert!(!tree.exists(&path) && !tree.is_file(&path) && !tree.is_folder(&path), "{gone}");
        assert!(tree.open(&path).is_err() && tree.real(&path).is_err(), "{gone}");
    }
    assert!(tree.is_folder(&top.join("was/in")) && tree.is_file(&top.join("was/in/y")));
    assert_eq!(tree.real(&top.join("was/./in/../in/y")).unwrap(), top.join("was/in/y"));
    // The disk itself has none of it.
    let plain = Tree::default();
    assert!(plain.is_file(&top.join("added")) && !plain.exists(&top.join("was")));
}

#[test]
fn a_file_and_a_folder_may_have_been_the_other() {
    let (_keep, top) = disk(&["now-folder/x", "now-file"]);
    let tree = laid(
        &top,
        vec![
            ("now-folder", file("f")),
            ("now-folder/x", Was::Gone),
            ("now-file", Was::Gone),
            ("now-file/y", file("y")),
        ],
    );
    assert_eq!(names(&tree, &top), ["now-file:Folder", "now-folder:File"]);
    assert_eq!(names(&tree, &top.join("now-file")), ["y:File"]);
    assert!(!tree.exists(&top.join("now-folder/x")));
}

#[cfg(unix)]
#[test]
fn links_are_those_that_were_there() {
    use std::os::unix::fs::symlink;
    let (_keep, top) = disk(&["v1/a", "v2/a", "v2/b"]);
    symlink("v2", top.join("current")).unwrap();
    symlink("current", top.join("kept")).unwrap();
    symlink("loop", top.join("loop")).unwrap();
    let tree = laid(&top, vec![("current", Was::Link("v1".into())), ("v1/old", file("o"))]);
    assert_eq!(tree.read_link(&top.join("current")).unwrap(), Path::new("v1"));
    assert_eq!(names(&tree, &top.join("kept")), ["a:File", "old:File"]);
    assert!(tree.is_file(&top.join("kept/old")) && !tree.exists(&top.join("kept/b")));
    assert_eq!(tree.real(&top.join("kept/a")).unwrap(), top.join("v1/a"));
    assert_eq!(tree.look_at_link(&top.join("current")).unwrap().kind, Kind::Link);
    assert!(tree.look(&top.join("loop")).is_err());
}
