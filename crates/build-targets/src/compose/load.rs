//! Loads files: each document is converted, includes, extends, and is merged into what is before it.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::convert::{Converter, Notes, Resets, problem};
use super::extends::ServiceSet;
use super::merge::{Merger, into_map, long_build};
use super::schema;
use super::value::{Entry, Map, Scalar, Value};
use crate::dotenv;
use crate::files::Files;
use crate::interpolate::Interpolator;
use crate::problem::{Problem, quoted};
use crate::source::{FileId, Place, Sources};
use crate::yaml::{self, Node};

/// Variables by name.
pub type Variables = BTreeMap<String, String>;

/// How many files a project may have, counted each time that one is included.
const MOST_FILES: usize = 1000;

/// Loads the files of one project.
pub(super) struct Loader<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) sources: &'a mut Sources,
    pub(super) notes: Notes,
    pub(super) merger: Merger,
    /// Whether the variables at hand are all that there are.
    pub(super) all_known: bool,
    /// Whether a part of the project is elsewhere and so is not known.
    pub(super) incomplete: bool,
    documents: HashMap<FileId, Arc<Vec<Node>>>,
    loaded: usize,
    budget: usize,
}

/// What holds for the files of a project, or of an include.
pub(super) struct Scope<'a> {
    /// Where relative paths start.
    pub(super) folder: PathBuf,
    pub(super) variables: &'a Variables,
    /// The files that include each other, down to this one.
    pub(super) including: Vec<PathBuf>,
    /// The services of the document at hand, then those of files that are extended.
    pub(super) sets: Vec<ServiceSet>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(files: &'a dyn Files, sources: &'a mut Sources, all_known: bool) -> Self {
        Self {
            files,
            sources,
            notes: Notes::default(),
            merger: Merger::new(),
            all_known,
            incomplete: false,
            documents: HashMap::new(),
            loaded: 0,
            budget: Interpolator::BUDGET,
        }
    }

    /// What some files come to together: checked, in long form, with the folders that paths start at.
    pub(super) fn model(
        &mut self,
        paths: &[PathBuf],
        scope: &mut Scope<'_>,
        from: Option<Place>,
    ) -> Result<Map, Problem> {
        let mut model: Option<Map> = None;
        for path in paths {
            let file = self.open(path, from)?;
            self.count_file(file)?;
            scope.including.push(path.clone());
            for node in self.documents(file)?.iter() {
                let (mut map, resets) = self.convert(node, scope.variables)?;
                self.include(&mut map, &resets, scope)?;
                if let Some(model) = &mut model {
                    resets.apply(model);
                }
                self.extend_all(&mut map, &resets, path, scope)?;
                let mut merged = match model {
                    None => map,
                    Some(model) => self.merge_files(model, map)?,
                };
                self.merger.without_repetition(&mut merged)?;
                self.merger.spend(schema::validate(&merged)?, merged.place)?;
                lengthen(&mut merged);
                model = Some(merged);
            }
            scope.including.pop();
        }
        let Some(mut model) = model.filter(|model| !model.entries.is_empty()) else {
            let place =
                paths.first().and_then(|path| self.sources.find(path)).map(|file| Place::new(file, 0..0));
            return Err(Problem { place: place.or(from), message: "the Compose file is empty".to_owned() });
        };
        complete(&mut model)?;
        set_folder(&mut model, &scope.folder);
        Ok(model)
    }

    fn merge_files(&mut self, model: Map, over: Map) -> Result<Map, Problem> {
        let (model, over) = (Value::Map(Arc::new(model)), Value::Map(Arc::new(over)));
        match self.merger.merge(model, over, &mut Vec::new())? {
            Value::Map(map) => Ok(Arc::unwrap_or_clone(map)),
            // Two maps give a map.
            other => Ok(Map::new(other.place())),
        }
    }

    /// A file that is extended: as it is, without its own includes.
    pub(super) fn plain_file(
        &mut self,
        path: &Path,
        variables: &Variables,
        from: Place,
    ) -> Result<(Map, Resets), Problem> {
        let file = self.open(path, Some(from))?;
        self.count_file(file)?;
        let mut result: Option<(Map, Resets)> = None;
        for node in self.documents(file)?.iter() {
            let (map, resets) = self.convert(node, variables)?;
            check_long_forms(&map)?;
            let mut merged = match result {
                None => map,
                Some((mut before, _)) => {
                    resets.apply(&mut before);
                    self.merge_files(before, map)?
                }
            };
            lengthen(&mut merged);
            result = Some((merged, resets));
        }
        let empty = || (Map::new(Place::new(file, 0..0)), Resets::default());
        Ok(result.unwrap_or_else(empty))
    }

    fn convert(&mut self, node: &Node, variables: &Variables) -> Result<(Map, Resets), Problem> {
        let lookup = |name: &str| variables.get(name).cloned();
        let mut interpolator = Interpolator::new(&lookup).limited_to(self.budget);
        if !self.all_known {
            interpolator = interpolator.and_others();
        }
        let mut converter = Converter {
            sources: &*self.sources,
            interpolator: &interpolator,
            all_known: self.all_known,
            notes: &mut self.notes,
        };
        let document = converter.document(node)?;
        self.budget = interpolator.left();
        Ok((document.map, document.resets))
    }

    /// Opens a file that the project must have.
    pub(super) fn open(&mut self, path: &Path, from: Option<Place>) -> Result<FileId, Problem> {
        match self.sources.open(self.files, path) {
            Ok(Some(file)) => Ok(file),
            Ok(None) => {
                let message = format!("there is no file {}", quoted(&path.to_string_lossy()));
                Err(Problem { place: from, message })
            }
            Err(error) => Err(unreadable(path, from, &error)),
        }
    }

    fn count_file(&mut self, file: FileId) -> Result<(), Problem> {
        self.loaded += 1;
        if self.loaded > MOST_FILES {
            let message = format!("the project includes and extends more than {MOST_FILES} files");
            return Err(problem(Place::new(file, 0..0), message));
        }
        Ok(())
    }

    /// The documents of a file, which is read once.
    pub(super) fn documents(&mut self, file: FileId) -> Result<Arc<Vec<Node>>, Problem> {
        if let Some(documents) = self.documents.get(&file) {
            return Ok(Arc::clone(documents));
        }
        let text = Arc::clone(&self.sources.file(file).text);
        let documents = Arc::new(yaml::parse_as_go(file, &text)?);
        self.documents.insert(file, Arc::clone(&documents));
        Ok(documents)
    }

    /// The variables of `.env` files; those of `environment` and of earlier files win.
    pub(super) fn env_files(
        &mut self,
        paths: &[PathBuf],
        environment: &Variables,
        from: Option<Place>,
    ) -> Result<Variables, Problem> {
        let mut all = Variables::new();
        for path in paths {
            let file = self.open(path, from)?;
            let text = Arc::clone(&self.sources.file(file).text);
            let lookup = |name: &str| environment.get(name).or_else(|| all.get(name)).cloned();
            let variables = dotenv::parse(&text, &lookup)
                .map_err(|fault| problem(Place::new(file, fault.at), fault.message))?;
            all.extend(variables);
        }
        Ok(all)
    }
}

