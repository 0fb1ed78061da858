//! Reading a `[match]` table: every fault has a place.

use crate::knowledge::managers;
use crate::syntax::Keyword;
use crate::text::toml::{At, Entry, Fault, Fields};
use crate::text::{Span, nearest};

use super::fix::Change;
use super::lacks::Lacks;
use super::patterns::Patterns;
use super::template::Template;
use super::{
    CommandPattern, CopyPattern, ImagePattern, Matcher, NamedPattern, Origin, PackagePattern, StageFilter,
    Subject,
};

impl Matcher {
    /// Reads a `[match]` table. What is wrong goes to `faults`; what is read then matches too much or
    /// too little and must not be used.
    pub fn read(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> Self {
        let span = table.span();
        let start = faults.len();
        let instructions = keywords(&mut table, "instruction", faults);
        let subject = subject(&mut table, faults);
        let stage = stage(&mut table, faults);
        let base = table.table("base", faults).map(|t| image(t, faults));
        let runs_as = patterns(&mut table, "runs-as", faults);
        let lacks = table.table("lacks", faults).and_then(|t| lacks(t, faults));
        let mut everything = false;
        let subject = match subject {
            Some((key, subject)) => {
                subject.check_instructions(key, &instructions, faults);
                subject
            }
            None if !instructions.is_empty() => Subject::Instruction,
            None if lacks.as_ref().is_some_and(|l| !matches!(l, Lacks::Flag(_))) => Subject::Stage,
            None => {
                everything = true;
                Subject::Instruction
            }
        };
        // What names belong in a text nobody knows without a subject.
        let mut guesses = Vec::new();
        let texts = if everything { &mut guesses } else { &mut *faults };
        let message = table.required("message", texts);
        let message = message.map(|m| text(&m, &subject, texts)).unwrap_or_default();
        let help = table.string("help", texts).map(|h| text(&h, &subject, texts));
        let change = change(&mut table, &subject, lacks.as_ref(), texts);
        table.finish(faults);
        // A key that is misspelt or has another type is the subject, most likely.
        if everything && faults.len() == start {
            let help = "say what it is to find: one of instruction, command, package, copy, flag, env, arg, \
                        label, port, image, user, arguments, lacks";
            faults.push(Fault::new(span, "this table matches everything").help(help));
        }
        let instructions = instructions.into_iter().map(|k| k.value).collect();
        Self { subject, instructions, stage, base, runs_as, lacks, message, help, change }
    }

    /// True if it offers a fix.
    pub(crate) const fn has_fix(&self) -> bool {
        self.change.is_some()
    }
}

/// The subject, with its key.
fn subject(table: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Option<(&'static str, Subject)> {
    let mut found: Option<(&'static str, Subject)> = None;
    let mut add = |key, span: Span, subject: Subject, faults: &mut Vec<Fault>| match &found {
        None => found = Some((key, subject)),
        Some((first, _)) => faults.push(
            Fault::new(span, format!("a rule reports one thing: `{first}` or `{key}`"))
                .help("`instruction`, `stage`, `base`, `runs-as` and `lacks` say more of it"),
        ),
    };
    for (key, make) in TABLES {
        if let Some(of_key) = table.table(key, faults) {
            let span = of_key.span();
            let subject = make(of_key, faults);
            add(key, span, subject, faults);
        }
    }
    if let Some(entry) = table.value("port") {
        let ports = ports(&entry, faults);
        add("port", entry.span, Subject::Port(ports), faults);
    }
    for (key, make) in [("user", Subject::User as fn(Patterns) -> Subject), ("arguments", Subject::Arguments)]
    {
        if let Some(words) = table.words(key, faults) {
            let span = words.first().map_or(table.span(), |w| w.span);
            let subject = make(some(words, key, span, faults));
            add(key, span, subject, faults);
        }
    }
    found
}

type Make = fn(Fields<'_>, &mut Vec<Fault>) -> Subject;

/// Subjects that are tables.
const TABLES: [(&str, Make); 8] = [
    ("command", |t, faults| Subject::Command(command(t, faults))),
    ("package", |t, faults| Subject::Package(package(t, faults))),
    ("copy", |t, faults| Subject::Copy(copy(t, faults))),
    ("flag", |t, faults| Subject::Flag(named(t, faults))),
    ("env", |t, faults| Subject::Env(named(t, faults))),
    ("arg", |t, faults| Subject::Arg(named(t, faults))),
    ("label", |t, faults| Subject::Label(named(t, faults))),
    ("image", |t, faults| Subject::Image(image(t, faults))),
];

impl Subject {
    /// The instructions that it can be in; any if there are none.
    const fn keywords(&self) -> &'static [Keyword] {
        match self {
            Self::Command(_) => &[Keyword::Run, Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck],
            Self::Package(_) => &[Keyword::Run],
            Self::Copy(_) => &[Keyword::Copy, Keyword::Add],
            Self::Env(_) => &[Keyword::Env],
            Self::Arg(_) => &[Keyword::Arg],
            Self::Label(_) => &[Keyword::Label],
            Self::Port(_) => &[Keyword::Expose],
            Self::Image(_) => &[Keyword::From, Keyword::Copy, Keyword::Add, Keyword::Run],
            Self::User(_) => &[Keyword::User],
            Self::Instruction | Self::Stage | Self::Flag(_) | Self::Arguments(_) => &[],
        }
    }

    fn check_instructions(&self, key: &str, given: &[At<Keyword>], faults: &mut Vec<Fault>) {
        let own = self.keywords();
        let wrong = |k: &&At<Keyword>| !own.is_empty() && !own.contains(&k.value);
        if let Some(wrong) = given.iter().find(wrong) {
            let names: Vec<&str> = own.iter().map(|k| k.name()).collect();
            let message = format!("`{key}` is never in {}", wrong.value.name());
            faults.push(Fault::new(wrong.span, message).help(format!("it is in {}", names.join(", "))));
        }
    }
}

fn keywords(table: &mut Fields<'_>, key: &'static str, faults: &mut Vec<Fault>) -> Vec<At<Keyword>> {
    let mut keywords = Vec::new();
    for name in table.words(key, faults).unwrap_or_default() {
        match Keyword::of(&name.value) {
            Keyword::Unknown => {
                let near = nearest(&name.value, Keyword::ALL.iter().map(|(n, _)| *n));
                let message = format!("`{}` is not an instruction", shown(&name.value));
                faults.push(Fault::new(name.span, message).suggest(near));
            }
            value => keywords.push(At { value, span: name.span }),
        }
    }
    keywords
}

fn stage(table: &mut Fields<'_>, faults: &mut Vec<Fault>) -> StageFilter {
    match table.string("stage", faults) {
        None => StageFilter::Any,
        Some(stage) => match stage.value.as_str() {
            "any" => StageFilter::Any,
            "final" => StageFilter::Final,
            "build" => StageFilter::Build,
            _ => {
                faults.push(Fault::new(stage.span, "`stage` is `final`, `build` or `any`"));
                StageFilter::Any
            }
        },
    }
}

fn command(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> CommandPattern {
    let name = required(&mut table, "name", faults);
    let subcommand = patterns(&mut table, "subcommand", faults);
    let argument = patterns(&mut table, "argument", faults);
    let mut options = |key| -> Vec<String> {
        let options = table.words(key, faults).unwrap_or_default();
        for option in options.iter().filter(|o| !is_option(&o.value)) {
            let message = format!("`{}` is not an option: it must start with `-`", shown(&option.value));
            faults.push(Fault::new(option.span, message));
        }
        options.into_iter().map(|o| o.value).collect()
    };
    let (has, lacks) = (options("has"), options("lacks"));
    table.finish(faults);
    CommandPattern { name, subcommand, argument, has, lacks }
}

fn package(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> PackagePattern {
    let name = required(&mut table, "name", faults);
    let mut names = Vec::new();
    for manager in table.words("manager", faults).unwrap_or_default() {
        let known = || managers().iter().map(|m| m.id.name());
        if known().any(|name| name == manager.value) {
            names.push(manager.value);
        } else {
            let fault = Fault::new(
                manager.span,
                format!("`{}` is not a known package manager", shown(&manager.value)),
            );
            faults.push(match nearest(&manager.value, known()) {
                None => fault.help(format!("it is one of {}", known().collect::<Vec<_>>().join(", "))),
                near => fault.suggest(near),
            });
        }
    }
    table.finish(faults);
    PackagePattern { name, managers: names }
}

fn copy(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> CopyPattern {
    let source = patterns(&mut table, "source", faults);
    let destination = patterns(&mut table, "destination", faults);
    let from = table.string("from", faults).and_then(|from| match from.value.as_str() {
        "context" => Some(Origin::Context),
        "stage" => Some(Origin::Stage),
        "image" => Some(Origin::Image),
        _ => {
            faults.push(Fault::new(from.span, "`from` is `context`, `stage` or `image`"));
            None
        }
    });
    table.finish(faults);
    CopyPattern { source, destination, from }
}

fn named(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> NamedPattern {
    let name = required(&mut table, "name", faults);
    let value = patterns(&mut table, "value", faults);
    table.finish(faults);
    NamedPattern { name, value }
}

fn image(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> ImagePattern {
    let name = patterns(&mut table, "name", faults);
    let registry = patterns(&mut table, "registry", faults);
    let repository = patterns(&mut table, "repository", faults);
    let tag = patterns(&mut table, "tag", faults);
    let digest = table.boolean("digest", faults);
    table.finish(faults);
    ImagePattern { name, registry, repository, tag, digest }
}

fn lacks(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> Option<Lacks> {
    let span = table.span();
    let keywords = keywords(&mut table, "instruction", faults);
    let keywords: Vec<Keyword> = keywords.into_iter().map(|k| k.value).collect();
    let label = patterns(&mut table, "label", faults).map(Lacks::Label);
    let env = patterns(&mut table, "env", faults).map(Lacks::Env);
    let flag = patterns(&mut table, "flag", faults).map(Lacks::Flag);
    let instruction = (!keywords.is_empty()).then_some(Lacks::Instruction(keywords));
    let asked = ["instruction", "label", "env", "flag"].iter().filter(|key| table.has(key)).count();
    table.finish(faults);
    if asked != 1 {
        faults.push(Fault::new(span, "`lacks` has one of instruction, label, env, flag"));
    }
    instruction.or(label).or(env).or(flag)
}

/// Numbers, and texts such as `1-1023`.
fn ports(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Vec<(u16, u16)> {
    let range = |value: &::toml::Value| -> Option<(u16, u16)> {
        let (first, last) = match value {
            ::toml::Value::Integer(port) => (u16::try_from(*port).ok()?, u16::try_from(*port).ok()?),
            ::toml::Value::String(text) => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                (first.trim().parse().ok()?, last.trim().parse().ok()?)
            }
            _ => return None,
        };
        (first <= last).then_some((first, last))
    };
    let ranges = match entry.plain() {
        ::toml::Value::Array(items) if !items.is_empty() => items.iter().map(range).collect(),
        value => range(&value).map(|range| vec![range]),
    };
    ranges.unwrap_or_else(|| {
        let message = "`port` is a number from 0 to 65535, a range such as `\"1-1023\"`, or a list of them";
        faults.push(Fault::new(entry.span, message));
        Vec::new()
    })
}

fn change(
    table: &mut Fields<'_>,
    subject: &Subject,
    lacks: Option<&Lacks>,
    faults: &mut Vec<Fault>,
) -> Option<Change> {
    let insert = table.string("insert", faults);
    let replace = table.string("replace", faults);
    if let (Some(_), Some(replace)) = (&insert, &replace) {
        faults.push(Fault::new(replace.span, "a fix is `insert` or `replace`"));
    }
    if let Some(option) = insert {
        let has_place = matches!(subject, Subject::Command(_))
            || matches!((subject, lacks), (Subject::Instruction, Some(Lacks::Flag(_))));
        if !has_place {
            let message = "`insert` adds an option after a `command`, or a flag that an instruction `lacks`";
            faults.push(Fault::new(option.span, message));
        } else if !is_option(&option.value) {
            faults.push(Fault::new(option.span, "what is inserted starts with `-`"));
        }
        return Some(Change::Insert(self::text(&option, subject, faults)));
    }
    let text = replace?;
    if matches!(subject, Subject::Instruction | Subject::Stage) {
        let message = "`replace` works on what follows an instruction: a command, an image, a value…";
        faults.push(Fault::new(text.span, message));
    }
    Some(Change::Replace(self::text(&text, subject, faults)))
}

/// A message, a help or a replacement: one line with places.
fn text(text: &At<String>, subject: &Subject, faults: &mut Vec<Fault>) -> Template {
    if text.value.trim().is_empty() || text.value.contains(char::is_control) {
        faults.push(Fault::new(text.span, "this must be one line of text"));
    }
    Template::read(text, subject, faults)
}

fn required(table: &mut Fields<'_>, key: &'static str, faults: &mut Vec<Fault>) -> Patterns {
    let span = table.span();
    patterns(table, key, faults).unwrap_or_else(|| {
        if !table.has(key) {
            faults.push(Fault::new(span, format!("`{key}` is missing")));
        }
        Patterns::default()
    })
}

fn patterns(table: &mut Fields<'_>, key: &'static str, faults: &mut Vec<Fault>) -> Option<Patterns> {
    let words = table.words(key, faults)?;
    let span = words.first().map_or(table.span(), |w| w.span);
    Some(some(words, key, span, faults))
}

/// Patterns of a list that must not be empty.
fn some(words: Vec<At<String>>, key: &str, span: Span, faults: &mut Vec<Fault>) -> Patterns {
    if words.is_empty() {
        faults.push(Fault::new(span, format!("`{key}` is an empty list")));
    }
    Patterns::read(words, faults)
}

fn is_option(text: &str) -> bool {
    text.starts_with('-') && text.len() > 1 && !text.contains(char::is_whitespace)
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
