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
//!
//! A user's own rule needs a `summary` and a `[match]` table; the other keys have defaults, `code`,
//! `needs` and `[options]` are not for it, and its page may have other sections and blocks.

use crate::diag::Severity;
use crate::text::toml::{At, Entry, Fault, Fields};
use crate::text::{LineIndex, Span, nearest, toml};

use super::matcher::Matcher;
use super::meta::{Category, FixKind, Needs, Preset, RuleMeta};
use super::{Check, Rule};

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// dlint's own.
    Dlint,
    /// A user's.
    User,
}

/// A rule file.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The rule's name: the file's name without `.md`.
    pub name: String,
    /// Whose it is.
    pub author: Author,
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

/// Reads the rule file of the rule `name`.
///
/// # Errors
/// All that is wrong in the file, in the order of the text.
pub fn parse(name: &str, text: &str, author: Author) -> Result<RuleFile, Vec<Fault>> {
    let mut faults = Vec::new();
    if !is_rule_name(name) {
        let message = format!("`{}` is no rule name", name.chars().take(60).collect::<String>());
        let help = "name the file in lower case, with digits and `-`: `no-curl.md`";
        faults.push(Fault::new(Span::at(0), message).help(help));
    }
    let (front_span, body) = match split(text) {
        Ok(parts) => parts,
        Err(fault) => {
            faults.push(fault);
            return Err(faults);
        }
    };
    let read = |fields: &mut Fields<'_>, faults: &mut Vec<Fault>| front(author, fields, faults);
    let (front, more) = toml::read(front_span.text(text), front_span.start, read);
    faults.extend(more);
    let blocks = page(author, text, body, &mut faults);
    if faults.is_empty() {
        return Ok(RuleFile { name: name.to_owned(), author, front, blocks });
    }
    faults.sort_by_key(|f| f.span);
    Err(faults)
}

impl RuleFile {
    /// A user's own rule, from the file at `path` that holds `text`.
    #[must_use]
    pub fn rule(self, path: String, text: String) -> Rule {
        let front = self.front;
        let meta = RuleMeta {
            name: self.name.into(),
            summary: front.summary.into(),
            category: front.category.unwrap_or(Category::Policy),
            severity: front.severity.unwrap_or(Severity::Warning),
            preset: front.preset.unwrap_or(Preset::Default),
            fix: front.fix.unwrap_or(FixKind::None),
            needs: Needs::Dockerfile,
            since: front.since.into(),
            aliases: front.aliases.into_iter().map(Into::into).collect(),
            options: &[],
            doc: text.into(),
            file: Some(path),
        };
        Rule { meta, check: Check::User(Box::new(front.matcher.unwrap_or_default())) }
    }
}

/// The `[match]` table of a rule file of dlint's that has one.
pub(super) fn matcher(text: &str) -> Option<Matcher> {
    let (span, _) = split(text).ok()?;
    let read = |fields: &mut Fields<'_>, faults: &mut Vec<Fault>| front(Author::Dlint, fields, faults);
    toml::read(span.text(text), span.start, read).0.matcher
}

/// The Markdown of a rule file without its front matter.
pub(super) fn page_of(text: &str) -> &str {
    split(text).map_or(text, |(_, page)| text[page..].trim_start_matches(['\r', '\n']))
}

fn is_rule_name(name: &str) -> bool {
    name.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The front matter, and where the page starts.
fn split(text: &str) -> Result<(Span, usize), Fault> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = text[start..].split_inclusive('\n').map(|line| (line.trim_end(), line.len()));
    let (first, len) = lines.next().unwrap_or_default();
    if first != "+++" {
        let fault = Fault::new(
            Span::of(start..start + first.len()),
            "the file must start with front matter: TOML between two lines `+++`",
        );
        return Err(fault);
    }
    let front = start + len;
    let mut end = front;
    for (line, len) in lines {
        if line == "+++" {
            return Ok((Span::of(front..end), end + len));
        }
        end += len;
    }
    Err(Fault::new(Span::of(start..start + 3), "the front matter has no end: a second line `+++`"))
}

