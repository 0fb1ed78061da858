//! What the command line demands of images.

use std::sync::Arc;

use super::Folder;

const FILE: &str = "FROM ghcr.io/acme/base:1\nLABEL version=v1 other=x\nHEALTHCHECK NONE\n";

#[test]
fn options_of_the_command_line_switch_their_rules_on() {
    let folder = Folder::with(FILE);
    let rules = |args: &[&str]| folder.run(&[&["--format", "short", "Dockerfile"], args].concat()).short();
    assert_eq!(rules(&["--select", "policy"]), [""; 0]);
    assert_eq!(
        rules(&["--select", "size", "--trusted-registry", "docker.io"]),
        ["Dockerfile:1 registry-not-allowed"]
    );
    assert_eq!(
        rules(&["--trusted-registry", "docker.io", "--trusted-registry", "*.io", "--select", "policy"]),
        [""; 0]
    );
    assert_eq!(
        rules(&["--require-label", "version:SemVer", "--require-label", "a:b:text", "--strict-labels"]),
        ["Dockerfile:1 missing-label", "Dockerfile:2 invalid-label-value", "Dockerfile:2 label-not-allowed"]
    );
    // A word that takes away wins.
    assert_eq!(rules(&["--trusted-registry", "docker.io", "--ignore", "DL3026"]), [""; 0]);
    assert_eq!(
        rules(&["--require-label", "version:hash", "--require-label", "x:text", "--ignore", "missing-label"]),
        ["Dockerfile:2 invalid-label-value"]
    );
}

#[test]
fn the_command_line_adds_to_the_configuration() {
    let folder = Folder::with(FILE);
    folder.write(
        "dlint.toml",
        "select = [\"size\"]\n[severity]\nDL3026 = \"info\"\n[policy]\nallow-registries = [\"docker.io\"]\n",
    );
    let ran = folder.run(&["--format", "short"]);
    assert!(ran.out.contains("Dockerfile:1:6: info[registry-not-allowed]"), "{ran:?}");
    let ran = folder.run(&["--format", "short", "--trusted-registry", "quay.io"]);
    assert!(ran.out.contains("Dockerfile:1:6: info[registry-not-allowed]"), "{ran:?}");
    assert_eq!(folder.run(&["--format", "short", "--trusted-registry", "ghcr.io"]).short(), [""; 0]);
    assert_eq!(folder.run(&["--format", "short", "--select", "size"]).short(), [""; 0]);
}

#[test]
fn what_is_no_demand_is_said() {
    let folder = Folder::with(FILE);
    for (args, want) in [
        (["--require-label", "version"], "a required label is written as KEY:FORMAT"),
        (["--require-label", ":url"], "a required label is written as KEY:FORMAT"),
        (["--require-label", "version:semvre"], "did you mean `semver`?"),
        (["--trusted-registry", "ghcr.io/acme"], "a registry is a host alone"),
    ] {
        let ran = folder.run(&args);
        assert!(ran.code == 2 && ran.err.contains(want), "{ran:?}");
    }
}

/// The findings in a folder of `testdata/golden-images`, and the exit code.
fn golden(folder: &str) -> (i32, Vec<String>) {
    let ran = Folder::new().run(&["--format", "short", &golden_path(folder)]);
    let line = |line: &str| {
        let (_, rest) = line.split_once("Dockerfile:")?;
        let (place, rest) = rest.split_once(": ")?;
        let (severity, rule) = rest.split_once(']')?.0.split_once('[')?;
        Some(format!("{place} {severity} {rule}"))
    };
    (ran.code, ran.out.lines().filter_map(line).collect())
}

fn golden_path(path: &str) -> String {
    format!("{}/testdata/golden-images/{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn golden_images_pass_and_others_fail() {
    assert_eq!(golden("good"), (0, Vec::new()));
    let (code, found) = golden("bad");
    assert_eq!(code, 1);
    insta::assert_snapshot!(found.join("\n"), @r"
    1:6 error image-not-allowed
    1:6 error registry-not-allowed
    1:13 error end-of-life-image
    2:23 error command-not-allowed
    2:93 error package-not-allowed
    4:32 error package-not-allowed
    6:6 error image-not-allowed
    6:6 error image-not-pinned-by-digest
    6:6 error missing-label
    6:48 error imprecise-tag
    7:24 error invalid-label-value
    7:27 error label-not-allowed
    8:39 error invalid-label-value
    10:13 error registry-not-allowed
    10:13 error deprecated-image
    10:13 error image-not-allowed
    10:13 error image-not-pinned-by-digest
    10:31 error imprecise-tag
    11:5 error command-not-allowed
    11:10 warning certificate-check-off
    11:76 error command-not-allowed
    11:76 warning sudo
    12:6 error root-not-allowed
    12:6 warning root-user
    ");
}

#[test]
fn each_demand_of_the_example_is_broken_by_its_bad_file() {
    let text = std::fs::read_to_string(golden_path("dlint.toml")).unwrap();
    let (config, faults) = dlint::internals::config::parse(&text, Arc::default());
    assert_eq!(faults, []);
    let (_, found) = golden("bad");
    for rule in config.policy.rules().map(dlint::internals::rules::RuleId::name) {
        assert!(found.iter().any(|f| f.ends_with(&format!("error {rule}"))), "nothing breaks {rule}");
    }
}
