/// A pattern in which `*` stands for any characters, none too, and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    pattern: Box<str>,
    literal: bool,
}

/// The longest pattern that is compared, in bytes; a longer one fits nothing but itself.
const MAX_PATTERN: usize = 1024;

impl Wildcard {
    /// Reads a pattern; every text is one.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let literal = pattern.len() > MAX_PATTERN || !pattern.contains(['*', '?']);
        Self { pattern: pattern.into(), literal }
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// True if the whole of `text` fits.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        if self.literal {
            return *self.pattern == *text;
        }
        let (mut pattern, mut rest) = (&*self.pattern, text);
        // Behind the last star: the pattern, and the text that the star does not cover yet.
        let mut retry: Option<(&str, &str)> = None;
        loop {
            let mut ahead = pattern.chars();
            match (ahead.next(), rest.chars().next()) {
                (Some('*'), _) => {
                    pattern = ahead.as_str();
                    if pattern.is_empty() {
                        return true;
                    }
                    retry = Some((pattern, rest));
                    continue;
                }
                (Some(want), Some(got)) if want == '?' || want == got => {
                    pattern = ahead.as_str();
                    rest = &rest[got.len_utf8()..];
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            // The last star covers one character more.
            let Some((behind, from)) = retry else { return false };
            let mut chars = from.chars();
            if chars.next().is_none() {
                return false;
            }
            (pattern, rest) = (behind, chars.as_str());
            retry = Some((behind, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cover_any_characters() {
        for (pattern, text, want) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("*", "a/b", true),
            ("*.io", "ghcr.io", true),
            ("*.io", ".io", true),
            ("*.io", "io", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcdef", false),
            ("a**b", "ab", true),
            ("*ab", "aab", true),
            ("*ab*", "xaabx", true),
            ("?", "\u{e4}", true),
            ("?", "", false),
            ("a?c", "ac", false),
            ("*?", "", false),
            ("*?", "a", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(Wildcard::new(pattern).fits(text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn long_patterns_are_literal() {
        let long = "*a".repeat(MAX_PATTERN);
        assert!(!Wildcard::new(&long).fits(&"a".repeat(4 * MAX_PATTERN)));
        assert!(Wildcard::new(&long).fits(&long));
    }
}
