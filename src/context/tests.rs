use std::fs;
use std::path::Path;

use dockerignore::{IgnoreFile, Matcher};
use tempfile::TempDir;

use super::model::{LargeFile, WarningKind};
use super::secrets::{Proof, Suspicion, confirms, suspect};
use super::*;

/// A tree of files, each with as many bytes as said.
fn tree(files: &[(&str, usize)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        write(dir.path(), path, &vec![b'x'; *bytes]);
    }
    dir
}

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn query(sources: &[&str]) -> SourceQuery {
    SourceQuery {
        id: 7,
        sources: sources.iter().map(ToString::to_string).collect(),
        reachable: true,
        ..SourceQuery::default()
    }
}

fn run(dir: &TempDir, ignore: &str, queries: Vec<SourceQuery>, detail: Detail) -> Scan {
    let ignore = IgnoreFile::parse(ignore);
    let root = dir.path().to_path_buf();
    scan(&ScanRequest {
        root,
        tree: &crate::tree::DISK,
        ignore: Some(&ignore),
        queries,
        detail,
        progress: None,
    })
    .unwrap()
}

fn tally(files: u64, bytes: u64) -> Tally {
    Tally { files, bytes }
}

#[test]
fn sums_patterns_and_tops() {
    let dir = tree(&[("a/1", 10), ("a/2", 20), ("b/x.log", 5), ("keep.log", 3), ("c", 7)]);
    let full = run(&dir, "a\n**/*.log\n!keep.log\nnone\n", vec![query(&["."])], Detail::Full);
    assert_eq!((full.total, full.kept, full.sent), (tally(5, 45), tally(2, 10), tally(2, 10)));
    let hits: Vec<_> = full.per_pattern.iter().map(|p| (p.hits, p.matched, p.skipped)).collect();
    assert_eq!(
        hits,
        [
            (tally(2, 30), true, false),
            (tally(1, 5), true, false),
            (tally(1, 3), true, false),
            (tally(0, 0), false, false),
        ]
    );
    let tops: Vec<_> = full.per_top.iter().map(|t| (t.name.as_str(), t.folder, t.kept, t.excluded)).collect();
    assert_eq!(
        tops,
        [
            ("a", true, tally(0, 0), tally(2, 30)),
            ("c", false, tally(1, 7), tally(0, 0)),
            ("b", true, tally(0, 0), tally(1, 5)),
            ("keep.log", false, tally(1, 3), tally(0, 0)),
        ]
    );
    assert_eq!(full.largest[0], LargeFile { path: "c".to_owned(), bytes: 7 });

    let lint = run(&dir, "a\n**/*.log\n!keep.log\nnone\n", vec![], Detail::Lint);
    assert_eq!((lint.kept, lint.sent), (tally(2, 10), tally(0, 0)));
    // A `!` with no wildcard lets `a` be skipped, so its sizes stay unknown.
    assert_eq!((lint.total, lint.skipped_folders), (tally(3, 15), 1));
    assert_eq!(lint.per_pattern[0], PatternUse { matched: true, skipped: true, ..PatternUse::default() });
    assert!(lint.per_top.iter().any(|t| t.name == "a" && t.skipped));
}

#[test]
fn sent_is_what_the_dockerfile_names() {
    let dir = tree(&[("pkg.json", 8), ("src/a.js", 100), ("src/b/c.js", 50), ("doc/x", 1000)]);
    let sent = |sources: &[&str]| run(&dir, "", vec![query(sources)], Detail::Lint).sent;
    assert_eq!(run(&dir, "", vec![], Detail::Lint).sent, tally(0, 0));
    assert_eq!(sent(&["pkg.json"]), tally(1, 8));
    assert_eq!(sent(&["/pkg.json", "./src/b/"]), tally(2, 58));
    assert_eq!(sent(&["src/*.js"]), tally(1, 100));
    assert_eq!(sent(&["s*"]), tally(2, 150));
    assert_eq!(sent(&["../../src"]), tally(2, 150));
    for whole in [".", "/", "./", "..", "a/.."] {
        assert_eq!(sent(&[whole]), tally(4, 1158), "{whole}");
    }
    let unreached = SourceQuery { reachable: false, ..query(&["."]) };
    let scan = run(&dir, "", vec![unreached], Detail::Lint);
    assert_eq!((scan.sent, scan.per_query[0].total), (tally(0, 0), tally(4, 1158)));
}

