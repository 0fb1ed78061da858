//! Which rules run: options and `dlint.toml`.

use super::{BAD, Folder, GOOD, WARNING};

/// The rules that are found in `BAD`.
fn rules(folder: &Folder, args: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["--format", "short", "Dockerfile"], args].concat());
    ran.short().iter().map(|s| s.rsplit_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn rules_are_chosen_by_name_alias_and_group() {
    let folder = Folder::with(BAD);
    let all = ["latest-tag", "sudo", "update-without-install", "maintainer-deprecated"];
    assert_eq!(rules(&folder, &[]), all);
    assert_eq!(rules(&folder, &["--select", "sudo"]), ["sudo"]);
    assert_eq!(rules(&folder, &["--select", "DL3004,hadolint:DL3007"]), ["latest-tag", "sudo"]);
    assert_eq!(
        rules(&folder, &["--select", "dl3004", "--select", "style"]),
        ["missing-healthcheck", "sudo", "maintainer-deprecated"]
    );
    assert_eq!(rules(&folder, &["--select", "buildkit"]), ["maintainer-deprecated"]);
    assert_eq!(rules(&folder, &["--ignore", "hadolint"]), ["update-without-install"]);
    assert_eq!(
        rules(&folder, &["--ignore", "hadolint", "--extend-select", "sudo"]),
        ["sudo", "update-without-install"]
    );
    assert_eq!(rules(&folder, &["--ignore", "all"]), [""; 0]);
    let strict = rules(&folder, &["--select", "strict"]);
    assert!(
        all.iter().all(|rule| strict.iter().any(|s| s == rule)) && strict.len() > all.len(),
        "{strict:?}"
    );
    assert!(rules(&folder, &["--extend-select", "image-not-pinned-by-digest"]).len() == 5);
}

#[test]
fn unknown_rules_are_said_with_the_nearest_name() {
    let folder = Folder::with(BAD);
    for option in ["--select", "--extend-select", "--ignore"] {
        let ran = folder.run(&[option, "latest-tga"]);
        assert_eq!(ran.code, 2);
        let want = "error: `latest-tga` is not a known rule, alias or group: did you mean `latest-tag`?";
        assert!(ran.out.contains(want) && ran.out.contains("help: `dlint rules` lists all rules"), "{ran:?}");
    }
}

#[test]
fn the_nearest_configuration_counts() {
    let folder = Folder::with(BAD);
    folder.write("a/b/Dockerfile", BAD);
    folder.write("a/c/Dockerfile", BAD);
    folder.write("dlint.toml", "select = [\"sudo\"]\n");
    folder.write("a/b/dlint.toml", "select = [\"latest-tag\"]\n");
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(ran.short(), ["Dockerfile:2 sudo", "a/b/Dockerfile:1 latest-tag", "a/c/Dockerfile:2 sudo"]);
    let ran = folder.run(&["--format", "short", "--config", "a/b/dlint.toml"]);
    assert_eq!(
        ran.short(),
        ["Dockerfile:1 latest-tag", "a/b/Dockerfile:1 latest-tag", "a/c/Dockerfile:1 latest-tag"]
    );
    assert_eq!(folder.run(&["--format", "short", "--no-config"]).short().len(), 12);
    assert_eq!(folder.run(&["--no-config", "--config", "dlint.toml"]).code, 2);
    // The command line wins.
    let ran =
        folder.run(&["--format", "short", "--extend-select", "latest-tag", "--ignore", "sudo", "Dockerfile"]);
    assert_eq!(ran.short(), ["Dockerfile:1 latest-tag"]);
    let ran = folder.run(&["--config", "nowhere.toml", "Dockerfile"]);
    assert!(ran.code == 2 && ran.out.contains("nowhere.toml"), "{ran:?}");
}

#[test]
fn overrides_severities_thresholds_and_exclusions() {
    let folder = Folder::with(BAD);
    folder.write("test/x.Dockerfile", BAD);
    folder.write("old/Dockerfile", BAD);
    folder.write(
        "dlint.toml",
        "select = [\"sudo\", \"latest-tag\"]\nfail-on = \"error\"\nexclude = [\"old\"]\n\
         [severity]\nsudo = \"info\"\n\
         [[overrides]]\nfiles = [\"test/*\"]\nignore = [\"latest-tag\"]\nseverity = { sudo = \"error\" }\n",
    );
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(ran.short(), ["Dockerfile:1 latest-tag", "Dockerfile:2 sudo", "test/x.Dockerfile:2 sudo"]);
    assert!(ran.out.contains("Dockerfile:2:5: info[sudo]"), "{ran:?}");
    assert!(ran.out.contains("test/x.Dockerfile:2:5: error[sudo]"), "{ran:?}");
    assert_eq!(ran.code, 1);
    assert_eq!(folder.run(&["Dockerfile"]).code, 0);
    assert_eq!(folder.run(&["Dockerfile", "--fail-on", "info"]).code, 1);
    // Editors and hooks name files: what is excluded stays so.
    let ran = folder.run(&["--quiet", "old/Dockerfile"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
}

#[test]
fn options_of_rules() {
    let folder = Folder::with(BAD);
    folder.write("dlint.toml", "");
    let rules: Vec<serde_json::Value> =
        serde_json::from_str(&folder.run(&["rules", "--format", "json"]).out).unwrap();
    assert!(rules.iter().any(|r| r["name"] == "latest-tag"));
    folder.write("dlint.toml", "[rules.latest-tag]\nallwo = [\"debian\"]\n");
    let ran = folder.run(&["Dockerfile"]);
    assert!(ran.code == 2 && ran.out.contains("dlint.toml:2:1") && ran.out.contains("allwo"), "{ran:?}");
}

#[test]
fn faults_of_the_configuration_point_into_it() {
    let folder = Folder::with(GOOD);
    folder
        .write("dlint.toml", "# what we want\nselct = [\"size\"]\nignore = [\"latest-tga\"]\nfail-on = 3\n");
    let ran = folder.run(&["Dockerfile", "a/missing"]);
    assert_eq!(ran.code, 2);
    for want in [
        "dlint.toml:2:1",
        "did you mean `select`?",
        "dlint.toml:3:11",
        "did you mean `latest-tag`?",
        "dlint.toml:4:11",
        " 3 │ ignore = [\"latest-tga\"]",
        "a/missing: does not exist",
    ] {
        assert!(ran.out.contains(want), "{want}: {}", ran.out);
    }
    // Said once, however many files there are.
    folder.write("b/Dockerfile", GOOD);
    assert_eq!(folder.run(&["."]).out.matches("latest-tga").count(), ran.out.matches("latest-tga").count());
    folder.write("dlint.toml", "select = [");
    let ran = folder.run(&["Dockerfile"]);
    assert!(ran.code == 2 && ran.out.contains("dlint.toml:1:"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn paths_count_without_links() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.write("real/Dockerfile", WARNING);
    folder.write("dlint.toml", "[[overrides]]\nfiles = ['real/*']\nignore = ['latest-tag']\n");
    symlink("real", folder.path("linked")).unwrap();
    symlink("real/Dockerfile", folder.path("Dockerfile")).unwrap();
    folder.write("own/Dockerfile", WARNING);
    let ran = folder.run(&["--format", "short", "real/Dockerfile", "linked/Dockerfile", "Dockerfile", "own"]);
    assert_eq!(ran.short(), ["own/Dockerfile:1 latest-tag"]);
}
