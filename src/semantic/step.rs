use crate::shell::Dialect;
use crate::syntax::Value;

use super::per_stage::StageId;

/// An instruction in its stage, and what holds before it runs.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The stage; `None` before the first FROM.
    pub stage: Option<StageId>,
    /// What holds before the instruction; behind ONBUILD, in a build that runs it after the triggers before it.
    pub state: State,
}

/// The settings that instructions inherit. Each is the number of the setting in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The USER that counts: its step. `None` if no USER came before.
    pub user: Option<usize>,
    /// The WORKDIR that counts, as index into [`super::Model::workdirs`]; `None` is the base image's.
    pub workdir: Option<usize>,
    /// The SHELL that counts: its step. `None` is the default shell.
    pub shell: Option<usize>,
    /// The language of shell forms.
    pub dialect: Dialect,
}

impl State {
    /// This, where it says something, and else what `below` says.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            user: self.user.or(below.user),
            workdir: self.workdir.or(below.workdir),
            shell: self.shell.or(below.shell),
            dialect: if self.shell.is_some() { self.dialect } else { below.dialect },
        }
    }
}

/// A WORKDIR and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workdir {
    /// The step that sets it.
    pub step: usize,
    /// The absolute path, where it is known.
    pub path: Value,
}
