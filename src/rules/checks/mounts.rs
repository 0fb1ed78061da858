//! Mounts of a RUN.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Base, Model, RunsAs, facts};
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
