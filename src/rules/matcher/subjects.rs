//! Finds what a matcher reports.

use std::borrow::Cow;

use crate::semantic::{Base, Cmd, CopyFrom, CopyUse, Model, ScriptKind};
use crate::shell;
use crate::syntax::{ImageRef, Instruction, Keyword, Kind, Port, PortWord, User, Value, Word, ports};
use crate::text::Span;

use super::fix::Editable;
use super::template::Place;
use super::{
    CommandPattern, CopyPattern, ImagePattern, Matcher, NamedPattern, Origin, PackagePattern, StageFilter,
    Subject,
};

/// What was found: where, and what templates show of it.
pub(super) struct Found<'m> {
    pub(super) step: usize,
    pub(super) span: Span,
    pub(super) editable: Editable,
    pub(super) shown: Vec<(Place, Cow<'m, str>)>,
}

impl<'m> Found<'m> {
    fn new(step: usize, span: Span) -> Self {
        Self { step, span, editable: Editable::default(), shown: Vec::new() }
    }

    fn show(mut self, place: Place, text: impl Into<Cow<'m, str>>) -> Self {
        self.shown.push((place, text.into()));
        self
    }

    /// Says what a fix may replace.
    fn replace(mut self, span: Option<Span>) -> Self {
        self.editable.replace = span;
        self
    }

    fn insert(mut self, at: Option<u32>) -> Self {
        self.editable.insert = at;
        self
    }
}

