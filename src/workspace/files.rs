use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::semantic::{Build, Model};
use crate::syntax::{self, File};
use crate::text::{Gather, Source};
use crate::tree::Tree;

use super::kept::{Kept, Key};
use super::locked::Locks;
use super::read::{ReadError, read_source_in};
use super::repository::levels_to_top;
use super::target::{DockerfileSource, Target};

/// A Dockerfile that is at hand: which state of it, and its tree.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Document {
    /// Where it is.
    pub path: PathBuf,
    /// The version that an editor gave it; `None` for what lies on the disk.
    pub version: Option<i32>,
    /// Text and tree.
    pub(crate) file: Arc<File>,
}

/// The texts of a workspace: files on the disk, and over them the buffers that an editor has not saved.
///
/// A clone is cheap, and keeps what was there when it was made.
#[derive(Debug, Clone, Default)]
pub struct Files {
    buffers: Arc<BTreeMap<PathBuf, Arc<Buffer>>>,
    /// What a run has read of Dockerfiles.
    kept: Arc<Kept>,
    /// What lock files say of images.
    locks: Arc<Locks>,
    tree: Tree,
    /// Folders that somebody works in, without links.
    borders: Arc<Vec<PathBuf>>,
}

#[derive(Debug)]
struct Buffer {
    version: i32,
    source: Source,
    /// Read once, however often a version is asked for.
    file: OnceLock<Arc<File>>,
}

impl Files {
    /// The texts of a tree, without buffers.
    #[must_use]
    pub(crate) fn of(tree: Tree) -> Self {
        Self { tree, ..Self::default() }
    }

    /// What lies below the buffers.
    #[must_use]
    pub(crate) fn file_tree(&self) -> &Tree {
        &self.tree
    }

    /// Says which folders somebody works in: outside of a repository, what lies above them is not theirs.
    pub(crate) fn set_borders(&mut self, folders: Vec<PathBuf>) {
        self.borders = Arc::new(folders);
    }

    pub(crate) fn borders(&self) -> &[PathBuf] {
        &self.borders
    }

    /// How many levels above a folder its repository begins, or else the folder that somebody works in.
    pub(crate) fn levels_to_border(&self, folder: &Path) -> Option<usize> {
        levels_to_top(&self.tree, folder).or_else(|| {
            let real = self.tree.real(folder).ok()?;
            let border = self.borders.iter().filter(|border| real.starts_with(border)).min()?;
            real.strip_prefix(border).ok().map(|below| below.components().count())
        })
    }

    /// Puts a text over the file at `path`.
    pub fn open(&mut self, path: PathBuf, version: i32, text: impl Into<String>) {
        let source = Source::from_text(path.display().to_string(), text);
        let buffer = Arc::new(Buffer { version, source, file: OnceLock::new() });
        Arc::make_mut(&mut self.buffers).insert(path, buffer);
    }

    /// Takes it away again: the file on the disk counts.
    pub fn close(&mut self, path: &Path) {
        if self.buffers.contains_key(path) {
            Arc::make_mut(&mut self.buffers).remove(path);
        }
    }

    /// The names of the buffers in a folder, whether or not there are such files.
    pub(crate) fn buffers_in<'f>(&'f self, folder: &'f Path) -> impl Iterator<Item = String> + 'f {
        let behind = self.buffers.range(folder.to_path_buf()..).map(|(path, _)| path);
        let below = behind.take_while(move |path| path.starts_with(folder));
        let inside = below.filter(move |path| path.parent() == Some(folder));
        inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
    }

    /// The same without the buffers of other paths, for who keeps it: a list of all of them for each would take room by
    /// the square.
    #[must_use]
    pub fn with_only(&self, path: &Path) -> Self {
        let own = self.buffers.get_key_value(path).map(|(path, buffer)| (path.clone(), Arc::clone(buffer)));
        Self { buffers: Arc::new(own.into_iter().gather()), ..self.clone() }
    }

    /// The text at `path`: of its buffer, or of the file.
    ///
    /// # Errors
    /// If there is no buffer, and the file cannot be read as a text.
    pub fn source(&self, path: &Path) -> Result<Source, ReadError> {
        self.source_called(path, &path.display().to_string())
    }

    /// The text of the file, whatever buffer lies over it.
    #[must_use]
    pub(crate) fn saved(&self, path: &Path) -> Option<Source> {
        read_source_in(&self.tree, path, &path.display().to_string()).ok()
    }

    /// The same under another name for display.
    ///
    /// # Errors
    /// As [`Files::source`].
    pub(crate) fn source_called(&self, path: &Path, name: &str) -> Result<Source, ReadError> {
        match self.buffers.get(path) {
            Some(buffer) if buffer.source.name() == name => Ok(buffer.source.clone()),
            Some(buffer) => Ok(Source::from_text(name, buffer.source.text())),
            None => read_source_in(&self.tree, path, name),
        }
    }

    /// The Dockerfile at `path`. A buffer is parsed once.
    ///
    /// # Errors
    /// If there is no buffer, and the file cannot be read as a text.
    pub fn document(&self, path: &Path) -> Result<Document, ReadError> {
        let (version, file) = match self.buffers.get(path) {
            Some(buffer) => {
                let parse = || Arc::new(syntax::parse(buffer.source.clone()));
                (Some(buffer.version), Arc::clone(buffer.file.get_or_init(parse)))
            }
            None => (None, Arc::new(syntax::parse(self.source(path)?))),
        };
        Ok(Document { path: path.to_path_buf(), version, file })
    }

