//! Expressions.

use std::ops::Range;

use crate::problem::Problem;

use super::input::Input;
use super::syntax::{BinaryOp, Expr, ExprKind, For, UnaryOp};

/// How deep blocks, brackets and templates may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// How many expressions may be nested in each other, a chain of operators being one for each.
const MAX_HEIGHT: u16 = 160;

/// Reads a text from left to right.
pub(super) struct Parser<'a> {
    pub input: Input<'a>,
    pub at: usize,
    /// Whether a new line ends an expression: not within brackets.
    newlines: bool,
    depth: usize,
}

/// Operators from the loosest to the tightest; of two that begin alike, the longer comes first.
const OPERATORS: [(&str, BinaryOp, u8); 13] = [
    ("||", BinaryOp::Or, 0),
    ("&&", BinaryOp::And, 1),
    ("==", BinaryOp::Equal, 2),
    ("!=", BinaryOp::NotEqual, 2),
    ("<=", BinaryOp::LessOrEqual, 3),
    (">=", BinaryOp::GreaterOrEqual, 3),
    ("<", BinaryOp::Less, 3),
    (">", BinaryOp::Greater, 3),
    ("+", BinaryOp::Add, 4),
    ("-", BinaryOp::Subtract, 4),
    ("*", BinaryOp::Multiply, 5),
    ("/", BinaryOp::Divide, 5),
    ("%", BinaryOp::Modulo, 5),
];

