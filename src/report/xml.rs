use std::borrow::Cow;

use super::sanitize::sanitize;

/// The first line of each document.
pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Text for an attribute or between tags. Hidden characters are written as escapes: most of them are no
/// part of XML 1.0, not even as references.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let clean = sanitize(text);
    let is_special = |c: char| matches!(c, '<' | '>' | '&' | '"' | '\'' | '\u{fffe}' | '\u{ffff}');
    if !clean.contains(is_special) {
        return clean;
    }
    let mut out = String::with_capacity(clean.len() + 16);
    for c in clean.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(escape("plain 소스"), "plain 소스");
        assert_eq!(escape("a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;&apos;c");
        assert_eq!(escape("\0\u{1b}]\n\u{ffff}\u{202e}"), "\\u{0}\\u{1b}]\\n\u{fffd}\\u{202e}");
        assert_eq!(escape("]]>"), "]]&gt;");
    }
}
