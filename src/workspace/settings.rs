//! Which settings count for which file: the command line over the nearest `dlint.toml`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{
    self, Color, Config, ConfigError, ConfigFile, ConfigKind, DocsUrl, FailOn, Settings, Sort, UserRules,
};
use crate::diag::{Format, Problem, Severity};
use crate::rules::{Catalogue, Choice, Policy, Selector, Status, UnknownSelector, is_hadolint};
use crate::semantic::Builder;
use crate::tree::{DISK, Tree};

use super::ContextSource;
use crate::text::Gather;

/// Which configuration files count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ConfigChoice {
    /// The nearest one of each file.
    #[default]
    Nearest,
    /// None.
    None,
    /// This one, for all.
    File(PathBuf),
}

/// What a run says over its configuration files, with the names of rules as they were written.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The rules to use in place of the configured ones.
    pub select: Option<Vec<String>>,
    /// The rules to use beside them.
    pub extend: Vec<String>,
    /// The rules to leave out.
    pub ignore: Vec<String>,
    /// Severities of rules.
    pub severity: Vec<(String, Severity)>,
    /// Rules whose findings never fail a run.
    pub advisory: Vec<String>,
    /// What is demanded of images.
    pub policy: Policy,
    /// When a run fails.
    pub fail_on: Option<FailOn>,
    /// Where build contexts are.
    pub context: Option<ContextSource>,
    /// Whether no comment suppresses anything.
    pub disable_ignore_pragma: bool,
    /// The least saving of a finding, in bytes.
    pub min_saving: Option<u64>,
    /// What builds.
    pub builder: Option<Builder>,
    /// Which configuration files count.
    pub config: ConfigChoice,
}

/// How a configuration file wants reports to look.
#[derive(Debug, Clone, Default)]
pub struct ReportChoice {
    /// What they are written as.
    pub format: Option<Format>,
    /// When they have colours.
    pub color: Option<Color>,
    /// The order of findings.
    pub sort: Option<Sort>,
    /// Where they link to.
    pub docs_url: Option<DocsUrl>,
    /// The file of the findings that are known.
    pub baseline: Option<PathBuf>,
}

/// The settings of a run. Each configuration file is loaded once.
#[derive(Debug, Clone)]
pub struct SettingsByFolder {
    overrides: Overrides,
    /// By folder: the configuration file that counts there.
    folders: HashMap<PathBuf, Option<PathBuf>>,
    /// Folders without links, by how they are written: asked of the system once each.
    real: Arc<Mutex<HashMap<PathBuf, PathBuf>>>,
    files: BTreeMap<PathBuf, Arc<Governing>>,
    /// Counts for all, with `--config`.
    only: Option<Arc<Governing>>,
    search: bool,
    /// True if a configuration file is wrong, so that it is not known which rules there are.
    wrong: bool,
    /// Counts where no file is found; `None` where nothing was looked for.
    fallback: Option<Option<Arc<Governing>>>,
    /// What counts where nothing else does.
    default: Arc<Settings>,
    /// Where files are.
    tree: Tree,
}

/// A configuration file, and what the command line means with the rules that it knows.
#[derive(Debug)]
struct Governing {
    file: ConfigFile,
    /// Its folder, without links.
    folder: Option<PathBuf>,
    choice: Choice,
    /// What counts for files, by the overrides that are about them.
    settings: Mutex<HashMap<Vec<usize>, Arc<Settings>>>,
}

impl Overrides {
    /// What they mean among the rules of a catalogue; what it does not know means nothing there.
    fn among(&self, catalogue: &Catalogue) -> Choice {
        let known = |words: &Vec<String>| -> Vec<Selector> {
            words.iter().filter_map(|word| catalogue.select(word).ok()).collect()
        };
        let mut extend = known(&self.extend);
        extend.push(catalogue.of_policy(&self.policy));
        Choice {
            select: self.select.as_ref().map(known),
            extend,
            ignore: known(&self.ignore),
            severity: self
                .severity
                .iter()
                .filter_map(|(word, severity)| Some((catalogue.lookup(word)?, *severity)))
                .collect(),
            advisory: (!self.advisory.is_empty()).then(|| known(&self.advisory)),
        }
    }

    /// Those that no catalogue knows.
    fn unknown(&self, catalogues: &[Arc<Catalogue>]) -> Vec<UnknownSelector> {
        // What only hadolint has need not be there to be ignored, or to be as bad as somebody thinks.
        let severity = self.severity.iter().map(|(word, _)| word);
        let words = self.ignore.iter().chain(severity).filter(|word| !is_hadolint(word));
        let words = self.select.iter().flatten().chain(&self.extend).chain(words);
        let unknown = |word: &String| {
            let mut tried = catalogues.iter().map(|c| c.select(word));
            // Each that does not know it has its own idea of what is meant: the last knows most rules.
            tried.try_fold(None, |_, answer| answer.err().map(Some)).flatten()
        };
        words.filter_map(unknown).collect()
    }
}

