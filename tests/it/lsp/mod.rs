//! The language server as an editor uses it.

mod client;
mod documents;
mod protocol;

use client::{Client, URI, places};
