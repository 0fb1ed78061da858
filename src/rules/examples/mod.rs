//! Runs the examples of a rule file: carets mark what a `bad` block gives, `good` gives nothing, and
//! `fixed` is what the fixes make of the `bad` block before it.
//!
//! A caret line is a comment that holds only blanks and groups of `^`, then perhaps a part of the
//! message, or `help:` and a part of the help. It marks characters of the nearest line above that is no caret line; of a finding over
//! several lines it marks what is on the first. A `#` right before a `^` counts as caret, so that
//! column 1 can be marked. In JSON a caret line begins with `//`.

mod marks;
#[cfg(test)]
mod near_miss;
mod tree;

pub use tree::{TreeEntry, TreeFile, tree};

use std::collections::BTreeSet;

use crate::diag::{Applicability, Finding, Origin};
use crate::syntax;
use crate::text::{Gather, Source, Span};

use super::FixKind;
use super::file::{Author, Block, BlockKind, RuleFile};
use marks::{agree, found, marks, render, reworded};

/// An example to be linted or fixed.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The rule whose example it is.
    pub rule: &'a str,
    /// The Dockerfile, caret lines included, or the text of the file that starts builds, without them.
    pub dockerfile: &'a str,
    /// The path of that file, if it is one.
    pub entry: Option<&'a str>,
    /// A `dlint.toml`.
    pub config: Option<&'a str>,
    /// The ignore file of the build context.
    pub dockerignore: Option<&'a str>,
    /// The files of the build context; `None` where the example says nothing of one.
    pub tree: Option<&'a [TreeFile]>,
}

/// What runs examples.
pub trait Engine {
    /// The findings of an example.
    ///
    /// # Errors
    /// Why it cannot be linted.
    fn lint(&self, case: &Case<'_>) -> Result<Vec<Finding>, String>;

    /// Its Dockerfile after all fixes of the rule, the unsafe ones too.
    ///
    /// # Errors
    /// Why it cannot be fixed.
    fn fix(&self, case: &Case<'_>) -> Result<String, String>;
}

/// An example that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Line of the rule file, from 1.
    pub line: u32,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What the block holds and what it should hold, where they differ.
    pub difference: Option<Difference>,
}

/// What a block should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The block's text in the rule file.
    pub span: Span,
    /// What it holds.
    pub has: String,
    /// What is found, or what the fixes give.
    pub gets: String,
    /// True if the block is wrong once this holds; false if it only shows what is found.
    pub replaces: bool,
}

/// What running the examples of a rule file gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many examples there are.
    pub examples: usize,
    /// What does not hold, in the order of the file.
    pub failures: Vec<Failure>,
}

/// Runs the examples of a rule file.
pub fn run(file: &RuleFile, engine: &dyn Engine) -> Outcome {
    let mut runner = Runner { file, engine, outcome: Outcome::default(), ids: BTreeSet::new() };
    runner.run();
    runner.outcome
}

struct Runner<'a> {
    file: &'a RuleFile,
    engine: &'a dyn Engine,
    outcome: Outcome,
    /// The ids that findings bear.
    ids: BTreeSet<String>,
}

impl<'a> Runner<'a> {
    fn fail(&mut self, line: u32, message: impl Into<String>) {
        self.outcome.failures.push(Failure { line, message: message.into(), difference: None });
    }

    /// A block that does not hold what it should.
    fn differs(&mut self, block: &Block, message: &str, gets: String, replaces: bool) {
        let difference = Some(Difference { span: block.span, has: block.text.clone(), gets, replaces });
        self.outcome.failures.push(Failure { line: block.line, message: message.to_owned(), difference });
    }

    /// True for a finding of the rule, also if that bears a code: `shellcheck:SC2086`.
    fn is_own(&self, finding: &Finding) -> bool {
        finding.rule.split(':').next() == Some(&self.file.name)
    }

