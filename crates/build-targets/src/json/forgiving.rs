//! JSON as editors read their settings: whatever is there, something is made of it. This is how the package
//! `jsonc-parser` 3 does it, fault by fault: a symbol that it does not know is passed over, a comma may be missing or
//! doubled, a brace may be missing at the end, and a member without a key in double quotes is skipped.

use std::ops::Range;

use crate::problem::Problem;
use crate::source::{FileId, Place};

use super::{Json, JsonKind, JsonText, MAX_DEPTH};

/// A value and what was passed over.
#[derive(Debug)]
pub(crate) struct Forgiven {
    /// The value; `None` if nothing could be read.
    pub value: Option<Json>,
    /// Each fault with its place, in order.
    pub faults: Vec<(Place, &'static str)>,
}

/// Reads what can be read.
///
/// # Errors
/// Only if arrays and objects are nested too deep.
pub(crate) fn parse(text: &str, file: FileId) -> Result<Forgiven, Problem> {
    let mut parser =
        Parser { text, file, at: 0, start: 0, token: Token::End, string: None, depth: 0, faults: Vec::new() };
    parser.next();
    let value = if parser.token == Token::End { None } else { parser.value()? };
    if value.is_none() {
        parser.fault("there is no value");
    } else if parser.token != Token::End {
        parser.fault("this follows the value and is not read");
    }
    Ok(Forgiven { value, faults: parser.faults })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    Null,
    True,
    False,
    Text,
    Number,
    End,
}

struct Parser<'a> {
    text: &'a str,
    file: FileId,
    /// After the token at hand.
    at: usize,
    /// Before the token at hand.
    start: usize,
    token: Token,
    /// The text of the token at hand, if it is one.
    string: Option<JsonText>,
    depth: usize,
    faults: Vec<(Place, &'static str)>,
}

impl Parser<'_> {
    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.file, range)
    }

    fn fault(&mut self, what: &'static str) {
        const MOST: usize = 100;
        if self.faults.len() < MOST {
            self.faults.push((self.place(self.start..self.at), what));
        }
    }

    /// Goes to the next token, over comments and what is none.
    fn next(&mut self) {
        loop {
            self.start = self.at;
            let rest = &self.text[self.at..];
            let Some(first) = rest.chars().next() else {
                self.token = Token::End;
                return;
            };
            let single = match first {
                '{' => Some(Token::OpenBrace),
                '}' => Some(Token::CloseBrace),
                '[' => Some(Token::OpenBracket),
                ']' => Some(Token::CloseBracket),
                ',' => Some(Token::Comma),
                ':' => Some(Token::Colon),
                _ => None,
            };
            if let Some(token) = single {
                self.at += 1;
                self.token = token;
                return;
            }
            match first {
                ' ' | '\t' | '\n' | '\r' => self.at += 1,
                '"' => {
                    self.string();
                    self.token = Token::Text;
                    return;
                }
                '/' if rest.starts_with("//") => {
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                }
                '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
                    Some(end) => self.at += end + 4,
                    None => {
                        self.at = self.text.len();
                        self.fault("this comment is never closed");
                    }
                },
                '-' | '0'..='9' if self.number() => {
                    self.token = Token::Number;
                    return;
                }
                _ => {
                    if self.word() {
                        return;
                    }
                    self.fault("this is not JSON");
                }
            }
        }
    }

    /// A word, or a sign alone; whether it is one that means something.
    fn word(&mut self) -> bool {
        if self.at > self.start {
            return false;
        }
        let rest = &self.text[self.start..];
        let ends = |c: char| " \t\n\r{}[]\":,/".contains(c);
        let length = rest.find(ends).filter(|length| *length > 0);
        let length = length.unwrap_or_else(|| if rest.starts_with('/') { 1 } else { rest.len() });
        self.at += length;
        self.token = match &rest[..length] {
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => return false,
        };
        true
    }

    /// A number; a minus that no digit follows is none, and is eaten.
    fn number(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let digits = |at: usize| at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if bytes[self.at] == b'-' {
            self.at += 1;
            if !digit(self.at) {
                return false;
            }
        }
        self.at = if bytes[self.at] == b'0' { self.at + 1 } else { digits(self.at) };
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if !digit(self.at) {
                self.fault("this number ends with its point");
                return true;
            }
            self.at = digits(self.at);
        }
        if matches!(bytes.get(self.at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(self.at + 1), Some(b'+' | b'-')));
            if digit(self.at + 1 + sign) {
                self.at = digits(self.at + 1 + sign);
            } else {
                self.at += 1 + sign;
                self.fault("this number ends with its exponent");
            }
        }
        true
    }

    fn string(&mut self) {
        let open = self.at;
        self.at += 1;
        let mut text = JsonText { text: String::new(), place: self.place(open..open), segments: Vec::new() };
        loop {
            let from = self.at;
            let rest = &self.text[from..];
            let end = from + rest.find(['"', '\\', '\n', '\r']).unwrap_or(rest.len());
            text.push(&self.text[from..end], from..end, true);
            self.at = end;
            match self.text.as_bytes().get(end) {
                Some(b'"') => {
                    self.at += 1;
                    break;
                }
                Some(b'\\') => self.escape(&mut text),
                _ => {
                    self.fault("this text is never closed with `\"`");
                    break;
                }
            }
        }
        text.place = self.place(open..self.at);
        self.string = Some(text);
    }

    fn escape(&mut self, text: &mut JsonText) {
        let start = self.at;
        let letter = self.text[start + 1..].chars().next();
        self.at += 1 + letter.map_or(0, char::len_utf8);
        let decoded = match letter {
            Some(same @ ('"' | '\\' | '/')) => Some(same),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => {
                let digits = self.text[self.at..].bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
                let hex = &self.text[self.at..self.at + digits];
                let code = u32::from_str_radix(hex, 16).ok().filter(|_| digits == 4);
                self.at += digits;
                code.map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => None,
        };
        match decoded {
            Some(decoded) => text.push(decoded.encode_utf8(&mut [0; 4]), start..self.at, false),
            None => self.fault("there is no such escape, and it is left out"),
        }
    }

    /// Notes a fault and goes on to one of these tokens.
    fn skip_to(&mut self, what: &'static str, tokens: [Token; 2]) {
        self.fault(what);
        while self.token != Token::End && !tokens.contains(&self.token) {
            self.next();
        }
    }

    /// The value at hand, if there is one.
    fn value(&mut self) -> Result<Option<Json>, Problem> {
        let start = self.start;
        let simple = |parser: &mut Self, kind| {
            let place = parser.place(parser.start..parser.at);
            parser.next();
            Ok(Some(Json { place, kind }))
        };
        match self.token {
            Token::OpenBrace => self.nested(start, Self::object).map(Some),
            Token::OpenBracket => self.nested(start, Self::array).map(Some),
            Token::Text => {
                let Some(text) = self.string.take() else { return Ok(None) };
                simple(self, JsonKind::Text(text))
            }
            Token::Number => {
                let number = self.text[self.start..self.at].to_owned();
                simple(self, JsonKind::Number(number))
            }
            Token::Null => simple(self, JsonKind::Null),
            Token::True => simple(self, JsonKind::Bool(true)),
            Token::False => simple(self, JsonKind::Bool(false)),
            _ => Ok(None),
        }
    }

    fn nested(
        &mut self,
        start: usize,
        read: fn(&mut Self) -> Result<JsonKind, Problem>,
    ) -> Result<Json, Problem> {
        if self.depth >= MAX_DEPTH {
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            return Err(Problem { place: Some(self.place(start..start + 1)), message });
        }
        self.depth += 1;
        self.next();
        let kind = read(self)?;
        self.depth -= 1;
        let end = self.at;
        self.next();
        Ok(Json { place: self.place(start..end), kind })
    }

    /// A comma, if one is at hand or should be.
    fn comma(&mut self, needed: bool) {
        if self.token == Token::Comma {
            if !needed {
                self.fault("nothing is before this comma");
            }
            self.next();
        } else if needed {
            self.fault("a comma is missing before this");
        }
    }

    fn object(&mut self) -> Result<JsonKind, Problem> {
        let mut members: Vec<(JsonText, Json)> = Vec::new();
        let mut needed = false;
        while !matches!(self.token, Token::CloseBrace | Token::End) {
            self.comma(needed);
            // A comma may be the last thing.
            if self.token != Token::CloseBrace || !needed {
                self.member(&mut members)?;
            }
            needed = true;
        }
        if self.token == Token::End {
            self.fault("`}` is missing");
        }
        Ok(JsonKind::Object(members))
    }

    fn member(&mut self, members: &mut Vec<(JsonText, Json)>) -> Result<(), Problem> {
        const ENDS: [Token; 2] = [Token::CloseBrace, Token::Comma];
        let (Token::Text, Some(key)) = (self.token, self.string.take()) else {
            self.skip_to(
                match self.token {
                    Token::Comma => "nothing is before this comma",
                    _ => "a key in double quotes is missing, and this member is skipped",
                },
                ENDS,
            );
            return Ok(());
        };
        self.next();
        if self.token != Token::Colon {
            self.skip_to("`:` is missing, and this member is skipped", ENDS);
            return Ok(());
        }
        self.next();
        match self.value()? {
            Some(value) => members.push((key, value)),
            None => self.skip_to("the value is missing, and this member is skipped", ENDS),
        }
        Ok(())
    }

    fn array(&mut self) -> Result<JsonKind, Problem> {
        const ENDS: [Token; 2] = [Token::CloseBracket, Token::Comma];
        let mut items = Vec::new();
        let mut needed = false;
        while !matches!(self.token, Token::CloseBracket | Token::End) {
            self.comma(needed);
            if self.token != Token::CloseBracket || !needed {
                match self.value()? {
                    Some(value) => items.push(value),
                    None => self.skip_to("a value is missing here", ENDS),
                }
            }
            needed = true;
        }
        if self.token == Token::End {
            self.fault("`]` is missing");
        }
        Ok(JsonKind::Array(items))
    }
}

