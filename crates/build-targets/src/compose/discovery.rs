//! Which files a project has, and which variables.

use std::path::{Path, PathBuf};

use super::Request;
use super::load::{Loader, Variables};
use crate::files::Files;
use crate::paths;
use crate::problem::Problem;

/// Names of Compose files; of several in a folder the first counts.
pub const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Names of files that change the one beside them; of several in a folder the first counts.
pub const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The Compose files of a folder that count together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The file, and the one that changes it if there is one.
    pub files: Vec<PathBuf>,
    /// Files of the folder that do not count, with the one that counts in their stead.
    pub not_read: Vec<(PathBuf, String)>,
}

/// Looks for Compose files in a folder, not in those around it.
#[must_use]
pub fn discover(files: &dyn Files, folder: &Path) -> Option<Discovered> {
    let mut found = Discovered { files: Vec::new(), not_read: Vec::new() };
    for names in [NAMES, OVERRIDES] {
        let mut present = names.into_iter().filter(|name| files.is_file(&folder.join(name)));
        let Some(first) = present.next() else {
            // A file that only changes another is nothing without it.
            if found.files.is_empty() {
                return None;
            }
            continue;
        };
        found.files.push(folder.join(first));
        found.not_read.extend(present.map(|name| (folder.join(name), first.to_owned())));
    }
    Some(found)
}

/// The files, the folder and the variables of a project.
#[derive(Debug, Default)]
pub(super) struct Setup {
    pub(super) files: Vec<PathBuf>,
    pub(super) not_read: Vec<(PathBuf, String)>,
    pub(super) folder: PathBuf,
    pub(super) variables: Variables,
}

/// Finds all of these as Compose does; without files if there are none.
pub(super) fn set_up(loader: &mut Loader<'_>, request: &Request) -> Result<Setup, Problem> {
    let mut setup = Setup { files: request.files.clone(), ..Setup::default() };
    if let Some(environment) = &request.environment {
        setup.variables.extend(environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let folder_of = |files: &[PathBuf]| match (&request.project_directory, files.first()) {
        (Some(folder), _) => folder.clone(),
        (None, Some(file)) => file.parent().unwrap_or(Path::new("")).to_owned(),
        (None, None) => request.folder.clone(),
    };
    setup.folder = folder_of(&setup.files);
    let first = add_env_files(loader, request, &mut setup);
    if setup.files.is_empty() {
        let separator = setup.variables.get("COMPOSE_PATH_SEPARATOR").filter(|it| !it.is_empty());
        let separator = separator.map_or(":", String::as_str);
        if let Some(names) = setup.variables.get("COMPOSE_FILE") {
            setup.files = names.split(separator).map(|name| paths::join(&request.folder, name)).collect();
        } else if let Some(found) = setup.folder.ancestors().find_map(|folder| discover(loader.files, folder))
        {
            setup.files = found.files;
            setup.not_read = found.not_read;
        }
    }
    if setup.files.is_empty() {
        return Ok(setup);
    }
    first?;
    // The project may be in another folder than the command, with a `.env` of its own.
    setup.folder = folder_of(&setup.files);
    add_env_files(loader, request, &mut setup)?;
    Ok(setup)
}

/// Adds the variables of the `.env` files; those that are there already win.
fn add_env_files(loader: &mut Loader<'_>, request: &Request, setup: &mut Setup) -> Result<(), Problem> {
    let variable = |name: &str| request.environment.as_ref().and_then(|environment| environment.get(name));
    let mut files = request.env_files.clone();
    if files.is_empty()
        && let Some(named) = variable("COMPOSE_ENV_FILES").filter(|named| !named.is_empty())
    {
        files.extend(named.split(',').map(|name| paths::join(&request.folder, name)));
    }
    if files.is_empty() {
        let disabled = variable("COMPOSE_DISABLE_ENV_FILE");
        let default = setup.folder.join(".env");
        if !matches!(disabled, Some("1" | "t" | "T" | "true" | "TRUE" | "True"))
            && loader.files.is_file(&default)
        {
            files.push(default);
        }
    }
    files.retain(|file| !paths::is_nothing(file));
    let mut variables = loader.env_files(&files, &setup.variables, None)?;
    variables.append(&mut setup.variables);
    setup.variables = variables;
    Ok(())
}
