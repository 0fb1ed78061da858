//! `dlint compare`.

use serde_json::{Value, json};

use super::git::{commit, git, repository};
use super::{BAD, Folder};

const APP: &str = "FROM scratch\nCOPY models /models\nCOPY app /app\nUSER 65532\nENTRYPOINT [\"/app\"]\n";

const WEB: &str =
    "FROM scratch\nCOPY models /models\nCOPY app /app\nUSER 1000\nENTRYPOINT [\"/app\"]\n# web\n";

fn project() -> Folder {
    repository(&[
        ("api/Dockerfile", APP),
        ("api/models/small", "1234567890"),
        ("api/app", "app"),
        ("web/Dockerfile", WEB),
        ("web/models/small", "0987654321"),
        ("web/app", "web"),
    ])
}

fn compared(folder: &Folder, args: &[&str]) -> Value {
    let args = [&["compare", "main", "--format", "json"], args].concat();
    let ran = folder.run(&args);
    assert!(ran.code < 2, "{ran:?}");
    ran.json()
}

#[test]
fn each_byte_has_the_layer_that_it_is_of() {
    let folder = project();
    let nothing = compared(&folder, &[]);
    assert_eq!(
        (&nothing["images"], &nothing["same"], &nothing["gained"]),
        (&json!([]), &json!(0), &json!([]))
    );
    folder.write("api/models/big", "x".repeat(120_000));
    folder.write("api/app", "application");
    let ran = folder.run(&["compare", "main"]);
    let base = &compared(&folder, &[])["base"].as_str().unwrap()[..10].to_owned();
    let text = format!(
        "Compared with main ({base}): api/Dockerfile grows by 120 kB, from 13 B to 120 kB\n\n\
         api/Dockerfile grows by 120 kB, from 13 B to 120 kB\n       \
         +120 kB  line 2    COPY models /models\n                  measured: models/big 120 kB, models/small 10 B\n          \
         +8 B  line 3    COPY app /app\n                  measured: app 11 B\n  \
         build context: 13 B to 120 kB (+120 kB)\n       +120 kB  models/big\n          +8 B  app\n  \
         build cache: 2 of 2 steps are built again, from line 2\n       \
         rebuilt  line 2    COPY models /models - copies models/big\n       rebuilt  line 3    COPY app /app - copies app\n"
    );
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, text.as_str(), ""));
    let report = compared(&folder, &[]);
    let image = &report["images"][0];
    assert_eq!((&image["growth"]["bytes"], &image["growth"]["unknown"]), (&json!(120_008), &json!(0)));
    assert_eq!((&image["before"]["bytes"], &image["after"]["bytes"]), (&json!(13), &json!(120_021)));
    assert_eq!(image["context"]["before"], json!({"files": 2, "bytes": 13}));
    assert_eq!(report["sum"]["bytes"], 120_008);
    assert_eq!(report["images"].as_array().unwrap().len(), 1, "web is not touched: {report}");
}

#[test]
fn new_and_removed_and_renamed_images_are_said_as_such() {
    let folder = project();
    git(&folder, &["mv", "web", "site"]);
    std::fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    folder.write("jobs/Dockerfile", "FROM scratch\nCOPY run /run\n");
    folder.write("jobs/run", "12345");
    let report = compared(&folder, &[]);
    let image = |image: &Value| {
        format!(
            "{} {} {} {}",
            image["dockerfile"], image["renamed_from"], image["state"], image["growth"]["bytes"]
        )
    };
    let images: Vec<String> = report["images"].as_array().unwrap().iter().map(image).collect();
    assert_eq!(
        images,
        [
            r#""jobs/Dockerfile" null "new" 5"#,
            r#""site/Dockerfile" "web/Dockerfile" "changed" 0"#,
            r#""api/Dockerfile" null "removed" -13"#
        ]
    );
    let ran = folder.run(&["compare", "main"]);
    assert!(ran.out.contains("\napi/Dockerfile is removed: it was 13 B\n"), "{}", ran.out);
    assert!(ran.out.contains("\njobs/Dockerfile is new: 5 B\n"), "{}", ran.out);
    assert!(ran.out.contains("  was called web/Dockerfile\n"), "{}", ran.out);
    // What is new is no growth of what was there.
    assert_eq!(folder.run(&["compare", "main", "--max-growth", "1B", "--fail-on", "never"]).code, 0);
}

