//! Which folder the build context is, and what `dlint context` says of it.

use std::fs;

use super::Folder;

/// A repository whose Dockerfile lies in a folder of its own, and is built from the root.
fn repository() -> Folder {
    let folder = Folder::new();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(
        "docker/web/Dockerfile",
        "FROM scratch\nCOPY src lib/a.txt /x/\nUSER 65532\nCMD [\"/bin/run\"]\n",
    );
    folder.write("src/run", "x");
    folder.write("lib/a.txt", "xyz");
    folder
}

#[test]
fn a_context_that_nobody_names_is_the_parent_that_has_the_sources() {
    let folder = repository();
    let ran = folder.run(&["docker/web/Dockerfile"]);
    let note = "note: the build context of docker/web/Dockerfile is taken to be `.`";
    assert!(ran.code == 0 && ran.out.replace("\n        ", " ").contains(note), "{ran:?}");
    let json = folder.run(&["--format", "json"]).json();
    assert_eq!(json["files"][0]["context"], ".");
    // The same for the other commands.
    let cache = folder.run(&["cache", "docker/web/Dockerfile", "--changed", "src/run"]);
    assert!(cache.err.contains("the build context is taken to be `.`"), "{cache:?}");
    assert!(cache.out.contains("src"), "{cache:?}");
    let context = folder.run(&["context", "docker/web"]).out;
    assert!(context.contains("try `dlint context . -f docker/web/Dockerfile`"), "{context}");
    // What somebody says wins.
    let named = folder.run(&["--context", "docker/web", "--format", "json"]).json();
    assert_eq!(named["files"][0]["context"], serde_json::Value::Null);
    folder.write("dlint.toml", "context = \".\"\n");
    assert_eq!(folder.run(&["--format", "json"]).json()["files"][0]["context"], serde_json::Value::Null);
}

#[test]
fn a_context_is_not_guessed_where_all_is_beside_the_dockerfile() {
    let folder = repository();
    folder.write("docker/web/lib/a.txt", "x");
    folder.write("docker/web/src/run", "x");
    let json = folder.run(&["--format", "json", "docker/web"]).json();
    assert_eq!(json["files"][0]["context"], serde_json::Value::Null);
}

