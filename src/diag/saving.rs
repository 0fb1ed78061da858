use std::fmt;

use serde::Serialize;

use super::format_bytes;

/// How a number of bytes is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum How {
    /// Counted in the real build context or image.
    Measured,
    /// From a dated table, or worked out.
    Estimated,
}

impl How {
    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
        }
    }
}

/// What resolving a finding saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Saving {
    /// Bytes of file contents, as likely as any.
    pub bytes: u64,
    /// The least and the most that it may be, where that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(u64, u64)>,
    /// How they are known.
    pub how: How,
    /// Where they come from: "build context", "Debian 12 package index, 2026-11".
    pub source: String,
    /// Which bytes of the image these are, where several findings of a file may speak of the same.
    #[serde(skip)]
    pub(crate) part: Option<Part>,
}

/// A part of an image, by the step that brings it. Of several savings in one part only the largest counts in a
/// sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The base image.
    Base,
    /// What a package manager installs.
    Packages(usize),
    /// What a COPY or ADD brings.
    Copied(usize),
}

impl Saving {
    /// Bytes that were counted.
    pub fn measured(bytes: u64, source: impl Into<String>) -> Self {
        Self { bytes, range: None, how: How::Measured, source: source.into(), part: None }
    }

    /// Bytes from a table, or worked out.
    pub fn estimated(bytes: u64, source: impl Into<String>) -> Self {
        Self { how: How::Estimated, ..Self::measured(bytes, source) }
    }

    /// Says how far off it may be.
    #[must_use]
    pub fn between(self, least: u64, most: u64) -> Self {
        Self { range: (least < most).then_some((least, most)), ..self }
    }

    /// Says which bytes of the image these are.
    #[must_use]
    pub(crate) fn of(self, part: Part) -> Self {
        Self { part: Some(part), ..self }
    }

    /// How much it is, for people: `88.1 MB`, `about 19.9 MB`, `510 MB to 800 MB`.
    #[must_use]
    pub fn amount(&self) -> String {
        match (self.range, self.how) {
            (Some((0, most)), _) => format!("up to {}", format_bytes(most)),
            (Some((least, most)), _) => format!("{} to {}", format_bytes(least), format_bytes(most)),
            (None, How::Measured) => format_bytes(self.bytes),
            (None, How::Estimated) => format!("about {}", format_bytes(self.bytes)),
        }
    }
}

impl fmt::Display for Saving {
    /// `about 19.9 MB (estimated, Debian 12 package lists, 2026-11)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.amount(), self.how.name(), self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::Saving;

    #[test]
    fn savings_say_how_sure_they_are() {
        let measured = Saving::measured(88_100_000, "build context");
        assert_eq!(measured.to_string(), "88.1 MB (measured, build context)");
        let estimated = Saving::estimated(665_000_000, "catalogue, 2026-09");
        assert_eq!(estimated.to_string(), "about 665 MB (estimated, catalogue, 2026-09)");
        let range = estimated.between(510_000_000, 800_000_000);
        assert_eq!(range.to_string(), "510 MB to 800 MB (estimated, catalogue, 2026-09)");
        assert_eq!(range.clone().between(0, 5).amount(), "up to 5 B");
        assert_eq!(range.between(5, 5).range, None);
    }
}
