//! `dead-cleanup`: clean-ups that free nothing in the image.

use crate::diag::Fix;
use crate::knowledge::{Action, Family, managers};
use crate::knowledge::{ManagerId, apt_packages};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, CopyFrom, Model, ScriptKind, Stage, StageId, covers, family};
use crate::shell::Word;
use crate::size::base_packages;
use crate::syntax::MountType;

use super::chain::without;

/// The configuration with which the official images of Debian and Ubuntu clean up by themselves.
const DOCKER_CLEAN: &str = "docker-clean";

/// `dead-cleanup`.
pub fn dead(cx: &mut Cx<'_>) {
    let model = cx.model;
    let turned_off = model.file.text().contains(DOCKER_CLEAN);
    for cmd in model.run_commands().filter(|c| c.script().kind == ScriptKind::Run && !c.script().onbuild) {
        let Some(stage) = cmd.stage().filter(|s| s.reachable) else { continue };
        // What a mount holds stays for the next build.
        let mounts = &model.instruction(cmd.step()).mounts;
        if mounts.iter().any(|m| m.kind == MountType::Cache) {
            continue;
        }
        let message = if !stage.in_final_image && cleans_a_cache(&cmd) && !is_copied(model, stage) {
            "this frees no space in the image, because no layer of this stage is in it"
        } else if !turned_off && is_apt_clean(&cmd) && cleans_itself(model, stage) {
            "this frees no space: in this image apt already removes the packages that it downloads"
        } else {
            continue;
        };
        let mut finding = cx.at(cmd.head_span(), message).help("leave it out");
        if let Some(edit) = without(&cmd) {
            finding = finding.fix(Fix::uncertain("leave it out", [edit]));
        }
        cx.report(finding);
    }
}

/// True if a command does nothing but empty what a package manager keeps.
fn cleans_a_cache(cmd: &Cmd<'_>) -> bool {
    // The packages of a language are mostly beside their cache, and another root is copied as a whole.
    let elsewhere =
        |w: &Word| ["--installroot", "--root", "--sysroot"].iter().any(|o| w.static_prefix().starts_with(o));
    if cmd.usage.action == Action::Clean {
        return cmd.usage.manager.is_some_and(|m| m.system) && !cmd.args().iter().any(elsewhere);
    }
    let removed = cmd.removed_paths();
    let folders =
        || managers().iter().filter(|m| m.system).filter_map(|m| m.cache.as_ref()).flat_map(|c| c.folders);
    let in_cache = |path: &String| folders().any(|folder| covers(folder, path));
    cmd.program() == "rm" && !removed.is_empty() && removed.iter().all(in_cache)
}

/// True if a copy may take what the stage has in the folders of package managers.
fn is_copied(model: &Model, stage: &Stage) -> bool {
    let is_part = |index: StageId| model.stages.get(index).is_some_and(|s| model.inherits(s, stage));
    model.copies.iter().any(|copy| {
        matches!(copy.from, CopyFrom::Stage(index) if is_part(index))
            && copy.sources.iter().any(|s| match s.value.known() {
                Some(path) => {
                    let path = path.trim_matches('/');
                    path.split('/').count() < 2
                        && matches!(path, "" | "." | "var" | "root" | "usr" | "home" | "*")
                        || path.starts_with("var/lib")
                        || path.starts_with("var/cache")
                        || path.contains('*')
                        || path.contains("cache")
                }
                None => true,
            })
    })
}

/// True for `apt-get clean`.
fn is_apt_clean(cmd: &Cmd<'_>) -> bool {
    cmd.usage.manager.is_some_and(|m| m.id == ManagerId::Apt)
        && (cmd.is_subcommand("clean") || cmd.is_subcommand("autoclean"))
}

/// True for images of which it is known that they are built on the official ones of Debian and Ubuntu.
pub(super) fn cleans_itself(model: &Model, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    matches!(family(image), Family::Debian | Family::Ubuntu)
        && apt_packages("bookworm").is_some_and(|table| base_packages(image, table).is_some())
}
