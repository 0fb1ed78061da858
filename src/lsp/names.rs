//! Where a Dockerfile names stages, variables and here-documents, and which of these mean the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::syntax::{CommandForm, ExecForm, File, Healthcheck, Instruction, Keyword, Kind};
use crate::text::{Arrange, ShortText, Span};

use super::chosen::{Chosen, GlobalValues};
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
    /// Where the variables that are mentioned in a stage come from.
    homes: HashMap<Variable, Option<usize>>,
}

/// A variable of a stage, or of the part before the first FROM.
type Variable = (Option<usize>, ShortText);

impl Names {
    pub(super) fn of(file: &File) -> Self {
        let mut collector = Collector {
            file,
            stages: Vec::new(),
            mentions: Vec::new(),
            bound: HashMap::new(),
            globals: GlobalValues::default(),
        };
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

    /// What is named from a byte on.
    pub(super) fn mention_from(&self, start: u32) -> Option<&Mention> {
        self.mentions
            .get(self.mentions.partition_point(|m| m.span.start < start))
            .filter(|m| m.span.start == start)
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

    /// True if the instruction of `step` would mean a variable by its name.
    pub(super) fn sees(&self, step: usize, home: Option<usize>, name: &ShortText) -> bool {
        let mut stage = self.stage_of(step);
        for _ in 0..MAX_INHERITANCE {
            let Some(number) = stage else { break };
            if let Some(known) = self.homes.get(&(stage, name.clone())) {
                return *known == home;
            }
            stage = self.stages.get(number).and_then(|stage| stage.parent);
        }
        false
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
    /// How that is chosen, if by a variable.
    pub(super) chosen: Option<Chosen>,
    /// The stage that it starts from.
    pub(super) parent: Option<usize>,
    /// Its FROM.
    pub(super) start: usize,
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
    /// Which variables are set in which stage.
    bound: HashMap<Variable, Bound>,
    globals: GlobalValues,
}

/// How a variable of a stage is set.
struct Bound {
    /// By an ARG that takes its value from before the first FROM.
    takes: bool,
    /// The first instruction that sets it.
    first: usize,
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
                if scope.is_none() {
                    self.globals.declare(decls);
                }
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
            let bound = self.bound.entry((scope, name.clone()));
            bound.or_insert(Bound { takes: false, first: step }).takes |= takes;
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
        let chosen = image.and_then(|image| Chosen::of(image, &self.globals));
        let named = chosen.as_ref().and_then(|chosen| chosen.value.as_deref());
        let parent = parent.or_else(|| self.earlier(self.stages.len(), &named?.to_lowercase()));
        let index = self.stages.len();
        let written = from.alias.as_ref().map(|alias| alias.name.text.to_string());
        let image = image.map(|image| image.text.to_string()).unwrap_or_default();
        if let Some(alias) = &from.alias
            && !alias.name.text.is_empty()
        {
            self.add(step, alias.name.span, Named::Stage(index), true);
        }
        let name = written.as_ref().map(|name| name.to_lowercase());
        self.stages.push(Stage { name, written, image, chosen, parent, start: step });
    }

    /// The last stage before `index` that is called `name`.
    fn earlier(&self, index: usize, name: &str) -> Option<usize> {
        self.stages[..index].iter().rposition(|stage| stage.name.as_deref() == Some(name))
    }

    /// What `--from` and mounts name, once all stages are known: a later one is an error, but one that is meant.
    fn late_references(&mut self) {
        for (step, instruction) in self.file.instructions.iter().enumerate() {
            let flags = instruction.flags.iter().filter(|f| &*f.name == "from" && f.exact);
            let copied = flags.filter_map(|flag| Some((flag.value.as_deref()?, flag.value_span)));
            let mounts = instruction.mounts.iter().filter_map(|mount| {
                let option = mount.option(&["from"])?;
                Some((option.value.as_deref()?, option.value_span()))
            });
            for (value, span) in copied.chain(mounts) {
                self.reference(step, value, span);
            }
        }
    }

    fn reference(&mut self, step: usize, value: &str, span: Span) {
        let number = || value.parse().ok().filter(|number| *number < self.stages.len());
        // BuildKit reads all FROMs first: of several stages of one name it is the last, wherever that stands.
        let by_name = self.earlier(self.stages.len(), &value.to_lowercase());
        let Some(stage) = by_name.or_else(number) else { return };
        let named = Named::Stage(stage);
        self.mentions.push(Mention { span, named, step, declares: false, by_name: by_name.is_some() });
    }

    /// The variables that an instruction uses, without those of its here-documents.
    fn uses(&mut self, step: usize, instruction: &Instruction, scope: Option<usize>) {
        let form = instruction_form(instruction);
        // What is written as an array no shell reads, unless it starts one.
        let literal =
            matches!(form, Some(CommandForm::Exec(_))) || matches!(instruction.kind, Kind::Shell(_));
        let text = instruction.logical.text();
        let end = text.len() - if literal { instruction.arguments_text().len() } else { 0 };
        let quotes = if form.is_some() && !literal { Quotes::Shell } else { Quotes::Count };
        for range in variables::uses(&text[..end], self.file.escape.char(), quotes) {
            let named = Named::Variable(scope, text[range.clone()].into());
            let span = instruction.logical.span(range);
            self.add(step, span, named, false);
        }
        if let Some(CommandForm::Exec(form)) = form {
            self.started_shell(step, form, scope);
        }
    }

    /// What the script of `["sh", "-c", "…"]` uses, as far as its places are those of the text.
    fn started_shell(&mut self, step: usize, form: &ExecForm, scope: Option<usize>) {
        let is_shell = form.items.first().is_some_and(|item| variables::is_shell(&item.value));
        let is_option = |text: &str| text.starts_with('-') && !text.starts_with("--") && text.ends_with('c');
        let script = form.items.iter().skip(1).skip_while(|item| !is_option(&item.value)).nth(1);
        let Some(script) = script.filter(|script| is_shell && script.exact) else { return };
        for range in variables::uses(&script.value, '\\', Quotes::Shell) {
            let named = Named::Variable(scope, script.value[range.clone()].into());
            self.add(step, Span::of(range).shift(script.span.start), named, false);
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
                let quotes = if script { Quotes::Shell } else { Quotes::Letters };
                for range in variables::uses(body.text(text), self.file.escape.char(), quotes) {
                    let name = ShortText::from(&body.text(text)[range.clone()]);
                    self.add(step, Span::of(range).shift(body.start), Named::Variable(scope, name), false);
                }
            }
        }
    }

    /// Where the variables of stages come from: the first stage of a lineage that sets one, or the part before all
    /// stages where an ARG takes it from there.
    fn homes(&self) -> HashMap<Variable, Option<usize>> {
        let mentioned = self.mentions.iter().filter_map(|mention| match &mention.named {
            Named::Variable(scope, name) => Some((*scope, name.clone())),
            Named::Stage(_) | Named::Heredoc(..) => None,
        });
        let mut groups = Groups(mentioned.map(|variable| (variable.clone(), variable.0)).collect());
        let all: Vec<Variable> = groups.0.keys().cloned().collect();
        for (scope, name) in &all {
            if let Some(parent) = self.setting_ancestor(*scope, name) {
                groups.join(name, *scope, Some(parent));
            }
            let takes = self.bound.get(&(*scope, name.clone())).is_some_and(|bound| bound.takes);
            if takes && self.bound.contains_key(&(None, name.clone())) {
                groups.join(name, *scope, None);
            }
        }
        all.into_iter().map(|(scope, name)| ((scope, name.clone()), groups.root(scope, &name))).collect()
    }

    /// The nearest stage below one that sets a variable.
    fn setting_ancestor(&self, scope: Option<usize>, name: &ShortText) -> Option<usize> {
        let mut stage = scope?;
        for _ in 0..MAX_INHERITANCE {
            stage = self.stages.get(stage)?.parent?;
            if self.bound.contains_key(&(Some(stage), name.clone())) {
                return Some(stage);
            }
        }
        None
    }

    /// True if something sets a variable in or below a stage before an instruction.
    fn is_set_before(&self, step: usize, scope: Option<usize>, name: &ShortText) -> bool {
        let own = self.bound.get(&(scope, name.clone()));
        own.is_some_and(|bound| bound.first <= step) || self.setting_ancestor(scope, name).is_some()
    }

    fn finish(mut self) -> Names {
        let homes = self.homes();
        let mut mentions = std::mem::take(&mut self.mentions);
        for mention in &mut mentions {
            if let Named::Variable(scope, name) = &mut mention.named {
                let home = homes.get(&(*scope, name.clone())).copied().unwrap_or(*scope);
                // What a stage has not taken yet from before the first FROM is not set there.
                if home.is_some() || scope.is_none() || self.is_set_before(mention.step, *scope, name) {
                    *scope = home;
                }
            }
        }
        mentions.arrange_by_key(|m| m.span);
        let mut seen = HashSet::new();
        mentions.retain(|m| seen.insert((m.span, m.declares)));
        Names { mentions, stages: self.stages, homes }
    }
}

/// The shell's part of an instruction, or the program that it starts.
pub(super) const fn instruction_form(instruction: &Instruction) -> Option<&CommandForm> {
    match &instruction.kind {
        Kind::Run(form) | Kind::Cmd(form) | Kind::Entrypoint(form) => Some(form),
        Kind::Healthcheck(Healthcheck::Cmd(form)) => Some(form),
        _ => None,
    }
}

/// Variables that are the same, each with one that comes before it.
struct Groups(HashMap<Variable, Option<usize>>);

impl Groups {
    fn root(&mut self, scope: Option<usize>, name: &ShortText) -> Option<usize> {
        let mut at = scope;
        let mut passed = Vec::new();
        while let Some(next) = self.0.get(&(at, name.clone())).copied().filter(|next| *next != at) {
            passed.push(at);
            at = next;
        }
        // What leads far is led there at once the next time.
        for scope in passed {
            self.0.insert((scope, name.clone()), at);
        }
        at
    }

