//! ENV.

use std::collections::HashMap;

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::Environment;
use crate::syntax::{Found, Kind, Lookup, Operator, Pair, Value, Word};
use crate::text::{Edit, Span};

/// `env-self-reference`.
pub fn self_reference(cx: &mut Cx<'_>) {
    for (step, instruction) in cx.model.instructions() {
        let Kind::Env(pairs) = &instruction.kind else { continue };
        if pairs.len() < 2 {
            continue;
        }
        if !pairs.iter().any(|pair| pair.value.as_ref().is_some_and(Word::has_variables)) {
            continue;
        }
        let environment = cx.model.environment(step);
        let mut set: HashMap<&str, &Pair> = HashMap::new();
        // What the values would be if each was set before the next is worked out.
        let mut one_by_one = OneByOne { environment: &environment, set: HashMap::new() };
        for (i, pair) in pairs.iter().enumerate() {
            if let Some(before) = i.checked_sub(1).and_then(|i| pairs.get(i)) {
                set.insert(&before.key.text, before);
                one_by_one.add(before);
            }
            let Some(value) = &pair.value else { continue };
            let Ok(variables) = value.variables() else { continue };
            for variable in variables {
                let earlier = set.get(&*variable.name);
                let Some(earlier) = earlier.filter(|_| pair.key.text != variable.name) else { continue };
                let old = environment.binding(&variable.name).map(|b| &b.value);
                let new = earlier.value.as_ref().map(|w| environment.value(w));
                if old.is_some() && old.and_then(|o| o.known()) == new.as_ref().and_then(|n| n.known())
                    || extends(earlier, &variable.name)
                    || one_by_one.agrees(value)
                    || repeats(earlier, value.part(variable.range.clone()), cx)
                {
                    continue;
                }
                let was = match old.and_then(|o| o.known()) {
                    Some(old) if old.len() <= 40 => format!("is still `{old}`"),
                    _ => "still has its old value".to_owned(),
                };
                let message = format!(
                    "`{}` {was} here: ENV expands all of its values before setting any of them",
                    variable.name
                );
                let mut finding = cx
                    .at(value.part(variable.range), message)
                    .label(earlier.span, "this value is set too late")
                    .help(format!("set `{}` in a separate ENV instruction after this one", pair.key.text));
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

/// The variables as they were if an ENV set one value after the other. What nothing sets counts as unset.
struct OneByOne<'e, 'm> {
    environment: &'e Environment<'m>,
    set: HashMap<&'e str, Value>,
}

impl Lookup for OneByOne<'_, '_> {
    fn get(&self, name: &str) -> Found<'_> {
        match self.set.get(name) {
            Some(Value::Known(value)) => Found::Known(value),
            Some(_) => Found::Unknown,
            None if self.environment.binding(name).is_none() => Found::Unset,
            None => self.environment.get(name),
        }
    }
}

impl<'e> OneByOne<'e, '_> {
    fn add(&mut self, pair: &'e Pair) {
        let value = pair.value.as_ref().map_or(Value::Unknown, |v| v.expand(self).unwrap_or(Value::Unknown));
        self.set.insert(&pair.key.text, value);
    }

    /// True if a value is the same in either order.
    fn agrees(&self, value: &Word) -> bool {
        let plain = OneByOne { environment: self.environment, set: HashMap::new() };
        match (value.expand(self), value.expand(&plain)) {
            (Ok(Value::Known(new)), Ok(Value::Known(old))) => new == old,
            _ => false,
        }
    }
}

/// True for `PATH=/opt/bin:$PATH`: who extends a list means the old one elsewhere, too.
fn extends(pair: &Pair, name: &str) -> bool {
    let Some(value) = pair.value.as_ref().filter(|value| value.text.contains([':', ' '])) else {
        return false;
    };
    let variables = value.variables().unwrap_or_default();
    variables.iter().any(|v| *v.name == *name && v.operator == Operator::Plain)
}

/// True for `A=${A:-x} B=/d/${A:-x}`: what is used is what the first is set to, whichever comes first.
fn repeats(pair: &Pair, used: Span, cx: &Cx<'_>) -> bool {
    let value = pair.value.as_ref().map_or("", |value| &*value.text).trim_matches('"');
    value.contains(':') && value == cx.model.text(used)
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
