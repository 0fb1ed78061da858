use std::fmt::Write as _;

use crate::text::toml::quoted;

use super::{Baseline, VERSION};

/// What stands at the top.
const HEAD: &str =
    "# Findings that are known. Made by `dlint --write-baseline`: commit it, and do not edit it.\n";

impl Baseline {
    /// True if a text is meant to be a baseline: it is one, begins like one, or is empty.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        let title = HEAD.split_once(':').map_or(HEAD, |(title, _)| title);
        text.trim().is_empty() || text.starts_with(title) || Self::parse(text).is_ok()
    }

    /// The text of the file: the same for the same findings.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{HEAD}version = {VERSION}\n");
        for (file, prints) in &self.files {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "\n[file.{}]", quoted(file));
            for (print, count) in prints {
                let key = format!("{} {:016x} {:016x}", print.rule, print.place, print.said);
                let _ = writeln!(out, "{} = {count}", quoted(&key));
            }
        }
        out
    }
}
