//! `dlint size --format html`.

use std::fs;

use super::Folder;

#[test]
fn a_plan_is_written_as_a_page() {
    let folder = Folder::with("FROM debian:12\nCOPY data /\nRUN echo '<b>' && ./x\n");
    folder.write("data", vec![0; 3_000_000]);
    let ran = folder.run(&["size", "--format", "html", "-o", "plan.html"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (0, "", ""));
    let page = fs::read_to_string(folder.path("plan.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(
        page.contains("RUN echo &apos;&lt;b&gt;&apos; &amp;&amp; ./x") && !page.contains("<b>&apos;"),
        "{page}"
    );
    // To standard output it is the same; a folder of another name would not change it.
    let shown = folder.run(&["size", "--format", "html"]);
    assert_eq!((shown.code, shown.out), (0, page));
}

#[test]
fn a_limit_that_is_not_kept_fails_with_the_page() {
    let folder = Folder::with("FROM scratch\nCOPY data /\n");
    folder.write("data", vec![0; 3_000_000]);
    let ran = folder.run(&["size", "--format", "html", "--max-size", "1MB"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("<code>--max-size 1.00 MB</code> it has 3.00 MB"));
}

#[test]
fn the_ignore_file_has_no_page() {
    let folder = Folder::with("FROM scratch\nCOPY . /\n");
    folder.write("node_modules/x.js", vec![0; 3_000_000]);
    let ran = folder.run(&["size", "--fix-ignore", "--format", "html"]);
    assert_eq!(
        (ran.code, &*ran.out, &*ran.err),
        (2, "", "dlint: --fix-ignore has no page: its --format is human or json\n")
    );
    assert!(!folder.path(".dockerignore").exists());
}
