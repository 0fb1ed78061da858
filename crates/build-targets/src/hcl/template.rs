//! Quoted texts and heredocs: what is literal, what is replaced, and what white space goes.

use crate::problem::Problem;
use crate::source::Place;

use super::input::Input;
use super::parser::Parser;
use super::syntax::{Expr, ExprKind, Literal, Part};

/// Where a template ends.
#[derive(Clone, Copy)]
enum End<'a> {
    Quote,
    /// A line that holds nothing but this.
    Marker(&'a str),
    Text,
}

enum Token {
    /// What white space can be trimmed from at once: of a heredoc, at most one line.
    Literal(Vec<Literal>),
    Interpolation(Expr, Place),
    If(Expr, Place),
    Else(Place),
    EndIf(Place),
    For(Option<String>, String, Expr, Place),
    EndFor(Place),
}

/// Reads a text that a JSON string stands for as a template.
pub(super) fn parse_template(input: Input) -> Result<Expr, Problem> {
    let mut parser = Parser::new(input);
    parser.template(0, End::Text, false)
}

impl<'a> Parser<'a> {
    /// What follows an opening quote.
    pub(super) fn quoted(&mut self, start: usize) -> Result<Expr, Problem> {
        self.template(start, End::Quote, false)
    }

    /// The name that begins here, as a text.
    pub(super) fn literal_text(&mut self, start: usize) -> Result<Expr, Problem> {
        let text = self.input.text[start..self.at].trim_end().to_owned();
        let place = self.input.place(start..start + text.len());
        let part = Part::Literal(Literal { text, place, verbatim: true });
        let mut expr = self.node(start, ExprKind::Template(vec![part]))?;
        expr.place = place;
        Ok(expr)
    }

    pub(super) fn heredoc(&mut self, start: usize) -> Result<Expr, Problem> {
        self.at += 2;
        let flush = self.eat("-");
        let Some(marker) = self.identifier() else { return Err(self.unexpected("the marker of a heredoc")) };
        if !self.eat("\n") && !self.eat("\r\n") {
            return Err(self.unexpected("a new line after the marker of the heredoc"));
        }
        self.template(start, End::Marker(marker), flush)
    }

    fn template(&mut self, start: usize, end: End<'a>, flush: bool) -> Result<Expr, Problem> {
        let mut tokens = self.tokens(start, end)?;
        if flush {
            strip_indentation(&mut tokens);
        }
        if let [Token::Interpolation(..)] = tokens.as_slice()
            && let Some(Token::Interpolation(expr, _)) = tokens.pop()
        {
            return self.node(start, ExprKind::Wrapped(Box::new(expr)));
        }
        let mut tokens = tokens.into_iter().peekable();
        let parts = self.parts(&mut tokens, None, 0)?;
        self.node(start, ExprKind::Template(parts))
    }

    /// Puts tokens together up to the end of the directive that begins at `open`, which is left.
    fn parts(
        &self,
        tokens: &mut std::iter::Peekable<std::vec::IntoIter<Token>>,
        open: Option<Place>,
        depth: usize,
    ) -> Result<Vec<Part>, Problem> {
        let wrong =
            |place: Place, message: &str| Err(Problem { place: Some(place), message: message.into() });
        if let Some(open) = open.filter(|_| depth > super::parser::MAX_DEPTH) {
            return wrong(open, "template directives are nested too deep");
        }
        let mut parts = Vec::new();
        while let Some(token) = tokens.peek() {
            if matches!(token, Token::Else(_) | Token::EndIf(_) | Token::EndFor(_)) && open.is_some() {
                return Ok(parts);
            }
            match tokens.next() {
                Some(Token::Literal(literals)) => parts.extend(literals.into_iter().map(Part::Literal)),
                Some(Token::Interpolation(expr, place)) => parts.push(Part::Interpolation(expr, place)),
                Some(Token::If(condition, place)) => {
                    let yes = self.parts(tokens, Some(place), depth + 1)?;
                    let mut no = Vec::new();
                    if let Some(Token::Else(_)) = tokens.peek() {
                        tokens.next();
                        no = self.parts(tokens, Some(place), depth + 1)?;
                    }
                    let Some(Token::EndIf(_)) = tokens.next() else {
                        return wrong(place, "this `%{if}` has no `%{endif}` of its own");
                    };
                    parts.push(Part::If(condition, yes, no));
                }
                Some(Token::For(key_name, value_name, collection, place)) => {
                    let inner = self.parts(tokens, Some(place), depth + 1)?;
                    let Some(Token::EndFor(_)) = tokens.next() else {
                        return wrong(place, "this `%{for}` has no `%{endfor}` of its own");
                    };
                    parts.push(Part::For { key_name, value_name, collection, parts: inner });
                }
                Some(Token::Else(place) | Token::EndIf(place) | Token::EndFor(place)) => {
                    return wrong(place, "no `%{if}` or `%{for}` is open here");
                }
                None => {}
            }
        }
        match open {
            Some(place) => wrong(place, "this directive is never ended"),
            None => Ok(parts),
        }
    }

