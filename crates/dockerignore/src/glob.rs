use crate::automaton::Automaton;
use crate::branching::{self, Parsed};
use crate::dialect::Dialect;
use crate::index::Edges;
use crate::regexp;

/// How a pattern is compared, as BuildKit's matcher sorts them.
#[derive(Debug, Clone)]
pub(crate) enum Glob {
    /// The path itself.
    Exact,
    /// The pattern ends with its only wildcard, `**`: a string prefix.
    Prefix,
    /// The pattern starts with its only wildcard, `**`: a string suffix.
    Suffix,
    /// All others go through Go's regexp.
    Regexp(Box<Automaton>),
    /// Go's regexp refuses it.
    Faulty,
}

impl Glob {
    /// A pattern as the builder compares it.
    pub(crate) fn compile(cleaned: &str, dialect: Dialect) -> Self {
        if dialect == Dialect::Buildah {
            return Self::of_buildah(cleaned);
        }
        let (kind, source) = translate(cleaned);
        match kind {
            Kind::Exact => Self::Exact,
            Kind::Prefix => Self::Prefix,
            Kind::Suffix => Self::Suffix,
            Kind::Regexp => regexp::parse(&source).map_or(Self::Faulty, |a| Self::Regexp(Box::new(a))),
        }
    }

    /// buildah knows no short cuts, and leaves to the regular expression what means something there.
    fn of_buildah(cleaned: &str) -> Self {
        if cleaned.contains(['+', '(', ')', '|', '{', '^']) {
            return match branching::parse(&raw(cleaned)) {
                Parsed::Automaton(automaton) => Self::Regexp(Box::new(automaton)),
                Parsed::Refused => Self::Faulty,
                Parsed::TooLong => Self::Exact,
            };
        }
        match translate(cleaned) {
            (Kind::Exact, _) if !cleaned.starts_with('\u{feff}') => Self::Exact,
            _ => regexp::parse(&raw(cleaned)).map_or(Self::Faulty, |a| Self::Regexp(Box::new(a))),
        }
    }

    pub(crate) fn matches(&self, cleaned: &str, path: &[u8]) -> bool {
        let pattern = cleaned.as_bytes();
        match self {
            Self::Exact => path == pattern,
            Self::Prefix => path.starts_with(before_stars(pattern)),
            Self::Suffix => {
                let suffix = behind_stars(pattern);
                // `**/foo` hits `foo` too.
                path.ends_with(suffix) || suffix.strip_prefix(b"/").is_some_and(|name| path == name)
            }
            Self::Regexp(automaton) => automaton.matches(path),
            Self::Faulty => false,
        }
    }

    pub(crate) fn edges(&self, cleaned: &str) -> Edges {
        let first = |text: &[u8]| text.first().copied().unwrap_or(0);
        let last = |text: &[u8]| text.last().copied().unwrap_or(0);
        match self {
            Self::Exact => Edges { start: first(cleaned.as_bytes()), end: last(cleaned.as_bytes()), name: 0 },
            Self::Prefix => Edges { start: first(before_stars(cleaned.as_bytes())), ..Edges::default() },
            Self::Suffix => Edges { end: last(behind_stars(cleaned.as_bytes())), ..Edges::default() },
            Self::Regexp(automaton) => Edges {
                start: first(automaton.prefix()),
                end: last(automaton.suffix()),
                name: automaton.name_start(),
            },
            Self::Faulty => Edges::default(),
        }
    }

    /// Pieces of text that every path holds which this hits.
    pub(crate) fn literals(&self, cleaned: &str) -> Vec<Vec<u8>> {
        let pattern = cleaned.as_bytes();
        match self {
            Self::Exact => vec![pattern.to_vec()],
            Self::Prefix => vec![before_stars(pattern).to_vec()],
            Self::Suffix => {
                let suffix = behind_stars(pattern);
                vec![suffix.strip_prefix(b"/").unwrap_or(suffix).to_vec()]
            }
            Self::Regexp(automaton) => automaton.literals(),
            Self::Faulty => Vec::new(),
        }
    }
}

fn before_stars(pattern: &[u8]) -> &[u8] {
    pattern.get(..pattern.len().saturating_sub(2)).unwrap_or_default()
}

fn behind_stars(pattern: &[u8]) -> &[u8] {
    pattern.get(2..).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Regexp,
}

/// Writes the regular expression that buildah writes, but for its end: `(/.*)?$` there, so that a hit on a folder is one
/// on all below it, which a walk hands down by itself.
fn raw(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    out.push('^');
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                out.push_str(if chars.peek().is_some() { "(.*/)?" } else { ".*" });
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '.' | '$' => out.extend(['\\', c]),
            '\\' => out.extend(['\\'].into_iter().chain(chars.next())),
            _ => out.push(c),
        }
    }
    out.push('$');
    out
}

/// Writes the regular expression that BuildKit writes. It is text on purpose: BuildKit does not know
/// that it is inside a class, so that `[*]` becomes `[[^/]*]` and means something else.
fn translate(pattern: &str) -> (Kind, String) {
    let mut out = String::with_capacity(pattern.len() + 8);
    out.push('^');
    let mut kind = Kind::Exact;
    // Go's text scanner drops a byte order mark at the start.
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_some() {
                    out.push_str("(.*/)?");
                    kind = Kind::Regexp;
                } else if kind == Kind::Exact {
                    kind = Kind::Prefix;
                } else {
                    out.push_str(".*");
                    kind = Kind::Regexp;
                }
                if first {
                    kind = Kind::Suffix;
                }
            }
            '*' => {
                out.push_str("[^/]*");
                kind = Kind::Regexp;
            }
            '?' => {
                out.push_str("[^/]");
                kind = Kind::Regexp;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => {
                out.push('\\');
                if let Some(next) = chars.next() {
                    out.push(next);
                    kind = Kind::Regexp;
                }
            }
            '[' | ']' => {
                out.push(c);
                kind = Kind::Regexp;
            }
            _ => out.push(c),
        }
        first = false;
    }
    out.push('$');
    (kind, out)
}
