use crate::text::Span;

use super::clean::clean;
use super::error::{IgnoreError, IgnoreErrorKind};
use super::glob::Glob;
use super::pathmatch::valid_path_pattern;

/// The longest line that BuildKit reads, in bytes, without the line's end.
pub const MAX_LINE_BYTES: usize = 65_535;

/// One pattern of an ignore file.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The bytes of the line, without blanks around them, with the `!`.
    pub span: Span,
    /// The line, from 1.
    pub line: u32,
    /// True for `!pattern`, which brings back what earlier lines left out.
    pub negated: bool,
    /// The pattern as BuildKit compares it: cleaned, without `!` and leading `/`.
    pub cleaned: String,
    pub(super) glob: Glob,
}

impl Pattern {
    fn new(cleaned: &str, negated: bool, span: Span, line: u32) -> Self {
        Self { span, line, negated, glob: Glob::compile(cleaned), cleaned: cleaned.to_owned() }
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
    /// BuildKit can skip no folder.
    #[must_use]
    pub fn reaches_any_folder(&self) -> bool {
        self.fixed_part().contains(['*', '[', ']', '?', '^', '\\'])
    }

    /// The pattern without a final `/*` or `/**`.
    pub(super) fn fixed_part(&self) -> &str {
        let text = self.cleaned.as_str();
        let text = text.strip_suffix("/**").unwrap_or(text);
        text.strip_suffix("/*").unwrap_or(text)
    }

    /// Whether this pattern alone hits `path`, not minding its parents.
    #[must_use]
    pub fn hits(&self, path: &[u8]) -> bool {
        self.glob.matches(&self.cleaned, path)
    }
}

/// An ignore file: its patterns in order, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    /// The patterns that can be read, in order; those that fail late are among them.
    pub patterns: Vec<Pattern>,
    /// The faults, in order. BuildKit stops at the first.
    pub errors: Vec<IgnoreError>,
}

impl IgnoreFile {
    /// Reads the text of an ignore file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        let mut start = 0;
        for (number, raw) in (1u32..).zip(text.split('\n')) {
            file.line(text, start, raw, number);
            start += raw.len() + 1;
        }
        file
    }

    /// Takes patterns that come one by one, as those of `COPY --exclude` do: `#` and a leading `/` mean
    /// nothing special here. Spans are empty, and "lines" count the patterns from 1.
    #[must_use]
    pub fn from_patterns<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Self {
        let mut file = Self::default();
        for (number, pattern) in (1u32..).zip(patterns) {
            file.pattern(pattern.as_ref(), Span::at(0), number);
        }
        file
    }

    fn line(&mut self, text: &str, start: usize, raw: &str, line: u32) {
        let span_of = |part: &str| {
            // The part is a slice of `text`; its place is where it starts in it.
            let at = part.as_ptr() as usize - text.as_ptr() as usize;
            Span::of(at..at + part.len())
        };
        if raw.len() > MAX_LINE_BYTES {
            let kind = IgnoreErrorKind::LineTooLong { bytes: raw.len() };
            let span = Span::of(start..start + raw.len());
            self.errors.push(IgnoreError { kind, span, line });
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
        self.pattern(&pattern, span_of(trimmed), line);
    }

    /// The second reading, which the matcher does: `!` counts again here, so that `/!a` is `!a`.
    fn pattern(&mut self, pattern: &str, span: Span, line: u32) {
        let trimmed = pattern.trim();
        if trimmed.is_empty() {
            return;
        }
        let cleaned = clean(trimmed);
        let (negated, body) = match cleaned.strip_prefix('!') {
            Some("") => {
                self.errors.push(IgnoreError { kind: IgnoreErrorKind::IllegalExclusion, span, line });
                return;
            }
            Some(rest) => (true, rest),
            None => (false, cleaned.as_str()),
        };
        if !valid_path_pattern(body.as_bytes()) {
            let kind = IgnoreErrorKind::Syntax { pattern: body.to_owned() };
            self.errors.push(IgnoreError { kind, span, line });
            return;
        }
        let parsed = Pattern::new(body, negated, span, line);
        if parsed.is_faulty() {
            let kind = IgnoreErrorKind::LateSyntax { pattern: body.to_owned() };
            self.errors.push(IgnoreError { kind, span, line });
        }
        self.patterns.push(parsed);
    }
}
