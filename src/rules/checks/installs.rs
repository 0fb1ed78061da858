//! Rules about the options of package managers.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::diag::{Finding, Fix, Part, Saving, format_bytes};
use crate::rules::Cx;
use crate::semantic::{
    Action, Base, Cmd, Manager, Model, SUITE_DATE, Setting, Stage, Suite, likely_suite, recommended_bytes,
};
use crate::shell::{RedirectKind, Word};

use super::chain::with_option;

/// Options of apt with which nothing is asked.
const ASKS_NOTHING: [&str; 6] = ["-s", "--simulate", "--just-print", "--dry-run", "--no-act", "--print-uris"];

/// Redirections that may hold an answer.
const INPUT: [RedirectKind; 4] =
    [RedirectKind::Read, RedirectKind::ReadWrite, RedirectKind::HereDoc, RedirectKind::HereString];

/// Subcommands that have nothing to ask, or do nothing where there is nothing to do.
const QUIET: [&str; 5] = ["autoremove", "autopurge", "env create", "env update", "source"];

/// `install-without-yes`.
pub fn without_yes(cx: &mut Cx<'_>) {
    let (mut found, keys) = (Vec::new(), Keys::default());
    for cmd in cx.model.run_commands() {
        let Some(manager) = cmd.usage.manager else { continue };
        let Some(yes) = &manager.yes_option else { continue };
        if !matches!(cmd.usage.action, Action::Install | Action::Upgrade | Action::Remove)
            || cmd.has_any_flag(&manager.yes)
            || cmd.has_any_flag(&ASKS_NOTHING)
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
fn is_answered(cmd: &Cmd<'_>, manager: &Manager, keys: &Keys) -> bool {
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
        || key.is_some_and(|key| is_configured(cmd, manager, key, keys))
        || manager.name == "conda" && is_configured(cmd, manager, "always_yes", keys)
}

/// What an instruction names that writes the configuration of a package manager.
const CONFIGURES: [&str; 6] = ["/etc/", "apt.conf", "yum.conf", "config-manager", "conda config", "condarc"];

/// The steps whose text holds a key of a configuration and writes one, by key.
#[derive(Default)]
struct Keys(RefCell<HashMap<String, Rc<[usize]>>>);

impl Keys {
    fn steps(&self, model: &Model<'_>, key: &str) -> Rc<[usize]> {
        if let Some(steps) = self.0.borrow().get(key) {
            return Rc::clone(steps);
        }
        let text = model.file.text();
        let named = text.contains(key);
        let writes = |text: &str| text.contains(key) && CONFIGURES.iter().any(|c| text.contains(c));
        let instructions = model.instructions().filter(|(_, i)| named && writes(i.span.text(text)));
        let steps: Rc<[usize]> = instructions.map(|(step, _)| step).collect();
        self.0.borrow_mut().insert(key.to_owned(), Rc::clone(&steps));
        steps
    }
}

/// True if an earlier instruction, or the same, may set `key` in the manager's configuration: it names
/// the key, or copies a file there.
fn is_configured(cmd: &Cmd<'_>, manager: &Manager, key: &str, keys: &Keys) -> bool {
    let Some(stage) = cmd.stage() else { return false };
    let model = cmd.model;
    let before = |step: usize| {
        let inherited = |s: &Stage| model.lineage(stage).any(|l| l.index == s.index);
        step <= cmd.step() && model.stage_of(step).is_some_and(inherited)
    };
    let copied = |path: &str| manager.config.iter().any(|f| path.starts_with(f.as_str()));
    keys.steps(model, key).iter().any(|step| before(*step))
        || model
            .copies
            .iter()
            .any(|c| !c.mount && c.destination.known().is_some_and(copied) && before(c.step))
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
    let (mut found, keys) = (Vec::new(), Keys::default());
    for cmd in cx.model.run_commands().filter(|c| takes_recommended(c, &keys)) {
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
    let (mut found, keys) = (Vec::new(), Keys::default());
    for cmd in cx.model.run_commands().filter(|c| takes_recommended(c, &keys)) {
        let option = cmd.usage.manager.and_then(|m| m.no_recommends_option.as_deref());
        let Some(option) = option.filter(|_| heaviest(&cmd).is_none()) else { continue };
        let message = format!("`{}` also installs packages that are only recommended", cmd.head());
        let finding = cx.at(cmd.head_span(), message).help(format!("add `{option}`"));
        found.push(offering(finding, &cmd, option, false));
    }
    found.into_iter().for_each(|f| cx.report(f));
}

/// True if it installs packages together with those that they recommend.
fn takes_recommended(cmd: &Cmd<'_>, keys: &Keys) -> bool {
    let Some(manager) = cmd.usage.manager.filter(|m| m.no_recommends_option.is_some()) else { return false };
    let key = manager.no_recommends_config.as_deref();
    cmd.usage.action == Action::Install
        && !cmd.is_subcommand("build-dep")
        && !cmd.has_any_flag(&manager.no_recommends)
        && !cmd.has_any_flag(&ASKS_NOTHING)
        && !cmd.args().iter().any(|w| cmd.may_be_options(w))
        && !key.is_some_and(|k| cmd.args().iter().any(|w| w.static_prefix().contains(k)))
        && !key.is_some_and(|k| is_configured(cmd, manager, k, keys))
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
