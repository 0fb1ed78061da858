//! Rules about the options of package managers.

use crate::diag::{Finding, Fix, Part, Saving, format_bytes};
use crate::rules::Cx;
use crate::semantic::{
    Action, Base, Cmd, ConfigKeys, DRY_RUN, Manager, SUITE_DATE, Setting, Suite, likely_suite,
    recommended_bytes,
};
use crate::shell::{RedirectKind, Word};

use super::chain::with_option;

/// Redirections that may hold an answer.
const INPUT: [RedirectKind; 4] =
    [RedirectKind::Read, RedirectKind::ReadWrite, RedirectKind::HereDoc, RedirectKind::HereString];

/// Subcommands that have nothing to ask, or do nothing where there is nothing to do.
const QUIET: [&str; 5] = ["autoremove", "autopurge", "env create", "env update", "source"];

/// `install-without-yes`.
pub fn without_yes(cx: &mut Cx<'_>) {
    let (mut found, keys) = (Vec::new(), ConfigKeys::default());
    for cmd in cx.model.run_commands() {
        let Some(manager) = cmd.usage.manager else { continue };
        let Some(yes) = &manager.yes_option else { continue };
        if !matches!(cmd.usage.action, Action::Install | Action::Upgrade | Action::Remove)
            || cmd.has_any_flag(&manager.yes)
            || cmd.has_any_flag(&DRY_RUN)
            || QUIET.iter().any(|s| cmd.is_subcommand(s))
            || is_answered(&cmd, manager, &keys)
        {
            continue;
        }
        if manager.name == "apt" && has_nothing_to_ask(&cmd) {
            continue;
        }
        // apt goes on without a question if it does just what it was told.
        let when = if manager.name == "apt" && cmd.usage.action == Action::Install {
            "asks before it installs what the packages need"
        } else {
            "asks before it goes on"
        };
        let message = format!("`{}` {when}, and nobody can answer during a build: it stops", cmd.head());
        let alias = manager.ids.yes.as_deref();
        let finding = cx.at(cmd.head_span(), message).help(format!("add `{yes}`")).alias(alias);
        found.push(offering(finding, &cmd, yes, true));
    }
    found.into_iter().for_each(|f| cx.report(f));
}

/// True if there is nothing to remove, or only package files to install: those mostly come alone.
fn has_nothing_to_ask(cmd: &Cmd<'_>) -> bool {
    let operands = cmd.operands();
    match cmd.usage.action {
        Action::Remove => operands.is_empty(),
        Action::Install => {
            !operands.is_empty() && operands.iter().all(|w| w.static_prefix().starts_with(['/', '.']))
        }
        _ => false,
    }
}

/// True if something else says yes, or may do so.
fn is_answered(cmd: &Cmd<'_>, manager: &Manager, keys: &ConfigKeys) -> bool {
    let shell = cmd.shell();
    // `xargs` keeps the pipe to itself.
    let piped = shell.place.pipeline.is_some_and(|seat| seat.position > 0) && !shell.is_wrapped_by("xargs");
    let quiet = cmd.args().iter().filter(|w| matches!(w.as_str(), Some("-q" | "--quiet"))).count() > 1;
    let key = manager.yes_config.as_deref();
    piped
        || shell.redirects.iter().any(|r| INPUT.contains(&r.kind))
        || manager.name == "apt" && quiet
        || key.is_some_and(|key| cmd.args().iter().any(|w| w.static_prefix().contains(key)))
        || manager.yes_env.iter().any(|n| cmd.setting(n).is_some_and(|s| s != Setting::To("false")))
        || cmd.args().iter().any(|w| cmd.may_be_options(w))
        || key.is_some_and(|key| keys.may_set(cmd, manager, key))
        || manager.name == "conda" && keys.may_set(cmd, manager, "always_yes")
}

