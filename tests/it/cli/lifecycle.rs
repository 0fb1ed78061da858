//! Rules that were renamed, and such as will go.

use super::own_rules::{DOCKERFILE, NO_CURL, PATHS, folder};

#[test]
fn an_old_name_still_counts_and_is_said_once() {
    let folder = folder(PATHS);
    folder.write(
        "policy/no-curl.md",
        NO_CURL.replace(
            "since =",
            "renamed-from = [\"curl-ban\"]\nstatus = \"deprecated\"\nreplaced-by = \"no-net\"\nsince =",
        ),
    );
    let note = "dlint: the rule `curl-ban` is called `no-curl` now\n";
    let run = |count: usize, code: i32, args: &[&str]| {
        let ran = folder.run(&[&["--no-context"], args].concat());
        assert_eq!((ran.code, ran.out.matches("no-curl").count()), (code, count), "{ran:?}");
        ran.err
    };
    assert_eq!(run(1, 1, &[]), "");
    let deprecated = "dlint: the rule `no-curl` is deprecated: use no-net\n";
    assert_eq!(run(1, 1, &["--select", "no-curl"]), deprecated);
    assert_eq!(run(1, 1, &["--select", "curl-ban"]), format!("{note}{deprecated}"));
    assert_eq!(run(0, 0, &["--ignore", "Curl-ban,curl-ban"]), note);
    assert_eq!(run(0, 0, &["--quiet", "--ignore", "curl-ban"]), "");
    folder.write("Dockerfile", DOCKERFILE.replace("RUN", "# dlint ignore=curl-ban for now\nRUN"));
    assert_eq!(run(0, 0, &[]), note);
    folder.write("Dockerfile", DOCKERFILE);
    for (config, count) in [
        (format!("ignore = [\"curl-ban\"]\n{PATHS}"), 0),
        (format!("{PATHS}curl-ban = {{}}\n"), 1),
        (format!("{PATHS}[[overrides]]\nfiles = [\"Dockerfile\"]\nignore = [\"curl-ban\"]\n"), 0),
    ] {
        folder.write("dlint.toml", &config);
        assert_eq!(run(count, i32::from(count > 0), &[]), note, "{config}");
    }
    folder.write("dlint.toml", format!("{PATHS}[severity]\ncurl-ban = \"error\"\n"));
    assert!(folder.run(&["--format", "short"]).out.contains("Dockerfile:2:5: error[no-curl]"));

    let page = folder.run(&["explain", "curl-ban"]).out;
    assert!(page.starts_with("no-curl: downloads"), "{page}");
    assert!(page.contains("\ndeprecated: use no-net\nwas called curl-ban\n"), "{page}");
    let sarif = folder.run(&["--format", "sarif"]).json();
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["deprecatedIds"], serde_json::json!(["curl-ban"]));
    assert_eq!(rule["properties"]["deprecated"], "deprecated: use no-net");
    let rules = folder.run(&["rules", "--format", "json"]).json();
    let rule = rules.as_array().unwrap().iter().find(|rule| rule["name"] == "no-curl").unwrap();
    assert_eq!(rule["renamed_from"], serde_json::json!(["curl-ban"]));
    assert_eq!((&rule["status"], &rule["replaced_by"]), (&"deprecated".into(), &"no-net".into()));
    assert!(folder.run(&["rules"]).out.contains("downloads with `curl` (deprecated) (policy/no-curl.md)"));
}
