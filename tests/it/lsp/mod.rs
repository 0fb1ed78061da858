//! The language server as an editor uses it.

mod builds;
mod client;
mod commands;
mod contexts;
mod documents;
mod entries;
mod folders;
mod protocol;
mod rebuilds;
mod renewed;
mod settings_file;

use client::{Client, URI, places};
