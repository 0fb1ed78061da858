//! Replaces variables in a text as Compose does, and keeps where each byte of the result comes from.
//!
//! `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:+other}`, `${VAR+other}`, `${VAR:?message}`,
//! `${VAR?message}`, one in another, and `$$` for `$`. Anything else after `${` is a fault; a `$` before anything else
//! is itself.

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

use crate::problem::quoted;

/// How deep defaults may lie in one another.
const MOST_LEVELS: usize = 100;

/// A text after its variables were replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interpolation {
    /// The text.
    pub text: String,
    /// What it is made of, in order and without gaps.
    pub pieces: Vec<Part>,
    /// The variables that were needed and that nothing sets: they are read as empty.
    pub unset: Vec<String>,
    /// Whether a part of it is the value of a variable.
    pub from_environment: bool,
}

/// A part of an interpolated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The offset of its first byte in the result; it ends where the next begins.
    pub start: usize,
    /// What it comes from in the template.
    pub from: Range<usize>,
    /// Whether the bytes are the same here and there.
    pub literal: bool,
}

/// Why a text cannot be interpolated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in the template.
    pub at: Range<usize>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// The variables, and how much text they may still make: a large one that is used often must not fill the memory.
pub struct Interpolator<'a> {
    variables: &'a dyn Fn(&str) -> Option<String>,
    /// Whether these are all variables, so that one that must be set and is not is a fault.
    all_known: bool,
    budget: Cell<usize>,
}

impl std::fmt::Debug for Interpolator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interpolator").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl<'a> Interpolator<'a> {
    /// How many bytes the values of variables may come to in all the texts of one interpolator: 64 MiB.
    pub const BUDGET: usize = 64 << 20;

    /// With variables by name.
    #[must_use]
    pub fn new(variables: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variables, all_known: true, budget: Cell::new(Self::BUDGET) }
    }

    /// The values of variables may come to no more than this many bytes.
    #[must_use]
    pub fn limited_to(self, bytes: usize) -> Self {
        self.budget.set(bytes);
        self
    }

    /// How many bytes the values of variables may yet come to.
    #[must_use]
    pub fn left(&self) -> usize {
        self.budget.get()
    }

    /// There may be more variables than these: one that must be set and is not is read as if it need not be set.
    #[must_use]
    pub fn and_others(mut self) -> Self {
        self.all_known = false;
        self
    }

    /// Replaces the variables of a text; `None` if it has no `$` and so is its own result.
    ///
    /// # Errors
    /// A malformed `${`, a variable that must be set and is not, and what is too deep or too large.
    pub fn interpolate(&self, template: &str) -> Result<Option<Interpolation>, Fault> {
        if !template.contains('$') {
            return Ok(None);
        }
        let mut work = Work { of: self, result: Interpolation::default(), unset: HashSet::new() };
        work.substitute(template, 0, 0)?;
        Ok(Some(work.result))
    }
}

struct Work<'a> {
    of: &'a Interpolator<'a>,
    result: Interpolation,
    /// The names in `result.unset`.
    unset: HashSet<String>,
}

