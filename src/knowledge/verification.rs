//! How checks of certificates and signatures are turned off: `rules/data/verification.toml`.

use table::{OPTIONS, SETTINGS, TEXTS, VARIABLES};

mod table {
    use super::{CheckOption, CheckSetting, CheckText, CheckVariable, Unchecked};

    include!(concat!(env!("OUT_DIR"), "/verification.rs"));
}

/// What is not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unchecked {
    /// Whose certificate a server shows.
    Certificate,
    /// Who signed a package.
    Signature,
}

/// Options of programs.
#[derive(Debug)]
pub struct CheckOption {
    /// The check.
    pub check: Unchecked,
    /// The programs.
    pub commands: &'static [&'static str],
    /// The subcommands that it counts for; empty for all.
    pub subcommands: &'static [&'static str],
    /// `-k`, `--long`, `--long=VALUE`, `-o VALUE`.
    pub options: &'static [&'static str],
    /// Letters of short options that take a value, so that no other letter follows them.
    pub values: &'static str,
    /// What another tool calls it.
    pub alias: Option<&'static str>,
}

/// Settings that a subcommand writes.
#[derive(Debug)]
pub struct CheckSetting {
    /// The check.
    pub check: Unchecked,
    /// The programs.
    pub commands: &'static [&'static str],
    /// Its subcommands that do.
    pub subcommands: &'static [&'static str],
    /// The key; `*` is any text.
    pub key: &'static str,
    /// The values that turn the check off.
    pub off: &'static [&'static str],
    /// What another tool calls it.
    pub alias: Option<&'static str>,
}

/// Environment variables.
#[derive(Debug)]
pub struct CheckVariable {
    /// The check.
    pub check: Unchecked,
    /// Their names.
    pub names: &'static [&'static str],
    /// The values that turn the check off; `*` is any.
    pub off: &'static [&'static str],
    /// What another tool calls it.
    pub alias: Option<&'static str>,
}

/// Text in files of settings.
#[derive(Debug)]
pub struct CheckText {
    /// The check.
    pub check: Unchecked,
    /// The text.
    pub text: &'static str,
    /// What another tool calls it.
    pub alias: Option<&'static str>,
}

/// Options that turn a check off.
#[must_use]
pub const fn check_options() -> &'static [CheckOption] {
    OPTIONS
}

/// Settings that do.
#[must_use]
pub const fn check_settings() -> &'static [CheckSetting] {
    SETTINGS
}

/// Environment variables that do.
#[must_use]
pub const fn check_variables() -> &'static [CheckVariable] {
    VARIABLES
}

/// Texts in files of settings that do.
#[must_use]
pub const fn check_texts() -> &'static [CheckText] {
    TEXTS
}
