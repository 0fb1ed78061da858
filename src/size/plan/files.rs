//! The files that a stage has at a step, as far as anything is known of them: what COPY brought, and what commands
//! made of it.

use crate::semantic::{Analysis, CopyFrom, CopyUse, Stage, Touch, Touched, covers};

/// More steps of unknown effect are not told apart.
const MAX_MURKY: usize = 64;

/// More paths of a stage are not followed: from then on, nothing is known of any.
const MAX_FILES: usize = 1000;

/// Paths that are folders in any image.
const FOLDERS: [&str; 26] = [
    "/bin",
    "/etc",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/sbin",
    "/usr/share",
    "/usr/src",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/run",
];

/// What is known of the files at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct There {
    /// Bytes, each name of a hard link counted.
    pub(super) bytes: u64,
    /// The least that it may be: files may have been removed.
    pub(super) least: u64,
    /// The most: an edit may have made a file longer.
    pub(super) most: u64,
    /// True if there may be more, of which nothing is known.
    pub(super) more: bool,
}

impl There {
    /// Files of just so many bytes.
    pub(super) const fn exactly(bytes: u64) -> Self {
        Self { bytes, least: bytes, most: bytes, more: false }
    }
}

/// A file or folder that a command made of known ones.
#[derive(Debug)]
struct Made {
    path: String,
    there: There,
    /// Where its bytes were before, if they are there no more.
    from: Option<String>,
}

/// The files of one stage, step by step.
pub(super) struct Files<'m> {
    model: &'m Analysis,
    stage: &'m Stage,
    made: Vec<Made>,
    /// Paths that commands have moved or removed.
    gone: Vec<String>,
    /// Paths that the present RUN has written: they are in its layer already.
    fresh: Vec<String>,
    /// Folders that the present RUN has unpacked something into.
    poured: Vec<String>,
    /// Earlier steps that may have written anything.
    murky: Vec<usize>,
    /// True once there were more paths than are followed.
    lost: bool,
}

impl<'m> Files<'m> {
    pub(super) fn new(model: &'m Analysis, stage: &'m Stage) -> Self {
        Self {
            model,
            stage,
            made: Vec::new(),
            gone: Vec::new(),
            fresh: Vec::new(),
            poured: Vec::new(),
            murky: Vec::new(),
            lost: false,
        }
    }

    /// Begins the next RUN; `murky` if the one before may have written anything.
    pub(super) fn next(&mut self, before: Option<usize>) {
        self.fresh.clear();
        self.poured.clear();
        if self.murky.len() < MAX_MURKY {
            self.murky.extend(before);
        }
    }

    /// True if the present RUN has written what is at `path`.
    pub(super) fn is_fresh(&self, path: &str) -> bool {
        let path = trimmed(path);
        // What is below such a folder is most likely of the archive.
        let is_of_archive = |folder: &String| folder != path && covers(folder, path);
        !self.lost && (self.fresh.iter().any(|f| covers(f, path)) || self.poured.iter().any(is_of_archive))
    }

    /// True if one more path is followed.
    fn has_room(&mut self) -> bool {
        let known = self.made.len() + self.gone.len() + self.fresh.len() + self.poured.len();
        self.lost |= known >= MAX_FILES;
        !self.lost
    }

    /// True once there were more paths than are followed: nothing is known of any.
    pub(super) const fn is_lost(&self) -> bool {
        self.lost
    }

    /// True if the present RUN has written something below `folder`.
    pub(super) fn has_fresh_below(&self, folder: &str) -> bool {
        self.fresh.iter().any(|fresh| covers(trimmed(folder), fresh))
    }

