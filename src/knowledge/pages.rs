//! The pages of dlint's own rules.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pages.packed"));

/// The pages by rule. A test reads all of them, so none is missing.
static PAGES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| unpack().unwrap_or_default());

/// The file of one of dlint's own rules, `rules/NAME.md`, by the name of the rule.
#[must_use]
pub fn rule_file(name: &str) -> Option<&'static str> {
    PAGES.get(name).copied()
}

/// Reads what `generate::pages` writes. It is kept for as long as the program runs.
fn unpack() -> Option<HashMap<&'static str, &'static str>> {
    let mut all = String::new();
    let mut lengths = Vec::new();
    let mut stream = flate2::read::DeflateDecoder::new(PACKED);
    let mut length = [0; 4];
    while stream.read_exact(&mut length).is_ok() {
        let length = u32::from_le_bytes(length);
        let read = stream.by_ref().take(length.into()).read_to_string(&mut all).ok()?;
        lengths.push(read);
    }
    let mut rest: &'static str = all.leak();
    let mut parts = lengths.into_iter().map_while(|length| {
        let (part, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(part)
    });
    let mut pages = HashMap::new();
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        pages.insert(name, text);
    }
    Some(pages)
}