fn unreadable(path: &Path, from: Option<Place>, error: &io::Error) -> Problem {
    Problem {
        place: from,
        message: format!(
            "{} cannot be read: {error}",
            quoted(&path.strip_prefix(".").unwrap_or(path).to_string_lossy())
        ),
    }
}

/// Whether a path is an address: such files are not read here.
pub(super) fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

/// Files that are extended are not checked as a whole; what has a long form must still be fit for it.
fn check_long_forms(file: &Map) -> Result<(), Problem> {
    let Some(services) = file.get("services").and_then(Value::map) else { return Ok(()) };
    for (name, entry) in &services.entries {
        let Some(service) = entry.value.map() else { continue };
        let build = service.get("build");
        let unfit = |value: &&Value| value.map().is_none() && value.text().is_none();
        if let Some(build) = build.filter(unfit) {
            let message =
                format!("`build` of {} must be a string or a map, but is {}", quoted(name), build.kind());
            return Err(problem(build.place(), message));
        }
        let context = build.and_then(Value::map).and_then(|build| build.get("context"));
        if let Some(context) = context.filter(|context| context.text().is_none()) {
            let message =
                format!("the context of {} must be a string, but is {}", quoted(name), context.kind());
            return Err(problem(context.place(), message));
        }
        let ssh = build.and_then(Value::map).and_then(|build| build.get("ssh"));
        for (key, value) in [("ssh", ssh), ("depends_on", service.get("depends_on"))] {
            if let Some(value) = value.filter(|value| value.scalar().is_some()) {
                let message =
                    format!("`{key}` of {} must be a list or a map, but is {}", quoted(name), value.kind());
                return Err(problem(value.place(), message));
            }
        }
    }
    Ok(())
}

