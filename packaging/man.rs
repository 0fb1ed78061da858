//! Writes the manual pages, made from the command line itself: `cargo run --example man -- FOLDER`.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("man"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    clap_mangen::generate_to(dlint::internals::cli::command(), folder)
}
