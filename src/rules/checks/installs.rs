//! Rules about the options of package managers.

use std::cell::OnceCell;

use crate::diag::{Finding, Fix, Part, Saving};
use crate::knowledge::{Action, Family, IMAGES_WITH_COMPILERS, Manager, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, ConfigKeys, Package, Setting};
use crate::shell::{RedirectKind, Word};
use crate::size::AptInstall;
use crate::text::{Arrange, Edit};

use super::all;
use super::asks;
use super::chain::with_option;
use super::recommended::{Certificates, kept_for_compiler, named, needed};

/// Redirections that may hold an answer.
const INPUT: [RedirectKind; 4] =
    [RedirectKind::Read, RedirectKind::ReadWrite, RedirectKind::HereDoc, RedirectKind::HereString];

/// Subcommands that have nothing to ask, or do nothing where there is nothing to do.
const QUIET: [&str; 5] = ["autoremove", "autopurge", "env create", "env update", "source"];

/// `install-without-yes`.
pub fn without_yes(cx: &mut Cx<'_>) {
    asks::report(cx);
    let keys = ConfigKeys::default();
    for cmd in cx.model.run_commands() {
        let Some(manager) = cmd.usage.manager else { continue };
        // At the end of its input, conda takes the default, which is yes.
        let Some(yes) = manager.yes_option.filter(|_| manager.id != ManagerId::Conda) else { continue };
        if !matches!(cmd.usage.action, Action::Install | Action::Upgrade | Action::Remove)
            || cmd.has_any_flag(manager.yes)
            || cmd.is_dry_run()
            || QUIET.iter().any(|s| cmd.is_subcommand(s)) && !has_left_overs(&cmd)
            || is_answered(&cmd, manager, &keys)
        {
            continue;
        }
        if manager.id == ManagerId::Apt && has_nothing_to_ask(&cmd) {
            continue;
        }
        // apt goes on without a question if it does just what it was told.
        let when = if manager.id == ManagerId::Apt && cmd.usage.action == Action::Install {
            "asks for confirmation when it has to pull in dependencies"
        } else {
            "asks for confirmation"
        };
        let message = format!("`{}` {when}, and nobody can answer during a build, so it stops", cmd.head());
        let finding = cx.at(cmd.head_span(), message).alias(manager.ids.yes);
        cx.report(match asked_globally(&cmd, manager) {
            Some(option) => {
                let edit = globally(&cmd, option);
                let finding = finding.help(format!("write `{} {option} …`", cmd.program()));
                match edit {
                    Some(edit) => finding.fix(Fix::safe(format!("add `{option}`"), [edit])),
                    None => finding,
                }
            }
            None => offering(finding.help(format!("add `{yes}`")), &cmd, yes, true),
        });
    }
}

/// The option for the program itself where the subcommand has none of its own: `zypper source-install` knows no `-y`.
fn asked_globally(cmd: &Cmd<'_>, manager: &Manager) -> Option<&'static str> {
    let sources = cmd.is_subcommand("si") || cmd.is_subcommand("source-install");
    (manager.id == ManagerId::Zypper && sources).then_some("-n")
}

/// Puts `option` directly after the program.
fn globally(cmd: &Cmd<'_>, option: &str) -> Option<Edit> {
    let word = cmd.shell().program_word().filter(|w| w.exact && !w.is_quoted() && !cmd.script().exec)?;
    Some(Edit::insert(word.span.end, format!(" {option}")))
}

/// True if a command of its stage removes packages before: there is something for `autoremove` to remove.
fn has_left_overs(cmd: &Cmd<'_>) -> bool {
    let Some(manager) = cmd.usage.manager else { return false };
    let purges = cmd.is_subcommand("autoremove") || cmd.is_subcommand("autopurge");
    purges && before(cmd).any(|c| c.is(manager.id, Action::Remove) && !c.operands().is_empty())
}

/// True if there is nothing to remove, or only package files to install: those mostly come alone. Without packages,
/// an install only adds what those lack that `dpkg` has unpacked before.
fn has_nothing_to_ask(cmd: &Cmd<'_>) -> bool {
    let operands = cmd.operands();
    match cmd.usage.action {
        Action::Remove if operands.is_empty() => !has_left_overs(cmd),
        // What is not installed is not removed either, and the base may not have it.
        Action::Remove => !is_installed_before(cmd, &operands),
        Action::Install if operands.is_empty() => {
            let own = |c: Cmd<'_>| {
                c.id() < cmd.id()
                    && c.stage().map(|s| s.index) == cmd.stage().map(|s| s.index)
                    && (c.program() != "dpkg" || c.has_any_flag(&["-i", "--install", "--unpack"]))
            };
            !["dpkg", "gdebi"].iter().any(|program| cmd.model.commands_named(program).any(own))
        }
        Action::Install => operands.iter().all(|w| w.static_prefix().starts_with(['/', '.'])),
        _ => false,
    }
}