#[test]
fn sources_are_found_excluded_or_missing() {
    let dir = tree(&[("a/1.txt", 1), ("a/2.md", 2), ("b/x/1.txt", 4), ("b/y/1.txt", 8), ("z.txt", 16)]);
    fs::create_dir(dir.path().join("empty")).unwrap();
    let status = |ignore: &str, source: &str, detail| {
        let scan = run(&dir, ignore, vec![query(&[source])], detail);
        let result = scan.per_query[0].sources[0].clone();
        (result.status, result.total)
    };
    use SourceStatus::{Excluded, Found, Missing};
    let none = tally(0, 0);
    for detail in [Detail::Lint, Detail::Full] {
        for (ignore, source, expected) in [
            ("", "a", (Found, tally(2, 3))),
            ("", "a/1.txt", (Found, tally(1, 1))),
            ("", "empty", (Found, none)),
            ("", "A", (Missing, none)),
            ("", "a/1.txt/x", (Missing, none)),
            ("", "b/*/1.txt", (Found, tally(2, 12))),
            ("", "b/?", (Found, tally(2, 12))),
            ("", "b/[^x]", (Found, tally(1, 8))),
            ("", "*.txt", (Found, tally(1, 16))),
            ("", "*", (Found, tally(5, 31))),
            ("", "*.rs", (Missing, none)),
            ("q\na", "a", (Excluded { by: Some(1) }, none)),
            ("a", "a/1.txt", (Excluded { by: Some(0) }, none)),
            ("a", "a/no.txt", (Missing, none)),
            ("a\n!a/2.md", "a", (Found, tally(1, 2))),
            ("a/*", "a", (Found, none)),
            ("a", "a/*.txt", (Excluded { by: Some(0) }, none)),
            ("**/*.txt", "*.txt", (Excluded { by: Some(0) }, none)),
            ("b/x", "b/*", (Found, tally(1, 8))),
            ("*", "z.txt", (Excluded { by: Some(0) }, none)),
        ] {
            assert_eq!(status(ignore, source, detail), expected, "{ignore:?} {source:?} {detail:?}");
        }
    }
}

#[test]
fn a_query_counts_a_file_once() {
    let dir = tree(&[("a/1.txt", 1), ("a/2.md", 2)]);
    let scan = run(&dir, "", vec![query(&["a", "a/*.txt", "."])], Detail::Lint);
    let result = &scan.per_query[0];
    assert_eq!((result.id, result.total), (7, tally(2, 3)));
    let each: Vec<_> = result.sources.iter().map(|s| s.total).collect();
    assert_eq!(each, [tally(2, 3), tally(1, 1), tally(2, 3)]);
    assert_eq!(result.largest[0].path, "a/2.md");
}

#[test]
fn excludes_are_relative_to_the_source() {
    let dir = tree(&[("s/a.md", 1), ("s/b.txt", 2), ("s/d/a.md", 4), ("s/d/b.txt", 8), ("top.md", 16)]);
    let total = |sources: &[&str], excludes: &[&str]| {
        let excludes = excludes.iter().map(ToString::to_string).collect();
        run(&dir, "", vec![SourceQuery { excludes, ..query(sources) }], Detail::Lint).per_query[0].total
    };
    assert_eq!(total(&["s"], &["*.md"]), tally(3, 14));
    assert_eq!(total(&["s"], &["**/*.md"]), tally(2, 10));
    assert_eq!(total(&["s"], &["s/a.md"]), tally(4, 15));
    assert_eq!(total(&["s"], &["d"]), tally(2, 3));
    assert_eq!(total(&["s"], &["d", "!d/a.md"]), tally(3, 7));
    assert_eq!(total(&["."], &["s/d", "*.md"]), tally(2, 3));
    assert_eq!(total(&["*.md", "s/*"], &["*.md"]), tally(2, 10));
}

#[test]
fn parents_reach_any_depth() {
    let dir = tree(&[("a/p.json", 1), ("a/b/p.json", 2), ("a/b/q", 4), ("p.json", 8)]);
    let ask = |source: &str, ignore: &str| {
        let parents = SourceQuery { parents: true, ..query(&[source]) };
        let scan = run(&dir, ignore, vec![parents], Detail::Lint);
        (scan.per_query[0].sources[0].status, scan.per_query[0].total, scan.sent)
    };
    let found = |files, bytes| (SourceStatus::Found, tally(files, bytes), tally(files, bytes));
    assert_eq!(ask("**/p.json", ""), found(3, 11));
    assert_eq!(ask("a/./**/p.json", ""), found(2, 3));
    assert_eq!(ask("a/*/q", ""), found(1, 4));
    assert_eq!(ask("a/b", ""), found(2, 6));
    assert_eq!(ask("**/none", ""), (SourceStatus::Missing, tally(0, 0), tally(0, 0)));
    assert_eq!(ask("a/b/q", "**/q").0, SourceStatus::Excluded { by: Some(0) });
}

