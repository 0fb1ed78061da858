//! `dlint.toml`: the keys, values and rules that could be written, and what they mean, by the schema that editors get.

use std::sync::LazyLock;

use serde_json::Value;

use crate::config;
use crate::rules::Catalogue;
use crate::text::Span;

use super::document::Document;
use super::protocol::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Contents, Documentation, Hover,
    MarkupContent, MarkupKind, Position, TextEdit,
};

/// The schema that all of it is read from.
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(config::SCHEMA).unwrap_or(Value::Null));

/// What is written at a place.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The keys that lead there.
    path: Vec<String>,
    what: What,
    /// What is written of it.
    prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The name of a table, between brackets, or of one of a list of them, between two.
    Header { is_listed: bool },
    /// A key of the table at the path.
    Key,
    /// The value of the key at the path, or of one in its list.
    Value { is_quoted: bool, is_listed: bool },
}

/// What may be written at a place.
pub(super) fn items(document: &Document, position: Position, catalogue: &Catalogue) -> Vec<CompletionItem> {
    let (text, at) = (document.text(), document.offset(position));
    let Some(place) = Place::at(&text[..at as usize]) else { return Vec::new() };
    let rest = text[at as usize..].split(['\n', '\r']).next().unwrap_or_default();
    let start = at - Span::of(0..place.prefix.len()).end;
    let range = document.range(Span::new(start, at));
    let lower = place.prefix.to_lowercase();
    let fits = |offer: &Offer| offer.label.to_lowercase().starts_with(&lower);
    let item = |offer: Offer| CompletionItem {
        kind: Some(offer.kind),
        detail: offer.detail,
        documentation: offer.text.map(Documentation::String),
        filter_text: Some(offer.label.clone()),
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: offer.written })),
        label: offer.label,
        ..CompletionItem::default()
    };
    place.offers(rest, catalogue).into_iter().filter(fits).map(item).collect()
}

/// What the key, table or rule at a place means.
pub(super) fn hover(
    document: &Document,
    position: Position,
    catalogue: &Catalogue,
    markdown: bool,
) -> Option<Hover> {
    let (text, at) = (document.text(), document.offset(position) as usize);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    let start = text[..at]
        .rfind(|c| !is_part(c))
        .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
    let end = at + text[at..].find(|c| !is_part(c)).unwrap_or(text.len() - at);
    let word = text.get(start..end).filter(|word| !word.is_empty())?;
    let mut place = Place::at(text.get(..start)?)?;
    let rule = || catalogue.find(word).map(|rule| format!("`{}`: {}", rule.meta.name, rule.meta.summary));
    let value = match place.what {
        What::Value { .. } => rule().or_else(|| explained(node(&place.path)?))?,
        What::Header { .. } | What::Key => {
            place.path.push(word.to_owned());
            let own = node(&place.path).and_then(explained);
            rule().filter(|_| place.path.len() > 1).or(own)?
        }
    };
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let value = if markdown { value } else { value.replace('`', "") };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value }),
        range: Some(document.range(Span::of(start..end))),
    })
}

/// Something that could be written.
struct Offer {
    label: String,
    written: String,
    kind: CompletionItemKind,
    detail: Option<String>,
    text: Option<String>,
}

