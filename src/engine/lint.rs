use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::rules::{Check, Cx, OptionSetting, Options, RuleSet};
use crate::semantic::Model;

/// What a configuration sets for the options of rules, by rule and option.
pub type RuleOptions = BTreeMap<String, BTreeMap<String, OptionSetting>>;

/// What the rules that are on say of a file, in the order of the text.
#[must_use]
pub fn lint(model: &Model<'_>, rules: &RuleSet, options: &RuleOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, severity) in rules.enabled() {
        let set = if options.is_empty() { None } else { options.get(rule.meta.name) };
        let mut cx = Cx::new(model, Options::new(&rule.meta, set), severity, &mut findings);
        match rule.check {
            Check::Code(check) => check(&mut cx),
            Check::Match | Check::Engine => {}
        }
    }
    findings.sort_by(|a, b| {
        (a.origin, a.span, &a.rule, &a.message).cmp(&(b.origin, b.span, &b.rule, &b.message))
    });
    findings
}
