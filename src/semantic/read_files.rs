//! Files of the build context that commands of a build read, and where their texts come from.

use std::collections::BTreeMap;

use dockerignore::filepath::{clean, has_wildcard, path_match};

use crate::syntax::Value;

use super::{Cmd, CopyFrom, CopyUse, Model, ScriptKind, SourceKind, Stage, paths};
use crate::knowledge::{Action, ManagerId};
use crate::text::Gather;

/// The most files that are read for one Dockerfile.
pub(super) const MAX_FILES: usize = 32;

/// The files of the build context that a Dockerfile wants to be read: paths without `..`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reads {
    /// Those whose texts tell what commands install.
    pub texts: Vec<String>,
    /// Those whose first bytes tell what ADD makes of them.
    pub looks: Vec<String>,
    /// Those whose first bytes and modes tell whether they can be started.
    pub heads: Vec<String>,
    /// Folders that are copied by their names.
    pub folders: Vec<String>,
    /// Sources whose files may meet those of others: paths, perhaps with wildcards.
    pub listed: Vec<String>,
    /// True if it matters how the project says that its containers are run.
    pub told: bool,
}

/// A file that a source of a copy brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Where it goes to, below the destination.
    pub target: String,
    /// Its path in the build context.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
}

/// What a source of ADD is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A folder, which is copied as it is.
    Folder,
    /// A file that is copied as it is.
    Plain,
    /// An archive, or compressed so that it may be one: ADD goes by what is in it, not by its name.
    Packed,
}

/// How many bytes of a file tell its [`Content`]: the first block of an archive of tar.
pub const LOOK_BYTES: usize = 512;

impl Content {
    /// What the first [`LOOK_BYTES`] of a file say.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        const MAGIC: [&[u8]; 4] =
            [&[0x1f, 0x8b], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z', 0], &[0x28, 0xb5, 0x2f, 0xfd]];
        let packed = MAGIC.iter().any(|magic| start.starts_with(magic)) || is_tar(start);
        if packed { Self::Packed } else { Self::Plain }
    }
}

/// True for the header of a file in an archive of tar: its sum, with blanks in place of itself, stands in it.
fn is_tar(start: &[u8]) -> bool {
    const SUM: std::ops::Range<usize> = 148..156;
    let (Some(block), Some(written)) = (start.get(..LOOK_BYTES), start.get(SUM)) else { return false };
    let digits = written.iter().skip_while(|b| **b == b' ').take_while(|b| matches!(b, b'0'..=b'7'));
    let written = digits.fold(None, |sum: Option<u32>, b| Some(sum.unwrap_or(0) * 8 + u32::from(b - b'0')));
    let sum =
        block.iter().enumerate().map(|(i, b)| if SUM.contains(&i) { 32 } else { u32::from(*b) }).sum::<u32>();
    written == Some(sum)
}

/// What was read of files of the build context, by their paths in it. Whoever may read files fills it with what
/// `Analysis::reads` names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    texts: BTreeMap<String, String>,
    contents: BTreeMap<String, Content>,
    brought: BTreeMap<String, Vec<Brought>>,
    partial: bool,
}

impl FromIterator<(String, String)> for Texts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        Self { texts: texts.into_iter().gather(), ..Self::default() }
    }
}

impl Texts {
    /// The text of the file at `path`, where it was read.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// The paths of all texts, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// What the source of ADD at `path` is, where it was looked at.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<Content> {
        self.contents.get(path).copied()
    }

    /// Adds what the source of ADD at `path` is.
    pub fn look(&mut self, path: String, content: Content) {
        self.contents.insert(path, content);
    }

    /// The files that a source brings into its destination, where it was looked at; of many, only some.
    #[must_use]
    pub fn brought(&self, source: &str) -> &[Brought] {
        self.brought.get(source).map_or(&[], Vec::as_slice)
    }

    /// Adds the files that a source brings.
    pub fn bring(&mut self, source: String, files: Vec<Brought>) {
        self.brought.insert(source, files);
    }

    /// Says that files are there that could not be read.
    pub const fn set_partial(&mut self) {
        self.partial = true;
    }

    /// True if files are there that could not be read.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.partial
    }
}