    /// True if an earlier step may have put a file at `path`: a copy, or a RUN that names it.
    pub(super) fn may_be_there(&self, step: usize, path: &str) -> bool {
        if self.lost {
            return true;
        }
        let path = trimmed(path);
        let system =
            ["/usr/", "/bin/", "/lib", "/sbin/", "/etc/", "/opt/"].iter().any(|f| path.starts_with(f));
        let named = |s: &usize| *s < step && self.model.instruction(*s).logical.text().contains(path);
        let from_stage = self.model.copies_before(self.stage, step).any(|copy| {
            let targets = copy.targets();
            copy.from != CopyFrom::Context
                && (targets.is_empty() || targets.iter().any(|t| covers(t, path) && t != path))
        });
        system || from_stage || self.murky.iter().any(named) || self.is_murky(step, path)
    }

    /// Remembers that the present RUN has written `path`.
    pub(super) fn write(&mut self, path: &str) {
        if !self.has_room() {
            return;
        }
        self.gone.retain(|gone| !covers(trimmed(path), gone));
        self.fresh.push(trimmed(path).to_owned());
    }

    /// Remembers that the present RUN has unpacked something into `folder`.
    pub(super) fn pour(&mut self, folder: &str) {
        if self.has_room() {
            self.poured.push(trimmed(folder).to_owned());
        }
    }

    /// Remembers a file of known size that the present RUN has made.
    pub(super) fn make(&mut self, path: &str, bytes: u64) {
        self.put(path, There::exactly(bytes), None);
    }

    /// Remembers what a copied file has become.
    pub(super) fn change(&mut self, path: &str, there: There) {
        self.put(path, there, Some(trimmed(path).to_owned()));
    }

    fn put(&mut self, path: &str, there: There, from: Option<String>) {
        self.write(path);
        if self.lost {
            return;
        }
        self.made.retain(|made| made.path != trimmed(path));
        self.made.push(Made { path: trimmed(path).to_owned(), there, from });
    }

    /// Remembers that `path` is removed.
    pub(super) fn remove(&mut self, path: &str) {
        let path = trimmed(path);
        if path.is_empty() || !self.has_room() {
            return;
        }
        self.made.retain(|made| !covers(path, &made.path));
        self.fresh.retain(|fresh| !covers(path, fresh));
        self.gone.push(path.to_owned());
    }

    /// Remembers where copies and moved files are after a command.
    pub(super) fn follow(&mut self, touched: &Touched<'_>, path: &str, to: &str, there: Option<There>) {
        if !self.has_room() {
            return;
        }
        // All that a wildcard hits is poured into the folder.
        let pours = path.ends_with(['/', '*']);
        let (path, folder) =
            (trimmed(path), to.ends_with('/') || touched.files.len() > 1 || self.is_folder(to));
        let name = path.rsplit('/').next().unwrap_or("");
        let target =
            if folder && !pours { format!("{}/{name}", trimmed(to)) } else { trimmed(to).to_owned() };
        match there.filter(|there| !there.more) {
            Some(there) => {
                let from = (touched.how == Touch::Move).then(|| path.to_owned());
                self.put(&target, there, from);
            }
            None => self.write(&target),
        }
        if touched.how == Touch::Move {
            self.made.retain(|made| !covers(path, &made.path) || made.from.as_deref() == Some(path));
            self.gone.push(path.to_owned());
        }
    }

