//! The pages in `docs/` say what is so: settings, JSON fields and exit codes are held against the program.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(path.to_str().unwrap())))
        .collect();
    pages.sort();
    pages
}

/// A rule without one would have no page on the site.
#[test]
fn the_site_has_every_category() {
    let rules = categories();
    let known = read("tools/site-theme/rule_pages.py");
    for category in rules {
        assert!(
            known.contains(&format!("\n    \"{category}\": \"")),
            "CATEGORIES of tools/site-theme lack {category}"
        );
    }
}

/// The categories that rules have.
fn categories() -> BTreeSet<String> {
    let rules = std::fs::read_dir(root().join("rules")).unwrap().map(|entry| entry.unwrap().path());
    let pages = rules.filter(|path| path.extension().is_some_and(|e| e == "md"));
    let heads = pages.map(|path| read(path.to_str().unwrap()));
    let category =
        |page: String| page.split_once("category = \"").unwrap().1.split('"').next().unwrap().to_owned();
    heads.map(category).collect()
}

/// The fenced blocks of a page that say `kind`.
fn blocks<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let open = format!("\n```{kind}\n");
    page.match_indices(&open)
        .map(|(at, _)| {
            let rest = &page[at + open.len()..];
            &rest[..rest.find("\n```").unwrap() + 1]
        })
        .collect()
}

