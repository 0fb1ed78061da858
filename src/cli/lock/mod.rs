//! `dlint lock`: asks registries for what a project starts from, or measures a real build, and keeps what it learned.

mod ask;
mod learn;
mod online;
mod pin;

use std::io;

use crate::engine::LockPlace;
use crate::lock::LockFile;
use crate::report::sanitize;

use super::Exit;
use super::args::LockArgs;

pub(super) use ask::{Consent, consent};

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
    lock.write(file).map_err(|error| format!("{} cannot be written: {error}", sanitize(&name)))
}
