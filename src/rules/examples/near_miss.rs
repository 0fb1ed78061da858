//! A rule that is on by default shows where it stops: one of its `good` blocks has an instruction, or a command
//! in it, that shares at least half of its words with one that a finding of a `bad` block is on. Where what is
//! wrong is in the ignore file, its patterns are compared.

use super::marks::marks;
use crate::rules::Preset;
use crate::rules::file::{Block, BlockKind, RuleFile};
use crate::rules::generate::rule_files;
use crate::syntax;
use crate::text::Source;

/// An instruction, a comment or a pattern: its words, and those of its commands.
struct Statement {
    whole: Vec<String>,
    commands: Vec<Vec<String>>,
}

impl Statement {
    fn new(text: &str) -> Self {
        let words = |text: &str| -> Vec<String> {
            let words = text.split(|c: char| c.is_whitespace() || "\\=,[]\"'".contains(c));
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let commands = text.split(['&', '|', ';']).map(words).filter(|words| words.len() > 1).collect();
        Self { whole: words(text), commands }
    }

    fn is_near(&self, other: &Self) -> bool {
        let near = |a: &Vec<String>, b: &Vec<String>| 4 * shared(a, b) >= a.len() + b.len();
        near(&self.whole, &other.whole)
            || self.commands.iter().any(|a| other.commands.iter().any(|b| near(a, b)))
    }
}

/// How many words are in both.
fn shared(a: &[String], b: &[String]) -> usize {
    let mut left: Vec<&String> = a.iter().collect();
    let mut take = |word: &String| {
        let at = left.iter().position(|other| *other == word);
        at.map(|at| left.swap_remove(at)).is_some()
    };
    b.iter().filter(|word| take(word)).count()
}

/// The statements of a block: those with a mark, and all.
fn statements(block: &Block) -> (Vec<Statement>, Vec<Statement>) {
    let (clean, marks) = marks(&block.text);
    if block.entry.is_some() {
        let lines = || clean.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let marked = lines().filter(|(number, _)| marks.iter().any(|m| m.line == *number));
        let statement = |(_, line): (usize, &str)| Statement::new(line);
        return (marked.map(statement).collect(), lines().map(statement).collect());
    }
    let file = syntax::parse(Source::from_text("Dockerfile", clean.as_str()));
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for instruction in &file.instructions {
        let (first, last) = instruction.lines;
        places.push((first as usize - 1, last as usize - 1, instruction.span.text(&clean)));
    }
    for (number, line) in clean.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with('#')) {
        places.push((number, number, line));
    }
    let marked =
        places.iter().filter(|(first, last, _)| marks.iter().any(|m| (*first..=*last).contains(&m.line)));
    let all = places.iter();
    (marked.map(|p| Statement::new(p.2)).collect(), all.map(|p| Statement::new(p.2)).collect())
}

fn has_near_miss(file: &RuleFile) -> bool {
    let mut patterns: Option<&Block> = None;
    let (mut wrong, mut right) = (Vec::new(), Vec::new());
    for block in &file.blocks {
        let lines = patterns.filter(|p| p.group == block.group).map_or("", |p| &p.text);
        let patterns_here = lines.lines().map(Statement::new);
        match block.kind {
            BlockKind::Dockerignore => patterns = Some(block),
            BlockKind::Bad => {
                let (marked, _) = statements(block);
                // A finding without mark is in the ignore file.
                if marked.is_empty() {
                    wrong.extend(patterns_here);
                }
                wrong.extend(marked);
            }
            BlockKind::Good => {
                right.extend(patterns_here);
                right.extend(statements(block).1);
            }
            BlockKind::Fixed | BlockKind::Config | BlockKind::Tree => {}
        }
    }
    wrong.iter().any(|w| right.iter().any(|r| w.is_near(r)))
}

#[test]
fn rules_that_are_on_by_default_show_a_near_miss() {
    let files = rule_files();
    let by_default = |file: &&RuleFile| file.front.preset == Some(Preset::Default);
    let lacking: Vec<&str> = files
        .iter()
        .map(|(_, _, file)| file)
        .filter(by_default)
        .filter(|file| !has_near_miss(file))
        .map(|file| file.name.as_str())
        .collect();
    assert!(
        lacking.is_empty(),
        "these need a `good` block that nearly is the `bad` one: the same instruction or command with a word \
         or two changed, and quiet: {lacking:?}"
    );
}
