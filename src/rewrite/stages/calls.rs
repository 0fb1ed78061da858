//! What the sources of a project call that a small image may lack.

use crate::knowledge::calls;

use super::super::sources::{names_caller, runtime_sources};
use super::{Case, NoProposal, Try};

/// Why a program stays on the image that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// Its sources start other programs.
    Calls,
    /// It is not known whether they do.
    Unknown,
    /// Prisma needs OpenSSL.
    Prisma,
}

impl Tie {
    pub(super) const fn why(self) -> &'static str {
        match self {
            Self::Calls => "the sources start other programs, which a smaller image may lack",
            Self::Unknown => "whether the sources start programs that a smaller image lacks is not known",
            Self::Prisma => "the engine of Prisma needs OpenSSL, which the smaller image lacks",
        }
    }
}

impl Case<'_> {
    /// What ties the program to the image that it is built in.
    pub(super) fn tie(&self) -> Option<Tie> {
        let calls = calls(match self.image.repository() {
            "golang" => "go",
            "maven" | "gradle" | "openjdk" | "eclipse-temurin" => "java",
            "sdk" => "dotnet",
            other => other,
        })?;
        let packages = self.model.run_commands().filter(|cmd| cmd.usage.manager.is_some_and(|m| !m.system));
        if packages.flat_map(|cmd| cmd.packages()).any(|package| names_caller(calls, &package.name)) {
            return Some(Tie::Calls);
        }
        let files = self.files();
        match files.and_then(|files| self.sources.call(&files, calls)) {
            Some(true) => Some(Tie::Calls),
            None => Some(Tie::Unknown),
            Some(false) => {
                let prisma = self.model.prisma().filter(|prisma| prisma.needs_openssl);
                prisma.filter(|_| matches!(calls.name, "node" | "python" | "ruby")).map(|_| Tie::Prisma)
            }
        }
    }

    /// Refuses where the program may start others, which the image that it would be moved to lacks.
    pub(super) fn untied(&self) -> Try<()> {
        match self.tie() {
            None => Ok(()),
            Some(tie) => Err(NoProposal::at(self.model, self.stage.steps.start, tie.why())),
        }
    }

    /// True if a source of Node.js that runs has one of the words in it, or if that is not known.
    pub(super) fn sources_say(&self, language: &str, words: &[&str]) -> bool {
        let (Some(files), Some(calls)) = (self.files(), calls(language)) else { return true };
        let sources: Vec<&str> = runtime_sources(&files, calls).collect();
        self.sources.say(&sources, words) != Some(false)
    }

    fn files(&self) -> Option<Vec<&str>> {
        self.project.files.map(|files| files.iter().map(String::as_str).collect())
    }
}
