use std::fs;

use dockerignore::IgnoreFile;
use tempfile::TempDir;

use super::*;
use crate::context::{ChangeQuery, Detail, ScanRequest, scan_changes};
use crate::semantic::{Analysis, Build, BuildContext, Model, manifest_patterns};
use crate::syntax;
use crate::text::Source;

fn tree(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for path in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    dir
}

/// The layers of a build as `line fate`, with the line that is the cause: `5 rebuilt <3`.
fn judged(dockerfile: &str, files: &[&str], target: Option<&str>, changed: &[&str]) -> Vec<String> {
    let build = Build { target: target.map(str::to_owned), ..Build::default() };
    judged_in(Store::Merging, &build, dockerfile, None, files, changed)
}

/// The same of a build that is told something, after one of another Dockerfile.
fn judged_in(
    store: Store,
    build: &Build,
    dockerfile: &str,
    old: Option<&str>,
    files: &[&str],
    changed: &[&str],
) -> Vec<String> {
    let dir = tree(files);
    let file = syntax::parse(Source::from_text("Dockerfile", dockerfile));
    let old = old.map(|old| Model::of_build(syntax::parse(Source::from_text("Dockerfile", old)), build));
    let model = Analysis::new(Model::of_build(file, build));
    let queries = model.source_queries();
    let any = changed.is_empty();
    let change = ChangeQuery {
        paths: if any { vec![".".to_owned()] } else { changed.iter().map(ToString::to_string).collect() },
        excludes: if any { manifest_patterns() } else { Vec::new() },
    };
    let ignore = IgnoreFile::parse("ignored\n");
    let request = ScanRequest {
        root: dir.path().to_path_buf(),
        tree: &crate::tree::DISK,
        ignore: Some(&ignore),
        queries: queries.clone(),
        detail: Detail::Lint,
        progress: None,
    };
    let (scan, changes) = scan_changes(&request, &change).unwrap();
    let model = model.with_context(Some(BuildContext { scan, ..BuildContext::default() }.into()));
    let line = |step: usize| model.instruction(step).lines.0;
    let question = Question {
        below: &std::collections::BTreeMap::new(),
        queries: &queries,
        changes: &changes,
        any,
        files_change: true,
        flips: &[],
        unsure: &[],
        old: old.as_ref(),
        unknown_dockerfile: false,
        unknown_contexts: false,
        other_contexts: &std::collections::BTreeSet::new(),
        store,
    };
    judge(&model, &question)
        .iter()
        .map(|layer| {
            let fate = match layer.fate {
                Fate::Kept => "kept",
                Fate::Perhaps => "perhaps",
                Fate::Rebuilt => "rebuilt",
            };
            let why = match &layer.why {
                Why::Untouched => String::new(),
                Why::Elsewhere => " elsewhere".to_owned(),
                Why::Linked { step } => format!(" link|{}", line(*step)),
                Why::Takes { changes, files, .. } => format!(" takes {changes}/{files}"),
                Why::Follows { step } => format!(" <{}", line(*step)),
                Why::UnknownSource { .. } => " unknown".to_owned(),
                Why::Fails { .. } => " fails".to_owned(),
                Why::MissingSource { .. } => " missing".to_owned(),
                Why::FromStage { stage, .. } => format!(" from {stage}"),
                Why::OnStage { stage } => format!(" on {stage}"),
                other => format!(" {other:?}"),
            };
            format!("{} {fate}{why}", line(layer.step))
        })
        .collect()
}

