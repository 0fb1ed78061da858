//! Building the model, in one pass over the instructions.

use std::collections::HashMap;
use std::iter::Peekable;
use std::sync::Arc;
use std::vec::IntoIter;

use crate::context::SourceQuery;
use crate::shell::Dialect;
use crate::syntax::{File, From, ImageRef, Instruction, Kind, MountType, Transfer, Value, Word};

use super::copy::{self, CopyFrom, CopySource, CopyUse, SourceKind};
use super::env::{self, Below, Binding, BindingKind, Environment, Given, Scopes, View};
use super::facts::Facts;
use super::stage::{Base, Stage};
use super::step::{State, Step, Workdir};
use super::{
    Build, Model, NamedContext, PerStage, ScriptId, ShellWords, StageId, images, paths, pragma, scripts,
};
use crate::knowledge::Family;

/// The most sources of a file that the build context is asked for; what further copies take counts as unknown.
const MAX_SOURCES: usize = 1 << 16;

const START: State = State { user: None, workdir: None, shell: None, dialect: Dialect::Posix };

/// Builds the model of `file`.
pub(super) fn model(file: Arc<File>, build: &Build) -> Model {
    #[cfg(test)]
    crate::text::work::record(crate::text::work::Work::Model, file.source.name());
    let mut builder = Builder {
        build,
        model: Model {
            file: Arc::clone(&file),
            target: StageId::of(0),
            stages: PerStage::default(),
            steps: Vec::with_capacity(file.instructions.len()),
            workdirs: Vec::new(),
            scripts: Vec::new(),
            copies: Vec::new(),
            triggered: Vec::new(),
            commands: Vec::new(),
            first_commands: Vec::with_capacity(file.instructions.len()),
            by_program: Vec::new(),
            programs: [0; 4],
            scopes: Scopes::new(build.platform.as_ref(), build.builder),
            build: build.clone(),
            facts: Facts::default(),
        },
        state: START,
        triggers: START,
        pending: Vec::new(),
        names: HashMap::new(),
        ran: 0,
        asked: 0,
        shells: pragma::shells(&file).into_iter().peekable(),
    };
    for (step, instruction) in file.instructions.iter().enumerate() {
        builder.step(step, instruction);
    }
    builder.close_stage(file.instructions.len());
    builder.link();
    let mut model = builder.model;
    // The commands of a program stay in the order of the file.
    let commands = &model.commands;
    for (word, bit) in commands.iter().map(|command| super::bit(&command.program)) {
        model.programs[word] |= bit;
    }
    model.by_program = scripts::by_program(commands);
    model
}

pub(super) struct Builder<'b> {
    pub(super) build: &'b Build,
    pub(super) model: Model,
    pub(super) state: State,
    /// What the triggers of the stage have set.
    triggers: State,
    /// The triggers of the stage, each with what those before it have set.
    pending: Vec<(usize, State)>,
    /// Stages by name; a later one of the same name wins.
    pub(super) names: HashMap<Box<str>, StageId>,
    /// How many triggers were run in other stages.
    pub(super) ran: usize,
    /// For how many sources the build contexts are asked.
    asked: usize,
    /// Shells that comments name, with the step that each is before.
    shells: Peekable<IntoIter<(usize, Dialect)>>,
}

