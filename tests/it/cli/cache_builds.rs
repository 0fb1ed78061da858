//! `dlint cache` of builds that start or copy from others of the project.

use super::*;

/// The layers of a build as `line fate kind`, if that changes.
fn layers(folder: &Folder, entry: &str, changed: &[&str]) -> Vec<String> {
    let args = ["cache", "--entry", entry, "--format", "json"];
    let changed = changed.iter().flat_map(|path| ["--changed", *path]);
    let ran = folder.run(&args.into_iter().chain(changed).collect::<Vec<_>>());
    let layers = ran.json()["layers"].as_array().cloned().unwrap_or_else(|| panic!("{ran:?}"));
    let layer = |layer: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        format!("{} {} {}", layer["lines"][0], text(&layer["fate"]), text(&layer["reason"]["kind"]))
    };
    layers.iter().map(layer).collect()
}

/// The image that others start from, but for its ONBUILD instruction.
const START: &str = "FROM debian:12-slim\nCOPY data.txt /d/\nCOPY --from=lib u.py /u/\n";

/// Builds in a row: `web` starts from `base` and copies from `mid`, which starts from `base`, too.
fn row() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write(
        "docker-bake.hcl",
        "group \"default\" { targets = [\"web\"] }\n\
         target \"base\" {\n  context = \"base\"\n  dockerfile = \"../base.Dockerfile\"\n  contexts = { lib = \"lib\" }\n}\n\
         target \"mid\" {\n  context = \"mid\"\n  contexts = { base = \"target:base\" }\n}\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\", mid = \"target:mid\" }\n}\n",
    );
    folder.write("base.Dockerfile", format!("{START}ONBUILD COPY app.py /app/\n"));
    folder.write("mid/Dockerfile", "FROM base\nCOPY m.txt /m/\n");
    folder.write(
        "web/Dockerfile",
        "FROM base\nCOPY --from=mid /m /m\nFROM debian:12-slim\nCOPY --from=base /d /d\nCOPY --from=0 /m /m\n",
    );
    for file in
        ["base/data.txt", "base/app.py", "lib/u.py", "mid/m.txt", "mid/app.py", "web/app.py", "web/x.py"]
    {
        folder.write(file, "1\n");
    }
    folder.write("base/.dockerignore", "app.py\n");
    folder
}

#[test]
fn what_changes_for_another_build_rebuilds_what_comes_from_its_image() {
    let folder = row();
    // Behind the FROM stands what the ONBUILD instruction of its image makes.
    let kept = [
        "1 kept elsewhere",
        "1 kept untouched",
        "2 kept elsewhere",
        "3 kept elsewhere",
        "4 kept elsewhere",
        "5 kept untouched",
    ];
    for path in ["web/x.py", "base/app.py", "base/other.py"] {
        assert_eq!(layers(&folder, "web", &[path]), kept, "{path}");
    }
    // In its context, in a folder that it copies from, and its Dockerfile, which lies in none.
    for (path, fate, copied) in [
        ("base/data.txt", "rebuilt on-build", "perhaps from-build"),
        ("lib/u.py", "rebuilt on-build", "perhaps from-build"),
        ("base", "rebuilt on-build", "perhaps from-build"),
        ("base.Dockerfile", "perhaps on-build", "perhaps from-build"),
        // Only the triggers of the image take it, in this context.
        ("web/app.py", "rebuilt triggers", "kept elsewhere"),
    ] {
        let found = layers(&folder, "web", &[path]);
        assert_eq!(found[0], format!("1 {fate}"), "{path}: {found:?}");
        assert_eq!(found[4], format!("4 {copied}"), "{path}: {found:?}");
    }
    for path in ["mid/m.txt", "mid/app.py"] {
        let found = layers(&folder, "web", &[path]);
        assert_eq!(found[..3], ["1 kept elsewhere", "1 kept untouched", "2 perhaps from-build"], "{path}");
        assert_eq!(found[4], "4 kept elsewhere", "{path}");
    }
    assert_eq!(layers(&folder, "mid", &["mid/app.py"])[0], "1 rebuilt triggers");
    let rebuilt = ["1 rebuilt on-build", "1 rebuilt on-build", "2 rebuilt follows"];
    assert_eq!(layers(&folder, "mid", &["base/data.txt"]), rebuilt);
    assert_eq!(layers(&folder, "web", &[])[0], "1 rebuilt on-build");
    let said = folder.run(&["cache", "--entry", "web", "--changed", "base/data.txt"]);
    for text in [
        "base/data.txt counts for the image of `base`, which this one is built on.",
        "line 2 of base.Dockerfile is rebuilt",
        "only if the files copied from `base` change",
    ] {
        assert!(said.out.contains(text), "{text}: {said:?}");
    }
    // Nothing of it is a layer of its own.
    folder.write("base.Dockerfile", START);
    folder.write("web/Dockerfile", "FROM base\nCMD [\"x\"]\n");
    let said = folder.run(&["cache", "--entry", "web", "--changed", "base/data.txt"]);
    assert!(said.out.contains("\nOnly what it starts from is rebuilt.\n"), "{said:?}");
}

