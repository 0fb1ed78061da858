//! Dockerfiles that a run has by several paths, since some are links to others.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use crate::diag::Finding;
use crate::text::Span;
use crate::tree::{Kind, Tree};

use super::discover::{Input, InputKind};
use super::outcome::Outcome;

/// For each input that is a link to the file of another one, which that is: one that is no link, if there is one.
fn links(tree: &Tree, inputs: &[Input]) -> Vec<(usize, usize)> {
    // One is no other's link, and need not be looked at.
    if inputs.len() < 2 {
        return Vec::new();
    }
    let is_link = |input: &Input| tree.look_at_link(&input.path).is_ok_and(|look| look.kind == Kind::Link);
    let dockerfiles = inputs.iter().enumerate().filter(|(_, input)| input.kind == InputKind::Dockerfile);
    let (links, files): (Vec<_>, Vec<_>) = dockerfiles.partition(|(_, input)| is_link(input));
    if links.is_empty() {
        return Vec::new();
    }
    let mut known: HashMap<PathBuf, usize> = HashMap::new();
    let mut found = Vec::new();
    for (number, input) in files.into_iter().chain(links) {
        let Ok(real) = tree.real(&input.path) else { continue };
        match known.get(&real) {
            Some(first) => found.push((number, *first)),
            None => drop(known.insert(real, number)),
        }
    }
    found
}

/// Leaves out what was found in a file already, and what was done to it, where it is looked at by a link once more: with
/// another folder as its context it may have other faults, which stay.
pub(super) fn without_repeated(tree: &Tree, inputs: &[Input], outcomes: &mut [Outcome]) {
    for (link, file) in links(tree, inputs) {
        let Ok([link, file]) = outcomes.get_disjoint_mut([link, file]) else { continue };
        if let (Some(link), Some(file)) = (link.files.first_mut(), file.files.first()) {
            let mut found: BTreeMap<(Span, &str), Vec<&Finding>> = BTreeMap::new();
            for finding in &file.findings {
                found.entry((finding.span, &finding.rule)).or_default().push(finding);
            }
            let is_known = |finding: &Finding| {
                found.get(&(finding.span, &*finding.rule)).is_some_and(|found| found.contains(&finding))
            };
            link.findings.retain(|finding| !is_known(finding));
        }
        if file.changed.is_some() && link.changed.is_some() {
            (link.changed, link.fixed) = (None, 0);
        }
        link.refused.retain(|refusal| !file.refused.contains(refusal));
    }
}