/// Runs dlint in `folder` and gives its exit code and what it writes.
fn dlint(folder: &Path, args: &str, input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(args.split_whitespace())
        .current_dir(folder)
        .env_remove("GITHUB_ACTIONS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no input may have closed it already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What a key may hold, in words.
fn kind_of(schema: &Value) -> String {
    let names = |values: &Value| {
        let names: Vec<String> =
            values.as_array().unwrap().iter().map(|v| format!("`{}`", v.as_str().unwrap())).collect();
        names.join(", ")
    };
    if let Some(values) = schema.get("enum") {
        return format!("one of {}", names(values));
    }
    if schema.get("oneOf").is_some() {
        return "`true`, `false`, or a table".to_owned();
    }
    match schema["type"].as_str().unwrap() {
        "boolean" => "`true` or `false`".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "a number".to_owned(),
        "array" if schema["items"].get("$ref").is_some() => {
            "a list of [rules and groups](#rules-and-groups)".to_owned()
        }
        "array" if schema["items"].get("properties").is_some() => "a list of tables".to_owned(),
        "array" => "a list of texts".to_owned(),
        "object" => match schema.get("additionalProperties") {
            Some(Value::Object(values)) if values.contains_key("enum") => {
                format!("a table: rules and groups, each with one of {}", names(&values["enum"]))
            }
            Some(Value::Object(values)) => {
                format!("a table: names, each with one of {}", names(&values["anyOf"][0]["enum"]))
            }
            _ => "a table".to_owned(),
        },
        other => panic!("{other}"),
    }
}

/// A value as TOML has it: for texts, numbers and lists of them that is JSON.
fn written(value: &Value) -> String {
    match value.as_array() {
        Some(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        None => value.to_string(),
    }
}

/// The lines of a table.
fn lines(table: &Value) -> String {
    let bare = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let key = |key: &str| if bare(key) { key.to_owned() } else { format!("\"{key}\"") };
    let fields = table.as_object().unwrap().iter();
    fields.map(|(name, value)| format!("{} = {}\n", key(name), written(value))).collect()
}

/// `value` as it is written into dlint.toml at `path`.
fn example(path: &[&str], value: &Value) -> String {
    let (key, tables) = path.split_last().unwrap();
    let line = format!("{key} = {}\n", written(value));
    match value {
        Value::Object(_) => format!("[{}]\n{}", path.join("."), lines(value)),
        Value::Array(items) if items[0].is_object() => {
            format!("[[{}]]\n{}", path.join("."), lines(&items[0]))
        }
        _ => match (tables, *key) {
            ([], _) => line,
            (["overrides"], "files") => format!("[[overrides]]\n{line}"),
            (["overrides"], _) => format!("[[overrides]]\nfiles = [\"ci/**\"]\n{line}"),
            _ => format!("[{}]\n{line}", tables.join(".")),
        },
    }
}

/// Writes the section of the key at `path`, and those of the keys in it.
fn section(out: &mut String, path: &[&str], schema: &Value, top: &Value) {
    let depth = if path.len() == 1 { "###" } else { "####" };
    let what = schema["description"].as_str().unwrap_or("");
    writeln!(out, "{depth} `{}`\n", path.join(".")).unwrap();
    let mut letters = what.chars();
    match (letters.next(), path) {
        (Some(first), _) => writeln!(out, "{}{}.\n", first.to_uppercase(), letters.as_str()).unwrap(),
        (None, ["rules", rule, _]) => {
            writeln!(out, "An option of the rule [`{rule}`](../rules/{rule}.md).\n").unwrap();
        }
        (None, _) => {}
    }
    writeln!(out, "- Type: {}", kind_of(schema)).unwrap();
    match schema.get("default") {
        Some(Value::String(text)) => writeln!(out, "- Default: `{text}`").unwrap(),
        Some(value) => writeln!(out, "- Default: `{value}`").unwrap(),
        None => {}
    }
    for value in schema["examples"].as_array().into_iter().flatten() {
        write!(out, "\n```toml\n{}```\n", example(path, value)).unwrap();
    }
    out.push('\n');
    let tables = [&schema["properties"], &schema["items"]["properties"], &schema["oneOf"][1]["properties"]];
    let Some(fields) = tables.into_iter().find_map(Value::as_object) else { return };
    let mut same = Vec::new();
    for (key, field) in fields {
        if path == ["overrides"] && top["properties"].get(key).is_some_and(|whole| whole == field) {
            same.push(format!("[`{key}`](#{key})"));
            continue;
        }
        if path == ["overrides"] && key == "rules" {
            same.push("[`rules`](#rules)".to_owned());
            continue;
        }
        let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
        section(out, &path, field, top);
    }
    if !same.is_empty() {
        writeln!(out, "An `[[overrides]]` table also takes these, as at the top: {}.\n", same.join(", "))
            .unwrap();
    }
}

#[test]
fn the_page_of_settings_is_made_from_the_schema() {
    let schema: Value = serde_json::from_str(&read("dlint.schema.json")).unwrap();
    let mut keys = String::from("\n");
    for (key, field) in schema["properties"].as_object().unwrap() {
        section(&mut keys, &[key], field, &schema);
    }
    let page = read("docs/configuration.md");
    let start = page.find("<!-- keys: ").unwrap();
    let start = start + page[start..].find('\n').unwrap() + 1;
    let end = page.find("<!-- end of keys -->").unwrap();
    if page[start..end] == keys {
        return;
    }
    assert!(
        std::env::var_os("DLINT_BLESS").is_some(),
        "docs/configuration.md is stale: run DLINT_BLESS=1 cargo test --test it docs"
    );
    let page = format!("{}{keys}{}", &page[..start], &page[end..]);
    std::fs::write(root().join("docs/configuration.md"), page).unwrap();
}

#[test]
fn settings_in_the_pages_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("policy")).unwrap();
    std::fs::write(
        folder.path().join("policy/own.md"),
        "+++\nsummary = \"x\"\n[match]\ninstruction = \"VOLUME\"\nmessage = \"x\"\n+++\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("dlint-baseline.toml"), "version = 1\n").unwrap();
    for name in ["web", "services/web"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    let mut tried = 0;
    for (name, page) in pages().into_iter().chain([("README.md".to_owned(), read("README.md"))]) {
        for settings in blocks(&page, "toml") {
            if settings.contains("[match]") || settings.starts_with("#:schema") {
                continue;
            }
            std::fs::write(folder.path().join("dlint.toml"), settings).unwrap();
            let (code, out, error) =
                dlint(folder.path(), "--format json --stdin-filename web/Dockerfile -", "FROM scratch\n");
            let report: Value = serde_json::from_str(&out).unwrap_or_default();
            let problems = report["problems"].as_array().map_or(1, Vec::len);
            assert!(code != Some(2) && problems == 0, "{name}:\n{settings}\n{error}\n{out}");
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

/// The names of all fields in `value`.
pub(crate) fn field_names(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    fields(value, &mut found);
    found
}

fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                fields(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

#[test]
fn all_fields_of_the_json_have_a_row() {
    let page = read("docs/json.md");
    let section = |head: &str| {
        let start = page.find(&format!("\n## {head}\n")).unwrap_or_else(|| panic!("{head}"));
        let rest = &page[start + 4..];
        rest[..rest.find("\n## ").unwrap_or(rest.len())].to_owned()
    };
    let lint = section("`dlint --format json`");
    let cases = [
        ("--select all testdata", lint.clone()),
        ("--select all testdata nosuch", lint),
        ("rules", section("`dlint rules --format json`")),
        ("size testdata/flask-naive --max-size 1GB", section("`dlint size --format json`")),
        ("size --all testdata/monorepo --max-size 1GB", section("`dlint size --all --format json`")),
        ("context testdata/flask-naive --list", section("`dlint context --format json`")),
        ("context testdata/node-copy-first", section("`dlint context --format json`")),
        ("size testdata/flask-naive --suggest", section("`dlint size --suggest --format json`")),
        ("size testdata/flask-optimised --suggest", section("`dlint size --suggest --format json`")),
        (
            "size testdata/node-copy-first --fix-ignore --diff",
            section("`dlint size --fix-ignore --format json`"),
        ),
        ("cache testdata/flask-naive --changed app.py nosuch", read("docs/cache.md")),
    ];
    let project = tempfile::tempdir().unwrap();
    std::fs::write(
        project.path().join("compose.yaml"),
        "services: {web: {build: {args: {A: '1'}}}, bad: 1}\n",
    )
    .unwrap();
    std::fs::write(project.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    let targets = format!("targets {}", project.path().display());
    let cases = cases.into_iter().chain([(targets.as_str(), section("`dlint targets --format json`"))]);
    for (args, page) in cases {
        let (_, out, error) = dlint(root(), &format!("{args} --format json"), "");
        let mut found = BTreeSet::new();
        fields(&serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args}: {e}: {error}")), &mut found);
        assert!(!found.is_empty());
        let missing: Vec<_> = found.iter().filter(|field| !page.contains(&format!("`{field}`"))).collect();
        assert!(missing.is_empty(), "docs: {args} writes {missing:?}, which no row explains");
    }
}

#[test]
fn rules_in_the_pages_have_the_presets_that_they_say() {
    let (_, out, _) = dlint(root(), "rules --format json --no-config", "");
    let rules: Value = serde_json::from_str(&out).unwrap();
    let presets: BTreeSet<String> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|r| format!("`{}` ({})", r["name"].as_str().unwrap(), r["preset"].as_str().unwrap()))
        .collect();
    let mut seen = 0;
    for (name, page) in pages() {
        for preset in ["(default)", "(strict)", "(asked)"] {
            for (at, _) in page.match_indices(&format!("` {preset}")) {
                let start = page[..at].rfind('`').unwrap();
                let said = &page[start..at + 2 + preset.len()];
                assert!(presets.contains(said), "{name}: {said}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn commands_exit_as_the_page_says() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    for name in ["clean", "warn", "empty"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    let clean = "FROM debian:13-slim\nUSER 1000\nCMD [\"true\"]\n";
    std::fs::write(at("clean/Dockerfile"), clean).unwrap();
    let warned = "FROM node:22-slim\nCOPY . /app\nUSER 1000\nCMD npm start\n";
    std::fs::write(at("warn/Dockerfile"), warned).unwrap();
    std::fs::write(at("warn/.env"), "PASSWORD=hunter2hunter2\n").unwrap();
    std::fs::write(at("unknown.Dockerfile"), "FROM registry.example.com/base:1\n").unwrap();
    std::fs::write(at("notes.txt"), "not a Dockerfile\n").unwrap();
    std::fs::write(at("wrong.toml"), "colour = 1\n").unwrap();
    let cases = [
        ("clean", 0),
        ("warn", 1),
        ("warn nosuch", 2),
        ("--fail-on error warn", 0),
        ("--fail-on never warn", 0),
        ("--fail-on never nosuch", 2),
        ("empty", 2),
        ("notes.txt", 2),
        ("--select nosuch clean", 2),
        ("--config wrong.toml clean", 2),
        ("-o nosuch/report clean", 2),
        ("--diff clean", 0),
        ("--diff warn", 1),
        // A secret is left, which no fix takes away.
        ("--fix warn", 1),
        ("--help", 0),
        ("--version", 0),
        ("--nosuch", 2),
        ("size clean", 0),
        ("size nosuch", 2),
        ("size clean --max-size 1GB", 0),
        ("size clean --max-size 1MB", 1),
        ("size clean --max-size 100", 2),
        ("size unknown.Dockerfile --max-size 1GB", 1),
        ("size unknown.Dockerfile --max-size 1GB --unknown pass", 0),
        ("size --image nosuch.tar", 2),
        ("size clean --locked", 1),
        ("lock clean --image nosuch.tar", 2),
        ("lock clean", 2),
        ("size clean --suggest", 1),
        ("size clean --fix-ignore --diff", 0),
        ("size warn --fix-ignore --diff", 1),
        ("size warn --fix-ignore", 0),
        ("cache clean", 0),
        ("cache nosuch", 2),
        ("context clean", 0),
        ("context nosuch", 2),
        ("targets", 0),
        ("targets nosuch.yaml", 2),
        ("rules", 0),
        ("rules test", 2),
        ("explain no-user", 0),
        ("explain DL3006", 0),
        ("explain size", 2),
        ("init clean", 0),
        ("init clean", 2),
        ("init clean --force", 0),
        // Nobody has shut it down.
        ("lsp", 1),
        ("completions bash", 0),
        ("completions nosuch", 2),
        // Nothing is left, now that the ignore file has its lines.
        ("--fix warn", 0),
    ];
    for (args, want) in cases {
        let (code, out, error) = dlint(folder.path(), args, "");
        assert_eq!(code, Some(want), "dlint {args}\n{out}{error}");
    }
    let rule = |caret: &str| {
        let front = "+++\nsummary = \"x\"\n[match]\ninstruction = \"VOLUME\"\nmessage = \"x\"\n+++\n";
        format!(
            "{front}```dockerfile bad\nFROM scratch\nVOLUME /x\n{caret}\n```\n```dockerfile good\nFROM scratch\n```\n"
        )
    };
    for (text, want) in [(rule("#^^^^^"), 0), (rule("#^^"), 1), ("no rule\n".to_owned(), 2)] {
        std::fs::write(at("own.md"), &text).unwrap();
        let (code, out, error) = dlint(folder.path(), "rules test own.md", "");
        assert_eq!(code, Some(want), "{text}\n{out}{error}");
    }
}
