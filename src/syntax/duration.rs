//! Durations as Go's `time.ParseDuration` reads them.

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DurationFault<'a> {
    /// A number is missing, or is none.
    Number,
    /// No unit stands behind the last number.
    NoUnit,
    /// This is no unit.
    Unit(&'a str),
}

/// The names of the units, and how many nanoseconds each has.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// The duration in nanoseconds.
pub(super) fn nanoseconds(text: &str) -> Result<f64, DurationFault<'_>> {
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0.0);
    }
    if rest.is_empty() {
        return Err(DurationFault::Number);
    }
    let mut sum = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| DurationFault::Number)?;
        let (unit, next) =
            behind.split_at(behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len()));
        if unit.is_empty() {
            return Err(DurationFault::NoUnit);
        }
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, factor) = known.ok_or(DurationFault::Unit(unit))?;
        sum += number * factor;
        rest = next;
    }
    // What an i64 of nanoseconds does not hold.
    if sum >= 9_223_372_036_854_775_808.0 {
        return Err(DurationFault::Number);
    }
    Ok(if text.starts_with('-') { -sum } else { sum }.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_follow_go() {
        for (text, want) in [
            ("0", 0.0),
            ("-0", 0.0),
            ("0s", 0.0),
            ("1m30s", 90e9),
            (".5s", 5e8),
            ("5.s", 5e9),
            ("-1h", -3600e9),
            ("+1µs", 1e3),
            ("0.1ns", 0.0),
        ] {
            assert_eq!(nanoseconds(text), Ok(want), "{text}");
        }
        for (text, want) in [
            ("", DurationFault::Number),
            ("-", DurationFault::Number),
            ("a1s", DurationFault::Number),
            ("--5s", DurationFault::Number),
            ("5..5s", DurationFault::Number),
            (".s", DurationFault::Number),
            ("10", DurationFault::NoUnit),
            ("5s5", DurationFault::NoUnit),
            ("1x1s", DurationFault::Unit("x")),
            ("5-5s", DurationFault::Unit("-")),
            ("1d", DurationFault::Unit("d")),
            ("9999999999h", DurationFault::Number),
        ] {
            assert_eq!(nanoseconds(text), Err(want), "{text}");
        }
    }
}
