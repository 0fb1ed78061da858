//! What is linted: files, folders, standard input, contexts.

use std::fs;

use super::{BAD, ERROR, Folder, GOOD, INFO, WARNING};

#[test]
fn a_build_context_that_is_not_there_is_refused() {
    let folder = Folder::with(GOOD);
    folder.write("file", "");
    for command in [vec![], vec!["size"], vec!["cache"], vec!["compare", "HEAD"]] {
        let with = |context| folder.run(&[command.as_slice(), &["--context", context]].concat());
        let (none, file) = (with("nope"), with("file"));
        assert!(
            none.code == 2 && none.err.contains("'nope'") && none.err.contains("the folder does not exist"),
            "{none:?}"
        );
        assert!(file.code == 2 && file.err.contains("not a folder"), "{file:?}");
    }
}

#[test]
fn exit_codes_follow_the_worst_finding_and_the_threshold() {
    let folder = Folder::new();
    for (name, text) in [("good", GOOD), ("info", INFO), ("warning", WARNING), ("error", ERROR)] {
        folder.write(name, text);
    }
    let codes = |args: &[&str]| {
        ["good", "info", "warning", "error"].map(|name| folder.run(&[args, &[name]].concat()).code)
    };
    assert_eq!(codes(&[]), [0, 0, 1, 1]);
    assert_eq!(codes(&["--fail-on", "info"]), [0, 1, 1, 1]);
    assert_eq!(codes(&["--fail-on", "warning"]), [0, 0, 1, 1]);
    assert_eq!(codes(&["--fail-on", "error"]), [0, 0, 0, 1]);
    assert_eq!(codes(&["--fail-on", "never"]), [0, 0, 0, 0]);
    let ran = folder.run(&["--fail-on", "warn", "good"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("invalid value 'warn'") && ran.err.contains("warning"), "{ran:?}");
    assert_eq!(folder.run(&["--no-such-option"]).code, 2);
    // A problem counts for more than findings.
    assert_eq!(folder.run(&["error", "missing"]).code, 2);
    assert_eq!(folder.run(&["--fail-on", "never", "good", "missing"]).code, 2);
}

#[test]
fn a_bad_path_hides_nothing() {
    let folder = Folder::with(WARNING);
    folder.write("empty/README.md", "nothing");
    folder.write("b/Dockerfile", ERROR);
    folder.write("latin1", b"FROM scratch\n# \xe9\nUSER 1\n");
    let ran = folder.run(&["--format", "short", "missing", "empty", "Dockerfile", "latin1", "b"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.short(),
        ["Dockerfile:1 latest-tag", "b/Dockerfile:2 syntax-error", "latin1:2 invalid-utf8"],
        "{ran:?}"
    );
    assert!(ran.out.contains("missing: error: does not exist\n"), "{ran:?}");
    assert!(ran.out.contains("empty: error: contains no Dockerfile\n"), "{ran:?}");
}

#[test]
fn what_git_ignores_is_counted_where_nothing_else_is_there() {
    let folder = Folder::with(WARNING);
    folder.write("work/.gitignore", "template/\n");
    folder.write("work/template/a/Dockerfile", ERROR);
    folder.write("work/template/b/Dockerfile", ERROR);
    folder.write("work/node_modules/c/Dockerfile", ERROR);
    let ran = folder.run(&["--format", "short", "work"]);
    assert!(
        ran.code == 2 && ran.out.contains("work: error: contains no Dockerfile but 2 that Git ignores"),
        "{ran:?}"
    );
    let ran = folder.run(&["--format", "short", "work/template"]);
    assert_eq!(ran.short().len(), 2, "{ran:?}");
}

#[test]
fn a_folder_and_a_file_in_it_are_one_input() {
    let folder = Folder::with(WARNING);
    for args in [
        &["Dockerfile", "."][..],
        &[".", "Dockerfile"],
        &["./Dockerfile", "Dockerfile"],
        &[".", "."],
        &[][..],
    ] {
        let ran = folder.run(&[&["--format", "short"], args].concat());
        assert_eq!((ran.code, ran.short()), (1, vec!["Dockerfile:1 latest-tag".to_owned()]), "{args:?}");
    }
}

#[test]
fn what_somebody_ignores_in_all_repositories_is_not_searched() {
    let folder = Folder::new();
    folder.write("home/.gitconfig", "[core]\n\texcludesFile = ~/ignored\n");
    folder.write("home/ignored", "out/\n");
    folder.write("app/Dockerfile", "FROM scratch\nCOPY a /\n");
    folder.write("app/out/Dockerfile", "FROM scratch\nCOPY a /\n");
    let found = folder.run(&["--no-context", "--format", "json", "app"]).out;
    assert!(found.contains("app/Dockerfile") && !found.contains("app/out"), "{found}");
    // Where nothing names one, Git has a place for it.
    folder.write("home/.gitconfig", "");
    folder.write("home/.config/git/ignore", "out/\n");
    let found = folder.run(&["--no-context", "--format", "json", "app"]).out;
    assert!(found.contains("app/Dockerfile") && !found.contains("app/out"), "{found}");
    folder.write("home/.config/git/ignore", "");
    assert!(folder.run(&["--no-context", "--format", "json", "app"]).out.contains("app/out"));
}

#[test]
fn folders_are_searched_for_dockerfiles() {
    let folder = Folder::new();
    let found = [
        "Containerfile",
        "Dockerfile",
        "a/Dockerfile.dev",
        "a/api.Dockerfile",
        "a/b/dockerfile",
        ".devcontainer/Dockerfile",
    ];
    for name in found {
        folder.write(name, WARNING);
    }
    for name in [
        "a/Dockerfile.md",
        "mydockerfile",
        "a/x.go",
        ".git/Dockerfile",
        "out/Dockerfile",
        "a/skip/Dockerfile",
    ] {
        folder.write(name, WARNING);
    }
    folder.write(".gitignore", "out/\n");
    folder.write("a/.gitignore", "/skip\n");
    let ran = folder.run(&["--format", "short", "--no-context"]);
    let mut want: Vec<String> = found.iter().map(|name| format!("{name}:1 latest-tag")).collect();
    want.sort();
    assert_eq!(ran.short(), want);
    // A file that is named is linted, whatever a .gitignore says.
    let ran = folder.run(&["--format", "short", "out/Dockerfile", "a/x.go"]);
    assert_eq!(ran.short(), ["a/x.go:1 latest-tag", "out/Dockerfile:1 latest-tag"]);
}

#[test]
fn other_kinds_of_files_are_not_searched_for_and_are_named() {
    let folder = Folder::new();
    let workflow = "on: push\njobs:\n  lint:\n    env:\n      A: 1\n    run: echo\n";
    folder.write("dockerfile-lint.lock.yml", workflow);
    folder.write("dockerfile_tests.rb", "require 'x'\nenv = 1\n");
    folder.write("build-dockerfile", "#!/bin/sh\nset -e\n");
    folder.write("Dockerfile.png", b"\x89PNG\r\n\x1a\n\0\0");
    folder.write("Dockerfile-logo", b"\x89PNG\r\n\x1a\n\0\0");
    folder.write("compose.yaml", "services:\n  web:\n    volume: x\n");
    let ran = folder.run(&[]);
    assert!(ran.code == 2 && ran.out.contains("contains no Dockerfile"), "{ran:?}");
    // A Compose file is read as one.
    let compose = folder.run(&["--format", "short", "compose.yaml"]);
    assert!(compose.code == 2 && compose.out.contains("cannot have the key `volume`"), "{compose:?}");
    folder.write("volumes.yml", "name: x\nservices:\n  web:\n    volume: x\n");
    folder.write("Dockerfile.ruby", GOOD);
    assert_eq!(folder.run(&["--unsafe-fixes", "--format", "short"]).code, 0);
    for (name, what) in [
        ("volumes.yml", "is a Compose file, not a Dockerfile"),
        ("dockerfile-lint.lock.yml", "is a workflow"),
    ] {
        let before = folder.read(name);
        let ran = folder.run(&["--unsafe-fixes", "--format", "short", name]);
        assert!(ran.code == 2 && ran.out.contains(&format!("{name}: error: {what}")), "{ran:?}");
        assert_eq!(folder.read(name), before);
        let ran = folder.run(&["size", name]);
        assert!(ran.code == 2 && ran.err.contains(what), "{ran:?}");
    }
    // A file of no known kind is linted, and left as it is.
    let text = "volumes:\n  a\nRUN apt-get install x\n";
    folder.write("notes", text);
    assert_eq!(folder.run(&["--unsafe-fixes", "notes"]).code, 1);
    assert_eq!(folder.read("notes"), text);
}

#[test]
fn of_a_template_one_thing_is_said() {
    let folder = Folder::with("FROM {{ base }}\n{% if a %}\nRUN apt-get install x\n{% endif %}\n");
    folder.write("b/Dockerfile.j2", "FROM debian:12\nRUN apt-get install {{ tools }}\n");
    let before = folder.read("Dockerfile");
    let ran = folder.run(&["--unsafe-fixes", "--format", "short", ".", "b/Dockerfile.j2"]);
    assert_eq!(
        (ran.code, ran.short()),
        (0, vec!["Dockerfile:1 template-file".to_owned(), "b/Dockerfile.j2:2 template-file".to_owned()])
    );
    assert_eq!(folder.read("Dockerfile"), before);
}

#[test]
fn commands_of_other_names_are_named_before_anything_is_linted() {
    let folder = Folder::with(WARNING);
    for (words, write) in [
        (&["lint", "."][..], "`dlint .`"),
        (&["fix"], "`dlint --fix`"),
        (&["version"], "`dlint --version`"),
        (&["contxt"], "`dlint context`"),
    ] {
        let ran = folder.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(ran.err.ends_with(&format!("write {write}\n")), "{ran:?}");
    }
    let ran = folder.run(&["help"]);
    assert!(ran.code == 0 && ran.out.contains("Usage: dlint"), "{ran:?}");
    let ran = folder.run(&["help", "size"]);
    assert!(ran.code == 0 && ran.out.contains("--max-size"), "{ran:?}");
}

#[test]
fn standard_input_is_a_file_of_any_name() {
    let folder = Folder::new();
    folder.write("app/src/main.c", "int main() {}");
    folder.write("dlint.toml", "ignore = [\"latest-tag\"]\n");
    folder.write("app/dlint.toml", "ignore = [\"no-user\"]\n");
    let text = "FROM debian:latest\nCOPY src mian.c /src/\nUSER 65532\n";
    let short = |args: &[&str]| {
        let ran = folder.run_with(&[], &[&["--format", "short"], args].concat(), text);
        (ran.code, ran.short())
    };
    let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    // Without a name there is no context, and the settings are those of the current folder.
    assert_eq!(short(&["-"]), (0, vec![]));
    assert_eq!(short(&["-", "--no-config"]), (1, strings(&["<stdin>:1 latest-tag"])));
    let named = ["app/x.Dockerfile:1 latest-tag", "app/x.Dockerfile:2 copy-missing-source"];
    assert_eq!(short(&["-", "--stdin-filename", "app/x.Dockerfile"]), (1, strings(&named)));
    let without = ["-", "--no-context", "--stdin-filename", "app/x.Dockerfile"];
    assert_eq!(short(&without), (1, strings(&named[..1])));
    // Without `-` nothing is read, so that is said.
    assert_eq!(short(&["--stdin-filename", "app/x.Dockerfile", "--fail-on", "never"]).0, 2);
    let elsewhere = ["-", "--context", "app", "--no-config"];
    assert_eq!(short(&elsewhere), (1, strings(&["<stdin>:1 latest-tag", "<stdin>:2 copy-missing-source"])));
}

#[test]
fn the_context_is_the_folder_unless_another_is_named() {
    let folder = Folder::new();
    folder.write("docker/Dockerfile", "FROM scratch\nCOPY run.sh lib /\nUSER 65532\n");
    folder.write("docker/lib/a", "x");
    folder.write("lib/a", "x");
    folder.write("run.sh", "x");
    let short = |args: &[&str]| {
        let ran = folder.run(&[&["--format", "short"], args].concat());
        (ran.code, ran.short())
    };
    let missing = (1, vec!["docker/Dockerfile:2 copy-missing-source".to_owned()]);
    assert_eq!(short(&[]), missing);
    assert_eq!(short(&["--context", "."]), (0, vec![]));
    assert_eq!(short(&["--no-context"]), (0, vec![]));
    assert_eq!(short(&["--context", ".", "--no-context"]).0, 2);
    folder.write("dlint.toml", "context = \".\"\n");
    assert_eq!(short(&["docker"]), (0, vec![]));
    assert_eq!(short(&["--context", "docker", "docker"]), missing);
}

#[test]
fn an_ignore_file_brings_its_dockerfiles() {
    let folder = Folder::new();
    folder.write("Dockerfile", "FROM debian:latest\nCOPY a /a\nUSER 65532\n");
    folder.write("b.Dockerfile", "FROM scratch\nCOPY a /a\nUSER 65532\n");
    folder.write("c.Dockerfile", "FROM scratch\nMAINTAINER x\nUSER 65532\n");
    folder.write("a", "x");
    folder.write(".dockerignore", "!x\n[\n");
    folder.write("c.Dockerfile.dockerignore", "  # x\n");
    let short = |args: &[&str]| folder.run(&[&["--format", "short"], args].concat()).short();
    let shared = [".dockerignore:1 ignore-pattern-unused", ".dockerignore:2 ignore-syntax"];
    let own = "c.Dockerfile.dockerignore:1 ignore-pattern-unused";
    let (latest, maintainer) = ("Dockerfile:1 latest-tag", "c.Dockerfile:2 maintainer-deprecated");
    // Each finding once, though two Dockerfiles have the ignore file in common.
    assert_eq!(short(&[".dockerignore"]), [shared[0], shared[1], latest, maintainer]);
    assert_eq!(short(&[".dockerignore", "Dockerfile", "."]), [shared[0], shared[1], latest, maintainer]);
    assert_eq!(short(&["c.Dockerfile.dockerignore"]), [maintainer, own]);
    // Nothing is known of the context, but the syntax is wrong anyway.
    assert_eq!(short(&["--no-context", ".dockerignore"]), [shared[1], latest, maintainer]);
    let counted = folder.run(&[".dockerignore"]).out;
    assert!(counted.contains(" in 3 of 3 files") || counted.contains(" in 3 files"), "{counted}");
}

#[test]
fn an_ignore_file_without_dockerfile_is_checked_itself() {
    let folder = Folder::new();
    folder.write("x/.dockerignore", "a #b\n[\nnode_modules\n");
    folder.write("x/y/node_modules/z", "x".repeat(10_000));
    folder.write("gone.dockerignore", "[\n");
    let ran = folder.run(&["--format", "short", "x/.dockerignore", "gone.dockerignore"]);
    assert_eq!(
        ran.short(),
        [
            "gone.dockerignore:1 ignore-syntax",
            "x/.dockerignore:1 ignore-pattern-unused",
            "x/.dockerignore:2 ignore-syntax",
            "x/.dockerignore:3 ignore-pattern-unused",
        ]
    );
    assert_eq!(ran.code, 1);
    folder.write("dlint.toml", "ignore = [\"ignore-syntax\"]\n");
    assert_eq!(folder.run(&["x/.dockerignore", "gone.dockerignore"]).code, 0);
    assert_eq!(folder.run(&["--fail-on", "info", "x/.dockerignore"]).code, 1);
}

#[test]
fn the_threshold_of_the_dockerfile_counts_for_its_ignore_file() {
    let folder = Folder::new();
    folder.write("app/Dockerfile", "FROM scratch\nCOPY a /a\nUSER 65532\n");
    folder.write("app/dlint.toml", "fail-on = \"never\"\n");
    folder.write("root/.dockerignore", "[\n");
    folder.write("root/a", "x");
    let ran = folder.run(&["--format", "short", "--context", "root", "app"]);
    assert_eq!((ran.code, ran.short()), (0, vec!["root/.dockerignore:1 ignore-syntax".to_owned()]));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_said() {
    let folder = Folder::with(BAD);
    let ran = folder.run(&["--format", "short", "/dev/zero", "Dockerfile"]);
    assert_eq!((ran.code, ran.short().len()), (2, 4));
    assert!(ran.out.contains("/dev/zero: error: is a device, not a file"), "{ran:?}");
    fs::create_dir(folder.path("d.Dockerfile")).unwrap();
    assert_eq!(folder.run(&["d.Dockerfile"]).code, 2);
}
