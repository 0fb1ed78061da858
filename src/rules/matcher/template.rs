//! Texts with places for what was found.

use crate::text::nearest;
use crate::text::toml::{At, Fault};

use super::Subject;

/// A text with places.
#[derive(Debug, Clone, Default)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Place),
}

/// What a template can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Instruction,
    Stage,
    Base,
    RunsAs,
    Command,
    Subcommand,
    Argument,
    Flag,
    Package,
    Manager,
    Source,
    Destination,
    Name,
    Value,
    Port,
    Image,
    Tag,
    User,
    Arguments,
}

/// What each subject has: where it is, and what holds there.
const EVERYWHERE: [Place; 4] = [Place::Instruction, Place::Stage, Place::Base, Place::RunsAs];

impl Place {
    const ALL: [(&'static str, Self); 19] = [
        ("instruction", Self::Instruction),
        ("stage", Self::Stage),
        ("base", Self::Base),
        ("runs-as", Self::RunsAs),
        ("command", Self::Command),
        ("subcommand", Self::Subcommand),
        ("argument", Self::Argument),
        ("flag", Self::Flag),
        ("package", Self::Package),
        ("manager", Self::Manager),
        ("source", Self::Source),
        ("destination", Self::Destination),
        ("name", Self::Name),
        ("value", Self::Value),
        ("port", Self::Port),
        ("image", Self::Image),
        ("tag", Self::Tag),
        ("user", Self::User),
        ("arguments", Self::Arguments),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, place)| *place == self).map_or("", |(name, _)| name)
    }
}

impl Subject {
    /// What it has beside what each subject has.
    fn places(&self) -> &'static [Place] {
        match self {
            Self::Instruction | Self::Stage => &[],
            Self::Command(_) => &[Place::Command, Place::Subcommand, Place::Argument, Place::Flag],
            Self::Package(_) => &[Place::Package, Place::Manager, Place::Command, Place::Subcommand],
            Self::Copy(_) => &[Place::Source, Place::Destination],
            Self::Flag(_) => &[Place::Flag, Place::Name, Place::Value],
            Self::Env(_) | Self::Arg(_) | Self::Label(_) => &[Place::Name, Place::Value],
            Self::Port(_) => &[Place::Port],
            Self::Image(_) => &[Place::Image, Place::Tag],
            Self::User(_) => &[Place::User],
            Self::Arguments(_) => &[Place::Arguments],
        }
    }
}

impl Template {
    /// Reads a text in which `{name}` stands for what the subject has, and `{{` for a brace.
    pub(super) fn read(text: &At<String>, subject: &Subject, faults: &mut Vec<Fault>) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.value.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, behind) = rest.split_at(at);
            plain.push_str(before);
            let brace = &behind[..1];
            if behind[1..].starts_with(brace) {
                plain.push_str(brace);
                rest = &behind[2..];
                continue;
            }
            let Some((name, after)) = behind[1..].split_once('}').filter(|_| brace == "{") else {
                let message = format!("a `{brace}` by itself");
                faults.push(Fault::new(text.span, message).help(format!("write `{brace}{brace}` for one")));
                return Self::default();
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            match place(name, subject) {
                Ok(place) => pieces.push(Piece::Place(place)),
                Err(fault) => faults.push(Fault { span: text.span, ..fault }),
            }
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Self(pieces)
    }

    /// The text with what `show` gives for its places.
    pub(super) fn fill(&self, show: impl Fn(Place) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(place) => show(*place),
        };
        self.0.iter().map(piece).collect()
    }

    /// The same, if there is something for each place.
    pub(super) fn fill_all(&self, show: impl Fn(Place) -> String) -> Option<String> {
        let missing = std::cell::Cell::new(false);
        let text = self.fill(|place| {
            let text = show(place);
            missing.set(missing.get() || text.is_empty());
            text
        });
        (!missing.get()).then_some(text)
    }
}

fn place(name: &str, subject: &Subject) -> Result<Place, Fault> {
    let shown: String = name.chars().take(60).collect();
    let fault = |message: String| Fault::new(Default::default(), message);
    let own = || EVERYWHERE.iter().chain(subject.places());
    let Some((_, place)) = Place::ALL.iter().find(|(n, _)| *n == name) else {
        let near = nearest(name, Place::ALL.iter().map(|(n, _)| *n));
        let fault = fault(format!("`{{{shown}}}` has no meaning"));
        return Err(match near {
            Some(_) => fault.suggest(near),
            None => fault.help(format!("write `{{{{{shown}}}}}` for braces")),
        });
    };
    if own().any(|own| own == place) {
        return Ok(*place);
    }
    let names: Vec<&str> = own().map(|place| place.name()).collect();
    Err(fault(format!("`{{{shown}}}` has no meaning in this rule"))
        .help(format!("it has {}", names.join(", "))))
}
