//! Files of the build context as they are written in words and in arrays.

use crate::diag::format_bytes;
use crate::engine::ContextEntry;

use super::cursor::Element;
use super::offer::{Offer, Offers};
use super::protocol::CompletionItemKind;

/// What lies in a folder of the build contexts, each with the build that alone has it.
pub(super) type Listed<'a> = dyn Fn(&str) -> Vec<(ContextEntry, Option<String>)> + 'a;

/// Characters that BuildKit does not take for themselves.
const REPLACED: [char; 3] = ['"', '\'', '$'];

/// What may be written for the path that a word is.
pub(super) fn in_word(word: &str, escape: char, listed: &Listed<'_>) -> Offers {
    if word.starts_with(['"', '\'']) {
        return plain(&word[1..], listed);
    }
    // A blank would end the word.
    let form = |path: &str| (!path.contains(char::is_whitespace)).then(|| escaped(path, escape));
    (word.to_owned(), offers(word, &unescaped(word, escape), listed, form))
}

/// The same for names that need nothing, such as those in the options of a mount.
pub(super) fn plain(word: &str, listed: &Listed<'_>) -> Offers {
    let is_plain = |c: char| !(c.is_whitespace() || REPLACED.contains(&c) || "\\,[".contains(c));
    let form = |path: &str| path.chars().all(is_plain).then(|| path.to_owned());
    (word.to_owned(), offers(word, word, listed, form))
}

/// What may be written for an element of an array.
pub(super) fn in_array(element: &Element, escape: char, listed: &Listed<'_>) -> Offers {
    let written = element.begun.as_deref().unwrap_or_default();
    let text = |path: &str| escaped(path, escape).replace('\\', "\\\\").replace('"', "\\\"");
    let path = unescaped(&written.replace("\\\\", "\\"), escape);
    let offers = offers(written, &path, listed, |path| Some(text(path)));
    quoted(element, offers)
}

/// Offers for an element of an array, which is in quotes.
pub(super) fn quoted(element: &Element, offers: Vec<Offer>) -> Offers {
    if let Some(begun) = &element.begun {
        return (begun.clone(), offers);
    }
    let quoted = |offer: Offer| Offer { written: Some(format!("\"{}\"", offer.written())), ..offer };
    (String::new(), offers.into_iter().map(quoted).collect())
}

/// What lies in the folder of a path, each as `form` writes it.
fn offers(
    written: &str,
    path: &str,
    listed: &Listed<'_>,
    form: impl Fn(&str) -> Option<String>,
) -> Vec<Offer> {
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let before = &written[..written.rfind('/').map_or(0, |at| at + 1)];
    let hidden = name.starts_with('.');
    let seen = |entry: &ContextEntry| hidden || !entry.name.starts_with('.');
    let offer = |(entry, build): (ContextEntry, Option<String>)| {
        let (end, kind, detail) = match entry.is_folder {
            true => ("/", CompletionItemKind::Folder, String::new()),
            false => ("", CompletionItemKind::File, format_bytes(entry.bytes)),
        };
        let written = format!("{before}{}{end}", form(&entry.name)?);
        let only = build.map(|build| format!("only in {build}"));
        let detail = [Some(detail), only].into_iter().flatten().filter(|text| !text.is_empty());
        let detail = detail.collect::<Vec<_>>().join(", ");
        let label = format!("{folder}{}{end}", entry.name);
        let written = Some(written).filter(|written| *written != label);
        Some(Offer { written, ..Offer::new(label, kind).detailed(detail) })
    };
    let entries = listed(folder.trim_start_matches("./")).into_iter();
    entries.filter(|(entry, _)| seen(entry)).filter_map(offer).collect()
}

/// A name with what BuildKit would replace or match in another way than by itself.
fn escaped(name: &str, escape: char) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '[' => text.push_str("[[]"),
            c if c == escape || REPLACED.contains(&c) => text.extend([escape, c]),
            c => text.push(c),
        }
    }
    text
}

/// The name that is written so.
fn unescaped(written: &str, escape: char) -> String {
    let mut text = String::with_capacity(written.len());
    let plain = written.replace("[[]", "[");
    let mut chars = plain.chars().peekable();
    while let Some(c) = chars.next() {
        let is_escape = c == escape && chars.peek().is_some_and(|c| *c == escape || REPLACED.contains(c));
        text.extend(if is_escape { chars.next() } else { Some(c) });
    }
    text
}
