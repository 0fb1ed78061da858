//! Mounts of a RUN.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::RunsAs;
use crate::syntax::{Keyword, MountType, User};
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
        for mount in &instruction.mounts {
            if mount.kind != MountType::Cache || mount.option(&["uid", "gid", "mode", "from"]).is_some() {
                continue;
            }
            let target = mount.target().unwrap_or("its target");
            let message = format!(
                "this cache belongs to root, so the user `{user}` cannot write to `{target}`: the build fails with “permission denied”, or nothing is cached"
            );
            let named = User::of(&user);
            let number = named.is_number().then(|| named.name.to_owned());
            let help = match &number {
                Some(number) => format!("add `uid={number}`"),
                None => format!("add `uid=` with the number of `{user}`, as in `uid=1000`"),
            };
            let mut finding = cx.at(mount.span, message).help(help);
            if let Some(number) = number
                && mount
                    .options
                    .iter()
                    .all(|o| !o.value.as_deref().unwrap_or("").contains(['"', '$', ' ', '\\']))
            {
                let edit = Edit::insert(mount.span.end, format!(",uid={number}"));
                finding = finding.fix(Fix::uncertain(format!("add `uid={number}`"), [edit]));
            }
            cx.report(finding);
        }
    }
}