/// The commands of its stage that run before it.
fn before<'m>(cmd: &Cmd<'m>) -> impl Iterator<Item = Cmd<'m>> {
    let (model, id, last) = (cmd.model, cmd.id(), cmd.step());
    let steps = cmd.stage().into_iter().flat_map(|stage| stage.steps.clone());
    let steps = steps.take_while(move |step| *step <= last);
    steps.flat_map(|step| model.commands_of(step)).filter(move |c| c.id() < id)
}

/// True if a command before it in its stage installs one of these packages.
fn is_installed_before(cmd: &Cmd<'_>, packages: &[&Word]) -> bool {
    before(cmd).any(|c| {
        let installs = c.is(ManagerId::Apt, Action::Install);
        installs
            && c.operands()
                .iter()
                .any(|one| packages.iter().any(|word| word.static_prefix() == one.static_prefix()))
    })
}

/// True if something else says yes, or may do so.
fn is_answered(cmd: &Cmd<'_>, manager: &Manager, keys: &ConfigKeys) -> bool {
    let shell = cmd.shell();
    // `xargs` keeps the pipe to itself.
    let piped = shell.place.pipeline.is_some_and(|seat| seat.position > 0) && !shell.is_wrapped_by("xargs");
    let quiet = cmd.args().iter().filter(|w| matches!(w.as_str(), Some("-q" | "--quiet"))).count() > 1;
    let key = manager.yes_config;
    piped
        || shell.redirects.iter().any(|r| INPUT.contains(&r.kind))
        || manager.id == ManagerId::Apt && quiet
        || key.is_some_and(|key| cmd.args().iter().any(|w| w.static_prefix().contains(key)))
        || manager.yes_env.iter().any(|n| cmd.setting(n).is_some_and(|s| s != Setting::To("false")))
        || cmd.args().iter().any(|w| cmd.may_be_options(w))
        || key.is_some_and(|key| keys.may_set(cmd, manager, key))
}

/// Offers to put `option` right behind the subcommand.
fn offering(finding: Finding, cmd: &Cmd<'_>, option: &str, safe: bool) -> Finding {
    let Some(edit) = with_option(cmd, option) else { return finding };
    let title = format!("add `{option}`");
    finding.fix(if safe { Fix::safe(title, [edit]) } else { Fix::uncertain(title, [edit]) })
}

/// Offers to leave out what is only recommended, but not what the build surely needs of it.
fn without_recommended<'m>(
    cx: &Cx<'m>,
    finding: Finding,
    cmd: &Cmd<'m>,
    option: &str,
    certificates: &OnceCell<Certificates<'m>>,
) -> Finding {
    let is_apt = cmd.usage.manager.is_some_and(|m| m.id == ManagerId::Apt);
    let needed = if is_apt { needed(cx, cmd, certificates) } else { Vec::new() };
    if needed.is_empty() {
        return offering(finding, cmd, option, false);
    }
    let reasons: Vec<String> = needed.iter().map(|(name, why)| format!("`{name}`, {why}")).collect();
    let finding = finding
        .help(format!("add `{option}` and name {}, and whatever else you do need", reasons.join(", and ")));
    let names: Vec<&str> = needed.into_iter().map(|(name, _)| name).collect();
    match (with_option(cmd, option), named(cmd, &names)) {
        (Some(add), Some(name)) => {
            let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            finding.fix(Fix::uncertain(format!("add `{option}` and {}", all.join(" and ")), [add, name]))
        }
        _ => finding,
    }
}

