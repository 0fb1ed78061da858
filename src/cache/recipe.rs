//! What BuildKit makes each layer from, beside the files: in a form in which two builds can be compared.
//!
//! Two layers of the same recipe on layers of the same recipes are the same to the cache, whatever their
//! instructions look like. Metadata, layout and names of stages are in no recipe.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::semantic::{
    Base, CopyFrom, CopyUse, Environment, Given, Model, PerStage, SourceKind, Stage, StageId, is_automatic,
};
use crate::syntax::{CommandForm, Heredoc, ImageRef, Instruction, Kind, Mount, TransferSource, Value, Word};

/// How many stages up are looked through for variables that differ.
const MAX_LINEAGE: usize = 64;

/// What a layer is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recipe {
    /// All of it.
    pub(super) key: u64,
    /// The instruction alone.
    pub(super) text: u64,
    /// ENV and ARG, where they count.
    pub(super) variables: u64,
    /// USER, where it counts.
    pub(super) user: u64,
    /// The folder that it works in, where it counts.
    pub(super) folder: u64,
    /// SHELL, where it counts.
    pub(super) shell: u64,
}

/// Where files come from that count by their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// A stage.
    Stage(StageId),
    /// An image, or what only the build knows.
    Other(u64),
}

/// A layer.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// The instruction.
    pub(super) step: usize,
    pub(super) recipe: Recipe,
    /// The copies of it, by the number of their queries.
    pub(super) copies: Vec<usize>,
    /// One for each copy that takes from a stage or an image.
    pub(super) inputs: Vec<Input>,
    /// True for `--link`.
    pub(super) linked: bool,
    /// How many assignments of its stage it sees.
    seen: usize,
}

/// What a stage starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    Stage(StageId),
    Other(u64),
}

/// The layers of a stage, in the order in which they are made.
#[derive(Debug, Clone)]
pub(super) struct StageRecipe {
    pub(super) ground: Ground,
    pub(super) layers: Vec<Made>,
    /// What ENV and ARG set, in order.
    assignments: Vec<(String, u64)>,
    end: Scene,
}

/// What instructions inherit.
#[derive(Debug, Clone, Copy, Default)]
struct Scene {
    variables: u64,
    user: u64,
    shell: Option<u64>,
    /// The folder that paths are relative to.
    folder: u64,
    /// The same as it is written, which is what a RUN goes by.
    written: u64,
}

pub(super) fn hash(parts: impl Hash) -> u64 {
    // Always the same keys: nobody gains by a collision but who builds the file.
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The layers of all stages that the target needs, by stage.
pub(super) fn recipes(model: &Model) -> PerStage<Option<StageRecipe>> {
    let mut stages: PerStage<Option<StageRecipe>> = PerStage::with_capacity(model.stages.len());
    for stage in &model.stages {
        let parent = match stage.base {
            Base::Stage(parent) => stages.get(parent).and_then(Option::as_ref),
            _ => None,
        };
        let start = parent.map_or_else(Scene::default, |p| p.end);
        let recipe = stage.reachable.then(|| Reader::new(model, stage, start).read());
        stages.push(recipe);
    }
    stages
}

/// The variables that two layers see with different values, by name.
pub(super) fn differing(
    (old, old_at): (&PerStage<Option<StageRecipe>>, (StageId, usize)),
    (new, new_at): (&PerStage<Option<StageRecipe>>, (StageId, usize)),
) -> Vec<String> {
    let (before, after) = (seen(old, old_at), seen(new, new_at));
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let mut names: Vec<String> = changed.map(|(name, _)| name).chain(gone).map(|n| (*n).to_owned()).collect();
    names.sort_unstable();
    names
}

/// What a layer sees, by name: the layer of a number in a stage.
fn seen(stages: &PerStage<Option<StageRecipe>>, (stage, layer): (StageId, usize)) -> HashMap<&str, u64> {
    let mut values = HashMap::new();
    let mut next = Some((stage, Some(layer)));
    for _ in 0..MAX_LINEAGE {
        let Some((stage, layer)) = next else { break };
        let Some(Some(recipe)) = stages.get(stage) else { break };
        let until = layer.and_then(|l| recipe.layers.get(l)).map_or(recipe.assignments.len(), |l| l.seen);
        for (name, value) in recipe.assignments.iter().take(until).rev() {
            values.entry(name.as_str()).or_insert(*value);
        }
        next = match recipe.ground {
            Ground::Stage(parent) => Some((parent, None)),
            Ground::Other(_) => None,
        };
    }
    values
}

/// Reads the instructions of one stage.
struct Reader<'m> {
    model: &'m Model,
    stage: &'m Stage,
    scene: Scene,
    recipe: StageRecipe,
}

