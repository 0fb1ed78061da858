use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The most that is read of what git says, in bytes: 256 MiB, which are lists of some millions of files.
const MAX_OUTPUT: u64 = 256 << 20;
/// The most that is read of what it complains about.
const MAX_COMPLAINT: u64 = 64 << 10;

/// Settings that nothing of the repository is started by: hooks and the monitor of files are programs.
const SETTINGS: [&str; 4] = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];

/// Why git gave no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// It cannot be run.
    NotRun(io::Error),
    /// It ended with this message.
    Refused(String),
    /// It does not know a commit of this name.
    Unknown(String),
    /// HEAD and this commit have nothing in common, as far as the history is here.
    Apart(String),
    /// It said more than is read.
    TooLong,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun(error) => write!(f, "this needs git, which cannot be run: {error}"),
            Self::Refused(said) => write!(f, "git failed: {said}"),
            Self::Unknown(name) => write!(f, "git does not know a commit `{name}`"),
            Self::Apart(name) => {
                write!(f, "git knows no commit that HEAD and `{name}` have in common")
            }
            Self::TooLong => f.write_str("git has more to say than dlint reads: more than 256 MiB"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// What helps, if that is known.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unknown(name) if name.contains("..") => {
                Some("name one commit: dlint compares it with the files as they are now")
            }
            Self::Refused(said) if said.contains("dubious ownership") => Some(
                "the repository belongs to another user: if you trust it, run `git config --global --add \
                 safe.directory` with its folder",
            ),
            Self::Unknown(_) | Self::Apart(_) => Some(
                "a clone of a CI job often has one commit only: fetch the history of both (`fetch-depth: 0` for \
                 actions/checkout, `GIT_DEPTH: 0` for GitLab)",
            ),
            Self::NotRun(_) | Self::Refused(_) | Self::TooLong => None,
        }
    }
}

/// A call of git.
pub(super) struct Asked(Command);

impl Asked {
    pub(super) fn new<A: AsRef<OsStr>>(folder: &Path, args: &[A]) -> Self {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).arg("--no-pager").args(SETTINGS).args(args);
        command
            // It only looks: no index is refreshed, nothing is fetched, nobody is asked, and paths are no patterns.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self(command)
    }

    /// Starts it with a pipe to its standard input.
    pub(super) fn fed(mut self) -> Result<Child, Failure> {
        self.0.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(Failure::NotRun)
    }

    /// All that it says.
    pub(super) fn output(mut self) -> Result<Vec<u8>, Failure> {
        let mut child = self.0.spawn().map_err(Failure::NotRun)?;
        // Read beside the output, so that neither pipe fills up.
        let complaint = child.stderr.take().map(|stderr| std::thread::spawn(move || complaint(stderr)));
        let mut said = Vec::new();
        let stdout = child.stdout.take().map(|out| out.take(MAX_OUTPUT + 1));
        let read = stdout.map_or(Ok(0), |mut out| out.read_to_end(&mut said));
        if read.is_err() || said.len() as u64 > MAX_OUTPUT {
            let _ = child.kill();
            let _ = child.wait();
            return Err(read.err().map_or(Failure::TooLong, Failure::NotRun));
        }
        let status = child.wait().map_err(Failure::NotRun)?;
        let complaint = complaint.and_then(|thread| thread.join().ok()).unwrap_or_default();
        if status.success() {
            return Ok(said);
        }
        let why = complaint.lines().next().unwrap_or("it gave no reason");
        Err(Failure::Refused(why.to_owned()))
    }

    /// The one line that it says.
    pub(super) fn line(self) -> Result<String, Failure> {
        let said = self.output()?;
        Ok(String::from_utf8_lossy(&said).trim_end_matches(['\n', '\r']).to_owned())
    }
}

/// What it complains about; what is longer is read to its end and dropped.
fn complaint(mut from: impl Read) -> String {
    let mut said = Vec::new();
    let _ = (&mut from).take(MAX_COMPLAINT).read_to_end(&mut said);
    let _ = io::copy(&mut from, &mut io::sink());
    String::from_utf8_lossy(&said).into_owned()
}
