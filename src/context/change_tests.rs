use std::fs;

use dockerignore::IgnoreFile;
use tempfile::TempDir;

use super::*;

fn tree(files: &[(&str, usize)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![b'x'; *bytes]).unwrap();
    }
    dir
}

fn query(sources: &[&str]) -> SourceQuery {
    let sources = sources.iter().map(ToString::to_string).collect();
    SourceQuery { sources, reachable: true, ..SourceQuery::default() }
}

fn changes(dir: &TempDir, ignore: &str, queries: Vec<SourceQuery>, change: &ChangeQuery) -> Vec<Change> {
    let ignore = IgnoreFile::parse(ignore);
    let root = dir.path().to_path_buf();
    let request = ScanRequest {
        root,
        tree: &crate::tree::DISK,
        ignore: Some(&ignore),
        queries,
        detail: Detail::Lint,
        progress: None,
    };
    scan_changes(&request, change).unwrap().1
}

fn paths(paths: &[&str]) -> ChangeQuery {
    ChangeQuery { paths: paths.iter().map(ToString::to_string).collect(), excludes: Vec::new() }
}

/// Which queries take something of each path.
fn takers(changes: &[Change]) -> Vec<Vec<usize>> {
    changes.iter().map(|c| c.taken.iter().map(|t| t.query).collect()).collect()
}

#[test]
fn files_and_folders_that_are_there() {
    let dir = tree(&[("a/1.js", 1), ("a/2.js", 20), ("a/b/3.md", 300), ("z.js", 4000), ("docs/x", 9)]);
    let excluding = SourceQuery { excludes: vec!["**/*.md".to_owned()], ..query(&["a"]) };
    let parents = SourceQuery { parents: true, ..query(&["**/*.md"]) };
    let queries = vec![query(&["."]), query(&["z.js", "a/*.js"]), excluding, parents];
    let change = paths(&["a", "a/b", "./z.js", "docs", "a/*.js", "a/b/3.md"]);
    let found = changes(&dir, "docs", queries, &change);
    assert_eq!(takers(&found), [vec![0, 1, 2, 3], vec![0, 3], vec![0, 1], vec![], vec![0, 1, 2], vec![0, 3]]);
    let first = &found[0].taken;
    assert_eq!((first[0].files, first[1].source), (Tally { files: 3, bytes: 321 }, 1));
    assert_eq!(
        (first[1].files, first[1].largest.as_deref()),
        (Tally { files: 2, bytes: 21 }, Some("a/2.js"))
    );
    assert_eq!(found[3].status, SourceStatus::Excluded { by: Some(0) });
    // A changed path is no pattern, so this one is a deleted file.
    assert_eq!((found[4].status, found[4].taken[0].files), (SourceStatus::Missing, Tally::default()));
}

#[test]
fn all_but_some() {
    let dir = tree(&[("package.json", 1), ("web/package.json", 2), ("web/app.js", 30)]);
    let excludes = vec!["**/package.json".to_owned()];
    let change = ChangeQuery { paths: vec![".".to_owned()], excludes };
    let queries = vec![query(&["."]), query(&["package.json", "web/package*.json"]), query(&["web"])];
    let found = changes(&dir, "", queries, &change);
    assert_eq!(takers(&found), [vec![0, 2]]);
    assert_eq!(found[0].taken[0].files, Tally { files: 1, bytes: 30 });
}

#[test]
fn what_was_deleted_is_matched_by_name() {
    let dir = tree(&[("keep", 1)]);
    let excluding = SourceQuery { excludes: vec!["*.md".to_owned()], ..query(&["src"]) };
    let parents = SourceQuery { parents: true, ..query(&["src/./**/*.js"]) };
    let queries = vec![query(&["."]), query(&["src/*.js"]), excluding, parents, query(&["src/lib/util.js"])];
    let change = paths(&["src/a.js", "src/a.md", "src/lib/util.js", "src/lib", "src/", "log/x", "other"]);
    let found = changes(&dir, "log", queries, &change);
    assert_eq!(
        takers(&found),
        [vec![0, 1, 2, 3], vec![0], vec![0, 2, 3, 4], vec![0, 2, 4], vec![0, 1, 2, 3, 4], vec![], vec![0],]
    );
    assert_eq!(found[0].status, SourceStatus::Missing);
    assert_eq!(found[5].status, SourceStatus::Excluded { by: Some(0) });
}

