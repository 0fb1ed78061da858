//! Files that start builds and mean harm, or were written by nobody: one message with its place, and no more work than
//! its bounds allow.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn dlint(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dlint"));
    command.args(args).current_dir(folder).env("HOME", folder).env_remove("GITHUB_ACTIONS");
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

/// The files are found and give one note, that fails nothing; named, the first is an error. No control code is printed.
fn refused(files: &[(&str, &str)], place: &str, why: &str) {
    let with = [files, &[("Dockerfile", "FROM scratch\nUSER 1\n")]].concat();
    let folder = project(&with);
    let found = dlint(folder.path(), &[]);
    let all = text(&found);
    assert_eq!(found.status.code(), Some(0), "{why}: {all}");
    assert_eq!(all.matches(why).count(), 1, "{why}: {all}");
    assert!(all.contains(place), "{place}: {all}");
    let named = dlint(folder.path(), &["--format", "json", files[0].0]);
    let report: serde_json::Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!((named.status.code(), report["problems"].as_array().unwrap().len()), (Some(2), 1), "{report}");
    for output in [&found, &named, &dlint(folder.path(), &["targets"])] {
        assert!(!text(output).contains(|c: char| c.is_control() && c != '\n'), "{}", text(output));
    }
}

/// Ten times the same, ten levels deep.
fn bomb(levels: usize) -> String {
    let mut text = "x-0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for level in 1..levels {
        let before = format!("*a{}", level - 1);
        text += &format!("x-{level}: &a{level} [{}]\n", [before.as_str(); 10].join(","));
    }
    text
}

#[test]
fn aliases_that_multiply_are_refused() {
    let list = format!("{}services:\n  a: {{build: {{args: *a9}}}}\n", bomb(10));
    refused(&[("compose.yaml", &list)], "compose.yaml:6:", "has more than 500000 values");
    let itself = "services:\n  a: &a\n    build: .\n    deploy: *a\n";
    refused(&[("compose.yaml", itself)], "compose.yaml:4:", "stands for something that it is a part of");
}

#[test]
fn circles_are_refused_where_they_close() {
    let extends = "services:\n  a: {build: ., extends: b}\n  b: {extends: a}\n";
    refused(&[("compose.yaml", extends)], "compose.yaml:", "the service `a` extends `b`, which extends `a`");
    let far = [
        ("compose.yaml", "services:\n  a: {extends: {file: o.yaml, service: a}}\n"),
        ("o.yaml", "services:\n  a: {extends: {file: compose.yaml, service: a}}\n"),
    ];
    refused(&far, "o.yaml:2:", "the service `a` of `o.yaml` extends `a` of `compose.yaml`, which extends");
    let include = [
        ("compose.yaml", "include: [o.yaml]\nservices: {a: {build: .}}\n"),
        ("o.yaml", "include: [compose.yaml]\n"),
    ];
    refused(&include, "compose.yaml:1:", "includes `compose.yaml`, which includes");
    let context =
        |other: &str| format!("{{build: {{context: ., additional_contexts: {{x: 'service:{other}'}}}}}}");
    let contexts = format!("services:\n  a: {}\n  b: {}\n", context("b"), context("a"));
    refused(
        &[("compose.yaml", &contexts)],
        "compose.yaml:3:",
        "the service `a` is built with `b`, which is built with `a`",
    );
    let contexts = "target \"default\" { contexts = { x = \"target:b\" } }\n\
                    target \"b\" { contexts = { x = \"target:default\" } }\n";
    refused(
        &[("docker-bake.hcl", contexts)],
        "docker-bake.hcl:2:",
        "`default` is built with `b`, which is built with",
    );
    let variables = "variable \"A\" { default = B }\nvariable \"B\" { default = A }\n\
                     target \"default\" { args = { X = A } }\n";
    refused(
        &[("docker-bake.hcl", variables)],
        "docker-bake.hcl:",
        "the variable `A` refers to the variable `B`, which refers",
    );
    let function = "function \"f\" {\n  params = [n]\n  result = f(n)\n}\n\
                    target \"default\" { args = { X = f(1) } }\n";
    refused(&[("docker-bake.hcl", function)], "docker-bake.hcl:3:", "refers to itself");
}

