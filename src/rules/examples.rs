//! Runs the examples of all rule files: carets mark what a `bad` block gives, `good` gives nothing,
//! and `fixed` is what the fixes make of the `bad` block before it.
//!
//! A caret line is a comment that holds only blanks and groups of `^`, then perhaps a part of the
//! message. It marks characters of the nearest line above that is no caret line; of a finding over
//! several lines it marks what is on the first. A `#` right before a `^` counts as caret, so that
//! column 1 can be marked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::diag::{Applicability, Finding, Origin};
use crate::syntax;
use crate::text::{LineIndex, Source};

use super::FixKind;
use super::file::{Block, BlockKind, RuleFile};
use super::generate::{BLESS, blessing, rule_files};

/// A file of a build context in a `tree` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeFile {
    pub(crate) path: String,
    pub(crate) entry: TreeEntry,
}

/// What is at a path of a `tree` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TreeEntry {
    /// `src/`: a folder.
    Folder,
    /// `a.bin 12000`, `a.bin 12kB`: a file of that many bytes.
    Size(u64),
    /// `a.txt some text`: a file with that text; `\n` stands for a line ending.
    Text(String),
    /// `a -> b`: a symbolic link.
    Link(String),
}

/// An example to be linted or fixed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) rule: &'a str,
    pub(crate) dockerfile: &'a str,
    pub(crate) config: Option<&'a str>,
    pub(crate) dockerignore: Option<&'a str>,
    /// `None` where the example says nothing of a build context.
    pub(crate) tree: Option<&'a [TreeFile]>,
}

/// Reads a `tree` block.
pub(crate) fn tree(text: &str) -> Vec<TreeFile> {
    let entry = |line: &str| {
        let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let entry = match (path.ends_with('/'), rest.strip_prefix("-> "), size(rest)) {
            (true, ..) => TreeEntry::Folder,
            (_, Some(target), _) => TreeEntry::Link(target.to_owned()),
            (_, _, Some(bytes)) => TreeEntry::Size(bytes),
            _ => TreeEntry::Text(rest.replace("\\n", "\n")),
        };
        TreeFile { path: path.trim_end_matches('/').to_owned(), entry }
    };
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(entry).collect()
}

fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor = match &text[digits..] {
        "" | "B" => 1,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

/// Characters `start..end` of a line, all from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    line: usize,
    start: usize,
    end: usize,
    message: String,
}

/// The marks of a caret line, without the line they mark.
fn carets(line: &str) -> Option<Vec<Mark>> {
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let rest: Vec<char> = line.chars().skip(indent).collect();
    let ([first, rest @ ..], true) = (rest.as_slice(), line.contains('^')) else { return None };
    if *first != '#' || rest.iter().find(|c| !c.is_whitespace()) != Some(&'^') {
        return None;
    }
    let mut marks: Vec<Mark> = Vec::new();
    let mut open = (rest.first() == Some(&'^')).then_some(indent);
    let mut message = String::new();
    for (i, c) in rest.iter().enumerate() {
        let column = indent + 1 + i;
        if *c == '^' {
            open.get_or_insert(column);
            continue;
        }
        marks.extend(open.take().map(|start| Mark { line: 0, start, end: column, message: String::new() }));
        if !c.is_whitespace() {
            message = rest[i..].iter().collect::<String>().trim_end().to_owned();
            break;
        }
    }
    let end = indent + 1 + rest.len();
    marks.extend(open.map(|start| Mark { line: 0, start, end, message: String::new() }));
    for mark in &mut marks {
        mark.message.clone_from(&message);
    }
    Some(marks)
}

/// All marks of a block, and its text without caret lines; lines are those of the clean text.
fn marks(text: &str) -> (String, Vec<Mark>) {
    let mut clean = String::new();
    let mut all = Vec::new();
    let mut lines = 0_usize;
    for line in text.split_inclusive('\n') {
        match carets(line.trim_end_matches(['\n', '\r'])) {
            Some(found) => {
                all.extend(found.into_iter().map(|m| Mark { line: lines.saturating_sub(1), ..m }));
            }
            None => {
                clean.push_str(line);
                lines += 1;
            }
        }
    }
    all.sort();
    (clean, all)
}

