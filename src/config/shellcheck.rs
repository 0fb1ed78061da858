//! The `shellcheck` key of `dlint.toml`.

use crate::rules::{Catalogue, Choice, Scope, Selector, keys};
use crate::shellcheck::{Level, RULE};
use crate::text::toml::{At, Fault, Fields, Switch};

use super::OptionTables;
use super::read::selector;

/// What the key says: `true`, `false` or a table.
#[derive(Debug, Default)]
pub(super) struct Shellcheck {
    on: Option<bool>,
    exclude: Vec<Selector>,
    least: Option<Level>,
}

impl Shellcheck {
    pub(super) fn read(rules: &Catalogue, fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Self {
        match fields.switch(RULE, faults) {
            None => Self::default(),
            Some(Switch::Plain(on)) => Self { on: Some(on), ..Self::default() },
            Some(Switch::Table(mut table)) => {
                for key in ["program", "path"] {
                    if let Some(program) = table.string(key, faults) {
                        faults.push(program_fault(&program));
                    }
                }
                let excluded = table.strings("exclude", faults).unwrap_or_default();
                let least = table.string("severity", faults);
                let this = Self {
                    on: Some(table.boolean("enable", faults).unwrap_or(true)),
                    exclude: excluded.iter().filter_map(|word| code(rules, word, faults)).collect(),
                    least: least.and_then(|text| level(&text, faults)),
                };
                table.finish(faults);
                this
            }
        }
    }

    /// Adds what it means for the rule to what else is chosen there.
    pub(super) fn add_to(self, rules: &Catalogue, choice: &mut Choice, options: &mut OptionTables) {
        choice.ignore.extend(self.exclude);
        if let (Some(on), Some(rule)) = (self.on, rules.lookup(RULE)) {
            if on { &mut choice.extend } else { &mut choice.ignore }.push(rule);
        }
        if let Some(least) = self.least {
            let table = options.entry(RULE.into()).or_default();
            table.insert(keys::shellcheck::SEVERITY.name.to_owned(), least.name().into());
        }
    }
}

/// Whoever writes the configuration of a repository would decide what runs on the machines of others.
fn program_fault(program: &At<String>) -> Fault {
    Fault::new(program.span, "which program is run cannot be said in a file that may come from somebody else")
        .help("put it on the PATH, or write `--shellcheck=PROGRAM` on the command line")
}

/// A code to leave out: `SC2086`, or just `2086`.
fn code(rules: &Catalogue, word: &At<String>, faults: &mut Vec<Fault>) -> Option<Selector> {
    let digits = word.value.bytes().all(|b| b.is_ascii_digit());
    let name = if digits { format!("SC{}", word.value) } else { word.value.clone() };
    let selector = selector(rules, &name, word.span, faults)?;
    if selector.scope != Scope::Code {
        faults.push(Fault::new(word.span, "this is not a ShellCheck code").help("for example `SC2086`"));
        return None;
    }
    Some(selector)
}

fn level(text: &At<String>, faults: &mut Vec<Fault>) -> Option<Level> {
    let level = Level::of(&text.value);
    if level.is_none() {
        let shown: String = text.value.chars().take(60).collect();
        let names = Level::ALL.map(Level::name).join(", ");
        faults.push(Fault::new(text.span, format!("`{shown}` must be one of {names}")));
    }
    level
}