impl Builder<'_> {
    fn stage(&self) -> Option<StageId> {
        self.model.stages.last_id()
    }

    fn environment(&self, step: usize) -> Environment<'_> {
        let trigger = self.model.instruction(step).is_trigger();
        let view = if trigger { View::UnfinishedTrigger } else { View::Own };
        Environment { scopes: &self.model.scopes, stage: self.stage(), step, view }
    }

    fn value(&self, step: usize, word: &Word) -> Value {
        self.environment(step).value(word)
    }

    fn step(&mut self, step: usize, instruction: &Instruction) {
        if let Kind::From(from) = &instruction.kind {
            self.close_stage(step);
            self.open_stage(step, from);
        }
        while let Some((_, dialect)) = self.shells.next_if(|(before, _)| *before <= step) {
            self.state.dialect = dialect;
        }
        let mut state = self.state;
        if instruction.is_trigger() {
            self.pending.push((step, self.triggers));
            if let Some(stage) = self.model.stages.last_mut() {
                stage.triggers.push(step);
            }
            state = self.triggers.over(state);
        }
        self.model.steps.push(Step { stage: self.stage(), state });
        self.model.first_commands.push(self.model.commands.len());
        self.script(step, instruction, state);
        let first = self.model.copies.len();
        let mut copies = self.transfers(step, instruction, self.environment(step), state);
        self.bound(&mut copies);
        for (query, id) in copies.iter_mut().map(|copy| &mut copy.query).zip(first..) {
            query.iter_mut().for_each(|query| query.id = id);
        }
        self.model.copies.extend(copies);
        // What a trigger sets is for the next triggers, not for the steps of this build.
        let trigger = instruction.is_trigger();
        match &instruction.kind {
            Kind::User(Some(_)) => self.set(trigger).user = Some(step),
            Kind::Shell(Some(shell)) => {
                let state = self.set(trigger);
                state.shell = Some(step);
                state.dialect = scripts::interpreter(scripts::shell_program(&shell.items));
            }
            Kind::Workdir(Some(word)) => {
                let path = self.path(step, word, state);
                self.set(trigger).workdir = Some(self.model.workdirs.len());
                self.model.workdirs.push(Workdir { step, path });
            }
            Kind::Env(pairs) => {
                // BuildKit expands all values before it sets any.
                let values: Vec<(String, Value)> = pairs
                    .iter()
                    .filter_map(|p| {
                        let value = p.value.as_ref().map_or(Value::Unknown, |w| self.value(step, w));
                        Some((self.value(step, &p.key).known()?.to_owned(), value))
                    })
                    .collect();
                for (name, value) in values {
                    self.bind(step, &name, BindingKind::Env, value, Given::Surely);
                }
            }
            Kind::Arg(decls) => {
                for decl in decls {
                    let Some(name) = self.value(step, &decl.name).known().map(str::to_owned) else {
                        continue;
                    };
                    if trigger {
                        let (value, given) = match &decl.default {
                            Some(word) => (self.value(step, word), Given::Surely),
                            None => (Value::Unknown, Given::Perhaps),
                        };
                        self.bind(step, &name, BindingKind::Arg, value, given);
                    } else {
                        // BuildKit sets one for the next only since 2026: earlier it was what it was before.
                        let default = decl.default.as_ref().map(|word| match () {
                            () if env::names_one_before(decls, decl, word) => Value::Unknown,
                            () => self.value(step, word),
                        });
                        let (value, given) = self.argument(&name, default);
                        self.bind(step, &name, BindingKind::Arg, value, given);
                    }
                }
            }
            _ => {}
        }
    }

    /// The state that an instruction changes.
    const fn set(&mut self, trigger: bool) -> &mut State {
        if trigger { &mut self.triggers } else { &mut self.state }
    }

    /// The value of an ARG in this build, and whether it has one.
    pub(super) fn argument(&self, name: &str, default: Option<Value>) -> (Value, Given) {
        if let Some(told) = self.build.args.get(name) {
            return (Value::Known(told.clone()), Given::Surely);
        }
        if self.build.open_args.contains(name) {
            return (Value::Unknown, Given::Surely);
        }
        // A declaration alone takes over the global default.
        let scopes = &self.model.scopes;
        match (default, scopes.global(name)) {
            (Some(default), _) => (default, Given::Surely),
            (None, Some(global)) => (global.value.clone(), global.given),
            (None, None) => match scopes.platform(name) {
                Some(value) => (value.clone(), Given::Surely),
                None => {
                    let not_told = if self.build.all_args { Given::Never } else { Given::Perhaps };
                    (Value::Unknown, env::automatic(name).unwrap_or(not_told))
                }
            },
        }
    }

    pub(super) fn bind(&mut self, step: usize, name: &str, kind: BindingKind, value: Value, given: Given) {
        let stage = self.stage();
        let environment = self.environment(step);
        // In BuildKit an ARG with a value takes the place of an ENV until the next ENV, whatever its documentation says;
        // one without leaves it as it is.
        let is_env = || match environment.binding(name) {
            Some(binding) => binding.kind == BindingKind::Env,
            None => self.model.scopes.is_set_by_base(stage, name),
        };
        // The other builders put the ENV first.
        let env_first = !self.build.builder.is_buildkit() && kind != BindingKind::Env;
        let hidden = (given != Given::Surely || env_first) && is_env();
        let view = environment.view;
        if !hidden {
            self.model.scopes.bind(stage, name, Binding { step, kind, value, given }, view);
        }
    }

    /// Where a WORKDIR leads that runs where `state` holds.
    fn path(&self, step: usize, word: &Word, state: State) -> Value {
        self.path_of(self.value(step, word), state)
    }

    pub(super) fn path_of(&self, written: Value, state: State) -> Value {
        let base = state.workdir.and_then(|i| self.model.workdirs.get(i)).map(|w| &w.path);
        let path = match (written, base) {
            (Value::Known(path), _) if paths::is_absolute(&path) => paths::join("/", &path),
            (Value::Known(path), Some(Value::Known(base))) => paths::join(base, &path),
            (Value::Known(path), None) => self.base_workdir().and_then(|base| paths::join(base, &path)),
            _ => None,
        };
        path.map_or(Value::Unknown, Value::Known)
    }

    /// The working directory of what the stage starts from in the end.
    fn base_workdir(&self) -> Option<&str> {
        self.model.base_workdir(self.model.stages.last()?)
    }

    fn is_from_scratch(&self) -> bool {
        self.model.stages.last().is_some_and(|s| *self.model.root_base(s) == Base::Scratch)
    }

    fn open_stage(&mut self, step: usize, from: &From) {
        let index = StageId::of(self.model.stages.len());
        // FROM sees the global arguments only.
        let environment = Environment { scopes: &self.model.scopes, stage: None, step, view: View::Own };
        let base_value = from.image.as_ref().map_or(Value::Unknown, |w| environment.value(w));
        let base = match base_value.known() {
            // It stands for an image as well as for a stage.
            Some(name) if self.build.context(name).is_some() => Base::Named,
            // Podman and buildah know no stage of that name.
            Some("scratch") if self.build.builder.is_buildah() => Base::Scratch,
            Some(name) => match self.names.get(&*name.to_ascii_lowercase()) {
                // A stage of that name comes before the empty image.
                Some(stage) => Base::Stage(*stage),
                None if name == "scratch" => Base::Scratch,
                None => ImageRef::parse(name).map_or(Base::Unknown, Base::Image),
            },
            None => Base::Unknown,
        };
        let named =
            base_value.known().filter(|_| base == Base::Named).and_then(|name| self.build.context(name));
        let given = match named {
            Some(NamedContext::Image(name)) => ImageRef::parse(name).ok().map(Base::Image),
            _ => None,
        };
        let below = match named {
            Some(NamedContext::Build(image)) => image.start().map(|model| (image, model)),
            _ => None,
        };
        self.triggers = START;
        let starts_from = given.as_ref().unwrap_or(&base);
        let family =
            if let Base::Image(image) = starts_from { images::family(image) } else { Family::Unknown };
        self.state = match starts_from {
            Base::Stage(stage) => self.model.stages.get(*stage).map_or(START, |s| s.end),
            Base::Image(image) => {
                let config = self.build.base_config(image);
                let shell = config.and_then(|config| ShellWords::of(&config.shell));
                let usual = if family == Family::Windows { Dialect::Cmd } else { START.dialect };
                State { dialect: shell.map_or(usual, |words| scripts::interpreter(words.program())), ..START }
            }
            // Its instructions are in another file; the language of its shell stays.
            Base::Named => {
                let end = below.and_then(|(_, model)| model.final_stage()).map(|stage| stage.end.dialect);
                State { dialect: end.unwrap_or(START.dialect), ..START }
            }
            _ => START,
        };
        let parent = if let Base::Stage(stage) = base { Some(stage) } else { None };
        if let (Some(parent), Some(image)) = (parent, &from.image)
            && let Some(stage) = self.model.stages.get_mut(parent)
        {
            stage.used_by.push((step, image.span));
        }
        let below = match (below, starts_from) {
            (Some((image, _)), _) => Some(Below::Build(image.clone())),
            (None, Base::Image(image)) => self.build.base_config(image).cloned().map(Below::Image),
            (None, _) => None,
        };
        self.model.scopes.open(parent, base == Base::Scratch, below);
        let name = from.alias.as_ref().map(|a| str::to_ascii_lowercase(&a.name.text).into_boxed_str());
        if let Some(name) = &name {
            self.names.insert(name.clone(), index);
        }
        let root = parent.and_then(|p| self.model.stages.get(p)).map_or(index, |p| p.root);
        self.model.stages.push(Stage {
            index,
            root,
            name,
            name_word: from.alias.as_ref().map(|a| a.name.clone()),
            steps: step..step,
            end: self.state,
            base,
            given,
            family,
            choices: Vec::new(),
            triggers: Vec::new(),
            ran: 0,
            base_word: from.image.clone(),
            base_value,
            reachable: false,
            in_final_image: false,
            is_final: false,
            used_by: Vec::new(),
        });
        if let Some(parent) = parent {
            self.run_triggers(step, parent);
        }
    }

    fn close_stage(&mut self, end: usize) {
        if let Some(stage) = self.model.stages.last_mut() {
            stage.steps.end = end;
            stage.end = self.state;
        }
        // Triggers run behind all of the stage.
        for (step, triggers) in std::mem::take(&mut self.pending) {
            let state = triggers.over(self.state);
            self.model.steps[step].state = state;
            if let Kind::Workdir(Some(word)) = &self.model.instruction(step).kind
                && let Ok(at) = self.model.workdirs.binary_search_by_key(&step, |w| w.step)
            {
                self.model.workdirs[at].path = self.path(step, word, state);
            }
        }
    }

    fn script(&mut self, step: usize, instruction: &Instruction, state: State) {
        let Some(script) = scripts::read(&self.model.file, step, instruction, state.dialect) else {
            return;
        };
        let id = ScriptId::of(self.model.scripts.len());
        scripts::commands(id, &script.script, &mut self.model.commands);
        self.model.scripts.push(script);
    }

    /// What an instruction copies, in the build that `environment` and `state` are of.
    pub(super) fn transfers(
        &self,
        step: usize,
        instruction: &Instruction,
        environment: Environment<'_>,
        state: State,
    ) -> Vec<CopyUse> {
        match &instruction.kind {
            Kind::Copy(transfer) | Kind::Add(transfer) => {
                vec![self.transfer(step, instruction, transfer, environment, state)]
            }
            Kind::Run(_) => self.mounts(step, instruction, environment),
            _ => Vec::new(),
        }
    }

    /// Takes what is too much to ask for out of copies.
    pub(super) fn bound(&mut self, copies: &mut [CopyUse]) {
        for copy in copies {
            let asked =
                copy.query.as_ref().or(copy.named_query.as_ref()).map_or(0, |query| query.sources.len());
            if self.asked + asked <= MAX_SOURCES {
                self.asked += asked;
                continue;
            }
            (copy.query, copy.named_query) = (None, None);
            for source in copy.sources.iter_mut().filter(|source| source.asked.is_some()) {
                *source = CopySource {
                    span: source.span,
                    value: Value::Unknown,
                    kind: SourceKind::Unknown,
                    asked: None,
                };
            }
        }
    }

    fn transfer(
        &self,
        step: usize,
        instruction: &Instruction,
        transfer: &Transfer,
        environment: Environment<'_>,
        state: State,
    ) -> CopyUse {
        let add = matches!(instruction.kind, Kind::Add(_));
        let onbuild = environment.view != View::Own;
        let from = match instruction.flag_value("from") {
            None => CopyFrom::Context,
            // Names are resolved once all stages are known.
            Some(_) => CopyFrom::Unknown,
        };
        let mut sources: Vec<CopySource> = transfer
            .paths()
            .map(|word| {
                let value = self.model.source_value(environment, word);
                let kind = copy::kind(&value, add);
                CopySource { span: word.span, value, kind, asked: None }
            })
            .collect();
        let destination = match transfer.destination.as_ref().map(|w| environment.value(w)) {
            Some(Value::Known(path)) if paths::is_absolute(&path) => paths::join("/", &path),
            Some(Value::Known(path)) => match self.workdir_path(state) {
                Some(base) => paths::join(base, &path),
                None => None,
            },
            _ => None,
        };
        let query = match from {
            CopyFrom::Context if !onbuild => query(&mut sources, instruction),
            _ => None,
        };
        let destination = destination.map_or(Value::Unknown, Value::Known);
        CopyUse { step, add, mount: false, onbuild, from, sources, destination, query, named_query: None }
    }

    fn workdir_path(&self, state: State) -> Option<&str> {
        match state.workdir {
            Some(i) => self.model.workdirs.get(i)?.path.known(),
            None if self.is_from_scratch() => Some("/"),
            // Where the image of another build of the project leads, its own Dockerfile says.
            None => {
                let (below, stage) = self.model.below(self.model.stages.last()?)?;
                below.end_workdir(stage)
            }
        }
    }

    fn mounts(&self, step: usize, instruction: &Instruction, environment: Environment<'_>) -> Vec<CopyUse> {
        let onbuild = environment.view != View::Own;
        let mut copies = Vec::new();
        for mount in &instruction.mounts {
            let from = match mount.from() {
                Some(_) => CopyFrom::Unknown,
                None if mount.kind == MountType::Bind => CopyFrom::Context,
                None => continue,
            };
            let span = mount.option(&["source", "src"]).map_or(mount.span, |o| o.span);
            let value = match mount.source_word().filter(|word| word.text.contains('$')) {
                Some(word) => environment.value(&word),
                None => Value::Known(mount.source().unwrap_or("/").to_owned()),
            };
            let kind = copy::kind(&value, false);
            let mut sources = vec![CopySource { span, value, kind, asked: None }];
            let query = match from {
                CopyFrom::Context if !onbuild => query(&mut sources, instruction),
                _ => None,
            };
            let destination = mount.target().map_or(Value::Unknown, |t| Value::Known(t.to_owned()));
            copies.push(CopyUse {
                step,
                add: false,
                mount: true,
                onbuild,
                from,
                sources,
                destination,
                query,
                named_query: None,
            });
        }
        copies
    }
}

/// What to ask of a build context for these sources of an instruction; its number is set where the copy is kept.
pub(super) fn query(sources: &mut [CopySource], instruction: &Instruction) -> Option<SourceQuery> {
    let mut asked: Vec<String> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for CopySource { value, asked: place, .. } in sources.iter_mut().filter(|s| s.kind == SourceKind::Path) {
        let Some(path) = value.known() else { continue };
        // One that is written twice is asked for once.
        *place = Some(*known.entry(path).or_insert_with(|| {
            asked.push(path.to_owned());
            asked.len() - 1
        }));
    }
    let excludes = instruction.flags.iter().filter(|f| &*f.name == "exclude");
    let excludes = excludes.filter_map(|f| f.value.as_deref().map(str::to_owned)).collect();
    let parents = instruction
        .flag("parents")
        .is_some_and(|f| f.value.as_deref().is_none_or(|v| v.eq_ignore_ascii_case("true")));
    (!asked.is_empty()).then_some(SourceQuery { id: 0, sources: asked, excludes, parents, reachable: false })
}
