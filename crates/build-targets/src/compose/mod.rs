//! Compose files: which there are, and what their services build.
//!
//! Files are read as compose-go 2.14 reads them, which Compose and bake stand on: variables, merge rules, `extends`,
//! `include`, profiles, the schema and what must fit together. Ports, volumes and other values are not parsed, as no
//! build depends on them, and a missing `env_file` is no fault, as it is none for a build.

mod check;
mod convert;
mod discovery;
mod extends;
mod include;
mod inline;
mod load;
mod merge;
mod parsed;
mod schema;
mod service;
mod shapes;
mod targets;
mod value;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use discovery::{Discovered, NAMES, OVERRIDES, discover};
pub(crate) use inline::inline;
pub use load::Variables;
pub use service::{Build, Service, Setting, SettingValue};
pub use value::{Entry, List, Map, Pair, Scalar, Value};

use crate::environment::Environment;
use crate::files::Files;
use crate::interpolate::Interpolator;
use crate::problem::{Problem, Warning, WarningKind};
use crate::source::{Place, Sources};
use crate::target::Resolution;
use crate::yaml::{self, Node};
use check::Check;
use convert::Notes;
use load::{Loader, Scope};
use targets::Maker;

/// What is asked of Compose, as its command line and its environment say it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The folder in which the command runs. Files are looked for there and, unless it is relative, in the folders
    /// around it.
    pub folder: PathBuf,
    /// The files of `-f`, joined to the folder; none for those that are found.
    pub files: Vec<PathBuf>,
    /// `--project-directory`, joined to the folder.
    pub project_directory: Option<PathBuf>,
    /// The files of `--env-file`, joined to the folder; none for the `.env` of the project.
    pub env_files: Vec<PathBuf>,
    /// The variables of the environment. `None` if they are not known: then a variable that must be set is no fault if
    /// it is not, and a path with a variable that nothing sets is unknown.
    pub environment: Option<Environment>,
    /// The profiles that are active.
    pub profiles: Profiles,
}

/// Which profiles are active.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Profiles {
    /// Those of `COMPOSE_PROFILES`.
    #[default]
    Environment,
    /// These.
    Named(Vec<String>),
    /// All.
    All,
}

/// A project after its files were loaded.
#[derive(Debug)]
pub struct Project {
    /// The folder that its paths start at.
    pub folder: PathBuf,
    /// Its name, where it is said for everybody: not that of the folder.
    pub name: Option<String>,
    /// Its services, as they are written.
    pub services: Vec<Service>,
    /// The variables of its environment and `.env` files.
    pub variables: Variables,
    /// What was seen on the way.
    pub warnings: Vec<Warning>,
    /// What Compose accepts, and no builder builds.
    pub fault: Option<Problem>,
    /// Arguments without a value, by their place, and where the value is that a merge took.
    removed: HashMap<Place, Place>,
}

/// What [`load`] needs, when files and variables are known.
#[derive(Debug, Clone)]
pub struct Load {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// The folder that relative paths start at.
    pub folder: PathBuf,
    /// The variables.
    pub variables: Variables,
    /// Whether these are all variables.
    pub all_known: bool,
    /// The profiles that are active, `*` for all: what must fit together is checked of their services.
    pub profiles: Vec<String>,
    /// The name that the project has if its files give it none.
    pub name: Option<String>,
}

/// What the services of a project build. Without any Compose file the result is empty.
#[must_use]
pub fn resolve(files: &dyn Files, request: &Request) -> Resolution {
    resolve_with(files, request, Sources::default()).0
}

/// As [`resolve`], with files that were read before, and with the names of all services.
pub(crate) fn resolve_with(
    files: &dyn Files,
    request: &Request,
    sources: Sources,
) -> (Resolution, Vec<String>) {
    let mut resolution = Resolution { sources, ..Resolution::default() };
    let mut names = Vec::new();
    let all_known = request.environment.is_some();
    let mut loader = Loader::new(files, &mut resolution.sources, all_known);
    let setup = match discovery::set_up(&mut loader, request) {
        Ok(setup) if setup.files.is_empty() => return (resolution, names),
        Ok(setup) => setup,
        Err(problem) => {
            resolution.problems.push(problem);
            return (resolution, names);
        }
    };
    let by_environment = || {
        let profiles = setup.variables.get("COMPOSE_PROFILES").map_or("", String::as_str);
        profiles.split(',').map(|profile| profile.trim().to_owned()).collect()
    };
    let default: Vec<String> = match &request.profiles {
        Profiles::Named(profiles) => profiles.clone(),
        Profiles::Environment | Profiles::All => by_environment(),
    };
    // Services of different profiles need not fit together, unless all profiles are asked for in this environment.
    let every = request.profiles == Profiles::All && all_known;
    let profiles = if every { vec!["*".to_owned()] } else { default.clone() };
    let load = Load {
        name: setup.folder.file_name().map(|name| normal_name(&name.to_string_lossy())),
        files: setup.files,
        folder: setup.folder,
        variables: setup.variables,
        all_known,
        profiles,
    };
    match loader.checked(&load) {
        Ok((_, Some(unfit))) => {
            resolution.unfit = true;
            resolution.problems.push(unfit);
        }
        Ok((project, None)) => {
            let mut notes = Notes::default();
            let waited_for = project.services.iter().flat_map(Service::waits_for_end_of).collect();
            let sources = &resolution.sources;
            let mut maker = Maker { project: &project, sources, all_known, waited_for, notes: &mut notes };
            for service in &project.services {
                names.push(service.name.clone());
                resolution.targets.extend(maker.target(service, service.is_active(&default)));
            }
            resolution.problems.extend(project.fault);
            resolution.warnings = project.warnings;
            resolution.warnings.append(&mut notes.into_warnings());
        }
        Err(problem) => resolution.problems.push(problem),
    }
    for (path, instead_of) in setup.not_read {
        // The one that is read instead may include or extend it.
        if resolution.sources.find(&path).is_some() {
            continue;
        }
        // One that cannot be read is not read by the tool either.
        if let Ok(Some(file)) = resolution.sources.open(files, &path) {
            let kind = WarningKind::FileNotRead { instead_of };
            let place = Place::new(file, 0..0);
            resolution.warnings.push(Warning { place, related: None, target: None, kind });
        }
    }
    (resolution, names)
}

