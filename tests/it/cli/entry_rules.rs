//! Findings in the files that start builds, and fixes of them.

use super::*;

const DOCKERFILE: &str = "ARG VERSION\nFROM python:$VERSION-slim\nCOPY app.py /app.py\nUSER 1\n";
const COMPOSE: &str = "\
services:
  web:
    build:
      context: .
      args:
        VERSION: 3.10 # the newest
        OTHER: x
";

fn project() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("compose.yaml", COMPOSE);
    folder.write("Dockerfile", DOCKERFILE);
    folder.write("app.py", "print()\n");
    folder
}

fn short(folder: &Folder, args: &[&str]) -> Vec<String> {
    folder.run(&[&["--format", "short"], args].concat()).short()
}

#[test]
fn a_file_that_several_projects_share_is_reported_once() {
    let folder = project();
    folder.write("docker-bake.hcl", "group \"default\" { targets = [\"web\"] }\n");
    let want = ["compose.yaml:6 unquoted-number", "compose.yaml:7 undeclared-build-arg"];
    assert_eq!(short(&folder, &["--entry", "compose.yaml: web"]), want);
    let devcontainer = "{\"dockerComposeFile\": \"../compose.yaml\", \"service\": \"web\"}";
    folder.write(".devcontainer/devcontainer.json", devcontainer);
    assert_eq!(short(&folder, &[]), want);
    assert_eq!(short(&folder, &["compose.yaml"]), want);
    // What is asked about is the Dockerfile alone.
    assert_eq!(short(&folder, &["Dockerfile"]), Vec::<String>::new());
    assert_eq!(short(&folder, &["--no-entries"]), Vec::<String>::new());
    let ran = folder.run(&["--format", "sarif", "--select", "unquoted-number"]);
    let result = &ran.json()["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "compose.yaml");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&6.into(), &18.into()));
    assert_eq!(result["ruleId"], "unquoted-number");
}

#[test]
fn selectors_severities_and_settings_by_path_count() {
    let folder = project();
    assert_eq!(short(&folder, &["--ignore", "undeclared-build-arg"]), ["compose.yaml:6 unquoted-number"]);
    folder.write("dlint.toml", "severity.unquoted-number = 'info'\nignore = ['undeclared-build-arg']\n");
    let ran = folder.run(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("info[unquoted-number] compose.yaml:6:18"), "{ran:?}");
    folder.write(
        "dlint.toml",
        "[[overrides]]\nfiles = ['compose.yaml']\nignore = ['unquoted-number', 'undeclared-build-arg']\n",
    );
    assert_eq!(short(&folder, &[]), Vec::<String>::new());
}

#[test]
fn comments_suppress_what_is_found_in_a_line_or_a_file() {
    let folder = project();
    let with = |text: &str| {
        folder.write("compose.yaml", text);
        short(&folder, &["--select", "default,unused-suppression,unknown-suppression"])
    };
    let before =
        COMPOSE.replace("        VERSION", "        # dlint ignore=unquoted-number known\n        VERSION");
    assert_eq!(with(&before), ["compose.yaml:8 undeclared-build-arg"]);
    let behind = COMPOSE.replace("OTHER: x", "OTHER: x # dlint ignore=undeclared-build-arg");
    assert_eq!(with(&behind), ["compose.yaml:6 unquoted-number"]);
    let all = format!("{COMPOSE}# dlint ignore-file=correctness\n");
    assert_eq!(with(&all), Vec::<String>::new());
    let nothing =
        COMPOSE.replace("  web:", "  # dlint ignore=unquoted-number\n  # dlint ignore=no-such\n  web:");
    assert_eq!(
        with(&nothing),
        [
            "compose.yaml:2 unused-suppression",
            "compose.yaml:3 unknown-suppression",
            "compose.yaml:8 unquoted-number",
            "compose.yaml:9 undeclared-build-arg",
        ]
    );
    // The comments of a Dockerfile that is written inside are its own.
    let inline = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        # dlint ignore=latest-tag\n        FROM debian:latest\n        USER 1\n";
    assert_eq!(with(inline), Vec::<String>::new());
    fs::remove_file(folder.path("compose.yaml")).unwrap();
    let bake = |text: &str| {
        folder.write("docker-bake.hcl", text);
        short(&folder, &[])
    };
    let known = "target \"default\" {\n  args = {VERSION = \"3\"}\n  // dlint ignore=unknown-build-key\n  depends = []\n}\n";
    assert_eq!(bake(known), Vec::<String>::new());
    assert_eq!(bake(&known.replace("dlint", "lint")), ["docker-bake.hcl:4 unknown-build-key"]);
}

#[test]
fn a_fix_changes_what_it_says_and_keeps_the_rest() {
    let folder = project();
    let crlf = format!("\u{feff}{}", COMPOSE.replace('\n', "\r\n"));
    folder.write("compose.yaml", &crlf);
    let diff = folder.run(&["--diff"]);
    assert!(diff.code == 1 && diff.out.contains("+        VERSION: \"3.10\" # the newest"), "{diff:?}");
    assert_eq!(folder.read("compose.yaml"), crlf);
    let fixed = folder.run(&["--fix", "--format", "short"]);
    assert_eq!(fixed.short(), ["compose.yaml:7 undeclared-build-arg"]);
    assert_eq!(folder.read("compose.yaml"), crlf.replace("3.10", "\"3.10\""));
    let again = folder.run(&["--diff"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
}

#[test]
fn a_number_that_several_builds_share_is_quoted_for_all() {
    let folder = project();
    let shared = "services:\n  web:\n    build:\n      context: .\n      args:\n        VERSION: &v 3.10\n  old:\n    build:\n      context: .\n      args:\n        VERSION: *v\n";
    folder.write("compose.yaml", shared);
    let ran = folder.run(&["--fix"]);
    assert_eq!(folder.read("compose.yaml"), shared.replace("3.10", "\"3.10\""), "{ran:?}");
}

#[test]
fn an_attribute_is_renamed_only_if_its_dockerfile_is_there() {
    let folder = project();
    fs::remove_file(folder.path("compose.yaml")).unwrap();
    folder.write("other.Dockerfile", "FROM debian:12\nUSER 1\n");
    let bake = |name: &str| {
        format!("target \"default\" {{\n  args = {{VERSION = \"3\"}}\n  dokerfile = \"{name}\"\n}}\n")
    };
    folder.write("docker-bake.hcl", bake("none.Dockerfile"));
    let ran = folder.run(&["--unsafe-fixes"]);
    assert!(ran.out.contains("would be missing"), "{ran:?}");
    assert_eq!(folder.read("docker-bake.hcl"), bake("none.Dockerfile"));
    folder.write("docker-bake.hcl", bake("other.Dockerfile"));
    assert_eq!(folder.run(&["--fix"]).code, 1);
    assert_eq!(folder.read("docker-bake.hcl"), bake("other.Dockerfile"));
    folder.run(&["--unsafe-fixes"]);
    assert_eq!(folder.read("docker-bake.hcl"), bake("other.Dockerfile").replace("doker", "docker"));
}

/// What `--unsafe-fixes` makes of a file; a second run has to leave it as it is.
fn fixed(name: &str, text: &str, args: &[&str]) -> String {
    let folder = Folder::new();
    folder.write(name, text);
    let args = [&["--unsafe-fixes"], args].concat();
    let ran = folder.run(&args);
    let once = folder.read(name);
    folder.run(&args);
    assert_eq!(folder.read(name), once, "{ran:?}");
    once
}

#[test]
fn inline_dockerfiles_are_fixed_in_the_file_that_holds_them() {
    let select =
        &["--select", "maintainer-deprecated,install-without-yes,comment-after-arguments,shell-form-command"];
    let compose = |lines: &[&str]| {
        let lines: String = lines.iter().map(|line| format!("        {line}\n")).collect();
        format!("services:\n  web:\n    build:\n      dockerfile_inline: |\n{lines}    image: web\n")
    };
    let text = compose(&[
        "FROM debian:12",
        "MAINTAINER me",
        "",
        "RUN echo $$HOME && apt-get install curl",
        "CMD run it",
    ]);
    let want = compose(&[
        "FROM debian:12",
        "LABEL org.opencontainers.image.authors=\"me\"",
        "",
        "RUN echo $$HOME && apt-get install -y curl",
        "CMD [\"run\", \"it\"]",
    ])
    .replace("\n        \n", "\n\n");
    let text = text.replace("\n        \n", "\n\n");
    assert_eq!(fixed("compose.yaml", &text, select), want);
    // With other line ends as well.
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(fixed("compose.yaml", &crlf(&text), select), crlf(&want));
    let bake = |end: &str| {
        format!(
            "target \"default\" {{\n  dockerfile-inline = <<EOT\nFROM debian:12\nRUN echo $${{HOME}} && apt-get install {end}curl\nEOT\n}}\n"
        )
    };
    assert_eq!(fixed("docker-bake.hcl", &bake(""), select), bake("-y "));
    let indented = |end: &str| {
        format!(
            "target \"default\" {{\n  dockerfile-inline = <<-EOT\n    FROM debian:12\n    RUN apt-get install {end}curl\n  EOT\n}}\n"
        )
    };
    assert_eq!(fixed("docker-bake.hcl", &indented(""), select), indented("-y "));
}

#[test]
fn edits_with_line_breaks_keep_the_indentation_of_the_block() {
    let compose = |lines: &[&str]| {
        let lines: String = lines.iter().map(|line| format!("          {line}\n")).collect();
        format!(
            "services:\n  web:\n    build:\n      dockerfile_inline: |\n{lines}\n  db: {{image: postgres}}\n"
        )
    };
    // Lines go, at the end as well, and one becomes two.
    let text = compose(&["FROM debian:12", "CMD [\"a\"]", "RUN touch /x", "CMD [\"b\"]"]);
    let want = compose(&["FROM debian:12", "RUN touch /x", "CMD [\"b\"]"]);
    assert_eq!(fixed("compose.yaml", &text, &["--select", "multiple-cmd"]), want);
    let text = compose(&["FROM debian:12", "RUN sudo touch /x \\", "", "  /y", "USER 1"]);
    let after = fixed("compose.yaml", &text, &["--select", "empty-continuation"]);
    assert_eq!(after, compose(&["FROM debian:12", "RUN sudo touch /x \\", "  /y", "USER 1"]));
}

#[test]
fn what_a_variable_gives_is_not_edited() {
    let text = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM debian:12\n        RUN apt-get install ${PACKAGES:-curl}\n        CMD ${RUN:-run it}\n";
    let folder = Folder::new();
    folder.write("compose.yaml", text);
    let ran = folder.run(&["--unsafe-fixes", "--select", "shell-form-command"]);
    assert_eq!(folder.read("compose.yaml"), text, "{ran:?}");
    let quoted = "services:\n  web:\n    build:\n      dockerfile_inline: \"FROM debian:12\\nRUN apt-get install curl\\nCMD run it\\n\"\n";
    let want = quoted.replace("install curl", "install -y curl");
    let select = &["--select", "install-without-yes,shell-form-command"];
    assert_eq!(fixed("compose.yaml", quoted, select), want);
}

#[test]
fn files_that_may_be_run_from_elsewhere_miss_nothing() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("web/Dockerfile", "FROM debian:12\nUSER 1\n");
    folder.write("deploy/compose.yaml", "services: {web: {build: ./web}, api: {build: ./api}}\n");
    assert_eq!(short(&folder, &[]), ["deploy/compose.yaml:1 missing-build-context"]);
    let devcontainer = "{\"build\": {\"dockerfile\": \"../none/Dockerfile\"}}";
    folder.write("a/.devcontainer/devcontainer.json", devcontainer);
    let select = &["--select", "missing-dockerfile,missing-build-context", "a"];
    assert_eq!(short(&folder, select), ["a/.devcontainer/devcontainer.json:1 missing-dockerfile"]);
    folder.write("a/devcontainer-template.json", "{}");
    assert_eq!(short(&folder, select), Vec::<String>::new());
}

#[test]
fn a_dockerfile_that_is_there_from_above_is_not_missing() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("compose.yaml", "services: {web: {image: debian:12}}\n");
    folder.write("docker/Dockerfile", "FROM debian:12\nUSER 1\n");
    // Paths start at the folder of the first file, which is the one above.
    let second = "services: {web: {build: {context: ., dockerfile: docker/Dockerfile}}}\n";
    folder.write("docker/compose.yaml", second);
    let devcontainer =
        "{\"dockerComposeFile\": [\"../compose.yaml\", \"../docker/compose.yaml\"], \"service\": \"web\"}";
    folder.write(".devcontainer/devcontainer.json", devcontainer);
    assert_eq!(short(&folder, &[]), Vec::<String>::new());
    folder.write("docker/compose.yaml", second.replace("docker/D", "dokcer/D"));
    assert_eq!(short(&folder, &["docker"]), ["docker/compose.yaml:1 missing-dockerfile"]);
}

#[test]
fn a_stage_that_is_not_there_is_a_finding_in_the_file_that_asks_for_it() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("Dockerfile", "FROM debian AS prod\nUSER 1\n");
    folder.write("compose.yaml", "services:\n  web:\n    build: {context: ., target: prd}\n");
    let ran = folder.run(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let want = "error[missing-build-stage] compose.yaml:3:33\n  `web` builds a stage `prd`, which `Dockerfile` does not have\n";
    assert!(ran.out.contains(want), "{ran:?}");
    // The Dockerfile is looked at all the same.
    assert_eq!(
        short(&folder, &["Dockerfile", "--select", "untagged-image"]),
        ["Dockerfile:1 untagged-image"]
    );
    // Who asks for that build is told that there is none.
    let ran = folder.run(&["size", "--entry", "web"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("there is no stage `prd`: did you mean `prod`?"), "{ran:?}");
}

#[test]
fn the_program_of_a_health_check_is_looked_for_where_the_service_runs() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder
        .write("Dockerfile", "FROM alpine:3.20 AS dev\nRUN apk add curl\nFROM alpine:3.20 AS prod\nUSER 1\n");
    let found = |service: &str| {
        let test = "healthcheck: {test: [CMD, curl, x]";
        let text = format!("services:\n  web:\n    {}\n", service.replace("TEST", test));
        folder.write("compose.yaml", text);
        folder.run(&["--format", "short", "--select", "missing-program"]).short()
    };
    assert_eq!(found("build: {context: ., target: prod}\n    TEST}"), ["Dockerfile:3 missing-program"]);
    for quiet in [
        "build: {context: ., target: dev}\n    TEST}",
        "build: .\n    TEST, disable: true}",
        "build: .\n    TEST}\n    volumes: ['./curl:/usr/bin/curl']",
        "build: .\n    TEST}\n    command: sh -c 'apk add curl && run'",
    ] {
        assert_eq!(found(quiet), [""; 0], "{quiet}");
    }
}

#[test]
fn what_a_service_starts_in_place_of_the_command_is_used() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("Dockerfile", "FROM node:22\nCOPY app.js /app/\nCMD [\"node\", \"/app/app.js\"]\n");
    let found = |more: &str| {
        folder.write("compose.yaml", format!("services:\n  web:\n    build: .\n{more}"));
        folder.run(&["--format", "short", "--select", "full-base-image"]).short()
    };
    let said = ["Dockerfile:1 full-base-image"];
    assert_eq!(found(""), said);
    assert_eq!(found("    command: [node, /app/other.js]\n"), said);
    for quiet in [
        "    command: [make, run]\n",
        "    command: make run\n",
        "    command: bash -c \"npm install && make run\"\n",
        "    entrypoint: [/usr/bin/make]\n    command: run\n",
    ] {
        assert_eq!(found(quiet), [""; 0], "{quiet}");
    }
}

