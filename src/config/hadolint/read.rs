use crate::diag::Format;
use crate::rules::is_hadolint;
use crate::rules::policy::{LabelFormat, RegistryPattern};
use crate::text::toml::{At, Fault};
use crate::text::yaml::{self, Keys, Node};
use crate::text::{Arrange, Span};

use super::{Hadolint, Level};

/// Reads the text of a `.hadolint.yaml`. What is wrong is left out; all faults come in the order of the text.
#[must_use]
pub fn read(text: &str) -> (Hadolint, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut said = Hadolint::default();
    match yaml::parse(text) {
        Err(fault) => faults.push(fault),
        Ok(Some(root)) if !root.is_null() => {
            if let Some(mut keys) = root.map("the file", &mut faults) {
                said = top(&mut keys, &mut faults);
                keys.finish(&mut faults);
            }
        }
        Ok(_) => {}
    }
    faults.arrange_by_key(|fault| fault.span);
    (said, faults)
}

fn top(keys: &mut Keys<'_>, faults: &mut Vec<Fault>) -> Hadolint {
    let mut boolean = |key: &'static str, faults: &mut Vec<Fault>| {
        keys.take(key).and_then(|node| node.boolean(key, faults)).unwrap_or(false)
    };
    let mut said = Hadolint {
        strict_labels: boolean("strict-labels", faults),
        no_fail: boolean("no-fail", faults),
        no_color: boolean("no-color", faults),
        disable_ignore_pragma: boolean("disable-ignore-pragma", faults),
        ..Hadolint::default()
    };
    // It only says more of what hadolint does.
    boolean("verbose", faults);
    if let Some(node) = keys.take("ignored") {
        said.ignored = ids(node, "ignored", faults);
    }
    if let Some(node) = keys.take("override") {
        said.overrides = overrides(node, faults);
    }
    if let Some(node) = keys.take("trustedRegistries") {
        for host in node.words("trustedRegistries", faults) {
            match RegistryPattern::parse(&host.value) {
                Ok(pattern) => said.trusted.push(pattern),
                Err(message) => faults.push(Fault::new(host.span, message)),
            }
        }
    }
    if let Some(node) = keys.take("label-schema") {
        said.labels = labels(node, faults);
    }
    if let Some(node) = keys.take("failure-threshold") {
        said.threshold = parsed(node, "failure-threshold", faults);
    }
    if let Some(text) = keys.take("format").and_then(|node| node.string("format", faults)) {
        match format(&text.value) {
            Ok(format) => said.format = Some(format),
            Err(message) => faults.push(Fault::new(text.span, message)),
        }
    }
    said
}

/// The ids in a list. Ids that dlint has no rule for are known as well.
fn ids(node: &Node, name: &str, faults: &mut Vec<Fault>) -> Vec<At<String>> {
    let mut ids = node.strings(name, faults);
    ids.retain(|id| {
        if !is_hadolint(&id.value) {
            let shown: String = id.value.chars().take(60).collect();
            let fault = Fault::new(id.span, format!("`{shown}` is not a hadolint rule"));
            faults.push(fault.help("they are called like DL3008 and SC2086"));
        }
        is_hadolint(&id.value)
    });
    ids
}

fn overrides(node: &Node, faults: &mut Vec<Fault>) -> Vec<(At<String>, Level)> {
    let Some(mut keys) = node.map("override", faults) else { return Vec::new() };
    let mut all = Vec::new();
    for level in [Level::Error, Level::Warning, Level::Info, Level::Style] {
        if let Some(node) = keys.take(level.name()) {
            let name = format!("override.{}", level.name());
            all.extend(ids(node, &name, faults).into_iter().map(|id| (id, level)));
        }
    }
    keys.finish(faults);
    all
}

fn labels(node: &Node, faults: &mut Vec<Fault>) -> Vec<(String, LabelFormat)> {
    let Some(keys) = node.map("label-schema", faults) else { return Vec::new() };
    let mut all = Vec::new();
    for (label, node) in keys.all() {
        let Some(format) = node.string(&label.value, faults) else { continue };
        match LabelFormat::parse(&format.value) {
            Ok(format) => all.push((label.value, format)),
            Err(message) => faults.push(Fault::new(format.span, message)),
        }
    }
    all
}

