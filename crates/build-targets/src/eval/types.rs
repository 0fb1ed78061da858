//! The types that are written for variables.

use crate::hcl::{Expr, ExprKind, Part, parse_text_as_expression};
use crate::problem::Problem;

use super::{Sequence, Type};

/// The type that an expression names, such as `list(string)`; `None` for `null`, which names none.
pub(crate) fn type_of_expression(expr: &Expr) -> Result<Option<Type>, Problem> {
    let wrong = || Problem {
        place: Some(expr.place),
        message: "this is not a type such as `string`, `number`, `bool`, `any` or `list(string)`".to_owned(),
    };
    let some = |of: Result<Option<Type>, Problem>| of?.ok_or_else(wrong);
    Ok(Some(match &expr.kind {
        ExprKind::Null => return Ok(None),
        // In JSON, a text stands for the expression.
        ExprKind::Template(parts) => match parts.as_slice() {
            [Part::Literal(literal)] => {
                let inner = parse_text_as_expression(&literal.text, literal.place).ok_or_else(wrong)?;
                return type_of_expression(&inner);
            }
            _ => return Err(wrong()),
        },
        ExprKind::Variable(name) => match name.as_str() {
            "string" => Type::Text,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "any" => Type::Any,
            _ => return Err(wrong()),
        },
        ExprKind::Call(name, arguments, false) => match (name.as_str(), arguments.as_slice()) {
            ("list", [of]) => Type::Sequence(Sequence::List, Box::new(some(type_of_expression(of))?)),
            ("set", [of]) => Type::Sequence(Sequence::Set, Box::new(some(type_of_expression(of))?)),
            ("map", [of]) => Type::Map(Box::new(some(type_of_expression(of))?)),
            ("tuple", [Expr { kind: ExprKind::Tuple(types), .. }]) => {
                let types: Result<Vec<Type>, Problem> =
                    types.iter().map(|of| some(type_of_expression(of))).collect();
                Type::Tuple(types?)
            }
            ("object", [Expr { kind: ExprKind::Object(attributes), .. }]) => {
                let attributes: Result<Vec<_>, Problem> =
                    attributes.iter().map(|(key, of)| attribute_type(key, of)).collect();
                Type::Object(attributes?)
            }
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    }))
}

/// `name = type` or `name = optional(type)`
fn attribute_type(key: &Expr, of: &Expr) -> Result<(String, Type, bool), Problem> {
    let wrong = |message: &str| Problem { place: Some(key.place), message: message.to_owned() };
    let ExprKind::Template(parts) = &key.kind else {
        return Err(wrong("the name of an attribute is needed"));
    };
    let [Part::Literal(name)] = parts.as_slice() else {
        return Err(wrong("the name of an attribute is needed"));
    };
    let (of, optional) = match &of.kind {
        ExprKind::Call(function, arguments, false) if function == "optional" => {
            let [of] = arguments.as_slice() else {
                return Err(wrong("`optional` takes the type of the attribute, and nothing else"));
            };
            (of, true)
        }
        _ => (of, false),
    };
    let of = type_of_expression(of)?.ok_or_else(|| wrong("the type of an attribute is needed"))?;
    Ok((name.text.clone(), of, optional))
}
