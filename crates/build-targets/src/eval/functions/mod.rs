//! The functions that bake files may call.

mod addresses;
mod collections;
mod encoding;
mod format;
mod numbers;
mod patterns;
mod sets;
mod text;
mod time;
mod versions;

use std::collections::BTreeMap;
use std::rc::Rc;

#[cfg(test)]
pub(crate) use encoding::json_into;
pub(crate) use encoding::{decode_json, unbase64};
pub(crate) use text::csv_rows;

use crate::hcl::Expr;
use crate::problem::{counted, quoted};
use crate::source::Place;

use super::value::{Mapping, Sequence};
use super::{Evaluator, Function, Number, Stop, Type, Value, convert, fault, type_of_expression};

/// What a function gives for its arguments, or what is wrong with them.
type Outcome = Result<Value, String>;

/// The elements of an object.
type Items = BTreeMap<String, Value>;

/// A function that gives the same for the same arguments.
type Pure = fn(&Args) -> Outcome;

/// Whether a function of this name is built in.
pub(crate) fn is_function(name: &str) -> bool {
    matches!(name, "try" | "can" | "convert") || UNKNOWN.contains(&name) || pure(name).is_some()
}

/// Functions whose results cannot be known here: by the clock, by chance, by the machine, or on values that no file has.
const UNKNOWN: [&str; 7] =
    ["bcrypt", "byteslen", "bytesslice", "homedir", "rsadecrypt", "timestamp", "uuidv4"];

fn pure(name: &str) -> Option<Pure> {
    let found = text::function(name)
        .or_else(|| numbers::function(name))
        .or_else(|| collections::function(name))
        .or_else(|| sets::function(name))
        .or_else(|| encoding::function(name))
        .or_else(|| time::function(name))
        .or_else(|| addresses::function(name));
    found.or(match name {
        "format" => Some(format::format),
        "formatlist" => Some(format::format_list),
        "regex" => Some(patterns::regex),
        "regexall" => Some(patterns::regex_all),
        "regex_replace" => Some(patterns::regex_replace),
        "semvercmp" => Some(versions::semvercmp),
        _ => None,
    })
}

/// Functions that can do with an unknown element in their arguments.
fn takes_unknown(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "chunklist",
        "coalescelist",
        "concat",
        "element",
        "flatten",
        "hasindex",
        "index",
        "keys",
        "length",
        "lookup",
        "merge",
        "reverselist",
        "slice",
        "values",
    ];
    NAMES.contains(&name)
}

/// The arguments of a call.
struct Args {
    values: Vec<Value>,
}

impl Args {
    fn count(&self, counts: std::ops::RangeInclusive<usize>) -> Result<(), String> {
        if counts.contains(&self.values.len()) {
            return Ok(());
        }
        let (least, most) = counts.into_inner();
        Err(match most {
            usize::MAX => {
                format!("it takes at least {}, not {}", counted(least, "argument"), self.values.len())
            }
            _ if least == most => {
                format!("it takes {}, not {}", counted(least, "argument"), self.values.len())
            }
            _ => format!("it takes {least} to {most} arguments, not {}", self.values.len()),
        })
    }

    /// An argument that is not null.
    fn get(&self, at: usize) -> Result<&Value, String> {
        match self.values.get(at) {
            None => Err(format!("argument {} is missing", at + 1)),
            Some(Value::Null) => Err(format!("argument {} cannot be null", at + 1)),
            Some(value) => Ok(value),
        }
    }

    fn converted(&self, at: usize, to: &Type) -> Result<Value, String> {
        convert(self.get(at)?, to).map_err(|message| format!("argument {}: {message}", at + 1))
    }

    fn text(&self, at: usize) -> Result<Rc<str>, String> {
        match self.converted(at, &Type::Text)? {
            Value::Text(text) => Ok(text),
            other => Err(format!("argument {} cannot be {}", at + 1, other.kind())),
        }
    }

    fn number(&self, at: usize) -> Result<Number, String> {
        match self.converted(at, &Type::Number)? {
            Value::Number(number) => Ok(number),
            other => Err(format!("argument {} cannot be {}", at + 1, other.kind())),
        }
    }

    fn bool(&self, at: usize) -> Result<bool, String> {
        match self.converted(at, &Type::Bool)? {
            Value::Bool(value) => Ok(value),
            other => Err(format!("argument {} cannot be {}", at + 1, other.kind())),
        }
    }

    fn whole(&self, at: usize) -> Result<i128, String> {
        self.number(at)?.whole().ok_or_else(|| format!("argument {} must be a whole number", at + 1))
    }

    fn size(&self, at: usize) -> Result<usize, String> {
        let whole = self.whole(at)?;
        usize::try_from(whole).map_err(|_| format!("argument {} cannot be {whole}", at + 1))
    }

    fn sequence(&self, at: usize) -> Result<(Sequence, &Rc<Vec<Value>>), String> {
        match self.get(at)? {
            Value::Sequence(kind, items) => Ok((*kind, items)),
            other => Err(format!("argument {} must be a list, not {}", at + 1, other.kind())),
        }
    }

    /// Holds that an argument is a list or a map: what `{…}` gives is neither.
    fn of_one_type(&self, at: usize) -> Result<(), String> {
        match self.get(at)? {
            Value::Sequence(..) | Value::Mapping(Mapping::Map, _) | Value::Unknown => Ok(()),
            other => Err(format!("argument {} must be a list or a map, not {}", at + 1, other.kind())),
        }
    }

