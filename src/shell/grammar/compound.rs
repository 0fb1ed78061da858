//! Compound commands and definitions of functions.

use super::simple::{is_keyword, is_odd};
use super::{Compound, Definition, Items, Node, Parser};
use crate::shell::command::{Function, ListKind};
use crate::shell::word::{is_name_start, name_end};

/// The lists of a compound command in source order.
type Lists = Vec<(ListKind, Items)>;

impl Parser<'_> {
    /// Reads a command of any kind.
    pub(super) fn command(&mut self) -> Option<Node> {
        match (self.byte(0)?, self.byte(1)) {
            (b'(', Some(b'(')) => return None,
            (b'(', _) => return self.compound(Self::subshell),
            (b'{', Some(b' ' | b'\t' | b'\n')) => return self.compound(Self::group),
            (b'[', Some(b'[')) => return self.conditional(),
            (byte, _) if !byte.is_ascii_lowercase() => {}
            _ => match self.bare_word() {
                "if" => return self.compound(Self::conditions),
                "for" => return self.compound(Self::for_loop),
                "while" | "until" => return self.compound(Self::while_loop),
                "case" => return self.compound(Self::case),
                "function" => return self.function(),
                _ => {}
            },
        }
        if self.at_function() { self.function() } else { self.simple() }
    }

    fn compound(&mut self, read: impl FnOnce(&mut Self) -> Option<Lists>) -> Option<Node> {
        let mut compound = self.bare_compound(read)?;
        compound.redirects = self.redirects()?;
        Some(Node::Compound(Box::new(compound)))
    }

    /// A compound command without its redirections.
    fn bare_compound(&mut self, read: impl FnOnce(&mut Self) -> Option<Lists>) -> Option<Compound> {
        let start = self.at;
        let lists = self.deeper(read)?;
        let span = self.origin.span(start, self.at);
        let substitutions = std::mem::take(&mut self.substitutions);
        Some(Compound { span, lists, substitutions, redirects: Vec::new() })
    }

    /// A list that is not empty, up to `keyword`.
    fn list_to(&mut self, keyword: &str) -> Option<Items> {
        let items = self.list()?;
        self.keyword(keyword)?;
        (!items.is_empty()).then_some(items)
    }

    fn subshell(&mut self) -> Option<Lists> {
        self.at += 1;
        let items = self.list()?;
        self.bracket(b')')?;
        (!items.is_empty()).then(|| vec![(ListKind::Subshell, items)])
    }

    fn group(&mut self) -> Option<Lists> {
        self.at += 1;
        let items = self.list()?;
        self.bracket(b'}')?;
        (!items.is_empty()).then(|| vec![(ListKind::Group, items)])
    }

    /// `if` to `fi`.
    fn conditions(&mut self) -> Option<Lists> {
        self.keyword("if")?;
        let mut lists = Vec::with_capacity(2);
        loop {
            lists.push((ListKind::Condition, self.list_to("then")?));
            let branch = self.list()?;
            if branch.is_empty() {
                return None;
            }
            lists.push((ListKind::Branch, branch));
            if self.keyword("elif").is_none() {
                break;
            }
        }
        if self.keyword("else").is_some() {
            lists.push((ListKind::Branch, self.list_to("fi")?));
        } else {
            self.keyword("fi")?;
        }
        Some(lists)
    }

    /// `while` or `until` to `done`.
    fn while_loop(&mut self) -> Option<Lists> {
        self.at += "while".len();
        let condition = self.list_to("do")?;
        let body = self.list_to("done")?;
        Some(vec![(ListKind::LoopCondition, condition), (ListKind::Loop, body)])
    }

    /// `for` to `done`.
    fn for_loop(&mut self) -> Option<Lists> {
        self.keyword("for")?;
        self.blanks();
        if !is_name_start(self.byte(0)?) {
            return None;
        }
        self.at = name_end(self.bytes, self.at);
        if !matches!(self.byte(0)?, b' ' | b'\t' | b'\n' | b';') {
            return None;
        }
        self.gap()?;
        if self.keyword("in").is_some() {
            loop {
                self.blanks();
                let start = self.at;
                match self.byte(0)? {
                    b';' | b'\n' => break,
                    b'#' | b'<' | b'>' => return None,
                    _ => self.word()?,
                };
                // An operator, or a descriptor before one.
                if start == self.at
                    || is_odd(self.since(start))
                    || !matches!(self.byte(0)?, b' ' | b'\t' | b'\n' | b';')
                {
                    return None;
                }
            }
        }
        if self.byte(0)? == b';' {
            self.at += 1;
        }
        self.gap()?;
        self.keyword("do")?;
        // The substitutions among the words stay for the compound command.
        let words = std::mem::take(&mut self.substitutions);
        let body = self.list_to("done")?;
        self.substitutions = words;
        Some(vec![(ListKind::Loop, body)])
    }

    /// `case` to `esac`.
    fn case(&mut self) -> Option<Lists> {
        self.keyword("case")?;
        self.blanks();
        let start = self.at;
        self.word()?;
        if start == self.at || is_odd(self.since(start)) {
            return None;
        }
        self.gap()?;
        self.keyword("in")?;
        let words = std::mem::take(&mut self.substitutions);
        let mut arms = Vec::with_capacity(2);
        loop {
            self.gap()?;
            if self.keyword("esac").is_some() {
                break;
            }
            self.patterns()?;
            arms.push((ListKind::CaseArm, self.list()?));
            match (self.byte(0)?, self.byte(1)?, self.byte(2)) {
                (b';', b';', Some(b'&')) => self.at += 3,
                (b';', b';' | b'&', _) => self.at += 2,
                _ => {
                    self.keyword("esac")?;
                    break;
                }
            }
        }
        self.substitutions = words;
        (!arms.is_empty()).then_some(arms)
    }

    /// The patterns of an arm, without substitutions, and the `)` behind them.
    fn patterns(&mut self) -> Option<()> {
        if self.byte(0)? == b'(' {
            self.at += 1;
        }
        loop {
            self.blanks();
            let start = self.at;
            self.word()?;
            if start == self.at || is_odd(self.since(start)) || !self.substitutions.is_empty() {
                return None;
            }
            self.blanks();
            match self.byte(0)? {
                b'|' => self.at += 1,
                b')' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    /// True at `name()` or `name ()`.
    fn at_function(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let name = rest.iter().take_while(|&&byte| is_function_name(byte)).count();
        let rest = rest.get(name..).unwrap_or(&[]);
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        name > 0 && rest.get(blanks..).is_some_and(|rest| rest.starts_with(b"("))
    }

    /// `name() { … }`, `name() ( … )` or `function name { … }`.
    fn function(&mut self) -> Option<Node> {
        let start = self.at;
        let marked = self.keyword("function").is_some();
        self.blanks();
        let from = self.at;
        while self.byte(0).is_some_and(is_function_name) {
            self.at += 1;
        }
        let name = self.since(from);
        if name.is_empty() || is_keyword(name) {
            return None;
        }
        self.blanks();
        match (self.byte(0), self.byte(1)) {
            (Some(b'('), Some(b')')) => self.at += 2,
            _ if marked => {}
            _ => return None,
        }
        self.gap()?;
        let mut body = match (self.byte(0)?, self.byte(1)?) {
            (b'{', b' ' | b'\t' | b'\n') => self.bare_compound(Self::group)?,
            (b'(', next) if next != b'(' => self.bare_compound(Self::subshell)?,
            _ => return None,
        };
        body.redirects = self.redirects()?;
        let span = body
            .redirects
            .iter()
            .fold(self.origin.span(start, start).to(body.span), |all, redirect| all.to(redirect.span));
        Some(Node::Function(Box::new(Definition { function: Function { name: name.into(), span }, body })))
    }
}

const fn is_function_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':')
}
