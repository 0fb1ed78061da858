use std::fs;
use std::path::Path;

use dockerignore::{IgnoreFile, Matcher};
use tempfile::TempDir;

use super::*;

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn query(id: usize, sources: &[&str]) -> SourceQuery {
    let sources = sources.iter().map(ToString::to_string).collect();
    SourceQuery { id, sources, reachable: true, ..SourceQuery::default() }
}

/// Files of 1, 2, 4, … bytes, so that a sum tells its summands.
const FILES: [&str; 16] = [
    "package.json",
    "src/a.js",
    "src/b.js",
    "src/deep/c.js",
    "src/deep/d.md",
    "src/node_modules/m/i.js",
    "node_modules/m/i.js",
    "docs/a.md",
    "docs/out.log",
    "lib/src/a.js",
    "lib/x/y/z.js",
    "a.md",
    "b.md",
    "gone/a.js",
    "gone/back/a.js",
    "lib/out.log",
];

fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (power, path) in FILES.iter().enumerate() {
        write(dir.path(), path, &vec![b'x'; 1 << power]);
    }
    write(dir.path(), "src/.env", b"TOKEN=abc");
    write(dir.path(), "docs/id_rsa", b"-----BEGIN PRIVATE KEY-----");
    dir
}

const IGNORE: &str = "gone\n!gone/back\n";

fn views(dir: &TempDir, views: Vec<Vec<SourceQuery>>) -> Views {
    let ignore = IgnoreFile::parse(IGNORE);
    let root = dir.path().to_path_buf();
    let request = ViewsRequest {
        root,
        tree: &crate::tree::DISK,
        ignore: Some(&ignore),
        views,
        detail: Detail::Lint,
        progress: None,
    };
    scan_views(&request).unwrap()
}

#[test]
fn each_dockerfile_gets_its_own_facts() {
    let dir = project();
    let views = views(
        &dir,
        vec![vec![query(3, &["src"])], vec![query(0, &["."])], vec![], vec![query(9, &["docs"])]],
    );
    let [src, all, none, docs] = [0, 1, 2, 3].map(|n| views.view(n));
    assert_eq!(src.sent, Tally { files: 6, bytes: 0b11_1110 + 9 });
    assert_eq!(all.sent, all.kept);
    assert_eq!((none.sent, none.secrets_total, none.per_query.len()), (Tally::default(), 0, 0));
    let sent = |scan: &Scan| -> Vec<(&str, u64)> {
        let mut sent: Vec<_> = scan.notable.iter().map(|n| (n.name, n.sent.bytes)).collect();
        sent.sort_unstable();
        sent
    };
    // What one Dockerfile sends is not said of another.
    assert_eq!(sent(&src), [("*.log", 0), ("node_modules", 1 << 5)]);
    assert_eq!(sent(&all), [("*.log", (1 << 8) + (1 << 15)), ("node_modules", (1 << 5) + (1 << 6))]);
    assert_eq!(sent(&docs), [("*.log", 1 << 8), ("node_modules", 0)]);
    let secrets = |scan: &Scan| -> Vec<(String, Vec<usize>)> {
        scan.secrets.iter().map(|s| (s.path.clone(), s.queries.clone())).collect()
    };
    let (env, key) = ("src/.env".to_owned(), "docs/id_rsa".to_owned());
    assert_eq!(secrets(&src), [(env.clone(), vec![3])]);
    assert_eq!(secrets(&docs), [(key.clone(), vec![9])]);
    assert_eq!(secrets(&all), [(key, vec![0]), (env, vec![0])]);
    assert_eq!(views.view(4).sent, Tally::default());
}

