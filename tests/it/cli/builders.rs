//! What builds, and which ignore file counts then.

use super::*;

const COPIES_ALL: &str = "FROM scratch\nCOPY . /app\nUSER 65532\nENTRYPOINT [\"/app/hello\"]\n";
const NOTE: &str = "is taken to be built by Podman, because";

/// A folder with a secret that only `.containerignore` leaves out.
fn project(dockerfile: &str) -> Folder {
    let folder = Folder::new();
    folder.write(dockerfile, COPIES_ALL);
    folder.write("run.txt", "x\n");
    folder.write(".env", "TOKEN=k3J9fQ2xLm8RtY5w\n");
    folder.write(".containerignore", ".env\n");
    folder
}

#[test]
fn a_containerfile_is_read_as_podman_reads_it_and_the_report_says_so() {
    let folder = project("Containerfile");
    let run = folder.run(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.out.contains(&format!("note: Containerfile {NOTE} it is named like a Containerfile")),
        "{run:?}"
    );
    // Formats for machines have no such line.
    assert!(!folder.run(&["--format", "short"]).out.contains(NOTE));
    assert_eq!(folder.run(&["--format", "json"]).json()["files"][0]["builder"], "podman");
    let docker = folder.run(&["--format", "short", "--builder", "buildkit"]);
    assert!(docker.short().contains(&"Containerfile:2 secret-in-context".to_owned()), "{docker:?}");
    assert!(!folder.run(&["--builder", "buildah"]).out.contains(NOTE));
}

#[test]
fn the_ignore_file_of_podman_shows_podman_unless_docker_has_one_too() {
    let folder = project("Dockerfile");
    let run = folder.run(&[]);
    assert!(run.out.contains(&format!("note: Dockerfile {NOTE} `.containerignore` is there")), "{run:?}");
    folder.write(".dockerignore", "nothing\n");
    let run = folder.run(&[]);
    assert!(!run.out.contains(NOTE) && run.out.contains("secret-in-context"), "{run:?}");
}

#[test]
fn settings_say_what_builds_by_path_and_the_command_line_comes_first() {
    let folder = project("Containerfile");
    folder.write(
        "dlint.toml",
        "builder = 'podman'\n[[overrides]]\nfiles = ['Container*']\nbuilder = 'classic'\n",
    );
    let has_secret = |args: &[&str]| folder.run(args).out.contains("secret-in-context");
    assert!(has_secret(&[]));
    assert!(!has_secret(&["--builder", "podman"]));
    folder.write("dlint.toml", "builder = 'kaniko'\n");
    let wrong = folder.run(&[]);
    assert!(wrong.out.contains("`kaniko` must be one of buildkit, docker-26, classic"), "{wrong:?}");
}

#[test]
fn a_unit_of_quadlet_and_a_job_show_what_builds() {
    for (file, text, builder) in [
        ("app.build", "[Build]\nImageTag=localhost/app\nSetWorkingDirectory=unit\n", "podman"),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  image:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - run: buildah build -t app .\n",
            "buildah",
        ),
    ] {
        let folder = project("Dockerfile");
        fs::create_dir(folder.path(".git")).unwrap();
        folder.write(".dockerignore", "nothing\n");
        folder.write(file, text);
        let json = folder.run(&["--format", "json", "Dockerfile"]).json();
        assert_eq!(json["files"][0]["builder"], builder, "{json}");
        let run = folder.run(&["Dockerfile"]);
        assert!(run.out.contains(NOTE.split(" Podman").next().unwrap()), "{run:?}");
        assert!(!run.out.contains("secret-in-context"), "{run:?}");
    }
}

#[test]
fn a_script_and_a_makefile_show_what_builds() {
    for (file, text, builder) in [
        ("build.sh", "#!/bin/sh\nset -e\npodman build -t app .\n", "podman"),
        ("scripts/image.sh", "cd \"$(dirname \"$0\")/..\"\nbuildah bud -t app .\n", "buildah"),
        ("Makefile", "image:\n\t@podman build -t $(NAME) .\n", "podman"),
        ("Makefile", "image:\n\t@docker build -t $(NAME) .\n", "buildkit"),
    ] {
        let folder = project("Dockerfile");
        fs::create_dir(folder.path(".git")).unwrap();
        folder.write(".dockerignore", "nothing\n");
        folder.write(file, text);
        for args in [&["--format", "json"][..], &["--format", "json", "Dockerfile"]] {
            let json = folder.run(args).json();
            let files = json["files"].as_array().unwrap();
            let found = files.iter().find(|f| f["path"].as_str().unwrap().ends_with("Dockerfile")).unwrap();
            let named = if builder == "buildkit" { serde_json::Value::Null } else { builder.into() };
            assert!(found["builder"] == named || found["builder"] == builder, "{file} {json}");
            // The script is evidence, and nothing that is checked.
            assert!(files.iter().all(|f| !f["path"].as_str().unwrap().contains("build.sh")), "{json}");
        }
    }
}