#[test]
fn what_no_image_needs_is_named() {
    let dir = tree(&[
        (".git/HEAD", 100),
        ("web/node_modules/m/i.js", 50),
        ("node_modules/m/node_modules/n/i.js", 30),
        ("target/debug/x", 20),
        ("rust/target/y", 10),
        ("rust/Cargo.toml", 1),
        ("log/a.log", 5),
        ("ui/.next/cache/z", 3),
        ("ui/.next/static/z", 3),
    ]);
    let scan = run(&dir, "", vec![query(&["web"])], Detail::Lint);
    let seen: Vec<_> = scan
        .notable
        .iter()
        .map(|n| (n.line.as_str(), n.places, n.example.as_str(), n.kept, n.sent.bytes))
        .collect();
    assert_eq!(
        seen,
        [
            (".git", 1, ".git", tally(1, 100), 0),
            ("**/node_modules", 2, "node_modules", tally(2, 80), 50),
            ("**/target", 1, "rust/target", tally(1, 10), 0),
            ("**/*.log", 1, "log/a.log", tally(1, 5), 0),
            ("**/.next/cache", 1, "ui/.next/cache", tally(1, 3), 0),
        ]
    );
    let lines: Vec<_> = suggestions(&scan).into_iter().map(|s| (s.line, s.saves.bytes)).collect();
    assert_eq!(lines[0], (".git".to_owned(), 100));
    let all: String = suggestions(&scan).into_iter().map(|s| s.line + "\n").collect();
    assert!(suggestions(&run(&dir, &all, vec![], Detail::Full)).is_empty());
}

#[test]
fn secrets_are_found_among_what_is_sent() {
    let dir = tree(&[("app/.env.example", 5), ("app/server.key", 9), ("key.pem", 3), ("kept/db.kdbx", 4)]);
    write(dir.path(), "app/.env", b"# c\nA=\nTOKEN=abc\n");
    write(
        dir.path(),
        "app/.env.local",
        b"# nothing\nA=\nDB_CONNECTION=sqlite\nAPP_KEY=\nPASSWORD=changeme\n",
    );
    write(dir.path(), "app/.env.url", b"DATABASE_URL=postgres://me:s3cr3t@db:5432/x\n");
    write(dir.path(), "app/.env.open", b"DATABASE_URL=postgres://db:5432/x\nTOKEN=$TOKEN\nPUBLIC_KEY=abc\n");
    write(dir.path(), "app/id_rsa", b"-----BEGIN OPENSSH PRIVATE KEY-----\n");
    write(dir.path(), "app/.npmrc", b"//registry/:_authToken=x\n");
    write(dir.path(), "gone/.netrc", b"machine h login l password p");
    let scan = run(&dir, "gone", vec![query(&["app"])], Detail::Full);
    let seen: Vec<_> = scan.secrets.iter().map(|s| (s.path.as_str(), s.kind, s.queries.as_slice())).collect();
    assert_eq!(
        seen,
        [
            ("app/.env", SecretKind::Environment, &[7][..]),
            ("app/.env.url", SecretKind::Environment, &[7]),
            ("app/.npmrc", SecretKind::RegistryLogin, &[7]),
            ("app/id_rsa", SecretKind::PrivateKey, &[7]),
        ]
    );
    assert_eq!(scan.secrets_total, 4);
    let whole = run(&dir, "gone", vec![query(&["."])], Detail::Lint);
    assert!(whole.secrets.iter().any(|s| s.path == "kept/db.kdbx" && s.kind == SecretKind::KeyStore));
}

