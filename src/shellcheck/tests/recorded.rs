//! Answers of the real program, recorded: tests hold where it is not installed, and whichever version is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::rules::generate::{BLESS, assert_current, blessing, root};
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

static RECORD: LazyLock<Record> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join(PATH)).unwrap();
    serde_json::from_str(&text).unwrap()
});

/// Shared by all tests, so that all that they ask is recorded.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let (a, b, c) = RECORD.version;
    if blessing() {
        return Checker::new(Path::new(PROGRAM), Limits::default());
    }
    let checker = Checker::new(Path::new("no-such-program"), Limits::default());
    checker.version.set(Ok(Version(a, b, c))).unwrap();
    let mut known = checker.known();
    for (text, comments) in &RECORD.answers {
        known.answers.insert(text.clone(), Answer::Said(comments.clone().into()));
    }
    drop(known);
    checker
});

/// A checker that answers what was recorded, and knows nothing else.
pub(crate) fn checker() -> &'static Checker {
    &CHECKER
}

/// Writes down what was asked, if that is wanted. Each test that asks calls it at its end.
pub(crate) fn record() {
    let Ok(version) = CHECKER.version() else { panic!("{BLESS} needs ShellCheck on the PATH") };
    if !blessing() {
        return;
    }
    let known = CHECKER.known();
    let said = |(text, answer): (&String, &Answer)| match answer {
        Answer::Said(comments) => (text.clone(), comments.to_vec()),
        other => panic!("{other:?} for {text}"),
    };
    let answers = known.answers.iter().map(said).collect();
    let record = Record { version: (version.0, version.1, version.2), answers };
    assert_current(PATH, &(serde_json::to_string_pretty(&record).unwrap() + "\n"));
}

/// What was recorded is what the program says, if it is here in the same version.
#[test]
fn the_record_is_true() {
    let real = Checker::new(Path::new(PROGRAM), Limits::default());
    let (a, b, c) = RECORD.version;
    let Ok(version) = real.version() else { return };
    let texts: Vec<String> = RECORD.answers.keys().cloned().collect();
    for (text, answer) in texts.iter().zip(real.ask(&texts)) {
        let Answer::Said(comments) = answer else { panic!("{answer:?}") };
        if version == Version(a, b, c) {
            assert_eq!(*comments, **RECORD.answers.get(text).unwrap(), "{text}");
        }
    }
}
