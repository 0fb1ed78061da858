//! Rooms know only the rooms below them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. A room may always use itself.
const ALLOWED: [(&str, &[&str]); 16] = [
    ("text", &[]),
    ("syntax", &["text"]),
    ("shell", &["text"]),
    ("diag", &["text"]),
    ("image", &[]),
    ("context", &["text"]),
    ("semantic", &["context", "shell", "syntax", "text"]),
    ("report", &["diag", "text"]),
    ("rules", &["context", "diag", "semantic", "shell", "size", "syntax", "text"]),
    ("cache", &["context", "semantic", "syntax"]),
    ("size", &["context", "image", "semantic", "shell", "syntax", "text"]),
    ("rewrite", &["context", "semantic", "shell", "size", "syntax", "text"]),
    ("shellcheck", &["diag", "semantic", "shell", "syntax", "text"]),
    ("config", &["diag", "rules", "shellcheck", "size", "syntax", "text"]),
    ("engine", &["config", "context", "diag", "rules", "semantic", "shellcheck", "size", "syntax", "text"]),
    (
        "cli",
        &[
            "cache",
            "config",
            "context",
            "diag",
            "engine",
            "image",
            "report",
            "rewrite",
            "rules",
            "semantic",
            "shellcheck",
            "size",
            "syntax",
            "text",
        ],
    ),
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The rooms named by `crate::ROOM` in product code.
fn used(text: &str) -> BTreeSet<String> {
    // Test code stands last in its file.
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let code: String =
        product.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    code.match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with('$'))
        .map(|(at, _)| {
            code[at + 7..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned()
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn rooms_know_only_lower_rooms() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&src).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let room = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let (_, allowed) =
            ALLOWED.iter().find(|(r, _)| *r == room).unwrap_or_else(|| panic!("a new room: {room}"));
        let mut paths = Vec::new();
        files(&folder, &mut paths);
        for path in paths {
            let is_test = path.file_stem().is_some_and(|s| s.to_str().unwrap().contains("test"))
                || path.components().any(|c| c.as_os_str() == "tests")
                || path.file_name().is_some_and(|n| n == "generate.rs");
            if is_test {
                continue;
            }
            for other in used(&fs::read_to_string(&path).unwrap()) {
                if other != room && !allowed.contains(&other.as_str()) {
                    wrong.push(format!("{} uses crate::{other}", path.strip_prefix(&src).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
