//! `dlint compare` of images that are there on one side only, or otherwise.

use serde_json::{Value, json};

use super::compare::{APP, compared, limited, project};
use super::git::{commit, git, repository};

#[test]
fn what_builds_again_is_no_growth_and_a_binary_file_is_not_removed() {
    let folder = project();
    folder.write("api/Dockerfile", format!("{APP}COPY x\n"));
    commit(&folder);
    git(&folder, &["branch", "-q", "-f", "main"]);
    folder.write("api/app", "application");
    // It builds no more than before.
    assert_eq!(compared(&folder, &[])["images"], json!([]));
    folder.write("api/Dockerfile", APP);
    let (code, out) = limited(&folder);
    let said = "api/Dockerfile builds to 21 B now; before, it did not: line 6: ";
    assert!(code == 0 && out.contains(said), "{out}");
    let report = compared(&folder, &["--max-growth", "1B"]);
    let image = &report["images"][0];
    assert_eq!((&image["growth"]["bytes"], &report["sum"]["bytes"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!((&image["fault"], &image["before"]), (&Value::Null, &Value::Null), "{image}");

    commit(&folder);
    git(&folder, &["branch", "-q", "-f", "main"]);
    for side in ["its new content is not readable text", "its old content is not readable text"] {
        folder.write("api/Dockerfile", format!("{APP}\0"));
        if side.starts_with("its old") {
            commit(&folder);
            git(&folder, &["branch", "-q", "-f", "main"]);
            folder.write("api/Dockerfile", APP);
        }
        let report = folder.run(&["compare", "main", "--format", "json"]).json();
        assert_eq!(report["images"], json!([]), "{report}");
        assert_eq!(report["notes"], json!([format!("api/Dockerfile is not compared: {side}")]), "{report}");
    }
}

#[test]
fn one_more_platform_is_no_other_image() {
    let folder = project();
    let compose =
        |platforms: &str| format!("services:\n  a:\n    build: {{context: api, platforms: [{platforms}]}}\n");
    for text in [APP.replace("scratch", "alpine:3.20"), APP.replace("USER", "ARG TARGETARCH\nUSER")] {
        folder.write("api/Dockerfile", &text);
        folder.write("compose.yaml", compose("linux/amd64"));
        commit(&folder);
        git(&folder, &["branch", "-q", "-f", "main"]);
        for platforms in ["linux/amd64, linux/arm64", "linux/arm64, linux/amd64"] {
            folder.write("compose.yaml", compose(platforms));
            let report = compared(&folder, &[]);
            let images = report["images"].as_array().unwrap();
            let said: Vec<String> =
                images.iter().map(|i| format!("{} {} {}", i["state"], i["platform"], i["reasons"])).collect();
            let expected = match text.contains("TARGETARCH") {
                true => r#""new" "linux/arm64" []"#,
                false => r#""changed" "linux/amd64" ["it is now built for linux/arm64, too"]"#,
            };
            assert_eq!(said, [expected], "{report}");
            let growth = &images[0]["growth"]["bytes"];
            assert!(*growth == json!(0) || images[0]["state"] == "new", "{report}");
        }
        let out = folder.run(&["compare", "main"]).out;
        let title = "api/Dockerfile (compose.yaml: a) for linux/arm64 is new";
        assert_eq!(out.contains(title), text.contains("TARGETARCH"), "{out}");
        folder.write("compose.yaml", compose("linux/arm64, linux/amd64"));
        commit(&folder);
        git(&folder, &["branch", "-q", "-f", "main"]);
        folder.write("compose.yaml", compose("linux/amd64"));
        let image = &compared(&folder, &[])["images"][0];
        let gone = json!(["it is no longer built for linux/arm64"]);
        assert!(image["state"] == "removed" || image["reasons"] == gone, "{image}");
    }
}

#[test]
fn a_dockerfile_that_only_moves_keeps_the_cache() {
    let folder = repository(&[("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", "1"), ("b/x", "1")]);
    git(&folder, &["mv", "Dockerfile", "app.Dockerfile"]);
    let image = &compared(&folder, &[])["images"][0];
    assert_eq!(image["cache"], json!({"steps": 1, "rebuilt": []}), "{image}");
    let folder = repository(&[("Dockerfile", "FROM scratch\n")]);
    git(&folder, &["mv", "Dockerfile", "app.Dockerfile"]);
    let out = folder.run(&["compare", "main"]).out;
    assert!(out.contains("build cache: nothing is built upon the base image"), "{out}");
}
