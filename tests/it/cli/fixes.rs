//! `--fix`, `--unsafe-fixes` and `--diff`.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{BAD, BAD_FIXED, Folder, GOOD};

const UNSAFE: &str = "FROM debian:13\nRUN cd /app\nUSER 1\n";

#[test]
fn fixes_are_applied_to_all_files() {
    let folder = Folder::with(BAD);
    folder.write("a/Dockerfile", BAD);
    folder.write("b/Dockerfile", GOOD);
    let ran = folder.run(&["--fix", "."]);
    assert_eq!(ran.code, 1, "latest-tag stays: {ran:?}");
    assert!(ran.out.contains("; 4 fixed;"), "{ran:?}");
    assert_eq!(
        (folder.read("Dockerfile"), folder.read("a/Dockerfile")),
        (BAD_FIXED.into(), BAD_FIXED.into())
    );
    assert_eq!(folder.read("b/Dockerfile"), GOOD);
    // What is fixed is not fixed again, nor shown.
    let again = folder.run(&["--fix", "--format", "short"]);
    assert!(!again.short().iter().any(|s| s.ends_with(" sudo")), "{again:?}");
    assert_eq!(folder.read("Dockerfile"), BAD_FIXED);
}

#[test]
fn bytes_around_a_fix_stay() {
    let folder = Folder::with(&format!("\u{feff}{}", BAD.replace('\n', "\r\n")));
    assert_eq!(folder.run(&["--fix"]).code, 1);
    assert_eq!(folder.read("Dockerfile"), format!("\u{feff}{}", BAD_FIXED.replace('\n', "\r\n")));
    folder.write("Dockerfile", b"FROM debian:13\nRUN sudo a # \xff\nUSER 1");
    folder.run(&["--fix"]);
    assert_eq!(fs::read(folder.path("Dockerfile")).unwrap(), b"FROM debian:13\nRUN a # \xff\nUSER 1");
}

#[cfg(unix)]
#[test]
fn mode_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new();
    folder.write("real/file", BAD);
    fs::set_permissions(folder.path("real/file"), fs::Permissions::from_mode(0o750)).unwrap();
    symlink("real/file", folder.path("Dockerfile")).unwrap();
    assert_eq!(folder.run(&["--fix", "Dockerfile"]).code, 1);
    assert_eq!(folder.read("real/file"), BAD_FIXED);
    assert!(fs::symlink_metadata(folder.path("Dockerfile")).unwrap().is_symlink());
    assert_eq!(fs::metadata(folder.path("real/file")).unwrap().permissions().mode() & 0o777, 0o750);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_hides_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(BAD);
    folder.write("a/Dockerfile", BAD);
    let locked = folder.path("a/Dockerfile");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::OpenOptions::new().write(true).open(&locked).is_ok() {
        // Nothing is locked for root.
        return;
    }
    let ran = folder.run(&["--fix", "--format", "short"]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("a/Dockerfile: error: cannot be written: "), "{ran:?}");
    assert!(ran.short().contains(&"a/Dockerfile:2 sudo".to_owned()), "{ran:?}");
    assert_eq!((folder.read("Dockerfile"), folder.read("a/Dockerfile")), (BAD_FIXED.into(), BAD.into()));
}

#[test]
fn standard_input_is_fixed_to_standard_output() {
    let folder = Folder::with(GOOD);
    let ran = folder.run_with(&[], &["--fix", "-"], BAD);
    assert_eq!((ran.code, ran.out.as_str()), (1, BAD_FIXED));
    assert!(
        ran.err.contains("warning[latest-tag] <stdin>:1:13") && ran.err.contains("; 2 fixed;"),
        "{ran:?}"
    );
    // The file whose name it bears is left alone.
    let ran = folder.run_with(&[], &["--fix", "-", "--stdin-filename", "Dockerfile", "-q"], BAD);
    assert_eq!((ran.code, ran.out.as_str(), folder.read("Dockerfile")), (1, BAD_FIXED, GOOD.to_owned()));
    // Nothing to fix: the same text.
    let ran = folder.run_with(&[], &["--fix", "-q", "-"], GOOD);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, GOOD, ""));
    let ran = folder.run_with(&[], &["--fix", "-", "--format", "json", "-o", "report.json"], BAD);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), (BAD_FIXED, ""));
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(report["files"][0]["path"], "<stdin>");
    // Without --fix the report is what is printed.
    let ran = folder.run_with(&[], &["--format", "short", "-"], BAD);
    assert_eq!((ran.short().len(), ran.err.as_str()), (4, ""));
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let folder = Folder::with(UNSAFE);
    let ran = folder.run(&["--fix"]);
    assert_eq!((ran.code, folder.read("Dockerfile").as_str()), (1, UNSAFE));
    assert!(ran.out.contains("1 fixable with --unsafe-fixes"), "{ran:?}");
    let ran = folder.run(&["--unsafe-fixes", "--diff"]);
    assert!(ran.code == 1 && ran.out.contains("\n+WORKDIR /app\n"), "{ran:?}");
    assert_eq!(folder.read("Dockerfile"), UNSAFE);
    // By itself it fixes.
    let ran = folder.run(&["--unsafe-fixes"]);
    assert_eq!((ran.code, folder.read("Dockerfile").as_str()), (0, "FROM debian:13\nWORKDIR /app\nUSER 1\n"));
}

