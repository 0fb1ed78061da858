//! Rule files: TOML front matter between `+++` lines, and a Markdown page with executable examples.
//!
//! The front matter has the keys `summary`, `category`, `severity`, `preset`, `fix`, `since`,
//! `aliases`, `needs` (`context` if the rule says nothing without a build context; it can be left out), `reads`
//! (`text` if what the rule says of an instruction that BuildKit refuses is true; it can be left out as well),
//! `renamed-from` (the names that it had), `status` (`deprecated` with `replaced-by`, `reason` or both),
//! either `code` (a function below `rules::checks`, or `engine` for what the engine itself
//! reports) or a `[match]` table, and an `[options]` table with the defaults of the rule's options.
//!
//! The page has the sections `## What it does`, `## Why` and `## Examples`, with fenced blocks:
//! `dockerfile bad`, `dockerfile fixed`, `dockerfile good`, and what sets up the examples behind it up
//! to the next heading: `config`, `dockerignore`, `tree`. The blocks of a rule on files that start builds say `yaml`, `hcl`,
//! `json` or `ini` in place of `dockerfile`, and perhaps at the end what their file is called.
//!
//! A user's own rule needs a `summary` and a `[match]` table; the other keys have defaults, `code`,
//! `needs`, `reads` and `[options]` are not for it, and its page may have other sections and blocks.

use crate::diag::Severity;
use crate::text::toml::{At, Entry, Fault, Fields};
use crate::text::{Arrange, LineIndex, Span, nearest, toml};

use super::matcher::Matcher;
use super::meta::{Category, FixKind, Needs, Preset, Reading, RuleMeta, Status};
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
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "the registry is made of it by a test")
    )]
    pub needs: Option<Needs>,
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "the registry is made of it by a test")
    )]
    pub reads: Option<Reading>,
    pub since: String,
    pub status: Status,
    pub renamed_from: Vec<String>,
    pub aliases: Vec<String>,
    /// Path of the check below `crate::rules::checks`, or `engine`.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "the registry is made of it by a test")
    )]
    pub code: Option<String>,
    /// The `[match]` table.
    pub matcher: Option<Matcher>,
    /// Names and defaults of the options: booleans, integers, strings and lists of strings.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "the registry is made of it by a test")
    )]
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
    /// The path of the file that starts builds and that it is; `None` for a Dockerfile.
    pub entry: Option<String>,
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
        let message = format!("`{}` is not a valid rule name", name.chars().take(60).collect::<String>());
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
    faults.arrange_by_key(|f| f.span);
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
            reads: Reading::Build,
            since: front.since.into(),
            status: front.status,
            renamed_from: front.renamed_from.into_iter().map(Into::into).collect(),
            aliases: front.aliases.into_iter().map(Into::into).collect(),
            options: &[],
            open: Some(text.into()),
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
    let reads = if own { fields.string("reads", faults) } else { None };
    let status = status(fields, faults);
    let renamed_from = fields.strings("renamed-from", faults).unwrap_or_default();
    for old in &renamed_from {
        check_rule_name(old, faults);
    }
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
        reads: choose(reads, Reading::of, Reading::ALL.map(Reading::name), faults),
        since: since.map(|s| s.value).unwrap_or_default(),
        status,
        renamed_from: renamed_from.into_iter().map(|old| old.value).collect(),
        aliases: aliases.into_iter().map(|a| a.value).collect(),
        code: code.map(|c| c.value),
        matcher,
        options: options.unwrap_or_default(),
    }
}

/// Reads `status`, and for what is deprecated `replaced-by` and `reason`.
fn status(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Status {
    let status = fields.string("status", faults);
    let replaced_by = fields.string("replaced-by", faults);
    let reason = fields.string("reason", faults);
    if let Some(name) = &replaced_by {
        check_rule_name(name, faults);
    }
    let span = status.as_ref().map(|s| s.span);
    let told = replaced_by.as_ref().or(reason.as_ref()).map(|t| t.span);
    match (choose(status, Status::of, Status::NAMES, faults), span, told) {
        (Some(Status::Deprecated { .. }), Some(span), None) => {
            let fault = Fault::new(span, "say what to use instead, or why it is deprecated");
            faults.push(fault.help("`replaced-by = \"other-rule\"` or `reason = \"…\"`"));
            Status::Stable
        }
        (Some(Status::Deprecated { .. }), ..) => Status::Deprecated {
            replaced_by: replaced_by.map(|r| r.value.into()),
            reason: reason.map(|r| r.value.into()),
        },
        (_, None, Some(told)) | (Some(Status::Stable), _, Some(told)) => {
            let message = "`replaced-by` and `reason` are for a rule with `status = \"deprecated\"`";
            faults.push(Fault::new(told, message));
            Status::Stable
        }
        _ => Status::Stable,
    }
}

fn check_rule_name(name: &At<String>, faults: &mut Vec<Fault>) {
    if !is_rule_name(&name.value) {
        let shown: String = name.value.chars().take(60).collect();
        faults.push(Fault::new(name.span, format!("`{shown}` is not a valid rule name")));
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
    // Where the page itself has such line endings they are not those of its examples.
    let crlf = text.lines().next().is_some_and(|line| text[line.len()..].starts_with("\r\n"));
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
                    let ending: &[char] = if crlf { &['\r', '\n'] } else { &['\n'] };
                    block.text.push_str(line.trim_end_matches(ending));
                    block.text.push('\n');
                    block.span.end = here.start + Span::of(0..line.len()).end;
                }
            }
            None if ticks >= 3 => {
                let info = line[ticks..].trim();
                let entry = entry_example(info).filter(|_| author == Author::Dlint);
                let kind = match &entry {
                    Some((kind, _)) => Some(*kind),
                    None => block_kind(author, info, here, faults),
                };
                let block = kind.map(|kind| Block {
                    kind,
                    entry: entry.map(|(_, path)| path),
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

/// What an example of a file that starts builds is for, and the path of that file: `yaml bad`, `yaml good compose.prod.yaml`.
fn entry_example(info: &str) -> Option<(BlockKind, String)> {
    let mut words = info.split_whitespace();
    let path = match words.next()? {
        "yaml" => "compose.yaml",
        "hcl" => "docker-bake.hcl",
        "json" => ".devcontainer/devcontainer.json",
        "ini" => "app.build",
        _ => return None,
    };
    let kind = match words.next()? {
        "bad" => BlockKind::Bad,
        "good" => BlockKind::Good,
        "fixed" => BlockKind::Fixed,
        _ => return None,
    };
    Some((kind, words.next().unwrap_or(path).to_owned()))
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
            faults.push(Fault::new(block.span, "a `fixed` block must directly follow its `bad` block"));
        }
    }
}

#[cfg(test)]
mod tests;
