//! Development containers: what a `devcontainer.json` builds, as the program `devcontainer` 0.89 reads it.

mod variables;

/// A number as JavaScript writes it: the shortest digits, with an exponent where there would be many zeros.
fn number_as_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    if size < 1.0 { text } else { text.replace('e', "e+") }
}

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::compose;
use crate::environment::Environment;
use crate::files::Files;
use crate::flags;
use crate::json::{Json, JsonKind, JsonText, forgiving};
use crate::paths::{clean, join};
use crate::problem::{Problem, Warning, WarningKind, quoted};
use crate::similar::most_alike;
use crate::source::Place;
use crate::target::{Argument, Context, Dockerfile, Kind, Resolution, Target, Text};

use variables::Variables;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The folder of the workspace.
    pub folder: PathBuf,
    /// The file; the one that is found in the folder if it is not said.
    pub file: Option<PathBuf>,
    /// Variables that count; `None` if they are not known.
    pub environment: Option<Environment>,
}

/// Where the file is found, in this order.
pub const FILES: [&str; 2] = [".devcontainer/devcontainer.json", ".devcontainer.json"];

/// Says what the development container of a folder builds. Without a file the result is empty.
#[must_use]
pub fn resolve(files: &dyn Files, request: &Request) -> Resolution {
    Resolution::of(|resolution| read(files, request, resolution))
}

fn read(files: &dyn Files, request: &Request, resolution: &mut Resolution) -> Result<(), Problem> {
    let found = || FILES.iter().map(|name| request.folder.join(name)).find(|path| files.is_file(path));
    let Some(path) = request.file.clone().or_else(found) else { return Ok(()) };
    let name = quoted(&path.display().to_string());
    let missing = |message| Problem { place: None, message };
    let file = resolution
        .sources
        .open(files, &path)
        .map_err(|error| missing(format!("{name} cannot be read: {error}")))?
        .ok_or_else(|| missing(format!("there is no file {name}")))?;
    let text = resolution.sources.file(file).text.clone();
    let forgiven = forgiving::parse(&text, file)?;
    for (place, what) in forgiven.faults {
        let kind = WarningKind::PassedOver { what: what.to_owned() };
        resolution.warnings.push(Warning { place, related: None, target: None, kind });
    }
    let start = Place::new(file, 0..0);
    let members = match forgiven.value {
        Some(Json { kind: JsonKind::Object(members), .. }) => members,
        other => {
            let place = Some(other.map_or(start, |value| value.place));
            return Err(Problem { place, message: "a devcontainer.json holds an object".to_owned() });
        }
    };
    let config = Config::new(&members);
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let variables = Variables::new(files, request, &config)?;
    let reader = Reader { request, folder, config, variables, start };
    reader.warn(&mut resolution.warnings);
    reader.targets(files, resolution)
}

/// True for a text that is known to be empty.
fn is_empty(text: &Text) -> bool {
    text.value.as_deref() == Some("") && text.unset.is_empty()
}

/// The members of an object; of two with one key the last counts.
pub(super) struct Config<'a> {
    members: Vec<(&'a JsonText, &'a Json)>,
}

impl<'a> Config<'a> {
    fn new(members: &'a [(JsonText, Json)]) -> Self {
        Self { members: members.iter().map(|(key, value)| (key, value)).collect() }
    }

    pub(super) fn get(&self, key: &str) -> Option<(&'a JsonText, &'a Json)> {
        self.members.iter().rev().find(|(known, _)| known.text == key).copied()
    }
}

struct Reader<'a> {
    request: &'a Request,
    /// The folder of the file, where its paths begin.
    folder: PathBuf,
    config: Config<'a>,
    variables: Variables<'a>,
    start: Place,
}

