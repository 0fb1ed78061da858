//! `docker buildx bake`: files in its own language or in JSON, and the Compose files beside them.
//!
//! Follows the newest releases of the tool where releases differ: the order of the files, `type` of variables.

mod blocks;
mod draft;
mod engine;
mod finish;
mod matrix;
mod overrides;
mod schema;
mod select;
mod services;
mod variables;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::environment::Environment;
use crate::eval::Value;
use crate::files::Files;
use crate::hcl::{Body, parse_body, parse_json};
use crate::problem::{Problem, Warning, WarningKind, quoted};
use crate::source::{FileId, Place, Sources};
use crate::target::{Mention, Resolution, Target};

pub use overrides::Override;

use draft::{Draft, Group};
use engine::Engine;
use finish::Base;
use select::Definition;

/// The files that bake reads if none are named, in this order; each may be missing.
pub const DEFAULT_FILES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

/// How many bytes a file may have: its tree takes many times as much.
const LARGEST: usize = 2 << 20;

/// Which targets are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All that there are. What is wrong with one is a problem, and the others are given.
    #[default]
    All,
    /// Those that the tool builds when it is run plainly: `default`. What is wrong with one is wrong with all.
    Default,
    /// The targets and groups of these names. What is wrong with one is wrong with all.
    Named(Vec<String>),
}

/// Variables that whoever runs bake may set to what is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Unsure {
    /// None.
    #[default]
    None,
    /// Those of these names.
    Names(BTreeSet<String>),
    /// Any.
    All,
}

impl Unsure {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Names(names) => names.contains(name),
            Self::All => true,
        }
    }
}

/// What bake is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The folder in which the command runs: paths in the files begin there. Empty for the current folder.
    pub folder: PathBuf,
    /// The files of `-f`, as they are read; the defaults of the folder if there are none.
    pub files: Vec<PathBuf>,
    /// Variables that count. Without, variables have what the files say, and one that they do not set is known to be
    /// unset.
    pub environment: Option<Environment>,
    /// Variables of which nobody knows what they are, unless the environment says it.
    pub unsure: Unsure,
    /// The platform of the machine, such as `linux/amd64`; unknown if it is not said.
    pub platform: Option<String>,
    /// Which targets are asked for.
    pub selection: Selection,
    /// What `--set` says, in its order.
    pub overrides: Vec<Override>,
    /// What runs the command, where that is a part of a file: the targets are said to be there.
    pub caller: Option<Place>,
}

impl Request {
    /// Whether a variable that is not in the environment is known to be unset.
    fn knows_all(&self) -> bool {
        self.environment.is_some() && self.unsure == Unsure::None
    }
}

/// The platform of the machine that this runs on, as Docker calls it.
#[must_use]
pub fn platform_of_this_machine() -> Option<String> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("linux/{architecture}"))
}

/// Says what bake builds.
#[must_use]
pub fn resolve(files: &dyn Files, request: &Request) -> Resolution {
    Resolution::of(|resolution| read(files, request, resolution))
}

/// Whether a file is one of bake whatever it is called: with blocks that only bake has, and without services.
pub(crate) fn is_definition(files: &dyn Files, path: &Path) -> bool {
    if language(path) == Some(Language::Compose) {
        return false;
    }
    let mut sources = Sources::default();
    let Ok(Some(id)) = sources.open(files, path) else { return false };
    let text = &sources.file(id).text;
    if text.len() > LARGEST {
        return false;
    }
    let Ok(body) = parse(text, Language::Json, id).or_else(|_| parse(text, Language::Hcl, id)) else {
        return false;
    };
    let is_own = body.blocks.iter().any(|block| schema::BLOCKS.contains(&block.kind.as_str()));
    is_own && !body.attributes.iter().any(|attribute| &*attribute.name == "services")
}

/// Adds what bake builds to what something else does; files that bake refuses add nothing. Gives why it refuses them.
pub(crate) fn add(files: &dyn Files, request: &Request, resolution: &mut Resolution) -> Vec<Problem> {
    let before = std::mem::take(&mut resolution.targets);
    let others = std::mem::take(&mut resolution.problems);
    let failed = read(files, request, resolution).err();
    let mut found = std::mem::replace(&mut resolution.targets, before);
    if let Some(caller) = request.caller {
        found.iter_mut().for_each(|target| target.place = caller);
    }
    let mut refused = std::mem::replace(&mut resolution.problems, others);
    refused.extend(failed);
    if refused.is_empty() {
        resolution.targets.extend(found);
    }
    // Those of the files themselves are said where they are looked at.
    resolution.warnings.clear();
    resolution.mentions.clear();
    refused
}

