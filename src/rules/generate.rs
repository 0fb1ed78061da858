//! The test that keeps `registry.rs` in step with the rule files, and rewrites it on demand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::file::{self, Author, RuleFile};
use super::{Catalogue, Category, FixKind, Needs, Preset, Reading, Status};
use crate::diag::Severity;

/// Environment variable under which tests rewrite what they would compare.
pub(crate) const BLESS: &str = "DLINT_BLESS";

pub(crate) fn blessing() -> bool {
    std::env::var_os(BLESS).is_some_and(|v| v == "1")
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a checked-in file with what it should hold, or rewrites it.
pub(crate) fn assert_current(path: &str, want: &str) {
    let full = root().join(path);
    let got = std::fs::read_to_string(&full).unwrap_or_default();
    if got == want {
        return;
    }
    if blessing() {
        std::fs::write(&full, want).unwrap();
        return;
    }
    let line = 1 + got.lines().zip(want.lines()).take_while(|(a, b)| a == b).count();
    panic!(
        "{path}:{line} is stale: run `{BLESS}=1 cargo test`\n  has  {}\n  want {}",
        got.lines().nth(line - 1).unwrap_or("(nothing)"),
        want.lines().nth(line - 1).unwrap_or("(nothing)")
    );
}

/// All rule files with their paths and texts, sorted by name.
pub(crate) fn rule_files() -> Vec<(PathBuf, String, RuleFile)> {
    let mut files = Vec::new();
    let mut errors = String::new();
    let mut paths: Vec<_> = std::fs::read_dir(root().join("rules"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    // By name, as the registry is searched: `a` before `a-b`, which `a-b.md` and `a.md` are not.
    paths.sort_by_key(|p| p.file_stem().map(std::ffi::OsStr::to_owned));
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        match file::parse(&name, &text, Author::Dlint) {
            Ok(file) => files.push((path, text, file)),
            Err(found) => {
                let lines = crate::text::LineIndex::new(&text);
                for fault in found {
                    let line = lines.line(fault.span.start);
                    let help = fault.help.unwrap_or_default();
                    writeln!(errors, "rules/{name}.md:{line}: {} {help}", fault.message).unwrap();
                }
            }
        }
    }
    assert!(errors.is_empty(), "rule files are wrong:\n{errors}");
    files
}

const REGISTRY: &str = "\
//! All rules. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.

use std::borrow::Cow;

use super::{Category, Check, FixKind, Needs, Preset, Reading, Rule, RuleId, RuleMeta, Status, checks};
use crate::diag::Severity;

/// Makes the list and the ids of the same words, so that an id is always the place of its rule.
macro_rules! rules {
    ($(
        $id:ident {
            name: $name:literal,
            summary: $summary:literal,
            category: $category:ident,
            severity: $severity:ident,
            preset: $preset:ident,
            fix: $fix:ident,
            needs: $needs:ident,
            reads: $reads:ident,
            since: $since:literal,
            status: $status:expr,
            renamed_from: [$($old:literal),* $(,)?],
            aliases: [$($alias:literal),* $(,)?],
            options: $options:expr,
            open: $open:expr,
            check: $check:expr,
        }
    )*) => {
        /// All rules, sorted by name.
        pub static RULES: &[Rule] = &[$(Rule {
            meta: RuleMeta {
                name: Cow::Borrowed($name),
                summary: Cow::Borrowed($summary),
                category: Category::$category,
                severity: Severity::$severity,
                preset: Preset::$preset,
                fix: FixKind::$fix,
                needs: Needs::$needs,
                reads: Reading::$reads,
                since: Cow::Borrowed($since),
                status: $status,
                renamed_from: Cow::Borrowed(&[$(Cow::Borrowed($old)),*]),
                aliases: Cow::Borrowed(&[$(Cow::Borrowed($alias)),*]),
                options: &$options,
                open: $open,
                file: None,
            },
            check: $check,
        }),*];

        /// The rules by their places.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = \"each is called as its constant\")]
        enum Place {
            $($id),*
        }

        #[allow(missing_docs, dead_code, reason = \"each is the rule of that name; not all are asked for\")]
        impl RuleId {
            $(pub const $id: Self = Self(Place::$id as u16);)*
        }
    };
}

#[rustfmt::skip]
rules! {
";

fn registry(files: &[RuleFile]) -> String {
    let mut out = String::from(REGISTRY);
    for file in files {
        let front = &file.front;
        let check = match &front.code {
            Some(path) if path == "engine" => "Check::Engine".to_owned(),
            Some(path) if front.needs == Some(Needs::Entry) => {
                format!("Check::Entry(checks::entry_files::{path})")
            }
            Some(path) => format!("Check::Code(checks::{path})"),
            None => "Check::Match".to_owned(),
        };
        let open = match front.code {
            Some(_) => "None".to_owned(),
            None => format!("Some(Cow::Borrowed(include_str!(\"../../rules/{}.md\")))", file.name),
        };
        let aliases = front.aliases.iter().map(|alias| format!("{alias:?}"));
        let options = front.options.iter().map(|(key, value)| format!("({key:?}, {})", option(value)));
        let id = file.name.replace('-', "_").to_ascii_uppercase();
        writeln!(out, "    {id} {{").unwrap();
        for (field, value) in [
            ("name", format!("{:?}", file.name)),
            ("summary", format!("{:?}", front.summary)),
            ("category", format!("{:?}", front.category.unwrap_or(Category::Correctness))),
            ("severity", format!("{:?}", front.severity.unwrap_or(Severity::Error))),
            ("preset", format!("{:?}", front.preset.unwrap_or(Preset::Default))),
            ("fix", format!("{:?}", front.fix.unwrap_or(FixKind::None))),
            ("needs", format!("{:?}", front.needs.unwrap_or(Needs::Dockerfile))),
            ("reads", format!("{:?}", front.reads.unwrap_or(Reading::Build))),
            ("since", format!("{:?}", front.since)),
            ("status", status(&front.status)),
            ("renamed_from", list(front.renamed_from.iter().map(|old| format!("{old:?}")))),
            ("aliases", list(aliases)),
            ("options", list(options)),
            ("open", open),
            ("check", check),
        ] {
            writeln!(out, "        {field}: {value},").unwrap();
        }
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    out
}

/// A constant for each option of each rule.
fn keys(files: &[RuleFile]) -> String {
    let mut out = String::from(
        "//! The options of the rules, by rule. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.\n",
    );
    for file in files.iter().filter(|f| !f.front.options.is_empty()) {
        let rule = &file.name;
        writeln!(
            out,
            "\n#[rustfmt::skip]\npub(crate) mod {} {{\n    use crate::rules::Key;\n",
            rule.replace('-', "_")
        )
        .unwrap();
        for (name, value) in &file.front.options {
            let (kind, default) = match value {
                toml::Value::Boolean(b) => ("bool", b.to_string()),
                toml::Value::Integer(i) => ("i64", i.to_string()),
                toml::Value::Array(items) => {
                    let items: Vec<_> = items.iter().filter_map(toml::Value::as_str).collect();
                    ("&'static [&'static str]", format!("&{items:?}"))
                }
                other => ("&'static str", format!("{:?}", other.as_str().unwrap_or_default())),
            };
            let constant = name.replace('-', "_").to_ascii_uppercase();
            writeln!(
                out,
                "    pub(crate) const {constant}: Key<{kind}> =\n        \
                 Key {{ rule: {rule:?}, name: {name:?}, default: {default} }};"
            )
            .unwrap();
        }
        out.push_str("}\n");
    }
    out
}

/// As it is written in Rust.
fn status(status: &Status) -> String {
    let text = |text: Option<&str>| match text {
        Some(text) => format!("Some(Cow::Borrowed({text:?}))"),
        None => "None".to_owned(),
    };
    match status {
        Status::Stable => "Status::Stable".to_owned(),
        Status::Deprecated { .. } => format!(
            "Status::Deprecated {{ replaced_by: {}, reason: {} }}",
            text(status.replaced_by()),
            text(status.reason())
        ),
    }
}

/// An array with a line for each of its items.
fn list(items: impl Iterator<Item = String>) -> String {
    let lines: String = items.map(|item| format!("\n            {item},")).collect();
    if lines.is_empty() { "[]".to_owned() } else { format!("[{lines}\n        ]") }
}

fn option(value: &toml::Value) -> String {
    let value = match value {
        toml::Value::Boolean(b) => format!("Boolean({b})"),
        toml::Value::Integer(i) => format!("Integer({i})"),
        toml::Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(toml::Value::as_str).collect();
            format!("List(&{items:?})")
        }
        other => format!("Text({:?})", other.as_str().unwrap_or_default()),
    };
    format!("super::OptionValue::{value}")
}

#[test]
fn the_registry_is_made_from_the_rule_files() {
    let files: Vec<RuleFile> = rule_files().into_iter().map(|(_, _, f)| f).collect();
    assert_current("src/rules/registry.rs", &registry(&files));
    assert_current("src/rules/keys.rs", &keys(&files));
}

#[test]
fn a_status_is_written_as_rust() {
    let both = Status::Deprecated { replaced_by: Some("b".into()), reason: None };
    assert_eq!(status(&both), "Status::Deprecated { replaced_by: Some(Cow::Borrowed(\"b\")), reason: None }");
}

#[test]
fn old_names_mean_nothing_else_and_replacements_exist() {
    let catalogue = Catalogue::default();
    for rule in super::RULES {
        for old in rule.meta.renamed_from.iter() {
            let called = super::RULES.iter().filter(|r| r.meta.is_called(old)).count();
            let group = catalogue.lookup(old).is_some_and(|s| s.scope != super::Scope::Rule);
            assert!(called == 0 && !group, "{old} is a name of today");
        }
        let by = rule.meta.status.replaced_by();
        assert!(by.is_none_or(|by| by != rule.meta.name && catalogue.id(by).is_some()), "{rule:?}");
    }
}

#[test]
fn names_and_aliases_are_unambiguous() {
    for rule in super::RULES {
        for other in super::RULES {
            for alias in other.meta.aliases.iter() {
                assert!(!super::bare(alias).eq_ignore_ascii_case(&rule.meta.name), "{alias}");
            }
        }
        let reserved = ["all", "none"].contains(&&*rule.meta.name)
            || Category::of(&rule.meta.name).is_some()
            || Preset::of(&rule.meta.name).is_some();
        assert!(!reserved, "{} is a group", rule.meta.name);
    }
}
