//! Rules about LABEL.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::rules::policy::LabelFormat;
use crate::semantic::{LabelUse, Model};
use crate::syntax::Value;
use crate::text::Edit;

use super::all;

/// Namespaces that Docker keeps for itself.
const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];

/// Those in them that images have to have.
const FOR_IMAGES: [&str; 2] = ["com.docker.extension.", "com.docker.desktop.extension."];

/// `invalid-label-key`.
pub fn key(cx: &mut Cx<'_>) {
    let model = cx.model;
    for label in model.labels() {
        let word = &label.pair.key;
        let unset = word.variables().unwrap_or_default();
        let unset = unset.iter().find(|v| model.binding(label.step, &v.name).is_none());
        if let Some(variable) = unset {
            let message = format!(
                "nothing here sets `{}`: which label this is depends on the base image",
                variable.name
            );
            cx.report(
                cx.at(word.part(variable.range.clone()), message).help("write the key without variables"),
            );
            continue;
        }
        let Some(key) = label.key.known() else { continue };
        let Some(fault) = fault(key) else { continue };
        let mut finding = cx.at(word.span, fault.message(key)).help(
            "a key consists of lower-case letters, digits, `.`, `-`, `_` and `/`, and starts with a letter: `com.example.team`",
        );
        let lower = key.to_ascii_lowercase();
        let is_taken = |l: LabelUse<'_>| l.key == Value::Known(lower.clone());
        if fault == KeyFault::Case && word.exact && *word.text == *key && !model.labels().any(is_taken) {
            finding =
                finding.fix(Fix::uncertain("write it in lower case", vec![Edit::replace(word.span, lower)]));
        }
        cx.report(finding);
    }
}

/// What is wrong with a label's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyFault {
    Reserved,
    /// Nothing but the case of its letters.
    Case,
    Start,
    End,
    Double,
    Character(char),
}

/// What is wrong with a key, by the guidelines of Docker.
fn fault(key: &str) -> Option<KeyFault> {
    let lower = key.to_ascii_lowercase();
    if lower != key && fault(&lower).is_none() {
        return Some(KeyFault::Case);
    }
    let key = lower.as_str();
    if RESERVED.iter().any(|r| key.starts_with(r)) && !FOR_IMAGES.iter().any(|f| key.starts_with(f)) {
        return Some(KeyFault::Reserved);
    }
    let (first, last) = (key.chars().next()?, key.chars().next_back()?);
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    match key.chars().find(|c| !is_letter(*c) && !matches!(c, '.' | '-' | '_' | '/')) {
        Some(c) => Some(KeyFault::Character(c)),
        None if !first.is_ascii_lowercase() => Some(KeyFault::Start),
        None if !is_letter(last) => Some(KeyFault::End),
        None => (key.contains("..") || key.contains("--")).then_some(KeyFault::Double),
    }
}

impl KeyFault {
    fn message(self, key: &str) -> String {
        match self {
            Self::Reserved => format!("`{key}` is in a namespace that Docker reserves for itself"),
            Self::Case => format!(
                "`{key}` is not in lower case: a search for `{}` does not find it",
                key.to_ascii_lowercase()
            ),
            Self::Start => "a label key has to start with a letter; tools may refuse this one".to_owned(),
            Self::End => {
                "a label key has to end with a letter or digit; tools may refuse this one".to_owned()
            }
            Self::Double => "a label key cannot contain `..` or `--`; tools may refuse this one".to_owned(),
            Self::Character(' ') => "a label key cannot contain spaces; tools may refuse this one".to_owned(),
            Self::Character(c) => format!("a label key cannot contain `{c}`; tools may refuse this one"),
        }
    }
}

/// `missing-label`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    // What another stage uses is part of that stage's image, or no image at all.
    for stage in model.stages.iter().filter(|s| s.is_final || s.used_by.is_empty()) {
        let keys: Vec<Value> = model.labels_of(stage).map(|label| label.key).collect();
        if keys.contains(&Value::Unknown) {
            continue;
        }
        let has = |key: &str| keys.iter().any(|k| k.known() == Some(key));
        let missing: Vec<(&String, &LabelFormat)> =
            cx.policy.require_labels.iter().filter(|(key, _)| !has(key)).collect();
        if missing.is_empty() {
            continue;
        }
        let names: Vec<String> = missing.iter().map(|(key, _)| format!("`{key}`")).collect();
        let message = match names.len() {
            1 => format!("the image has no label {}, which the policy requires", all(&names)),
            _ => format!("the image has no labels {}, which the policy requires", all(&names)),
        };
        let pairs: Vec<String> =
            missing.iter().map(|(key, format)| format!("{key}=\"{}\"", format.example())).collect();
        let from = model.instruction(stage.steps.start);
        let span = stage.base_word.as_ref().map_or(from.keyword_span, |word| word.span);
        cx.report(cx.at(span, message).help(format!("in this stage write `LABEL {}`", pairs.join(" "))));
    }
}

