//! Numbers: exact as long as they are whole.

use std::cmp::Ordering;
use std::fmt;

/// A number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Whole(i128),
    /// Never whole, infinite or not a number.
    Real(f64),
}

/// Up to here, a whole float is made a whole number.
const LARGEST_WHOLE: f64 = 1e36;

impl Number {
    /// Reads a decimal number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(whole) = text.strip_prefix('+').unwrap_or(text).parse::<i128>() {
            return Some(Self::Whole(whole));
        }
        let allowed = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        if !text.chars().all(allowed) {
            return None;
        }
        text.parse().ok().and_then(Self::from_real)
    }

    pub(crate) fn from_real(real: f64) -> Option<Self> {
        if !real.is_finite() {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and well within the bounds")]
        if real.fract() == 0.0 && real.abs() < LARGEST_WHOLE {
            return Some(Self::Whole(real as i128));
        }
        Some(Self::Real(real))
    }

    #[expect(clippy::cast_precision_loss, reason = "what is not exact is rounded, as everywhere with floats")]
    pub(crate) fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }

    pub(crate) fn whole(self) -> Option<i128> {
        match self {
            Self::Whole(whole) => Some(whole),
            Self::Real(_) => None,
        }
    }

    /// The result of an operation: exactly, if it can be had, else by floats, where the last digits are noise.
    pub(crate) fn combine(
        self,
        other: Self,
        exact: impl Fn(i128, i128) -> Option<i128>,
        rounded: impl Fn(f64, f64) -> f64,
    ) -> Option<Self> {
        if let (Self::Whole(a), Self::Whole(b)) = (self, other)
            && let Some(result) = exact(a, b)
        {
            return Some(Self::Whole(result));
        }
        let result = rounded(self.real(), other.real());
        Self::from_real(format!("{result:.14e}").parse().ok()?)
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            _ => self.real().total_cmp(&other.real()),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Ordering::Equal
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            Self::Real(real) => real.fmt(f),
        }
    }
}
