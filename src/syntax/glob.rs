//! The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/word}`: `*` and `?` only.

/// One token of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Star,
    Any,
    Char(char),
}

/// A parsed pattern. Of stars in a row there is one.
pub(super) struct Pattern(Vec<Token>);

/// Most characters of a value that are compared, those compared again counted again; if more would have to be, the
/// result counts as unknown. A megabyte of substitutions thus costs no more than other texts of that length.
const MAX_STEPS: usize = 8 << 10;

/// Most tokens of a pattern: one bit of a number is for each, and one for the end.
const MAX_TOKENS: usize = 63;

impl Pattern {
    /// Reads a pattern; `None` for an escape that BuildKit refuses.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' if tokens.last() == Some(&Token::Star) => continue,
                '*' => Token::Star,
                '?' => Token::Any,
                '\\' => match chars.peek().copied() {
                    Some('}' | '/') => continue,
                    Some(c @ ('*' | '?' | '\\')) => {
                        chars.next();
                        Token::Char(c)
                    }
                    _ => return None,
                },
                c => Token::Char(c),
            });
        }
        Some(Self(tokens))
    }

    /// `value` without the prefix that matches. `None` if that is too much work.
    pub(super) fn trim_prefix(&self, value: &str, longest: bool) -> Option<String> {
        let mut matcher = Matcher::new(self.0.iter())?;
        let (short, long) = matcher.prefixes(value.chars())?.unwrap_or((0, 0));
        Some(value.chars().skip(if longest { long } else { short }).collect())
    }

    /// `value` without the suffix that matches. `None` if that is too much work.
    pub(super) fn trim_suffix(&self, value: &str, longest: bool) -> Option<String> {
        let mut matcher = Matcher::new(self.0.iter().rev())?;
        let (short, long) = matcher.prefixes(value.chars().rev())?.unwrap_or((0, 0));
        let cut =
            value.chars().rev().take(if longest { long } else { short }).map(char::len_utf8).sum::<usize>();
        value.get(..value.len() - cut).map(str::to_owned)
    }

    /// `value` with the first match (or all) replaced. `None` if that is too much work.
    pub(super) fn replace(&self, value: &str, by: &str, all: bool) -> Option<String> {
        let mut matcher = Matcher::new(self.0.iter())?;
        let mut out = String::new();
        let mut rest = value.chars();
        let mut after_match = false;
        loop {
            let found = matcher.prefixes(rest.clone())?;
            let len = found.map(|(_, longest)| longest).filter(|len| *len > 0 || !after_match);
            after_match = false;
            if let Some(len) = len {
                out.push_str(by);
                rest.by_ref().take(len).for_each(drop);
                if !all {
                    break;
                }
                // Like Go's regexp: an empty match right behind a match does not count.
                after_match = len > 0;
                if after_match {
                    continue;
                }
            }
            let Some(next) = rest.next() else { break };
            out.push(next);
        }
        out.push_str(rest.as_str());
        Some(out)
    }
}

/// Runs a pattern over values: a bit for each token says that it is the next to be matched.
struct Matcher {
    stars: u64,
    any: u64,
    chars: Vec<(char, u64)>,
    /// The bit behind the last token.
    end: u64,
    steps: usize,
}

impl Matcher {
    fn new<'p>(tokens: impl ExactSizeIterator<Item = &'p Token>) -> Option<Self> {
        if tokens.len() > MAX_TOKENS {
            return None;
        }
        let mut matcher = Self { stars: 0, any: 0, chars: Vec::new(), end: 1 << tokens.len(), steps: 0 };
        for (number, token) in tokens.enumerate() {
            let bit = 1 << number;
            match token {
                Token::Star => matcher.stars |= bit,
                Token::Any => matcher.any |= bit,
                Token::Char(c) => match matcher.chars.iter_mut().find(|(known, _)| known == c) {
                    Some((_, bits)) => *bits |= bit,
                    None => matcher.chars.push((*c, bit)),
                },
            }
        }
        Some(matcher)
    }

    /// The shortest and the longest prefix of `value` that matches, as numbers of characters. The outer `None` is
    /// for too much work.
    #[allow(clippy::option_option, reason = "whether it is known, and whether there is any")]
    fn prefixes(&mut self, value: impl Iterator<Item = char>) -> Option<Option<(usize, usize)>> {
        // A star may stand for nothing.
        let close = |states: u64| states | (states & self.stars) << 1;
        let mut states = close(1);
        let mut found = (states & self.end != 0).then_some((0, 0));
        for (at, c) in value.enumerate() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return None;
            }
            let same = self.chars.iter().find(|(known, _)| *known == c).map_or(0, |(_, bits)| *bits);
            states = close((states & (self.any | same)) << 1 | states & self.stars);
            if states & self.end != 0 {
                found = Some((found.map_or(at + 1, |f| f.0), at + 1));
            }
            if states & !self.end == 0 {
                break;
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matches_is_cut_or_replaced() {
        let pattern = |text: &str| Pattern::parse(text).unwrap();
        assert_eq!(pattern("*a").trim_prefix("bécada", true).as_deref(), Some(""));
        assert_eq!(pattern("*a").trim_prefix("bécadé", false).as_deref(), Some("dé"));
        assert_eq!(pattern("**a?").trim_suffix("baéaé", true).as_deref(), Some(""));
        assert_eq!(pattern("a*").trim_suffix("baéaé", false).as_deref(), Some("baé"));
        assert_eq!(pattern("").trim_suffix("b", true).as_deref(), Some("b"));
        assert_eq!(pattern("é").replace("aébéé", "-", true).as_deref(), Some("a-b--"));
        assert_eq!(pattern("é").replace("aébé", "-", false).as_deref(), Some("a-bé"));
        assert_eq!(pattern("").replace("ab", "-", true).as_deref(), Some("-a-b-"));
        assert_eq!(pattern("b*").replace("abc", "-", true).as_deref(), Some("a-"));
        assert_eq!(pattern("x").replace("", "-", true).as_deref(), Some(""));
    }

    #[test]
    fn work_is_bounded() {
        let pattern = Pattern::parse("*a*a*b").unwrap();
        assert_eq!(pattern.trim_prefix(&"a".repeat(60_000), true), None);
        assert_eq!(Pattern::parse("a*b").unwrap().replace(&"a".repeat(1000), "", true), None);
        assert_eq!(Pattern::parse(&"a".repeat(64)).unwrap().trim_prefix("a", true), None);
        assert!(Pattern::parse("b").unwrap().replace(&"ab".repeat(1000), "", true).is_some());
    }
}
