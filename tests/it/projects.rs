//! The projects of `testdata` as a whole: what each is found to have, and where.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dlint::internals::config::Config;
use dlint::internals::engine::{Found, Input, InputKind, Run, discover};
use dlint::internals::rules::Choice;
use dlint::internals::workspace::{Files, Target};

/// The findings in the files below `testdata/project`, a line each: `path:line:column rule`.
fn findings(project: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let Found { mut inputs, problems, .. } = discover(&[root.join(project)]);
    assert!(problems.is_empty(), "{problems:?}");
    if project == "monorepo" {
        // Its `.gitignore` hides this one, which does not keep it from being linted by name.
        let path = root.join("monorepo/third_party/queue/Dockerfile");
        inputs.push(Input { path, kind: InputKind::Dockerfile });
    }
    assert!(!inputs.is_empty(), "{project}");
    let settings = |path: &Path| Arc::new(Config::default().settings(path, &Choice::default(), None));
    let target = |path: &Path| Target::of_file(path);
    let files = &Files::default();
    let (settings, target) = (&settings, &target);
    let run = Run {
        settings,
        target,
        targets: None,
        files,
        progress: None,
        fixing: None,
        shellcheck: None,
        seen: None,
    };
    let mut lines = Vec::new();
    for outcome in run.all(&inputs) {
        assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
        for file in outcome.files {
            let path = PathBuf::from(&file.path);
            let path = path.strip_prefix(&root).unwrap().display().to_string().replace('\\', "/");
            let lines_of = file.source.lines();
            for finding in &file.findings {
                let at = lines_of.position(file.source.text(), finding.span.start);
                lines.push(format!("{path}:{}:{} {}", at.line, at.column, finding.rule));
            }
        }
    }
    lines
}

fn rules(project: &str) -> Vec<String> {
    findings(project).iter().map(|l| l.rsplit(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn good_projects_have_no_findings() {
    for project in ["clean", "flask-optimised", "heredocs", "windows"] {
        assert_eq!(findings(project), Vec::<String>::new(), "{project}");
    }
}

#[test]
fn the_usual_first_flask_image_is_told_all_that_a_reviewer_would() {
    let found = rules("flask-naive");
    for rule in [
        "copy-before-install",
        "update-without-install",
        "missing-multi-stage",
        "cache-left-in-layer",
        "secret-in-context",
        "no-user",
        "shell-form-command",
    ] {
        assert!(found.iter().any(|r| r == rule), "{rule} is not among {found:?}");
    }
}

#[test]
fn projects_are_found_to_have_just_this() {
    let mut text = String::new();
    for project in
        ["broken", "flask-naive", "go-single-stage", "java-maven", "monorepo", "node-copy-first", "unicode"]
    {
        for line in findings(project) {
            writeln!(text, "{line}").unwrap();
        }
    }
    insta::assert_snapshot!(text, @r"
    broken/Dockerfile:2:1 syntax-error
    broken/Dockerfile:4:1 syntax-error
    broken/Dockerfile:5:6 syntax-error
    broken/Dockerfile:6:18 syntax-error
    broken/Dockerfile:7:1 syntax-error
    broken/Dockerfile:8:8 invalid-port
    broken/Dockerfile:9:5 shell-form-command
    broken/Dockerfile:10:24 syntax-error
    broken/Dockerfile:11:19 syntax-error
    broken/Dockerfile:12:9 onbuild-trigger
    broken/Dockerfile:13:1 no-user
    broken/Dockerfile:13:12 shell-form-command
    broken/Dockerfile:14:5 syntax-error
    flask-naive/Dockerfile:5:6 copy-before-install
    flask-naive/Dockerfile:5:6 secret-in-context
    flask-naive/Dockerfile:7:5 update-without-install
    flask-naive/Dockerfile:8:24 missing-multi-stage
    flask-naive/Dockerfile:10:5 cache-left-in-layer
    flask-naive/Dockerfile:14:1 no-user
    flask-naive/Dockerfile:14:5 shell-form-command
    go-single-stage/Dockerfile:1:6 missing-multi-stage
    go-single-stage/Dockerfile:12:1 no-user
    java-maven/Dockerfile:1:6 missing-multi-stage
    java-maven/Dockerfile:4:6 copy-before-install
    java-maven/Dockerfile:7:5 secret-in-env
    java-maven/Dockerfile:10:1 no-user
    java-maven/Dockerfile:10:5 shell-form-command
    monorepo/Containerfile:2:5 cache-left-in-layer
    monorepo/Dockerfile.ci:9:1 maintainer-deprecated
    monorepo/Dockerfile.ci:12:1 no-user
    monorepo/services/api/Dockerfile:4:5 cache-left-in-layer
    monorepo/services/web/Dockerfile:1:6 untagged-image
    monorepo/services/web/Dockerfile:2:1 add-local-files
    monorepo/services/worker/worker.Dockerfile:3:9 relative-workdir
    monorepo/services/worker/worker.Dockerfile:4:16 cache-left-in-layer
    monorepo/services/worker/worker.Dockerfile:6:1 multiple-cmd
    monorepo/services/worker/worker.Dockerfile:7:1 no-user
    monorepo/third_party/queue/Dockerfile:1:12 latest-tag
    monorepo/third_party/queue/Dockerfile:2:5 update-without-install
    node-copy-first/Dockerfile:1:6 full-base-image
    node-copy-first/Dockerfile:1:11 latest-tag
    node-copy-first/Dockerfile:3:6 copy-before-install
    node-copy-first/Dockerfile:4:5 cache-left-in-layer
    node-copy-first/Dockerfile:6:1 no-user
    node-copy-first/Dockerfile:6:5 shell-form-command
    unicode/Dockerfile:4:14 comment-after-arguments
    ");
}
