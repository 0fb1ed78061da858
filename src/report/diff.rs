use std::borrow::Cow;
use std::io::{self, Write};

use super::Style;
use super::paint::{Ink, Paint};
use super::sanitize::{sanitize, without_commands};

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
        let clean = if style.log { without_commands(&clean).into_owned() } else { clean };
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

/// The same, but with `raw` the bytes that `patch` reads, in which only what a build service would take for a command is
/// escaped.
///
/// # Errors
/// Those of `out`.
pub fn write_patch(out: &mut dyn Write, diff: &[u8], raw: bool, style: &Style) -> io::Result<()> {
    if !raw || style.color {
        return write_diff(out, diff, style);
    }
    if !style.log {
        return out.write_all(diff);
    }
    // Readers of logs take a lone carriage return for the end of a line.
    for line in diff.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
        let text = String::from_utf8_lossy(line);
        match without_commands(&text) {
            Cow::Borrowed(_) => out.write_all(line)?,
            Cow::Owned(escaped) => out.write_all(escaped.as_bytes())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_in_a_log_holds_no_commands() {
        let diff = b"@@ -1,3 +1,3 @@\n \xff\n ::error::a\n-b\r::error::b\n+##vso[c]\n";
        let written = |style: Style| {
            let mut out = Vec::new();
            write_patch(&mut out, diff, true, &style).unwrap();
            out
        };
        assert_eq!(written(Style::default()), diff);
        let want = b"@@ -1,3 +1,3 @@\n \xff\n \\u{3a}:error::a\n-b\r\\u{3a}:error::b\n+#\\u{23}vso[c]\n";
        assert_eq!(written(Style { log: true, ..Style::default() }), want);
        let colored = written(Style { log: true, color: true, ..Style::default() });
        assert!(String::from_utf8(colored).unwrap().contains("\n \\u{3a}:error::a\n"));
    }

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
