use crate::config::Settings;
use crate::diag::Finding;
use crate::rules::{Check, Cx, Needs, Policy, RuleMeta, matcher};
use crate::semantic::Model;

/// What the rules that are on say of a file, in the order of the text.
#[must_use]
pub fn lint(model: &Model<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rule, severity) in
        settings.rules.enabled().filter(|(rule, _)| is_asked(&rule.meta, model, &settings.policy))
    {
        let mut cx =
            Cx::new(model, &rule.meta, settings.options(rule), &settings.policy, severity, &mut findings);
        match &rule.check {
            Check::Code(check) => check(&mut cx),
            Check::Match => matcher::check_built_in(&mut cx),
            Check::User(matcher) => matcher::check(matcher, &mut cx),
            Check::Engine => {}
        }
    }
    findings.retain_mut(|finding| settings.rules.judge(finding));
    sort(&mut findings);
    findings
}

/// Brings findings into the order of the text.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (a.origin, a.span, &a.rule, &a.message).cmp(&(b.origin, b.span, &b.rule, &b.message))
    });
}

/// False if what the rule needs is not known.
pub(super) fn is_asked(meta: &RuleMeta, model: &Model<'_>, policy: &Policy) -> bool {
    match meta.needs {
        Needs::Dockerfile => true,
        Needs::Context => model.context.is_some(),
        Needs::Policy => policy.rules().any(|rule| rule == meta.name),
        // See `super::scripts`.
        Needs::Shellcheck => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::syntax;
    use crate::text::Source;

    #[test]
    fn a_part_of_a_rule_has_a_switch_and_a_severity_of_its_own() {
        let text = "FROM debian:12\nRUN pip install a\nRUN apk add b\nRUN yum -y install c\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let found = |toml: &str| {
            let (config, faults) = config::parse(toml, std::sync::Arc::default());
            assert_eq!(faults, []);
            let path = std::path::Path::new("Dockerfile");
            let settings = config.settings(path, &crate::rules::Choice::default(), None);
            let findings = lint(&Model::new(&file), &settings);
            findings
                .iter()
                .map(|f| format!("{} {}", f.alias.as_deref().unwrap_or(""), f.severity))
                .collect::<Vec<_>>()
        };
        let all = ["hadolint:DL3042 warning", "hadolint:DL3019 warning", "hadolint:DL3032 warning"];
        assert_eq!(found("select = ['cache-left-in-layer']"), all);
        assert_eq!(found("select = ['cache-left-in-layer']\nignore = ['DL3019']"), [all[0], all[2]]);
        assert_eq!(found("select = ['DL3019']"), [all[1]]);
        assert_eq!(
            found("select = ['DL3019', 'DL3032']\nseverity.DL3019 = 'info'"),
            ["hadolint:DL3019 info", all[2]]
        );
    }
}