    /// The tree of a Dockerfile.
    ///
    /// # Errors
    /// If it is a file that cannot be read as a text.
    pub(crate) fn tree(&self, dockerfile: &DockerfileSource) -> Result<Arc<File>, ReadError> {
        self.kept.tree(&self.key(dockerfile)).map_or_else(|| self.parsed(dockerfile), Ok)
    }

    /// What a Dockerfile means in a build, if somebody has asked for it before.
    pub(crate) fn known(&self, dockerfile: &DockerfileSource, build: &Build) -> Option<Arc<Model>> {
        self.kept.model(&self.key(dockerfile), build)
    }

    /// What a Dockerfile means in a build. It is kept as far as there is room, for others will ask for it too.
    ///
    /// # Errors
    /// If it is a file that cannot be read as a text.
    pub(crate) fn understood(
        &self,
        dockerfile: &DockerfileSource,
        build: &Build,
    ) -> Result<Arc<Model>, ReadError> {
        self.kept.understood(self.key(dockerfile), build, || self.parsed(dockerfile))
    }

    fn parsed(&self, dockerfile: &DockerfileSource) -> Result<Arc<File>, ReadError> {
        match dockerfile {
            DockerfileSource::File(path) => Ok(self.document(path)?.file),
            DockerfileSource::Text { source, .. } => Ok(Arc::new(syntax::parse(source.clone()))),
        }
    }

    fn key(&self, dockerfile: &DockerfileSource) -> Key {
        let of = |source: &Source| (PathBuf::from(source.name()), Some(source.text().to_owned()));
        match dockerfile {
            DockerfileSource::Text { source, .. } => of(source),
            DockerfileSource::File(path) => match self.buffers.get(path) {
                Some(buffer) => of(&buffer.source),
                None => (path.clone(), None),
            },
        }
    }

    /// Tells a build what `dlint.lock` has of the images that it may start from.
    pub(crate) fn tell_bases(&self, target: &mut Target) {
        if target.build.bases.is_empty()
            && let Some(path) = target.path()
        {
            target.build.bases = self.locks.bases(&self.tree, path);
        }
    }

    /// The same texts, of which nothing has been read yet.
    #[must_use]
    pub(super) fn unread(&self) -> Self {
        let (buffers, tree) = (Arc::clone(&self.buffers), self.tree.clone());
        Self { buffers, tree, borders: Arc::clone(&self.borders), ..Self::default() }
    }

    /// True if a file is there, or a buffer in its place.
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        self.buffers.contains_key(path) || self.tree.exists(path)
    }

    /// True if there is a file, or a buffer in its place.
    #[must_use]
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        self.buffers.contains_key(path) || self.tree.is_file(path)
    }

    /// True if there is a folder.
    #[must_use]
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        self.tree.is_folder(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_lies_over_the_file_and_is_parsed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, "FROM disk\n").unwrap();
        let mut files = Files::default();
        let text = |files: &Files| files.source(&path).unwrap().text().to_owned();
        assert_eq!(text(&files), "FROM disk\n");
        files.open(path.clone(), 7, "FROM buffer\n");
        let before = files.clone();
        files.open(folder.path().join("other"), 1, "FROM other\n");
        let own = files.with_only(&path);
        assert_eq!((text(&own), own.exists(&folder.path().join("other"))), (text(&files), false));
        let (one, two) = (files.document(&path).unwrap(), files.document(&path).unwrap());
        assert_eq!((one.version, one.file.text()), (Some(7), "FROM buffer\n"));
        assert!(Arc::ptr_eq(&one.file, &two.file));
        files.close(&path);
        assert_eq!((text(&files), text(&before)), ("FROM disk\n".to_owned(), "FROM buffer\n".to_owned()));
        assert_eq!(files.document(&path).unwrap().version, None);
        let none = folder.path().join("none");
        assert_eq!(files.source(&none).unwrap_err().to_string(), "does not exist");
        assert!(files.exists(&path) && !files.exists(&none));
    }

    #[test]
    fn a_dockerfile_is_understood_once_for_each_build_until_a_buffer_changes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, "FROM a AS b\nFROM c\n").unwrap();
        let dockerfile = DockerfileSource::File(path.clone());
        let taken = || crate::text::work::taken(&path.display().to_string());
        let (all, first) = (Build::default(), Build { target: Some("b".to_owned()), ..Build::default() });
        let mut files = Files::default();
        assert!(files.known(&dockerfile, &all).is_none());
        let one = files.understood(&dockerfile, &all).unwrap();
        assert!(Arc::ptr_eq(&one, &files.understood(&dockerfile, &all).unwrap()));
        assert!(Arc::ptr_eq(&one, &files.known(&dockerfile, &all).unwrap()));
        assert!(Arc::ptr_eq(&one.file, &files.tree(&dockerfile).unwrap()));
        assert!(files.known(&dockerfile, &first).is_none());
        files.understood(&dockerfile, &first).unwrap();
        assert_eq!(taken(), (1, 2));
        files.open(path.clone(), 1, "FROM d\n");
        assert!(files.known(&dockerfile, &all).is_none());
        assert_eq!(files.understood(&dockerfile, &all).unwrap().file.text(), "FROM d\n");
    }

    #[test]
    fn what_finds_no_room_is_read_again() {
        let text = Source::from_text(
            "long of kept",
            format!("FROM a\n#{}\n", "x".repeat(crate::workspace::kept::MAX_BYTES)),
        );
        let dockerfile = DockerfileSource::Text { source: text, stands_for: None };
        let files = Files::default();
        for _ in 0..2 {
            files.understood(&dockerfile, &Build::default()).unwrap();
        }
        assert!(files.known(&dockerfile, &Build::default()).is_none());
        assert_eq!(crate::text::work::taken("long of kept"), (2, 2));
    }
}
