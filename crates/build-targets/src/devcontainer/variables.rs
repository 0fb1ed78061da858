//! `${localEnv:NAME}` and the like.

use std::path::Path;

use crate::environment::Environment;
use crate::files::Files;
use crate::json::{Json, JsonKind, JsonText};
use crate::paths::clean;
use crate::problem::Problem;
use crate::source::Place;
use crate::target::Text;

use super::{Config, Request};

/// What variables stand for. `None` is what cannot be known here.
pub(super) struct Variables<'a> {
    environment: Option<&'a Environment>,
    folder: Option<String>,
    folder_name: Option<String>,
    container_folder: Option<String>,
}

/// A text while its variables are replaced.
struct Replaced {
    text: Option<String>,
    unset: Vec<String>,
    from_environment: bool,
}

impl<'a> Variables<'a> {
    pub(super) fn new(files: &dyn Files, request: &'a Request, config: &Config) -> Result<Self, Problem> {
        // A folder may be given with a `/` behind it.
        let absolute = request.folder.is_absolute().then(|| clean(&request.folder).display().to_string());
        let mut variables = Self {
            environment: request.environment.as_ref(),
            folder: absolute,
            folder_name: name(&request.folder),
            container_folder: None,
        };
        variables.container_folder = match config.get("workspaceFolder") {
            Some((_, Json { kind: JsonKind::Text(text), .. })) if !text.text.is_empty() => {
                variables.replace(text)?.value
            }
            _ if config.get("dockerComposeFile").is_some() => Some("/".to_owned()),
            _ => mounted(files, &request.folder),
        };
        Ok(variables)
    }

    /// The text with its variables replaced. What is none of them stays as it is.
    pub(super) fn replace(&self, text: &JsonText) -> Result<Text, Problem> {
        let mut replaced = Replaced { text: Some(String::new()), unset: Vec::new(), from_environment: false };
        let mut rest = text.text.as_str();
        while let Some(start) = rest.find("${") {
            // A variable does not go over the end of a line.
            let end = rest[start..].find('}').map(|end| start + end);
            let Some(end) = end.filter(|end| !rest[start..*end].contains('\n')) else { break };
            replaced.push(&rest[..start]);
            self.variable(&rest[start + 2..end], &rest[start..=end], text.place, &mut replaced)?;
            rest = &rest[end + 1..];
        }
        replaced.push(rest);
        let Replaced { text: value, unset, from_environment } = replaced;
        Ok(Text { value, place: text.place, unset, from_environment })
    }

    fn variable(
        &self,
        variable: &str,
        written: &str,
        place: Place,
        to: &mut Replaced,
    ) -> Result<(), Problem> {
        let mut parts = variable.split(':');
        match parts.next().unwrap_or_default() {
            "env" | "localEnv" => {
                let Some(name) = parts.next() else {
                    let message = "`${localEnv:…}` needs the name of a variable".to_owned();
                    return Err(Problem { place: Some(place), message });
                };
                if let Some(value) = self.environment.and_then(|environment| environment.get(name)) {
                    to.from_environment = true;
                    to.push(value);
                } else if let Some(default) = parts.next() {
                    to.push(default);
                } else {
                    to.unset.push(name.to_owned());
                }
            }
            "localWorkspaceFolder" => to.push_known(self.folder.as_deref()),
            "localWorkspaceFolderBasename" => to.push_known(self.folder_name.as_deref()),
            "containerWorkspaceFolder" => to.push_known(self.container_folder.as_deref()),
            "containerWorkspaceFolderBasename" => {
                let folder = self.container_folder.as_deref();
                to.push_known(
                    folder.map(|folder| folder.trim_end_matches('/').rsplit('/').next().unwrap_or("")),
                );
            }
            _ => to.push(written),
        }
        Ok(())
    }
}

impl Replaced {
    fn push(&mut self, text: &str) {
        if let Some(to) = &mut self.text {
            to.push_str(text);
        }
    }

    fn push_known(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text),
            None => self.text = None,
        }
    }
}

fn name(folder: &Path) -> Option<String> {
    Some(folder.file_name()?.to_str()?.to_owned())
}

/// Where the workspace is in the container: with all of the repository that it is in.
fn mounted(files: &dyn Files, folder: &Path) -> Option<String> {
    let has_repository = |folder: &&Path| {
        let path = folder.join(".git");
        files.is_folder(&path) || files.is_file(&path)
    };
    let top = folder.ancestors().find(has_repository).unwrap_or(folder);
    let inside = folder.strip_prefix(top).ok()?.to_str()?;
    let mounted = format!("/workspaces/{}", name(top)?);
    Some(if inside.is_empty() { mounted } else { format!("{mounted}/{inside}") })
}