#[test]
fn names_that_look_like_secrets() {
    let of = |path: &str| suspect(path.as_bytes());
    for path in [
        ".env.sample",
        ".env.dist",
        ".environment",
        "a.json",
        "x/config.json",
        "config",
        ".env.prod.template",
    ] {
        assert_eq!(of(path), None, "{path}");
    }
    assert_eq!(
        of("home/.aws/credentials"),
        Some(Suspicion::Maybe(SecretKind::CloudCredentials, Proof::AwsKey))
    );
    assert_eq!(
        of(".docker/config.json"),
        Some(Suspicion::Maybe(SecretKind::RegistryLogin, Proof::DockerAuths))
    );
    assert_eq!(
        of("my-service-account.json"),
        Some(Suspicion::Maybe(SecretKind::CloudCredentials, Proof::ServiceAccount))
    );
    assert!(of("x.docker/config.json").is_none());
    assert!(confirms(Proof::DockerAuths, b"{\"auths\":{\"r\":{\"auth\":\"eA==\"}}}"));
    assert!(!confirms(Proof::DockerAuths, b"{\"credsStore\":\"desktop\"}"));
    assert!(!confirms(Proof::PrivateKey, b"-----BEGIN CERTIFICATE-----"));
}

#[test]
fn results_are_data() {
    let dir = tree(&[("a", 1)]);
    let scan = run(&dir, "b", vec![query(&["b", "a"])], Detail::Full);
    let json = serde_json::to_value(&scan).unwrap();
    assert_eq!(json["kept"], serde_json::json!({"files": 1, "bytes": 1}));
    assert_eq!(json["per_query"][0]["sources"][0]["status"], "missing");
    assert!(scan_error());
}

fn scan_error() -> bool {
    let root = Path::new("/nonexistent/folder").to_path_buf();
    scan(&ScanRequest {
        root,
        tree: &crate::tree::DISK,
        ignore: None,
        queries: vec![],
        detail: Detail::Lint,
        progress: None,
    })
    .is_err()
}

#[test]
fn progress_counts_along() {
    let dir = tree(&[("a/b", 3), ("c", 4)]);
    let progress = Progress::default();
    let root = dir.path().to_path_buf();
    let request = ScanRequest {
        root,
        tree: &crate::tree::DISK,
        ignore: None,
        queries: vec![],
        detail: Detail::Lint,
        progress: Some(&progress),
    };
    scan(&request).unwrap();
    assert_eq!((progress.files(), progress.bytes()), (2, 7));
}

