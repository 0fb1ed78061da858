//! Comments that say why a container runs as root.

use crate::semantic::Model;

/// True if a comment right above an instruction says that the container is meant to be root's:
/// `# fluentd runs as root to read the logs`.
pub(super) fn is_said_to_be_root(model: &Model, step: usize) -> bool {
    comment_above(model, step).any(says_why)
}

/// True if a comment right above an instruction says that root is for work on the program: `# root for development`.
/// That is about the container, whatever is built behind it.
pub(super) fn is_said_for_work(model: &Model, step: usize) -> bool {
    comment_above(model, step).any(|line| clauses(&line.to_ascii_lowercase()).any(is_for_work))
}

/// True if a comment behind all instructions says why it is root.
pub(super) fn is_said_at_end(model: &Model) -> bool {
    let last = model.file.instructions.last();
    let behind = last.and_then(|last| model.file.text().get(last.span.range().end..)).unwrap_or_default();
    behind.lines().map(str::trim_start).filter(|l| l.starts_with('#')).take(MAX_COMMENTS).any(says_why)
}

/// The lines of the comment right above an instruction, from below.
fn comment_above(model: &Model, step: usize) -> impl Iterator<Item = &str> {
    let above = model.file.text().get(..model.instruction(step).span.range().start).unwrap_or_default();
    let comments = above.lines().rev().map(str::trim_start).take_while(|line| line.starts_with('#'));
    comments.take(MAX_COMMENTS)
}

fn clauses(line: &str) -> impl Iterator<Item = &str> {
    line.split([',', ';', ':', '.', '('])
}

/// True for a line of a comment that says why it is root.
fn says_why(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    clauses(&line).any(|clause| {
        let says = |words: &[&str]| words.iter().any(|word| clause.contains(word));
        // `# root, since the volume is root's`, `# the entry script drops root`.
        let explains = line.contains("root") && says(&["since ", "because ", "so that ", "in order to "])
            || says(&["drops ", "drop priv", "steps down", "step down", "de-escalat"]);
        let asks = says(&["as root", "root user"]) && says(&["run", "need", "require", "must"]);
        let needs = [
            "needs root",
            "need root",
            "requires root",
            "require root",
            "root is required",
            "root is needed",
            "must be root",
            "needs to be root",
        ];
        (asks || explains || says(&needs)) && !warns(clause) || is_for_work(clause)
    })
}

/// True for words that speak against it.
fn warns(clause: &str) -> bool {
    ["not ", "n't ", "never", "avoid", "instead of", "todo", "fixme"].iter().any(|word| clause.contains(word))
}

/// True for `root for development`.
fn is_for_work(clause: &str) -> bool {
    let is_for = |work: &str| clause.contains(&*format!("for {work}"));
    clause.contains("root")
        && ["development", "debugging", "testing"].iter().any(|w| is_for(w))
        && !warns(clause)
}

/// How many lines of comments are read above an instruction.
const MAX_COMMENTS: usize = 20;