/// The marks of findings in `text`, which may hold caret lines; lines are those without them.
fn found(text: &str, findings: &[Finding]) -> Vec<Mark> {
    let index = LineIndex::new(text);
    let caret_lines: Vec<bool> = text.lines().map(|l| carets(l).is_some()).collect();
    let mut marks: Vec<Mark> = findings
        .iter()
        .map(|finding| {
            let start = index.position(text, finding.span.start);
            let line_end = index.span(text, start.line).end;
            let end = index.position(text, finding.span.end.min(line_end).max(finding.span.start));
            let line = start.line as usize - 1;
            Mark {
                line: line - caret_lines.iter().take(line).filter(|c| **c).count(),
                start: start.column as usize - 1,
                end: end.column as usize - 1,
                message: finding.message.clone(),
            }
        })
        .collect();
    marks.sort();
    marks
}

/// True if each mark has its finding and each finding its mark.
fn agree(marks: &[Mark], found: &[Mark]) -> bool {
    let mut left: Vec<&Mark> = found.iter().collect();
    for mark in marks {
        let same = |f: &&Mark| {
            (f.line, f.start, f.end) == (mark.line, mark.start, mark.end) && f.message.contains(&mark.message)
        };
        match left.iter().position(same) {
            Some(i) => left.remove(i),
            None => return false,
        };
    }
    left.is_empty()
}

/// Writes `clean` with a caret line for each mark.
fn render(clean: &str, marks: &[Mark]) -> String {
    let mut out = String::new();
    for (i, line) in clean.split_inclusive('\n').enumerate() {
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push('\n');
        }
        for mark in marks.iter().filter(|m| m.line == i) {
            let (start, len) = (mark.start, mark.end.saturating_sub(mark.start).max(1));
            let head = match start {
                0 => "#".to_owned() + &"^".repeat(len.max(2) - 1),
                1 => " #".to_owned() + &"^".repeat(len.max(2) - 1),
                n => "#".to_owned() + &" ".repeat(n - 1) + &"^".repeat(len),
            };
            writeln!(out, "{} {}", head, mark.message).unwrap();
        }
    }
    out.lines().map(|l| l.trim_end().to_owned() + "\n").collect()
}

/// What is found, with the parts of messages that the marks already have.
fn reworded(found: &[Mark], marks: &[Mark]) -> Vec<Mark> {
    let mut found = found.to_vec();
    for mark in &mut found {
        let old = marks.iter().find(|m| m.line == mark.line && mark.message.contains(&m.message));
        if let Some(old) = old {
            mark.message.clone_from(&old.message);
        }
    }
    found
}

