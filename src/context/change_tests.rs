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
    let request = ScanRequest { root, ignore: Some(&ignore), queries, detail: Detail::Lint, progress: None };
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
