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

#[test]
fn a_project_has_a_page_of_its_images_with_what_is_found_in_it() {
    let folder = Folder::with("FROM debian:12\nCMD [\"a\"]\n");
    folder.write("web/Dockerfile", "FROM debian:latest\nCOPY data /\n");
    folder.write("web/data", vec![0; 3_000_000]);
    let before = folder.run(&["size", "--all", "--format", "json", "-o", "may.json"]);
    assert_eq!((before.code, &*before.err), (0, ""));
    folder.write("web/data", vec![0; 5_000_000]);
    let ran = folder.run(&["size", "--all", "--format", "html", "--trend", "may.json"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    for said in [
        "2 images, together ",
        "web/<wbr>Dockerfile",
        "<code>latest-tag</code>",
        "<code>no-user</code>",
        "<td>may</td>",
        "<td>+2.00 MB</td>",
    ] {
        // A name in the table of images is code, and cannot be broken.
        let plain = said.replace("<wbr>", "");
        assert!(ran.out.contains(&plain), "{said}: {}", ran.out);
    }
    // A finding is no failure here; a limit is.
    let limited = folder.run(&["size", "--all", "--format", "html", "--max-size", "1MB"]);
    assert_eq!(limited.code, 1);
    assert!(limited.out.contains("id=\"limits\""), "{}", limited.out);
}

#[test]
fn the_growth_since_an_earlier_report_is_said() {
    let folder = Folder::with("FROM scratch\nCOPY data /\n");
    folder.write("data", vec![0; 3_000_000]);
    folder.run(&["size", "--all", "--format", "json", "-o", "may.json"]);
    folder.write("data", vec![0; 1_000_000]);
    let ran = folder.run(&["size", "--all", "--trend", "may.json"]);
    assert!(ran.out.contains("since may: -2.00 MB of known bytes; 1 image then"), "{}", ran.out);
    let json = folder.run(&["size", "--all", "--trend", "may.json", "--format", "json"]).json();
    assert_eq!(json["earlier"][0]["sum"]["together"]["bytes"], 3_000_000);
    for (name, text, said) in [
        ("none.json", None, "dlint: none.json: does not exist\n"),
        (
            "two.json",
            Some(
                "{\"version\": 2, \"sum\": {\"images\": 0, \"unknown_targets\": 0, \"together\": {\"bytes\": 0, \"least\": 0, \"most\": 0, \"unknown\": 0}, \"apart\": {\"bytes\": 0, \"least\": 0, \"most\": 0, \"unknown\": 0}}}",
            ),
            "is a report of version 2, and this dlint reads version 1",
        ),
        ("bad.json", Some("[]"), "is not a report written by `dlint size --all --format json`"),
    ] {
        if let Some(text) = text {
            folder.write(name, text);
        }
        let ran = folder.run(&["size", "--all", "--trend", name]);
        assert_eq!((ran.code, &*ran.out), (2, ""));
        assert!(ran.err.contains(said) && ran.err.starts_with(&format!("dlint: {name}: ")), "{}", ran.err);
    }
    assert_eq!(folder.run(&["size", "--trend", "may.json"]).code, 2);
}

#[test]
fn the_builds_that_could_save_most_come_first() {
    let folder = Folder::with("FROM scratch\nCOPY app /\n");
    folder.write("app", vec![0; 900_000]);
    let install = "RUN apt-get update && apt-get install -y build-essential\n";
    for number in 0..12 {
        folder.write(
            &format!("s{number:02}/Dockerfile"),
            format!("FROM debian:12\n{install}RUN echo {number}\n"),
        );
    }
    folder.write("large/Dockerfile", "FROM python:3.13\nCOPY app.py /\nCMD [\"python\", \"/app.py\"]\n");
    folder.write("large/app.py", "");
    let ran = folder.run(&["size", "--all", "--sort", "saving"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].contains("saving") && lines[0].contains("most of it by"), "{}", ran.out);
    assert!(
        lines[1].contains("large/Dockerfile") && lines[1].contains("line 1 full-base-image"),
        "{}",
        ran.out
    );
    // Ten of them, and what the others come to.
    assert!(lines[10].contains("/Dockerfile") && lines[11].contains(" in 3 more builds"), "{}", ran.out);
    assert!(!ran.out.lines().any(|line| line.trim_end().ends_with(" Dockerfile")), "{}", ran.out);
    let json = folder.run(&["size", "--all", "--sort", "saving", "--format", "json"]).json();
    assert_eq!(json["targets"].as_array().unwrap().len(), 14);
    assert_eq!(
        (&json["targets"][0]["dockerfile"], &json["targets"][0]["advice"]["rule"]),
        (&"large/Dockerfile".into(), &"full-base-image".into())
    );
    assert_eq!(folder.run(&["size", "--sort", "saving"]).code, 2);
}