impl Work<'_> {
    /// Adds what a part of the template comes to, which begins at `base`.
    fn substitute(&mut self, text: &str, base: usize, level: usize) -> Result<(), Fault> {
        let mut at = 0;
        // The last `}` of the line that `at` is in: what is in braces ends in its line.
        let mut last_brace = LastBrace::default();
        while let Some(found) = text[at..].find('$') {
            let dollar = at + found;
            self.literal(&text[at..dollar], base + at);
            let rest = &text[dollar + 1..];
            at = match rest.bytes().next() {
                Some(b'$') => {
                    self.other("$", base + dollar..base + dollar + 2);
                    dollar + 2
                }
                Some(b'{') => {
                    let last = last_brace.of(text, dollar);
                    self.braced(text, dollar, last, base, level)?
                }
                Some(byte) if byte == b'_' || byte.is_ascii_alphabetic() => {
                    let end = dollar + 1 + name_length(rest);
                    self.variable(&text[dollar + 1..end], base + dollar..base + end)?;
                    end
                }
                _ => {
                    self.literal("$", base + dollar);
                    dollar + 1
                }
            };
        }
        self.literal(&text[at..], base + at);
        Ok(())
    }

    /// Adds what `${…}` comes to, and gives the offset after it.
    fn braced(
        &mut self,
        text: &str,
        dollar: usize,
        last: Option<usize>,
        base: usize,
        level: usize,
    ) -> Result<usize, Fault> {
        let inside = &text[dollar + 2..];
        let name = &inside[..name_length(inside)];
        let after = &inside[name.len()..];
        if !name.is_empty() && after.starts_with('}') {
            let end = dollar + 3 + name.len();
            self.variable(name, base + dollar..base + end)?;
            return Ok(end);
        }
        let operators = [":?", "?", ":-", "-", ":+", "+"];
        let operator = operators.into_iter().find(|operator| after.starts_with(operator));
        let (Some(operator), Some(last), false) = (operator, last, name.is_empty()) else {
            return Err(invalid(text, dollar, base));
        };
        let operand_start = dollar + 2 + name.len() + operator.len();
        if last < operand_start {
            return Err(invalid(text, dollar, base));
        }
        let close = closing_brace(&text.as_bytes()[..=last], dollar).unwrap_or(last);
        if close < operand_start {
            return Err(invalid(text, dollar, base));
        }
        let operand = &text[operand_start..close];
        let whole = base + dollar..base + close + 1;
        let value = (self.of.variables)(name);
        let strict = operator.starts_with(':');
        let present = value.as_ref().is_some_and(|value| !strict || !value.is_empty());
        match (&operator[operator.len() - 1..], present) {
            // An empty default says that whoever builds may leave it out, and not what the value is.
            ("-", false) if operand.is_empty() && value.is_none() => self.unset(name),
            ("+", false) if value.is_none() => self.unset(name),
            ("-" | "?", true) => self.value(&value.unwrap_or_default(), whole)?,
            ("-", false) | ("+", true) => self.nested(operand, base + operand_start, level, whole)?,
            ("?", false) if !self.of.all_known => self.unset(name),
            ("?", false) => {
                let mut message =
                    Work { of: self.of, result: Interpolation::default(), unset: HashSet::new() };
                message.nested(operand, base + operand_start, level, whole.clone())?;
                let reason = message.result.text;
                let reason = if reason.is_empty() { String::new() } else { format!(": {}", quoted(&reason)) };
                let message = format!("the variable {} must be set{reason}", quoted(name));
                return Err(Fault { at: whole, message });
            }
            _ => {}
        }
        Ok(close + 1)
    }

    fn nested(&mut self, operand: &str, base: usize, level: usize, whole: Range<usize>) -> Result<(), Fault> {
        if level >= MOST_LEVELS {
            let message = format!("defaults of variables are nested more than {MOST_LEVELS} levels deep");
            return Err(Fault { at: whole, message });
        }
        self.substitute(operand, base, level + 1)
    }

    fn variable(&mut self, name: &str, from: Range<usize>) -> Result<(), Fault> {
        if let Some(value) = (self.of.variables)(name) {
            return self.value(&value, from);
        }
        self.unset(name);
        Ok(())
    }

    fn unset(&mut self, name: &str) {
        if self.unset.insert(name.to_owned()) {
            self.result.unset.push(name.to_owned());
        }
    }

    fn value(&mut self, value: &str, from: Range<usize>) -> Result<(), Fault> {
        let Some(left) = self.of.budget.get().checked_sub(value.len()) else {
            let message = format!("the values of variables come to more than {} bytes", Interpolator::BUDGET);
            return Err(Fault { at: from, message });
        };
        self.of.budget.set(left);
        self.result.from_environment = true;
        self.other(value, from);
        Ok(())
    }

    fn literal(&mut self, text: &str, from: usize) {
        if text.is_empty() {
            return;
        }
        let end = from + text.len();
        match self.result.pieces.last_mut() {
            Some(last) if last.literal && last.from.end == from => last.from.end = end,
            _ => self.result.pieces.push(Part {
                start: self.result.text.len(),
                from: from..end,
                literal: true,
            }),
        }
        self.result.text.push_str(text);
    }

    fn other(&mut self, text: &str, from: Range<usize>) {
        if !text.is_empty() {
            self.result.pieces.push(Part { start: self.result.text.len(), from, literal: false });
            self.result.text.push_str(text);
        }
    }
}

/// Remembers the last `}` of a line, so that a line with many variables is searched once.
#[derive(Default)]
struct LastBrace {
    line_end: usize,
    at: Option<usize>,
}

impl LastBrace {
    fn of(&mut self, text: &str, from: usize) -> Option<usize> {
        if from >= self.line_end {
            self.line_end = text[from..].find('\n').map_or(text.len(), |at| from + at);
            self.at = text[from..self.line_end].rfind('}').map(|at| from + at);
        }
        self.at.filter(|at| *at > from)
    }
}

