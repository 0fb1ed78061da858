//! Rules about what package managers leave in a layer.

use std::cell::OnceCell;

use crate::diag::{Finding, Fix, Saving, format_bytes};
use crate::knowledge::{Action, Manager, ManagerId, Suite};
use crate::rules::{Cx, keys};
use crate::semantic::{
    Base, Cmd, CommandId, Leftover, Model, RunsAs, SUITE_DATE, ScriptKind, Setting, Stage, WithoutArgs, Yarn,
    covers, facts, is_named_for_work,
};
use crate::shell::Word;
use crate::size::{KeptDownloads, PipInstall, kept_by_apt, kept_by_uv, kept_downloads, pip_installs};
use crate::text::Edit;

use super::chain::{ended_with, followed_by, is_sure, with_option, without};
use super::layers::runs_unknown;
use super::programs::is_dropped;
use super::unshipped::{ends_with_tests, is_for_tests, is_little};

/// How many RUNs before or behind a command are searched for what belongs to it.
pub(super) const MAX_RUNS: usize = 100;

/// `cache-left-in-layer`.
pub fn left_in_layer(cx: &mut Cx<'_>) {
    // Lists that are written again are mostly the same: they count once.
    let mut counted = false;
    // Of a stage for development, nobody ships an image.
    let ships = |stage: &&Stage| {
        !stage.name.as_deref().is_some_and(is_named_for_work) && !ends_with_tests(cx.model, stage)
            || !stage.used_by.is_empty()
    };
    for stage in cx.model.stages.iter().filter(ships) {
        let wheels = OnceCell::new();
        for step in runs(cx.model, stage).filter(|s| cx.model.is_kept(*s)) {
            for left in cx.model.leftovers(step) {
                // `update-without-install` and `cleanup-in-later-layer` speak of these.
                if is_update_alone(cx.model, step, left)
                    || later_cleanup(cx.model, stage, step, left).is_some()
                    || is_off(cx.model, left)
                    // What it has downloaded are the packages.
                    || yarn(cx, left) == Yarn::PlugAndPlay
                    || left.commands(cx.model).all(|c| is_dropped(cx, &c))
                    // Two megabytes of an index are no matter in an image that a test throws away.
                    || left.manager.id == ManagerId::Apk && is_for_tests(cx.model)
                {
                    continue;
                }
                let is_lists = left.manager.id == ManagerId::Apt && !left.is_downloads();
                let first_lists = is_lists && !std::mem::replace(&mut counted, true);
                let finding = report_left(cx, stage, step, left, first_lists, &wheels);
                if !is_little(cx.model, finding.saving.as_ref()) {
                    cx.report(finding);
                }
            }
            if let Some(finding) = misleading_setting(cx, step) {
                cx.report(finding);
            }
        }
    }
}

/// Which Yarn has left it.
fn yarn(cx: &Cx<'_>, left: &Leftover) -> Yarn {
    match left.manager.id {
        ManagerId::Yarn => cx.model.yarn_of(&left.first(cx.model)),
        _ => Yarn::Classic,
    }
}

/// The steps of a stage with a script of RUN.
pub(super) fn runs<'m>(model: &'m Model, stage: &Stage) -> impl Iterator<Item = usize> + use<'m> {
    // The first step of a stage is its FROM.
    runs_behind(model, stage, stage.steps.start)
}

/// The steps of a stage behind `step` with a script of RUN.
pub(super) fn runs_behind<'m>(
    model: &'m Model,
    stage: &Stage,
    step: usize,
) -> impl Iterator<Item = usize> + use<'m> {
    let end = stage.steps.end;
    let first = model.scripts.partition_point(|s| s.step <= step);
    model.scripts[first..]
        .iter()
        .map_while(move |s| (s.step < end).then_some(s))
        .filter(|s| s.kind == ScriptKind::Run)
        .map(|s| s.step)
}

