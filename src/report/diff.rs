use std::io::{self, Write};

use super::Style;
use super::paint::{Ink, Paint};
use super::sanitize::sanitize;

/// Writes a difference (see `engine::diff`) for people: what cannot be seen is escaped but for tabs and
/// line ends, and what is not UTF-8 replaced, so `patch` may not read it.
///
/// # Errors
/// Those of `out`.
pub fn write_diff(out: &mut dyn Write, diff: &[u8], style: &Style) -> io::Result<()> {
    let paint = Paint { color: style.color };
    for line in String::from_utf8_lossy(diff).lines() {
        let line = line.trim_end_matches('\r');
        let clean = line.split('\t').map(sanitize).collect::<Vec<_>>().join("\t");
        let ink = match line.as_bytes() {
            [b'+', b'+', b'+', b' ', ..] | [b'-', b'-', b'-', b' ', ..] => Some(Ink::Bold),
            [b'@', ..] => Some(Ink::Info),
            [b'-', ..] => Some(Ink::Error),
            [b'+', ..] => Some(Ink::Good),
            _ => None,
        };
        match ink {
            Some(ink) => writeln!(out, "{}", paint.ink(ink, clean))?,
            None => writeln!(out, "{clean}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(diff: &[u8], color: bool) -> String {
        let mut out = Vec::new();
        write_diff(&mut out, diff, &Style { color, ..Style::default() }).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_in_a_difference_drives_the_terminal() {
        let diff = b"--- a\n+++ a\n@@ -1 +1 @@\n-RUN\ta\x1b[2J\xff\r\n+RUN b\xe2\x80\xae\n c\n";
        let plain = "--- a\n+++ a\n@@ -1 +1 @@\n-RUN\ta\\u{1b}[2J\u{fffd}\n+RUN b\\u{202e}\n c\n";
        assert_eq!(shown(diff, false), plain);
        assert!(shown(diff, true).contains("\u{1b}[32m+RUN b\\u{202e}\u{1b}[0m\n c\n"));
    }
}
