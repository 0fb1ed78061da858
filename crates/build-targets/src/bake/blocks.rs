//! What the attributes of a block say.

use std::collections::BTreeMap;

use crate::eval::{Mapping, Number, Origin, Sequence, Type, Value, convert, template_pieces};
use crate::hcl::{Attribute, Block, Expr, ExprKind};
use crate::problem::{Problem, Warning, WarningKind};
use crate::source::Place;
use crate::target::{Inline, Piece, Text};

use super::draft::{Draft, Group, InlineText, Located};
use super::engine::Engine;
use super::schema::{self, Shape};

type Texts = Vec<Text>;

impl<'a> Engine<'a> {
    /// Works out the attributes of a target.
    pub(super) fn draft(&mut self, block: usize, instance: usize) -> Result<Draft, Problem> {
        let of = self.blocks[block].block;
        let name = self.blocks[block].instances[instance].name.clone();
        let mut draft = Draft::new(name, of.labels[0].place);
        for attribute in &of.body.attributes {
            let Some(shape) = schema::shape("target", &attribute.name) else { continue };
            let (value, origin) = self.attribute(block, instance, attribute)?;
            let value = shaped(&value, shape, attribute)?;
            match attribute.name.as_str() {
                "context" => draft.context = one(&value, &origin, attribute.value.place).map(located),
                "dockerfile" => draft.dockerfile = one(&value, &origin, attribute.value.place),
                "target" => draft.stage = one(&value, &origin, attribute.value.place),
                "dockerfile-inline" => {
                    draft.inline = self.inline(block, instance, attribute, &value, &origin)?
                }
                "inherits" => {
                    draft.inherits = self.list(block, instance, attribute, &value)?.unwrap_or_default()
                }
                "platforms" => draft.platforms = self.list(block, instance, attribute, &value)?,
                "tags" => draft.tags = self.list(block, instance, attribute, &value)?,
                "args" => draft.args = self.map(block, instance, attribute, &value)?,
                "contexts" => {
                    let items = self.map(block, instance, attribute, &value)?;
                    let known = items.into_iter().filter_map(|(n, (p, v))| Some((n, (p, located(v?)))));
                    draft.contexts.clear();
                    draft.contexts.extend(known);
                }
                _ => {}
            }
        }
        Ok(draft)
    }

    /// Works out the attributes of a group.
    pub(super) fn group(&mut self, block: usize) -> Result<Group, Problem> {
        let of = self.blocks[block].block;
        let Some(targets) = of.body.attributes.iter().find(|attribute| attribute.name == "targets") else {
            return Err(Problem { place: Some(of.place), message: "a group needs `targets`".to_owned() });
        };
        let value = shaped(&self.attribute(block, 0, targets)?.0, Shape::Texts, targets)?;
        let targets = self.list(block, 0, targets, &value)?.unwrap_or_default();
        let is_open = targets.iter().any(|text| text.value.is_none());
        let known = targets.into_iter().filter_map(|text| Some((text.value?, text.place)));
        Ok(Group { name: of.labels[0].text.clone(), targets: known.collect(), is_open })
    }

    /// The texts of a list, each with the place of its element if the list is written as such.
    fn list(
        &mut self,
        block: usize,
        instance: usize,
        attribute: &'a Attribute,
        value: &Value,
    ) -> Result<Option<Texts>, Problem> {
        let items = match value {
            Value::Null => return Ok(None),
            Value::Sequence(_, items) => items,
            _ => return Ok(Some(vec![unknown(attribute.value.place)])),
        };
        let written: &'a [Expr] = match &attribute.value.kind {
            ExprKind::Tuple(exprs) if exprs.len() == items.len() => exprs,
            _ => &[],
        };
        let whole = self.origin_of(block, instance, attribute);
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let (place, origin) = match written.get(at) {
                Some(expr) => (expr.place, self.part_origin(block, instance, expr, &whole)),
                None => (attribute.value.place, whole.clone()),
            };
            let Some(text) = one(item, &origin, place) else {
                let message = "an element of this list is null".to_owned();
                return Err(Problem { place: Some(place), message });
            };
            texts.push(text);
        }
        Ok(Some(texts))
    }

    /// The texts of an object, with the places of the names and values as far as they are written there.
    fn map(
        &mut self,
        block: usize,
        instance: usize,
        attribute: &'a Attribute,
        value: &Value,
    ) -> Result<BTreeMap<String, (Place, Option<Text>)>, Problem> {
        let Value::Mapping(_, items) = value else { return Ok(BTreeMap::new()) };
        let whole = self.origin_of(block, instance, attribute);
        let mut written: BTreeMap<String, (&'a Expr, &'a Expr)> = BTreeMap::new();
        if let ExprKind::Object(pairs) = &attribute.value.kind {
            for (key, value) in pairs {
                if let Ok((Value::Text(name), _)) = self.evaluate(key, &self.locals(block, instance)) {
                    written.insert(name.to_string(), (key, value));
                }
            }
        }
        let mut map = BTreeMap::new();
        for (name, item) in items.iter() {
            let (name_place, place, origin) = match written.get(name) {
                Some((key, value)) => {
                    (key.place, value.place, self.part_origin(block, instance, value, &whole))
                }
                None => (attribute.value.place, attribute.value.place, whole.clone()),
            };
            map.insert(name.clone(), (name_place, one(item, &origin, place)));
        }
        Ok(map)
    }

    fn inline(
        &mut self,
        block: usize,
        instance: usize,
        attribute: &'a Attribute,
        value: &Value,
        origin: &Origin,
    ) -> Result<Option<InlineText>, Problem> {
        let place = attribute.value.place;
        match value {
            Value::Null => Ok(None),
            Value::Text(text) => {
                let locals = self.locals(block, instance);
                let pieces = self.evaluator.with_names(&locals, |e| template_pieces(e, &attribute.value))?;
                let pieces = match pieces {
                    Some((made, pieces)) if *made == **text => pieces,
                    _ => vec![Piece { start: 0, place, literal: false }],
                };
                let unset = origin.unset.iter().cloned().collect();
                Ok(Some(InlineText::Known(Inline { text: text.to_string(), pieces, place, unset })))
            }
            _ => Ok(Some(InlineText::Unknown(unknown(place)))),
        }
    }

    fn locals(&self, block: usize, instance: usize) -> Vec<(String, Value)> {
        self.blocks[block].instances[instance].locals.clone()
    }

    fn origin_of(&self, block: usize, instance: usize, attribute: &Attribute) -> Origin {
        let values = &self.blocks[block].instances[instance].values;
        values.get(attribute.name.as_str()).map(|(_, origin)| origin.clone()).unwrap_or_default()
    }

    /// What a part of an attribute is made of: less than the whole, so that one variable does not taint all.
    fn part_origin(&mut self, block: usize, instance: usize, expr: &'a Expr, whole: &Origin) -> Origin {
        if *whole == Origin::default() {
            return Origin::default();
        }
        let locals = self.locals(block, instance);
        self.evaluate(expr, &locals).map_or_else(|_| whole.clone(), |(_, origin)| origin)
    }
}