impl<'a> Parser<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self { input, at: 0, newlines: true, depth: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.input.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.input.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(super) fn problem(&self, range: Range<usize>, message: impl Into<String>) -> Problem {
        Problem { place: Some(self.input.place(range)), message: message.into() }
    }

    /// What is wrong if the next thing is not what is expected here.
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        let found = match self.rest().chars().next() {
            None => "the end".to_owned(),
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(c) if c.is_control() => "a control character".to_owned(),
            Some(c) => format!("`{c}`"),
        };
        self.problem(self.at..self.at + length, format!("expected {expected}, found {found}"))
    }

    /// One level deeper, unless that is too deep.
    pub(super) fn enter(&mut self, at: usize) -> Result<(), Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(at..at + 1, format!("this is nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Reads something in which new lines count or not.
    pub(super) fn with_newlines<T>(
        &mut self,
        newlines: bool,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let outer = std::mem::replace(&mut self.newlines, newlines);
        let result = read(self);
        self.newlines = outer;
        result
    }

    /// Skips blanks and comments, and new lines where they do not count.
    pub(super) fn skip(&mut self) {
        self.skip_blanks(!self.newlines);
    }

    /// Skips blanks, comments and new lines.
    pub(super) fn skip_lines(&mut self) {
        self.skip_blanks(true);
    }

    fn skip_blanks(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let skipped = if rest.starts_with([' ', '\t']) {
                rest.len() - rest.trim_start_matches([' ', '\t']).len()
            } else if rest.starts_with('#') || rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if lines && rest.starts_with('\n') {
                1
            } else if lines && rest.starts_with("\r\n") {
                2
            } else {
                return;
            };
            self.at += skipped;
        }
    }

    /// A name, if one is next.
    pub(super) fn identifier(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            return None;
        }
        let end = rest.find(|c: char| !(c == '_' || c == '-' || c.is_alphanumeric())).unwrap_or(rest.len());
        self.at += end;
        Some(&rest[..end])
    }

    /// Whether this word is next, and eats it.
    fn eat_word(&mut self, word: &str) -> bool {
        let start = self.at;
        let found = self.identifier() == Some(word);
        if !found {
            self.at = start;
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), Problem> {
        self.skip();
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    pub(super) fn node(&self, start: usize, kind: ExprKind) -> Result<Expr, Problem> {
        let expr = Expr::new(self.input.place(start..self.at), kind);
        if expr.height > MAX_HEIGHT {
            let message = format!("more than {MAX_HEIGHT} expressions are nested in each other");
            return Err(Problem { place: Some(expr.place), message });
        }
        Ok(expr)
    }

    pub(super) fn expression(&mut self) -> Result<Expr, Problem> {
        self.skip();
        let start = self.at;
        self.enter(start)?;
        let condition = self.binary(0)?;
        self.skip();
        let expr = if self.eat("?") {
            let yes = self.expression()?;
            self.expect(":")?;
            let no = self.expression()?;
            self.node(start, ExprKind::Conditional(Box::new([condition, yes, no])))?
        } else {
            condition
        };
        self.leave();
        Ok(expr)
    }

    fn binary(&mut self, loosest: u8) -> Result<Expr, Problem> {
        self.skip();
        let start = self.at;
        let mut left = self.expression_with_steps()?;
        let mut end = self.at;
        loop {
            self.skip();
            let rest = self.rest();
            let found = OPERATORS.iter().find(|(token, ..)| rest.starts_with(token));
            let Some((token, op, tightness)) = found.filter(|(.., tightness)| *tightness >= loosest) else {
                // What follows may be on the next line, and is none of the expression's.
                self.at = end;
                return Ok(left);
            };
            self.at += token.len();
            let right = self.binary(tightness + 1)?;
            left = self.node(start, ExprKind::Binary(*op, Box::new([left, right])))?;
            end = self.at;
        }
    }

    /// A term and what is asked of it: `.x`, `[0]`, `.*`.
    fn expression_with_steps(&mut self) -> Result<Expr, Problem> {
        self.skip();
        let start = self.at;
        let term = self.expression_term()?;
        self.steps(start, term)
    }

    fn steps(&mut self, start: usize, mut expr: Expr) -> Result<Expr, Problem> {
        loop {
            let end = self.at;
            self.skip();
            if self.peek() == Some(b'.') && !self.rest().starts_with("...") {
                self.at += 1;
                self.skip();
                if self.eat("*") {
                    let item = self.at;
                    let mut each = self.node(item, ExprKind::Item)?;
                    while self.peek() == Some(b'.') && !self.rest().starts_with("...") {
                        self.at += 1;
                        each = self.named_step(item, each)?;
                    }
                    expr = self.node(start, ExprKind::Splat(Box::new(expr), Box::new(each)))?;
                } else {
                    expr = self.named_step(start, expr)?;
                }
            } else if self.peek() == Some(b'[') {
                self.at += 1;
                if self.rest().trim_start_matches([' ', '\t']).starts_with('*') {
                    self.skip();
                    self.at += 1;
                    let item = self.at;
                    self.expect("]")?;
                    let each = self.node(item, ExprKind::Item)?;
                    self.enter(item)?;
                    let each = self.steps(item, each)?;
                    self.leave();
                    expr = self.node(start, ExprKind::Splat(Box::new(expr), Box::new(each)))?;
                } else {
                    let key = self.with_newlines(false, |p| {
                        let key = p.expression()?;
                        p.expect("]")?;
                        Ok(key)
                    })?;
                    expr = self.node(start, ExprKind::Index(Box::new(expr), Box::new(key)))?;
                }
            } else {
                self.at = end;
                return Ok(expr);
            }
        }
    }

    /// The name or number after a dot.
    fn named_step(&mut self, start: usize, expr: Expr) -> Result<Expr, Problem> {
        let step = self.at;
        if let Some(name) = self.identifier() {
            return self.node(start, ExprKind::Attribute(Box::new(expr), name.to_owned()));
        }
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(self.unexpected("a name after the dot"));
        }
        self.at += digits;
        let index = self.node(step, ExprKind::Number(self.input.text[step..self.at].to_owned()))?;
        self.node(start, ExprKind::Index(Box::new(expr), Box::new(index)))
    }

    pub(super) fn expression_term(&mut self) -> Result<Expr, Problem> {
        let start = self.at;
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let inner = self.with_newlines(false, |p| {
                    let inner = p.expression()?;
                    p.expect(")")?;
                    Ok(inner)
                })?;
                self.node(start, ExprKind::Parenthesis(Box::new(inner)))
            }
            Some(b'"') => {
                self.at += 1;
                self.quoted(start)
            }
            Some(b'<') if self.rest().starts_with("<<") => self.heredoc(start),
            Some(b'[') => self.tuple(start),
            Some(b'{') => self.object(start),
            Some(b'0'..=b'9') => self.number(start),
            Some(b'-') => self.unary(start, UnaryOp::Negate),
            Some(b'!') => self.unary(start, UnaryOp::Not),
            _ => self.name_or_call(start),
        }
    }

    fn unary(&mut self, start: usize, op: UnaryOp) -> Result<Expr, Problem> {
        self.at += 1;
        self.enter(start)?;
        let operand = self.expression_with_steps()?;
        self.leave();
        self.node(start, ExprKind::Unary(op, Box::new(operand)))
    }

    fn number(&mut self, start: usize) -> Result<Expr, Problem> {
        let bytes = self.input.text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let mut end = start;
        while let Some(byte) = bytes.get(end) {
            end += match byte {
                b'0'..=b'9' | b'.' => 1,
                b'e' | b'E' if digit(end + 1) => 2,
                b'e' | b'E' if matches!(bytes.get(end + 1), Some(b'+' | b'-')) && digit(end + 2) => 3,
                _ => break,
            };
        }
        let text = self.input.text[start..end].trim_end_matches('.');
        self.at = start + text.len();
        if text.parse::<f64>().is_err() {
            return Err(self.problem(start..self.at, format!("`{text}` is not a number")));
        }
        self.node(start, ExprKind::Number(text.to_owned()))
    }

    fn name_or_call(&mut self, start: usize) -> Result<Expr, Problem> {
        let Some(name) = self.identifier() else { return Err(self.unexpected("a value")) };
        let mut name = name.to_owned();
        let end = self.at;
        self.skip();
        while self.eat("::") {
            self.skip();
            let Some(part) = self.identifier() else { return Err(self.unexpected("the name of a function")) };
            name = format!("{name}::{part}");
            self.skip();
        }
        if self.eat("(") {
            return self.call(start, name);
        }
        if name.contains("::") {
            return Err(self.unexpected("`(`"));
        }
        self.at = end;
        let kind = match name.as_str() {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Variable(name),
        };
        self.node(start, kind)
    }

    fn call(&mut self, start: usize, name: String) -> Result<Expr, Problem> {
        let mut arguments = Vec::new();
        let mut spread = false;
        self.with_newlines(false, |p| {
            loop {
                p.skip();
                if p.eat(")") {
                    return Ok(());
                }
                arguments.push(p.expression()?);
                p.skip();
                if p.eat("...") {
                    spread = true;
                    p.skip();
                    p.eat(",");
                    return p.expect(")");
                }
                if !p.eat(",") {
                    return p.expect(")");
                }
            }
        })?;
        self.node(start, ExprKind::Call(name, arguments, spread))
    }

    fn tuple(&mut self, start: usize) -> Result<Expr, Problem> {
        self.at += 1;
        self.with_newlines(false, |p| {
            p.skip();
            if p.eat_word("for") {
                return p.for_expression(start, "]");
            }
            let mut items = Vec::new();
            loop {
                p.skip();
                if p.eat("]") {
                    break;
                }
                items.push(p.expression()?);
                p.skip();
                if !p.eat(",") {
                    p.expect("]")?;
                    break;
                }
            }
            p.node(start, ExprKind::Tuple(items))
        })
    }

    fn object(&mut self, start: usize) -> Result<Expr, Problem> {
        self.at += 1;
        let is_for = self.with_newlines(false, |p| {
            p.skip();
            Ok(p.eat_word("for"))
        })?;
        if is_for {
            return self.with_newlines(false, |p| p.for_expression(start, "}"));
        }
        self.with_newlines(true, |p| {
            let mut items = Vec::new();
            loop {
                p.skip_lines();
                if p.eat("}") {
                    break;
                }
                let key = p.object_key()?;
                p.skip();
                if !p.eat("=") && !p.eat(":") {
                    return Err(p.unexpected("`=` after the key"));
                }
                items.push((key, p.expression()?));
                p.skip();
                if p.eat("}") {
                    break;
                }
                if !p.eat(",") && !p.eat("\n") && !p.eat("\r\n") {
                    return Err(p.unexpected("a new line, `,` or `}` after the value"));
                }
            }
            p.node(start, ExprKind::Object(items))
        })
    }

    /// A key of an object: a name alone stands for itself.
    fn object_key(&mut self) -> Result<Expr, Problem> {
        let start = self.at;
        let parenthesis = self.peek() == Some(b'(');
        let key = self.expression()?;
        match &key.kind {
            ExprKind::Variable(_) if !parenthesis => self.literal_text(start),
            ExprKind::Attribute(..) if !parenthesis => {
                let message = "write a key with dots in quotes, or in parentheses if it is a reference";
                Err(Problem { place: Some(key.place), message: message.to_owned() })
            }
            _ => Ok(key),
        }
    }

    /// What follows `[for` or `{for`.
    fn for_expression(&mut self, start: usize, close: &str) -> Result<Expr, Problem> {
        let (key_name, value_name) = self.for_names()?;
        let collection = self.expression()?;
        self.expect(":")?;
        let first = self.expression()?;
        self.skip();
        let (key, value) = if self.eat("=>") { (Some(first), self.expression()?) } else { (None, first) };
        self.skip();
        let group = self.eat("...");
        self.skip();
        let condition = if self.eat_word("if") { Some(self.expression()?) } else { None };
        self.expect(close)?;
        if key.is_some() != (close == "}") || (group && key.is_none()) {
            let message = "a `for` in `{…}` gives `key => value`, one in `[…]` a value alone";
            return Err(self.problem(start..self.at, message));
        }
        let parts = For { key_name, value_name, collection, key, value, condition, group };
        self.node(start, ExprKind::For(Box::new(parts)))
    }

    /// `name in` or `name, name in`
    pub(super) fn for_names(&mut self) -> Result<(Option<String>, String), Problem> {
        let name = |p: &mut Self| {
            p.skip();
            p.identifier().map(str::to_owned).ok_or_else(|| p.unexpected("the name of a variable"))
        };
        let first = name(self)?;
        self.skip();
        let names = if self.eat(",") { (Some(first), name(self)?) } else { (None, first) };
        self.skip();
        if !self.eat_word("in") {
            return Err(self.unexpected("`in`"));
        }
        Ok(names)
    }
}
