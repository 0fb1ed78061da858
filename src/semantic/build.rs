//! Building the model, in one pass over the instructions.

use std::collections::HashMap;
use std::iter::Peekable;
use std::sync::Arc;
use std::vec::IntoIter;

use crate::context::SourceQuery;
use crate::shell::Dialect;
use crate::syntax::{File, From, ImageRef, Instruction, Kind, MountType, Transfer, Value, Word};
use crate::text::Span;

use super::copy::{self, CopyFrom, CopySource, CopyUse, SourceKind};
use super::env::{Binding, BindingKind, Environment, Scopes, View};
use super::facts::Facts;
use super::stage::{Base, Stage};
use super::step::{State, Step, Workdir};
use super::{Build, Model, ScriptId, images, paths, pragma, scripts};
use crate::knowledge::Family;

const START: State = State { user: None, workdir: None, shell: None, dialect: Dialect::Posix };

/// How many stages are looked at for one that a variable chooses.
const MAX_FITTING: usize = 256;

/// Builds the model of `file`.
pub(super) fn model(file: Arc<File>, build: &Build) -> Model {
    #[cfg(test)]
    crate::text::work::record(crate::text::work::Work::Model, file.source.name());
    let mut builder = Builder {
        build,
        model: Model {
            file: Arc::clone(&file),
            target: 0,
            stages: Vec::new(),
            steps: Vec::with_capacity(file.instructions.len()),
            workdirs: Vec::new(),
            scripts: Vec::new(),
            copies: Vec::new(),
            commands: Vec::new(),
            first_commands: Vec::with_capacity(file.instructions.len()),
            by_program: Vec::new(),
            programs: 0,
            scopes: Scopes::new(build.platform.as_ref()),
            build: build.clone(),
            facts: Facts::default(),
        },
        state: START,
        triggers: START,
        pending: Vec::new(),
        names: HashMap::new(),
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
    model.programs = commands.iter().fold(0, |bits, command| bits | super::bit(&command.program));
    model.by_program = (0..commands.len()).collect();
    model.by_program.sort_unstable_by_key(|i| (super::order(&commands[*i].program), *i));
    model
}

struct Builder<'b> {
    build: &'b Build,
    model: Model,
    state: State,
    /// What the triggers of the stage have set.
    triggers: State,
    /// The triggers of the stage, each with what those before it have set.
    pending: Vec<(usize, State)>,
    /// Stages by name; a later one of the same name wins.
    names: HashMap<Box<str>, usize>,
    /// Shells that comments name, with the step that each is before.
    shells: Peekable<IntoIter<(usize, Dialect)>>,
}

