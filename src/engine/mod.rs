//! Linting: one file, and many.

mod discover;
mod lint;
mod read;
mod run;
mod settings;

pub use discover::{Input, InputKind, discover, is_dockerfile_name, is_ignorefile_name};
pub use lint::{RuleOptions, lint};
pub use read::{describe, read_source, read_stdin};
pub use run::{ContextChoice, Outcome, Run, load_ignore, merge};
pub use settings::Settings;
