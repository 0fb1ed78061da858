//! Settings of hadolint: its file and its variables, and moving over from them.

use super::Folder;

/// A Dockerfile in which hadolint and dlint find things.
const DOCKERFILE: &str = "FROM debian\nMAINTAINER x\nRUN sudo ls\n";

fn note(ran: &super::Ran) -> &str {
    ran.err.trim_end()
}

#[test]
fn a_file_of_hadolint_counts_where_there_is_none_of_dlint() {
    let folder = Folder::with(DOCKERFILE);
    folder.write(".git/HEAD", "");
    folder.write("sub/Dockerfile", DOCKERFILE);
    folder.write("sub/own/Dockerfile", DOCKERFILE);
    folder.write("sub/own/dlint.toml", "select = ['sudo']\n");
    folder.write("sub/own/.hadolint.yaml", "ignored: []\n");
    folder.write(".hadolint.yml", "ignored: [DL3004]\n");
    folder.write("sub/.hadolint.yaml", "ignored: [DL3006, DL4000]\n");
    folder.write("home/.hadolint.yaml", "ignored: [DL3006]\n");
    let ran = folder.run(&["--format", "short", "sub", "Dockerfile"]);
    assert_eq!(
        ran.short(),
        [
            "Dockerfile:1 untagged-image",
            "Dockerfile:2 maintainer-deprecated",
            "sub/Dockerfile:3 sudo",
            "sub/own/Dockerfile:3 sudo",
        ]
    );
    assert_eq!(ran.err, "");
    // hadolint's levels.
    assert!(ran.out.contains("error[maintainer-deprecated]"), "{ran:?}");
    let ran = folder.run(&["Dockerfile"]);
    assert_eq!(
        note(&ran),
        "dlint: the settings come from .hadolint.yml; `dlint init` moves them over to dlint.toml"
    );
    for quiet in [&["-q", "Dockerfile"][..], &["--no-config", "Dockerfile"], &["sub/own/Dockerfile"]] {
        assert_eq!(folder.run(quiet).err, "", "{quiet:?}");
    }
    let ran = folder.run(&["--format", "short", "--config", "sub/.hadolint.yaml", "Dockerfile"]);
    assert_eq!(ran.short(), ["Dockerfile:3 sudo"]);
}

#[test]
fn the_users_own_file_and_the_variables_count_last() {
    let folder = Folder::with(DOCKERFILE);
    let ignore = [("HADOLINT_IGNORE", "DL3006,DL4000")];
    let ran = folder.run_with(&ignore, &["Dockerfile", "--color", "never"], "");
    assert!(ran.out.contains("[sudo]") && !ran.out.contains("untagged-image"), "{ran:?}");
    assert!(note(&ran).contains("the settings come from the variables `HADOLINT_…`"), "{ran:?}");
    assert!(folder.run_with(&ignore, &["--no-config", "Dockerfile"], "").out.contains("untagged-image"));
    folder.write("home/.config/hadolint.yaml", "ignored: [DL3004]\n");
    let ran = folder.run_with(&ignore, &["--format", "short"], "");
    assert_eq!(ran.short(), [""; 0]);
    assert_eq!(folder.run(&["--format", "short"]).short().len(), 2, "{ran:?}");
    // A file of dlint's own is all that counts.
    folder.write("dlint.toml", "select = ['untagged-image']\n");
    assert_eq!(folder.run_with(&ignore, &["--format", "short"], "").short(), ["Dockerfile:1 untagged-image"]);
    folder.write("dlint.toml", "");
    let ran = folder.run_with(&[("HADOLINT_FORMAT", "nonsense")], &["Dockerfile"], "");
    assert_eq!(ran.code, 1);
    std::fs::remove_file(folder.path("dlint.toml")).unwrap();
    std::fs::remove_file(folder.path("home/.config/hadolint.yaml")).unwrap();
    let ran = folder.run_with(&[("HADOLINT_FORMAT", "nonsense")], &["Dockerfile"], "");
    assert!(ran.code == 2 && ran.out.contains("HADOLINT_FORMAT: `nonsense` is not a"), "{ran:?}");
}

