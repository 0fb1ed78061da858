//! `dlint compare` of what files of the project start: which build is which, and what they start from.

use serde_json::{Value, json};

use super::Folder;
use super::compare::compared;
use super::git::{commit, git, repository};

const COPIES: &str = "FROM scratch\nARG S=lib\nCOPY $S /x/\n";

/// Three folders with a file each: 20, 50 and 100 kB.
fn folders() -> Folder {
    repository(&[
        ("lib/lib.bin", &"x".repeat(20_000)),
        ("b/data.bin", &"x".repeat(50_000)),
        ("a/data.bin", &"x".repeat(100_000)),
        ("D", COPIES),
    ])
}

/// Commits all there is as what is compared with.
fn settle(folder: &Folder) {
    commit(folder);
    git(folder, &["branch", "-q", "-f", "main"]);
}

/// Each image that changes: its state, what starts it, and its bytes before and after.
fn changes(folder: &Folder) -> Vec<String> {
    let report = compared(folder, &[]);
    let bytes = |amounts: &Value| amounts["bytes"].as_u64().map_or("-".to_owned(), |bytes| bytes.to_string());
    let of = |image: &Value| {
        let entry = image["entry"].as_str().unwrap_or_else(|| image["dockerfile"].as_str().unwrap());
        format!(
            "{} {entry} {} {}",
            image["state"].as_str().unwrap(),
            bytes(&image["before"]),
            bytes(&image["after"])
        )
    };
    report["images"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_named_context_that_is_another_one_counts() {
    let folder = folders();
    folder.write("c/Dockerfile", "FROM scratch\nCOPY --from=l . /l/\n");
    let compose = |contexts: &str| format!("services: {{s: {{build: {{context: c{contexts}}}}}}}\n");
    folder.write("compose.yaml", compose(", additional_contexts: {l: lib}"));
    settle(&folder);
    assert_eq!(changes(&folder), [""; 0]);
    folder.write("compose.yaml", compose(", additional_contexts: {l: b}"));
    assert_eq!(changes(&folder), ["changed compose.yaml: s 20000 50000"]);
    let out = folder.run(&["compare", "main", "--max-growth", "10kB"]);
    assert_eq!(out.code, 1, "{}", out.out);
    let why = "line 2    COPY --from=l . /l/ - takes from another build context of that name";
    assert!(out.out.contains(why), "{}", out.out);
    folder.write("compose.yaml", compose(""));
    assert_eq!(changes(&folder).len(), 1);
}

#[test]
fn a_build_that_another_one_starts_from_counts() {
    let folder = folders();
    folder.write("E", "FROM base\nCOPY lib /l/\n");
    let bake = |base: &str, b1: &str| {
        format!(
            "target \"default\" {{\n  dockerfile = \"E\"\n  contexts = {{ base = \"{base}\" }}\n}}\n\
             target \"b1\" {{\n  dockerfile = \"D\"\n  args = {{ S = \"{b1}\" }}\n}}\n\
             target \"b2\" {{\n  dockerfile = \"D\"\n  args = {{ S = \"b\" }}\n}}\n"
        )
    };
    folder.write("docker-bake.hcl", bake("target:b1", "a"));
    settle(&folder);
    folder.write("docker-bake.hcl", bake("target:b2", "a"));
    assert_eq!(changes(&folder), ["changed docker-bake.hcl: default 120000 70000"]);
    // What the other one is told counts, too, and what its context is.
    folder.write("docker-bake.hcl", bake("target:b1", "lib"));
    assert_eq!(
        changes(&folder),
        ["changed docker-bake.hcl: b1 100000 20000", "changed docker-bake.hcl: default 120000 40000"]
    );
    folder.write("docker-bake.hcl", bake("docker-image://alpine:3.20", "a"));
    let found = changes(&folder);
    assert!(
        found.len() == 1 && found[0].starts_with("changed docker-bake.hcl: default 120000 "),
        "{found:?}"
    );
}

#[test]
fn a_new_build_beside_an_old_one_is_no_growth_of_that() {
    let folder = folders();
    let bake = |targets: &[(&str, &str)]| -> String {
        let names: Vec<String> = targets.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let one = |(name, source): &(&str, &str)| {
            format!("target \"{name}\" {{\n  dockerfile = \"D\"\n  args = {{ S = \"{source}\" }}\n}}\n")
        };
        let group = format!("group \"default\" {{ targets = [{}] }}\n", names.join(", "));
        targets.iter().map(one).fold(group, |all, one| all + &one)
    };
    folder.write("docker-bake.hcl", bake(&[("l", "lib")]));
    settle(&folder);
    folder.write("docker-bake.hcl", bake(&[("l", "lib"), ("n", "a")]));
    assert_eq!(changes(&folder), ["new docker-bake.hcl: n - 100000"]);
    let limited = ["compare", "main", "--max-growth", "10kB", "--fail-on", "never"];
    assert_eq!(folder.run(&limited).code, 0);
    // One that is only called otherwise is the old one, with other arguments as well.
    folder.write("docker-bake.hcl", bake(&[("n", "lib")]));
    assert_eq!(changes(&folder), [""; 0]);
    folder.write("docker-bake.hcl", bake(&[("n", "a")]));
    assert_eq!(changes(&folder), ["changed docker-bake.hcl: n 20000 100000"]);
    assert_eq!(folder.run(&limited).code, 1);

    let steps = |lines: &[&str]| {
        let runs: String = lines.iter().map(|line| format!("      - run: docker build {line} .\n")).collect();
        format!(
            "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n{runs}"
        )
    };
    let folder = folders();
    folder.write(".github/workflows/ci.yml", steps(&["-f D --build-arg S=lib"]));
    settle(&folder);
    folder.write(".github/workflows/ci.yml", steps(&["-f D --build-arg S=a", "-f D --build-arg S=lib"]));
    let found = changes(&folder);
    assert!(found.len() == 1 && found[0].starts_with("new ") && found[0].ends_with(" - 100000"), "{found:?}");
}

#[test]
fn a_service_is_held_against_itself() {
    let folder = folders();
    folder.write("F", "FROM scratch\nCOPY data.bin lib.bi[n] /\n");
    folder.write("lib/data.bin", "1");
    let build = |name: &str, rest: &str| format!("  {name}: {{build: {{{rest}}}}}\n");
    let of = |name: &str, folder: &str| build(name, &format!("context: {folder}, dockerfile: ../F"));
    let compose = |services: &[String]| format!("services:\n{}", services.concat());
    folder.write("compose.yaml", compose(&[of("s", "a"), of("t", "b")]));
    settle(&folder);
    // Both builds are there as before, by other names.
    folder.write("compose.yaml", compose(&[of("s", "b"), of("t", "a")]));
    assert_eq!(
        changes(&folder),
        ["changed compose.yaml: t 50000 100000", "changed compose.yaml: s 100000 50000"]
    );
    // Services that build the same now were two.
    folder.write("compose.yaml", compose(&[of("s", "a"), of("t", "a")]));
    assert_eq!(changes(&folder), ["changed compose.yaml: t 50000 100000"]);
    settle(&folder);
    folder.write("compose.yaml", compose(&[of("s", "a"), of("t", "b")]));
    assert_eq!(changes(&folder), ["changed compose.yaml: t 100000 50000"]);
}

#[test]
fn a_service_that_is_built_from_another_dockerfile_is_the_same_one() {
    let folder = folders();
    folder.write("Dockerfile", COPIES.replace("=lib", "=a"));
    let compose = |build: &str| format!("services: {{l: {{build: {{context: ., {build}}}}}}}\n");
    folder.write("compose.yaml", compose("args: {S: lib}"));
    folder.write("D2", COPIES.replace("=lib", "=b"));
    settle(&folder);
    folder.write("compose.yaml", compose("dockerfile: D2"));
    let report = compared(&folder, &[]);
    let images = report["images"].as_array().unwrap();
    let reasons = json!(["it is built from D2; before, it was from Dockerfile"]);
    assert_eq!((images.len(), &images[0]["reasons"]), (1, &reasons), "{report}");
    assert_eq!((&images[0]["renamed_from"], &images[0]["growth"]["bytes"]), (&Value::Null, &json!(30_000)));
}

#[test]
fn what_a_file_does_not_start_any_more_is_not_removed() {
    let folder = folders();
    folder.write("b/Dockerfile", "FROM scratch\nARG S=data.bin\nCOPY $S /x/\n");
    folder.write("b/small", "1");
    folder.write("compose.yaml", "services: {s: {build: {context: b, args: {S: small}}}}\n");
    settle(&folder);
    std::fs::remove_file(folder.path("compose.yaml")).unwrap();
    let report = compared(&folder, &["--max-growth", "1kB"]);
    let note = json!(["b/Dockerfile is not compared: compose.yaml: s no longer builds it"]);
    assert_eq!((&report["images"], &report["notes"]), (&json!([]), &note), "{report}");

    // One that is still there has taken it out.
    folder.write("compose.yaml", "services: {t: {build: a}}\n");
    folder.write("a/Dockerfile", "FROM scratch\n");
    let found = changes(&folder);
    assert_eq!(found, ["new compose.yaml: t - 0", "removed compose.yaml: s 1 -"]);
    folder.write("compose.yaml", "services: {s: {build: {context: \"b$X\", args: {S: small}}}}\n");
    assert_eq!(changes(&folder), ["new a/Dockerfile - 0"]);

    // A file that is refused builds nothing, and no limit holds for that.
    folder.write("compose.yaml", "foo: 1\nservices: {s: {build: {context: b, args: {S: small}}}}\n");
    let ran = folder.run(&["compare", "main", "--max-growth", "1kB"]);
    let said = "b/Dockerfile (compose.yaml: s) no longer builds: compose.yaml is refused: ";
    assert!(ran.code == 1 && ran.out.contains(said), "{}", ran.out);
}

#[test]
fn what_only_a_file_builds_comes_and_goes_with_it() {
    let folder = folders();
    folder.write("a/Dockerfile", "FROM scratch\n");
    settle(&folder);
    // `D` is no name that is found by itself.
    let compose = "services: {s: {build: {context: ., dockerfile: D, args: {S: b}}}}\n";
    folder.write("compose.yaml", compose);
    assert_eq!(changes(&folder), ["new compose.yaml: s - 50000"]);
    settle(&folder);
    std::fs::remove_file(folder.path("compose.yaml")).unwrap();
    let report = compared(&folder, &[]);
    let note = json!(["D is not compared: compose.yaml: s no longer builds it"]);
    assert_eq!((&report["images"], &report["notes"]), (&json!([]), &note), "{report}");
    // A file that is refused built nothing, and builds nothing: no size is held against another one.
    folder.write("compose.yaml", format!("foo: 1\n{compose}"));
    let limited = ["compare", "main", "--max-growth", "1kB"];
    let ran = folder.run(&limited);
    let said = "D (compose.yaml: s) no longer builds: compose.yaml is refused: ";
    assert!(ran.code == 1 && ran.out.contains(said), "{}", ran.out);
    settle(&folder);
    folder.write("compose.yaml", compose);
    let ran = folder.run(&limited);
    let said = "D (compose.yaml: s) builds to 50.0 kB now; before, it did not: compose.yaml is refused: ";
    assert!(ran.code == 0 && ran.out.contains(said), "{}", ran.out);
    // It is asked about by its name.
    git(&folder, &["rm", "-q", "--cached", "compose.yaml"]);
    std::fs::remove_file(folder.path("compose.yaml")).unwrap();
    settle(&folder);
    folder.write("lib/more", "x".repeat(10_000));
    assert_eq!(compared(&folder, &["D"])["images"][0]["growth"]["bytes"], 10_000);
}

#[test]
fn the_images_are_those_of_the_sizes() {
    let folder = folders();
    folder.write("Dockerfile", "FROM scratch AS one\nCOPY b /b/\n\nFROM scratch\nCOPY lib /l/\n");
    folder.write("compose.yaml", "services: {s: {build: {context: ., target: one}}}\n");
    settle(&folder);
    folder.write("lib/more.bin", "x".repeat(70_000));
    // Nobody here builds the last stage.
    assert_eq!(changes(&folder), [""; 0]);
    folder.write("b/more.bin", "x".repeat(70_000));
    assert_eq!(changes(&folder), ["changed compose.yaml: s 50000 120000"]);
    folder.write("compose.yaml", "services: {}\n");
    settle(&folder);
    folder.write("compose.yaml", "services: {s: {build: {context: ., target: one}}}\n");
    assert_eq!(changes(&folder), ["new compose.yaml: s - 120000"]);
}

#[test]
fn services_of_one_build_are_one_image_however_they_are_run() {
    let folder = folders();
    let service =
        |name: &str, rest: &str| format!("  {name}: {{build: {{context: a, dockerfile: ../F}}{rest}}}\n");
    folder.write("F", "FROM scratch\nCOPY data.bin /\n");
    let services =
        [service("web", ""), service("worker", ", command: [work]"), service("tests", ", command: [test]")];
    folder.write("compose.yaml", format!("services:\n{}", services.concat()));
    folder.write(
        "ci/compose.yaml",
        format!("services:\n{}", services[0].replace("context: a", "context: ../a")),
    );
    settle(&folder);
    folder.write("a/data.bin", "x".repeat(150_000));
    let found = changes(&folder);
    assert!(found.len() == 1 && found[0].ends_with(" 100000 150000"), "{found:?}");
    assert_eq!(compared(&folder, &[])["sum"]["bytes"], 50_000);
}

#[test]
fn builds_for_platforms_are_held_against_those_for_the_same() {
    let folder = folders();
    folder.write("Dockerfile", "FROM debian:bookworm\nCOPY b/data.bin /\nUSER 1\n");
    let job = |platforms: &[&str]| {
        let step = "      - uses: docker/build-push-action@v6\n        with: {context: ., platforms: \"${{ matrix.arch }}\"}\n";
        format!(
            "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    strategy: {{matrix: {{arch: [{}]}}}}\n    steps:\n      - uses: actions/checkout@v4\n{step}",
            platforms.join(", ")
        )
    };
    folder.write(".github/workflows/ci.yml", job(&["linux/arm64", "linux/386", "linux/amd64"]));
    settle(&folder);
    folder.write(".github/workflows/ci.yml", job(&["linux/amd64", "linux/arm64", "linux/s390x"]));
    folder.write("b/data.bin", "x".repeat(60_000));
    let report = compared(&folder, &[]);
    let of = |image: &Value| (image["platform"].as_str().unwrap().to_owned(), image["reasons"].clone());
    let images: Vec<_> = report["images"].as_array().unwrap().iter().map(of).collect();
    let changed = images.iter().filter(|(platform, _)| platform != "linux/s390x");
    assert!(
        changed.clone().count() > 1 && changed.clone().all(|(_, reasons)| *reasons == json!([])),
        "{report}"
    );
}

#[test]
fn a_stage_that_is_named_by_the_platform_is_known() {
    let folder = folders();
    let text = |more: &str| {
        format!(
            "FROM scratch AS base-amd64\nCOPY b/data.bin /\nFROM base-${{TARGETARCH}}\nCOPY a/data.bin /a\n{more}USER 1\n"
        )
    };
    folder.write("Dockerfile", text(""));
    settle(&folder);
    folder.write("Dockerfile", text("COPY lib/lib.bin /\n"));
    let report = compared(&folder, &[]);
    let growth = &report["images"][0]["growth"];
    assert_eq!((&growth["bytes"], &growth["unknown"]), (&json!(20_000), &json!(0)), "{report}");
    assert_eq!(changes(&folder), ["changed Dockerfile 150000 170000"]);
}

#[test]
fn a_base_image_that_a_variable_names_may_be_another_one() {
    let folder =
        repository(&[("Dockerfile", "ARG V=3.19\nFROM alpine:${V}\nRUN apk add --no-cache curl\nUSER 1\n")]);
    folder.write("Dockerfile", "ARG V=3.20\nFROM alpine:${V}\nRUN apk add --no-cache curl\nUSER 1\n");
    let out = folder.run(&["compare", "main"]).out;
    assert!(out.contains("\n  it is built on `alpine:3.20`; before, it was on `alpine:3.19`\n"), "{out}");
}

#[test]
fn what_was_missing_before_and_is_missing_now_is_no_change() {
    let folder = repository(&[("db/Dockerfile", "FROM scratch\nADD dump.sql /\nUSER 1\n"), ("db/x", "1")]);
    folder.write(".dockerignore", ".git\n");
    folder.write("db/.dockerignore", "y\n");
    let report = compared(&folder, &[]);
    assert_eq!((&report["images"], &report["same"]), (&json!([]), &json!(1)), "{report}");
}

#[test]
fn packages_that_both_sides_install_add_no_range() {
    let text = |more: &str| {
        format!("FROM python:3.12-slim\nRUN pip install --no-cache-dir flask requests{more}\nUSER 1\n")
    };
    let folder = repository(&[("Dockerfile", &text(""))]);
    folder.write("Dockerfile", text(" numpy"));
    let report = compared(&folder, &[]);
    let growth = &report["images"][0]["growth"];
    let of = |key: &str| growth[key].as_i64().unwrap();
    assert!(0 < of("least") && of("least") < of("bytes") && of("bytes") < of("most"), "{growth}");
}
