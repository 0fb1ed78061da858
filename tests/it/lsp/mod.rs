//! The language server as an editor uses it.

mod builds;
mod client;
mod contexts;
mod documents;
mod entries;
mod protocol;
mod rebuilds;
mod renewed;

use client::{Client, URI, places};