impl<'m> Reader<'m> {
    fn new(model: &'m Model, stage: &'m Stage, scene: Scene) -> Self {
        let ground = match &stage.base {
            Base::Stage(parent) => Ground::Stage(*parent),
            base => Ground::Other(image(model, stage, base)),
        };
        let recipe = StageRecipe { ground, layers: Vec::new(), assignments: Vec::new(), end: scene };
        Self { model, stage, scene, recipe }
    }

    fn read(mut self) -> StageRecipe {
        let model = self.model;
        for step in model.triggers_in(self.stage) {
            self.step(*step, model.environment_after_triggers(self.stage));
        }
        for step in self.stage.steps.clone().skip(1).filter(|s| !model.is_trigger(*s)) {
            self.step(step, model.environment(step));
        }
        self.recipe.end = self.scene;
        self.recipe
    }

    fn step(&mut self, step: usize, environment: Environment<'_>) {
        let instruction = self.model.instruction(step);
        let value = |word: &Word| self.value(environment, word);
        match &instruction.kind {
            Kind::Env(pairs) => {
                let set: Vec<(String, u64)> = pairs
                    .iter()
                    .filter_map(|p| {
                        let name = environment.value(&p.key).known()?.to_owned();
                        Some((name, p.value.as_ref().map_or(0, value)))
                    })
                    .collect();
                set.into_iter().for_each(|(name, value)| self.assign(name, value));
            }
            Kind::Arg(decls) => {
                for decl in decls {
                    let Some(name) = environment.value(&decl.name).known().map(str::to_owned) else {
                        continue;
                    };
                    let default = decl.default.as_ref().map(|word| self.value(environment, word));
                    if let Some(value) = self.argument(&name, default) {
                        self.assign(name, value);
                    }
                }
            }
            Kind::User(Some(word)) => self.scene.user = value(word),
            Kind::Shell(Some(shell)) => {
                let items: Vec<&str> = shell.items.iter().map(|i| &*i.value).collect();
                self.scene.shell = Some(hash(items));
            }
            Kind::Workdir(Some(word)) => self.workdir(step, environment.value(word), word, instruction),
            Kind::Copy(_) | Kind::Add(_) => self.transfer(step, environment, instruction),
            Kind::Run(form) => self.run(step, environment, instruction, form),
            _ => {}
        }
    }

    fn assign(&mut self, name: String, value: u64) {
        // The order counts: BuildKit compares the environment as a list.
        self.scene.variables = hash((self.scene.variables, &name, value));
        self.recipe.assignments.push((name, value));
    }

    /// The value of an ARG; `None` if it sets nothing.
    fn argument(&self, name: &str, default: Option<u64>) -> Option<u64> {
        let known = |text: &str| hash((1, text));
        if let Some(told) = self.model.build().args.get(name) {
            return Some(known(told));
        }
        default.or_else(|| {
            let global = self.model.global_arg(name);
            match global.map(|b| (&b.value, b.given)) {
                Some((_, Given::Never)) => None,
                Some((Value::Known(text), _)) => Some(known(text)),
                // The platform's, or what only the build knows.
                _ if !self.model.build().all_args || is_automatic(name) => Some(hash((3, name))),
                _ => None,
            }
        })
    }

    /// A word by its value, or, where that is not known, by all that it may depend on.
    fn value(&self, environment: Environment<'_>, word: &Word) -> u64 {
        match environment.value(word) {
            Value::Known(text) => hash((1, text)),
            Value::Unknown => hash((2, &*word.text, self.scene.variables)),
        }
    }

    fn push(&mut self, step: usize, recipe: Recipe, copies: Vec<usize>, linked: bool) {
        let inputs =
            copies.iter().filter_map(|c| input(self.model, self.model.copy_of_query(*c)?.0)).collect();
        let seen = self.recipe.assignments.len();
        self.recipe.layers.push(Made { step, recipe, copies, inputs, linked, seen });
    }

