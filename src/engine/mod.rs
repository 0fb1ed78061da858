//! Linting: one file, and many.

mod lint;

pub use lint::{RuleOptions, lint};
