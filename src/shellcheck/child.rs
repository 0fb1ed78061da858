//! Runs a program, within limits of time and output.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// What a program wrote.
#[derive(Debug)]
pub(super) struct Output {
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// What it wrote to standard output.
    pub(super) out: Vec<u8>,
    /// What it wrote to standard error, the start of it.
    pub(super) err: Vec<u8>,
}

/// Why there is no output.
#[derive(Debug)]
pub(super) enum Failure {
    /// It could not be started.
    Start(io::Error),
    /// It took too long.
    Timeout,
    /// It wrote too much.
    TooMuch,
}

/// How much of standard error is kept, in bytes.
const ERROR_BYTES: usize = 4096;

/// How long to wait between looks at a program that has closed its output and still runs.
const LINGER: Duration = Duration::from_millis(2);

/// Runs `command` without input. After `time`, or once it has written more than `bytes`, it is killed.
pub(super) fn run(command: &mut Command, time: Duration, bytes: usize) -> Result<Output, Failure> {
    let deadline = Instant::now() + time;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::Start)?;
    let out = reader(child.stdout.take(), bytes);
    let err = reader(child.stderr.take(), ERROR_BYTES);
    let read = receive(&out, deadline)
        .and_then(|out| if out.len() > bytes { Err(Failure::TooMuch) } else { Ok(out) })
        .and_then(|out| Ok((out, receive(&err, deadline)?)));
    let ended = read.and_then(|read| Ok((wait(&mut child, deadline)?, read)));
    match ended {
        Ok((code, (out, mut err))) => {
            err.truncate(ERROR_BYTES);
            Ok(Output { code, out, err })
        }
        Err(failure) => {
            // Its readers end with it, or with whoever else holds its output: they are not waited for.
            let _ = child.kill();
            let _ = child.wait();
            Err(failure)
        }
    }
}

/// Reads a stream on a thread of its own: up to `bytes` and one more, so that it is seen that there is
/// more. The rest is dropped, so that the writer goes on.
fn reader(stream: Option<impl Read + Send + 'static>, bytes: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut stream) = stream {
        thread::spawn(move || {
            let mut read = Vec::new();
            let most = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(1);
            // What was read until an error is what there is.
            let _ = stream.by_ref().take(most).read_to_end(&mut read);
            let full = read.len() > bytes;
            let _ = sender.send(read);
            if full {
                let _ = io::copy(&mut stream, &mut io::sink());
            }
        });
    }
    receiver
}

fn receive(from: &Receiver<Vec<u8>>, deadline: Instant) -> Result<Vec<u8>, Failure> {
    match from.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(read) => Ok(read),
        Err(RecvTimeoutError::Timeout) => Err(Failure::Timeout),
        Err(RecvTimeoutError::Disconnected) => Ok(Vec::new()),
    }
}

/// Waits for the end of a program that writes nothing any more.
fn wait(child: &mut Child, deadline: Instant) -> Result<Option<i32>, Failure> {
    loop {
        match child.try_wait().map_err(Failure::Start)? {
            Some(status) => return Ok(status.code()),
            None if Instant::now() >= deadline => return Err(Failure::Timeout),
            None => thread::sleep(LINGER),
        }
    }
}
