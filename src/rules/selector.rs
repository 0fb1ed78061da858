//! Which rules are on: names, aliases and groups, and how they add up.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::diag::{Finding, Severity};
use crate::text::{Arrange, nearest};

use super::catalogue::tools;
use super::unit::{RuleId, SPLITS, Unit};
use super::{Catalogue, Category, Code, Needs, Policy, Preset, Rule, bare};

/// What a selector names, the widest first: a narrower one wins over a wider one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// What a policy switches on: any word that is written wins over it.
    Policy,
    /// `all`.
    All,
    /// A preset, a tool or a category.
    Group,
    /// A rule's name or alias.
    Rule,
    /// A code of another program.
    Code,
}

/// A set of rules that one word names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// How wide it is.
    pub scope: Scope,
    /// What it selects of the [`Catalogue`] that it was read for, sorted.
    pub units: Vec<Unit>,
}

/// A word that names no rule and no group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSelector {
    /// The word.
    pub name: String,
    /// What it may be a misspelling of.
    pub near: Option<String>,
}

impl fmt::Display for UnknownSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: String = self.name.chars().take(60).collect();
        write!(f, "`{name}` is not a known rule, alias or group")?;
        match &self.near {
            None if is_hadolint(&name) => f.write_str(", though one of hadolint may be called so"),
            Some(near) => write!(f, ": did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownSelector {}

impl Catalogue {
    /// Reads a rule's name (`maintainer-deprecated`) or one that it had, an alias (`hadolint:DL4000`, `DL4000`), a code
    /// (`SC2086`), a category (`size`), a preset (`default`, `strict`), a tool (`hadolint`) or `all`. Case does not
    /// count.
    ///
    /// # Errors
    /// If it is none of them; the nearest name comes with it.
    pub fn select(&self, word: &str) -> Result<Selector, UnknownSelector> {
        self.lookup(word).ok_or_else(|| {
            // Each of these has a neighbour that is about something else.
            let near = if is_hadolint(word) { None } else { nearest(word, self.words()) };
            UnknownSelector { name: word.to_owned(), near: near.map(str::to_owned) }
        })
    }

    /// [`Catalogue::select`] without a suggestion, which takes far longer than all else.
    #[must_use]
    pub fn lookup(&self, word: &str) -> Option<Selector> {
        let name = word.to_ascii_lowercase();
        let select = |scope, of_rule: &dyn Fn(RuleId, &Rule) -> Vec<Unit>| {
            let mut units: Vec<Unit> = self.with_ids().flat_map(|(i, r)| of_rule(i, r)).collect();
            units.sort_unstable();
            Selector { scope, units }
        };
        let whole = |scope, test: &dyn Fn(&Rule) -> bool| {
            select(scope, &|id, r| if test(r) { self.whole(id).collect() } else { Vec::new() })
        };
        match (Category::of(&name), Preset::GROUPS.into_iter().find(|p| p.name() == name)) {
            _ if name == "all" => Some(whole(Scope::All, &|_| true)),
            // A group may be empty; it is known all the same.
            (Some(category), _) => Some(whole(Scope::Group, &|r| r.meta.category == category)),
            // `strict` is the default rules and more.
            (_, Some(preset)) => Some(whole(Scope::Group, &|r| r.meta.preset <= preset)),
            _ => {
                let some = |selector: Selector| (!selector.units.is_empty()).then_some(selector);
                let code = |id: RuleId, r: &Rule| r.meta.code(&name).map(|code| Unit::Code(id, code));
                some(select(Scope::Code, &|id, r| code(id, r).into_iter().collect()))
                    .or_else(|| some(select(Scope::Rule, &|id, r| self.called(id, r, &name))))
                    .or_else(|| self.renamed_to(&name))
                    .or_else(|| some(select(Scope::Group, &|id, r| self.of_tool(id, r, &name))))
                    .or_else(|| {
                        self.is_broken(&name).then(|| Selector { scope: Scope::Rule, units: Vec::new() })
                    })
            }
        }
    }

    /// The rules that report what breaks a policy.
    #[must_use]
    pub fn of_policy(&self, policy: &Policy) -> Selector {
        let mut units: Vec<Unit> = policy.rules().flat_map(|id| self.whole(id)).collect();
        units.sort_unstable();
        Selector { scope: Scope::Policy, units }
    }

    /// The rules that a selector selects something of, sorted.
    #[must_use]
    pub fn ids(&self, selector: &Selector) -> Vec<RuleId> {
        let mut ids: Vec<RuleId> = selector.units.iter().filter_map(|unit| self.rule_of(*unit)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// What of a rule is called `name`.
    fn called(&self, id: RuleId, rule: &Rule, name: &str) -> Vec<Unit> {
        if !rule.meta.is_called(name) {
            return Vec::new();
        }
        let is = |alias: &str| alias.eq_ignore_ascii_case(name) || bare(alias).eq_ignore_ascii_case(name);
        let alias = rule.meta.aliases.iter().find(|alias| is(alias));
        match alias.and_then(|alias| self.part(id, alias)) {
            Some(part) => vec![Unit::Part(part)],
            None => self.whole(id).collect(),
        }
    }

    /// The rules that had the name `name`, in lower case. Nothing has it now.
    fn renamed_to(&self, name: &str) -> Option<Selector> {
        let was = |(_, rule): &(RuleId, &Rule)| rule.meta.was_called(name);
        let (ids, rules): (Vec<RuleId>, Vec<&Rule>) = self.with_ids().filter(was).unzip();
        if rules.is_empty() {
            return None;
        }
        self.note_renamed(name, &rules);
        let mut units: Vec<Unit> = ids.into_iter().flat_map(|id| self.whole(id)).collect();
        units.sort_unstable();
        Some(Selector { scope: Scope::Rule, units })
    }

    /// What of a rule a tool has too: of one with parts, those alone.
    fn of_tool(&self, id: RuleId, rule: &Rule, tool: &str) -> Vec<Unit> {
        let parts = self.parts_of(id);
        if !tools(rule).any(|t| t.eq_ignore_ascii_case(tool)) {
            Vec::new()
        } else if tool == SPLITS && !parts.is_empty() {
            parts.map(Unit::Part).collect()
        } else {
            self.whole(id).collect()
        }
    }
}

/// `DL3006`, `SC2046`: a number of hadolint, or one that it takes from `ShellCheck`.
#[must_use]
pub fn is_hadolint(name: &str) -> bool {
    name.split_at_checked(2).is_some_and(|(kind, number)| {
        matches!(kind.to_ascii_uppercase().as_str(), "DL" | "SC")
            && number.len() == 4
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// One source of choices: a configuration file, an override in it, the command line.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Replaces all that was chosen before.
    pub select: Option<Vec<Selector>>,
    /// Adds to it.
    pub extend: Vec<Selector>,
    /// Takes away.
    pub ignore: Vec<Selector>,
    /// Changes severities.
    pub severity: Vec<(Selector, Severity)>,
    /// What never fails a run, in place of what was chosen before.
    pub advisory: Option<Vec<Selector>>,
}

impl Choice {
    /// The rules that are asked for by their names.
    pub fn named<'a>(&'a self, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a Rule> {
        let asked = self.select.iter().flatten().chain(&self.extend).filter(|s| s.scope == Scope::Rule);
        asked.flat_map(|s| catalogue.ids(s)).filter_map(|id| catalogue.get(id))
    }

    /// Switches on, as errors, what a policy asks for and no word of the choice speaks of.
    #[must_use]
    pub fn with_policy(mut self, policy: &Policy, catalogue: &Catalogue) -> Self {
        let selector = catalogue.of_policy(policy);
        if !selector.units.is_empty() {
            self.severity.push((selector.clone(), Severity::Error));
            self.extend.push(selector);
        }
        self
    }
}

/// Which rules are on, and how bad their findings are.
///
/// It starts with the preset `default`. Within one [`Choice`] the narrower selector wins, and at
/// equal width `ignore` wins over `select`. A later choice wins over an earlier one; its `select`
/// forgets all earlier choices but severities.
#[derive(Debug, Clone)]
pub struct RuleSet {
    catalogue: Arc<Catalogue>,
    rules: Vec<State>,
    parts: Vec<State>,
    /// What is said of codes alone, by their rule.
    codes: BTreeMap<(RuleId, Code), CodeState>,
    /// True if a rule that needs another program was named: a group does not start one.
    programs: bool,
    /// The rules that are on, once somebody asked.
    enabled: OnceLock<Vec<RuleId>>,
    /// The rules that nobody has chosen or ignored, and that a project may switch on by what it shows.
    unsaid: Vec<bool>,
    /// Whether BuildKit's checks were asked for, and nothing else.
    docker_check: bool,
}

/// Whether something is on, and how bad its findings are, if that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    on: bool,
    severity: Option<Severity>,
    advisory: bool,
}

/// The same of a code; what was not chosen is that of the rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CodeState {
    on: Option<bool>,
    severity: Option<Severity>,
    advisory: bool,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::of(Arc::default())
    }
}

impl RuleSet {
    /// What is on of a catalogue unless something is chosen.
    #[must_use]
    pub fn of(catalogue: Arc<Catalogue>) -> Self {
        let state =
            |r: &Rule| State { on: r.meta.preset == Preset::Default, severity: None, advisory: false };
        let rules = catalogue.rules().map(state).collect();
        let parts = catalogue.parts().iter().filter_map(|p| catalogue.get(p.rule)).map(state).collect();
        let unsaid = catalogue.rules().map(|rule| rule.meta.preset == Preset::Strict).collect();
        let (codes, enabled) = (BTreeMap::new(), OnceLock::new());
        Self { catalogue, rules, parts, codes, programs: false, enabled, unsaid, docker_check: false }
    }

    /// The rules that there are, on or not.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn state(&mut self, unit: Unit) -> Option<&mut State> {
        match unit {
            Unit::Rule(id) => self.rules.get_mut(id.place()),
            Unit::Part(part) => self.parts.get_mut(part),
            Unit::Code(..) => None,
        }
    }

    /// What is said of the codes of a rule.
    fn codes_of(&self, id: RuleId) -> impl Iterator<Item = (Code, CodeState)> {
        let codes = self.codes.range((id, Code::MIN)..=(id, Code::MAX));
        codes.map(|((_, code), state)| (*code, *state))
    }

    /// The set after one more choice, of the same catalogue.
    #[must_use]
    pub fn with(mut self, choice: &Choice) -> Self {
        self.enabled = OnceLock::new();
        if choice.select.is_some() {
            self.rules.iter_mut().chain(&mut self.parts).for_each(|state| state.on = false);
            self.codes.values_mut().for_each(|state| state.on = None);
            self.unsaid.iter_mut().for_each(|unsaid| *unsaid = false);
        }
        if let Some(select) = &choice.select {
            // Only a group can be that, and what one means takes a while to look up.
            self.docker_check = match select.as_slice() {
                [only] if only.scope == Scope::Group => {
                    self.catalogue.lookup("buildkit").as_ref() == Some(only)
                }
                _ => false,
            };
        }
        // The narrowest selector that chooses a unit, and the narrowest that ignores it.
        let mut scopes: HashMap<Unit, (Option<Scope>, Option<Scope>)> = HashMap::new();
        for selector in choice.select.iter().flatten().chain(&choice.extend) {
            for &unit in &selector.units {
                self.programs |= selector.scope >= Scope::Rule && self.needs_program(unit);
                let chosen = &mut scopes.entry(unit).or_default().0;
                *chosen = (*chosen).max(Some(selector.scope));
            }
        }
        for selector in &choice.ignore {
            for &unit in &selector.units {
                let ignored = &mut scopes.entry(unit).or_default().1;
                *ignored = (*ignored).max(Some(selector.scope));
            }
        }
        for (&unit, (chosen, ignored)) in &scopes {
            if let Some(state) = self.state(unit) {
                state.on = chosen > ignored;
            }
            if let Unit::Rule(id) = unit
                && let Some(unsaid) = self.unsaid.get_mut(id.place())
            {
                *unsaid = false;
            }
            // What is said of the whole rule counts for its codes too.
            match unit {
                Unit::Rule(id) => {
                    let codes = self.codes.range_mut((id, Code::MIN)..=(id, Code::MAX));
                    codes.for_each(|(_, state)| state.on = None);
                }
                Unit::Code(id, code) => {
                    self.codes.entry((id, code)).or_default();
                }
                Unit::Part(_) => {}
            }
        }
        for (&unit, &(chosen, ignored)) in &scopes {
            if let Unit::Code(id, code) = unit
                && let Some(state) = self.codes.get_mut(&(id, code))
            {
                let whole = scopes.get(&Unit::Rule(id)).copied().unwrap_or_default();
                state.on = Some(chosen.max(whole.0) > ignored.max(whole.1));
            }
        }
        let mut severities: Vec<_> = choice.severity.iter().collect();
        severities.arrange_by_key(|(selector, _)| selector.scope);
        for (selector, severity) in severities {
            for &unit in &selector.units {
                match unit {
                    Unit::Code(id, code) => {
                        self.codes.entry((id, code)).or_default().severity = Some(*severity);
                    }
                    Unit::Rule(id) => {
                        let codes = self.codes.range_mut((id, Code::MIN)..=(id, Code::MAX));
                        codes.for_each(|(_, state)| state.severity = None);
                    }
                    Unit::Part(_) => {}
                }
                if let Some(state) = self.state(unit) {
                    state.severity = Some(*severity);
                }
            }
        }
        if let Some(advisory) = &choice.advisory {
            self.rules.iter_mut().chain(&mut self.parts).for_each(|state| state.advisory = false);
            self.codes.values_mut().for_each(|state| state.advisory = false);
            for &unit in advisory.iter().flat_map(|selector| &selector.units) {
                if let Some(state) = self.state(unit) {
                    state.advisory = true;
                } else if let Unit::Code(id, code) = unit {
                    self.codes.entry((id, code)).or_default().advisory = true;
                }
            }
        }
        self
    }

    /// True if a finding is advice: it never fails a run.
    #[must_use]
    pub fn is_advisory(&self, finding: &Finding) -> bool {
        match self.catalogue.unit(finding) {
            Some(Unit::Rule(id)) => self.rules.get(id.place()).is_some_and(|state| state.advisory),
            Some(Unit::Part(part)) => self.parts.get(part).is_some_and(|state| state.advisory),
            Some(Unit::Code(id, code)) => {
                self.rules.get(id.place()).is_some_and(|state| state.advisory)
                    || self.codes.get(&(id, code)).is_some_and(|state| state.advisory)
            }
            None => false,
        }
    }

    /// The rules that are on, some by a part or a code alone, with the severity of their findings that
    /// belong to neither.
    pub fn enabled(&self) -> impl Iterator<Item = (RuleId, &Rule, Severity)> {
        let ids = self.catalogue.with_ids().map(|(id, _)| id);
        let enabled = self.enabled.get_or_init(|| ids.filter(|id| self.is_enabled(*id)).collect());
        enabled.iter().filter_map(|id| {
            let (rule, state) = (self.catalogue.get(*id)?, self.rules.get(id.place())?);
            Some((*id, rule, state.severity.unwrap_or(rule.meta.severity)))
        })
    }

    /// The strict rules that nobody has chosen or ignored, with the severity of their findings: what a project shows
    /// may switch them on.
    pub fn unsaid(&self) -> impl Iterator<Item = (RuleId, &Rule, Severity)> {
        let unsaid =
            self.catalogue.with_ids().filter(|(id, _)| self.unsaid.get(id.place()).is_some_and(|u| *u));
        unsaid.filter_map(|(id, rule)| {
            let state = self.rules.get(id.place()).filter(|state| !state.on)?;
            Some((id, rule, state.severity.unwrap_or(rule.meta.severity)))
        })
    }

    /// True if a rule is on, or a part or a code of it.
    #[must_use]
    pub fn is_enabled(&self, id: RuleId) -> bool {
        let on = self.rules.get(id.place()).is_some_and(|state| state.on)
            || self.catalogue.parts_of(id).any(|part| self.get(Unit::Part(part)).is_some())
            || self.codes_of(id).any(|(_, code)| code.on == Some(true));
        on && (self.programs || !self.needs_program(Unit::Rule(id)))
    }

    /// True if `buildkit` alone was selected: then rules say what `docker build --check` says, and no less.
    #[must_use]
    pub const fn is_docker_check(&self) -> bool {
        self.docker_check
    }

    /// The severity of a unit if it is on.
    #[must_use]
    pub fn get(&self, unit: Unit) -> Option<Severity> {
        let severity = self.chosen(unit)?;
        severity.or_else(|| Some(self.catalogue.get(self.catalogue.rule_of(unit)?)?.meta.severity))
    }

    /// True if the rule of a unit is one for which another program is run.
    fn needs_program(&self, unit: Unit) -> bool {
        let rule = self.catalogue.rule_of(unit).and_then(|id| self.catalogue.get(id));
        rule.is_some_and(|rule| rule.meta.needs == Needs::Shellcheck)
    }

    /// If a unit is on: the severity that was chosen for it.
    fn chosen(&self, unit: Unit) -> Option<Option<Severity>> {
        if !self.programs && self.needs_program(unit) {
            return None;
        }
        let state = match unit {
            Unit::Rule(id) => *self.rules.get(id.place())?,
            Unit::Part(part) => *self.parts.get(part)?,
            Unit::Code(id, code) => {
                let whole = self.rules.get(id.place())?;
                let own = self.codes.get(&(id, code)).copied().unwrap_or_default();
                State { on: own.on.unwrap_or(whole.on), severity: own.severity.or(whole.severity), ..*whole }
            }
        };
        state.on.then_some(state.severity)
    }

    /// The severity of the rule `name` if it is on, its parts left out.
    #[must_use]
    pub fn severity(&self, name: &str) -> Option<Severity> {
        self.get(Unit::Rule(self.catalogue.id(name)?))
    }

    /// Gives a finding of a part or a code of a rule the severity of that; false if that is off.
    pub fn judge(&self, finding: &mut Finding) -> bool {
        let Some(unit) = self.catalogue.unit(finding) else { return true };
        if let Unit::Code(..) = unit {
            let Some(chosen) = self.chosen(unit) else { return false };
            finding.severity = chosen.unwrap_or(finding.severity);
            return true;
        }
        let whole = self.catalogue.rule_of(unit).is_none_or(|id| self.catalogue.parts_of(id).is_empty());
        match self.get(unit) {
            _ if whole => true,
            Some(severity) => {
                finding.severity = severity;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
