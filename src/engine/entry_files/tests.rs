use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::*;
use crate::config::Config;
use crate::diag::Applicability;
use crate::engine::{Fixing, Found};
use crate::rules::{Catalogue, Choice};
use crate::workspace::{Snapshot, Workspace};

/// A project of two services that build one Dockerfile in two ways, and of one with a Dockerfile of its own.
fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let build = |name: &str, tag: &str| {
        format!(
            "  {name}:\n    build:\n      context: .\n      args:\n        TAG: '{tag}'\n        N: 3.10\n"
        )
    };
    let inline = "  c:\n    build:\n      dockerfile_inline: |\n        FROM debian:12\n        USER 1\n";
    write("compose.yaml", &format!("services:\n{}{}{inline}", build("a", "12"), build("b", "13")));
    write("Dockerfile", "ARG TAG\nFROM debian:$TAG\nARG N\nUSER 1\n");
    dir
}

fn found(dir: &TempDir, snapshot: &Snapshot) -> (Found, Entries) {
    let searched = [dir.path().to_path_buf()];
    let mut found = crate::engine::discover(&searched);
    let entries = found.entries(snapshot, &searched, None, None);
    (found, entries)
}

/// How often each Dockerfile of a project was parsed and understood while all of it was linted.
fn work(choice: &Choice, fixing: Option<Fixing>) -> [(usize, usize); 2] {
    let dir = project();
    let snapshot = Workspace::default().snapshot();
    let (found, entries) = found(&dir, &snapshot);
    let settings = Arc::new(Config::default().settings(dir.path(), choice, None));
    let run = Run {
        settings: &|_| Arc::clone(&settings),
        target: &|path| Target::of_file(path),
        targets: None,
        files: snapshot.files(),
        progress: None,
        fixing,
        shellcheck: None,
        seen: None,
    };
    let (entries, outcomes) = run.entry_files(entries);
    let problems: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.problems).collect();
    assert!(problems.is_empty(), "{problems:?}");
    let builds_of = |path: &Path| entries.builds_of(path);
    let outcomes = Run { targets: Some(&builds_of), ..run }.all(&found.inputs);
    assert_eq!(outcomes.iter().flat_map(|outcome| &outcome.files).count(), 1);
    let inline = entries.inline().next().unwrap().1.target.name();
    let file = dir.path().join("Dockerfile").display().to_string();
    [crate::text::work::taken(&file), crate::text::work::taken(&inline)]
}

#[test]
fn what_starts_a_build_reads_its_dockerfile_once_with_those_who_lint_it() {
    assert_eq!(work(&Choice::default(), None), [(1, 2), (1, 1)]);
    // Nor does it read any where no rule on such files is on.
    let no_user = Catalogue::default().select("no-user").unwrap();
    let only = Choice { select: Some(vec![no_user]), ..Choice::default() };
    assert_eq!(work(&only, None), [(1, 2), (1, 1)]);
    // Once more for what a fix changes: an argument of both builds was a number, and is a text.
    let fixing = Fixing { allow: Applicability::Unsafe, write: false };
    assert_eq!(work(&Choice::default(), Some(fixing)), [(1, 4), (1, 1)]);
}

#[test]
fn a_rule_that_fails_is_a_problem_of_the_file() {
    let dir = project();
    let snapshot = Workspace::default().snapshot();
    let (_, entries) = found(&dir, &snapshot);
    let failed = AtomicBool::new(false);
    let run = Run {
        settings: &|_| {
            assert!(failed.swap(true, Ordering::Relaxed), "a rule fails");
            Arc::default()
        },
        target: &|path| Target::of_file(path),
        targets: None,
        files: snapshot.files(),
        progress: None,
        fixing: None,
        shellcheck: None,
        seen: None,
    };
    let (_, outcomes) = run.entry_files(entries);
    let problems: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.problems).collect();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.message, "made dlint fail");
    assert_eq!(problem.path.as_ref().map(PathBuf::from), Some(dir.path().join("compose.yaml")));
}
