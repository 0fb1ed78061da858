//! Shell scripts: their simple commands with words, redirections, connectors and exact places.
//!
//! This room knows only `text`. [`grammar`] reads nearly all scripts, `shuck-parser` the rest; none of
//! its types is seen outside, so that it can be replaced.

mod command;
mod exec;
mod fallback;
mod grammar;
mod lower;
mod lower_command;
mod nested;
mod origin;
mod parse;
mod skip;
mod word;
mod wrappers;

#[cfg(test)]
mod tests;

pub use command::{
    Command, Connector, Link, List, ListKind, Pipeline, Place, Redirect, RedirectKind, Seat, Within,
};
pub use exec::exec;
pub use parse::{Dialect, Script, parse};
pub use word::{Part, PartKind, Word};
