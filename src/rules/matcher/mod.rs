//! Rules without code: the `[match]` table of a rule file.
//!
//! A matcher is a conjunction of a fixed set of predicates over the model. Its *subject* is what it
//! reports, and where: `command`, `flag`, `env`, `port`, `image` or `user`, the first of these that is
//! given, or else the instruction. The others must hold at the subject's instruction.
//!
//! ```toml
//! [match]
//! instruction = "RUN"               # or a list; without it, those that the subject can be in
//! stage   = "final"                 # final, build (any other) or any
//! command = { name = "apt-get", subcommand = "install", has = ["-y"], lacks = ["--no-install-recommends"] }
//! flag    = { name = "platform", value = "linux/*" }
//! env     = { name = "*_PROXY", value = "http:*" }     # of ENV, LABEL or ARG; ENV without `instruction`
//! port    = 22
//! image   = { registry = "docker.io", repository = "node", tag = ["", "latest"], digest = false }
//! user    = "root"                  # of USER; for other subjects, who the step runs as
//! message = "`{command} {subcommand}` asks"
//! help    = "add `-y`"
//! ```
//!
//! Texts are globs in which `*` also matches `/`, or lists of them. `image` is the one that the stage
//! starts from. The message may hold `{instruction}`, `{command}`, `{subcommand}`, `{image}`, `{tag}`,
//! `{flag}`, `{name}`, `{value}`, `{user}` and `{port}`: what the subject has at that place.

mod check;
mod read;
#[cfg(test)]
mod tests;

pub use check::{check, check_built_in};

use globset::GlobMatcher;

use crate::syntax::Keyword;

/// A `[match]` table.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    instructions: Vec<Keyword>,
    stage: StageFilter,
    command: Option<CommandPattern>,
    flag: Option<NamedPattern>,
    env: Option<NamedPattern>,
    port: Option<u16>,
    image: Option<ImagePattern>,
    user: Option<Patterns>,
    message: Template,
    help: Option<Template>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum StageFilter {
    #[default]
    Any,
    /// The files of the stage become part of the final image.
    Final,
    /// They do not.
    Build,
}

#[derive(Debug, Clone, Default)]
struct CommandPattern {
    name: Patterns,
    subcommand: Option<Patterns>,
    has: Vec<String>,
    lacks: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct NamedPattern {
    name: Patterns,
    value: Option<Patterns>,
}

#[derive(Debug, Clone, Default)]
struct ImagePattern {
    registry: Option<Patterns>,
    repository: Option<Patterns>,
    /// Matches the empty text where no tag is written.
    tag: Option<Patterns>,
    digest: Option<bool>,
}

/// Some globs, one of which must match.
#[derive(Debug, Clone, Default)]
struct Patterns(Vec<Pattern>);

#[derive(Debug, Clone)]
enum Pattern {
    Literal(String),
    Glob(GlobMatcher),
}

impl Patterns {
    fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|p| match p {
            Pattern::Literal(literal) => literal == text,
            Pattern::Glob(glob) => glob.is_match(text),
        })
    }
}

/// A text with places for what was found.
#[derive(Debug, Clone, Default)]
struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Place),
}

/// What a template can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Instruction,
    Command,
    Subcommand,
    Image,
    Tag,
    Flag,
    Name,
    Value,
    User,
    Port,
}

impl Place {
    const ALL: [(&'static str, Self); 10] = [
        ("instruction", Self::Instruction),
        ("command", Self::Command),
        ("subcommand", Self::Subcommand),
        ("image", Self::Image),
        ("tag", Self::Tag),
        ("flag", Self::Flag),
        ("name", Self::Name),
        ("value", Self::Value),
        ("user", Self::User),
        ("port", Self::Port),
    ];
}