impl Matcher {
    /// All that the subject's own pattern matches, in no order.
    pub(super) fn subjects<'m>(&self, model: &'m Model) -> Vec<Found<'m>> {
        match &self.subject {
            Subject::Stage => self.stages(model),
            Subject::Command(pattern) => self.commands(pattern, model),
            Subject::Package(pattern) => packages(pattern, model),
            Subject::Copy(pattern) => self.copies(pattern, model),
            Subject::Image(pattern) => self.images(pattern, model),
            _ => {
                let mut found = Vec::new();
                for (step, instruction) in model.instructions() {
                    if self.takes(instruction.keyword) {
                        self.in_instruction(model, step, instruction, &mut found);
                    }
                }
                found
            }
        }
    }

    fn takes(&self, keyword: Keyword) -> bool {
        self.instructions.is_empty() || self.instructions.contains(&keyword)
    }

    /// Subjects that stand in one instruction.
    fn in_instruction<'m>(
        &self,
        model: &'m Model,
        step: usize,
        instruction: &'m Instruction,
        found: &mut Vec<Found<'m>>,
    ) {
        match (&self.subject, &instruction.kind) {
            (Subject::Instruction, _) => found
                .push(Found::new(step, instruction.keyword_span).insert(Some(instruction.keyword_span.end))),
            (Subject::Flag(pattern), _) => flags(pattern, step, instruction, found),
            (Subject::Env(pattern), Kind::Env(pairs)) | (Subject::Label(pattern), Kind::Label(pairs)) => {
                let pairs = pairs.iter().map(|p| (&p.key, p.value.as_ref()));
                variables(pattern, model, step, pairs, found);
            }
            (Subject::Arg(pattern), Kind::Arg(decls)) => {
                variables(pattern, model, step, decls.iter().map(|d| (&d.name, d.default.as_ref())), found);
            }
            (Subject::Port(ranges), Kind::Expose(words)) => {
                for PortWord { word, .. } in words {
                    let value = model.value(step, word);
                    let Some(value) = value.known() else { continue };
                    let has = |p: Port<'_>| {
                        ranges.iter().any(|(first, last)| p.range.0 <= *last && *first <= p.range.1)
                    };
                    if ports(value).filter_map(Result::ok).any(has) {
                        found.push(
                            Found::new(step, word.span)
                                .show(Place::Port, model.text(word.span))
                                .replace(word.exact.then_some(word.span)),
                        );
                    }
                }
            }
            (Subject::User(pattern), Kind::User(Some(word))) => {
                let value = model.value(step, word);
                let Some(user) = value.known().map(|value| User::of(value).name) else { return };
                // Both are the same one.
                let names = if user == "0" { &[user, "root"][..] } else { &[user] };
                if pattern.match_any(names) {
                    let found_here = Found::new(step, word.span).show(Place::User, user.to_owned());
                    found.push(found_here.replace(word.exact.then_some(word.span)));
                }
            }
            (Subject::Arguments(pattern), _) => {
                let text = instruction.arguments_text().trim();
                if !text.is_empty() && pattern.matches(text) {
                    let span = trimmed(model, instruction.arguments);
                    let exact = model.text(span) == text;
                    found.push(
                        Found::new(step, span).show(Place::Arguments, text).replace(exact.then_some(span)),
                    );
                }
            }
            _ => {}
        }
    }

    /// Stages by their FROM. Of the final image only the last stage counts: what it starts from is a part
    /// of it.
    fn stages<'m>(&self, model: &'m Model) -> Vec<Found<'m>> {
        let own = |stage: &&crate::semantic::Stage| self.stage != StageFilter::Final || stage.is_final;
        let stages = model.stages.iter().filter(own);
        let found = |stage: &crate::semantic::Stage| {
            let span = stage.base_word.as_ref().map(|w| w.span);
            Found::new(stage.steps.start, span.unwrap_or(model.instruction(stage.steps.start).keyword_span))
        };
        stages.map(found).collect()
    }

    fn commands<'m>(&self, pattern: &CommandPattern, model: &'m Model) -> Vec<Found<'m>> {
        let mut found = Vec::new();
        let kinds = self.script_kinds();
        let mut look = |command: Cmd<'m>| {
            if kinds.contains(&command.script().kind) {
                found.extend(in_command(pattern, command));
            }
        };
        match pattern.name.literals() {
            Some(mut names) => {
                names.sort_unstable();
                names.dedup();
                let commands = names.into_iter().flat_map(|name| model.commands_named(name));
                commands.filter(|c| pattern.name.matches(c.program())).for_each(&mut look);
            }
            None => model.commands().filter(|c| pattern.name.matches(c.program())).for_each(&mut look),
        }
        found
    }

    /// The scripts that a command may stand in.
    fn script_kinds(&self) -> Vec<ScriptKind> {
        if self.instructions.is_empty() {
            return vec![ScriptKind::Run];
        }
        let kind = |keyword: &Keyword| match keyword {
            Keyword::Run => Some(ScriptKind::Run),
            Keyword::Cmd => Some(ScriptKind::Cmd),
            Keyword::Entrypoint => Some(ScriptKind::Entrypoint),
            Keyword::Healthcheck => Some(ScriptKind::Healthcheck),
            _ => None,
        };
        self.instructions.iter().filter_map(kind).collect()
    }

    fn copies<'m>(&self, pattern: &CopyPattern, model: &'m Model) -> Vec<Found<'m>> {
        let mut found = Vec::new();
        let own = |copy: &&CopyUse| {
            let from = match copy.from {
                CopyFrom::Context => Some(Origin::Context),
                CopyFrom::Stage(_) => Some(Origin::Stage),
                CopyFrom::Image(_) => Some(Origin::Image),
                CopyFrom::Named | CopyFrom::Folder(_) | CopyFrom::NoSuchStage | CopyFrom::Unknown => None,
            };
            let keyword = if copy.add { Keyword::Add } else { Keyword::Copy };
            !copy.mount && self.takes(keyword) && pattern.from.is_none_or(|wanted| from == Some(wanted))
        };
        for copy in model.copies.iter().filter(own) {
            let written = model.destination_text(copy);
            let known = copy.destination.known();
            let names: Vec<&str> = known.into_iter().chain(written.filter(|w| !w.contains('$'))).collect();
            if pattern.destination.as_ref().is_some_and(|p| names.is_empty() || !p.match_any(&names)) {
                continue;
            }
            let show = |found: Found<'m>| found.show(Place::Destination, written.or(known).unwrap_or(""));
            let Some(sources) = &pattern.source else {
                let all = copy.sources.iter().map(|s| s.span).reduce(Span::to);
                let span = all.unwrap_or(model.instruction(copy.step).keyword_span);
                found.push(show(Found::new(copy.step, span)).show(Place::Source, model.text(span)));
                continue;
            };
            for source in &copy.sources {
                let Some(path) = source.value.known() else { continue };
                if sources.match_any(&[path, path.trim_start_matches("./").trim_start_matches('/')]) {
                    // Quotes in the JSON form would go with the name.
                    let plain = model.text(source.span) == path;
                    found.push(
                        show(Found::new(copy.step, source.span))
                            .show(Place::Source, path)
                            .replace(plain.then_some(source.span)),
                    );
                }
            }
        }
        found
    }

    /// Images that FROM, `--from` and mounts name.
    fn images<'m>(&self, pattern: &ImagePattern, model: &'m Model) -> Vec<Found<'m>> {
        let mut found = Vec::new();
        let mut look = |step: usize, image: &'m ImageRef, span: Span, plain: bool| {
            if pattern.matches(image) {
                let here = Found::new(step, span).replace(plain.then_some(span));
                let here = here.show(Place::Image, image.to_string());
                found.push(here.show(Place::Tag, image.tag.as_deref().unwrap_or("")));
            }
        };
        for stage in model.stages.iter().filter(|_| self.takes(Keyword::From)) {
            if let (Base::Image(image), Some(word)) = (&stage.base, &stage.base_word) {
                look(stage.steps.start, image, word.span, word.exact && !word.has_variables());
            }
        }
        for copy in &model.copies {
            let keyword = match (copy.mount, copy.add) {
                (true, _) => Keyword::Run,
                (_, true) => Keyword::Add,
                _ => Keyword::Copy,
            };
            let CopyFrom::Image(Some(image)) = &copy.from else { continue };
            if let Some((text, span)) = model.copy_reference(copy).filter(|_| self.takes(keyword)) {
                look(copy.step, image, span, model.text(span) == text && !text.contains('$'));
            }
        }
        found
    }
}

