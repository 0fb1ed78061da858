use crate::rules::RuleSet;

use super::lint::RuleOptions;

/// What counts for one file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The rules that are on.
    pub rules: RuleSet,
    /// The options of rules.
    pub options: RuleOptions,
}
