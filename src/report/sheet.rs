//! What tables for people are made of.

use std::io::{self, Write};

use super::Style;
use super::paint::{Ink, Paint};
use super::sanitize::sanitize;

/// How wide a bar is, in columns, where there is room.
const BAR: usize = 20;

/// Where tables are written, and how.
pub(super) struct Sheet<'o> {
    pub(super) out: &'o mut dyn Write,
    pub(super) paint: Paint,
    /// How wide bars are.
    pub(super) bar: usize,
    unicode: bool,
}

impl<'o> Sheet<'o> {
    pub(super) fn new(out: &'o mut dyn Write, style: &Style) -> Self {
        let bar = if style.fit && style.width < 100 { BAR / 2 } else { BAR };
        Self { out, paint: Paint { color: style.color }, bar, unicode: style.unicode }
    }

    pub(super) fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint.ink(Ink::Bold, text))
    }

    pub(super) fn header(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {}", self.paint.ink(Ink::Dim, text))
    }

    /// `part` of `whole` as a bar, to an eighth of a column.
    pub(super) fn bar(&self, part: u64, whole: u64) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let width = self.bar;
        let steps = if self.unicode { 8 * width } else { width };
        let wide = u128::from(part) * steps as u128;
        // What is there shows, however small.
        let filled = wide.checked_div(u128::from(whole)).unwrap_or(0).max(u128::from(part > 0));
        let filled = usize::try_from(filled).unwrap_or(0).min(steps);
        let bar = if self.unicode {
            format!("{}{}", "█".repeat(filled / 8), EIGHTHS.get(filled % 8).copied().unwrap_or(""))
        } else {
            "#".repeat(filled)
        };
        format!("{bar:<width$}")
    }
}

/// One line that is safe to print, of at most `room` characters.
pub(super) fn clip(text: &str, room: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = sanitize(&text);
    if text.chars().count() <= room {
        return text.into_owned();
    }
    let mut clipped: String = text.chars().take(room.saturating_sub(1)).collect();
    clipped.push('…');
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::format_count;

    #[test]
    fn bars_show_what_is_there() {
        let mut out = Vec::new();
        let mut sheet = Sheet::new(&mut out, &Style::default());
        assert_eq!(sheet.bar(10, 10), "█".repeat(BAR));
        assert_eq!(sheet.bar(1, u64::MAX).trim_end(), "▏");
        assert_eq!(sheet.bar(0, 10), " ".repeat(BAR));
        assert_eq!(sheet.bar(0, 0), " ".repeat(BAR));
        assert_eq!(sheet.bar(1, 2).trim_end(), "█".repeat(BAR / 2));
        sheet.unicode = false;
        assert_eq!(sheet.bar(u64::MAX / 2, u64::MAX).trim_end(), "#".repeat(BAR / 2 - 1));
        assert_eq!([0, 999, 1000, 1_234_567].map(format_count), ["0", "999", "1,000", "1,234,567"]);
    }
}
