use crate::diag::{RuleBook, RuleInfo};
use crate::rules::{self, RULES, RuleMeta};

/// The built-in rules.
pub(super) struct Book;

fn info(meta: &RuleMeta) -> RuleInfo<'_> {
    RuleInfo {
        name: meta.name,
        aliases: meta.aliases.to_vec(),
        summary: meta.summary,
        category: meta.category.name(),
        preset: meta.preset.name(),
        severity: meta.severity,
        fix: meta.fix.name(),
        doc: meta.page(),
    }
}

impl RuleBook for Book {
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>> {
        rules::find(rule).map(|r| info(&r.meta))
    }

    fn all(&self) -> Vec<RuleInfo<'_>> {
        RULES.iter().map(|r| info(&r.meta)).collect()
    }
}