    fn workdir(&mut self, step: usize, value: Value, word: &Word, instruction: &Instruction) {
        let written = value.known().unwrap_or(&word.text);
        let absolute = written.starts_with('/');
        let unknown = if value == Value::Unknown { self.scene.variables } else { 0 };
        let from = |before: u64, text: &str| match (absolute, unknown) {
            (true, 0) => hash((1, text)),
            _ => hash((2, before, text, unknown)),
        };
        let path = clean(written);
        self.scene.written = from(self.scene.written, written);
        self.scene.folder = from(self.scene.folder, &path);
        if absolute && path.is_empty() {
            return;
        }
        let text = hash((instruction.keyword.name(), path));
        let Scene { user, folder, .. } = self.scene;
        let key = hash((4, user, folder));
        self.push(step, Recipe { key, text, variables: 0, user, folder, shell: 0 }, Vec::new(), false);
    }

    fn transfer(&mut self, step: usize, environment: Environment<'_>, instruction: &Instruction) {
        let copies = self.copies(step);
        let Some((copy, _)) = copies.first().and_then(|c| self.model.copy_of_query(*c)) else { return };
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { return };
        let parents = instruction.flag("parents").is_some();
        let mut sources = Vec::new();
        let mut paths = copy.sources.iter();
        let mut heredocs = instruction.heredocs.iter();
        for source in &transfer.sources {
            match source {
                TransferSource::Path(word) => {
                    let path = paths.next();
                    sources.push(match path.map(|p| (&p.value, p.kind)) {
                        Some((Value::Known(path), SourceKind::Path)) if !parents => hash((1, clean(path))),
                        Some((Value::Known(path), _)) => hash((2, path)),
                        _ => self.value(environment, word),
                    });
                }
                TransferSource::Heredoc => {
                    let Some(heredoc) = heredocs.next() else { continue };
                    sources.push(hash((&*heredoc.name, self.body(heredoc, environment, true))));
                }
            }
        }
        let (folder, destination) = match (&copy.destination, &transfer.destination) {
            (Value::Known(path), _) => (0, hash((1, path))),
            (_, Some(word)) => (self.scene.folder, self.value(environment, word)),
            (_, None) => (0, 0),
        };
        let own = |name: &str| !matches!(name, "from" | "link");
        let flags = instruction.flags.iter().filter(|f| own(&f.name));
        let flags: Vec<(&str, u64)> = flags
            .map(|f| (&*f.name, f.word(self.model.file.escape).map_or(0, |w| self.value(environment, &w))))
            .collect();
        let linked = is_set(instruction, "link");
        let text = hash((instruction.keyword.name(), sources, destination, flags, linked));
        let key = hash((text, folder));
        let recipe = Recipe { key, text, variables: 0, user: 0, folder, shell: 0 };
        self.push(step, recipe, copies, linked);
    }

    fn run(
        &mut self,
        step: usize,
        environment: Environment<'_>,
        instruction: &Instruction,
        form: &CommandForm,
    ) {
        let (script, shell): (Vec<String>, u64) = match form {
            CommandForm::Exec(exec) => (exec.items.iter().map(|i| i.value.to_string()).collect(), 0),
            _ => (vec![self.script(environment, instruction)], self.scene.shell.unwrap_or(0)),
        };
        // As an array it is the same.
        let by_default = !matches!(form, CommandForm::Exec(_)) && shell == 0;
        let args = if by_default { ["/bin/sh", "-c"].as_slice() } else { &[] };
        let args: Vec<&str> = args.iter().copied().chain(script.iter().map(String::as_str)).collect();
        let flags = instruction.flags.iter().filter(|f| &*f.name != "mount");
        let flags: Vec<(&str, Option<&str>)> = flags.map(|f| (&*f.name, f.value.as_deref())).collect();
        let mounts: Vec<u64> = instruction.mounts.iter().map(mount).collect();
        let text = hash((&script, &flags, &mounts));
        let Scene { variables, user, written: folder, .. } = self.scene;
        let key = hash((5, (args, flags, mounts), variables, user, folder, shell));
        let copies = self.copies(step);
        self.push(step, Recipe { key, text, variables, user, folder, shell }, copies, false);
    }

