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

/// How an array that is not valid JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// `['a', 'b']`
    SingleQuotes,
    /// `[a, b]`, or some of them: `["a", b]`.
    NoQuotes,
    /// `["a" "b"]`, `["a", "b",]` or `["a", "b"`.
    Punctuation,
    /// `[“a”, “b”]`, as word processors make them.
    TypographicQuotes,
}

/// The strings of what is meant as an array and is not valid JSON. `[ 'x' ]` is a test of the shell.
pub(super) fn slipped(text: &str, names_paths: bool) -> Option<(Slip, Vec<&str>)> {
    let text = text.trim_end();
    let inner = text.strip_prefix('[')?;
    let inner = match inner.strip_suffix(']') {
        Some(inner) => inner,
        // The bracket at the end may be missing.
        None if inner.starts_with(['"', '\'']) && inner.ends_with(['"', '\'']) => inner,
        None => return None,
    };
    let mut slip = None;
    let mut worst = |found: Slip| slip = Some(slip.unwrap_or(found));
    if !text.ends_with(']') {
        worst(Slip::Punctuation);
    }
    let mut strings = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let quotes = [
            ('"', '"', None),
            ('\'', '\'', Some(Slip::SingleQuotes)),
            ('“', '”', Some(Slip::TypographicQuotes)),
            ('‘', '’', Some(Slip::TypographicQuotes)),
        ];
        let quoted =
            quotes.iter().find_map(|(open, close, slip)| Some((rest.strip_prefix(*open)?, *close, *slip)));
        let behind = match quoted {
            Some((body, close, own)) => {
                let (string, behind) = body.split_once(close)?;
                if string.contains('\\') {
                    return None;
                }
                own.into_iter().for_each(&mut worst);
                strings.push(string);
                behind.trim_start()
            }
            None => {
                let ends = |c: char| c == ',' || names_paths && c.is_whitespace();
                let end = rest.find(ends).unwrap_or(rest.len());
                let (word, behind) = rest.split_at(end);
                let word = word.trim_end();
                if word.is_empty()
                    || word.contains(|c: char| c.is_whitespace() || "\"'`\\[](){};|&<>".contains(c))
                {
                    return None;
                }
                worst(Slip::NoQuotes);
                strings.push(word);
                behind.trim_start()
            }
        };
        rest = match behind.strip_prefix(',') {
            Some(rest) => {
                let rest = rest.trim_start();
                if rest.is_empty() {
                    worst(Slip::Punctuation);
                }
                rest
            }
            None if behind.is_empty() => behind,
            // Two strings without a comma.
            None if quoted.is_some() && behind.starts_with(['"', '\'']) => {
                worst(Slip::Punctuation);
                behind
            }
            None if quoted.is_none() && names_paths => behind,
            None => return None,
        };
    }
    // What stands behind a blank may be a test, and what has one word a pattern.
    let is_array = names_paths || strings.len() > 1 || !text.starts_with("[ ") || inner.contains(',');
    slip.filter(|_| is_array && !strings.is_empty()).map(|slip| (slip, strings))
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
    fn arrays_that_are_not_valid_json() {
        for (text, slip, want) in [
            ("['a', 'b c']", Slip::SingleQuotes, "a|b c"),
            ("[ '],',]", Slip::SingleQuotes, "],"),
            ("['a' ,]", Slip::SingleQuotes, "a"),
            ("[/a, /b]", Slip::NoQuotes, "/a|/b"),
            ("[nginx]", Slip::NoQuotes, "nginx"),
            ("[curl,-f,http://localhost/]", Slip::NoQuotes, "curl|-f|http://localhost/"),
            ("[\"a\", b]", Slip::NoQuotes, "a|b"),
            ("[\"a\" \"b\"]", Slip::Punctuation, "a|b"),
            ("[\"a\", \"b\",]", Slip::Punctuation, "a|b"),
            ("[\"a\"", Slip::Punctuation, "a"),
            ("['a'", Slip::Punctuation, "a"),
            ("[“a”, “b”]", Slip::TypographicQuotes, "a|b"),
        ] {
            let found = slipped(text, false).map(|(slip, strings)| (slip, strings.join("|")));
            assert_eq!(found, Some((slip, want.to_owned())), "{text}");
        }
        for other in [
            "[ 'x' ]",
            "['",
            "[]",
            "['a'] && b",
            "[ 'a' = 'b' ]",
            "[ -f x ]",
            "[a b]",
            "[a-z]* b",
            "[a] [b]",
            "[\"a\"]",
        ] {
            assert_eq!(slipped(other, false), None, "{other}");
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
