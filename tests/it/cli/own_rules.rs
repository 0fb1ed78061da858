//! Users' own rules: `[rules] paths`, `dlint rules test`.

use super::{Folder, Ran};

pub(super) const NO_CURL: &str = "+++
summary = \"downloads with `curl`\"
category = \"security\"
aliases = [\"acme:SEC-12\"]
since = \"2026-07\"

[match]
command = { name = \"curl\" }
message = \"`{command}` is not allowed here\"
help = \"use `ADD --checksum`\"
+++

# No curl

What is downloaded has to be checked.

```dockerfile bad
FROM alpine:3.22
RUN curl -fO https://example.com/x
#   ^^^^ is not allowed
```

```dockerfile good
FROM alpine:3.22
ADD --checksum=sha256:0a1b https://example.com/x /x
```
";

pub(super) const DOCKERFILE: &str = "FROM a/bcdef:3.2\nRUN curl -fO https://example.com/x\nUSER 65532\n";

/// With a rule, a configuration that names it and more, and a Dockerfile that it finds.
pub(super) fn folder(config: &str) -> Folder {
    let folder = Folder::with(DOCKERFILE);
    folder.write("policy/no-curl.md", NO_CURL);
    folder.write("dlint.toml", config);
    folder
}

pub(super) const PATHS: &str = "[rules]\npaths = [\"policy/*.md\"]\n";

/// Where `no-curl` is found.
fn found(ran: &Ran) -> Vec<String> {
    ran.short().into_iter().filter(|line| line.ends_with(" no-curl")).collect()
}

fn lint(folder: &Folder, args: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["--format", "short"], args].concat());
    assert!(ran.code != 2, "{ran:?}");
    found(&ran)
}

#[test]
fn a_rule_of_ones_own_is_chosen_as_any_other() {
    let folder = folder(PATHS);
    assert_eq!(lint(&folder, &[]), ["Dockerfile:2 no-curl"]);
    for word in ["no-curl", "acme:SEC-12", "sec-12", "acme", "security", "default", "all"] {
        assert_eq!(lint(&folder, &["--select", word]).len(), 1, "{word}");
        assert_eq!(lint(&folder, &["--ignore", word]).len(), 0, "{word}");
    }
    assert_eq!(lint(&folder, &["--select", "size"]).len(), 0);
    assert_eq!(lint(&folder, &["--no-config"]).len(), 0);
    for (config, count) in [
        ("ignore = [\"no-curl\"]\n", 0),
        ("select = [\"SEC-12\"]\n", 1),
        ("[[overrides]]\nfiles = [\"Dockerfile\"]\nignore = [\"security\"]\n", 0),
        ("[[overrides]]\nfiles = [\"Dockerfile\"]\nrules = { no-curl = {} }\n", 1),
    ] {
        folder.write(
            "dlint.toml",
            if config.starts_with('[') { PATHS.to_owned() + config } else { config.to_owned() + PATHS },
        );
        assert_eq!(lint(&folder, &[]).len(), count, "{config}");
    }
    folder.write("dlint.toml", PATHS.to_owned() + "[severity]\nno-curl = \"error\"\n");
    assert!(folder.run(&["--format", "short"]).out.contains("Dockerfile:2:5: error[no-curl]"));
}