impl SettingsByFolder {
    /// These settings for all files: no configuration file counts.
    pub(super) fn of(settings: Arc<Settings>) -> Self {
        let overrides = Overrides { config: ConfigChoice::None, ..Overrides::default() };
        Self { default: settings, ..Self::new(overrides, &mut Vec::new()) }
    }

    /// Knows nothing of configuration files yet, but for the one that `overrides` name.
    #[must_use]
    pub fn new(overrides: Overrides, problems: &mut Vec<Problem>) -> Self {
        Self::of_tree(&DISK, overrides, problems)
    }

    /// The same for the files of a tree.
    #[must_use]
    pub(super) fn of_tree(tree: &Tree, overrides: Overrides, problems: &mut Vec<Problem>) -> Self {
        let named = match &overrides.config {
            ConfigChoice::File(path) => Some(path),
            ConfigChoice::Nearest | ConfigChoice::None => None,
        };
        let only = named.and_then(|path| load(tree, path, problems));
        let wrong = named.is_some() && only.is_none();
        let only = only.map(|file| Arc::new(Governing::new(file, &overrides)));
        let none = Config { policy: overrides.policy.clone(), ..Config::default() };
        let choice = overrides.among(&none.catalogue);
        let mut default = none.settings(Path::new(""), &choice, overrides.fail_on);
        default.disable_ignore_pragma |= overrides.disable_ignore_pragma;
        default.min_saving = overrides.min_saving;
        default.builder = overrides.builder;
        Self {
            search: overrides.config == ConfigChoice::Nearest,
            folders: HashMap::new(),
            real: Arc::default(),
            files: BTreeMap::new(),
            only,
            wrong,
            fallback: None,
            default: Arc::new(default),
            overrides,
            tree: tree.clone(),
        }
    }