#[test]
fn a_walk_for_many_says_what_a_walk_for_each_says() {
    let dir = project();
    let mut asked: Vec<Vec<SourceQuery>> = Vec::new();
    let sources = [
        "src",
        "./src/",
        "src/deep",
        "package.json",
        "*.md",
        "src/*.js",
        "lib/*",
        "**/*.js",
        "docs",
        ".",
        "gone",
        "gone/back",
        "none",
        "lib/**",
        "s*",
        "src/[ab].js",
        "a\\.md",
        "docs/*.log",
    ];
    for (at, one) in sources.iter().enumerate() {
        asked.push(vec![query(at, &[one])]);
        let other = sources[(at * 7 + 3) % sources.len()];
        asked.push(vec![query(1, &[one, other]), SourceQuery { reachable: false, ..query(2, &[other]) }]);
        let excludes = vec!["*.js".to_owned(), "deep".to_owned()];
        asked.push(vec![SourceQuery { excludes, ..query(4, &[one]) }]);
        asked.push(vec![
            query(5, &["package.json"]),
            SourceQuery { parents: true, ..query(6, &[one, other]) },
        ]);
    }
    let ignore = IgnoreFile::parse(IGNORE);
    let together = views(&dir, asked.clone());
    let matcher = Matcher::new(&ignore);
    for (number, queries) in asked.into_iter().enumerate() {
        let root = dir.path().to_path_buf();
        let reached: Vec<String> =
            queries.iter().filter(|q| q.reachable).flat_map(|q| q.sources.clone()).collect();
        let request = ScanRequest {
            root,
            tree: &crate::tree::DISK,
            ignore: Some(&ignore),
            queries,
            detail: Detail::Lint,
            progress: None,
        };
        let alone = scan(&request).unwrap();
        let view = together.view(number);
        let json = |scan: &Scan| serde_json::to_string(scan).unwrap();
        assert_eq!(json(&view), json(&alone), "{request:?}");
        // BuildKit's client keeps what its matcher hits.
        let followed = IgnoreFile::from_patterns(reached.iter().map(|s| s.trim_start_matches("./")));
        let followed = Matcher::new(&followed);
        let whole = reached.iter().any(|s| s == ".");
        let bytes = (0..)
            .zip(FILES)
            .filter(|(_, path)| !matcher.is_excluded(path) && (whole || followed.is_excluded(path)));
        let bytes: u64 = bytes.map(|(power, _)| 1u64 << power).sum();
        let odd = view.secrets.iter().map(|s| s.bytes).sum::<u64>();
        assert_eq!(view.sent.bytes - odd, bytes, "{reached:?}");
    }
}

#[test]
fn what_many_ask_is_looked_for_once() {
    let dir = project();
    let asked: Vec<Vec<SourceQuery>> =
        (0..500).map(|n| vec![query(n, &["package.json", "src"]), query(n + 1, &["."])]).collect();
    let views = views(&dir, asked);
    assert_eq!(views.members(), (3, 0));
    assert_eq!(views.view(499).per_query[1].id, 500);
    assert_eq!(views.view(7).per_query[0].total.bytes, 0b11_1111 + 9);
}

#[cfg(unix)]
#[test]
fn a_hard_link_weighs_once_in_each_view() {
    let dir = project();
    fs::hard_link(dir.path().join("src/a.js"), dir.path().join("lib/a.js")).unwrap();
    fs::hard_link(dir.path().join("src/a.js"), dir.path().join("docs/a.log")).unwrap();
    fs::hard_link(dir.path().join("src/a.js"), dir.path().join("lib/b.log")).unwrap();
    let asked = [&["src", "lib"][..], &["lib", "docs"], &["docs"], &["src", "lib", "docs", "src/a.js"]];
    let views = views(&dir, asked.iter().map(|s| vec![query(0, s)]).collect());
    let (src, lib, docs) = (0b11_1110 + 9, (1 << 9) + (1 << 10) + (1 << 15), (1 << 7) + (1 << 8) + 27);
    let sums = [src + lib, lib + docs + 2, docs + 2, src + lib + docs];
    for (number, sum) in sums.into_iter().enumerate() {
        let scan = views.view(number);
        assert_eq!((scan.sent.bytes, scan.per_query[0].total.bytes), (sum, sum), "{number}");
    }
    let logs = |n: usize| views.view(n).notable.iter().find(|n| n.name == "*.log").unwrap().sent;
    assert_eq!(logs(1), Tally { files: 4, bytes: (1 << 8) + (1 << 15) + 2 });
    assert_eq!(logs(2), Tally { files: 2, bytes: (1 << 8) + 2 });
    let largest: Vec<String> = views.view(3).per_query[0].largest.iter().map(|f| f.path.clone()).collect();
    assert_eq!(largest.len(), 5);
}
