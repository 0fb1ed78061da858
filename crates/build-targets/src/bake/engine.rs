//! Works out what blocks refer to before the blocks themselves, in whatever order the files have them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use crate::eval::{Evaluator, Function, Mapping, Origin, Reference, Value, is_function, references};
use crate::hcl::{Attribute, Block, Body, Expr, ExprKind, Part};
use crate::problem::{Problem, circle, quoted};
use crate::source::Place;

use super::Request;
use super::schema::{self, Shape};
use super::variables::attribute_of;

/// How long a chain of things that refer to each other may be.
const MAX_CHAIN: usize = 100;

/// The files, and what of them has been worked out.
pub(super) struct Engine<'a> {
    pub evaluator: Evaluator<'a>,
    pub request: &'a Request,
    pub variables: HashMap<&'a str, &'a Block>,
    pub attributes: HashMap<&'a str, &'a Attribute>,
    functions: HashMap<&'a str, &'a Block>,
    /// Targets and groups, in the order of the files.
    pub blocks: Vec<BlockState<'a>>,
    /// Blocks by kind and by the names that they have once their matrix is worked out.
    pub named: HashMap<(&'a str, String), Vec<(usize, usize)>>,
    /// What is being worked out, by what it is called.
    busy: Vec<String>,
}

/// A block and what it makes.
pub(super) struct BlockState<'a> {
    pub block: &'a Block,
    /// One, or as many as its matrix makes.
    pub instances: Vec<Instance<'a>>,
    /// Whether its matrix cannot be known, and so may make more.
    pub is_open: bool,
}

/// One target or group that a block makes.
pub(super) struct Instance<'a> {
    pub name: String,
    /// The variables of the matrix.
    pub locals: Vec<(String, Value)>,
    /// Attributes that have been worked out.
    pub values: HashMap<&'a str, (Value, Origin)>,
}

impl<'a> Engine<'a> {
    /// Collects what the files define. Of two variables, functions or attributes of a name the later counts.
    pub(super) fn new(
        bodies: &'a [Body],
        builtin: Vec<(&str, Value)>,
        request: &'a Request,
    ) -> Result<Self, Problem> {
        let mut engine = Self {
            evaluator: Evaluator::default(),
            request,
            variables: HashMap::new(),
            attributes: HashMap::new(),
            functions: HashMap::new(),
            blocks: Vec::new(),
            named: HashMap::new(),
            busy: Vec::new(),
        };
        for (name, value) in builtin {
            engine.evaluator.variables.insert(name.to_owned(), (value, Origin::default()));
        }
        for kind in ["target", "group"] {
            let none = (Value::object(BTreeMap::new()), Origin::default());
            engine.evaluator.variables.insert(kind.to_owned(), none);
        }
        for body in bodies {
            for attribute in &body.attributes {
                engine.attributes.insert(&attribute.name, attribute);
            }
            for block in &body.blocks {
                engine.collect(block)?;
            }
        }
        Ok(engine)
    }

    fn collect(&mut self, block: &'a Block) -> Result<(), Problem> {
        if !schema::BLOCKS.contains(&block.kind.as_str()) {
            return Ok(());
        }
        let [label] = block.labels.as_slice() else {
            let message = format!("a `{}` block has one label: its name", block.kind);
            return Err(Problem { place: Some(block.place), message });
        };
        match block.kind.as_str() {
            "variable" => {
                self.variables.insert(&label.text, block);
            }
            "function" => {
                self.functions.insert(&label.text, block);
            }
            _ => self.blocks.push(BlockState { block, instances: Vec::new(), is_open: false }),
        }
        Ok(())
    }

