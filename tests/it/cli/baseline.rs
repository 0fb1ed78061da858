//! `--baseline` and `--write-baseline`.

use super::{BAD, Folder, WARNING};

fn project() -> Folder {
    let folder = Folder::with(BAD);
    folder.write("api/Dockerfile", WARNING);
    folder
}

#[test]
fn only_what_is_new_is_reported() {
    let folder = project();
    let ran = folder.run(&["--write-baseline"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let said = "dlint: wrote 5 findings of 2 files to dlint-baseline.toml\n\
                dlint: use it with `--baseline dlint-baseline.toml`, or with `baseline = \"dlint-baseline.toml\"` in dlint.toml\n";
    assert_eq!(ran.err, said);
    let text = folder.read("dlint-baseline.toml");
    assert!(text.contains("\n[file.\"api/Dockerfile\"]\n\"latest-tag "), "{text}");

    let known = &["--baseline", "dlint-baseline.toml"];
    let ran = folder.run(known);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("; 5 in the baseline"), "{ran:?}");
    assert_eq!(
        folder.run(&["--baseline", "dlint-baseline.toml", "--format", "json"]).json()["summary"]["known"],
        5
    );

    folder.write("Dockerfile", BAD.replace("FROM", "# why\nFROM") + "RUN sudo true\n");
    let ran = folder.run(&["--baseline", "dlint-baseline.toml", "--format", "short"]);
    assert_eq!((ran.code, ran.short()), (1, vec!["Dockerfile:5 sudo".to_owned()]));
    // Written again, it holds that too, and nothing of what was there before and is not any more.
    folder.write("api/Dockerfile", "FROM scratch\nUSER 1\n");
    assert_eq!(folder.run(&["--baseline", "dlint-baseline.toml", "--write-baseline"]).code, 0);
    assert_eq!(folder.run(known).code, 0);
    assert!(!folder.read("dlint-baseline.toml").contains("api/"));
}

#[test]
fn it_counts_from_any_folder_and_through_the_settings() {
    let folder = project();
    folder.write("dlint.toml", "baseline = \"known.toml\"\n");
    let ran = folder.run(&["--write-baseline"]);
    assert_eq!(ran.err, "dlint: wrote 5 findings of 2 files to known.toml\n");
    assert_eq!(folder.run(&["Dockerfile"]).code, 0);
    let at = folder.path("api/Dockerfile");
    assert_eq!(folder.run(&[at.to_str().unwrap()]).code, 0);
    let all = folder.run(&["--no-baseline", "--format", "short"]);
    assert_eq!((all.code, all.short().len()), (1, 5));
    // A file that is renamed keeps what is known of it.
    std::fs::rename(at, folder.path("api/api.Dockerfile")).unwrap();
    assert_eq!(folder.run(&["api"]).code, 0);
}

#[test]
fn a_run_for_a_folder_keeps_what_is_known_of_other_files() {
    let folder = project();
    folder.write("dlint.toml", "baseline = \"known.toml\"\n");
    folder.run(&["--write-baseline"]);
    let all = folder.read("known.toml");
    let ran = folder.run(&["api", "--write-baseline"]);
    let said = "dlint: wrote 1 finding of 1 file to known.toml\n\
                dlint: 4 findings of 1 file there, which this run did not check, stay\n";
    assert_eq!((ran.code, ran.err.as_str(), folder.read("known.toml")), (0, said, all));
    // What is gone goes.
    std::fs::remove_file(folder.path("Dockerfile")).unwrap();
    folder.run(&["api", "--write-baseline"]);
    assert!(!folder.read("known.toml").contains("[file.Dockerfile]"), "{}", folder.read("known.toml"));
}

#[test]
fn one_that_is_not_there_or_no_baseline_is_said() {
    let folder = project();
    let ran = folder.run(&["--baseline", "none.toml", "--format", "short"]);
    assert_eq!((ran.code, ran.short().len()), (2, 5));
    assert!(ran.out.contains("none.toml: error: this baseline is not there"), "{ran:?}");
    folder.write("bad.toml", "version = 1\n[file.a]\nb = 1\n");
    let ran = folder.run(&["--baseline", "bad.toml", "--format", "short"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains("bad.toml: error: line 3: a key is the name of a rule and two hashes"),
        "{ran:?}"
    );
    let ran = folder.run(&["--baseline", "no/such/folder.toml", "--write-baseline"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no/such/folder.toml"), "{ran:?}");
}

#[test]
fn what_is_no_baseline_is_not_replaced_by_one() {
    let folder = project();
    folder.write("pyproject.toml", "[project]\nname = \"größe\"\n");
    folder.write("bytes", "\u{0}");
    std::fs::write(folder.path("bytes"), [0xff, 0xfe, 0]).unwrap();
    for name in ["Dockerfile", "pyproject.toml", "bytes"] {
        let before = std::fs::read(folder.path(name)).unwrap();
        let ran = folder.run(&["--write-baseline", "--baseline", name]);
        let said = format!("dlint: {name}: is not a baseline, which would replace it\n");
        assert!(ran.code == 2 && ran.err.starts_with(&said), "{ran:?}");
        assert_eq!(std::fs::read(folder.path(name)).unwrap(), before, "{name}");
    }
    folder.write("dlint.toml", "baseline = \"Dockerfile\"\n");
    assert_eq!(folder.run(&["--write-baseline"]).code, 2);
    assert_eq!(folder.read("Dockerfile"), BAD);
    // What is empty, and what was one and is broken, is written anew.
    for text in ["", "# Findings that are known. Made by `dlint --write-baseline`\nversion = \n"] {
        folder.write("known.toml", text);
        assert_eq!(folder.run(&["--write-baseline", "--baseline", "known.toml"]).code, 0, "{text:?}");
        assert!(folder.read("known.toml").contains("version = 1\n"));
    }
}
