//! The names of builds that `--entry` takes, where several are called the same.

use super::*;

/// The names that the error offers for a name of several builds.
fn offered(folder: &Folder, name: &str) -> Vec<String> {
    let ran = folder.run(&["size", "--entry", name, "--format", "json"]);
    let names = ran.err.split_once("name one of ").unwrap_or_else(|| panic!("{ran:?}")).1;
    assert!(ran.err.contains(&format!("several builds are called `{name}`")), "{ran:?}");
    names.trim().split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

/// Holds the names that are offered, and the Dockerfiles that they build, against these.
fn built(folder: &Folder, name: &str, expected: &[(&str, &str)]) {
    let names = offered(folder, name);
    assert_eq!(names, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, file) in expected {
        let ran = folder.run(&["size", "--entry", name, "--format", "json"]);
        assert_eq!(ran.json()["dockerfile"], *file, "{name}: {ran:?}");
        let lint = folder.run(&["--format", "short", "--entry", name]);
        assert_ne!(lint.code, 2, "{name}: {lint:?}");
    }
}

fn project(folders: &[&str]) -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    for name in folders {
        fs::create_dir_all(folder.path(name)).unwrap();
        folder.write(&format!("{name}/Dockerfile"), "ARG V=1\nFROM debian:$V\nUSER 1\n");
    }
    folder
}

#[test]
fn a_service_that_is_found_twice_has_the_name_of_the_file_that_is_started() {
    let folder = project(&["sub"]);
    folder.write(".env", "V=12\n");
    folder.write("compose.yaml", "include: [sub/compose.yaml]\n");
    let service = "services:\n  inc:\n    build:\n      context: .\n      args: {V: \"${V:-11}\"}\n";
    folder.write("sub/compose.yaml", service);
    let dockerfile = "sub/Dockerfile";
    built(&folder, "inc", &[("compose.yaml: inc", dockerfile), ("sub/compose.yaml: inc", dockerfile)]);
    // They have different arguments.
    let bytes = |entry: &str| {
        let size = folder.run(&["size", "--entry", entry, "--format", "json"]).json();
        size["image"]["bytes"].as_u64().unwrap_or_else(|| panic!("{size}"))
    };
    assert_ne!(bytes("compose.yaml: inc"), bytes("sub/compose.yaml: inc"));
}

#[test]
fn steps_of_a_job_and_lines_of_a_makefile_have_names_with_their_lines() {
    let folder = project(&["a", "b", "c"]);
    fs::create_dir_all(folder.path(".github/workflows")).unwrap();
    folder.write(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  build:\n    steps:\n      - uses: actions/checkout@v4\n      - run: docker build a\n\
         \x20     - run: docker build b && docker build --build-arg V=12 b\n",
    );
    let line = ".github/workflows/ci.yml";
    built(
        &folder,
        "build",
        &[
            (&*format!("{line}:6: build"), "a/Dockerfile"),
            (&*format!("{line}:7: build #1"), "b/Dockerfile"),
            (&*format!("{line}:7: build #2"), "b/Dockerfile"),
        ],
    );
    folder.write("Makefile", "all:\n\tpodman build b\n\tpodman build c\n");
    built(
        &folder,
        "podman build",
        &[("Makefile:2: podman build", "b/Dockerfile"), ("Makefile:3: podman build", "c/Dockerfile")],
    );
    let none = folder.run(&["size", "--entry", "Makefile:9: podman build"]);
    assert!(none.err.contains("no file here builds `Makefile:9: podman build`"), "{none:?}");
}

#[test]
fn a_service_is_where_its_build_is_and_else_where_it_begins() {
    let folder = project(&["a"]);
    folder.write("compose.yaml", "services:\n  web:\n    build: a\n");
    for (over, place) in [
        ("services:\n\n  web: {ports: ['80:80']}\n", "compose.yaml:2"),
        ("services:\n\n  web: {build: {args: {V: '12'}}}\n", "compose.override.yaml:3"),
    ] {
        folder.write("compose.override.yaml", over);
        let targets = folder.run(&["targets"]);
        assert!(targets.out.contains(place), "{over}: {targets:?}");
        for name in ["web", "compose.yaml: web"] {
            let ran = folder.run(&["size", "--entry", name, "--format", "json"]);
            assert_eq!(ran.json()["dockerfile"], "a/Dockerfile", "{over}: {ran:?}");
        }
    }
}