fn read(files: &dyn Files, request: &Request, resolution: &mut Resolution) -> Result<(), Problem> {
    let mut bodies = Vec::new();
    let mut services = Vec::new();
    for (id, path) in open(files, request, &mut resolution.sources)? {
        let text = resolution.sources.file(id).text.clone();
        match language(&path) {
            Some(Language::Compose) => services.push(path),
            Some(language) => bodies.push(parse(&text, language, id)?),
            // It is what it can be read as.
            None => match services::load(files, &mut resolution.sources, vec![path.clone()], request) {
                Ok(_) => services.push(path),
                Err(_) => bodies.push(
                    parse(&text, Language::Hcl, id)
                        .or_else(|problem| parse(&text, Language::Json, id).map_err(|_| problem))?,
                ),
            },
        }
    }
    let mut drafts = Vec::new();
    let mut groups = Vec::new();
    if !services.is_empty() {
        let project = services::load(files, &mut resolution.sources, services, request)?;
        (drafts, groups) = services::drafts(&project, &resolution.sources)?;
        resolution.warnings.extend(project.warnings);
    }
    if bodies.is_empty()
        && drafts.is_empty()
        && groups.is_empty()
        && resolution.sources.iter().next().is_none()
    {
        return Ok(());
    }
    for body in &bodies {
        warn(body, &mut resolution.warnings);
    }
    work_out(&bodies, request, &mut drafts, &mut groups)?;
    resolution.mentions.extend(mentions(&drafts, &groups));
    let definition = Definition::new(drafts, groups, request)?;
    let base = Base {
        folder: &request.folder,
        by_file: truthy(variable(request, "BUILDX_BAKE_FILE_RELATIVE_PATHS")),
        sources: &resolution.sources,
    };
    let mut outcome = Outcome::default();
    select(definition, request, &base, &mut outcome);
    resolution.targets = outcome.targets;
    resolution.problems = outcome.problems;
    Ok(())
}

/// The targets that are asked for, and what is wrong with others.
#[derive(Default)]
struct Outcome {
    targets: Vec<Target>,
    problems: Vec<Problem>,
}

/// Opens the files that count.
fn open(
    files: &dyn Files,
    request: &Request,
    sources: &mut Sources,
) -> Result<Vec<(FileId, PathBuf)>, Problem> {
    let mut opened = Vec::new();
    let mut paths = named_files(request);
    let by_name = !paths.is_empty();
    if !by_name {
        paths = DEFAULT_FILES.iter().map(|name| request.folder.join(name)).collect();
    }
    for path in paths {
        let name = quoted(&path.strip_prefix(".").unwrap_or(&path).display().to_string());
        match sources.open(files, &path) {
            Ok(Some(id)) if sources.file(id).text.len() > LARGEST => {
                let message = format!("{name} is larger than 2 MiB, which no build file needs");
                return Err(Problem { place: None, message });
            }
            Ok(Some(id)) => opened.push((id, path)),
            Ok(None) if !by_name => {}
            Ok(None) => return Err(Problem { place: None, message: format!("there is no file {name}") }),
            Err(error) => {
                return Err(Problem { place: None, message: format!("{name} cannot be read: {error}") });
            }
        }
    }
    Ok(opened)
}

/// The files of `-f`, or those that the environment names.
fn named_files(request: &Request) -> Vec<PathBuf> {
    let Some(names) = variable(request, "BUILDX_BAKE_FILE").filter(|_| request.files.is_empty()) else {
        return request.files.clone();
    };
    let separator = variable(request, "BUILDX_BAKE_PATH_SEPARATOR").unwrap_or(":");
    let names = if separator.is_empty() { vec![names] } else { names.split(separator).collect() };
    names.into_iter().filter(|name| !name.is_empty()).map(|name| request.folder.join(name)).collect()
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Compose,
    Hcl,
    Json,
}

/// What a file is written in by its name, if that says so.
fn language(path: &Path) -> Option<Language> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "yml" | "yaml" => Some(Language::Compose),
        "json" => Some(Language::Json),
        "hcl" => Some(Language::Hcl),
        _ => None,
    }
}

fn parse(text: &str, language: Language, file: FileId) -> Result<Body, Problem> {
    if language == Language::Json { parse_json(text, file, &schema::BLOCKS) } else { parse_body(text, file) }
}

/// Says which attributes and blocks nobody reads, and which numbers are other texts than they seem.
fn warn(body: &Body, warnings: &mut Vec<Warning>) {
    for block in &body.blocks {
        blocks::warnings(block, warnings);
        blocks::changed_numbers(block, warnings);
        if !schema::BLOCKS.contains(&block.kind.as_str()) {
            let kind = WarningKind::UnknownKey {
                key: block.kind.clone(),
                similar: schema::similar("", &block.kind),
            };
            warnings.push(Warning { place: block.place, related: None, target: None, kind });
        }
    }
}