fn parsed(node: &Node, name: &str, faults: &mut Vec<Fault>) -> Option<Level> {
    let text = node.string(name, faults)?;
    match text.value.parse() {
        Ok(level) => Some(level),
        Err(message) => {
            faults.push(Fault::new(text.span, message));
            None
        }
    }
}

/// A format of hadolint.
fn format(name: &str) -> Result<Format, String> {
    let ours = Format::ALL.into_iter().find(|f| f.name() == name || f.aliases().contains(&name));
    ours.ok_or_else(|| match name {
        "codacy" => "dlint does not write the format `codacy`; `json` and `sarif` say more".to_owned(),
        _ => {
            let shown: String = name.chars().take(60).collect();
            format!("`{shown}` is not a hadolint format")
        }
    })
}

/// What the variables say, which `get` reads; nothing if none of them is set. They come on top of a file:
/// lists add up, and where both say something, the file wins, as with hadolint.
///
/// # Errors
/// The variables at fault, and what is wrong with them.
pub fn variables(
    get: impl Fn(&str) -> Option<String>,
    mut said: Hadolint,
) -> Result<Option<Hadolint>, Vec<(&'static str, String)>> {
    let mut faults = Vec::new();
    let mut any = false;
    let mut value = |name: &'static str| {
        let value = get(name);
        any |= value.is_some();
        value
    };
    let truthy =
        |text: String| matches!(text.to_ascii_lowercase().as_str(), "1" | "y" | "yes" | "on" | "true");
    said.no_fail |= value("HADOLINT_NOFAIL").is_some_and(truthy);
    said.strict_labels |= value("HADOLINT_STRICT_LABELS").is_some_and(truthy);
    said.disable_ignore_pragma |= value("HADOLINT_DISABLE_IGNORE_PRAGMA").is_some_and(truthy);
    // It only says more of what hadolint does.
    value("HADOLINT_VERBOSE");
    let list = |text: String| -> Vec<At<String>> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(|item| At { value: item.to_owned(), span: Span::default() }).collect()
    };
    for (name, level) in [
        ("HADOLINT_OVERRIDE_ERROR", Some(Level::Error)),
        ("HADOLINT_OVERRIDE_WARNING", Some(Level::Warning)),
        ("HADOLINT_OVERRIDE_INFO", Some(Level::Info)),
        ("HADOLINT_OVERRIDE_STYLE", Some(Level::Style)),
        ("HADOLINT_IGNORE", None),
    ] {
        for id in value(name).map(list).unwrap_or_default() {
            if !is_hadolint(&id.value) {
                faults.push((name, format!("`{}` is not a hadolint rule", id.value)));
                continue;
            }
            match level {
                Some(level) => said.overrides.push((id, level)),
                None => said.ignored.push(id),
            }
        }
    }
    said.overrides.arrange_by_key(|(_, level)| *level);
    for host in value("HADOLINT_TRUSTED_REGISTRIES").map(list).unwrap_or_default() {
        match RegistryPattern::parse(&host.value) {
            Ok(pattern) => said.trusted.push(pattern),
            Err(message) => faults.push(("HADOLINT_TRUSTED_REGISTRIES", message)),
        }
    }
    for item in value("HADOLINT_REQUIRE_LABELS").map(list).unwrap_or_default() {
        let (label, wanted) = item.value.split_once(':').unwrap_or((&item.value, ""));
        match LabelFormat::parse(wanted) {
            Ok(format) => said.labels.push((label.to_owned(), format)),
            Err(message) => faults.push(("HADOLINT_REQUIRE_LABELS", message)),
        }
    }
    if let Some(text) = value("HADOLINT_FAILURE_THRESHOLD") {
        match text.parse() {
            Ok(level) => said.threshold = said.threshold.or(Some(level)),
            Err(message) => faults.push(("HADOLINT_FAILURE_THRESHOLD", message)),
        }
    }
    if let Some(text) = value("HADOLINT_FORMAT") {
        match format(&text) {
            Ok(format) => said.format = said.format.or(Some(format)),
            Err(message) => faults.push(("HADOLINT_FORMAT", message)),
        }
    }
    if faults.is_empty() { Ok(any.then_some(said)) } else { Err(faults) }
}
