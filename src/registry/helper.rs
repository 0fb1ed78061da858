//! Credential helpers: `docker-credential-NAME get`, with the registry on standard input and a login as its answer.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::error::Fault;
use super::secret::{Login, Secret};

/// Someone may have to unlock a keychain.
const TIME: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 30 });
/// A login is no longer.
const MAX_ANSWER: u64 = 64 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Asks a helper for the login of a registry; `None` if it has none.
pub(super) fn ask(name: &str, registry: &str) -> Result<Option<Login>, Fault> {
    let fault = |why| Fault::Helper(name.chars().take(64).collect(), why);
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(fault("is not the name of a program"));
    }
    let program = on_path(&format!("docker-credential-{name}")).ok_or_else(|| fault("is not on the PATH"))?;
    let (done, answer) = run(&program, registry).map_err(fault)?;
    if !done {
        // Helpers say so where they have no login; what else they say is not for others.
        return Ok(None);
    }
    let answer: Answer =
        serde_json::from_slice(&answer).map_err(|_| fault("does not answer as a credential helper does"))?;
    if answer.secret.is_empty() {
        return Ok(None);
    }
    let secret = Secret(answer.secret);
    Ok(Some(match &*answer.username {
        "<token>" => Login::Identity(secret),
        user => Login::Password { user: user.to_owned(), secret },
    }))
}

/// The program in one of the folders of the PATH, the current folder never among them.
fn on_path(program: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{program}.exe") } else { program.to_owned() };
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

/// Whether it succeeded, and what it wrote.
fn run(program: &Path, registry: &str) -> Result<(bool, Vec<u8>), &'static str> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| "cannot be started")?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let line = format!("{registry}\n");
    // One that does not read still has to end in time.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(line.as_bytes())));
    let (said, heard) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map(|stdout| stdout.take(MAX_ANSWER + 1).read_to_end(&mut bytes));
        // Nobody listens any more if it took too long.
        let _ = said.send(read.is_some_and(|read| read.is_ok()).then_some(bytes));
    });
    match heard.recv_timeout(TIME) {
        Ok(Some(bytes)) if bytes.len() as u64 <= MAX_ANSWER => {
            let status = wait(&mut child)?;
            Ok((status, bytes))
        }
        Ok(_) => {
            end(&mut child);
            Err("says too much")
        }
        Err(_) => {
            end(&mut child);
            Err("took too long")
        }
    }
}

/// Waits for a program that has closed its output.
fn wait(child: &mut Child) -> Result<bool, &'static str> {
    let steps = 50;
    for _ in 0..steps {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => thread::park_timeout(TIME / steps),
            Err(_) => break,
        }
    }
    end(child);
    Err("took too long")
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
