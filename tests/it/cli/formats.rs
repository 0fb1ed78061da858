//! Several reports of one run, and what services are told of paths and pages.

use serde_json::Value;

use super::{Folder, GOOD, WARNING};

#[test]
fn several_reports_of_one_run() {
    let folder = Folder::with(WARNING);
    let args = ["--format", "github", "--format", "sarif=out.sarif", "--format=junit=out.xml"];
    let ran = folder.run(&args);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.out.starts_with("::warning file=Dockerfile,line=1,"), "{ran:?}");
    let log: Value = serde_json::from_str(&folder.read("out.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert!(folder.read("out.xml").contains("<testcase name=\"latest-tag 1:13\" classname=\"Dockerfile\">"));
    // They are replaced whole, and nothing else is left in the folder.
    folder.write("Dockerfile", GOOD);
    assert_eq!(folder.run(&args).code, 0);
    assert!(!folder.read("out.sarif").contains("latest-tag"));
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 3);
    // What goes to files only is not printed, but what went wrong is said.
    let ran = folder.run(&["--format", "json=out.json", "missing"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (2, "", "dlint: missing: does not exist\n"));
}

#[test]
fn reports_that_cannot_be_told_apart_are_refused() {
    let folder = Folder::with(WARNING);
    for (args, message) in [
        (&["--format", "json", "--format", "sarif"][..], "`sarif=FILE`"),
        (&["--format", "json=a", "-o", "a", "--format", "human"], "one file: a"),
        (&["--format", "json=a", "-o", "b"], "--output has no report"),
        (&["--format", "markdown="], "it is empty"),
        (&["--format", "markdwn=x"], "`markdwn` is not a format"),
    ] {
        let ran = folder.run(args);
        assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains(message), "{args:?} {ran:?}");
    }
    assert!(std::fs::read_dir(folder.0.path()).unwrap().count() == 1);
}

#[test]
fn the_summary_of_a_step_is_added_to() {
    let folder = Folder::with(WARNING);
    let summary = folder.path("summary.md");
    folder.write("summary.md", "before\n");
    let env = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let format = format!("markdown={}", summary.display());
    let ran = folder.run_with(&env, &["--format", "human", "--format", &format], "");
    assert!(ran.code == 1 && ran.out.starts_with("warning[latest-tag]"), "{ran:?}");
    let text = folder.read("summary.md");
    assert!(text.starts_with("before\n### dlint: 1 warning in 1 file\n"), "{text}");
    assert!(text.contains("| warning | <code>Dockerfile:1</code> | **latest-tag**"), "{text}");
    // Any other file is replaced.
    folder.run(&["--format", &format]);
    assert!(folder.read("summary.md").starts_with("### dlint: "));
}

