//! Comments that say why a container runs as root.

use crate::semantic::Model;

/// True if a comment right above an instruction says that the container is meant to be root's:
/// `# fluentd runs as root to read the logs`.
pub(super) fn is_said_to_be_root(model: &Model, step: usize) -> bool {
    let above = model.file.text().get(..model.instruction(step).span.range().start).unwrap_or_default();
    let comments = above.lines().rev().map(str::trim_start).take_while(|line| line.starts_with('#'));
    comments.take(MAX_COMMENTS).any(|line| {
        let line = line.to_ascii_lowercase();
        line.split([',', ';', ':', '.', '(']).any(|clause| {
            let says = |words: &[&str]| words.iter().any(|word| clause.contains(word));
            let warns = says(&["not ", "n't ", "never", "avoid", "instead of", "todo", "fixme"]);
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
            (asks || explains || says(&needs)) && !warns
        })
    })
}

/// How many lines of comments are read above an instruction.
const MAX_COMMENTS: usize = 20;
