//! Where `dlint.lock` is, and reading it.

use std::path::{Path, PathBuf};

use crate::lock::{LockFile, MAX_BYTES, NAME};
use crate::tree::Tree;

use super::read::read_bounded;
use super::repository::{above, is_top};

/// How far up it is looked for.
const MAX_LEVELS: usize = 32;
/// How many letters the name of a build has at most.
const MAX_NAME: usize = 1000;
/// What it lies beside.
const SETTINGS: [&str; 2] = ["dlint.toml", ".dlint.toml"];

/// The lock file that counts for a Dockerfile, whether or not it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockPlace {
    /// The file, as people would write it.
    pub path: PathBuf,
    /// The path of the Dockerfile from its folder.
    pub dockerfile: String,
}

impl LockPlace {
    /// Beside the nearest `dlint.toml`, at the top of the repository if there is none, and else beside the Dockerfile.
    #[must_use]
    pub fn of(tree: &Tree, dockerfile: &Path) -> Option<Self> {
        let folder = dockerfile.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = tree.real(folder).ok()?;
        let holds = |folder: &Path| SETTINGS.iter().any(|name| tree.is_file(&folder.join(name)));
        let levels = real.ancestors().take(MAX_LEVELS).position(|folder| holds(folder) || is_top(folder));
        let levels = levels.unwrap_or(0);
        let below = real.strip_prefix(real.ancestors().nth(levels)?).ok()?.join(dockerfile.file_name()?);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let above = above(folder, levels);
        let path = if above == Path::new(".") { PathBuf::from(NAME) } else { above.join(NAME) };
        Some(Self { path, dockerfile: parts.join("/") })
    }

    /// What its entries for a build are called.
    #[must_use]
    pub fn build(&self, target: Option<&str>, platform: &str) -> String {
        let target = target.map(|target| format!(" {target}")).unwrap_or_default();
        let name = format!("{}{target} {platform}", self.dockerfile);
        // A path or an image may hold anything; the file is one that can be read again.
        name.chars().take(MAX_NAME).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    }

    /// Reads the file; `None` if it is not there.
    ///
    /// # Errors
    /// In one sentence if it cannot be read, is too large, or is no lock file.
    pub fn read(&self, tree: &Tree) -> Result<Option<LockFile>, String> {
        let Some(text) = read_bounded(tree, &self.path, MAX_BYTES)? else { return Ok(None) };
        LockFile::parse(&text).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tree::DISK;

    #[test]
    fn it_lies_beside_the_settings_or_at_the_top() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        fs::create_dir_all(at("repo/.git")).unwrap();
        fs::create_dir_all(at("repo/a/b")).unwrap();
        let place = |path: &str| LockPlace::of(&DISK, &at(path)).unwrap();
        assert_eq!(place("repo/a/b/Dockerfile").path, at("repo/dlint.lock"));
        assert_eq!(place("repo/a/b/Dockerfile").dockerfile, "a/b/Dockerfile");
        fs::write(at("repo/a/dlint.toml"), "").unwrap();
        assert_eq!(place("repo/a/b/Dockerfile").path, at("repo/a/dlint.lock"));
        assert_eq!(
            place("repo/a/b/Dockerfile").build(Some("prod"), "linux/amd64"),
            "b/Dockerfile prod linux/amd64"
        );
        assert_eq!(place("repo/a/Dockerfile").build(None, "linux/amd64"), "Dockerfile linux/amd64");
    }

    #[test]
    fn whatever_lies_there_is_read_in_bounds() {
        let root = tempfile::tempdir().unwrap();
        let place = LockPlace::of(&DISK, &root.path().join("Dockerfile")).unwrap();
        assert_eq!(place.read(&DISK), Ok(None));
        fs::write(&place.path, LockFile::default().text()).unwrap();
        assert_eq!(place.read(&DISK), Ok(Some(LockFile::default())));
        fs::write(&place.path, vec![b'#'; 50 << 20]).unwrap();
        assert!(place.read(&DISK).unwrap_err().starts_with("it is larger than 8 MiB"));
        fs::write(&place.path, [0xff, 0xfe]).unwrap();
        assert_eq!(place.read(&DISK), Err("it is not UTF-8 text".to_owned()));
        fs::remove_file(&place.path).unwrap();
        fs::create_dir(&place.path).unwrap();
        assert_eq!(place.read(&DISK), Err("is not a file".to_owned()));
    }
}