    /// Loads the configuration files that count for `paths`; faults are problems, said once.
    pub fn load_for<'a>(&mut self, paths: impl IntoIterator<Item = &'a Path>, problems: &mut Vec<Problem>) {
        if !self.search {
            return;
        }
        for path in paths {
            let folder = self.folder_of(path);
            if self.folders.contains_key(&folder) {
                continue;
            }
            let found = config::discover(&self.tree, &folder);
            if let Some(found) = &found
                && !self.files.contains_key(found)
            {
                let file = load(&self.tree, found, problems)
                    .unwrap_or_else(|| ConfigFile { path: found.clone(), ..ConfigFile::default() });
                self.files.insert(found.clone(), Arc::new(Governing::new(file, &self.overrides)));
            }
            if found.is_none() && self.fallback.is_none() {
                let file = loaded(config::fallback(), problems).flatten();
                self.fallback = Some(file.map(|file| Arc::new(Governing::new(file, &self.overrides))));
            }
            self.folders.insert(folder, found);
        }
    }

    /// The folder that counts for a path: that of a file, or the path itself.
    fn folder_of(&self, path: &Path) -> PathBuf {
        if self.tree.is_folder(path) { path.to_path_buf() } else { folder(path) }
    }

    /// True if what counts for a path was loaded.
    #[must_use]
    pub(super) fn knows(&self, path: &Path) -> bool {
        !self.search || self.folders.contains_key(&self.folder_of(path))
    }

    /// What counts for `path` alone, for who keeps it.
    #[must_use]
    pub(super) fn with_only(&self, path: &Path) -> Self {
        let own = [path.to_path_buf(), folder(path)];
        let folders = own.iter().filter_map(|folder| self.folders.get_key_value(folder));
        let folders: HashMap<_, _> = folders.map(|(folder, file)| (folder.clone(), file.clone())).collect();
        let files = folders.values().flatten().filter_map(|file| self.files.get_key_value(file));
        let files = files.map(|(path, file)| (path.clone(), Arc::clone(file))).gather();
        Self { folders, files, ..self.bare() }
    }

    /// The same, of which no configuration file was looked for yet but for one that counts for all.
    #[must_use]
    pub(super) fn unread(&self) -> Self {
        Self { real: Arc::default(), fallback: None, ..self.bare() }
    }

    /// The same without what is known of single folders.
    fn bare(&self) -> Self {
        Self {
            folders: HashMap::new(),
            files: BTreeMap::new(),
            overrides: self.overrides.clone(),
            real: Arc::clone(&self.real),
            only: self.only.clone(),
            search: self.search,
            wrong: self.wrong,
            fallback: self.fallback.clone(),
            default: Arc::clone(&self.default),
            tree: self.tree.clone(),
        }
    }

    /// The rules of all configuration files that were loaded, dlint's own first.
    #[must_use]
    pub fn catalogues(&self) -> Vec<Arc<Catalogue>> {
        let files = self.only.iter().chain(self.files.values()).chain(self.fallback.iter().flatten());
        let used = files.map(|governing| Arc::clone(&governing.file.config.catalogue));
        std::iter::once(Arc::default()).chain(used).collect()
    }

    /// The rules that the command line names and no configuration file knows. All files must be loaded.
    pub fn unknown_rules(&self) -> impl Iterator<Item = Problem> + use<> {
        let unknown = if self.wrong { Vec::new() } else { self.overrides.unknown(&self.catalogues()) };
        unknown.into_iter().map(|error| Problem {
            message: error.to_string(),
            help: Some("`dlint rules` lists all rules".to_owned()),
            ..Problem::default()
        })
    }

    fn governing(&self, path: &Path) -> Option<&Governing> {
        if let Some(only) = &self.only {
            return Some(only);
        }
        let at = |folder: &Path| self.folders.get(folder).cloned();
        let found = if self.search { at(path).or_else(|| at(&folder(path))).flatten() } else { None };
        match found {
            Some(path) => self.files.get(&path).map(|governing| &**governing),
            None => self.fallback.as_ref()?.as_deref(),
        }
    }

    /// How the report looks, by the configuration of `path`.
    #[must_use]
    pub fn output(&self, path: &Path) -> ReportChoice {
        let file = self.governing(path).map(|governing| &governing.file);
        file.map_or_else(ReportChoice::default, |ConfigFile { path, config, .. }| ReportChoice {
            format: config.format,
            color: config.color,
            sort: config.sort,
            docs_url: config.docs_url.clone(),
            baseline: config.baseline.as_ref().map(|file| path.with_file_name("").join(file)),
        })
    }

    /// Says where settings of hadolint's come from, if any were taken.
    #[must_use]
    pub fn moving(&self) -> Option<String> {
        let used = self.only.iter().chain(self.files.values()).chain(self.fallback.iter().flatten());
        let ConfigFile { path, kind, .. } =
            &used.into_iter().find(|g| g.file.kind != ConfigKind::Dlint)?.file;
        let source = match kind {
            ConfigKind::Dlint | ConfigKind::Hadolint => from_here(&path.display().to_string()),
            ConfigKind::Variables => "the variables `HADOLINT_…`".to_owned(),
        };
        Some(format!("the settings come from {source}; `dlint init` moves them over to dlint.toml"))
    }

    /// Says which rules were named by a name that they had, by comments too, and which were asked for though
    /// they are deprecated: once each.
    #[must_use]
    pub fn outdated(&self) -> BTreeSet<String> {
        let used = self.only.iter().chain(self.files.values()).chain(self.fallback.iter().flatten());
        let mut notes = BTreeSet::new();
        let mut say = |catalogue: &Catalogue, choices: &[&Choice]| {
            let renamed = catalogue.renamed().into_iter();
            notes.extend(renamed.map(|(old, now)| format!("the rule `{old}` is called {now} now")));
            let named = choices.iter().flat_map(|choice| choice.named(catalogue));
            let deprecated = named.filter(|rule| rule.meta.status != Status::Stable);
            notes.extend(deprecated.map(|r| format!("the rule `{}` is {}", r.meta.name, r.meta.status)));
        };
        let default = self.default.rules.catalogue();
        say(default, &[&self.overrides.among(default)]);
        for governing in used {
            let Governing { file, choice, .. } = &**governing;
            let config = &file.config;
            let overrides = config.overrides.iter().map(|over| &over.choice);
            let choices: Vec<&Choice> = [choice, &config.choice].into_iter().chain(overrides).collect();
            say(&config.catalogue, &choices);
        }
        notes
    }

    /// What counts for the file at `path`.
    #[must_use]
    pub fn settings(&self, path: &Path) -> Arc<Settings> {
        let Some(governing) = self.governing(path) else { return Arc::clone(&self.default) };
        let config = &governing.file.config;
        let overrides = match config.is_by_path() {
            true => config.overrides_of(&self.relative(path, governing)),
            false => Vec::new(),
        };
        let mut known = governing.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let made = known.entry(overrides).or_insert_with_key(|overrides| {
            let mut settings = config.with_overrides(overrides, &governing.choice, self.overrides.fail_on);
            settings.disable_ignore_pragma |= self.overrides.disable_ignore_pragma;
            settings.min_saving = self.overrides.min_saving.or(settings.min_saving);
            settings.builder = self.overrides.builder.or(settings.builder);
            Arc::new(settings)
        });
        Arc::clone(made)
    }

    /// Where the build context of the file at `path` is.
    #[must_use]
    pub fn context(&self, path: &Path) -> ContextSource {
        if let Some(choice) = &self.overrides.context {
            return choice.clone();
        }
        let Some(governing) = self.governing(path) else { return ContextSource::Beside };
        let ConfigFile { path: file, config, .. } = &governing.file;
        let own = if config.has_contexts() { self.relative(path, governing) } else { PathBuf::new() };
        let folder = config.context_of(&own).and_then(|context| Some(file.parent()?.join(context)));
        match folder {
            Some(folder) => ContextSource::Folder(folder),
            None => ContextSource::Beside,
        }
    }

    /// True if a configuration file says to pass over `path`.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        self.governing(path).is_some_and(|governing| {
            let config = &governing.file.config;
            config.is_by_path() && config.excludes(&self.relative(path, governing))
        })
    }

    /// `path` seen from the folder of the configuration file.
    fn relative(&self, path: &Path, governing: &Governing) -> PathBuf {
        let whole = match path.file_name() {
            // The folder is known mostly, and asking for it is what takes time.
            Some(name) if !path.is_symlink() => self.real(&folder(path)).join(name),
            _ => real(path),
        };
        let below = governing.folder.as_ref().and_then(|folder| whole.strip_prefix(folder).ok());
        below.map_or_else(|| path.to_path_buf(), Path::to_path_buf)
    }

    /// A folder without links.
    fn real(&self, folder: &Path) -> PathBuf {
        let mut known = self.real.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(folder) {
            return found.clone();
        }
        known.entry(folder.to_path_buf()).or_insert_with(|| real(folder)).clone()
    }
}

