//! The test that keeps `registry.rs` in step with the rule files, and rewrites it on demand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::file::{self, Author, RuleFile};
use super::{Category, FixKind, Needs, Preset};
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

fn registry(files: &[RuleFile]) -> String {
    let mut out = String::from(
        "//! All rules. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.\n\n\
         use std::borrow::Cow;\n\n\
         use super::{Category, Check, FixKind, Needs, Preset, Rule, RuleMeta, checks};\n\
         use crate::diag::Severity;\n\n\
         macro_rules! rule {\n\
         \x20   ($name:literal, $summary:literal, $category:ident, $severity:ident, $preset:ident, $fix:ident,\n\
         \x20       $needs:ident, $since:literal, [$($alias:literal),*], $options:expr, $check:expr) => {\n\
         \x20       Rule {\n\
         \x20           meta: RuleMeta {\n\
         \x20               name: Cow::Borrowed($name),\n\
         \x20               summary: Cow::Borrowed($summary),\n\
         \x20               category: Category::$category,\n\
         \x20               severity: Severity::$severity,\n\
         \x20               preset: Preset::$preset,\n\
         \x20               fix: FixKind::$fix,\n\
         \x20               needs: Needs::$needs,\n\
         \x20               since: Cow::Borrowed($since),\n\
         \x20               aliases: Cow::Borrowed(&[$(Cow::Borrowed($alias)),*]),\n\
         \x20               options: &$options,\n\
         \x20               doc: Cow::Borrowed(include_str!(concat!(\"../../rules/\", $name, \".md\"))),\n\
         \x20               file: None,\n\
         \x20           },\n\
         \x20           check: $check,\n\
         \x20       }\n\
         \x20   };\n\
         }\n\n\
         /// All rules, sorted by name.\n\
         #[rustfmt::skip]\n\
         pub static RULES: &[Rule] = &[\n",
    );
    for file in files {
        let front = &file.front;
        let check = match &front.code {
            Some(path) if path == "engine" => "Check::Engine".to_owned(),
            Some(path) => format!("Check::Code(checks::{path})"),
            None => "Check::Match".to_owned(),
        };
        let options: Vec<String> =
            front.options.iter().map(|(k, v)| format!("({k:?}, {})", option(v))).collect();
        writeln!(
            out,
            "    rule!({:?}, {:?}, {:?}, {:?}, {:?}, {:?}, {:?}, {:?}, {:?}, [{}], {check}),",
            file.name,
            front.summary,
            front.category.unwrap_or(Category::Correctness),
            front.severity.unwrap_or(Severity::Error),
            front.preset.unwrap_or(Preset::Default),
            front.fix.unwrap_or(FixKind::None),
            front.needs.unwrap_or(Needs::Dockerfile),
            front.since,
            front.aliases,
            options.join(", "),
        )
        .unwrap();
    }
    out.push_str("];\n");
    out
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
