//! What a careless script, or a hostile name, does to the command line.

use super::{BAD, Folder, GOOD, command};

/// The exit code where nobody reads standard output.
fn unread(folder: &Folder, args: &[&str]) -> i32 {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = command(folder.0.path(), args);
    command.stdout(writer).stderr(std::process::Stdio::null());
    command.status().unwrap().code().unwrap()
}

#[test]
fn a_reader_that_has_left_changes_no_exit_code() {
    let folder = Folder::with(BAD);
    folder.write("good/Dockerfile", GOOD);
    assert_eq!(unread(&folder, &["Dockerfile"]), 1);
    assert_eq!(unread(&folder, &["--diff", "Dockerfile"]), 1);
    assert_eq!(unread(&folder, &["nothing"]), 2);
    assert_eq!(unread(&folder, &["good"]), 0);
}

#[test]
fn options_that_name_nothing_are_refused() {
    let folder = Folder::with(BAD);
    for args in [
        &["--select", ""][..],
        &["--select", " , "],
        &["--exclude", ""],
        &["--exclude", "/"],
        &["--jobs", "0"],
    ] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?} {ran:?}");
    }
    folder.write("dlint.toml", "exclude = [\"\"]\n");
    assert_eq!(folder.run(&[]).code, 2);
    assert_eq!(
        folder.run(&["--no-config", "--select", " sudo , no-user ", "--format", "short"]).short().len(),
        1
    );
    assert_eq!(folder.run(&["--no-config", "--jobs", "100000"]).code, 1);
}

#[test]
fn a_report_replaces_no_dockerfile() {
    let folder = Folder::with(BAD);
    for args in
        [&["-o", "Dockerfile"][..], &["--format", "json=Dockerfile"], &["size", ".", "-o", "Dockerfile"]]
    {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args:?} {ran:?}");
        assert!(ran.err.contains("Dockerfile: a report would overwrite this Dockerfile"), "{ran:?}");
    }
    assert_eq!(folder.read("Dockerfile"), BAD);
}

#[test]
fn what_was_typed_is_repeated_without_control_characters() {
    let folder = Folder::new();
    for args in
        [&["--format", "x\u{1b}[31m"][..], &["--bogus\u{1b}[31m"], &["size", "--max-size", "\u{1b}[31m"]]
    {
        let ran = folder.run(args);
        assert!(ran.code == 2 && !ran.err.contains('\u{1b}') && !ran.err.is_empty(), "{ran:?}");
    }
}
