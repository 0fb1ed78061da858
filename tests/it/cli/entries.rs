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

pub(super) fn project() -> Folder {
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
fn the_health_check_of_a_service_runs_in_its_image() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("a", "#!/bin/sh\n");
    let found = |run: &str, test: &str| {
        folder.write("Dockerfile", format!("FROM debian:13-slim\n{run}COPY a /a\nUSER 1\nCMD [\"/a\"]\n"));
        folder.write(
            "compose.yaml",
            format!("services:\n  one:\n    build: .\n    healthcheck:\n      test: {test}\n"),
        );
        folder.run(&["--format", "short", "--select", "missing-program"]).short()
    };
    for test in [
        "[CMD, curl, -f, http://localhost]",
        "[CMD-SHELL, \"curl -f http://localhost || exit 1\"]",
        "curl -f http://localhost || exit 1",
    ] {
        assert_eq!(found("", test), ["Dockerfile:1 missing-program"], "{test}");
        assert!(found("RUN apt-get update && apt-get install -y curl\n", test).is_empty(), "{test}");
    }
    for test in ["[NONE]", "[CMD, /a]", "curl -f a || wget b", "[CMD-SHELL, \"command -v curl && curl b\"]"] {
        assert!(found("", test).is_empty(), "{test}");
    }
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
    let named =
        |t: &serde_json::Value| format!("{} {}", t["kind"].as_str().unwrap(), t["name"].as_str().unwrap());
    let names: Vec<String> = targets.iter().map(named).collect();
    // bake takes a Compose file as well.
    let want = ["compose web", "compose worker", "compose tool", "bake web", "bake worker", "bake tool"];
    assert_eq!(names, want);
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
    let want = "  name    from             Dockerfile      context  sent  arguments
  web     compose.yaml:2   api/Dockerfile  .         8 B  TAG=latest
  worker  compose.yaml:7   api/Dockerfile  .         8 B  TAG=12
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
    assert!(found.code == 0 && found.out.contains("refused: compose.yaml:1:"), "{found:?}");
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
fn a_dockerfile_that_is_built_and_not_there_is_found_where_it_is_named() {
    let folder = project();
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      dockerfile: api/Dockerfil\n");
    let ran = folder.run(&["--format", "json", "compose.yaml"]);
    let json = ran.json();
    let finding = &json["files"][0]["findings"][0];
    assert_eq!((ran.code, &json["files"][0]["path"]), (1, &"compose.yaml".into()));
    assert_eq!(finding["message"], "`web` is built from `api/Dockerfil`, which does not exist");
    assert_eq!((&finding["start"]["line"], &finding["start"]["column"]), (&4.into(), &19.into()));
    let found = folder.run(&["--format", "short", "--select", "missing-dockerfile"]);
    assert_eq!((found.code, found.short()), (1, vec!["compose.yaml:4 missing-dockerfile".to_owned()]));
    assert_eq!(folder.run(&["--no-entries", "--select", "missing-dockerfile"]).code, 0);
    // A Dockerfile alone is not about the file that builds others.
    assert!(!folder.run(&["--format", "json", "api/Dockerfile"]).out.contains("compose.yaml"));
    // Of a path with a variable that nobody here sets, nobody knows; what Git ignores is made before the build.
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      dockerfile: $WHICH/Dockerfile\n");
    assert_eq!(folder.run(&["--format", "short", "compose.yaml"]).out, "");
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      dockerfile: out/Dockerfile\n");
    folder.write(".gitignore", "/out\n");
    let ran = folder.run(&["--format", "json", "compose.yaml"]);
    let note = &ran.json()["notes"][0]["message"];
    assert_eq!(
        (ran.code, note),
        (0, &"`web` is built from `out/Dockerfile`, which does not exist yet".into())
    );
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

#[test]
fn each_platform_is_a_build_and_is_named_where_it_differs() {
    let folder = Folder::new();
    folder
        .write("docker-bake.hcl", "target \"default\" { platforms = [\"linux/amd64\", \"linux/arm64\"] }\n");
    folder.write("amd64.bin", "x");
    folder.write(
        "Dockerfile",
        "FROM debian:latest\nARG TARGETARCH\nCOPY $TARGETARCH.bin ./tool.txt /t/\nUSER 1\n",
    );
    folder.write("tool.txt", "x");
    folder.write("arm.bin", "x");
    folder.write(".dockerignore", "arm64*\n");
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(ran.short(), ["Dockerfile:1 latest-tag", "Dockerfile:3 copy-excluded-source"], "{ran:?}");
    assert!(
        ran.out.contains("so the build fails (as built by docker-bake.hcl: default (linux/arm64))"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("builds (as built"), "{ran:?}");
    let platform = |args: &[&str]| {
        folder.run(&[&["size", "--format", "json", "--entry", "default"], args].concat()).json()["platform"]
            .clone()
    };
    assert_eq!(platform(&[]), "linux/amd64");
    assert_eq!(platform(&["--platform", "linux/arm64"]), "linux/arm64");
}

#[test]
fn a_platform_is_not_named_where_one_stands_for_all() {
    let folder = Folder::new();
    let bake = "target \"old\" { platforms = [\"linux/386\", \"linux/arm64\"] }\n\
                target \"new\" {\n  platforms = [\"linux/386\", \"linux/arm64\"]\n  args = { TAG = \"12\" }\n}\n\
                group \"default\" { targets = [\"old\", \"new\"] }\n";
    folder.write("docker-bake.hcl", bake);
    folder.write("Dockerfile", "ARG TAG=latest\nFROM debian:$TAG\nUSER 1\n");
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(ran.short(), ["Dockerfile:1 latest-tag"], "{ran:?}");
    assert!(ran.out.contains("(as built by docker-bake.hcl: old)"), "{ran:?}");
}

#[test]
fn standard_input_with_a_name_is_built_as_that_file_is() {
    let folder = project();
    let text = "ARG TAG\nFROM debian:$TAG\nCOPY api/app.py gone.py /\nUSER 1\n";
    for name in ["api/Dockerfile", "./api/Dockerfile"] {
        let ran = folder.run_with(&[], &["--format", "short", "-", "--stdin-filename", name], text);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("can change between builds (as built by compose.yaml: web)"), "{ran:?}");
        assert!(ran.out.contains("`gone.py` is not in the build context"), "{ran:?}");
        assert!(!ran.out.contains("compose.yaml:16"), "{ran:?}");
    }
    let chosen = ["--format", "short", "-", "--stdin-filename", "api/Dockerfile", "--entry", "worker"];
    let ran = folder.run_with(&[], &chosen, text);
    assert!(!ran.out.contains("latest-tag") && ran.out.contains("gone.py"), "{ran:?}");
    let fixed = folder.run_with(
        &[],
        &["--fix", "--select", "all", "-", "--stdin-filename", "api/Dockerfile"],
        "ARG TAG\nFROM debian:$TAG\nCOPY api/app.py /app.py\nENV A b\nUSER 1\n",
    );
    assert!(fixed.out.contains("ENV A=b") && fixed.out.contains("ARG TAG"), "{fixed:?}");
    // The file of that name may not be there yet.
    fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    let ran = folder.run_with(&[], &["--format", "short", "-", "--stdin-filename", "api/Dockerfile"], text);
    assert!(ran.out.contains("as built by compose.yaml: web"), "{ran:?}");
}

#[test]
fn commands_on_one_build_take_the_same_options_about_builds() {
    let folder = project();
    let options = |command: &str| -> Vec<String> {
        let help = folder.run(&[command, "--help"]).out;
        let line = |option: &str| {
            let at = help.find(&format!("--{option}")).unwrap_or_else(|| panic!("{command} --{option}"));
            help[at..]
                .split("\n\n")
                .next()
                .unwrap()
                .lines()
                .take(4)
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(" ")
        };
        ["entry <NAME>", "no-entries", "env"].map(line).to_vec()
    };
    let first = |lines: Vec<String>| {
        lines.iter().map(|l| l.split(' ').take(12).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let size = first(options("size"));
    assert_eq!(first(options("cache")), size);
    assert_eq!(first(options("context")), size);
    for command in ["size", "cache", "context"] {
        let both = folder.run(&[command, "--entry", "web", "--target", "x"]);
        assert!(both.code == 2 && both.err.contains("cannot be used with"), "{both:?}");
    }
    // The context alone has builds as well.
    let own = folder.run(&["context", "--format", "json"]);
    assert_eq!(own.json()["dockerfile"], "api/Dockerfile", "{own:?}");
    assert!(own.err.contains("as built by compose.yaml: web"), "{own:?}");
    let plain = folder.run(&["context", "--no-entries", "--format", "json"]);
    assert_eq!(plain.json()["dockerfile"], serde_json::Value::Null, "{plain:?}");
}

#[test]
fn an_argument_without_a_value_is_declared_and_a_secret_one_is_not_listed() {
    let folder = Folder::new();
    folder.write(
        "compose.yaml",
        "services: {web: {build: {context: ., args: {API_TOKEN: k3J9fQ2x, TZ: UTC}}}}\n",
    );
    folder.write("Dockerfile", "ARG TAG\nFROM debian:$TAG\nARG API_TOKEN TZ\nUSER 1\n");
    let found = folder.run(&["--format", "short"]).short();
    let want = [
        "Dockerfile:3 secret-in-env",
        "compose.yaml:1 missing-build-arg",
        "compose.yaml:1 secret-in-build-arg",
    ];
    assert_eq!(found, want);
    let listed = |arguments: &[&str]| folder.run(arguments).out;
    assert!(!listed(&["targets"]).contains("k3J9fQ2x") && listed(&["targets"]).contains("TZ=UTC"));
    assert!(listed(&["targets", "--show-values"]).contains("API_TOKEN=k3J9fQ2x"));
}

#[test]
fn nothing_of_what_is_copied_may_be_in_a_context_that_a_file_names() {
    let folder = Folder::new();
    folder.write("compose.yaml", "services: {web: {build: {context: ., dockerfile: api/Dockerfile}}}\n");
    folder.write("api/Dockerfile", "FROM debian:12\nCOPY app.py /\nCOPY dist/app.js /\nUSER 1\n");
    folder.write("api/app.py", "print()\n");
    assert_eq!(folder.run(&["--format", "short"]).short(), ["api/Dockerfile:2 copy-missing-source"]);
    assert_eq!(folder.run(&["--format", "short", "--no-entries"]).short(), [""; 0]);
}

#[test]
fn settings_say_the_context_before_files_that_start_builds() {
    let folder = project();
    folder.write("dlint.toml", "[[overrides]]\nfiles = ['api/**']\ncontext = '.'\n");
    let ran = folder.run(&["--format", "short", "."]);
    assert!(!ran.out.contains("as built by"), "{ran:?}");
    // Arguments of the build do not count either.
    assert!(!ran.out.contains("api/Dockerfile:2"), "{ran:?}");
    folder.write("api/Dockerfile", "FROM debian:13-slim\nCOPY api/ap.py /\nCOPY api/app.py /\nUSER 1\n");
    let ran = folder.run(&["--format", "short", "api/Dockerfile"]);
    assert_eq!(ran.short(), ["api/Dockerfile:2 copy-missing-source"], "{ran:?}");
}

#[test]
fn a_context_that_nobody_names_is_guessed_and_said() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("docker/app/Dockerfile", "FROM debian:13-slim\nCOPY src/app.py conf/a.toml /\nUSER 1\n");
    folder.write("src/app.py", "x");
    folder.write("conf/a.toml", "x");
    let ran = folder.run(&["docker/app/Dockerfile"]);
    assert!(ran.code == 0 && ran.out.contains("build context"), "{ran:?}");
    let json = folder.run(&["--format", "json", "docker"]).json();
    assert_eq!(json["files"][0]["context"], ".", "{json}");
    // One source that is in neither place makes it no guess.
    folder.write("docker/app/Dockerfile", "FROM debian:13-slim\nCOPY src/app.py conf/none.toml /\nUSER 1\n");
    let json = folder.run(&["--format", "json", "docker"]).json();
    assert_eq!(json["files"][0]["context"], serde_json::Value::Null, "{json}");
    let size = folder.run(&["size", "docker/app"]);
    assert!(!size.err.contains("is taken to be"), "{size:?}");
}

#[test]
fn services_are_told_paths_of_entry_files_from_the_top_of_the_repository() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("deploy/compose.yaml", COMPOSE);
    folder.write("deploy/api/Dockerfile", DOCKERFILE);
    folder.write("deploy/api/app.py", "print()\n");
    folder.write("deploy/bad.compose.yaml", "services:\n  a:\n    build: {dockerFile: x}\n");
    let whole = |path: &str| folder.path(path).display().to_string();
    let (compose, bad, deploy) =
        (whole("deploy/compose.yaml"), whole("deploy/bad.compose.yaml"), folder.path("deploy"));
    let from_deploy = |args: &[&str]| {
        let output = command(&deploy, args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let want = ["deploy/api/Dockerfile", "deploy/compose.yaml"];
    for (args, more) in [
        (vec![compose.as_str()], None),
        (vec!["."], None),
        (vec![compose.as_str(), bad.as_str()], Some("deploy/bad.compose.yaml")),
        (vec!["compose.yaml", "bad.compose.yaml"], Some("deploy/bad.compose.yaml")),
    ] {
        let want: std::collections::BTreeSet<String> =
            want.iter().copied().chain(more).map(str::to_owned).collect();
        let run = |format: &'static str| from_deploy(&[&["--format", format][..], &args].concat());
        let github = run("github");
        let file = |line: &str| {
            let from = line.find("file=")? + 5;
            Some(line[from..].split([',', ':']).next()?.to_owned())
        };
        let found: std::collections::BTreeSet<String> = github.lines().filter_map(file).collect();
        assert_eq!(found, want, "{args:?} {github}");
        let gitlab: serde_json::Value = serde_json::from_str(&run("gitlab")).unwrap();
        let places = gitlab.as_array().unwrap().iter();
        let found: std::collections::BTreeSet<String> =
            places.map(|entry| entry["location"]["path"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, want, "{args:?}");
        let sarif: serde_json::Value = serde_json::from_str(&run("sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        let notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array();
        let all: Vec<&serde_json::Value> = results.chain(notes.into_iter().flatten()).collect();
        let places = all.iter().map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]);
        let found: std::collections::BTreeSet<String> = places
            .map(|place| {
                assert_eq!(place["uriBaseId"], "%SRCROOT%", "{args:?} {place}");
                place["uri"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(found, want, "{args:?}");
    }
}

#[test]
fn a_context_that_a_bake_file_of_another_name_supplies_is_no_image() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let bake = "target \"app\" {\n  dockerfile = \"docker/app/Dockerfile\"\n  contexts = { deps = \"target:deps\" }\n}\n";
    folder.write("docker/app/app.hcl", bake);
    let dockerfile = "FROM deps\nCOPY --from=tools /a /\nFROM base\nCOPY --from=0 /a /\nUSER 1\n";
    folder.write("docker/app/Dockerfile", dockerfile);
    // Not a bake file, and in no folder above.
    folder.write("docker/other/vault.hcl", "contexts = 1\nlistener \"tcp\" {}\n");
    folder.write("docker/other/Dockerfile", "FROM deps\nUSER 1\n");
    let found = |args: &[&str]| {
        folder.run(&[&["--format", "short", "--select", "untagged-image"], args].concat()).short()
    };
    assert_eq!(found(&["docker/app/Dockerfile"]), ["docker/app/Dockerfile:3 untagged-image"]);
    assert_eq!(found(&["docker/other"]), ["docker/other/Dockerfile:1 untagged-image"]);
    assert_eq!(found(&["--no-entries", "docker/app"]).len(), 2);
}
