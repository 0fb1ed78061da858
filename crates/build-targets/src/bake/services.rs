//! Services of Compose files as bake sees them: targets, and the group `default` of all.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compose::{self, Build, Load, Project, Scalar, Service, Setting, Value, Variables};
use crate::dotenv;
use crate::files::Files;
use crate::problem::Problem;
use crate::source::{Place, Sources};
use crate::target::Text;

use super::Request;
use super::draft::{Draft, Group, InlineText, Located};
use super::matrix::valid_name;

/// Loads Compose files as one project whose paths begin in the working folder, with all profiles.
pub(super) fn load(
    files: &dyn Files,
    sources: &mut Sources,
    paths: Vec<PathBuf>,
    request: &Request,
) -> Result<Project, Problem> {
    let load = Load {
        files: paths,
        folder: request.folder.clone(),
        variables: variables(files, sources, request)?,
        all_known: request.knows_all(),
        profiles: vec!["*".to_owned()],
        name: Some("bake".to_owned()),
    };
    compose::load(files, sources, &load)
}

/// Those of the environment, and of the `.env` of the working folder what is not there.
fn variables(files: &dyn Files, sources: &mut Sources, request: &Request) -> Result<Variables, Problem> {
    let mut variables = Variables::new();
    if let Some(environment) = &request.environment {
        variables.extend(environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let path = request.folder.join(".env");
    let unreadable =
        |e: std::io::Error| Problem { place: None, message: format!("`.env` cannot be read: {e}") };
    let Some(file) = sources.open(files, &path).map_err(unreadable)? else { return Ok(variables) };
    let text = Arc::clone(&sources.file(file).text);
    let set = dotenv::parse(&text, &|name| variables.get(name).cloned())
        .map_err(|fault| Problem { place: Some(Place::new(file, fault.at)), message: fault.message })?;
    for (name, value) in set {
        variables.entry(name).or_insert(value);
    }
    Ok(variables)
}

/// The targets of a project's services, and their group.
pub(super) fn drafts(project: &Project, sources: &Sources) -> Result<(Vec<Draft>, Vec<Group>), Problem> {
    let mut drafts = Vec::new();
    let mut group = Group { name: "default".to_owned(), targets: Vec::new(), is_open: false };
    for service in &project.services {
        let Some(build) = service.build(sources) else { continue };
        // The dot of a service is none of a target's name.
        let name = service.name.replace('.', "_");
        valid_name(&name, service.place)?;
        group.targets.push((name.clone(), service.place));
        let environment = service.environment(sources);
        drafts.push(Reader { project, sources, service, build: &build, environment }.draft(name));
    }
    let groups = if project.services.is_empty() { Vec::new() } else { vec![group] };
    Ok((drafts, groups))
}

struct Reader<'a> {
    project: &'a Project,
    sources: &'a Sources,
    service: &'a Service,
    build: &'a Build,
    /// The variables of the service, in the order of their names.
    environment: Vec<Setting>,
}

impl Reader<'_> {
    fn draft(&self, name: String) -> Draft {
        let build = self.build;
        let mut draft = Draft::new(name, self.service.place);
        draft.context =
            build.context.as_ref().map(|scalar| self.located(scalar.to_text(), scalar.base.as_deref()));
        draft.dockerfile = build.dockerfile.as_ref().map(Scalar::to_text).filter(is_filled);
        draft.stage = build.stage.as_ref().map(Scalar::to_text).filter(is_filled);
        let inline =
            build.inline.as_ref().filter(|scalar| scalar.text().is_some_and(|text| !text.is_empty()));
        draft.inline = inline.map(|scalar| InlineText::Known(compose::inline(self.sources, scalar)));
        for setting in &build.arguments {
            let (name, place) = named(setting);
            draft.args.insert(name, (place, self.argument(setting)));
        }
        for setting in &build.contexts {
            let (name, place) = named(setting);
            draft.contexts.insert(name, (place, self.named_context(setting)));
        }
        let platforms: Vec<Text> = build.platforms.iter().map(Scalar::to_text).collect();
        draft.platforms = Some(platforms).filter(|platforms| !platforms.is_empty());
        draft.tags =
            Some(build.tags.iter().map(Scalar::to_text).collect::<Vec<_>>()).filter(|tags| !tags.is_empty());
        self.add_extension(&mut draft);
        if draft.tags.is_none() {
            draft.tags = self.service.image().map(|image| vec![image]);
        }
        draft
    }

    /// A path and the folder that it begins in, if that is not the working folder.
    fn located(&self, mut text: Text, base: Option<&Path>) -> Located {
        let home = self.project.variables.get("HOME");
        if let (Some(rest), Some(home)) = (text.value.as_deref().and_then(|v| v.strip_prefix('~')), home) {
            text.value = Some(format!("{home}/{}", rest.trim_start_matches('/')));
        }
        Located { text, base: base.map(Path::to_path_buf) }
    }

    /// The value of an argument: as it is written, or of the variable of its name, that of the service first.
    fn argument(&self, setting: &Setting) -> Option<Text> {
        if setting.value.is_some() {
            return setting.resolve(&self.project.variables);
        }
        let name = setting.name.value.as_deref()?;
        let found = self.environment.binary_search_by(|other| other.name.value.as_deref().cmp(&Some(name)));
        match found.ok().and_then(|at| self.environment[at].value.as_ref()) {
            Some(value) => Some(Text { place: setting.name.place, ..value.text.clone() }),
            None => setting.resolve(&self.project.variables),
        }
    }

    fn named_context(&self, setting: &Setting) -> Located {
        let Some(value) = &setting.value else {
            return self.located(Text::literal("", setting.name.place), None);
        };
        let mut text = value.text.clone();
        let written = text.value.as_deref().unwrap_or_default();
        if let Some(target) = target_of(written) {
            text.value = Some(target);
        }
        self.located(text, value.base.as_deref())
    }

    /// What `x-bake` adds.
    fn add_extension(&self, draft: &mut Draft) {
        let Some(extension) = self.build.definition.get("x-bake").and_then(Value::map) else { return };
        let add = |key: &str, list: &mut Option<Vec<Text>>| {
            let more = extension.get(key).map(texts).unwrap_or_default();
            if more.is_empty() {
                return;
            }
            let list = list.get_or_insert_default();
            list.extend(more);
            let mut seen = HashSet::new();
            list.retain(|item| seen.insert(item.value.clone()));
        };
        add("tags", &mut draft.tags);
        add("platforms", &mut draft.platforms);
        if let Some(contexts) = extension.get("contexts").and_then(Value::map) {
            for (name, entry) in &contexts.entries {
                let Some(value) = entry.value.scalar() else { continue };
                let mut text = value.to_text();
                let written = text.value.as_deref().unwrap_or_default();
                if let Some(target) = target_of(written) {
                    text.value = Some(target);
                }
                let located = Located { text, base: None };
                draft.contexts.entry(name.to_string()).or_insert((entry.key, located));
            }
        }
    }
}

/// `service:a.b` as bake names its target.
fn target_of(written: &str) -> Option<String> {
    let service = written.strip_prefix("service:").or_else(|| written.strip_prefix("target:"))?;
    Some(format!("target:{}", service.replace('.', "_")))
}

fn is_filled(text: &Text) -> bool {
    text.value.as_deref() != Some("") || !text.unset.is_empty()
}

fn named(setting: &Setting) -> (String, Place) {
    (setting.name.value.clone().unwrap_or_default(), setting.name.place)
}

/// A list of texts, or a text of words.
fn texts(value: &Value) -> Vec<Text> {
    match value {
        Value::List(list) => list.items.iter().filter_map(Value::scalar).map(Scalar::to_text).collect(),
        Value::Scalar(scalar) => {
            let words = scalar.to_text();
            let word = |word: &str| Text { value: Some(word.to_owned()), ..words.clone() };
            words.value.as_deref().unwrap_or_default().split_whitespace().map(word).collect()
        }
        _ => Vec::new(),
    }
}
