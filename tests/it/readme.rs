//! What the README shows is what the program prints.

use std::path::Path;
use std::process::Command;

const BEGIN: &str = "cargo test --test it readme` -->\n```text\n";
const END: &str = "```\n<!-- end of report -->";

/// The report without what differs from run to run.
fn report() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(["--color", "never", "testdata/flask-naive"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("GITHUB_ACTIONS")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (before, time) = text.rsplit_once(" (").unwrap();
    assert!(time.ends_with(")\n"), "{time}");
    format!("{before}\n")
}

#[test]
fn the_readme_shows_a_real_run() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let start = readme.find(BEGIN).unwrap() + BEGIN.len();
    let end = start + readme[start..].find(END).unwrap();
    let report = report();
    if std::env::var_os("DLINT_BLESS").is_some() && readme[start..end] != report {
        std::fs::write(&path, format!("{}{report}{}", &readme[..start], &readme[end..])).unwrap();
        return;
    }
    assert_eq!(&readme[start..end], report, "run DLINT_BLESS=1 cargo test --test it readme");
}