#[test]
fn comments_suppress_it_by_each_of_its_names() {
    let folder = folder(PATHS);
    for name in ["no-curl", "acme:SEC-12", "SEC-12", "acme", "security"] {
        folder.write("Dockerfile", DOCKERFILE.replace("RUN", &format!("# dlint ignore={name} for now\nRUN")));
        let ran = folder.run(&["--format", "short"]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{name}: {ran:?}");
    }
    folder.write("Dockerfile", format!("# dlint ignore-file=no-crul\n{DOCKERFILE}"));
    let ran = folder.run(&[]);
    assert!(ran.out.contains("did you mean `no-curl`?"), "{ran:?}");
    folder.write("Dockerfile", DOCKERFILE.replace("RUN curl -fO", "# dlint ignore=no-curl\nRUN wget"));
    assert!(folder.run(&[]).out.contains("`no-curl` finds nothing in this instruction"));
}

#[test]
fn reports_say_what_they_say_of_any_rule() {
    let folder = folder(PATHS);
    let human = folder.run(&[]).out;
    assert!(human.contains("warning[no-curl] Dockerfile:2:5  acme:SEC-12\n  `curl` is not allowed here\n"));
    assert!(human.contains("help: use `ADD --checksum`"));
    let json = folder.run(&["--format", "json"]).json();
    let finding = &json["files"][0]["findings"][0];
    assert_eq!((&finding["rule"], &finding["category"]), (&"no-curl".into(), &"security".into()), "{json:#}");
    assert_eq!(finding["aliases"][0], "acme:SEC-12");
    let sarif = folder.run(&["--format", "sarif"]).json();
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(
        (&rule["id"], &rule["shortDescription"]["text"]),
        (&"no-curl".into(), &"downloads with `curl`".into())
    );
    assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# No curl\n\nWhat is downloaded"));
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "no-curl");
}

#[test]
fn it_is_listed_and_explained() {
    let folder = folder(PATHS);
    let list = folder.run(&["rules"]).out;
    let line = list.lines().find(|l| l.trim_start().starts_with("no-curl ")).unwrap();
    assert!(line.ends_with("  downloads with `curl` (policy/no-curl.md)"), "{line}");
    assert!(list.contains(" rules, 1 of them your own."), "{list}");
    let rules = folder.run(&["rules", "--format", "json"]).json();
    let files: Vec<_> = rules.as_array().unwrap().iter().filter(|r| !r["file"].is_null()).collect();
    let [rule] = files[..] else { panic!("{files:?}") };
    assert_eq!((&rule["name"], &rule["file"]), (&"no-curl".into(), &"policy/no-curl.md".into()));
    for word in ["no-curl", "SEC-12"] {
        let page = folder.run(&["explain", word]);
        let start = "no-curl: downloads with `curl`\n\ncategory security, severity warning, preset default, fix none, \
                     since 2026-07\na rule of your own: policy/no-curl.md\nalso called acme:SEC-12\n\n# No curl\n";
        assert!(page.code == 0 && page.out.starts_with(start), "{page:?}");
    }
    assert_eq!(folder.run(&["explain", "no-curl", "--no-config"]).code, 2);
    assert!(!folder.run(&["rules", "--no-config"]).out.contains("no-curl"));
    assert!(folder.run(&["rules", "--config", "dlint.toml"]).out.contains("no-curl"));
}

#[test]
fn each_configuration_has_its_own() {
    let folder = folder(PATHS);
    folder.write("a/Dockerfile", DOCKERFILE);
    folder.write("a/dlint.toml", "");
    folder.write("b/Dockerfile", DOCKERFILE);
    folder.write("b/dlint.toml", "[rules]\npaths = [\"../policy/*.md\", \"more/**/*.md\"]\n");
    folder.write(
        "b/more/deep/numbered-user.md",
        NO_CURL.replace("command = { name = \"curl\" }", "user = \"65532\"").replace("{command}", "{user}"),
    );
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(
        ran.short()
            .into_iter()
            .filter(|l| l.ends_with(" no-curl") || l.contains("numbered-user"))
            .collect::<Vec<_>>(),
        ["Dockerfile:2 no-curl", "b/Dockerfile:2 no-curl", "b/Dockerfile:3 numbered-user"]
    );
    // What any of them knows is no mistake on the command line; it is off where it is not known.
    let clash = folder.run(&["--format", "short", "--select", "no-curl", "a"]);
    assert_eq!(clash.code, 2, "{clash:?}");
    assert_eq!(lint(&folder, &["--select", "no-curl"]).len(), 2);
    assert_eq!(lint(&folder, &["--select", "no-curl", "a", "b"]), ["b/Dockerfile:2 no-curl"]);
    // The working folder's configuration counts for what looks at no Dockerfile.
    let sarif = folder.run(&["--format", "sarif", "--select", "no-curl,numbered-user"]).json();
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
}

