use std::collections::BTreeMap;

use crate::diag::{Finding, Origin, Severity};
use crate::semantic::Model;
use crate::text::Span;

use super::meta::{OptionValue, RuleMeta};

/// The options of one rule: what the configuration sets, over the defaults.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    meta: &'a RuleMeta,
    set: Option<&'a BTreeMap<String, OptionSetting>>,
}

/// The value of an option as a configuration sets it; its type was checked against the default.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionSetting {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl<'a> Options<'a> {
    /// The options of a rule, with what a configuration sets.
    #[must_use]
    pub const fn new(meta: &'a RuleMeta, set: Option<&'a BTreeMap<String, OptionSetting>>) -> Self {
        Self { meta, set }
    }

    fn set(&self, name: &str) -> Option<&'a OptionSetting> {
        self.set?.get(name)
    }

    fn default(&self, name: &str) -> Option<OptionValue> {
        self.meta.options.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    /// An option that is true or false; false if the rule declares no such option.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        match (self.set(name), self.default(name)) {
            (Some(OptionSetting::Boolean(value)), _) => *value,
            (_, Some(OptionValue::Boolean(value))) => value,
            _ => false,
        }
    }

    /// An option that is a whole number; 0 if the rule declares no such option.
    #[must_use]
    pub fn integer(&self, name: &str) -> i64 {
        match (self.set(name), self.default(name)) {
            (Some(OptionSetting::Integer(value)), _) => *value,
            (_, Some(OptionValue::Integer(value))) => value,
            _ => 0,
        }
    }

    /// An option that is a text; empty if the rule declares no such option.
    #[must_use]
    pub fn text(&self, name: &str) -> &'a str {
        match (self.set(name), self.default(name)) {
            (Some(OptionSetting::Text(value)), _) => value,
            (_, Some(OptionValue::Text(value))) => value,
            _ => "",
        }
    }

    /// An option that is a list; empty if the rule declares no such option.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&'a str> {
        match (self.set(name), self.default(name)) {
            (Some(OptionSetting::List(values)), _) => values.iter().map(String::as_str).collect(),
            (_, Some(OptionValue::List(values))) => values.to_vec(),
            _ => Vec::new(),
        }
    }
}

/// What a rule sees, and where it reports to.
pub struct Cx<'a> {
    /// What the Dockerfile means.
    pub model: &'a Model<'a>,
    /// The rule's options.
    pub options: Options<'a>,
    findings: &'a mut Vec<Finding>,
    severity: Severity,
}

impl<'a> Cx<'a> {
    pub(crate) const fn new(
        model: &'a Model<'a>,
        options: Options<'a>,
        severity: Severity,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self { model, options, findings, severity }
    }

    /// The name of the rule that runs.
    #[must_use]
    pub const fn rule_name(&self) -> &'static str {
        self.options.meta.name
    }

    /// A finding of this rule at `span` of the Dockerfile. It counts once it is [reported](Self::report).
    #[must_use]
    pub fn at(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.options.meta.name, self.severity, span, message)
    }

    /// A finding of this rule at `span` of the ignore file.
    #[must_use]
    pub fn in_ignore_file(&self, span: Span, message: impl Into<String>) -> Finding {
        self.at(span, message).in_file(Origin::Ignorefile)
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
