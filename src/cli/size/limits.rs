//! Limits that an image has to keep.

use crate::config::UnknownSizes;
use crate::diag::{format_bytes, parse_bytes};
use crate::report::CheckRow;

use super::super::args::SizeArgs;

/// A number of bytes, or a share of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::cli) enum Amount {
    Bytes(u64),
    /// 0 to 1.
    Share(f64),
}

/// Reads what [`parse_bytes`] reads, and `5%`.
pub(in crate::cli) fn amount(text: &str) -> Result<Amount, String> {
    if text.trim_end().ends_with('%') {
        share(text).map(Amount::Share)
    } else {
        limit(text).map(Amount::Bytes)
    }
}

/// Reads a number of bytes with its unit: `500MB`. Zero needs none.
pub(in crate::cli) fn limit(text: &str) -> Result<u64, String> {
    let bytes = parse_bytes(text)?;
    let bare = text.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if bare && bytes > 0 {
        return Err(format!(
            "{text} of what? Write a unit as well: {text}MB, {text}kB, or {text}B for bytes"
        ));
    }
    Ok(bytes)
}

/// Reads `0.95` and `95%`.
pub(in crate::cli) fn share(text: &str) -> Result<f64, String> {
    let (number, whole) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    let share = number.parse::<f64>().map(|n| n / whole).ok().filter(|s| (0.0..=1.0).contains(s));
    share.ok_or_else(|| "write a share from 0 to 1, or from 0% to 100%".to_owned())
}

/// What is known of an image.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) bytes: u64,
    /// How much of that is wasted.
    pub(super) wasted: u64,
    /// What is not known, for people, if there is anything: `3 of 6 layers cannot be estimated`.
    pub(super) unknown: Option<String>,
    /// What becomes of a limit then that the known part keeps.
    pub(super) then: UnknownSizes,
}

/// Compares an image with the limits that were given.
#[allow(clippy::cast_precision_loss, reason = "a share needs a few digits")]
pub(super) fn check(args: &SizeArgs, known: &Known) -> Vec<CheckRow> {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let Known { bytes, wasted, unknown, then } = known;
    let share = *wasted as f64 / (*bytes).max(1) as f64;
    let row = |option, limit: String, actual: String, kept: bool| CheckRow {
        option,
        limit,
        actual: match unknown {
            Some(unknown) => format!("at least {actual}; {unknown}"),
            None => actual,
        },
        is_sentence: false,
        passed: kept && (unknown.is_none() || *then == UnknownSizes::Pass),
        unknown: kept && unknown.is_some(),
    };
    let mut rows = Vec::new();
    if let Some(most) = args.max_size {
        rows.push(row("--max-size", format_bytes(most), format_bytes(*bytes), *bytes <= most));
    }
    if let Some(most) = args.max_wasted {
        let (limit, actual, kept) = match most {
            Amount::Bytes(most) => (format_bytes(most), format_bytes(*wasted), *wasted <= most),
            Amount::Share(most) => (percent(most), percent(share), share <= most),
        };
        rows.push(row("--max-wasted", limit, actual, kept));
    }
    if let Some(least) = args.min_efficiency {
        let kept = 1.0 - share >= least;
        let mut row = row("--min-efficiency", percent(least), percent(1.0 - share), kept);
        row.actual = row.actual.replace("at least ", "about ");
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(amount("5%"), Ok(Amount::Share(0.05)));
        assert_eq!(amount("20MB"), Ok(Amount::Bytes(20_000_000)));
        assert_eq!((share("0.95"), share("95 %")), (Ok(0.95), Ok(0.95)));
        assert_eq!((limit("0"), limit("100 B"), limit("1.5GB")), (Ok(0), Ok(100), Ok(1_500_000_000)));
        for text in ["100", "1.5", "x", ""] {
            assert!(limit(text).is_err(), "{text}");
        }
        for text in ["1.5", "101%", "-1%", "nan", "x"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
