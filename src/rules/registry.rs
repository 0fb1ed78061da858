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
    rule!("invalid-utf8", "the Dockerfile is not UTF-8", Correctness, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::syntax::utf8)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("secret-in-env", "an `ARG` or `ENV` whose name says that it holds a secret", Security, Warning, Default, None, "0.1.0", ["buildkit:SecretsUsedInArgOrEnv", "hadolint:DL3064"], [], Check::Code(checks::secrets::name)),
    rule!("secret-value", "a secret is written into the Dockerfile", Security, Error, Default, None, "0.1.0", [], [], Check::Code(checks::secrets::value)),
    rule!("syntax-error", "BuildKit refuses the instruction", Correctness, Error, Default, None, "0.1.0", ["hadolint:DL1000"], [], Check::Code(checks::syntax::error)),
];