#[test]
fn an_image_that_another_service_makes_is_said_once() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let compose = "services:\n  app: {image: shop, build: app}\n  web: {build: web}\n";
    folder.write("compose.yaml", compose);
    folder.write("app/Dockerfile", "FROM debian:12\nUSER 1\n");
    let web = "FROM shop AS a\nFROM shopper AS b\nFROM shop:latest\nCOPY --from=a /a /a\nCOPY --from=b /b /b\nUSER 1\n";
    folder.write("web/Dockerfile", web);
    let found = |args: &[&str]| {
        let rules = "sibling-base-image,untagged-image,latest-tag";
        folder.run(&[&["--format", "short", "--select", rules], args].concat()).short()
    };
    let bare = "web/Dockerfile:2 untagged-image";
    assert_eq!(found(&["."]), ["compose.yaml:3 sibling-base-image", bare]);
    assert_eq!(found(&["--no-entries", "web"]).len(), 3);
}

#[test]
fn services_that_run_one_image_in_several_ways_weigh_once() {
    let folder = Folder::new();
    let service = |more: &str| format!("{{build: app{more}}}");
    let compose = format!(
        "services:\n  web: {}\n  worker: {}\n  e2e: {}\n  cron: {}\n",
        service(""),
        service(", user: '1000'"),
        service(""),
        service(", healthcheck: {test: [CMD, curl, localhost]}")
    );
    folder.write("compose.yaml", compose);
    folder.write("app/Dockerfile", "FROM scratch\nCOPY a /a\n");
    folder.write("app/a", "12345");
    let sizes = folder.run(&["size", "--all", "--format", "json"]).json();
    let same = sizes["targets"].as_array().unwrap().iter().filter(|row| row["same_as"].is_string()).count();
    assert_eq!((same, &sizes["sum"]["apart"]["bytes"]), (3, &5.into()), "{sizes}");
}

#[test]
fn outside_of_a_repository_the_folder_of_the_run_is_the_top() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("php")).unwrap();
    folder.write("php/Dockerfile", "FROM debian:12\nUSER 1\n");
    folder.write("compose.yaml", "services:\n  web:\n    build: ./php\n");
    let size = |path: &str| folder.run(&["size", path]).err;
    assert!(size("php/Dockerfile").contains("as built by compose.yaml: web"));
    assert!(!size(&folder.path("php/Dockerfile").display().to_string()).contains("as built by"));
}

#[test]
fn every_form_in_which_reports_name_a_build_chooses_it() {
    let folder = project(&["php", "web"]);
    folder.write("compose.yaml", "services:\n  php: {image: x}\n  web: {build: web}\n");
    folder.write(
        "compose.override.yaml",
        "services:\n  php: {build: {context: php}}\n  web: {build: {platforms: [linux/amd64, linux/arm64]}}\n",
    );
    folder.write("web/Dockerfile", "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n");
    let said = |at: &str, entry: &str| {
        let ran = command(&folder.path(at), &["size", "--entry", entry]).output().unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    let file = "compose.override.yaml";
    for name in [
        format!("{file}: php"),
        format!("php ({file})"),
        format!("{file}:2: php"),
        "compose.yaml: php".to_owned(),
        "php".to_owned(),
    ] {
        assert!(said("", &name).starts_with("php/Dockerfile: "), "{name}");
        // A report of a run elsewhere has the path from there.
        assert!(said("php", &name).starts_with("../php/Dockerfile: "), "{name}");
    }
    for name in ["compose.yaml: web (linux/arm64)", "web (linux/arm64)"] {
        let said = said("", name);
        assert!(said.starts_with("web/Dockerfile: ") && said.contains("(linux/arm64)"), "{said}");
        assert_ne!(folder.run(&["--entry", name]).code, 2, "{name}");
    }
    for name in ["web (linux/s390x)", "php (linux/arm64)", "php (else.yaml)", "compose.yaml:1: php", ": php"]
    {
        let ran = folder.run(&["size", "--entry", name]);
        assert!(ran.err.contains(&format!("no file here builds `{name}`")), "{ran:?}");
    }
}

#[test]
fn a_build_that_is_chosen_counts_more_than_the_settings() {
    let folder = Folder::new();
    folder.write("compose.yaml", "services: {web: {build: {context: ., dockerfile: docker/Dockerfile}}}\n");
    folder.write("docker/Dockerfile", "FROM debian:12-slim\nCOPY app.py /\nUSER 1\n");
    folder.write("app.py", "print()\n");
    folder.write("other/x", "x\n");
    folder.write("dlint.toml", "context = 'other'\n");
    let missing = ["docker/Dockerfile:2 copy-missing-source"];
    assert_eq!(folder.run(&["--format", "short"]).short(), missing);
    assert_eq!(folder.run(&["--format", "short", "--entry", "web"]).short(), Vec::<String>::new());
}