/// Offers to put `option` right behind the subcommand.
fn offering(finding: Finding, cmd: &Cmd<'_>, option: &str, safe: bool) -> Finding {
    let Some(edit) = with_option(cmd, option) else { return finding };
    let title = format!("add `{option}`");
    finding.fix(if safe { Fix::safe(title, [edit]) } else { Fix::uncertain(title, [edit]) })
}

/// Smaller figures than this are not worth a word, in bytes.
const HEAVY: u64 = 10_000_000;

/// `heavy-recommends`.
pub fn heavy_recommends(cx: &mut Cx<'_>) {
    let (mut found, keys) = (Vec::new(), ConfigKeys::default());
    for cmd in cx.model.run_commands().filter(|c| c.takes_recommended(&keys)) {
        let Some(heavy) = heaviest(&cmd) else { continue };
        let (name, bytes) = (package_name(heavy.word), format_bytes(heavy.bytes));
        let mut finding = cx
            .at(
                heavy.word.span,
                format!("`{name}` pulls in about {bytes} of packages that it only recommends"),
            )
            .help("add `--no-install-recommends`, and name those of the recommended packages that you need");
        if cmd.stage().is_some_and(|s| s.in_final_image) {
            let source = format!("{} package index, {SUITE_DATE}", heavy.suite.label);
            finding = finding.saving(Saving::estimated(heavy.bytes, source).of(Part::Packages(cmd.step())));
        }
        found.push(offering(finding, &cmd, "--no-install-recommends", false));
    }
    found.into_iter().for_each(|f| cx.report(f));
}

/// `recommends-installed`.
pub fn recommends(cx: &mut Cx<'_>) {
    let (mut found, keys) = (Vec::new(), ConfigKeys::default());
    for cmd in cx.model.run_commands().filter(|c| c.takes_recommended(&keys)) {
        let option = cmd.usage.manager.and_then(|m| m.no_recommends_option.as_deref());
        let Some(option) = option.filter(|_| heaviest(&cmd).is_none()) else { continue };
        let message = format!("`{}` also installs packages that are only recommended", cmd.head());
        let finding = cx.at(cmd.head_span(), message).help(format!("add `{option}`"));
        found.push(offering(finding, &cmd, option, false));
    }
    found.into_iter().for_each(|f| cx.report(f));
}

struct Heavy<'m> {
    word: &'m Word,
    bytes: u64,
    suite: &'static Suite,
}

/// The package that is known to recommend the most.
fn heaviest<'m>(cmd: &Cmd<'m>) -> Option<Heavy<'m>> {
    if cmd.usage.manager?.name != "apt" {
        return None;
    }
    let (name, suite) = release(cmd.model.root_base(cmd.stage()?))?;
    cmd.operands()
        .into_iter()
        .filter_map(|word| Some(Heavy { word, bytes: recommended_bytes(package_name(word), name)?, suite }))
        .filter(|h| h.bytes > HEAVY)
        // The first of equals.
        .reduce(|a, b| if b.bytes > a.bytes { b } else { a })
}

/// `git` of `git=1:2.39`, `git:arm64` and `git/stable`.
fn package_name(word: &Word) -> &str {
    let text = word.static_prefix();
    text.find(['=', ':', '/']).map_or(text, |at| &text[..at])
}

/// Images that hold a compiler and many libraries unless their tag says `slim`: what their packages
/// recommend is there already.
const WITH_COMPILER: [&str; 12] = [
    "buildpack-deps",
    "erlang",
    "gcc",
    "golang",
    "node",
    "openjdk",
    "perl",
    "php",
    "pypy",
    "python",
    "ruby",
    "rust",
];

/// The release whose figures count for an image.
fn release(base: &Base) -> Option<(&'static str, &'static Suite)> {
    let Base::Image(image) = base else { return None };
    let tag = image.tag.as_deref().unwrap_or("");
    if WITH_COMPILER.contains(&image.familiar_path()) && !tag.contains("slim") || tag.contains("devel") {
        return None;
    }
    likely_suite(image)
}
