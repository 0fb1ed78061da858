//! All rules. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.

use super::{Category, Check, FixKind, Preset, Rule, RuleMeta, checks};
use crate::diag::Severity;

macro_rules! rule {
    ($name:literal, $summary:literal, $category:ident, $severity:ident, $preset:ident, $fix:ident,
        $since:literal, $aliases:expr, $options:expr, $check:expr) => {
        Rule {
            meta: RuleMeta {
                name: $name,
                summary: $summary,
                category: Category::$category,
                severity: Severity::$severity,
                preset: Preset::$preset,
                fix: FixKind::$fix,
                since: $since,
                aliases: &$aliases,
                options: &$options,
                doc: include_str!(concat!("../../rules/", $name, ".md")),
            },
            check: $check,
        }
    };
}

/// All rules, sorted by name.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    rule!("add-local-files", "ADD of plain files and folders", Style, Warning, Default, Safe, "0.1.0", ["hadolint:DL3020"], [], Check::Code(checks::add::local_files)),
    rule!("comment-after-arguments", "a comment behind an instruction's arguments is a part of them", Correctness, Error, Default, Safe, "0.1.0", [], [], Check::Code(checks::comment::after_arguments)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
];