    fn findings(&mut self, block: &Block, case: &Case<'_>) -> Option<Vec<Finding>> {
        match self.engine.lint(case) {
            Ok(findings) => Some(findings.into_iter().filter(|f| self.is_own(f)).collect()),
            Err(why) => {
                self.fail(block.line, why);
                None
            }
        }
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
                    self.outcome.examples += 1;
                    let files = setup[2].map(|b| tree(&b.text));
                    let case = Case {
                        rule: &self.file.name,
                        dockerfile: &block.text,
                        entry: block.entry.as_deref(),
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
                self.fail(line, "the rule has a fix but no `fixed` block");
            }
            _ => {}
        }
        for (kind, name) in [(BlockKind::Bad, "bad"), (BlockKind::Good, "good")] {
            if !self.file.blocks.iter().any(|b| b.kind == kind) {
                self.fail(line, format!("there is no `dockerfile {name}` block"));
            }
        }
        if self.file.author == Author::Dlint {
            self.ids(line);
        }
    }

    /// Where a rule has several ids of hadolint, a user selects and suppresses by each: its findings say
    /// which one they bear ([`Finding::alias`]).
    fn ids(&mut self, line: u32) {
        let of_hadolint = |alias: &&String| alias.starts_with("hadolint:");
        let own: BTreeSet<&String> = self.file.front.aliases.iter().filter(of_hadolint).gather();
        let missing: Vec<&String> =
            own.iter().filter(|id| own.len() > 1 && !self.ids.contains(**id)).copied().collect();
        for id in missing {
            self.fail(line, format!("no finding of a `bad` block bears `{id}`"));
        }
        let is = |alias: &String, id: &str| match alias.strip_suffix('*') {
            Some(codes) => id.starts_with(codes),
            None => alias == id,
        };
        let foreign = |id: &&String| !self.file.front.aliases.iter().any(|alias| is(alias, id));
        if let Some(id) = self.ids.iter().find(foreign).cloned() {
            self.fail(line, format!("a finding has the id `{id}`, which is not an alias of the rule"));
        }
    }

    fn bad(&mut self, block: &'a Block, case: &Case<'_>, fix_kind: FixKind) {
        let (clean, marks) = marks(&block.text);
        // Not every notation has comments.
        let text = if case.entry.is_some() { &clean } else { &block.text };
        let Some(findings) = self.findings(block, &Case { dockerfile: text, ..*case }) else { return };
        self.ids.extend(findings.iter().filter_map(|f| f.alias.clone()));
        let best = match fix_kind {
            FixKind::None => Applicability::Display,
            FixKind::Unsafe => Applicability::Unsafe,
            FixKind::Safe => Applicability::Safe,
        };
        if findings.iter().filter_map(|f| f.fix.as_ref()).any(|f| f.applicability > best) {
            self.fail(block.line, format!("a fix is better than the front matter's `{fix_kind}`"));
        }
        if findings.is_empty() {
            self.fail(block.line, "the `bad` block gives no finding");
            return;
        }
        let here: Vec<Finding> = findings.into_iter().filter(|f| f.origin == Origin::Dockerfile).collect();
        let found = found(text, &here);
        if !agree(&marks, &found) {
            let gets = render(&clean, &reworded(&found, &marks), comment(case));
            self.differs(block, "the findings are not those that are marked", gets, true);
        }
    }

    fn good(&mut self, block: &'a Block, case: &Case<'_>) {
        let Some(findings) = self.findings(block, case) else { return };
        if !findings.is_empty() {
            let gets = render(&block.text, &found(&block.text, &findings), comment(case));
            self.differs(block, "the `good` block gives findings", gets, false);
        }
    }

    fn fixed(&mut self, block: &'a Block, bad: &Block, case: &Case<'_>) {
        let (clean, _) = marks(&bad.text);
        let gets = match self.engine.fix(&Case { dockerfile: &clean, ..*case }) {
            Ok(gets) => gets,
            Err(why) => return self.fail(block.line, why),
        };
        let after = Case { dockerfile: &gets, ..*case };
        match self.engine.fix(&after) {
            Ok(again) if again == gets => {}
            Ok(_) => self.fail(block.line, "the fix is not idempotent"),
            Err(why) => self.fail(block.line, why),
        }
        // A block that repeats the one before it says that no fix is proposed.
        if gets == clean && gets == block.text {
            return;
        }
        let Some(findings) = self.findings(block, &after) else { return };
        let left = found(&gets, &findings);
        if !left.is_empty() {
            self.fail(
                block.line,
                format!("the fix leaves findings\n{}", render(&gets, &left, comment(case))),
            );
        }
        let errors = |text: &str| match case.entry {
            // The engine compares what the files build.
            Some(_) => Vec::new(),
            None => syntax::parse(Source::from_text("Dockerfile", text)).errors,
        };
        let (before, now) = (errors(&clean), errors(&gets));
        let is_new =
            |e: &&syntax::SyntaxError| now.len() > before.len() || before.iter().all(|b| b.kind != e.kind);
        if let Some(new) = now.iter().find(is_new) {
            self.fail(block.line, format!("the fix brings a syntax error: {}", new.message));
        }
        if gets != block.text {
            self.differs(block, "the fix does not give this", gets, true);
        }
    }
}

/// What a caret line of a case begins with.
fn comment(case: &Case<'_>) -> &'static str {
    if case.entry.is_some_and(|path| path.ends_with(".json")) { "//" } else { "#" }
}

#[cfg(test)]
mod tests;