fn report_left<'m>(
    cx: &Cx<'m>,
    stage: &'m Stage,
    step: usize,
    left: &Leftover,
    lists: bool,
    wheels: &OnceCell<Vec<PipInstall<'m>>>,
) -> Finding {
    let cmd = left.first(cx.model);
    let saving = match left.manager.id {
        ManagerId::Apt if left.is_downloads() => apt_downloads(cx, left),
        ManagerId::Apt if lists => {
            list_bytes(cx.model, stage).map(|(bytes, suite)| lists_saving(bytes, suite))
        }
        ManagerId::Uv => kept_copies(wheels.get_or_init(|| pip_installs(cx.model, stage)), &left.commands),
        ManagerId::Pip => {
            kept_downloads(cx.model, wheels.get_or_init(|| pip_installs(cx.model, stage)), step)
                .filter(|k| k.complete && k.bytes > 0)
                .map(|k| downloads_saving(&k))
        }
        _ => None,
    };
    let size = saving.as_ref().map(|s| format!("about {} of ", format_bytes(s.bytes))).unwrap_or_default();
    let is_later_yarn = yarn(cx, left) == Yarn::Modules;
    let folder = cx.model.folder(left).filter(|_| !is_later_yarn || left.moved.is_some());
    let home = left.cache.folders.first().filter(|f| f.starts_with('~')).copied();
    let home = if is_later_yarn { Some("~/.yarn/berry/cache") } else { home };
    let place = folder.as_deref().or(home).map(|f| format!(" in `{f}`")).unwrap_or_default();
    let when = match is_conditional(cx.model, left) {
        true => " if this branch runs",
        false => "",
    };
    let it = if left.cache.what.ends_with('s') { "them" } else { "it" };
    let message = format!(
        "`{}` leaves {size}{}{place}, and the image keeps {it}{when}{}",
        cmd.head(),
        left.cache.what,
        unless_base_says(cx.model, stage, left)
    );
    // A mount needs an absolute path.
    let mount = folder.map(|f| format!(", or mount a cache: `RUN --mount=type=cache,target={f}`"));
    let mount = mount.unwrap_or_default();
    let is_index_alone = left.manager.id == ManagerId::Apk
        && left.commands(cx.model).all(|c| c.usage.action == Action::Update)
        && cx.model.commands_of(step).any(|c| c.is(ManagerId::Apk, Action::Install));
    let help = match left.manager.no_cache.first() {
        Some(_) if is_index_alone => "drop it: `apk add --no-cache` fetches the index itself".to_owned(),
        Some(option) => format!("add `{option}`{mount}"),
        None if let Some(user) = trigger_with_lists(cx.model, stage, step, left.manager.id) => {
            let (line, remove) = (cx.model.instruction(user).lines.0, removal(cx.model, left));
            format!(
                "line {line} uses these lists in the builds that start from this image: let it fetch its own, and end this RUN with `{remove}`"
            )
        }
        None if let Some(line) = line_of_user(cx.model, stage, step, left) => {
            let remove = removal(cx.model, left);
            format!("line {line} uses these lists: combine them into one RUN, and end it with `{remove}`")
        }
        None => {
            let remove = removal(cx.model, left);
            if is_plain_removal(&remove) {
                format!("end the RUN with `{remove}`{mount}")
            } else {
                format!("run `{remove}` right after it in the same RUN{mount}")
            }
        }
    };
    // What others say is of the lists.
    let alias = left.manager.ids.cache.filter(|_| !left.is_downloads());
    let mut finding = cx.at(cmd.head_span(), message).help(help).alias(alias);
    for mount in cx.model.instruction(step).mounts.iter().filter(|m| cx.model.misses_home(step, m)) {
        let at =
            mount.option(&["target", "dst", "destination"]).map_or(mount.span, |option| option.value_span());
        finding =
            finding.label(at, "BuildKit does not expand this to a home folder: write the absolute path");
    }
    if let Some(saving) = saving {
        finding = finding.saving(saving);
    }
    match fix(cx, stage, step, left) {
        Some(fix) => finding.fix(fix),
        None => finding,
    }
}

