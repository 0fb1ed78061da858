//! Finds and loads `dlint.toml`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::Problem;
use crate::text::toml::Fault;
use crate::text::{Source, SourceError};

use super::input::{InputError, read_text};
use super::read::rule_paths;
use super::rule_files::UserRules;
use super::{Config, parse};

/// The names that a configuration file can have; the first one wins.
const NAMES: [&str; 2] = ["dlint.toml", ".dlint.toml"];

/// The largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration file.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub config: Config,
    /// What is wrong with the users' own rules that it names. They are left out.
    pub problems: Vec<Problem>,
}

/// Why a configuration file cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// It cannot be read.
    Io(PathBuf, io::Error),
    /// It is no text.
    Source(PathBuf, SourceError),
    /// It says what it must not say: the text, and all faults in its order.
    Invalid(Source, Vec<Fault>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Source(path, error) => write!(f, "{} {error}", path.display()),
            Self::Invalid(source, faults) => {
                let lines = source.lines();
                for (i, fault) in faults.iter().enumerate() {
                    let at = lines.position(source.text(), fault.span.start);
                    let end = if i == 0 { "" } else { "\n" };
                    write!(f, "{end}{}:{}:{}: {}", source.name(), at.line, at.column, fault.message)?;
                    if let Some(help) = &fault.help {
                        write!(f, ": {help}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

/// The configuration file for what is in `folder`: the nearest one from there up, not beyond the
/// first folder that holds `.git`.
#[must_use]
pub fn discover(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).ok()?;
    for folder in folder.ancestors() {
        if let Some(path) = NAMES.iter().map(|name| folder.join(name)).find(|p| p.is_file()) {
            return Some(path);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// How many mistakes of one file are listed.
const MAX_LISTED: usize = 20;

/// What is wrong in a file, for a report.
#[must_use]
pub fn problems(source: &Source, faults: Vec<Fault>) -> Vec<Problem> {
    let more = faults.len().saturating_sub(MAX_LISTED);
    let path = || Some(source.name().to_owned());
    let listed = faults.into_iter().take(MAX_LISTED).map(|fault| Problem {
        path: path(),
        message: fault.message,
        help: fault.help,
        place: Some((source.clone(), fault.span)),
    });
    let rest = (more > 0).then(|| {
        let message = format!("there are {more} more mistakes in this file");
        Problem { path: path(), message, ..Problem::default() }
    });
    listed.chain(rest).collect()
}

/// Loads the configuration file at `path`, and the users' own rules that it names.
///
/// # Errors
/// If it cannot be read, is over 1 MiB, or holds something wrong.
pub fn load(path: &Path) -> Result<ConfigFile, ConfigError> {
    let source = read_text(path, MAX_BYTES).map_err(|error| match error {
        InputError::Io(error) => ConfigError::Io(path.to_owned(), error),
        InputError::Source(error) => ConfigError::Source(path.to_owned(), error),
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let rules = UserRules::of_config(&source, folder, &rule_paths(source.text()));
    let (catalogue, problems) = rules.into_catalogue();
    let (config, mut faults) = parse(source.text(), Arc::new(catalogue));
    if let Some(span) = source.invalid().first() {
        faults.insert(0, Fault::new(*span, "this is not valid UTF-8"));
    }
    if faults.is_empty() {
        return Ok(ConfigFile { path: path.to_owned(), config, problems });
    }
    Err(ConfigError::Invalid(source, faults))
}
