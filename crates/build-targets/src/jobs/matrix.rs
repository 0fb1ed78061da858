//! The variables of a job's matrix: which values they have together, as GitHub works that out.
//!
//! What an expression says is not known, and a variable of which the value is not known stays as it is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{Node, Value};

use super::shell::Word;
use super::variables::{self, Variables};

/// With more combinations than this GitHub refuses the workflow.
const MOST_ROWS: usize = 256;

/// How many nodes of a job are looked at for the variables that it uses.
const MOST_NODES: usize = 100_000;

/// How many bytes of jobs are read for the runs of one; of one with more runs than that the matrix is not known.
const MOST_BYTES: usize = 32 << 20;

/// How deep values may be, how many of a run are looked at, and how long each may be.
const MOST_LEVELS: usize = 8;
const MOST_VALUES: usize = 256;
const MOST_LETTERS: usize = 4096;

/// How many values `include` and `exclude` may have, and how deep and wide those that are compared may be.
const MOST_PAIRS: usize = 512;
const MOST_ALIKE: (usize, usize) = (2, 16);

/// What the variables are in one run of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The values by their names in small letters, those in maps with dots: `config.file`.
    values: BTreeMap<String, String>,
    /// The names of variables, and of what is in them, that stand for no text that is known.
    other: BTreeSet<String>,
    /// Whether there are no more variables than these.
    is_whole: bool,
    /// The values that tell this run from others, for people.
    label: Vec<String>,
    /// What the file sets for the commands.
    pub(super) variables: Variables,
    /// Whether the commands run at the top of the repository.
    pub(super) is_at_top: bool,
}

impl Row {
    /// The values that tell this run from others, as GitHub puts them behind the name of a job.
    pub(super) fn label(&self) -> String {
        self.label.join(", ")
    }

    /// A text with the values in the place of `${{ matrix.NAME }}`, as far as they are known.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once("${{") {
            let Some((expression, after)) = inside.split_once("}}") else { break };
            expanded.push_str(before);
            match self.value(expression.trim()) {
                Some(value) => expanded.push_str(value),
                None => {
                    expanded.push_str("${{");
                    expanded.push_str(expression);
                    expanded.push_str("}}");
                }
            }
            rest = after;
        }
        expanded.push_str(rest);
        expanded
    }

    /// The same with the variables that a map sets for commands.
    pub(super) fn with_variables(mut self, env: Option<&Node>) -> Self {
        let mut variables = self.variables.clone();
        variables::add(&mut variables, env, |text| self.expand(&text));
        self.variables = variables;
        self
    }

    /// The same without the variables that a script may set.
    pub(super) fn without_assigned(&self, script: &str) -> Self {
        let mut row = self.clone();
        if !row.variables.is_empty() {
            let (names, is_open) = variables::assigned(script);
            row.variables.retain(|name, _| !is_open && !names.contains(name.as_str()));
        }
        row
    }

    /// The words of a script with the values in them, where these are plain letters for the shell.
    pub(super) fn expand_words(&self, script: &str, words: &mut [Word]) {
        for word in words.iter_mut().filter(|word| word.text.is_none()) {
            let Some(written) = script.get(word.range.clone()) else { continue };
            let bare = written.replace('"', "");
            let from_top = variables::from_top(&bare).filter(|_| self.is_at_top);
            let expanded = match from_top.as_deref().unwrap_or(written) {
                text if text.contains("${{") => self.expand(text).replace(['"', '\''], ""),
                text => match variables::expand(&self.variables, text) {
                    Some(expanded) => expanded,
                    None => continue,
                },
            };
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@=,+".contains(c);
            // A word of nothing but a variable without a value is none.
            if !expanded.is_empty() && expanded.chars().all(is_plain) {
                word.known_start.clone_from(&expanded);
                (word.text, word.splits) = (Some(expanded), false);
            }
        }
    }

    fn value(&self, expression: &str) -> Option<&str> {
        let (scope, name) = expression.split_once('.')?;
        if scope.eq_ignore_ascii_case("env") {
            return self.variables.get(name).map(String::as_str);
        }
        if !scope.eq_ignore_ascii_case("matrix")
            || name.is_empty()
            || name.contains(|c| !is_of_name(c) && c != '.')
        {
            return None;
        }
        let name = name.to_ascii_lowercase();
        if let Some(value) = self.values.get(&name) {
            return Some(value);
        }
        let first = name.split('.').next().unwrap_or_default();
        // What is not there is nothing.
        let is_known = self.is_whole && !self.other.contains(&name) && !self.other.contains(first);
        is_known.then_some("")
    }

    /// Takes in a value, and what is in it.
    fn add(&mut self, name: String, node: &Node, level: usize) {
        if self.values.len() + self.other.len() >= MOST_VALUES {
            return;
        }
        let name = name.to_ascii_lowercase();
        if let Some(text) = scalar(node) {
            self.values.insert(name, text);
            return;
        }
        for entry in node.entries().unwrap_or_default() {
            match entry.key.text() {
                Some(key) if level < MOST_LEVELS => {
                    self.add(format!("{name}.{key}"), &entry.value, level + 1)
                }
                _ => {}
            }
        }
        self.other.insert(name);
    }
}