impl ImagePattern {
    pub(super) fn matches(&self, image: &ImageRef) -> bool {
        let (path, familiar) = (&*image.path, image.familiar_path());
        let name = |p: &super::Patterns| {
            let full = format!("{}/{path}", image.registry);
            let hub = if &*image.registry == "docker.io" { familiar } else { &*full };
            p.match_any(&[&*full, hub])
        };
        self.name.as_ref().is_none_or(name)
            && self.registry.as_ref().is_none_or(|p| p.matches(&image.registry))
            && self.repository.as_ref().is_none_or(|p| p.match_any(&[path, familiar]))
            && self.tag.as_ref().is_none_or(|p| p.matches(image.tag.as_deref().unwrap_or("")))
            && self.digest.is_none_or(|wanted| image.digest.is_some() == wanted)
    }
}

/// A span without the blanks and line ends at its end.
fn trimmed(model: &Model, span: Span) -> Span {
    let text = model.text(span);
    let start = text.len() - text.trim_start().len();
    let len = text.trim().len();
    Span::of(start..start + len).shift(span.start)
}

fn flags<'m>(pattern: &NamedPattern, step: usize, instruction: &'m Instruction, found: &mut Vec<Found<'m>>) {
    for flag in instruction.flags.iter().filter(|f| pattern.name.matches(&f.name)) {
        let value = flag.value.as_deref().unwrap_or("");
        // Variables are not known here.
        let matches = |p: &super::Patterns| !value.contains('$') && p.matches(value);
        if pattern.value.as_ref().is_none_or(matches) {
            let of_value = pattern.value.is_some() && !flag.value_span.is_empty();
            let span = if of_value { flag.value_span } else { flag.span };
            found.push(
                Found::new(step, span)
                    .show(Place::Flag, &*flag.name)
                    .show(Place::Name, &*flag.name)
                    .show(Place::Value, value)
                    .replace(flag.exact.then_some(span)),
            );
        }
    }
}

fn variables<'m>(
    pattern: &NamedPattern,
    model: &'m Model,
    step: usize,
    pairs: impl Iterator<Item = (&'m Word, Option<&'m Word>)>,
    found: &mut Vec<Found<'m>>,
) {
    for (key, value) in pairs {
        if !key.literal().is_some_and(|key| pattern.name.matches(&key)) {
            continue;
        }
        let word = match (&pattern.value, value) {
            (None, _) => key,
            // A value with variables is what the build makes of it.
            (Some(p), Some(word)) if matches!(model.value(step, word), Value::Known(v) if p.matches(&v)) => {
                word
            }
            (Some(_), _) => continue,
        };
        found.push(
            Found::new(step, word.span)
                .show(Place::Name, &*key.text)
                .show(Place::Value, value.map_or("", |w| &*w.text))
                .replace(word.exact.then_some(word.span)),
        );
    }
}