#[test]
fn a_difference_is_shown_and_nothing_written() {
    let folder = Folder::with(BAD);
    folder.write("a b/Dockerfile", BAD);
    folder.write("good/Dockerfile", GOOD);
    let ran = folder.run(&["--diff"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert_eq!(
        ran.out,
        "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,3 @@\n FROM debian:latest\n-RUN sudo apt-get update\n\
         -MAINTAINER nobody\n+RUN apt-get update\n+LABEL org.opencontainers.image.authors=\"nobody\"\n\
         --- a b/Dockerfile\t\n+++ a b/Dockerfile\t\n@@ -1,3 +1,3 @@\n FROM debian:latest\n\
         -RUN sudo apt-get update\n-MAINTAINER nobody\n+RUN apt-get update\n\
         +LABEL org.opencontainers.image.authors=\"nobody\"\n"
    );
    assert_eq!(folder.read("Dockerfile"), BAD);
    assert_eq!(folder.run(&["--diff", "--fix"]), ran);
    assert_eq!(folder.read("Dockerfile"), BAD);
    // Other findings do not matter: there is nothing to change.
    let ran = folder.run(&["--diff", "good"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let ran = folder.run(&["--diff", "good", "missing"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "dlint: missing: does not exist\n"));
    let ran = folder.run_with(&[], &["--diff", "-"], BAD);
    assert!(ran.code == 1 && ran.out.starts_with("--- <stdin>\n+++ <stdin>\n"), "{ran:?}");
    let ran = folder.run(&["--diff", "-o", "x.patch", "Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(folder.read("x.patch").starts_with("--- Dockerfile\n"));
}

/// A Dockerfile with what no terminal is to get.
fn odd() -> String {
    BAD.replace('\n', "\r\n") + "RUN echo \u{1b}[2J \u{202e}\u{1}\tx"
}

#[test]
fn a_difference_holds_the_bytes_as_they_are() {
    let folder = Folder::new();
    folder.write("a/Dockerfile", odd());
    let diff = folder.run(&["--diff"]).out;
    // Bytes are as they are where no terminal shows them.
    assert!(
        diff.contains(" RUN echo \u{1b}[2J \u{202e}\u{1}\tx\n\\ No newline at end of file\n"),
        "{diff:?}"
    );
}

#[test]
#[ignore = "needs patch"]
fn a_difference_is_a_patch() {
    let folder = Folder::new();
    folder.write("a/Dockerfile", odd());
    folder.write("b c/Dockerfile", BAD);
    let diff = folder.run(&["--diff"]).out;
    let mut patch = Command::new("patch")
        .args(["-p0", "--binary"])
        .current_dir(folder.0.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    patch.stdin.take().unwrap().write_all(diff.as_bytes()).unwrap();
    assert!(patch.wait().unwrap().success());
    assert_eq!(folder.read("b c/Dockerfile"), BAD_FIXED);
    assert_eq!(
        folder.read("a/Dockerfile"),
        odd().replace(&BAD.replace('\n', "\r\n"), &BAD_FIXED.replace('\n', "\r\n"))
    );
    assert_eq!(folder.run(&["--diff"]).out, "");
}

#[test]
fn a_difference_in_a_log_holds_no_commands() {
    let text = "FROM debian:12\nRUN sudo true\nRUN <<EOF\n::error::a\n##vso[b]\n##teamcity[c]\nEOF\n";
    let folder = Folder::with(text);
    for service in ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"] {
        let ran = folder.run_with(&[(service, "true")], &["--diff"], "");
        assert!(ran.out.contains("\n+RUN true\n RUN <<EOF\n \\u{3a}:error::a\n"), "{ran:?}");
        assert!(!ran.out.contains("##vso") && !ran.out.contains("##teamcity"), "{ran:?}");
        folder.run_with(&[(service, "true")], &["--diff", "-o", "x.patch"], "");
        assert!(folder.read("x.patch").contains("\n ::error::a\n ##vso[b]\n"));
    }
    assert!(folder.run(&["--diff"]).out.contains("\n ::error::a\n ##vso[b]\n"));
}

#[test]
fn the_difference_of_an_ignore_file_holds_its_bytes() {
    let folder = Folder::with("FROM debian:12\nCOPY . /a\n");
    folder.write(".dockerignore", "##vso[x]\n");
    folder.write("node_modules/a.js", "x".repeat(4000));
    folder.write(".git/HEAD", "x".repeat(4000));
    let ran = folder.run(&["size", "--fix-ignore", "--diff"]);
    assert!(ran.out.contains("\n ##vso[x]\n+"), "{ran:?}");
}
