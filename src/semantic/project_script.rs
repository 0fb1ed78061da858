//! Which commands run scripts of the project.

use crate::knowledge::{Trait, program_is};

use super::Cmd;

impl Cmd<'_> {
    /// True if it runs a script of the project, by itself or by a shell.
    #[must_use]
    pub fn runs_script(&self) -> bool {
        let is_inline = || self.args().iter().any(|w| w.is("-c") || w.is("-lc") || w.is("-ec"));
        let names_file = || self.args().iter().any(|w| !w.static_prefix().starts_with('-'));
        is_script(self.program()) || program_is(self.program(), Trait::Shell) && !is_inline() && names_file()
    }
}

/// True for a program that is most likely a script of the project.
#[must_use]
pub fn is_script(program: &str) -> bool {
    [".sh", ".bash", ".ash"].iter().any(|e| program.ends_with(e))
        || program.contains("entrypoint")
        || program.contains("start")
}