#[test]
fn what_fans_out_is_refused_before_it_costs() {
    let fan = |name: &str, next: usize| {
        (format!("{name}{}.yaml", next - 1), format!("include: [f{next}.yaml, g{next}.yaml]\n"))
    };
    let mut files: Vec<(String, String)> =
        (1..20).flat_map(|next| [fan("f", next), fan("g", next)]).collect();
    files.extend(["f19.yaml", "g19.yaml"].map(|name| (name.to_owned(), "services: {}\n".to_owned())));
    files.insert(
        0,
        ("compose.yaml".to_owned(), "include: [f0.yaml, g0.yaml]\nservices: {a: {build: .}}\n".to_owned()),
    );
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    refused(&files, ".yaml:1:", "includes and extends more than 1000 files");
    let matrix = "target \"default\" {\n  name = \"t-${a}-${b}-${c}\"\n  matrix = {\n    \
                  a = range(100)\n    b = range(100)\n    c = range(100)\n  }\n}\n";
    refused(&[("docker-bake.hcl", matrix)], "docker-bake.hcl:3:", "the matrix makes more than 10000 targets");
    let range = "target \"default\" { args = { X = join(\",\", range(1000000000)) } }\n";
    refused(&[("docker-bake.hcl", range)], "docker-bake.hcl:1:", "more than 1024 numbers");
    let wide = "target \"default\" { args = { X = format(\"%999999999d\", 1) } }\n";
    refused(&[("docker-bake.hcl", wide)], "docker-bake.hcl:1:", "the result is too long");
    let loops = "target \"default\" { args = { X = join(\"\", [for a in range(1000) : \
                 join(\"\", [for b in range(1000) : join(\"\", [for c in range(1000) : \"x\"])])]) } }\n";
    refused(&[("docker-bake.hcl", loops)], "docker-bake.hcl:1:", "takes more steps to work out");
    let doubling = |letter: u8| format!("{0}=${{{1}}}${{{1}}}\n", char::from(letter), char::from(letter - 1));
    let env = format!("A=aaaaaaaaaa\n{}", (b'B'..=b'Y').map(doubling).collect::<String>());
    let compose = "services: {a: {build: {args: {A: \"${Y}\"}}}}\n";
    refused(&[("compose.yaml", compose), (".env", &env)], ".env:", "comes to more than 1048576 bytes");
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    let yaml = format!("services: {}\n", deep("[", "]"));
    refused(&[("compose.yaml", &yaml)], "compose.yaml:1:", "more than 100 levels deep");
    let hcl = format!("target \"default\" {{ args = {{ X = {} }} }}\n", deep("(", ")"));
    refused(&[("docker-bake.hcl", &hcl)], "docker-bake.hcl:1:", "more than 64 levels deep");
    let json = format!("{{\"target\": {}}}", deep("[", "]"));
    refused(&[("docker-bake.json", &json)], "docker-bake.json:1:", "more than 64 levels deep");
    refused(
        &[(".devcontainer/devcontainer.json", &format!("{{\"build\": {}}}", deep("[", "]")))],
        "devcontainer.json:1:",
        "more than 64 levels deep",
    );
    let defaults = format!("services: {{a: {{build: '{}x{}'}}}}\n", "${A:-".repeat(3000), "}".repeat(3000));
    refused(&[("compose.yaml", &defaults)], "compose.yaml:1:", "more than 100 levels deep");
    let chain: String = (0..5000).map(|n| format!("  s{n}: {{extends: s{}}}\n", n + 1)).collect();
    let chain = format!("services:\n{chain}  s5000: {{build: .}}\n");
    refused(
        &[("compose.yaml", &chain)],
        "compose.yaml:",
        "more than 100 services extend one another in a row",
    );
    let chain: String =
        (0..1000).map(|n| format!("target \"t{n}\" {{ inherits = [\"t{}\"] }}\n", n + 1)).collect();
    let chain = format!("{chain}target \"t1000\" {{}}\n");
    refused(
        &[("docker-bake.hcl", &chain)],
        "docker-bake.hcl:202:",
        "more than 200 targets inherit from each other in a row",
    );
    let large = format!("services: {{a: {{build: .}}}}\n{}", "# x\n".repeat(13_000_000));
    refused(&[("compose.yaml", &large)], "compose.yaml", "larger than 2 MiB");
}

