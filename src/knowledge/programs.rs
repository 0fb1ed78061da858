//! What is known of programs by their names: `rules/data/programs.toml`.

use super::by_name::{ByName, by_bucket};
use table::{BUILDS, COMPILES_NATIVE, DEBIAN_PACKAGES, FETCHERS, POINTLESS, PROGRAMS};

mod table {
    use super::{Pointless, Trait, Traits};

    include!(concat!(env!("OUT_DIR"), "/programs.rs"));
}

/// Something that is true of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// It reads a script in the language of sh.
    Shell,
    /// It is a shell with `set -o pipefail`.
    HasPipefail,
    /// It is a builtin of shells, and no program, or another one as a program.
    Builtin,
    /// It changes what later commands of the same shell do.
    ChangesShell,
    /// It writes nothing into the image that is worth a word, whatever its arguments are.
    WritesNothing,
    /// It prints a line, or one for each argument.
    PrintsLines,
    /// It installs no packages.
    InstallsNothing,
    /// It does not notice when a file is not what it should be.
    TakesAnyFile,
    /// It does not fail on what a build gives it.
    NeverFails,
    /// It passes text on, and fails only if its own arguments are wrong.
    Filter,
    /// It fetches what its arguments name.
    Fetches,
    /// It runs a language that an image with another language's compiler has on purpose.
    Interpreter,
    /// Words of shells mean something to it, or it runs a script of its own.
    OwnLanguage,
    /// A person works with it when nothing is said to it.
    ToolBox,
    /// Its first word says what it does.
    HasSubcommands,
    /// It needs the tools of the build at run time, or may.
    NeedsToolchain,
    /// It starts as root by design.
    StartsAsRoot,
    /// It starts another program as another user.
    StepsDown,
}

/// What is true of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits(u32);

impl Traits {
    const fn of(mut traits: &[Trait]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = traits {
            bits |= 1 << *first as u32;
            traits = rest;
        }
        Self(bits)
    }

    /// True if this is one of them.
    #[must_use]
    pub const fn has(self, one: Trait) -> bool {
        self.0 & (1 << one as u32) != 0
    }
}

/// Why a program is pointless in a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointless {
    /// It is about the machine that builds.
    Shows,
    /// It waits for a person.
    Interactive,
    /// It stops the machine.
    Stops,
    /// There is nothing yet that it could signal.
    Signals,
    /// A build has no right to mount.
    Mounts,
    /// It needs a key and a host that answers.
    Connects,
    /// What it starts ends with its RUN.
    Starts,
    /// No systemd runs in a build.
    Systemd,
}

/// True if `what` is known of `program`.
#[must_use]
pub fn program_is(program: &str, what: Trait) -> bool {
    BY_NAME.get(program).is_some_and(|traits| traits.has(what))
}

static ROWS: [(&str, Traits); PROGRAMS.len()] = by_bucket(PROGRAMS);
static BY_NAME: ByName<Traits> = ByName::of(&ROWS);

/// The subcommands with which a program builds; empty if it does nothing else.
#[must_use]
pub fn build_subcommands(program: &str) -> Option<&'static [&'static str]> {
    find(BUILDS, program).copied()
}

/// The words with which a program fetches what a project names; empty if it always does.
#[must_use]
pub fn fetch_subcommands(program: &str) -> Option<&'static [&'static str]> {
    find(FETCHERS, program).copied()
}

/// The subcommands with which an installer compiles native code; empty if it does nothing else.
#[must_use]
pub fn native_subcommands(program: &str) -> Option<&'static [&'static str]> {
    find(COMPILES_NATIVE, program).copied()
}

/// The package of Debian that brings a program.
#[must_use]
pub fn debian_package(program: &str) -> Option<&'static str> {
    find(DEBIAN_PACKAGES, program).copied()
}

/// Why a program is pointless in a build, if it is.
#[must_use]
pub fn pointless(program: &str) -> Option<Pointless> {
    static ROWS: [(&str, Pointless); POINTLESS.len()] = by_bucket(POINTLESS);
    static BY_NAME: ByName<Pointless> = ByName::of(&ROWS);
    BY_NAME.get(program).copied()
}

fn find<T>(rows: &'static [(&'static str, T)], name: &str) -> Option<&'static T> {
    rows.binary_search_by_key(&name, |(key, _)| key).ok().and_then(|at| rows.get(at)).map(|(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_are_those_of_the_table() {
        assert!(program_is("bash", Trait::Shell) && program_is("bash", Trait::HasPipefail));
        assert!(program_is("dash", Trait::Shell) && !program_is("dash", Trait::HasPipefail));
        assert!(!program_is("", Trait::Shell) && !program_is("no-such-program", Trait::Shell));
        let programs_that_are = |what: Trait| {
            PROGRAMS.iter().filter(move |(_, traits)| traits.has(what)).map(|(program, _)| *program)
        };
        let shells: Vec<&str> = programs_that_are(Trait::Shell).collect();
        assert_eq!(shells, ["ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"]);
        assert!(programs_that_are(Trait::HasPipefail).all(|p| program_is(p, Trait::Shell)));
    }
}
