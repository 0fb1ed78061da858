//! `extends`: a service that begins as another one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::convert::{Resets, problem};
use super::load::{Loader, Scope, is_remote, set_folder};
use super::value::{Map, Scalar, Value};
use crate::paths;
use crate::problem::{Problem, WarningKind, circle, quoted};
use crate::source::Place;

/// How many services may extend one another in a row.
const MOST_LEVELS: usize = 100;

/// The services of one document or file.
pub(super) struct ServiceSet {
    file: PathBuf,
    services: Map,
    resets: Resets,
}

/// What a service says that it extends.
struct Extended {
    place: Place,
    service: Scalar,
    file: Option<Scalar>,
}

impl Loader<'_> {
    /// Extends all services of a document.
    pub(super) fn extend_all(
        &mut self,
        document: &mut Map,
        resets: &Resets,
        path: &Path,
        scope: &mut Scope<'_>,
    ) -> Result<(), Problem> {
        let Some(services) = document.get_mut("services") else { return Ok(()) };
        let Value::Map(map) = services else {
            let message = format!("`services` must be a map, but is {}", services.kind());
            return Err(problem(services.place(), message));
        };
        if !map
            .entries
            .values()
            .any(|entry| entry.value.map().is_some_and(|map| map.get("extends").is_some()))
        {
            return Ok(());
        }
        let names: Vec<Arc<str>> = map.entries.keys().cloned().collect();
        let own = ServiceSet { file: path.to_owned(), services: (**map).clone(), resets: resets.clone() };
        match scope.sets.first_mut() {
            Some(first) => *first = own,
            None => scope.sets.push(own),
        }
        for name in names {
            self.extend(scope, 0, &name, &mut Vec::new())?;
        }
        let place = map.place;
        *map = Arc::new(std::mem::replace(&mut scope.sets[0].services, Map::new(place)));
        Ok(())
    }

    /// A service after it was extended, which then replaces it in its set.
    fn extend(
        &mut self,
        scope: &mut Scope<'_>,
        set: usize,
        name: &str,
        chain: &mut Vec<(usize, String)>,
    ) -> Result<Value, Problem> {
        // Who asks knows that it is there.
        let Some(service) = scope.sets[set].services.get(name).cloned() else {
            return Ok(Value::Scalar(Scalar::default("", scope.sets[set].services.place)));
        };
        let Value::Map(map) = &service else {
            if service.is_null() {
                return Ok(service);
            }
            let message = format!("the service {} must be a map, but is {}", quoted(name), service.kind());
            return Err(problem(service.place(), message));
        };
        let Some(extended) = extended(map, name)? else { return Ok(service) };
        let this = (set, name.to_owned());
        if let Some(at) = chain.iter().position(|link| *link == this) {
            let message = format!("the service {}", circle(&names(scope, &chain[at..]), "extends"));
            return Err(problem(extended.place, message));
        }
        if chain.len() >= MOST_LEVELS {
            let message = format!("more than {MOST_LEVELS} services extend one another in a row");
            return Err(problem(extended.place, message));
        }
        let base_set = match &extended.file {
            None => set,
            Some(file) => match self.set_of(scope, file)? {
                Some(set) => set,
                None => return Ok(service),
            },
        };
        let base_name = extended.service.text().unwrap_or_default();
        if scope.sets[base_set].services.get(base_name).is_none() {
            let file = scope.sets[base_set].file.to_string_lossy().into_owned();
            let message = format!("there is no service {} in {} to extend", quoted(base_name), quoted(&file));
            if self.incomplete {
                return Ok(service);
            }
            return Err(problem(extended.service.place(), message));
        }
        chain.push(this);
        let base = self.extend(scope, base_set, base_name, chain)?;
        chain.pop();
        if base.is_null() {
            return Ok(service);
        }
        // What the document resets is taken from the base as well.
        let mut around = Map::of("services", Value::Map(Arc::new(Map::of(name, base))));
        scope.sets[set].resets.apply(&mut around);
        let base = around.map_mut("services").and_then(|services| services.entries.remove(name));
        let Some(base) = base else { return Ok(service) };
        let merged = self.merger.merge(base.value, service, &mut vec!["services".into(), "x".into()])?;
        let Value::Map(mut merged) = merged else { return Ok(merged) };
        Arc::make_mut(&mut merged).entries.remove("extends");
        let merged = Value::Map(merged);
        if let Some(value) = scope.sets[set].services.get_mut(name) {
            *value = merged.clone();
        }
        Ok(merged)
    }

    /// The services of a file; `None` if it cannot be known what they are.
    fn set_of(&mut self, scope: &mut Scope<'_>, file: &Scalar) -> Result<Option<usize>, Problem> {
        let text = file.text().unwrap_or_default();
        let unset = file.interpolation().is_some_and(|interpolation| !interpolation.unset.is_empty());
        if is_remote(text) || (unset && !self.all_known) {
            self.incomplete = true;
            if is_remote(text) {
                let kind = WarningKind::RemoteNotRead { address: text.to_owned() };
                self.notes.note(file.place(), None, None, kind);
            }
            return Ok(None);
        }
        let path = paths::join(file.base.as_deref().unwrap_or(&scope.folder), text);
        if let Some(at) = scope.sets.iter().skip(1).position(|set| set.file == path) {
            return Ok(Some(at + 1));
        }
        let (mut map, resets) = self.plain_file(&path, scope.variables, file.place())?;
        set_folder(&mut map, path.parent().unwrap_or(Path::new("")));
        let services = match map.entries.remove("services").map(|entry| entry.value) {
            Some(Value::Map(services)) => Arc::unwrap_or_clone(services),
            _ => {
                let message = format!("{} has no services to extend", quoted(&path.to_string_lossy()));
                return Err(problem(file.place(), message));
            }
        };
        scope.sets.push(ServiceSet { file: path, services, resets });
        Ok(Some(scope.sets.len() - 1))
    }
}

/// What a service extends: `extends: name`, or a map with `service` and perhaps `file`.
fn extended(service: &Map, name: &str) -> Result<Option<Extended>, Problem> {
    let Some(extends) = service.get("extends") else { return Ok(None) };
    let place = extends.place();
    let text = |value: &Value| value.scalar().filter(|scalar| scalar.text().is_some()).cloned();
    let found = match extends {
        Value::Scalar(_) => text(extends).map(|service| (service, None)),
        Value::Map(map) => map.get("service").and_then(text).map(|service| (service, map.get("file"))),
        _ => None,
    };
    let Some((service, file)) = found else {
        let message = format!("`extends` of the service {} must name a service", quoted(name));
        return Err(problem(place, message));
    };
    let file = match file {
        None => None,
        Some(file) if file.is_null() => None,
        Some(file) => match text(file) {
            Some(file) => Some(file),
            None => {
                return Err(problem(
                    file.place(),
                    format!("the file must be a string, but is {}", file.kind()),
                ));
            }
        },
    };
    Ok(Some(Extended { place, service, file }))
}

/// What services of a chain are called: with their files, if there are several.
fn names(scope: &Scope<'_>, chain: &[(usize, String)]) -> Vec<String> {
    let first = chain.first().map(|(set, _)| *set);
    let several = chain.iter().any(|(set, _)| Some(*set) != first);
    let name = |(set, name): &(usize, String)| {
        let file = &scope.sets[*set].file;
        let file = file.strip_prefix(&scope.folder).unwrap_or(file).to_string_lossy();
        if several { format!("{} of {}", quoted(name), quoted(&file)) } else { quoted(name) }
    };
    chain.iter().map(name).collect()
}
