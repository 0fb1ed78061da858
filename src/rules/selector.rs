//! Which rules are on: names, aliases and groups, and how they add up.

use std::fmt;
use std::sync::Arc;

use crate::diag::Severity;
use crate::text::nearest;

use super::catalogue::tools;
use super::{Catalogue, Category, Preset, Rule};

/// What a selector names, the widest first: a narrower one wins over a wider one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `all`.
    All,
    /// A preset, a tool or a category.
    Group,
    /// A rule's name or alias.
    Rule,
}

/// A set of rules that one word names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// How wide it is.
    pub scope: Scope,
    /// Places in the [`Catalogue`] that it was read for, sorted.
    pub rules: Vec<usize>,
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
        write!(f, "`{name}` is no rule, alias or group of rules")?;
        match &self.near {
            None if is_hadolint(&name) => f.write_str(", though one of hadolint may be called so"),
            Some(near) => write!(f, ": did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownSelector {}

impl Catalogue {
    /// Reads a rule's name (`maintainer-deprecated`), an alias (`hadolint:DL4000`, `DL4000`), a
    /// category (`size`), a preset (`default`, `strict`), a tool (`hadolint`) or `all`. Case does not
    /// count.
    ///
    /// # Errors
    /// If it is none of them; the nearest name comes with it.
    pub fn select(&self, word: &str) -> Result<Selector, UnknownSelector> {
        let selector = |scope, rules| Selector { scope, rules };
        let name = word.to_ascii_lowercase();
        let matching = |scope, test: &dyn Fn(&Rule) -> bool| {
            let rules: Vec<usize> =
                self.rules().enumerate().filter(|(_, r)| test(r)).map(|(place, _)| place).collect();
            (!rules.is_empty()).then_some(selector(scope, rules))
        };
        if name == "all" {
            return Ok(selector(Scope::All, (0..self.count()).collect()));
        }
        let category = Category::of(&name);
        let found = match (category, Preset::of(&name)) {
            // A group may be empty; it is known all the same.
            (Some(category), _) => Some(
                matching(Scope::Group, &|r| r.meta.category == category)
                    .unwrap_or(selector(Scope::Group, Vec::new())),
            ),
            // `strict` is the default rules and more.
            (_, Some(preset)) => Some(
                matching(Scope::Group, &|r| r.meta.preset <= preset)
                    .unwrap_or(selector(Scope::Group, Vec::new())),
            ),
            _ => matching(Scope::Rule, &|r| r.meta.is_called(&name))
                .or_else(|| matching(Scope::Group, &|r| tools(r).any(|t| t.eq_ignore_ascii_case(&name))))
                .or_else(|| self.is_broken(&name).then(|| selector(Scope::Rule, Vec::new()))),
        };
        found.ok_or_else(|| {
            // Each of these has a neighbour that is about something else.
            let near = if is_hadolint(word) { None } else { nearest(word, self.words()) };
            UnknownSelector { name: word.to_owned(), near: near.map(str::to_owned) }
        })
    }
}

/// `DL3006`, `SC2046`: a number of hadolint.
pub(super) fn is_hadolint(name: &str) -> bool {
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
}

/// Which rules are on, and how bad their findings are.
///
/// It starts with the preset `default`. Within one [`Choice`] the narrower selector wins, and at
/// equal width `ignore` wins over `select`. A later choice wins over an earlier one; its `select`
/// forgets all earlier choices but severities.
#[derive(Debug, Clone)]
pub struct RuleSet {
    catalogue: Arc<Catalogue>,
    on: Vec<bool>,
    severity: Vec<Severity>,
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
        let on = catalogue.rules().map(|r| r.meta.preset == Preset::Default).collect();
        let severity = catalogue.rules().map(|r| r.meta.severity).collect();
        Self { catalogue, on, severity }
    }

    /// The rules that there are, on or not.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The set after one more choice, of the same catalogue.
    #[must_use]
    pub fn with(mut self, choice: &Choice) -> Self {
        if choice.select.is_some() {
            self.on.fill(false);
        }
        let widest = |selectors: &mut dyn Iterator<Item = &Selector>| {
            let mut scopes: Vec<Option<Scope>> = vec![None; self.on.len()];
            for selector in selectors {
                for &i in &selector.rules {
                    if let Some(scope) = scopes.get_mut(i) {
                        *scope = (*scope).max(Some(selector.scope));
                    }
                }
            }
            scopes
        };
        let chosen = widest(&mut choice.select.iter().flatten().chain(&choice.extend));
        let ignored = widest(&mut choice.ignore.iter());
        for ((on, chosen), ignored) in self.on.iter_mut().zip(chosen).zip(ignored) {
            if ignored.is_some() && ignored >= chosen {
                *on = false;
            } else if chosen.is_some() {
                *on = true;
            }
        }
        let mut severities: Vec<_> = choice.severity.iter().collect();
        severities.sort_by_key(|(selector, _)| selector.scope);
        for (selector, severity) in severities {
            for &i in &selector.rules {
                if let Some(slot) = self.severity.get_mut(i) {
                    *slot = *severity;
                }
            }
        }
        self
    }

    /// The rules that are on, with the severity of their findings.
    pub fn enabled(&self) -> impl Iterator<Item = (&Rule, Severity)> {
        self.catalogue
            .rules()
            .zip(self.on.iter().zip(&self.severity))
            .filter(|(_, (on, _))| **on)
            .map(|(rule, (_, severity))| (rule, *severity))
    }

    /// The severity of the rule `name` if it is on.
    #[must_use]
    pub fn severity(&self, name: &str) -> Option<Severity> {
        let i = self.catalogue.place(name)?;
        self.on.get(i).copied()?.then(|| self.severity.get(i).copied())?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::rules::{Check, FixKind, Needs, RuleMeta};

    fn rule(name: &'static str, category: Category, preset: Preset, aliases: &[&'static str]) -> Rule {
        let meta = RuleMeta {
            name: name.into(),
            summary: "".into(),
            category,
            severity: Severity::Warning,
            preset,
            fix: FixKind::None,
            needs: Needs::Dockerfile,
            since: "0.1.0".into(),
            aliases: aliases.iter().map(|a| (*a).into()).collect(),
            options: &[],
            doc: "".into(),
        };
        Rule { meta, check: Check::Match }
    }

    static TEST: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        Arc::new(Catalogue::of(vec![
            rule("a-tag", Category::Reproducibility, Preset::Default, &["hadolint:DL3007", "kics:0a1b2c"]),
            rule("b-size", Category::Size, Preset::Default, &["hadolint:DL3009"]),
            rule("c-size", Category::Size, Preset::Strict, &["hadolint:DL3009"]),
            rule("d-style", Category::Style, Preset::Strict, &[]),
        ]))
    });

    fn one(word: &str) -> Selector {
        TEST.select(word).unwrap()
    }

    fn list(words: &str) -> Vec<Selector> {
        words.split_whitespace().map(one).collect()
    }

    #[test]
    fn a_word_names_rules() {
        for (word, scope, rules) in [
            ("a-tag", Scope::Rule, vec![0]),
            ("hadolint:DL3007", Scope::Rule, vec![0]),
            ("dl3007", Scope::Rule, vec![0]),
            ("DL3009", Scope::Rule, vec![1, 2]),
            ("hadolint", Scope::Group, vec![0, 1, 2]),
            ("kics", Scope::Group, vec![0]),
            ("size", Scope::Group, vec![1, 2]),
            ("security", Scope::Group, vec![]),
            ("default", Scope::Group, vec![0, 1]),
            ("strict", Scope::Group, vec![0, 1, 2, 3]),
            ("all", Scope::All, vec![0, 1, 2, 3]),
        ] {
            assert_eq!(one(word), Selector { scope, rules }, "{word}");
        }
        let error = TEST.select("b-siez").unwrap_err();
        assert_eq!(error.to_string(), "`b-siez` is no rule, alias or group of rules: did you mean `b-size`?");
        let error = TEST.select("DL3077").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`DL3077` is no rule, alias or group of rules, though one of hadolint may be called so"
        );
        assert_eq!(TEST.select("").unwrap_err().near, None);
    }

    #[test]
    fn the_narrower_wins_and_the_later() {
        let set = |choices: &[(Option<&str>, &str, &str)]| {
            let mut set = RuleSet::of(Arc::clone(&TEST));
            for (select, extend, ignore) in choices {
                set = set.with(&Choice {
                    select: select.map(list),
                    extend: list(extend),
                    ignore: list(ignore),
                    severity: Vec::new(),
                });
            }
            set.on.iter().map(|on| if *on { '1' } else { '0' }).collect::<String>()
        };
        assert_eq!(set(&[]), "1100");
        assert_eq!(set(&[(None, "d-style", "size")]), "1001");
        assert_eq!(set(&[(Some("size"), "", "")]), "0110");
        assert_eq!(set(&[(Some("all"), "b-size", "size")]), "1101");
        assert_eq!(set(&[(Some("size"), "", "size")]), "0000");
        assert_eq!(set(&[(None, "", "a-tag"), (None, "hadolint", "")]), "1110");
        assert_eq!(set(&[(None, "", "a-tag"), (Some("strict"), "", "")]), "1111");
        assert_eq!(set(&[(Some(""), "", "")]), "0000");
    }

    #[test]
    fn severities_follow_the_narrower_selector() {
        let severity = vec![(one("b-size"), Severity::Error), (one("size"), Severity::Info)];
        let set = RuleSet::of(Arc::clone(&TEST)).with(&Choice { severity, ..Choice::default() });
        assert_eq!(set.severity, [Severity::Warning, Severity::Error, Severity::Info, Severity::Warning]);
    }
}
