use globset::{GlobBuilder, GlobMatcher};

use crate::text::toml::{At, Fault};

/// Longer globs are refused: what matches them takes memory.
const MAX_BYTES: usize = 1000;

/// Some globs, one of which must match, and some of which none may match.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    any: Vec<Pattern>,
    none: Vec<Pattern>,
}

#[derive(Debug, Clone)]
enum Pattern {
    Literal(String),
    Glob(GlobMatcher),
}

impl Pattern {
    fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("this glob is longer than {MAX_BYTES} bytes"));
        }
        if !text.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self::Literal(text.to_owned()));
        }
        match GlobBuilder::new(text).backslash_escape(true).build() {
            Ok(glob) => Ok(Self::Glob(glob.compile_matcher())),
            Err(error) => Err(format!("this is not a valid glob: {}", error.kind())),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == text,
            Self::Glob(glob) => glob.is_match(text),
        }
    }
}

impl Patterns {
    /// Reads globs; what is wrong with one goes to `faults`.
    pub(super) fn read(words: Vec<At<String>>, faults: &mut Vec<Fault>) -> Self {
        let mut patterns = Self::default();
        for word in words {
            let (text, list) = match word.value.strip_prefix('!') {
                Some(text) => (text, &mut patterns.none),
                None => (&*word.value, &mut patterns.any),
            };
            match Pattern::read(text) {
                Ok(pattern) => list.push(pattern),
                Err(message) => faults.push(Fault::new(word.span, message)),
            }
        }
        patterns
    }

    /// True if the text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.match_any(&[text])
    }

    /// The same for something that goes by several names.
    pub(super) fn match_any(&self, names: &[&str]) -> bool {
        let matches = |pattern: &Pattern| names.iter().any(|name| pattern.matches(name));
        (self.any.is_empty() || self.any.iter().any(matches)) && !self.none.iter().any(matches)
    }

    /// The texts that can match, if they are few: what stands for itself.
    pub(super) fn literals(&self) -> Option<Vec<&str>> {
        if self.any.is_empty() {
            return None;
        }
        self.any
            .iter()
            .map(|pattern| match pattern {
                Pattern::Literal(literal) => Some(literal.as_str()),
                Pattern::Glob(_) => None,
            })
            .collect()
    }
}
