//! `dlint cache`.

use super::Folder;

const TEXT: &str = "FROM node:22 AS web\nWORKDIR /app\nARG KIND=js\nCOPY src/$KIND ./\nRUN npm ci\n\
                    FROM scratch\nCOPY --from=web /app /app\n";

fn folder() -> Folder {
    let folder = Folder::with(TEXT);
    folder.write("src/js/a.js", "a");
    folder.write("src/ts/a.ts", "a");
    folder.write(".dockerignore", "*.md\n");
    folder
}

fn fates(folder: &Folder, args: &[&str], stdin: &str) -> Vec<String> {
    let ran = folder.run_with(&[], &[&["cache", "--format", "json"], args].concat(), stdin);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    let json = ran.json();
    let fate = |row: &serde_json::Value| row["fate"].as_str().unwrap().to_owned();
    json["layers"].as_array().unwrap().iter().map(fate).collect()
}

#[test]
fn paths_come_from_arguments_or_from_a_list() {
    let folder = folder();
    let changed = ["kept", "kept", "rebuilt", "rebuilt", "kept", "perhaps"];
    assert_eq!(fates(&folder, &[], ""), changed);
    assert_eq!(fates(&folder, &[".", "--changed", "src/ts", "src/js/a.js"], ""), changed);
    assert_eq!(fates(&folder, &["--changed", "-"], "src/js/gone.js\nREADME.md\n"), changed);
    for nothing in ["", "README.md\n", "src/ts/a.ts\n"] {
        assert!(fates(&folder, &["--changed", "-"], nothing).iter().all(|f| f == "kept"), "{nothing:?}");
    }
    // What the build is told counts.
    assert_eq!(fates(&folder, &["--changed", "src/ts", "--build-arg", "KIND=ts"], ""), changed);
    assert_eq!(fates(&folder, &["--target", "web"], ""), changed[..4]);
}

