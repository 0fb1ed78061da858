//! Files that come where a folder is, and folders where a file is, as buildah 1.39.3 and Docker Engine 26.1.5 took them.

use std::collections::HashMap;

use crate::knowledge::ImageKind;
use crate::syntax::Kind;
use crate::text::Span;

use super::paths::base_name;
use super::{Analysis, Base, CopyFrom, CopySource, CopyUse, PerStage, Stage, facts};

/// How many paths of a stage are kept in mind.
const MAX_PATHS: usize = 256;

/// Folders that every system has.
pub const SYSTEM: [&str; 19] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run",
    "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// An instruction whose files meet something of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The step.
    pub step: usize,
    /// The words that bring the files.
    pub span: Span,
    /// The path where both are.
    pub path: String,
    /// The earlier step, which has put the other one there.
    pub earlier: usize,
    /// What comes where what is.
    pub kind: ClashKind,
}

/// What comes where what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClashKind {
    /// A file where a folder is: BuildKit refuses that, and the others put the file in its place.
    FileOntoFolder,
    /// Something below a file, as if that were a folder: all builders refuse it.
    BelowFile,
}

/// What is at a path of the image, and the step that has put it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    File(usize),
    Folder(usize),
}

/// What instructions have put into a stage so far, by path; a folder of which nobody knows is not there.
type Paths = HashMap<String, There>;

impl Analysis {
    /// The files that come where a folder is, and the other way round, as far as that is sure.
    #[must_use]
    pub fn clashes(&self) -> Vec<Clash> {
        let mut found = Vec::new();
        let mut ends: PerStage<Paths> = PerStage::with_capacity(self.stages.len());
        for stage in &self.stages {
            let start = match stage.base {
                Base::Stage(parent) => ends.get(parent).cloned().unwrap_or_default(),
                _ => Paths::new(),
            };
            let mut reader = Reader { model: self, stage, ends: &ends, paths: start, found: Vec::new() };
            for step in stage.steps.clone().skip(1).filter(|step| !self.is_trigger(*step)) {
                reader.step(step);
            }
            let Reader { paths, found: own, .. } = reader;
            if stage.reachable {
                found.extend(own);
            }
            ends.push(paths);
        }
        found
    }
}

struct Reader<'a> {
    model: &'a Analysis,
    stage: &'a Stage,
    ends: &'a PerStage<Paths>,
    paths: Paths,
    found: Vec<Clash>,
}