impl Model {
    /// The files of the build context whose texts tell what commands install: paths without `..`.
    #[must_use]
    pub fn read_files(&self) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for name in ["pip", "uv"] {
            for cmd in self.commands_named(name) {
                for path in cmd.requirement_files().into_iter().flatten() {
                    if files.len() < MAX_FILES && !files.contains(&path) {
                        files.push(path);
                    }
                }
            }
        }
        files
    }

    /// What `copy` would take of the build context for the file at `path` of the image.
    pub(super) fn taken_for(&self, copy: &CopyUse, path: &str, relative: bool) -> Option<String> {
        let destination = match copy.destination.known() {
            _ if relative => {
                let text = self.destination_text(copy).filter(|_| !copy.mount)?;
                paths::join("/", text)?
            }
            Some(known) => known.to_owned(),
            None => return None,
        };
        let whole = self.instruction(copy.step).flag("parents").is_some();
        let folder = destination.trim_end_matches('/');
        let below = || path.strip_prefix(folder)?.strip_prefix('/');
        let is_file_alone = copy.sources.len() == 1 && !destination.ends_with('/');
        copy.sources.iter().rev().find_map(|source| {
            let (SourceKind::Path, Some(written)) = (source.kind, source.value.known()) else { return None };
            let cleaned = clean(&format!("/{written}"));
            let from = cleaned.trim_start_matches('/');
            if whole {
                let inside = below()?;
                let is_taken = from.is_empty()
                    || inside.strip_prefix(from).is_some_and(|r| r.is_empty() || r.starts_with('/'));
                return is_taken.then(|| inside.to_owned());
            }
            let (parent, name) = from.rsplit_once('/').map_or(("", from), |(p, n)| (p, n));
            let beside =
                |file: &str| if parent.is_empty() { file.to_owned() } else { format!("{parent}/{file}") };
            if has_wildcard(from) {
                let file = below()?;
                let first = file.split('/').next()?;
                let fits = !has_wildcard(parent) && path_match(name.as_bytes(), file.as_bytes());
                return (fits && first == file).then(|| beside(file));
            }
            if path == folder && is_file_alone {
                return Some(from.to_owned());
            }
            match below()? {
                file if file == name => Some(from.to_owned()),
                // A file has nothing below it.
                _ if super::is_file_name(from) && !written.ends_with('/') => None,
                file if from.is_empty() => Some(file.to_owned()),
                file => Some(format!("{from}/{file}")),
            }
        })
    }

    /// The copy that brings the file at `path` of the image before `step`, and the file of the build context that
    /// it is.
    #[must_use]
    pub fn copied_from(&self, stage: &Stage, step: usize, path: &str) -> Option<(usize, String)> {
        let mut copies = self.copies_before(stage, step);
        let (copy, found) = copies.find_map(|c| Some((c, self.taken_for(c, path, false)?)))?;
        let inside = copy.from == CopyFrom::Context && !found.split('/').any(|part| part == "..");
        let number = self.copies.partition_point(|c| c.step < copy.step);
        inside.then_some((number, found))
    }

    /// The file of the build context that is at `path` when a command of `step` reads it.
    pub(super) fn source_of(&self, stage: &Stage, step: usize, path: &str, relative: bool) -> Option<String> {
        let workdir = |step: usize| self.steps.get(step).and_then(|s| s.state.workdir);
        let mounts = self.copies.iter().filter(|c| c.mount && c.step == step);
        let copies = self.copies_before(stage, step);
        let same = |c: &&CopyUse| !relative || workdir(c.step) == workdir(step);
        let (copy, found) =
            mounts.chain(copies).filter(same).find_map(|c| Some((c, self.taken_for(c, path, relative)?)))?;
        (copy.from == CopyFrom::Context && !found.split('/').any(|part| part == "..")).then_some(found)
    }
}

impl Cmd<'_> {
    /// The requirement files that an install of Python packages is given, as paths of the build context; `None`
    /// for those that it does not come from.
    #[must_use]
    pub fn requirement_files(&self) -> Vec<Option<String>> {
        let is_python = self.is(ManagerId::Pip, Action::Install) || self.is(ManagerId::Uv, Action::Install);
        let installs = is_python && self.subcommand().is_some_and(|s| s.ends_with("install"));
        let syncs = self.program() == "uv" && ["pip", "sync"].iter().zip(self.args()).all(|(a, b)| b.is(a));
        if !(installs || syncs && self.args().len() > 2)
            || self.script().kind != ScriptKind::Run
            || self.script().onbuild
        {
            return Vec::new();
        }
        if syncs {
            let named = self.args().iter().skip(2).filter(|word| !word.static_prefix().starts_with('-'));
            return named.map(|word| word.as_str().and_then(|path| self.context_file(path))).collect();
        }
        let mut files = Vec::new();
        let mut args = self.args().iter();
        while let Some(word) = args.next() {
            let text = word.static_prefix();
            let value = match text.split_once('=') {
                Some(("--requirement" | "--requirements", _)) => {
                    word.as_str().and_then(|w| w.split_once('=')).map(|(_, v)| v)
                }
                _ => match text {
                    "-r" | "--requirement" | "--requirements" => args.next().and_then(|w| w.as_str()),
                    _ if text.starts_with("-r") && !text.starts_with("--") => {
                        word.as_str().and_then(|w| w.get(2..))
                    }
                    _ => continue,
                },
            };
            files.push(value.and_then(|path| self.context_file(path)));
        }
        files
    }

    fn context_file(&self, path: &str) -> Option<String> {
        if path.contains("://") || path.is_empty() {
            return None;
        }
        let stage = self.stage()?;
        if let Some(path) = self.absolute(path) {
            return self.model.source_of(stage, self.step(), &path, false);
        }
        // Both sides start from the same unknown folder.
        let relative = *self.model.workdir(self.step()) == Value::Unknown && !self.script().changes_folder;
        let path = paths::join("/", path).filter(|_| relative)?;
        self.model.source_of(stage, self.step(), &path, true)
    }
}

