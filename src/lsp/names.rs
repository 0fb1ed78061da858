//! Where a Dockerfile names stages, variables and here-documents, and which of these mean the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::syntax::{CommandForm, File, Healthcheck, Instruction, Keyword, Kind};
use crate::text::{ShortText, Span};

use super::variables::{self, Quotes};

/// How many stages up a variable is looked for.
const MAX_INHERITANCE: usize = 64;

/// What is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Named {
    /// The stage of this number.
    Stage(usize),
    /// A variable of this stage, or of the part before the first FROM.
    Variable(Option<usize>, ShortText),
    /// The here-document of this number of that instruction.
    Heredoc(usize, usize),
}

/// A place that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) span: Span,
    pub(super) named: Named,
    /// The instruction that it is in.
    pub(super) step: usize,
    /// True where it is declared or set.
    pub(super) declares: bool,
    /// False for a stage's number, which is no name.
    pub(super) by_name: bool,
}

/// All of them, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) mentions: Vec<Mention>,
    pub(super) stages: Vec<Stage>,
}

impl Names {
    pub(super) fn of(file: &File) -> Self {
        let mut collector =
            Collector { file, stages: Vec::new(), mentions: Vec::new(), bound: HashMap::new() };
        for (step, instruction) in file.instructions.iter().enumerate() {
            collector.instruction(step, instruction);
        }
        collector.late_references();
        collector.finish()
    }

    /// What is named at a byte, or right before it.
    pub(super) fn at(&self, offset: u32) -> Option<&Mention> {
        let touches = |m: &&Mention| m.span.start <= offset && offset <= m.span.end;
        self.mentions.iter().find(touches)
    }

    /// The FROM of a stage.
    pub(super) fn start_of(&self, file: &File, stage: usize) -> Option<Span> {
        Some(file.instructions.get(self.stages.get(stage)?.start)?.first_keyword())
    }

    /// The stage of an instruction.
    pub(super) fn stage_of(&self, step: usize) -> Option<usize> {
        self.stages.partition_point(|stage| stage.start <= step).checked_sub(1)
    }

    /// The variables that the file sets for the instruction of `step`.
    pub(super) fn visible<'f>(&self, file: &'f File, step: usize) -> BTreeSet<&'f str> {
        let mut names = BTreeSet::new();
        let is_from =
            file.instructions.get(step).is_some_and(|i| i.keyword == Keyword::From && !i.is_trigger());
        let mut stage = if is_from { None } else { self.stage_of(step) };
        let first = self.stages.first().map_or(usize::MAX, |stage| stage.start);
        let mut end = if stage.is_none() { step.min(first) } else { step };
        for _ in 0..MAX_INHERITANCE {
            let start = stage.map_or(0, |stage| self.stages[stage].start);
            let own = file.instructions.iter().take(end).skip(start);
            own.for_each(|instruction| names.extend(set_by(instruction)));
            stage = match stage.and_then(|stage| self.stages[stage].parent) {
                None => break,
                parent => parent,
            };
            end = stage.and_then(|stage| self.stages.get(stage + 1)).map_or(usize::MAX, |next| next.start);
        }
        names
    }

    /// All places that name the same.
    pub(super) fn same<'n>(&'n self, named: &'n Named) -> impl Iterator<Item = &'n Mention> {
        self.mentions.iter().filter(move |m| m.named == *named)
    }

    /// True for a variable at a byte if another one of the name is declared elsewhere in the file.
    pub(super) fn is_shared(&self, offset: u32) -> bool {
        let Some(mention) = self.at(offset) else { return false };
        let Named::Variable(_, name) = &mention.named else { return false };
        let is_it = |m: &Mention| matches!(&m.named, Named::Variable(_, other) if other == name);
        self.mentions.iter().any(|m| m.declares && m.named != mention.named && is_it(m))
    }

    /// Where what is mentioned is first declared. A variable that is used before that is not declared there.
    pub(super) fn definition<'n>(&'n self, of: &'n Mention) -> Option<&'n Mention> {
        let first = self.same(&of.named).find(|m| m.declares)?;
        let is_variable = matches!(of.named, Named::Variable(..));
        (!is_variable || of.declares || first.step < of.step).then_some(first)
    }
}