/// Smaller figures than this are not worth a word, in bytes.
const HEAVY: u64 = 10_000_000;

/// In a stage that no image keeps, the bytes are only fetched: smaller figures than this are not worth a word there.
const HEAVY_TO_FETCH: u64 = 100_000_000;

/// True if somebody has written that the recommended packages are wanted; another option before it would do nothing.
fn asks_for_recommended(cmd: &Cmd<'_>) -> bool {
    cmd.has_flag("--install-recommends")
}

/// `heavy-recommends`.
pub fn heavy_recommends(cx: &mut Cx<'_>) {
    let certificates = OnceCell::new();
    for (install, heavy) in cx.apt_installs.iter().filter_map(|i| Some((i, heavy(cx, i)?))) {
        if asks_for_recommended(&install.cmd) {
            continue;
        }
        let saving = recommended_saving(cx, install);
        let pulls = if heavy.names.len() == 1 && heavy.alone { "pulls in" } else { "pull in" };
        let mut names: Vec<String> = heavy.names.iter().map(|name| format!("`{name}`")).collect();
        if !heavy.alone {
            names.push("others listed with it".to_owned());
        }
        let message = format!("{} {pulls} {} of recommended packages", all(&names), saving.amount());
        let mut finding = cx
            .at(heavy.package.word.span, message)
            .help("add `--no-install-recommends`, and list the recommended packages that you do need");
        if install.cmd.stage().is_some_and(|s| s.in_final_image) {
            finding = finding.saving(saving);
        }
        let option = "--no-install-recommends";
        cx.report(without_recommended(cx, finding, &install.cmd, option, &certificates));
    }
}

/// `recommends-installed`.
pub fn recommends(cx: &mut Cx<'_>) {
    let certificates = OnceCell::new();
    let keys = ConfigKeys::default();
    for cmd in cx.model.run_commands().filter(|c| c.takes_recommended(&keys) && !asks_for_recommended(c)) {
        let option = cmd.usage.manager.and_then(|m| m.no_recommends_option);
        let Some(option) = option else { continue };
        let message = format!("`{}` also installs recommended packages", cmd.head());
        let mut finding = cx.at(cmd.head_span(), message).help(format!("add `{option}`"));
        if let Some(install) = cx.apt_install(cmd.id()) {
            let more = recommended_bytes(cx, install);
            if heavy(cx, install).is_some() || (more == 0 && install.is_complete()) {
                continue;
            }
            if more > 0 && install.is_complete() && cmd.stage().is_some_and(|s| s.in_final_image) {
                finding = finding.saving(recommended_saving(cx, install));
            }
        }
        cx.report(without_recommended(cx, finding, &cmd, option, &certificates));
    }
}

/// Bytes of the packages that an install adds only because others recommend them, and that nothing else needs.
fn recommended_bytes(cx: &Cx<'_>, install: &AptInstall<'_>) -> u64 {
    let all: u64 = install.only_recommended().map(|(_, bytes)| bytes).sum();
    all.saturating_sub(kept_for_compiler(cx, install))
}

/// What leaving them out saves.
fn recommended_saving(cx: &Cx<'_>, install: &AptInstall<'_>) -> Saving {
    let bytes = install.written(recommended_bytes(cx, install)).bytes;
    let saving = Saving::estimated(bytes, install.source()).of(Part::Packages(install.cmd.step()));
    // Of an image that is not known some may be there already.
    if install.base_is_known { saving } else { saving.between(0, bytes) }
}

/// The most packages that are named.
const MAX_NAMED: usize = 3;

/// A package that recommends much.
struct Heavy<'m> {
    package: Package<'m>,
    /// Its name, and those of others that add much.
    names: Vec<String>,
    /// True if all others add next to nothing.
    alone: bool,
}

