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