#[cfg(test)]
mod tests {
    use crate::source::Sources;

    use super::*;

    fn plain(json: &Json, text: &mut String) {
        match &json.kind {
            JsonKind::Null => text.push_str("null"),
            JsonKind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            JsonKind::Number(number) => text.push_str(number),
            JsonKind::Text(value) => text.push_str(&value.text),
            JsonKind::Array(items) => {
                text.push('[');
                for item in items {
                    plain(item, text);
                    text.push(' ');
                }
                text.push(']');
            }
            JsonKind::Object(members) => {
                text.push('{');
                for (key, value) in members {
                    text.push_str(&key.text);
                    text.push('=');
                    plain(value, text);
                    text.push(' ');
                }
                text.push('}');
            }
        }
    }

    /// What is read, and how many faults are passed over.
    fn read(text: &str) -> (String, usize) {
        let file = Sources::default().add("x".into(), "".into()).unwrap();
        let forgiven = parse(text, file).unwrap();
        let mut shown = String::new();
        match &forgiven.value {
            Some(value) => plain(value, &mut shown),
            None => shown.push_str("nothing"),
        }
        (shown, forgiven.faults.len())
    }

    #[test]
    fn what_is_written_wrong_is_passed_over() {
        for (text, value, faults) in [
            ("// x\n{\"a\": 1, /* y */ \"b\": [true, null]}", "{a=1 b=[true null ] }", 0),
            ("# note\n{\"a\": 1}", "{a=1 }", 2),
            ("{\"a\": 1,}", "{a=1 }", 0),
            ("{\"a\": 1,, \"b\": 2}", "{a=1 b=2 }", 1),
            ("{\"a\": 1 \"b\": 2}", "{a=1 b=2 }", 1),
            ("{\"a\": 1", "{a=1 }", 1),
            ("\u{feff}{\"a\": 1}", "{a=1 }", 1),
            ("{a: 1, \"b\": 2}", "{b=2 }", 2),
            ("{'a': 1}", "{}", 2),
            ("{\"a\": }", "{}", 1),
            ("{\"a\"}", "{}", 1),
            ("{\"a\": 'x'}", "{}", 2),
            ("[1 2]", "[1 2 ]", 1),
            ("\"a\\u0041\\n\\x\"", "aA\n", 1),
            ("{\"a\": \"x\n}", "{a=x }", 1),
            ("", "nothing", 1),
            ("{} {}", "{}", 1),
            ("{\"a\": -x, \"b\": 1.}", "{b=1. }", 4),
        ] {
            assert_eq!(read(text), (value.to_owned(), faults), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_much_is_read() {
        let file = Sources::default().add("x".into(), "".into()).unwrap();
        assert!(parse(&"[".repeat(100_000), file).unwrap_err().message.contains("nested more than"));
        assert!(parse(&"{\"a\":".repeat(100_000), file).is_err());
        assert_eq!(parse(&",".repeat(100_000), file).unwrap().faults.len(), 1);
        assert_eq!(parse(&format!("[{}", ",".repeat(100_000)), file).unwrap().faults.len(), 100);
    }
}
