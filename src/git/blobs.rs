//! Contents of a repository, through one process.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Mutex, PoisonError};

use crate::tree::{Contents, MAX_HELD};

use super::run::{Asked, Failure};

/// The contents of a repository.
#[derive(Debug)]
pub(super) struct Blobs {
    top: PathBuf,
    /// Started when something is first asked for.
    process: Mutex<Option<Process>>,
}

/// `git cat-file --batch`, which answers until its input ends.
#[derive(Debug)]
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends with its input; what it still has to say nobody wants.
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Blobs {
    pub(super) const fn new(top: PathBuf) -> Self {
        Self { top, process: Mutex::new(None) }
    }

    /// How many bytes each content has; `None` for what is not here, as in a clone that has only a part.
    pub(super) fn sizes(&self, ids: &[&str]) -> Result<Vec<Option<u64>>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut child = Asked::new(&self.top, &["cat-file", "--batch-check=%(objectsize)"]).fed()?;
        let input: String = ids.iter().flat_map(|id| [id, "\n"]).collect();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        // Written beside the reading, so that neither pipe fills up.
        let sizes = std::thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
            let lines = stdout.into_iter().flat_map(|out| BufReader::new(out).lines());
            lines.map_while(Result::ok).map(|line| line.parse().ok()).collect::<Vec<Option<u64>>>()
        });
        let status = child.wait().map_err(Failure::NotRun)?;
        match status.success() && sizes.len() == ids.len() {
            true => Ok(sizes),
            false => Err(Failure::Refused("it says too little of its contents".to_owned())),
        }
    }
}

impl Process {
    fn start(top: &std::path::Path) -> io::Result<Self> {
        let mut child = Asked::new(top, &["cat-file", "--batch"]).fed().map_err(io::Error::other)?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// The answer is `ID TYPE SIZE`, a line, and the content with a newline behind it; or `ID missing`.
    fn read(&mut self, id: &str) -> io::Result<Vec<u8>> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{id}")?;
        input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let bytes = head.split_whitespace().nth(2).and_then(|size| size.parse::<u64>().ok());
        let bytes =
            bytes.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "git has not its content"))?;
        if bytes > MAX_HELD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut content = Vec::new();
        (&mut self.output).take(bytes + 1).read_to_end(&mut content)?;
        if content.pop() != Some(b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(content)
    }
}

impl Contents for Blobs {
    fn read(&self, id: &str) -> io::Result<Vec<u8>> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match &mut *process {
            Some(running) => running,
            None => process.insert(Process::start(&self.top)?),
        };
        let read = running.read(id);
        if read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            // Nobody knows what it would say next.
            *process = None;
        }
        read
    }
}