    fn tokens(&mut self, start: usize, end: End) -> Result<Vec<Token>, Problem> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut trim_next = false;
        let mut line_start = true;
        loop {
            let rest = self.rest();
            match end {
                End::Quote if rest.starts_with('"') => {
                    self.at += 1;
                    return Ok(tokens);
                }
                End::Text if rest.is_empty() => return Ok(tokens),
                End::Marker(marker) if line_start => {
                    let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
                    if line.trim() == marker {
                        self.at += line.trim_end_matches('\r').len();
                        return Ok(tokens);
                    }
                }
                _ => {}
            }
            if rest.is_empty() || (matches!(end, End::Quote) && rest.starts_with(['\n', '\r'])) {
                let message = match end {
                    End::Marker(marker) => format!("no line of its own ends this heredoc: `{marker}`"),
                    _ if rest.is_empty() => "this text is never closed with `\"`".to_owned(),
                    _ => "a text in quotes cannot go over several lines; use a heredoc or `\\n`".to_owned(),
                };
                return Err(self.problem(start..start + 1, message));
            }
            let trim = std::mem::take(&mut trim_next);
            let sequence = self.at;
            if self.eat("${") || self.eat("%{") {
                if self.eat("~")
                    && let Some(Token::Literal(literals)) = tokens.last_mut()
                {
                    trim_end(literals);
                }
                line_start = false;
                let directive = rest.starts_with('%');
                self.enter(sequence)?;
                let token = self.with_newlines(false, |p| {
                    let token = if directive { p.directive(sequence)? } else { p.interpolation(sequence)? };
                    p.skip();
                    trim_next = p.eat("~}");
                    if !trim_next && !p.eat("}") {
                        return Err(p.unclosed(sequence, directive));
                    }
                    Ok(token)
                })?;
                self.leave();
                tokens.push(match token {
                    Token::Interpolation(expr, _) => {
                        Token::Interpolation(expr, self.input.place(sequence..self.at))
                    }
                    other => other,
                });
            } else {
                let mut literals = self.literal(end)?;
                line_start = self.input.text[..self.at].ends_with('\n');
                if trim {
                    trim_start(&mut literals);
                }
                tokens.push(Token::Literal(literals));
            }
        }
    }

    fn unclosed(&self, sequence: usize, directive: bool) -> Problem {
        let (what, escape) = if directive { ("%{", "%%{") } else { ("${", "$${") };
        let message = format!(
            "no `}}` closes this `{what}` where it should; write `{escape}` if it is meant as it stands"
        );
        self.problem(sequence..sequence + 2, message)
    }

    fn interpolation(&mut self, start: usize) -> Result<Token, Problem> {
        let expr = self.expression()?;
        Ok(Token::Interpolation(expr, self.input.place(start..self.at)))
    }

    fn directive(&mut self, start: usize) -> Result<Token, Problem> {
        self.skip();
        let word = self.at;
        let keyword = self.identifier().unwrap_or_default();
        let place = self.input.place(start..self.at);
        Ok(match keyword {
            "if" => Token::If(self.expression()?, place),
            "else" => Token::Else(place),
            "endif" => Token::EndIf(place),
            "for" => {
                let (key, value) = self.for_names()?;
                Token::For(key, value, self.expression()?, place)
            }
            "endfor" => Token::EndFor(place),
            _ => {
                let message =
                    "`%{` begins `if`, `else`, `for` or their ends; write `%%{` if it is meant as it stands";
                return Err(self.problem(start..self.at.max(word), message));
            }
        })
    }

    /// Literal text up to what may end it. A `$` or `%` that begins nothing is a token of its own.
    fn literal(&mut self, end: End) -> Result<Vec<Literal>, Problem> {
        let start = self.at;
        let mut literals = Vec::new();
        let rest = self.rest();
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            self.at += 3;
            self.push(&mut literals, start, Some(rest[1..3].to_owned()));
            return Ok(literals);
        }
        if rest.starts_with(['$', '%']) {
            self.at += 1;
            self.push(&mut literals, start, None);
            return Ok(literals);
        }
        let quoted = matches!(end, End::Quote);
        let mut from = start;
        while let Some(byte) = self.peek() {
            match byte {
                b'$' | b'%' => break,
                b'"' | b'\n' | b'\r' if quoted => break,
                b'\n' => {
                    self.at += 1;
                    break;
                }
                b'\\' if quoted => {
                    self.push(&mut literals, from, None);
                    let escape = self.at;
                    let decoded = self.escape()?;
                    self.push(&mut literals, escape, Some(decoded.into()));
                    from = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.push(&mut literals, from, None);
        Ok(literals)
    }

    /// Adds what was read since `from`, which stands for itself or for another text.
    fn push(&self, literals: &mut Vec<Literal>, from: usize, decoded: Option<String>) {
        if let Some(text) = decoded {
            literals.push(Literal { text, place: self.input.place(from..self.at), verbatim: false });
            return;
        }
        for (run, verbatim) in self.input.runs(from..self.at) {
            if !run.is_empty() {
                let text = self.input.text[run.clone()].to_owned();
                literals.push(Literal { text, place: self.input.place(run), verbatim });
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 1;
        let letter = self.rest().chars().next();
        self.at += letter.map_or(0, char::len_utf8);
        let digits = match letter {
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some(same @ ('"' | '\\')) => return Ok(same),
            Some('u') => 4,
            Some('U') => 8,
            _ => {
                let message = "there is no such escape; write `\\\\` for a backslash";
                return Err(self.problem(start..self.at, message));
            }
        };
        let hex = self.rest().get(..digits).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        let decoded = hex.and_then(|h| u32::from_str_radix(h, 16).ok()).and_then(char::from_u32);
        let Some(decoded) = decoded else {
            let message = format!("this escape needs the {digits} hexadecimal digits of a character");
            return Err(self.problem(start..self.at, message));
        };
        self.at += digits;
        Ok(decoded)
    }
}

fn trim_start(literals: &mut Vec<Literal>) {
    while let Some(first) = literals.first_mut() {
        let blank = first.text.len() - first.text.trim_start().len();
        cut_start(first, blank);
        if !first.text.is_empty() {
            return;
        }
        literals.remove(0);
    }
}

fn trim_end(literals: &mut Vec<Literal>) {
    while let Some(last) = literals.last_mut() {
        let kept = last.text.trim_end().len();
        if kept > 0 {
            if last.verbatim {
                let start = last.place.span().start;
                last.place = Place::new(last.place.file, start..start + kept);
            }
            last.text.truncate(kept);
            return;
        }
        literals.pop();
    }
}

fn cut_start(literal: &mut Literal, bytes: usize) {
    literal.text.drain(..bytes);
    if literal.verbatim {
        let span = literal.place.span();
        literal.place = Place::new(literal.place.file, span.start + bytes..span.end);
    }
}

/// Strips from all lines as many characters as the least indented of them begins with in white space. A blank line does
/// not count and keeps what it has.
fn strip_indentation(tokens: &mut [Token]) {
    let text = |literals: &[Literal]| literals.iter().map(|l| l.text.as_str()).collect::<String>();
    let mut least = usize::MAX;
    let mut adjust = Vec::new();
    let mut line_start = true;
    for (index, token) in tokens.iter().enumerate() {
        let literal = match token {
            Token::Literal(literals) => Some(text(literals)),
            _ => None,
        };
        if std::mem::take(&mut line_start) {
            match &literal {
                Some(line) if line.trim_start().is_empty() && line.ends_with('\n') => {}
                Some(line) => {
                    adjust.push(index);
                    least = least.min(line.chars().take_while(|c| c.is_whitespace()).count());
                }
                None => least = 0,
            }
        }
        line_start = literal.is_some_and(|line| line.ends_with('\n'));
    }
    for index in adjust {
        let Token::Literal(literals) = &mut tokens[index] else { continue };
        let mut left = least;
        for literal in literals.iter_mut() {
            let count = literal.text.chars().count().min(left);
            let bytes = literal.text.chars().take(count).map(char::len_utf8).sum();
            cut_start(literal, bytes);
            left -= count;
        }
        literals.retain(|literal| !literal.text.is_empty());
    }
}