/// The package whose recommendations weigh the most, if those of the whole command are worth a word.
fn heavy<'m>(cx: &Cx<'_>, install: &AptInstall<'m>) -> Option<Heavy<'m>> {
    // What others need beside it takes longer to find out.
    if install.recommended_at_most() < HEAVY {
        return None;
    }
    let total = recommended_bytes(cx, install);
    let kept = install.cmd.stage().is_some_and(|s| s.in_final_image);
    let least = if kept { HEAVY } else { HEAVY_TO_FETCH };
    if total < least || !install.base_is_known && may_have_compiler(install) || is_removed_again(install) {
        return None;
    }
    let packages = install.cmd.packages();
    let mut by_package = vec![0_u64; packages.len()];
    for (root, bytes) in install.only_recommended() {
        if let Some(sum) = by_package.get_mut(root) {
            *sum += bytes;
        }
    }
    // The first of equals.
    let mut order: Vec<(usize, u64)> = by_package.into_iter().enumerate().collect();
    order.arrange_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let (index, _) = *order.first()?;
    let mut most = 0;
    let mut named = Vec::new();
    for (index, bytes) in order.into_iter().take(MAX_NAMED) {
        if most >= total - total / 10 {
            break;
        }
        most += bytes;
        named.extend(packages.get(index).map(|package| package.name.clone()));
    }
    let package = packages.into_iter().nth(index)?;
    if is_from_elsewhere(install, &package.name) || names_what_is_gone(install) {
        return None;
    }
    Some(Heavy { package, names: named, alone: most >= total - total / 10 })
}

/// Repositories that have packages of a distribution's names, and how those names begin.
const OTHER_REPOSITORIES: [(&str, &str); 6] = [
    ("nodesource", "nodejs"),
    ("apt.postgresql.org", "postgresql"),
    ("nginx.org/packages", "nginx"),
    ("ondrej/php", "php"),
    ("sury.org", "php"),
    ("mariadb.com", "mariadb"),
];

/// True if the file names a repository that has this package, too: what it recommends is not in the tables.
fn is_from_elsewhere(install: &AptInstall<'_>, package: &str) -> bool {
    let text = install.cmd.model.file.text();
    OTHER_REPOSITORIES.iter().any(|(host, name)| package.starts_with(name) && text.contains(host))
}

/// Packages that Debian had until 2019 or 2021, and has no more.
const GONE_FROM_DEBIAN: [&str; 8] = [
    "libmysqlclient-dev",
    "mysql-client",
    "mysql-server",
    "openjdk-8-jdk",
    "openjdk-8-jre",
    "openjdk-8-jre-headless",
    "python",
    "python-dev",
];

/// True if a package is named that the release has no more, so that the RUN fails unless it comes from elsewhere: what
/// the others recommend there is no matter.
fn names_what_is_gone(install: &AptInstall<'_>) -> bool {
    let is_debian = install.suite.family == Family::Debian;
    let without_python_2 = matches!(install.suite.name, "bookworm" | "trixie" | "noble" | "resolute");
    // Some of these names stayed: those of files that both versions of Python read.
    let shared = ["-common", "-data", "-doc", "-localedata"];
    let of_python_2 = |name: &str| {
        name.starts_with("python-")
            && !name.contains("-is-python")
            && !shared.iter().any(|ending| name.ends_with(ending))
    };
    install.cmd.packages().iter().any(|package| {
        without_python_2 && of_python_2(&package.name)
            || is_debian && GONE_FROM_DEBIAN.contains(&&*package.name)
    })
}

/// True if the same RUN removes packages later on: nobody can tell what is left of those recommended.
fn is_removed_again(install: &AptInstall<'_>) -> bool {
    let cmd = &install.cmd;
    let mut commands = cmd.model.commands_of(cmd.step());
    commands.any(|c| c.is(ManagerId::Apt, Action::Remove) && c.usage.command > cmd.usage.command)
}

/// True if the base image may hold a compiler.
fn may_have_compiler(install: &AptInstall<'_>) -> bool {
    let Some(Base::Image(image)) = install.cmd.stage().map(|s| install.cmd.model.root_base(s)) else {
        return false;
    };
    let tag = image.tag.as_deref().unwrap_or("");
    IMAGES_WITH_COMPILERS.contains(&image.repository()) && !tag.contains("slim") || tag.contains("devel")
}
