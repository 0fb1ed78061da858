//! What could be written in a comment: directives with their values, and the rules that a comment ignores.

use std::collections::BTreeMap;

use crate::rules::Catalogue;
use crate::syntax::{DirectiveKind, File};

use super::offer::{Offer, Offers};
use super::protocol::CompletionItemKind;
use super::reference;

/// What could be written at the end of a comment that goes up to byte `at`.
pub(super) fn offers(file: &File, at: u32, comment: &str, catalogue: &Catalogue) -> Offers {
    let body = comment.trim_start_matches('#').trim_start();
    let suppresses = ["dlint ignore=", "dlint ignore-file="];
    if let Some(names) = suppresses.iter().find_map(|start| body.strip_prefix(start)) {
        let name = names.rsplit(',').next().unwrap_or_default();
        let rule = |rule: &crate::rules::Rule| {
            Offer::new(rule.meta.name.to_string(), CompletionItemKind::Value)
                .detailed(rule.meta.summary.to_string())
        };
        let rules = if names.contains(' ') { Vec::new() } else { catalogue.rules().map(rule).collect() };
        return (name.to_owned(), rules);
    }
    const HADOLINT: [&str; 3] = ["hadolint ignore=", "hadolint global ignore=", "hadolint stage ignore="];
    if let Some(names) = HADOLINT.iter().find_map(|start| body.strip_prefix(start)) {
        let name = names.rsplit(',').next().unwrap_or_default();
        let codes =
            if names.contains(' ') { Vec::new() } else { names_of_others(catalogue, "hadolint:", names) };
        return (name.to_owned(), codes);
    }
    let is_head = is_head(file, at);
    if let Some(offers) = value(body, catalogue).filter(|_| is_head) {
        return offers;
    }
    let mut offers = Vec::new();
    if !body.is_empty() {
        offers.extend(HADOLINT.map(|start| Offer::new(start, CompletionItemKind::Keyword)));
        offers.extend(suppresses.map(|start| Offer::new(start, CompletionItemKind::Keyword)));
    }
    if is_head {
        offers.extend(directives(file, at));
    }
    (body.to_owned(), offers)
}

/// True if a line may be a directive: only comments that are directives stand before one.
fn is_head(file: &File, at: u32) -> bool {
    let before = &file.text()[..at as usize];
    let lines = before.rfind(['\n', '\r']).map_or("", |end| &before[..end]);
    lines.lines().all(|line| line.starts_with('#') && line.contains('='))
}

/// The directives that the file does not have yet.
fn directives(file: &File, at: u32) -> impl Iterator<Item = Offer> {
    const KNOWN: [(&str, DirectiveKind); 3] = [
        ("syntax=docker/dockerfile:1", DirectiveKind::Syntax),
        ("escape=`", DirectiveKind::Escape),
        ("check=skip=", DirectiveKind::Check),
    ];
    let line = file.text()[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let elsewhere = file.directives.iter().filter(move |d| (d.span.end as usize) < line || d.span.start > at);
    let has: Vec<DirectiveKind> = elsewhere.map(|directive| directive.kind).collect();
    let free = KNOWN.into_iter().filter(move |(_, kind)| !has.contains(kind));
    free.map(|(text, kind)| {
        Offer::new(text, CompletionItemKind::Property).explained(Some(reference::directive(kind)))
    })
}

/// The values of the directive that a line begins.
fn value(body: &str, catalogue: &Catalogue) -> Option<Offers> {
    let (name, written) = body.split_once('=')?;
    let plain = |words: &[&str]| words.iter().map(|w| Offer::new(*w, CompletionItemKind::Value)).collect();
    let name = name.trim_end();
    if name.eq_ignore_ascii_case(DirectiveKind::Check.name()) {
        return Some(check(written, catalogue));
    }
    let offers = match () {
        () if name.eq_ignore_ascii_case(DirectiveKind::Syntax.name()) => {
            plain(&["docker/dockerfile:1", "docker/dockerfile:1-labs"])
        }
        () if name.eq_ignore_ascii_case(DirectiveKind::Escape.name()) => plain(&["`", "\\"]),
        () => return None,
    };
    Some((written.trim_start().to_owned(), offers))
}

/// What `# check=` can say: `skip=NAME,NAME;error=true`.
fn check(written: &str, catalogue: &Catalogue) -> Offers {
    let part = written.rsplit(';').next().unwrap_or_default().trim_start();
    let Some((key, names)) = part.split_once('=') else {
        let keys = ["skip=", "error=", "experimental="];
        let set = |key: &&str| !written.split(';').any(|part| part.trim().starts_with(key));
        let keys = keys.into_iter().filter(set).map(|key| Offer::new(key, CompletionItemKind::Property));
        return (part.to_owned(), keys.collect());
    };
    let name = names.rsplit(',').next().unwrap_or_default().trim_start().to_owned();
    let value = |word: &str| Offer::new(word, CompletionItemKind::Value);
    let offers = match key.trim() {
        "error" => ["true", "false"].map(value).into(),
        "skip" | "experimental" => {
            let mut offers = names_of_others(catalogue, "buildkit:", names);
            if !names.contains(',') {
                offers.insert(0, value("all").detailed("all of BuildKit's checks"));
            }
            offers
        }
        _ => Vec::new(),
    };
    (name, offers)
}

/// What another tool calls the rules, each with what dlint says of it; those of a list are left out.
fn names_of_others(catalogue: &Catalogue, tool: &str, listed: &str) -> Vec<Offer> {
    let (before, _) = listed.rsplit_once(',').unwrap_or_default();
    let is_listed = |name: &str| before.split(',').any(|listed| listed.trim() == name);
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for rule in catalogue.rules() {
        for name in rule.meta.aliases.iter().filter_map(|alias| alias.strip_prefix(tool)) {
            names.entry(name).or_insert_with(|| format!("{}: {}", rule.meta.name, rule.meta.summary));
        }
    }
    let free = names.into_iter().filter(|(name, _)| !is_listed(name));
    free.map(|(name, detail)| Offer::new(name, CompletionItemKind::Value).detailed(detail)).collect()
}
