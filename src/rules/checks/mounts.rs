//! Mounts of a RUN.

use crate::diag::{Finding, Fix};
use crate::knowledge::{Action, Manager};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, RunsAs, Setting, base_name, covers, facts};
use crate::syntax::{Keyword, Mount, MountType, User};
use crate::text::Edit;

/// `cache-mount-owner`.
pub fn cache_owner(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        if instruction.keyword != Keyword::Run || instruction.mounts.is_empty() {
            continue;
        }
        let RunsAs::Other(user) = model.runs_as(step) else { continue };
        // `sudo` makes it root's business again.
        if model.commands_of(step).any(|c| c.shell().is_wrapped_by("sudo") || c.shell().is_wrapped_by("doas"))
        {
            continue;
        }
        let number = number_of(model, step, &user);
        for mount in &instruction.mounts {
            if mount.kind != MountType::Cache || mount.option(&["from"]).is_some() || others_may_write(mount)
            {
                continue;
            }
            let owner = mount.option(&["uid"]);
            let given = owner.and_then(|o| o.value.as_deref());
            // Of two numbers it is known whether they are the same.
            let owned_by = match (owner, given.and_then(|uid| uid.parse::<u32>().ok()), &number) {
                (None, ..) => "root".to_owned(),
                (Some(_), Some(uid), Some(number)) if number.parse() != Ok(uid) => format!("the user {uid}"),
                _ => continue,
            };
            let target = mount.target().unwrap_or("its target");
            let message = format!(
                "this cache belongs to {owned_by}, so the user `{user}` cannot write to `{target}`: the build fails with “permission denied”, or nothing is cached"
            );
            let write = if owner.is_some() { "write" } else { "add" };
            let help = match &number {
                Some(number) => format!("{write} `uid={number}`"),
                None => format!("add `uid=` with the number of `{user}`, as in `uid=1000`"),
            };
            let mut finding = cx.at(mount.span, message).help(help);
            if let Some(number) = number.as_ref().filter(|_| User::of(&user).is_number())
                && mount
                    .options
                    .iter()
                    .all(|o| !o.value.as_deref().unwrap_or("").contains(['"', '$', ' ', '\\']))
            {
                let edit = match owner {
                    Some(owner) => Edit::replace(owner.value_span(), number.clone()),
                    None => Edit::insert(mount.span.end, format!(",uid={number}")),
                };
                finding = finding.fix(Fix::uncertain(format!("{write} `uid={number}`"), [edit]));
            }
            cx.report(finding);
        }
    }
}

/// `cache-mount-unused`.
pub fn cache_unused(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let caches =
            || instruction.mounts.iter().filter(|m| m.kind == MountType::Cache && m.from().is_none());
        if instruction.keyword != Keyword::Run || instruction.is_trigger() || caches().next().is_none() {
            continue;
        }
        let Some(stage) = model.stage_of(step).filter(|s| s.reachable) else { continue };
        if let Some(finding) = turned_off(cx, step) {
            cx.report(finding);
            continue;
        }
        // `cache-left-in-layer` says it where the image keeps the downloads.
        if stage.in_final_image {
            continue;
        }
        for left in model.leftovers(step) {
            let Some(folder) = model.folder(left).filter(|_| !left.manager.system) else { continue };
            let cmd = left.first(model);
            let name = base_name(&folder).trim_start_matches('.');
            let meant = |mount: &&Mount| {
                let target = mount.target().unwrap_or("").trim_end_matches('/');
                let last = base_name(target).trim_start_matches('.');
                let names = [name, cmd.program(), "cache", "_cacache"];
                target.starts_with('/')
                    && !target.contains('$')
                    && names.contains(&last)
                    && !covers(target, &folder)
            };
            let Some(mount) = caches().find(meant) else { continue };
            let head = cmd.head();
            let message = format!("this cache stays empty: `{head}` keeps its downloads in `{folder}`");
            cx.report(cx.at(mount.span, message).help(format!("write `target={folder}`")));
        }
    }
}

/// A cache mount for a package manager that is told to keep no cache.
fn turned_off(cx: &Cx<'_>, step: usize) -> Option<Finding> {
    let model = cx.model;
    let mounts = &model.instruction(step).mounts;
    let installs: Vec<Cmd<'_>> =
        model.commands_of(step).filter(|cmd| cmd.usage.action == Action::Install).collect();
    installs.iter().find_map(|cmd| {
        let manager = cmd.usage.manager.filter(|m| !m.system)?;
        let off = off_by(cmd, manager)?;
        let others = installs.iter().filter(|c| c.usage.manager.is_some_and(|m| m.id == manager.id));
        if others.into_iter().any(|other| off_by(other, manager).is_none()) {
            return None;
        }
        let mount = mounts.iter().find(|mount| {
            let target = mount.target().unwrap_or("").trim_end_matches('/');
            let folders = manager.cache.iter().flat_map(|cache| cache.folders);
            mount.kind == MountType::Cache
                && mount.from().is_none()
                && folders.into_iter().any(|folder| {
                    folder.strip_prefix('~').is_some_and(|below| target.ends_with(below)) || *folder == target
                })
        })?;
        let message = format!("this cache stays empty: `{off}` tells `{}` to keep none", cmd.head());
        let help = format!("leave out `{off}`: files in the mount do not end up in the image");
        Some(cx.at(mount.span, message).help(help))
    })
}

/// The option or variable that tells a command to keep no cache.
fn off_by<'m>(cmd: &Cmd<'m>, manager: &'static Manager) -> Option<&'m str> {
    let option = manager.no_cache.iter().find_map(|option| cmd.flag(option));
    if let Some(word) = option {
        return word.as_str();
    }
    let is_on =
        |name: &&&str| matches!(cmd.setting(name), Some(Setting::To("1" | "true" | "True" | "yes" | "on")));
    manager.no_cache_env.iter().find(is_on).copied()
}

/// The number of a user, by itself or where its image has made it.
fn number_of(model: &Model, step: usize, user: &str) -> Option<String> {
    let named = User::of(user);
    if named.is_number() {
        return Some(named.name.to_owned());
    }
    let Base::Image(image) = model.root_base(model.stage_of(step)?) else { return None };
    let facts = facts(image).filter(|facts| facts.users.first() == Some(&named.name))?;
    Some(facts.uid?.to_string())
}

/// True for a mode that lets more than the owner write, and for one that is not known. A group may be that of the user.
fn others_may_write(mount: &Mount) -> bool {
    let Some(mode) = mount.option(&["mode"]) else { return false };
    let mode = mode.value.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok());
    mode.is_none_or(|mode| mode & 0o022 != 0)
}
