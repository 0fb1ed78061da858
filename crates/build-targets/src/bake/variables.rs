//! Variables: their defaults, types and checks, and what the environment says instead.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::eval::{Mapping, Number, Origin, Sequence, Type, Value, convert, csv_rows, type_of_expression};
use crate::hcl::{Block, Expr};
use crate::problem::{Problem, counted, quoted};
use crate::source::Place;

use super::engine::Engine;

impl<'a> Engine<'a> {
    /// Works out a variable or an attribute of the file's top level.
    pub(super) fn variable(&mut self, name: &'a str, place: Place) -> Result<(), Problem> {
        if self.evaluator.variables.contains_key(name) {
            return Ok(());
        }
        let block = self.variables.get(name).copied();
        let attribute = self.attributes.get(name).copied();
        // Whoever uses it finds that it is not there, or does so only within `try`.
        if block.is_none() && attribute.is_none() {
            return Ok(());
        }
        self.enter(format!("the variable {}", quoted(name)), place)?;
        let of_block = if attribute.is_none() { block } else { None };
        let declared = match of_block.and_then(|block| attribute_of(block, "type")) {
            Some(expr) => type_of_expression(expr)?,
            None => None,
        };
        let default =
            attribute.map(|a| &a.value).or_else(|| of_block.and_then(|b| attribute_of(b, "default")));
        let mut value = None;
        let mut origin = Origin::default();
        if let Some(expr) = default {
            let worked_out;
            (worked_out, origin) = self.evaluate(expr, &[])?;
            let to = declared.as_ref().unwrap_or(&Type::Any);
            let message = |e: String| format!("the default of {} does not have its type: {e}", quoted(name));
            let typed = convert(&worked_out, to)
                .map_err(|e| Problem { place: Some(expr.place), message: message(e) })?;
            value = Some(typed);
        }
        let given = block.and_then(|block| Some((block, self.given(name, declared.is_some())?)));
        let value = match (given, value) {
            (Some((block, (text, json))), default) => {
                origin = Origin { from_environment: true, ..Origin::default() };
                let value = from_environment(&text, json, declared.as_ref(), default.as_ref());
                let message =
                    |e: String| format!("the environment's value of {} cannot be used: {e}", quoted(name));
                value.map_err(|e| Problem { place: Some(block.place), message: message(e) })?
            }
            // Whoever runs it may set it.
            (None, _) if block.is_some() && self.request.unsure.has(name) => Value::Unknown,
            (None, Some(value)) => value,
            (None, None) => {
                origin.unset.insert(name.to_owned());
                if declared.is_some() { Value::Null } else { Value::text("") }
            }
        };
        let value = self.evaluator.shallow(value, place)?;
        self.evaluator.variables.insert(name.to_owned(), (value, origin));
        self.leave();
        Ok(())
    }

    /// What the environment gives for a variable, and whether as JSON.
    fn given(&self, name: &str, typed: bool) -> Option<(String, bool)> {
        let environment = self.request.environment.as_ref()?;
        let plain = environment.get(name).map(|value| (value.to_owned(), false));
        if plain.is_some() && !typed {
            return plain;
        }
        let json_name = format!("{name}_JSON");
        let taken = self.variables.contains_key(json_name.as_str());
        let json = environment.get(&json_name).filter(|_| !taken).map(|value| (value.to_owned(), true));
        json.or(plain)
    }

    /// The checks that a variable's block holds.
    pub(super) fn check_variable(&mut self, block: &'a Block) -> Result<(), Problem> {
        for check in block.body.blocks.iter().filter(|check| check.kind == "validation") {
            let Some(condition) = attribute_of(check, "condition") else { continue };
            let (value, origin) = self.evaluate(condition, &[])?;
            // Who sets nothing here may well set it when it is built.
            if !origin.unset.is_empty() && !self.request.knows_all() {
                continue;
            }
            let value = convert(&value, &Type::Bool)
                .map_err(|message| Problem { place: Some(condition.place), message })?;
            if matches!(value, Value::Bool(false) | Value::Null) {
                let said = attribute_of(check, "error_message").and_then(|e| self.evaluate(e, &[]).ok());
                let said = match said {
                    Some((Value::Text(text), _)) => format!(": {}", quoted(&text)),
                    _ => String::new(),
                };
                return Err(Problem {
                    place: Some(condition.place),
                    message: format!("this condition of the variable does not hold{said}"),
                });
            }
        }
        Ok(())
    }
}

/// The attribute of a block.
pub(super) fn attribute_of<'a>(block: &'a Block, name: &str) -> Option<&'a Expr> {
    block.body.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
}

