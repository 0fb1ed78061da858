//! What is said of the builds that files of the project start, where something is missing, open or made elsewhere.

use super::entries::project;
use super::*;

#[test]
fn what_is_not_there_is_named_once_and_for_what_it_is() {
    let folder = project();
    // A file in place of a context, and a folder in place of a Dockerfile.
    folder.write(
        "compose.yaml",
        "services:\n  web:\n    build: api/Dockerfile\n  two:\n    build: {context: ., dockerfile: api}\n",
    );
    let found = folder.run(&["--format", "short", "--select", "missing-dockerfile,missing-build-context"]);
    assert_eq!(found.short(), ["compose.yaml:3 missing-build-context", "compose.yaml:5 missing-dockerfile"]);
    let all = folder.run(&["size", "--all", "--format", "json"]).json();
    let why = "api/Dockerfile/Dockerfile does not exist: a file is in place of a folder of its path";
    assert!(all.to_string().contains(why), "{all}");
    // Nothing is sent of a context that is not there.
    let targets = folder.run(&["targets", "--format", "json"]).json();
    assert_eq!(targets["targets"][0]["sent_bytes"], serde_json::Value::Null, "{targets}");
    let gone = folder.run(&["size", "--all", "nosuch"]);
    assert_eq!((gone.code, gone.out.as_str()), (2, ""), "{gone:?}");
    assert!(gone.err.contains("nosuch: does not exist"), "{gone:?}");
    // Columns in which nothing stands are left out.
    folder.write("compose.yaml", "services:\n  web: {build: api}\n");
    let table = folder.run(&["targets"]);
    assert!(!table.out.contains("arguments") && !table.out.contains("stage"), "{table:?}");
    folder.write("compose.yaml", "services:\n  web: {build: {context: api, args: {TAG: '12'}}}\n");
    assert!(folder.run(&["targets"]).out.contains("TAG=12"));
    // Of a folder with nothing but a file that is refused, the file is the reason.
    let folder = Folder::new();
    folder.write("compose.yaml", "services:\n  web:\n    build: {dockerFile: x}\n");
    let refused = folder.run(&[]);
    assert!(refused.code == 2 && refused.out.contains("what it builds cannot be told"), "{refused:?}");
}

#[test]
fn what_whoever_builds_may_set_is_not_known() {
    let folder = project();
    let inline = |from: &str| {
        let text = format!(
            "services:\n  web:\n    build:\n      dockerfile_inline: |\n        {from}\n        USER 1\n"
        );
        folder.write("compose.yaml", text);
        folder.run(&["--format", "short", "compose.yaml"])
    };
    for from in ["FROM debian:${TAG:-}", "FROM debian:$TAG", "FROM ${IMAGE-}"] {
        let ran = inline(from);
        assert_eq!((ran.code, ran.short()), (0, Vec::<String>::new()), "{from} {ran:?}");
    }
    assert_eq!(inline("FROM debian:").short(), ["compose.yaml:5 syntax-error"]);
}