/// What an image that is not known may have set.
fn unless_base_says(model: &Model, stage: &Stage, left: &Leftover) -> String {
    let (below, bottom) = model.bottom(stage);
    let is_known = match below.root_base(bottom) {
        Base::Image(image) => facts(image).is_some(),
        _ => false,
    };
    match left.manager.no_cache_env.first() {
        Some(name) if !is_known => format!(", unless its base image sets `{name}`"),
        _ => String::new(),
    }
}

/// What the lists of packages weigh, as a saving.
pub(super) fn lists_saving(bytes: u64, suite: &Suite) -> Saving {
    Saving::estimated(bytes, format!("{} package lists, {SUITE_DATE}", suite.label))
}

/// What pip keeps of its downloads, as a saving.
fn downloads_saving(kept: &KeptDownloads) -> Saving {
    Saving::estimated(kept.bytes, kept.source.clone()).between(kept.range.0, kept.range.1)
}

/// What apt keeps of its downloads, as a saving.
fn apt_downloads(cx: &Cx<'_>, left: &Leftover) -> Option<Saving> {
    let installs: Option<Vec<_>> = left.commands.iter().map(|id| cx.apt_install(*id)).collect();
    let kept = kept_by_apt(installs?.into_iter())?;
    Some(Saving::estimated(kept.bytes, kept.source).between(kept.range.0, kept.range.1))
}

/// What uv keeps of what it has copied, as a saving.
fn kept_copies(installs: &[PipInstall<'_>], commands: &[CommandId]) -> Option<Saving> {
    let mut all: Option<Saving> = None;
    for id in commands {
        let install = installs.iter().find(|install| install.cmd.id() == *id)?;
        let (packages, pages) = kept_by_uv(install).filter(|_| install.unknown.is_empty())?;
        let packages = packages?;
        let (bytes, least, most) = (
            packages.bytes + pages.bytes,
            packages.range.0 + pages.range.0,
            packages.range.1 + pages.range.1,
        );
        let before = all.map_or((0, (0, 0)), |s| (s.bytes, s.range.unwrap_or((s.bytes, s.bytes))));
        let range = (before.1.0 + least, before.1.1 + most);
        all = Some(Saving::estimated(before.0 + bytes, packages.source).between(range.0, range.1));
    }
    all.filter(|saving| saving.bytes > 0)
}

/// What `apt-get update` writes in a stage, where its release is known.
pub(super) fn list_bytes(model: &Model, stage: &Stage) -> Option<(u64, &'static Suite)> {
    model.suite(stage).and_then(|suite| Some((suite.lists?, suite)))
}

/// True if the RUN only fetches the lists, for which `update-without-install` is.
pub(super) fn is_update_alone(model: &Model, step: usize, left: &Leftover) -> bool {
    left.manager.system
        && left.commands(model).all(|c| c.usage.action == Action::Update)
        && !uses_lists(model, step, left.manager.id)
}

/// True if the RUN of `step` does, or may do, something with the lists of a package manager.
pub(super) fn uses_lists(model: &Model, step: usize, manager: ManagerId) -> bool {
    model.commands_of(step).any(|c| match c.usage.manager {
        Some(m) if m.id == manager => {
            !matches!(c.usage.action, Action::Update | Action::Clean | Action::Remove)
        }
        Some(_) => false,
        None => runs_unknown(&c),
    })
}

/// The first command of a later layer that removes what `step` left, if there is one before the lists
/// are written anew.
pub(super) fn later_cleanup<'m>(
    model: &'m Model,
    stage: &Stage,
    step: usize,
    left: &Leftover,
) -> Option<Cmd<'m>> {
    for run in kept_runs_behind(model, stage, step) {
        let mut commands = model.commands_of(run);
        if commands.any(|c| {
            c.usage.manager.is_some_and(|m| m.id == left.manager.id)
                && left.cache.filled_by.contains(&c.usage.action)
        }) {
            return None;
        }
        if let Some(cmd) =
            model.commands_of(run).find(|c| c.cleans(left.manager, left.cache) && !removes_a_home(c))
        {
            return Some(cmd);
        }
    }
    None
}

