//! Answers of the real program, recorded: tests hold where it is not installed, and whichever version is.
//!
//! Another version is recorded by deleting the record and running `DLINT_BLESS=1 cargo test --lib`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::rules::generate::{assert_current, blessing, root};
use crate::shellcheck::PROGRAM;
use crate::shellcheck::answer::Comment;
use crate::shellcheck::checker::{Answer, Checker};
use crate::shellcheck::program::{Limits, Version};

const PATH: &str = "testdata/shellcheck.json";

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: (u32, u32, u32),
    /// What it says, by what it reads.
    answers: BTreeMap<String, Vec<Comment>>,
}

static RECORD: LazyLock<Record> = LazyLock::new(|| match std::fs::read_to_string(root().join(PATH)) {
    Ok(text) => serde_json::from_str(&text).unwrap(),
    Err(_) if blessing() => {
        let Version(a, b, c) = real().version().unwrap();
        Record { version: (a, b, c), answers: BTreeMap::new() }
    }
    Err(error) => panic!("{PATH}: {error}"),
});

/// Shared by all tests, so that all that they ask is recorded.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let (a, b, c) = RECORD.version;
    let version = Version(a, b, c);
    // Only the program that gave the other answers is asked for more.
    let asked = blessing() && real().version() == Ok(version);
    let program = if asked { PROGRAM.to_owned() } else { format!("ShellCheck {version}") };
    let checker = Checker::new(Path::new(&program), Limits::default());
    checker.version.set(Ok(version)).unwrap();
    let mut known = checker.known();
    for (text, comments) in &RECORD.answers {
        known.answers.insert(text.clone(), Answer::Said(comments.clone().into()));
    }
    drop(known);
    checker
});

/// The program of this machine.
fn real() -> Checker {
    Checker::new(Path::new(PROGRAM), Limits::default())
}

/// A checker that answers what was recorded. Under `DLINT_BLESS=1`, and where the program is installed in the
/// recorded version, it also has answers to what is new.
pub(crate) fn checker() -> &'static Checker {
    &CHECKER
}

/// Writes down the new answers, if that is wanted. Each test that asks calls it at its end.
pub(crate) fn record() {
    if !blessing() {
        return;
    }
    let known = CHECKER.known();
    let said = |(text, answer): (&String, &Answer)| match answer {
        Answer::Said(comments) => Some((text.clone(), comments.to_vec())),
        // The test that asked says so.
        Answer::Failed(_) | Answer::GivenUp => None,
    };
    let answers = known.answers.iter().filter_map(said).collect();
    let record = Record { version: RECORD.version, answers };
    assert_current(PATH, &(serde_json::to_string_pretty(&record).unwrap() + "\n"));
}

/// What was recorded is what the program says, where it is of the same version; any version answers.
#[test]
#[ignore = "needs ShellCheck"]
fn the_record_is_true() {
    let real = real();
    let version = real.version().unwrap();
    let (a, b, c) = RECORD.version;
    let texts: Vec<String> = RECORD.answers.keys().cloned().collect();
    for (text, answer) in texts.iter().zip(real.ask(&texts)) {
        let Answer::Said(comments) = answer else { panic!("{answer:?}") };
        if version == Version(a, b, c) {
            assert_eq!(*comments, **RECORD.answers.get(text).unwrap(), "{text}");
        }
    }
}
