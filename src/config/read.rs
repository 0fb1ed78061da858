//! From the text of `dlint.toml` to [`Config`].

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use crate::rules::{Catalogue, Choice, OptionValue, Policy, Rule, Scope, Selector};
use crate::semantic::Builder;
use crate::text::toml::{At, Entry, Fault, Fields, read};
use crate::text::{Span, nearest};

use super::policy::policy;
use super::shellcheck::Shellcheck;
use super::size::{bytes, sizes};
use super::{Config, Globs, OptionTables, Override};

/// Reads a configuration that knows the rules of `catalogue`. What is wrong is left out of it; all faults
/// come in the order of the text.
#[must_use]
pub fn parse(text: &str, catalogue: Arc<Catalogue>) -> (Config, Vec<Fault>) {
    let rules = &*catalogue;
    let (config, faults) = read(text, 0, |fields, faults| {
        let (choice, policy, options) = chosen(rules, false, fields, faults);
        let sizes = sizes(fields, faults);
        Config {
            catalogue: Arc::default(),
            choice,
            policy,
            fail_on: fields.string("fail-on", faults).and_then(|text| parsed(&text, faults)),
            exclude: globs(fields, "exclude", faults),
            context: context(fields, faults),
            builder: builder(fields, faults),
            options,
            overrides: fields
                .tables("overrides", faults)
                .into_iter()
                .map(|t| over(rules, t, faults))
                .collect(),
            format: fields.string("format", faults).and_then(|text| parsed(&text, faults)),
            color: fields.string("color", faults).and_then(|text| parsed(&text, faults)),
            sort: fields.string("sort", faults).and_then(|text| parsed(&text, faults)),
            docs_url: fields.string("docs-url", faults).and_then(|text| parsed(&text, faults)),
            baseline: fields.string("baseline", faults).map(|text| PathBuf::from(text.value)),
            min_saving: fields.string("min-saving", faults).and_then(|text| bytes(&text, faults)),
            disable_ignore_pragma: fields.boolean("disable-ignore-pragma", faults),
            base_images: Arc::new(sizes.base_images),
            unknown_sizes: sizes.unknown,
            indexes: sizes.indexes,
        }
    });
    (Config { catalogue, ..config }, faults)
}

/// The patterns of `[rules] paths`: read first, because the rules in these files are named elsewhere. What
/// is wrong with them is said by [`parse`].
pub(super) fn rule_paths(text: &str) -> Vec<At<String>> {
    // Most have none.
    if !text.contains(PATHS) {
        return Vec::new();
    }
    let (paths, _) = read(text, 0, |fields, faults| {
        let mut rules = fields.table("rules", faults)?;
        rules.strings(PATHS, faults)
    });
    paths.unwrap_or_default()
}

fn over(rules: &Catalogue, mut fields: Fields<'_>, faults: &mut Vec<Fault>) -> Override {
    let files = globs(&mut fields, "files", faults);
    let (choice, policy, options) = chosen(rules, true, &mut fields, faults);
    let context = context(&mut fields, faults);
    let builder = builder(&mut fields, faults);
    let over = Override { files, choice, policy, options, context, builder };
    if !fields.has("files") {
        faults.push(
            Fault::new(fields.span(), "`files` is missing").help("for example `files = [\"docker/**\"]`"),
        );
    }
    fields.finish(faults);
    over
}

