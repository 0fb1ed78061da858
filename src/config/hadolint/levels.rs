use std::str::FromStr;

use crate::diag::Severity;
use crate::knowledge::Level;

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warning, Self::Info, Self::Style, Self::Ignore];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Style => "style",
            Self::Ignore => "ignore",
        }
    }

    /// dlint's severity for it; none if it is off.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info | Self::Style => Some(Severity::Info),
            Self::Ignore => None,
        }
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(s));
        // To hadolint, `none` is another word for it.
        known.or_else(|| s.eq_ignore_ascii_case("none").then_some(Self::Ignore)).ok_or_else(|| {
            let shown: String = s.chars().take(60).collect();
            format!("`{shown}` is not a valid level: use one of error, warning, info, style, ignore")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{hadolint_level, hadolint_levels};

    #[test]
    fn the_table_is_read() {
        assert_eq!(hadolint_levels().len(), 72);
        assert_eq!(hadolint_level("DL3048"), Some(Level::Style));
    }

    #[test]
    fn levels_have_names() {
        for level in Level::ALL {
            assert_eq!(level.name().parse(), Ok(level));
        }
        assert_eq!("NONE".parse(), Ok(Level::Ignore));
        assert!("warn".parse::<Level>().is_err());
    }
}
