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
    rule!("copy-before-install", "sources are copied before the dependencies are installed", Cache, Warning, Default, Unsafe, "0.1.0", [], [], Check::Code(checks::order::copy_before_install)),
    rule!("copy-excluded-source", "a COPY source that the ignore file leaves out", Correctness, Error, Default, None, "0.1.0", ["buildkit:CopyIgnoredFile"], [], Check::Code(checks::source::excluded)),
    rule!("copy-missing-source", "a COPY source that is not in the build context", Correctness, Error, Default, None, "0.1.0", [], [], Check::Code(checks::source::missing)),
    rule!("ignore-pattern-matches-nothing", "a line of the ignore file that changes nothing", Style, Info, Strict, None, "0.1.0", [], [], Check::Code(checks::ignore::matches_nothing)),
    rule!("ignore-pattern-unused", "a line of the ignore file that cannot do what it says", Correctness, Info, Default, None, "0.1.0", [], [], Check::Code(checks::ignore::unused)),
    rule!("ignore-syntax", "a line of the ignore file that BuildKit refuses", Correctness, Error, Default, None, "0.1.0", [], [], Check::Code(checks::ignore::syntax)),
    rule!("ignore-walks-everything", "an exception with a wildcard makes BuildKit walk every folder", Style, Info, Strict, None, "0.1.0", [], [], Check::Code(checks::ignore::walks_everything)),
    rule!("maintainer-deprecated", "`MAINTAINER` is deprecated", Style, Info, Default, Safe, "0.1.0", ["hadolint:DL4000", "buildkit:MaintainerDeprecated"], [], Check::Code(checks::instruction::maintainer)),
    rule!("secret-in-context", "COPY takes along a file that looks like a secret", Security, Error, Default, None, "0.1.0", [], [], Check::Code(checks::waste::secret)),
    rule!("wasteful-context", "COPY takes along what no image needs", Size, Warning, Default, None, "0.1.0", [], [], Check::Code(checks::waste::context)),
];