fn context(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Option<At<PathBuf>> {
    let text = fields.string("context", faults)?;
    Some(At { value: PathBuf::from(text.value), span: text.span })
}

fn builder(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Option<Builder> {
    fields.string("builder", faults).and_then(|text| parsed(&text, faults))
}

/// Which rules are on, what the policy demands, and options.
fn chosen(
    rules: &Catalogue,
    overrides: bool,
    fields: &mut Fields<'_>,
    faults: &mut Vec<Fault>,
) -> (Choice, Policy, OptionTables) {
    let policy = policy(fields, faults);
    let mut choice = choice(rules, fields, faults).with_policy(&policy, rules);
    let mut options = options(rules, overrides, fields, faults);
    Shellcheck::read(rules, fields, faults).add_to(rules, &mut choice, &mut options);
    (choice, policy, options)
}

fn choice(rules: &Catalogue, fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Choice {
    let select = fields.strings("select", faults).map(|list| selectors(rules, &list, faults));
    let extend = fields.strings("extend-select", faults).unwrap_or_default();
    let ignore = fields.strings("ignore", faults).unwrap_or_default();
    let advisory = fields.strings("advisory", faults);
    let severity = fields.table("severity", faults).map(|mut table| {
        let mut severities = Vec::new();
        for entry in table.all() {
            let selector = selector(rules, entry.key, entry.key_span, faults);
            let Some(text) = entry.string(faults) else { continue };
            match text.value.parse() {
                Ok(severity) => severities.extend(selector.map(|s| (s, severity))),
                Err(message) => faults.push(Fault::new(text.span, message)),
            }
        }
        severities
    });
    Choice {
        select,
        extend: selectors(rules, &extend, faults),
        ignore: selectors(rules, &ignore, faults),
        severity: severity.unwrap_or_default(),
        advisory: advisory.map(|list| selectors(rules, &list, faults)),
    }
}

fn selectors(rules: &Catalogue, words: &[At<String>], faults: &mut Vec<Fault>) -> Vec<Selector> {
    words.iter().filter_map(|word| selector(rules, &word.value, word.span, faults)).collect()
}

pub(super) fn selector(
    rules: &Catalogue,
    word: &str,
    span: Span,
    faults: &mut Vec<Fault>,
) -> Option<Selector> {
    match rules.select(word) {
        Ok(selector) => Some(selector),
        Err(error) => {
            let shown: String = word.chars().take(60).collect();
            let message = format!("`{shown}` is not a known rule, alias or group");
            faults.push(Fault::new(span, message).suggest(error.near.as_deref()));
            None
        }
    }
}

fn parsed<T: FromStr<Err = String>>(text: &At<String>, faults: &mut Vec<Fault>) -> Option<T> {
    match text.value.parse() {
        Ok(value) => Some(value),
        Err(message) => {
            faults.push(Fault::new(text.span, message));
            None
        }
    }
}

fn globs(fields: &mut Fields<'_>, key: &'static str, faults: &mut Vec<Fault>) -> Globs {
    let patterns = fields.strings(key, faults).unwrap_or_default();
    Globs::new(&patterns, faults)
}

/// The key of the `[rules]` table that names files; no rule is called so.
const PATHS: &str = "paths";

/// The `[rules]` table: a table of options for each rule, and the files of users' own rules.
fn options(
    catalogue: &Catalogue,
    overrides: bool,
    fields: &mut Fields<'_>,
    faults: &mut Vec<Fault>,
) -> OptionTables {
    let mut tables = OptionTables::new();
    let Some(mut rules) = fields.table("rules", faults) else { return tables };
    for entry in rules.all() {
        if entry.key == PATHS {
            if overrides {
                let fault = Fault::new(entry.key_span, "rules are read once for all files");
                faults.push(fault.help("write `paths` into the table `[rules]` at the top"));
            }
            entry.strings(faults);
            continue;
        }
        let Some(selector) = selector(catalogue, entry.key, entry.key_span, faults) else { continue };
        let rule = match (selector.scope, catalogue.ids(&selector).as_slice()) {
            (Scope::Rule, [id]) => catalogue.get(*id),
            _ => None,
        };
        let Some(rule) = rule else {
            let message = format!("`{}` is more than one rule", entry.key);
            faults.push(Fault::new(entry.key_span, message).help("options are set for one rule each"));
            continue;
        };
        let Some(mut table) = entry.table("", faults) else { continue };
        for option in table.all() {
            if check(rule, &option, faults) {
                tables
                    .entry(rule.meta.name.clone())
                    .or_default()
                    .insert(option.key.to_owned(), option.plain());
            }
        }
    }
    tables
}

fn check(rule: &Rule, option: &Entry<'_>, faults: &mut Vec<Fault>) -> bool {
    let names = rule.meta.options.iter().map(|(name, _)| *name);
    let Some((_, default)) = rule.meta.options.iter().find(|(name, _)| *name == option.key) else {
        let shown: String = option.key.chars().take(60).collect();
        let fault = Fault::new(option.key_span, format!("`{}` has no option `{shown}`", rule.meta.name));
        faults.push(match nearest(option.key, names.clone()) {
            None if rule.meta.options.is_empty() => fault.help("it has no options"),
            None => fault.help(format!("it has {}", names.collect::<Vec<_>>().join(", "))),
            near => fault.suggest(near),
        });
        return false;
    };
    let value = option.plain();
    let fits = match default {
        OptionValue::Boolean(_) => value.is_bool(),
        OptionValue::Integer(_) => value.is_integer(),
        OptionValue::Text(_) => value.is_str(),
        OptionValue::List(_) => value.as_array().is_some_and(|a| a.iter().all(toml::Value::is_str)),
    };
    if !fits {
        faults.push(Fault::new(option.span, format!("`{}` must be {}", option.key, default.type_name())));
    }
    fits
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::diag::Severity;
    use crate::rules::{Category, Check, FixKind, Key, Needs, Options, Preset, Reading, RuleMeta, Status};

    const RULE: Rule = Rule {
        meta: RuleMeta {
            name: Cow::Borrowed("a-rule"),
            summary: Cow::Borrowed(""),
            category: Category::Size,
            severity: Severity::Info,
            preset: Preset::Default,
            fix: FixKind::None,
            needs: Needs::Dockerfile,
            reads: Reading::Build,
            since: Cow::Borrowed("0.1.0"),
            status: Status::Stable,
            renamed_from: Cow::Borrowed(&[]),
            aliases: Cow::Borrowed(&[]),
            options: &[
                ("on", OptionValue::Boolean(true)),
                ("max", OptionValue::Integer(5)),
                ("shell", OptionValue::Text("sh")),
                ("allow", OptionValue::List(&["a", "b"])),
            ],
            open: Some(Cow::Borrowed("")),
            file: None,
        },
        check: Check::Match,
    };

    /// The options that `text` sets for the rule, and what is wrong with them.
    fn set(text: &str) -> (toml::Table, Vec<String>) {
        let (table, faults) = read(text, 0, |fields, faults| {
            let entries = fields.all();
            let good = entries.iter().filter(|entry| check(&RULE, entry, faults));
            good.map(|entry| (entry.key.to_owned(), entry.plain())).collect()
        });
        (table, faults.into_iter().map(|f| format!("{} {}", f.message, f.help.unwrap_or_default())).collect())
    }

    fn key<T>(name: &'static str, default: T) -> Key<T> {
        Key { rule: "a-rule", name, default }
    }

    #[test]
    fn options_have_types_and_defaults() {
        let (table, faults) = set("max = 9\nallow = ['c']\n");
        assert_eq!(faults, [""; 0]);
        for (set, max, allow) in [(Some(&table), 9, vec!["c"]), (None, 5, vec!["a", "b"])] {
            let options = Options::new(&RULE.meta, set);
            assert_eq!(
                (options.integer(&key("max", 5)), options.list(&key("allow", &["a", "b"]))),
                (max, allow)
            );
            assert_eq!((options.boolean(&key("on", true)), options.text(&key("shell", "sh"))), (true, "sh"));
        }
        let (table, faults) = set("max = 'x'\nmaxx = 3\nzzzzzz = 1\nallow = [1]\non = 0\nshell = 1\n");
        assert_eq!(table.len(), 0);
        assert_eq!(
            faults,
            [
                "`max` must be a whole number ",
                "`a-rule` has no option `maxx` did you mean `max`?",
                "`a-rule` has no option `zzzzzz` it has on, max, shell, allow",
                "`allow` must be a list of strings ",
                "`on` must be true or false ",
                "`shell` must be a string ",
            ]
        );
    }
}