/// What a text of the environment is, by the declared type or by that of the default.
fn from_environment(
    text: &str,
    json: bool,
    declared: Option<&Type>,
    default: Option<&Value>,
) -> Result<Value, String> {
    match declared {
        Some(to) if json => {
            let value = crate::eval::decode_json(text)?;
            return from_json(&value, to);
        }
        Some(Type::Text | Type::Bool | Type::Number) | None => {}
        Some(Type::Any | Type::Object(_)) => return Err("it must be given as JSON".to_owned()),
        Some(to) => return from_csv(text, to),
    }
    let to = match (declared, default) {
        (Some(to), _) => to.clone(),
        (None, Some(Value::Bool(_))) => Type::Bool,
        (None, Some(Value::Number(_))) => Type::Number,
        (None, Some(Value::Sequence(..) | Value::Mapping(..))) => {
            return Err("a list or an object needs a `type` for that".to_owned());
        }
        _ => Type::Text,
    };
    primitive(text, &to)
}

/// A value of JSON by the declared type: attributes that it lacks are null, and others than those it cannot have.
fn from_json(value: &Value, to: &Type) -> Result<Value, String> {
    let all = |items: &[Value], of: &Type| {
        items.iter().map(|item| from_json(item, of)).collect::<Result<Vec<Value>, String>>()
    };
    match (to, value) {
        (_, Value::Null | Value::Unknown) => Ok(value.clone()),
        (Type::Any, Value::Mapping(_, items)) if items.len() == 2 && items.contains_key("type") => {
            items.get("value").cloned().ok_or_else(|| NEEDS_TYPE.to_owned())
        }
        (Type::Any, _) => Err(NEEDS_TYPE.to_owned()),
        (Type::Object(attributes), Value::Mapping(_, items)) => {
            let is_known = |key: &&String| attributes.iter().any(|(name, ..)| name == *key);
            if let Some(other) = items.keys().find(|key| !is_known(key)) {
                return Err(format!("it cannot have the attribute {}", quoted(other)));
            }
            let mut object = BTreeMap::new();
            for (name, of, _) in attributes {
                let value = items.get(name).map(|value| from_json(value, of)).transpose();
                let value = value.map_err(|e| format!("in {}, {e}", quoted(name)))?;
                object.insert(name.clone(), value.unwrap_or(Value::Null));
            }
            Ok(Value::object(object))
        }
        (Type::Map(of), Value::Mapping(_, items)) => {
            let item = |(key, value): (&String, &Value)| Ok((key.clone(), from_json(value, of)?));
            let items: Result<BTreeMap<_, _>, String> = items.iter().map(item).collect();
            Ok(Value::Mapping(Mapping::Map, Rc::new(items?)))
        }
        (Type::Sequence(Sequence::Set, of), Value::Sequence(_, items)) => Ok(Value::set(all(items, of)?)),
        (Type::Sequence(_, of), Value::Sequence(_, items)) => Ok(Value::list(all(items, of)?)),
        (Type::Tuple(types), Value::Sequence(_, items)) if types.len() == items.len() => {
            let items: Result<Vec<Value>, String> =
                items.iter().zip(types).map(|(item, of)| from_json(item, of)).collect();
            Ok(Value::tuple(items?))
        }
        _ => convert(value, to),
    }
}

/// Why a value is refused whose type is `any`.
const NEEDS_TYPE: &str = "a value of any type is given as `{\"value\": …, \"type\": …}`";

fn primitive(text: &str, to: &Type) -> Result<Value, String> {
    match to {
        Type::Bool => match text {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Value::Bool(false)),
            _ => Err(format!("{} is neither true nor false", quoted(text))),
        },
        Type::Number => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.and_then(|number| Number::parse(text).or_else(|| Number::from_real(number)));
            number.map(Value::Number).ok_or_else(|| format!("{} is not a number", quoted(text)))
        }
        Type::Text => Ok(Value::text(text)),
        _ => Err("only lists of texts, numbers and bools can be given that way".to_owned()),
    }
}

/// A list of values with commas between, or of pairs with colons.
fn from_csv(text: &str, to: &Type) -> Result<Value, String> {
    let fields = csv_rows(text)?.into_iter().next().ok_or("it is empty")?;
    let all =
        |of: &Type| fields.iter().map(|field| primitive(field, of)).collect::<Result<Vec<Value>, String>>();
    match to {
        Type::Sequence(Sequence::Set, of) => Ok(Value::set(all(of)?)),
        Type::Sequence(_, of) => Ok(Value::list(all(of)?)),
        Type::Tuple(types) => {
            if types.len() != fields.len() {
                return Err(format!("it needs {}, not {}", counted(types.len(), "value"), fields.len()));
            }
            let items: Result<Vec<Value>, String> =
                fields.iter().zip(types).map(|(f, of)| primitive(f, of)).collect();
            Ok(Value::tuple(items?))
        }
        Type::Map(of) => {
            let mut items = BTreeMap::new();
            for field in &fields {
                let (key, value) = field.split_once(':').ok_or("pairs with a colon are needed")?;
                items.insert(key.to_owned(), primitive(value, of)?);
            }
            Ok(Value::Mapping(Mapping::Map, Rc::new(items)))
        }
        _ => Err("it must be given as JSON".to_owned()),
    }
}