#[test]
fn pruning_changes_no_verdict() {
    let names = ["a", "b", "c.x", "d.x"];
    let dir = tempfile::tempdir().unwrap();
    for one in names {
        for two in names {
            for three in names {
                write(dir.path(), &format!("{one}1/{two}2/{three}"), b"12345");
            }
        }
    }
    for ignore in
        ["a1", "*1\n!b1", "*1\n!b1/a2/**", "**/*.x", "*\n!**/a", "a1\n!a1/b2\na1/b2/a", "**/a2\n!c.x1", ""]
    {
        let lint = run(&dir, ignore, vec![query(&["a1", "*1/b2"])], Detail::Lint);
        let full = run(&dir, ignore, vec![query(&["a1", "*1/b2"])], Detail::Full);
        assert_eq!((lint.kept, lint.sent), (full.kept, full.sent), "{ignore:?}");
        assert_eq!(lint.per_query, full.per_query, "{ignore:?}");
        assert_eq!(full.total, tally(64, 320));
        let matched = |scan: &Scan| scan.per_pattern.iter().map(|p| p.matched).collect::<Vec<_>>();
        assert_eq!(matched(&lint), matched(&full), "{ignore:?}");
        let file = IgnoreFile::parse(ignore);
        let matcher = Matcher::new(&file);
        let mut kept = 0;
        for one in names {
            for two in names {
                for three in names {
                    kept += u64::from(!matcher.is_excluded(&format!("{one}1/{two}2/{three}")));
                }
            }
        }
        assert_eq!(full.kept.files, kept, "{ignore:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_weigh_nothing_and_are_followed_only_when_named() {
        let dir = tree(&[("real/f", 10), ("real/g", 5), ("other", 100)]);
        let root = dir.path();
        symlink("real", root.join("link")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("/real/f", root.join("absolute")).unwrap();
        symlink("../../outside", root.join("escape")).unwrap();
        let all = run(&dir, "", vec![query(&["."])], Detail::Full);
        assert_eq!((all.total, all.sent), (tally(7, 115), tally(7, 115)));
        let ask = |source: &str| {
            let scan = run(&dir, "", vec![query(&[source])], Detail::Lint);
            (scan.per_query[0].sources[0].status, scan.per_query[0].total, scan.sent)
        };
        // The link itself is sent as well.
        assert_eq!(ask("link"), (SourceStatus::Found, tally(2, 15), tally(3, 15)));
        assert_eq!(ask("link/f"), (SourceStatus::Found, tally(1, 10), tally(2, 10)));
        assert_eq!(ask("absolute").1, tally(1, 10));
        assert_eq!(ask("escape").0, SourceStatus::Missing);
        assert_eq!(ask("loop").1, tally(1, 0));
        assert_eq!(ask("lin*").2, tally(3, 15));
    }

    #[test]
    fn a_hard_link_weighs_once() {
        let dir = tree(&[("a/f", 10), ("b/x", 1)]);
        fs::hard_link(dir.path().join("a/f"), dir.path().join("b/f")).unwrap();
        fs::hard_link(dir.path().join("a/f"), dir.path().join("c")).unwrap();
        let scan = run(&dir, "a", vec![query(&["."])], Detail::Full);
        assert_eq!((scan.total, scan.kept, scan.sent), (tally(4, 11), tally(3, 11), tally(3, 11)));
        assert_eq!(scan.per_pattern[0].hits, tally(1, 10));
        let largest: Vec<_> = scan.largest.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(largest, ["b/f", "b/x"]);
    }

    #[test]
    fn names_are_bytes() {
        let dir = tree(&[("ok", 1)]);
        fs::write(dir.path().join(OsStr::from_bytes(b"b\xffd")), b"12").unwrap();
        fs::write(dir.path().join("n".repeat(255)), b"123").unwrap();
        let scan = run(&dir, "b?d", vec![], Detail::Full);
        assert_eq!((scan.kept, scan.per_pattern[0].hits), (tally(2, 4), tally(1, 2)));
        assert_eq!(scan.warnings.len(), 1);
        assert_eq!(
            (scan.warnings[0].path.as_str(), scan.warnings[0].kind),
            ("b\u{fffd}d", WarningKind::NotUtf8)
        );
    }

    #[test]
    fn pipes_are_counted_and_never_opened() {
        let dir = tree(&[("a", 1)]);
        // Every Unix has this program.
        let made = std::process::Command::new("mkfifo").arg(dir.path().join(".env")).status();
        assert!(made.unwrap().success());
        let scan = run(&dir, "", vec![query(&["."])], Detail::Full);
        assert_eq!((scan.sent, scan.secrets_total), (tally(2, 1), 0));
    }

    #[test]
    fn unreadable_folders_are_warned_about() {
        let dir = tree(&[("a/locked/f", 1), ("b", 2)]);
        let locked = dir.path().join("a/locked");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        let readable = fs::read_dir(&locked).is_ok();
        let scan = run(&dir, "", vec![], Detail::Full);
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
        let warnings: Vec<_> = scan.warnings.iter().map(|w| (w.path.as_str(), w.kind)).collect();
        if readable {
            // Root may read everything.
            assert_eq!((scan.total, warnings), (tally(2, 3), vec![]));
        } else {
            assert_eq!((scan.total, warnings), (tally(1, 2), vec![("a/locked", WarningKind::Unreadable)]));
        }
    }

    #[test]
    fn a_path_that_is_too_long_is_a_warning() {
        // Built from the inside out, so that no path used here is long.
        let dir = tempfile::tempdir().unwrap();
        let (inner, outer) = (dir.path().join("inner"), dir.path().join("outer"));
        let name = "d".repeat(100);
        fs::create_dir(&inner).unwrap();
        for _ in 0..60 {
            fs::create_dir(&outer).unwrap();
            fs::rename(&inner, outer.join(&name)).unwrap();
            fs::rename(&outer, &inner).unwrap();
        }
        let scan = run(&dir, "", vec![], Detail::Full);
        assert_eq!(scan.warnings_total, 1);
        assert!(scan.warnings[0].path.starts_with("inner/ddd"));
        for _ in 0..60 {
            fs::rename(inner.join(&name), &outer).unwrap();
            fs::remove_dir(&inner).unwrap();
            fs::rename(&outer, &inner).unwrap();
        }
    }

    #[test]
    fn deep_trees_need_no_stack() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d/".repeat(1900));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("f"), b"1").unwrap();
        assert_eq!(run(&dir, "**/x\n!**/d", vec![query(&["d"])], Detail::Full).sent, tally(1, 1));
    }
}
