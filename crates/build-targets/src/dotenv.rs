//! The language of `.env` files, as Compose reads it.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::interpolate::{Fault, Interpolator};
use crate::problem::quoted;

/// The variables of a file, by name; of two with one name the last counts. Variables in values are those of
/// `environment` first, then those that are further up in the file.
///
/// # Errors
/// The first fault, for which Compose refuses the file.
pub fn parse(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, Fault> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, variables: BTreeMap::new(), environment };
    while reader.find_statement() {
        reader.statement()?;
    }
    Ok(reader.variables)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    variables: BTreeMap<String, String>,
    environment: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Reader<'a> {
    /// Skips blanks, empty lines and comments; whether anything is left.
    fn find_statement(&mut self) -> bool {
        loop {
            self.skip(char::is_whitespace);
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            self.skip(|c| c != '\n');
        }
    }

    fn statement(&mut self) -> Result<(), Fault> {
        let after_export =
            self.rest().strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
        if let Some(rest) = after_export {
            self.at = self.text.len() - rest.len();
            self.skip(is_blank);
        }
        let start = self.at;
        let rest = self.rest();
        let mut end = None;
        for (offset, c) in rest.char_indices() {
            match c {
                '=' | ':' | '\n' => {
                    end = Some((offset, c));
                    break;
                }
                _ if is_blank(c) || c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']') => {}
                _ => {
                    let line = rest.lines().next().unwrap_or_default();
                    let message = format!(
                        "{} cannot be in the name of a variable, in {}",
                        quoted(c.encode_utf8(&mut [0; 4])),
                        // What comes after `=` may be secret.
                        quoted(line.split(['=', ':']).next().unwrap_or_default())
                    );
                    return Err(Fault { at: start + offset..start + offset + c.len_utf8(), message });
                }
            }
        }
        let Some((length, separator)) = end else {
            // A last line with a name only: Compose takes it for a value without a name.
            self.at = self.text.len();
            return Ok(());
        };
        let name = rest[..length].trim_end();
        self.at += length + 1;
        self.skip(is_blank);
        if name.contains(' ') {
            let message =
                format!("the name of a variable cannot have a blank in it, as {} has", quoted(name));
            return Err(Fault { at: start..start + name.len(), message });
        }
        if separator == '\n' {
            if let Some(value) = (self.environment)(name) {
                self.variables.insert(name.to_owned(), value);
            }
            return Ok(());
        }
        let value = self.value()?;
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    fn value(&mut self) -> Result<String, Fault> {
        match self.rest().bytes().next() {
            Some(quote @ (b'"' | b'\'')) => self.in_quotes(quote),
            _ => {
                let start = self.at;
                let line = self.rest().split('\n').next().unwrap_or_default();
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let value = line.split(" #").next().unwrap_or_default().trim_end();
                self.expand(value, start..start + value.len())
            }
        }
    }

    fn in_quotes(&mut self, quote: u8) -> Result<String, Fault> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let mut value = Vec::new();
        let mut escaped = false;
        for (offset, byte) in bytes.iter().copied().enumerate().skip(1) {
            if byte != quote {
                if !escaped && byte == b'\\' {
                    escaped = true;
                    continue;
                }
                if std::mem::take(&mut escaped) {
                    value.push(b'\\');
                }
                value.push(byte);
            } else if std::mem::take(&mut escaped) {
                value.push(byte);
            } else {
                self.at += offset + 1;
                // Only whole ASCII characters were left out.
                let value = String::from_utf8_lossy(&value).into_owned();
                return match quote {
                    b'"' => self.expand(&unescape(&value), start..start + offset + 1),
                    _ => Ok(value),
                };
            }
        }
        Err(Fault { at: start..start + 1, message: "the quote that begins this value has no end".to_owned() })
    }

    /// Replaces the variables in a value. A fault of theirs is told where the value is.
    fn expand(&self, value: &str, at: Range<usize>) -> Result<String, Fault> {
        let lookup = |name: &str| (self.environment)(name).or_else(|| self.variables.get(name).cloned());
        match Interpolator::new(&lookup).interpolate(value) {
            Ok(Some(result)) if result.text.len() > LONGEST => {
                let message = format!("this value comes to more than {LONGEST} bytes with its variables");
                Err(Fault { at, message })
            }
            Ok(Some(result)) => Ok(result.text),
            Ok(None) => Ok(value.to_owned()),
            Err(fault) => Err(Fault { at, message: fault.message }),
        }
    }

    fn skip(&mut self, of: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !of(c)).unwrap_or(rest.len());
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// How long a value may become, in bytes: each line can double the one before it.
const LONGEST: usize = 1 << 20;

