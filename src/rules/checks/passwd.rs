//! Names of users in images that have no list of them.

use crate::rules::Cx;
use crate::semantic::{Base, Model, Stage};
use crate::syntax::{Kind, User};

use super::programs::{Lacks, image_name};

/// Users that distroless images have.
const OF_DISTROLESS: [&str; 3] = ["root", "nobody", "nonroot"];

/// `user-without-passwd`.
pub fn user(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.reachable) {
        if !matches!(Lacks::of(model, stage), Some(Lacks::Everything)) {
            continue;
        }
        let Some(until) = first_list(model, stage) else { continue };
        let scratch = *model.root_base(stage) == Base::Scratch;
        let image = image_name(model, stage);
        for (step, instruction) in model.instructions_of(stage).filter(|(step, _)| *step < until) {
            if instruction.is_trigger() {
                continue;
            }
            let (span, value, effect) = match &instruction.kind {
                Kind::User(Some(word))
                    if stage.in_final_image && model.end_state(stage).user == Some(step) =>
                {
                    (word.span, model.value(step, word), "the container does not start")
                }
                Kind::Copy(_) | Kind::Add(_) if scratch => {
                    let Some(flag) = instruction.flag("chown") else { continue };
                    let Some(word) = flag.word(model.file.escape) else { continue };
                    (flag.value_span, model.value(step, &word), "the build fails")
                }
                _ => continue,
            };
            let Some(value) = value.known() else { continue };
            let user = User::of(value);
            let known = user.is_number() || user.name.is_empty() || user.name == "root";
            if known || !scratch && OF_DISTROLESS.contains(&user.name) {
                continue;
            }
            let name = user.name;
            let message = if scratch {
                format!("`{image}` has no `/etc/passwd` that says who `{name}` is, so {effect}")
            } else {
                format!("`{image}` has no user `{name}` in its `/etc/passwd`, so {effect}")
            };
            let help = if scratch {
                "write a number, such as `65532`, or copy an `/etc/passwd` from the stage that makes the user"
            } else {
                "write `nonroot`, which is there, or a number"
            };
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// The step that may bring a list of users; a step behind the last if none does. `None` if a stage that this one
/// starts from may.
fn first_list(model: &Model, stage: &Stage) -> Option<usize> {
    let brings = |step: usize| {
        if matches!(model.instruction(step).kind, Kind::Run(_)) {
            return true;
        }
        let at = model.copies.partition_point(|c| c.step < step);
        model.copies[at..].iter().take_while(|c| c.step == step).any(|copy| {
            let to = copy.destination.known().map(|to| to.trim_end_matches('/'));
            let Some(to) = to else { return true };
            let named = to.ends_with("/passwd")
                || copy.sources.iter().any(|s| {
                    s.value
                        .known()
                        .is_none_or(|path| path.contains("passwd") || path.trim_matches('/') == "etc")
                });
            // A file that is named in the root is no folder of others.
            let whole = || {
                copy.sources.iter().any(|s| {
                    s.value.known().is_none_or(|path| {
                        path.ends_with('/')
                            || path.contains(['*', '?', '['])
                            || crate::semantic::is_tar(path)
                            || !path.trim_matches('/').contains('/') && !path.contains('.')
                    })
                })
            };
            named || to == "/etc" || (to.is_empty() && whole())
        })
    };
    let above = model.lineage(stage).skip(1).take(50).flat_map(|s| s.steps.clone()).any(brings);
    (!above).then(|| stage.steps.clone().find(|step| brings(*step)).unwrap_or(stage.steps.end))
}