/// The variables that a job uses, those of the nodes that its aliases stand for among them: the names behind `matrix.`,
/// in small letters. `None` if it has too many nodes.
fn used(job: &Node) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut nodes = vec![job];
    let mut left = MOST_NODES;
    while let Some(node) = nodes.pop() {
        left = left.checked_sub(1)?;
        nodes.extend(node.items().unwrap_or_default());
        nodes.extend(node.entries().unwrap_or_default().iter().map(|entry| &entry.value));
        let Some(text) = node.text() else { continue };
        let text = text.to_ascii_lowercase();
        for behind in text.split("matrix.").skip(1) {
            let end = behind.find(|c| !is_of_name(c)).unwrap_or(behind.len());
            names.insert(behind[..end].to_owned());
        }
    }
    names.remove("");
    Some(names)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The runs of a job that differ in the variables of its matrix that its text uses; one in which nothing is known where
/// they cannot be told.
pub(super) fn rows(job: &Node, text: &str) -> Vec<Row> {
    let unknown = || vec![Row::default()];
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let Some(entries) = matrix.and_then(Node::entries) else { return unknown() };
    let Some(used) = used(job).filter(|used| !used.is_empty()) else { return unknown() };
    let Some(combined) = combined(entries, &used) else { return unknown() };
    let mut rows: Vec<Row> = Vec::new();
    for pairs in combined.rows {
        let mut row = Row { is_whole: combined.is_whole, ..Row::default() };
        for (name, node) in pairs {
            let lower = name.to_ascii_lowercase();
            if used.contains(&lower) {
                row.add(lower, node, 0);
            }
        }
        row.other.extend(combined.other.iter().cloned());
        row.label = row.values.values().filter(|value| !value.is_empty()).cloned().collect();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    if rows.is_empty() || rows.len().saturating_mul(text.len()) > MOST_BYTES { unknown() } else { rows }
}

/// Variables with their values.
type Pairs<'n> = Vec<(&'n str, &'n Node)>;

struct Combined<'n> {
    rows: Vec<Pairs<'n>>,
    is_whole: bool,
    /// The names of those of which nothing is known.
    other: Vec<String>,
}

