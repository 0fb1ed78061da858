//! The program: which version it is, and running it on scripts.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::answer::{self, Comment};
use super::child::{self, Failure, Output};

/// What the program may take for one run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes it may write.
    pub bytes: usize,
}

impl Default for Limits {
    /// 20 seconds and 16 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(20), bytes: 16 << 20 }
    }
}

/// A version of ShellCheck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl Version {
    /// The first with the format and the options that are needed here.
    pub(super) const FIRST: Self = Self(0, 7, 0);

    /// True if it knows the dialect `busybox`.
    pub(super) fn knows_busybox(self) -> bool {
        self >= Self(0, 10, 0)
    }

    /// What `--version` says.
    fn read(text: &str) -> Option<Self> {
        let line = text.lines().find_map(|line| line.strip_prefix("version:"))?.trim();
        let mut numbers = line.split(['.', '-', '+']).map(|n| n.trim_start_matches('v').parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Why the program cannot be made use of at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is not there.
    Missing,
    /// It is older than [`Version::FIRST`].
    Old(Version),
    /// Anything else, as the end of a sentence that starts with the program.
    Broken(String),
}

/// What is on the command line besides the scripts: no file of the user's settings counts, and the
/// findings are left out that ask for other files (1090, 1091) or are about the dialect that dlint
/// itself names (2187).
const OPTIONS: [&str; 4] = ["--norc", "--format=json1", "--color=never", "--exclude=SC1090,SC1091,SC2187"];

/// The program.
#[derive(Debug)]
pub(super) struct Program {
    /// Its name, to be found on the PATH, or an absolute path.
    path: PathBuf,
    limits: Limits,
}

impl Program {
    pub(super) fn new(path: &Path, limits: Limits) -> Self {
        // Scripts are checked in another folder.
        let named = path.components().count() == 1 && !path.is_absolute();
        let path = if named {
            path.to_owned()
        } else {
            std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
        };
        Self { path, limits }
    }

    /// What it is called, for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        // Its answer is UTF-8 in any locale, and depends on nothing else.
        command.env("LC_ALL", "C.UTF-8").env_remove("SHELLCHECK_OPTS");
        command
    }

    /// Asks for the version.
    pub(super) fn version(&self) -> Result<Version, Unusable> {
        let broken = |why: String| Err(Unusable::Broken(why));
        // What it may take for scripts does not matter yet.
        let limits = Limits::default();
        match child::run(self.command().arg("--version"), limits.time, limits.bytes) {
            Ok(output) => match Version::read(&String::from_utf8_lossy(&output.out)) {
                Some(version) if version < Version::FIRST => Err(Unusable::Old(version)),
                Some(version) => Ok(version),
                None => broken("is no ShellCheck: `--version` names none".to_owned()),
            },
            Err(Failure::Start(error)) if error.kind() == io::ErrorKind::NotFound => Err(Unusable::Missing),
            Err(failure) => broken(why(&failure, limits)),
        }
    }

    /// What it says of each of these scripts; an error is the end of a sentence that starts with its name.
    pub(super) fn check(&self, scripts: &[&str]) -> Result<Vec<Vec<Comment>>, String> {
        let folder = Folder::new().map_err(|e| format!("has no folder for its input: {e}"))?;
        let mut command = self.command();
        command.args(OPTIONS).arg("--").current_dir(&folder.0);
        for (number, script) in scripts.iter().enumerate() {
            let name = number.to_string();
            fs::write(folder.0.join(&name), script).map_err(|e| format!("gets no input: {e}"))?;
            command.arg(name);
        }
        let output = child::run(&mut command, self.limits.time, self.limits.bytes)
            .map_err(|f| why(&f, self.limits))?;
        match answer::read(&output.out, scripts.len()) {
            // 0: nothing found, 1: something found.
            Some(said) if matches!(output.code, Some(0 | 1)) => Ok(said),
            _ => Err(refusal(&output)),
        }
    }
}

fn why(failure: &Failure, limits: Limits) -> String {
    match failure {
        Failure::Start(error) => format!("cannot be started: {error}"),
        Failure::Timeout => format!("took longer than {} s", limits.time.as_secs_f32()),
        Failure::TooMuch => format!("wrote more than {} bytes", limits.bytes),
    }
}

/// Why an answer is none.
fn refusal(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.err);
    let clean = |line: &str| line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    let first: Option<String> = said.lines().map(str::trim).find(|line| !line.is_empty()).map(clean);
    match (first, output.code) {
        (Some(first), _) => format!("failed: {first}"),
        (None, Some(code)) => format!("gave no answer, and ended with exit code {code}"),
        (None, None) => "was ended by a signal".to_owned(),
    }
}

/// A folder of one's own, for a short while.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let mut tries = 0;
        loop {
            let random = RandomState::new().hash_one(std::process::id());
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("dlint-shellcheck-{random:016x}-{number}"));
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < 16 => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let said = |v: &str| {
            Version::read(&format!("ShellCheck - shell script analysis tool\nversion: {v}\nlicense: GPL\n"))
        };
        assert_eq!(said("0.9.0"), Some(Version(0, 9, 0)));
        assert_eq!(said("v0.11.0-12-gabc"), Some(Version(0, 11, 0)));
        assert_eq!(said("1.2"), Some(Version(1, 2, 0)));
        assert_eq!((said("x"), Version::read("bash 5.2")), (None, None));
        assert!(Version(0, 4, 7) < Version::FIRST && Version(0, 10, 0).knows_busybox());
    }

    #[test]
    fn a_folder_is_private_and_goes_away() {
        let folder = Folder::new().unwrap();
        let path = folder.0.clone();
        fs::write(path.join("0"), "x").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(folder);
        assert!(!path.exists());
    }
}
