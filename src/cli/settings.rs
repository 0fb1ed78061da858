//! Which settings count for which file: the command line over the nearest `dlint.toml`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{self, Config, ConfigError, ConfigFile, FailOn, Settings};
use crate::diag::Problem;
use crate::engine::ContextChoice;
use crate::report::sanitize;
use crate::rules::{Choice, Selector};

use super::args::{FailOnArg, LintArgs};

/// The settings of a run. Each configuration file is loaded once.
pub(super) struct SettingsBook {
    choice: Choice,
    fail_on: Option<FailOn>,
    context: Option<ContextChoice>,
    /// By folder: the configuration file that counts there.
    folders: HashMap<PathBuf, Option<PathBuf>>,
    files: BTreeMap<PathBuf, Arc<ConfigFile>>,
    /// Counts for all, with `--config`.
    only: Option<Arc<ConfigFile>>,
    search: bool,
    /// What counts where no configuration file does.
    default: Arc<Settings>,
}

impl SettingsBook {
    pub(super) fn new(args: &LintArgs, problems: &mut Vec<Problem>) -> Self {
        let choice = Choice {
            select: (!args.select.is_empty()).then(|| selectors(&args.select, problems)),
            extend: selectors(&args.extend_select, problems),
            ignore: selectors(&args.ignore, problems),
            severity: Vec::new(),
        };
        let fail_on = args.fail_on.map(|arg| match arg {
            FailOnArg::Error => FailOn::At(crate::diag::Severity::Error),
            FailOnArg::Warning => FailOn::At(crate::diag::Severity::Warning),
            FailOnArg::Info => FailOn::At(crate::diag::Severity::Info),
            FailOnArg::Never => FailOn::Never,
        });
        let context = match &args.context {
            _ if args.no_context => Some(ContextChoice::None),
            Some(folder) => Some(ContextChoice::Folder(folder.clone())),
            None => None,
        };
        let only = args.config.as_deref().and_then(|path| load(path, problems));
        let search = args.config.is_none() && !args.no_config;
        let default = Arc::new(Config::default().settings(Path::new(""), &choice, fail_on));
        Self {
            choice,
            fail_on,
            context,
            folders: HashMap::new(),
            files: BTreeMap::new(),
            only,
            search,
            default,
        }
    }

    /// Loads the configuration files that count for `paths`; faults are problems, said once.
    pub(super) fn load_for<'a>(
        &mut self,
        paths: impl IntoIterator<Item = &'a Path>,
        problems: &mut Vec<Problem>,
    ) {
        if !self.search {
            return;
        }
        for path in paths {
            let folder = if path.is_dir() { path.to_path_buf() } else { folder(path) };
            if self.folders.contains_key(&folder) {
                continue;
            }
            let found = config::discover(&folder);
            if let Some(found) = &found
                && !self.files.contains_key(found)
            {
                let file = load(found, problems).unwrap_or_else(|| {
                    Arc::new(ConfigFile { path: found.clone(), config: Config::default() })
                });
                self.files.insert(found.clone(), file);
            }
            self.folders.insert(folder, found);
        }
    }

    fn file(&self, path: &Path) -> Option<&Arc<ConfigFile>> {
        if let Some(only) = &self.only {
            return Some(only);
        }
        let at = |folder: &Path| self.folders.get(folder).cloned();
        let found = if self.search { at(path).or_else(|| at(&folder(path))).flatten() } else { None };
        self.files.get(&found?)
    }

    /// What counts for the file at `path`.
    pub(super) fn settings(&self, path: &Path) -> Arc<Settings> {
        let Some(file) = self.file(path) else {
            return Arc::clone(&self.default);
        };
        Arc::new(file.config.settings(&relative(path, file), &self.choice, self.fail_on))
    }

    /// Where the build context of the file at `path` is.
    pub(super) fn context(&self, path: &Path) -> ContextChoice {
        if let Some(choice) = &self.context {
            return choice.clone();
        }
        match self.file(path).and_then(|f| Some(f.path.parent()?.join(f.config.context.as_ref()?))) {
            Some(folder) => ContextChoice::Folder(folder),
            None => ContextChoice::Beside,
        }
    }

    /// True if a configuration file says to pass over `path`.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        self.file(path).is_some_and(|file| file.config.excludes(&relative(path, file)))
    }
}

/// The folder that a path is in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_path_buf(),
        None => PathBuf::from("."),
    }
}

/// `path` seen from the folder of the configuration file.
fn relative(path: &Path, file: &ConfigFile) -> PathBuf {
    let absolute =
        path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf());
    let base = file.path.parent().map(|p| p.canonicalize().unwrap_or_else(|_| p.to_path_buf()));
    base.and_then(|b| absolute.strip_prefix(b).ok().map(Path::to_path_buf))
        .unwrap_or_else(|| path.to_path_buf())
}

fn load(path: &Path, problems: &mut Vec<Problem>) -> Option<Arc<ConfigFile>> {
    match config::load(path) {
        Ok(file) => return Some(Arc::new(file)),
        Err(ConfigError::Invalid(source, faults)) => {
            problems.extend(faults.into_iter().map(|fault| Problem {
                path: Some(source.name().to_owned()),
                message: fault.message,
                help: fault.help,
                place: Some((source.clone(), fault.span)),
            }));
        }
        Err(error) => {
            problems.push(Problem { message: error.to_string(), ..Problem::default() });
        }
    }
    None
}

fn selectors(words: &[String], problems: &mut Vec<Problem>) -> Vec<Selector> {
    let mut out = Vec::new();
    for word in words.iter().filter(|w| !w.is_empty()) {
        match Selector::parse(word) {
            Ok(selector) => out.push(selector),
            Err(error) => problems.push(Problem {
                message: sanitize(&error.to_string()).into_owned(),
                help: Some("`dlint rules` lists all rules".to_owned()),
                ..Problem::default()
            }),
        }
    }
    out
}