/// What a pattern reports of a command: the option that it has, each argument that matches, or its name.
fn in_command<'m>(pattern: &CommandPattern, command: Cmd<'m>) -> Vec<Found<'m>> {
    let subcommand = command.subcommand();
    let of_subcommand = |p: &super::Patterns| subcommand.as_ref().is_some_and(|s| p.matches(s));
    if !pattern.subcommand.as_ref().is_none_or(of_subcommand)
        || pattern.has.iter().any(|f| !command.has_flag(f))
        || pattern.lacks.iter().any(|f| command.has_flag(f))
        // A variable may hold the option.
        || !pattern.lacks.is_empty() && command.args().iter().any(may_be_options)
    {
        return Vec::new();
    }
    let plain = |word: &shell::Word| word.exact && !word.is_quoted() && !command.script().exec;
    let base = |span: Span| {
        let last = command.subcommand_words().last().filter(|_| pattern.subcommand.is_some());
        let last = last.or_else(|| command.shell().program_word()).filter(|w| plain(w));
        let found = Found::new(command.step(), span).show(Place::Command, command.program());
        let found = found.insert(last.map(|w| w.span.end));
        match &subcommand {
            Some(subcommand) => found.show(Place::Subcommand, subcommand.clone()),
            None => found,
        }
    };
    let flag = pattern.has.first().and_then(|f| Some((f, command.flag(f)?)));
    if let Some(argument) = &pattern.argument {
        let matches = |word: &&shell::Word| command.text_of(word).is_some_and(|text| argument.matches(&text));
        let words = command.args().iter().filter(matches);
        return words
            .map(|word| {
                let found = base(word.span).show(Place::Argument, command.model.text(word.span));
                let found = found.show(Place::Flag, flag.map_or("", |(_, w)| w.static_prefix()));
                found.replace(plain(word).then_some(word.span))
            })
            .collect();
    }
    let found = match (flag, &pattern.subcommand) {
        (Some((flag, word)), _) => {
            let alone = word.is(flag) && plain(word);
            base(word.span).show(Place::Flag, word.static_prefix()).replace(alone.then_some(word.span))
        }
        (None, Some(_)) => {
            let span = command.subcommand_span();
            let alone =
                command.subcommand_words().iter().all(plain) && !command.subcommand_words().is_empty();
            base(span).replace(alone.then_some(span))
        }
        (None, None) => {
            let span = command.program_span();
            let program = command.shell().program_word().filter(|w| plain(w) && w.span == span);
            base(span).replace(program.map(|w| w.span))
        }
    };
    vec![found]
}

/// True if a variable stands for the word, which may be options.
fn may_be_options(word: &shell::Word) -> bool {
    word.has_expansion() && word.static_prefix().is_empty() && !word.is_quoted()
}

fn packages<'m>(pattern: &PackagePattern, model: &'m Model) -> Vec<Found<'m>> {
    let mut found = Vec::new();
    for command in model.run_commands() {
        let Some(manager) = command.usage.manager else { continue };
        if !pattern.managers.is_empty() && !pattern.managers.iter().any(|m| m == manager.id.name()) {
            continue;
        }
        for package in command.packages() {
            let written = package.word.as_str().unwrap_or(&package.name);
            if !pattern.name.match_any(&[&package.name, written]) {
                continue;
            }
            let word = package.word;
            let plain = word.exact && !word.is_quoted() && !command.script().exec && word.as_str().is_some();
            let here = Found::new(command.step(), word.span)
                .show(Place::Package, package.name)
                .show(Place::Manager, manager.id.name())
                .show(Place::Command, command.program())
                .replace(plain.then_some(word.span));
            found.push(match command.subcommand() {
                Some(subcommand) => here.show(Place::Subcommand, subcommand),
                None => here,
            });
        }
    }
    found
}
