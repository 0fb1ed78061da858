//! `refused-elsewhere`.

use std::collections::BTreeMap;

use crate::rules::Cx;
use crate::semantic::{Analysis, Builder, Clash, ClashKind, Refused};
use crate::text::Span;

use super::{names, others, version};

/// `refused-elsewhere`.
pub fn elsewhere(cx: &mut Cx<'_>) {
    let model = cx.model;
    let own = model.build().builder;
    let here: Vec<Span> = model.refused_by(own).into_iter().map(|part| part.span).collect();
    let mut found: BTreeMap<Span, (Refused, Vec<Builder>)> = BTreeMap::new();
    let clashes = if own.is_buildkit() { Vec::new() } else { onto_folders(model) };
    // Who has not named the classic builder does not build with it any more.
    let current = |builder: &Builder| *builder != Builder::Classic || !model.also().is_empty();
    for other in others(model).into_iter().filter(current) {
        let clashes = clashes.iter().filter(|_| other.is_buildkit()).cloned();
        let parts = model.refused_by(other).into_iter().chain(clashes);
        for part in parts.filter(|part| !here.contains(&part.span)) {
            found.entry(part.span).or_insert_with(|| (part, Vec::new())).1.push(other);
        }
    }
    for (span, (part, builders)) in found {
        let verb = if builders.len() == 1 { "refuses" } else { "refuse" };
        let seen: Vec<&str> = builders.iter().map(|builder| version(*builder)).collect();
        let message = format!(
            "{} takes {}, and {} {verb} it ({})",
            own.title(),
            part.what,
            names(&builders),
            seen.join(", ")
        );
        cx.report(cx.at(span, message).help(part.help));
    }
}

/// Files that come where a folder is, which only BuildKit refuses.
fn onto_folders(model: &Analysis) -> Vec<Refused> {
    let clashes = model.clashes().into_iter().filter(|clash| clash.kind == ClashKind::FileOntoFolder);
    let part = |clash: Clash| {
        let what = format!("a file in the place of the folder `{}`", clash.path);
        Refused::new(clash.span, what, "give the file another name, or copy it into another folder")
    };
    clashes.map(part).collect()
}
