use serde::Serialize;

/// How a number of bytes is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
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
pub struct Saving {
    /// Bytes of file contents.
    pub bytes: u64,
    /// How they are known.
    pub how: How,
    /// Where they come from: "build context", "Debian 12 package index, 2026-11".
    pub source: String,
}

/// Bytes for people, in powers of 1000: `982 B`, `19.9 MB`, `1.12 GB`. Three significant digits.
#[must_use]
pub fn format_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::format_bytes;

    #[test]
    fn bytes_are_readable() {
        for (bytes, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (19_900_000, "19.9 MB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (1_120_000_000, "1.12 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(format_bytes(bytes), want);
        }
    }
}