#[test]
fn the_classic_builder_refuses_what_needs_buildkit() {
    let folder = Folder::new();
    folder.write(
        "Dockerfile",
        "FROM debian:12\nRUN --mount=type=cache,target=/c x\nRUN --network=none x\nCOPY --chmod=755 a /a\nCOPY --link --chown=1 a /b\nUSER 1\n",
    );
    folder.write("a", "x\n");
    let faults = |builder: &str| {
        folder.run(&["--format", "short", "--select", "syntax-error", "--builder", builder]).short()
    };
    assert_eq!(
        faults("classic"),
        ["Dockerfile:2 syntax-error", "Dockerfile:3 syntax-error", "Dockerfile:4 syntax-error"]
    );
    assert_eq!(faults("docker-26"), Vec::<String>::new());
}

#[test]
fn podman_keeps_shell_and_healthcheck_in_dockers_format() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write(
        "Dockerfile",
        "FROM debian:12\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\nUSER 1\n",
    );
    let unit = "[Build]\nImageTag=localhost/app\nSetWorkingDirectory=unit\n";
    folder.write("app.build", unit);
    let select = &["--format", "short", "--select", "dropped-by-podman,pipe-hides-failure", "Dockerfile"];
    assert_eq!(
        folder.run(select).short(),
        ["Dockerfile:2 dropped-by-podman", "Dockerfile:3 pipe-hides-failure"]
    );
    folder.write("app.build", format!("{unit}PodmanArgs=--format docker\n"));
    assert_eq!(folder.run(select).short(), Vec::<String>::new());
}

#[test]
fn context_size_and_cache_say_by_whose_rules_they_count() {
    let folder = project("Containerfile");
    let context = folder.run(&["context"]);
    assert!(
        context.out.contains("counted by the rules of Podman, because it is named like a Containerfile"),
        "{context:?}"
    );
    assert!(context.out.contains("by .containerignore"), "{context:?}");
    let context = folder.run(&["context", "--builder", "classic", "--format", "json"]).json();
    assert_eq!((&context["builder"], &context["sent"]), (&"classic".into(), &context["kept"]));
    assert_eq!(context["ignore_file"], serde_json::Value::Null);
    let size = folder.run(&["size"]);
    assert!(size.out.contains("note: counted by the rules of Podman"), "{size:?}");
    assert!(size.err.contains("built by Podman, because it is named like a Containerfile"), "{size:?}");
    let cache = folder.run(&["cache", "--builder", "buildah"]);
    assert!(cache.out.contains("buildah build keeps no cache unless it is run with --layers"), "{cache:?}");
}

const LINKED: &str =
    "FROM scratch\nCOPY --link app /app\nHEALTHCHECK CMD [\"/app\"]\nUSER 65532\nCMD [\"/app\"]\n";

#[test]
fn rules_on_portability_are_on_where_the_project_shows_several_builders() {
    let folder = Folder::with(LINKED);
    folder.write("app", "\x7fELF");
    let found = |args: &[&str]| {
        let run = folder.run(&[&["--format", "short"], args].concat());
        let found = run.short().into_iter().filter(|line| !line.ends_with("script-cannot-start"));
        found.collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), [""; 0]);
    assert_eq!(
        found(&["--select", "portability"]),
        ["Dockerfile:2 refused-elsewhere", "Dockerfile:3 dropped-by-podman"]
    );
    folder.write(".dockerignore", "x*\n");
    folder.write(".containerignore", "x*\n");
    let both = ["Dockerfile:2 refused-elsewhere", "Dockerfile:3 dropped-by-podman"];
    assert_eq!(found(&[]), both);
    assert_eq!(found(&["--ignore", "portability"]), [""; 0]);
    assert_eq!(found(&["--builder", "buildkit"]), [""; 0]);
    // What each build refuses itself is its error, and said once.
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("compose.yaml", "services:\n  web:\n    build: .\n");
    folder.write("app.build", "[Build]\nImageTag=localhost/app\nSetWorkingDirectory=unit\n");
    assert_eq!(found(&["Dockerfile"]), ["Dockerfile:2 syntax-error", "Dockerfile:3 dropped-by-podman"]);
    let run = folder.run(&["Dockerfile"]);
    assert!(run.out.contains("as built by app.build: app"), "{run:?}");
    assert!(run.out.contains("Podman refuses `--link`, so the build fails"), "{run:?}");
}

