//! ENV.

use std::collections::HashMap;

use crate::diag::Fix;
use crate::rules::Cx;
use crate::syntax::{Kind, Pair};
use crate::text::{Edit, Span};

/// `env-self-reference`.
pub fn self_reference(cx: &mut Cx<'_>) {
    for (step, instruction) in cx.model.instructions() {
        let Kind::Env(pairs) = &instruction.kind else { continue };
        if pairs.len() < 2 {
            continue;
        }
        let mut set: HashMap<&str, &Pair> = HashMap::new();
        for (i, pair) in pairs.iter().enumerate() {
            if let Some(before) = i.checked_sub(1).and_then(|i| pairs.get(i)) {
                set.insert(&before.key.text, before);
            }
            let Some(value) = &pair.value else { continue };
            let Ok(variables) = value.variables() else { continue };
            for variable in variables {
                let earlier = set.get(&*variable.name);
                let Some(earlier) = earlier.filter(|_| pair.key.text != variable.name) else { continue };
                let environment = cx.model.environment(step);
                let old = environment.binding(&variable.name).map(|b| &b.value);
                let new = earlier.value.as_ref().map(|w| environment.value(w));
                if old.is_some() && old.and_then(|o| o.known()) == new.as_ref().and_then(|n| n.known()) {
                    continue;
                }
                let was = match old.and_then(|o| o.known()) {
                    Some(old) if old.len() <= 40 => format!("is still `{old}`"),
                    _ => "is what it was before".to_owned(),
                };
                let message = format!(
                    "`{}` {was} here: an ENV instruction works out all values before it sets any",
                    variable.name
                );
                let mut finding = cx
                    .at(value.part(variable.range), message)
                    .label(earlier.span, "this value comes too late")
                    .help(format!(
                        "set `{}` in an ENV instruction of its own, behind this one",
                        pair.key.text
                    ));
                if let Some(between) = i.checked_sub(1).and_then(|i| gap(cx, pairs.get(i)?, pair)) {
                    let head = instruction.first_keyword().to(instruction.keyword_span);
                    let edit = Edit::replace(between, format!("\n{} ", cx.model.text(head)));
                    finding = finding.fix(Fix::uncertain("start another ENV", [edit]));
                }
                cx.report(finding);
            }
        }
    }
}

/// `duplicate-variable`.
pub fn duplicate(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let Kind::Env(pairs) = &instruction.kind else { continue };
        if pairs.len() < 2 {
            continue;
        }
        let mut last: HashMap<&str, &Pair> = HashMap::new();
        for pair in pairs {
            let Some(earlier) = last.insert(&pair.key.text, pair) else { continue };
            let message = format!("this value of `{}` is lost: the same ENV sets it again", pair.key.text);
            let finding =
                cx.at(earlier.span, message).label(pair.span, "this one counts").help("remove one of them");
            cx.report(finding);
        }
    }
}

/// The blanks between two pairs on a line.
fn gap(cx: &Cx<'_>, before: &Pair, pair: &Pair) -> Option<Span> {
    let span = Span::new(before.span.end, pair.span.start);
    let text = cx.model.text(span);
    (!text.is_empty() && text.bytes().all(|b| b == b' ' || b == b'\t')).then_some(span)
}
