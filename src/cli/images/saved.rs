//! An image that an engine writes: the user's own program, run without a shell.

use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::report::sanitize;

use super::Engine;

/// How much of what the program says is kept, in bytes.
const ERROR_BYTES: u64 = 4096;
/// How much may stand behind the archive: the padding that tar writes, and some.
const TAIL: u64 = 4 << 20;
/// How long a program may take to end that has closed its output.
const GRACE: Duration = Duration::from_secs(5);
const LINGER: Duration = Duration::from_millis(5);

/// Why an engine gives no image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The program is not on the PATH.
    Missing,
    /// The program cannot be run.
    NotRun(String),
    /// It has no image of that name.
    NoImage,
    /// It does not reach its engine; what it says.
    NoEngine(String),
    /// It ended with this message.
    Failed(String),
    /// What it wrote cannot be read; a sentence.
    Unreadable(String),
}

impl Refusal {
    /// True if another engine may have the image.
    pub(super) const fn lets_others_try(&self) -> bool {
        matches!(self, Self::Missing | Self::NoImage | Self::NoEngine(_))
    }

    /// What happened, and what to do.
    pub(super) fn message(&self, engine: Engine, name: &str) -> String {
        let (program, name) = (engine.program(), sanitize(name));
        match self {
            Self::Missing => format!(
                "`{program}` is not on the PATH: install it, or write the image to a file where it is and pass that"
            ),
            Self::NotRun(why) => format!("`{program}` cannot be run: {why}"),
            Self::NoImage => {
                format!("{program} has no image `{name}`: `{program} images` lists those that it has")
            }
            Self::NoEngine(said) => {
                format!("{program} cannot reach its engine; start it, or check your permissions: {said}")
            }
            Self::Failed(said) => format!("{program} cannot save the image `{name}`: {said}"),
            Self::Unreadable(message) => message.clone(),
        }
    }
}

/// The archive that the program writes. It is killed when this goes.
pub(super) struct Saved<'a> {
    child: Child,
    out: ChildStdout,
    said: Option<JoinHandle<Vec<u8>>>,
    /// Counts the bytes.
    read: &'a AtomicU64,
    ended: bool,
}

impl<'a> Saved<'a> {
    /// Runs the program.
    pub(super) fn start(engine: Engine, name: &str, read: &'a AtomicU64) -> Result<Self, Refusal> {
        let mut command = Command::new(engine.program());
        command.args(engine.words()).arg(name);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Refusal::Missing,
            _ => Refusal::NotRun(error.to_string()),
        })?;
        let said = child.stderr.take().map(|stream| thread::spawn(move || kept(stream)));
        let Some(out) = child.stdout.take() else {
            return Err(Refusal::NotRun("it has no output".to_owned()));
        };
        Ok(Self { child, out, said, read, ended: false })
    }

    /// What came of the archive, once it was read or cannot be. Where the program has failed, its own word counts.
    pub(super) fn end<T>(mut self, result: Result<T, String>) -> Result<T, Refusal> {
        if result.is_ok() {
            // Behind the archive there may be padding; a program that is cut off there would fail.
            let _ = io::copy(&mut (&mut self).take(TAIL), &mut io::sink());
        }
        let status = if self.ended { self.wait() } else { None };
        match (result, status) {
            (_, Some(status)) if !status.success() => Err(refusal(&self.said(), status)),
            (Ok(value), _) => Ok(value),
            (Err(message), _) => Err(Refusal::Unreadable(message)),
        }
    }

    /// Waits for the end of a program that writes nothing any more.
    fn wait(&mut self) -> Option<ExitStatus> {
        let deadline = Instant::now() + GRACE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(LINGER),
                _ => return None,
            }
        }
    }

    fn said(&mut self) -> String {
        let said = self.said.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Read for Saved<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.out.read(buffer)?;
        self.ended |= read == 0 && !buffer.is_empty();
        self.read.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(read)
    }
}

impl Drop for Saved<'_> {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The start of a stream; the rest is dropped, so that the writer goes on.
fn kept(mut stream: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = stream.by_ref().take(ERROR_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut stream, &mut io::sink());
    kept
}

/// What the words of a program that has failed mean.
fn refusal(said: &str, status: ExitStatus) -> Refusal {
    let lower = said.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let line = said.lines().map(str::trim).find(|line| !line.is_empty());
    let line = match (line, status.code()) {
        (Some(line), _) => sanitize(&line.chars().take(300).collect::<String>()).into_owned(),
        (None, Some(code)) => format!("it ended with exit code {code} and said nothing"),
        (None, None) => "it was ended by a signal".to_owned(),
    };
    if says(&["no such image", "reference does not exist", "image not known", "unable to find image"]) {
        Refusal::NoImage
    } else if says(&[
        "cannot connect to",
        "failed to connect to",
        "unable to connect to",
        "permission denied while trying to connect",
        "error during connect",
        "is the docker daemon running",
    ]) {
        Refusal::NoEngine(line)
    } else {
        Refusal::Failed(line)
    }
}