impl Reader<'_> {
    fn step(&mut self, step: usize) {
        let model = self.model;
        let instruction = model.instruction(step);
        match &instruction.kind {
            Kind::Workdir(Some(word)) => {
                let at = model.workdirs.binary_search_by_key(&step, |workdir| workdir.step).ok();
                let path = at.and_then(|at| model.workdirs.get(at)?.path.known());
                if let Some(path) = path {
                    self.is_below_file(path, true, step, word.span);
                    self.put_folder(path, step);
                }
            }
            Kind::Copy(_) | Kind::Add(_) => {
                // Those with --link are layers of their own, in which nothing else is.
                let is_plain = ["link", "parents"].iter().all(|flag| instruction.flag(flag).is_none());
                let copies = model.copies_of(step).iter().filter(|copy| !copy.mount);
                copies
                    .filter(|_| is_plain && instruction.heredocs.is_empty())
                    .for_each(|copy| self.copy(copy));
            }
            // A script may do anything with what it names.
            Kind::Run(_) if !self.paths.is_empty() => {
                let text = model.text(instruction.span);
                let moves =
                    ["rm ", "mv ", "ln ", "install ", "find ", "<<"].iter().any(|word| text.contains(word));
                self.paths.retain(|path, _| !moves && !text.contains(base_name(path)));
            }
            _ => {}
        }
    }

    fn copy(&mut self, copy: &CopyUse) {
        let Some(destination) = copy.destination.known() else { return };
        let folder = destination.trim_end_matches('/');
        let into = destination.ends_with('/') || matches!(self.paths.get(folder), Some(There::Folder(_)));
        let kinds: Vec<Option<bool>> = copy.sources.iter().map(|source| self.is_file(copy, source)).collect();
        let whole = copy.sources.first().zip(copy.sources.last()).map(|(a, z)| a.span.to(z.span));
        let Some(span) = whole.filter(|_| destination.starts_with('/')) else { return };
        let opens = into || kinds.contains(&Some(false));
        if self.is_below_file(folder, opens, copy.step, span) || copy.sources.len() > 1 && !into {
            return;
        }
        if opens {
            self.put_folder(folder, copy.step);
        }
        for (source, is_file) in copy.sources.iter().zip(kinds) {
            if is_file != Some(true) {
                continue;
            }
            let name =
                source.value.known().map(|path| base_name(path.trim_end_matches('/'))).unwrap_or_default();
            let path = if into { format!("{folder}/{name}") } else { folder.to_owned() };
            match self.paths.get(&path) {
                Some(There::Folder(earlier)) => self.found.push(Clash {
                    step: copy.step,
                    span: source.span,
                    earlier: *earlier,
                    kind: ClashKind::FileOntoFolder,
                    path,
                }),
                _ if into || self.is_nowhere_below(&path) => self.put(path, There::File(copy.step)),
                _ => {}
            }
        }
    }

    /// Notes it if something is to come below a file, or, if that path `opens` as a folder, in its place.
    fn is_below_file(&mut self, path: &str, opens: bool, step: usize, span: Span) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain(opens.then_some(path.len()));
        let file = ends.filter_map(|end| path.get(..end)).find_map(|path| match self.paths.get(path) {
            Some(There::File(earlier)) => Some((path.to_owned(), *earlier)),
            _ => None,
        });
        let Some((path, earlier)) = file else { return false };
        self.found.push(Clash { step, span, path, earlier, kind: ClashKind::BelowFile });
        true
    }

    fn put_folder(&mut self, path: &str, step: usize) {
        let path = path.trim_end_matches('/');
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
        for path in ends.filter_map(|end| path.get(..end)).filter(|path| !path.is_empty()) {
            if !self.paths.contains_key(path) {
                self.put(path.to_owned(), There::Folder(step));
            }
        }
    }

    fn put(&mut self, path: String, there: There) {
        if self.paths.len() < MAX_PATHS {
            self.paths.insert(path, there);
        }
    }

    /// True if surely no folder of this path is in the base image, so that a file gets this name.
    fn is_nowhere_below(&self, path: &str) -> bool {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match self.model.root_base(self.stage) {
            Base::Scratch => true,
            Base::Image(image) => facts(image).is_some_and(|known| {
                let starts_in = known.workdir.unwrap_or("/");
                let is_plain =
                    matches!(known.kind, Some(ImageKind::Os | ImageKind::Runtime | ImageKind::Sdk));
                is_plain && !SYSTEM.contains(&first) && !starts_in.starts_with(path)
            }),
            _ => false,
        }
    }

    /// Whether a source is a file, or a folder; `None` if that is not known.
    fn is_file(&self, copy: &CopyUse, source: &CopySource) -> Option<bool> {
        let path = source.value.known().filter(|path| !path.contains(['*', '?', '[', '\\']))?;
        let path = path.trim_start_matches("./").trim_matches('/');
        if let CopyFrom::Stage(stage) = copy.from {
            return match self.ends.get(stage)?.get(&format!("/{path}"))? {
                There::File(_) => Some(true),
                There::Folder(_) => Some(false),
            };
        }
        if copy.add || path.is_empty() || path == "." {
            return (!copy.add && (path.is_empty() || path == ".")).then_some(false);
        }
        let taken = self.model.taken(copy)?;
        let largest = || taken.largest.iter().map(|file| file.path.as_str());
        if largest().any(|file| file == path) {
            return Some(true);
        }
        largest()
            .any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
            .then_some(false)
    }
}