#[test]
fn what_others_only_inherit_from_is_no_build_and_neither_is_a_stage_of_another_platform() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let dockerfile = "ARG TARGETARCH\nARG TARGETOS\nFROM debian:12 AS tool-windows-amd64\n\
                      FROM tool-windows-$TARGETARCH AS tool-windows\nFROM debian:12 AS tool-linux\n\
                      FROM tool-$TARGETOS AS tool\nUSER 1\nFROM debian\nUSER 1\n";
    folder.write("Dockerfile", dockerfile);
    let bake = "group \"default\" { targets = [\"tool\"] }\ntarget \"_common\" { platforms = [\"linux/arm64\"] }\n\
                target \"tool\" {\n  inherits = [\"_common\"]\n  target = \"tool\"\n}\n";
    folder.write("docker-bake.hcl", bake);
    let ran = folder.run(&["--format", "json", "--select", "untagged-image"]);
    let json = ran.json();
    let findings = json["files"][0]["findings"].as_array().unwrap();
    let lines: Vec<_> = findings.iter().map(|finding| finding["start"]["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [8], "{json}");
    assert!(!ran.out.contains("_common"), "{json}");
    let asked = folder.run(&["--format", "short", "--select", "untagged-image", "--entry", "_common"]);
    assert_eq!(asked.short(), ["Dockerfile:8 untagged-image"], "{asked:?}");
}

#[test]
fn a_service_that_bake_builds_in_another_way_is_chosen_by_its_file() {
    let folder = project();
    folder.write("docker-bake.hcl", "group \"default\" { targets = [\"web\"] }\n");
    folder.write("compose.yaml", "services:\n  web:\n    build:\n      context: .\n      dockerfile: api/Dockerfile\n      args: {TAG: '12'}\n      x-bake: {platforms: [linux/arm64]}\n");
    let plan = |name: &str| folder.run(&["size", "--entry", name, "--format", "json"]);
    let several = plan("web");
    assert!(
        several.err.contains("name one of `compose.yaml: web`, `compose.yaml (bake): web`"),
        "{several:?}"
    );
    assert_ne!(plan("compose.yaml: web").json()["platform"], "arm64");
    assert_eq!(plan("compose.yaml (bake): web").json()["platform"], "linux/arm64");
}

#[test]
fn an_ignore_file_that_is_named_counts_in_place_of_the_others() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("Containerfile", "FROM scratch\nCOPY . /\n");
    folder.write(".containerignore", "big\n");
    folder.write("big", "1234567890");
    folder.write("small", "1");
    folder.write("other.ignore", "*\n!small\n");
    let sent = |entry: &str| {
        let ran = folder.run(&["context", "--entry", entry, "--format", "json"]);
        ran.json()["sent"]["bytes"].as_u64().unwrap_or_else(|| panic!("{ran:?}"))
    };
    folder.write("build.sh", "buildah build --ignorefile other.ignore .\n");
    assert_eq!(sent("buildah build"), 1);
    folder.write("app.build", "[Build]\nImageTag=app\nSetWorkingDirectory=unit\nIgnoreFile=other.ignore\n");
    assert_eq!(sent("app"), 1);
    folder.write("app.build", "[Build]\nImageTag=app\nSetWorkingDirectory=unit\n");
    assert_ne!(sent("app"), 1);
}

#[test]
fn an_argument_that_is_null_is_none() {
    let folder = Folder::new();
    folder.write("Dockerfile", "FROM debian:12\nUSER 1\n");
    for (value, found) in [("null", [].as_slice()), ("\"1\"", &["docker-bake.hcl:2 undeclared-build-arg"])] {
        folder.write("docker-bake.hcl", format!("target \"default\" {{\n  args = {{ B = {value} }}\n}}\n"));
        let ran = folder.run(&["--format", "short", "--select", "undeclared-build-arg"]);
        assert_eq!(ran.short(), found, "{value}");
    }
    folder.write("docker-bake.hcl", "target \"default\" {\n  args = { B = null }\n}\n");
    let cache = folder.run(&["cache", "--entry", "default"]);
    assert!(!cache.out.contains("build argument B"), "{cache:?}");
}

#[test]
fn images_that_are_made_here_are_known_with_the_host_and_the_name_that_tools_add() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    fs::create_dir(folder.path("base")).unwrap();
    fs::create_dir(folder.path("app")).unwrap();
    folder.write("base/Dockerfile", "FROM debian:12\nUSER 1\n");
    folder.write("app/Dockerfile", "FROM localhost/base\nUSER 1\n");
    let select = ["--format", "short", "--select", "untagged-image,sibling-base-image"];
    assert_eq!(folder.run(&select).short(), ["app/Dockerfile:1 untagged-image"]);
    folder.write("build.sh", "buildah build -t base base\nbuildah build app\n");
    assert_eq!(folder.run(&select).short(), [""; 0]);
    fs::remove_file(folder.path("build.sh")).unwrap();
    folder.write("app/Dockerfile", "FROM proj-base\nUSER 1\n");
    folder.write("compose.yaml", "name: proj\nservices:\n  base: {build: base}\n  app: {build: app}\n");
    assert_eq!(folder.run(&select).short(), ["compose.yaml:4 sibling-base-image"]);
}