fn front(author: Author, fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Front {
    let summary = fields.required("summary", faults);
    if let Some(summary) = &summary
        && (summary.value.trim().is_empty()
            || summary.value.contains(char::is_control)
            || summary.value.ends_with('.')
            || summary.value.len() > 100)
    {
        faults.push(Fault::new(
            summary.span,
            "the summary is one line of at most 100 bytes without a full stop",
        ));
    }
    let own = author == Author::Dlint;
    let mut word = |key, faults: &mut Vec<Fault>| {
        if own { fields.required(key, faults) } else { fields.string(key, faults) }
    };
    let category = word("category", faults);
    let severity = word("severity", faults);
    let preset = word("preset", faults);
    let fix = word("fix", faults);
    let since = word("since", faults);
    let needs = if own { fields.string("needs", faults) } else { None };
    let aliases = fields.strings("aliases", faults).unwrap_or_default();
    for alias in &aliases {
        if !alias.value.split_once(':').is_some_and(|(tool, id)| is_rule_name(tool) && !id.is_empty()) {
            faults.push(Fault::new(alias.span, "an alias is a tool and its id: `hadolint:DL3007`"));
        } else if alias.value.contains(|c: char| c.is_control() || c.is_whitespace() || c == ',') {
            faults.push(Fault::new(alias.span, "an alias has neither blanks nor commas"));
        }
    }
    let code = if own { fields.string("code", faults) } else { None };
    let matcher = fields.table("match", faults).map(|table| Matcher::read(table, faults));
    match (author, code.is_some() == matcher.is_some()) {
        (Author::Dlint, true) => {
            faults.push(Fault::new(fields.span(), "give either `code` or a `[match]` table"));
        }
        (Author::User, true) => {
            let help =
                "say there what the rule is to find: `[match]` and below it `instruction = \"VOLUME\"`";
            faults.push(Fault::new(fields.span(), "`[match]` is missing").help(help));
        }
        _ => {}
    }
    let trusted = fix.as_ref().map_or(fields.span(), |f| f.span);
    let fix = choose(fix, FixKind::of, FixKind::ALL.map(FixKind::name), faults);
    let fixes = !matches!(fix, None | Some(FixKind::None));
    match &matcher {
        Some(matcher) if matcher.has_fix() && !fixes => {
            let help = "`fix = \"unsafe\"` above `[match]`; `\"safe\"` if everybody would make the same edit";
            faults.push(Fault::new(trusted, "the rule has a fix: say how far it can be trusted").help(help));
        }
        Some(matcher) if fixes && !matcher.has_fix() => {
            faults.push(Fault::new(trusted, "`[match]` has no fix: neither `insert` nor `replace`"));
        }
        _ => {}
    }
    let options = match author {
        Author::Dlint => fields.table("options", faults).map(|mut table| options(&table.all(), faults)),
        Author::User => None,
    };
    Front {
        summary: summary.map(|s| s.value).unwrap_or_default(),
        category: choose(category, Category::of, Category::ALL.map(Category::name), faults),
        severity: choose(severity, |s| s.parse().ok(), Severity::ALL.map(Severity::name), faults),
        preset: choose(preset, Preset::of, Preset::ALL.map(Preset::name), faults),
        fix,
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
        let shown: String = text.value.chars().take(60).collect();
        let message = format!("`{shown}` must be one of {}", names.join(", "));
        faults.push(Fault::new(text.span, message).suggest(nearest(&text.value, names)));
    }
    value
}

/// Reads headings and fenced blocks.
fn page(author: Author, text: &str, start: usize, faults: &mut Vec<Fault>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut sections = Vec::new();
    let mut group = 0;
    let mut open: Option<Fence> = None;
    let mut at = start;
    let first = LineIndex::new(&text[..start]).count();
    for (next_line, line) in (first + 1..).zip(text[start..].split_inclusive('\n')) {
        let here = Span::of(at..at + line.trim_end().len());
        at += line.len();
        let ticks = line.len() - line.trim_start_matches('`').len();
        match &mut open {
            Some(fence) if ticks >= fence.ticks && line[ticks..].trim().is_empty() => {
                blocks.extend(fence.block.take());
                open = None;
            }
            Some(fence) => {
                if let Some(block) = &mut fence.block {
                    block.text.push_str(line.trim_end_matches(['\r', '\n']));
                    block.text.push('\n');
                    block.span.end = here.start + Span::of(0..line.len()).end;
                }
            }
            None if ticks >= 3 => {
                let kind = block_kind(author, line[ticks..].trim(), here, faults);
                let block = kind.map(|kind| Block {
                    kind,
                    line: next_line,
                    span: Span::of(at..at),
                    text: String::new(),
                    group,
                });
                open = Some(Fence { ticks, start: here, block });
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
    if let Some(fence) = open {
        faults.push(Fault::new(fence.start, "a fenced block has no end"));
    }
    if author == Author::Dlint && sections != ["What it does", "Why", "Examples"] {
        let message = "the page has the sections `## What it does`, `## Why` and `## Examples`";
        faults.push(Fault::new(Span::of(start..start), message));
    }
    check_order(&blocks, faults);
    blocks
}

/// A fenced block that has not ended.
struct Fence {
    ticks: usize,
    /// The line that opens it.
    start: Span,
    /// `None` if it is only shown.
    block: Option<Block>,
}

fn block_kind(author: Author, info: &str, span: Span, faults: &mut Vec<Fault>) -> Option<BlockKind> {
    match info {
        "dockerfile bad" => Some(BlockKind::Bad),
        "dockerfile good" => Some(BlockKind::Good),
        "dockerfile fixed" => Some(BlockKind::Fixed),
        "toml config" | "config" => Some(BlockKind::Config),
        "dockerignore" => Some(BlockKind::Dockerignore),
        "tree" => Some(BlockKind::Tree),
        "console" | "text" | "toml" | "sh" => None,
        // What is no example of a user's is not looked at; what is misspelt would never be tested.
        _ if author == Author::User && !info.to_ascii_lowercase().starts_with("dockerfile") => None,
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
        let file = parse("a-rule", GOOD, Author::Dlint).unwrap();
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

    fn faults(text: &str, author: Author) -> Vec<String> {
        let lines = LineIndex::new(text);
        let shown = |f: &Fault| {
            let help = f.help.as_deref().map(|h| format!(": {h}")).unwrap_or_default();
            format!("line {}: {}{help}", lines.line(f.span.start), f.message)
        };
        parse("a-rule", text, author).unwrap_err().iter().map(shown).collect()
    }

    const USERS: &str = "\u{feff}+++\r\nsummary = \"a summary\"\r\n[match]\r\nport = 22\r\nmessage = \"m\"\r\n+++\r\n\
        # Title\r\n````yaml\r\n```dockerfile bad\r\n````\r\n```dockerfile bad\r\nEXPOSE 22\r\n```\r\n";

    #[test]
    fn a_users_rule_needs_a_summary_and_a_match() {
        let file = parse("a-rule", USERS, Author::User).unwrap();
        let got: Vec<_> = file.blocks.iter().map(|b| (b.kind, b.line, b.text.as_str())).collect();
        assert_eq!(got, [(BlockKind::Bad, 12, "EXPOSE 22\n")]);
        let rule = file.rule("policy/a-rule.md".to_owned(), USERS.to_owned());
        assert_eq!((&*rule.meta.name, rule.meta.category), ("a-rule", Category::Policy));
        assert_eq!((rule.meta.severity, rule.meta.preset), (Severity::Warning, Preset::Default));
        assert!(rule.meta.page().starts_with("# Title"));
        for (from, to, want) in [
            ("summary = \"a summary\"", "", "line 2: `summary` is missing"),
            ("a summary", "", "line 2: the summary is one line"),
            ("summary =", "sumary =", "line 2: unknown key `sumary`: did you mean `summary`?"),
            ("[match]", "[mach]", "line 2: `[match]` is missing"),
            ("[match]", "code = \"a\"\r\n[match]", "line 3: unknown key `code`"),
            ("[match]", "category = \"secrity\"\r\n[match]", "did you mean `security`?"),
            ("[match]", "aliases = [\"acme:a b\"]\r\n[match]", "line 3: an alias has neither blanks"),
            ("```dockerfile bad\r\nE", "```dockerfile baad\r\nE", "line 11: a block is `dockerfile bad`"),
            ("port = 22", "prot = 22", "line 4: unknown key `match.prot`: did you mean `port`?"),
            ("port = 22", "port = ", "line 4: "),
        ] {
            assert!(USERS.contains(from), "{from}");
            let shown = faults(&USERS.replacen(from, to, 1), Author::User);
            assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
        }
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
            ("FROM b\n```\n", "FROM b\n", "line 26: a fenced block has no end"),
            ("+++\n## What", "## What", "line 1: the front matter has no end: a second line `+++`"),
            ("+++\n", "---\n", "line 1: the file must start with front matter: TOML between two lines `+++`"),
            ("max = 5", "max = ", "line 11: "),
        ] {
            let shown = faults(&GOOD.replacen(from, to, 1), Author::Dlint);
            assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
        }
        assert!(parse("A_rule", GOOD, Author::Dlint).is_err());
    }
}