#[test]
fn faults_point_into_the_file() {
    let folder = Folder::with(DOCKERFILE);
    folder.write(".hadolint.yaml", "ignored:\n  - DL3006\n  - sudo\ntrustedregistries: [a]\n");
    let ran = folder.run(&["Dockerfile"]);
    assert_eq!(ran.code, 2);
    for want in [
        ".hadolint.yaml:3:5",
        "`sudo` is not a hadolint rule",
        ".hadolint.yaml:4:1",
        "did you mean `trustedRegistries`?",
    ] {
        assert!(ran.out.contains(want), "{want}: {}", ran.out);
    }
    folder.write(".hadolint.yaml", "ignored: &a [*a]\n");
    assert!(folder.run(&["Dockerfile"]).out.contains(".hadolint.yaml:1:14"));
}

#[test]
fn levels_thresholds_and_output_are_those_of_the_file() {
    let folder = Folder::with("FROM debian:12\nMAINTAINER x\n");
    for (settings, args, code) in [
        ("{}", &[][..], 1),
        ("override: {style: [DL4000]}", &[], 0),
        ("override: {style: [DL4000]}\nfailure-threshold: style", &[], 1),
        ("override: {warning: [DL4000]}\nfailure-threshold: error", &[], 0),
        ("no-fail: true", &[], 0),
        ("no-fail: true", &["--fail-on", "error"], 1),
    ] {
        folder.write(".hadolint.yaml", settings);
        assert_eq!(folder.run(&[&["Dockerfile"], args].concat()).code, code, "{settings}");
    }
    folder.write(".hadolint.yaml", "format: json\n");
    assert_eq!(folder.run(&[]).json()["summary"]["errors"], 1);
    assert!(folder.run(&["--format", "human"]).out.starts_with("error[maintainer-deprecated]"));
    folder.write(".hadolint.yaml", "format: tty\n");
    let actions = [("GITHUB_ACTIONS", "true")];
    assert_eq!(folder.run_with(&actions, &[], "").short(), ["Dockerfile:2 maintainer-deprecated"]);
    folder.write(".hadolint.yaml", "no-color: true\n");
    let force = [("CLICOLOR_FORCE", "1")];
    assert!(!folder.run_with(&force, &[], "").out.contains('\u{1b}'));
    assert!(folder.run_with(&force, &["--color", "auto"], "").out.contains('\u{1b}'));
    folder.write("Dockerfile", "FROM debian:12\n# hadolint ignore=DL4000\nMAINTAINER x\n");
    assert_eq!(folder.run(&[]).code, 0);
    folder.write(".hadolint.yaml", "disable-ignore-pragma: true\n");
    assert_eq!(folder.run(&[]).code, 1);
}

#[test]
fn the_same_can_be_said_in_dlints_own_words() {
    let folder = Folder::with("FROM debian:12\n# dlint ignore=sudo\nRUN sudo ls\nMAINTAINER x\nUSER 1\n");
    folder.write(
        "dlint.toml",
        "format = 'short'\ncolor = 'never'\ndisable-ignore-pragma = true\nadvisory = ['DL3004']\n",
    );
    let ran = folder.run(&[]);
    assert_eq!(ran.short(), ["Dockerfile:3 sudo", "Dockerfile:4 maintainer-deprecated"]);
    assert_eq!(ran.code, 0);
    folder.write("dlint.toml", "format = 'shrt'\ncolor = 'on'\n");
    let ran = folder.run(&[]);
    assert!(
        ran.out.contains("`shrt` is not a format") && ran.out.contains("`on` must be one of auto"),
        "{ran:?}"
    );
}

