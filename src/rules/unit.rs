//! What is on or off by itself: a rule, the part of a rule that one id of hadolint is about, or what a
//! rule passes on of another program by one code.
//!
//! Where one rule says what hadolint says by several ids (an id per package manager, mostly), each of its
//! findings bears its own id, and `DL3009` means those findings alone.

use super::{Code, Rule, Text};

/// The tool whose ids split a rule.
pub(super) const SPLITS: &str = "hadolint";

/// A rule by its place in a [`Catalogue`](super::Catalogue), and only there: two catalogues agree on dlint's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(super) u16);

impl RuleId {
    /// The rule at `place`. There are fewer than 2,000; what is past the last number is no rule.
    pub(super) fn at(place: usize) -> Self {
        Self(u16::try_from(place).unwrap_or(u16::MAX))
    }

    /// Its place.
    pub(super) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// A part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule.
    pub rule: RuleId,
    /// The id that its findings bear: `hadolint:DL3009`.
    pub alias: Text,
}

/// What is on or off by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A rule without its parts.
    Rule(RuleId),
    /// A part of a rule, by its place among all parts.
    Part(usize),
    /// What a rule passes on of another program by this code. It is like the whole rule
    /// but for what is said of it alone.
    Code(RuleId, Code),
}

/// The parts of rules, in their order: a rule with one id has none.
pub(super) fn parts_of(rules: &[Rule]) -> Vec<Part> {
    let of_rule = |(place, r): (usize, &Rule)| -> Vec<Part> {
        let rule = RuleId::at(place);
        let ids = || r.meta.aliases.iter().filter(|a| is_id(a));
        // Most rules have one id or none.
        if ids().nth(1).is_none() {
            return Vec::new();
        }
        ids().map(|alias| Part { rule, alias: alias.clone() }).collect()
    };
    rules.iter().enumerate().flat_map(of_rule).collect()
}

fn is_id(alias: &str) -> bool {
    alias.strip_prefix(SPLITS).is_some_and(|rest| rest.starts_with(':'))
}
