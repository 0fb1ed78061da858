//! `dlint compare`.

use serde_json::{Value, json};

use super::git::{commit, git, repository};
use super::{BAD, Folder};

pub(super) const APP: &str =
    "FROM scratch\nCOPY models /models\nCOPY app /app\nUSER 65532\nENTRYPOINT [\"/app\"]\n";

const WEB: &str =
    "FROM scratch\nCOPY models /models\nCOPY app /app\nUSER 1000\nENTRYPOINT [\"/app\"]\n# web\n";

pub(super) fn project() -> Folder {
    repository(&[
        ("api/Dockerfile", APP),
        ("api/models/small", "1234567890"),
        ("api/app", "app"),
        ("web/Dockerfile", WEB),
        ("web/models/small", "0987654321"),
        ("web/app", "web"),
    ])
}

pub(super) fn compared(folder: &Folder, args: &[&str]) -> Value {
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
         +120 kB  line 2    COPY models /models\n                  measured: models/big +120 kB\n          \
         +8 B  line 3    COPY app /app\n                  measured: app +8 B\n  \
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
fn another_base_image_of_the_same_figure_is_not_known_to_be_as_large() {
    let folder = repository(&[("Dockerfile", "FROM python:3.9-slim\nCOPY a /a\nUSER 1\n"), ("a", "a")]);
    folder.write("Dockerfile", "FROM python:3.13-slim\nCOPY a /a\nUSER 1\n");
    let ran = folder.run(&["compare", "main", "--max-growth", "1MB", "--fail-on", "never"]);
    assert!(
        ran.out.contains("?  line 1    FROM python:3.13-slim (was: FROM python:3.9-slim)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("may grow or shrink; 1 layer cannot be compared"), "{}", ran.out);
    assert_eq!(ran.code, 1, "{}", ran.out);
}

#[test]
fn a_service_is_compared_with_what_it_was_though_its_stage_or_its_arguments_change() {
    let both = "FROM scratch AS dev\nCOPY a /a\n\nFROM scratch\nCOPY b /b\n";
    let compose = |build: &str| format!("services:\n  web:\n    build:\n      context: app\n{build}");
    let folder = repository(&[
        ("app/Dockerfile", both),
        ("app/a", "1"),
        ("app/b", "12345"),
        ("compose.yaml", &compose("      target: dev\n")),
    ]);
    folder.write("compose.yaml", compose(""));
    let report = compared(&folder, &[]);
    let images = report["images"].as_array().unwrap();
    assert_eq!(images.len(), 1, "{report}");
    let of = |name: &str| (images[0][name].clone(), images[0]["growth"]["bytes"].clone());
    assert_eq!(of("state"), (json!("changed"), json!(4)));
    assert_eq!(of("entry").0, "compose.yaml: web");

    let services = |args: &str| {
        let one = |name: &str| format!("  {name}:\n    build:\n      context: .\n");
        format!("services:\n{}{args}{}{}", one("a"), one("b"), one("c"))
    };
    let folder = repository(&[("Dockerfile", "FROM scratch\nARG X\nCOPY f /f\n"), ("f", "1")]);
    folder.write("compose.yaml", services(""));
    commit(&folder);
    git(&folder, &["branch", "-f", "main"]);
    folder.write("compose.yaml", services("      args:\n        X: 1\n"));
    let report = compared(&folder, &[]);
    assert!(!report.to_string().contains(r#""state":"new""#), "{report}");
}

#[test]
fn what_was_missing_and_is_missing_does_not_differ() {
    let text = "FROM scratch\nCOPY .env /\nCOPY app /app\n";
    let folder = repository(&[("api/Dockerfile", text), ("api/app", "app"), ("api/README", "one")]);
    folder.write("api/app", "application");
    let image = &compared(&folder, &[])["images"][0];
    assert_eq!((&image["growth"]["bytes"], &image["growth"]["unknown"]), (&json!(8), &json!(0)), "{image}");
    // It may be of any size once it is there.
    folder.write("api/.env", "A=1");
    let image = &compared(&folder, &[])["images"][0];
    assert_eq!(image["growth"]["unknown"], json!(1), "{image}");
}

#[test]
fn any_markdown_is_no_rule() {
    let entry = "services: {api: {build: {context: ., dockerfile: gone.Dockerfile}}}\n";
    let folder = repository(&[("api/Dockerfile", "FROM scratch\nUSER 1\n"), ("api/compose.yaml", entry)]);
    folder.write("note.md", "# a note\n");
    let report = compared(&folder, &[]);
    assert_eq!((&report["lost"], &report["gained"]), (&json!([]), &json!([])), "{report}");
}

#[test]
fn what_is_sent_decides_which_files_are_named() {
    let text = "FROM scratch\nCOPY src /app\nUSER 1\n";
    let folder = repository(&[("Dockerfile", text), ("src/a", "1"), ("src/b", "12345"), ("src/c", "1")]);
    folder.write("unrelated", "x".repeat(900));
    folder.write("src/a", "123");
    folder.write(".dockerignore", "src/b\n");
    let report = compared(&folder, &[]);
    let image = &report["images"][0];
    let files = json!([
        {"path": "src/b", "before": 5, "after": null},
        {"path": "src/a", "before": 1, "after": 3}
    ]);
    assert_eq!(image["context"]["files"], files, "{report}");
    assert_eq!((&image["layers"][0]["files"], &image["growth"]["bytes"]), (&files, &json!(-3)));
}

#[test]
fn the_cache_has_the_context_that_the_layers_have() {
    let folder = repository(&[
        ("svc/Dockerfile", "FROM scratch\nCOPY svc/app /app\nCOPY lib /lib\nUSER 1\n"),
        ("svc/app", "1"),
        ("lib/x", "1"),
        ("README.md", "a"),
    ]);
    folder.write("README.md", "another");
    assert_eq!(compared(&folder, &[])["images"], json!([]));
    folder.write("svc/app", "123");
    let ran = folder.run(&["compare", "main"]);
    assert!(ran.out.contains("rebuilt  line 2    COPY svc/app /app - copies svc/app\n"), "{}", ran.out);
}

#[test]
fn what_is_not_in_the_clone_is_neither_new_nor_found() {
    let folder = repository(&[("Dockerfile", BAD), ("big", "old and long\nlines\n")]);
    let id = git(&folder, &["rev-parse", "main:Dockerfile"]);
    let id = id.trim();
    folder.write("Dockerfile", "FROM debian:latest\nRUN cd /x\n");
    commit(&folder);
    std::fs::remove_file(folder.path(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let report = compared(&folder, &[]);
    assert_eq!((&report["images"], &report["gained"]), (&json!([]), &json!([])), "{report}");
    assert!(report["notes"].to_string().contains("its old content is not in this clone"), "{report}");
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

/// What `dlint compare main --max-growth 1MB --fail-on never` says, and its exit code.
pub(super) fn limited(folder: &Folder) -> (i32, String) {
    let ran =
        folder.run(&["compare", "main", "--max-growth", "1MB", "--fail-on", "never", "--unknown", "pass"]);
    (ran.code, ran.out)
}

#[test]
fn what_does_not_build_any_more_passes_no_limit() {
    let folder = project();
    for (text, why) in [
        ("FRM scratch\nCOPY app /app\n", "line 1: there is no instruction `FRM`"),
        ("FROM scratch\nCOPY models /models\nRUNN x\n", "line 3: there is no instruction `RUNN`"),
        ("# nothing\n", "line 1: the file contains no instruction"),
    ] {
        folder.write("api/Dockerfile", text);
        let (code, out) = limited(&folder);
        let said = format!("api/Dockerfile no longer builds: {why}");
        assert_eq!((code, out.matches(&said).count()), (1, 3), "{out}");
        assert!(out.contains("failed: --max-growth"), "{out}");
        let image = &compared(&folder, &[])["images"][0];
        assert_eq!((&image["fault"], &image["state"]), (&json!(why), &json!("changed")), "{image}");
        assert_eq!((&image["after"], &image["layers"]), (&Value::Null, &json!([])), "{image}");
    }
    std::fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    let (code, out) = limited(&folder);
    assert!(code == 0 && out.contains("api/Dockerfile is removed"), "{out}");
}

#[test]
fn another_platform_and_another_frontend_are_reasons() {
    let folder = project();
    folder.write("api/Dockerfile", format!("# syntax=docker/dockerfile:1.7\n{APP}"));
    let out = folder.run(&["compare", "main"]).out;
    assert!(out.contains("\n  `# syntax=docker/dockerfile:1.7` is new\n"), "{out}");
    commit(&folder);
    git(&folder, &["branch", "-q", "-f", "main"]);
    folder.write("api/Dockerfile", format!("# syntax=docker/dockerfile:1.9\n{APP}"));
    let markdown = folder.run(&["compare", "main", "--format", "markdown"]).out;
    assert!(
        markdown
            .contains("syntax=docker/dockerfile:1.9</code> was <code>#<!-- --> syntax=docker/dockerfile:1.7"),
        "{markdown}"
    );
    let compose =
        |platform: &str| format!("services:\n  a:\n    build: {{context: api, platforms: [{platform}]}}\n");
    folder.write("compose.yaml", compose("linux/amd64"));
    commit(&folder);
    git(&folder, &["branch", "-q", "-f", "main"]);
    folder.write("compose.yaml", compose("linux/arm64"));
    let image = &compared(&folder, &[])["images"][0];
    let reasons = json!(["it is built for linux/arm64; before, it was for linux/amd64"]);
    assert_eq!((&image["reasons"], &image["cache"]), (&reasons, &Value::Null), "{image}");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_dockerfile_is_that_dockerfile() {
    let folder = project();
    folder.write("shared/text", format!("{APP}COPY app /more\n"));
    std::fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    std::os::unix::fs::symlink("../shared/text", folder.path("api/Dockerfile")).unwrap();
    let report = compared(&folder, &[]);
    let images: Vec<&Value> = report["images"].as_array().unwrap().iter().collect();
    assert_eq!((images.len(), &images[0]["state"]), (1, &json!("changed")), "{report}");
    assert_eq!(images[0]["growth"]["bytes"], 3, "{report}");
    // What is no file any more, such as a link that leads nowhere, is gone.
    std::fs::remove_file(folder.path("api/Dockerfile")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path("api/Dockerfile")).unwrap();
    let report = compared(&folder, &[]);
    assert_eq!(report["images"][0]["state"], "removed", "{report}");
}

#[test]
fn what_is_not_committed_in_a_submodule_is_said() {
    let folder = project();
    let inner = folder.path("api/lib");
    std::fs::create_dir_all(&inner).unwrap();
    folder.write("api/lib/file", "1");
    git(&folder, &["-C", "api/lib", "init", "-q", "-b", "main"]);
    git(&folder, &["-C", "api/lib", "add", "-A"]);
    git(&folder, &["-C", "api/lib", "commit", "-q", "-m", "x"]);
    folder.write(".gitmodules", "[submodule \"lib\"]\n\tpath = api/lib\n\turl = ./lib\n");
    commit(&folder);
    git(&folder, &["branch", "-q", "-f", "main"]);
    assert_eq!(compared(&folder, &[])["notes"], json!([]));
    folder.write("api/lib/file", "22");
    let notes = compared(&folder, &[])["notes"].to_string();
    assert!(notes.contains("api/lib: what is not committed in this submodule"), "{notes}");
}

#[test]
fn a_minus_is_standard_output() {
    let folder = project();
    folder.write("api/app", "application");
    let plain = folder.run(&["compare", "main", "--format", "markdown"]).out;
    let named = folder.run(&["compare", "main", "--format", "markdown", "-o", "-"]).out;
    assert_eq!((named.is_empty(), named), (false, plain));
    assert!(folder.run(&["size", "api", "-o", "-"]).out.contains("COPY models"));
    assert!(!folder.path("-").exists());
}

#[test]
fn all_fields_of_the_comparison_have_a_row() {
    let folder = project();
    folder.write("api/Dockerfile", format!("{APP}RUN x\n"));
    folder.write("api/models/big", "x".repeat(12_000));
    let report = compared(&folder, &["--max-growth", "1kB"]);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    let cache = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cache.md")).unwrap();
    let start = page.find("\n## `dlint compare --format json`\n").unwrap();
    let section = &page[start..start + 4 + page[start + 4..].find("\n## ").unwrap()];
    let missing: Vec<String> = crate::docs::field_names(&report)
        .into_iter()
        .filter(|name| ![section, &cache].iter().any(|page| page.contains(&format!("`{name}`"))))
        .collect();
    assert!(missing.is_empty(), "docs: compare writes {missing:?}, which no row explains");
}

#[test]
fn the_page_has_both_plans_in_one_scale() {
    let folder = project();
    folder.write("api/models/big", "x".repeat(39));
    let page = folder.run(&["compare", "main", "--format", "html"]).out;
    // 13 B before, 52 B after: a quarter of the area.
    assert!(page.contains("--first:0.5000fr;--after:1.0000fr"), "{page}");
    assert!(page.contains("Before: 13 B") && page.contains("After: 52 B"), "{page}");
    assert!(page.contains("<h3 id=\"image-1\">"), "{page}");
}