impl Reader<'_> {
    fn targets(&self, files: &dyn Files, resolution: &mut Resolution) -> Result<(), Problem> {
        let build = self.build()?;
        let of_build = build.as_ref().and_then(|build| build.get("dockerfile"));
        if let Some((key, value)) = self.config.get("dockerFile").or(of_build) {
            let top = self.config.get("dockerFile").is_some();
            let target = self.of_dockerfile(key, value, build.as_ref(), top, &mut resolution.warnings)?;
            resolution.targets.push(target);
        } else if self.config.get("image").is_some() {
            // A build is only of what names a Dockerfile.
        } else if let Some((key, value)) = self.config.get("dockerComposeFile") {
            self.of_service(files, key, value, resolution)?;
        } else {
            let message = "one of `image`, `build.dockerfile` or `dockerComposeFile` is needed".to_owned();
            return Err(Problem { place: Some(self.start), message });
        }
        Ok(())
    }

    fn build(&self) -> Result<Option<Config<'_>>, Problem> {
        let Some((_, value)) = self.config.get("build") else { return Ok(None) };
        match &value.kind {
            JsonKind::Object(members) => Ok(Some(Config::new(members))),
            _ => Err(Problem { place: Some(value.place), message: "`build` must be an object".to_owned() }),
        }
    }

    /// A text with its variables replaced.
    fn text(&self, key: &str, value: &Json) -> Result<Text, Problem> {
        match &value.kind {
            JsonKind::Text(text) => self.variables.replace(text),
            _ => Err(Problem { place: Some(value.place), message: format!("`{key}` must be a string") }),
        }
    }

    /// A path from the folder of the file.
    fn path(&self, text: &Text, written: &Json) -> Option<PathBuf> {
        // The folder of the workspace need not be known by its whole path.
        if let JsonKind::Text(raw) = &written.kind
            && let Some(rest) = raw.text.strip_prefix("${localWorkspaceFolder}")
            && !rest.contains("${")
        {
            return Some(join(&self.request.folder, rest.trim_start_matches('/')));
        }
        text.value.as_deref().map(|value| join(&self.folder, value))
    }

    /// What a Dockerfile configuration builds. The keys of the top level count if the Dockerfile is one of them.
    fn of_dockerfile(
        &self,
        key: &JsonText,
        value: &Json,
        build: Option<&Config>,
        top: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<Target, Problem> {
        let text = self.text(&key.text, value)?;
        if is_empty(&text) {
            let message = format!("`{}` is empty, and names no file", key.text);
            return Err(Problem { place: Some(value.place), message });
        }
        let path = self.path(&text, value);
        let written = if top { self.config.get("context") } else { build.and_then(|b| b.get("context")) };
        let written = written.filter(|(_, value)| !matches!(value.kind, JsonKind::Null));
        let written = match written {
            Some((key, value)) => Some((self.text(&key.text, value)?, value)),
            None => None,
        };
        // One that is empty is none.
        let context = match written.filter(|(text, _)| !is_empty(text)) {
            Some((text, value)) => match self.path(&text, value) {
                Some(path) => Context::Folder { path, text: Some(text) },
                None => Context::Unknown(text),
            },
            // By default it is the folder of the Dockerfile.
            None => match &path {
                Some(path) => {
                    Context::Folder { path: clean(path.parent().unwrap_or(Path::new(""))), text: None }
                }
                None => Context::Unknown(text.clone()),
            },
        };
        let dockerfile = match path {
            Some(path) => Dockerfile::File { path, text: Some(text) },
            None => Dockerfile::Unknown(text),
        };
        let mut target = self.target(key.place, context, dockerfile);
        if let Some(build) = build {
            self.add_build(build, &mut target, warnings)?;
        }
        Ok(target)
    }

    fn target(&self, place: Place, context: Context, dockerfile: Dockerfile) -> Target {
        let name = match self.config.get("name") {
            Some((_, Json { kind: JsonKind::Text(name), .. })) => name.text.clone(),
            _ => "devcontainer".to_owned(),
        };
        Target::new(Kind::Devcontainer, name, place, context, dockerfile)
    }

    /// What `build` says beside the Dockerfile and the context.
    fn add_build(
        &self,
        build: &Config,
        target: &mut Target,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Problem> {
        if let Some((_, value)) = build.get("target")
            && !matches!(&value.kind, JsonKind::Null)
        {
            target.stage =
                Some(self.text("build.target", value)?).filter(|stage| stage.value.as_deref() != Some(""));
        }
        let mut add = |name: &str, place: Place, value: &Json| -> Result<(), Problem> {
            let value = Some(self.argument(value, &target.name, warnings)?);
            target.arguments.push(Argument { name: Text::literal(name, place), value });
            Ok(())
        };
        match build.get("args").map(|(_, value)| &value.kind) {
            Some(JsonKind::Object(members)) => {
                for (name, value) in Config::new(members).members {
                    add(&name.text, name.place, value)?;
                }
            }
            // JavaScript takes the places in a list for names.
            Some(JsonKind::Array(values)) => {
                for (name, value) in values.iter().enumerate() {
                    add(&name.to_string(), value.place, value)?;
                }
            }
            _ => {}
        }
        flags::keep_last(target);
        if let Some((_, Json { kind: JsonKind::Array(words), .. })) = build.get("options") {
            let mut texts = Vec::new();
            for word in words {
                texts.push(self.text("build.options", word)?);
            }
            flags::apply(&texts, &self.request.folder, self.request.environment.as_ref(), target);
        }
        Ok(())
    }

    /// The value of an argument, as a text is made of it.
    fn argument(&self, value: &Json, target: &str, warnings: &mut Vec<Warning>) -> Result<Text, Problem> {
        let literal = |text: &str| Text::literal(text, value.place);
        Ok(match &value.kind {
            JsonKind::Text(text) => self.variables.replace(text)?,
            JsonKind::Null => literal("null"),
            JsonKind::Bool(value) => literal(if *value { "true" } else { "false" }),
            JsonKind::Number(written) => {
                let number = written.parse::<f64>().map_or_else(|_| written.clone(), number_as_text);
                if number != *written {
                    let kind = WarningKind::NumberChanged { written: written.clone(), value: number.clone() };
                    let target = Some(target.to_owned());
                    warnings.push(Warning { place: value.place, related: None, target, kind });
                }
                literal(&number)
            }
            // A list is the texts of its values with commas between them, and nothing for null.
            JsonKind::Array(values) => {
                let mut list = Text { value: Some(String::new()), ..literal("") };
                for (at, value) in values.iter().enumerate() {
                    let item = match &value.kind {
                        JsonKind::Null => literal(""),
                        _ => self.argument(value, target, warnings)?,
                    };
                    let comma = if at > 0 { "," } else { "" };
                    list.value =
                        list.value.zip(item.value).map(|(list, item)| format!("{list}{comma}{item}"));
                    list.unset.extend(item.unset);
                    list.from_environment |= item.from_environment;
                }
                list
            }
            JsonKind::Object(_) => {
                let message = "the value of a build argument cannot be an object".to_owned();
                return Err(Problem { place: Some(value.place), message });
            }
        })
    }

    /// What the service of a Compose configuration builds.
    fn of_service(
        &self,
        files: &dyn Files,
        key: &JsonText,
        value: &Json,
        resolution: &mut Resolution,
    ) -> Result<(), Problem> {
        let names: Vec<&Json> = match &value.kind {
            JsonKind::Array(names) => names.iter().collect(),
            JsonKind::Text(_) => vec![value],
            _ => Vec::new(),
        };
        let mut paths = if names.is_empty() { self.default_files(files) } else { Vec::new() };
        // A list of none means the file of the usual name, which the list is then at fault for.
        if let Some(name) = paths.iter().find(|path| !files.is_file(path)).and_then(|path| path.file_name()) {
            let message = format!("there is no file {}", quoted(&name.to_string_lossy()));
            return Err(Problem { place: Some(value.place), message });
        }
        for name in names {
            let text = self.text("dockerComposeFile", name)?;
            let Some(path) = self.path(&text, name) else {
                let message = "it cannot be known here where this file is".to_owned();
                return Err(Problem { place: Some(name.place), message });
            };
            if !files.is_file(&path) {
                let message =
                    format!("there is no file {}", quoted(text.value.as_deref().unwrap_or_default()));
                return Err(Problem { place: Some(name.place), message });
            }
            paths.push(path);
        }
        let request = compose::Request {
            folder: self.request.folder.clone(),
            files: paths,
            environment: self.request.environment.clone(),
            profiles: compose::Profiles::All,
            ..compose::Request::default()
        };
        let Some((_, service)) = self.config.get("service") else {
            let message = "`service` is needed beside `dockerComposeFile`".to_owned();
            return Err(Problem { place: Some(key.place), message });
        };
        let wanted = self.text("service", service)?;
        let sources = std::mem::take(&mut resolution.sources);
        let (mut project, services) = compose::resolve_with(files, &request, sources);
        resolution.sources = project.sources;
        resolution.warnings.append(&mut project.warnings);
        if let Some(problem) = project.problems.pop() {
            return Err(problem);
        }
        let name = wanted.value.unwrap_or_default();
        if !services.contains(&name) {
            let message = format!("the Compose files have no service {}", quoted(&name));
            return Err(Problem { place: Some(service.place), message });
        }
        for target in project.targets {
            if target.name == name {
                resolution.targets.push(Target { kind: Kind::Devcontainer, by_default: true, ..target });
            }
        }
        Ok(())
    }

    /// The Compose files that count if none is named; none for those that `COMPOSE_FILE` names.
    fn default_files(&self, files: &dyn Files) -> Vec<PathBuf> {
        let environment = self.request.environment.as_ref();
        if environment.and_then(|environment| environment.get("COMPOSE_FILE")).is_some() {
            return Vec::new();
        }
        let over = self.request.folder.join("docker-compose.override.yml");
        let over = files.is_file(&over).then_some(over);
        [self.request.folder.join("docker-compose.yml")].into_iter().chain(over).collect()
    }

    /// Notes keys that are spelled almost like one that the build depends on.
    fn warn(&self, warnings: &mut Vec<Warning>) {
        let mut warn = |key: &JsonText, similar| {
            let kind = WarningKind::UnknownKey { key: key.text.clone(), similar };
            warnings.push(Warning { place: key.place, related: None, target: None, kind });
        };
        const BUILD: [&str; 6] = ["args", "cacheFrom", "context", "dockerfile", "options", "target"];
        const TOP: [&str; 5] = ["build", "context", "dockerComposeFile", "dockerFile", "service"];
        const OTHERS: [&str; 3] = ["containerUser", "remoteUser", "secrets"];
        // Of two keys that are the same the last counts: what is there already is not what was meant.
        let mut meant: HashSet<&str> = self.config.members.iter().map(|(key, _)| key.text.as_str()).collect();
        for (key, _) in &self.config.members {
            let known = TOP.contains(&key.text.as_str()) || OTHERS.contains(&key.text.as_str());
            if let Some(similar) = most_alike(&key.text, TOP).filter(|_| !known) {
                warn(key, Some(similar).filter(|similar| meant.insert(similar)));
            }
        }
        if let Some((_, Json { kind: JsonKind::Object(members), .. })) = self.config.get("build") {
            let mut meant: HashSet<&str> = members.iter().map(|(key, _)| key.text.as_str()).collect();
            for (key, _) in members.iter().filter(|(key, _)| !BUILD.contains(&key.text.as_str())) {
                warn(key, most_alike(&key.text, BUILD).filter(|similar| meant.insert(similar)));
            }
        }
    }
}