/// Puts what has a short form into its long one, before the next document takes parts of it away.
fn lengthen(model: &mut Map) {
    let Some(services) = model.map_mut("services") else { return };
    for service in services.entries.values_mut() {
        let Value::Map(service) = &mut service.value else { continue };
        let is_short = |value: &Value| !matches!(value, Value::Map(_));
        if !["build", "depends_on", "networks"].iter().any(|key| service.get(key).is_some_and(is_short)) {
            continue;
        }
        let service = Arc::make_mut(service);
        for key in ["depends_on", "networks"] {
            if let Some(value) = service.get_mut(key) {
                *value = into_map(value.clone(), key);
            }
        }
        if let Some(build) = service.get_mut("build") {
            *build = long_build(build.clone());
        }
    }
}

/// Adds the context that a build has by default.
fn complete(model: &mut Map) -> Result<(), Problem> {
    let Some(services) = model.map_mut("services") else { return Ok(()) };
    for service in services.entries.values_mut() {
        let Value::Map(service) = &mut service.value else { continue };
        if service.get("build").is_none() {
            continue;
        }
        let Some(build) = Arc::make_mut(service).get_mut("build") else { continue };
        let Value::Map(build) = build else { continue };
        let build = Arc::make_mut(build);
        if let Some(Value::List(contexts)) = build.get("additional_contexts") {
            let without = |item: &&Value| item.text().is_some_and(|text| !text.contains('='));
            if let Some(item) = contexts.items.iter().find(without) {
                let text = quoted(item.text().unwrap_or_default());
                let message = format!("a named context is written `name=value`, and {text} has no `=`");
                return Err(problem(item.place(), message));
            }
        }
        let place = build.place;
        build
            .entries
            .entry("context".into())
            .or_insert_with(|| Entry { key: place, value: Value::Scalar(Scalar::default(".", place)) });
    }
    Ok(())
}

/// Notes the folder that the paths of builds start at, of those that do not have one yet.
pub(super) fn set_folder(model: &mut Map, folder: &Path) {
    let folder: Arc<Path> = folder.into();
    let set = |value: &mut Value| match value {
        Value::Scalar(scalar) => {
            scalar.base.get_or_insert_with(|| Arc::clone(&folder));
        }
        Value::Pair(pair) => {
            Arc::make_mut(pair).value.base.get_or_insert_with(|| Arc::clone(&folder));
        }
        _ => {}
    };
    let Some(services) = model.map_mut("services") else { return };
    for service in services.entries.values_mut() {
        let Value::Map(service) = &mut service.value else { continue };
        if service.get("build").is_none() && service.get("extends").is_none() {
            continue;
        }
        let service = Arc::make_mut(service);
        if let Some(file) = service.map_mut("extends").and_then(|extends| extends.get_mut("file")) {
            set(file);
        }
        match service.get_mut("build") {
            Some(build @ Value::Scalar(_)) => set(build),
            Some(Value::Map(build)) => {
                let build = Arc::make_mut(build);
                if let Some(context) = build.get_mut("context") {
                    set(context);
                }
                match build.get_mut("additional_contexts") {
                    Some(Value::Map(contexts)) => {
                        Arc::make_mut(contexts).entries.values_mut().for_each(|entry| set(&mut entry.value));
                    }
                    Some(Value::List(contexts)) => Arc::make_mut(contexts).items.iter_mut().for_each(set),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}