    fn join(&mut self, name: &ShortText, one: Option<usize>, other: Option<usize>) {
        let (one, other) = (self.root(one, name), self.root(other, name));
        self.0.insert((one.max(other), name.clone()), one.min(other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    /// The line, from 1, where what stands at `|` is declared.
    fn declared(text: &str) -> Option<u32> {
        let (before, after) = text.split_once('|').unwrap();
        let file = parse(Source::from_text("Dockerfile", format!("{before}{after}")));
        let names = Names::of(&file);
        let found = names.definition(names.at(Span::of(0..before.len()).end)?)?;
        Some(file.instructions[found.step].lines.0)
    }

    #[test]
    fn names_are_declared_where_the_builder_finds_them() {
        for (text, want) in [
            // All FROMs are read before a COPY, and the last of a name counts; a FROM sees those above it.
            ("FROM a AS x\nFROM b\nCOPY --from=x| /a /b\nFROM c AS x\n", Some(4)),
            ("FROM a AS x\nFROM x|\nFROM c AS x\n", Some(1)),
            ("ARG V=1\nFROM a\nARG V\nENV V=$V|\n", Some(1)),
            ("ARG V=1\nFROM a\nRUN echo $V|\nARG V\n", None),
            ("ARG V=1\nFROM a AS x\nARG V\nFROM x\nRUN echo $V|\n", Some(1)),
            ("FROM a\nENV V=1\nCMD [\"sh\", \"-c\", \"echo $V|\"]\n", Some(2)),
            ("FROM a\nENV V=1\nCMD [\"echo\", \"-c\", \"$V|\"]\n", None),
            ("ARG S=x\nFROM a AS x\nENV V=1\nFROM $S\nRUN echo $V|\n", Some(3)),
            ("ARG A=x B=$A\nFROM a AS x\nENV V=1\nFROM ${B}\nRUN echo $V|\n", Some(3)),
        ] {
            assert_eq!(declared(text), want, "{text}");
        }
    }
}
