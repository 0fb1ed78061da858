//! What expressions of bake files come to.
//!
//! An unknown part makes unknown only what is made of it. Every step and every byte made is counted, so that a file
//! cannot take for ever; and expressions, also those of functions that call each other, nest only so deep.

mod functions;
mod number;
mod operators;
mod pieces;
mod references;
mod types;
mod value;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::hcl::{Expr, ExprKind, For, Part};
use crate::problem::{Problem, counted};
use crate::source::Place;

pub(crate) use functions::{csv_rows, decode_json, is_function, unbase64};
pub(crate) use number::Number;
pub(crate) use pieces::template_pieces;
pub(crate) use references::{Reference, references};
pub(crate) use types::type_of_expression;
pub(crate) use value::{Mapping, Sequence, Type, Value, convert};

/// How many steps all expressions of one resolution may take. Making [`BYTES_A_STEP`] bytes of text is one.
const BUDGET: usize = 1_000_000;

const BYTES_A_STEP: usize = 64;

/// How many expressions may be in each other while they are worked out.
const MAX_NESTED: usize = 320;

/// Why there is no value.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// The tool refuses this as well; `try` and `can` see it.
    Fault(Problem),
    /// It is too much for us.
    Limit(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Fault(problem)
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fault(problem) | Stop::Limit(problem) => problem,
        }
    }
}

/// Where a value comes from, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Variables in it that nothing sets.
    pub unset: BTreeSet<String>,
    /// Whether a part is from the environment.
    pub from_environment: bool,
}

impl Origin {
    pub(crate) fn add(&mut self, other: &Self) {
        self.unset.extend(other.unset.iter().cloned());
        self.from_environment |= other.from_environment;
    }
}

/// A function that the file defines.
#[derive(Debug, Clone)]
pub(crate) struct Function<'a> {
    pub parameters: Vec<String>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<String>,
    pub result: &'a Expr,
}

/// Works expressions out. All that they refer to has been worked out before.
#[derive(Debug, Default)]
pub(crate) struct Evaluator<'a> {
    /// Variables, and the blocks that are referred to.
    pub variables: HashMap<String, (Value, Origin)>,
    pub functions: HashMap<String, Rc<Function<'a>>>,
    /// What the expressions since the last [`Self::take_origin`] are made of.
    origin: Origin,
    /// Names that hold within an expression, the innermost last.
    locals: Vec<(String, Value)>,
    /// From which of them on names are visible: a function does not see those of its caller.
    visible: usize,
    /// What the splats around this go over, the innermost last.
    items: Vec<Value>,
    spent: usize,
    nested: usize,
}

impl<'a> Evaluator<'a> {
    /// Works an expression out in which some names hold.
    pub(crate) fn value_with(&mut self, expr: &Expr, names: &[(String, Value)]) -> Result<Value, Stop> {
        self.with_names(names, |evaluator| evaluator.value(expr))
    }

    /// Does something while some names hold.
    pub(crate) fn with_names<T>(
        &mut self,
        names: &[(String, Value)],
        work: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let count = self.locals.len();
        self.locals.extend_from_slice(names);
        let result = work(self);
        self.locals.truncate(count);
        result
    }

    /// What the values since the last call are made of.
    pub(crate) fn take_origin(&mut self) -> Origin {
        std::mem::take(&mut self.origin)
    }

    /// Counts steps.
    pub(crate) fn spend(&mut self, amount: usize, place: Place) -> Result<(), Stop> {
        self.spent = self.spent.saturating_add(amount);
        if self.spent > BUDGET {
            let message = "the file takes more steps to work out than a build file needs".to_owned();
            return Err(Stop::Limit(Problem { place: Some(place), message }));
        }
        Ok(())
    }

    pub(crate) fn value(&mut self, expr: &Expr) -> Result<Value, Stop> {
        self.spend(1, expr.place)?;
        self.nested += 1;
        let value = if self.nested > MAX_NESTED {
            let message = "expressions are nested too deep".to_owned();
            Err(Stop::Limit(Problem { place: Some(expr.place), message }))
        } else {
            self.value_of_kind(expr)
        };
        self.nested -= 1;
        value
    }

