//! What the command line demands of images.

use super::Folder;

const FILE: &str = "FROM ghcr.io/acme/base:1\nLABEL version=v1 other=x\n";

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