impl Governing {
    fn new(mut file: ConfigFile, overrides: &Overrides) -> Self {
        file.config.policy.add(&overrides.policy);
        Self {
            choice: overrides.among(&file.config.catalogue),
            folder: file.path.parent().map(|p| p.canonicalize().unwrap_or_else(|_| p.to_path_buf())),
            settings: Mutex::default(),
            file,
        }
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

/// A path without links, from the root.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
}

fn load(tree: &Tree, path: &Path, problems: &mut Vec<Problem>) -> Option<ConfigFile> {
    loaded(config::load(tree, path), problems).map(|mut file| {
        add(&mut file.problems, problems);
        file
    })
}

/// What was loaded; what is wrong with it goes to the problems.
pub fn loaded<T>(result: Result<T, ConfigError>, problems: &mut Vec<Problem>) -> Option<T> {
    match result {
        Ok(file) => {
            return Some(file);
        }
        Err(ConfigError::Invalid(source, faults)) => add(&mut config::problems(&source, faults), problems),
        Err(error) => {
            problems.push(Problem { message: error.to_string(), ..Problem::default() });
        }
    }
    None
}

/// Adds problems with files as they are seen from here. Several configurations may name the same rules.
fn add(more: &mut Vec<Problem>, problems: &mut Vec<Problem>) {
    for mut problem in more.drain(..) {
        problem.path = problem.path.map(|path| from_here(&path));
        let place = |p: &Problem| p.place.as_ref().map(|(_, span)| *span);
        let same = |p: &Problem| {
            p.path == problem.path && p.message == problem.message && place(p) == place(&problem)
        };
        if !problems.iter().any(same) {
            problems.push(problem);
        }
    }
}

/// A path as it is seen from the working folder, if it is below.
#[must_use]
pub fn from_here(path: &str) -> String {
    let below = || {
        let here = std::env::current_dir().ok()?.canonicalize().ok()?;
        Some(Path::new(path).strip_prefix(here).ok()?.display().to_string())
    };
    below().filter(|below| !below.is_empty()).unwrap_or_else(|| path.to_owned())
}

/// The rules that there are in the working folder.
pub fn catalogue(config: &ConfigChoice, problems: &mut Vec<Problem>) -> Arc<Catalogue> {
    let file = match config {
        ConfigChoice::None => None,
        ConfigChoice::File(file) => Some(file.clone()),
        ConfigChoice::Nearest => config::discover(&DISK, Path::new(".")),
    };
    file.and_then(|file| load(&DISK, &file, problems)).map(|file| file.config.catalogue).unwrap_or_default()
}

/// The rules in files, and in the rule files of folders.
pub fn catalogue_at(paths: &[PathBuf], problems: &mut Vec<Problem>) -> Arc<Catalogue> {
    let (catalogue, mut found) = UserRules::at(paths).into_catalogue();
    add(&mut found, problems);
    Arc::new(catalogue)
}
