//! Makes the tree that Compose works on of a YAML document: merge keys, tags and variables.

use std::collections::HashSet;
use std::sync::Arc;

use super::schema::is_boolean_word;
use super::value::{Entry, List, Map, Scalar, Value};
use crate::interpolate::Interpolator;
use crate::problem::{Problem, Warning, WarningKind, quoted};
use crate::source::{Place, Sources};
use crate::yaml::{self, MergedEntry, Node, merged_entries, place_within};

/// How many values the files of a project may have together, aliases written out.
const MOST_VALUES: usize = 500_000;

/// A path from the top of a file.
pub(super) type Path = Vec<Arc<str>>;

/// What an item of a list adds to a path.
const ITEM: &str = "[]";

/// A document as a tree, and what it takes away from what is before it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) map: Map,
    /// Where `!reset` and `!override` are.
    pub(super) resets: Resets,
}

/// Places in a tree that a document empties before it is merged.
#[derive(Debug, Clone, Default)]
pub(super) struct Resets(Vec<Path>);

impl Resets {
    /// Takes away what is at these places.
    pub(super) fn apply(&self, map: &mut Map) {
        for path in &self.0 {
            let Some((last, parents)) = path.split_last() else { continue };
            let names: Vec<&str> = parents.iter().map(|name| &**name).collect();
            if let ["services", service, "build", "additional_contexts"] = names.as_slice() {
                take_context(map, service, last);
            }
            // Look first, so that what is shared is not copied for nothing.
            let mut holder = Some(&*map);
            for key in parents {
                holder = holder.and_then(|map| map.get(key)).and_then(Value::map).map(|map| &**map);
            }
            if holder.is_none_or(|map| map.get(last).is_none()) {
                continue;
            }
            let mut holder = Some(&mut *map);
            for key in parents {
                holder = holder.and_then(|map| map.map_mut(key));
            }
            if let Some(map) = holder {
                map.entries.remove(last);
            }
        }
    }
}

/// Takes a named context away that is written `name=value`.
fn take_context(file: &mut Map, service: &str, name: &str) {
    let is_it = |item: &Value| match item {
        Value::Pair(pair) => &*pair.name == name,
        item => {
            item.text().and_then(|text| text.strip_prefix(name)).is_some_and(|rest| rest.starts_with('='))
        }
    };
    let contexts = |map: &Map| -> Option<bool> {
        let service = map.get("services")?.map()?.get(service)?.map()?;
        let contexts = service.get("build")?.map()?.get("additional_contexts")?;
        Some(contexts.list()?.iter().any(is_it))
    };
    if contexts(file) != Some(true) {
        return;
    }
    let build = file.map_mut("services").and_then(|all| all.map_mut(service));
    let build = build.and_then(|service| service.map_mut("build"));
    if let Some(Value::List(list)) = build.and_then(|build| build.get_mut("additional_contexts")) {
        Arc::make_mut(list).items.retain(|item| !is_it(item));
    }
}

/// Warnings, each place and kind once: what several services share is read for each of them.
#[derive(Debug, Default)]
pub(super) struct Notes {
    warnings: Vec<Warning>,
    seen: HashSet<(Place, String)>,
    values: usize,
}

impl Notes {
    pub(super) fn note(
        &mut self,
        place: Place,
        related: Option<Place>,
        target: Option<&str>,
        kind: WarningKind,
    ) {
        if self.seen.insert((place, format!("{kind:?}"))) {
            self.warnings.push(Warning { place, related, target: target.map(str::to_owned), kind });
        }
    }

    pub(super) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }
}

/// Reads documents with the variables of one project.
pub(super) struct Converter<'a> {
    pub(super) sources: &'a Sources,
    pub(super) interpolator: &'a Interpolator<'a>,
    /// Whether the variables at hand are all that there are.
    pub(super) all_known: bool,
    pub(super) notes: &'a mut Notes,
}

impl Converter<'_> {
    /// A document as a tree.
    pub(super) fn document(&mut self, node: &Node) -> Result<Document, Problem> {
        let mut work = Work { of: self, path: Vec::new(), resets: Vec::new() };
        match work.value(node)? {
            Some(Value::Map(map)) => {
                Ok(Document { map: Arc::unwrap_or_clone(map), resets: Resets(work.resets) })
            }
            _ => Err(problem(node.place(), "a Compose file must be a map, with `services` in it")),
        }
    }
}

struct Work<'a, 'b> {
    of: &'a mut Converter<'b>,
    path: Path,
    resets: Vec<Path>,
}

impl Work<'_, '_> {
    /// A value; `None` if it is taken away.
    fn value(&mut self, node: &Node) -> Result<Option<Value>, Problem> {
        self.of.notes.values += 1;
        if self.of.notes.values > MOST_VALUES {
            let message = format!("the files of the project have more than {MOST_VALUES} values together");
            return Err(problem(node.place(), message));
        }
        if let Some("!reset" | "!override") = node.tag()
            && !self.path.iter().any(|key| &**key == ITEM)
        {
            self.resets.push(self.path.clone());
        }
        if node.tag() == Some("!reset") {
            return Ok(None);
        }
        if node.entries().is_some() {
            return self.map(node).map(Some);
        }
        if let Some(items) = node.items() {
            let mut list = List { place: node.written(), items: Vec::with_capacity(items.len()) };
            self.path.push(ITEM.into());
            for item in items {
                list.items.extend(self.value(item)?);
            }
            self.path.pop();
            return Ok(Some(Value::List(Arc::new(list))));
        }
        self.scalar(node).map(|scalar| Some(Value::Scalar(scalar)))
    }

