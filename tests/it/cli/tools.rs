//! The subcommands, help and version.

use serde_json::Value;

use super::{BAD, Folder};

fn ok(args: &[&str]) -> String {
    let ran = Folder::new().run(args);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    ran.out
}

#[test]
fn help_and_version() {
    insta::assert_snapshot!(ok(&["--help"]));
    assert_eq!(ok(&["--help"]), ok(&["-h"]));
    assert_eq!(ok(&["--version"]), format!("dlint {}\n", env!("CARGO_PKG_VERSION")));
    for command in ["rules", "explain", "context", "cache", "completions"] {
        assert!(ok(&[command, "--help"]).contains(&format!("Usage: dlint {command}")));
    }
    // The first line is what the list of commands says, not what a group of options is about.
    let list = ok(&["--help"]);
    for command in ["rules", "explain", "context", "size", "lock", "cache", "lsp", "init", "completions"] {
        let help = ok(&[command, "--help"]);
        let first = help.lines().next().unwrap();
        let start: String = first.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        let listed = list.lines().filter_map(|l| l.trim_start().strip_prefix(command));
        assert!(listed.map(str::trim_start).any(|about| about.starts_with(&start)), "{command}: {first}");
    }
    // Subcommands and files do not get mixed up.
    let folder = Folder::new();
    folder.write("rules", BAD);
    assert_eq!(folder.run(&["--format", "short", "./rules"]).short().len(), 4);
}

#[test]
fn rules_as_json() {
    let rules: Vec<Value> = serde_json::from_str(&ok(&["rules", "--format", "json"])).unwrap();
    assert!(rules.len() > 40);
    let keys =
        ["aliases", "category", "fix", "name", "needs", "preset", "severity", "since", "status", "summary"];
    for rule in &rules {
        let object = rule.as_object().unwrap();
        let mut own: Vec<&str> = object.keys().map(String::as_str).collect();
        own.sort_unstable();
        assert_eq!(own, keys);
        assert!(["error", "warning", "info"].contains(&rule["severity"].as_str().unwrap()));
        assert!(["default", "strict", "asked"].contains(&rule["preset"].as_str().unwrap()));
        assert!(["none", "unsafe", "safe"].contains(&rule["fix"].as_str().unwrap()));
        let needs = ["dockerfile", "context", "policy", "shellcheck", "entry"];
        assert!(needs.contains(&rule["needs"].as_str().unwrap()));
        assert!(rule["aliases"].as_array().unwrap().iter().all(Value::is_string));
    }
    let names: Vec<&str> = rules.iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted());
    let needy: Vec<&str> =
        rules.iter().filter(|r| r["needs"] == "context").map(|r| r["name"].as_str().unwrap()).collect();
    assert!(needy.contains(&"wasteful-context") && !needy.contains(&"sudo"));
    // The list for people has them all.
    let list = ok(&["rules"]);
    for name in names {
        assert!(list.contains(&format!("  {name} ")), "{name}");
    }
}

