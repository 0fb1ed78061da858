//! `--diff-base`: only what a change brings.

use super::git::{commit, git, repository};
use super::{BAD, Folder, GOOD, WARNING};

const BASE: [&str; 4] = ["--diff-base", "main", "--format", "short"];

fn fresh(folder: &Folder) -> Vec<String> {
    let ran = folder.run(&BASE);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (i32::from(["warning[", "error["].iter().any(|word| ran.out.contains(word))), ""),
        "{ran:?}"
    );
    ran.short()
}

#[test]
fn only_what_the_change_brings_is_reported() {
    let folder = repository(&[("Dockerfile", BAD), ("api/Dockerfile", WARNING), ("web/Dockerfile", GOOD)]);
    assert_eq!(fresh(&folder), [""; 0]);
    folder.write("Dockerfile", BAD.replace("FROM", "# why\nFROM") + "RUN sudo true\n");
    folder.write("web/Dockerfile", format!("{GOOD}MAINTAINER nobody\n"));
    assert_eq!(fresh(&folder), ["Dockerfile:5 sudo", "web/Dockerfile:4 maintainer-deprecated"]);
    // What is committed is as new as what is not, and what others did to the base meanwhile is not.
    commit(&folder);
    git(&folder, &["checkout", "-q", "main"]);
    folder.write("api/Dockerfile", GOOD);
    commit(&folder);
    git(&folder, &["checkout", "-q", "work"]);
    assert_eq!(fresh(&folder), ["Dockerfile:5 sudo", "web/Dockerfile:4 maintainer-deprecated"]);
    let ran = folder.run(&["--diff-base", "main"]);
    assert!(ran.out.contains("; 4 there before"), "{ran:?}");
    let summary = folder.run(&["--diff-base", "main", "--format", "json"]).json()["summary"].clone();
    assert_eq!((&summary["before"], &summary["checked"]), (&4.into(), &2.into()));
    assert_eq!(folder.run(&["--diff-base", "main", "--fail-on", "never"]).code, 0);
    assert_eq!(folder.run(&["--diff-base", "main", "api"]).code, 0);
    assert_eq!(folder.run(&["api"]).code, 1);
}

#[test]
fn files_that_are_renamed_or_new_are_what_they_are() {
    let folder = repository(&[("app/Dockerfile", BAD), ("app/.dockerignore", "*\n!src\n")]);
    git(&folder, &["mv", "app", "service"]);
    assert_eq!(fresh(&folder), [""; 0]);
    folder.write("service/Dockerfile", format!("{BAD}RUN sudo true\n"));
    assert_eq!(fresh(&folder), ["service/Dockerfile:4 sudo"]);
    folder.write("fresh/Dockerfile", WARNING);
    assert_eq!(fresh(&folder), ["fresh/Dockerfile:1 latest-tag", "service/Dockerfile:4 sudo"]);
    // Git does not know yet where it comes from; its findings do.
    let folder = repository(&[("app/Dockerfile", BAD)]);
    std::fs::rename(folder.path("app"), folder.path("moved")).unwrap();
    assert_eq!(fresh(&folder), [""; 0]);
}

#[test]
fn what_the_context_the_settings_and_other_files_change_is_new_too() {
    let copies = "FROM scratch\nCOPY app.py /app\nCOPY lib.py /lib\nUSER 65532\nENTRYPOINT [\"/app\"]\n";
    let folder = repository(&[
        ("a/Dockerfile", copies),
        ("a/app.py", "x"),
        ("a/lib.py", "x"),
        ("b/Dockerfile", INFO_ONLY),
        ("b/x", ""),
    ]);
    assert_eq!(fresh(&folder), [""; 0]);
    std::fs::remove_file(folder.path("a/app.py")).unwrap();
    assert_eq!(fresh(&folder), ["a/Dockerfile:2 copy-missing-source"]);
    git(&folder, &["checkout", "-q", "--", "."]);
    folder.write("a/.dockerignore", "app.py\n");
    assert_eq!(fresh(&folder), ["a/Dockerfile:2 copy-excluded-source"]);
    std::fs::remove_file(folder.path("a/.dockerignore")).unwrap();
    // A rule that is switched on by the change brings its findings.
    folder.write("dlint.toml", "extend-select = [\"missing-healthcheck\"]\n");
    let fresh_rules = fresh(&folder);
    assert!(fresh_rules.iter().all(|line| line.ends_with(" missing-healthcheck")), "{fresh_rules:?}");
    assert_eq!(fresh_rules.len(), 2);
    std::fs::remove_file(folder.path("dlint.toml")).unwrap();
    // So does a build that a Compose file adds.
    folder.write(
        "compose.yaml",
        "services:\n  b:\n    build:\n      context: b\n      dockerfile: none.Dockerfile\n",
    );
    assert_eq!(fresh(&folder), ["compose.yaml:5 missing-dockerfile"]);
}

const INFO_ONLY: &str = "FROM scratch\nCOPY x /x\nUSER 65532\nENTRYPOINT [\"/x\"]\n";

#[test]
fn what_git_does_not_know_is_said() {
    let folder = repository(&[("Dockerfile", BAD)]);
    for bad in ["none", "--upload-pack=x", "-h", "HEAD:Dockerfile"] {
        let ran = folder.run(&[&format!("--diff-base={bad}")]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.starts_with(&format!("dlint: git does not know a commit `{bad}`\n")), "{ran:?}");
        assert!(ran.err.contains("fetch-depth: 0"), "{ran:?}");
    }
    let ran = folder.run(&["--diff-base", "x\u{1b}[31m\u{202e}"]);
    assert!(!ran.err.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    assert_eq!(folder.run(&["--diff-base", "main", "--fix"]).code, 2);
    let plain = Folder::with(BAD);
    let ran = plain.run(&["--diff-base", "main"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("not a git repository"), "{ran:?}");
}