type Lint<'a> = &'a dyn Fn(&Case<'_>) -> Vec<Finding>;
type FixAll<'a> = &'a dyn Fn(&Case<'_>) -> String;

/// Runs the examples of all rule files. `lint` gives the findings of an example; `fix` its Dockerfile
/// after all fixes of the rule, the unsafe ones too.
pub(crate) fn run(lint: Lint<'_>, fix: FixAll<'_>) {
    let mut failures = String::new();
    for (path, text, file) in rule_files() {
        let mut runner = Runner::new(&file, lint, fix, &mut failures);
        runner.run();
        let blessed = std::mem::take(&mut runner.blessed);
        if blessing() && !blessed.is_empty() {
            let mut new = text;
            for (block, by) in blessed.iter().rev() {
                new.replace_range(block.span.range(), by);
            }
            std::fs::write(&path, new).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}\nTo take what is found: {BLESS}=1 cargo test");
}

struct Runner<'a, 'b> {
    file: &'a RuleFile,
    lint: Lint<'a>,
    fix: FixAll<'a>,
    failures: &'b mut String,
    blessed: Vec<(&'a Block, String)>,
    /// The ids that findings bear.
    ids: BTreeSet<String>,
}

impl<'a, 'b> Runner<'a, 'b> {
    fn new(file: &'a RuleFile, lint: Lint<'a>, fix: FixAll<'a>, failures: &'b mut String) -> Self {
        Self { file, lint, fix, failures, blessed: Vec::new(), ids: BTreeSet::new() }
    }

    fn fail(&mut self, line: u32, message: &str) {
        writeln!(self.failures, "rules/{}.md:{line}: {message}", self.file.name).unwrap();
    }

    /// A difference that blessing takes away.
    fn differs(&mut self, block: &'a Block, what: &str, want: &str, got: String) {
        if blessing() {
            self.blessed.push((block, got));
        } else {
            let message = format!("{what}\n--- expected\n{want}--- got\n{got}---");
            self.fail(block.line, &message);
        }
    }

    fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        (self.lint)(case).into_iter().filter(|f| f.rule == self.file.name).collect()
    }

    fn run(&mut self) {
        let fix_kind = self.file.front.fix.unwrap_or(FixKind::None);
        let mut setup: [Option<&Block>; 3] = [None; 3];
        let mut bad: Option<&Block> = None;
        let mut fixed = 0;
        for block in &self.file.blocks {
            for slot in &mut setup {
                *slot = slot.filter(|s| s.group == block.group);
            }
            match block.kind {
                BlockKind::Config => setup[0] = Some(block),
                BlockKind::Dockerignore => setup[1] = Some(block),
                BlockKind::Tree => setup[2] = Some(block),
                BlockKind::Bad | BlockKind::Good | BlockKind::Fixed => {
                    let files = setup[2].map(|b| tree(&b.text));
                    let case = Case {
                        rule: &self.file.name,
                        dockerfile: &block.text,
                        config: setup[0].map(|b| b.text.as_str()),
                        dockerignore: setup[1].map(|b| b.text.as_str()),
                        tree: files.as_deref(),
                    };
                    match (block.kind, bad) {
                        (BlockKind::Bad, _) => {
                            self.bad(block, &case, fix_kind);
                            bad = Some(block);
                        }
                        (BlockKind::Fixed, Some(bad)) => {
                            self.fixed(block, bad, &case);
                            fixed += 1;
                        }
                        _ => self.good(block, &case),
                    }
                }
            }
        }
        let line = self.file.blocks.last().map_or(1, |b| b.line);
        match (fix_kind, fixed) {
            (FixKind::None, 1..) => self.fail(line, "a `fixed` block of a rule without fix"),
            (FixKind::Safe | FixKind::Unsafe, 0) => {
                self.fail(line, "the rule has a fix but no `fixed` block")
            }
            _ => {}
        }
        self.ids(line);
    }

    /// Where a rule has several ids of hadolint, a user selects and suppresses by each: its findings say
    /// which one they bear ([`Finding::alias`]).
    fn ids(&mut self, line: u32) {
        let of_hadolint = |alias: &&String| alias.starts_with("hadolint:");
        let own: BTreeSet<&String> = self.file.front.aliases.iter().filter(of_hadolint).collect();
        let missing: Vec<String> = own
            .iter()
            .filter(|id| own.len() > 1 && !self.ids.contains(**id))
            .map(|id| (*id).clone())
            .collect();
        for id in missing {
            self.fail(line, &format!("no finding of a `bad` block bears `{id}`"));
        }
        let foreign = |id: &&String| !self.file.front.aliases.contains(id);
        if let Some(id) = self.ids.iter().find(foreign).cloned() {
            self.fail(line, &format!("a finding bears `{id}`, which is no alias of the rule"));
        }
    }

    fn bad(&mut self, block: &'a Block, case: &Case<'_>, fix_kind: FixKind) {
        let (clean, marks) = marks(&block.text);
        let findings = self.findings(case);
        self.ids.extend(findings.iter().filter_map(|f| f.alias.clone()));
        let best = match fix_kind {
            FixKind::None => Applicability::Display,
            FixKind::Unsafe => Applicability::Unsafe,
            FixKind::Safe => Applicability::Safe,
        };
        if findings.iter().filter_map(|f| f.fix.as_ref()).any(|f| f.applicability > best) {
            self.fail(block.line, &format!("a fix is better than the front matter's `{fix_kind}`"));
        }
        if findings.is_empty() {
            self.fail(block.line, "the `bad` block gives no finding");
            return;
        }
        let here: Vec<Finding> = findings.into_iter().filter(|f| f.origin == Origin::Dockerfile).collect();
        let found = found(&block.text, &here);
        if !agree(&marks, &found) {
            let got = render(&clean, &reworded(&found, &marks));
            self.differs(block, "the findings are not those that are marked", &block.text, got);
        }
    }

    fn good(&mut self, block: &Block, case: &Case<'_>) {
        let findings = self.findings(case);
        if !findings.is_empty() {
            let got = render(&block.text, &found(&block.text, &findings));
            self.fail(block.line, &format!("the `good` block gives findings\n{got}---"));
        }
    }

    fn fixed(&mut self, block: &'a Block, bad: &Block, case: &Case<'_>) {
        let (clean, _) = marks(&bad.text);
        let got = (self.fix)(&Case { dockerfile: &clean, ..*case });
        let after = Case { dockerfile: &got, ..*case };
        if (self.fix)(&after) != got {
            self.fail(block.line, "the fix is not idempotent");
        }
        let left = found(&got, &self.findings(&after));
        if !left.is_empty() {
            self.fail(block.line, &format!("the fix leaves findings\n{}---", render(&got, &left)));
        }
        let errors = |text: &str| syntax::parse(Source::from_text("Dockerfile", text)).errors;
        let (before, now) = (errors(&clean), errors(&got));
        if let Some(new) =
            now.iter().find(|e| now.len() > before.len() || before.iter().all(|b| b.kind != e.kind))
        {
            self.fail(block.line, &format!("the fix brings a syntax error: {}", new.message));
        }
        if got != block.text {
            self.differs(block, "the fix does not give this", &block.text, got);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Severity;
    use crate::rules::file;
    use crate::text::Span;

    fn mark(line: usize, start: usize, end: usize, message: &str) -> Mark {
        Mark { line, start, end, message: message.to_owned() }
    }

    #[test]
    fn carets_mark_columns() {
        let text = "FROM 소스 b\n#    ^^ ^ one two \n#^^^\nRUN x\n #^\n# no ^ carets\n  # ^^\n";
        let (clean, got) = marks(text);
        assert_eq!(clean, "FROM 소스 b\nRUN x\n# no ^ carets\n");
        assert_eq!(
            got,
            [
                mark(0, 0, 4, ""),
                mark(0, 5, 7, "one two"),
                mark(0, 8, 9, "one two"),
                mark(1, 1, 3, ""),
                mark(2, 4, 6, ""),
            ]
        );
        assert_eq!(marks(&render(&clean, &got)), (clean, got));
    }

    #[test]
    fn trees_have_files_folders_and_links() {
        let got = tree("a.bin 12kB\nsrc/\nb.txt hello\\nyou\n\nc -> a.bin\nd 7\ne");
        let entries: Vec<_> = got.iter().map(|f| (f.path.as_str(), f.entry.clone())).collect();
        assert_eq!(
            entries,
            [
                ("a.bin", TreeEntry::Size(12_000)),
                ("src", TreeEntry::Folder),
                ("b.txt", TreeEntry::Text("hello\nyou".to_owned())),
                ("c", TreeEntry::Link("a.bin".to_owned())),
                ("d", TreeEntry::Size(7)),
                ("e", TreeEntry::Text(String::new())),
            ]
        );
    }

    const FILE: &str = "+++\nsummary = \"s\"\ncategory = \"size\"\nseverity = \"warning\"\npreset = \"default\"\n\
        fix = \"safe\"\nsince = \"0.1.0\"\ncode = \"a::b\"\n+++\n## What it does\n## Why\n## Examples\n\
        ```dockerfile bad\nFROM x\nRUN sudo a\n#   ^^^^ is bad\n```\n\
        ```dockerfile fixed\nFROM x\nRUN a\n```\n```dockerfile good\nFROM x\n```\n";

    fn failures(text: &str) -> String {
        let file = file::parse("no-sudo", text).unwrap();
        let lint = |case: &Case<'_>| {
            let places = case.dockerfile.match_indices("sudo");
            let span = |i| Span::of(i..i + 4);
            places.map(|(i, _)| Finding::new("no-sudo", Severity::Info, span(i), "sudo is bad")).collect()
        };
        let fix = |case: &Case<'_>| case.dockerfile.replace("sudo ", "");
        let mut failures = String::new();
        Runner::new(&file, &lint, &fix, &mut failures).run();
        failures
    }

    #[test]
    fn examples_hold_or_say_where_they_do_not() {
        if blessing() {
            return;
        }
        assert_eq!(failures(FILE), "");
        for (from, to, want) in [
            ("#   ^^^^", "#  ^^^^", "rules/no-sudo.md:14: the findings are not those that are marked"),
            ("is bad", "is good", "rules/no-sudo.md:14: the findings"),
            ("RUN a\n", "RUN b\n", "rules/no-sudo.md:19: the fix does not give this"),
            ("good\nFROM x", "good\nFROM sudo", "rules/no-sudo.md:23: the `good` block gives findings"),
            ("RUN sudo a", "RUN a", "rules/no-sudo.md:14: the `bad` block gives no finding"),
            ("\"safe\"", "\"none\"", "a `fixed` block of a rule without fix"),
            (
                "code =",
                "aliases = [\"hadolint:DL1\", \"hadolint:DL2\"]\ncode =",
                "no finding of a `bad` block bears `hadolint:DL2`",
            ),
        ] {
            let got = failures(&FILE.replacen(from, to, 1));
            assert!(got.contains(want), "{want}\n{got}");
        }
        let got = failures(&FILE.replace("#   ^", "# ^"));
        assert!(got.contains("--- got\nFROM x\nRUN sudo a\n#   ^^^^ is bad\n---"), "{got}");
    }
}
