//! Rule files: TOML front matter between `+++` lines, and a Markdown page with executable examples.
//!
//! The front matter has the keys `summary`, `category`, `severity`, `preset`, `fix`, `since`,
//! `aliases`, `needs` (`context` if the rule says nothing without a build context; it can be left out),
//! either `code` (a function below `rules::checks`, or `engine` for what the engine itself
//! reports) or a `[match]` table, and an `[options]` table with the defaults of the rule's options.
//!
//! The page has the sections `## What it does`, `## Why` and `## Examples`, with fenced blocks:
//! `dockerfile bad`, `dockerfile fixed`, `dockerfile good`, and what sets up the examples behind it up
//! to the next heading: `config`, `dockerignore`, `tree`.

use crate::diag::Severity;
use crate::text::toml::{At, Entry, Fault, Fields};
use crate::text::{LineIndex, Span, toml};

use super::matcher::Matcher;
use super::meta::{Category, FixKind, Needs, Preset};

/// A rule file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The rule's name: the file's name without `.md`.
    pub name: String,
    /// The front matter.
    pub front: Front,
    /// The fenced blocks that are examples or set them up, in order.
    pub blocks: Vec<Block>,
}

/// The front matter of a rule file; see [`super::RuleMeta`].
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the fields are those of RuleMeta")]
pub struct Front {
    pub summary: String,
    pub category: Option<Category>,
    pub severity: Option<Severity>,
    pub preset: Option<Preset>,
    pub fix: Option<FixKind>,
    pub needs: Option<Needs>,
    pub since: String,
    pub aliases: Vec<String>,
    /// Path of the check below `crate::rules::checks`, or `engine`.
    pub code: Option<String>,
    /// The `[match]` table.
    pub matcher: Option<Matcher>,
    /// Names and defaults of the options: booleans, integers, strings and lists of strings.
    pub options: Vec<(String, ::toml::Value)>,
}

/// What a fenced block is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A Dockerfile with the findings that its carets mark.
    Bad,
    /// A Dockerfile without findings of the rule.
    Good,
    /// What the fix makes of the `bad` block before it.
    Fixed,
    /// A `dlint.toml`.
    Config,
    /// The ignore file of the build context.
    Dockerignore,
    /// The files of the build context.
    Tree,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it is for.
    pub kind: BlockKind,
    /// Line of the block's first line of text in the rule file, from 1.
    pub line: u32,
    /// Where its text stands in the rule file.
    pub span: Span,
    /// The text, with the final line ending.
    pub text: String,
    /// How many headings stand before it: what sets up an example has the same number.
    pub group: u32,
}

/// Something wrong in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFileError {
    /// Line from 1.
    pub line: u32,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl std::fmt::Display for RuleFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Reads the rule file of the rule `name`.
///
/// # Errors
/// All that is wrong in the file, in the order of the lines.
pub fn parse(name: &str, text: &str) -> Result<RuleFile, Vec<RuleFileError>> {
    let lines = LineIndex::new(text);
    let mut faults = Vec::new();
    if !is_rule_name(name) {
        faults.push(Fault::new(
            Span::at(0),
            format!("`{name}` is no rule name: use lower case, digits and `-`"),
        ));
    }
    let Some((front_span, body)) = split(text) else {
        faults.push(Fault::new(Span::at(0), "the file must start with front matter between `+++` lines"));
        return Err(errors(&lines, faults));
    };
    let (front, more) = toml::read(front_span.text(text), front_span.start, front);
    faults.extend(more);
    let blocks = page(text, body, &mut faults);
    if faults.is_empty() {
        return Ok(RuleFile { name: name.to_owned(), front, blocks });
    }
    Err(errors(&lines, faults))
}

/// The `[match]` table of a rule file that has one.
pub(super) fn matcher(text: &str) -> Option<Matcher> {
    let (span, _) = split(text)?;
    toml::read(span.text(text), span.start, front).0.matcher
}

fn errors(lines: &LineIndex, mut faults: Vec<Fault>) -> Vec<RuleFileError> {
    faults.sort_by_key(|f| f.span);
    let message = |f: &Fault| match &f.help {
        Some(help) => format!("{}: {help}", f.message),
        None => f.message.clone(),
    };
    faults.iter().map(|f| RuleFileError { line: lines.line(f.span.start), message: message(f) }).collect()
}

