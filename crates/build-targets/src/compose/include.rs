//! `include`: other projects that become part of this one, with folders and variables of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::convert::{Resets, problem};
use super::load::{Loader, Scope, is_remote};
use super::value::{Entry, Map, Scalar, Value};
use crate::paths;
use crate::problem::{Problem, WarningKind, circle, quoted};
use crate::source::Place;

/// How deep projects may include one another.
const MOST_LEVELS: usize = 50;

/// An item of `include`.
struct Included {
    place: Place,
    paths: Vec<Scalar>,
    project_directory: Option<String>,
    env_files: Vec<Scalar>,
}

impl Loader<'_> {
    /// Brings what a document includes into it.
    pub(super) fn include(
        &mut self,
        document: &mut Map,
        resets: &Resets,
        scope: &mut Scope<'_>,
    ) -> Result<(), Problem> {
        let Some(include) = document.entries.remove("include").map(|entry| entry.value) else {
            return Ok(());
        };
        if include.is_null() {
            return Ok(());
        }
        let Value::List(list) = &include else {
            return Err(problem(
                include.place(),
                format!("`include` must be a list, but is {}", include.kind()),
            ));
        };
        for item in &list.items {
            let included = included(item)?;
            if let Some(model) = self.included_model(&included, scope)? {
                self.import(document, model, resets)?;
            }
        }
        Ok(())
    }

    fn included_model(&mut self, included: &Included, scope: &Scope<'_>) -> Result<Option<Map>, Problem> {
        let texts: Vec<&str> = included.paths.iter().filter_map(Scalar::text).collect();
        let unset = |scalar: &Scalar| scalar.interpolation().is_some_and(|it| !it.unset.is_empty());
        let unknown = !self.all_known && included.paths.iter().chain(&included.env_files).any(unset);
        if let Some(address) = texts.iter().find(|text| is_remote(text)) {
            let kind = WarningKind::RemoteNotRead { address: (*address).to_owned() };
            self.notes.note(included.place, None, None, kind);
            self.incomplete = true;
            return Ok(None);
        }
        if unknown {
            self.incomplete = true;
            return Ok(None);
        }
        let files: Vec<PathBuf> = texts.iter().map(|text| paths::join(&scope.folder, text)).collect();
        let Some(main) = files.first() else { return Ok(None) };
        if scope.including.contains(main) {
            let since = scope.including.iter().skip_while(|file| *file != main);
            let names: Vec<String> = since.map(|file| quoted(&file.to_string_lossy())).collect();
            let message = circle(&names, "includes");
            return Err(problem(included.place, message));
        }
        if scope.including.len() >= MOST_LEVELS {
            let message = format!("projects include one another more than {MOST_LEVELS} levels deep");
            return Err(problem(included.place, message));
        }
        let folder = match &included.project_directory {
            Some(folder) => paths::join(&scope.folder, folder),
            None => main.parent().unwrap_or(Path::new("")).to_owned(),
        };
        let mut env_files = Vec::new();
        if included.env_files.is_empty() {
            let default = folder.join(".env");
            if self.files.is_file(&default) {
                env_files.push(default);
            }
        } else {
            let texts = included
                .env_files
                .iter()
                .filter_map(Scalar::text)
                .filter(|text| !paths::is_nothing(Path::new(text)));
            env_files.extend(texts.map(|text| paths::join(&scope.folder, text)));
        }
        let mut variables = self.env_files(&env_files, scope.variables, Some(included.place))?;
        // What the including project has wins.
        variables.extend(scope.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
        let including = scope.including.clone();
        let mut inner = Scope { folder, variables: &variables, including, sets: Vec::new() };
        self.model(&files, &mut inner, Some(included.place)).map(Some)
    }

    /// Puts the parts of an included project where the document has them; what both have is merged.
    fn import(&mut self, document: &mut Map, mut model: Map, resets: &Resets) -> Result<(), Problem> {
        for key in ["services", "volumes", "networks", "secrets", "configs", "models"] {
            let Some(from) = model.entries.remove(key) else { continue };
            let Value::Map(parts) = from.value else { continue };
            let place = parts.place;
            let own = document
                .entries
                .entry(key.into())
                .or_insert_with(|| Entry { key: from.key, value: Value::Map(Arc::new(Map::new(place))) });
            let Value::Map(own) = &mut own.value else {
                let message = format!("`{key}` must be a map, but is {}", own.value.kind());
                return Err(problem(own.value.place(), message));
            };
            let own = Arc::make_mut(own);
            for (name, part) in Arc::unwrap_or_clone(parts).entries {
                let Some(present) = own.entries.get_mut(&name) else {
                    own.entries.insert(name, part);
                    continue;
                };
                let mut around = Map::of(key, Value::Map(Arc::new(Map::of(&name, part.value))));
                resets.apply(&mut around);
                let base = around.map_mut(key).and_then(|parts| parts.entries.remove(&name));
                if let Some(base) = base {
                    let over = present.value.clone();
                    present.value =
                        self.merger.merge(base.value, over, &mut vec![key.into(), Arc::clone(&name)])?;
                }
            }
        }
        Ok(())
    }
}

/// An item: a path, or a map with `path` and what else counts.
fn included(item: &Value) -> Result<Included, Problem> {
    let place = item.place();
    if item.text().is_some() {
        let paths = texts(item)?;
        return Ok(Included { place, paths, project_directory: None, env_files: Vec::new() });
    }
    let Value::Map(map) = item else {
        return Err(problem(
            place,
            format!("an included project must be a string or a map, but is {}", item.kind()),
        ));
    };
    let paths = map.get("path").map(texts).transpose()?.unwrap_or_default();
    if paths.is_empty() {
        return Err(problem(place, "an included project needs a `path`"));
    }
    let project_directory = match map.get("project_directory") {
        Some(Value::Scalar(folder)) => folder.text().filter(|text| !text.is_empty()).map(str::to_owned),
        _ => None,
    };
    let env_files = map.get("env_file").map(texts).transpose()?.unwrap_or_default();
    Ok(Included { place, paths, project_directory, env_files })
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Result<Vec<Scalar>, Problem> {
    let scalar = |value: &Value| match value.scalar() {
        Some(scalar) if scalar.text().is_some() => Ok(scalar.clone()),
        _ => Err(problem(value.place(), format!("this must be a path, but is {}", value.kind()))),
    };
    match value {
        Value::List(list) => list.items.iter().map(scalar).collect(),
        value if value.is_null() => Ok(Vec::new()),
        value => Ok(vec![scalar(value)?]),
    }
}