impl Place {
    /// What is written at the end of a text; `None` in a comment.
    fn at(before: &str) -> Option<Self> {
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let (above, line) = before.split_at(start);
        let (mut table, mut open): (Vec<String>, Option<Vec<String>>) = (Vec::new(), None);
        for line in above.lines() {
            let line = without_comment(line);
            match (&open, line.split_once('=')) {
                (Some(_), _) if outside_quotes(line).contains(']') => open = None,
                (Some(_), _) => {}
                (None, _) if line.trim_start().starts_with('[') => {
                    table = keys(line.trim().trim_matches(['[', ']']));
                }
                (None, Some((key, value))) => {
                    let bare = outside_quotes(value);
                    let is_open = bare.matches('[').count() > bare.matches(']').count();
                    open = is_open.then(|| [table.clone(), keys(key)].concat());
                }
                (None, None) => {}
            }
        }
        if without_comment(line).len() < line.len() {
            return None;
        }
        if let Some(path) = open.filter(|_| !outside_quotes(line).contains(']')) {
            return Some(Self::value(path, line, true));
        }
        let own = line.trim_start();
        if own.starts_with('[') {
            let name = own.trim_start_matches('[').trim_start();
            let what = What::Header { is_listed: own.starts_with("[[") };
            return (!name.contains(']')).then(|| Self::dotted(Vec::new(), name, what));
        }
        match line.split_once('=') {
            None => Some(Self::dotted(table, own, What::Key)),
            Some((key, value)) => {
                let path = [table, keys(key)].concat();
                let Some((_, inside)) = value.rsplit_once('{') else {
                    return Some(Self::value(path, value, false));
                };
                let part = inside.rsplit(',').next().unwrap_or_default();
                Some(match part.split_once('=') {
                    None => Self::dotted(path, part.trim_start(), What::Key),
                    Some((key, value)) => Self::value([path, keys(key)].concat(), value, false),
                })
            }
        }
    }

    /// The last of some keys with dots between them.
    fn dotted(mut path: Vec<String>, written: &str, what: What) -> Self {
        let (before, last) = written.rsplit_once('.').unwrap_or(("", written));
        path.extend(keys(before));
        Self { path, what, prefix: last.trim_start_matches(['"', '\'']).to_owned() }
    }

    fn value(path: Vec<String>, written: &str, is_listed: bool) -> Self {
        let mut quote = None;
        for (at, c) in written.char_indices() {
            match quote {
                Some((_, open)) if open == c => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some((at, c)),
                _ => {}
            }
        }
        let is_listed = is_listed || outside_quotes(written).contains('[');
        let prefix = match quote {
            Some((at, _)) => &written[at + 1..],
            None => written.rsplit([',', '[', ' ', '\t', '"', '\'']).next().unwrap_or_default(),
        };
        let what = What::Value { is_quoted: quote.is_some(), is_listed };
        Self { path, what, prefix: prefix.to_owned() }
    }

    fn offers(&self, rest: &str, catalogue: &Catalogue) -> Vec<Offer> {
        match self.what {
            What::Header { is_listed } => self.headers(rest, is_listed),
            What::Key => self.keys(rest, catalogue),
            What::Value { is_quoted, is_listed } => {
                let Some(of_key) = node(&self.path) else { return Vec::new() };
                let is_list = of_key["type"] == "array";
                let known = if is_list { &of_key["items"] } else { of_key };
                if is_list && !is_listed {
                    return Vec::new();
                }
                let quoted = |word: &str| if is_quoted { word.to_owned() } else { format!("\"{word}\"") };
                let offer = |(word, detail): (String, Option<String>)| Offer {
                    written: quoted(&word),
                    kind: CompletionItemKind::Value,
                    detail,
                    text: None,
                    label: word,
                };
                let mut offers: Vec<Offer> = match known.get("$ref") {
                    Some(_) => selectors(catalogue).into_iter().map(offer).collect(),
                    None => words(known).map(|word| offer((word.to_owned(), None))).collect(),
                };
                if known["type"] == "boolean" && !is_quoted {
                    offers.extend(
                        ["true", "false"]
                            .map(|word| Offer { written: word.to_owned(), ..offer((word.to_owned(), None)) }),
                    );
                }
                offers
            }
        }
    }

    /// The tables that there can be.
    fn headers(&self, rest: &str, is_listed: bool) -> Vec<Offer> {
        let of = if self.path.is_empty() { Some(&*SCHEMA) } else { node(&self.path) };
        let closed = rest.trim_start().bytes().take_while(|byte| *byte == b']').count();
        let offer = |(name, table): (&String, &Value)| {
            let end = table_like(table)?;
            // Between two brackets stands one of a list.
            let begin = match (end.len(), is_listed) {
                (1, true) => return None,
                (2, false) if self.path.is_empty() => "[",
                _ => "",
            };
            let end = &end[closed.min(end.len())..];
            Some(Offer {
                label: name.clone(),
                written: format!("{begin}{name}{end}"),
                kind: CompletionItemKind::Module,
                detail: None,
                text: explained(table),
            })
        };
        of.into_iter().flat_map(properties).filter_map(offer).collect()
    }