#[test]
fn a_wrong_rule_file_is_said_and_the_rest_goes_on() {
    let huge = format!("{NO_CURL}{}", "x".repeat(256 << 10));
    for (name, text, want) in [
        (
            "a",
            NO_CURL.replace("security", "secruity").into_bytes(),
            "error policy/a.md:3:12\n  `secruity` must be one of",
        ),
        ("a", NO_CURL.replace("security", "secruity").into_bytes(), "did you mean `security`?"),
        ("a", NO_CURL.replace("summary", "sumary").into_bytes(), "error policy/a.md:2:1\n"),
        ("a", NO_CURL.replace("summary = ", "summary ").into_bytes(), "error policy/a.md:2:9\n"),
        (
            "a",
            NO_CURL.replace("\"curl\"", "\"cu[\"").into_bytes(),
            "error policy/a.md:8:20\n  this is not a valid glob",
        ),
        ("a", NO_CURL.replace("lp = \"", "lp = \"{nam}").into_bytes(), "did you mean `name`?"),
        (
            "a",
            NO_CURL.replace("+++", "---").into_bytes(),
            "error policy/a.md:1:1\n  the file must start with front matter",
        ),
        ("a", b"".to_vec(), "error policy/a.md:1:1\n"),
        (
            "a",
            NO_CURL.replace("```\n", "").into_bytes(),
            "error policy/a.md:17:1\n  a fenced block has no end",
        ),
        ("a", [NO_CURL.as_bytes(), b"\xff\n"].concat(), "error policy/a.md:27:1\n  this is not valid UTF-8"),
        ("a", b"+++\0".to_vec(), "error policy/a.md: is a binary file"),
        ("a", huge.into_bytes(), "error policy/a.md: cannot be read: it is larger than 256 KiB"),
        ("A_b", NO_CURL.into(), "`A_b` is not a valid rule name"),
        ("latest-tag", NO_CURL.into(), "dlint has a rule `latest-tag` of its own"),
        ("dl3007", NO_CURL.into(), "`dl3007` means something else where rules are named"),
        ("size", NO_CURL.into(), "`size` means something else where rules are named"),
        ("paths", NO_CURL.into(), "`paths` means something else where rules are named"),
        (
            "other/no-curl",
            NO_CURL.into(),
            "error policy/other/no-curl.md:1:1\n  there is another rule of this name",
        ),
    ] {
        let folder = folder(&PATHS.replace("\"policy/*.md\"", "\"policy/no-curl.md\", \"policy/**/*.md\""));
        folder.write(&format!("policy/{name}.md"), &text);
        let ran = folder.run(&[]);
        assert!(ran.code == 2 && ran.out.contains(want), "{want}\n{}", ran.out);
        assert!(ran.out.contains("warning[no-curl] Dockerfile:2:5"), "{}", ran.out);
        for command in ["rules", "test"] {
            let args: &[&str] = if command == "test" { &["rules", "test"] } else { &["rules"] };
            let ran = folder.run(args);
            assert!(
                ran.code == 2 && ran.err.contains(want) && ran.out.contains("no-curl"),
                "{want}\n{ran:?}"
            );
        }
    }
}

#[test]
fn what_names_a_wrong_rule_is_no_mistake_as_well() {
    let folder = folder(&format!("extend-select = [\"no-curl\"]\n{PATHS}"));
    folder.write("policy/no-curl.md", NO_CURL.replace("curl\" }", "curl\" "));
    folder.write("Dockerfile", format!("# dlint ignore-file=no-curl\n{DOCKERFILE}"));
    let ran = folder.run(&["--extend-select", "no-curl"]);
    assert_eq!(ran.out.matches("error").count(), 1, "{}", ran.out);
    assert!(ran.out.contains("error policy/no-curl.md:9:"), "{}", ran.out);
    let ran = folder.run(&["explain", "no-curl"]);
    assert!(ran.code == 2 && ran.err.starts_with("error policy/no-curl.md:9:"), "{ran:?}");
    assert_eq!(ran.err.matches("error").count(), 1, "{ran:?}");
}

