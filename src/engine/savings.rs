//! Which layer of a plan each finding would make smaller, and by how much in all.

use std::collections::HashMap;

use crate::diag::{Applicability, Finding, Origin, Part, Saving};
use crate::semantic::Model;
use crate::size::Plan;
use crate::text::{Arrange, Edit, apply};

/// What following one finding saves of one layer.
#[derive(Debug, Clone, Copy)]
pub struct LayerSaving<'f> {
    /// The finding.
    pub finding: &'f Finding,
    /// What it says that it saves.
    pub saving: &'f Saving,
    /// The instruction whose layer gets smaller.
    pub step: usize,
    /// Bytes that no saving before this one has counted.
    pub counted: u64,
}

/// What the findings save of the image, the most first. What several of them say of the same bytes counts once,
/// and no layer saves more than it has.
#[must_use]
pub fn layer_savings<'f>(model: &Model, plan: &Plan, findings: &'f [Finding]) -> Vec<LayerSaving<'f>> {
    let mut found: Vec<(&Finding, &Saving, usize)> = findings
        .iter()
        .filter_map(|f| Some((f, f.saving.as_ref()?)))
        .filter(|(_, saving)| saving.bytes > 0)
        .filter_map(|(finding, saving)| Some((finding, saving, layer(model, plan, finding, saving)?)))
        .collect();
    found.arrange_by(|a, b| (b.1.bytes, a.2, a.0.span).cmp(&(a.1.bytes, b.2, b.0.span)));
    // What is left of each layer, and of each part of one.
    let mut left: HashMap<usize, u64> = HashMap::new();
    let mut taken: HashMap<Part, u64> = HashMap::new();
    let count = |(finding, saving, step): (&'f Finding, &'f Saving, usize)| {
        let all = plan.row(step).map_or(0, |row| row.sum().bytes);
        let left = left.entry(step).or_insert(all);
        // Of several savings in one part only the largest counts, and that came first.
        let beside = saving.part.map_or(0, |part| {
            let before = taken.entry(part).or_default();
            std::mem::replace(before, saving.bytes.max(*before))
        });
        let counted = saving.bytes.saturating_sub(beside).min(*left);
        *left -= counted;
        LayerSaving { finding, saving, step, counted }
    };
    found.into_iter().map(count).collect()
}

/// The text with the fixes of findings that save bytes, the safe ones and the others, as far as they do not touch each
/// other; `None` if there is none.
#[must_use]
pub fn with_fixes_of_savings(source: &[u8], findings: &[Finding]) -> Option<Vec<u8>> {
    let saves = |finding: &&Finding| finding.saving.as_ref().is_some_and(|saving| saving.bytes > 0);
    let fixes = findings.iter().filter(saves).filter_map(|finding| finding.fix.as_ref());
    let mut edits: Vec<Edit> = Vec::new();
    let mut text = None;
    for fix in fixes.filter(|fix| fix.applicability > Applicability::Display) {
        let mut more = edits.clone();
        more.extend(fix.edits.iter().filter(|edit| !edits.contains(edit)).cloned());
        if let Ok(edited) = apply(source, &more) {
            (edits, text) = (more, Some(edited));
        }
    }
    text
}

/// The step whose layer a finding would make smaller; `None` if that is not in the image.
fn layer(model: &Model, plan: &Plan, finding: &Finding, saving: &Saving) -> Option<usize> {
    let step_at = |at: u32| {
        let behind = model.file.instructions.partition_point(|i| i.span.start <= at);
        behind.checked_sub(1)
    };
    let in_image =
        |step: &usize| plan.stages.iter().any(|s| s.in_image && s.rows.iter().any(|row| row.step == *step));
    let own = match saving.part {
        Some(Part::Base) => {
            plan.stages.iter().filter(|s| s.in_image).find_map(|s| Some(s.rows.first()?.step))
        }
        Some(Part::Packages(step) | Part::Copied(step)) => Some(step),
        None if finding.origin == Origin::Dockerfile => step_at(finding.span.start),
        None => None,
    };
    let enough = |step: &usize| plan.row(*step).is_some_and(|row| row.sum().bytes >= saving.bytes);
    let labelled =
        finding.labels.iter().filter_map(|l| step_at(l.span.start)).find(|s| in_image(s) && enough(s));
    own.filter(in_image).filter(|s| labelled.is_none() || enough(s)).or(labelled)
}
