//! Holding a matcher against the model.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::rules::{Check, Cx, RULES, file};
use crate::semantic::{Base, Cmd, Model, RunsAs, ScriptKind};
use crate::syntax::{ImageRef, Instruction, Keyword, Kind, container_ports};
use crate::text::Span;

use super::{
    CommandPattern, ImagePattern, Matcher, NamedPattern, Pattern, Piece, Place, StageFilter, Template,
};

/// The matchers of dlint's own rules, by rule. A test reads all rule files, so none is faulty.
static BUILT_IN: LazyLock<HashMap<&'static str, Matcher>> = LazyLock::new(|| {
    let own = RULES.iter().filter(|r| matches!(r.check, Check::Match));
    own.filter_map(|r| Some((&*r.meta.name, file::matcher(&r.meta.doc)?))).collect()
});

/// Runs the matcher of the rule's own file.
pub fn check_built_in(cx: &mut Cx<'_>) {
    if let Some(matcher) = BUILT_IN.get(cx.rule_name()) {
        check(matcher, cx);
    }
}

/// What was found: where, and what templates show of it.
struct Subject<'m> {
    step: usize,
    span: Span,
    shown: Vec<(Place, &'m str)>,
}

/// Reports every place of the model that `matcher` describes.
pub fn check(matcher: &Matcher, cx: &mut Cx<'_>) {
    let model = cx.model;
    for subject in subjects(matcher, model) {
        if !matcher.holds(model, &subject) {
            continue;
        }
        let show = |template: &Template| template.fill(model, &subject);
        let mut finding = cx.at(subject.span, show(&matcher.message));
        if let Some(help) = &matcher.help {
            finding = finding.help(show(help));
        }
        cx.report(finding);
    }
}

fn subjects<'m>(matcher: &Matcher, model: &'m Model<'m>) -> Vec<Subject<'m>> {
    if let Some(pattern) = &matcher.command {
        return commands(matcher, pattern, model);
    }
    let mut found = Vec::new();
    for (step, instruction) in model.instructions().filter(|(_, i)| matcher.takes(i.effective())) {
        let effective = instruction.effective();
        let mut add = |span, shown| found.push(Subject { step, span, shown });
        if let Some(pattern) = &matcher.flag {
            flags(pattern, effective, &mut add);
        } else if let Some(pattern) = &matcher.env {
            variables(pattern, effective, &mut add);
        } else if let Some(port) = matcher.port {
            ports(port, effective, model, &mut add);
        } else if matcher.image.is_some() || matcher.user.is_some() {
            let span = match &effective.kind {
                Kind::From(from) => from.image.as_ref().map(|w| w.span),
                Kind::User(word) => word.as_ref().map(|w| w.span),
                _ => None,
            };
            add(span.unwrap_or(effective.keyword_span), Vec::new());
        } else {
            add(effective.keyword_span, Vec::new());
        }
    }
    found
}

type Add<'a, 'm> = dyn FnMut(Span, Vec<(Place, &'m str)>) + 'a;

fn flags<'m>(pattern: &NamedPattern, instruction: &'m Instruction, add: &mut Add<'_, 'm>) {
    for flag in instruction.flags.iter().filter(|f| pattern.name.matches(&f.name)) {
        let value = flag.value.as_deref().unwrap_or("");
        if pattern.value.as_ref().is_none_or(|p| p.matches(value)) {
            let of_value = pattern.value.is_some() && !flag.value_span.is_empty();
            let span = if of_value { flag.value_span } else { flag.span };
            add(span, vec![(Place::Flag, &*flag.name), (Place::Name, &*flag.name), (Place::Value, value)]);
        }
    }
}

fn variables<'m>(pattern: &NamedPattern, instruction: &'m Instruction, add: &mut Add<'_, 'm>) {
    let pairs: Vec<_> = match &instruction.kind {
        Kind::Env(pairs) | Kind::Label(pairs) => pairs.iter().map(|p| (&p.key, p.value.as_ref())).collect(),
        Kind::Arg(decls) => decls.iter().map(|d| (&d.name, d.default.as_ref())).collect(),
        _ => return,
    };
    for (key, value) in pairs.into_iter().filter(|(key, _)| pattern.name.matches(&key.text)) {
        let span = match (&pattern.value, value) {
            (None, _) => key.span,
            // A value with variables is what the build makes of it.
            (Some(p), Some(word)) if word.literal().is_some_and(|v| p.matches(&v)) => word.span,
            (Some(_), _) => continue,
        };
        add(span, vec![(Place::Name, &*key.text), (Place::Value, value.map_or("", |w| &*w.text))]);
    }
}

fn ports<'m>(port: u16, instruction: &'m Instruction, model: &'m Model<'m>, add: &mut Add<'_, 'm>) {
    let Kind::Expose(words) = &instruction.kind else { return };
    for word in words {
        let Some(value) = word.literal() else { continue };
        let matches = |p: &str| container_ports(p).is_some_and(|(a, b)| (a..=b).contains(&port));
        if value.split_whitespace().any(matches) {
            add(word.span, vec![(Place::Port, model.text(word.span))]);
        }
    }
}