#[test]
fn patterns_that_name_nothing_are_said_where_they_stand() {
    for (paths, want) in [
        ("\"polcy/*.md\"", "dlint.toml:2:10\n  this matches no rule file"),
        ("\"policy/*.md\", \"policy\"", "dlint.toml:2:25\n  this is a folder"),
        ("\"policy/no-crul.md\"", "dlint.toml:2:10\n  this file does not exist"),
        ("\"policy/[\"", "dlint.toml:2:10\n  this is not a valid glob"),
        ("\"Dockerfile\"", "dlint.toml:2:10\n  the name of a rule file ends in `.md`"),
        ("3", "dlint.toml:2:10\n  `paths` must be a list of strings, not a number"),
    ] {
        let folder = folder(&format!("[rules]\npaths = [{paths}]\n"));
        let ran = folder.run(&[]);
        assert!(ran.code == 2 && ran.out.contains(want), "{want}\n{}", ran.out);
    }
    let folder = folder(&format!("{PATHS}[[overrides]]\nfiles = [\"x\"]\nrules = {{ paths = [] }}\n"));
    assert!(folder.run(&[]).out.contains("dlint.toml:5:11\n  rules are read once for all files"));
    folder.write("policy/README.md", "# About these rules\n");
    folder.write("policy/.draft.md", "# Not yet\n");
    folder.write("dlint.toml", PATHS);
    assert_eq!(lint(&folder, &[]).len(), 1);
    let absolute = folder.path("policy").canonicalize().unwrap().display().to_string().replace('\\', "/");
    folder.write(
        "sub/dlint.toml",
        format!("[rules]\npaths = [\"{absolute}/*.md\", \"../policy/no-curl.md\"]\n"),
    );
    folder.write("sub/Dockerfile", DOCKERFILE);
    assert_eq!(lint(&folder, &["sub"]), ["sub/Dockerfile:2 no-curl"]);
}

