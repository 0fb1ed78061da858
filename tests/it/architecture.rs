//! Rooms know only the rooms below them, files of a room form no circles, and no file is long.

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use modules::Modules;

/// Who may use whom. A room may always use itself.
const ALLOWED: [(&str, &[&str]); 27] = [
    ("text", &[]),
    ("tree", &[]),
    ("git", &["tree"]),
    ("lock", &["text"]),
    ("knowledge", &["text"]),
    ("syntax", &["text"]),
    ("shell", &["knowledge", "text"]),
    ("diag", &["text"]),
    ("image", &[]),
    // Only what asks for the network by its name may use it.
    ("registry", &["image", "syntax"]),
    ("context", &["text", "tree"]),
    ("semantic", &["context", "knowledge", "shell", "syntax", "text"]),
    ("report", &["diag", "text"]),
    ("screen", &["diag", "image", "report"]),
    ("baseline", &["diag", "text"]),
    ("rules", &["context", "diag", "knowledge", "semantic", "shell", "size", "syntax", "text"]),
    ("cache", &["context", "semantic", "syntax"]),
    ("size", &["context", "image", "knowledge", "lock", "semantic", "shell", "syntax", "text"]),
    ("rewrite", &["context", "diag", "knowledge", "semantic", "shell", "size", "syntax", "text"]),
    ("shellcheck", &["diag", "knowledge", "semantic", "shell", "syntax", "text"]),
    ("config", &["diag", "knowledge", "rules", "semantic", "shellcheck", "size", "syntax", "text", "tree"]),
    ("workspace", &["config", "diag", "lock", "rules", "semantic", "syntax", "text", "tree"]),
    ("entries", &["diag", "semantic", "syntax", "text", "workspace"]),
    (
        "engine",
        &[
            "baseline",
            "cache",
            "config",
            "context",
            "diag",
            "entries",
            "image",
            "knowledge",
            "lock",
            "registry",
            "rewrite",
            "rules",
            "semantic",
            "shellcheck",
            "size",
            "syntax",
            "text",
            "tree",
            "workspace",
        ],
    ),
    ("api", &["config", "context", "diag", "engine", "rules", "semantic", "syntax", "text", "workspace"]),
    (
        "lsp",
        &[
            "cache",
            "config",
            "context",
            "diag",
            "engine",
            "entries",
            "git",
            "knowledge",
            "report",
            "rewrite",
            "rules",
            "semantic",
            "shell",
            "size",
            "syntax",
            "text",
            "tree",
            "workspace",
        ],
    ),
    (
        "cli",
        &[
            "baseline",
            "cache",
            "config",
            "context",
            "diag",
            "engine",
            "entries",
            "git",
            "image",
            "knowledge",
            "lock",
            "lsp",
            "registry",
            "report",
            "rewrite",
            "rules",
            "screen",
            "semantic",
            "shellcheck",
            "size",
            "syntax",
            "text",
            "tree",
            "workspace",
        ],
    ),
];

/// Files of one room that name each other, perhaps by way of others. A file and the `mod.rs` above it are one
/// thing here. No new ones: what two files share belongs below both.
const CIRCLES: [&[&str]; 14] = [
    &["cli/args/build.rs", "cli/size/limits.rs"],
    &["cli/args/mod.rs", "cli/hadolint.rs"],
    &["config/discovery.rs", "config/rule_files.rs"],
    &["config/read.rs", "config/shellcheck.rs"],
    &["context/walk/folder.rs", "context/walk/leaf.rs"],
    &["engine/contexts.rs", "engine/run.rs"],
    // The registry names all checks, and some of them speak of other rules.
    &[
        "rules/catalogue.rs",
        "rules/checks/comment.rs",
        "rules/registry.rs",
        "rules/selector.rs",
        "rules/suppression/mod.rs",
    ],
    &["rules/checks/caches.rs", "rules/checks/cleanup.rs", "rules/checks/layers.rs"],
    &["rules/file.rs", "rules/meta.rs"],
    &["semantic/command.rs", "semantic/package.rs", "semantic/pin.rs"],
    &["shell/command.rs", "shell/wrappers.rs"],
    // Words hold scripts, which hold words.
    &["shell/fallback.rs", "shell/lower.rs", "shell/nested.rs", "shell/parse.rs", "shell/grammar/add.rs"],
    &["syntax/ast.rs", "syntax/directive.rs", "syntax/heredoc.rs"],
    &["syntax/expand.rs", "syntax/lexer.rs", "syntax/word.rs"],
];

