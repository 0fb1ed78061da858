//! How the program is run, with one that stands in for it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::rules::generate::root;
use crate::semantic::Model;
use crate::shellcheck::{Checker, Level, Limits, Trouble, checker::Said, jobs};
use crate::syntax::{File, parse};
use crate::text::Source;

/// A program that does what its name says, and what it was called with.
struct Fake {
    folder: TempDir,
    checker: Checker,
}

impl Fake {
    fn new(name: &str) -> Self {
        Self::within(name, Limits::default())
    }

    fn within(name: &str, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A link, as a file that was just written may still be open for writing in a child of another test.
        symlink(root().join("testdata/fake-shellcheck"), folder.path().join(name)).unwrap();
        let checker = Checker::new(&folder.path().join(name), limits);
        Self { folder, checker }
    }

    fn check(&self, text: &str) -> Said {
        self.checker.check(&Model::new(file(text)), Level::Style)
    }

    /// The calls but those for the version.
    fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines().filter(|l| !l.ends_with("--version")).map(str::to_owned).collect()
    }

    /// Why scripts were not checked, with the program's path left out.
    fn trouble(&self) -> Option<String> {
        let path = format!("{}/", self.folder.path().display());
        self.checker.trouble().map(|trouble| trouble.to_string().replace(&path, ""))
    }
}

fn file(text: &str) -> File {
    parse(Source::from_text("Dockerfile", text))
}

/// A Dockerfile with these scripts.
fn runs(scripts: &[&str]) -> String {
    let lines: String = scripts.iter().map(|script| format!("RUN {script}\n")).collect();
    format!("FROM debian:12\n{lines}")
}

#[test]
fn it_runs_in_a_folder_that_goes_away_and_by_our_settings_alone() {
    let fake = Fake::new("shellcheck");
    let said = fake.check(&runs(&["abc", "def"]));
    assert!(said.complete && said.findings.len() == 2 && said.failed.is_empty());
    let calls = fake.calls();
    let words: Vec<&str> = calls[0].split(' ').collect();
    assert_eq!((calls.len(), words[0], words[1], words[3]), (1, "C.UTF-8", "none", "--norc"));
    assert_eq!(words[words.len() - 3..], ["--", "0", "1"]);
    assert!(words[2].contains("dlint-shellcheck-") && !Path::new(words[2]).exists());
    assert_eq!(fake.trouble(), None);
}

#[test]
fn each_script_is_checked_once() {
    let fake = Fake::new("shellcheck");
    let text = runs(&["abc", "def", "abc"]);
    let model_file = file(&text);
    fake.checker.prepare(&jobs(&Model::new(model_file.clone())));
    let first = fake.check(&text);
    assert_eq!(first.findings.len(), 3);
    assert_eq!(fake.check(&text).findings, first.findings);
    assert_eq!(fake.calls().len(), 1);
    assert_eq!(fake.check(&runs(&["def", "ghi"])).findings.len(), 2);
    assert_eq!(fake.calls().len(), 2);
}

#[test]
fn many_scripts_go_to_several_processes() {
    let fake = Fake::new("shellcheck");
    let scripts: Vec<String> = (0..70).map(|n| format!("abc {n}")).collect();
    let text = runs(&scripts.iter().map(String::as_str).collect::<Vec<_>>());
    let said = fake.check(&text);
    let found: Vec<&str> = said.findings.iter().map(|f| f.span.text(&text)).collect();
    assert_eq!(found, ["ab"; 70]);
    assert!(said.findings.is_sorted_by_key(|f| f.span));
    assert_eq!(fake.calls().len(), 3);
    // What is too long for one goes alone.
    let long = format!("abc {}", "x".repeat(40 << 10));
    let fake = Fake::new("shellcheck");
    assert!(fake.check(&runs(&["abc", &long, &format!("{long}y")])).complete);
    assert_eq!(fake.calls().len(), 2);
}

#[test]
fn a_finding_is_clean_and_has_its_fix() {
    let said = Fake::new("shellcheck").check(&runs(&["abc"]));
    let finding = &said.findings[0];
    assert_eq!(finding.message, "first [31m words of it");
    assert_eq!((&*finding.rule, finding.alias.as_deref()), ("shellcheck:SC2086", Some("hadolint:SC2086")));
    let fix = finding.fix.as_ref().unwrap();
    assert_eq!((fix.title.as_str(), fix.edits.len()), ("write `X=ab_`", 2));
}

