//! Single paths of the build context: what they weigh, and what ADD unpacks them to.

use std::collections::BTreeMap;

use super::touched::Touched;
use super::{Cmd, CommandId, CopyFrom, CopyUse, Model, ScriptKind, SourceKind, Stage};
use crate::text::Gather;

/// At most this many paths are looked at for one Dockerfile.
const MAX_PATHS: usize = 64;

/// Something to look at in the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// The path in the context, which may have wildcards if an archive is looked for.
    pub path: String,
    /// True for a source of ADD, which may be an archive.
    pub added: bool,
}

/// What a file or folder of the build context weighs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weight {
    /// Its path in the context.
    pub path: String,
    /// True for a folder.
    pub folder: bool,
    /// Bytes of what the ignore file leaves of it, each name of a hard link counted.
    pub bytes: u64,
    /// What ADD makes of it.
    pub unpacks: Unpacks,
}

/// What ADD makes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unpacks {
    /// It copies it: this is no archive that it unpacks.
    #[default]
    Nothing,
    /// It unpacks it to so many bytes.
    To(u64),
    /// It unpacks it, and nobody has counted what comes out.
    Unknown,
}

/// What was looked at, by the paths that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weights(BTreeMap<String, Vec<Weight>>);

impl FromIterator<(String, Vec<Weight>)> for Weights {
    fn from_iter<I: IntoIterator<Item = (String, Vec<Weight>)>>(weights: I) -> Self {
        Self(weights.into_iter().gather())
    }
}

impl Weights {
    /// What was found at the path, or what its wildcards hit.
    #[must_use]
    pub fn at(&self, path: &str) -> &[Weight] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }
}

/// A folder of the build context that a command fills in the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledBeside {
    /// The command.
    pub command: CommandId,
    /// The folder in the context: `web/node_modules`.
    pub folder: String,
    /// Files in it of which its package manager leaves one: without, the folder is somebody else's.
    pub marks: &'static [&'static str],
    /// True if the command installs no more than a part of it: what only development needs is left out, or may be.
    pub is_part: bool,
}

/// What lies in a folder of the build context, whether it is sent or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder.
    pub beside: InstalledBeside,
    /// Bytes of the files in it.
    pub bytes: u64,
}

impl Model {
    /// What to look at in the build context: the sources of ADD, and what commands write anew of what was copied.
    #[must_use]
    pub fn weighed(&self) -> Vec<Weighed> {
        let mut found: Vec<Weighed> = Vec::new();
        let mut add = |path: String, added: bool| {
            if found.len() < MAX_PATHS && !found.iter().any(|w| w.path == path && w.added == added) {
                found.push(Weighed { path, added });
            }
        };
        let reachable = |step: usize| self.stage_of(step).is_some_and(|s| s.reachable);
        for copy in self.copies.iter().filter(|c| c.can_unpack() && reachable(c.step)) {
            let sources = copy.sources.iter().filter(|s| s.kind == SourceKind::Path);
            sources.filter_map(|s| s.value.known()).for_each(|path| add(path.to_owned(), true));
        }
        if self.copies.is_empty() {
            return found;
        }
        for cmd in self.commands() {
            let script = cmd.script();
            if script.kind != ScriptKind::Run || script.onbuild || !reachable(cmd.step()) {
                continue;
            }
            let Some(stage) = cmd.stage() else { continue };
            for path in cmd.written_anew() {
                if let Some(source) = self.context_path(stage, cmd.step(), &path) {
                    add(source, false);
                }
            }
        }
        found
    }

    /// The path of the build context that is at `path` of the image before `step`, if a copy brings it by
    /// itself or in a folder.
    #[must_use]
    pub fn context_path(&self, stage: &Stage, step: usize, path: &str) -> Option<String> {
        let path = path.trim_end_matches('/');
        if path.contains(['*', '?', '[']) || path.starts_with('~') {
            return None;
        }
        self.source_of(stage, step, path, false)
    }
}

impl CopyUse {
    /// True for an ADD that unpacks the archives among its sources.
    #[must_use]
    pub fn can_unpack(&self) -> bool {
        self.add && !self.mount && !self.onbuild && self.from == CopyFrom::Context
    }
}

impl Cmd<'_> {
    /// The absolute paths that it writes anew if there are files: those that it names, and those that its output
    /// is appended to.
    #[must_use]
    pub fn written_anew(&self) -> Vec<String> {
        use crate::shell::RedirectKind::{Append, AppendBoth, ReadWrite};
        let files = self.touched().map_or_else(Vec::new, |Touched { files, .. }| files);
        let appended =
            self.shell().redirects.iter().filter(|r| matches!(r.kind, Append | AppendBoth | ReadWrite));
        let tee = self.program() == "tee" && self.has_any_flag(&["-a", "--append"]);
        let tee = self.plain_words().filter(|_| tee);
        let words = files.into_iter().chain(appended.filter_map(|r| r.target.as_ref())).chain(tee);
        words.flat_map(|word| self.paths_of(word)).collect()
    }
}