    /// A list of which every element is made text.
    fn texts(&self, at: usize) -> Result<Vec<Rc<str>>, String> {
        let (_, items) = self.sequence(at)?;
        let text = |item: &Value| match convert(item, &Type::Text)? {
            Value::Text(text) => Ok(text),
            other => Err(format!("argument {}: an element cannot be {}", at + 1, other.kind())),
        };
        items.iter().map(text).collect()
    }

    fn mapping(&self, at: usize) -> Result<(Mapping, &Items), String> {
        match self.get(at)? {
            Value::Mapping(kind, items) => Ok((*kind, items)),
            other => Err(format!("argument {} must be an object, not {}", at + 1, other.kind())),
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: &[Expr],
        spread: bool,
        place: Place,
    ) -> Result<Value, Stop> {
        match (name, arguments) {
            ("try", [_, ..]) if !spread => return self.first_without_fault(arguments, place),
            ("can", [expr]) if !spread => {
                return Ok(match self.tried(expr)? {
                    Ok(value) if value.is_known() => Value::Bool(true),
                    Ok(_) => Value::Unknown,
                    Err(_) => Value::Bool(false),
                });
            }
            ("convert", [value, to]) if !spread => {
                let value = self.value(value)?;
                let to = type_of_expression(to)?.unwrap_or(Type::Any);
                return convert(&value, &to).map_err(|message| fault(place, message));
            }
            _ => {}
        }
        let user = self.functions.get(name).cloned();
        if user.is_none() && !is_function(name) {
            return Err(fault(place, format!("there is no function called {}", quoted(name))));
        }
        let Some(values) = self.arguments(arguments, spread)? else { return Ok(Value::Unknown) };
        self.spend(values.iter().map(Value::size).sum(), place)?;
        if let Some(function) = user {
            return self.user_call(name, &function, values, place);
        }
        let Some(pure) = pure(name) else { return Ok(Value::Unknown) };
        let direct = values.iter().any(|value| matches!(value, Value::Unknown));
        if direct || (!takes_unknown(name) && !values.iter().all(Value::is_known)) {
            return Ok(Value::Unknown);
        }
        let value = pure(&Args { values }).map_err(|message| fault(place, format!("`{name}`: {message}")))?;
        self.spend(value.size(), place)?;
        Ok(value)
    }

    fn first_without_fault(&mut self, arguments: &[Expr], place: Place) -> Result<Value, Stop> {
        for expr in arguments {
            match self.tried(expr)? {
                Ok(value) if value.is_known() => return Ok(value),
                Ok(_) => return Ok(Value::Unknown),
                Err(_) => {}
            }
        }
        Err(fault(place, "`try`: each of its expressions is at fault"))
    }

    /// The values of the arguments; `None` if not even their number is known.
    fn arguments(&mut self, arguments: &[Expr], spread: bool) -> Result<Option<Vec<Value>>, Stop> {
        let mut values = Vec::with_capacity(arguments.len());
        for (at, expr) in arguments.iter().enumerate() {
            let value = self.value(expr)?;
            if !spread || at + 1 < arguments.len() {
                values.push(value);
                continue;
            }
            match value {
                Value::Unknown => return Ok(None),
                Value::Sequence(_, items) => {
                    self.spend(items.len(), expr.place)?;
                    values.extend(items.iter().cloned());
                }
                other => return Err(fault(expr.place, format!("`...` needs a list, not {}", other.kind()))),
            }
        }
        Ok(Some(values))
    }

    fn user_call(
        &mut self,
        name: &str,
        function: &Function,
        values: Vec<Value>,
        place: Place,
    ) -> Result<Value, Stop> {
        let needed = function.parameters.len();
        if values.len() < needed || (values.len() > needed && function.variadic.is_none()) {
            let message =
                format!("{} takes {}, not {}", quoted(name), counted(needed, "argument"), values.len());
            return Err(fault(place, message));
        }
        if values.iter().any(|value| matches!(value, Value::Unknown)) {
            return Ok(Value::Unknown);
        }
        if values.iter().any(|value| matches!(value, Value::Null)) {
            return Err(fault(place, format!("an argument of {} is null", quoted(name))));
        }
        let outer = std::mem::replace(&mut self.visible, self.locals.len());
        let count = self.locals.len();
        let mut values = values.into_iter();
        for parameter in &function.parameters {
            self.locals.extend(values.next().map(|value| (parameter.clone(), value)));
        }
        if let Some(parameter) = &function.variadic {
            self.locals.push((parameter.clone(), Value::tuple(values.collect())));
        }
        let result = self.value(function.result);
        self.locals.truncate(count);
        self.visible = outer;
        let result = result?;
        self.shallow(result, place)
    }

    /// A value that is kept, unless it is nested too deep to be handled.
    pub(crate) fn shallow(&mut self, value: Value, place: Place) -> Result<Value, Stop> {
        const DEEPEST: usize = 64;
        fn fits(value: &Value, left: usize) -> bool {
            match value {
                Value::Sequence(_, items) => left > 0 && items.iter().all(|item| fits(item, left - 1)),
                Value::Mapping(_, items) => left > 0 && items.values().all(|item| fits(item, left - 1)),
                _ => true,
            }
        }
        self.spend(value.size(), place)?;
        if fits(&value, DEEPEST) {
            return Ok(value);
        }
        let message = format!("lists and objects are nested more than {DEEPEST} levels deep");
        Err(Stop::Limit(crate::Problem { place: Some(place), message }))
    }
}
