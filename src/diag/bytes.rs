//! Numbers of bytes, as people write and read them.

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

/// A number and its noun.
///
/// # Examples
/// ```
/// # use dlint::internals::diag::counted;
/// assert_eq!(counted(1, "entry", "entries"), "1 entry");
/// assert_eq!(counted(1200, "entry", "entries"), "1,200 entries");
/// ```
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", format_count(number), if number == 1 { one } else { many })
}

/// A number with its digits in groups of three: `12,345`.
#[must_use]
pub fn format_count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Reads `500MB`, `1.5 GB`, `200MiB`, `1024`.
///
/// # Errors
/// Says what may be written.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 12] = [
        ("", 1.0),
        ("b", 1.0),
        ("k", 1e3),
        ("kb", 1e3),
        ("kib", 1024.0),
        ("m", 1e6),
        ("mb", 1e6),
        ("mib", 1_048_576.0),
        ("g", 1e9),
        ("gb", 1e9),
        ("gib", 1_073_741_824.0),
        ("tb", 1e12),
    ];
    let fail = || "write a number and a unit, such as 500MB, 1.5GB or 200MiB".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let unit = text[digits..].trim().to_ascii_lowercase();
    let number: f64 = text[..digits].parse().map_err(|_| fail())?;
    let factor = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(fail)?.1;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    Ok((number * factor).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn bytes_are_read() {
        for (text, want) in [
            ("0", 0),
            ("1024", 1024),
            ("500MB", 500_000_000),
            ("1.5 GB", 1_500_000_000),
            ("200MiB", 209_715_200),
            ("10m", 10_000_000),
        ] {
            assert_eq!(parse_bytes(text), Ok(want), "{text}");
        }
        for text in ["", "MB", "-1", "1XB", "1.2.3MB", "1e400MB", "٣MB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
