//! Documents whose diagnostics the client does not have: the one that was written in last comes first.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Pending {
    by_turn: BTreeMap<i64, String>,
    turns: BTreeMap<String, i64>,
}

impl Pending {
    /// Puts a document in front of the others.
    pub(super) fn push(&mut self, uri: String) {
        self.remove(&uri);
        let turn = self.by_turn.last_key_value().map_or(0, |(last, _)| last + 1);
        self.turns.insert(uri.clone(), turn);
        self.by_turn.insert(turn, uri);
    }

    /// Puts a document behind the others, unless it is among them.
    pub(super) fn push_behind(&mut self, uri: String) {
        if !self.turns.contains_key(&uri) {
            let turn = self.by_turn.first_key_value().map_or(0, |(first, _)| first - 1);
            self.turns.insert(uri.clone(), turn);
            self.by_turn.insert(turn, uri);
        }
    }

    /// Takes the first document.
    pub(super) fn pop(&mut self) -> Option<String> {
        let (_, uri) = self.by_turn.pop_last()?;
        self.turns.remove(&uri);
        Some(uri)
    }

    pub(super) fn remove(&mut self, uri: &str) {
        if let Some(turn) = self.turns.remove(uri) {
            self.by_turn.remove(&turn);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_turn.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_is_the_first_and_none_comes_twice() {
        let mut pending = Pending::default();
        for uri in ["a", "b", "c", "a", "d"] {
            pending.push(uri.to_owned());
        }
        pending.remove("d");
        for uri in ["c", "e"] {
            pending.push_behind(uri.to_owned());
        }
        let order: Vec<String> = std::iter::from_fn(|| pending.pop()).collect();
        assert_eq!(order, ["a", "c", "b", "e"]);
        assert!(pending.is_empty());
    }
}
