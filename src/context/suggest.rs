use serde::Serialize;

use super::model::{Scan, Secret, Tally};
use crate::text::Arrange;

/// A line worth adding to the ignore file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The line.
    pub line: String,
    /// What it leaves out that is kept now.
    pub saves: Tally,
    /// What BuildKit sends of it now.
    pub sent: Tally,
    /// True for a file that looks like a secret.
    pub secret: bool,
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
            lines.push(Suggestion {
                line: notable.line.clone(),
                saves: notable.kept,
                sent: notable.sent,
                secret: false,
            });
        }
    }
    lines.arrange_by(|a, b| (b.saves.bytes, &a.line).cmp(&(a.saves.bytes, &b.line)));
    lines
}

/// Lines for the files that look like secrets and are sent: each names its file.
#[must_use]
pub fn secret_suggestions(scan: &Scan) -> Vec<Suggestion> {
    let line = |secret: &Secret| {
        let tally = Tally { files: 1, bytes: secret.bytes };
        Suggestion { line: literal(&secret.path), saves: tally, sent: tally, secret: true }
    };
    scan.secrets.iter().map(line).collect()
}

/// The pattern that hits just the file at `path`.
fn literal(path: &str) -> String {
    let mut line = String::with_capacity(path.len());
    for (at, c) in path.char_indices() {
        if matches!(c, '*' | '?' | '[' | '\\') || at == 0 && matches!(c, '!' | '#') {
            line.push('\\');
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_name_is_a_pattern_for_itself() {
        for (path, want) in [(".env", ".env"), ("a/[id].pem", "a/\\[id].pem"), ("!x*", "\\!x\\*")] {
            assert_eq!(literal(path), want);
        }
    }
}
