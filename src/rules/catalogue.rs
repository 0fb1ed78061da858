//! The rules that a configuration knows: dlint's own, and behind them the users' own.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::diag::Finding;
use crate::text::Arrange;

use super::unit::{self, Part, RuleId, Unit};
use super::{Category, Preset, RULES, Rule, bare};

/// The parts of dlint's own rules.
static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| unit::parts_of(RULES));

impl RuleId {
    /// The name of a rule of dlint's own; empty for one of a user.
    #[must_use]
    pub fn name(self) -> &'static str {
        RULES.get(self.place()).map_or("", |rule| &rule.meta.name)
    }

    /// True if the rule of dlint's own that is called `name` is this one.
    #[must_use]
    pub fn is(self, name: &str) -> bool {
        self.name() == name
    }
}

/// The rules that a configuration knows. A rule is known by its place: dlint's own come first, in the
/// order of [`RULES`], so their places are the same in each catalogue.
#[derive(Debug)]
pub struct Catalogue {
    own: &'static [Rule],
    /// The parts of rules, in the order of the rules. Users' own rules have none.
    parts: Cow<'static, [Part]>,
    /// The users' own rules, sorted by name.
    users: Vec<Rule>,
    /// Names of rules whose files are wrong: known, so that what names them is not wrong as well.
    broken: Vec<String>,
    /// All words that select a rule of the users', in lower case.
    words: HashSet<String>,
    /// The old names by which rules were asked for, in lower case, and the names that those have now.
    renamed: Mutex<BTreeMap<String, String>>,
}

impl Default for Catalogue {
    /// dlint's own rules alone.
    fn default() -> Self {
        Self::new(Vec::new(), Vec::new())
    }
}

impl Catalogue {
    /// dlint's own rules and those of users. `broken` are names of rules whose files are wrong. No name
    /// may be there twice.
    #[must_use]
    pub fn new(mut users: Vec<Rule>, broken: Vec<String>) -> Self {
        users.arrange_by(|a, b| a.meta.name.cmp(&b.meta.name));
        let words = users.iter().flat_map(words_of).chain(broken.iter().map(String::as_str));
        let words = words.map(str::to_ascii_lowercase).collect();
        Self { own: RULES, parts: Cow::Borrowed(&**PARTS), users, broken, words, renamed: Mutex::default() }
    }

    /// A catalogue of these rules alone, which are sorted by name.
    #[cfg(test)]
    pub(super) fn of(rules: Vec<Rule>) -> Self {
        let parts = unit::parts_of(&rules).into();
        Self { own: &[], parts, ..Self::new(rules, Vec::new()) }
    }

    /// The users' own rules, sorted by name.
    #[must_use]
    pub fn users(&self) -> &[Rule] {
        &self.users
    }

    /// All rules in the order of their places.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> + Clone {
        self.own.iter().chain(&self.users)
    }

    /// The same with their ids.
    pub fn with_ids(&self) -> impl Iterator<Item = (RuleId, &Rule)> + Clone {
        self.rules().enumerate().map(|(place, rule)| (RuleId::at(place), rule))
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: RuleId) -> Option<&Rule> {
        let place = id.place();
        self.own.get(place).or_else(|| self.users.get(place.checked_sub(self.own.len())?))
    }

    /// The parts of all rules, in the order of the rules.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Which of all parts are those of a rule.
    #[must_use]
    pub fn parts_of(&self, rule: RuleId) -> Range<usize> {
        let start = self.parts.partition_point(|p| p.rule < rule);
        let len = self.parts.get(start..).unwrap_or_default().partition_point(|p| p.rule == rule);
        start..start + len
    }

    /// The part of a rule whose findings bear `alias`.
    pub(super) fn part(&self, rule: RuleId, alias: &str) -> Option<usize> {
        self.parts_of(rule).find(|i| self.parts.get(*i).is_some_and(|p| p.alias.eq_ignore_ascii_case(alias)))
    }

    /// A rule with all of its parts.
    pub(super) fn whole(&self, rule: RuleId) -> impl Iterator<Item = Unit> + use<> {
        std::iter::once(Unit::Rule(rule)).chain(self.parts_of(rule).map(Unit::Part))
    }

    /// The unit of a finding.
    #[must_use]
    pub fn unit(&self, finding: &Finding) -> Option<Unit> {
        let Some(id) = self.id(&finding.rule) else {
            let id = self.id_of(&finding.rule)?;
            let code = self.get(id).and_then(|rule| rule.meta.code(&finding.rule));
            return Some(code.map_or(Unit::Rule(id), |code| Unit::Code(id, code)));
        };
        let part = finding.alias.as_deref().and_then(|alias| self.part(id, alias));
        Some(part.map_or(Unit::Rule(id), Unit::Part))
    }

    /// The rule that a unit is, or is a part of.
    #[must_use]
    pub fn rule_of(&self, unit: Unit) -> Option<RuleId> {
        match unit {
            Unit::Rule(id) | Unit::Code(id, _) => Some(id),
            Unit::Part(part) => self.parts.get(part).map(|p| p.rule),
        }
    }

    /// The rule with that very name.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<RuleId> {
        let among = |rules: &[Rule]| rules.binary_search_by(|r| (*r.meta.name).cmp(name)).ok();
        let place = among(self.own).or_else(|| Some(self.own.len() + among(&self.users)?));
        place.map(RuleId::at)
    }

    /// The rule of a finding that is called `name`, its code left out.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<RuleId> {
        self.id(name).or_else(|| self.id(name.split_once(':')?.0))
    }

    /// The rule of that name, alias or old name; case does not count, and the alias's tool can be left out.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Rule> {
        let exact = self.id(name).and_then(|id| self.get(id));
        let called = || self.rules().find(|r| r.meta.is_called(name));
        exact.or_else(called).or_else(|| self.rules().find(|r| r.meta.was_called(name)))
    }

    /// Keeps in mind that a rule, or several that one became, were asked for by an old name.
    pub(super) fn note_renamed(&self, old: &str, rules: &[&Rule]) {
        let now = rules.iter().map(|r| format!("`{}`", r.meta.name)).collect::<Vec<_>>().join(" and ");
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        renamed.insert(old.to_owned(), now);
    }

    /// The old names by which rules were asked for so far, and what they are called now, in backquotes.
    #[must_use]
    pub fn renamed(&self) -> BTreeMap<String, String> {
        self.renamed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True if a rule's file is wrong and `name` is what it is called.
    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.broken.iter().any(|b| b.eq_ignore_ascii_case(name))
    }

    /// True if `word`, in lower case, selects a rule of the users'.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// All words that select rules, some more than once; names come first.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let groups = Category::ALL.map(Category::name).into_iter().chain(Preset::GROUPS.map(Preset::name));
        let names = self.rules().map(|r| &*r.meta.name).chain(self.broken.iter().map(String::as_str));
        names.chain(["all"]).chain(groups).chain(self.rules().flat_map(words_of))
    }
}

/// The words that select a rule by what it is called: its names, its aliases, and their tools.
fn words_of(rule: &Rule) -> impl Iterator<Item = &str> {
    let aliases = rule.meta.aliases.iter().flat_map(|a| [&**a, bare(a)]);
    let old = rule.meta.renamed_from.iter().map(|old| &**old);
    std::iter::once(&*rule.meta.name).chain(old).chain(aliases).chain(tools(rule))
}

/// The tools that have names for a rule.
pub(super) fn tools(rule: &Rule) -> impl Iterator<Item = &str> {
    rule.meta.aliases.iter().filter_map(|a| Some(a.split_once(':')?.0))
}