#[test]
fn the_files_that_say_how_a_build_is_made_change_it_wherever_they_lie() {
    let folder = row();
    assert_eq!(layers(&folder, "base", &["base.Dockerfile"])[1], "2 perhaps unknown-dockerfile");
    let said = folder.run(&["cache", "--entry", "base", "--changed", "docker-bake.hcl"]);
    assert!(said.out.contains("The file that starts this build changes (docker-bake.hcl: base)"), "{said:?}");
    assert!(!said.out.contains("outside the build context"), "{said:?}");
    // A service that starts from another one, and one that nothing can be read of.
    folder.write(
        "compose.yaml",
        "services:\n  one: {build: base}\n  two:\n    build:\n      context: web\n      additional_contexts: {base: \"service:one\"}\n",
    );
    folder.write("web/Dockerfile", "FROM base\nRUN true\n");
    folder.write("base/Dockerfile", "FROM debian:12-slim\nCOPY data.txt /d/\n");
    let entry = "compose.yaml: two";
    assert_eq!(layers(&folder, entry, &["base/data.txt"]), ["1 rebuilt on-build", "2 rebuilt follows"]);
    fs::remove_file(folder.path("base/Dockerfile")).unwrap();
    assert_eq!(layers(&folder, entry, &["base/data.txt"])[0], "1 perhaps on-build");
}

#[test]
fn an_image_that_the_project_makes_may_be_another_one_when_files_change() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write(
        "compose.yaml",
        "services:\n  base: {build: base, image: 'acme/base:1'}\n  web: {build: web, depends_on: [base]}\n",
    );
    folder.write("base/Dockerfile", "FROM debian:12-slim\nCOPY data.txt /d/\n");
    folder.write("base/data.txt", "1\n");
    let file = "FROM acme/base:1 AS one\nRUN true\nFROM debian:12-slim\nCOPY --from=one /a /a\n\
                COPY --from=acme/base:1 /d /d\n";
    folder.write("web/Dockerfile", file);
    let found = layers(&folder, "web", &["base/data.txt"]);
    let want = [
        "1 perhaps on-build",
        "2 perhaps follows",
        "3 kept elsewhere",
        "4 perhaps from-stage",
        "5 perhaps from-build",
    ];
    assert_eq!(found, want);
    let said = folder.run(&["cache", "--entry", "web", "--changed", "base/data.txt"]);
    assert!(said.out.contains("`acme/base` may be rebuilt"), "{said:?}");
    // Another value of an argument is none of its business.
    let args = ["cache", "--entry", "web", "--format", "json", "--changed-build-arg", "X=1"];
    assert_eq!(folder.run(&args).json()["layers"][0]["fate"], "kept");
}

#[test]
fn a_folder_above_the_context_is_all_of_it() {
    let folder = row();
    let top = folder.path("").display().to_string();
    for path in [".", &*top] {
        let found = layers(&folder, "web", &[path]);
        assert_eq!(found[0], "1 rebuilt on-build", "{path}: {found:?}");
        assert_eq!(layers(&folder, "base", &[path])[1], "2 rebuilt takes", "{path}");
    }
}

#[test]
fn the_layers_of_onbuild_instructions_count_with_their_bytes() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let bake = "target \"base\" {\n  context = \"base\"\n}\n\
                target \"app\" {\n  context = \"app\"\n  contexts = { base = \"target:base\" }\n}\n";
    folder.write("docker-bake.hcl", bake);
    for (path, text) in [("base/a.txt", "1\n"), ("app/q.txt", "1234567890"), ("app/z.txt", "12")] {
        folder.write(path, text);
    }
    folder.write("base/Dockerfile", "FROM debian:12-slim\nONBUILD COPY z.txt /\nONBUILD COPY . /app/\n");
    folder.write("app/Dockerfile", "FROM base\n");
    folder.write("app/.dockerignore", "Dockerfile\n.dockerignore\n");
    let run = |path: &str| folder.run(&["cache", "--entry", "app", "--changed", path]);
    let sum = |ran: &Ran| ran.out.lines().rfind(|line| !line.is_empty()).unwrap_or_default().to_owned();
    assert_eq!(sum(&run("app/q.txt")), "1 of 2 layers is rebuilt; to push and pull again: 12 B.");
    assert_eq!(sum(&run("app/z.txt")), "2 of 2 layers are rebuilt; to push and pull again: 14 B.");
    assert_eq!(sum(&run("base/a.txt")), "Nothing is rebuilt.");
    let table = run("app/q.txt");
    let rows: Vec<&str> = table.out.lines().filter(|line| line.contains("ONBUILD")).collect();
    assert!(rows.iter().any(|row| row.contains("rebuilt") && row.contains("12 B")), "{table:?}");
    assert!(rows.iter().any(|row| row.contains("kept") && row.contains("2 B")), "{table:?}");
    folder.write("app/Dockerfile", "FROM base\nRUN true\n");
    assert_eq!(sum(&run("app/q.txt")), "2 of 3 layers are rebuilt; to push and pull again: 12 B.");
    assert_eq!(
        layers(&folder, "app", &["app/q.txt"]),
        ["1 rebuilt triggers", "1 kept untouched", "1 rebuilt triggers", "2 rebuilt follows"]
    );
}