#[test]
fn what_a_job_builds_right_behind_its_checkout_has_to_be_in_the_repository() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    fs::create_dir_all(folder.path(".github/workflows")).unwrap();
    fs::create_dir(folder.path("svc")).unwrap();
    folder.write("svc/special.Dockerfile", "FROM scratch\n");
    folder.write("Dockerfile", "FROM scratch\n");
    let found = |steps: &str| {
        let text = format!("on: push\njobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n{steps}");
        folder.write(".github/workflows/ci.yml", text);
        let select = "missing-dockerfile,missing-build-context";
        folder
            .run(&["--format", "short", "--select", select])
            .short()
            .join(" ")
            .replace(".github/workflows/", "")
    };
    let with =
        "      - uses: docker/build-push-action@v6\n        with: {context: svc, file: special.Dockerfile}\n";
    assert_eq!(found(with), "ci.yml:7 missing-dockerfile");
    assert_eq!(found(&with.replace("file: s", "file: svc/s")), "");
    let missing = "ci.yml:6 missing-build-context";
    for (script, expected) in [
        ("docker build nosuch", missing),
        ("docker build -f nope/Dockerfile .", "ci.yml:6 missing-dockerfile"),
        ("docker build . && docker build nosuch", missing),
        // What makes it is not looked into.
        ("make nosuch && docker build nosuch", ""),
        ("echo x > nosuch && docker build nosuch", ""),
        ("docker build -o nosuch . && docker build nosuch", ""),
        ("cd gone && docker build nosuch", ""),
        ("docker build .", ""),
    ] {
        assert_eq!(found(&format!("      - run: {script}\n")), expected, "{script}");
    }
    let run = "      - run: docker build nosuch\n";
    for (before, expected) in [
        ("      - run: ./make\n", ""),
        ("      - uses: actions/download-artifact@v4\n", ""),
        ("      - run: docker login x\n", "ci.yml:7 missing-build-context"),
        ("      - uses: docker/setup-buildx-action@v3\n", "ci.yml:7 missing-build-context"),
    ] {
        assert_eq!(found(&format!("{before}{run}")), expected, "{before}");
    }
    let submodules = format!("        with: {{submodules: true}}\n{run}");
    assert_eq!(found(&submodules), "");
    folder.write(".gitlab-ci.yml", "b:\n  script: docker build nosuch\n");
    assert_eq!(found(""), "");
}

