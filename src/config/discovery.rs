//! Finds and loads `dlint.toml` and `.hadolint.yaml`; the only part of this room that reads the environment.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::Problem;
use crate::text::toml::Fault;
use crate::text::{Source, SourceError};
use crate::tree::{DISK, Tree};

use super::hadolint::{self, Hadolint};
use super::input::{self, InputError};
use super::read::rule_paths;
use super::rule_files::UserRules;
use super::{Config, index_files, parse};

/// The names that a configuration file can have; of those in one folder the first one wins.
const NAMES: [&str; 4] = ["dlint.toml", ".dlint.toml", ".hadolint.yaml", ".hadolint.yml"];

/// The largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration file.
#[derive(Debug, Clone, Default)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub config: Config,
    /// What is wrong with the users' own rules that it names. They are left out.
    pub problems: Vec<Problem>,
    /// Whose it is.
    pub kind: ConfigKind,
}

/// Whose settings they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfigKind {
    /// dlint's own.
    #[default]
    Dlint,
    /// A `.hadolint.yaml`.
    Hadolint,
    /// The variables `HADOLINT_…` alone: no file.
    Variables,
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
    /// Variables of the environment say what they must not say.
    Variables(Vec<(&'static str, String)>),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "cannot read {}: {error}", path.display()),
            Self::Source(path, error) => write!(f, "{} {error}", path.display()),
            Self::Variables(faults) => {
                let all: Vec<String> =
                    faults.iter().map(|(name, message)| format!("{name}: {message}")).collect();
                f.write_str(&all.join("\n"))
            }
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
pub fn discover(tree: &Tree, folder: &Path) -> Option<PathBuf> {
    let folder = tree.real(folder).or_else(|_| std::path::absolute(folder)).ok()?;
    for folder in folder.ancestors() {
        if let Some(path) = NAMES.iter().map(|name| folder.join(name)).find(|path| tree.is_file(path)) {
            return Some(path);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// True if a configuration file may have this name.
#[must_use]
pub fn is_settings_name(name: &OsStr) -> bool {
    NAMES.iter().any(|known| name == *known)
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

/// What counts where no configuration file is found: the file that hadolint has for a user, or its variables.
///
/// # Errors
/// As those of [`load`].
pub fn fallback() -> Result<Option<ConfigFile>, ConfigError> {
    match users_file() {
        Some(path) => load(&DISK, &path).map(Some),
        None => {
            let said = hadolint::variables(variable, Hadolint::default()).map_err(ConfigError::Variables)?;
            Ok(said.map(|said| ConfigFile {
                path: PathBuf::new(),
                config: said.config(Arc::default()),
                kind: ConfigKind::Variables,
                problems: Vec::new(),
            }))
        }
    }
}

/// What `dlint init` moves over: hadolint's file in a folder, else the user's own, with the variables.
#[derive(Debug)]
pub struct Found {
    /// Where the file is; `None` if only variables are set.
    pub path: Option<PathBuf>,
    /// The text of the file.
    pub text: String,
    /// What it all says.
    pub said: Hadolint,
}

/// Finds settings of hadolint for a folder.
///
/// # Errors
/// As those of [`load`].
pub fn find_hadolint(folder: &Path) -> Result<Option<Found>, ConfigError> {
    let names = NAMES.iter().map(|name| folder.join(name)).filter(|path| is_hadolint_file(path));
    let path = names.into_iter().find(|path| path.is_file()).or_else(users_file);
    let (text, said) = match &path {
        Some(path) => {
            let source = read_text(&DISK, path)?;
            let (said, faults) = hadolint::read(source.text());
            if !faults.is_empty() {
                return Err(ConfigError::Invalid(source, faults));
            }
            (source.text().to_owned(), said)
        }
        None => (String::new(), Hadolint::default()),
    };
    let more = hadolint::variables(variable, said.clone()).map_err(ConfigError::Variables)?;
    let is_there = path.is_some() || more.is_some();
    Ok(is_there.then(|| Found { path, text, said: more.unwrap_or(said) }))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The first of the places for a user's own settings that hadolint's documentation names.
fn users_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = folder("HOME");
    let below = |path: &str| home.as_ref().map(|home| home.join(path));
    let folders = [
        (folder("XDG_CONFIG_HOME"), &["hadolint"][..]),
        (below(".config"), &["hadolint"]),
        (below(".hadolint"), &["hadolint", "config"]),
        (home.clone(), &[".hadolint"]),
    ];
    let mut paths = folders.iter().flat_map(|(folder, names)| {
        let named =
            |name: &&str| ["yaml", "yml"].map(|end| folder.as_ref().map(|f| f.join(format!("{name}.{end}"))));
        names.iter().flat_map(named).flatten().collect::<Vec<_>>()
    });
    paths.find(|path| path.is_file())
}

/// True if a file by that name is read as one of hadolint's.
#[must_use]
pub fn is_hadolint_file(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
}

/// Loads the configuration file at `path`: as one of hadolint's, with the variables that go with it, if its
/// name ends in `.yaml` or `.yml`, else with the users' own rules that it names.
///
/// # Errors
/// If it cannot be read, is over 1 MiB, or holds something wrong.
pub fn load(tree: &Tree, path: &Path) -> Result<ConfigFile, ConfigError> {
    of_text(tree, path, read_text(tree, path)?)
}

/// What is wrong in a configuration file at `path` that has this text, saved or not.
#[must_use]
pub fn problems_of(path: &Path, text: &str) -> Vec<Problem> {
    if text.len() as u64 > MAX_BYTES {
        let message = "the file is larger than 1 MiB, which is more than dlint reads of a configuration";
        return vec![Problem { message: message.to_owned(), ..Problem::default() }];
    }
    match of_text(&DISK, path, Source::from_text(path.display().to_string(), text)) {
        Ok(file) => file.problems,
        Err(ConfigError::Invalid(source, faults)) => problems(&source, faults),
        Err(error) => vec![Problem { message: error.to_string(), ..Problem::default() }],
    }
}

fn of_text(tree: &Tree, path: &Path, source: Source) -> Result<ConfigFile, ConfigError> {
    let mut problems = Vec::new();
    let (config, kind, mut faults) = if is_hadolint_file(path) {
        let (said, faults) = hadolint::read(source.text());
        let more = hadolint::variables(variable, said.clone()).map_err(ConfigError::Variables)?;
        (more.unwrap_or(said).config(Arc::default()), ConfigKind::Hadolint, faults)
    } else {
        let folder = path.parent().unwrap_or(Path::new(""));
        let rules = UserRules::of_config(tree, &source, folder, &rule_paths(source.text()));
        let (catalogue, wrong) = rules.into_catalogue();
        problems = wrong;
        let (mut config, faults) = parse(source.text(), Arc::new(catalogue));
        config.retain_contexts(|context| {
            let there = tree.is_folder(&folder.join(&context.value));
            if !there {
                problems.push(Problem {
                    path: Some(source.name().to_owned()),
                    message: format!("the build context `{}` is not a folder", context.value.display()),
                    help: Some("it is relative to the folder of this file".to_owned()),
                    place: Some((source.clone(), context.span)),
                });
            }
            there
        });
        index_files::attach(&mut config, tree, folder);
        (config, ConfigKind::Dlint, faults)
    };
    if let Some(span) = source.invalid().first() {
        faults.insert(0, Fault::new(*span, "this is not valid UTF-8"));
    }
    if faults.is_empty() {
        return Ok(ConfigFile { path: path.to_owned(), config, problems, kind });
    }
    Err(ConfigError::Invalid(source, faults))
}

/// Reads a configuration file as a text.
///
/// # Errors
/// If it cannot be read, or is over 1 MiB.
pub fn read_text(tree: &Tree, path: &Path) -> Result<Source, ConfigError> {
    input::read_text(tree, path, MAX_BYTES).map_err(|error| match error {
        InputError::Io(error) => ConfigError::Io(path.to_owned(), error),
        InputError::Source(error) => ConfigError::Source(path.to_owned(), error),
    })
}