const NODE: &str = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nENV A=b\nRUN npm ci\nCOPY . .\n\
                    RUN npm run build\nUSER node\nCMD [\"node\", \"a.js\"]\n";

#[test]
fn a_layer_is_rebuilt_with_what_it_takes_and_what_is_below() {
    let files = ["package.json", "a.js", "ignored/b.js"];
    assert_eq!(
        judged(NODE, &files, None, &[]),
        ["1 kept elsewhere", "2 kept", "3 kept", "5 kept", "6 rebuilt takes 1/1", "7 rebuilt <6"]
    );
    assert_eq!(
        judged(NODE, &files, None, &["package.json", "a.js"]),
        [
            "1 kept elsewhere",
            "2 kept",
            "3 rebuilt takes 1/1",
            "5 rebuilt <3",
            "6 rebuilt takes 2/2",
            "7 rebuilt <3"
        ]
    );
    for nothing in ["ignored/b.js", "ignored", "ignored/gone"] {
        assert!(judged(NODE, &files, None, &[nothing]).iter().all(|l| l.contains("kept")), "{nothing}");
    }
    // A deleted file is a change of the folder that it was in.
    assert_eq!(judged(NODE, &files, None, &["gone.js"])[4], "6 rebuilt takes 1/0");
}

#[test]
fn stages_are_built_each_by_itself() {
    let text = "FROM golang AS build\nCOPY src /src\nRUN go build\n\
                FROM node AS web\nCOPY web /web\nRUN npm ci\n\
                FROM build AS test\nRUN go test\n\
                FROM scratch\nCOPY --from=build /app /app\nCOPY --from=web /web /web\nCOPY conf /conf\n";
    let files = ["src/a", "web/b", "conf/c"];
    assert_eq!(
        judged(text, &files, None, &["src/a"]),
        [
            "1 kept elsewhere",
            "2 rebuilt takes 1/1",
            "3 rebuilt <2",
            "4 kept elsewhere",
            "5 kept",
            "6 kept",
            "9 kept elsewhere",
            "10 perhaps from 0",
            "11 perhaps <10",
            "12 perhaps <10",
        ]
    );
    assert_eq!(judged(text, &files, None, &["conf"])[9..], ["12 rebuilt takes 1/1"]);
    assert_eq!(
        judged(text, &files, Some("test"), &["src"]),
        ["1 kept elsewhere", "2 rebuilt takes 1/1", "3 rebuilt <2", "7 rebuilt on 0", "8 rebuilt <2"]
    );
}

#[test]
fn a_linked_copy_goes_by_its_content_alone() {
    let text = "FROM a\nCOPY a /a\nCOPY --link b /b\nADD --link=false c /c\nRUN x\n";
    assert_eq!(
        judged(text, &["a", "b", "c"], None, &["a"]),
        ["1 kept elsewhere", "2 rebuilt takes 1/1", "3 kept link|2", "4 rebuilt <2", "5 rebuilt <2"]
    );
    assert_eq!(
        judged(text, &["a", "b", "c"], None, &["b"])[1..],
        ["2 kept", "3 rebuilt takes 1/1", "4 rebuilt <3", "5 rebuilt <3"]
    );
}

#[test]
fn bind_mounts_count_and_other_mounts_do_not() {
    let text = "FROM a AS b\nCOPY x /x\nFROM a\nRUN --mount=type=bind,source=y,target=/y make\n\
                RUN --mount=type=cache,target=/c --mount=type=secret,id=s make\nRUN --mount=from=b,target=/b make\n\
                RUN --mount=target=/all make\n";
    let files = ["x", "y"];
    assert_eq!(
        judged(text, &files, None, &["x"])[2..],
        ["3 kept elsewhere", "4 kept", "5 kept", "6 rebuilt from 0", "7 rebuilt takes 1/1"]
    );
    assert_eq!(judged(text, &files, None, &["y"])[3..5], ["4 rebuilt takes 1/1", "5 rebuilt <4"]);
}

#[test]
fn what_cannot_be_known_is_not_guessed() {
    let text = "ARG V\nFROM a\nARG W\nCOPY app-$W.jar /app\nADD https://example.com/x /x\nCOPY dist /dist\n\
                COPY package*.json /\nCOPY <<EOF /e\nhello\nEOF\n";
    let layers = judged(text, &["other"], None, &[]);
    assert_eq!(
        layers[1..],
        ["4 perhaps unknown", "5 perhaps <4", "6 perhaps missing", "7 perhaps <4", "8 perhaps <4"]
    );
    let text = "FROM a\nADD https://example.com/x /x\nCOPY package*.json /\nCOPY <<EOF /e\nhello\nEOF\nCOPY dist /dist\n";
    let layers = judged(text, &["other"], None, &[]);
    assert_eq!(layers[1..], ["2 kept elsewhere", "3 kept", "4 kept", "7 perhaps missing"]);
}

#[test]
fn a_stage_that_a_variable_chooses() {
    let text =
        "FROM a AS app-linux\nCOPY s /s\nFROM a AS app-windows\nCOPY t /t\nFROM app-$TARGETOS\nRUN x\n";
    assert_eq!(judged(text, &["s", "t"], None, &["t"])[4..], ["5 perhaps on 1", "6 perhaps <4"]);
    assert_eq!(judged(text, &["s", "t"], None, &["other"])[4..], ["5 kept elsewhere", "6 kept"]);
}

#[test]
fn circles_and_later_stages_end() {
    let text = "FROM a AS x\nCOPY --from=y /a /a\nFROM a AS y\nCOPY s /s\nFROM a\nCOPY --from=x / /\n";
    assert_eq!(
        judged(text, &["s"], None, &["s"]),
        [
            "1 kept elsewhere",
            "2 kept from 1",
            "3 kept elsewhere",
            "4 rebuilt takes 1/1",
            "5 kept elsewhere",
            "6 kept"
        ]
    );
    let text = "FROM a AS x\nCOPY --from=y /a /a\nFROM a AS y\nCOPY --from=x /s /s\nCOPY s /s\n";
    assert_eq!(judged(text, &["s"], None, &["s"]).len(), 5);
}

/// The layers after a Dockerfile was edited and nothing else changes, as `line fate`.
fn edited(old: &str, new: &str) -> Vec<String> {
    let build = Build { all_args: true, ..Build::default() };
    let files = ["a", "b"];
    let layers = judged_in(Store::Unknown, &build, new, Some(old), &files, &["nothing"]);
    layers.into_iter().map(|layer| layer.replace("Changed(", "").replace(')', "")).collect()
}

#[test]
fn an_edited_dockerfile_is_judged_by_what_it_means() {
    let old = "FROM x:1 AS one\nENV A=1 B=2\nWORKDIR /w\nCOPY a ./\nRUN make\nUSER app\nCMD [\"x\"]\n";
    let kept = ["kept elsewhere", "kept", "kept", "kept"];
    let fates = |new: &str| -> Vec<String> {
        edited(old, new).iter().map(|l| l.split_once(' ').map_or("", |(_, fate)| fate).to_owned()).collect()
    };
    for same in [
        "from docker.io/library/x:1 as two\n# why\nENV A=1\nENV \"B\"=2\nEXPOSE 1\nworkdir   /w\nCOPY [\"./a\", \"/w/\"]\n\nRUN   make  \nVOLUME /v\nENTRYPOINT x\n",
        "FROM x:1\nARG A=1 B=2\nWORKDIR /w\nCOPY a ./\nRUN [\"/bin/sh\", \"-c\", \"make\"]\nENV Z=1\n",
    ] {
        assert_eq!(fates(same), kept, "{same}");
    }
    assert_eq!(fates(&old.replace("B=2", "B=3"))[1..], ["kept", "kept", "rebuilt Variables([\"B\"]"]);
    assert_eq!(
        fates(&old.replace("WORKDIR", "USER u\nWORKDIR"))[1..],
        ["rebuilt User", "rebuilt <4", "rebuilt <4"]
    );
    assert_eq!(fates(&old.replace("RUN", "SHELL [\"a\"]\nRUN"))[1..], ["kept", "kept", "rebuilt Shell"]);
    assert_eq!(fates(&old.replace("RUN", "USER u\nRUN"))[1..], ["kept", "kept", "rebuilt User"]);
    assert_eq!(fates(&old.replace("COPY a", "COPY b a"))[1..], ["kept", "rebuilt Instruction", "rebuilt <4"]);
    assert_eq!(fates(&old.replace("x:1", "x:2"))[..2], ["rebuilt Base", "rebuilt <1"]);
    assert_eq!(fates(&old.replace("COPY a ./\n", ""))[1..], ["kept", "rebuilt Below"]);
    assert_eq!(fates(&old.replace("make", "make  "))[1..], ["kept", "kept", "kept"]);
    assert_eq!(fates(&old.replace("make", "make  all"))[3..], ["rebuilt Instruction"]);
}

#[test]
fn the_name_of_a_here_document_counts_where_it_is_a_program() {
    let text = |name: &str, first: &str| format!("FROM x\nRUN <<{name}\n{first}\nmake\n{name}\n");
    let script = text("EOF", "#!/bin/sh");
    assert!(edited(&script, &text("EOT", "#!/bin/sh"))[1].ends_with("rebuilt Instruction"));
    assert!(edited(&script, &script)[1].ends_with("kept"));
    assert!(edited(&text("EOF", "set -e"), &text("EOT", "set -e"))[1].ends_with("kept"));
}

#[test]
fn stages_of_an_edited_dockerfile_are_known_by_what_they_hold() {
    let old = "FROM x AS a\nRUN one\nFROM x AS b\nRUN two\nFROM y\nCOPY --from=a /f /f\nRUN three\n";
    let layers = edited(old, &old.replace("--from=a", "--from=0"));
    assert!(layers.iter().all(|l| l.contains("kept")), "{layers:?}");
    // Other files, or the same: only the build knows.
    assert_eq!(edited(old, &old.replace("--from=a", "--from=b"))[3..], ["6 perhaps from 1", "7 perhaps <6"]);
    assert_eq!(
        edited(old, &old.replace("RUN one", "RUN four"))[..5],
        ["1 kept elsewhere", "2 rebuilt Instruction", "5 kept elsewhere", "6 perhaps from 0", "7 perhaps <6"]
    );
}

#[test]
fn links_depend_on_the_store() {
    let text = "FROM a\nCOPY a /a\nCOPY --link b /b\nRUN x\n";
    let judged = |store| judged_in(store, &Build::default(), text, None, &["a", "b"], &["a"]);
    assert_eq!(judged(Store::Unknown)[2..], ["3 perhaps link|2", "4 rebuilt <2"]);
    assert_eq!(judged(Store::Plain)[2..], ["3 rebuilt <2", "4 rebuilt <2"]);
    assert_eq!(judged(Store::Merging)[2..], ["3 kept link|2", "4 rebuilt <2"]);
}

#[test]
fn triggers_of_a_stage_run_in_those_that_start_from_it() {
    let text = "FROM x AS base\nONBUILD ENV D=src\nONBUILD COPY $D /s\nONBUILD RUN make\nFROM base AS app\nRUN test\n\
                FROM app\nCOPY lib /lib\n";
    let files = ["src/a", "lib/b"];
    assert_eq!(
        judged(text, &files, None, &["src/a"])[1..],
        ["5 kept", "3 rebuilt takes 1/1", "4 rebuilt <3", "6 rebuilt <3", "7 rebuilt on 1", "8 rebuilt <3"]
    );
    assert!(judged(text, &files, None, &["lib/b"])[..5].iter().all(|l| l.contains("kept")));
}

#[test]
fn an_argument_without_a_value_is_empty_where_all_are_known() {
    let text = "FROM x\nARG D\nARG O\nCOPY ${O:-lib} /l\nCOPY $D /d\n";
    let build = Build { all_args: true, ..Build::default() };
    let judged =
        |build, changed| judged_in(Store::Unknown, build, text, None, &["src/a", "lib/b"], &[changed]);
    assert_eq!(judged(&build, "src/a")[1..], ["4 kept", "5 rebuilt takes 1/1"]);
    assert_eq!(judged(&build, "lib/b")[1..], ["4 rebuilt takes 1/1", "5 rebuilt takes 1/1"]);
    assert_eq!(judged(&Build::default(), "src/a")[1..], ["4 perhaps unknown", "5 perhaps unknown"]);
}

#[test]
fn what_only_copies_made_is_known_in_other_stages() {
    let text = "FROM x AS f\nCOPY . /all/\nCOPY lib /lib\nFROM y\nCOPY --from=f /all/src /s\nCOPY --from=f /lib/b /b\n\
                COPY --from=f /all /a\nCOPY --from=f /all/*.c /c\n";
    let files = ["src/a", "lib/b", "c"];
    let fates = |changed: &[&str]| -> Vec<String> {
        let layers = judged(text, &files, None, changed);
        layers[4..].iter().map(|l| l.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(fates(&["src/a"]), ["rebuilt"; 4]);
    assert_eq!(fates(&["lib/b"]), ["kept", "rebuilt", "rebuilt", "rebuilt"]);
    assert_eq!(fates(&["c"]), ["kept", "kept", "rebuilt", "rebuilt"]);
    let with_run = text.replace("FROM y", "RUN make\nFROM y");
    assert!(judged(&with_run, &files, None, &["c"])[4..].iter().any(|l| l.contains("perhaps from 0")));
}

#[test]
fn triggers_of_an_image_are_not_known() {
    let text = "FROM python:3-onbuild\nRUN x\n";
    assert_eq!(judged(text, &["a"], None, &["a"]), ["1 perhaps UnknownTriggers", "2 perhaps <1"]);
}
