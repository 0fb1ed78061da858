//! `dlint size` without an image: the plan of the layers.

use super::Folder;

const TEXT: &str = "ARG BASE=debian:12\nFROM $BASE AS base\nRUN apt-get update && apt-get install -y curl\n\
                    FROM base AS app\nCOPY data /data\nRUN chown -R 1000 /data\nRUN rm -rf /data\nRUN make\n\
                    FROM base AS other\nCOPY data/small /small\n";

fn folder() -> Folder {
    let folder = Folder::with(TEXT);
    folder.write("data/large.bin", vec![0; 3_000_000]);
    folder.write("data/small", vec![0; 7]);
    folder
}

fn json(folder: &Folder, args: &[&str]) -> serde_json::Value {
    let ran = folder.run(&[&["size", "--format", "json"], args].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    ran.json()
}

fn rows(json: &serde_json::Value) -> Vec<String> {
    let stages = json["stages"].as_array().unwrap().iter().filter(|s| s["in_image"] == true);
    let rows = stages.flat_map(|s| s["rows"].as_array().unwrap());
    rows.map(|r| format!("{} {} {}", r["lines"][0], r["sum"]["bytes"], r["known_by"].as_str().unwrap()))
        .collect()
}

#[test]
fn people_see_layers_waste_and_sum() {
    let folder = folder();
    let ran = folder.run(&["size", "--target", "app"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!("the_plan", ran.out);
}

#[test]
fn a_target_is_planned_with_what_it_starts_from() {
    let folder = folder();
    let app = json(&folder, &["--target", "app"]);
    let found = rows(&app);
    assert_eq!(found[0], "2 116660000 catalogue");
    assert!(found[1].ends_with(" estimated"), "{found:?}");
    assert_eq!(found[2..], ["5 3000007 measured", "6 3000007 measured", "7 0 measured", "8 0 unknown"]);
    assert_eq!((app["target"].as_str(), app["image"]["unknown"].as_u64()), (Some("app"), Some(1)));
    // Without one, the last stage.
    assert_eq!(rows(&json(&folder, &[])).last().unwrap(), "10 7 measured");
    assert_eq!(rows(&json(&folder, &["./", "--target", "APP"])), found);
}

#[test]
fn advice_counts_the_same_bytes_once() {
    let app = json(&folder(), &["--target", "app"]);
    let advice = app["advice"].as_array().unwrap();
    let of =
        |rule: &str| advice.iter().find(|a| a["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {app:#}"));
    assert_eq!(of("run-wastes-layer")["bytes"], 3_000_007);
    assert_eq!(of("run-wastes-layer")["counted"], 3_000_007);
    assert_eq!(of("cleanup-in-later-layer")["counted"], 3_000_007);
    let counted: u64 = advice.iter().map(|a| a["counted"].as_u64().unwrap()).sum();
    let bytes = |sum: &str| app[sum]["bytes"].as_u64().unwrap();
    assert_eq!(bytes("image") - bytes("after"), counted);
}

#[test]
fn build_arguments_count_and_unknown_ones_are_said() {
    let folder = folder();
    let scratch = json(&folder, &["--build-arg", "BASE=scratch", "--build-arg", "HTTP_PROXY=x"]);
    assert_eq!((rows(&scratch)[0].as_str(), &scratch["notes"]), ("2 0 measured", &serde_json::json!([])));
    let notes = &json(&folder, &["--build-arg", "BSE=scratch"])["notes"];
    assert_eq!(notes[0], "no ARG declares the build argument BSE, so it does nothing");
}

#[test]
fn limits_make_the_exit_code() {
    let folder = folder();
    let ran = folder.run(&["size", "-q", "--max-size", "1GB", "--max-wasted", "1kB"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(
        ran.out.contains("passed: --max-size") && ran.out.contains("failed: --max-wasted"),
        "{}",
        ran.out
    );
    assert_eq!(folder.run(&["size", "-q", "--max-size", "1GB"]).code, 0);
}

#[test]
fn what_cannot_be_planned_is_one_sentence() {
    let folder = folder();
    folder.write("none/x", "");
    folder.write("empty/Dockerfile", "# nothing\n");
    for (args, want) in [
        (vec!["none"], "there is no Dockerfile in none"),
        (vec!["gone/Dockerfile"], "gone/Dockerfile does not exist"),
        (vec!["empty"], "empty/Dockerfile: there is no FROM, so there is nothing to build"),
        (vec!["--target", "ap"], "there is no stage `ap`: did you mean `app`?"),
        (vec!["--platform", "linus"], "`linus` is not a platform: write it as in `linux/arm64`"),
        (vec!["--build-arg", "=x"], "--build-arg is written as KEY=VALUE, not `=x`"),
    ] {
        let ran = folder.run(&[&["size"], &args[..]].concat());
        assert_eq!((ran.code, ran.out.as_str(), ran.err.trim()), (2, "", &*format!("dlint: {want}")));
    }
}

#[test]
fn without_a_dockerfile_the_builds_of_the_folder_are_named() {
    let folder = Folder::new();
    let says = |folder: &Folder| folder.run(&["size"]).err;
    assert_eq!(says(&folder).trim(), "dlint: there is no Dockerfile in .");
    folder.write("api/Dockerfile", "FROM scratch\n");
    folder.write("compose.yaml", "services:\n  api:\n    build: api\n");
    let want = "dlint: there is no Dockerfile in .; `--entry` chooses the build `api`";
    assert_eq!(says(&folder).trim(), want);
    let more = "services:\n  api:\n    build: api\n  web:\n    build: {context: api, target: x}\n";
    folder.write("compose.yaml", more);
    let want = "dlint: there is no Dockerfile in .; choose one of the builds `api`, `web` with `--entry`";
    assert_eq!(says(&folder).trim(), want);
    assert_eq!(folder.run(&["size", "--no-entries"]).err.trim(), "dlint: there is no Dockerfile in .");
}

#[test]
fn nothing_of_the_input_reaches_the_terminal_as_a_code() {
    let folder = Folder::with("FROM scratch AS a\nCOPY \"\u{1b}[31mred\" /x\nRUN \u{202e}tool \u{7}\n");
    let ran = folder.run(&["size"]);
    assert_eq!(ran.code, 0);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{:?}", ran.out);
}

#[test]
fn what_does_not_build_has_no_size() {
    let folder = Folder::with("FRM alpine:3.20\nCOPY a /a\n");
    folder.write("a", "a");
    let ran = folder.run(&["size", "--max-size", "1GB"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let note = "the Dockerfile does not build, so there is no image: line 1: there is no instruction `FRM`";
    assert!(ran.out.replace("\n      ", " ").contains(note), "{}", ran.out);
    let row = &folder.run(&["size", "--all", "--format", "json"]).json()["targets"][0];
    assert!(row["image"].is_null(), "{row}");
}

#[test]
fn what_lies_installed_beside_a_dockerfile_is_known() {
    let folder = Folder::with("FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\n");
    folder.write("package.json", "{}");
    folder.write(".dockerignore", "node_modules\n");
    let last = |folder: &Folder| rows(&json(folder, &[])).pop().unwrap();
    assert_eq!(last(&folder), "4 0 unknown");
    folder.write("node_modules/a/index.js", vec![b'x'; 2_000_000]);
    assert_eq!(last(&folder), "4 0 unknown");
    folder.write("node_modules/.package-lock.json", "{}");
    // What npm keeps of its downloads is not.
    assert_eq!(last(&folder), "4 2000002 unknown");
    folder.write("Dockerfile", "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev && npm cache clean --force\n");
    assert_eq!(last(&folder), "4 1000001 installed");
    let ran = folder.run(&["size"]);
    assert!(
        ran.out.contains("a part of the packages in `node_modules` (measured in `node_modules`)"),
        "{ran:?}"
    );
}