/// About 500 lines are what a reader keeps in mind.
const MAX_LINES: usize = 520;

/// Files that may be longer.
const LONG: [&str; 0] = [];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file as it is named here: `semantic/mod.rs`.
fn name(file: &Path) -> String {
    let below = file.strip_prefix(root().join("src")).unwrap_or(file);
    below.to_string_lossy().replace('\\', "/")
}

/// The room of a file; `lib.rs` is in none.
fn room(name: &str) -> Option<&str> {
    let room = name.split_once('/').map_or(name.trim_end_matches(".rs"), |(room, _)| room);
    Some(room).filter(|room| *room != "lib")
}

/// Which file uses which.
static EDGES: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let modules = Modules::read(&root().join("src/lib.rs"));
    modules.edges().into_iter().map(|(from, to)| (name(from), name(to))).collect()
});

#[test]
fn rooms_know_only_lower_rooms() {
    assert!(EDGES.len() > 1_000, "{} uses are seen", EDGES.len());
    let mut wrong = Vec::new();
    for (from, to) in &*EDGES {
        let (Some(one), Some(other)) = (room(from), room(to)) else { continue };
        let Some((_, allowed)) = ALLOWED.iter().find(|(room, _)| *room == one) else {
            panic!("{from} is in a new room: {one}");
        };
        if one != other && !allowed.contains(&other) {
            wrong.push(format!("{from} uses {to}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a file uses, and what that uses, and so on.
fn reached<'a>(uses: &BTreeMap<&'a str, Vec<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(uses.get(file).into_iter().flatten().copied().filter(|to| reached.insert(*to)));
    }
    reached
}

#[test]
fn files_of_a_room_form_no_circles() {
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    // A module inside a file names what is around it.
    for (from, to) in EDGES.iter().filter(|(from, to)| from != to && room(from) == room(to)) {
        uses.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|file| (*file, reached(&uses, file))).collect();
    let circles: BTreeSet<Vec<&str>> = reached
        .iter()
        .filter(|(file, to)| to.contains(*file))
        .map(|(file, to)| {
            let back = |other: &&str| reached.get(*other).is_some_and(|back| back.contains(file));
            to.iter().copied().filter(back).collect()
        })
        .collect();
    for circle in circles {
        let listed = CIRCLES.iter().any(|listed| circle.iter().all(|file| listed.contains(file)));
        assert!(listed, "a circle: {circle:?}; what these files share belongs below them");
    }
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn no_file_is_long() {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        rust_files(&root().join(folder), &mut files);
    }
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let made = text.lines().next().is_some_and(|first| first.contains("Made from"));
        let lines = text.lines().count();
        let name = name(&file);
        assert!(made || lines <= MAX_LINES || LONG.contains(&&*name), "{name} has {lines} lines: divide it");
    }
}

#[test]
fn uses_are_seen_wherever_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\n"),
        ("a.rs", "//! crate::d\npub use inner::Inner;\nmod inner;\nmod latest;\n/* crate::d */\n"),
        ("a/inner.rs", "pub struct Inner;\nfn f() { super::super::b::f(\"crate::d\") }\n"),
        ("a/latest.rs", "use crate::{a::Inner as Name, b::{self, f as g}};\nuse crate::d as other;\n"),
        ("b.rs", "#[cfg(test)]\nmod tests {\n    use crate::d;\n}\npub fn f() { vec![crate::c::X] }\n"),
        ("c.rs", "#[cfg(test)]\nuse crate::d;\nmod x { pub fn f() { super::super::b::f() } }\n"),
        ("d/mod.rs", "#[test]\nfn t() { crate::a::f() }\nuse super::*;\npub(crate) use crate::a;\n"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let modules = Modules::read(&folder.path().join("lib.rs"));
    let name = |path: &Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
    let got: Vec<String> =
        modules.edges().iter().map(|(from, to)| format!("{} {}", name(from), name(to))).collect();
    let want = [
        "a/inner.rs b.rs",
        "a/latest.rs a/inner.rs",
        "a/latest.rs b.rs",
        "a/latest.rs d/mod.rs",
        "b.rs c.rs",
        "c.rs b.rs",
    ];
    assert_eq!(got, want);
}