    fn value_of_kind(&mut self, expr: &Expr) -> Result<Value, Stop> {
        match &expr.kind {
            ExprKind::Null => Ok(Value::Null),
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Number(text) => Number::parse(text)
                .map(Value::Number)
                .ok_or_else(|| fault(expr.place, "this number is too large")),
            ExprKind::Template(parts) => self.template(parts),
            ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => self.value(inner),
            ExprKind::Tuple(items) => {
                let items: Result<Vec<Value>, Stop> = items.iter().map(|item| self.value(item)).collect();
                Ok(Value::tuple(items?))
            }
            ExprKind::Object(items) => self.object(items),
            ExprKind::Variable(name) => self.variable(name, expr.place),
            ExprKind::Attribute(from, name) => {
                let from = self.value(from)?;
                attribute(&from, name).map_err(|message| fault(expr.place, message))
            }
            ExprKind::Index(from, key) => {
                let from = self.value(from)?;
                let key = self.value(key)?;
                index(&from, &key).map_err(|message| fault(expr.place, message))
            }
            ExprKind::Splat(source, each) => self.splat(source, each),
            ExprKind::Item => Ok(self.items.last().cloned().unwrap_or(Value::Unknown)),
            ExprKind::Call(name, arguments, spread) => self.call(name, arguments, *spread, expr.place),
            ExprKind::Conditional(exprs) => self.conditional(exprs),
            ExprKind::Unary(op, operand) => {
                let value = self.value(operand)?;
                operators::unary(*op, &value).map_err(|message| fault(operand.place, message))
            }
            ExprKind::Binary(op, operands) => self.binary(*op, operands, expr.place),
            ExprKind::For(parts) => self.for_expression(parts, expr.place),
            ExprKind::Bad(message) => Err(fault(expr.place, message.clone())),
        }
    }

    fn variable(&mut self, name: &str, place: Place) -> Result<Value, Stop> {
        if let Some((_, value)) = self.locals[self.visible..].iter().rev().find(|(local, _)| local == name) {
            return Ok(value.clone());
        }
        let Some((value, origin)) = self.variables.get(name) else {
            return Err(fault(
                place,
                format!("there is no variable called {}", crate::problem::quoted(name)),
            ));
        };
        if *origin != Origin::default() {
            self.origin.add(origin);
        }
        Ok(value.clone())
    }

    fn object(&mut self, items: &[(Expr, Expr)]) -> Result<Value, Stop> {
        let mut object = BTreeMap::new();
        let mut known = true;
        for (key, value) in items {
            let name = self.value(key)?;
            let value = self.value(value)?;
            match convert(&name, &Type::Text).map_err(|message| fault(key.place, message))? {
                Value::Text(name) => {
                    object.insert(name.to_string(), value);
                }
                Value::Unknown => known = false,
                _ => return Err(fault(key.place, "a key cannot be null")),
            }
        }
        Ok(if known { Value::object(object) } else { Value::Unknown })
    }

    fn template(&mut self, parts: &[Part]) -> Result<Value, Stop> {
        let mut text = Some(String::new());
        self.template_into(parts, &mut text)?;
        Ok(text.map_or(Value::Unknown, Value::text))
    }

