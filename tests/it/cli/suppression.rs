//! Comments that suppress, dlint's and other tools', through the program.

use super::Folder;

fn short(text: &str, args: &[&str]) -> Vec<String> {
    let folder = Folder::with(text);
    let ran = folder.run(&[&["--format", "short", "Dockerfile"], args].concat());
    ran.short().into_iter().map(|s| s.trim_start_matches("Dockerfile:").to_owned()).collect()
}

#[test]
fn comments_of_dlint() {
    assert!(short("# dlint ignore=latest-tag pinned elsewhere\nFROM a:latest\nUSER 1\n", &[]).is_empty());
    assert!(short("# dlint ignore=DL3007\nFROM a:latest\nUSER 1\n", &[]).is_empty());
    let text =
        "# dlint ignore-file=latest-tag\nFROM a:latest AS x\nFROM b:latest\nCOPY --from=x /a /b\nUSER 1\n";
    assert!(short(text, &[]).is_empty());
    // One instruction only.
    let text = "# dlint ignore=latest-tag\nFROM a:latest AS x\nFROM b:latest\nCOPY --from=x /a /b\nUSER 1\n";
    assert_eq!(short(text, &[]), ["3 latest-tag"]);
    assert_eq!(
        short("# dlint ignore=latest-tga,sudo\nFROM a:1\nUSER 1\n", &[]),
        ["1 unknown-suppression", "1 unused-suppression"]
    );
}

#[test]
fn comments_for_rules_that_were_not_asked_are_not_unused() {
    let text = "FROM a:1\n# dlint ignore=wasteful-context\nCOPY . .\nUSER 1\n";
    assert!(short(text, &["--no-context"]).is_empty());
    assert_eq!(short(text, &[]), ["2 unused-suppression"]);
    let text = "# dlint ignore=sudo\nFROM a:1\nUSER 1\n";
    assert!(short(text, &["--ignore", "sudo"]).is_empty());
    assert_eq!(short(text, &[]), ["1 unused-suppression"]);
}

#[test]
fn comments_of_hadolint() {
    assert!(short("# hadolint ignore=DL3007\nFROM a:latest\nUSER 1\n", &[]).is_empty());
    let text = "FROM a:1\n# hadolint ignore=DL3004,SC2046\nRUN sudo x\nUSER 1\n";
    assert!(short(text, &[]).is_empty());
    assert_eq!(short(&text.replace("DL3004", "DL3006"), &[]), ["3 sudo"]);
    let text = "# hadolint global ignore=DL3004\nFROM a:1\nRUN sudo x\nRUN sudo y\nUSER 1\n";
    assert!(short(text, &[]).is_empty());
    // Without `global` it is about the next instruction.
    let found = short(&text.replace(" global", ""), &[]);
    assert_eq!(found, ["3 sudo", "4 sudo"]);
}

#[test]
fn directives_of_buildkit() {
    let text = "# check=skip=MaintainerDeprecated\nFROM a:1\nMAINTAINER x\nUSER 1\n";
    assert!(short(text, &[]).is_empty());
    assert!(short(&text.replace("MaintainerDeprecated", "all"), &[]).is_empty());
    assert_eq!(
        short(&text.replace("MaintainerDeprecated", "StageNameCasing"), &[]),
        ["3 maintainer-deprecated"]
    );
    // Behind an instruction it is no directive any more, but BuildKit heeds it above an instruction.
    let text = "FROM a:1\n# check=skip=MaintainerDeprecated\nMAINTAINER x\nMAINTAINER y\nUSER 1\n";
    assert_eq!(short(text, &[]), ["4 maintainer-deprecated"]);
}

#[test]
fn suppressed_findings_are_counted() {
    let folder = Folder::with("# dlint ignore=latest-tag\nFROM a:latest\nUSER 1\n");
    let ran = folder.run(&[]);
    assert!(ran.code == 0 && ran.out.starts_with("1 file, no findings; 1 suppressed ("), "{ran:?}");
}

#[test]
fn checks_can_be_errors_and_asked_for() {
    let ran = |text: &str, args: &[&str]| {
        let folder = Folder::with(text);
        let ran = folder.run(&[&["--format", "short", "Dockerfile"], args].concat());
        (ran.code, ran.out.replace("Dockerfile:", ""))
    };
    let text = "FROM debian:12\nMAINTAINER x\nUSER 1\n";
    assert_eq!(ran(text, &[]).0, 0);
    let (code, out) = ran(&format!("# check=error=true\n{text}"), &[]);
    assert!(code == 1 && out.starts_with("3:1: error[maintainer-deprecated]"), "{out}");
    assert_eq!(ran(&format!("# check=error=true\n{text}"), &["--fail-on", "never"]).0, 0);
    assert_eq!(ran(&format!("# check=skip=all;error=true\n{text}"), &[]).0, 0);
    // Only what BuildKit checks, and only where it is said.
    assert_eq!(ran("# check=error=true\nFROM debian:latest\nUSER 1\n", &["--fail-on", "error"]).0, 0);
    let (_, out) =
        ran("FROM a:1 AS x\nMAINTAINER x\n# check=error=true\nFROM x\nMAINTAINER y\nUSER 1\n", &[]);
    assert!(out.contains("2:1: info") && out.contains("5:1: error"), "{out}");
    // A check that is off otherwise.
    let text = "# words\nFROM debian:12 AS base\n# words\nARG a\nUSER 1\n";
    assert_eq!(ran(text, &[]).1, "");
    for check in ["# check=experimental=all", "# check=error=false;experimental=InvalidDefinitionDescription"]
    {
        let (code, out) = ran(&format!("{check}\n{text}"), &[]);
        assert_eq!((code, out.matches("[description-comment]").count()), (0, 2), "{check}: {out}");
        let (_, out) = ran(&format!("{check}\n{text}"), &["--ignore", "description-comment"]);
        assert_eq!(out, "");
    }
    let (_, out) = ran(&text.replace("# words\nARG", "# check=experimental=all\n# words\nARG"), &[]);
    assert_eq!(out.matches("[description-comment]").count(), 1, "{out}");
}

#[test]
fn comments_can_be_forbidden_or_count_for_nothing() {
    let text = "# check=skip=MaintainerDeprecated\nFROM debian:12\n# hadolint ignore=DL3004\nRUN sudo ls\n\
        MAINTAINER x\nUSER 1\n";
    assert_eq!(short(text, &[]), [""; 0]);
    assert_eq!(short(text, &["--disable-ignore-pragma"]), ["4 sudo", "5 maintainer-deprecated"]);
    assert_eq!(short(text, &["--select", "DL1001"]), ["1 suppression-comment", "3 suppression-comment"]);
    assert!(!short(text, &["--select", "strict"]).iter().any(|found| found.ends_with("suppression-comment")));
    assert!(short(text, &["--select", "all"]).iter().any(|found| found.ends_with("suppression-comment")));
}
