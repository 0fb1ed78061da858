use crate::config::Settings;
use crate::diag::Finding;
use crate::rules::{Check, Cx, Needs, RuleMeta, matcher};
use crate::semantic::Model;

/// What the rules that are on say of a file, in the order of the text.
#[must_use]
pub fn lint(model: &Model<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, severity) in settings.rules.enabled().filter(|(rule, _)| is_asked(&rule.meta, model)) {
        let mut cx = Cx::new(model, &rule.meta, settings.options(rule), severity, &mut findings);
        match &rule.check {
            Check::Code(check) => check(&mut cx),
            Check::Match => matcher::check_built_in(&mut cx),
            Check::User(matcher) => matcher::check(matcher, &mut cx),
            Check::Engine => {}
        }
    }
    findings.sort_by(|a, b| {
        (a.origin, a.span, &a.rule, &a.message).cmp(&(b.origin, b.span, &b.rule, &b.message))
    });
    findings
}

/// False if what the rule needs is not known.
pub(super) fn is_asked(meta: &RuleMeta, model: &Model<'_>) -> bool {
    match meta.needs {
        Needs::Dockerfile => true,
        Needs::Context => model.context.is_some(),
    }
}
