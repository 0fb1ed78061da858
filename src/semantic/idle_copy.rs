//! Copies of sources between the manifests of a project and the install that reads those alone.

use dockerignore::filepath::clean;

use crate::context::SourceStatus;
use crate::knowledge::{Action, ManagerId};
use crate::syntax::Keyword;

use super::Analysis;
use super::copy::{CopyFrom, CopyUse, SourceKind};
use super::install::{Install, MAX_INSTALLS};
use super::project::LeftOut;

/// A COPY of sources before an install that reads nothing of it.
#[derive(Debug, Clone)]
pub struct IdleCopy<'m> {
    /// The install.
    pub install: Install<'m>,
    /// Index into [`Model::copies`](super::Model::copies).
    pub copy: usize,
    /// Index into its sources.
    pub source: usize,
    /// The copies behind it that the install does not read either.
    pub others: Vec<usize>,
}

impl Analysis {
    /// Copies of folders that an install after them surely does not read, each once: its manifests were copied by
    /// themselves, and the build context shows that they name no other files.
    #[must_use]
    pub fn idle_copies(&self) -> Vec<IdleCopy<'_>> {
        let mut found: Vec<IdleCopy<'_>> = Vec::new();
        if self.context().is_none() {
            return found;
        }
        let left_out = LeftOut::of(self);
        for install in self.installs().take(MAX_INSTALLS).filter(|i| !i.builds) {
            let idle = self.idle_copy(install, &left_out);
            found.extend(idle.filter(|idle| found.iter().all(|other| other.copy != idle.copy)));
        }
        found
    }

    fn idle_copy<'m>(&'m self, install: Install<'m>, left_out: &LeftOut<'_>) -> Option<IdleCopy<'m>> {
        let step = install.cmd.step();
        let stage = install.cmd.stage().filter(|s| s.reachable)?;
        let id = install.manager.id;
        let is_plain = id == ManagerId::Pip || ManagerId::OF_NODE_MODULES.contains(&id);
        // Another command of the RUN may be what needs the sources.
        let alone = self
            .commands_of(step)
            .all(|c| c.id() == install.cmd.id() || c.is(id, Action::Clean) || c.program() == "rm");
        if !is_plain || !alone || !self.instruction(step).mounts.is_empty() {
            return None;
        }
        if self.sources_before(&install).is_some() {
            return None;
        }
        let first = self.manifests_first(&install)?;
        let is_there = |path: &&String| self.manifest_is_there(path) == Some(true);
        let manifests: Vec<String> = first.files.iter().filter(is_there).cloned().collect();
        if manifests.iter().all(|path| install.files.is_empty() && install.is_lock(path)) {
            return None;
        }
        let files = self.files_of(&install, &first, &manifests, left_out).ok()?;
        if !files.iter().all(|path| self.is_copied_alone(path, step, &install, &first)) {
            return None;
        }
        let movable = |copy: &CopyUse| {
            stage.steps.contains(&copy.step)
                && (copy.step + 1..step).all(|between| self.instruction(between).keyword != Keyword::Run)
        };
        let copies = self.copies.iter().enumerate().take_while(|(_, copy)| copy.step < step);
        let mut folders = copies
            .filter(|(_, c)| c.from == CopyFrom::Context && !c.mount && !c.onbuild && movable(c))
            .filter_map(|(number, copy)| Some((number, self.idle_source(copy, &files)?)));
        let (copy, source) = folders.next()?;
        let others = folders.map(|(copy, _)| copy).collect();
        Some(IdleCopy { install, copy, source, others })
    }

    /// The only source of `copy`, if it is a folder that holds none of `files`.
    fn idle_source(&self, copy: &CopyUse, files: &[String]) -> Option<usize> {
        let [source] = copy.sources.as_slice() else { return None };
        let path = source.value.known().filter(|_| source.kind == SourceKind::Path)?;
        let path = clean(&format!("/{path}"));
        let folder = format!("{}/", path.trim_start_matches('/'));
        let result = self.taken(copy)?.sources.get(source.asked?)?;
        let is_folder = result.status == SourceStatus::Found && result.total.files > 1;
        let apart = folder != "/" && !path.contains('*') && !files.iter().any(|f| f.starts_with(&folder));
        (is_folder && apart).then_some(0)
    }
}