#[test]
fn there_is_an_end_to_rules() {
    let folder = folder(PATHS);
    for i in 0..1001 {
        folder.write(&format!("policy/r{i}.md"), "no rule\n");
    }
    let ran = folder.run(&[]);
    assert_eq!(ran.code, 2);
    let tail = ran.out.lines().filter(|l| l.starts_with("error")).collect::<Vec<_>>();
    assert_eq!(tail.len(), 101);
    assert!(
        tail[100].starts_with("error: there are ") && tail[100].ends_with(" more problems with rule files"),
        "{tail:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_rule_file() {
    let folder = folder("[rules]\npaths = [\"policy/*.md\", \"policy/pipe.md\"]\n");
    let made = std::process::Command::new("mkfifo").arg(folder.path("policy/pipe.md")).status().unwrap();
    assert!(made.success());
    let ran = folder.run(&[]);
    assert!(
        ran.code == 2 && ran.out.contains("policy/pipe.md: cannot be read: it is not a regular file"),
        "{ran:?}"
    );
    assert!(ran.out.contains("warning[no-curl]"));
}

#[test]
fn examples_are_run() {
    let folder = folder(PATHS);
    let ran = folder.run(&["rules", "test"]);
    let want = Ran {
        code: 0,
        out: "ok    no-curl: 2 examples\n1 rule, 2 examples: all hold\n".to_owned(),
        err: String::new(),
    };
    assert_eq!(ran, want);
    for paths in [&["policy"][..], &["policy/no-curl.md"], &["policy", "policy/no-curl.md"]] {
        let ran = folder.run(&[&["rules", "test", "--no-config"], paths].concat());
        assert_eq!(ran, want, "{paths:?}");
    }
    let ran = folder.run(&["rules", "test", "nowhere.md", "policy"]);
    assert!(
        ran.code == 2 && ran.out == want.out && ran.err.contains("nowhere.md: does not exist"),
        "{ran:?}"
    );
    let ran = Folder::new().run(&["rules", "test"]);
    assert!(ran.code == 2 && ran.err.contains("there are no custom rules here"), "{ran:?}");
    let ran = Folder::with("").run(&["rules", "test", "."]);
    assert!(ran.code == 2 && ran.err.contains("this folder contains no rule files"), "{ran:?}");
}

const WRONG: &str = "FAIL  no-curl: 2 failures in 2 examples
policy/no-curl.md:18: the findings are not those that are marked
--- policy/no-curl.md
+++ policy/no-curl.md
@@ -17,7 +17,7 @@
 ```dockerfile bad
 FROM alpine:3.22
 RUN curl -fO https://example.com/x
-#     ^^^^ is not allowed
+#   ^^^^ is not allowed
 ```
 
 ```dockerfile good
policy/no-curl.md:24: the `good` block gives findings
--- policy/no-curl.md
+++ policy/no-curl.md
@@ -23,4 +23,5 @@
 ```dockerfile good
 FROM alpine:3.22
 RUN curl x
+#   ^^^^ `curl` is not allowed here
 ```
1 rule, 2 examples: 2 failures
";

#[test]
fn an_example_that_does_not_hold_is_shown_as_a_patch() {
    let folder = folder(PATHS);
    let wrong = NO_CURL
        .replace("#   ^", "#     ^")
        .replace("ADD --checksum=sha256:0a1b https://example.com/x /x", "RUN curl x");
    folder.write("policy/no-curl.md", &wrong);
    assert_eq!(folder.run(&["rules", "test"]), Ran { code: 1, out: WRONG.to_owned(), err: String::new() });
    // What is found can be taken over; what should not be found cannot.
    let ran = folder.run(&["rules", "test", "--update"]);
    assert!(
        ran.code == 1 && ran.out.starts_with("FAIL  no-curl: 1 failure in 2 examples, 1 updated\n"),
        "{ran:?}"
    );
    assert_eq!(folder.read("policy/no-curl.md"), wrong.replace("#     ^", "#   ^"));
    let windows = NO_CURL.replace("#   ^", "#     ^").replace('\n', "\r\n");
    folder.write("policy/no-curl.md", &windows);
    assert_eq!(
        folder.run(&["rules", "test", "--update"]).out,
        "ok    no-curl: 2 examples, 1 updated\n1 rule, 2 examples, 1 updated: all hold\n"
    );
    assert_eq!(folder.read("policy/no-curl.md"), NO_CURL.replace('\n', "\r\n"));
    // What goes wrong again and again is not shown again and again.
    folder
        .write("policy/no-curl.md", NO_CURL.to_owned() + &"```dockerfile good\nRUN curl x\n```\n".repeat(30));
    let ran = folder.run(&["rules", "test"]);
    assert!(ran.out.contains("FAIL  no-curl: 30 failures in 32 examples\n"), "{ran:?}");
    assert!(ran.out.matches("gives findings").count() == 20 && ran.out.contains("\nand 10 failures more\n"));
    // A rule that nothing shows is none that is tested.
    folder.write("policy/no-curl.md", &NO_CURL[..NO_CURL.find("```").unwrap()]);
    let ran = folder.run(&["rules", "test"]);
    assert!(ran.code == 1 && ran.out.contains("there is no `dockerfile bad` block"), "{ran:?}");
}

/// The fenced blocks of a page that start with `fence`.
fn blocks(page: &str, fence: &str) -> Vec<String> {
    let mut rest = page;
    let mut found = Vec::new();
    while let Some((_, behind)) = rest.split_once(&format!("\n{fence}\n")) {
        let ticks = fence.trim_end_matches(|c: char| c != '`');
        let (block, after) = behind.split_once(&format!("\n{ticks}\n")).unwrap();
        found.push(format!("{block}\n"));
        rest = after;
    }
    found
}