#[test]
fn findings_are_gained_and_lost() {
    let folder = repository(&[("Dockerfile", BAD)]);
    folder.write("Dockerfile", "FROM debian:latest\nRUN apt-get update\nRUN cd /x\nMAINTAINER nobody\n");
    let report = compared(&folder, &[]);
    let rules = |rows: &Value| -> Vec<String> {
        rows.as_array().unwrap().iter().map(|row| format!("{} {}", row["line"], row["rule"])).collect()
    };
    assert!(rules(&report["gained"]).contains(&r#"3 "cd-has-no-effect""#.to_owned()), "{report}");
    assert!(rules(&report["lost"]).contains(&r#"2 "sudo""#.to_owned()), "{report}");
    assert_eq!(folder.run(&["compare", "main"]).code, 1);
    assert_eq!(folder.run(&["compare", "main", "--fail-on", "never"]).code, 0);
    commit(&folder);
    assert_eq!(compared(&folder, &[])["gained"], report["gained"]);
}

#[test]
fn limits_never_take_what_is_unknown_for_nothing() {
    let folder = project();
    folder.write("api/models/big", "x".repeat(120_000));
    let limit = |most: &str, more: &[&str]| {
        let ran = folder.run(&[&["compare", "main", "-q", "--max-growth", most], more].concat());
        (ran.code, ran.out)
    };
    let (code, said) = limit("10kB", &[]);
    assert_eq!(code, 1);
    assert!(said.contains("--max-growth") && said.contains("api/Dockerfile grows by 120 kB"), "{said}");
    assert_eq!(limit("1MB", &[]).0, 0);
    folder.write("api/Dockerfile", APP.replace("USER", "RUN [\"/unheard-of\"]\nUSER"));
    let (code, said) = limit("1MB", &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("grows by at least 120 kB; 1 layer cannot be compared"), "{said}");
    assert_eq!(limit("1MB", &["--unknown", "pass"]).0, 0);
    assert_eq!(limit("10kB", &["--unknown", "pass"]).0, 1);
}

#[test]
fn nothing_raw_gets_into_any_format() {
    let bad = "a\u{1b}[31m\u{202e}<script>alert(1)</script>|`@x#1";
    let folder = repository(&[("Dockerfile", "FROM scratch\nCOPY x /x\nUSER 1\n"), ("x/y", "1")]);
    folder.write(&format!("x/{bad}"), "12345");
    folder.write(&format!("{bad}.Dockerfile"), format!("FROM scratch\nCOPY x /x\n# {bad}\nRUN echo {bad}\n"));
    git(&folder, &["branch", "<script>alert(1)</script>|`@x#1", "main"]);
    for format in ["human", "markdown", "html", "json"] {
        let ran = folder.run(&[
            "compare",
            "<script>alert(1)</script>|`@x#1",
            "--format",
            format,
            "--max-growth",
            "1B",
        ]);
        assert!(ran.code < 2, "{ran:?}");
        for raw in ["\u{1b}", "\u{202e}", "\n::error", "##["] {
            let is_json = format == "json" && raw == "##[";
            assert!(is_json || !ran.out.contains(raw), "{format} {raw:?}: {}", ran.out);
        }
        if format != "json" && format != "human" {
            assert!(!ran.out.contains("<script>alert"), "{format}: {}", ran.out);
            assert!(ran.out.contains("&lt;script&gt;alert"), "{format}: {}", ran.out);
        }
    }
    let ran = folder.run(&["compare", "--output=x", "--format", "json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let ran = folder.run(&["compare", "no\u{1b}thing"]);
    assert!(ran.code == 2 && !ran.err.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn only_what_is_touched_is_read() {
    let folder = project();
    for number in 0..300 {
        folder.write(&format!("many/{number}/Dockerfile"), "FROM scratch\nCOPY a /a\nCOPY . .\nUSER 1\n");
        folder.write(&format!("many/{number}/a"), "a");
    }
    commit(&folder);
    git(&folder, &["branch", "-f", "main"]);
    folder.write("many/7/b", "b");
    folder.write("README.md", "# read me\n");
    let report = compared(&folder, &[]);
    let images = report["images"].as_array().unwrap();
    assert_eq!((images.len(), &images[0]["dockerfile"]), (1, &json!("many/7/Dockerfile")));
    assert_eq!(report["same"], 0);
}