#[test]
fn services_are_told_paths_from_the_top_of_the_repository() {
    let folder = Folder::new();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("services/api/Dockerfile", WARNING);
    let below = folder.path("services/api");
    let absolute = below.join("Dockerfile");
    let run = |args: &[&str]| {
        let output = super::command(&below, args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for path in [".", absolute.to_str().unwrap()] {
        let of = |format: &str| run(&["--format", format, path]);
        assert!(of("github").starts_with("::warning file=services/api/Dockerfile,line=1,"), "{path}");
        let report: Value = serde_json::from_str(&of("gitlab")).unwrap();
        assert_eq!(report[0]["location"]["path"], "services/api/Dockerfile");
        let log: Value = serde_json::from_str(&of("sarif")).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(place["uri"], "services/api/Dockerfile");
        assert_eq!(place["uriBaseId"], "%SRCROOT%");
    }
    // People see the path that they gave.
    assert!(run(&["--format", "short"]).starts_with("Dockerfile:1:13: "));
}

#[test]
fn links_are_made_where_somebody_says_where_the_pages_are() {
    let folder = Folder::with(WARNING);
    let link = |args: &[&str]| {
        let log = folder.run(&[&["--format", "sarif"], args].concat()).json();
        log["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"].as_str().map(str::to_owned)
    };
    assert_eq!(link(&[]), None);
    let page = |base: &str| Some(format!("{base}/rules/latest-tag.html"));
    assert_eq!(link(&["--docs-url", "https://docs.example.com/"]), page("https://docs.example.com"));
    folder.write("dlint.toml", "docs-url = \"https://example.com/dlint\"\n");
    assert_eq!(link(&[]), page("https://example.com/dlint"));
    assert_eq!(link(&["--docs-url", "https://other.example"]), page("https://other.example"));
    folder.write("dlint.toml", "docs-url = \"example\"\n");
    let ran = folder.run(&["--format", "short"]);
    assert!(ran.code == 2 && ran.out.contains("`example` is not the address of a site"), "{ran:?}");
}

#[test]
fn statistics_count_by_rule() {
    let folder = Folder::new();
    folder.write(
        "a/Dockerfile",
        "FROM debian:latest\nRUN apt-get update && apt-get install -y imagemagick\nUSER 1\n",
    );
    folder.write("b/Dockerfile", "FROM debian:latest\nUSER 1\n");
    let ran = folder.run(&["--statistics", "--format", "json"]);
    let rows = ran.json();
    assert_eq!((ran.code, &rows[0]["rule"], &rows[0]["findings"]), (1, &"latest-tag".into(), &2.into()));
    let saves = |row: &Value| row["saves"].as_u64();
    let all: Vec<Value> = rows.as_array().unwrap().clone();
    let heavy = all.iter().find(|row| row["rule"] == "heavy-recommends").unwrap();
    assert!(saves(heavy) > Some(0) && heavy["fixable_unsafe"] == 1, "{heavy}");
    // The largest first.
    let rows = folder.run(&["--statistics", "--format", "json", "--sort", "saving"]).json();
    let sums: Vec<Option<u64>> = rows.as_array().unwrap().iter().map(saves).collect();
    assert!(sums.is_sorted_by(|a, b| a >= b) && sums[0].is_some(), "{sums:?}");
    let text = folder.run(&["--statistics"]).out;
    assert!(text.starts_with("findings  fixable unsafely          saves  rule\n       2        0"), "{text}");
    assert!(text.contains("in 2 files"), "{text}");
    // What could not be checked is said.
    let ran = folder.run(&["--statistics", "--format", "json", "missing"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "dlint: missing: does not exist\n"));
}

#[test]
fn the_largest_saving_comes_first_across_files() {
    let folder = Folder::new();
    folder
        .write("a/Dockerfile", "FROM debian:latest\nRUN apt-get update && apt-get install -y curl\nUSER 1\n");
    folder.write(
        "b/Dockerfile",
        "FROM debian:12\nRUN apt-get update && apt-get install -y build-essential\nUSER 1\n",
    );
    let order = folder.run(&["--sort", "saving", "--format", "short"]).short();
    let first = |file: &str| order.iter().position(|place| place.starts_with(file)).unwrap();
    assert!(first("b/") < first("a/"), "{order:?}");
    assert!(folder.run(&["--format", "short"]).short()[0].starts_with("a/"));
}

#[test]
fn files_and_folders_are_left_out() {
    let folder = Folder::new();
    for path in ["Dockerfile", "third_party/a/Dockerfile", "b/Dockerfile.dev"] {
        folder.write(path, WARNING);
    }
    let places = |args: &[&str]| {
        let ran = folder.run(&[&["--format", "short"], args].concat());
        ran.short().into_iter().map(|place| place.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(places(&[]).len(), 3);
    assert_eq!(places(&["--exclude", "third_party", "--exclude=*.dev"]), ["Dockerfile"]);
    let absolute = folder.path("third_party/a/Dockerfile");
    assert!(places(&["--exclude", "third_party/**", absolute.to_str().unwrap()]).is_empty());
    let ran = folder.run(&["--exclude", "["]);
    assert!(ran.code == 2 && ran.err.contains("not a valid glob"), "{ran:?}");
    // The number of threads changes nothing.
    assert_eq!(places(&["--jobs", "1"]), places(&["--jobs", "8"]));
    assert_eq!(folder.run(&["--jobs", "0"]).code, 2);
}
