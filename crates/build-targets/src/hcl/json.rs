//! Bake files in JSON: the same blocks and expressions, every text being a template.

use std::collections::HashSet;

use crate::json::{self, Json, JsonKind, JsonText};
use crate::problem::{Problem, quoted};
use crate::source::{FileId, Place};

use super::input::Input;
use super::parser::Parser;
use super::syntax::{Attribute, Block, Body, Expr, ExprKind, Label, Literal, Part};
use super::template::parse_template;

/// Reads a file in JSON. Keys of the top level that are in `blocks` hold blocks with one label each.
pub(crate) fn parse_json(text: &str, file: FileId, blocks: &[&str]) -> Result<Body, Problem> {
    let json = json::parse(text.trim_start_matches('\u{feff}'), file)?;
    let mut body = Body::default();
    let mut names = HashSet::new();
    for (key, value) in members(json)? {
        if blocks.contains(&key.text.as_str()) {
            labelled(&key, value, &mut body.blocks)?;
        } else {
            attribute(key, value, file, &mut body, &mut names)?;
        }
    }
    Ok(body)
}

/// The expression that the text of a JSON value is, such as the `list(string)` of a variable's type.
pub(crate) fn parse_text_as_expression(text: &str, place: Place) -> Option<Expr> {
    let mut parser = Parser::new(Input { text, file: place.file, segments: &[] });
    let mut expr = parser.expression().ok()?;
    parser.skip();
    expr.place = place;
    parser.rest().is_empty().then_some(expr)
}

/// The members of an object, or of several in an array.
fn members(json: Json) -> Result<Vec<(JsonText, Json)>, Problem> {
    let wrong = |place| Problem { place: Some(place), message: "expected an object here".to_owned() };
    match json.kind {
        JsonKind::Null => Ok(Vec::new()),
        JsonKind::Object(members) => Ok(members),
        JsonKind::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                let JsonKind::Object(members) = item.kind else { return Err(wrong(item.place)) };
                all.extend(members);
            }
            Ok(all)
        }
        _ => Err(wrong(json.place)),
    }
}

/// The blocks of one kind: an object by label, of bodies or of arrays of bodies.
fn labelled(kind: &JsonText, value: Json, blocks: &mut Vec<Block>) -> Result<(), Problem> {
    let place = value.place;
    let labelled = members(value)?;
    if labelled.is_empty() {
        let message = format!("{} needs a name for each", quoted(&kind.text));
        return Err(Problem { place: Some(place), message });
    }
    for (label, value) in labelled {
        let bodies = match value.kind {
            JsonKind::Null => continue,
            JsonKind::Array(items) => items,
            _ => vec![value],
        };
        for body in bodies {
            let label = Label { text: label.text.clone(), place: label.place };
            let place = label.place;
            let body = block_body(body)?;
            blocks.push(Block { kind: kind.text.clone(), place, labels: vec![label], body });
        }
    }
    Ok(())
}

fn block_body(json: Json) -> Result<Body, Problem> {
    let mut body = Body::default();
    let mut names = HashSet::new();
    let file = json.place.file;
    for (key, value) in members(json)? {
        attribute(key, value, file, &mut body, &mut names)?;
    }
    Ok(body)
}

fn attribute(
    key: JsonText,
    value: Json,
    file: FileId,
    body: &mut Body,
    names: &mut HashSet<String>,
) -> Result<(), Problem> {
    // The notation has no comments, and this key is for them.
    if key.text == "//" {
        return Ok(());
    }
    if !names.insert(key.text.clone()) {
        return Err(Problem {
            place: Some(key.place),
            message: format!("{} is set twice in one block", quoted(&key.text)),
        });
    }
    body.attributes.push(Attribute { name: key.text, name_place: key.place, value: expression(value, file) });
    Ok(())
}

fn expression(json: Json, file: FileId) -> Expr {
    let kind = match json.kind {
        JsonKind::Null => ExprKind::Null,
        JsonKind::Bool(value) => ExprKind::Bool(value),
        JsonKind::Number(text) => ExprKind::Number(text),
        JsonKind::Text(text) => return template(&text, file),
        JsonKind::Array(items) => {
            ExprKind::Tuple(items.into_iter().map(|item| expression(item, file)).collect())
        }
        JsonKind::Object(members) => {
            let mut names = HashSet::new();
            let twice = members.iter().find(|(key, _)| !names.insert(key.text.as_str()));
            match twice {
                Some((key, _)) => ExprKind::Bad(format!("the key {} is there twice", quoted(&key.text))),
                None => {
                    let pair =
                        |(key, value): (JsonText, Json)| (template(&key, file), expression(value, file));
                    ExprKind::Object(members.into_iter().map(pair).collect())
                }
            }
        }
    };
    Expr::new(json.place, kind)
}

/// A text as a template. What is wrong with it counts only when its value is asked for.
fn template(text: &JsonText, file: FileId) -> Expr {
    if text.text.is_empty() {
        return Expr::new(text.place, ExprKind::Template(Vec::new()));
    }
    if !text.text.contains(['$', '%']) {
        let input = Input { text: &text.text, file, segments: &text.segments };
        let literal = |(run, verbatim): (std::ops::Range<usize>, bool)| {
            let place = input.place(run.clone());
            Part::Literal(Literal { text: text.text[run].to_owned(), place, verbatim })
        };
        let parts = input.runs(0..text.text.len()).into_iter().map(literal).collect();
        return Expr::new(text.place, ExprKind::Template(parts));
    }
    match parse_template(Input { text: &text.text, file, segments: &text.segments }) {
        Ok(mut expr) => {
            expr.place = text.place;
            expr
        }
        Err(problem) => Expr::new(problem.place.unwrap_or(text.place), ExprKind::Bad(problem.message)),
    }
}