/// `label-not-allowed`.
pub fn not_allowed(cx: &mut Cx<'_>) {
    let policy = cx.policy;
    let Some(allowed) = &policy.allow_labels else { return };
    for label in cx.model.labels() {
        let Some(key) = label.key.known() else { continue };
        if policy.require_labels.contains_key(key) || allowed.iter().any(|a| a.fits(key)) {
            continue;
        }
        let known: Vec<String> = policy
            .require_labels
            .keys()
            .map(String::as_str)
            .chain(allowed.iter().map(|a| a.as_str()))
            .map(|k| format!("`{k}`"))
            .collect();
        let mut finding =
            cx.at(label.pair.key.span, format!("`{key}` is not one of the labels that the policy allows"));
        if !known.is_empty() {
            finding = finding.help(format!("allowed are {}", all(&known)));
        }
        cx.report(finding);
    }
}

/// `invalid-label-value`.
pub fn value(cx: &mut Cx<'_>) {
    let model = cx.model;
    for label in model.labels() {
        let format = label.key.known().and_then(|key| Some((key, *cx.policy.require_labels.get(key)?)));
        let (Some((key, format)), Some(value), Some(word)) = (format, label.value.known(), &label.pair.value)
        else {
            continue;
        };
        if format.fits(value) {
            continue;
        }
        let (message, alias) = if value.is_empty() {
            (format!("the label `{key}` is empty, though the policy requires it"), LabelFormat::Text)
        } else {
            let noun = format.noun();
            (format!("this is not {noun}, which the policy requires of the label `{key}`"), format)
        };
        let span = if word.span.start == word.span.end { label.pair.span } else { word.span };
        let mut finding = cx.at(span, message).alias(Some(id(alias)));
        let meant = format.meant(value);
        finding = finding.help(match &meant {
            Some(meant) => format!("write `{meant}`"),
            None => format!("write {}, such as `{}`", format.noun(), format.example()),
        });
        if let Some(edit) = meant.and_then(|meant| replace(model, &label, value, &meant)) {
            finding = finding.fix(Fix::uncertain("write what is meant", vec![edit]));
        }
        cx.report(finding);
    }
}

/// What hadolint calls a value that is not of the format.
const fn id(format: LabelFormat) -> &'static str {
    match format {
        LabelFormat::Text => "hadolint:DL3051",
        LabelFormat::Url => "hadolint:DL3052",
        LabelFormat::Rfc3339 => "hadolint:DL3053",
        LabelFormat::Spdx => "hadolint:DL3054",
        LabelFormat::Hash => "hadolint:DL3055",
        LabelFormat::Semver => "hadolint:DL3056",
        LabelFormat::Email => "hadolint:DL3058",
    }
}

/// Puts `meant` in the place of `value` where that is written as it is, perhaps in quotes.
fn replace(model: &Model, label: &LabelUse<'_>, value: &str, meant: &str) -> Option<Edit> {
    let word = label.pair.value.as_ref().filter(|w| w.exact && !label.pair.legacy)?;
    let text = model.text(word.span);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => text.strip_prefix(quote)?.strip_suffix(quote)?,
        None => text,
    };
    let is_plain = |text: &str| !text.contains(['$', '"', '\'', word.escape.char()]);
    let from = usize::from(quote.is_some());
    let fits = inner == value && is_plain(meant) && (quote.is_some() || !meant.contains(char::is_whitespace));
    fits.then(|| Edit::replace(word.part(from..from + value.len()), meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_guidelines() {
        for (key, want) in [
            ("com.example.some-label", None),
            ("a1", None),
            ("a_b/c", None),
            ("com.docker", None),
            ("com.docker.extension.icons", None),
            ("Maintainer", Some(KeyFault::Case)),
            ("com.docker.x", Some(KeyFault::Reserved)),
            ("1a", Some(KeyFault::Start)),
            (".a", Some(KeyFault::Start)),
            ("-A", Some(KeyFault::Start)),
            ("a.", Some(KeyFault::End)),
            ("a..b", Some(KeyFault::Double)),
            ("a--b", Some(KeyFault::Double)),
            ("a b", Some(KeyFault::Character(' '))),
            ("a:b", Some(KeyFault::Character(':'))),
            ("", None),
        ] {
            assert_eq!(fault(key), want, "{key}");
        }
    }
}
