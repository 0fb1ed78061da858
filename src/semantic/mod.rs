//! What a Dockerfile means: stages and how they depend on each other, what holds at each step, the
//! commands that run, what is copied.
//!
//! The model is built once per file and without I/O. Rules read facts here and never split strings.

mod analysis;
mod archive;
mod arguments;
mod base_config;
mod below;
mod beside;
mod brought_file;
mod build;
mod builder;
mod cgo;
mod clash;
mod command;
mod configured;
mod copied;
mod copy;
mod doubt;
mod download;
mod entry;
mod env;
mod facts;
mod file_head;
mod foreign;
mod full_install;
mod graph;
mod history;
mod id;
mod idle_copy;
mod image_names;
mod images;
mod install;
mod installed;
mod label;
mod lastlog;
mod leftover;
mod lifecycle;
mod lighter;
mod link;
mod manifest;
mod marker;
mod needed;
mod needs;
mod no_download;
mod node_needs;
mod node_scripts;
mod of_step;
mod open_argument;
mod order;
mod order_advice;
mod package;
mod packages;
mod partial;
mod paths;
mod per_stage;
mod pin;
mod pipes;
mod poetry;
mod pragma;
mod prisma;
mod project;
mod project_files;
mod project_script;
mod read_files;
mod recognize;
mod refused;
mod removal;
mod reorder;
mod required;
mod requirement;
mod scripts;
mod setting;
mod shell;
mod stage;
mod start_file;
mod started;
mod step;
mod suite;
mod surely;
mod target;
mod told;
mod toolchain;
mod touched;
mod triggered;
mod user;
mod verification;
mod wanted;
mod weighed;
mod yarn;

use std::sync::Arc;

use self::env::View;
use crate::knowledge::Family;
use crate::syntax::{File, Instruction, Value, Word};
use crate::text::Span;

pub use analysis::{
    Analysis, BuildContext, ContextIgnore, Fitting, NamedContexts, NamedFolder, PROBE, UnreadIgnore,
    WHOLE_FOLDER,
};
pub use archive::{Unpacking, is_tar};
pub use arguments::{Grammar, ProgramOption};
pub use base_config::{BaseConfig, BaseConfigs, Moved};
pub use beside::is_laid_over;
pub use builder::Builder;
pub use cgo::Cgo;
pub use clash::{Clash, ClashKind, SYSTEM};
pub use command::{Cmd, CommandUse, ScriptKind, ScriptUse};
pub use configured::ConfigKeys;
pub use copied::is_file_name;
pub use copy::{CopyFrom, CopySource, CopyUse, SourceKind, TriggeredCopy, path_in_image};
pub use download::{Destination, Download};
pub use entry::Entry;
pub use env::{Binding, BindingKind, Environment, Given, PLATFORM_ARGS, is_automatic};
pub use facts::{Failing, is_errexit};
pub use file_head::{FileHead, HEAD_BYTES, Heads};
pub use foreign::ForeignTriggers;
pub use full_install::DevPackages;
pub use id::{CommandId, ScriptId};
pub use idle_copy::IdleCopy;
pub use image_names::{ImageNames, ProjectImages, context_name};
pub use images::{facts, family, is_lambda, version_numbers};
pub use install::{Install, SETTINGS, SourcesFirst, above};
pub use label::LabelUse;
pub use lastlog::{FilledLastlog, LASTLOG_ENTRY, USERADD};
pub use leftover::Leftover;
pub use lifecycle::{deprecated, ended, is_rebuilt};
pub use lighter::{dotnet_runtime_tag, newest_system_image, on_release};
pub use manifest::{is_manifest, manifest_patterns};
pub use marker::holds as marker_holds;
pub use needed::{LOCK_OF_UV, NeededBy};
pub use needs::{History, history_readers, sends, why_needed, why_read};
pub use node_needs::{NodeNeeds, NodeProject};
pub use open_argument::WithoutArgs;
pub use order::{EarlyPackages, EarlySources};
pub use packages::Package;
pub use partial::PartialImage;
pub use paths::base_name;
pub use per_stage::{PerStage, StageId};
pub use pin::{Lack, Unpinned};
pub use poetry::PoetryVersion;
pub use project::{is_package_alone, named_in};
pub use project_files::named_by_project;
pub use project_script::is_script;
pub use read_files::{Brought, Content, LOOK_BYTES, Reads, Texts};
pub use recognize::{is_piece, is_template_name, other_frontend, reads_like_dockerfile};
pub use refused::Refused;
pub use removal::covers;
pub use reorder::Reordered;
pub use required::{
    Version, go_version, is_outside_node, is_outside_python, node_engines, requires_python, rust_version,
};
pub use requirement::{Asked, MAX_REQUIREMENTS, Requirement, requirement, requirements};
pub use setting::Setting;
pub use shell::ShellWords;
pub use stage::{Base, Stage};
pub use start_file::NotBrought;
pub use started::Started;
pub use step::{State, Step, Workdir};
pub use suite::{SUITE_DATE, archived_suite, likely_suite};
pub use target::{
    Build, NamedContext, SiblingImage, UnknownStage, is_named_for_tests, is_named_for_work, is_test_fixture,
    is_test_source, words_of_name,
};
pub use told::Told;
pub use toolchain::{is_build_driver, is_compiler, is_headers, jre_tag, runtime_of_version};
pub use touched::{Touch, Touched};
pub use user::RunsAs;
pub use weighed::{Installed, InstalledBeside, Unpacks, Weighed, Weight, Weights};
pub use yarn::Yarn;