#[test]
fn reports_go_to_files_and_what_fails_says_so() {
    let folder = folder();
    let ran = folder.run(&["cache", "-o", "report.txt", "--quiet"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    let report = folder.read("report.txt");
    assert!(report.contains("4  rebuilt          1 B  COPY src/$KIND ./"), "{report}");
    assert!(!report.contains("WORKDIR"), "{report}");
    for (args, said) in [
        (&["cache", "none"][..], "none does not exist"),
        (&["cache", "--target", "wep"], "did you mean `web`?"),
        (&["cache", "--context", "none"], "the folder does not exist"),
        (&["cache", "--changed"], "a value is required"),
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
}

#[test]
fn paths_from_the_top_of_the_repository() {
    let folder = Folder::new();
    folder.write("result/Dockerfile", "FROM node:22\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n");
    folder.write("result/package.json", "{}");
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    let fates = |args: &[&str]| -> String {
        let ran = folder.run(&[&["cache", "result", "--format", "json", "--changed"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        let json = ran.json();
        let fates =
            json["layers"].as_array().unwrap().iter().map(|l| l["fate"].as_str().unwrap()[..1].to_owned());
        fates.collect()
    };
    // k, p and r are kept, perhaps and rebuilt.
    assert_eq!(fates(&["result/package.json"]), "krrr");
    assert_eq!(fates(&["package.json"]), "krrr");
    assert_eq!(fates(&["result/a.js", "other/b.js"]), "kkkr");
    let ran = folder.run(&["cache", "result", "--changed", "reslt/package.json", "lib/x"]);
    assert!(ran.out.contains("None of the 2 changed paths exists below"), "{}", ran.out);
}

#[test]
fn a_dockerfile_after_the_changed_paths_is_one() {
    let folder = Folder::new();
    folder.write("app/Dockerfile", "FROM a\nCOPY . .\n");
    folder.write("app/x.js", "");
    for dockerfile in ["app", "app/Dockerfile"] {
        let ran = folder.run(&["cache", "--changed", "app/x.js", dockerfile]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.out.starts_with("Build cache of app/Dockerfile, if app/x.js changes\n"), "{}", ran.out);
    }
}

#[test]
fn what_the_judgement_depends_on_is_said() {
    let folder = Folder::with("FROM a\nCOPY conf /conf\nRUN x\nCOPY . /all\nCOPY --link conf /c\n");
    folder.write("conf/a", "");
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(".dockerignore", "*.md\n");
    let said = |args: &[&str]| {
        let out = folder.run(&[&["cache", "--changed"], args].concat()).out;
        // Notes are wrapped.
        out.lines().collect::<Vec<_>>().join(" ")
    };
    let out = said(&["Dockerfile", ".dockerignore"]);
    for text in ["pass the version of the last build with --changed-dockerfile", "with --changed-ignore"] {
        assert!(out.contains(text), "{out}");
    }
    assert!(out.contains("2  maybe            0 B  COPY conf /conf"), "{out}");
    assert!(out.contains("`.git` is not ignored, so every commit rebuilds line 4"), "{out}");
    assert!(out.contains("Say which one you have with --store"), "{out}");
    let out = said(&["conf/a", "--store", "containerd"]);
    assert!(!out.contains("--store"), "{out}");
}

#[test]
fn old_versions_come_from_files_or_standard_input() {
    let folder = Folder::with("FROM a\nCOPY src /s\nENV A=2\nRUN x\n");
    folder.write("src/a.js", "");
    folder.write("src/b.md", "");
    folder.write(".dockerignore", "*.log\n**/*.md\nDockerfile*\n");
    folder.write("old.ignore", "*.log\nDockerfile*\n");
    let old = "FROM a\nCOPY src /s\nENV A=1\nRUN x\n";
    assert_eq!(fates(&folder, &["--changed-dockerfile", "-"], old), ["kept", "kept", "rebuilt"]);
    assert_eq!(fates(&folder, &["--changed-ignore", "old.ignore"], ""), ["kept", "rebuilt", "rebuilt"]);
    assert_eq!(fates(&folder, &["--changed-build-arg", "B"], ""), ["kept", "kept", "kept"]);
    let ran = folder.run(&["cache", "--changed", ".dockerignore", "--changed-ignore", "old.ignore"]);
    assert!(ran.out.starts_with("Build cache of Dockerfile, if the ignore file changes\n"), "{}", ran.out);
    let ran = folder.run(&["cache", "--changed", "-", "--changed-dockerfile", "-"]);
    assert!(ran.err.contains("standard input can be read only once"), "{}", ran.err);
    let ran = folder.run(&["cache", "--changed-dockerfile", "none"]);
    assert!(ran.err.contains("none does not exist"), "{}", ran.err);
}

#[test]
fn git_says_what_differs_from_a_commit() {
    let folder = Folder::with("FROM a\nCOPY src /s\nRUN x\nCMD [\"a\"]\n");
    folder.write("src/a.js", "1");
    folder.write(".dockerignore", "Dockerfile\n");
    let git = |args: &[&str]| {
        let name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let done =
            std::process::Command::new("git").arg("-C").arg(folder.path("")).args(name).args(args).output();
        assert!(done.unwrap().status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    assert_eq!(fates(&folder, &["--since", "HEAD"], ""), ["kept"; 3]);
    folder.write("Dockerfile", "FROM a\nCOPY src /s\nRUN x\nCMD [\"b\"]\n");
    assert_eq!(fates(&folder, &["--since", "HEAD"], ""), ["kept"; 3]);
    folder.write("Dockerfile", "FROM a\nCOPY src /s\nRUN y\n");
    assert_eq!(fates(&folder, &["--since", "HEAD"], ""), ["kept", "kept", "rebuilt"]);
    folder.write("src/new.js", "1");
    assert_eq!(fates(&folder, &["--since", "HEAD"], ""), ["kept", "rebuilt", "rebuilt"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "second"]);
    folder.write(".dockerignore", "Dockerfile\n**/a.js\n");
    assert_eq!(fates(&folder, &["--since", "HEAD"], ""), ["kept", "rebuilt", "rebuilt"]);
    for bad in ["--none", "none"] {
        let ran = folder.run(&["cache", &format!("--since={bad}")]);
        assert!(ran.err.contains("git does not know a commit"), "{}", ran.err);
    }
}