#[cfg(test)]
mod tests {
    use super::Content;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    /// The files that `text` behind `FROM debian:12` reads.
    fn files(text: &str) -> String {
        let file = parse(Source::from_text("Dockerfile", format!("FROM example.com/base\n{text}\n")));
        Model::new(file.clone()).read_files().join(" ")
    }

    #[test]
    fn archives_are_known_by_their_first_bytes() {
        let mut tar = vec![0; 512];
        tar[..4].copy_from_slice(b"file");
        tar[148..156].copy_from_slice(b"        ");
        let sum: u32 = tar.iter().map(|b| u32::from(*b)).sum();
        tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        for (start, want) in [
            (&tar[..], Content::Packed),
            (&tar[..511], Content::Plain),
            (&[0; 512], Content::Plain),
            (b"\x1f\x8b\x08", Content::Packed),
            (b"BZh9", Content::Packed),
            (b"\xfd7zXZ\0", Content::Packed),
            (b"\x28\xb5\x2f\xfd", Content::Packed),
            (b"PK\x03\x04", Content::Plain),
            (b"", Content::Plain),
            (&b"text ".repeat(200), Content::Plain),
        ] {
            assert_eq!(Content::of(start), want, "{start:?}");
        }
    }

    #[test]
    fn files_come_by_the_copy_that_brings_them() {
        for (text, want) in [
            ("COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt", "requirements.txt"),
            ("WORKDIR /app\nCOPY requirements.txt .\nRUN pip install -rrequirements.txt", "requirements.txt"),
            ("WORKDIR /app\nCOPY back/req.txt ./\nRUN pip3 install --requirement=req.txt", "back/req.txt"),
            ("WORKDIR /app\nCOPY back/req.txt r.txt\nRUN pip install -r r.txt", "back/req.txt"),
            ("COPY back/req.txt /tmp/\nRUN python -m pip install -r /tmp/req.txt", "back/req.txt"),
            ("COPY back /srv\nRUN uv pip install -r /srv/r/dev.txt", "back/r/dev.txt"),
            (
                "COPY requirements*.txt /tmp/\nRUN pip install -r /tmp/requirements-dev.txt",
                "requirements-dev.txt",
            ),
            ("COPY r/*.txt /tmp/\nRUN pip install -r /tmp/dev.txt -r /tmp/a.txt", "r/dev.txt r/a.txt"),
            ("COPY a.txt b.txt /tmp/\nRUN pip install -r /tmp/b.txt", "b.txt"),
            ("COPY --parents r/a.txt /tmp/\nRUN pip install -r /tmp/r/a.txt", "r/a.txt"),
            ("COPY requirements.txt .\nRUN pip install -r requirements.txt", "requirements.txt"),
            ("COPY . .\nRUN pip install -r ./r/dev.txt", "r/dev.txt"),
            (
                "RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt",
                "requirements.txt",
            ),
            // Not from the context, or not known to be.
            ("RUN pip install -r requirements.txt", ""),
            ("COPY a.txt /tmp/\nRUN pip install -r /tmp/b.txt", ""),
            ("COPY . /app\nRUN pip install -r requirements.txt", ""),
            ("COPY . .\nRUN cd x && pip install -r requirements.txt", ""),
            ("COPY . .\nRUN pip install -r https://example.com/r.txt", ""),
            ("COPY . .\nRUN pip install -r $FILE", ""),
            ("COPY --from=a . /app\nRUN pip install -r /app/r.txt", ""),
            ("COPY . .\nRUN pip download -r r.txt", ""),
            ("COPY . .\nRUN pip install -r ../../r.txt", "r.txt"),
        ] {
            assert_eq!(files(text), want, "{text}");
        }
    }
}