/// Adds the targets and groups of the files: targets of one name are put together, of groups the last counts.
fn work_out(
    bodies: &[Body],
    request: &Request,
    drafts: &mut Vec<Draft>,
    groups: &mut Vec<Group>,
) -> Result<(), Problem> {
    if bodies.is_empty() {
        return Ok(());
    }
    let platform = request.platform.as_ref().map_or(Value::Unknown, Value::text);
    let builtin = vec![("BAKE_CMD_CONTEXT", Value::text("cwd://")), ("BAKE_LOCAL_PLATFORM", platform)];
    let mut engine = Engine::new(bodies, builtin, request)?;
    engine.definitions()?;
    engine.names()?;
    let mut at: HashMap<String, usize> =
        drafts.iter().enumerate().map(|(at, d)| (d.name.clone(), at)).collect();
    let mut group_at: HashMap<String, usize> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        group_at.entry(group.name.clone()).or_insert(at);
    }
    for block in 0..engine.blocks.len() {
        if engine.blocks[block].block.kind == "group" {
            let group = engine.group(block)?;
            match group_at.get(&group.name) {
                Some(at) => groups[*at] = group,
                None => {
                    group_at.insert(group.name.clone(), groups.len());
                    groups.push(group);
                }
            }
            continue;
        }
        for instance in 0..engine.blocks[block].instances.len() {
            let draft = engine.draft(block, instance)?;
            match at.get(&draft.name) {
                Some(at) => drafts[*at].merge(&draft),
                None => {
                    at.insert(draft.name.clone(), drafts.len());
                    drafts.push(draft);
                }
            }
        }
    }
    groups.extend(matrix_groups(&engine));
    engine.other_attributes()
}

/// The label of a block with a matrix is a group of what it makes.
fn matrix_groups(engine: &Engine) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for state in engine.blocks.iter().filter(|state| state.block.kind == "target") {
        let label = &state.block.labels[0];
        if let [only] = state.instances.as_slice()
            && only.name == label.text
        {
            continue;
        }
        let targets = state.instances.iter().map(|instance| (instance.name.clone(), label.place));
        match at.get(label.text.as_str()) {
            Some(at) => groups[*at].targets.extend(targets),
            None => {
                at.insert(&label.text, groups.len());
                let (name, targets) = (label.text.clone(), targets.collect());
                groups.push(Group { name, targets, is_open: state.is_open });
            }
        }
    }
    groups
}

/// Where targets are named by others. A block with a matrix is no group that anybody has written.
fn mentions<'a>(drafts: &'a [Draft], groups: &'a [Group]) -> impl Iterator<Item = Mention> + 'a {
    let labels: HashSet<Place> = drafts.iter().map(|draft| draft.place).collect();
    let inherited = drafts.iter().flat_map(|draft| &draft.inherits);
    let inherited = inherited.filter_map(|text| Some((text.value.clone()?, text.place, true)));
    let grouped = groups.iter().flat_map(|group| &group.targets);
    let grouped = grouped.map(|(name, place)| (name.clone(), *place, false));
    let all = inherited.chain(grouped).filter(move |(_, place, _)| !labels.contains(place));
    all.map(|(name, place, inherits)| Mention { name, place, inherits })
}

/// Works out the targets that are asked for.
fn select(mut definition: Definition, request: &Request, base: &Base, outcome: &mut Outcome) {
    let asked: Vec<&str> = match &request.selection {
        Selection::Named(names) => names.iter().map(String::as_str).collect(),
        Selection::All | Selection::Default => vec!["default"],
    };
    let plain: Vec<_> = asked.iter().flat_map(|name| definition.targets_of(name)).collect();
    let default = definition.with_contexts(&plain, &mut outcome.problems);
    let missing = !definition.has("default");
    if definition.is_spent() {
        return;
    }
    if request.selection != Selection::All {
        if outcome.problems.is_empty() {
            let built = default.into_iter().map(|(draft, _)| base.target(Rc::unwrap_or_clone(draft), true));
            outcome.targets.extend(built);
        }
        return;
    }
    let failed = !outcome.problems.is_empty();
    if missing {
        // That is a fault only of the command without names.
        outcome.problems.clear();
    }
    let built: HashSet<&str> =
        default.iter().filter(|_| !failed).map(|(draft, _)| draft.name.as_str()).collect();
    let names: Vec<(String, Option<Place>)> =
        definition.names_to_build().into_iter().map(|name| (name.to_owned(), None)).collect();
    let mut problems = Vec::new();
    for (draft, is_refused) in definition.with_contexts(&names, &mut problems) {
        let by_default = built.contains(draft.name.as_str());
        let target = base.target(Rc::unwrap_or_clone(draft), by_default);
        outcome.targets.push(Target { is_refused, ..target });
    }
    problems.retain(|problem| !outcome.problems.contains(problem));
    outcome.problems.extend(problems);
}

fn variable<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.environment.as_ref()?.get(name)
}

fn truthy(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "t" | "T" | "TRUE" | "true" | "True"))
}
