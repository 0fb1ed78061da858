//! How findings are printed, and where.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::{BAD, Folder, GOOD, WARNING, command, masked};

#[test]
fn the_human_report() {
    let folder = Folder::with(BAD);
    let ran = folder.run(&["Dockerfile", "missing"]);
    insta::assert_snapshot!(masked(&ran.out));
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    folder.write("Dockerfile", GOOD);
    let ran = folder.run(&[]);
    assert_eq!((ran.code, masked(&ran.out).as_str()), (0, "1 file, no findings (TIME)\n"));
}

#[test]
fn all_formats_are_well_formed() {
    let folder = Folder::with(BAD);
    folder.write("b/Dockerfile", "FROM debian:latest\nRUN echo \"::error::x\" && sudo x\nUSER 1\n");
    let format = |name: &str| folder.run(&["--format", name]);
    let json = format("json").json();
    assert_eq!(json["version"], 1);
    let found: Vec<_> =
        json["files"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(found, ["Dockerfile", "b/Dockerfile"]);
    let first = &json["files"][0]["findings"][0];
    assert_eq!((first["rule"].as_str(), first["severity"].as_str()), (Some("latest-tag"), Some("warning")));
    let sarif = format("sarif").json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), format("short").out.lines().count());
    assert_eq!(results[0]["ruleId"], "latest-tag");
    for line in format("github").out.lines() {
        assert!(["::error ", "::warning ", "::notice "].iter().any(|c| line.starts_with(c)), "{line}");
    }
    for name in ["human", "short", "json", "sarif", "github"] {
        assert_eq!((format(name).code, format(name).err.as_str()), (1, ""), "{name}");
    }
    assert_eq!(folder.run(&["--format", "xml"]).code, 2);
}

#[test]
fn github_actions_get_annotations() {
    let folder = Folder::with(WARNING);
    let on = |value: &str, args: &[&str]| folder.run_with(&[("GITHUB_ACTIONS", value)], args, "").out;
    let want = "::warning file=Dockerfile,line=1,endLine=1,col=13,endColumn=19,title=latest-tag::";
    assert!(on("true", &[]).starts_with(want), "{}", on("true", &[]));
    assert!(on("true", &["--format", "short"]).starts_with("Dockerfile:1:13: warning[latest-tag]"));
    assert!(on("false", &[]).starts_with("warning[latest-tag] Dockerfile:1:13"));
    // A file is for people unless something else is asked for.
    assert_eq!(on("true", &["--output", "report.txt"]), "");
    assert!(folder.read("report.txt").starts_with("warning[latest-tag]"));
}