#[test]
fn a_program_that_is_not_there_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("nothing"), "no-such-shellcheck".into()] {
        let checker = Checker::new(&path, Limits::default());
        assert_eq!(checker.trouble(), None);
        let said = checker.check(&Model::new(file(&runs(&["abc"]))), Level::Style);
        assert!(!said.complete && said.findings.is_empty() && said.failed.is_empty());
        let message = format!("`{}` is not installed, so no script was checked by it", path.display());
        assert_eq!(checker.trouble(), Some(Trouble::Missing(message)));
    }
}

#[test]
fn nothing_is_asked_where_there_is_no_script() {
    let checker = Checker::new(Path::new("no-such-shellcheck"), Limits::default());
    assert!(checker.check(&Model::new(file("FROM a\nCMD [\"x\"]\n")), Level::Style).complete);
    assert_eq!(checker.trouble(), None);
}

#[test]
fn a_program_of_another_kind_is_refused() {
    for (name, want) in [
        ("old", "`old` is ShellCheck 0.6.0, which is too old: it must be 0.7.0 at least"),
        ("other", "`other` is no ShellCheck: `--version` names none"),
    ] {
        let fake = Fake::new(name);
        let said = fake.check(&runs(&["abc"]));
        assert!(!said.complete && said.findings.is_empty());
        assert_eq!(fake.trouble().as_deref(), Some(want));
        assert_eq!(fake.calls(), [""; 0]);
    }
}

#[test]
fn a_program_that_fails_is_tried_on_each_script_alone() {
    let fake = Fake::new("alone");
    assert_eq!(fake.check(&runs(&["abc", "def", "ghi"])).findings.len(), 3);
    assert_eq!((fake.calls().len(), fake.trouble()), (4, None));
    let fake = Fake::new("fussy");
    let said = fake.check(&runs(&["abc", "unreadable", "ghi"]));
    assert_eq!((said.complete, said.findings.len()), (false, 2));
    assert_eq!(said.failed, [(3, "gave no answer, and ended with exit code 2".to_owned())]);
    // It is not tried again.
    let calls = fake.calls().len();
    assert_eq!(fake.check(&runs(&["unreadable"])).failed.len(), 1);
    assert_eq!((fake.calls().len(), fake.trouble()), (calls, None));
}

#[test]
fn failures_say_what_the_program_says() {
    for (name, want) in [
        ("garbage", "gave no answer, and ended with exit code 1"),
        ("broken", "failed: broken: unknown [31m option"),
        ("silent", "gave no answer, and ended with exit code 4"),
    ] {
        let said = Fake::new(name).check(&runs(&["abc"]));
        assert_eq!(said.failed, [(2, want.to_owned())], "{name}");
        assert!(!said.complete && said.findings.is_empty());
    }
}

#[test]
fn a_program_that_fails_always_is_left_alone() {
    let fake = Fake::new("silent");
    let said = fake.check(&runs(&["a", "b", "c", "d", "e"]));
    assert_eq!((said.failed.len(), said.complete), (3, false));
    let why = "`silent` failed on 3 scripts and was not run any more: other scripts were not checked by it";
    assert_eq!(fake.trouble().as_deref(), Some(why));
    let calls = fake.calls().len();
    assert!(!fake.check(&runs(&["f"])).complete);
    assert_eq!(fake.calls().len(), calls);
}

#[test]
fn time_and_output_have_limits() {
    let short = Limits { time: Duration::from_millis(300), ..Limits::default() };
    for name in ["hang", "held"] {
        let said = Fake::within(name, short).check(&runs(&["abc"]));
        assert_eq!(said.failed, [(2, "took longer than 0.3 s".to_owned())], "{name}");
    }
    let small = Limits { bytes: 1000, ..Limits::default() };
    let said = Fake::within("flood", small).check(&runs(&["abc"]));
    assert_eq!(said.failed, [(2, "wrote more than 1000 bytes".to_owned())]);
}

#[test]
fn a_script_that_no_kernel_takes_is_not_checked() {
    let fake = Fake::new("shellcheck");
    let said =
        fake.check(&format!("FROM debian:12\nRUN <<E\n{}E\nRUN abc\n", "echo abcdefghij\n".repeat(9000)));
    assert_eq!(said.failed, [(2, "takes no script that is longer than 131072 bytes".to_owned())]);
    assert_eq!((said.findings.len(), fake.trouble()), (1, None));
}