#[test]
fn overrides_name_contexts() {
    let folder = repository();
    folder.write("api/Dockerfile", "FROM scratch\nCOPY run.sh /\nUSER 65532\nCMD [\"/run.sh\"]\n");
    folder.write("api/run.sh", "#!/bin/sh\n");
    folder.write("dlint.toml", "[[overrides]]\nfiles = [\"docker/**\"]\ncontext = \".\"\n");
    let json = folder.run(&["--format", "json"]).json();
    assert_eq!(json["files"][0]["context"], serde_json::Value::Null);
    folder.write(
        "dlint.toml",
        "context = \"api\"\n[[overrides]]\nfiles = [\"docker/**\"]\ncontext = \"nosuch\"\n",
    );
    let ran = folder.run(&["--format", "short", "docker"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains("dlint.toml:4:11: error: the build context `nosuch` is not a folder"),
        "{ran:?}"
    );
}

#[test]
fn an_ignore_file_beside_the_dockerfile_is_not_that_of_another_context() {
    let folder = repository();
    folder.write("docker/web/.dockerignore", "src\n");
    let short = |args: &[&str]| folder.run(&[&["--format", "short"], args].concat()).short();
    assert_eq!(short(&["docker/web/Dockerfile"]), ["docker/web/Dockerfile:2 ignore-file-unread"]);
    // Nothing that is copied can be what it names.
    folder.write("docker/web/.dockerignore", "results\n");
    assert!(short(&["docker/web/Dockerfile"]).is_empty());
    folder.write("docker/web/.dockerignore", "src\n");
    // Nor is anything lost where the file of the root says the same.
    folder.write("docker/web/.dockerignore", "src\n**/bin\n**/obj\n**/*.user\n");
    folder.write(".dockerignore", "**/obj\n**/bin\n**/*.user\n");
    assert_eq!(short(&["docker/web/Dockerfile"]), ["docker/web/Dockerfile:2 ignore-file-unread"]);
    folder.write("docker/web/.dockerignore", "**/bin\n**/obj\n**/*.user\n");
    assert!(short(&["docker/web/Dockerfile"]).is_empty());
    fs::remove_file(folder.path(".dockerignore")).unwrap();
    folder.write("docker/web/.dockerignore", "src\n");
    // Where its own folder is the context, it counts.
    assert!(
        !short(&["--context", "docker/web", "docker/web/Dockerfile"]).iter().any(|f| f.ends_with("unread"))
    );
}

#[test]
fn the_files_of_a_source_are_listed() {
    let folder = Folder::with("FROM scratch\nCOPY src /src\nCOPY *.txt lib /x/\n");
    for path in ["src/a.js", "src/b/c.js", "src/d.log", "e.txt", "lib/f", "other"] {
        folder.write(path, "123");
    }
    folder.write(".dockerignore", "**/*.log\n");
    let list = |args: &[&str]| -> Vec<String> {
        let json = folder.run(&[&["context", "--format", "json"], args].concat()).json();
        let files = json["files"].as_array().unwrap().iter();
        files.map(|f| format!("{} {}", f["path"].as_str().unwrap(), f["lines"])).collect()
    };
    assert_eq!(list(&["--list"]), ["e.txt [3]", "lib/f [3]", "src/a.js [2]", "src/b/c.js [2]"]);
    assert_eq!(list(&["--list", "./src/"]), ["src/a.js [2]", "src/b/c.js [2]"]);
    let ran = folder.run(&["context", ".", "--list", "*.txt"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "      3 B  e.txt\n      3 B  in 1 file\n"));
    let none = folder.run(&["context", "--list", "nosuch"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("no instruction takes `nosuch`"), "{none:?}");
}

#[cfg(unix)]
#[test]
fn a_source_that_is_a_link_says_where_it_leads() {
    let folder = Folder::with(
        "FROM scratch\nCOPY a.txt out.sh dead.conf hidden.txt /x/\nUSER 65532\nCMD [\"/x/run\"]\n",
    );
    folder.write("a.txt", "x");
    for (target, link) in [("../outside.sh", "out.sh"), ("gone.conf", "dead.conf"), ("a.txt", "hidden.txt")] {
        std::os::unix::fs::symlink(target, folder.path(link)).unwrap();
    }
    folder.write(".dockerignore", "hidden.txt\n");
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(
        ran.short(),
        [
            "Dockerfile:2 copy-missing-source",
            "Dockerfile:2 copy-missing-source",
            "Dockerfile:2 copy-excluded-source"
        ]
    );
    assert!(ran.out.contains("it is a link to `../outside.sh`, which is outside of it"), "{ran:?}");
    assert!(ran.out.contains("it is a link to `gone.conf`, which is not there"), "{ran:?}");
}

#[test]
fn the_bytes_of_a_context_that_is_a_guess_say_so() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let dockerfile = "FROM python:3.13-slim\nCOPY app.py .\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\n\
                      USER 1\nCMD [\"python\", \"app.py\"]\n";
    folder.write("docker/web/Dockerfile", dockerfile);
    folder.write("app.py", "x");
    folder.write("requirements.txt", "flask\n");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let select = ["--select", "copy-before-install"];
    let ran = folder.run(&select);
    assert!(flat(&ran.out).contains("B, if `.` is the build context)"), "{ran:?}");
    // Said, or with the list of requirements in the folder of the Dockerfile, it is none.
    let ran = folder.run(&[&select[..], &["--context", ".", "docker/web/Dockerfile"]].concat());
    assert!(flat(&ran.out).contains("B) runs it again"), "{ran:?}");
    folder.write("docker/web/Dockerfile", dockerfile.replace("COPY app.py .\n", ""));
    fs::rename(folder.path("requirements.txt"), folder.path("docker/web/requirements.txt")).unwrap();
    folder.write("docker/web/a.txt", "x");
    let ran = folder.run(&select);
    assert!(flat(&ran.out).contains("B) runs it again"), "{ran:?}");
}

#[test]
fn what_a_task_brings_before_the_build_is_not_missing() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    let dockerfile = "FROM debian:13\nCOPY a.txt settings.yaml /etc/\nUSER 1\nCMD [\"true\"]\n";
    folder.write("docker/Dockerfile", dockerfile);
    folder.write("docker/a.txt", "x");
    let found =
        || folder.run(&["--select", "copy-missing-source"]).out.contains("error[copy-missing-source]");
    assert!(found());
    for (path, text, is_brought) in [
        ("Makefile", "image:\n\tcp conf/settings.yaml docker/\n", true),
        ("Makefile", "image:\n\tdocker build docker # settings.yaml\n", false),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  a:\n    steps:\n      - run: curl -fsSLo docker/settings.yaml https://example.com/s\n",
            true,
        ),
        ("scripts/build.sh", "#!/bin/sh\nenvsubst < settings.in > docker/settings.yaml\n", true),
        ("scripts/build.sh", "#!/bin/sh\nmv other.yaml docker/\n", false),
    ] {
        folder.write(path, text);
        assert_eq!(!found(), is_brought, "{path} {text}");
        fs::remove_file(folder.path(path)).unwrap();
    }
}
