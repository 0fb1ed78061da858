use std::sync::Arc;

use crate::diag::{RuleBook, RuleInfo};
use crate::rules::{Catalogue, RuleMeta, Status};
use crate::shellcheck;

/// The rules of all configurations of a run. Of users' rules that have the same name in different
/// configurations, the first is shown.
pub(super) struct Book(pub(super) Vec<Arc<Catalogue>>);

fn info(meta: &RuleMeta) -> RuleInfo<'_> {
    RuleInfo {
        name: &meta.name,
        aliases: meta.aliases.iter().map(|a| &**a).collect(),
        renamed_from: meta.renamed_from.iter().map(|old| &**old).collect(),
        deprecated: (meta.status != Status::Stable).then(|| meta.status.to_string()),
        summary: &meta.summary,
        category: meta.category.name(),
        preset: meta.preset.name(),
        severity: meta.severity,
        fix: meta.fix.name(),
        doc: meta.page(),
        link: None,
    }
}

impl RuleBook for Book {
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>> {
        let meta = self.0.iter().find_map(|c| Some(&c.get(c.id_of(rule)?)?.meta))?;
        Some(RuleInfo { link: meta.code(rule).map(shellcheck::page), ..info(meta) })
    }
}