    /// What is at `path` before `step`; `None` if nothing is known of it.
    pub(super) fn at(&self, step: usize, path: &str) -> Option<There> {
        let path = trimmed(path);
        if path.is_empty() {
            return None;
        }
        if self.lost {
            return Some(There { more: true, ..There::default() });
        }
        if let Some(made) = self.made.iter().rev().find(|made| made.path == path) {
            return Some(made.there);
        }
        let (mut sum, mut longer, mut shorter) = (There::default(), 0_u64, 0_u64);
        let mut found = false;
        for copy in self.copies(step, path) {
            found = true;
            match self.model.taken(copy).filter(|_| !copy.can_unpack() || !self.unpacks(copy)) {
                Some(taken) => sum.bytes = sum.bytes.saturating_add(taken.apart),
                None => sum.more = true,
            }
        }
        if !found && let Some(bytes) = self.within_a_copy(step, path) {
            found = true;
            sum.bytes = bytes;
        }
        for made in self.made.iter().filter(|made| covers(path, &made.path)) {
            // What was moved within the folder was counted where it came from.
            if !made.from.as_ref().is_some_and(|from| found && covers(path, from)) {
                sum.bytes = sum.bytes.saturating_add(made.there.bytes);
            }
            longer = longer.saturating_add(made.there.most.saturating_sub(made.there.bytes));
            shorter = shorter.saturating_add(made.there.bytes.saturating_sub(made.there.least));
            found = true;
        }
        if !found {
            return None;
        }
        let missing = self.gone.iter().any(|gone| covers(path, gone) && gone != path);
        sum.least = if missing { 0 } else { sum.bytes.saturating_sub(shorter) };
        sum.most = sum.bytes.saturating_add(longer);
        sum.more |= self.is_murky(step, path);
        Some(sum)
    }

    /// The copies that brought all that they have to `path` or below it, and are still there.
    pub(super) fn copies(&self, step: usize, path: &str) -> Vec<&'m CopyUse> {
        let mut copies = self.model.copies_within(self.stage, step, &[trimmed(path).to_owned()]);
        copies.retain(|copy| !copy.targets().iter().all(|t| self.gone.iter().any(|gone| covers(gone, t))));
        copies
    }

    /// Bytes of a path that came with a folder around it.
    fn within_a_copy(&self, step: usize, path: &str) -> Option<u64> {
        if self.gone.iter().any(|gone| covers(gone, path)) {
            return None;
        }
        let source = self.model.context_path(self.stage, step, path)?;
        match self.model.weights_of(&source) {
            [only] => Some(only.bytes),
            _ => None,
        }
    }

    /// True if base images have files of their own where a pattern looks.
    pub(super) fn is_of_system(&self, path: &str) -> bool {
        let path = trimmed(path);
        let folder = match path.rsplit_once('/') {
            Some((folder, name)) if name.ends_with('*') => folder,
            _ => path,
        };
        folder.is_empty() || FOLDERS.contains(&folder)
    }

    /// True if `path` is surely a folder.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        let path = trimmed(path);
        let model = self.model;
        let holds = |copy: &CopyUse| {
            let into = copy.destination.known().is_some_and(|d| d.ends_with('/') && trimmed(d) == path);
            into || copy.targets().iter().any(|t| t != path && covers(path, t))
        };
        let of_workdir = model.workdirs.iter().filter_map(|w| w.path.known());
        path.is_empty()
            || FOLDERS.contains(&path)
            || of_workdir.into_iter().any(|dir| covers(path, trimmed(dir)))
            || model.copies_before(self.stage, usize::MAX).any(holds)
            || self.is_folder_of_context(path)
    }

    /// True if a folder of the build context is copied there.
    fn is_folder_of_context(&self, path: &str) -> bool {
        let source = self.model.context_path(self.stage, self.stage.steps.end, path);
        source.is_some_and(|source| matches!(self.model.weights_of(&source), [only] if only.folder))
    }

    fn unpacks(&self, copy: &CopyUse) -> bool {
        let paths = copy.sources.iter().filter_map(|s| s.value.known());
        let weights = paths.flat_map(|path| self.model.weights_of(path));
        weights.into_iter().any(|w| w.unpacks != crate::semantic::Unpacks::Nothing)
    }

    /// True if an earlier RUN of unknown effect works in the folder `path`, or names it.
    fn is_murky(&self, step: usize, path: &str) -> bool {
        self.murky.iter().filter(|s| **s < step).any(|s| {
            let folder = self.model.workdir(*s).known().map_or("", |f| trimmed(f));
            let inside = !folder.is_empty() && (covers(path, folder) || covers(folder, path));
            inside || self.model.instruction(*s).logical.text().contains(path)
        })
    }
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}