    /// Works out all variables, functions and attributes of the top level: a fault in any refuses the files.
    pub(super) fn definitions(&mut self) -> Result<(), Problem> {
        let mut variables: Vec<(&'a str, &'a Block)> = self.variables.iter().map(|(n, b)| (*n, *b)).collect();
        variables.sort_unstable_by_key(|(_, block)| block.place);
        for (name, block) in &variables {
            self.variable(name, block.place)?;
        }
        for (_, block) in variables {
            self.check_variable(block)?;
        }
        let mut functions: Vec<(&'a str, Place)> =
            self.functions.iter().map(|(n, b)| (*n, b.place)).collect();
        functions.sort_unstable_by_key(|(_, place)| *place);
        for (name, place) in functions {
            self.function(name, place)?;
        }
        Ok(())
    }

    /// Works out the attributes of the top level that nothing has referred to.
    pub(super) fn other_attributes(&mut self) -> Result<(), Problem> {
        let mut attributes: Vec<(&'a str, Place)> =
            self.attributes.iter().map(|(n, a)| (*n, a.name_place)).collect();
        attributes.sort_unstable_by_key(|(_, place)| *place);
        for (name, place) in attributes {
            if !matches!(name, "target" | "group" | "function" | "variable") {
                self.variable(name, place)?;
            }
        }
        Ok(())
    }

    /// Notes that something is being worked out: it must not lead to itself.
    pub(super) fn enter(&mut self, what: String, place: Place) -> Result<(), Problem> {
        let problem = |message| Err(Problem { place: Some(place), message });
        if let Some(at) = self.busy.iter().position(|busy| *busy == what) {
            return problem(circle(&self.busy[at..], "refers to"));
        }
        if self.busy.len() >= MAX_CHAIN {
            return problem(format!(
                "variables, functions and attributes refer to each other more than {MAX_CHAIN} times in a row"
            ));
        }
        self.busy.push(what);
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.busy.pop();
    }

    /// Works an expression out, and what it refers to before it.
    pub(super) fn evaluate(
        &mut self,
        expr: &'a Expr,
        locals: &[(String, Value)],
    ) -> Result<(Value, Origin), Problem> {
        let local = |name: &str| locals.iter().any(|(local, _)| local == name);
        let blocks = self.load(expr, &local, true)?;
        self.evaluator.take_origin();
        let value = self.evaluator.value_with(expr, locals).map_err(Problem::from)?;
        let mut origin = self.evaluator.take_origin();
        origin.add(&blocks);
        Ok((value, origin))
    }

    /// Works out what an expression refers to. Says what the blocks among it are made of.
    pub(super) fn load(
        &mut self,
        expr: &'a Expr,
        local: &dyn Fn(&str) -> bool,
        may_miss: bool,
    ) -> Result<Origin, Problem> {
        let mut blocks = Origin::default();
        for reference in references(expr) {
            match reference {
                Reference::Function { name, place } => {
                    self.function(name, place)?;
                    if !may_miss && !is_function(name) && !self.functions.contains_key(name) {
                        let message = format!("there is no function called {}", quoted(name));
                        return Err(Problem { place: Some(place), message });
                    }
                }
                Reference::Variable { name, .. } if local(name) => {}
                Reference::Variable { name: kind @ ("target" | "group"), steps, place } => {
                    self.block_reference(kind, &steps, place, &mut blocks)?;
                }
                Reference::Variable { name, place, .. } => {
                    self.variable(name, place)?;
                    if !may_miss && !self.evaluator.variables.contains_key(name) {
                        let message = format!("there is no variable called {}", quoted(name));
                        return Err(Problem { place: Some(place), message });
                    }
                }
            }
        }
        Ok(blocks)
    }

    /// Works out `target.name.attribute`, as the block itself says it.
    fn block_reference(
        &mut self,
        kind: &'a str,
        steps: &[Option<&'a str>],
        place: Place,
        origin: &mut Origin,
    ) -> Result<(), Problem> {
        let Some(Some(name)) = steps.first() else {
            let message = format!("`{kind}` is followed by the name of a {kind}, as in `{kind}.name`");
            return Err(Problem { place: Some(place), message });
        };
        let wanted = steps.get(1).copied().flatten();
        let Some(found) = self.named.get(&(kind, (*name).to_owned())).cloned() else { return Ok(()) };
        for (block, instance) in found {
            let body = &self.blocks[block].block.body;
            let known = |attribute: &&'a Attribute| {
                schema::shape(kind, &attribute.name).is_some()
                    && wanted.is_none_or(|wanted| wanted == attribute.name)
            };
            for attribute in body.attributes.iter().filter(known) {
                origin.add(&self.attribute(block, instance, attribute)?.1);
            }
            self.publish(kind, name, block, instance);
        }
        Ok(())
    }

    /// Makes what has been worked out of a block known to expressions: with null for what it does not say.
    fn publish(&mut self, kind: &str, name: &str, block: usize, instance: usize) {
        let table: &[(&str, Shape)] = if kind == "group" { &schema::GROUP } else { &schema::TARGET };
        let values = &self.blocks[block].instances[instance].values;
        let mut object = BTreeMap::new();
        object.extend(table.iter().map(|(name, _)| ((*name).to_owned(), Value::Null)));
        for (name, (value, _)) in values {
            // The tool makes objects of such texts, which are not worked out here.
            let entries = matches!(schema::shape(kind, name), Some(Shape::Entries | Shape::Any));
            let value = if entries { Value::Unknown } else { value.clone() };
            object.insert((*name).to_owned(), value);
        }
        object.insert("name".to_owned(), Value::text(name));
        if let Some((Value::Mapping(Mapping::Object, blocks), _)) = self.evaluator.variables.get_mut(kind) {
            Rc::make_mut(blocks).insert(name.to_owned(), Value::object(object));
        }
    }

    /// Works out an attribute of a block.
    pub(super) fn attribute(
        &mut self,
        block: usize,
        instance: usize,
        attribute: &'a Attribute,
    ) -> Result<(Value, Origin), Problem> {
        let state = &self.blocks[block].instances[instance];
        if let Some(done) = state.values.get(attribute.name.as_str()) {
            return Ok(done.clone());
        }
        let locals = state.locals.clone();
        let kind = &self.blocks[block].block.kind;
        // Names that are the same in several blocks are told apart by their number.
        let what = format!("{} of {kind} {} (no. {block})", quoted(&attribute.name), quoted(&state.name));
        self.enter(what, attribute.name_place)?;
        let (value, origin) = self.evaluate(&attribute.value, &locals)?;
        let value = self.evaluator.shallow(value, attribute.value.place)?;
        self.leave();
        let done = (value, origin);
        self.blocks[block].instances[instance].values.insert(&attribute.name, done.clone());
        Ok(done)
    }

    /// Makes a function of the files known.
    fn function(&mut self, name: &'a str, place: Place) -> Result<(), Problem> {
        if is_function(name) || self.evaluator.functions.contains_key(name) {
            return Ok(());
        }
        let Some(block) = self.functions.get(name).copied() else { return Ok(()) };
        self.enter(format!("the function {}", quoted(name)), place)?;
        let problem = |place, message: String| Err(Problem { place: Some(place), message });
        for attribute in &block.body.attributes {
            if !matches!(attribute.name.as_str(), "params" | "variadic_params" | "result") {
                return problem(
                    attribute.name_place,
                    format!("a function has no {}", quoted(&attribute.name)),
                );
            }
        }
        let Some(result) = attribute_of(block, "result") else {
            return problem(block.place, "a function needs a `result`".to_owned());
        };
        let Some(Expr { kind: ExprKind::Tuple(params), .. }) = attribute_of(block, "params") else {
            return problem(block.place, "a function needs `params`, a list of names".to_owned());
        };
        let mut parameters = Vec::new();
        for param in params {
            let Some(param) = name_of(param) else {
                return problem(param.place, "a parameter is a name without quotes".to_owned());
            };
            parameters.push(param.to_owned());
        }
        let variadic = match attribute_of(block, "variadic_params") {
            None => None,
            Some(expr) => match name_of(expr) {
                Some(param) => Some(param.to_owned()),
                None => return problem(expr.place, "a parameter is a name without quotes".to_owned()),
            },
        };
        let names: HashSet<&str> = parameters.iter().chain(&variadic).map(String::as_str).collect();
        self.load(result, &|name| names.contains(name), false)?;
        let function = Function { parameters, variadic, result };
        self.evaluator.functions.insert(name.to_owned(), Rc::new(function));
        self.leave();
        Ok(())
    }
}

/// The name that an expression is; in JSON it is written as a text.
fn name_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Template(parts) => match parts.as_slice() {
            [Part::Literal(literal)] => Some(&literal.text),
            _ => None,
        },
        _ => expr.keyword(),
    }
}
