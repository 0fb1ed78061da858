//! `dlint lock`: asks registries and web servers for what a project takes from them, or measures a real build, and keeps what it learned.

mod answers;
mod ask;
mod learn;
mod online;
mod pin;

use std::io;

use crate::engine::write_report;
use crate::lock::LockFile;
use crate::report::sanitize;
use crate::workspace::LockPlace;

use super::Exit;
use super::args::LockArgs;

pub(super) use answers::{Answers, add, answers, say_left};
pub(super) use ask::{Consent, Wanted, consent};

/// Learns, and writes the lock file.
pub(super) fn run(args: &LockArgs) -> io::Result<Exit> {
    match &args.image {
        _ if args.pin => pin::run(args),
        Some(image) => learn::run(args, image),
        None => online::run(args),
    }
}

fn write(lock: &LockPlace, before: Option<&LockFile>, file: &LockFile) -> Result<(), String> {
    if before == Some(file) {
        return Ok(());
    }
    let name = lock.path.display().to_string();
    write_report(&lock.path, file.text().as_bytes())
        .map_err(|error| format!("{} cannot be written: {error}", sanitize(&name)))
}
