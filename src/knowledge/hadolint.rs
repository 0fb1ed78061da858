//! The rules of hadolint and their levels: `rules/data/hadolint.toml`.

mod table {
    use super::Level;

    include!(concat!(env!("OUT_DIR"), "/hadolint.rs"));
}

/// How bad hadolint takes something to be; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Level {
    Error,
    Warning,
    Info,
    Style,
    Ignore,
}

/// The level of one of hadolint's own rules.
#[must_use]
pub fn hadolint_level(id: &str) -> Option<Level> {
    let at = table::LEVELS.binary_search_by_key(&id, |(id, _)| id).ok()?;
    table::LEVELS.get(at).map(|(_, level)| *level)
}

/// The ids of hadolint's own rules, sorted, and their levels.
#[must_use]
pub const fn hadolint_levels() -> &'static [(&'static str, Level)] {
    table::LEVELS
}
