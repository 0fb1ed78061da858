//! `dlint size --fix-ignore` and `--suggest`.

use std::fs;

use super::Folder;

/// A Node.js project with leftovers, whose image installs its dependencies itself.
fn project() -> Folder {
    let folder =
        Folder::with("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"app.js\"]\n");
    folder.write("node_modules/left/index.js", [b'x'; 12_000]);
    folder.write(".git/objects/pack", [b'x'; 4_500]);
    folder.write("app.js", "x");
    folder.write("package.json", "{}");
    folder
}

/// What the build of the folder's Dockerfile sends, as `dlint context` says.
fn sent(folder: &Folder) -> u64 {
    folder.run(&["context", "--format", "json"]).json()["sent"]["bytes"].as_u64().unwrap()
}

#[test]
fn the_promised_saving_is_what_a_new_scan_measures() {
    let folder = project();
    let before = sent(&folder);
    let shown = folder.run(&["size", "--fix-ignore", "--diff"]);
    insta::assert_snapshot!(shown.out, @r"
    --- .dockerignore
    +++ .dockerignore
    @@ -0,0 +1,2 @@
    +node_modules
    +.git
    .dockerignore lacks 2 lines: 16.5 kB in 2 files would no longer be sent (measured); COPY took 16.5 kB of it into the image; the ignore file, which is sent too, grows by 18 B
    ");
    assert_eq!((shown.code, folder.path(".dockerignore").exists()), (1, false), "{shown:?}");

    let ran = folder.run(&["size", "--fix-ignore", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = ran.json();
    let promised = report["sent"]["bytes"].as_u64().unwrap() - report["own_bytes"].as_u64().unwrap();
    assert_eq!(sent(&folder), before - promised);
    assert_eq!(report["copied"]["bytes"], 16_500);
    assert_eq!(folder.read(".dockerignore"), "node_modules\n.git\n");

    let again = folder.run(&["size", "--fix-ignore"]);
    assert_eq!((again.code, folder.read(".dockerignore").as_str()), (0, "node_modules\n.git\n"));
    assert!(again.out.contains("nothing to add"), "{again:?}");
    assert_eq!(folder.run(&["size", "--fix-ignore", "--diff"]).code, 0);
}

#[test]
fn what_another_build_of_the_context_needs_stays() {
    let folder = project();
    folder.write("ci/vendor.Dockerfile", "FROM golang:1.24\nCOPY . .\nRUN go mod tidy && git add -A\n");
    let lines = |folder: &Folder| {
        let report = folder.run(&["size", "Dockerfile", "--fix-ignore", "--diff", "--format", "json"]).json();
        let lines = report["added"].as_array().unwrap().iter();
        lines.map(|line| line["line"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Nobody says that it is built with this context.
    assert_eq!(lines(&folder), ["node_modules", ".git"]);
    let bake = "target \"app\" {}\ntarget \"vendor\" { dockerfile = \"ci/vendor.Dockerfile\" }\n";
    folder.write("docker-bake.hcl", bake);
    assert!(!lines(&folder).contains(&".git".to_owned()));
}

#[test]
fn what_is_there_stays() {
    let folder = project();
    let text = "\u{feff}# mine\r\n*.tmp\r\n\r\n!keep.tmp";
    folder.write(".dockerignore", text);
    let before = sent(&folder);
    let ran = folder.run(&["size", "Dockerfile", "--fix-ignore", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(folder.read(".dockerignore"), format!("{text}\r\nnode_modules\r\n.git\r\n"));
    let report = ran.json();
    let promised = report["sent"]["bytes"].as_u64().unwrap() - report["own_bytes"].as_u64().unwrap();
    assert_eq!(sent(&folder), before - promised);
}

#[test]
fn the_ignore_file_that_counts_is_written() {
    let folder = project();
    folder.write(".dockerignore", "# shared\n");
    folder.write("Dockerfile.dockerignore", "node_modules\n");
    let ran = folder.run(&["size", "--fix-ignore"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(folder.read(".dockerignore"), "# shared\n");
    assert_eq!(folder.read("Dockerfile.dockerignore"), "node_modules\n.git\n");

    // The Dockerfile lies elsewhere: the context's file counts.
    let folder = project();
    fs::create_dir(folder.path("docker")).unwrap();
    fs::rename(folder.path("Dockerfile"), folder.path("docker/Dockerfile")).unwrap();
    let ran = folder.run(&["size", "docker/Dockerfile", "--context", ".", "--fix-ignore", "-q"]);
    assert_eq!((ran.code, folder.read(".dockerignore").as_str()), (0, "node_modules\n.git\n"), "{ran:?}");
}

#[test]
fn what_is_needed_stays() {
    // Asked for by name in another Dockerfile of the folder, and brought back on purpose.
    let folder = project();
    folder.write("dev/Dockerfile", "FROM node\nCOPY node_modules/left /left\n");
    folder.write(".dockerignore", ".git\n!.git/objects\n");
    let ran = folder.run(&["size", "--fix-ignore"]);
    insta::assert_snapshot!(ran.out, @r"
    nothing to add to .dockerignore: all that is sent may be needed
    `node_modules` not added: line 2 of dev/Dockerfile takes `node_modules/left`
    ");
    assert_eq!((ran.code, folder.read(".dockerignore").as_str()), (0, ".git\n!.git/objects\n"));

    // Found by a wildcard only.
    let folder = project();
    folder.write("run.log", "x");
    folder.write("Dockerfile.dev", "FROM node\nCOPY *.l?g /logs/\n");
    folder.write("setup.py", "setup(use_scm_version=True)");
    let ran = folder.run(&["size", "--fix-ignore"]);
    insta::assert_snapshot!(ran.out, @r"
    --- .dockerignore
    +++ .dockerignore
    @@ -0,0 +1 @@
    +node_modules
    wrote .dockerignore, 1 line added: 12.0 kB in 1 file are no longer sent (measured); COPY took 12.0 kB of it into the image; the ignore file, which is sent too, grows by 13 B
    `.git` not added: `setup.py` says `use_scm_version`, which reads the history
    `*.log` not added: Dockerfile.dev takes `*.l?g`
    ");
    assert_eq!((ran.code, folder.read(".dockerignore").as_str()), (0, "node_modules\n"));
}

#[test]
fn secrets_come_first_and_the_context_agrees() {
    let folder = project();
    folder.write(".env", "PASSWORD=x\n");
    folder.write("prod.pem", "-----BEGIN PRIVATE KEY-----\n");
    folder.write("logs/important.log", [b'x'; 7_000]);
    folder.write(".dockerignore", "!logs/important.log\n");
    folder.write("run.sh", "git rev-parse HEAD\n");
    folder.write(
        "Dockerfile",
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && git rev-parse HEAD > v\nRUN node --key=prod.pem\n",
    );
    let context = folder.run(&["context", "--format", "json"]).json();
    let column = |rows: &serde_json::Value, key: &str| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row[key].as_str().unwrap().to_owned()).collect()
    };
    let fix = folder.run(&["size", "--fix-ignore", "--format", "json"]).json();
    assert_eq!(column(&fix["added"], "line"), [".env", "node_modules"]);
    assert_eq!(column(&context["suggestions"], "line"), column(&fix["added"], "line"));
    assert_eq!(context["left"], fix["left"]);
    let why = column(&fix["left"], "why");
    assert_eq!(
        why,
        [
            "line 5 of Dockerfile uses it",
            "line 1 of the ignore file brings back `logs/important.log`",
            "line 4 of Dockerfile runs `git rev-parse`",
        ]
    );
    assert_eq!(folder.read(".dockerignore"), "!logs/important.log\n.env\nnode_modules\n");
    let shown = folder.run(&["context"]).out;
    assert!(shown.contains("`.git` not added: line 4 of Dockerfile runs `git rev-parse`"), "{shown}");
}

#[test]
fn what_cannot_be_written_or_read_is_an_error() {
    let folder = project();
    folder.write(".dockerignore", "[a\n");
    let ran = folder.run(&["size", "--fix-ignore"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains(".dockerignore:1: ") && ran.err.contains("the build stops here"), "{ran:?}");

    fs::remove_file(folder.path(".dockerignore")).unwrap();
    fs::create_dir(folder.path(".dockerignore")).unwrap();
    let ran = folder.run(&["size", "--fix-ignore"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");

    let ran = folder.run(&["size", "none/Dockerfile", "--fix-ignore"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    let ran = folder.run(&["size", "--diff"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

/// A file that can be read and not replaced, even by root.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = project();
    std::os::unix::fs::symlink("/proc/sys/kernel/ostype", folder.path(".dockerignore")).unwrap();
    let ran = folder.run(&["size", "--fix-ignore"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.starts_with("dlint: .dockerignore cannot be written: "), "{ran:?}");
}

#[test]
fn a_proposal_is_shown_and_written_only_where_asked() {
    let folder = Folder::with(
        "FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n",
    );
    folder.write("requirements.txt", "psycopg2\n");
    folder.write("app.py", "");
    let before = folder.read("Dockerfile");
    let shown = folder.run(&["size", "--suggest"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:?}");
    assert!(shown.out.starts_with("# a proposal: build and test it before you use it"), "{shown:?}");
    assert!(shown.out.contains("\n+FROM python:3.12-slim\n") && shown.out.contains("libpq5"), "{shown:?}");

    let json = folder.run(&["size", "--suggest", "--format", "json"]).json();
    let written = folder.run(&["size", "--suggest", "-o", "new"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{written:?}");
    assert_eq!(json["proposal"], folder.read("new"));
    assert_eq!(folder.read("Dockerfile"), before);

    let again = folder.run(&["size", "new", "--suggest"]);
    assert_eq!(
        (again.code, again.out.as_str()),
        (1, "no proposal for new: found nothing that can safely be left out of the image\n")
    );
    folder.write("script", "FROM python:3.12\nRUN pip install x\nCMD ./start.sh\n");
    let ran = folder.run(&["size", "script", "--suggest"]);
    let why = "no proposal for script:3: what `start.sh` needs when it runs is not known\n";
    assert_eq!((ran.code, ran.out.as_str()), (1, why));
    assert_eq!(folder.run(&["size", "none", "--suggest"]).code, 2);
}

/// The single-stage projects of the repository get proposals, and those with stages none.
#[test]
fn projects_of_the_repository_get_proposals() {
    let folder = Folder::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for (project, code) in [
        ("flask-naive", 0),
        ("node-copy-first", 0),
        ("go-single-stage", 0),
        ("java-maven", 0),
        ("flask-optimised", 1),
    ] {
        let path = root.join(project).display().to_string();
        let ran = folder.run(&["size", &path, "--suggest"]);
        assert_eq!(ran.code, code, "{ran:?}");
    }
}
