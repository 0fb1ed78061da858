//! The names that blocks have, and how many targets each makes.

use std::collections::HashSet;

use crate::eval::{Type, Value, convert};
use crate::problem::{Problem, quoted};
use crate::source::Place;

use super::engine::{Engine, Instance};
use super::variables::attribute_of;

/// The names that hold in one of the targets.
type Locals = Vec<(String, Value)>;

/// How many targets the matrices of all files may make.
const MOST: usize = 10_000;

impl Engine<'_> {
    /// Works out what each block makes and is called. Nothing of it can refer to a target.
    pub(super) fn names(&mut self) -> Result<(), Problem> {
        let mut count = 0;
        let mut found = Vec::new();
        for at in 0..self.blocks.len() {
            let instances = self.instances(at)?;
            count += instances.len();
            let block = self.blocks[at].block;
            if instances.len() > 1 && count > MOST {
                let message = format!("the matrices make more than {MOST} targets");
                return Err(Problem { place: Some(block.place), message });
            }
            for (number, instance) in instances.iter().enumerate() {
                found.push(((block.kind.as_str(), instance.name.clone()), (at, number)));
            }
            self.blocks[at].instances = instances;
        }
        for (name, at) in found {
            self.named.entry(name).or_default().push(at);
        }
        Ok(())
    }

    fn instances(&mut self, at: usize) -> Result<Vec<Instance<'static>>, Problem> {
        let block = self.blocks[at].block;
        let label = &block.labels[0];
        valid_name(&label.text, label.place)?;
        let of = |locals, name| Instance { name, locals, values: std::collections::HashMap::new() };
        let (matrix, name) = (attribute_of(block, "matrix"), attribute_of(block, "name"));
        if block.kind == "group"
            && let Some(expr) = matrix.or(name)
        {
            let message = "only targets can have a `matrix` and a `name`".to_owned();
            return Err(Problem { place: Some(expr.place), message });
        }
        let Some(matrix) = matrix else {
            if let Some(expr) = name {
                let message =
                    "`name` is for targets with a `matrix`; the name of others is their label".to_owned();
                return Err(Problem { place: Some(expr.place), message });
            }
            return Ok(vec![of(Vec::new(), label.text.clone())]);
        };
        let combinations = combinations(&self.evaluate(matrix, &[])?.0, matrix.place)?;
        self.blocks[at].is_open = combinations.is_none();
        let combinations = combinations.unwrap_or_default();
        let mut instances = Vec::new();
        let mut names = HashSet::new();
        for locals in combinations {
            let called = match name {
                None => label.text.clone(),
                Some(expr) => match convert(&self.evaluate(expr, &locals)?.0, &Type::Text) {
                    Ok(Value::Text(text)) => text.to_string(),
                    Ok(Value::Unknown) => {
                        self.blocks[at].is_open = true;
                        continue;
                    }
                    _ => {
                        return Err(Problem {
                            place: Some(expr.place),
                            message: "a name must be text".to_owned(),
                        });
                    }
                },
            };
            let place = name.map_or(label.place, |expr| expr.place);
            valid_name(&called, place)?;
            if !names.insert(called.clone()) {
                let message = format!("the matrix makes two targets called {}", quoted(&called));
                return Err(Problem { place: Some(place), message });
            }
            instances.push(of(locals, called));
        }
        Ok(instances)
    }
}

/// All combinations of the values of a matrix, by their names; `None` if they cannot be known.
fn combinations(matrix: &Value, place: Place) -> Result<Option<Vec<Locals>>, Problem> {
    let problem = |message: String| Err(Problem { place: Some(place), message });
    let items = match matrix {
        Value::Mapping(_, items) => items,
        Value::Unknown => return Ok(None),
        _ => return problem("a matrix is an object of lists".to_owned()),
    };
    let mut combinations: Vec<Locals> = vec![Vec::new()];
    for (name, values) in items.iter() {
        let values: Vec<Value> = match values {
            Value::Sequence(_, values) => values.to_vec(),
            Value::Mapping(_, values) => values.values().cloned().collect(),
            Value::Unknown => return Ok(None),
            _ => return problem(format!("the value of {} in the matrix is not a list", quoted(name))),
        };
        if combinations.len().saturating_mul(values.len()) > MOST {
            return problem(format!("the matrix makes more than {MOST} targets"));
        }
        let with = |value: &Value| {
            let added = (name.clone(), value.clone());
            combinations
                .iter()
                .map(|c| c.iter().cloned().chain([added.clone()]).collect())
                .collect::<Vec<Locals>>()
        };
        combinations = values.iter().flat_map(with).collect();
    }
    Ok(Some(combinations))
}

/// Names of targets and groups are made of letters, digits, `_` and `-`.
pub(super) fn valid_name(name: &str, place: Place) -> Result<(), Problem> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return Ok(());
    }
    let message = format!("{} is not a name: only letters, digits, `_` and `-` can be in one", quoted(name));
    Err(Problem { place: Some(place), message })
}