#[test]
fn what_a_builder_accepts_is_no_error_and_what_it_does_otherwise_is_said_so() {
    let found = |dockerfile: &str, args: &[&str]| {
        let folder = Folder::with(dockerfile);
        let run = folder.run(&[&["--format", "short", "--no-context"], args].concat());
        run.short().into_iter().map(|line| line.replace("Dockerfile:", "")).collect::<Vec<_>>()
    };
    let mount = "FROM debian:12\nRUN --mount=type=bind,target=/s,z true\nUSER 1\n";
    assert_eq!(found(mount, &[]), ["2 syntax-error"]);
    assert_eq!(found(mount, &["--builder", "podman"]), [""; 0]);
    let piped =
        "FROM debian:12\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN cat /a | sort\nUSER 1\n";
    let pipes = |args: &[&str]| found(piped, &[args, &["--select", "pipe-hides-failure"]].concat());
    assert_eq!(pipes(&[]), [""; 0]);
    assert_eq!(pipes(&["--builder", "podman"]), ["3 pipe-hides-failure"]);
    let healthy = "FROM debian:12\nUSER 1\n";
    assert_eq!(found(healthy, &["--select", "missing-healthcheck"]), ["1 missing-healthcheck"]);
    assert_eq!(found(healthy, &["--select", "missing-healthcheck", "--builder", "podman"]), [""; 0]);
    let later = "FROM debian:12\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\nUSER 1\n";
    let layers =
        |builder| found(later, &["--select", "cleanup-in-later-layer,dead-cleanup", "--builder", builder]);
    assert!(!layers("podman").is_empty());
    assert_eq!(layers("buildah"), [""; 0]);
    let modes = "FROM debian:12\nCOPY --chmod=u+x a /\nUSER 1\n";
    assert_eq!(found(modes, &["--builder", "docker-26"]), ["2 symbolic-chmod"]);
    assert_eq!(found(modes, &["--builder", "podman"]), ["2 syntax-error"]);
    let platform = "FROM debian:12\nARG TARGETARCH=amd64\nRUN echo $TARGETARCH\nUSER 1\n";
    assert_eq!(found(platform, &[]), ["2 platform-arg-default"]);
    assert_eq!(found(platform, &["--builder", "podman"]), [""; 0]);
    let stages = "FROM debian:12 AS Build\nFROM Build\nUSER 1\n";
    assert!(found(stages, &[]).contains(&"2 syntax-error".to_owned()));
    assert!(!found(stages, &["--builder", "podman"]).contains(&"2 syntax-error".to_owned()));
}

#[test]
fn several_files_are_called_so_in_the_plural() {
    let folder = Folder::new();
    folder.write("a.Containerfile", "FROM scratch\n");
    assert!(folder.run(&[]).out.contains("by Podman, because it is named like a Containerfile"));
    folder.write("b.Containerfile", "FROM scratch\n");
    let both = folder.run(&[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        both.contains(
            "and 1 more are taken to be built by Podman, because they are named like a Containerfile"
        ),
        "{both}"
    );
}

#[test]
fn podman_takes_a_containerfile_before_a_dockerfile() {
    let folder = Folder::new();
    folder.write("Dockerfile", "FROM scratch\nCOPY a /a\n");
    folder.write("Containerfile", "FROM scratch\nCOPY b /b\n");
    folder.write("a", "1\n");
    folder.write("b", "1\n");
    for (builder, takes, leaves) in
        [("podman", "COPY b", "COPY a"), ("buildah", "COPY b", "COPY a"), ("buildkit", "COPY a", "COPY b")]
    {
        for command in ["size", "context", "cache"] {
            let run = folder.run(&[command, "--builder", builder]);
            assert!(run.out.contains(takes) && !run.out.contains(leaves), "{command} {builder} {run:?}");
        }
    }
}