fn commands<'m>(matcher: &Matcher, pattern: &CommandPattern, model: &'m Model<'m>) -> Vec<Subject<'m>> {
    let mut found = Vec::new();
    let mut look = |command: Cmd<'m>| {
        if !kinds(matcher).contains(&command.script().kind)
            || !pattern
                .subcommand
                .as_ref()
                .is_none_or(|p| command.subcommand().is_some_and(|s| p.matches(&s)))
            || pattern.has.iter().any(|f| !command.has_flag(f))
            || pattern.lacks.iter().any(|f| command.has_flag(f))
        {
            return;
        }
        // A variable may hold the option.
        if !pattern.lacks.is_empty()
            && command
                .args()
                .iter()
                .any(|w| w.has_expansion() && w.static_prefix().is_empty() && !w.is_quoted())
        {
            return;
        }
        let flag = pattern.has.first().and_then(|f| command.flag(f));
        let span = match (&flag, &pattern.subcommand) {
            (Some(flag), _) => flag.span,
            (None, Some(_)) => command.subcommand_span(),
            (None, None) => command.program_span(),
        };
        let mut shown = vec![(Place::Command, command.program())];
        if command.subcommand().is_some() {
            shown.push((Place::Subcommand, model.text(command.subcommand_span())));
        }
        shown.extend(flag.map(|f| (Place::Flag, f.static_prefix())));
        found.push(Subject { step: command.step(), span, shown });
    };
    let mut globs = false;
    for name in &pattern.name.0 {
        match name {
            Pattern::Literal(name) => model.commands_named(name).for_each(&mut look),
            Pattern::Glob(_) => globs = true,
        }
    }
    if globs {
        let by_glob = |c: &Cmd<'_>| {
            pattern.name.0.iter().any(|p| matches!(p, Pattern::Glob(g) if g.is_match(c.program())))
        };
        model.commands().filter(by_glob).for_each(&mut look);
    }
    found
}

/// The scripts that a command may stand in.
fn kinds(matcher: &Matcher) -> Vec<ScriptKind> {
    if matcher.instructions.is_empty() {
        return vec![ScriptKind::Run];
    }
    let kind = |keyword: &Keyword| match keyword {
        Keyword::Run => Some(ScriptKind::Run),
        Keyword::Cmd => Some(ScriptKind::Cmd),
        Keyword::Entrypoint => Some(ScriptKind::Entrypoint),
        Keyword::Healthcheck => Some(ScriptKind::Healthcheck),
        _ => None,
    };
    matcher.instructions.iter().filter_map(kind).collect()
}

impl Matcher {
    /// True for an instruction that can hold the subject.
    fn takes(&self, instruction: &Instruction) -> bool {
        if !self.instructions.is_empty() {
            return self.instructions.contains(&instruction.keyword);
        }
        match instruction.keyword {
            _ if self.flag.is_some() => true,
            Keyword::Env => self.env.is_some(),
            Keyword::Expose => self.env.is_none() && self.port.is_some(),
            Keyword::From => self.env.is_none() && self.port.is_none() && self.image.is_some(),
            Keyword::User => self.env.is_none() && self.port.is_none() && self.image.is_none(),
            _ => false,
        }
    }

    /// True if the conditions hold that are not the subject itself.
    fn holds(&self, model: &Model<'_>, subject: &Subject<'_>) -> bool {
        let stage = model.stage_of(subject.step);
        let in_stage = match self.stage {
            StageFilter::Any => true,
            StageFilter::Final => stage.is_some_and(|s| s.in_final_image),
            StageFilter::Build => stage.is_some_and(|s| !s.in_final_image),
        };
        let of_image = self.image.as_ref().is_none_or(
            |p| matches!(stage.map(|s| model.root_base(s)), Some(Base::Image(image)) if p.matches(image)),
        );
        in_stage
            && of_image
            && self
                .user
                .as_ref()
                .is_none_or(|p| user(model, subject.step).is_some_and(|user| p.matches(&user)))
    }
}

/// The user that a USER names; the one that any other instruction runs as.
fn user(model: &Model<'_>, step: usize) -> Option<String> {
    if let Kind::User(Some(word)) = &model.instruction(step).kind {
        return Some(model.value(step, word).known()?.split(':').next()?.to_owned());
    }
    match model.runs_as(step) {
        RunsAs::Root => Some("root".to_owned()),
        RunsAs::Other(name) => Some(name),
        RunsAs::Unknown => None,
    }
}

impl ImagePattern {
    fn matches(&self, image: &ImageRef) -> bool {
        self.registry.as_ref().is_none_or(|p| p.matches(&image.registry))
            && self
                .repository
                .as_ref()
                .is_none_or(|p| p.matches(&image.path) || p.matches(image.familiar_path()))
            && self.tag.as_ref().is_none_or(|p| p.matches(image.tag.as_deref().unwrap_or("")))
            && self.digest.is_none_or(|wanted| image.digest.is_some() == wanted)
    }
}

impl Template {
    fn fill(&self, model: &Model<'_>, subject: &Subject<'_>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Place(place) => out.push_str(&value(*place, model, subject)),
            }
        }
        out
    }
}

/// What stands for a place, cut where it is long; empty if the subject has none.
fn value(place: Place, model: &Model<'_>, subject: &Subject<'_>) -> String {
    if let Some((_, text)) = subject.shown.iter().find(|(p, _)| *p == place) {
        return text.chars().take(80).collect();
    }
    let image = || match model.stage_of(subject.step).map(|s| model.root_base(s)) {
        Some(Base::Image(image)) => Some(image),
        _ => None,
    };
    let text = match place {
        Place::Instruction => Some(model.instruction(subject.step).effective().keyword.name().to_owned()),
        Place::Image => image().map(ToString::to_string),
        Place::Tag => image().and_then(|i| i.tag.as_deref()).map(str::to_owned),
        Place::User => user(model, subject.step),
        _ => None,
    };
    text.unwrap_or_default().chars().take(80).collect()
}