/// A blank that does not end the line.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// The escapes of a value in double quotes. `\$` becomes `$$`, which stands for a `$` when variables are replaced.
fn unescape(value: &str) -> String {
    let mut result = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let simple = match escape.bytes().next() {
            Some(b'a') => "\x07",
            Some(b'b') => "\x08",
            Some(b'f') => "\x0c",
            Some(b'n') => "\n",
            Some(b'r') => "\r",
            Some(b't') => "\t",
            Some(b'v') => "\x0b",
            Some(b'$') => "$$",
            Some(b'"') => "\"",
            Some(b'\\') => "\\",
            Some(b'0') => {
                let digits = escape[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
                let code = u8::from_str_radix(&escape[1..=digits], 8).ok().filter(|_| digits == 3);
                match code {
                    Some(code) => result.push(char::from(code)),
                    // Go wants three digits, and by then the `0` is gone.
                    None => {
                        result.push('\\');
                        result.push_str(&escape[1..=digits]);
                    }
                }
                rest = &escape[1 + digits..];
                continue;
            }
            _ => {
                result.push('\\');
                rest = escape;
                continue;
            }
        };
        result.push_str(simple);
        rest = &escape[1..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        (name == "SHELL_VAR").then(|| "shell".to_owned())
    }

    fn value(text: &str) -> String {
        parse(text, &environment).expect("valid").remove("A").unwrap_or_else(|| "(none)".to_owned())
    }

    #[test]
    fn values_are_read_as_compose_reads_them() {
        for (text, expected) in [
            ("A=1", "1"),
            ("export A=1\n", "1"),
            ("A: v w # c\n", "v w"),
            ("A = x  \n", "x"),
            ("A='$B \\n'\n", "$B \\n"),
            ("A=\"a\\tb\\\"c\\$d\\\\\"\n", "a\tb\"c$d\\"),
            ("A=\"\\0123\\012\"", "S\\12"),
            ("A=\"a\nb\" # c\nB=2\n", "a\nb"),
            ("A=a#b\n", "a#b"),
            ("A=#b\n", "#b"),
            ("B=x\nA=${B}y${C:-z}\n", "xyz"),
            ("SHELL_VAR=file\nA=$SHELL_VAR\n", "shell"),
            ("A=a$$b\n", "a$b"),
            ("A=\nB=1\n", ""),
            ("# c\n\n  A=1\r\n", "1"),
            ("A=1\nA=2\n", "2"),
            ("\u{feff}A=1", "1"),
            ("A\nB=1\n", "(none)"),
            ("A", "(none)"),
            ("A.b-c[0]=2\nA=1\n", "1"),
            ("B='x'A=1\n", "1"),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
        assert_eq!(parse("SHELL_VAR\n", &environment).expect("valid")["SHELL_VAR"], "shell");
    }

    #[test]
    fn faults_have_their_place() {
        for (text, at, message) in [
            ("A=1\nB!=2\n", 5, "`!` cannot be in the name of a variable, in `B!`"),
            ("A B=2\n", 0, "blank"),
            ("A=\"x\n", 2, "no end"),
            ("A=${\n", 2, "not a valid variable"),
        ] {
            let fault = parse(text, &environment).expect_err(text);
            assert_eq!(fault.at.start, at, "{text}");
            assert!(fault.message.contains(message), "{}", fault.message);
        }
    }

    #[test]
    fn doubling_line_by_line_is_bounded() {
        let mut text = "A0=xxxxxxxxxx\n".to_owned();
        for n in 1..40 {
            text += &format!("A{n}=$A{}$A{}\n", n - 1, n - 1);
        }
        assert!(parse(&text, &environment).expect_err("too long").message.contains("bytes"));
    }
}