/// The RUNs behind `step` whose layers lie above its own: in the final image, or, behind ONBUILD, in those that
/// are built on this one.
fn kept_runs_behind<'m>(
    model: &'m Model,
    stage: &'m Stage,
    step: usize,
) -> impl Iterator<Item = usize> + use<'m> {
    let trigger = model.is_trigger(step);
    let first = model.scripts.partition_point(|s| s.step <= step);
    let later = model.scripts[first..].iter().filter(|s| s.kind == ScriptKind::Run).map(|s| s.step);
    let above = move |step: &usize| {
        model.is_trigger(*step) == trigger
            && match model.stage_of(*step) {
                // Triggers run where their stage is started from.
                Some(own) if trigger => own.index == stage.index,
                // The stages of the final image form one chain.
                Some(own) => own.in_final_image && stage.in_final_image,
                None => false,
            }
    };
    later.filter(above).take(MAX_RUNS)
}

/// True for `rm -rf /root`: that means to do more than to empty a cache.
fn removes_a_home(cmd: &Cmd<'_>) -> bool {
    cmd.removed_paths()
        .iter()
        .any(|p| matches!(p.trim_end_matches('/'), "/root" | "/home" | "/var" | "~" | ""))
}

/// True if a later step of the stage removes from the cache by an `rm` without `-f`, which fails where nothing is left.
fn is_removed_later(model: &Model, left: &Leftover) -> bool {
    let Some(last) = left.commands(model).last() else { return false };
    model.first_behind_in_stage(&last, "rm").filter(|rm| rm.step() > left.step).any(|rm| {
        let in_cache = |path: &String| {
            left.cache.folders.iter().any(|folder| covers(path, folder) || is_below(path, folder))
        };
        !rm.has_any_flag(&["-f", "--force"]) && rm.removed_paths().iter().any(in_cache)
    })
}

/// True for a path in a folder; `~/x` is the `x` of any home.
fn is_below(path: &str, folder: &str) -> bool {
    match folder.strip_prefix('~') {
        Some(rest) => {
            path.split_once(rest).is_some_and(|(_, below)| below.is_empty() || below.starts_with('/'))
        }
        None => path.strip_prefix(folder).is_some_and(|below| below.starts_with('/')),
    }
}

/// What keeps the cache out of the layer.
fn fix(cx: &Cx<'_>, stage: &Stage, step: usize, left: &Leftover) -> Option<Fix> {
    let model = cx.model;
    // Lists that are gone, or in a mount, are missing where a later RUN installs by them.
    let needed = match left.manager.stale_lists && !left.is_downloads() {
        true => lists_are_used_later(model, stage, step, left.manager.id),
        false => Some(false),
    };
    let fix = |safe: bool, title: String, edit: Edit| {
        if safe && needed.is_some() { Fix::safe(title, [edit]) } else { Fix::uncertain(title, [edit]) }
    };
    if needed == Some(true) || is_removed_later(model, left) {
        return None;
    }
    if cx.options.boolean(&keys::cache_left_in_layer::CACHE_MOUNTS) {
        let (folder, edit) = mounted(model, step, left)?;
        return Some(fix(true, format!("mount a cache over `{folder}`"), edit));
    }
    if let Some(option) = left.manager.no_cache.first() {
        let anew = fetches_anew(model, step, left);
        let edits: Option<Vec<Edit>> = left.commands(model).map(|cmd| uncached(&cmd, option, anew)).collect();
        let fetching = left.commands(model).filter(|c| c.usage.action == Action::Update).count();
        let add = (fetching < left.commands.len()).then(|| format!("add `{option}`"));
        let drop = (fetching > 0).then(|| "drop `apk update`".to_owned());
        let title: Vec<String> = add.into_iter().chain(drop).collect();
        return Some(Fix::safe(title.join(", "), edits?));
    }
    let sure = left.commands(model).all(|c| {
        let shell = c.shell();
        is_sure(shell) && shell.effective().wrappers.is_empty() && shell.assignments.is_empty()
    });
    let remove = removal(model, left);
    if !sure || yarn(cx, left) == Yarn::Unknown {
        return None;
    }
    let (title, edit) = if is_plain_removal(&remove) {
        (format!("end the RUN with `{remove}`"), ended_with(model, step, &remove)?)
    } else {
        // Further on, the program itself may be gone.
        let last = left.commands(model).last()?;
        (format!("run `{remove}` after `{}`", last.head()), followed_by(&last, &remove)?)
    };
    Some(fix(left.cache.remove_is_safe, title, edit))
}

