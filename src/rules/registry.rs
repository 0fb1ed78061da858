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
    rule!("circular-stages", "stages that need each other", Correctness, Error, Default, None, "0.1.0", [], [], Check::Code(checks::stages::circular)),
    rule!("copy-from-external-image", "`--from` names an image without a tag", Reproducibility, Info, Strict, None, "0.1.0", ["hadolint:DL3022"], [], Check::Code(checks::stages::external_source)),
    rule!("copy-from-later-stage", "`--from` names a stage further down", Style, Info, Strict, None, "0.1.0", ["hadolint:DL3022"], [], Check::Code(checks::stages::later_source)),
    rule!("copy-from-own-stage", "a stage copies from itself", Correctness, Error, Default, None, "0.1.0", ["hadolint:DL3023"], [], Check::Code(checks::stages::own_source)),
    rule!("copy-from-unknown-stage", "`--from` names a stage that does not exist", Correctness, Error, Default, None, "0.1.0", [], [], Check::Code(checks::stages::unknown_source)),
    rule!("duplicate-stage-name", "two stages of the same name", Correctness, Error, Default, None, "0.1.0", ["hadolint:DL3024", "buildkit:DuplicateStageName"], [], Check::Code(checks::stages::duplicate_name)),
    rule!("image-not-pinned-by-digest", "base image without a digest", Reproducibility, Info, Strict, None, "0.1.0", [], [], Check::Code(checks::base_image::digest)),
    rule!("latest-tag", "the tag `latest`", Reproducibility, Warning, Default, None, "0.1.0", ["hadolint:DL3007"], [], Check::Code(checks::base_image::latest)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("missing-multi-stage", "build tools stay in the final image", Size, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::multi_stage::missing)),
    rule!("multiple-cmd", "more than one `CMD` in a stage", Correctness, Warning, Default, Unsafe, "0.1.0", ["hadolint:DL4003", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_cmd)),
    rule!("multiple-entrypoint", "more than one `ENTRYPOINT` in a stage", Correctness, Warning, Default, Unsafe, "0.1.0", ["hadolint:DL4004", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_entrypoint)),
    rule!("multiple-healthcheck", "more than one `HEALTHCHECK` in a stage", Correctness, Warning, Default, Unsafe, "0.1.0", ["hadolint:DL3012", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_healthcheck)),
    rule!("no-user", "no `USER`, so the image runs as root", Security, Info, Default, None, "0.1.0", ["checkov:CKV_DOCKER_3", "kics:missing_user_instruction"], [], Check::Code(checks::user::missing)),
    rule!("relative-workdir", "relative `WORKDIR` without an absolute one before", Correctness, Warning, Default, None, "0.1.0", ["hadolint:DL3000", "buildkit:WorkdirRelativePath"], [], Check::Code(checks::workdir::relative)),
    rule!("root-user", "the last `USER` is root", Security, Warning, Default, None, "0.1.0", ["hadolint:DL3002"], [], Check::Code(checks::user::root)),
    rule!("shell-form-command", "`CMD` or `ENTRYPOINT` in shell form", Correctness, Warning, Default, Safe, "0.1.0", ["hadolint:DL3025", "buildkit:JSONArgsRecommended"], [], Check::Code(checks::entry::shell_form)),
    rule!("shell-form-healthcheck", "`HEALTHCHECK CMD` in shell form without need", Style, Info, Strict, Safe, "0.1.0", ["hadolint:DL3025"], [], Check::Code(checks::entry::shell_form_healthcheck)),
    rule!("unreachable-stage", "a named stage that the final image does not need", Correctness, Info, Strict, None, "0.1.0", [], [], Check::Code(checks::stages::unreachable)),
    rule!("untagged-image", "base image without a tag", Reproducibility, Warning, Default, None, "0.1.0", ["hadolint:DL3006"], [], Check::Code(checks::base_image::untagged)),
    rule!("unused-stage", "a stage without a name that nothing uses", Correctness, Info, Default, None, "0.1.0", [], [], Check::Code(checks::stages::unused)),
    rule!("workdir-not-absolute", "relative `WORKDIR` behind another one", Style, Info, Strict, None, "0.1.0", ["hadolint:DL3000"], [], Check::Code(checks::workdir::not_absolute)),
];
