//! Limits that an image has to keep.

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
        parse_bytes(text).map(Amount::Bytes)
    }
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

/// Compares an image of so many bytes, of which so many are wasted, with the limits that were given. `more`
/// if it has bytes that are not known.
#[allow(clippy::cast_precision_loss, reason = "a share needs a few digits")]
pub(super) fn check(args: &SizeArgs, bytes: u64, wasted: u64, more: bool) -> Vec<CheckRow> {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let share = wasted as f64 / bytes.max(1) as f64;
    let mut rows = Vec::new();
    if let Some(most) = args.max_size {
        rows.push(CheckRow {
            option: "--max-size",
            limit: format_bytes(most),
            actual: format_bytes(bytes) + if more { " and what is unknown" } else { "" },
            passed: bytes <= most,
        });
    }
    if let Some(most) = args.max_wasted {
        let (limit, actual, passed) = match most {
            Amount::Bytes(most) => (format_bytes(most), format_bytes(wasted), wasted <= most),
            Amount::Share(most) => (percent(most), percent(share), share <= most),
        };
        rows.push(CheckRow { option: "--max-wasted", limit, actual, passed });
    }
    if let Some(least) = args.min_efficiency {
        let passed = 1.0 - share >= least;
        rows.push(CheckRow {
            option: "--min-efficiency",
            limit: percent(least),
            actual: percent(1.0 - share),
            passed,
        });
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
        for text in ["1.5", "101%", "-1%", "nan", "x"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
