//! `refused-elsewhere`.

use std::collections::BTreeMap;

use crate::rules::Cx;
use crate::semantic::{Builder, Refused};
use crate::text::Span;

use super::{names, others, version};

/// `refused-elsewhere`.
pub fn elsewhere(cx: &mut Cx<'_>) {
    let model = cx.model;
    let own = model.build().builder;
    let here: Vec<Span> = model.refused_by(own).into_iter().map(|part| part.span).collect();
    let mut found: BTreeMap<Span, (Refused, Vec<Builder>)> = BTreeMap::new();
    // Who has not named the classic builder does not build with it any more.
    let current = |builder: &Builder| *builder != Builder::Classic || !model.also().is_empty();
    for other in others(model).into_iter().filter(current) {
        for part in model.refused_by(other).into_iter().filter(|part| !here.contains(&part.span)) {
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
