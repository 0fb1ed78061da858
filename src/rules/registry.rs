//! All rules. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.

use super::{Category, Check, FixKind, Needs, Preset, Rule, RuleMeta, checks};
use crate::diag::Severity;

macro_rules! rule {
    ($name:literal, $summary:literal, $category:ident, $severity:ident, $preset:ident, $fix:ident,
        $needs:ident, $since:literal, $aliases:expr, $options:expr, $check:expr) => {
        Rule {
            meta: RuleMeta {
                name: $name,
                summary: $summary,
                category: Category::$category,
                severity: Severity::$severity,
                preset: Preset::$preset,
                fix: FixKind::$fix,
                needs: Needs::$needs,
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
    rule!("add-local-files", "ADD of plain files and folders", Style, Warning, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL3020"], [], Check::Code(checks::add::local_files)),
    rule!("apt-cli", "`apt` instead of `apt-get` or `apt-cache`", Style, Info, Strict, None, Dockerfile, "0.1.0", ["hadolint:DL3027", "checkov:CKV_DOCKER_9", "kics:run_using_apt"], [], Check::Match),
    rule!("cache-left-in-layer", "a package manager's lists or downloads stay in the image", Size, Warning, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL3009", "hadolint:DL3019", "hadolint:DL3032", "hadolint:DL3036", "hadolint:DL3040", "hadolint:DL3042", "hadolint:DL3060"], [], Check::Code(checks::caches::left_in_layer)),
    rule!("cd-has-no-effect", "a `RUN` that ends with `cd`", Correctness, Warning, Default, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL3003", "kics:run_command_cd_instead_of_workdir", "trivy:DS-0013"], [], Check::Code(checks::cd::no_effect)),
    rule!("cd-instead-of-workdir", "`cd` in a `RUN` instead of `WORKDIR`", Style, Warning, Strict, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL3003", "kics:run_command_cd_instead_of_workdir", "trivy:DS-0013"], [], Check::Code(checks::cd::instead_of_workdir)),
    rule!("circular-stages", "stages that need each other", Correctness, Error, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::stages::circular)),
    rule!("cleanup-in-later-layer", "files are removed in a later layer than the one that holds them", Size, Warning, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::cleanup::later_layer)),
    rule!("comment-after-arguments", "a comment behind an instruction's arguments is a part of them", Correctness, Error, Default, Safe, Dockerfile, "0.1.0", [], [], Check::Code(checks::comment::after_arguments)),
    rule!("copy-before-install", "sources are copied before the dependencies are installed", Cache, Warning, Default, Unsafe, Dockerfile, "0.1.0", [], [], Check::Code(checks::order::copy_before_install)),
    rule!("copy-excluded-source", "a COPY source that the ignore file leaves out", Correctness, Error, Default, None, Context, "0.1.0", ["buildkit:CopyIgnoredFile"], [], Check::Code(checks::source::excluded)),
    rule!("copy-from-external-image", "`--from` names an image without a tag", Reproducibility, Info, Strict, None, Dockerfile, "0.1.0", ["hadolint:DL3022"], [], Check::Code(checks::stages::external_source)),
    rule!("copy-from-later-stage", "`--from` names a stage further down", Style, Info, Strict, None, Dockerfile, "0.1.0", ["hadolint:DL3022"], [], Check::Code(checks::stages::later_source)),
    rule!("copy-from-own-stage", "a stage copies from itself", Correctness, Error, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3023"], [], Check::Code(checks::stages::own_source)),
    rule!("copy-from-stage-number", "`--from` names a stage by its number", Style, Info, Strict, None, Dockerfile, "0.1.0", ["kics:using_unnamed_build_stages"], [], Check::Code(checks::stages::source_number)),
    rule!("copy-from-unknown-stage", "`--from` names a stage that does not exist", Correctness, Error, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::stages::unknown_source)),
    rule!("copy-missing-source", "a COPY source that is not in the build context", Correctness, Error, Default, None, Context, "0.1.0", [], [], Check::Code(checks::source::missing)),
    rule!("duplicate-stage-name", "two stages of the same name", Correctness, Error, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3024", "buildkit:DuplicateStageName"], [], Check::Code(checks::stages::duplicate_name)),
    rule!("env-self-reference", "an `ENV` uses a variable that the same instruction sets", Correctness, Warning, Default, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL3044", "kics:env_no_refer_envvar"], [], Check::Code(checks::env::self_reference)),
    rule!("expose-ssh", "the port of SSH is exposed", Security, Warning, Strict, None, Dockerfile, "0.1.0", ["checkov:CKV_DOCKER_1", "trivy:DS-0004", "kics:exposing_port_22"], [], Check::Match),
    rule!("heavy-recommends", "a package that recommends much more than it needs", Size, Warning, Default, Unsafe, Dockerfile, "0.1.0", [], [], Check::Code(checks::installs::heavy_recommends)),
    rule!("ignore-pattern-matches-nothing", "a line of the ignore file that changes nothing", Style, Info, Strict, None, Context, "0.1.0", [], [], Check::Code(checks::ignore::matches_nothing)),
    rule!("ignore-pattern-unused", "a line of the ignore file that cannot do what it says", Correctness, Info, Default, None, Context, "0.1.0", [], [], Check::Code(checks::ignore::unused)),
    rule!("ignore-syntax", "a line of the ignore file that BuildKit refuses", Correctness, Error, Default, None, Context, "0.1.0", [], [], Check::Code(checks::ignore::syntax)),
    rule!("ignore-walks-everything", "an exception with a wildcard makes BuildKit walk every folder", Style, Info, Strict, None, Context, "0.1.0", [], [], Check::Code(checks::ignore::walks_everything)),
    rule!("image-not-pinned-by-digest", "base image without a digest", Reproducibility, Info, Strict, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::base_image::digest)),
    rule!("install-without-yes", "a package manager that asks before it installs", Correctness, Warning, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL3014", "hadolint:DL3030", "hadolint:DL3034", "hadolint:DL3038"], [], Check::Code(checks::installs::without_yes)),
    rule!("invalid-utf8", "the Dockerfile is not UTF-8", Correctness, Warning, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::syntax::utf8)),
    rule!("latest-tag", "the tag `latest`", Reproducibility, Warning, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3007"], [], Check::Code(checks::base_image::latest)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("missing-multi-stage", "build tools stay in the final image", Size, Warning, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::multi_stage::missing)),
    rule!("multiple-cmd", "more than one `CMD` in a stage", Correctness, Warning, Default, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL4003", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_cmd)),
    rule!("multiple-entrypoint", "more than one `ENTRYPOINT` in a stage", Correctness, Warning, Default, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL4004", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_entrypoint)),
    rule!("multiple-healthcheck", "more than one `HEALTHCHECK` in a stage", Correctness, Warning, Default, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL3012", "buildkit:MultipleInstructionsDisallowed"], [], Check::Code(checks::entry::multiple_healthcheck)),
    rule!("no-user", "no `USER`, so the image runs as root", Security, Info, Default, None, Dockerfile, "0.1.0", ["checkov:CKV_DOCKER_3", "kics:missing_user_instruction"], [], Check::Code(checks::user::missing)),
    rule!("pipe-to-shell", "a downloaded script runs without a check of what it holds", Security, Warning, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::pipe::to_shell)),
    rule!("recommends-installed", "packages are installed with all that they recommend", Size, Info, Strict, Unsafe, Dockerfile, "0.1.0", ["hadolint:DL3015"], [], Check::Code(checks::installs::recommends)),
    rule!("relative-workdir", "relative `WORKDIR` without an absolute one before", Correctness, Warning, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3000", "buildkit:WorkdirRelativePath"], [], Check::Code(checks::workdir::relative)),
    rule!("root-user", "the last `USER` is root", Security, Warning, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3002"], [], Check::Code(checks::user::root)),
    rule!("run-wastes-layer", "a RUN that makes the image hold files twice", Size, Warning, Default, Unsafe, Dockerfile, "0.1.0", [], [], Check::Code(checks::layers::wastes)),
    rule!("secret-in-context", "COPY takes along a file that looks like a secret", Security, Error, Default, None, Context, "0.1.0", [], [], Check::Code(checks::waste::secret)),
    rule!("secret-in-env", "an `ARG` or `ENV` whose name says that it holds a secret", Security, Warning, Default, None, Dockerfile, "0.1.0", ["buildkit:SecretsUsedInArgOrEnv", "hadolint:DL3064", "trivy:DS-0031"], [], Check::Code(checks::secrets::name)),
    rule!("secret-name-in-env", "an `ARG` or `ENV` whose name says secret though its value is none", Security, Info, Strict, None, Dockerfile, "0.1.0", ["buildkit:SecretsUsedInArgOrEnv", "hadolint:DL3064", "trivy:DS-0031"], [], Check::Code(checks::secrets::harmless_name)),
    rule!("secret-value", "a secret is written into the Dockerfile", Security, Error, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::secrets::value)),
    rule!("shell-form-command", "`CMD` or `ENTRYPOINT` in shell form", Correctness, Warning, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL3025", "buildkit:JSONArgsRecommended"], [], Check::Code(checks::entry::shell_form)),
    rule!("shell-form-healthcheck", "`HEALTHCHECK CMD` in shell form without need", Style, Info, Strict, Safe, Dockerfile, "0.1.0", ["hadolint:DL3025"], [], Check::Code(checks::entry::shell_form_healthcheck)),
    rule!("sudo", "`sudo` in a `RUN`", Security, Warning, Default, Safe, Dockerfile, "0.1.0", ["hadolint:DL3004", "kics:run_using_sudo", "checkov:CKV2_DOCKER_1", "trivy:DS-0010"], [], Check::Code(checks::sudo::sudo)),
    rule!("syntax-error", "BuildKit refuses the instruction", Correctness, Error, Default, None, Dockerfile, "0.1.0", ["hadolint:DL1000"], [], Check::Code(checks::syntax::error)),
    rule!("unknown-suppression", "A comment suppresses a rule that does not exist", Correctness, Warning, Default, None, Dockerfile, "0.1.0", [], [], Check::Engine),
    rule!("unreachable-stage", "a named stage that the final image does not need", Correctness, Info, Strict, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::stages::unreachable)),
    rule!("untagged-image", "base image without a tag", Reproducibility, Warning, Default, None, Dockerfile, "0.1.0", ["hadolint:DL3006"], [], Check::Code(checks::base_image::untagged)),
    rule!("unused-foreign-suppression", "A comment for another linter suppresses nothing here", Style, Info, Strict, Unsafe, Dockerfile, "0.1.0", [], [], Check::Engine),
    rule!("unused-stage", "a stage without a name that nothing uses", Correctness, Info, Default, None, Dockerfile, "0.1.0", [], [], Check::Code(checks::stages::unused)),
    rule!("unused-suppression", "A comment suppresses a finding that is not there", Style, Info, Default, Safe, Dockerfile, "0.1.0", [], [], Check::Engine),
    rule!("update-without-install", "package lists are fetched in a RUN of their own", Correctness, Warning, Default, None, Dockerfile, "0.1.0", ["kics:update_instruction_alone", "trivy:DS-0017"], [], Check::Code(checks::cleanup::update_alone)),
    rule!("wasteful-context", "COPY takes along what no image needs", Size, Warning, Default, None, Context, "0.1.0", [], [], Check::Code(checks::waste::context)),
    rule!("workdir-not-absolute", "relative `WORKDIR` behind another one", Style, Info, Strict, None, Dockerfile, "0.1.0", ["hadolint:DL3000"], [], Check::Code(checks::workdir::not_absolute)),
];
