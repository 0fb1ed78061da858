//! The variables that could be used at a place, and what `${name…}` can do with their values.

use crate::semantic::PLATFORM_ARGS;
use crate::syntax::{File, Keyword};

use super::names::Names;
use super::offer::{Offer, Offers};
use super::protocol::CompletionItemKind;

/// Build arguments that need not be declared.
const PROXIES: [&str; 10] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
];

/// What images set.
const OF_IMAGES: [&str; 1] = ["PATH"];

/// What can stand behind the name: the sign, what follows it, and what that means.
const OPERATORS: [(&str, &str, &str); 7] = [
    (":-", "default", "the value, or the default if there is none"),
    (":+", "other", "the other text if there is a value, else nothing"),
    (":?", "message", "the value; without one the build fails with the message"),
    ("#", "pattern", "the value without the shortest match at its beginning"),
    ("##", "pattern", "the value without the longest match at its beginning"),
    ("%", "pattern", "the value without the shortest match at its end"),
    ("%%", "pattern", "the value without the longest match at its end"),
];

/// What can be written, if a `$` begins a variable.
pub(super) fn offers(file: &File, step: usize, keyword: Keyword, word: &str) -> Option<Offers> {
    let start = word.rfind('$')?;
    let typed = &word[start..];
    let behind = typed.trim_start_matches('$').trim_start_matches('{');
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, sign) = behind.split_at(behind.find(|c| !is_part(c)).unwrap_or(behind.len()));
    let braces = name.is_empty() || typed.starts_with("${");
    let all = visible(file, step, keyword);
    let mut offers = Vec::new();
    if sign.is_empty() {
        let offer = |name: &&str| {
            let label = if braces { format!("${{{name}}}") } else { format!("${name}") };
            Offer::new(label, CompletionItemKind::Variable)
        };
        offers.extend(all.iter().map(offer));
    } else if !OPERATORS.iter().any(|(own, ..)| own.starts_with(sign)) {
        return None;
    }
    if typed.starts_with("${") && all.contains(&name) {
        let offer = |(sign, word, text): &(&str, &str, &'static str)| Offer {
            written: Some(format!("${{{name}{sign}}}")),
            snippet: Some(format!("\\${{{name}{sign}${{1:{word}}}}}")),
            ..Offer::new(format!("${{{name}{sign}{word}}}"), CompletionItemKind::Operator)
                .explained(Some(text))
        };
        offers.extend(OPERATORS.iter().map(offer));
    }
    Some((typed.to_owned(), offers))
}

/// The variables that have a value there, or may have one.
fn visible(file: &File, step: usize, keyword: Keyword) -> Vec<&str> {
    let names = Names::of(file);
    let set = names.visible(file, step);
    let is_in_stage = names.stage_of(step).is_some();
    // BuildKit gives proxies to the commands of RUN, and platforms to FROM and to what stands above it.
    let (of_image, given): (&[&str], &[&str]) = match keyword {
        Keyword::Run => (&OF_IMAGES, &PROXIES),
        Keyword::Env if is_in_stage => (&OF_IMAGES, &[]),
        Keyword::From => (&[], &PLATFORM_ARGS),
        Keyword::Arg if !is_in_stage => (&[], &PLATFORM_ARGS),
        _ => (&[], &[]),
    };
    let others = of_image.iter().chain(given).copied().filter(|name| !set.contains(name));
    let others: Vec<&str> = others.collect();
    set.into_iter().chain(others).collect()
}