#[cfg(unix)]
#[test]
fn links_change_themselves_and_what_they_lead_to() {
    let dir = tree(&[("v2/app.js", 5), ("v1/app.js", 6)]);
    std::os::unix::fs::symlink("v2", dir.path().join("current")).unwrap();
    let queries = vec![query(&["current"]), query(&["current/app.js"]), query(&["v1"])];
    let found = changes(&dir, "", queries, &paths(&["v2/app.js", "current", "current/app.js", "v1/app.js"]));
    assert_eq!(takers(&found), [vec![0, 1], vec![0, 1], vec![0, 1], vec![2]]);
}

#[cfg(unix)]
#[test]
fn a_link_that_is_pointed_elsewhere_changes_what_follows_it() {
    let dir = tree(&[("one/a.js", 5), ("two/a.js", 6), ("x.js", 1)]);
    for (name, target) in [("current", "latest"), ("latest", "one"), ("l.js", "x.js")] {
        std::os::unix::fs::symlink(target, dir.path().join(name)).unwrap();
    }
    // One follows the links, and one takes them as they are.
    let queries = vec![query(&["current/a.js"]), query(&["."]), query(&["l*.js"]), query(&["two"])];
    let change = paths(&["latest", "current", "one/a.js", "one/gone.js", "two/a.js", "x.js", "l.js"]);
    let found = changes(&dir, "", queries, &change);
    assert_eq!(
        takers(&found),
        [vec![0, 1], vec![0, 1], vec![0, 1], vec![1], vec![1, 3], vec![1, 2], vec![1, 2]]
    );
}

#[test]
fn an_empty_folder_is_content_of_the_folder_that_it_is_in() {
    let dir = tree(&[("a/1.js", 1), ("out", 1)]);
    fs::create_dir_all(dir.path().join("a/empty/in")).unwrap();
    let excluding = SourceQuery { excludes: vec!["empty".to_owned()], ..query(&["a"]) };
    let queries = vec![query(&["a"]), query(&["a/*.js"]), query(&["."]), query(&["a/*"]), excluding];
    let found = changes(&dir, "out", queries, &paths(&["a/empty", "a/empty/in/", "out"]));
    assert_eq!(takers(&found), [vec![0, 2, 3], vec![0, 2, 3], vec![]]);
}

#[test]
fn another_ignore_file_lets_in_and_leaves_out() {
    let dir = tree(&[("a/1.js", 1), ("a/2.md", 1), ("b/c/3.js", 1), ("m/x", 1), ("m/y", 1), ("z", 1)]);
    let flips = |old: &str, new: &str| -> Vec<String> {
        let flips = flips(dir.path(), &IgnoreFile::parse(old), &IgnoreFile::parse(new)).unwrap();
        flips.into_iter().map(|f| format!("{}{}", if f.kept { '+' } else { '-' }, f.path)).collect()
    };
    assert_eq!(flips("", "**/*.md\n"), ["-a/2.md"]);
    assert_eq!(flips("m\n", "**/m\n# the same\n"), [""; 0]);
    // A folder stands for all in it.
    assert_eq!(flips("", "m\n"), ["-m"]);
    assert_eq!(flips("m\n", ""), ["+m"]);
    assert_eq!(flips("", "m/*\n"), ["-m/x", "-m/y"]);
    assert_eq!(flips("*\n!a\n", "*\n!a\n!m/x\n"), ["+m/x"]);
    assert_eq!(flips("*\n!a\n", "*\n!none\n"), ["-a"]);
}
