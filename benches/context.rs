//! How a scan of the build context compares with a bare parallel walk, over 100,000 files.

#![allow(clippy::expect_used, reason = "a benchmark that cannot set up its tree has nothing to measure")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use dlint::internals::context::{Detail, ScanRequest, SourceQuery, scan};
use dockerignore::IgnoreFile;
use rayon::Scope;

/// 100 packages of 10 folders of 100 files; a tenth lies in `node_modules` and in `.git` each.
static TREE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let tree = tempfile::tempdir().expect("a temporary folder");
    for package in 0..100 {
        let top = match package % 10 {
            0 => format!("node_modules/p{package}"),
            1 => format!(".git/objects/{package:02x}"),
            _ => format!("src/pkg{package}"),
        };
        for folder in 0..10 {
            let folder = tree.path().join(&top).join(format!("lib{folder}"));
            fs::create_dir_all(&folder).expect("a folder");
            for file in 0..100 {
                let end = ["js", "ts", "css", "json", "md"][file % 5];
                fs::write(folder.join(format!("module-{file}.{end}")), b"text").expect("a file");
            }
        }
    }
    tree
});

const PATTERNS: &str = "**/*.log\n**/*.md\n.idea\n**/.DS_Store\nbuild/\ndist\n**/__pycache__\n*.pyc\n**/*.py[cod]\n\
    coverage\n**/tmp*\ndocs/**/*.pdf\nsrc/*/test\n**/*.swp\n.env*\n!.env.example\n**/Thumbs.db\ntarget\n\
    src/pkg7?/lib1/*.css\n!src/pkg72/**\n";

fn bare(folder: PathBuf, bytes: &AtomicU64) {
    fn visit<'s>(folder: PathBuf, bytes: &'s AtomicU64, scope: &Scope<'s>) {
        let mut sum = 0;
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                let path = entry.path();
                scope.spawn(move |scope| visit(path, bytes, scope));
            } else if let Ok(metadata) = entry.metadata() {
                sum += metadata.len();
            }
        }
        bytes.fetch_add(sum, Ordering::Relaxed);
    }
    rayon::scope(|scope| visit(folder, bytes, scope));
}

fn run(ignore: &str, sources: &[&str], detail: Detail) -> u64 {
    let ignore = IgnoreFile::parse(ignore);
    let query = SourceQuery {
        sources: sources.iter().map(ToString::to_string).collect(),
        reachable: true,
        ..SourceQuery::default()
    };
    let request = ScanRequest {
        root: Path::to_path_buf(TREE.path()),
        tree: &dlint::internals::tree::DISK,
        ignore: Some(&ignore),
        queries: vec![query],
        detail,
        progress: None,
    };
    scan(&request).expect("a scan").total.files
}

#[divan::bench]
fn bare_walk() -> u64 {
    let bytes = AtomicU64::new(0);
    bare(TREE.path().to_path_buf(), &bytes);
    bytes.into_inner()
}

#[divan::bench]
fn scan_everything() -> u64 {
    run("", &["."], Detail::Full)
}

#[divan::bench]
fn scan_with_20_patterns() -> u64 {
    run(PATTERNS, &["."], Detail::Full)
}

#[divan::bench]
fn scan_with_20_patterns_and_sources() -> u64 {
    run(PATTERNS, &["package.json", "src/pkg3/lib1", "src/*/lib2/*.js", "docs"], Detail::Full)
}

#[divan::bench]
fn scan_with_pruned_trees() -> u64 {
    run("node_modules\n.git\nsrc/pkg5*\n", &["."], Detail::Lint)
}

#[divan::bench]
fn match_100_000_patterns() -> u64 {
    use std::fmt::Write;
    static MANY: LazyLock<String> = LazyLock::new(|| {
        (0..100_000).fold(String::new(), |mut text, n| {
            let _ = writeln!(text, "{}dir{n}/file{n}.x{n}", if n % 3 == 0 { "**/*" } else { "" });
            text
        })
    });
    run(&MANY, &["."], Detail::Full)
}

fn main() {
    divan::main();
}
