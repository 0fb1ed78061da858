//! Keys and files that the tools pass over.

use build_targets::{EntryKind, Place, WarningKind};

use super::name_in;
use crate::diag::Fix;
use crate::rules::{Change, EntryCx};
use crate::text::{Edit, Span};

/// `unknown-build-key`.
pub fn unknown(cx: &EntryCx<'_>) {
    for warning in cx.warnings() {
        let WarningKind::UnknownKey { key, similar } = &warning.kind else { continue };
        let message = match cx.files.kind {
            EntryKind::Bake => format!("bake does not know `{key}`, and silently ignores it"),
            EntryKind::Devcontainer => {
                format!("`{key}` has no meaning here, and is silently ignored")
            }
            EntryKind::Quadlet => {
                format!("Quadlet does not know `{key}`, and generates no unit from this file")
            }
            _ => format!("`{key}` is silently ignored"),
        };
        let found = cx.at(warning.place, message);
        let Some(similar) = similar else {
            // What is like nothing may be new.
            if cx.files.kind != EntryKind::Quadlet {
                cx.report(found);
            }
            continue;
        };
        let found = found.help(format!("did you mean `{similar}`?"));
        cx.report(match name_in(cx.text(warning.place), key) {
            Some(start) => {
                let start = warning.place.span().start + start;
                let edit = Edit::replace(Span::of(start..start + key.len()), *similar);
                found.fix(Fix::uncertain(format!("write `{similar}`"), [edit]), Change::Targets)
            }
            None => found,
        });
    }
}

/// `passed-over-in-devcontainer`.
pub fn passed_over(cx: &EntryCx<'_>) {
    let mut faults = cx.warnings().filter_map(|warning| match &warning.kind {
        WarningKind::PassedOver { what } => Some((warning.place, what)),
        _ => None,
    });
    // What follows may only come of it.
    let Some((place, what)) = faults.next() else { return };
    let more = match faults.count() {
        0 => "",
        _ => ", like more that follows",
    };
    let message = format!("{what}: the devcontainer CLI silently ignores it{more}");
    let help =
        "write JSON with comments: keys and strings in double quotes, and exactly one comma between members";
    cx.report(cx.at(place, message).help(help));
}

/// `unread-compose-file`.
pub fn unread_file(cx: &EntryCx<'_>) {
    for warning in cx.warnings() {
        let WarningKind::FileNotRead { instead_of } = &warning.kind else { continue };
        let text = &cx.files.resolution.sources.file(warning.place.file).text;
        let message = format!("Compose reads `{instead_of}` in this folder, and not this file");
        let help = "remove one of the two, or give this one another name and pass it with `-f`";
        cx.report(cx.at(Place::new(warning.place.file, first_words(text)), message).help(help));
    }
}

/// The first line that is no comment, without blanks around it.
fn first_words(text: &str) -> std::ops::Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches('\u{feff}').trim();
        if !words.is_empty() && !words.starts_with('#') && words != "---" {
            let at = start + line.find(words).unwrap_or(0);
            return at..at + words.len();
        }
        start += line.len();
    }
    0..0
}