/// Loads the files of a project.
///
/// # Errors
/// The first fault for which Compose refuses the project.
pub fn load(files: &dyn Files, sources: &mut Sources, load: &Load) -> Result<Project, Problem> {
    Loader::new(files, sources, load.all_known).project(load)
}

impl Loader<'_> {
    fn project(self, load: &Load) -> Result<Project, Problem> {
        match self.checked(load)? {
            (_, Some(unfit)) => Err(unfit),
            (project, None) => Ok(project),
        }
    }

    /// The project, and why what its files say together is refused.
    fn checked(mut self, load: &Load) -> Result<(Project, Option<Problem>), Problem> {
        let mut variables = load.variables.clone();
        let (name, is_said) = self.project_name(load)?;
        if let Some(name) = &name {
            variables.insert("COMPOSE_PROJECT_NAME".to_owned(), name.clone());
        }
        let mut scope = Scope {
            folder: load.folder.clone(),
            variables: &variables,
            including: Vec::new(),
            sets: Vec::new(),
        };
        let model = self.model(&load.files, &mut scope, None)?;
        let mut services: Vec<Service> = Vec::new();
        if let Some(all) = model.get("services").and_then(Value::map) {
            for (name, entry) in &all.entries {
                let Value::Map(definition) = &entry.value else { continue };
                let definition = Arc::clone(definition);
                services.push(Service { name: name.to_string(), place: entry.key, definition });
            }
        }
        services.sort_by_key(|service| service.place);
        // Without the parts that are elsewhere it cannot be told what fits.
        let (mut fault, mut unfit) = (None, None);
        if !self.incomplete {
            let (active, inactive): (Vec<_>, Vec<_>) =
                services.iter().partition(|service| service.is_active(&load.profiles));
            let check = Check {
                model: &model,
                active: active.into_iter().map(|service| (service.name.as_str(), service)).collect(),
                inactive: inactive.into_iter().map(|service| (service.name.as_str(), service)).collect(),
                all_known: load.all_known,
            };
            match check.run() {
                Ok(found) => fault = found,
                Err(problem) => unfit = Some(problem),
            }
        }
        let project = Project {
            folder: load.folder.clone(),
            name: name.filter(|_| is_said),
            services,
            variables,
            warnings: self.notes.into_warnings(),
            removed: self.merger.removed,
            fault,
        };
        Ok((project, unfit))
    }

    /// The name of the project: of the environment, of the last file that has one, or of the folder; and whether it is the
    /// same for everybody.
    fn project_name(&mut self, load: &Load) -> Result<(Option<String>, bool), Problem> {
        if let Some(name) = load.variables.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()) {
            return Ok((Some(name.clone()), true));
        }
        let lookup = |name: &str| load.variables.get(name).cloned();
        let (mut name, mut written_at, mut is_said) = (None, None, false);
        for path in &load.files {
            let file = self.open(path, None)?;
            for document in self.documents(file)?.iter() {
                let written = document.get("name").and_then(yaml_text).filter(|text| !text.is_empty());
                written_at = written.and(document.get("name").map(Node::place)).or(written_at);
                is_said = written.map_or(is_said, |text| !text.contains('$'));
                // A fault in it is told when the file is loaded.
                let text = written.and_then(|text| match Interpolator::new(&lookup).interpolate(text) {
                    Ok(Some(result)) => Some(result.text),
                    Ok(None) => Some(text.to_owned()),
                    Err(_) => None,
                });
                name = text.map(|text| normal_name(&text)).filter(|text| !text.is_empty()).or(name);
            }
        }
        if name.is_none() && written_at.is_none() {
            name.clone_from(&load.name);
        }
        if load.all_known && name.as_ref().map_or(written_at.is_some(), String::is_empty) {
            let message = "the name of the project is empty: it needs a letter or a digit".to_owned();
            return Err(Problem { place: written_at, message });
        }
        Ok((name, is_said))
    }
}

fn yaml_text(node: &Node) -> Option<&str> {
    match node.value()? {
        yaml::Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A name as Compose makes it: small letters, digits, `_` and `-`.
fn normal_name(name: &str) -> String {
    let name = name.to_lowercase();
    let usual = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    name.chars().filter(usual).collect::<String>().trim_start_matches(['_', '-']).to_owned()
}

/// Whether a name is that of a Compose file that is found by itself, or of one that changes it.
#[must_use]
pub fn is_compose_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| NAMES.contains(&name) || OVERRIDES.contains(&name))
}

#[cfg(test)]
mod tests;