/// The combinations of a matrix, as far as they differ in variables that are used; `None` if it cannot be told which there
/// are.
fn combined<'n>(entries: &'n [crate::yaml::Entry], used: &BTreeSet<String>) -> Option<Combined<'n>> {
    if entries.len() > MOST_VALUES {
        return None;
    }
    let (mut include, mut exclude): (&[Node], &[Node]) = (&[], &[]);
    let (mut is_whole, mut other) = (true, Vec::new());
    let mut rows: Vec<Pairs<'_>> = vec![Vec::new()];
    // A variable that nobody uses matters only where it decides what is included and left out.
    let lists = entries.iter().filter(|entry| matches!(entry.key.text(), Some("include" | "exclude")));
    let named: BTreeSet<&str> = lists
        .flat_map(|list| list.value.items().unwrap_or_default())
        .flat_map(|item| item.entries().unwrap_or_default())
        .filter_map(|pair| pair.key.text())
        .collect();
    let (mut has_variables, mut number) = (false, 1_usize);
    for entry in entries {
        let name = entry.key.text()?;
        match (name, entry.value.items()) {
            ("include", Some(items)) => include = items,
            // It may add to each of them.
            ("include", None) => is_whole = false,
            ("exclude", items) => exclude = items?,
            (_, Some(items)) => {
                has_variables = true;
                number = number.checked_mul(items.len()).filter(|number| *number <= MOST_ROWS)?;
                if number > 0 && !named.contains(name) && !used.contains(&name.to_ascii_lowercase()) {
                    continue;
                }
                let mut longer = Vec::with_capacity(rows.len() * items.len());
                for row in &rows {
                    longer.extend(items.iter().map(|item| [&row[..], &[(name, item)]].concat()));
                }
                rows = longer;
            }
            (_, None) => other.push(name.to_ascii_lowercase()),
        }
    }
    let pairs = |all: &[Node]| all.iter().filter_map(Node::entries).map(<[_]>::len).sum::<usize>();
    if pairs(include) > MOST_PAIRS || pairs(exclude) > MOST_PAIRS {
        return None;
    }
    let only_included = !has_variables;
    if only_included {
        rows.clear();
    }
    for excluded in exclude {
        let pairs = excluded.entries()?;
        let is_in = |row: &Pairs<'_>| {
            pairs.iter().all(|pair| {
                let of_name = |(name, _): &&(&str, &Node)| pair.key.text() == Some(*name);
                row.iter().find(of_name).is_some_and(|(_, value)| is_same(value, &pair.value, 0))
            })
        };
        rows.retain(|row| pairs.is_empty() || !is_in(row));
    }
    if !other.is_empty() {
        // Which of them an entry of `include` adds to depends on what is not known.
        return (!only_included).then_some(Combined { rows, is_whole: false, other });
    }
    let originals = rows.len();
    let own: Vec<usize> = rows.iter().map(Vec::len).collect();
    for included in include {
        let pairs: Pairs<'_> =
            included.entries()?.iter().filter_map(|pair| Some((pair.key.text()?, &pair.value))).collect();
        let mut is_added = false;
        for (row, own) in rows.iter_mut().take(originals).zip(&own) {
            let (base, _) = row.split_at(*own);
            let fits = pairs.iter().all(|(name, value)| {
                let same = base.iter().find(|(known, _)| known == name);
                same.is_none_or(|(_, known)| is_same(known, value, 0))
            });
            if fits {
                is_added = true;
                for (name, value) in &pairs {
                    match row.iter_mut().find(|(known, _)| known == name) {
                        Some((_, known)) => *known = value,
                        None => row.push((name, value)),
                    }
                }
            }
        }
        if !is_added {
            rows.push(pairs);
        }
        if rows.len() > MOST_ROWS {
            return None;
        }
    }
    Some(Combined { rows, is_whole, other })
}

/// A value as an expression writes it; `None` of a list or map, and of what is not known.
fn scalar(node: &Node) -> Option<String> {
    /// Numbers are written without an exponent below that.
    const LARGEST: f64 = 1e15;
    let text = node.text()?;
    if text.len() > MOST_LETTERS || text.contains("${{") || text.contains(char::is_control) {
        return None;
    }
    match node.value()? {
        Value::Null => Some(String::new()),
        Value::Text(text) => Some(text.to_owned()),
        Value::Bool(is) => Some(is.to_string()),
        _ => {
            let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
            let number: f64 = text.parse().ok().filter(|_| is_plain)?;
            (number.abs() < LARGEST).then(|| number.to_string())
        }
    }
}

/// Whether two values are the same.
fn is_same(one: &Node, other: &Node, level: usize) -> bool {
    let (deepest, widest) = MOST_ALIKE;
    let width = |node: &Node| node.items().map_or(0, <[_]>::len).max(node.entries().map_or(0, <[_]>::len));
    if level > deepest || width(one) > widest {
        return false;
    }
    match ((one.items(), other.items()), (one.entries(), other.entries())) {
        ((Some(one), Some(other)), _) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other, level + 1))
        }
        (_, (Some(all), Some(others))) => {
            let is_there = |entry: &crate::yaml::Entry| {
                let name = entry.key.text();
                let same = others.iter().find(|other| other.key.text() == name);
                same.is_some_and(|other| is_same(&entry.value, &other.value, level + 1))
            };
            all.len() == others.len() && all.iter().all(is_there)
        }
        _ => scalar(one).is_some_and(|text| Some(text) == scalar(other)),
    }
}
