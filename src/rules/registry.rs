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
    rule!("cd-has-no-effect", "a `RUN` that ends with `cd`", Correctness, Warning, Default, Unsafe, "0.1.0", ["hadolint:DL3003"], [], Check::Code(checks::cd::no_effect)),
    rule!("cd-instead-of-workdir", "`cd` in a `RUN` instead of `WORKDIR`", Style, Warning, Strict, Unsafe, "0.1.0", ["hadolint:DL3003", "kics:run_instruction_cd_instead_of_workdir", "trivy:DS-0013"], [], Check::Code(checks::cd::instead_of_workdir)),
    rule!("env-self-reference", "an `ENV` uses a variable that the same instruction sets", Correctness, Warning, Default, Unsafe, "0.1.0", ["hadolint:DL3044"], [], Check::Code(checks::env::self_reference)),
    rule!("invalid-utf8", "the Dockerfile is not UTF-8", Correctness, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::syntax::utf8)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("pipe-to-shell", "a downloaded script runs without a check of what it holds", Security, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::pipe::to_shell)),
    rule!("secret-in-env", "an `ARG` or `ENV` whose name says that it holds a secret", Security, Warning, Default, None, "0.1.0", ["buildkit:SecretsUsedInArgOrEnv", "hadolint:DL3064"], [], Check::Code(checks::secrets::name)),
    rule!("secret-value", "a secret is written into the Dockerfile", Security, Error, Default, None, "0.1.0", [], [], Check::Code(checks::secrets::value)),
    rule!("sudo", "`sudo` in a `RUN`", Security, Warning, Default, Safe, "0.1.0", ["hadolint:DL3004", "kics:run_using_sudo", "checkov:CKV2_DOCKER_1", "trivy:DS-0010"], [], Check::Code(checks::sudo::sudo)),
    rule!("syntax-error", "BuildKit refuses the instruction", Correctness, Error, Default, None, "0.1.0", ["hadolint:DL1000"], [], Check::Code(checks::syntax::error)),
];