#[test]
fn a_report_in_a_file() {
    let folder = Folder::with(WARNING);
    let ran = folder.run_with(&[("CLICOLOR_FORCE", "1")], &["--output", "out.txt"], "");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", ""));
    let report = folder.read("out.txt");
    assert!(
        report.starts_with("warning[latest-tag] Dockerfile:1:13") && !report.contains('\x1b'),
        "{report}"
    );
    // It is replaced whole.
    folder.write("Dockerfile", GOOD);
    assert_eq!(folder.run(&["-o", "out.txt", "Dockerfile"]).code, 0);
    assert_eq!(masked(&folder.read("out.txt")), "1 file, no findings (TIME)\n");
    assert_eq!(folder.run(&["-o", "out.json", "--format", "json"]).code, 0);
    let json: serde_json::Value = serde_json::from_str(&folder.read("out.json")).unwrap();
    assert_eq!(json["problems"], serde_json::json!([]));
    let ran = folder.run(&["-o", "no/such/out.txt"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("dlint: no/such/out.txt cannot be written: "), "{ran:?}");
    // Nobody may look into the file, so what went wrong is said as well.
    let ran = folder.run(&["-o", "out.json", "--format", "json", "missing"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", "dlint: missing: does not exist\n"));
    folder.write("Dockerfile", WARNING);
    folder.run(&["-o", "out.txt", "--color", "always"]);
    assert!(folder.read("out.txt").contains("\x1b[1;33mwarning"));
    let names: Vec<_> = fs::read_dir(folder.0.path()).unwrap().collect();
    assert_eq!(names.len(), 3, "no temporary file is left");
}

#[test]
fn colours_are_for_terminals_and_who_asks() {
    let folder = Folder::with(WARNING);
    let colored = |env: &[(&str, &str)], args: &[&str]| {
        let ran = folder.run_with(env, args, "");
        ran.out.contains("\x1b[")
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&[], &["--color", "always"]));
    assert!(colored(&[("NO_COLOR", "1")], &["--color=always"]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "0")], &[]));
    assert!(colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    for format in ["short", "json", "sarif", "github"] {
        assert!(!colored(&[], &["--color", "always", "--format", format]), "{format}");
    }
}

#[test]
fn quiet_leaves_the_summary_out() {
    let folder = Folder::with(WARNING);
    let (loud, quiet) = (folder.run(&[]), folder.run(&["--quiet"]));
    assert_eq!((loud.code, quiet.code), (1, 1));
    let start = loud.out.strip_prefix(&quiet.out).unwrap();
    assert!(start.starts_with("1 warning in 1 file; "), "{start}");
    folder.write("Dockerfile", GOOD);
    assert_eq!(folder.run(&["-q"]).out, "");
    // Problems are said all the same.
    assert!(folder.run(&["-q", "missing"]).out.contains("missing: does not exist"));
}

#[test]
fn a_reader_that_leaves_changes_nothing() {
    let folder = Folder::new();
    let many: String = (0..3000).map(|n| format!("RUN sudo x{n}\n")).collect();
    folder.write("Dockerfile", format!("FROM debian:latest\n{many}"));
    for args in [&["--format", "short"][..], &["--format", "json"], &["--format", "human"], &["--diff"]] {
        let mut child = command(folder.0.path(), args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(1), ""),
            "{args:?}"
        );
    }
}

#[test]
fn no_report_takes_the_place_of_what_is_read() {
    let folder = Folder::with(WARNING);
    folder.write("dlint.toml", "fail-on = \"never\"\n");
    folder.write(".dockerignore", "x\n");
    folder.write("compose.yaml", "services: {a: {build: .}}\n");
    folder.write("größe", WARNING);
    #[cfg(unix)]
    std::os::unix::fs::symlink("Dockerfile", folder.path("링크")).unwrap();
    #[cfg(not(unix))]
    folder.write("링크", WARNING);
    for name in ["dlint.toml", ".dockerignore", "compose.yaml", "größe", "링크"] {
        let before = folder.read(name);
        let ran = folder.run(&["--format", &format!("json={name}"), "Dockerfile"]);
        assert!(ran.code == 2 && ran.err.contains("a report would overwrite this "), "{ran:?}");
        assert_eq!(folder.read(name), before, "{name}");
    }
    assert_eq!(folder.read("Dockerfile"), WARNING);
    // An earlier report is replaced.
    for format in ["human", "short", "json", "sarif", "markdown", "junit"] {
        let to = format!("{format}=report");
        assert_eq!(folder.run(&["--format", &to, "Dockerfile"]).code, 0, "{format}");
    }
}

#[test]
fn github_gets_as_lines_what_it_does_not_show() {
    let folder = Folder::with("FROM debian:12\nUSER 1\n");
    folder.write("Dockerfile", format!("FROM debian:12\n{}USER 1\n", "RUN sudo true\n".repeat(13)));
    let ran = folder.run(&["--format", "github", "--select", "sudo"]);
    assert_eq!(ran.out.matches("::warning ").count(), 10, "{ran:?}");
    let lines: Vec<_> = ran.out.lines().filter(|line| line.starts_with("Dockerfile:")).collect();
    assert_eq!(lines.len(), 3, "{ran:?}");
    assert!(lines[2].starts_with("Dockerfile:14:5: warning[sudo] "), "{ran:?}");
    assert!(ran.out.contains("the other 3 of this step are in its log"), "{ran:?}");
}
