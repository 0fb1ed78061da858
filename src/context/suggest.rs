use serde::Serialize;

use super::model::{Scan, Tally};

/// A line worth adding to the ignore file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The line.
    pub line: String,
    /// What it leaves out that is kept now.
    pub saves: Tally,
    /// What BuildKit sends of it now.
    pub sent: Tally,
}

/// Lines worth adding to the ignore file, the one that saves most bytes first.
#[must_use]
pub fn suggestions(scan: &Scan) -> Vec<Suggestion> {
    let mut lines: Vec<Suggestion> = Vec::new();
    for notable in scan.notable.iter().filter(|n| n.kept.files > 0) {
        if let Some(same) = lines.iter_mut().find(|s| s.line == notable.line) {
            same.saves.merge(notable.kept);
            same.sent.merge(notable.sent);
        } else {
            lines.push(Suggestion { line: notable.line.clone(), saves: notable.kept, sent: notable.sent });
        }
    }
    lines.sort_by(|a, b| (b.saves.bytes, &a.line).cmp(&(a.saves.bytes, &b.line)));
    lines
}