#[test]
fn what_the_page_on_own_rules_says_is_so() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/own-rules.md")).unwrap();
    for key in dlint::internals::rules::matcher::KEYS {
        assert!(page.contains(&format!("`{key}`")), "{key} is not in the page");
    }
    let [rule] = &blocks(&page, "````markdown")[..] else { panic!() };
    let tables = blocks(&page, "```toml");
    let folder = Folder::with(DOCKERFILE);
    folder.write("dlint.toml", &tables[0]);
    folder.write("policy/no-curl.md", rule);
    let ran = folder.run(&["rules", "test"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "ok    no-curl: 2 examples\n1 rule, 2 examples: all hold\n"),
        "{ran:?}"
    );
    assert!(folder.run(&[]).out.contains("error[no-curl] Dockerfile:2:5"));
    assert!(tables.len() > 9);
    for (i, table) in tables[1..].iter().enumerate() {
        let fix = if table.contains("insert") { "unsafe" } else { "none" };
        folder.write(
            &format!("policy/r{i}.md"),
            format!("+++\nsummary = \"s\"\nfix = \"{fix}\"\n{table}+++\n"),
        );
    }
    folder.write(
        "Dockerfile",
        "FROM quay.io/a/b:1 AS build\nRUN cargo build\nUSER 65532\nCOPY a.pem /\nFROM scratch\nRUN apk add telnet\n\
         EXPOSE 80\nENV http_proxy=http://p\nVOLUME /a\nUSER 65532\n",
    );
    let select = (0..tables.len() - 1).map(|i| format!("r{i}")).collect::<Vec<_>>();
    let ran = folder.run(&["--format", "short", "--select", &select.join(",")]);
    let mut found: Vec<String> =
        ran.short().iter().map(|l| l.rsplit_once(' ').unwrap().1.to_owned()).collect();
    found.sort();
    assert_eq!(found, select, "{ran:?}");
}

const FIXING: &str = "+++
summary = \"apt-get without `-y`\"
fix = \"safe\"
[match]
command = { name = \"apt-get\", subcommand = \"install\", lacks = [\"-y\"] }
message = \"`{command} {subcommand}` asks\"
insert = \"-y\"
+++
```dockerfile bad
RUN apt-get install curl
#           ^^^^^^^
```
```dockerfile fixed
RUN apt-get install -y curl
```
```dockerfile good
RUN apt-get install -y curl
```
";

#[test]
fn fixes_of_ones_own_are_applied_and_verified() {
    let folder = folder(PATHS);
    folder.write("policy/apt-yes.md", FIXING);
    let ran = folder.run(&["rules", "test"]);
    assert!(ran.code == 0 && ran.out.starts_with("ok    apt-yes: 3 examples\n"), "{ran:?}");
    folder.write("Dockerfile", "FROM debian:12\nRUN apt-get install \\\n  curl\n");
    let ran = folder.run(&["--select", "apt-yes", "--fix"]);
    assert_eq!(folder.read("Dockerfile"), "FROM debian:12\nRUN apt-get install -y \\\n  curl\n", "{ran:?}");
    // One that makes a mess is refused, and its example says so.
    let broken = FIXING.replace("insert = \"-y\"", "replace = \"install;(\"");
    folder.write("policy/apt-yes.md", broken);
    let ran = folder.run(&["rules", "test"]);
    assert!(
        ran.code == 1 && ran.out.contains("the fix is refused: its script would not be valid shell"),
        "{ran:?}"
    );
    // One that does not resolve its finding has no end.
    folder.write("policy/apt-yes.md", FIXING.replace("insert = \"-y\"", "insert = \"-q\""));
    let ran = folder.run(&["rules", "test"]);
    assert!(
        ran.code == 1 && ran.out.contains("was not fixed completely: fixes go on without an end"),
        "{ran:?}"
    );
    for (from, to, want) in [
        ("fix = \"safe\"\n", "", "the rule has a fix: say how far it can be trusted"),
        ("insert = \"-y\"\n", "", "`[match]` has no fix: neither `insert` nor `replace`"),
    ] {
        folder.write("policy/apt-yes.md", FIXING.replace(from, to));
        let ran = folder.run(&[]);
        assert!(ran.code == 2 && ran.out.contains(want), "{want}: {ran:?}");
    }
}
