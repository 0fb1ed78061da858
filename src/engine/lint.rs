use crate::config::Settings;
use crate::diag::Finding;
use crate::rules::{Check, Cx, matcher};
use crate::semantic::Model;

/// What the rules that are on say of a file, in the order of the text.
#[must_use]
pub fn lint(model: &Model<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, severity) in settings.rules.enabled() {
        let mut cx = Cx::new(model, &rule.meta, settings.options(rule), severity, &mut findings);
        match rule.check {
            Check::Code(check) => check(&mut cx),
            Check::Match => matcher::check_built_in(&mut cx),
            Check::Engine => {}
        }
    }
    findings.sort_by(|a, b| {
        (a.origin, a.span, &a.rule, &a.message).cmp(&(b.origin, b.span, &b.rule, &b.message))
    });
    findings
}
