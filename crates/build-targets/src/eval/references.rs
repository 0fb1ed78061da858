//! What an expression refers to.

use crate::hcl::{Expr, ExprKind, Part};
use crate::source::Place;

/// A name in an expression that is none of the expression's own.
#[derive(Debug)]
pub(crate) enum Reference<'a> {
    /// A variable, or a block by its kind, its name and the attribute of it.
    Variable {
        name: &'a str,
        steps: Vec<Option<&'a str>>,
        place: Place,
    },
    Function {
        name: &'a str,
        place: Place,
    },
}

/// All that an expression refers to, in order.
pub(crate) fn references(expr: &Expr) -> Vec<Reference<'_>> {
    let mut walk = Walk { found: Vec::new(), bound: Vec::new() };
    walk.expr(expr);
    walk.found
}

struct Walk<'a> {
    found: Vec<Reference<'a>>,
    bound: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn exprs(&mut self, exprs: &'a [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Item | ExprKind::Bad(_) => {}
            ExprKind::Variable(name) => self.variable(name, Vec::new(), expr.place),
            ExprKind::Attribute(..) | ExprKind::Index(..) => self.steps(expr),
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::Wrapped(e) | ExprKind::Parenthesis(e) | ExprKind::Unary(_, e) => self.expr(e),
            ExprKind::Tuple(exprs) => self.exprs(exprs),
            ExprKind::Call(name, exprs, _) => {
                self.found.push(Reference::Function { name, place: expr.place });
                self.exprs(exprs);
            }
            ExprKind::Object(items) => {
                for (key, value) in items {
                    self.expr(key);
                    self.expr(value);
                }
            }
            ExprKind::Splat(a, b) => {
                self.expr(a);
                self.expr(b);
            }
            ExprKind::Conditional(exprs) => self.exprs(&exprs[..]),
            ExprKind::Binary(_, exprs) => self.exprs(&exprs[..]),
            ExprKind::For(f) => {
                self.expr(&f.collection);
                let count = self.bound.len();
                self.bound.extend(f.key_name.as_deref());
                self.bound.push(&f.value_name);
                self.expr(&f.value);
                f.key.iter().chain(&f.condition).for_each(|e| self.expr(e));
                self.bound.truncate(count);
            }
        }
    }

    fn parts(&mut self, parts: &'a [Part]) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Interpolation(expr, _) => self.expr(expr),
                Part::If(condition, yes, no) => {
                    self.expr(condition);
                    self.parts(yes);
                    self.parts(no);
                }
                Part::For { key_name, value_name, collection, parts } => {
                    self.expr(collection);
                    let count = self.bound.len();
                    self.bound.extend(key_name.as_deref());
                    self.bound.push(value_name);
                    self.parts(parts);
                    self.bound.truncate(count);
                }
            }
        }
    }

    /// `a.b.c`, or steps from something else.
    fn steps(&mut self, expr: &'a Expr) {
        let mut steps = Vec::new();
        let mut from = expr;
        loop {
            match &from.kind {
                ExprKind::Attribute(inner, name) => {
                    steps.push(Some(name.as_str()));
                    from = inner;
                }
                ExprKind::Index(inner, key) => {
                    self.expr(key);
                    steps.push(None);
                    from = inner;
                }
                ExprKind::Variable(name) => {
                    steps.reverse();
                    return self.variable(name, steps, expr.place);
                }
                _ => return self.expr(from),
            }
        }
    }

    fn variable(&mut self, name: &'a str, steps: Vec<Option<&'a str>>, place: Place) {
        if !self.bound.contains(&name) {
            self.found.push(Reference::Variable { name, steps, place });
        }
    }
}