impl Builder<'_> {
    fn stage(&self) -> Option<usize> {
        self.model.stages.len().checked_sub(1)
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
            state = self.triggers.over(state);
        }
        self.model.steps.push(Step { stage: self.stage(), state });
        self.model.first_commands.push(self.model.commands.len());
        self.script(step, instruction, state);
        self.transfers(step, instruction, state);
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
                    self.bind(step, &name, BindingKind::Env, value);
                }
            }
            Kind::Arg(decls) => {
                for decl in decls {
                    let Some(name) = self.value(step, &decl.name).known().map(str::to_owned) else {
                        continue;
                    };
                    let value = match &decl.default {
                        Some(word) if trigger => self.value(step, word),
                        None if trigger => Value::Unknown,
                        _ if self.build.args.contains_key(&name) => {
                            self.build.args.get(&name).cloned().map_or(Value::Unknown, Value::Known)
                        }
                        Some(word) => self.value(step, word),
                        // A declaration alone takes over the global default.
                        None => {
                            let global = self.model.scopes.global(&name).map(|b| &b.value);
                            let default = global.or_else(|| self.model.scopes.platform(&name));
                            default.map_or(Value::Unknown, Value::clone)
                        }
                    };
                    self.bind(step, &name, BindingKind::Arg, value);
                }
            }
            _ => {}
        }
    }

    /// The state that an instruction changes.
    const fn set(&mut self, trigger: bool) -> &mut State {
        if trigger { &mut self.triggers } else { &mut self.state }
    }

    fn bind(&mut self, step: usize, name: &str, kind: BindingKind, value: Value) {
        let stage = self.stage();
        let environment = self.environment(step);
        // ARG never hides an ENV of the same name.
        let hidden =
            kind == BindingKind::Arg && environment.binding(name).is_some_and(|b| b.kind == BindingKind::Env);
        let view = environment.view;
        if !hidden {
            self.model.scopes.bind(stage, name, Binding { step, kind, value }, view);
        }
    }

    /// Where a WORKDIR leads that runs where `state` holds.
    fn path(&self, step: usize, word: &Word, state: State) -> Value {
        let base = state.workdir.and_then(|i| self.model.workdirs.get(i)).map(|w| &w.path);
        let path = match (self.value(step, word), base) {
            (Value::Known(path), _) if paths::is_absolute(&path) => paths::join("/", &path),
            (Value::Known(path), Some(Value::Known(base))) => paths::join(base, &path),
            (Value::Known(path), None) => self.base_workdir().and_then(|base| paths::join(base, &path)),
            _ => None,
        };
        path.map_or(Value::Unknown, Value::Known)
    }

    /// The working directory of what the stage starts from in the end.
    fn base_workdir(&self) -> Option<&'static str> {
        self.model.base_workdir(self.model.stages.last()?)
    }

    fn is_from_scratch(&self) -> bool {
        self.model.stages.last().is_some_and(|s| *self.model.root_base(s) == Base::Scratch)
    }

    fn open_stage(&mut self, step: usize, from: &From) {
        let index = self.model.stages.len();
        // FROM sees the global arguments only.
        let environment = Environment { scopes: &self.model.scopes, stage: None, step, view: View::Own };
        let base_value = from.image.as_ref().map_or(Value::Unknown, |w| environment.value(w));
        let base = match base_value.known() {
            Some("scratch") => Base::Scratch,
            Some(name) => match self.names.get(&*name.to_ascii_lowercase()) {
                Some(stage) => Base::Stage(*stage),
                None => ImageRef::parse(name).map_or(Base::Unknown, Base::Image),
            },
            None => Base::Unknown,
        };
        self.triggers = START;
        self.state = match &base {
            Base::Stage(stage) => self.model.stages.get(*stage).map_or(START, |s| s.end),
            Base::Image(image) if images::family(image) == Family::Windows => {
                State { dialect: Dialect::Cmd, ..START }
            }
            _ => START,
        };
        let parent = if let Base::Stage(stage) = base { Some(stage) } else { None };
        if let (Some(parent), Some(image)) = (parent, &from.image)
            && let Some(stage) = self.model.stages.get_mut(parent)
        {
            stage.used_by.push((step, image.span));
        }
        self.model.scopes.open(parent, base == Base::Scratch);
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
            choices: Vec::new(),
            base_word: from.image.clone(),
            base_value,
            reachable: false,
            in_final_image: false,
            is_final: false,
            used_by: Vec::new(),
        });
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

    fn transfers(&mut self, step: usize, instruction: &Instruction, state: State) {
        match &instruction.kind {
            Kind::Copy(transfer) => self.transfer(step, instruction, transfer, state),
            Kind::Add(transfer) => self.transfer(step, instruction, transfer, state),
            Kind::Run(_) => self.mounts(step, instruction),
            _ => {}
        }
    }

    fn transfer(&mut self, step: usize, instruction: &Instruction, transfer: &Transfer, state: State) {
        let add = matches!(instruction.kind, Kind::Add(_));
        let onbuild = instruction.is_trigger();
        let from = match instruction.flag_value("from") {
            None => CopyFrom::Context,
            // Names are resolved once all stages are known.
            Some(_) => CopyFrom::Unknown,
        };
        let environment = self.environment(step);
        let mut sources: Vec<CopySource> = transfer
            .paths()
            .map(|word| {
                let value = environment.value(word);
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
        let excludes = instruction
            .flags
            .iter()
            .filter(|f| &*f.name == "exclude")
            .filter_map(|f| f.value.as_deref().map(str::to_owned))
            .collect();
        let parents = instruction
            .flag("parents")
            .is_some_and(|f| f.value.as_deref().is_none_or(|v| v.eq_ignore_ascii_case("true")));
        let query = self.query(&mut sources, &from, excludes, parents, onbuild);
        let destination = destination.map_or(Value::Unknown, Value::Known);
        self.model.copies.push(CopyUse {
            step,
            add,
            mount: false,
            onbuild,
            from,
            sources,
            destination,
            query,
        });
    }

    fn workdir_path(&self, state: State) -> Option<&str> {
        match state.workdir {
            Some(i) => self.model.workdirs.get(i)?.path.known(),
            None if self.is_from_scratch() => Some("/"),
            None => None,
        }
    }

    fn query(
        &self,
        sources: &mut [CopySource],
        from: &CopyFrom,
        excludes: Vec<String>,
        parents: bool,
        onbuild: bool,
    ) -> Option<SourceQuery> {
        if *from != CopyFrom::Context || onbuild {
            return None;
        }
        let mut asked = Vec::new();
        for source in sources.iter_mut().filter(|s| s.kind == SourceKind::Path) {
            if let Some(path) = source.value.known() {
                source.asked = Some(asked.len());
                asked.push(path.to_owned());
            }
        }
        let id = self.model.copies.len();
        (!asked.is_empty()).then_some(SourceQuery { id, sources: asked, excludes, parents, reachable: false })
    }

    fn mounts(&mut self, step: usize, instruction: &Instruction) {
        let onbuild = instruction.is_trigger();
        for mount in &instruction.mounts {
            let from = match mount.from() {
                Some(_) => CopyFrom::Unknown,
                None if mount.kind == MountType::Bind => CopyFrom::Context,
                None => continue,
            };
            let span = mount.option(&["source", "src"]).map_or(mount.span, |o| o.span);
            let text = mount.source().unwrap_or("/");
            let value = if text.contains('$') { Value::Unknown } else { Value::Known(text.to_owned()) };
            let kind = copy::kind(&value, false);
            let mut sources = vec![CopySource { span, value, kind, asked: None }];
            let query = self.query(&mut sources, &from, Vec::new(), false, onbuild);
            let destination = mount.target().map_or(Value::Unknown, |t| Value::Known(t.to_owned()));
            self.model.copies.push(CopyUse {
                step,
                add: false,
                mount: true,
                onbuild,
                from,
                sources,
                destination,
                query,
            });
        }
    }

    /// Resolves references between stages, and what the final image reaches.
    fn link(&mut self) {
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); self.model.stages.len()];
        // Where a variable that only the build knows chooses a stage, any that fits may be it.
        let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); self.model.stages.len()];
        for stage in &self.model.stages {
            match (&stage.base, &stage.base_word) {
                (Base::Stage(base), _) => edges[stage.index].push(*base),
                (Base::Unknown, Some(word)) => {
                    chosen[stage.index] = self.fitting(&word.text, stage.index);
                    edges[stage.index].extend(&chosen[stage.index]);
                }
                _ => {}
            }
        }
        for i in 0..self.model.copies.len() {
            let step = self.model.copies[i].step;
            let Some((name, span)) = self.reference(i) else { continue };
            let from = self.resolve(&name, step);
            if let (CopyFrom::Unknown, Some(stage)) = (&from, self.model.steps[step].stage) {
                edges[stage].extend(self.fitting(&name, stage));
            }
            if let CopyFrom::Stage(target) = from {
                if let Some(stage) = self.model.steps[step].stage {
                    edges[stage].push(target);
                }
                self.model.stages[target].used_by.push((step, span));
            }
            self.model.copies[i].from = from;
        }
        let Some(last) = self.model.stages.len().checked_sub(1) else { return };
        let named = self.build.target.as_deref().and_then(|name| self.model.target(name));
        let last = named.map_or(last, |stage| stage.index);
        self.model.target = last;
        self.model.stages[last].is_final = true;
        let mut queue = vec![last];
        while let Some(stage) = queue.pop() {
            if !std::mem::replace(&mut self.model.stages[stage].reachable, true) {
                queue.extend(&edges[stage]);
            }
        }
        let mut queue = vec![last];
        while let Some(stage) = queue.pop() {
            if !std::mem::replace(&mut self.model.stages[stage].in_final_image, true) {
                queue.extend(&chosen[stage]);
                queue.extend(if let Base::Stage(base) = self.model.stages[stage].base {
                    Some(base)
                } else {
                    None
                });
            }
        }
        for (stage, choices) in self.model.stages.iter_mut().zip(chosen) {
            stage.choices = choices;
        }
        for copy in &mut self.model.copies {
            let stage = self.model.steps[copy.step].stage;
            let reachable = stage.is_some_and(|s| self.model.stages[s].reachable);
            if let Some(query) = &mut copy.query {
                query.reachable = reachable;
            }
        }
    }

    /// The stages before `stage` that a name such as `base-$TARGETARCH` may stand for: what is fixed in it fits.
    /// None for a name that is all variable, which is mostly an image.
    fn fitting(&self, name: &str, stage: usize) -> Vec<usize> {
        let Some((start, rest)) = name.split_once('$') else { return Vec::new() };
        let end = match rest.rfind('}') {
            Some(at) => &rest[at + 1..],
            None => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
        if start.is_empty() && end.is_empty() || end.contains('$') {
            return Vec::new();
        }
        let (start, end) = (start.to_ascii_lowercase(), end.to_ascii_lowercase());
        let fits = |name: &str| {
            name.strip_prefix(&*start).is_some_and(|rest| rest.ends_with(&*end) && rest.len() > end.len())
        };
        let before = &self.model.stages[stage.saturating_sub(MAX_FITTING)..stage];
        before.iter().filter(|s| s.name.as_deref().is_some_and(fits)).map(|s| s.index).collect()
    }

    /// What `--from` or `from=` of a copy names, and where.
    fn reference(&self, copy: usize) -> Option<(String, Span)> {
        let copy = &self.model.copies[copy];
        let instruction = self.model.instruction(copy.step);
        if !copy.mount {
            let flag = instruction.flag("from")?;
            return Some((flag.value.as_deref()?.to_owned(), flag.value_span));
        }
        let option = self.model.mount_of(copy)?.option(&["from"])?;
        Some((option.value.as_deref()?.to_owned(), option.span))
    }

    fn resolve(&self, name: &str, step: usize) -> CopyFrom {
        if name.contains('$') {
            let word =
                Word { span: Span::at(0), exact: false, text: name.into(), escape: self.model.file.escape };
            return match self.model.environment(step).value(&word) {
                Value::Known(name) if !name.contains('$') => self.resolve(&name, step),
                _ => CopyFrom::Unknown,
            };
        }
        if let Ok(number) = name.parse::<usize>() {
            return if number < self.model.stages.len() {
                CopyFrom::Stage(number)
            } else {
                CopyFrom::NoSuchStage
            };
        }
        match self.names.get(&*name.to_ascii_lowercase()) {
            Some(stage) => CopyFrom::Stage(*stage),
            None => CopyFrom::Image(ImageRef::parse(name).ok()),
        }
    }
}
