//! Finds and loads `dlint.toml`; the only part of this room that touches files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::text::toml::Fault;
use crate::text::{Source, SourceError};

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

/// Loads the configuration file at `path`.
///
/// # Errors
/// If it cannot be read, is over 1 MiB, or holds something wrong.
pub fn load(path: &Path) -> Result<ConfigFile, ConfigError> {
    let io = |error| ConfigError::Io(path.to_owned(), error);
    // Before it is opened: opening a FIFO waits for a writer.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB")));
    }
    let source = Source::from_bytes(path.display().to_string(), bytes)
        .map_err(|error| ConfigError::Source(path.to_owned(), error))?;
    let (config, mut faults) = parse(source.text(), Arc::default());
    if let Some(span) = source.invalid().first() {
        faults.insert(0, Fault::new(*span, "this is not valid UTF-8"));
    }
    if faults.is_empty() {
        return Ok(ConfigFile { path: path.to_owned(), config });
    }
    Err(ConfigError::Invalid(source, faults))
}
