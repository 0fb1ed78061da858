//! A line on standard error that tells how far a long walk has come.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::context::Progress;
use crate::diag::{format_bytes, format_count};

/// A walk that is over by then shows nothing.
const BEFORE: Duration = Duration::from_millis(500);
/// How long a line stands.
const BETWEEN: Duration = Duration::from_millis(100);
/// Goes to the start of the line and empties it.
const CLEAR: &str = "\r\x1b[2K";

/// How far something is.
pub(super) trait Shown: Sync {
    /// That in a few words; nothing before it has begun.
    fn line(&self) -> Option<String>;
}

impl Shown for Progress {
    /// Short enough for any terminal, so that it never wraps.
    fn line(&self) -> Option<String> {
        let (files, bytes) = (format_count(self.files()), format_bytes(self.bytes()));
        (self.files() > 0).then(|| format!("measuring: {files} files, {bytes}"))
    }
}

/// How many bytes were read of an image.
#[derive(Debug, Default)]
pub(super) struct BytesRead(pub(super) AtomicU64);

impl Shown for BytesRead {
    fn line(&self) -> Option<String> {
        let bytes = self.0.load(Ordering::Relaxed);
        (bytes > 0).then(|| format!("reading: {}", format_bytes(bytes)))
    }
}

/// How many of several questions were answered.
#[derive(Debug)]
pub(super) struct Asked {
    all: usize,
    done: AtomicU64,
}

impl Asked {
    pub(super) const fn of(all: usize) -> Self {
        Self { all, done: AtomicU64::new(0) }
    }

    /// One more was answered.
    pub(super) fn next(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shown for Asked {
    fn line(&self) -> Option<String> {
        Some(format!("asking: {} of {}", self.done.load(Ordering::Relaxed), self.all))
    }
}

/// Does `work`, and shows on a terminal how far it is, unless that is unwanted. Nothing is left of the
/// line afterwards.
pub(super) fn shown<T>(quiet: bool, progress: &dyn Shown, work: impl FnOnce() -> T) -> T {
    let able = std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    if quiet || !able || !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let (working, done) = channel();
        scope.spawn(move || draw(&mut io::stderr(), progress, &done, BEFORE, BETWEEN));
        // If the work panics, the sender goes as well, and so the line is cleared in any case.
        let _working = working;
        work()
    })
}

/// Draws until the other end of `done` is gone.
fn draw(out: &mut dyn Write, progress: &dyn Shown, done: &Receiver<()>, before: Duration, between: Duration) {
    let mut wait = before;
    let mut drawn = false;
    while done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = between;
        if let Some(line) = progress.line() {
            // Progress that cannot be shown is no failure.
            let _ = write!(out, "{CLEAR}{line}").and_then(|()| out.flush());
            drawn = true;
        }
    }
    if drawn {
        let _ = write!(out, "{CLEAR}").and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::mpsc::Sender;

    use super::*;
    use crate::context::{Detail, ScanRequest, scan};

    /// Ends the work after some lines.
    struct Screen {
        text: String,
        lines: usize,
        working: Option<Sender<()>>,
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.text.push_str(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            self.lines = self.lines.saturating_sub(1);
            if self.lines == 0 {
                self.working = None;
            }
            Ok(())
        }
    }

    fn walked(root: &Path) -> Progress {
        fs::write(root.join("a"), vec![0; 1500]).unwrap();
        let progress = Progress::default();
        let root = root.to_path_buf();
        let request = ScanRequest {
            root,
            tree: &crate::tree::DISK,
            ignore: None,
            queries: Vec::new(),
            detail: Detail::Lint,
            progress: Some(&progress),
        };
        scan(&request).unwrap();
        progress
    }

    fn drawn(progress: &Progress, lines: usize) -> String {
        let (working, done) = channel();
        let mut screen = Screen { text: String::new(), lines, working: (lines > 0).then_some(working) };
        draw(&mut screen, progress, &done, Duration::ZERO, Duration::ZERO);
        screen.text
    }

    #[test]
    fn lines_replace_each_other_and_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let progress = walked(dir.path());
        let line = format!("{CLEAR}measuring: 1 files, 1.50 kB");
        assert_eq!(drawn(&progress, 2), format!("{line}{line}{CLEAR}"));
        // What is done in time shows nothing.
        assert_eq!(drawn(&progress, 0), "");
    }

    #[test]
    fn the_work_is_done_in_any_case() {
        assert_eq!(shown(true, &Progress::default(), || 5), 5);
        assert_eq!(shown(false, &Progress::default(), || 6), 6);
    }
}
