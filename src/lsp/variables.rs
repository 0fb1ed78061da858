//! Where a text uses variables: `$name` and `${name…}`, as BuildKit and a shell read them.

use std::ops::Range;

/// What quotes are in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Nothing is expanded between single ones.
    Count,
    /// They are letters like others, as in the lines of a here-document.
    Letters,
}

/// The names of the variables that `text` uses, in order.
pub(super) fn uses(text: &str, escape: char, quotes: Quotes) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let escape = u8::try_from(escape).unwrap_or(b'\\');
    let (mut uses, mut at) = (Vec::new(), 0);
    let (mut single, mut double) = (false, false);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\'' if quotes == Quotes::Count && !double => single = !single,
            b'"' if quotes == Quotes::Count && !single => double = !double,
            _ if single => {}
            byte if *byte == escape => at += 1,
            b'$' => {
                let start = if bytes.get(at) == Some(&b'{') { at + 1 } else { at };
                let name = name_at(text, start);
                if !name.is_empty() {
                    at = name.end;
                    uses.push(name);
                }
            }
            _ => {}
        }
    }
    uses
}

/// The name that starts at a byte.
fn name_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let len = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).unwrap_or(rest.len());
    // `$1` is what a script was called with.
    let digit = rest.first().is_some_and(u8::is_ascii_digit);
    start..start + if digit { 0 } else { len }
}

/// True for what a variable can be called.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_at(text, 0).len() == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_where_they_are_expanded() {
        for (text, quotes, want) in [
            ("$a ${b} ${c:-$d}$e:x $1 $ ${} $$f", Quotes::Count, "a b c d e f"),
            ("\\$a '$b' \"'$c'\" \"\\$d\" é$e_1", Quotes::Count, "c e_1"),
            ("it's $a 'x", Quotes::Letters, "a"),
            ("it's $a 'x $b", Quotes::Count, "b"),
            ("$", Quotes::Count, ""),
            ("\\", Quotes::Count, ""),
        ] {
            let found = uses(text, '\\', quotes);
            let names: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
            assert_eq!(names.join(" "), want, "{text}");
        }
        assert!(is_name("_a1") && !is_name("1a") && !is_name("") && !is_name("a-b"));
    }
}
