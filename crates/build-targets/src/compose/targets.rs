//! Targets of services.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::convert::Notes;
use super::service::{Build, Service, Setting};
use super::value::Scalar;
use super::{Project, inline};
use crate::paths;
use crate::problem::WarningKind;
use crate::source::{Place, Sources};
use crate::target::{Argument, Context, Dockerfile, Kind, NamedContext, Target, Text, Tool};
use crate::yaml;

/// Makes the targets of a project.
pub(super) struct Maker<'a> {
    pub(super) project: &'a Project,
    pub(super) sources: &'a Sources,
    /// Whether all variables are at hand, so that one that is not set is empty indeed.
    pub(super) all_known: bool,
    /// The services that others wait for until they have ended.
    pub(super) waited_for: BTreeSet<&'a str>,
    pub(super) notes: &'a mut Notes,
}

impl Maker<'_> {
    /// The target of a service; `None` if it builds nothing.
    pub(super) fn target(&mut self, service: &Service, by_default: bool) -> Option<Target> {
        let build = service.build(self.sources)?;
        let context = self.context(&build);
        let dockerfile = match &build.inline {
            Some(inline) if inline.text().is_some_and(|text| !text.is_empty()) => {
                Dockerfile::Inline(inline::inline(self.sources, inline))
            }
            _ => self.dockerfile(&build, &context),
        };
        let mut platforms: Vec<Text> = build.platforms.iter().map(Scalar::to_text).collect();
        if platforms.is_empty() {
            platforms.extend(service.platform());
        }
        let mut tags: Vec<Text> = service.image().into_iter().collect();
        tags.extend(build.tags.iter().map(Scalar::to_text));
        // Compose gives the image a name of its own then, which is nowhere written.
        if let Some(project) = self.project.name.as_ref().filter(|_| service.image().is_none()) {
            let start = service.place.span().start;
            let place = Place::new(service.place.file, start..start);
            tags.push(Text::literal(format!("{project}-{}", service.name), place));
        }
        self.note_numbers(service, &build);
        self.note_removed(service, &build);
        Some(Target {
            name: service.name.clone(),
            kind: Kind::Compose,
            tool: Tool::Docker,
            place: service.place,
            context,
            dockerfile,
            ignore_file: None,
            stage: build
                .stage
                .as_ref()
                .map(Scalar::to_text)
                .filter(|stage| stage.value.as_deref() != Some("")),
            arguments: build
                .arguments
                .iter()
                .map(|it| Argument { name: it.name.clone(), value: it.resolve(&self.project.variables) })
                .collect(),
            platforms,
            contexts: build.contexts.iter().map(|context| self.named_context(context)).collect(),
            tags,
            user: service.user(),
            has_user_in_comment: service.has_user_in_comment(self.sources),
            mounted: service.mounted(build.context.as_ref().and_then(Scalar::text)),
            mounts_for_root: service.mounts_for_root(),
            health_check: service.health_check(),
            starts: service.starts(),
            runs_once: self.waited_for.contains(&*service.name),
            docker_format: false,
            may_have_more_arguments: false,
            is_of_checkout: false,
            profiles: service.profiles(),
            by_default,
            is_refused: false,
        })
    }

    fn context(&self, build: &Build) -> Context {
        let Some(scalar) = &build.context else {
            return Context::Folder { path: paths::clean(&self.project.folder), text: None };
        };
        let text = scalar.to_text();
        let value = text.value.clone().unwrap_or_default();
        if is_address(&value) {
            return Context::Remote(text);
        }
        // An empty one stays empty wherever it is written, and so is the folder of the project.
        let base = scalar.base.as_ref().filter(|_| !value.is_empty());
        match self.folder(&value, &text, base) {
            Some(path) => Context::Folder { path, text: scalar.node().map(|_| text) },
            None => Context::Unknown(text),
        }
    }

    /// A path from a folder; `None` if it cannot be known.
    fn folder(&self, value: &str, text: &Text, base: Option<&Arc<Path>>) -> Option<PathBuf> {
        if !self.all_known && !text.unset.is_empty() {
            return None;
        }
        let base = base.map_or(self.project.folder.as_path(), |base| base);
        match value.strip_prefix('~') {
            Some(rest) => {
                let home = self.project.variables.get("HOME")?;
                Some(paths::clean(Path::new(&format!("{home}/{rest}"))))
            }
            None => Some(paths::join(base, value)),
        }
    }

    fn dockerfile(&self, build: &Build, context: &Context) -> Dockerfile {
        let is_empty = |text: &Text| text.value.as_deref() == Some("");
        let text = build.dockerfile.as_ref().map(Scalar::to_text);
        // What a variable leaves empty is no wish for the usual name.
        let text = text.filter(|text| !is_empty(text) || !text.unset.is_empty());
        if let Some(text) = &text
            && !self.all_known
            && !text.unset.is_empty()
        {
            return Dockerfile::Unknown(text.clone());
        }
        let value = text.as_ref().and_then(|text| text.value.as_deref());
        let value = value.filter(|value| !value.is_empty()).unwrap_or("Dockerfile");
        match context {
            Context::Folder { path, .. } => Dockerfile::File { path: paths::join(path, value), text },
            Context::Unknown(unknown) if !Path::new(value).is_absolute() => {
                Dockerfile::Unknown(unknown.clone())
            }
            _ => Dockerfile::File { path: paths::clean(Path::new(value)), text },
        }
    }

    fn named_context(&self, setting: &Setting) -> NamedContext {
        let name = setting.name.clone();
        let Some(value) = &setting.value else {
            return NamedContext { value: Text::literal("", name.place), name, folder: None };
        };
        let mut text = value.text.clone();
        let written = text.value.clone().unwrap_or_default();
        if written.is_empty() || written.starts_with("service:") || is_address(&written) {
            return NamedContext { name, value: text, folder: None };
        }
        let folder = self.folder(&written, &text, value.base.as_ref());
        if let Some(folder) = &folder {
            text.value = Some(folder.to_string_lossy().into_owned());
        }
        NamedContext { name, value: text, folder }
    }

    /// Arguments that are numbers or dates and come out otherwise than they are written.
    fn note_numbers(&mut self, service: &Service, build: &Build) {
        for setting in &build.arguments {
            let scalar = setting.value.as_ref().and_then(|value| value.scalar.as_ref());
            let Some((scalar, node)) = scalar.and_then(|scalar| Some((scalar, scalar.node()?))) else {
                continue;
            };
            let value = match scalar.typed() {
                value @ (yaml::Value::Integer(_) | yaml::Value::Float(_) | yaml::Value::Time(_)) => {
                    value.to_string()
                }
                _ => continue,
            };
            let written = node.text().unwrap_or_default();
            if written != value {
                let kind = WarningKind::NumberChanged { written: written.to_owned(), value };
                self.notes.note(scalar.place(), None, Some(&service.name), kind);
            }
        }
    }

    /// Arguments of which a merge took the value, and that no variable gives one.
    fn note_removed(&mut self, service: &Service, build: &Build) {
        for setting in &build.arguments {
            if setting.value.is_some() || setting.resolve(&self.project.variables).is_some() {
                continue;
            }
            let place = setting.name.place;
            if let Some(from) = self.project.removed.get(&place) {
                let name = setting.name.value.clone().unwrap_or_default();
                let kind = WarningKind::ArgumentRemoved { name };
                self.notes.note(place, Some(*from), Some(&service.name), kind);
            }
        }
    }
}

/// Whether a context is not a folder.
fn is_address(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}
