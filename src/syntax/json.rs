//! JSON string arrays with the place of each string, accepted as Go's `encoding/json` does.

use std::ops::Range;

/// One string of an array.
pub(super) struct JsonString {
    /// Its value.
    pub(super) value: String,
    /// What stands between its quotes.
    pub(super) range: Range<usize>,
    /// True if the value is that text, without an escape.
    pub(super) exact: bool,
}

/// What a text that should be an exec form is.
pub(super) enum Json {
    /// An array of strings.
    Strings(Vec<JsonString>),
    /// Valid JSON, but not only strings in the array: BuildKit refuses it.
    NotOnlyStrings,
    /// No JSON array: the text is taken as it is.
    No,
}

/// Reads `text` (from its start, blanks allowed around the array).
pub(super) fn parse(text: &str) -> Json {
    if !text.trim_start().starts_with('[') {
        return Json::No;
    }
    match strings(text) {
        Some(strings) => Json::Strings(strings),
        None if serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text.trim_start()).is_ok() => {
            Json::NotOnlyStrings
        }
        None => Json::No,
    }
}

/// The strings of an array in single quotes, `['a', 'b']`, which is no JSON.
pub(super) fn single_quoted(text: &str) -> Option<Vec<&str>> {
    let mut rest = text.strip_prefix('[')?.trim_end().strip_suffix(']')?.trim();
    let mut strings = Vec::new();
    while !rest.is_empty() {
        let (string, behind) = rest.strip_prefix('\'')?.split_once('\'')?;
        strings.push(string);
        let behind = behind.trim_start();
        if behind.is_empty() {
            break;
        }
        rest = behind.strip_prefix(',')?.trim_start();
    }
    // `[ 'x' ]` is a test of the shell.
    let is_array = strings.len() > 1 || text.starts_with("['") || text.contains(',');
    (is_array && !strings.is_empty()).then_some(strings)
}

const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

fn strings(text: &str) -> Option<Vec<JsonString>> {
    let mut at = text.len() - text.trim_start().len();
    let skip = |at: usize| text.len() - text[at..].trim_start_matches(BLANK).len();
    let mut out = Vec::new();
    at = skip(at + 1);
    if text[at..].starts_with(']') {
        at += 1;
    } else {
        loop {
            let string = string(text, at)?;
            at = skip(string.range.end + 1);
            out.push(string);
            let more = text[at..].starts_with(',');
            if !more && !text[at..].starts_with(']') {
                return None;
            }
            at += 1;
            if !more {
                break;
            }
            at = skip(at);
        }
    }
    text[skip(at)..].is_empty().then_some(out)
}

fn string(text: &str, at: usize) -> Option<JsonString> {
    let body = text[at..].strip_prefix('"')?;
    let start = at + 1;
    let mut value = String::new();
    let mut exact = true;
    let mut chars = body.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some(JsonString { value, range: start..start + i, exact }),
            '\\' => {
                exact = false;
                match chars.next()?.1 {
                    c @ ('"' | '\\' | '/') => value.push(c),
                    'b' => value.push('\u{8}'),
                    'f' => value.push('\u{c}'),
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    't' => value.push('\t'),
                    'u' => {
                        let first = hex(body, i + 2)?;
                        chars.nth(3)?;
                        let second = body[i + 6..].strip_prefix("\\u").and_then(|_| hex(body, i + 8));
                        let decoded =
                            char::decode_utf16([Some(first), second].into_iter().flatten()).next()?;
                        if first & 0xFC00 == 0xD800 && decoded.is_ok() {
                            chars.nth(5)?;
                        }
                        value.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    _ => return None,
                }
            }
            c if c < ' ' && c != '\u{1a}' => return None,
            c => value.push(c),
        }
    }
    None
}

fn hex(body: &str, at: usize) -> Option<u16> {
    let digits = body.get(at..at + 4)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<String>> {
        match parse(text) {
            Json::Strings(s) => Some(s.into_iter().map(|s| s.value).collect()),
            _ => None,
        }
    }

    #[test]
    fn arrays_in_single_quotes() {
        assert_eq!(single_quoted("['a', 'b c']"), Some(vec!["a", "b c"]));
        assert_eq!(single_quoted("[ '],',]"), Some(vec!["],"]));
        assert_eq!(single_quoted("['a' ,]"), Some(vec!["a"]));
        for other in ["[ 'x' ]", "['a' 'b']", "['a'", "[]", "[\"a\", 'b']", "['a'] && b", "[ 'a' = 'b' ]"] {
            assert_eq!(single_quoted(other), None, "{other}");
        }
    }

    #[test]
    fn arrays_of_strings() {
        assert_eq!(read(r#"["a", "b\nc"]"#), Some(vec!["a".into(), "b\nc".into()]));
        assert_eq!(read("[]"), Some(vec![]));
        assert_eq!(read(r#" [ "\u00e9\ud83d\ude00" ] "#), Some(vec!["é😀".into()]));
        assert_eq!(read(r#"["\ud800"]"#), Some(vec!["\u{fffd}".into()]));
        for bad in ["['a']", "[\"a\",]", "[\"a\"] x", "[\"a\"", "[\"\\x\"]", "[ -f x ]"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert!(matches!(parse("[\"a\", 1]"), Json::NotOnlyStrings));
    }
}