/// True for `rm` of a folder of the system: it works wherever it stands, and what else the RUN does may need the
/// folder until its end.
fn is_plain_removal(remove: &str) -> bool {
    remove.starts_with("rm -rf /")
}

/// The command that removes the cache, by the program that wrote it.
fn removal(model: &Model, left: &Leftover) -> String {
    let remove = left.cache.remove;
    match remove.split_once(' ') {
        Some((program, rest)) if left.manager.commands.contains(&program) => {
            let cmd = left.first(model);
            // With its folder: it may not be in the PATH.
            let word =
                cmd.shell().program_word().and_then(|w| w.as_str()).filter(|w| w.ends_with(cmd.program()));
            format!("{} {rest}", word.unwrap_or_else(|| cmd.program()))
        }
        _ => remove.to_owned(),
    }
}

/// Lets a command leave no cache: by the option, or without the command if it only fetches lists that
/// the others fetch `anew` themselves.
fn uncached(cmd: &Cmd<'_>, option: &str, anew: bool) -> Option<Edit> {
    if installs(cmd) {
        return with_option(cmd, option);
    }
    without(cmd).filter(|_| anew && cmd.usage.action == Action::Update)
}

fn installs(cmd: &Cmd<'_>) -> bool {
    matches!(cmd.usage.action, Action::Install | Action::Upgrade)
}

/// True if those commands of the RUN that need the lists fetch them themselves.
fn fetches_anew(model: &Model, step: usize, left: &Leftover) -> bool {
    let own = || model.commands_of(step).filter(|c| c.usage.manager.is_some_and(|m| m.id == left.manager.id));
    !left.manager.stale_lists && own().any(|c| installs(&c)) && own().all(|c| c.usage.action != Action::Other)
}

/// Mounts a cache over the folder.
fn mounted(model: &Model, step: usize, left: &Leftover) -> Option<(String, Edit)> {
    let folder = model.folder(left).filter(|f| f.starts_with('/') && !f.contains([' ', ',', '"']))?;
    // Others than root could not write to it.
    if model.runs_as(step) != RunsAs::Root {
        return None;
    }
    let sharing = if left.cache.locked { ",sharing=locked" } else { "" };
    let mount = format!("--mount=type=cache,target={folder}{sharing}");
    let keyword = model.instruction(step).keyword_span;
    Some((folder, Edit::insert(keyword.end, format!(" {mount}"))))
}

/// Whether a later layer installs by the lists that `step` fetched; `None` if it may, in a program that is
/// not known.
fn lists_are_used_later(model: &Model, stage: &Stage, step: usize, manager: ManagerId) -> Option<bool> {
    let by_trigger = trigger_with_lists(model, stage, step, manager);
    if user_of_lists(model, stage, step, manager).is_some() || by_trigger.is_some() {
        return Some(true);
    }
    // What a trigger runs may need them as well.
    if triggers_above(model, stage, step)
        .flat_map(|run| model.commands_of(run))
        .any(|c| c.usage.manager.is_none() && runs_unknown(&c))
    {
        return None;
    }
    let until_update = kept_runs_behind(model, stage, step)
        .flat_map(|run| model.commands_of(run))
        .take_while(|c| !c.is(manager, Action::Update));
    let mut unknown = until_update.filter(|c| c.usage.manager.is_none() && runs_unknown(c));
    if unknown.next().is_some() { None } else { Some(false) }
}