/// A stage of the file.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// Its name in small letters.
    name: Option<String>,
    /// Its name as written.
    pub(super) written: Option<String>,
    /// What it starts from, as written.
    pub(super) image: String,
    /// The stage that it starts from.
    parent: Option<usize>,
    /// Its FROM.
    start: usize,
}

/// The variables that an instruction sets.
fn set_by(instruction: &Instruction) -> impl Iterator<Item = &str> {
    let (decls, pairs): (&[_], &[_]) = match &instruction.kind {
        Kind::Arg(decls) => (decls, &[]),
        Kind::Env(pairs) => (&[], pairs),
        _ => (&[], &[]),
    };
    let names = decls.iter().map(|d| &*d.name.text).chain(pairs.iter().map(|p| &*p.key.text));
    names.filter(|name| variables::is_name(name))
}

struct Collector<'a> {
    file: &'a File,
    stages: Vec<Stage>,
    mentions: Vec<Mention>,
    /// Which variables are set in which stage; true if by an ARG alone that takes its value from before the first FROM.
    bound: HashMap<(Option<usize>, ShortText), bool>,
}

impl Collector<'_> {
    fn scope(&self) -> Option<usize> {
        self.stages.len().checked_sub(1)
    }

    fn add(&mut self, step: usize, span: Span, named: Named, declares: bool) {
        self.mentions.push(Mention { span, named, step, declares, by_name: true });
    }

    fn instruction(&mut self, step: usize, instruction: &Instruction) {
        if instruction.keyword == Keyword::From && !instruction.is_trigger() {
            // Only what stands before the first FROM counts here.
            self.uses(step, instruction, None);
            self.from(step, instruction);
            return;
        }
        let scope = self.scope();
        match &instruction.kind {
            Kind::Arg(decls) => {
                for decl in decls {
                    self.declare(step, scope, decl.name.span, &decl.name.text, decl.default.is_none());
                }
            }
            Kind::Env(pairs) => {
                for pair in pairs {
                    self.declare(step, scope, pair.key.span, &pair.key.text, false);
                }
            }
            _ => {}
        }
        self.uses(step, instruction, scope);
        self.heredocs(step, instruction, scope);
    }

    fn declare(&mut self, step: usize, scope: Option<usize>, span: Span, name: &ShortText, takes: bool) {
        if variables::is_name(name) {
            let takes_only = self.bound.entry((scope, name.clone())).or_insert(true);
            *takes_only &= takes;
            self.add(step, span, Named::Variable(scope, name.clone()), true);
        }
    }

    fn from(&mut self, step: usize, instruction: &Instruction) {
        let Kind::From(from) = &instruction.kind else {
            self.stages.push(Stage { start: step, ..Stage::default() });
            return;
        };
        let image = from.image.as_ref();
        // An image is written in small letters, a stage may be called as one likes.
        let parent = image.and_then(|i| self.earlier(self.stages.len(), &i.text));
        if let (Some(parent), Some(image)) = (parent, image) {
            self.add(step, image.span, Named::Stage(parent), false);
        }
        let index = self.stages.len();
        let written = from.alias.as_ref().map(|alias| alias.name.text.to_string());
        let image = image.map(|image| image.text.to_string()).unwrap_or_default();
        if let Some(alias) = &from.alias
            && !alias.name.text.is_empty()
        {
            self.add(step, alias.name.span, Named::Stage(index), true);
        }
        let name = written.as_ref().map(|name| name.to_lowercase());
        self.stages.push(Stage { name, written, image, parent, start: step });
    }

    /// The last stage before `index` that is called `name`.
    fn earlier(&self, index: usize, name: &str) -> Option<usize> {
        self.stages[..index].iter().rposition(|stage| stage.name.as_deref() == Some(name))
    }

    /// What `--from` and mounts name, once all stages are known: a later one is an error, but one that is meant.
    fn late_references(&mut self) {
        let mut stage: Option<usize> = None;
        for (step, instruction) in self.file.instructions.iter().enumerate() {
            if instruction.keyword == Keyword::From && !instruction.is_trigger() {
                stage = Some(stage.map_or(0, |stage| stage + 1));
            }
            let flags = instruction.flags.iter().filter(|f| &*f.name == "from" && f.exact);
            let copied = flags.filter_map(|flag| Some((flag.value.as_deref()?, flag.value_span)));
            let mounts = instruction.mounts.iter().filter_map(|mount| {
                let option = mount.option(&["from"])?;
                Some((option.value.as_deref()?, option.value_span()))
            });
            for (value, span) in copied.chain(mounts) {
                self.reference(step, stage.unwrap_or(0), value, span);
            }
        }
    }

    fn reference(&mut self, step: usize, own: usize, value: &str, span: Span) {
        let name = value.to_lowercase();
        let later = || self.stages.iter().position(|stage| stage.name.as_deref() == Some(&*name));
        let number = || value.parse().ok().filter(|number| *number < self.stages.len());
        let by_name = self.earlier(own.min(self.stages.len()), &name).or_else(later);
        let Some(stage) = by_name.or_else(number) else { return };
        let named = Named::Stage(stage);
        self.mentions.push(Mention { span, named, step, declares: false, by_name: by_name.is_some() });
    }

    /// The variables that an instruction uses, without those of its here-documents.
    fn uses(&mut self, step: usize, instruction: &Instruction, scope: Option<usize>) {
        let form = match &instruction.kind {
            Kind::Run(form) | Kind::Cmd(form) | Kind::Entrypoint(form) => Some(form),
            Kind::Healthcheck(Healthcheck::Cmd(form)) => Some(form),
            _ => None,
        };
        // What is written as an array no shell reads.
        let literal =
            matches!(form, Some(CommandForm::Exec(_))) || matches!(instruction.kind, Kind::Shell(_));
        let text = instruction.logical.text();
        let end = text.len() - if literal { instruction.arguments_text().len() } else { 0 };
        for range in variables::uses(&text[..end], self.file.escape.char(), Quotes::Count) {
            let named = Named::Variable(scope, text[range.clone()].into());
            let span = instruction.logical.span(range);
            self.add(step, span, named, false);
        }
    }

    fn heredocs(&mut self, step: usize, instruction: &Instruction, scope: Option<usize>) {
        let text = self.file.text();
        for (number, heredoc) in instruction.heredocs.iter().enumerate() {
            let marker = heredoc.marker.text(text);
            if let Some(at) = marker.rfind(&*heredoc.name) {
                let span = Span::of(at..at + heredoc.name.len()).shift(heredoc.marker.start);
                self.add(step, span, Named::Heredoc(step, number), true);
            }
            if let Some(line) = heredoc.terminator {
                let name = line.text(text).trim_matches(['\t', '\r', '\n']);
                let indent = line.text(text).find(name).unwrap_or(0);
                let span = Span::of(indent..indent + name.len()).shift(line.start);
                self.add(step, span, Named::Heredoc(step, number), false);
            }
            // The shell reads what it gets as a script, whatever quotes say.
            let script =
                instruction.keyword == Keyword::Run && instruction.arguments_text().starts_with("<<");
            if heredoc.expand || script {
                let body = heredoc.body;
                let quotes = if script { Quotes::Count } else { Quotes::Letters };
                for range in variables::uses(body.text(text), self.file.escape.char(), quotes) {
                    let name = ShortText::from(&body.text(text)[range.clone()]);
                    self.add(step, Span::of(range).shift(body.start), Named::Variable(scope, name), false);
                }
            }
        }
    }

    /// Where a variable of a stage comes from: the first stage of its lineage that sets it, or the part before all stages.
    fn home(&self, scope: Option<usize>, name: &ShortText) -> Option<usize> {
        let sets = |scope: Option<usize>| self.bound.get(&(scope, name.clone())).copied();
        let mut home = scope;
        let mut stage = scope;
        for _ in 0..MAX_INHERITANCE {
            let Some(parent) = stage.and_then(|stage| self.stages.get(stage)?.parent) else { break };
            if sets(Some(parent)).is_some() {
                home = Some(parent);
            }
            stage = Some(parent);
        }
        if sets(home) == Some(true) && sets(None).is_some() { None } else { home }
    }

    fn finish(mut self) -> Names {
        let mut homes: HashMap<(Option<usize>, ShortText), Option<usize>> = HashMap::new();
        let mut mentions = std::mem::take(&mut self.mentions);
        for mention in &mut mentions {
            if let Named::Variable(scope, name) = &mut mention.named {
                *scope = *homes.entry((*scope, name.clone())).or_insert_with(|| self.home(*scope, name));
            }
        }
        mentions.sort_by_key(|m| m.span);
        let mut seen = HashSet::new();
        mentions.retain(|m| seen.insert((m.span, m.declares)));
        Names { mentions, stages: self.stages }
    }
}
