use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::lock::Inputs;
use crate::semantic::{Base, CopyFrom, CopyUse, Model, PerStage, SourceKind, Stage, is_automatic};
use crate::syntax::{Instruction, Kind};

use super::super::history::even;
use super::fetches::{compresses, fetches};

/// Why the bytes of a layer may be others although its inputs are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The name of a build argument that is given from outside, or may be.
    Argument(String),
    /// It fetches something, or may.
    Fetches,
    /// It compresses files, whose times of change are in the archive.
    Compresses,
    /// The base image goes by a tag, which moves.
    Tag,
    /// Some of its files are not seen: they come from an address, or from a context that was not measured.
    Unseen,
}

/// What a layer of the image is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The instruction.
    pub step: usize,
    /// Its key: 16 hexadecimal digits.
    pub key: String,
    /// What else counts.
    pub inputs: Inputs,
    /// Why it cannot be exact, if so.
    pub doubt: Option<Doubt>,
    /// The build arguments that it may depend on.
    pub args: Vec<String>,
}

/// The recipes of the layers of an image, those of the stages that it starts from first. `build` names the build:
/// Dockerfile, target and platform; `taken` has a digest of what each copy takes, by its number.
#[must_use]
pub fn recipes(model: &Model, build: &str, taken: &BTreeMap<usize, String>) -> Vec<Recipe> {
    let Some(stage) = model.final_stage() else { return Vec::new() };
    let mut reader = Reader { model, taken, scenes: PerStage::default() };
    for stage in &model.stages {
        let scene = reader.scene(stage);
        reader.scenes.push(scene);
    }
    let mut lineage: Vec<&Stage> = model.lineage(stage).collect();
    lineage.reverse();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let made =
        lineage.iter().filter_map(|stage| reader.scenes.get(stage.index)).flat_map(|scene| &scene.made);
    let recipe = |made: &Made| {
        let number = numbers.entry(made.text.clone()).or_default();
        *number += 1;
        Recipe {
            step: made.step,
            key: hash(&["1", build, &made.text, &number.to_string()]),
            inputs: made.inputs.clone(),
            doubt: made.doubt.clone(),
            args: made.args.clone(),
        }
    };
    made.map(recipe).collect()
}

/// 64 bits of a hash over parts that cannot run into each other.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut out = String::with_capacity(16);
    for byte in hasher.finalize().iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// A layer without its key.
#[derive(Debug, Clone)]
struct Made {
    step: usize,
    text: String,
    inputs: Inputs,
    doubt: Option<Doubt>,
    args: Vec<String>,
}

/// What holds behind an instruction.
#[derive(Debug, Clone, Default)]
struct Scene {
    base: String,
    env: String,
    user: String,
    folder: String,
    shell: String,
    /// The ARGs of the stage, as they are written.
    declared: String,
    steps: String,
    files: String,
    /// The arguments in force, and those of them that are given from outside or have no default.
    args: BTreeSet<String>,
    outside: BTreeSet<String>,
    /// An argument from outside that ENV keeps.
    kept: Option<String>,
    unseen: bool,
    made: Vec<Made>,
}

impl Scene {
    fn settings(&self) -> String {
        hash(&[&self.env, &self.user, &self.folder, &self.shell, &self.declared])
    }

    /// All of it, as another stage sees its files.
    fn digest(&self) -> String {
        hash(&[&self.base, &self.settings(), &self.steps, &self.files])
    }

    /// The argument from outside that a text names.
    fn named(&self, text: &str) -> Option<Doubt> {
        let names =
            |name: &&String| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}"));
        self.outside.iter().find(names).cloned().map(Doubt::Argument)
    }
}

struct Reader<'m> {
    model: &'m Model,
    taken: &'m BTreeMap<usize, String>,
    /// Those of the stages before.
    scenes: PerStage<Scene>,
}

