//! The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/word}`: `*` and `?` only.

/// One token of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Star,
    Any,
    Char(char),
}

/// A parsed pattern.
pub(super) struct Pattern(Vec<Token>);

/// Longest value times pattern that is matched; above it the result counts as unknown.
const MAX_WORK: usize = 4 << 20;

impl Pattern {
    /// Reads a pattern; `None` for an escape that BuildKit refuses.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
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

    /// The shortest and the longest prefix of `value` that matches, as numbers of characters.
    fn prefixes<'a>(&self, value: impl Iterator<Item = &'a char>, reverse: bool) -> Option<(usize, usize)> {
        let n = self.0.len();
        let token = |i: usize| if reverse { self.0[n - 1 - i] } else { self.0[i] };
        let mut states = vec![false; n + 1];
        let close = |states: &mut Vec<bool>| {
            for i in 0..n {
                if states[i] && token(i) == Token::Star {
                    states[i + 1] = true;
                }
            }
        };
        states[0] = true;
        close(&mut states);
        let mut found = states[n].then_some((0, 0));
        for (at, c) in value.enumerate() {
            let mut next = vec![false; n + 1];
            for i in 0..n {
                if states[i] {
                    match token(i) {
                        Token::Star => next[i] = true,
                        Token::Any => next[i + 1] = true,
                        Token::Char(x) if x == *c => next[i + 1] = true,
                        Token::Char(_) => {}
                    }
                }
            }
            close(&mut next);
            states = next;
            if states[n] {
                found = Some((found.map_or(at + 1, |f| f.0), at + 1));
            }
            if !states.contains(&true) {
                break;
            }
        }
        found
    }

    /// `value` without the prefix that matches. `None` if that is too much work.
    pub(super) fn trim_prefix(&self, value: &str, longest: bool) -> Option<String> {
        let chars: Vec<char> = value.chars().collect();
        if chars.len().saturating_mul(self.0.len()) > MAX_WORK {
            return None;
        }
        let cut = self.prefixes(chars.iter(), false).map_or(0, |(s, l)| if longest { l } else { s });
        Some(chars[cut..].iter().collect())
    }

    /// `value` without the suffix that matches. `None` if that is too much work.
    pub(super) fn trim_suffix(&self, value: &str, longest: bool) -> Option<String> {
        let chars: Vec<char> = value.chars().collect();
        if chars.len().saturating_mul(self.0.len()) > MAX_WORK {
            return None;
        }
        let cut = self.prefixes(chars.iter().rev(), true).map_or(0, |(s, l)| if longest { l } else { s });
        Some(chars[..chars.len() - cut].iter().collect())
    }

    /// `value` with the first match (or all) replaced. `None` if that is too much work.
    pub(super) fn replace(&self, value: &str, by: &str, all: bool) -> Option<String> {
        let chars: Vec<char> = value.chars().collect();
        let work = chars.len().saturating_mul(chars.len()).saturating_mul(self.0.len().max(1));
        if work > MAX_WORK {
            return None;
        }
        let mut out = String::new();
        let mut at = 0;
        let mut after_match = false;
        while at <= chars.len() {
            match self.prefixes(chars[at..].iter(), false) {
                // Like Go's regexp: an empty match right behind a match does not count.
                Some((_, len)) if len > 0 || !after_match => {
                    out.push_str(by);
                    at += len;
                    if !all {
                        break;
                    }
                    after_match = true;
                    if len == 0 {
                        out.extend(chars.get(at));
                        at += 1;
                        after_match = false;
                    }
                }
                _ => {
                    out.extend(chars.get(at));
                    at += 1;
                    after_match = false;
                }
            }
        }
        out.extend(chars.get(at..).unwrap_or_default());
        Some(out)
    }
}
