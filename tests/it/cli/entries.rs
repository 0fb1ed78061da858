//! Dockerfiles that files of the project build: each as it is built.

use super::*;

const COMPOSE: &str = "\
services:
  web:
    build:
      context: .
      dockerfile: api/Dockerfile
      args: {TAG: latest}
  worker:
    build:
      context: .
      dockerfile: api/Dockerfile
      args: {TAG: '12'}
  tool:
    build:
      context: api
      dockerfile_inline: |
        FROM debian:latest
        COPY app.py ap.py /
        USER 1
";
const DOCKERFILE: &str = "ARG TAG\nFROM debian:$TAG\nCOPY api/app.py /app.py\nUSER 1\n";

fn project() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("compose.yaml", COMPOSE);
    folder.write("api/Dockerfile", DOCKERFILE);
    folder.write("api/app.py", "print()\n");
    folder
}

#[test]
fn each_build_has_its_context_and_arguments_and_findings_name_the_builds_that_differ() {
    let folder = project();
    let found =
        ["compose.yaml:16 latest-tag", "compose.yaml:17 copy-missing-source", "api/Dockerfile:2 latest-tag"];
    let sorted = |mut found: Vec<String>| {
        found.sort();
        found
    };
    let want = sorted(found.map(str::to_owned).to_vec());
    assert_eq!(sorted(folder.run(&["--format", "short"]).short()), want);
    // The file alone says as much.
    assert_eq!(sorted(folder.run(&["--format", "short", "compose.yaml"]).short()), want);
    // A Dockerfile alone gets its builds from above, and nothing of the others.
    let alone = folder.run(&["--format", "short", "api/Dockerfile"]);
    assert_eq!(alone.short(), found[2..]);
    assert!(alone.out.contains("can change between builds (as built by compose.yaml: web)"), "{alone:?}");
    let json = folder.run(&["--format", "json", "api/Dockerfile"]).json();
    let builds = |at: usize| json["files"][0]["findings"][at]["builds"].clone();
    assert_eq!(builds(0), serde_json::json!(["compose.yaml: web"]));
    let human = folder.run(&["api/Dockerfile"]);
    assert!(human.out.contains("  as built by compose.yaml: web\n"), "{human:?}");
}

#[test]
fn who_says_how_it_is_built_is_not_contradicted() {
    let folder = project();
    for args in [&["--no-entries"][..], &["--build-arg", "TAG=12-slim"], &["--context", "."]] {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "short", "api/Dockerfile"]).collect();
        let ran = folder.run(&args);
        assert!(!ran.out.contains("as built by"), "{ran:?}");
    }
    folder.write("dlint.toml", "context = '.'\n");
    let ran = folder.run(&["--format", "short", "api/Dockerfile"]);
    assert!(!ran.out.contains("as built by"), "{ran:?}");
}

#[test]
fn what_the_tools_make_of_the_files_is_shown() {
    let folder = project();
    let json = folder.run(&["debug", "targets", "--format", "json"]).json();
    let targets = json["targets"].as_array().unwrap();
    let names: Vec<&str> = targets.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["web", "worker", "tool"]);
    assert_eq!(targets[0]["context"], ".");
    assert_eq!(targets[0]["dockerfile"], "api/Dockerfile");
    assert_eq!(targets[0]["args"]["TAG"], "latest");
    assert_eq!(targets[0]["place"]["line"], 2);
    assert_eq!(targets[2]["inline"], "FROM debian:latest\nCOPY app.py ap.py /\nUSER 1\n");
    folder.write("bad/compose.yaml", "services:\n  a:\n    build: {dockerFile: x}\n");
    let ran = folder.run(&["debug", "targets", "bad"]);
    assert_eq!((ran.code, &ran.json()["problems"][0]["line"]), (2, &serde_json::json!(3)));
}
