//! Rules without code: the `[match]` table of a rule file.
//!
//! A matcher is a conjunction of a fixed set of predicates over the model. At most one of them is its
//! *subject*: what it reports, and where. The others are conditions that must hold where the subject is.
//! Without a subject it reports the instructions of `instruction`, or the stages that lack something.
//! `docs/own-rules.md` shows all predicates; a test holds it against [`KEYS`].
//!
//! Texts are globs in which `*` also matches `/`, or lists of them: one must match, and none of those
//! that start with `!`. What cannot be known, because of a variable or a base image, never matches.

mod check;
mod fix;
mod lacks;
mod patterns;
mod read;
mod subjects;
mod template;
#[cfg(test)]
mod tests;

pub use check::{check, check_built_in};

use crate::syntax::Keyword;

use fix::Change;
use lacks::Lacks;
use patterns::Patterns;
use template::Template;

/// The keys of a `[match]` table.
#[cfg(any(test, feature = "internals"))]
pub const KEYS: [&str; 20] = [
    "instruction",
    "command",
    "package",
    "copy",
    "flag",
    "env",
    "arg",
    "label",
    "port",
    "image",
    "user",
    "arguments",
    "stage",
    "base",
    "runs-as",
    "lacks",
    "message",
    "help",
    "insert",
    "replace",
];

/// A `[match]` table.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    subject: Subject,
    /// The instructions that the subject may be in; all if there are none.
    instructions: Vec<Keyword>,
    stage: StageFilter,
    base: Option<ImagePattern>,
    runs_as: Option<Patterns>,
    lacks: Option<Lacks>,
    message: Template,
    help: Option<Template>,
    change: Option<Change>,
}

/// What is reported.
#[derive(Debug, Clone, Default)]
enum Subject {
    /// The instruction.
    #[default]
    Instruction,
    /// A stage, by what it starts from.
    Stage,
    Command(CommandPattern),
    Package(PackagePattern),
    Copy(CopyPattern),
    Flag(NamedPattern),
    Env(NamedPattern),
    Arg(NamedPattern),
    Label(NamedPattern),
    /// Ports from the first to the second one.
    Port(Vec<(u16, u16)>),
    Image(ImagePattern),
    User(Patterns),
    Arguments(Patterns),
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
    argument: Option<Patterns>,
    has: Vec<String>,
    lacks: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct PackagePattern {
    name: Patterns,
    /// Names of package managers; any if there are none.
    managers: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct CopyPattern {
    source: Option<Patterns>,
    destination: Option<Patterns>,
    from: Option<Origin>,
}

/// Where a copy takes its files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Context,
    Stage,
    Image,
}

#[derive(Debug, Clone, Default)]
struct NamedPattern {
    name: Patterns,
    value: Option<Patterns>,
}

#[derive(Debug, Clone, Default)]
struct ImagePattern {
    /// Registry and repository together.
    name: Option<Patterns>,
    registry: Option<Patterns>,
    repository: Option<Patterns>,
    /// Matches the empty text where no tag is written.
    tag: Option<Patterns>,
    digest: Option<bool>,
}
