//! `dlint lock --image`, and what `dlint size` knows by it.

use std::fs;

use serde_json::Value;

use super::size::{digest, layer, save};
use super::{Folder, Ran};

const TEXT: &str = "FROM debian:12 AS app\nRUN make tools\nCOPY src /src/\nRUN make app\n";
const HISTORY: [&str; 4] = [
    "/bin/sh -c #(nop) ADD file:0123 in / ",
    "RUN /bin/sh -c make tools # buildkit",
    "COPY src /src/ # buildkit",
    "RUN /bin/sh -c make app # buildkit",
];
const BYTES: [usize; 4] = [9_000_000, 2_000, 1_234, 70_000];

/// A project, and the image that was built from it: one file of so many bytes for each layer.
fn built(text: &str, history: &[&str], bytes: &[usize]) -> Folder {
    let folder = Folder::with(text);
    folder.write("src/main.c", vec![b'x'; 1_234]);
    fs::create_dir(folder.path(".git")).unwrap();
    let layers: Vec<Vec<u8>> =
        bytes.iter().enumerate().map(|(at, bytes)| layer(&[(format!("f{at}").as_str(), *bytes)])).collect();
    let digests: Vec<String> = layers.iter().map(|layer| digest(&folder, layer)).collect();
    fs::remove_file(folder.path("probe.tar")).unwrap();
    folder.write("app.tar", save(&layers, &digests, history));
    folder
}

