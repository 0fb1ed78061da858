//! `--since REF`: what git says of the changes. This is the one place that runs git, and only when that is asked for.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::sanitize;

/// What differs from a commit.
#[derive(Debug, Default)]
pub(super) struct Since {
    /// The files that differ, those that git does not know yet too, as whole paths.
    pub(super) files: Vec<PathBuf>,
    top: PathBuf,
    commit: String,
}

impl Since {
    /// Asks git in the folder of the build context.
    pub(super) fn of(reference: &str, root: &Path) -> Result<Self, String> {
        let spec = format!("{reference}^{{commit}}");
        let commit = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]);
        let commit = text(&commit.map_err(|error| match error {
            Failure::Refused(_) => format!("git does not know a commit `{}`", sanitize(reference)),
            error => error.message(),
        })?);
        let asked = |folder: &Path, args: &[&str]| git(folder, args).map_err(|e| e.message());
        let top = PathBuf::from(text(&asked(root, &["rev-parse", "--show-toplevel"])?));
        let diff =
            ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", &commit, "--"];
        let mut names = asked(&top, &diff)?;
        names.extend(asked(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?);
        let names = names.split(|b| *b == 0).filter(|name| !name.is_empty());
        let files = names.map(|name| top.join(String::from_utf8_lossy(name).as_ref())).collect();
        Ok(Self { files, top, commit })
    }

    /// True if the file differs.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.place(path).is_some_and(|place| self.files.contains(&self.top.join(place)))
    }

    /// The text that the file at `path` had; `None` if there was none.
    pub(super) fn text_of(&self, path: &Path) -> Option<Vec<u8>> {
        let spec = format!("{}:{}", self.commit, self.place(path)?);
        git(&self.top, &["cat-file", "blob", &spec]).ok()
    }

    /// The path from the top of the repository.
    fn place(&self, path: &Path) -> Option<String> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let whole = folder.canonicalize().ok()?.join(path.file_name()?);
        let top = self.top.canonicalize().ok()?;
        Some(super::changed::place(whole.strip_prefix(top).ok()?, false))
    }
}

/// Why git gave no answer.
enum Failure {
    /// It cannot be run.
    NotRun(std::io::Error),
    /// It ended with this message.
    Refused(String),
}

impl Failure {
    fn message(&self) -> String {
        match self {
            Self::NotRun(error) => format!("--since needs git, which cannot be run: {error}"),
            Self::Refused(said) => format!("git failed: {}", sanitize(said)),
        }
    }
}

fn git(folder: &Path, args: &[&str]) -> Result<Vec<u8>, Failure> {
    let done = Command::new("git").arg("-C").arg(folder).args(args).output().map_err(Failure::NotRun)?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::Refused(said.lines().next().unwrap_or("it gave no reason").to_owned()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}
