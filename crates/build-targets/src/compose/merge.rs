//! How a later file, document or service changes an earlier one.

use std::collections::HashMap;
use std::sync::Arc;

use super::value::{Entry, List, Map, Pair, Scalar, Value};
use crate::problem::{Problem, quoted};
use crate::source::Place;

/// Merges trees, as long as they do not become huge by it.
#[derive(Debug)]
pub(super) struct Merger {
    /// How many values may yet be looked at.
    budget: usize,
    /// Arguments that are declared without a value, by their place, and where an earlier one has a value.
    pub(super) removed: HashMap<Place, Place>,
}

impl Merger {
    /// How many values all merges of a project may look at: extending a long list often is quadratic.
    const BUDGET: usize = 2_000_000;

    pub(super) fn new() -> Self {
        Self { budget: Self::BUDGET, removed: HashMap::new() }
    }

    /// What `over` makes of `base`, at a path from the top of the file.
    pub(super) fn merge(
        &mut self,
        base: Value,
        over: Value,
        path: &mut Vec<Arc<str>>,
    ) -> Result<Value, Problem> {
        self.spend(1, over.place())?;
        let names: Vec<&str> = path.iter().map(|name| &**name).collect();
        match names.as_slice() {
            ["services", _, key] => match *key {
                "build" => return self.build(base, over, path),
                "command" | "entrypoint" => return Ok(over),
                "depends_on" | "models" | "networks" => {
                    let (base, over) = (into_map(base, key), into_map(over, key));
                    return self.maybe_maps(base, over, path);
                }
                "logging" => return self.logging(base, over, path),
                "extra_hosts" => return self.lists(base, over, true),
                "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file"
                | "environment" | "labels" | "sysctls" | "tmpfs" => return self.lists(base, over, false),
                _ => {}
            },
            ["services", _, "build", "args" | "additional_contexts" | "labels"]
            | ["services", _, "deploy", "labels"]
            | ["networks" | "volumes", _, "labels"] => return self.lists(base, over, false),
            ["services", _, "build", "extra_hosts"] => return self.lists(base, over, true),
            ["services", _, "healthcheck", "test"] | ["services", _, "ulimits", _] => return Ok(over),
            _ => {}
        }
        if over.is_null() {
            return Ok(base);
        }
        match (base, over) {
            (Value::Map(base), Value::Map(over)) => self.maps(base, &over, path).map(Value::Map),
            (Value::List(base), Value::List(over)) => self.append(base, &over.items).map(Value::List),
            (base @ (Value::Map(_) | Value::List(_)), over) => {
                let message = format!(
                    "{} cannot override {} of an earlier definition by {}",
                    quoted(&names.join(".")),
                    base.kind(),
                    over.kind()
                );
                Err(Problem { place: Some(over.place()), message })
            }
            (_, over) => Ok(over),
        }
    }

    fn maps(
        &mut self,
        mut base: Arc<Map>,
        over: &Map,
        path: &mut Vec<Arc<str>>,
    ) -> Result<Arc<Map>, Problem> {
        self.spend(over.entries.len(), over.place)?;
        if Arc::strong_count(&base) > 1 {
            self.spend(base.entries.len(), over.place)?;
        }
        let map = Arc::make_mut(&mut base);
        for (name, entry) in &over.entries {
            let Some(present) = map.entries.get_mut(name) else {
                map.entries.insert(Arc::clone(name), entry.clone());
                continue;
            };
            let empty = Value::Scalar(Scalar::default("", present.key));
            let before = std::mem::replace(&mut present.value, empty);
            path.push(Arc::clone(name));
            let value = self.merge(before, entry.value.clone(), path)?;
            path.pop();
            // A service is where its build is, and else where it first was.
            let is_service = matches!(path.as_slice(), [only] if &**only == "services");
            let builds = entry.value.map().is_some_and(|service| service.get("build").is_some());
            let key = if is_service && !builds { present.key } else { entry.key };
            *present = Entry { key, value };
        }
        Ok(base)
    }