    /// Adds the parts to a text, which is `None` from the first unknown part on.
    fn template_into(&mut self, parts: &[Part], text: &mut Option<String>) -> Result<(), Stop> {
        for part in parts {
            match part {
                Part::Literal(literal) => {
                    self.spend(literal.text.len() / BYTES_A_STEP, literal.place)?;
                    if let Some(text) = text {
                        text.push_str(&literal.text);
                    }
                }
                Part::Interpolation(expr, _) => match self.interpolated(expr)? {
                    Some(value) => {
                        if let Some(text) = text {
                            text.push_str(&value);
                        }
                    }
                    None => *text = None,
                },
                Part::If(condition, yes, no) => match self.condition(condition)? {
                    Some(true) => self.template_into(yes, text)?,
                    Some(false) => self.template_into(no, text)?,
                    None => *text = None,
                },
                Part::For { key_name, value_name, collection, parts } => {
                    let Some(items) = self.iterate(collection)? else {
                        *text = None;
                        continue;
                    };
                    for (key, value) in items {
                        self.spend(1, collection.place)?;
                        let count = self.locals.len();
                        self.locals.extend(key_name.as_ref().map(|name| (name.clone(), key)));
                        self.locals.push((value_name.clone(), value));
                        let added = self.template_into(parts, text);
                        self.locals.truncate(count);
                        added?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The text of what is put into a template; `None` if it is unknown.
    fn interpolated(&mut self, expr: &Expr) -> Result<Option<Rc<str>>, Stop> {
        let value = self.value(expr)?;
        match convert(&value, &Type::Text).map_err(|message| fault(expr.place, message))? {
            Value::Text(text) => {
                self.spend(text.len() / BYTES_A_STEP, expr.place)?;
                Ok(Some(text))
            }
            Value::Null => Err(fault(expr.place, "null cannot be put into a text")),
            _ => Ok(None),
        }
    }

    /// Whether a condition holds; `None` if it is unknown.
    fn condition(&mut self, expr: &Expr) -> Result<Option<bool>, Stop> {
        let value = self.value(expr)?;
        match convert(&value, &Type::Bool).map_err(|message| fault(expr.place, message))? {
            Value::Bool(holds) => Ok(Some(holds)),
            Value::Null => Err(fault(expr.place, "a condition cannot be null")),
            _ => Ok(None),
        }
    }

    fn conditional(&mut self, exprs: &[Expr; 3]) -> Result<Value, Stop> {
        let [condition, yes, no] = exprs;
        let holds = self.condition(condition)?;
        // Both are worked out for their types; a fault counts only in the one that is taken.
        let (yes, no) = (self.tried(yes)?, self.tried(no)?);
        let Some(holds) = holds else { return Ok(Value::Unknown) };
        let (taken, other) = if holds { (yes, no) } else { (no, yes) };
        let taken = taken?;
        if let (Value::Number(_) | Value::Bool(_), Ok(Value::Text(_))) = (&taken, &other) {
            return convert(&taken, &Type::Text).map_err(|message| fault(condition.place, message));
        }
        if let Ok(other) = &other
            && let (Some(one), Some(two)) = (shape(&taken), shape(other))
            && one != two
        {
            let message = format!("both results must be of one kind, and these are {one} and {two}");
            return Err(fault(condition.place, message));
        }
        Ok(taken)
    }

    /// A value or the fault in its stead; a limit is passed on.
    fn tried(&mut self, expr: &Expr) -> Result<Result<Value, Stop>, Stop> {
        let (items, locals, visible, nested) =
            (self.items.len(), self.locals.len(), self.visible, self.nested);
        match self.value(expr) {
            Err(limit @ Stop::Limit(_)) => Err(limit),
            Err(fault) => {
                self.items.truncate(items);
                self.locals.truncate(locals);
                self.visible = visible;
                self.nested = nested;
                Ok(Err(fault))
            }
            value => Ok(value),
        }
    }

    fn splat(&mut self, source: &Expr, each: &Expr) -> Result<Value, Stop> {
        let (kind, items) = match self.value(source)? {
            Value::Unknown => return Ok(Value::Unknown),
            Value::Null => (Sequence::Tuple, Rc::new(Vec::new())),
            Value::Sequence(kind, items) => (kind, items),
            single => (Sequence::Tuple, Rc::new(vec![single])),
        };
        let mut results = Vec::with_capacity(items.len());
        for item in items.iter() {
            self.items.push(item.clone());
            let result = self.value(each);
            self.items.pop();
            results.push(result?);
        }
        Ok(if kind == Sequence::Tuple { Value::tuple(results) } else { Value::list(results) })
    }

    /// The keys and values that a `for` goes over; `None` if they are unknown.
    fn iterate(&mut self, collection: &Expr) -> Result<Option<Vec<(Value, Value)>>, Stop> {
        let value = self.value(collection)?;
        self.spend(value.size(), collection.place)?;
        Ok(Some(match value {
            Value::Unknown => return Ok(None),
            Value::Sequence(Sequence::Set, items) => {
                items.iter().map(|item| (item.clone(), item.clone())).collect()
            }
            Value::Sequence(_, items) => {
                items.iter().enumerate().map(|(at, item)| (Value::whole(at), item.clone())).collect()
            }
            Value::Mapping(_, items) => {
                items.iter().map(|(key, item)| (Value::text(key), item.clone())).collect()
            }
            other => {
                return Err(fault(collection.place, format!("`for` cannot go over {}", other.kind())));
            }
        }))
    }

    fn for_expression(&mut self, parts: &For, place: Place) -> Result<Value, Stop> {
        let Some(items) = self.iterate(&parts.collection)? else { return Ok(Value::Unknown) };
        let mut list = Vec::new();
        let mut object: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for (key, value) in items {
            let count = self.locals.len();
            self.locals.extend(parts.key_name.as_ref().map(|name| (name.clone(), key)));
            self.locals.push((parts.value_name.clone(), value));
            let result = self.for_item(parts);
            self.locals.truncate(count);
            match result? {
                Item::Left => {}
                Item::Unknown => known = false,
                Item::Value(None, value) => list.push(value),
                Item::Value(Some(key), value) => {
                    let values = object.entry(key.to_string()).or_default();
                    if !parts.group && !values.is_empty() {
                        let key = crate::problem::quoted(&key);
                        return Err(fault(place, format!("two items have the key {key}")));
                    }
                    values.push(value);
                }
            }
        }
        if !known {
            return Ok(Value::Unknown);
        }
        if parts.key.is_none() {
            return Ok(Value::tuple(list));
        }
        let value = |mut values: Vec<Value>| {
            if parts.group { Value::tuple(values) } else { values.pop().unwrap_or(Value::Null) }
        };
        Ok(Value::object(object.into_iter().map(|(key, values)| (key, value(values)))))
    }

    fn for_item(&mut self, parts: &For) -> Result<Item, Stop> {
        if let Some(condition) = &parts.condition {
            match self.condition(condition)? {
                Some(true) => {}
                Some(false) => return Ok(Item::Left),
                None => return Ok(Item::Unknown),
            }
        }
        let Some(key) = &parts.key else { return Ok(Item::Value(None, self.value(&parts.value)?)) };
        let Some(name) = self.interpolated(key)? else { return Ok(Item::Unknown) };
        Ok(Item::Value(Some(name), self.value(&parts.value)?))
    }
}

/// What one round of a `for` gives.
enum Item {
    Left,
    Unknown,
    Value(Option<Rc<str>>, Value),
}

fn fault(place: Place, message: impl Into<String>) -> Stop {
    Stop::Fault(Problem { place: Some(place), message: message.into() })
}

/// The attribute of an object.
fn attribute(from: &Value, name: &str) -> Result<Value, String> {
    match from {
        Value::Unknown => Ok(Value::Unknown),
        Value::Mapping(_, items) => match items.get(name) {
            Some(value) => Ok(value.clone()),
            None => Err(format!("there is no {} in it", crate::problem::quoted(name))),
        },
        other => Err(format!("{} has no attribute {}", other.kind(), crate::problem::quoted(name))),
    }
}

/// The element of a list or an object.
pub(crate) fn index(from: &Value, key: &Value) -> Result<Value, String> {
    match (from, key) {
        (Value::Unknown, _) | (_, Value::Unknown) => Ok(Value::Unknown),
        (_, Value::Null) => Err("an index cannot be null".to_owned()),
        (Value::Sequence(Sequence::Set, _), _) => Err("a set has no order to take an element by".to_owned()),
        (Value::Sequence(_, items), key) => {
            let Value::Number(number) = convert(key, &Type::Number)? else { return Ok(Value::Unknown) };
            let at = number.whole().and_then(|at| usize::try_from(at).ok());
            let value = at.and_then(|at| items.get(at)).cloned();
            value.ok_or_else(|| {
                format!("there is no element {number}: it has {}", counted(items.len(), "element"))
            })
        }
        (Value::Mapping(..), key) => match convert(key, &Type::Text)? {
            Value::Text(name) => attribute(from, &name),
            _ => Ok(Value::Unknown),
        },
        (other, _) => Err(format!("{} has no elements", other.kind())),
    }
}

/// What a value must have in common with another one to be of one type with it; `None` of what fits all.
const fn shape(value: &Value) -> Option<&'static str> {
    match value {
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => Some("a single value"),
        Value::Sequence(..) => Some("a list"),
        Value::Mapping(..) => Some("an object"),
        Value::Unknown | Value::Null => None,
    }
}
