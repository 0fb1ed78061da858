//! The Dockerfile language as BuildKit reads it.
//!
//! [`parse`] never fails: what BuildKit would refuse becomes a [`SyntaxError`] beside a node with
//! optional fields, and the rest of the file goes on. The behaviour follows BuildKit's
//! `frontend/dockerfile/parser`, `frontend/dockerfile/instructions` and `frontend/dockerfile/shell`.
//!
//! The tree is flat: the [`Item`]s of a [`File`] tile the text without a gap, so printing them gives
//! the input back. Every node holds byte spans into the original text.

mod arguments;
mod ast;
mod comment;
mod csv;
mod directive;
mod dispatch;
mod duration;
mod error;
mod expand;
mod flag_values;
mod flags;
mod frontend;
mod glob;
mod health;
mod heredoc;
mod image;
mod json;
mod keyword;
mod lexer;
mod logical;
mod mount;
mod parser;
mod platform;
mod port;
mod script;
mod signal;
mod swallowed;
#[cfg(test)]
mod tests;
mod user;
mod validate;
mod word;

pub use ast::{
    ArgDecl, CommandForm, ExecForm, ExecItem, File, From, Healthcheck, Instruction, ItemKind, Kind, Pair,
    Transfer, TransferSource,
};
pub use directive::DirectiveKind;
pub use error::{SyntaxError, SyntaxErrorKind};
pub use expand::{ExpandError, Found, Lookup, MAX_EXPANSION_BYTES, Value};
pub use flags::Flag;
pub use frontend::Frontend;
pub use health::HealthSetting;
pub use heredoc::Heredoc;
pub use image::ImageRef;
pub use json::Slip;
pub use keyword::Keyword;
pub use logical::Logical;
pub use mount::{Mount, MountOption, MountType};
pub use parser::parse;
#[cfg(feature = "internals")]
pub use parser::{MAX_INSTRUCTION_BYTES, MAX_INSTRUCTIONS};
pub use platform::{Platform, PlatformSlip};
pub use port::{Port, PortWord, WordPart, ports};
pub use script::{CutOff, interpreter, named_program};
pub use signal::Signal;
pub use swallowed::Swallowed;
pub use user::User;
pub use word::{Escape, Operator, Variable, Word};