fn learn(folder: &Folder) -> Ran {
    let ran = folder.run(&["lock", "--image", "app.tar"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    ran
}

fn learned() -> Folder {
    let folder = built(TEXT, &HISTORY, &BYTES);
    learn(&folder);
    folder
}

/// Line, bytes, source of knowledge and state of the rows of the image.
fn rows(folder: &Folder) -> Vec<String> {
    let json = folder.run(&["size", "--format", "json"]).json();
    let stages = json["stages"].as_array().unwrap().iter().filter(|stage| stage["in_image"] == true);
    let row = |row: &Value| {
        let state = row["lock"]["state"].as_str().unwrap_or("-").to_owned();
        let changed: Vec<&str> =
            row["lock"]["changed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let parts = [
            row["lines"][0].to_string(),
            row["sum"]["bytes"].to_string(),
            row["known_by"].as_str().unwrap().to_owned(),
            state,
            changed.join(","),
        ];
        parts.join(" ").trim_end().to_owned()
    };
    stages.flat_map(|stage| stage["rows"].as_array().unwrap()).map(row).collect()
}

#[test]
fn a_build_is_learned_to_the_byte() {
    let folder = built(TEXT, &HISTORY, &BYTES);
    let ran = learn(&folder);
    assert!(
        ran.out.starts_with("dlint.lock: learned 4 of 4 rows of ./Dockerfile from app.tar (linux/amd64)\n")
            || ran
                .out
                .starts_with("dlint.lock: learned 4 of 4 rows of Dockerfile from app.tar (linux/amd64)\n"),
        "{}",
        ran.out
    );
    let unchanged =
        ["1 9000000 learned as-built", "2 2000 learned exact", "3 1234 measured -", "4 70000 learned exact"];
    assert_eq!(rows(&folder), unchanged);
    let lock = folder.read("dlint.lock");
    assert_eq!(lock.lines().nth(1), Some("version = 1"));
    assert_eq!(lock.lines().filter(|line| line.contains("what = ")).count(), 4);
    assert!(lock.contains("[layer.\"Dockerfile app linux/amd64\"]\n"), "{lock}");
    assert!(!lock.contains("make"), "{lock}");
    // Learning it again changes nothing, and the file itself is no input.
    learn(&folder);
    assert_eq!(folder.read("dlint.lock"), lock);
    // Nor do comments, blanks and lines that are joined.
    folder.write("Dockerfile", TEXT.replace("RUN make app", "# Why.\n\nRUN make \\\n  # how\n    app"));
    assert_eq!(rows(&folder)[1..3], unchanged[1..3]);
    assert_eq!(rows(&folder)[3], "6 70000 learned exact");
    assert_eq!(folder.run(&["size", "--locked", "--quiet"]).code, 0);
}

#[test]
fn a_source_file_makes_what_is_behind_it_older() {
    let folder = learned();
    folder.write("src/main.c", "changed");
    assert_eq!(
        rows(&folder),
        [
            "1 9000000 learned as-built",
            "2 2000 learned exact",
            "3 7 measured -",
            "4 70000 learned older files"
        ]
    );
    let json = folder.run(&["size", "--format", "json"]).json();
    let sum = &json["stages"][0]["rows"][3]["sum"];
    assert!(sum["least"].as_u64() < Some(70_000) && sum["most"].as_u64() > Some(140_000), "{sum}");
    let source = json["stages"][0]["rows"][3]["pieces"][0]["source"].as_str().unwrap();
    assert!(source.starts_with("learned 2") && source.ends_with(", older: files changed"), "{source}");
    let ran = folder.run(&["size", "--locked", "--quiet"]);
    assert_eq!((ran.code, ran.out.trim()), (1, "failed: --locked: line 4 is older (files changed)"));
}

#[test]
fn a_changed_instruction_is_not_known_and_what_follows_is_older() {
    let folder = learned();
    folder.write("Dockerfile", TEXT.replace("make tools", "make other tools"));
    let found = rows(&folder);
    assert_eq!(found[1], "2 0 unknown missing");
    assert_eq!(found[3], "4 70000 learned older earlier steps");
    folder.write("Dockerfile", TEXT.replace("RUN make app", "ENV A=1\nRUN make app"));
    assert_eq!(rows(&folder)[3], "5 70000 learned older settings");
    folder.write("Dockerfile", TEXT.replace("debian:12", "debian:13"));
    let found = rows(&folder);
    assert!(found[0].ends_with(" catalogue missing"), "{found:?}");
    assert_eq!(found[1], "2 2000 learned older base image");
    let ran = folder.run(&["size", "--locked", "--quiet"]);
    let said = "failed: --locked: line 1 is missing; line 2 is older (base image changed); line 4 is older (base image changed)";
    assert_eq!((ran.code, ran.out.trim()), (1, said));
}

#[test]
fn equal_instructions_are_told_apart_by_their_order() {
    let text = "FROM debian:12\nRUN make\nRUN make\n";
    let history = [HISTORY[0], "RUN /bin/sh -c make # buildkit", "RUN /bin/sh -c make # buildkit"];
    let folder = built(text, &history, &[5, 70, 800]);
    learn(&folder);
    assert_eq!(rows(&folder), ["1 5 learned as-built", "2 70 learned exact", "3 800 learned exact"]);
}

#[test]
fn what_an_argument_the_network_or_the_time_decides_is_never_exact() {
    let text = "FROM debian:12\nRUN make first\nARG TOKEN\nARG LEVEL=1\nRUN make\n";
    let history = [
        HISTORY[0],
        "RUN /bin/sh -c make first # buildkit",
        "RUN |2 TOKEN=hunter2 LEVEL=15 /bin/sh -c make # buildkit",
    ];
    let folder = built(text, &history, &[5, 70, 800]);
    learn(&folder);
    assert_eq!(rows(&folder), ["1 5 learned as-built", "2 70 learned exact", "5 800 learned as-built"]);
    let lock = folder.read("dlint.lock");
    assert!(lock.contains("args = [\"LEVEL\", \"TOKEN\"]") && !lock.contains("hunter2"), "{lock}");
    // The value is no part of any hash, either.
    let folder =
        built(text, &[history[0], history[1], &history[2].replace("hunter2", "other")], &[5, 70, 800]);
    learn(&folder);
    assert_eq!(folder.read("dlint.lock"), lock);

    // With a default, and without another value from outside, it is exact.
    let text = "FROM debian:12\nARG LEVEL=1\nRUN make\n";
    let folder = built(text, &[HISTORY[0], "RUN |1 LEVEL=1 /bin/sh -c make # buildkit"], &[5, 70]);
    learn(&folder);
    assert_eq!(rows(&folder)[1], "3 70 learned exact");
    let told = folder.run(&["size", "--format", "json", "--build-arg", "LEVEL=2"]).json();
    assert_eq!(told["stages"][0]["rows"][1]["lock"]["state"], "as-built");
    folder.write("Dockerfile", text.replace("LEVEL=1", "LEVEL=2"));
    assert_eq!(rows(&folder)[1], "3 70 learned older settings");

    for run in [
        "curl -O https://example.com/x",
        "apt-get install -y gcc",
        "git clone $REPO",
        "$TOOL build",
        "npm ci",
        "gzip -9 /n",
        "tar -czf /o.tgz /src",
    ] {
        let history = [HISTORY[0].to_owned(), format!("RUN /bin/sh -c {run} # buildkit")];
        let folder =
            built(&format!("FROM debian:12\nRUN {run}\n"), &history.each_ref().map(String::as_str), &[5, 70]);
        learn(&folder);
        assert_eq!(rows(&folder)[1], "2 70 learned as-built", "{run}");
        assert_eq!(folder.run(&["size", "--locked", "--quiet"]).code, 0, "{run}");
    }
}

#[test]
fn other_stages_count_by_what_they_are_made_from() {
    let text = "FROM debian:12 AS build\nCOPY src /src/\nRUN make\nFROM scratch\nCOPY --from=build /out /\n";
    let folder = built(text, &["COPY /out / # buildkit"], &[4_000]);
    learn(&folder);
    assert_eq!(rows(&folder), ["4 0 measured -", "5 4000 learned exact"]);
    folder.write("src/new.c", "more");
    assert_eq!(rows(&folder)[1], "5 4000 learned older files");
}

#[test]
fn the_lock_file_in_the_context_changes_nothing() {
    let text = "FROM debian:12\nCOPY . /src/\nRUN make\n";
    let history = [HISTORY[0], "COPY . /src/ # buildkit", "RUN /bin/sh -c make # buildkit"];
    let folder = built(text, &history, &[5, 1_234 + text.len(), 70]);
    let image = folder.path("image.tar");
    fs::rename(folder.path("app.tar"), &image).unwrap();
    folder.write(".dockerignore", "*.tar\n.git\n.dockerignore\n");
    let run = || folder.run(&["lock", "--image", "image.tar"]);
    assert!(!run().out.contains("older"), "{}", run().out);
    assert_eq!(rows(&folder)[2], "3 70 learned exact");
    let again = run();
    assert!(again.out.contains("note: dlint.lock is in the build context"), "{}", again.out);
    assert_eq!(rows(&folder)[2], "3 70 learned exact");
    // The Dockerfile is there, too, and it counts.
    folder.write("Dockerfile", format!("# new\n{text}"));
    assert_eq!(rows(&folder)[2], "4 70 learned older files");
}

#[test]
fn files_that_have_changed_since_the_build_are_seen() {
    let folder = built(TEXT, &HISTORY, &BYTES);
    folder.write("src/more.c", "later");
    let ran = learn(&folder);
    assert!(ran.out.contains("note: line 3: the files here are not those of the image"), "{}", ran.out);
    assert_eq!(rows(&folder)[1], "2 2000 learned exact");
    assert_eq!(rows(&folder)[3], "4 70000 learned older files");
}

#[test]
fn an_image_of_another_dockerfile_teaches_nothing() {
    let folder = built(TEXT, &HISTORY, &BYTES);
    folder.write("Dockerfile", "FROM debian:12\nRUN one\nRUN two\nCOPY src /elsewhere/\n");
    let ran = folder.run(&["lock", "--image", "app.tar"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(!folder.path("dlint.lock").exists());
    assert_eq!(folder.run(&["lock"]).code, 2);
}

#[test]
fn a_lock_file_that_is_none_is_said_and_left_alone() {
    let folder = learned();
    for text in ["version = 9\n", "\u{1b}[31m", "version = 1\n[layer.\"\\u001b[2J\"]\n"] {
        folder.write("dlint.lock", text);
        let ran = folder.run(&["size"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("dlint.lock: line "), "{}", ran.err);
        assert!(!ran.err.contains('\u{1b}') && ran.err.trim().lines().count() == 1, "{:?}", ran.err);
        assert!(ran.out.contains("RUN make app"), "{}", ran.out);
        assert_eq!(folder.run(&["lock", "--image", "app.tar"]).code, 2);
        assert_eq!(folder.read("dlint.lock"), text);
    }
    folder.write("dlint.lock", vec![b'\n'; 50 << 20]);
    let ran = folder.run(&["size"]);
    assert!(ran.code == 2 && ran.err.contains("it is larger than 8 MiB"), "{}", ran.err);
    fs::remove_file(folder.path("dlint.lock")).unwrap();
    let ran = folder.run(&["size", "--locked", "--quiet"]);
    assert_eq!(
        (ran.code, ran.out.trim()),
        (1, "failed: --locked: there is no dlint.lock: `dlint lock` makes it")
    );
}

#[test]
fn builds_share_a_file() {
    let folder = learned();
    let before = folder.read("dlint.lock");
    folder.write("other/Dockerfile", TEXT);
    folder.write("other/src/main.c", vec![b'x'; 1_234]);
    let ran = folder.run(&["lock", "other", "--image", "app.tar"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let both = folder.read("dlint.lock");
    assert!(before.lines().all(|line| both.contains(line)), "{both}");
    assert!(both.contains("[layer.\"other/Dockerfile app linux/amd64\"]"), "{both}");
    assert_eq!(folder.run(&["size", "other", "--locked", "--quiet"]).code, 0);
}