#[test]
fn options_of_hadolint_go_on_working() {
    let folder = Folder::with(DOCKERFILE);
    let short = |args: &[&str]| folder.run(&[args, &["Dockerfile"]].concat());
    let base = ["-f", "tty", "--no-color", "--ignore", "DL3006", "--ignore", "SC2086"];
    let ran = short(&base);
    assert_eq!(ran.short(), ["Dockerfile:2 maintainer-deprecated", "Dockerfile:3 sudo"]);
    assert_eq!(ran.code, 1);
    for (args, code) in [
        (&["--no-fail"][..], 0),
        (&["-t", "error"], 0),
        (&["--failure-threshold", "style"], 1),
        (&["--style", "DL3004"], 0),
        (&["--style", "DL3004", "-t", "info"], 1),
        (&["--style", "DL3004", "--style", "DL4000", "-t", "info"], 0),
        (&["--style", "DL3004", "--error", "DL3004", "-t", "error"], 1),
        (&["--info", "DL3004", "--warning", "DL4000", "-t", "warning"], 1),
        (&["--warning", "SC1000", "-t", "error"], 0),
    ] {
        assert_eq!(short(&[&base, args].concat()).code, code, "{args:?}");
    }
    folder.write("own.yaml", "ignored: [DL3006, DL4000]\n");
    assert_eq!(short(&["-c", "own.yaml", "-f", "gnu"]).short(), ["Dockerfile:3 sudo"]);
    let ran =
        folder.run_with(&[], &["-f", "tty", "--file-path-in-report", "x/D", "-"], "FROM debian\nUSER 1\n");
    assert_eq!(ran.short(), ["x/D:1 untagged-image"]);
    // They do not clutter the help.
    let help = folder.run(&["--help"]).out;
    assert!(!help.contains("--no-fail") && !help.contains("--style") && !help.contains("failure-threshold"));
}

#[test]
fn init_moves_settings_over_and_keeps_what_is_there() {
    let folder = Folder::with(DOCKERFILE);
    folder.write(".hadolint.yaml", "ignored:\n  - DL3006 # ours\noverride: {style: [DL3004]}\n");
    let before = folder.run(&["--format", "short"]);
    let dry = folder.run(&["init", "--dry-run", "--gitlab", "--from", "dockerfile-dlint"]);
    assert!(dry.code == 0 && dry.out.contains("# .gitlab-ci.yml") && !folder.path("dlint.toml").exists());
    let ran = folder.run(&["init"]);
    assert!(ran.out.starts_with("wrote dlint.toml, from .hadolint.yaml"), "{ran:?}");
    let text = folder.read("dlint.toml");
    assert!(dry.out.starts_with(&text) && text.contains("\"untagged-image\", # DL3006: ours"), "{text}");
    let after = folder.run(&["--format", "short"]);
    assert_eq!((after.code, &after.out), (before.code, &before.out));
    assert_eq!(folder.run(&[]).err, "");
    folder.write("dlint.toml", "# mine\n");
    let ran = folder.run(&["init"]);
    assert!(ran.code == 2 && ran.err.contains("dlint.toml is there already"), "{ran:?}");
    assert_eq!(folder.read("dlint.toml"), "# mine\n");
    folder.write(".pre-commit-config.yaml", "repos: []\n");
    let ran = folder.run(&["init", "--force", "--pre-commit", "--github", "--from", "dockerfile-dlint"]);
    assert!(ran.code == 0 && ran.out.contains("was left as it is; to add:"), "{ran:?}");
    assert_eq!(folder.read("dlint.toml"), text);
    assert_eq!(folder.read(".pre-commit-config.yaml"), "repos: []\n");
    assert!(folder.read(".github/workflows/dlint.yml").contains("dlint"));
    folder.write(".hadolint.yaml", "ignored: [no]\n");
    let ran = folder.run(&["init", "--force"]);
    assert!(ran.code == 2 && ran.err.contains(".hadolint.yaml:1:11"), "{ran:?}");
    assert_eq!(folder.read("dlint.toml"), text);
}

#[test]
fn init_gives_a_first_configuration() {
    let folder = Folder::with(DOCKERFILE);
    let before = folder.run(&["--format", "short"]);
    assert_eq!(folder.run(&["init"]).code, 0);
    assert_eq!(folder.run(&["--format", "short"]), before);
    assert_eq!(folder.run(&["init", "nowhere"]).code, 2);
}
