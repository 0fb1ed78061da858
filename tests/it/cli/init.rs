//! `dlint init`: where its files go, and where they get dlint from.

use super::{BAD, Folder};

/// A repository with a Dockerfile in a folder below its top.
fn repository() -> Folder {
    let folder = Folder::new();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("services/api/Dockerfile", BAD);
    folder
}

#[test]
fn jobs_go_to_the_top_of_the_repository() {
    let folder = repository();
    let from = ["--from", "dockerfile-dlint==0.1.0"];
    let ran =
        folder.run(&[&["init", "services/api", "--github", "--gitlab", "--pre-commit"], &from[..]].concat());
    assert!(ran.code == 0 && ran.err.contains("does not have dlint yet"), "{ran:?}");
    assert!(folder.path("services/api/dlint.toml").exists() && !folder.path("dlint.toml").exists());
    for file in [".github/workflows/dlint.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"] {
        assert!(folder.read(file).contains("dockerfile-dlint==0.1.0"), "{file}");
    }
    assert!(!folder.path("services/api/.github").exists());
    // A second one is for jobs only: the settings stay.
    folder.write("services/api/dlint.toml", "# mine\n");
    std::fs::remove_file(folder.path(".gitlab-ci.yml")).unwrap();
    let ran = folder.run(&[&["init", "services/api", "--gitlab"], &from[..]].concat());
    assert!(ran.code == 0 && ran.out.contains("dlint.toml already exists and was left"), "{ran:?}");
    assert_eq!(folder.read("services/api/dlint.toml"), "# mine\n");
    assert!(folder.path(".gitlab-ci.yml").exists());
}

#[test]
fn no_job_is_written_that_cannot_get_dlint() {
    let folder = repository();
    for job in ["--github", "--gitlab"] {
        let ran = folder.run(&["init", job]);
        assert!(ran.code == 2 && ran.err.contains("where dlint comes from: --from"), "{ran:?}");
    }
    let ran = folder.run(&["init", "--github", "--from", "../elsewhere"]);
    assert!(ran.code == 2 && ran.err.contains("no address, wheel or package"), "{ran:?}");
    for file in ["dlint.toml", ".github", ".gitlab-ci.yml"] {
        assert!(!folder.path(file).exists(), "{file}");
    }
    // A hook can do with the one that is installed.
    let ran = folder.run(&["init", "--pre-commit"]);
    assert!(ran.code == 0 && ran.err.contains("the hook runs the dlint on the PATH"), "{ran:?}");
    assert!(folder.read(".pre-commit-config.yaml").contains("language: system"));
}

#[test]
fn each_source_has_its_steps() {
    let folder = repository();
    folder.write("vendor/dlint.whl", "");
    let jobs = |from: &str| {
        let ran = folder.run(&["init", "--dry-run", "--github", "--gitlab", "--pre-commit", "--from", from]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    let archive = jobs("https://files.example.com/dlint.tar.gz#sha256=abcd");
    assert!(
        archive.contains("curl -fsSL -o /tmp/dlint.tar.gz 'https://files.example.com/dlint.tar.gz'"),
        "{archive}"
    );
    assert!(archive.contains("echo 'abcd ' \"$RUNNER_TEMP/dlint.tar.gz\" | sha256sum --check"), "{archive}");
    let wheel = jobs("vendor/dlint.whl");
    assert!(wheel.contains("--target \"$RUNNER_TEMP/dlint\" './vendor/dlint.whl'"), "{wheel}");
    assert!(wheel.contains("language: system"), "{wheel}");
    let action = jobs("https://github.com/example/dlint@v9");
    assert!(
        action.contains("- uses: example/dlint@v9\n        with:\n          version: source")
            && action.contains("rev: v9\n"),
        "{action}"
    );
    let elsewhere = jobs("https://example.com/dlint.git");
    let install = "--git 'https://example.com/dlint.git' --tag 'v";
    assert_eq!(elsewhere.matches(install).count(), 2, "{elsewhere}");
    let doubted = folder.run(&["init", "--dry-run", "--github", "--from", "https://example.com/dlint.git"]);
    assert!(doubted.err.contains("a tag can be moved"), "{doubted:?}");
}

#[test]
fn editors_are_told_where_the_schema_is() {
    let folder = repository();
    let ran = folder.run(&["init", "--schema", "../../dlint.schema.json", "services/api"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = folder.read("services/api/dlint.toml");
    assert!(text.starts_with("#:schema ../../dlint.schema.json\n# Settings"), "{text}");
    assert_eq!(folder.run(&["--format", "short"]).err, "");
    assert_eq!(folder.run(&["init", "--schema", "a\nselect = []"]).code, 2);
}