#[test]
fn of_no_builds_no_page_is_written() {
    let folder = Folder::new();
    let ran = folder.run(&["size", "--all", "--format", "html", "-o", "x.html"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(!folder.path("x.html").exists());
    folder.write("Dockerfile", "FROM scratch\n");
    assert_eq!(folder.run(&["size", "--all", "--format", "html", "-o", "x.html"]).code, 0);
    assert!(folder.path("x.html").exists());
}

#[test]
fn a_script_shows_builds_where_nothing_else_does() {
    let folder = Folder::new();
    folder.write("app/build.sh", "#!/bin/sh\npodman build -t example.org/web -f web.docker .\n");
    folder.write("app/web.docker", "FROM debian:12\nUSER 1\n");
    let targets = folder.run(&["targets", "--format", "json", "app"]).json();
    assert_eq!(targets["targets"][0]["dockerfile"], "app/web.docker", "{targets}");
}

#[test]
fn the_context_of_a_dockerfile_that_is_written_elsewhere_is_measured() {
    let folder = Folder::new();
    let compose = "services:\n  web:\n    build:\n      context: app\n      dockerfile_inline: |\n        FROM debian:12\n        COPY a.txt /\n";
    folder.write("compose.yaml", compose);
    folder.write("app/a.txt", "12345");
    folder.write("app/other.txt", "123");
    let json = folder.run(&["context", "--entry", "web", "--format", "json"]).json();
    assert_eq!(
        (&json["dockerfile"], &json["sent"]["bytes"]),
        (&"compose.yaml: web".into(), &5.into()),
        "{json}"
    );
    let ran = folder.run(&["context", "--entry", "web"]);
    assert!(!ran.out.contains("no Dockerfile"), "{ran:?}");
}

#[test]
fn a_compose_file_for_one_environment_counts_alone_or_over_the_main_one() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("api/Dockerfile", "FROM debian:12\nCOPY api/app.sh /\nUSER 1\nCMD [\"/app.sh\"]\n");
    folder.write("api/app.sh", "#!/bin/sh\n");
    let builds = || {
        let listed = folder.run(&["targets", "--format", "json"]).json();
        let targets = listed["targets"].as_array().unwrap().iter();
        targets.map(|t| t["file"].as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
    };
    let alone = "services:\n  api:\n    build: {context: ., dockerfile: api/Dockerfile}\n";
    folder.write("docker-compose.prod.yml", alone);
    assert_eq!(builds(), ["docker-compose.prod.yml"]);
    let select =
        ["--format", "short", "--select", "copy-missing-source,missing-dockerfile,missing-build-context"];
    assert_eq!(folder.run(&[&select[..], &["api/Dockerfile"]].concat()).short(), [""; 0]);
    // Without its main file it says too little.
    folder.write("docker-compose.prod.yml", "services:\n  api:\n    build: {target: x}\n");
    folder.write("compose.yaml", alone);
    assert_eq!(builds().len(), 2, "{:?}", builds());
    // What nobody runs any more, and what is not there, is no build.
    folder.write("docker-compose.prod.yml", "services:\n  web:\n    build: gone\n");
    folder.write("docker-compose.old.yml", alone);
    folder.write("docker-compose.example.yml", alone);
    assert_eq!(builds(), ["compose.yaml"]);
    assert_eq!(folder.run(&select).short(), [""; 0]);
}

/// What is noted of files that start builds.
fn notes(folder: &Folder) -> Vec<String> {
    let report = folder.run(&["--format", "json"]).json();
    let notes = report["notes"].as_array().cloned().unwrap_or_default();
    notes
        .iter()
        .map(|note| format!("{}: {}", note["path"].as_str().unwrap(), note["message"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_compose_file_that_another_one_completes_is_none_to_complain_about() {
    let folder = Folder::with("FROM scratch\nUSER 1\n");
    folder.write("docker-compose.yml", "services:\n  web:\n    ports: ['80']\n");
    let said = ["docker-compose.yml: the service `web` has neither `image` nor `build`"];
    assert_eq!(notes(&folder), said);
    for (name, rest) in [("docker-compose.prod.yml", "build: ."), ("docker-compose.dev.yaml", "image: web")] {
        folder.write(name, format!("services:\n  web:\n    {rest}\n"));
        assert_eq!(notes(&folder), [""; 0], "{name}");
        assert_eq!(folder.run(&["docker-compose.yml"]).code, 2);
        fs::remove_file(folder.path(name)).unwrap();
    }
    folder.write("docker-compose.old.yml", "services:\n  web:\n    build: .\n");
    assert_eq!(notes(&folder), said);
}

#[test]
fn what_compose_refuses_is_told_wherever_there_is_a_place_for_it() {
    let folder = Folder::with("FROM scratch\nUSER 1\nENTRYPOINT [\"/x\"]\n");
    folder.write("compose.yaml", "services:\n  web:\n    build: .\n");
    folder.write("compose.prod.yaml", "services:\n  web:\n    build: .\n  x: [\n");
    folder.write("compose.dev.yaml", "services:\n  db:\n    ports: ['1']\n    # build: .\n");
    folder.write("compose.tools.yaml", "services:\n  web:\n    build: {contxt: .}\n");
    let said = notes(&folder);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("compose.prod.yaml: the YAML cannot be read: "), "{said:?}");
    assert!(said[1].starts_with("compose.tools.yaml: ") && said[1].contains("contxt"), "{said:?}");
    let of = |format: &str| {
        let ran = folder.run(&["--format", format]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    let sarif: serde_json::Value = serde_json::from_str(&of("sarif")).unwrap();
    let told = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!((&told[0]["level"], told.as_array().unwrap().len()), (&"note".into(), 2), "{told}");
    assert!(of("github").contains("::notice file=compose.prod.yaml,line=4,"), "{}", of("github"));
    assert!(of("markdown").contains("- **note** "), "{}", of("markdown"));
    assert!(of("short").contains("compose.prod.yaml:4:"), "{}", of("short"));
    assert!(of("human").contains("info compose.prod.yaml:4:"), "{}", of("human"));
}

#[test]
fn what_bake_only_inherits_is_no_image() {
    let folder = Folder::with("FROM scratch\nUSER 1\n");
    folder.write("w/Dockerfile", "FROM scratch\nARG A\nUSER 1\n");
    let bake = "group \"default\" { targets = [\"web\"] }\ntarget \"base\" { args = {A = 1} }\n\
                target \"web\" {\n  inherits = [\"base\"]\n  context = \"w\"\n}\ntarget \"own\" {}\n";
    folder.write("docker-bake.hcl", bake);
    let names = |folder: &Folder| -> Vec<String> {
        let report = folder.run(&["size", "--all", "--format", "json"]).json();
        let rows = report["targets"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(names(&folder), ["own", "web"]);
    assert_eq!(folder.run(&["size", "--entry", "base"]).code, 0);
    // It is built by itself, too.
    folder.write("docker-bake.hcl", format!("{bake}group \"all\" {{ targets = [\"base\"] }}\n"));
    assert_eq!(names(&folder), ["base", "own", "web"]);
}

#[test]
fn runs_of_a_matrix_are_builds_with_names() {
    let folder = Folder::new();
    for app in ["api", "web"] {
        folder.write(&format!("{app}/Dockerfile"), "ARG V\nFROM alpine:$V\nUSER 1\n");
    }
    fs::create_dir_all(folder.path(".git")).unwrap();
    folder.write(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  b:\n    strategy:\n      matrix:\n        app: [api, web]\n        v: ['3.20', '3.19']\n    \
         steps:\n      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with:\n          \
         context: ${{ matrix.app }}\n          build-args: V=${{ matrix.v }}\n",
    );
    let report = folder.run(&["size", "--entry", "b (web, 3.19)", "--format", "json"]).json();
    assert_eq!(report["dockerfile"], "web/Dockerfile", "{report}");
    let listed = folder.run(&["targets"]).out;
    assert!(listed.contains("b (api, 3.20)") && listed.ends_with("4 builds\n"), "{listed}");
}

#[test]
fn a_build_context_that_is_a_folder_too_low_is_said_once() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let dockerfile =
        "FROM debian:12\nCOPY web/start /\nCOPY web/ /web/\nCOPY docs /docs\nUSER 1\nCMD [\"/start\"]\n";
    folder.write("web/Dockerfile", dockerfile);
    folder.write("web/start", "x");
    folder.write("docs/a.md", "x");
    folder.write("compose.yaml", "services:\n  web:\n    build: {context: web}\n");
    let ran = folder.run(&["--select", "copy-missing-source"]);
    assert_eq!(ran.out.matches("error[copy-missing-source]").count(), 1, "{ran:?}");
    assert!(ran.out.contains("`web/start` is not in the build context, so the build fails"), "{ran:?}");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = "everything that is copied by name is in `.`: write `context: .` and `dockerfile: web/Dockerfile` in `compose.yaml`";
    assert!(flat(&ran.out).contains(help), "{ran:?}");
    // Each file that starts builds has its own way to say it.
    for (path, text, help) in [
        (
            "docker-bake.hcl",
            "target \"default\" {\n  context = \"web\"\n}\n",
            "write `context = \".\"` and `dockerfile = \"web/Dockerfile\"` in `docker-bake.hcl`",
        ),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      \
             - uses: docker/build-push-action@v6\n        with:\n          context: web\n",
            "`context: .` and `file: web/Dockerfile`, or the command `-f web/Dockerfile .`",
        ),
    ] {
        fs::rename(folder.path("compose.yaml"), folder.path("compose.old")).unwrap();
        folder.write(path, text);
        let ran = folder.run(&["--select", "copy-missing-source"]);
        assert!(flat(&ran.out).contains(help), "{help} {ran:?}");
        fs::remove_file(folder.path(path)).unwrap();
        fs::rename(folder.path("compose.old"), folder.path("compose.yaml")).unwrap();
    }
    // The folder of the Dockerfile may be the one that is meant.
    folder.write("web/Dockerfile", "FROM debian:12\nCOPY start /\nUSER 1\nCMD [\"/start\"]\n");
    folder.write("compose.yaml", "services:\n  web:\n    build: {context: ., dockerfile: web/Dockerfile}\n");
    let ran = folder.run(&["--select", "copy-missing-source"]);
    assert!(flat(&ran.out).contains("`context: web` and `dockerfile: Dockerfile`"), "{ran:?}");
    // An option says it, too.
    fs::remove_file(folder.path("compose.yaml")).unwrap();
    folder.write("web/Dockerfile", dockerfile);
    let ran = folder.run(&["--select", "copy-missing-source", "--context", "web", "web/Dockerfile"]);
    assert!(ran.out.contains("`web/start` is not in the build context, so the build fails"), "{ran:?}");
    // An ignore file may leave it out there.
    folder.write(".dockerignore", "docs\n");
    let ran = folder.run(&["--select", "copy-missing-source", "--context", "web", "web/Dockerfile"]);
    assert!(!ran.out.contains("make that folder"), "{ran:?}");
    // Nobody has all of it.
    folder.write("web/Dockerfile", "FROM debian:12\nCOPY start made /\nUSER 1\nCMD [\"/start\"]\n");
    assert_eq!(folder.run(&["--select", "copy-missing-source"]).short(), [""; 0]);
}

#[test]
fn lines_and_variables_of_an_inline_dockerfile_are_those_of_its_file() {
    let folder = Folder::new();
    folder.write(".env", "TOKEN=s3cret\nPLAIN=pl41n\n");
    folder.write(
        "compose.yaml",
        "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM debian:12-slim\n        \
         RUN apt-get update && apt-get install -y --no-install-recommends curl\n        \
         RUN echo $TOKEN $$PLAIN ${NOT:-x} && apt-get install -y --no-install-recommends $PLAIN\n",
    );
    let rows = |args: &[&str]| {
        let rows = folder.run(args).json()["stages"][0]["rows"].clone();
        let row =
            |row: &serde_json::Value| format!("{} {}", row["lines"][0], row["instruction"].as_str().unwrap());
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let size = rows(&["size", "--entry", "web", "--format", "json"]);
    let last = "7 RUN echo $TOKEN $PLAIN x && apt-get install -y --no-install-recommends $PLAIN";
    assert_eq!((&*size[0], &*size[2]), ("5 FROM debian:12-slim", last), "{size:?}");
    for args in [
        &["cache", "--entry", "web"][..],
        &["size", "--entry", "web"],
        &["size", "--all", "--format", "json"],
        &["--select", "all"],
        &["--select", "all", "--format", "json"],
        &["--select", "all", "--format", "sarif"],
        &["context", "--entry", "web"],
    ] {
        let ran = folder.run(args);
        assert!(!ran.out.contains("s3cret") && !ran.out.contains("pl41n"), "{ran:?}");
    }
    let ran = folder.run(&["--select", "update-without-install"]);
    assert!(ran.out.contains("uses the package lists that line 6 fetched"), "{ran:?}");
}

#[test]
fn values_that_sound_secret_are_in_no_report() {
    let folder = Folder::new();
    folder.write(".env", "TOKEN=s3cret-größe\n");
    let args = "{API_TOKEN: $TOKEN, PORT: eighty, DB_PASSWORD: plain-text}";
    folder.write("compose.yaml", format!("services: {{web: {{build: {{context: ., args: {args}}}}}}}\n"));
    folder.write(
        "Dockerfile",
        "FROM debian:12-slim\nARG API_TOKEN DB_PASSWORD PORT\nCOPY $API_TOKEN/a /x/\nWORKDIR $API_TOKEN\nUSER $DB_PASSWORD\n\
         EXPOSE $PORT\nRUN apt-get install $API_TOKEN\nSTOPSIGNAL $API_TOKEN\n",
    );
    let select = ["--ignore", "secret-in-build-arg", "--select", "all"];
    let ran = folder.run(&select);
    assert!(ran.out.contains("`eighty`") && ran.out.contains("`$DB_PASSWORD` runs it"), "{ran:?}");
    for args in [
        &["size"][..],
        &["size", "--format", "json"],
        &["cache"],
        &["cache", "--format", "json"],
        &["context"],
        &["context", "--format", "json"],
        &[&select[..], &["--format", "json"]].concat(),
        &[&select[..], &["--format", "sarif"]].concat(),
        &select,
    ] {
        let ran = folder.run(args);
        assert!(!ran.out.contains("s3cret-größe") && !ran.out.contains("plain-text`"), "{args:?} {ran:?}");
    }
}
