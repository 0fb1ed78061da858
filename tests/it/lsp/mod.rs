//! The language server as an editor uses it.

mod client;
mod contexts;
mod documents;
mod protocol;

use client::{Client, URI, places};