#[test]
fn control_characters_are_never_printed_as_they_are() {
    refused(
        &[("compose.yaml", "services:\n  \"a\\e[31mb\\a\": {build: .}\n")],
        "compose.yaml:2:3",
        "cannot have the name `a\\u{1b}[31mb\\u{7}`",
    );
    refused(
        &[("docker-bake.hcl", "target \"a\\u001b[31mb\" {}\n")],
        "docker-bake.hcl:1:8",
        "`a\\u{1b}[31mb` is not a name",
    );
    // A file may be called so, and what it says of paths and arguments.
    let compose = "services:\n  a:\n    build: {context: ., dockerfile: \"D\\e[1m\", target: \"t\\a\", args: {\"X\\e[1m\": \"\\e[2J\"}}\n  \
                   b:\n    build:\n      dockerfile_inline: \"FROM debian:latest\\nRUN \\e[31mx\\n\"\n";
    let folder =
        project(&[("compose.yaml", compose), ("D\u{1b}[1m", "FROM debian:latest AS t\u{7}\nARG X\n")]);
    for args in [
        &[][..],
        &["--format", "json"],
        &["--format", "sarif"],
        &["--format", "github"],
        &["targets"],
        &["targets", "--format", "json"],
        &["debug", "targets"],
        &["size", "--all"],
        &["size", "--entry", "a"],
        &["size", "--entry", "\u{1b}[31mx"],
    ] {
        let output = dlint(folder.path(), args);
        assert!(output.status.code().is_some_and(|code| code <= 2), "{args:?}");
        let raw = |c: char| c.is_control() && c != '\n' && c != '\r';
        assert!(!text(&output).contains(raw), "{args:?}: {}", text(&output).escape_debug());
    }
}

#[test]
fn ten_thousand_builds_are_listed_and_few_of_one_dockerfile_are_linted() {
    let service = |n: usize| {
        let base =
            if n < 9_999 { format!("service:s{}", n + 1) } else { "docker-image://debian:12".to_owned() };
        let contexts = format!("additional_contexts: {{base: '{base}'}}");
        format!("  s{n}: {{build: {{context: ., args: {{N: '{n}'}}, {contexts}}}}}\n")
    };
    let compose = format!("services:\n{}", (0..10_000).map(service).collect::<String>());
    let folder =
        project(&[("compose.yaml", &compose), ("Dockerfile", "FROM base\nARG N\nRUN echo $N\nUSER 1\n")]);
    let listed = dlint(folder.path(), &["targets", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["targets"].as_array().unwrap().len(), 10_000);
    let linted = dlint(folder.path(), &[]);
    let said = "Dockerfile: is built in 10000 ways: the first 128 are checked";
    assert!(text(&linted).contains(said), "{}", text(&linted));
}

#[test]
fn targets_that_start_from_each_other_twice_over_are_planned_once() {
    let target = |n: usize| {
        format!("target \"t{n}\" {{ contexts = {{ a = \"target:t{0}\", b = \"target:t{0}\" }} }}\n", n + 1)
    };
    let bake = format!("{}target \"t60\" {{}}\n", (0..60).map(target).collect::<String>());
    let dockerfile = "FROM a AS x\nFROM b\nCOPY --from=x / /\nRUN curl -V\n";
    let folder = project(&[("docker-bake.hcl", &bake), ("Dockerfile", dockerfile)]);
    // Two to the power of sixty plans would never end.
    for args in [
        &["size", "--entry", "t0"][..],
        &["size", "--all"],
        &["--select", "all"],
        &["cache", "--entry", "t0"],
    ] {
        let output = dlint(folder.path(), args);
        assert!(output.status.code().is_some_and(|code| code <= 1), "{args:?} {}", text(&output));
    }
}
