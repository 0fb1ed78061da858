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
    assert!(report.contains("4  rebuilt        1 B  COPY src/$KIND ./"), "{report}");
    assert!(!report.contains("WORKDIR"), "{report}");
    for (args, said) in [
        (&["cache", "none"][..], "none does not exist"),
        (&["cache", "--target", "wep"], "did you mean `web`?"),
        (&["cache", "--context", "none"], "none does not exist"),
        (&["cache", "--changed"], "a value is required"),
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
}
