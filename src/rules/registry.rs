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
    rule!("cache-left-in-layer", "a package manager's lists or downloads stay in the image", Size, Warning, Default, Safe, "0.1.0", ["hadolint:DL3009", "hadolint:DL3019", "hadolint:DL3032", "hadolint:DL3036", "hadolint:DL3040", "hadolint:DL3042", "hadolint:DL3060"], [], Check::Code(checks::caches::left_in_layer)),
    rule!("cleanup-in-later-layer", "files are removed in a later layer than the one that holds them", Size, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::cleanup::later_layer)),
    rule!("heavy-recommends", "a package that recommends much more than it needs", Size, Warning, Default, Unsafe, "0.1.0", [], [], Check::Code(checks::installs::heavy_recommends)),
    rule!("install-without-yes", "a package manager that asks before it installs", Correctness, Warning, Default, Safe, "0.1.0", ["hadolint:DL3014", "hadolint:DL3030", "hadolint:DL3034", "hadolint:DL3038"], [], Check::Code(checks::installs::without_yes)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("recommends-installed", "packages are installed with all that they recommend", Size, Info, Strict, Unsafe, "0.1.0", ["hadolint:DL3015"], [], Check::Code(checks::installs::recommends)),
    rule!("run-wastes-layer", "a RUN that makes the image hold files twice", Size, Warning, Default, Unsafe, "0.1.0", [], [], Check::Code(checks::layers::wastes)),
    rule!("update-without-install", "package lists are fetched in a RUN of their own", Correctness, Warning, Default, None, "0.1.0", ["kics:update_instruction_alone", "trivy:DS-0017"], [], Check::Code(checks::cleanup::update_alone)),
];