/// The meaning of a Dockerfile in one build of it: of one target, with some build arguments.
#[derive(Debug)]
pub struct Model {
    /// The file.
    pub file: Arc<File>,
    /// The stages in order.
    pub stages: PerStage<Stage>,
    /// One per instruction of the file, with the same index.
    pub steps: Vec<Step>,
    /// The WORKDIRs.
    pub workdirs: Vec<Workdir>,
    /// The scripts in order.
    pub scripts: Vec<ScriptUse>,
    /// COPY, ADD and bind mounts in order.
    pub copies: Vec<CopyUse>,
    /// What triggers copy in other stages of the file. Queries number them after the copies.
    pub triggered: Vec<TriggeredCopy>,
    /// The stage that is built.
    target: StageId,
    commands: Vec<CommandUse>,
    /// For each step the index of its first command, or of the next one.
    first_commands: Vec<usize>,
    /// Indices into `commands`, sorted by program.
    by_program: Vec<usize>,
    /// A bit for each [`bit`] of a program that some command runs.
    programs: [u64; 4],
    scopes: env::Scopes,
    facts: facts::Facts,
    /// What the build is told.
    build: Build,
}

/// One of 256 bits for a program, mostly another for another: which word, and the bit in it.
fn bit(program: &str) -> (usize, u64) {
    let bytes = program.as_bytes();
    let byte = |at: usize| bytes.get(at).map_or(0, |b| usize::from(*b));
    let sum = byte(0) + 7 * byte(1) + 11 * byte(bytes.len().wrapping_sub(1)) + 5 * bytes.len();
    (sum / 64 % 4, 1 << (sum % 64))
}

/// What programs are sorted by: names of the same length alone have to be compared.
fn order(program: &str) -> (usize, &str) {
    (program.len(), program)
}

impl Model {
    /// Builds the model of `file` as a build of its last stage without build arguments means it.
    #[must_use]
    pub fn new(file: impl Into<Arc<File>>) -> Self {
        build::model(file.into(), &Build::default())
    }

    /// The model of what a build with a target and build arguments means.
    #[must_use]
    pub fn of_build(file: impl Into<Arc<File>>, build: &Build) -> Self {
        build::model(file.into(), build)
    }

    /// The instruction of a step.
    #[must_use]
    pub fn instruction(&self, step: usize) -> &Instruction {
        &self.file.instructions[step]
    }

    /// The instructions with their steps.
    pub fn instructions(&self) -> impl Iterator<Item = (usize, &Instruction)> {
        self.file.instructions.iter().enumerate()
    }

