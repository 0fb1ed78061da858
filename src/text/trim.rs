//! Lines and blanks, as they are in most texts: ASCII alone.

/// The lines of `text`, each with its line ending.
pub fn lines_with_ends(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at_checked(len).filter(|(line, _)| !line.is_empty())?;
        rest = behind;
        Some(line)
    })
}

/// The same as [`str::trim_start`].
#[must_use]
pub fn trim_start(text: &str) -> &str {
    let blanks = text.bytes().take_while(|b| matches!(b, b' ' | b'\t'..=b'\r')).count();
    let rest = text.get(blanks..).unwrap_or("");
    if rest.as_bytes().first().is_some_and(u8::is_ascii) { rest } else { rest.trim_start() }
}

/// `text` without those of these two characters, which are ASCII, that are at its end.
#[must_use]
pub fn trim_end_of<'t>(text: &'t str, ends: &[u8; 2]) -> &'t str {
    let mut rest = text.as_bytes();
    while let [before @ .., last] = rest
        && (*last == ends[0] || *last == ends[1])
    {
        rest = before;
    }
    text.get(..rest.len()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_blanks_are_those_of_std() {
        for text in [
            "",
            "\n",
            "a",
            "a\r\n\nb",
            "a\n",
            " \t\u{b}\u{c}\r\na b ",
            "\u{a0} a",
            " \u{3000}\u{85}é \u{1f}",
            "\u{1c}a",
        ] {
            assert!(lines_with_ends(text).eq(text.split_inclusive('\n')), "{text:?}");
            assert_eq!(trim_start(text), text.trim_start(), "{text:?}");
            assert_eq!(trim_end_of(text, b"\r\n"), text.trim_end_matches(['\r', '\n']), "{text:?}");
        }
    }
}
