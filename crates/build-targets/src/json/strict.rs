//! JSON to the letter of its standard.

use std::ops::Range;

use crate::problem::Problem;
use crate::source::{FileId, Place};

use super::{Json, JsonKind, JsonText, MAX_DEPTH};

/// Reads a file that holds one value.
pub(crate) fn parse(text: &str, file: FileId) -> Result<Json, Problem> {
    let mut scanner = Scanner { text, file, at: 0, depth: 0 };
    let value = scanner.value()?;
    scanner.skip();
    if scanner.at < text.len() {
        return Err(scanner.unexpected("nothing after the value"));
    }
    Ok(value)
}

/// Reads a text from left to right.
struct Scanner<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    depth: usize,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.file, range)
    }

    fn problem(&self, range: Range<usize>, message: impl Into<String>) -> Problem {
        Problem { place: Some(self.place(range)), message: message.into() }
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let next = self.rest().chars().next();
        let found = match next {
            None => "the end".to_owned(),
            Some(c) if c.is_control() => "a control character".to_owned(),
            Some(c) => format!("`{c}`"),
        };
        let end = self.at + next.map_or(0, char::len_utf8);
        self.problem(self.at..end, format!("this is not valid JSON: expected {expected}, found {found}"))
    }

    fn skip(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn value(&mut self) -> Result<Json, Problem> {
        self.skip();
        let start = self.at;
        let kind = match self.rest().bytes().next() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => JsonKind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ if self.eat("true") => JsonKind::Bool(true),
            _ if self.eat("false") => JsonKind::Bool(false),
            _ if self.eat("null") => JsonKind::Null,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Json { place: self.place(start..self.at), kind })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<JsonKind, Problem>) -> Result<JsonKind, Problem> {
        if self.depth >= MAX_DEPTH {
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            return Err(self.problem(self.at..self.at + 1, message));
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn array(&mut self) -> Result<JsonKind, Problem> {
        let mut items = Vec::new();
        self.skip();
        if self.eat("]") {
            return Ok(JsonKind::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip();
            if self.eat("]") {
                return Ok(JsonKind::Array(items));
            }
            if !self.eat(",") {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<JsonKind, Problem> {
        let mut items = Vec::new();
        self.skip();
        if self.eat("}") {
            return Ok(JsonKind::Object(items));
        }
        loop {
            self.skip();
            if !self.rest().starts_with('"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            self.skip();
            if !self.eat(":") {
                return Err(self.unexpected("`:`"));
            }
            items.push((key, self.value()?));
            self.skip();
            if self.eat("}") {
                return Ok(JsonKind::Object(items));
            }
            if !self.eat(",") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn number(&mut self) -> Result<JsonKind, Problem> {
        let start = self.at;
        let end = self.rest().find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        self.at = end.map_or(self.text.len(), |end| start + end);
        let text = &self.text[start..self.at];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leading_zero =
            digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
        let dot = digits.starts_with('.') || digits.ends_with('.') || digits.contains(".e");
        if leading_zero || dot || digits.starts_with('+') || text.parse::<f64>().is_err() {
            return Err(self.problem(start..self.at, "this is not a number of JSON"));
        }
        Ok(JsonKind::Number(text.to_owned()))
    }

    /// A text in quotes, which is next.
    fn string(&mut self) -> Result<JsonText, Problem> {
        let start = self.at;
        self.at += 1;
        let mut text =
            JsonText { text: String::new(), place: self.place(start..start), segments: Vec::new() };
        loop {
            let from = self.at;
            let end = self.rest().find(|c: char| c == '"' || c == '\\' || c < ' ');
            let Some(end) = end.map(|end| from + end) else {
                return Err(self.problem(start..start + 1, "this text is never closed with `\"`"));
            };
            text.push(&self.text[from..end], from..end, true);
            self.at = end;
            match self.text.as_bytes()[end] {
                b'"' => {
                    self.at += 1;
                    text.place = self.place(start..self.at);
                    return Ok(text);
                }
                b'\\' => {
                    let decoded = self.escape()?;
                    text.push(decoded.encode_utf8(&mut [0; 4]), end..self.at, false);
                }
                _ => {
                    return Err(self
                        .problem(end..end + 1, "a text in quotes cannot hold a line break or tab as such"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 2;
        let decoded = match self.text.as_bytes().get(start + 1) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'u') => match self.code_unit() {
                Some(high @ 0xd800..=0xdbff) if self.eat("\\u") => {
                    let low = self.code_unit().filter(|low| (0xdc00..=0xdfff).contains(low));
                    let code = low.map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                    code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                Some(unit) => char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                None => return Err(self.problem(start..start + 2, "`\\u` needs four hexadecimal digits")),
            },
            _ => return Err(self.problem(start..start + 1, "there is no such escape in JSON")),
        };
        Ok(decoded)
    }

    /// Four hexadecimal digits, which are eaten if they are there.
    fn code_unit(&mut self) -> Option<u32> {
        let hex = self.rest().get(..4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let unit = u32::from_str_radix(hex, 16).ok();
        self.at += 4;
        unit
    }
}