    fn maybe_maps(&mut self, base: Value, over: Value, path: &mut Vec<Arc<str>>) -> Result<Value, Problem> {
        match (base, over) {
            (Value::Map(base), Value::Map(over)) => self.maps(base, &over, path).map(Value::Map),
            (base @ Value::Map(_), _) => Ok(base),
            (_, over) => Ok(over),
        }
    }

    /// `build: ./x` is `build: {context: ./x}` before anything else.
    fn build(&mut self, base: Value, over: Value, path: &mut Vec<Arc<str>>) -> Result<Value, Problem> {
        self.maybe_maps(long_build(base), long_build(over), path)
    }

    /// Options of a logging driver are merged only if the driver is the same.
    fn logging(&mut self, base: Value, over: Value, path: &mut Vec<Arc<str>>) -> Result<Value, Problem> {
        let driver = |value: &Value| Some(value.map()?.get("driver")?.text()?.to_owned());
        match (driver(&base), driver(&over)) {
            (Some(base), Some(over_driver)) if base != over_driver => Ok(over),
            _ => self.maybe_maps(base, over, path),
        }
    }

    /// Both as lists, one after the other.
    fn lists(&mut self, base: Value, over: Value, without_equal: bool) -> Result<Value, Problem> {
        let (base, over) = (into_list(base), into_list(over));
        let mut items = over.items.clone();
        if without_equal {
            let present: Vec<String> = base.items.iter().filter_map(item_text).collect();
            self.spend(present.len().saturating_mul(items.len()), over.place)?;
            items.retain(|item| item_text(item).is_none_or(|text| !present.contains(&text)));
        }
        self.append(base, &items).map(Value::List)
    }

    fn append(&mut self, mut base: Arc<List>, items: &[Value]) -> Result<Arc<List>, Problem> {
        self.spend(base.items.len() + items.len(), base.place)?;
        Arc::make_mut(&mut base).items.extend_from_slice(items);
        Ok(base)
    }

