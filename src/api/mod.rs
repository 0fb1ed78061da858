//! What other programs use, as `lib.rs` shows it; behind it everything may change.

mod check;
mod finding;
mod settings;

pub use check::{Report, check, lint};
pub use finding::Finding;
pub use settings::{Settings, SettingsError};
