//! What a proposal saves, as far as tables know.

use crate::diag::Saving;
use crate::semantic::{Analysis, Base, Model, Stage};
use crate::size::{AptInstall, BaseImages, apt_installs};
use crate::syntax::{ImageRef, parse};
use crate::text::Source;

use super::proposal::Change;

/// What images are built for unless it is said.
const ARCHITECTURE: &str = "amd64";

/// What another base image saves.
pub(super) fn by_base(images: &BaseImages, from: &ImageRef, to: &ImageRef) -> Option<Saving> {
    let found = images.difference(from, to, ARCHITECTURE)?;
    Some(Saving::estimated(found.bytes, found.source).between(found.range.0, found.range.1))
}

/// What a second stage does for a file of one: the base image that it starts from, and the packages that it does not
/// have.
pub(super) fn by_stages(model: &Analysis, text: &str, images: &BaseImages) -> Vec<Change> {
    let after = Model::new(parse(Source::from_text("proposal", text)));
    let (Some(was), Some(now)) = (model.final_stage(), after.final_stage()) else { return Vec::new() };
    let line = model.instruction(was.steps.start).lines.0;
    let mut changes = Vec::new();
    if let (Base::Image(from), Base::Image(to)) = (&was.base, &now.base)
        && from != to
    {
        changes.push(Change {
            line,
            what: format!("the image starts from `{to}`", to = written(now)),
            saving: by_base(images, from, to),
        });
    }
    changes.extend(packages(model, was, &after, now));
    if changes.is_empty() {
        let what = format!("what only the build needs stays in the stage `{}`", name(&after));
        changes.push(Change { line, what, saving: None });
    }
    changes
}

fn name(after: &Model) -> &str {
    after.stages.first().and_then(|s| s.name.as_deref()).unwrap_or("0")
}

fn written(stage: &Stage) -> &str {
    stage.base_word.as_ref().map_or("", |word| &word.text)
}

/// The packages of the system that the image has no more.
fn packages(before: &Analysis, was: &Stage, after: &Model, now: &Stage) -> Option<Change> {
    let in_stage = |installs: Vec<AptInstall<'_>>, stage: &Stage| -> Option<u64> {
        let own = installs.iter().filter(|i| stage.steps.contains(&i.cmd.step()));
        own.map(|i| (i.is_complete() && i.base_is_known).then_some(i.adds.bytes)).sum()
    };
    let found = apt_installs(before.model());
    let first = found.iter().find(|i| was.steps.contains(&i.cmd.step()))?;
    let source = first.source();
    let line = before.instruction(first.cmd.step()).lines.0;
    let bytes = in_stage(apt_installs(before.model()), was)
        .zip(in_stage(apt_installs(after), now))
        .and_then(|(was, now)| was.checked_sub(now));
    let saving = bytes.map(|bytes| Saving::estimated(bytes, source));
    saving.as_ref().is_none_or(|saving| saving.bytes > 0).then(|| Change {
        line,
        what: "packages that only the build needs are not in the image".to_owned(),
        saving,
    })
}