/// The brace that closes the first one, counted as Compose counts: the byte after an opening brace is not looked at.
fn closing_brace(text: &[u8], from: usize) -> Option<usize> {
    let (mut open, mut at) = (0_i32, from);
    while at < text.len() {
        match text[at] {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The length of the variable's name that a text begins with.
fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| *byte == b'_' || byte.is_ascii_alphanumeric()).count()
}

fn invalid(text: &str, dollar: usize, base: usize) -> Fault {
    let rest = &text[dollar..];
    let line = rest.find('\n').unwrap_or(rest.len());
    let end = rest[..line].find('}').map_or(line, |at| at + 1);
    let message =
        format!("{} is not a valid variable; a `$` that means itself is written `$$`", quoted(&rest[..end]));
    Fault { at: base + dollar..base + dollar + end, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "A" => Some("a".to_owned()),
            "E" => Some(String::new()),
            "LONG" => Some("x".repeat(1 << 20)),
            _ => None,
        }
    }

    fn replaced(template: &str) -> Result<Interpolation, Fault> {
        let interpolator = Interpolator::new(&variables);
        Ok(interpolator
            .interpolate(template)?
            .unwrap_or_else(|| Interpolation { text: template.to_owned(), ..Interpolation::default() }))
    }

    #[test]
    fn operators_are_those_of_compose() {
        for (template, value) in [
            ("$A-${A}", "a-a"),
            ("$a", ""),
            ("${U:-d}${E:-d}${A:-d}", "dda"),
            ("${U-d}${E-d}${A-d}", "da"),
            ("${U:+x}${E:+x}${A:+x}", "x"),
            ("${U+x}${E+x}${A+x}", "xx"),
            ("${A:?m}${E?m}", "a"),
            ("${U:-${A}x}", "ax"),
            ("${U:-${V:-${A}}}", "a"),
            ("${A:-a}b}", "ab}"),
            ("${U:-{\"x\": 1}}", "{\"x\": 1}"),
            ("${U:-a-b:-c}", "a-b:-c"),
            ("$$A $$$A", "$A $a"),
            ("$1 5$ $- $ x $(x)", "$1 5$ $- $ x $(x)"),
            ("${U:-}", ""),
            ("${U-$$}", "$"),
            ("${A:+$A$A} ${U:-x} }", "aa x }"),
            ("${A:-{}", "a"),
            ("${U:-{}", "{"),
            ("ä${U:-ö}ü", "äöü"),
        ] {
            assert_eq!(replaced(template).map(|result| result.text), Ok(value.to_owned()), "{template}");
        }
    }

    #[test]
    fn malformed_variables_are_faults_at_their_place() {
        for template in
            ["${}", "${1}", "${a.b}", "${A", "${A:}", "${ A }", "${A:0:1}", "${A#x}", "${A//a/b}", "${A:-\n}"]
        {
            let fault = replaced(&format!("x {template}")).expect_err(template);
            assert_eq!(fault.at.start, 2, "{template}");
        }
        assert_eq!(
            replaced("${U:?set $A}").expect_err("required").message,
            "the variable `U` must be set: `set a`"
        );
        assert!(replaced("${E:?}").is_err());
        // What is not needed is not looked at.
        assert_eq!(replaced("${A:-${}}").expect("not needed").text, "a");
    }

    #[test]
    fn every_byte_of_the_result_has_its_source() {
        let template = "FROM $A$$ ${U:-base:${A}} end $U";
        let result = replaced(template).expect("valid");
        let shown: Vec<String> = result
            .pieces
            .iter()
            .enumerate()
            .map(|(n, piece)| {
                let end = result.pieces.get(n + 1).map_or(result.text.len(), |next| next.start);
                let mark = if piece.literal { '=' } else { '<' };
                format!("{}{mark}{}", &result.text[piece.start..end], &template[piece.from.clone()])
            })
            .collect();
        assert_eq!(shown, ["FROM =FROM ", "a<$A", "$<$$", " = ", "base:=base:", "a<${A}", " end = end "]);
        assert_eq!(result.unset, ["U"]);
        assert!(result.from_environment);
    }

    #[test]
    fn what_nothing_sets_is_noted_unless_a_default_stands_for_it() {
        for (template, unset) in [
            ("$U", &["U"][..]),
            ("${U:-}${V-}", &["U", "V"]),
            ("${U:+x}${V+x}", &["U", "V"]),
            ("${U:-x}${V-x}", &[]),
            ("${A:-}${A:+x}${E-}", &[]),
            ("${U:-$V}", &["V"]),
        ] {
            assert_eq!(replaced(template).map(|result| result.unset).expect("valid"), unset, "{template}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!("{}{}", "${U:-".repeat(5000), "}".repeat(5000));
        assert!(replaced(&deep).expect_err("too deep").message.contains("100 levels"));
        let long = "$LONG".repeat(100);
        assert!(replaced(&long).expect_err("too long").message.contains("bytes"));
        // A line of many variables costs no more than its length.
        let many = "${U:-x}".repeat(100_000);
        assert_eq!(replaced(&many).expect("valid").text.len(), 100_000);
    }
}
