use std::sync::Arc;

use crate::config::DocsUrl;
use crate::diag::{RuleBook, RuleInfo};
use crate::rules::{Catalogue, RuleMeta, Status};
use crate::shellcheck;

/// The rules of all configurations of a run. Of users' rules that have the same name in different
/// configurations, the first is shown.
#[derive(Default)]
pub(super) struct Book {
    pub(super) catalogues: Vec<Arc<Catalogue>>,
    /// Where the pages of the rules are on the web.
    pub(super) docs_url: Option<DocsUrl>,
}

impl Book {
    fn meta(&self, rule: &str) -> Option<&RuleMeta> {
        self.catalogues.iter().find_map(|c| Some(&c.get(c.id_of(rule)?)?.meta))
    }
}

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
        link: None,
    }
}

impl RuleBook for Book {
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>> {
        let meta = self.meta(rule)?;
        let passed_on = meta.code(rule).map(shellcheck::page);
        // The site knows nothing of users' own rules.
        let docs = self.docs_url.as_ref().filter(|_| meta.file.is_none());
        let link = passed_on.or_else(|| docs.map(|docs| docs.page(&meta.name)));
        Some(RuleInfo { link, ..info(meta) })
    }

    fn page(&self, rule: &str) -> Option<&str> {
        Some(self.meta(rule)?.page())
    }

    fn home(&self) -> Option<&str> {
        self.docs_url.as_ref().map(DocsUrl::as_str)
    }
}
