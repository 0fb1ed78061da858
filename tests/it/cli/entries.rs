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

#[test]
fn the_builds_of_a_project_are_listed_with_what_they_send() {
    let folder = project();
    folder.write("README.md", "not copied\n");
    let ran = folder.run(&["targets"]);
    let want = "  name    from             Dockerfile      context  sent  stage  arguments
  web     compose.yaml:2   api/Dockerfile  .         8 B         TAG=latest
  worker  compose.yaml:7   api/Dockerfile  .         8 B         TAG=12
  tool    compose.yaml:12  inline          api       8 B
3 builds
";
    assert_eq!((ran.code, ran.out.as_str()), (0, want), "{}", ran.out);
    folder.write(".env", "TAG=13-slim\n");
    folder.write("compose.yaml", "services: {web: {build: {context: ., args: [TAG]}}}\n");
    let arguments = |args: &[&str]| folder.run(args).json()["targets"][0]["arguments"].clone();
    assert_eq!(arguments(&["targets", "--format", "json"]), serde_json::json!({"TAG": null}));
    let shown = arguments(&["targets", "--format", "json", "--show-values"]);
    assert_eq!(shown, serde_json::json!({"TAG": "13-slim"}));
    folder.write("compose.yaml", "services: {web: {build: {context: ., dockerFile: x}}}\n");
    let found = folder.run(&["targets"]);
    assert!(found.code == 0 && found.out.contains("not read: compose.yaml:1:"), "{found:?}");
    let named = folder.run(&["targets", "compose.yaml"]);
    assert_eq!((named.code, named.out), (2, found.out));
    assert_eq!(folder.run(&["targets", "none.yaml"]).code, 2);
}

#[test]
fn a_build_is_chosen_by_its_name() {
    let folder = project();
    let lint = |name: &str| folder.run(&["--format", "short", "--entry", name]);
    assert_eq!(lint("web").short(), ["api/Dockerfile:2 latest-tag"]);
    assert_eq!(lint("compose.yaml: worker").short(), Vec::<String>::new());
    assert_eq!(lint("tool").short().len(), 2);
    let unknown = lint("wbe");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("no file here builds `wbe`: did you mean `web`?"), "{unknown:?}");
    let size = folder.run(&["size", "--entry", "worker", "--format", "json"]).json();
    assert_eq!((&size["dockerfile"], &size["context"]), (&"api/Dockerfile".into(), &".".into()));
    let context = folder.run(&["context", "--entry", "tool", "--format", "json"]).json();
    assert_eq!(context["context"], "api");
    let cache =
        folder.run(&["cache", "--entry", "worker", "--changed", "api/app.py", "--format", "json"]).json();
    assert_eq!(cache["rebuilt"]["layers"], 1);
    // Without a name the first of several counts, and that is said.
    let cache = folder.run(&["cache", "api/Dockerfile", "--changed", "api/app.py", "--format", "json"]);
    assert_eq!(cache.json()["rebuilt"]["layers"], 1);
    assert!(cache.err.contains("as built by compose.yaml: web; `--entry` chooses"), "{cache:?}");
    folder.write("sub/compose.yaml", "services: {web: {build: ../api}}\n");
    let several = lint("web");
    assert!(several.err.contains("name one of `compose.yaml: web`, `sub/compose.yaml: web`"), "{several:?}");
    assert_eq!(lint("sub/compose.yaml: web").code, 1);
}

#[test]
fn a_file_that_its_tool_would_refuse_is_a_note_if_it_was_found_and_an_error_if_it_is_named() {
    let folder = project();
    folder.write("compose.yaml", "services:\n  web:\n    build: {context: ., dockerFile: x}\n");
    let found = folder.run(&["--format", "json"]);
    assert_eq!(found.json()["notes"][0]["start"]["line"], 3);
    assert_eq!((found.code, found.json()["problems"].as_array().unwrap().len()), (0, 0));
    let human = folder.run(&[]);
    assert!(human.out.starts_with("info compose.yaml:3:"), "{human:?}");
    assert!(folder.run(&["-q"]).out.is_empty());
    let named = folder.run(&["--format", "json", "compose.yaml"]);
    assert_eq!((named.code, &named.json()["problems"][0]["start"]["line"]), (2, &3.into()));
}

#[test]
fn a_dockerfile_that_is_built_and_not_there_is_said_where_it_is_named() {
    let folder = project();
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      dockerfile: api/Dockerfil\n");
    let note = &folder.run(&["--format", "json"]).json()["notes"][0];
    assert_eq!(note["message"], "`web` is built from `api/Dockerfil`, which does not exist");
    assert_eq!((&note["start"]["line"], &note["start"]["column"]), (&4.into(), &19.into()));
    assert_eq!(folder.run(&["compose.yaml"]).code, 2);
    // Of a path with a variable that nobody here sets, nobody knows.
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      dockerfile: $WHICH/Dockerfile\n");
    assert_eq!(folder.run(&["--format", "json"]).json()["notes"], serde_json::Value::Null);
}

#[test]
fn dockerfiles_of_any_name_are_found_by_what_builds_them() {
    let folder = project();
    folder.write("compose.yaml", "services: {web: {build: {dockerfile: api/image.txt}}}\n");
    folder.write("api/image.txt", "FROM debian:latest\nUSER 1\n");
    fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    assert_eq!(folder.run(&["--format", "short"]).short(), ["api/image.txt:1 latest-tag"]);
}

#[test]
fn where_files_build_only_stages_that_they_name_the_last_stage_counts_too() {
    let folder = project();
    folder.write("compose.yaml", "services: {web: {build: {context: api, target: dev}}}\n");
    folder.write("api/Dockerfile", "FROM debian:12 AS dev\nUSER 1\n\nFROM debian:latest\nUSER 1\n");
    let ran = folder.run(&["--format", "short", "--select", "default,unused-stage,unreachable-stage"]);
    assert_eq!(ran.short(), ["api/Dockerfile:4 latest-tag"]);
    assert!(!ran.out.contains("as built by"), "{ran:?}");
    // Whoever names a stage builds just that.
    let web = folder.run(&["--format", "short", "--entry", "web", "--select", "unused-stage"]);
    assert_eq!(web.short(), Vec::<String>::new());
}

#[test]
fn a_file_of_more_than_two_mebibytes_is_not_read() {
    let folder = project();
    folder.write("compose.yaml", format!("{COMPOSE}#{}\n", "x".repeat(2 << 20)));
    let found = folder.run(&["--format", "json", "--no-context"]);
    assert_eq!(found.json()["notes"], serde_json::Value::Null);
    let found = folder.run(&["--format", "json"]);
    let message = found.json()["notes"][0]["message"].to_string();
    assert!(message.contains("larger than 2 MiB"), "{found:?}");
}
