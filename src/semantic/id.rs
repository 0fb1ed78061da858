/// Which command of a model: its place in the order of the file, see [`Model::command`](super::Model::command).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(super) u32);

/// Which script of a model: its place in the order of the file, see [`Model::script`](super::Model::script).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScriptId(pub(super) u32);

impl CommandId {
    pub(super) fn of(index: usize) -> Self {
        Self(number(index))
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ScriptId {
    pub(crate) fn of(index: usize) -> Self {
        Self(number(index))
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Places in a file are 32 bits wide, so that there are never more commands or scripts in one.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