#[test]
fn a_context_that_is_not_there_has_the_folder_that_it_starts_from() {
    let folder = Folder::new();
    for path in [".git", ".github/workflows", "units"] {
        fs::create_dir_all(folder.path(path)).unwrap();
    }
    let steps = |step: &str| {
        let text =
            format!("on: push\njobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - {step}\n");
        folder.write(".github/workflows/ci.yml", text);
        let ran = folder.run(&["--format", "json"]).json();
        let findings = ran["files"][0]["findings"].as_array().cloned().unwrap_or_default();
        let help = findings.iter().filter_map(|found| found["help"].as_str().map(str::to_owned));
        help.collect::<Vec<_>>()
    };
    assert_eq!(
        steps("{uses: docker/build-push-action@v6, with: {context: ./gone}}"),
        ["the path starts from the root of the checkout"]
    );
    assert_eq!(
        steps("run: docker build gone"),
        ["the path starts from the folder in which the command runs"]
    );
}

#[cfg(unix)]
#[test]
fn units_of_quadlet_are_found_by_links_and_by_containers() {
    let folder = Folder::new();
    for path in [".git", "real", "units"] {
        fs::create_dir_all(folder.path(path)).unwrap();
    }
    folder.write("real/unit", "[Build]\nImageTag=a\nSetWorkingDirectory=unit\nFile=Containerfile\n");
    std::os::unix::fs::symlink("../real/unit", folder.path("units/app.build")).unwrap();
    folder.write("units/app.container", "[Container]\nImage=app.build\n");
    // Relative paths start from the folder of the link.
    let want = ["units/app.build:4 missing-dockerfile"];
    for named in [&[][..], &["units"], &["units/app.build"], &["units/app.container"]] {
        assert_eq!(short(&folder, named), want, "{named:?}");
    }
    folder.write("units/Containerfile", "FROM debian:12\nUSER 1\n");
    assert_eq!(folder.run(&["units/app.container"]).code, 0);
    folder.write("units/gone.container", "[Container]\nImage=gone.build\n");
    let found = folder.run(&[]);
    assert!(found.code == 0 && found.out.contains("there is no unit `gone.build`"), "{found:?}");
    let named = folder.run(&["units/gone.container"]);
    assert!(named.code == 2 && named.out.contains("there is no unit `gone.build`"), "{named:?}");
}

#[test]
fn targets_have_the_settings_of_a_run() {
    let folder = project();
    folder.write("dlint.toml", "exclude = [\"compose.yaml\"]\n");
    assert!(folder.run(&["targets"]).out.contains("no Compose"));
    assert!(folder.run(&["targets", "--no-config"]).out.contains("compose.yaml:2"));
    folder.write("dlint.toml", "exclude = 1\n");
    assert_eq!(folder.run(&["targets"]).code, 2);
}