/// The first command of a later layer that installs by the lists that `step` fetched.
fn user_of_lists<'m>(model: &'m Model, stage: &'m Stage, step: usize, manager: ManagerId) -> Option<Cmd<'m>> {
    let commands = kept_runs_behind(model, stage, step).flat_map(|run| model.commands_of(run));
    let mut own = commands.filter(|c| c.usage.manager.is_some_and(|m| m.id == manager));
    let first = own.find(|c| !matches!(c.usage.action, Action::Clean | Action::Remove))?;
    (first.usage.action != Action::Update).then_some(first)
}

/// The RUNs that builds run which start from the image of `stage`, or from one above it, if `step` is no such RUN itself.
fn triggers_above<'m>(
    model: &'m Model,
    stage: &'m Stage,
    step: usize,
) -> impl Iterator<Item = usize> + use<'m> {
    let triggers = if model.is_trigger(step) { &[] } else { model.trigger_runs() };
    let above = move |step: &usize| model.stage_of(*step).is_some_and(|own| model.inherits(own, stage));
    triggers.iter().copied().take(MAX_RUNS).filter(above)
}

/// The first trigger that installs by the lists that `step` fetched.
fn trigger_with_lists(model: &Model, stage: &Stage, step: usize, manager: ManagerId) -> Option<usize> {
    let commands = triggers_above(model, stage, step).flat_map(|run| model.commands_of(run));
    let mut own = commands.filter(|c| c.usage.manager.is_some_and(|m| m.id == manager && m.stale_lists));
    let first = own.find(|c| !matches!(c.usage.action, Action::Clean | Action::Remove))?;
    (first.usage.action != Action::Update).then_some(first.step())
}

/// The line of the later RUN that installs by the lists of `left`.
pub(super) fn line_of_user(model: &Model, stage: &Stage, step: usize, left: &Leftover) -> Option<u32> {
    let is_lists = left.manager.stale_lists && !left.is_downloads();
    let user = user_of_lists(model, stage, step, left.manager.id).filter(|_| is_lists)?;
    Some(model.instruction(user.step()).lines.0)
}

/// True if all that leaves the cache stands in branches.
fn is_conditional(model: &Model, left: &Leftover) -> bool {
    left.commands(model).all(|c| c.shell().place.within.branch)
}

/// True for what stands in branches of a RUN that asks for a build argument, which nothing sets.
fn is_off(model: &Model, left: &Leftover) -> bool {
    let first = left.first(model);
    let script = model.text(model.instruction(first.step()).span);
    let mut words = script.split([' ', ';', '\t', '\n']);
    // What runs where it is not set, runs in most builds.
    if words.any(|word| matches!(word, "else" | "elif" | "case" | "!" | "!=" | "-z")) {
        return false;
    }
    let plain = WithoutArgs::at(model, first.step());
    let asks = |c: &Cmd<'_>| {
        let open = |w: &Word| w.variables().any(|name| plain.is_left_open(name));
        c.id() < first.id() && c.shell().place.within.condition && c.shell().words.iter().any(open)
    };
    is_conditional(model, left) && model.commands_of(first.step()).any(|c| asks(&c))
}

/// `PIP_NO_CACHE_DIR=0` does not say what it seems to say: a cache mount stays empty.
fn misleading_setting(cx: &Cx<'_>, step: usize) -> Option<Finding> {
    let off = |s: Setting<'_>| matches!(s, Setting::To(v) if ["0", "off", "no", "false", "n", "f"].iter().any(|o| o.eq_ignore_ascii_case(v)));
    let cmd = cx.model.commands_of(step).find(|c| {
        let is_mounted =
            |m: &'static Manager| m.cache.as_ref().is_some_and(|cache| cx.model.is_mounted(step, m, cache));
        c.is(ManagerId::Pip, Action::Install)
            && !c.has_flag("--no-cache-dir")
            && c.setting("PIP_NO_CACHE_DIR").is_some_and(off)
            && c.usage.manager.is_some_and(is_mounted)
    })?;
    let message = "the cache mount stays empty: pip turns its cache off for any value of `PIP_NO_CACHE_DIR`";
    Some(cx.at(cmd.head_span(), message).help("drop `PIP_NO_CACHE_DIR`"))
}