fn is_rule_name(name: &str) -> bool {
    name.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The front matter, and where the page starts.
fn split(text: &str) -> Option<(Span, usize)> {
    let front = text.strip_prefix("+++\n")?;
    let len = if front.starts_with("+++\n") { 0 } else { front.find("\n+++\n")? + 1 };
    Some((Span::of(4..4 + len), 4 + len + 4))
}

fn front(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Front {
    let summary = fields.required("summary", faults);
    if let Some(summary) = &summary
        && (summary.value.contains('\n') || summary.value.ends_with('.') || summary.value.len() > 100)
    {
        faults.push(Fault::new(
            summary.span,
            "the summary is one line of at most 100 bytes without a full stop",
        ));
    }
    let category = fields.required("category", faults);
    let severity = fields.required("severity", faults);
    let preset = fields.required("preset", faults);
    let fix = fields.required("fix", faults);
    let needs = fields.string("needs", faults);
    let since = fields.required("since", faults);
    let aliases = fields.strings("aliases", faults).unwrap_or_default();
    for alias in &aliases {
        if !alias.value.split_once(':').is_some_and(|(tool, id)| is_rule_name(tool) && !id.is_empty()) {
            faults.push(Fault::new(alias.span, "an alias is a tool and its id: `hadolint:DL3007`"));
        }
    }
    let code = fields.string("code", faults);
    let matcher = fields.table("match", faults).map(|table| Matcher::read(table, faults));
    if code.is_some() == matcher.is_some() {
        faults.push(Fault::new(fields.span(), "give either `code` or a `[match]` table"));
    }
    let options = fields.table("options", faults).map(|mut table| options(&table.all(), faults));
    Front {
        summary: summary.map(|s| s.value).unwrap_or_default(),
        category: choose(category, Category::of, Category::ALL.map(Category::name), faults),
        severity: choose(severity, |s| s.parse().ok(), Severity::ALL.map(Severity::name), faults),
        preset: choose(preset, Preset::of, Preset::ALL.map(Preset::name), faults),
        fix: choose(fix, FixKind::of, FixKind::ALL.map(FixKind::name), faults),
        needs: choose(needs, Needs::of, Needs::ALL.map(Needs::name), faults),
        since: since.map(|s| s.value).unwrap_or_default(),
        aliases: aliases.into_iter().map(|a| a.value).collect(),
        code: code.map(|c| c.value),
        matcher,
        options: options.unwrap_or_default(),
    }
}

fn options(entries: &[Entry<'_>], faults: &mut Vec<Fault>) -> Vec<(String, ::toml::Value)> {
    let mut options = Vec::new();
    for entry in entries {
        let value = entry.plain();
        let fits = match &value {
            ::toml::Value::Array(items) => items.iter().all(::toml::Value::is_str),
            value => value.is_str() || value.is_bool() || value.is_integer(),
        };
        if !fits {
            let message = "an option is a string, an integer, true or false, or a list of strings";
            faults.push(Fault::new(entry.span, message));
        }
        options.push((entry.key.to_owned(), value));
    }
    options
}

fn choose<T, const N: usize>(
    text: Option<At<String>>,
    of: impl Fn(&str) -> Option<T>,
    names: [&str; N],
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let text = text?;
    let value = of(&text.value);
    if value.is_none() {
        let message = format!("`{}` must be one of {}", text.value, names.join(", "));
        faults.push(Fault::new(text.span, message));
    }
    value
}

/// Reads headings and fenced blocks.
fn page(text: &str, start: usize, faults: &mut Vec<Fault>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut sections = Vec::new();
    let mut group = 0;
    let mut open: Option<Option<Block>> = None;
    let mut at = start;
    let first = LineIndex::new(&text[..start]).count();
    for (next_line, line) in (first + 1..).zip(text[start..].split_inclusive('\n')) {
        let here = Span::of(at..at + line.trim_end().len());
        at += line.len();
        let fence = line.starts_with("```");
        match &mut open {
            Some(block) if fence => {
                blocks.extend(block.take());
                open = None;
            }
            Some(Some(block)) => {
                block.text.push_str(line);
                block.span.end = here.start + Span::of(0..line.len()).end;
            }
            Some(None) => {}
            None if fence => {
                let kind = block_kind(here.text(text).trim_start_matches('`').trim(), here, faults);
                open = Some(kind.map(|kind| Block {
                    kind,
                    line: next_line,
                    span: Span::of(at..at),
                    text: String::new(),
                    group,
                }));
            }
            None if line.starts_with("## ") || line.starts_with("### ") => {
                group += 1;
                if let Some(title) = line.strip_prefix("## ") {
                    sections.push(title.trim().to_owned());
                }
            }
            None => {}
        }
    }
    if open.is_some() {
        faults.push(Fault::new(Span::of(at..at), "a fenced block has no end"));
    }
    if sections != ["What it does", "Why", "Examples"] {
        let message = "the page has the sections `## What it does`, `## Why` and `## Examples`";
        faults.push(Fault::new(Span::of(start..start), message));
    }
    check_order(&blocks, faults);
    blocks
}

fn block_kind(info: &str, span: Span, faults: &mut Vec<Fault>) -> Option<BlockKind> {
    match info {
        "dockerfile bad" => Some(BlockKind::Bad),
        "dockerfile good" => Some(BlockKind::Good),
        "dockerfile fixed" => Some(BlockKind::Fixed),
        "toml config" | "config" => Some(BlockKind::Config),
        "dockerignore" => Some(BlockKind::Dockerignore),
        "tree" => Some(BlockKind::Tree),
        "console" | "text" | "toml" | "sh" => None,
        _ => {
            let message = "a block is `dockerfile bad`, `dockerfile good`, `dockerfile fixed`, `config`, \
                           `dockerignore` or `tree`; `console`, `text`, `toml` and `sh` are only shown";
            faults.push(Fault::new(span, message));
            None
        }
    }
}

fn check_order(blocks: &[Block], faults: &mut Vec<Fault>) {
    let examples: Vec<&Block> = blocks
        .iter()
        .filter(|b| matches!(b.kind, BlockKind::Bad | BlockKind::Good | BlockKind::Fixed))
        .collect();
    for (i, block) in examples.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| examples.get(i)).map(|b| b.kind);
        if block.kind == BlockKind::Fixed && before != Some(BlockKind::Bad) {
            faults.push(Fault::new(block.span, "a `fixed` block stands right behind its `bad` block"));
        }
    }
    for (kind, name) in [(BlockKind::Bad, "bad"), (BlockKind::Good, "good")] {
        if !examples.iter().any(|b| b.kind == kind) {
            let end = Span::at(blocks.last().map_or(0, |b| b.span.end));
            faults.push(Fault::new(end, format!("there is no `dockerfile {name}` block")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "+++\nsummary = \"a summary\"\ncategory = \"size\"\nseverity = \"warning\"\n\
        preset = \"default\"\nfix = \"none\"\nsince = \"0.1.0\"\naliases = [\"hadolint:DL1\"]\n\
        code = \"a::b\"\n[options]\nmax = 5\n+++\n## What it does\nx\n## Why\nx\n## Examples\n\
        ```dockerfile bad\nFROM a\n#^^^\n```\n### Setting\n```config\nselect = []\n```\n\
        ```dockerfile good\nFROM b\n```\n";

    #[test]
    fn a_rule_file_is_read_whole() {
        let file = parse("a-rule", GOOD).unwrap();
        assert_eq!(file.front.category, Some(Category::Size));
        assert_eq!(file.front.aliases, ["hadolint:DL1"]);
        assert_eq!(file.front.options, [("max".to_owned(), ::toml::Value::Integer(5))]);
        let got: Vec<_> = file.blocks.iter().map(|b| (b.kind, b.line, b.group, b.text.as_str())).collect();
        assert_eq!(
            got,
            [
                (BlockKind::Bad, 19, 3, "FROM a\n#^^^\n"),
                (BlockKind::Config, 24, 4, "select = []\n"),
                (BlockKind::Good, 27, 4, "FROM b\n"),
            ]
        );
        assert!(file.blocks.iter().all(|b| b.span.text(GOOD) == b.text));
        assert_eq!(GOOD.lines().nth(18), Some("FROM a"));
    }

    #[test]
    fn every_fault_names_its_line() {
        for (from, to, want) in [
            ("summary = \"a summary\"\n", "", "line 2: `summary` is missing"),
            (
                "size",
                "sizes",
                "line 3: `sizes` must be one of correctness, security, reproducibility, cache, size, style, policy",
            ),
            ("since", "sinse", "line 2: `since` is missing"),
            ("hadolint:", "", "line 8: an alias is a tool and its id: `hadolint:DL3007`"),
            ("code = \"a::b\"\n", "", "line 2: give either `code` or a `[match]` table"),
            (
                "max = 5",
                "max = 5.5",
                "line 11: an option is a string, an integer, true or false, or a list of strings",
            ),
            (
                "## Why",
                "## Because",
                "line 13: the page has the sections `## What it does`, `## Why` and `## Examples`",
            ),
            ("```dockerfile good", "```docker", "line 26: a block is `dockerfile bad`"),
            ("```dockerfile bad", "```dockerfile good", "there is no `dockerfile bad` block"),
            ("```dockerfile good", "```dockerfile fixed", "there is no `dockerfile good` block"),
            ("FROM b\n```\n", "FROM b\n", "line 28: a fenced block has no end"),
            ("+++\n## What", "## What", "line 1: the file must start with front matter between `+++` lines"),
            ("max = 5", "max = ", "line 11: "),
        ] {
            let errors = parse("a-rule", &GOOD.replacen(from, to, 1)).unwrap_err();
            let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
        }
        assert!(parse("A_rule", GOOD).is_err());
    }
}