impl Reader<'_> {
    fn scene(&self, stage: &Stage) -> Scene {
        let model = self.model;
        let parent = match stage.base {
            Base::Stage(parent) => self.scenes.get(parent),
            _ => None,
        };
        let mut scene = match parent {
            // ARG ends with its stage.
            Some(parent) => Scene {
                declared: String::new(),
                args: BTreeSet::new(),
                outside: BTreeSet::new(),
                made: Vec::new(),
                ..parent.clone()
            },
            None => self.ground(stage),
        };
        for step in model.triggers_in(stage) {
            scene.steps = hash(&[&scene.steps, &text(model, model.instruction(*step))]);
        }
        for step in stage.steps.clone().skip(1).filter(|step| !model.is_trigger(*step)) {
            self.step(&mut scene, step);
        }
        scene
    }

    /// What a stage starts with that starts from an image.
    fn ground(&self, stage: &Stage) -> Scene {
        let model = self.model;
        let from = model.instruction(stage.steps.start);
        let word = stage.base_word.as_ref();
        let written = word.map_or("", |word| &word.text);
        let platform = from.flag_value("platform").unwrap_or("");
        let variables = word.and_then(|word| word.variables().ok()).unwrap_or_default();
        let mut parts = vec![written.to_owned(), platform.to_owned()];
        let mut scene = Scene::default();
        for variable in variables {
            scene.args.insert(variable.name.to_string());
            match model.global_arg(&variable.name) {
                // Its default is written in the file; what it is given is not looked at.
                Some(binding) => parts.push(text(model, model.instruction(binding.step))),
                None => continue,
            }
            if self.is_outside(&variable.name, false) {
                scene.outside.insert(variable.name.to_string());
            }
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        scene.base = hash(&parts);
        let tag = match &stage.base {
            Base::Scratch => None,
            Base::Image(image) if image.digest.is_some() => None,
            _ => Some(Doubt::Tag),
        };
        let doubt = scene.outside.iter().next().cloned().map(Doubt::Argument).or(tag);
        let args = scene.args.iter().cloned().collect();
        let inputs = Inputs { base: scene.base.clone(), ..Inputs::default() };
        let text = even(&format!("FROM {platform} {written}"));
        scene.made.push(Made { step: stage.steps.start, text, inputs, doubt, args });
        Scene { args: BTreeSet::new(), outside: BTreeSet::new(), ..scene }
    }

    /// True if an argument is given from outside, or can only be.
    fn is_outside(&self, name: &str, has_default: bool) -> bool {
        let told = self.model.build().args.contains_key(name);
        let global = self.model.global_arg(name).is_some_and(|arg| self.has_default(arg.step, name));
        told || !(has_default || global || is_automatic(name))
    }

    fn has_default(&self, step: usize, name: &str) -> bool {
        let Kind::Arg(decls) = &self.model.instruction(step).kind else { return false };
        decls.iter().any(|decl| &*decl.name.text == name && decl.default.is_some())
    }

    fn step(&self, scene: &mut Scene, step: usize) {
        let model = self.model;
        let instruction = model.instruction(step);
        let text = text(model, instruction);
        match &instruction.kind {
            Kind::Env(_) => {
                scene.env = hash(&[&scene.env, &text]);
                if let Some(Doubt::Argument(name)) = scene.named(&text) {
                    scene.kept = Some(name);
                }
            }
            Kind::Arg(decls) => {
                let mut parts = vec![scene.declared.clone(), text];
                for decl in decls {
                    let name = &*decl.name.text;
                    if let Some(global) = model.global_arg(name).filter(|_| decl.default.is_none()) {
                        parts.push(self::text(model, model.instruction(global.step)));
                    }
                    scene.args.insert(name.to_owned());
                    if self.is_outside(name, decl.default.is_some()) {
                        scene.outside.insert(name.to_owned());
                    }
                }
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                scene.declared = hash(&parts);
            }
            Kind::User(_) => scene.user = text,
            Kind::Shell(_) => scene.shell = text,
            Kind::Workdir(_) => scene.folder = hash(&[&scene.folder, &text]),
            Kind::Copy(_) | Kind::Add(_) => self.copy(scene, step, text),
            Kind::Run(_) => self.run(scene, step, instruction, text),
            _ => {}
        }
    }

    fn copy(&self, scene: &mut Scene, step: usize, text: String) {
        let brought = self.brought(step, false);
        let files = hash(&[&text, &brought.digest]);
        let settings = if text.contains('$') { scene.settings() } else { String::new() };
        let inputs = Inputs { files: files.clone(), settings, ..Inputs::default() };
        let doubt = scene.named(&text).or(brought.doubt.clone());
        scene.unseen |= brought.doubt == Some(Doubt::Unseen);
        scene.files = hash(&[&scene.files, &files]);
        let args = if text.contains('$') { scene.args.iter().cloned().collect() } else { Vec::new() };
        scene.made.push(Made { step, text, inputs, doubt, args });
    }

    fn run(&self, scene: &mut Scene, step: usize, instruction: &Instruction, text: String) {
        let model = self.model;
        let mounted = self.brought(step, true);
        let files = match mounted.count {
            0 => scene.files.clone(),
            _ => hash(&[&scene.files, &mounted.digest]),
        };
        let inputs = Inputs {
            base: scene.base.clone(),
            settings: scene.settings(),
            steps: scene.steps.clone(),
            files,
        };
        // The environment of a RUN has all arguments, so what it starts may read each.
        let outside = scene.outside.iter().next().cloned().or_else(|| scene.kept.clone());
        let fetches = instruction.flag_value("network") != Some("none") && fetches(model, step, &text);
        let doubt = outside
            .map(Doubt::Argument)
            .or(fetches.then_some(Doubt::Fetches))
            .or(compresses(model, step).then_some(Doubt::Compresses))
            .or(mounted.doubt)
            .or(scene.unseen.then_some(Doubt::Unseen));
        scene.steps = hash(&[&scene.steps, &text]);
        scene.made.push(Made { step, text, inputs, doubt, args: scene.args.iter().cloned().collect() });
    }

    /// What the copies of a step, or its bind mounts, take.
    fn brought(&self, step: usize, mounts: bool) -> Brought {
        let copies = &self.model.copies;
        let first = copies.partition_point(|copy| copy.step < step);
        let own = copies.iter().enumerate().skip(first).take_while(|(_, copy)| copy.step == step);
        let mut brought = Brought::default();
        for (number, copy) in own.filter(|(_, copy)| copy.mount == mounts) {
            brought.count += 1;
            let (digest, doubt) = self.of_copy(number, copy);
            brought.digest = hash(&[&brought.digest, &digest]);
            brought.doubt = brought.doubt.take().or(doubt);
        }
        brought
    }

    fn of_copy(&self, number: usize, copy: &CopyUse) -> (String, Option<Doubt>) {
        let remote = copy.sources.iter().any(|s| matches!(s.kind, SourceKind::Url | SourceKind::Git));
        let unknown = copy.sources.iter().any(|s| s.kind == SourceKind::Unknown);
        let doubt = (remote || unknown).then_some(Doubt::Unseen);
        match &copy.from {
            CopyFrom::Stage(stage) => match self.scenes.get(*stage) {
                Some(scene) => {
                    let inner =
                        scene.made.iter().find_map(|made| made.doubt.clone().filter(|d| *d != Doubt::Tag));
                    (scene.digest(), inner.or(doubt))
                }
                None => (String::new(), Some(Doubt::Unseen)),
            },
            // The name is in the text.
            CopyFrom::Image(Some(image)) if image.digest.is_some() => (String::new(), doubt),
            CopyFrom::Image(Some(_)) => (String::new(), doubt.or(Some(Doubt::Tag))),
            CopyFrom::Context | CopyFrom::Folder(_) => {
                let has_paths = copy.sources.iter().any(|s| s.kind == SourceKind::Path);
                match self.taken.get(&number) {
                    Some(digest) => (digest.clone(), doubt),
                    None if has_paths => (String::new(), Some(Doubt::Unseen)),
                    None => (String::new(), doubt),
                }
            }
            _ => (String::new(), Some(Doubt::Unseen)),
        }
    }
}

/// What several copies bring.
#[derive(Default)]
struct Brought {
    count: usize,
    digest: String,
    doubt: Option<Doubt>,
}

/// An instruction as the builder sees it: lines joined, comments gone, blanks folded, here-documents whole.
pub(super) fn text(model: &Model, instruction: &Instruction) -> String {
    let written = even(instruction.logical.text());
    let rest = written.split_once(' ').map_or("", |(_, rest)| rest);
    let mut text = format!("{} {rest}", instruction.keyword.name());
    for heredoc in &instruction.heredocs {
        text.push('\n');
        text.push_str(model.text(heredoc.body));
    }
    text
}