#[test]
fn rules_are_explained_by_any_name() {
    let page = ok(&["explain", "latest-tag"]);
    assert!(page.starts_with("latest-tag: "), "{page}");
    for word in ["DL3007", "dl3007", "hadolint:DL3007", "LATEST-TAG"] {
        assert_eq!(ok(&["explain", word]), page, "{word}");
    }
    assert!(page.contains("## Why") && page.contains("also called hadolint:DL3007"), "{page}");
    assert!(ok(&["explain", "wasteful-context"]).contains("needs the build context"));
    // A rule of hadolint that several rules stand for.
    let ran = Folder::new().run(&["explain", "latest-tga"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `latest-tag`?"), "{ran:?}");
    let ran = Folder::new().run(&["explain", "size"]);
    assert!(ran.code == 2 && ran.err.contains("`size` is a group of "), "{ran:?}");
    assert_eq!(Folder::new().run(&["explain"]).code, 2);
}

/// What a completion script is told to offer after words.
fn offered(folder: &Folder, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let env = [("_DLINT_COMPLETE", "bash"), ("_CLAP_IFS", "\n"), ("_CLAP_COMPLETE_INDEX", index.as_str())];
    let ran = folder.run_with(&env, &[&["--"], words].concat(), "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words:?}");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn completions_know_what_may_follow() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ok(&["completions", shell]);
        assert!(script.contains("_DLINT_COMPLETE") && script.contains("dlint"), "{shell}");
    }
    assert_eq!(Folder::new().run(&["completions", "tcsh"]).code, 2);
    let folder = Folder::with("FROM a AS build\nFROM build AS web\n");
    let has = |words: &[&str], wanted: &[&str], unwanted: &[&str]| {
        let all = offered(&folder, words);
        let there = |word: &&str| all.iter().any(|offer| offer == word);
        assert!(wanted.iter().all(there) && !unwanted.iter().any(there), "{words:?} {all:?}");
    };
    has(&["dlint", ""], &["size", "explain", "Dockerfile"], &["debug"]);
    has(&["dlint", "--"], &["--format", "--exclude"], &["--no-fail", "--max-size"]);
    has(&["dlint", "--format", ""], &["sarif", "markdown"], &["html", "Dockerfile"]);
    has(&["dlint", "--format=sarif=D"], &["--format=sarif=Dockerfile"], &[]);
    has(&["dlint", "size", "--format", ""], &["html", "json"], &["sarif"]);
    has(&["dlint", "explain", "late"], &["latest-tag"], &["sudo"]);
    has(&["dlint", "explain", "DL3"], &["DL3007"], &["latest-tag"]);
    has(&["dlint", "--select", "size,sec"], &["size,security"], &["size,size"]);
    has(&["dlint", "cache", "--target", ""], &["build", "web"], &["Dockerfile"]);
}

#[test]
fn pages_say_how_to_suppress_and_configure() {
    let page = ok(&["explain", "latest-tag"]);
    assert!(page.contains("`# dlint ignore=latest-tag why`") && page.contains("## More examples"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 120), "{page}");
    // Where the width is known, the page is set for it.
    let ran = Folder::new().run_with(&[("COLUMNS", "60")], &["explain", "latest-tag"], "");
    assert!(ran.out.contains("\nWhy\n") && !ran.out.contains("## "), "{ran:?}");
    let prose = ran.out.split("Examples").next().unwrap();
    assert!(prose.lines().all(|line| line.chars().count() <= 60), "{prose}");
}

#[test]
fn debug_shows_instructions() {
    let folder = Folder::with("# x\nfrom a\nRUN b \\\n  c\n\nCMD [\"x\"]\n");
    let ran = folder.run(&["debug", "instructions", "Dockerfile", "missing"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "dlint: missing does not exist\n"));
    let line: Value = serde_json::from_str(&ran.out).unwrap();
    let want = serde_json::json!({
        "file": "Dockerfile", "instructions": [["from", 2, 2], ["RUN", 3, 4], ["CMD", 6, 6]]
    });
    let lower = |v: &Value| v.to_string().to_lowercase();
    assert_eq!(lower(&line), lower(&want));
    assert!(folder.run(&["debug", "ast", "Dockerfile"]).out.contains("Instruction {"));
}

#[test]
fn debug_answers_what_is_ignored() {
    let question = "{\"patterns\": \"*.md\\n!a.md\", \"paths\": [\"a.md\", \"b.md\", \"c\"]}\n\n{\"patterns\": \"x\\n[\"}\n";
    let ran = Folder::new().run_with(&[], &["debug", "ignored"], question);
    assert_eq!(ran.code, 0);
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0], serde_json::json!({"paths": {"a.md": false, "b.md": true, "c": false}}));
    assert_eq!(answers[1]["line"], 2);
    assert!(answers[1]["error"].is_string());
    let ran = Folder::new().run_with(&[], &["debug", "ignored"], "{");
    assert!(ran.code == 2 && ran.err.starts_with("dlint: "), "{ran:?}");
}

#[test]
fn a_context_is_measured() {
    let folder = Folder::with("FROM a:1\nCOPY src /src\n");
    folder.write("src/a", "12345");
    folder.write("big/b", "1234567890");
    let ran = folder.run(&["context"]);
    assert!(ran.code == 0 && ran.out.contains("big"), "{ran:?}");
    let json = folder.run(&["context", "--format", "json"]).json();
    assert_eq!(json["sent"]["bytes"], 5);
    let ran = folder.run(&["context", "nowhere"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "dlint: nowhere does not exist\n"));
}
