//! Images where they are published: the distribution protocol of registries, as a client that only reads.
//!
//! Nothing here is touched unless a command asks for the network by its name. Everything that comes from outside is
//! taken for hostile: bytes, requests, redirects and time are bounded, digests are checked, addresses that are not
//! public are refused unless their host was named, and credentials go to the host that they are of.

mod access;
mod address;
mod budget;
mod challenge;
mod credentials;
mod error;
mod file;
mod found;
mod guard;
mod helper;
mod image;
mod json;
mod login;
mod remote;
mod roots;
mod secret;
mod tail;
mod unpacked;
mod url;
mod web;

pub use access::Access;
#[cfg(feature = "internals")]
pub use error::Fault;
pub use error::RegistryError;
pub use file::WebFile;
pub use found::Found;
pub use image::Client;
pub use json::Settings;
pub use unpacked::{Bytes, How};
