use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::look;
use super::{Entry, Kind, Laid, Look, MAX_HELD, Opened};

/// How many links a path may go through, as on Linux.
const MOST_LINKS: usize = 40;

/// What was in the place of a file of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// Nothing.
    Gone,
    /// A folder that the disk has not.
    Folder,
    /// A file.
    File(Blob),
    /// A link to this.
    Link(PathBuf),
}

/// A file whose content is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What it is called there.
    pub id: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// True if anybody may run it.
    pub executable: bool,
}

/// Where the contents of files are that the disk has not.
pub trait Contents: fmt::Debug + Send + Sync {
    /// The bytes of the file that is called `id`.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, id: &str) -> io::Result<Vec<u8>>;
}

/// What differs from the disk below one folder.
#[derive(Debug)]
pub struct Differences {
    /// The folder, without links.
    top: PathBuf,
    /// Where relative paths start.
    here: PathBuf,
    folders: HashMap<PathBuf, Laid>,
    contents: Box<dyn Contents>,
    /// Folders without links, by how they are written.
    known: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl Differences {
    /// Differences below the folder `top`, whose path has to be without links. The paths of `all` are relative to it.
    /// Folders follow from the files in them: one that holds nothing else than what is gone is gone, too.
    pub fn new(
        top: PathBuf,
        all: impl IntoIterator<Item = (PathBuf, Was)>,
        contents: Box<dyn Contents>,
    ) -> Self {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let mut own = Self {
            here: here.unwrap_or_else(|_| PathBuf::from("/")),
            folders: HashMap::new(),
            contents,
            known: Mutex::default(),
            top,
        };
        let mut emptied: BTreeSet<PathBuf> = BTreeSet::new();
        for (path, was) in all {
            let path = own.top.join(path);
            match was {
                Was::Gone => emptied.extend(path.parent().map(Path::to_path_buf)),
                _ => own.add_folders(&path),
            }
            own.lay(&path, was);
        }
        own.remove_emptied(emptied);
        own
    }

    /// Notes what was at a path; something that was there counts more than that something else was not.
    fn lay(&mut self, path: &Path, was: Was) {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
        let laid = self.folders.entry(folder.to_path_buf()).or_default();
        match laid.get(name) {
            Some(known) if was == Was::Gone && *known != Was::Gone => {}
            _ => drop(laid.insert(name.to_owned(), was)),
        }
    }

    /// The folders that a path was in and the disk has not.
    fn add_folders(&mut self, path: &Path) {
        for folder in path.ancestors().skip(1) {
            let is_known = self.was(folder) == Some(&Was::Folder);
            if folder == self.top || is_known || folder.symlink_metadata().is_ok_and(|m| m.is_dir()) {
                break;
            }
            self.lay(folder, Was::Folder);
        }
    }

    /// The folders of the disk that hold nothing but what is gone.
    fn remove_emptied(&mut self, mut folders: BTreeSet<PathBuf>) {
        // What is below comes behind.
        while let Some(folder) = folders.pop_last() {
            let Some(parent) = folder.parent().filter(|_| folder != self.top) else { continue };
            if self.was(&folder).is_none() && self.entries_of(&folder).is_ok_and(|left| left.is_empty()) {
                folders.insert(parent.to_path_buf());
                self.lay(&folder, Was::Gone);
            }
        }
    }

    /// All that differs, by its whole path.
    pub fn all(&self) -> impl Iterator<Item = (PathBuf, &Was)> {
        self.folders.iter().flat_map(|(folder, laid)| laid.iter().map(|(name, was)| (folder.join(name), was)))
    }

    /// What differs among the entries of a folder.
    pub(super) fn laid(&self, folder: &Path) -> Option<&Laid> {
        self.folders.get(folder)
    }

    /// What was at a path without links.
    fn was(&self, path: &Path) -> Option<&Was> {
        self.folders.get(path.parent()?)?.get(path.file_name()?)
    }

    /// False if a path lies below something that is no folder in this tree.
    fn of_disk(&self, path: &Path) -> bool {
        let within = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.top));
        !within
            .into_iter()
            .any(|folder| matches!(self.was(folder), Some(Was::Gone | Was::File(_) | Was::Link(_))))
    }

    pub(super) fn look(&self, path: &Path, follows: bool) -> io::Result<Look> {
        let path = if follows { self.followed(path)? } else { self.placed(path)? };
        match self.was(&path) {
            Some(Was::Gone) => Err(io::ErrorKind::NotFound.into()),
            Some(Was::Folder) => Ok(Look { kind: Kind::Folder, bytes: 0, executable: true }),
            Some(Was::Link(_)) => Ok(Look { kind: Kind::Link, bytes: 0, executable: true }),
            Some(Was::File(blob)) => {
                Ok(Look { kind: Kind::File, bytes: blob.bytes, executable: blob.executable })
            }
            None if !self.of_disk(&path) => Err(io::ErrorKind::NotFound.into()),
            None => path.symlink_metadata().map(|metadata| Look::of(&metadata)),
        }
    }

    pub(super) fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let path = self.placed(path)?;
        match self.was(&path) {
            Some(Was::Link(target)) => Ok(target.clone()),
            Some(_) => Err(io::ErrorKind::NotFound.into()),
            None => fs::read_link(path),
        }
    }

    pub(super) fn real(&self, path: &Path) -> io::Result<PathBuf> {
        self.look(path, true)?;
        self.followed(path)
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<Opened> {
        let path = self.followed(path)?;
        match self.was(&path) {
            Some(Was::File(blob)) if blob.bytes > MAX_HELD => Err(io::ErrorKind::FileTooLarge.into()),
            Some(Was::File(blob)) => Ok(Opened::Held(Cursor::new(self.contents.read(&blob.id)?))),
            Some(Was::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            Some(Was::Gone | Was::Link(_)) => Err(io::ErrorKind::NotFound.into()),
            None if !self.of_disk(&path) => Err(io::ErrorKind::NotFound.into()),
            None => File::open(path).map(Opened::Disk),
        }
    }

    pub(super) fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let look = self.look(folder, true)?;
        if look.kind != Kind::Folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.entries_of(&self.followed(folder)?)
    }

    /// The entries of a folder without links in its path.
    fn entries_of(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let nothing = BTreeMap::new();
        let laid = self.laid(folder).unwrap_or(&nothing);
        let mut all: Vec<Entry> = match look::entries(folder) {
            Ok(entries) => entries.filter(|entry| !laid.contains_key(&entry.name)).collect(),
            Err(_) if self.was(folder) == Some(&Was::Folder) => Vec::new(),
            Err(error) => return Err(error),
        };
        all.extend(
            laid.iter().filter_map(|(name, was)| Some(Entry { name: name.clone(), kind: was.kind()? })),
        );
        Ok(all)
    }

    /// The path with a folder that has no links: where something lies, if it does.
    fn placed(&self, path: &Path) -> io::Result<PathBuf> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok(self.folder(parent)?.join(name)),
            // It ends in `..`, or is the root.
            _ => self.walked(self.here.join(path)),
        }
    }

    /// A path without links, whether or not something is there.
    fn followed(&self, path: &Path) -> io::Result<PathBuf> {
        let placed = self.placed(path)?;
        let is_link = match self.was(&placed) {
            Some(was) => was.kind() == Some(Kind::Link),
            None => placed.is_symlink(),
        };
        if is_link { self.walked(placed) } else { Ok(placed) }
    }

    /// A folder without links: asked of the system once.
    fn folder(&self, folder: &Path) -> io::Result<PathBuf> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(folder) {
            return Ok(known.clone());
        }
        let real = self.walked(self.here.join(folder))?;
        lock().insert(folder.to_path_buf(), real.clone());
        Ok(real)
    }

    /// An absolute path part by part, with each link that is on its way.
    fn walked(&self, path: PathBuf) -> io::Result<PathBuf> {
        let mut real = PathBuf::new();
        let mut ahead: Vec<OsString> = Vec::new();
        let push = |path: &Path, ahead: &mut Vec<OsString>| {
            ahead.extend(path.components().rev().map(|part| part.as_os_str().to_owned()));
        };
        // The folder itself is without links.
        match path.strip_prefix(&self.top) {
            Ok(below) => {
                real.clone_from(&self.top);
                push(below, &mut ahead);
            }
            Err(_) => push(&path, &mut ahead),
        }
        let mut links = 0;
        while let Some(part) = ahead.pop() {
            match Path::new(&part).components().next() {
                Some(Component::ParentDir) => drop(real.pop()),
                Some(Component::Normal(name)) => {
                    real.push(name);
                    let target = match self.was(&real) {
                        Some(Was::Link(target)) => Some(target.clone()),
                        Some(_) => None,
                        None => fs::read_link(&real).ok(),
                    };
                    if let Some(target) = target {
                        links += 1;
                        if links > MOST_LINKS {
                            return Err(io::Error::other("it goes through too many links"));
                        }
                        real.pop();
                        push(&target, &mut ahead);
                    }
                }
                Some(Component::RootDir | Component::Prefix(_)) => real.push(&part),
                Some(Component::CurDir) | None => {}
            }
        }
        Ok(real)
    }
}

impl Was {
    /// What it was; `None` for nothing.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Gone => None,
            Self::Folder => Some(Kind::Folder),
            Self::File(_) => Some(Kind::File),
            Self::Link(_) => Some(Kind::Link),
        }
    }
}
