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
fn judged(dockerfile: &str, files: &[&str], target: Option<usize>, changed: &[&str]) -> Vec<String> {
    let dir = tree(files);
    let file = syntax::parse(Source::from_text("Dockerfile", dockerfile));
    let build = Build { target: target.map(|t| t.to_string()), ..Build::default() };
    let model = Analysis::new(Model::of_build(file, &build));
    let queries = model.source_queries();
    let any = changed.is_empty();
    let change = ChangeQuery {
        paths: if any { vec![".".to_owned()] } else { changed.iter().map(ToString::to_string).collect() },
        excludes: if any { manifest_patterns() } else { Vec::new() },
    };
    let ignore = IgnoreFile::parse("ignored\n");
    let request = ScanRequest {
        root: dir.path().to_path_buf(),
        ignore: Some(&ignore),
        queries: queries.clone(),
        detail: Detail::Lint,
        progress: None,
    };
    let (scan, changes) = scan_changes(&request, &change).unwrap();
    let model = model.with_context(Some(BuildContext { scan, ..BuildContext::default() }.into()));
    let line = |step: usize| model.instruction(step).lines.0;
    judge(&model, &Question { queries: &queries, changes: &changes, any })
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
                Why::UnknownSource { .. } => " unknown".to_owned(),
                Why::MissingSource { .. } => " missing".to_owned(),
                Why::FromStage { stage, .. } => format!(" from {stage}"),
                Why::OnStage { stage } => format!(" on {stage}"),
                Why::Follows { step } => format!(" <{}", line(*step)),
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
        judged(text, &files, Some(2), &["src"]),
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
        ["3 kept elsewhere", "4 kept", "5 kept", "6 perhaps from 0", "7 rebuilt takes 1/1"]
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
            "2 perhaps from 1",
            "3 kept elsewhere",
            "4 rebuilt takes 1/1",
            "5 kept elsewhere",
            "6 perhaps from 0"
        ]
    );
    let text = "FROM a AS x\nCOPY --from=y /a /a\nFROM a AS y\nCOPY --from=x /s /s\nCOPY s /s\n";
    assert_eq!(judged(text, &["s"], None, &["s"]).len(), 5);
}