    /// The instructions of a stage with their steps, the FROM first.
    pub fn instructions_of<'m>(
        &'m self,
        stage: &Stage,
    ) -> impl Iterator<Item = (usize, &'m Instruction)> + use<'m> {
        stage.steps.clone().map(|step| (step, self.instruction(step)))
    }

    /// The text under a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        span.text(self.file.text())
    }

    /// The stage of a step; `None` before the first FROM.
    #[must_use]
    pub fn stage_of(&self, step: usize) -> Option<&Stage> {
        self.stages.get(self.steps.get(step)?.stage?)
    }

    /// True if what a step writes is a part of the final image, or, behind ONBUILD, of those that are built
    /// on this one.
    #[must_use]
    pub fn is_kept(&self, step: usize) -> bool {
        self.stage_of(step).is_some_and(|s| s.in_final_image) || self.is_trigger(step)
    }

    /// True for ONBUILD.
    #[must_use]
    pub fn is_trigger(&self, step: usize) -> bool {
        self.instruction(step).is_trigger()
    }

    /// The stage that is built: the last unless a target was named.
    #[must_use]
    pub fn final_stage(&self) -> Option<&Stage> {
        self.stages.get(self.target)
    }

    /// The stage and those that it starts from, itself first.
    pub fn lineage<'m>(&'m self, stage: &'m Stage) -> impl Iterator<Item = &'m Stage> {
        std::iter::successors(Some(stage), |s| match s.base {
            // A stage starts from an earlier one only, so this ends.
            Base::Stage(base) => self.stages.get(base),
            _ => None,
        })
    }

    /// True if `stage` has what `other` has: it is that stage, or starts from it.
    #[must_use]
    pub fn inherits(&self, stage: &Stage, other: &Stage) -> bool {
        stage.root == other.root && self.lineage(stage).any(|s| s.index == other.index)
    }

    /// True if `stage` has what `step` does: that is one of its steps, or of a stage that it starts from.
    #[must_use]
    pub fn inherits_step(&self, stage: &Stage, step: usize) -> bool {
        self.stage_of(step).is_some_and(|own| self.inherits(stage, own))
    }

    /// What the lineage of `stage` starts from in the end; the image, if a named context gives one.
    #[must_use]
    pub fn root_base<'m>(&'m self, stage: &'m Stage) -> &'m Base {
        self.stages.get(stage.root).map_or(&stage.base, |s| s.given.as_ref().unwrap_or(&s.base))
    }

    /// The distribution family of what `stage` starts from in the end.
    #[must_use]
    pub fn family(&self, stage: &Stage) -> Family {
        match self.root_base(stage) {
            Base::Image(_) => self.stages.get(stage.root).map_or(stage.family, |root| root.family),
            Base::Scratch => Family::Bare,
            _ => self.below(stage).map_or(Family::Unknown, |(model, stage)| model.family(stage)),
        }
    }

    /// What holds behind the last step of a stage.
    #[must_use]
    pub const fn end_state(&self, stage: &Stage) -> State {
        stage.end
    }

    /// The variables as the instruction of `step` sees them; behind ONBUILD, in the builds that run it.
    #[must_use]
    pub fn environment(&self, step: usize) -> Environment<'_> {
        let trigger = self.file.instructions.get(step).is_some_and(Instruction::is_trigger);
        let view = if trigger { View::Trigger } else { View::Own };
        let stage = self.steps.get(step).and_then(|s| s.stage);
        Environment { scopes: &self.scopes, stage, step, view }
    }

    /// The variables as a program sees them that a container of the stage of `step` starts: no ARG is there.
    #[must_use]
    pub fn container_environment(&self, step: usize) -> Environment<'_> {
        let stage = self.steps.get(step).and_then(|s| s.stage);
        Environment { scopes: &self.scopes, stage, step, view: View::Container }
    }

    /// What sets the variable `name` for the instruction of `step`; `None` if the file does nowhere.
    #[must_use]
    pub fn binding(&self, step: usize, name: &str) -> Option<&Binding> {
        self.environment(step).binding(name)
    }

    /// What sets `name` for the instruction of `step` with BuildKit alone: an ARG of a stage that its stage starts from.
    #[must_use]
    pub fn arg_of_base(&self, step: usize, name: &str) -> Option<&Binding> {
        let stage = self.steps.get(step)?.stage?;
        self.scopes.arg_of_base(stage, step, name)
    }

    /// The variables as the FROM of `step` sees them: global arguments and platforms.
    #[must_use]
    pub fn global_environment(&self, step: usize) -> Environment<'_> {
        Environment { scopes: &self.scopes, stage: None, step, view: View::Own }
    }

    /// The global build argument `name`, declared before the first FROM.
    #[must_use]
    pub fn global_arg(&self, name: &str) -> Option<&Binding> {
        self.scopes.global(name)
    }

    /// The build arguments that some ARG declares, those of triggers that run here among them.
    pub fn declared_args(&self) -> impl Iterator<Item = &str> {
        let triggers = self.build.contexts.values().filter_map(|context| match context {
            NamedContext::Build(image) if image.is_triggers => image.model.as_deref(),
            _ => None,
        });
        self.scopes.declared_args().chain(triggers.flat_map(|model| model.scopes.declared_args()))
    }

    /// The value of a word in the instruction of `step`.
    #[must_use]
    pub fn value(&self, step: usize, word: &Word) -> Value {
        self.environment(step).value(word)
    }

    /// The absolute path of the working directory at `step`; unknown where the base image sets it.
    #[must_use]
    pub fn workdir(&self, step: usize) -> &Value {
        let index = self.steps.get(step).and_then(|s| s.state.workdir);
        index.and_then(|i| self.workdirs.get(i)).map_or(&Value::Unknown, |w| &w.path)
    }

    /// The working directory that `stage` starts with in the end, where no WORKDIR of the file counts: that
    /// of scratch, of an image that is known for it, or of one whose registry has told.
    #[must_use]
    pub fn base_workdir(&self, stage: &Stage) -> Option<&str> {
        match self.root_base(stage) {
            Base::Scratch => Some("/"),
            Base::Image(image) if family(image) != Family::Windows => match self.build.base_config(image) {
                Some(config) => config.workdir.as_deref(),
                None => facts(image)?.workdir,
            },
            Base::Image(_) => None,
            _ => self.below(stage).and_then(|(model, stage)| model.end_workdir(stage)),
        }
    }

    /// A script.
    #[must_use]
    pub fn script(&self, id: ScriptId) -> &ScriptUse {
        &self.scripts[id.index()]
    }

    /// A command.
    #[must_use]
    pub fn command(&self, id: CommandId) -> Cmd<'_> {
        Cmd { model: self, usage: &self.commands[id.index()] }
    }

    /// All commands in the order of the file.
    pub fn commands(&self) -> impl Iterator<Item = Cmd<'_>> {
        self.commands.iter().map(|usage| Cmd { model: self, usage })
    }

    /// The commands of a program.
    pub fn commands_named(&self, program: &str) -> impl Iterator<Item = Cmd<'_>> {
        self.named(program).iter().map(|i| Cmd { model: self, usage: &self.commands[*i] })
    }

    /// The programs that commands run, each once with its commands.
    pub fn programs(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = Cmd<'_>>)> {
        let program_of = |i: &usize| &*self.commands[*i].program;
        self.by_program.chunk_by(move |a, b| program_of(a) == program_of(b)).filter_map(move |same| {
            let commands = same.iter().map(|i| Cmd { model: self, usage: &self.commands[*i] });
            Some((program_of(same.first()?), commands))
        })
    }

    /// False for a program that surely no command runs, which is found out fast.
    #[must_use]
    pub fn may_run(&self, program: &str) -> bool {
        let (word, bit) = bit(program);
        self.programs[word] & bit != 0
    }

    /// The indices of the commands of a program.
    fn named(&self, program: &str) -> &[usize] {
        // Most programs that are asked for run nowhere in a file.
        if !self.may_run(program) {
            return &[];
        }
        let program_of = |i: &usize| order(&self.commands[*i].program);
        let program = order(program);
        let from = self.by_program.partition_point(|i| program_of(i) < program);
        let found = &self.by_program[from..];
        &found[..found.partition_point(|i| program_of(i) == program)]
    }

    /// The first of the commands of a program that stand behind `cmd` in its step; there may be more, but to look at
    /// all of them for each command would take the square of their number.
    pub fn first_behind(&self, cmd: &Cmd<'_>, program: &str) -> impl Iterator<Item = Cmd<'_>> {
        const MOST: usize = 50;
        let (id, step) = (cmd.id(), cmd.step());
        let named = self.named(program);
        let behind = named.partition_point(|i| CommandId::of(*i) <= id);
        let commands = named[behind..].iter().map(|i| Cmd { model: self, usage: &self.commands[*i] });
        commands.take_while(move |c| c.step() == step).take(MOST)
    }

    /// The commands of a program that stand before `cmd` in its step; `None` if there are more than `most`.
    pub(in crate::semantic) fn named_before(
        &self,
        cmd: &Cmd<'_>,
        program: &str,
        most: usize,
    ) -> Option<impl Iterator<Item = Cmd<'_>>> {
        let named = self.named(program);
        let start = self.first_commands.get(cmd.step()).copied().unwrap_or(0);
        let from = named.partition_point(|i| *i < start);
        let behind = named.partition_point(|i| CommandId::of(*i) < cmd.id());
        let before = named.get(from..behind).filter(|before| before.len() <= most)?;
        Some(before.iter().map(|i| Cmd { model: self, usage: &self.commands[*i] }))
    }

    /// The same in all that is left of its stage.
    pub fn first_behind_in_stage(&self, cmd: &Cmd<'_>, program: &str) -> impl Iterator<Item = Cmd<'_>> {
        const MOST: usize = 50;
        let (id, stage) = (cmd.id(), self.steps.get(cmd.step()).and_then(|step| step.stage));
        let named = self.named(program);
        let behind = named.partition_point(|i| CommandId::of(*i) <= id);
        let commands = named[behind..].iter().map(|i| Cmd { model: self, usage: &self.commands[*i] });
        let own = move |c: &Cmd<'_>| self.steps.get(c.step()).and_then(|step| step.stage) == stage;
        commands.take_while(own).take(MOST)
    }
}
