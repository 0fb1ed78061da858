//! What is on or off by itself: a rule, the part of a rule that one id of hadolint is about, or what a
//! rule passes on of another program by one code.
//!
//! Where one rule says what hadolint says by several ids (an id per package manager, mostly), each of its
//! findings bears its own id, and `DL3009` means those findings alone.

use super::{Code, Rule, Text};

/// The tool whose ids split a rule.
pub(super) const SPLITS: &str = "hadolint";

/// A part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The place of the rule.
    pub rule: usize,
    /// The id that its findings bear: `hadolint:DL3009`.
    pub alias: Text,
}

/// What is on or off by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// The rule at this place, without its parts.
    Rule(usize),
    /// A part of a rule, by its place among all parts.
    Part(usize),
    /// What the rule at this place passes on of another program by this code. It is like the whole rule
    /// but for what is said of it alone.
    Code(usize, Code),
}

/// The parts of rules, in their order: a rule with one id has none.
pub(super) fn parts_of(rules: &[Rule]) -> Vec<Part> {
    let of_rule = |(rule, r): (usize, &Rule)| -> Vec<Part> {
        let ids: Vec<&Text> = r.meta.aliases.iter().filter(|a| is_id(a)).collect();
        let split = ids.len() > 1;
        ids.into_iter().filter(|_| split).map(|alias| Part { rule, alias: alias.clone() }).collect()
    };
    rules.iter().enumerate().flat_map(of_rule).collect()
}

fn is_id(alias: &str) -> bool {
    alias.split_once(':').is_some_and(|(tool, _)| tool == SPLITS)
}
