//! Which variables a script may set in ways that are not understood.

use crate::text::ShortText;
use std::collections::HashSet;

use super::super::{Cmd, Model, ScriptId};

/// What the instruction of a script names.
#[derive(Debug)]
pub(in crate::semantic) struct Mentions {
    /// The names that stand elsewhere than in an expansion: `for name in …`, `read name`.
    names: HashSet<ShortText>,
    /// True if a command may set anything.
    anything: bool,
}

impl Mentions {
    fn of(model: &Model, id: ScriptId) -> Self {
        let script = model.script(id);
        let text = model.text(model.instruction(script.step).span);
        let runs = |p: &str| matches!(p, "." | "source" | "eval");
        let anything = script.script.commands.iter().any(|c| c.program().is_some_and(runs));
        Self { names: names(text), anything }
    }
}

/// The names in `text` that no `$` or `${` stands before.
fn names(text: &str) -> HashSet<ShortText> {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut names = HashSet::new();
    let mut at = 0;
    while let Some(from) = bytes[at..].iter().position(is_name).map(|n| at + n) {
        at = bytes[from..].iter().position(|b| !is_name(b)).map_or(bytes.len(), |n| from + n);
        let expanded = bytes[..from].ends_with(b"$") || bytes[..from].ends_with(b"${");
        if !expanded && !bytes[from].is_ascii_digit() && !names.contains(&text[from..at]) {
            names.insert(text[from..at].into());
        }
    }
    names
}

impl Cmd<'_> {
    /// True if its script names the variable elsewhere than in an expansion, or runs what may set anything.
    pub(in crate::semantic) fn script_may_set(&self, name: &str) -> bool {
        let (model, id) = (self.model, self.usage.script);
        let cells =
            model.facts.mentions.get_or_init(|| model.scripts.iter().map(|_| Default::default()).collect());
        let mentions = cells.get(id.index()).map(|cell| cell.get_or_init(|| Mentions::of(model, id)));
        mentions.is_none_or(|m| m.anything || m.names.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_that_are_only_expanded_are_none() {
        let mut found: Vec<_> = names("for a in $b ${c} {d} x$e 1f g_1=é$ h").into_iter().collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), "a d for g_1 h in x");
    }
}
