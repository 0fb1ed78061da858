//! Files that start builds: what is found in them, the way into Dockerfiles and back, and what is renewed by what.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Client, places};

const DOCKERFILE: &str = "ARG BASE=debian:12\nFROM ${BASE} AS deps\nARG VERSION=1\nCOPY a.txt /\nFROM tools AS extra\nFROM deps AS dev\nCOPY --from=extra /x /x\nUSER 1\n";

const COMPOSE: &str = "services:
  web:
    build:
      context: ./app
      dockerfile: docker/Dockerfile
      target: dev
      args:
        VERSION: \"2\"
      additional_contexts:
        tools: service:tools
  tools:
    build:
      context: .
      dockerfile_inline: |
        FROM scratch AS x
        COPY app/a.txt /
      target: x
";

const BAKE: &str = "group \"default\" { targets = [\"web\"] }
target \"base\" {
  context = \"app\"
  dockerfile = \"docker/Dockerfile\"
}
target \"web\" {
  inherits = [\"base\"]
  target = \"deps\"
  args = { BASE = \"debian:13\" }
  contexts = { tools = \"target:base\" }
}
";

const DEVCONTAINER: &str = "{
  // A comment.
  \"build\": { \"dockerfile\": \"../app/docker/Dockerfile\", \"context\": \"../app\", \"target\": \"dev\", \"args\": { \"VERSION\": \"3\" } }
}
";

/// A project, and a client that looks at it.
struct Project {
    folder: tempfile::TempDir,
    client: Client,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("app/docker/Dockerfile", DOCKERFILE),
            ("app/a.txt", "12345"),
            ("compose.yaml", COMPOSE),
            ("docker-bake.hcl", BAKE),
            (".devcontainer/devcontainer.json", DEVCONTAINER),
            (".git/HEAD", ""),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let can = json!({"textDocument": {
            "hover": {"contentFormat": ["markdown"]},
            "codeAction": {"codeActionLiteralSupport": {}},
        }});
        let (client, capabilities) = Client::ready(folder.path(), can);
        assert_eq!(capabilities["definitionProvider"], true);
        Self { folder, client }
    }

    fn uri(&self, name: &str) -> String {
        uri(self.folder.path(), name)
    }

    fn open(&mut self, name: &str, language: &str, text: &str) {
        let document = json!({"uri": self.uri(name), "languageId": language, "version": 1, "text": text});
        self.client.note("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Writes a text in place of the whole document.
    fn write(&mut self, name: &str, version: i32, text: &str) {
        let document = json!({"uri": self.uri(name), "version": version});
        let changes = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        self.client.note("textDocument/didChange", changes);
    }

    /// The next diagnostics of a document.
    fn found(&mut self, name: &str) -> Vec<String> {
        let uri = self.uri(name);
        let is_it =
            |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == *uri;
        places(&self.client.wait(is_it)["params"]["diagnostics"])
    }

    /// Asks about the first place of `mark` in a text, `|` in it being where the cursor is.
    fn ask(&mut self, method: &str, name: &str, text: &str, mark: &str) -> Value {
        let at = text.find(&mark.replace('|', "")).unwrap() + mark.find('|').unwrap();
        let line = text[..at].matches('\n').count();
        let character = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
        let of = json!({
            "textDocument": {"uri": self.uri(name)},
            "position": {"line": line, "character": character},
            "context": {"includeDeclaration": true},
        });
        self.client.ask(&format!("textDocument/{method}"), of)["result"].take()
    }

    /// Where a definition or references are: file, line and character, each from 0.
    fn locations(&mut self, method: &str, name: &str, text: &str, mark: &str) -> Vec<String> {
        let answer = self.ask(method, name, text, mark);
        let root = self.uri("");
        let all = match answer {
            Value::Array(all) => all,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        let shown = |location: &Value| {
            let start = &location["range"]["start"];
            let file = location["uri"].as_str().unwrap().strip_prefix(&root).unwrap();
            format!("{file}:{}:{}", start["line"], start["character"])
        };
        all.iter().map(shown).collect()
    }

    fn hover(&mut self, name: &str, text: &str, mark: &str) -> String {
        let answer = self.ask("hover", name, text, mark);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What is offered, as it would be written.
    fn offers(&mut self, name: &str, text: &str, mark: &str) -> Vec<String> {
        let answer = self.ask("completion", name, text, mark);
        let all = answer.as_array().unwrap().iter();
        all.map(|item| item["textEdit"]["newText"].as_str().unwrap().to_owned()).collect()
    }
}

fn uri(folder: &Path, name: &str) -> String {
    format!("file://{}", folder.join(name).display())
}

#[test]
fn keys_of_files_that_start_builds_lead_into_the_dockerfile() {
    let mut project = Project::new();
    project.open("compose.yaml", "dockercompose", COMPOSE);
    project.open("docker-bake.hcl", "hcl", BAKE);
    project.open(".devcontainer/devcontainer.json", "jsonc", DEVCONTAINER);
    let dockerfile = |place: &str| vec![format!("app/docker/Dockerfile:{place}")];
    for (mark, want) in [
        ("docker|/Dockerfile", dockerfile("0:0")),
        ("./a|pp", dockerfile("0:0")),
        ("target: d|ev", dockerfile("5:13")),
        ("VER|SION", dockerfile("2:4")),
        ("to|ols: service", dockerfile("4:5")),
        ("service:to|ols", vec!["compose.yaml:10:2".to_owned()]),
        ("target: |x", vec!["compose.yaml:14:24".to_owned()]),
        ("serv|ices:", Vec::new()),
    ] {
        assert_eq!(project.locations("definition", "compose.yaml", COMPOSE, mark), want, "{mark}");
    }
    for (mark, want) in [
        ("dockerfile = \"do|cker", dockerfile("0:0")),
        ("target = \"d|eps", dockerfile("1:16")),
        ("B|ASE =", dockerfile("0:4")),
        ("to|ols =", dockerfile("4:5")),
        ("target:b|ase", vec!["docker-bake.hcl:1:7".to_owned()]),
        ("inherits = [\"b|ase", vec!["docker-bake.hcl:1:7".to_owned()]),
        ("targets = [\"w|eb", vec!["docker-bake.hcl:5:7".to_owned()]),
    ] {
        assert_eq!(project.locations("definition", "docker-bake.hcl", BAKE, mark), want, "{mark}");
    }
    for (mark, want) in [
        ("../app|/docker/Dockerfile", dockerfile("0:0")),
        ("\"d|ev\"", dockerfile("5:13")),
        ("VER|SION", dockerfile("2:4")),
    ] {
        let name = ".devcontainer/devcontainer.json";
        assert_eq!(project.locations("definition", name, DEVCONTAINER, mark), want, "{mark}");
    }
    let links = project.ask("documentLink", "compose.yaml", COMPOSE, "|services");
    assert_eq!(links[0]["target"], project.uri("app/docker/Dockerfile"));
    assert_eq!(links.as_array().unwrap().len(), 1);
    project.client.stop_while_it_works();
}

#[test]
fn names_of_a_dockerfile_lead_back_to_the_files_that_start_its_builds() {
    let mut project = Project::new();
    let name = "app/docker/Dockerfile";
    project.open(name, "dockerfile", DOCKERFILE);
    // Who has no file of the name on the disk is found while it is open.
    project.open("compose.prod.yaml", "yaml", "services:\n  web:\n    build:\n      target: deps\n");
    project.found("compose.prod.yaml");
    for (mark, want) in [
        (
            "AS d|ev",
            vec!["app/docker/Dockerfile:5:13", "compose.yaml:5:14", ".devcontainer/devcontainer.json:2:86"],
        ),
        (
            "AS d|eps",
            vec![
                "app/docker/Dockerfile:1:16",
                "app/docker/Dockerfile:5:5",
                "docker-bake.hcl:7:11",
                "compose.prod.yaml:3:14",
            ],
        ),
        (
            "ARG V|ERSION",
            vec!["app/docker/Dockerfile:2:4", "compose.yaml:7:8", ".devcontainer/devcontainer.json:2:103"],
        ),
        ("FROM t|ools", vec!["compose.yaml:9:8", "docker-bake.hcl:9:15"]),
    ] {
        assert_eq!(project.locations("references", name, DOCKERFILE, mark), want, "{mark}");
    }
    let contexts = ["compose.yaml:10:2", "docker-bake.hcl:1:7"];
    assert_eq!(project.locations("definition", name, DOCKERFILE, "FROM t|ools"), contexts);
    assert_eq!(
        project.locations("definition", name, DOCKERFILE, "FROM d|eps"),
        ["app/docker/Dockerfile:1:16"]
    );
    project.open("docker-bake.hcl", "hcl", BAKE);
    let of_build = ["docker-bake.hcl:1:7", "docker-bake.hcl:6:14", "docker-bake.hcl:9:23"];
    assert_eq!(project.locations("references", "docker-bake.hcl", BAKE, "target \"b|ase"), of_build);
    let of_stage = [
        "app/docker/Dockerfile:1:16",
        "app/docker/Dockerfile:5:5",
        "docker-bake.hcl:7:11",
        "compose.prod.yaml:3:14",
    ];
    assert_eq!(project.locations("references", "docker-bake.hcl", BAKE, "target = \"d|eps"), of_stage);
    project.client.stop_while_it_works();
}

#[test]
fn a_build_is_told_with_what_it_sends() {
    let mut project = Project::new();
    project.open("compose.yaml", "yaml", COMPOSE);
    let whole = "builds `app/docker/Dockerfile` up to its stage `dev`, with the build context `app`";
    // What is sent is known once the context was walked through, of which nothing is told.
    let hover = loop {
        let hover = project.hover("compose.yaml", COMPOSE, "docker|/Dockerfile");
        assert!(hover.starts_with(whole), "{hover}");
        if hover != whole {
            break hover;
        }
    };
    assert_eq!(hover, format!("{whole}\n\nsends 1 file with **5 B** to the builder"));
    for (mark, want) in [
        ("target: d|ev", "stage in line 6 of `app/docker/Dockerfile`, which starts from `deps`"),
        ("VER|SION", "`ARG VERSION=1`\n\nline 3 of `app/docker/Dockerfile`"),
        ("to|ols: service", "stands for `tools` in line 5 of `app/docker/Dockerfile`"),
        ("serv|ices:", ""),
    ] {
        assert_eq!(project.hover("compose.yaml", COMPOSE, mark), want, "{mark}");
    }
    project.client.stop_while_it_works();
}

#[test]
fn stages_arguments_and_files_are_offered() {
    let mut project = Project::new();
    project.open("compose.yaml", "yaml", "");
    let head = "services:\n  web:\n    build:\n      context: ./app\n      dockerfile: docker/Dockerfile\n";
    for (rest, mark, want) in [
        ("      target: \n", "target: |\n", vec!["deps", "extra", "dev"]),
        ("      target: de\n", "target: de|\n", vec!["deps", "dev"]),
        ("      args:\n        \n", "args:\n        |\n", vec!["BASE: ", "VERSION: "]),
        ("      args:\n        BASE: x\n        V\n", "x\n        V|\n", vec!["VERSION: "]),
        ("      args:\n        - BASE=x\n        - \n", "x\n        - |\n", vec!["VERSION"]),
        ("", "dockerfile: docker/D|ock", vec!["Dockerfile"]),
        ("", "dockerfile: |docker", vec!["docker"]),
        ("", "context: ./|app", vec!["app"]),
        ("      additional_contexts:\n        t\n", "contexts:\n        t|\n", vec!["tools: "]),
        ("      # target: \n", "# target: |\n", Vec::new()),
    ] {
        let text = format!("{head}{rest}");
        project.write("compose.yaml", 2, &text);
        assert_eq!(project.offers("compose.yaml", &text, mark), want, "{mark}");
    }
    project.open("docker-bake.hcl", "hcl", "");
    let head =
        "target \"base\" {}\ntarget \"web\" {\n  context = \"app\"\n  dockerfile = \"docker/Dockerfile\"\n";
    for (rest, mark, want) in [
        ("  target = \n}\n", "target = |\n", vec!["\"deps\"", "\"extra\"", "\"dev\""]),
        ("  target = \"\"\n}\n", "target = \"|\"\n", vec!["deps", "extra", "dev"]),
        ("  args = {  }\n}\n", "args = { | }", vec!["BASE = ", "VERSION = "]),
        ("  inherits = [\"\"]\n}\n", "[\"|\"]", vec!["base"]),
        ("  contexts = { tools = \"target:\" }\n}\n", "target:|\" }", vec!["base"]),
    ] {
        let text = format!("{head}{rest}");
        project.write("docker-bake.hcl", 2, &text);
        let mut offers = project.offers("docker-bake.hcl", &text, mark);
        offers.retain(|offer| offer != "tools");
        assert_eq!(offers, want, "{mark}");
    }
    let name = ".devcontainer/devcontainer.json";
    project.open(name, "jsonc", DEVCONTAINER);
    assert_eq!(project.offers(name, DEVCONTAINER, "\"|dev\""), ["deps", "extra", "dev"]);
    project.client.stop_while_it_works();
}

#[test]
fn unsaved_texts_of_both_sides_count() {
    let mut project = Project::new();
    let text = COMPOSE.replace("VERSION:", "OTHER:");
    project.open("compose.yaml", "yaml", &text);
    assert_eq!(project.found("compose.yaml"), ["7:8-7:13 undeclared-build-arg"]);
    // The Dockerfile that nobody has saved declares it, and has another stage.
    let name = "app/docker/Dockerfile";
    project.open(name, "dockerfile", &DOCKERFILE.replace("VERSION", "OTHER").replace("AS dev", "AS run"));
    assert_eq!(project.found("compose.yaml"), ["5:14-5:17 missing-build-stage"]);
    project.write(name, 2, &DOCKERFILE.replace("VERSION", "OTHER"));
    assert_eq!(project.found("compose.yaml"), [""; 0]);
    let place = [format!("{name}:2:4")];
    assert_eq!(project.locations("definition", "compose.yaml", &text, "OT|HER"), place);
    // What is on the disk counts again.
    let uri = project.uri(name);
    project.client.note("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    assert_eq!(project.found("compose.yaml"), ["7:8-7:13 undeclared-build-arg"]);
    // The file that is there is another one.
    fs::write(project.folder.path().join(name), DOCKERFILE.replace("VERSION", "OTHER")).unwrap();
    let changes = json!({"changes": [{"uri": uri, "type": 2}]});
    project.client.note("workspace/didChangeWatchedFiles", changes);
    assert_eq!(project.found("compose.yaml"), [""; 0]);
    project.client.stop_while_it_works();
}

#[test]
fn faults_have_fixes_and_what_no_tool_reads_is_said_at_its_place() {
    let mut project = Project::new();
    let text = COMPOSE.replace("target: dev", "target: devv");
    project.open("compose.yaml", "yaml", &text);
    let uri = project.uri("compose.yaml");
    let is_it = |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == *uri;
    let found = project.client.wait(is_it)["params"]["diagnostics"].take();
    let message =
        "`web` builds a stage `devv`, which `app/docker/Dockerfile` does not have\nhelp: did you mean `dev`?";
    assert_eq!(found[0]["message"], message);
    let range = &found[0]["range"];
    let asked = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
    let actions = project.client.ask("textDocument/codeAction", asked)["result"].take();
    let edits = |at: usize| &actions[at]["edit"]["changes"][&uri];
    assert_eq!(edits(0), &json!([{"range": range, "newText": "dev"}]), "{actions}");
    assert_eq!(edits(1)[0]["newText"], "      # dlint ignore=missing-build-stage\n");
    assert_eq!(actions[2]["title"], "Explain missing-build-stage");
    project.write("compose.yaml", 2, "services:\n  web: {build: 3}\n  web: {}\n");
    let found = project.found("compose.yaml");
    assert_eq!((found.len(), found[0].ends_with(" -")), (1, true), "{found:?}");
    // One that is read behind another may lack what that says.
    project.open(
        "compose.prod.yaml",
        "yaml",
        "services:\n  api:\n    build: {target: dev}\n    image: [x]\n",
    );
    assert_eq!(project.found("compose.prod.yaml"), [""; 0]);
    // Other files of the language are none of dlint's business.
    project.open("values.yaml", "yaml", "services: 3\n");
    project.open("main.hcl", "hcl", "job \"x\" {}\n");
    let of = json!({"textDocument": {"uri": project.uri("values.yaml")}});
    let answer = project.client.ask("textDocument/documentLink", of);
    assert_eq!((&answer["result"], answer.get("error")), (&Value::Null, None), "{answer}");
    project.client.stop_while_it_works();
}

#[test]
fn a_name_is_renamed_in_the_files_that_start_builds_too() {
    let mut project = Project::new();
    let (name, compose) = ("app/docker/Dockerfile", "compose.yaml");
    let text = fs::read_to_string(project.folder.path().join(compose)).unwrap();
    project.open(compose, "yaml", &text);
    project.open(name, "dockerfile", DOCKERFILE);
    let mut renamed = |from: &str, line: u32, character: u32, new: &str| {
        let uri = project.uri(from);
        let place = json!({"line": line, "character": character});
        let asked = json!({"textDocument": {"uri": uri}, "position": place, "newName": new});
        let answer = project.client.ask("textDocument/rename", asked);
        let Some(changes) = answer["result"]["changes"].as_object() else {
            return vec![answer["error"]["message"].as_str().unwrap().to_owned()];
        };
        let root = project.uri("");
        let mut places: Vec<String> = Vec::new();
        for (uri, edits) in changes {
            let file = uri.strip_prefix(&root).unwrap();
            let text = if file == name {
                DOCKERFILE.to_owned()
            } else {
                fs::read_to_string(project.folder.path().join(file)).unwrap()
            };
            for edit in edits.as_array().unwrap() {
                let (start, end) = (&edit["range"]["start"], &edit["range"]["end"]);
                let line = text.lines().nth(start["line"].as_u64().unwrap() as usize).unwrap();
                let [from, to] = [start, end].map(|at| at["character"].as_u64().unwrap() as usize);
                assert_eq!(edit["newText"], new);
                places.push(format!("{file}:{} {}", start["line"], &line[from..to]));
            }
        }
        places.sort();
        places
    };
    let stage =
        [".devcontainer/devcontainer.json:2 dev", "app/docker/Dockerfile:5 dev", "compose.yaml:5 dev"];
    assert_eq!(renamed(name, 5, 14, "run"), stage);
    assert_eq!(renamed(compose, 5, 16, "run"), stage);
    let argument = [
        ".devcontainer/devcontainer.json:2 VERSION",
        "app/docker/Dockerfile:2 VERSION",
        "compose.yaml:7 VERSION",
    ];
    assert_eq!(renamed(name, 2, 6, "RELEASE"), argument);
    assert_eq!(renamed(compose, 7, 10, "RELEASE"), argument);
    assert_eq!(
        renamed(compose, 1, 3, "x"),
        ["nothing that a Dockerfile names stands here: rename it by hand"]
    );
    assert_eq!(
        renamed(name, 0, 5, "IMAGE"),
        ["app/docker/Dockerfile:0 BASE", "app/docker/Dockerfile:1 BASE", "docker-bake.hcl:8 BASE"]
    );
    let (entry, dockerfile) = (project.uri(compose), project.uri(name));
    let ask = |client: &mut Client, character: u32| {
        let of = json!({"textDocument": {"uri": entry}, "position": {"line": 5, "character": character}});
        client.ask("textDocument/prepareRename", of)["result"].take()
    };
    // Nor need the Dockerfile be open.
    project.client.note("textDocument/didClose", json!({"textDocument": {"uri": dockerfile}}));
    assert_eq!(ask(&mut project.client, 16)["start"]["line"], 5);
    assert_eq!(ask(&mut project.client, 9), Value::Null);
    project.client.stop_while_it_works();
}

#[test]
fn a_name_that_comes_from_elsewhere_is_not_renamed() {
    for (compose, why) in [
        (
            "services:\n  web:\n    build:\n      context: .\n      target: ${STAGE:-dev}\n",
            "takes this name from elsewhere",
        ),
        (
            "services:\n  web:\n    build:\n      context: .\n      args: [VERSION]\n",
            "takes this name from elsewhere",
        ),
        (
            "services:\n  web:\n    build:\n      context: .\n      args: {VERSION: 1}\n",
            "sets an ARG of another stage",
        ),
    ] {
        let mut project = Project::new();
        fs::write(project.folder.path().join("compose.yaml"), compose).unwrap();
        let text = "FROM a AS dev\nARG VERSION\nFROM b\nARG VERSION\n";
        fs::write(project.folder.path().join("Dockerfile"), text).unwrap();
        project.open("Dockerfile", "dockerfile", text);
        let line = u32::from(!compose.contains("target"));
        let place = json!({"line": line, "character": if line == 0 { 11 } else { 5 }});
        let asked = json!({"textDocument": {"uri": project.uri("Dockerfile")}, "position": place, "newName": "NEW_NAME".to_lowercase()});
        let answer = project.client.ask("textDocument/rename", asked);
        assert!(
            answer["error"]["message"].as_str().is_some_and(|said| said.contains(why)),
            "{compose}: {answer}"
        );
        project.client.stop_while_it_works();
    }
}
