use std::ops::Range;

use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind};
use crate::filepath::{clean, is_valid_pattern};
use crate::glob::Glob;

/// The longest line that BuildKit reads, in bytes, without the line's end.
pub const MAX_LINE_BYTES: usize = 65_535;

/// One pattern of an ignore file.
#[derive(Debug, Clone)]
pub struct Pattern {
    range: Range<usize>,
    line: u32,
    negated: bool,
    text: String,
    pub(crate) glob: Glob,
}

impl Pattern {
    fn new(text: &str, negated: bool, range: Range<usize>, line: u32, dialect: Dialect) -> Self {
        Self { range, line, negated, glob: Glob::compile(text, dialect), text: text.to_owned() }
    }

    /// The bytes of the line, without blanks around them, with the `!`; empty for
    /// [`IgnoreFile::from_patterns`].
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// True for `!pattern`, which brings back what earlier lines left out.
    #[must_use]
    pub const fn is_negated(&self) -> bool {
        self.negated
    }

    /// The pattern as BuildKit compares it: cleaned, without `!` and leading `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if the pattern makes no regular expression, so that the first comparison stops the build.
    #[must_use]
    pub const fn is_faulty(&self) -> bool {
        matches!(self.glob, Glob::Faulty)
    }

    /// True if the pattern can hit paths other than itself and what is below it.
    #[must_use]
    pub const fn has_wildcard(&self) -> bool {
        !matches!(self.glob, Glob::Exact)
    }

    /// True if it holds a wildcard other than a final `/*` or `/**`. If such a pattern is negated,
    /// BuildKit can skip no folder; the other builders skip them all the same.
    #[must_use]
    pub fn reaches_any_folder(&self) -> bool {
        self.fixed_part().contains(['*', '[', ']', '?', '^', '\\'])
    }

    /// The pattern without a final `/*` or `/**`.
    pub(crate) fn fixed_part(&self) -> &str {
        let text = self.text.as_str();
        let text = text.strip_suffix("/**").unwrap_or(text);
        text.strip_suffix("/*").unwrap_or(text)
    }

    /// Whether this pattern alone hits `path`, not minding its parents.
    #[must_use]
    pub fn hits(&self, path: &[u8]) -> bool {
        self.glob.matches(&self.text, path)
    }
}

/// An ignore file: its patterns in order, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    dialect: Dialect,
    patterns: Vec<Pattern>,
    errors: Vec<Error>,
}

impl IgnoreFile {
    /// The patterns that can be read, in order; those that [fail late](Error::is_late) are among them.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The faults, in order. BuildKit stops at the first.
    #[must_use]
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// The builder by whose rules it is read.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Reads the text of an ignore file as BuildKit does.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::parse_as(Dialect::BuildKit, text)
    }

    /// Reads the text of an ignore file as a builder does.
    ///
    /// ```
    /// use dockerignore::{Dialect, IgnoreFile, Matcher};
    ///
    /// let text = "*\n!**/*.js\n";
    /// let excluded = |dialect| Matcher::new(&IgnoreFile::parse_as(dialect, text)).is_excluded("src/a.js");
    /// assert!(!excluded(Dialect::BuildKit));
    /// // It does not open `src`, since the `!` line does not name it.
    /// assert!(excluded(Dialect::Buildah));
    /// ```
    #[must_use]
    pub fn parse_as(dialect: Dialect, text: &str) -> Self {
        let mut file = Self { dialect, ..Self::default() };
        let mut start = 0;
        for (number, raw) in (1u32..).zip(text.split('\n')) {
            file.line(text, start, raw, number);
            start += raw.len() + 1;
        }
        file
    }

    /// Takes patterns that come one by one, as those of `COPY --exclude` do: `#` and a leading `/` mean
    /// nothing special here. Ranges are empty, and "lines" count the patterns from 1.
    #[must_use]
    pub fn from_patterns<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Self {
        let mut file = Self::default();
        for (number, pattern) in (1u32..).zip(patterns) {
            file.pattern(pattern.as_ref(), 0..0, number);
        }
        file
    }

    fn line(&mut self, text: &str, start: usize, raw: &str, line: u32) {
        let range_of = |part: &str| {
            // The part is a slice of `text`; its place is where it starts in it.
            let at = part.as_ptr() as usize - text.as_ptr() as usize;
            at..at + part.len()
        };
        if self.dialect == Dialect::Buildah {
            // No line is too long, and a blank in front of `/` keeps that.
            if !raw.starts_with('#') {
                let trimmed = raw.trim_matches('/').trim();
                self.pattern(trimmed, range_of(trimmed), line);
            }
            return;
        }
        if raw.len() > MAX_LINE_BYTES {
            let kind = ErrorKind::LineTooLong { bytes: raw.len() };
            let range = start..start + raw.len();
            self.errors.push(Error { kind, range, line });
            return;
        }
        let raw = if line == 1 { raw.strip_prefix('\u{feff}').unwrap_or(raw) } else { raw };
        let trimmed = raw.trim();
        if raw.starts_with('#') || trimmed.is_empty() {
            return;
        }
        let (negated, rest) = match trimmed.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, trimmed),
        };
        let mut pattern = if rest.is_empty() { String::new() } else { clean(rest) };
        if pattern.len() > 1 && pattern.starts_with('/') {
            pattern.remove(0);
        }
        if negated {
            pattern.insert(0, '!');
        }
        self.pattern(&pattern, range_of(trimmed), line);
    }

    /// The second reading, which the matcher does: `!` counts again here, so that `/!a` is `!a`.
    fn pattern(&mut self, pattern: &str, range: Range<usize>, line: u32) {
        let trimmed = pattern.trim();
        if trimmed.is_empty() {
            return;
        }
        let cleaned = clean(trimmed);
        let again;
        let (negated, body) = match cleaned.strip_prefix('!') {
            Some("") => {
                self.errors.push(Error { kind: ErrorKind::IllegalExclusion, range, line });
                return;
            }
            Some(rest) if self.dialect == Dialect::Buildah => {
                again = clean(rest);
                (true, again.strip_prefix('/').unwrap_or(&again))
            }
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        if !is_valid_pattern(body.as_bytes()) {
            let kind = ErrorKind::Syntax { pattern: body.to_owned() };
            self.errors.push(Error { kind, range, line });
            return;
        }
        let parsed = Pattern::new(body, negated, range, line, self.dialect);
        if parsed.is_faulty() {
            let kind = ErrorKind::LateSyntax { pattern: body.to_owned() };
            self.errors.push(Error { kind, range: parsed.range(), line });
        }
        self.patterns.push(parsed);
    }
}