    fn keys(&self, rest: &str, catalogue: &Catalogue) -> Vec<Offer> {
        let of = if self.path.is_empty() { Some(&*SCHEMA) } else { node(&self.path) };
        let Some(of) = of else { return Vec::new() };
        let end = if rest.contains('=') { "" } else { " = " };
        let offer = |(name, key): (&String, &Value)| {
            let header = table_like(key).filter(|_| self.path.is_empty() && key["oneOf"].is_null());
            Offer {
                label: name.clone(),
                written: match header {
                    Some(close) => format!("{}{name}{close}", &"[["[..close.len()]),
                    None => format!("{name}{end}"),
                },
                kind: CompletionItemKind::Property,
                detail: None,
                text: explained(key),
            }
        };
        let mut offers: Vec<Offer> = properties(of).map(offer).collect();
        // Its keys are rules and groups of them.
        if of["additionalProperties"].is_object() {
            offers.extend(selectors(catalogue).into_iter().map(|(name, detail)| Offer {
                written: format!("{name}{end}"),
                kind: CompletionItemKind::Property,
                label: name,
                detail,
                text: None,
            }));
        }
        offers
    }
}

/// How the name of a table ends, for what is one or a list of them.
fn table_like(of: &Value) -> Option<&'static str> {
    let is_table = |of: &Value| of["type"] == "object";
    match () {
        () if is_table(of) || of["oneOf"].as_array().is_some_and(|all| all.iter().any(is_table)) => Some("]"),
        () if of["type"] == "array" && is_table(&of["items"]) => Some("]]"),
        () => None,
    }
}

/// The rules and their groups, each with what it says.
fn selectors(catalogue: &Catalogue) -> Vec<(String, Option<String>)> {
    let known = SCHEMA["$defs"]["selector"]["anyOf"].as_array().into_iter().flatten().flat_map(words);
    let users = catalogue.users().iter().map(|rule| &*rule.meta.name);
    let summary = |name: &str| catalogue.find(name).map(|rule| rule.meta.summary.to_string());
    known.chain(users).map(|name| (name.to_owned(), summary(name))).collect()
}