/// Says which attributes and blocks nobody reads.
pub(super) fn warnings(block: &Block, warnings: &mut Vec<Warning>) {
    let kind = block.kind.as_str();
    let mut warn = |place, key: &str| {
        let similar = schema::similar(kind, key);
        let kind = WarningKind::UnknownKey { key: key.to_owned(), similar };
        let target = block.labels.first().map(|label| label.text.clone());
        warnings.push(Warning { place, related: None, target, kind });
    };
    if !matches!(kind, "target" | "group") {
        return;
    }
    for attribute in &block.body.attributes {
        let name = attribute.name.as_str();
        if schema::shape(kind, name).is_none() && !schema::MATRIX.contains(&name) {
            warn(attribute.name_place, name);
        }
    }
    for inner in &block.body.blocks {
        warn(inner.place, &inner.kind);
    }
}

/// Says which numbers are other texts than they are written as, where texts are made of them: in arguments, and where
/// only a version is written so also in a matrix and in the default of a variable, which arguments are made of.
pub(super) fn changed_numbers(block: &Block, warnings: &mut Vec<Warning>) {
    let mut note = |expr: &Expr, is_argument: bool| {
        let ExprKind::Number(written) = &expr.kind else { return };
        let Some(value) = Number::parse(written).map(|number| number.to_string()) else { return };
        let is_version = written.ends_with('0') && written.contains('.') && !written.ends_with(".0");
        if value != *written && (is_argument || is_version) {
            let target = block.labels.first().filter(|_| is_argument).map(|label| label.text.clone());
            let kind = WarningKind::NumberChanged { written: written.clone(), value };
            warnings.push(Warning { place: expr.place, related: None, target, kind });
        }
    };
    for attribute in &block.body.attributes {
        match (block.kind.as_str(), attribute.name.as_str(), &attribute.value.kind) {
            ("target", "args", ExprKind::Object(pairs)) => {
                pairs.iter().for_each(|(_, value)| note(value, true));
            }
            ("target", "matrix", ExprKind::Object(pairs)) => {
                for (_, values) in pairs {
                    if let ExprKind::Tuple(items) = &values.kind {
                        items.iter().for_each(|item| note(item, false));
                    }
                }
            }
            ("variable", "default", _) => note(&attribute.value, false),
            _ => {}
        }
    }
}

/// The text of a value; `None` if it is null.
fn one(value: &Value, origin: &Origin, place: Place) -> Option<Text> {
    let value = match value {
        Value::Null => return None,
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let unset = origin.unset.iter().cloned().collect();
    Some(Text { value, place, unset, from_environment: origin.from_environment })
}

fn located(text: Text) -> Located {
    Located { text, base: None }
}

fn unknown(place: Place) -> Text {
    Text { value: None, place, unset: Vec::new(), from_environment: false }
}

/// Makes a value what its attribute needs.
fn shaped(value: &Value, shape: Shape, attribute: &Attribute) -> Result<Value, Problem> {
    let texts = |kind| Type::Sequence(kind, Box::new(Type::Text));
    let to = match shape {
        Shape::Text => Type::Text,
        Shape::Bool => Type::Bool,
        Shape::Texts => texts(Sequence::List),
        Shape::Map { .. } => Type::Map(Box::new(Type::Text)),
        Shape::Entries => match value {
            Value::Sequence(..) | Value::Null | Value::Unknown => return Ok(value.clone()),
            _ => Type::Sequence(Sequence::List, Box::new(Type::Any)),
        },
        Shape::Any => return Ok(value.clone()),
    };
    let problem = |message: String| Problem {
        place: Some(attribute.value.place),
        message: format!("the value of `{}` does not fit: {message}", attribute.name),
    };
    let value = convert(value, &to).map_err(problem)?;
    if let (Shape::Map { null: false }, Value::Mapping(Mapping::Map, items)) = (shape, &value)
        && items.values().any(|item| matches!(item, Value::Null))
    {
        return Err(problem("a value in it is null".to_owned()));
    }
    Ok(value)
}
