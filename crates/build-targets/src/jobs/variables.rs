//! Variables that a file of jobs sets for their commands, as far as no command sets them anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::{Node, Value};

/// How many variables of a map are looked at, and how long each may be.
const MOST: usize = 256;
const MOST_LETTERS: usize = 4096;

/// What stands for the top of the repository where jobs begin.
const TOP: [&str; 4] = ["$CI_PROJECT_DIR", "${CI_PROJECT_DIR}", "$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}"];

/// Values by the names of variables.
pub(super) type Variables = BTreeMap<String, String>;

/// Takes in the variables of a map, those that are known; one that is not known takes an earlier one away. `expand` puts
/// values in the place of expressions.
pub(super) fn add(variables: &mut Variables, map: Option<&Node>, expand: impl Fn(String) -> String) {
    let entries = map.and_then(Node::entries).unwrap_or_default();
    if entries.len() > MOST {
        variables.clear();
        return;
    }
    for entry in entries {
        let Some(name) = entry.key.text() else { continue };
        let text = text(&entry.value).map(&expand);
        match text.filter(|text| text.len() <= MOST_LETTERS && !text.contains('$')) {
            Some(text) => drop(variables.insert(name.to_owned(), text)),
            None => drop(variables.remove(name)),
        }
    }
}

/// A value as it comes to the commands: a text, or in GitLab also a map with a `value`.
pub(super) fn text(node: &Node) -> Option<String> {
    let node = node.get("value").unwrap_or(node);
    match node.value()? {
        Value::Text(text) => Some(text.to_owned()),
        Value::Null => Some(String::new()),
        // A number is written in several ways.
        _ => node.text().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned),
    }
}

/// The names that a script may set, and whether it may set any.
pub(super) fn assigned(script: &str) -> (BTreeSet<&str>, bool) {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = BTreeSet::new();
    for (at, _) in script.match_indices('=') {
        let before = script[..at].trim_end_matches('+');
        let start = before.rfind(|c| !is_of_name(c)).map_or(0, |at| at + 1);
        if let Some(name) = before.get(start..).filter(|name| !name.is_empty()) {
            names.insert(name);
        }
    }
    let mut last = "";
    let mut is_open = false;
    for word in script.split(|c: char| c.is_whitespace() || ";&|(".contains(c)) {
        if matches!(last, "for" | "read" | "unset" | "select" | "local" | "declare" | "export") {
            names.insert(word);
        }
        is_open |= matches!(word, "source" | "eval" | "read" | "unset" | "mapfile");
        last = word;
    }
    is_open |= script.split(['\n', ';', '&', '|', '(']).any(|command| command.trim_start().starts_with(". "));
    (names, is_open)
}

/// The text with `.` for the top of the repository, with which it begins: `${{ github.workspace }}/api`.
pub(super) fn from_top(text: &str) -> Option<String> {
    let of_expression = || {
        let (expression, rest) = text.strip_prefix("${{")?.split_once("}}")?;
        expression.trim().eq_ignore_ascii_case("github.workspace").then_some(rest)
    };
    let rest = TOP.iter().find_map(|top| text.strip_prefix(top)).or_else(of_expression)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!(".{rest}"))
}

/// A word of a script with its variables replaced and without quotes; `None` if one is not known.
pub(super) fn expand(variables: &Variables, word: &str) -> Option<String> {
    if word.contains(['\'', '\\', '`']) {
        return None;
    }
    let mut expanded = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once('$') {
        expanded.push_str(before);
        let name = match behind.strip_prefix('{') {
            Some(inside) => inside.split_once('}'),
            None => {
                let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                Some(behind.split_at(end.unwrap_or(behind.len())))
            }
        };
        let (name, after) = name?;
        expanded.push_str(variables.get(name)?);
        rest = after;
    }
    expanded.push_str(rest);
    Some(expanded.replace('"', ""))
}