fn words(of: &Value) -> impl Iterator<Item = &str> {
    of["enum"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The keys of a table, of one in a list, or of that which may stand for another value.
fn properties(of: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let variants = of["oneOf"].as_array().into_iter().flatten();
    let all = [of, &of["items"]].into_iter().chain(variants);
    all.filter_map(|of| of["properties"].as_object()).flatten()
}

/// What the schema says of the key at the end of a path.
fn node(path: &[String]) -> Option<&'static Value> {
    let schema: &'static Value = &SCHEMA;
    path.iter().try_fold(schema, |of, key| {
        let own = properties(of).find(|(name, _)| *name == key).map(|(_, value)| value);
        own.or_else(|| of.get("additionalProperties").filter(|any| any.is_object()))
    })
}

/// What a key means, and what it can be.
fn explained(key: &Value) -> Option<String> {
    let mut text = key["description"].as_str()?.to_owned();
    let shown =
        |value: &Value| format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let all = key["enum"].as_array().map(|all| all.iter().map(shown).collect::<Vec<_>>().join(", "));
    if let Some(all) = all {
        text.push_str(&format!("\n\nvalues: {all}"));
    }
    if let Some(default) = key.get("default") {
        text.push_str(&format!("\n\nwithout it: {}", shown(default)));
    }
    Some(text)
}

/// The keys of a path with dots.
fn keys(path: &str) -> Vec<String> {
    let parts = path.split('.').map(|part| part.trim().trim_matches(['"', '\'']));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A line up to its comment.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '#' => return &line[..at],
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    line
}

/// What of a line stands outside of quotes.
fn outside_quotes(line: &str) -> String {
    let mut quote = None;
    let is_outside = |c: &char| match quote {
        Some(open) => {
            if open == *c {
                quote = None;
            }
            false
        }
        None => {
            if matches!(c, '"' | '\'') {
                quote = Some(*c);
            }
            quote.is_none()
        }
    };
    line.chars().filter(is_outside).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::Language;
    use super::super::place::Encoding;
    use super::super::protocol::Uri;
    use super::*;

    /// A document, and where `|` stands in it.
    fn document(text: &str) -> (Document, Position) {
        let (before, after) = text.split_once('|').unwrap();
        let uri = Uri("file:///srv/dlint.toml".to_owned());
        let text = format!("{before}{after}");
        let document = Document::new(uri, Language::Configuration, 1, text, Encoding::Utf8);
        let end = Span::of(0..before.len());
        let place = document.range(Span::at(end.end)).start;
        (document, place)
    }

    fn offered(text: &str) -> Vec<String> {
        let (document, place) = document(text);
        let items = items(&document, place, &Catalogue::default());
        let written = |item: CompletionItem| match item.text_edit {
            Some(CompletionItemTextEdit::TextEdit(edit)) => edit.new_text,
            _ => panic!("{item:?}"),
        };
        items.into_iter().map(written).collect()
    }

    #[test]
    fn keys_values_and_rules_are_offered() {
        for (text, want) in [
            ("fail|", "fail-on = "),
            ("fail| = 'error'", "fail-on"),
            ("pol|", "[policy]"),
            ("fail-on = w|", "\"warning\""),
            ("fail-on = 'err|'", "error"),
            ("disable-ignore-pragma = t|", "true"),
            ("select = ['no-us|']", "no-user"),
            ("select = [\n  \"default\",\n  no-us|\n]", "\"no-user\""),
            ("select = [\n  'x', # ]\n]\nfail|", "fail-on = "),
            ("[severity]\nno-us|", "no-user = "),
            ("severity.no-user = 'e|", "error"),
            ("severity = { no-user = 'e|' }", "error"),
            ("severity = { no-us| }", "no-user = "),
            ("[pol|", "policy]"),
            ("[pol|]", "policy"),
            ("[ pol|", "policy]"),
            ("[[over|", "overrides]]"),
            ("[[over|]]", "overrides"),
            ("[[over|]", "overrides]"),
            ("[over|", "[overrides]]"),
            ("[over|]", "[overrides]"),
            ("over|", "[[overrides]]"),
            ("[[|", "overrides]]"),
            ("[rules.cache-l|]", "cache-left-in-layer"),
            ("[[overrides]]\nbuil|", "builder = "),
            ("[[overrides]]\nbuilder = 'pod|'", "podman"),
            ("[shellcheck]\nena|", "enable = "),
        ] {
            assert_eq!(offered(text), [want], "{text}");
        }
        for text in ["# fail|", "select = |", "[policy] |", "[[pol|", "nothing.of.it = '|'"] {
            assert_eq!(offered(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn keys_and_rules_are_explained() {
        for (text, want) in [
            ("fail|-on = 'error'", "the lowest severity with which dlint exits with 1"),
            ("[severity]\nno-|user = 'error'", "`no-user`: "),
            ("select = ['no-|user']", "`no-user`: "),
            ("[pol|icy]", "what your organisation requires"),
            ("[policy]\nallow-|images = []", "images that a build may use"),
            ("fail-on = 'err|or'", "the lowest severity"),
            ("nothing| = 3", ""),
            ("# fail|-on", ""),
        ] {
            let (document, place) = document(text);
            let said = hover(&document, place, &Catalogue::default(), true).map(|hover| hover.contents);
            let said = match said {
                Some(Contents::MarkupContent(said)) => said.value,
                _ => String::new(),
            };
            assert!(said.starts_with(want) && said.is_empty() == want.is_empty(), "{text}: {said}");
        }
    }
}
