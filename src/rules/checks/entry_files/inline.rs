//! Dockerfiles that are written in Compose files.

use std::collections::HashSet;

use build_targets::{Dockerfile, Kind, Place};

use crate::rules::EntryCx;
use crate::semantic::Model;
use crate::syntax::Kind as InstructionKind;

/// `variable-replaced-by-compose`.
pub fn replaced(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    for (target, build) in cx.builds().filter(|(target, _)| target.kind == Kind::Compose) {
        let (Dockerfile::Inline(inline), Some(model)) = (&target.dockerfile, &build.analysis) else {
            continue;
        };
        let own = own_variables(model);
        for (place, name) in variables(cx, inline.place) {
            let written = cx.text(place);
            let is_lost =
                name == "PATH" || own.contains(name) && inline.unset.iter().any(|unset| unset == name);
            if !is_lost || !said.insert(place) {
                continue;
            }
            let by = match inline.unset.iter().any(|unset| unset == name) {
                true => "and nothing here sets it",
                false => "with a variable from its own environment",
            };
            let message = format!(
                "Compose replaces `{written}` when it reads this file, {by}: the Dockerfile never sees its own `{name}`"
            );
            cx.report(
                cx.at(place, message)
                    .help(format!("write `${written}`, which reaches the Dockerfile as `{written}`")),
            );
        }
    }
}

/// The variables that are written as `$NAME` or `${NAME}` at a place; `$$` is a dollar.
fn variables<'a>(cx: &EntryCx<'a>, place: Place) -> Vec<(Place, &'a str)> {
    let text = cx.text(place);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(dollar) = text.get(at..).and_then(|rest| rest.find('$')).map(|dollar| at + dollar) {
        let rest = text.get(dollar + 1..).unwrap_or("");
        let open = usize::from(rest.starts_with('{'));
        let inside = rest.get(open..).unwrap_or("");
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, after) = inside.split_at(end);
        let is_whole = !name.is_empty() && (open == 0 || after.starts_with('}'));
        let length =
            if is_whole { 1 + 2 * open + name.len() } else { 1 + usize::from(rest.starts_with('$')) };
        if is_whole {
            let start = place.span().start + dollar;
            found.push((Place::new(place.file, start..start + length), name));
        }
        at = dollar + length;
    }
    found
}

/// The variables that a Dockerfile sets itself.
fn own_variables(model: &Model) -> HashSet<&str> {
    let mut names: HashSet<&str> = model.declared_args().collect();
    for (_, instruction) in model.instructions() {
        if let InstructionKind::Env(pairs) = &instruction.kind {
            names.extend(pairs.iter().map(|pair| &*pair.key.text));
        }
    }
    names
}