    fn map(&mut self, node: &Node) -> Result<Value, Problem> {
        let mut map = Map::new(node.written());
        for MergedEntry { entry, hides, .. } in merged_entries(node)? {
            let Some(yaml::Value::Text(name)) = entry.key.value() else {
                let place = entry.key.place();
                let key = entry.key.text().map_or_else(|| "this key".to_owned(), quoted);
                let message = format!("{key} is not a text, and keys must be: write it in quotes");
                return Err(problem(place, message));
            };
            let name: Arc<str> = name.into();
            self.path.push(Arc::clone(&name));
            if let Some(hidden) = hides.as_ref().filter(|_| entry.value.tag() != Some("!reset")) {
                self.note_dropped(&entry.value, hidden, entry.key.place());
            }
            let mut value = self.value(&entry.value)?;
            // What is reset is not there, so that a merge key can bring it.
            if let (None, Some(hidden)) = (&value, &hides) {
                value = self.value(hidden)?;
            }
            if let Some(value) = value {
                map.entries.insert(name, Entry { key: entry.key.place(), value });
            }
            self.path.pop();
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn scalar(&mut self, node: &Node) -> Result<Scalar, Problem> {
        let Some(value) = node.value() else {
            let tag = node.tag().unwrap_or_default();
            let message =
                format!("{} is not of the type {}", quoted(node.text().unwrap_or_default()), quoted(tag));
            return Err(problem(node.place(), message));
        };
        let yaml::Value::Text(text) = value else { return Ok(Scalar::written(node.clone(), None)) };
        let interpolation = self.of.interpolator.interpolate(text).map_err(|fault| Problem {
            place: Some(place_within(self.of.sources, node, fault.at)),
            message: fault.message,
        })?;
        if let Some(interpolation) = &interpolation
            && self.in_build()
        {
            for name in &interpolation.unset {
                let kind = WarningKind::UnsetVariable { name: name.clone() };
                self.of.notes.note(node.written(), None, self.path.get(1).map(|name| &**name), kind);
            }
        }
        let scalar = Scalar::written(node.clone(), interpolation);
        self.check_type(&scalar)?;
        Ok(scalar)
    }

    /// Whether the path is in the build of a service.
    fn in_build(&self) -> bool {
        matches!(self.path.first_chunk(), Some([top, _, key]) if &**top == "services" && &**key == "build")
    }

    /// Tells which entries of a map from a merge key a map of the same key hides.
    fn note_dropped(&mut self, value: &Node, hidden: &Node, place: Place) {
        if !self.in_build() || hidden.entries().is_none() {
            return;
        }
        let (Ok(own), Ok(lost)) = (merged_entries(value), merged_entries(hidden)) else { return };
        // An empty map is meant to be empty.
        if own.is_empty() {
            return;
        }
        let own: HashSet<&str> = own.iter().filter_map(|entry| entry.entry.key.text()).collect();
        let entries: Vec<String> = lost
            .iter()
            .filter_map(|entry| entry.entry.key.text())
            .filter(|name| !own.contains(name))
            .map(str::to_owned)
            .collect();
        if !entries.is_empty() {
            let key = self.path.last().map_or_else(String::new, ToString::to_string);
            let kind = WarningKind::MergeDropsEntries { key, entries };
            self.of.notes.note(place, Some(hidden.place()), self.path.get(1).map(|name| &**name), kind);
        }
    }

    /// Texts in places of numbers and booleans must be such, or Compose stops.
    fn check_type(&self, scalar: &Scalar) -> Result<(), Problem> {
        // What a variable will be that is not set here is not known.
        let Some(text) = scalar.text() else { return Ok(()) };
        let unset = scalar.interpolation().is_some_and(|interpolation| !interpolation.unset.is_empty());
        if unset && !self.of.all_known {
            return Ok(());
        }
        let names: Vec<&str> = self.path.iter().map(|name| &**name).collect();
        let (fits, wanted) = match wanted_type(&names) {
            None => return Ok(()),
            Some(Wanted::Integer) => (text.parse::<i64>().is_ok(), "a whole number"),
            Some(Wanted::Number) => (text.parse::<f64>().is_ok(), "a number"),
            Some(Wanted::Boolean) => (is_boolean_word(scalar), "`true` or `false`"),
        };
        if fits {
            return Ok(());
        }
        let message = format!("{} must be {wanted}, but is {}", quoted(&names.join(".")), quoted(text));
        Err(problem(scalar.place(), message))
    }
}

enum Wanted {
    Integer,
    Number,
    Boolean,
}

/// What Compose makes of a text at a path.
fn wanted_type(path: &[&str]) -> Option<Wanted> {
    let in_service = match path {
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => return Some(Wanted::Boolean),
        ["services", _, in_service @ ..] => in_service,
        _ => return None,
    };
    Some(match in_service {
        [
            "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"
            | "oom_score_adj" | "pids_limit" | "scale",
        ]
        | ["deploy", "replicas"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["healthcheck", "retries"]
        | ["ports", ITEM, "target"]
        | ["ulimits", _]
        | ["ulimits", _, "hard" | "soft"] => Wanted::Integer,
        ["cpu_percent" | "cpus"] | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => {
            Wanted::Number
        }
        ["init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
        | ["depends_on", _, "required" | "restart"]
        | ["healthcheck", "disable"]
        | ["volumes", ITEM, "read_only"]
        | ["volumes", ITEM, "volume", "nocopy"] => Wanted::Boolean,
        _ => return None,
    })
}

pub(super) fn problem(place: Place, message: impl Into<String>) -> Problem {
    Problem { place: Some(place), message: message.into() }
}
