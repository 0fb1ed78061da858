//! What the README shows is what the program prints.

use std::path::Path;
use std::process::Command;

/// Where a page shows what a command prints, up to `END`: the command stands behind it.
const RUN: &str = "<!-- run: ";
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

/// What `dlint ARGS` prints in the project's folder.
fn printed(args: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(args.split(' '))
        .args(["--color", "never"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_pages_show_what_commands_print() {
    let mut shown = 0;
    for page in ["README.md", "docs/cache.md", "docs/size.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let mut text = std::fs::read_to_string(&path).unwrap();
        let mut at = 0;
        while let Some(found) = text[at..].find(RUN) {
            let start = at + found + RUN.len();
            let args = text[start..].split_once(" -->").unwrap().0.strip_prefix("dlint ").unwrap().to_owned();
            let open = start + text[start..].find("```text\n").unwrap() + "```text\n".len();
            let end = open + text[open..].find("```\n").unwrap();
            let now = printed(&args);
            if std::env::var_os("DLINT_BLESS").is_some() {
                text.replace_range(open..end, &now);
                at = open + now.len();
            } else {
                assert_eq!(&text[open..end], now, "{page}: run DLINT_BLESS=1 cargo test --test it readme");
                at = end;
            }
            shown += 1;
        }
        if std::env::var_os("DLINT_BLESS").is_some() && text != std::fs::read_to_string(&path).unwrap() {
            std::fs::write(&path, text).unwrap();
        }
    }
    assert!(shown > 0);
}