    /// What the shell gets.
    fn script(&self, environment: Environment<'_>, instruction: &Instruction) -> String {
        let text = instruction.arguments_text().trim_end();
        let mut bodies = instruction.heredocs.iter().map(|h| self.body(h, environment, false));
        match instruction.heredocs.as_slice() {
            // The name of the here-document is not a part of it then, unless it is a file of that name that runs.
            [only] if text.starts_with("<<") && !text.contains(char::is_whitespace) => {
                let body = bodies.next().unwrap_or_default();
                if body.starts_with("#!") { format!("{}\n{body}", only.name) } else { body }
            }
            _ => bodies.fold(text.to_owned(), |script, body| format!("{script}\n{body}")),
        }
    }

    /// The lines of a here-document; those of COPY with their variables' values.
    fn body(&self, heredoc: &Heredoc, environment: Environment<'_>, expands: bool) -> String {
        let text = self.model.text(heredoc.body);
        let lines =
            text.split_inclusive('\n').map(|l| if heredoc.chomp { l.trim_start_matches('\t') } else { l });
        let text: String = lines.collect();
        if !expands || !heredoc.expand || !text.contains('$') {
            return text;
        }
        let word = Word {
            span: heredoc.body,
            exact: false,
            text: text.replace(['"', '\''], "").into(),
            escape: self.model.file.escape,
        };
        let value = self.value(environment, &word);
        format!("{value}\n{text}")
    }

    /// The copies that a step makes in this stage, by the numbers of their queries.
    fn copies(&self, step: usize) -> Vec<usize> {
        let model = self.model;
        if model.is_trigger(step) {
            // They stand in the order of the stages.
            let first = model.triggered.partition_point(|t| t.stage < self.stage.index);
            let own = model.triggered.iter().enumerate().skip(first);
            let own =
                own.take_while(|(_, t)| t.stage == self.stage.index).filter(|(_, t)| t.copy.step == step);
            return own.map(|(number, _)| model.copies.len() + number).collect();
        }
        let first = model.copies.partition_point(|c| c.step < step);
        (first..)
            .zip(model.copies.iter().skip(first))
            .take_while(|(_, c)| c.step == step)
            .map(|(n, _)| n)
            .collect()
    }
}

/// A path from the root, without `.`, `..` and what follows the last `/`.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The image that a stage starts from.
fn image(model: &Model, stage: &Stage, base: &Base) -> u64 {
    let from = model.instruction(stage.steps.start);
    let platform = from.flag_value("platform").map(str::to_owned);
    let name = match base {
        Base::Scratch => hash("scratch"),
        Base::Image(image) => hash(reference(image)),
        _ => {
            let written = stage.base_word.as_ref().map(|w| w.text.to_string());
            let names = |name: &String| written.as_ref().is_some_and(|text| text.contains(name.as_str()));
            let args: Vec<_> = model.build().args.iter().filter(|(name, _)| names(name)).collect();
            hash((&written, args))
        }
    };
    hash((name, platform))
}

/// The name of an image in full.
fn reference(image: &ImageRef) -> (String, String, String, Option<String>) {
    let tag = image.tag.as_deref().unwrap_or(if image.digest.is_some() { "" } else { "latest" });
    let digest = image.digest.as_ref().map(|d| format!("{}:{}", d.algorithm, d.hex));
    (image.registry.to_string(), image.path.to_string(), tag.to_owned(), digest)
}

/// What a copy takes by its content.
fn input(model: &Model, copy: &CopyUse) -> Option<Input> {
    match &copy.from {
        CopyFrom::Context => None,
        CopyFrom::Stage(stage) => Some(Input::Stage(*stage)),
        CopyFrom::Image(Some(image)) => Some(Input::Other(hash(reference(image)))),
        _ => Some(Input::Other(hash(model.copy_reference(copy).map(|(name, _)| name.to_owned())))),
    }
}

/// A mount, whichever way it is written; where it is from counts by content.
fn mount(mount: &Mount) -> u64 {
    let mut options: Vec<(&str, Option<&str>)> = mount
        .options
        .iter()
        .filter(|o| !matches!(&*o.key, "from" | "type"))
        .map(|o| {
            let key = match &*o.key {
                "src" => "source",
                "dst" | "destination" => "target",
                "ro" => "readonly",
                "rw" => "readwrite",
                key => key,
            };
            (key, o.value.as_deref())
        })
        .collect();
    options.sort_unstable();
    hash((mount.kind, options))
}

/// True if a flag is there and not `=false`.
fn is_set(instruction: &Instruction, flag: &str) -> bool {
    let is_true = |text: &str| matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True");
    instruction.flag(flag).is_some_and(|f| f.value.as_deref().is_none_or(is_true))
}
