//! The `[policy]` table.

use std::collections::BTreeMap;

use crate::rules::Policy;
use crate::rules::policy::{
    CommandPattern, ImagePattern, LabelFormat, PackagePattern, Precision, RegistryPattern,
};
use crate::text::toml::{Fault, Fields};
use crate::text::{Wildcard, nearest};

/// Reads the table that `fields` has under `policy`.
pub(super) fn policy(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Policy {
    let Some(mut table) = fields.table("policy", faults) else { return Policy::default() };
    let policy = Policy {
        allow_registries: list(&mut table, "allow-registries", RegistryPattern::parse, faults),
        allow_images: list(&mut table, "allow-images", ImagePattern::parse, faults),
        deny_images: list(&mut table, "deny-images", ImagePattern::parse, faults).unwrap_or_default(),
        require_digest: table.boolean("require-digest", faults),
        require_supported: table.boolean("require-supported", faults),
        require_tag: precision(&mut table, faults),
        require_non_root: table.boolean("require-non-root", faults),
        require_labels: labels(&mut table, faults),
        allow_labels: list(&mut table, "allow-labels", |l| Ok(Wildcard::new(l)), faults),
        deny_packages: list(&mut table, "deny-packages", PackagePattern::parse, faults).unwrap_or_default(),
        deny_commands: list(&mut table, "deny-commands", CommandPattern::parse, faults).unwrap_or_default(),
    };
    table.finish(faults);
    policy
}

fn list<T>(
    table: &mut Fields<'_>,
    key: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
    faults: &mut Vec<Fault>,
) -> Option<Vec<T>> {
    let mut list = Vec::new();
    for word in table.strings(key, faults)? {
        match parse(&word.value) {
            Ok(pattern) => list.push(pattern),
            Err(message) => faults.push(Fault::new(word.span, message)),
        }
    }
    Some(list)
}

fn precision(table: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Option<Precision> {
    let word = table.string("require-tag", faults)?;
    let precision = Precision::of(&word.value);
    if precision.is_none() {
        let names = Precision::ALL.map(Precision::name);
        let fault = Fault::new(word.span, "`require-tag` is `major` (2), `minor` (2.1) or `patch` (2.1.106)");
        faults.push(fault.suggest(nearest(&word.value, names)));
    }
    precision
}

fn labels(table: &mut Fields<'_>, faults: &mut Vec<Fault>) -> BTreeMap<String, LabelFormat> {
    let mut labels = BTreeMap::new();
    let Some(mut formats) = table.table("require-labels", faults) else { return labels };
    for entry in formats.all() {
        let Some(format) = entry.string(faults) else { continue };
        match LabelFormat::parse(&format.value) {
            Ok(format) => drop(labels.insert(entry.key.to_owned(), format)),
            Err(message) => faults.push(Fault::new(format.span, message)),
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use crate::config::parse;
    use crate::diag::Severity;
    use crate::rules::Choice;

    #[test]
    fn demands_switch_their_rules_on() {
        let text = "select = [\"size\"]\nignore = [\"missing-label\"]\n[severity]\nimprecise-tag = \"info\"\n\
            [policy]\nallow-registries = [\"ghcr.io\"]\nrequire-digest = true\nrequire-tag = \"minor\"\n\
            require-non-root = false\n[policy.require-labels]\nversion = \"semver\"\n\
            [[overrides]]\nfiles = [\"ci/**\"]\nignore = [\"policy\"]\n\
            [overrides.policy]\nrequire-digest = false\nrequire-non-root = true\n";
        let (config, faults) = parse(text, Arc::default());
        assert_eq!(faults, []);
        let on = |path: &str| {
            let settings = config.settings(Path::new(path), &Choice::default(), None);
            let rules = [
                "registry-not-allowed",
                "image-not-allowed",
                "image-not-pinned-by-digest",
                "imprecise-tag",
                "missing-label",
                "invalid-label-value",
                "root-not-allowed",
            ];
            let on = rules.map(|rule| settings.rules.severity(rule));
            (on, settings.policy.require_digest, settings.policy.allow_registries.is_some())
        };
        let error = Some(Severity::Error);
        assert_eq!(
            on("Dockerfile"),
            ([error, None, error, Some(Severity::Info), None, error, None], Some(true), true)
        );
        // A word of the override itself wins over the policy of the same override, and over an earlier one.
        assert_eq!(on("ci/Dockerfile").0, [None, None, error, None, None, None, None]);
        assert_eq!((on("ci/Dockerfile").1, on("ci/Dockerfile").2), (Some(false), true));
    }

    #[test]
    fn faults_have_places_and_suggestions() {
        let text = "[policy]\nallow-registry = []\nallow-registries = [\"ghcr.io/acme\"]\nallow-images = [\"a b\"]\n\
            require-digest = \"yes\"\nrequire-tag = \"mynor\"\ndeny-packages = [\"atp:x\"]\ndeny-commands = [\"\"]\n\
            [policy.require-labels]\na = \"semvre\"\nb = 1\n";
        let (_, faults) = parse(text, Arc::default());
        let shown: Vec<String> = faults
            .iter()
            .map(|f| {
                let help = f.help.as_deref().map(|h| format!(" ({h})")).unwrap_or_default();
                format!("{}: {}{help}", f.span.text(text), f.message)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "allow-registry: unknown key `policy.allow-registry` (did you mean `allow-registries`?)",
                "\"ghcr.io/acme\": a registry is a host alone: allow what is below a path by `allow-images`",
                "\"a b\": an image is written as in FROM: `python:3.*-slim`, `ghcr.io/acme/*`",
                "\"yes\": `require-digest` must be true or false, not a string",
                "\"mynor\": `require-tag` is `major` (2), `minor` (2.1) or `patch` (2.1.106) (did you mean `minor`?)",
                "\"atp:x\": `atp` is not a known package manager: did you mean `apt:`?",
                "\"\": a command is a program name, optionally followed by arguments: `apt-get upgrade`",
                "\"semvre\": `semvre` is not a label format: did you mean `semver`?",
                "1: `b` must be a string, not a number",
            ]
        );
    }
}