    /// Counts values that are looked at.
    pub(super) fn spend(&mut self, count: usize, place: Place) -> Result<(), Problem> {
        match self.budget.checked_sub(count) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => {
                let message =
                    "the project is too large: its files and services repeat too much of each other";
                Err(Problem { place: Some(place), message: message.to_owned() })
            }
        }
    }

    /// Takes out of lists what is in them again later, by the rules of each: `A=1, B=2, A=3` is `A=3, B=2`.
    pub(super) fn without_repetition(&mut self, file: &mut Map) -> Result<(), Problem> {
        for top in ["networks", "services"] {
            let Some(all) = file.map_mut(top) else { continue };
            for entry in all.entries.values_mut() {
                let Value::Map(map) = &mut entry.value else { continue };
                let keys: &[&str] = if top == "services" { SERVICE_LISTS } else { &["labels"] };
                self.unique_lists(map, keys)?;
                if top == "networks" {
                    continue;
                }
                for (key, inner) in [("build", BUILD_LISTS), ("deploy", &["labels"])] {
                    if matches!(map.get(key), Some(Value::Map(_)))
                        && let Some(Value::Map(map)) = Arc::make_mut(map).get_mut(key)
                    {
                        self.unique_lists(map, inner)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn unique_lists(&mut self, map: &mut Arc<Map>, keys: &[&str]) -> Result<(), Problem> {
        for key in keys {
            let Some(Value::List(list)) = map.get(key) else { continue };
            let mut at: HashMap<String, usize> = HashMap::new();
            let mut items: Vec<Value> = Vec::with_capacity(list.items.len());
            for item in &list.items {
                let Some(text) = item_text(item) else {
                    if matches!(item, Value::Scalar(_)) && !matches!(*key, "expose" | "ports") {
                        let message = format!(
                            "the items of {} must be texts, and this is {}",
                            quoted(key),
                            item.kind()
                        );
                        return Err(Problem { place: Some(item.place()), message });
                    }
                    items.push(item.clone());
                    continue;
                };
                let name = if *key == "ports" || *key == "expose" {
                    text
                } else {
                    text.split('=').next().unwrap_or_default().to_owned()
                };
                match at.get(&name) {
                    Some(index) => {
                        if *key == "args" && has_no_value(item) && !has_no_value(&items[*index]) {
                            self.removed.insert(item.place(), items[*index].place());
                        }
                        items[*index] = item.clone();
                    }
                    None => {
                        at.insert(name, items.len());
                        items.push(item.clone());
                    }
                }
            }
            if items.len() < list.items.len() {
                let place = list.place;
                if let Some(value) = Arc::make_mut(map).get_mut(key) {
                    *value = Value::List(Arc::new(List { place, items }));
                }
            }
        }
        Ok(())
    }
}

/// Lists of a service in which a name counts once.
const SERVICE_LISTS: &[&str] = &[
    "annotations",
    "cap_add",
    "cap_drop",
    "dns",
    "dns_opt",
    "dns_search",
    "environment",
    "expose",
    "labels",
    "links",
    "ports",
    "profiles",
    "sysctls",
    "tmpfs",
];

/// Lists of a build in which a name counts once.
const BUILD_LISTS: &[&str] = &["args", "additional_contexts", "tags", "labels"];

/// `NAME=value` as one text; `None` of what is not a text.
fn item_text(item: &Value) -> Option<String> {
    match item {
        Value::Scalar(scalar) => scalar.text().map(str::to_owned),
        Value::Pair(pair) if pair.value.is_null() => Some(pair.name.to_string()),
        Value::Pair(pair) => Some(format!("{}={}", pair.name, pair.value.typed())),
        _ => None,
    }
}

fn has_no_value(item: &Value) -> bool {
    match item {
        Value::Pair(pair) => pair.value.is_null(),
        item => item.text().is_some_and(|text| !text.contains('=')),
    }
}

/// `build: ./x` as `build: {context: ./x}`.
pub(super) fn long_build(build: Value) -> Value {
    if build.text().is_some() { Value::Map(Arc::new(Map::of("context", build))) } else { build }
}

/// A list of names as a map; of dependencies with the condition that a name alone has.
pub(super) fn into_map(value: Value, key: &str) -> Value {
    let Value::List(list) = &value else { return value };
    let mut map = Map::new(list.place);
    for item in &list.items {
        let Some(name) = item.text() else { return value };
        let place = item.place();
        let mut inner = Map::new(place);
        if key == "depends_on" {
            for (key, text) in [("condition", "service_started"), ("required", "true")] {
                let value = Value::Scalar(Scalar::default(text, place));
                inner.entries.insert(key.into(), Entry { key: place, value });
            }
        }
        let inner = Value::Map(Arc::new(inner));
        map.entries.insert(name.into(), Entry { key: place, value: inner });
    }
    Value::Map(Arc::new(map))
}

fn into_list(value: Value) -> Arc<List> {
    match value {
        Value::List(list) => list,
        Value::Map(map) => {
            let mut items = Vec::with_capacity(map.entries.len());
            for (name, entry) in &map.entries {
                let pair = |value: &Scalar| {
                    let (place, name, value) = (entry.key, Arc::clone(name), value.clone());
                    Value::Pair(Arc::new(Pair { place, name, value }))
                };
                match &entry.value {
                    Value::Scalar(value) => items.push(pair(value)),
                    Value::List(list) => items.extend(list.items.iter().filter_map(Value::scalar).map(pair)),
                    other => items.push(other.clone()),
                }
            }
            Arc::new(List { place: map.place, items })
        }
        scalar if scalar.is_null() => Arc::new(List { place: scalar.place(), items: Vec::new() }),
        scalar => Arc::new(List { place: scalar.place(), items: vec![scalar] }),
    }
}
