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

/// A project where the image of `base` is what `web` starts from, and `lib` is a named context.
fn family() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write(
        "docker-bake.hcl",
        "group \"default\" { targets = [\"base\", \"web\"] }\n\
         target \"base\" { context = \"base\" }\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\", lib = \"lib\" }\n}\n",
    );
    folder.write(
        "base/Dockerfile",
        "FROM debian:12-slim\n\
         RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n\
         COPY data.bin /data.bin\nENV HOME_OF=/srv\nWORKDIR /app\nUSER 1000\n",
    );
    folder.write("base/data.bin", "0123456789");
    folder.write(
        "web/Dockerfile",
        "FROM base\nCOPY --from=lib util.py gone.py secret.py $HOME_OF/\nCOPY app.py .\n\
         RUN curl -V && wget -V\nCMD [\"/app/run\"]\n",
    );
    folder.write("web/app.py", "print()\n");
    folder.write("lib/util.py", "1234567\n");
    folder.write("lib/secret.py", "x\n");
    folder.write("lib/.dockerignore", "secret*\n");
    folder
}

#[test]
fn a_named_context_is_its_folder_with_its_own_ignore_file_and_a_sibling_is_the_base() {
    let folder = family();
    let ran = folder.run(&["--format", "short", "web/Dockerfile"]);
    let found = [
        "web/Dockerfile:2 copy-excluded-source",
        "web/Dockerfile:2 copy-missing-source",
        "web/Dockerfile:4 missing-program",
    ];
    let mut short = ran.short();
    short.sort();
    assert_eq!(short, found, "{ran:?}");
    for said in [
        "`gone.py` is not in the named context `lib`, so the build fails",
        "line 1 of the ignore file of the named context `lib`, `secret*`, leaves `secret.py` out of it",
        "`base` has no `wget`, and nothing here installs it",
    ] {
        assert!(ran.out.contains(said), "{said}: {ran:?}");
    }
    // Without its builds the name is that of an image, of which nothing is known.
    let plain = folder.run(&["--format", "short", "--no-entries", "web/Dockerfile"]);
    assert!(!plain.out.contains("missing-program"), "{plain:?}");
    // What is missing of the base is said: it runs as root.
    folder.write("base/Dockerfile", "FROM debian:12-slim\n");
    let root = folder.run(&["--format", "short", "web/Dockerfile"]);
    assert!(root.out.contains("no-user"), "{root:?}");
}

#[test]
fn bytes_of_named_contexts_and_siblings_are_in_the_plan() {
    let folder = family();
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let stage = &plan["stages"][0]["rows"];
    let bytes = |row: usize, piece: usize| stage[row]["pieces"][piece]["bytes"].clone();
    let own = folder.run(&["size", "--entry", "base", "--format", "json"]).json();
    assert_eq!(own["image"]["unknown"], 0, "{own}");
    assert_eq!(
        (&bytes(0, 0), &stage[0]["pieces"][0]["what"]),
        (&own["image"]["bytes"], &"the image of `base`".into())
    );
    assert_eq!(bytes(1, 0), 8);
    assert_eq!(stage[1]["pieces"][0]["what"], "1 file of the named context `lib`");
    // Nothing is added twice: the base has curl.
    folder.write(
        "web/Dockerfile",
        "FROM base\nUSER 0\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
    );
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let install = &plan["stages"][0]["rows"][1]["pieces"];
    let packages = install
        .as_array()
        .unwrap()
        .iter()
        .find(|piece| piece["what"].as_str().unwrap().contains("package"))
        .cloned();
    assert!(
        packages.as_ref().is_none_or(|p| p["bytes"] == 0 || p["what"].as_str().unwrap().contains("lists")),
        "{install}"
    );
    // A folder in place of an image, and circles.
    folder.write("docker-bake.hcl", "target \"default\" { contexts = { base = \"lib\" } }\n");
    folder.write("Dockerfile", "FROM base\n");
    let plan = folder.run(&["size", "--entry", "default", "--format", "json"]).json();
    assert_eq!((&plan["image"]["bytes"], &plan["image"]["unknown"]), (&16.into(), &0.into()), "{plan}");
    folder.write(
        "docker-bake.hcl",
        "target \"a\" { contexts = { base = \"target:b\" } }\ntarget \"b\" { contexts = { base = \"target:a\" } }\n",
    );
    let plan = folder.run(&["size", "--entry", "a", "--format", "json"]);
    assert!(plan.code == 0 && plan.json()["image"]["unknown"].as_u64() > Some(0), "{plan:?}");
}

#[test]
fn a_change_in_a_named_context_rebuilds_what_takes_it() {
    let folder = family();
    let fates = |args: &[&str]| -> Vec<String> {
        let ran = folder.run(&[&["cache", "--entry", "web", "--format", "json"], args].concat());
        let layers = ran.json()["layers"].as_array().cloned().unwrap_or_else(|| panic!("{ran:?}"));
        layers
            .iter()
            .map(|layer| format!("{} {}", layer["lines"][0], layer["fate"].as_str().unwrap()))
            .collect()
    };
    let of_copy = |fates: Vec<String>| fates.into_iter().find(|fate| fate.starts_with("2 ")).unwrap();
    assert_eq!(of_copy(fates(&["--changed", "lib/util.py"])), "2 rebuilt");
    assert_eq!(of_copy(fates(&["--changed", "lib/secret.py"])), "2 kept");
    assert_eq!(of_copy(fates(&["--changed", "web/app.py"])), "2 kept");
    assert_eq!(of_copy(fates(&[])), "2 rebuilt");
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
