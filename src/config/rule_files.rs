//! Finds and reads the files of users' own rules: the other part of this room that touches files.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::diag::Problem;
use crate::rules::file::{self, Author};
use crate::rules::{Catalogue, Rule};
use crate::text::toml::{At, Fault};
use crate::text::{Source, Span};
use crate::tree::{Differences, Tree};

use super::discovery::problems;
use super::input::{InputError, read_text};

/// The largest rule file that is read, in bytes, and what all may have together.
const MAX_BYTES: u64 = 256 << 10;
const MAX_ALL_BYTES: u64 = 16 << 20;
/// How many rule files there can be.
const MAX_FILES: usize = 1000;
/// How many problems with rule files are listed.
const MAX_PROBLEMS: usize = 100;
/// How many files and folders one pattern is held against.
const MAX_ENTRIES: usize = 100_000;

/// Rules of users' own, and what is wrong with their files.
#[derive(Debug, Default)]
pub struct UserRules {
    tree: Tree,
    rules: Vec<Rule>,
    /// Where the rule of a name comes from, in the order of the names; wrong ones too.
    known: BTreeMap<String, PathBuf>,
    broken: Vec<String>,
    files: usize,
    bytes: u64,
    problems: Vec<Problem>,
}

impl UserRules {
    /// The rules that the patterns of a configuration name. It is in `folder`, which paths and globs are
    /// relative to.
    pub(super) fn of_config(tree: &Tree, config: &Source, folder: &Path, patterns: &[At<String>]) -> Self {
        let mut rules = Self { tree: tree.clone(), ..Self::default() };
        for pattern in patterns {
            match rules.matching(folder, &pattern.value) {
                Ok(paths) => rules.read_all(&paths),
                Err(fault) => {
                    let fault = Fault { span: pattern.span, ..fault };
                    rules.problems.extend(problems(config, vec![fault]));
                }
            }
        }
        rules
    }

    /// The rules in files, and in the rule files of folders.
    #[must_use]
    pub fn at(paths: &[PathBuf]) -> Self {
        let mut rules = Self::default();
        for path in paths {
            let found = if path.is_dir() { rules.matching(path, "*.md") } else { Ok(vec![path.clone()]) };
            match found {
                Ok(paths) => rules.read_all(&paths),
                Err(_) => rules.problem(path, "this folder contains no rule files".to_owned()),
            }
        }
        rules
    }

    /// A catalogue with these rules, and what is wrong with their files.
    #[must_use]
    pub fn into_catalogue(self) -> (Catalogue, Vec<Problem>) {
        let mut problems = self.problems;
        if problems.len() > MAX_PROBLEMS {
            let more = format!("there are {} more problems with rule files", problems.len() - MAX_PROBLEMS);
            problems.truncate(MAX_PROBLEMS);
            problems.push(Problem { message: more, ..Problem::default() });
        }
        (Catalogue::new(self.rules, self.broken), problems)
    }

    /// The files that a pattern names.
    fn matching(&self, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, Fault> {
        let fault = |message: String| Fault::new(Span::at(0), message);
        let is_glob = |part: &str| part.contains(['*', '?', '[', '{']);
        let parts: Vec<&str> = pattern.split('/').collect();
        let fixed = parts.iter().take_while(|part| !is_glob(part)).count();
        if fixed == parts.len() {
            return literal(&self.tree, &folder.join(pattern));
        }
        // Of `/*.md` nothing is left.
        let root = if pattern.starts_with('/') { "/" } else { "" };
        let base = folder.join(root).join(parts[..fixed].join("/"));
        let rest = parts[fixed..].join("/");
        let glob = GlobBuilder::new(&rest).literal_separator(true).build();
        let glob =
            glob.map_err(|e| fault(format!("this is not a valid glob: {}", e.kind())))?.compile_matcher();
        let deep = rest.contains("**") || rest.contains('{');
        let depth = if deep { None } else { Some(parts.len() - fixed) };
        let mut walk = WalkBuilder::new(&base);
        walk.standard_filters(false).follow_links(false).max_depth(depth).sort_by_file_name(Ord::cmp);
        let mut found = Vec::new();
        for (count, entry) in walk.build().filter_map(Result::ok).enumerate() {
            if count >= MAX_ENTRIES {
                let message = format!("there are more than {MAX_ENTRIES} files where this looks");
                return Err(fault(message).help("name the folder with the rules"));
            }
            let path = entry.path();
            let fits = path.strip_prefix(&base).is_ok_and(|below| glob.is_match(below));
            if fits && is_rule_file(path) && self.tree.is_file(path) {
                found.push(path.to_path_buf());
            }
        }
        // Those that the disk has not. The folder of a configuration is without links.
        let laid = self.tree.differences().into_iter().flat_map(Differences::all);
        found.extend(laid.map(|(path, _)| path).filter(|path| {
            let fits = path.strip_prefix(&base).is_ok_and(|below| glob.is_match(below));
            fits && is_rule_file(path) && self.tree.is_file(path)
        }));
        found.sort_unstable();
        found.dedup();
        if found.is_empty() {
            return Err(fault("this matches no rule file".to_owned())
                .help("rule files end in `.md`, and are looked for from the folder of this file"));
        }
        Ok(found)
    }

    fn read_all(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let path = in_one_spelling(path);
            if self.known.values().any(|known| *known == path) {
                continue;
            }
            if self.files == MAX_FILES || self.bytes > MAX_ALL_BYTES {
                let most = format!("at most {MAX_FILES} files, {} MiB together", MAX_ALL_BYTES >> 20);
                self.problem(&path, format!("is not read: there are too many rules, {most}"));
                return;
            }
            self.files += 1;
            self.read(path);
        }
    }

    fn read(&mut self, path: PathBuf) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let source = match read_text(&self.tree, &path, MAX_BYTES) {
            Ok(source) => source,
            Err(error) => {
                let message = match error {
                    InputError::Io(error) if error.kind() == ErrorKind::NotFound => {
                        "does not exist".to_owned()
                    }
                    InputError::Io(error) => format!("cannot be read: {error}"),
                    InputError::Source(error) => error.to_string(),
                };
                self.problem(&path, message);
                return self.remember_broken(name, path);
            }
        };
        self.bytes += source.bytes().len() as u64;
        let mut faults: Vec<Fault> = self.clash(&name).into_iter().collect();
        if let Some(span) = source.invalid().first() {
            faults.push(Fault::new(*span, "this is not valid UTF-8"));
        }
        match file::parse(&name, source.text(), Author::User) {
            Ok(file) if faults.is_empty() => {
                self.known.insert(name, path);
                self.rules.push(file.rule(source.name().to_owned(), source.text().to_owned()));
                return;
            }
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        if self.problems.len() > MAX_PROBLEMS {
            self.problem(&path, "is wrong".to_owned());
        } else {
            self.problems.extend(problems(&source, faults));
        }
        self.remember_broken(name, path);
    }

    fn remember_broken(&mut self, name: String, path: PathBuf) {
        // If there is a good one of that name, that one counts.
        if !self.known.contains_key(&name) {
            self.broken.push(name.clone());
            self.known.insert(name, path);
        }
    }

    /// Why a rule cannot have this name.
    fn clash(&self, name: &str) -> Option<Fault> {
        let fault = |message| Some(Fault::new(Span::at(0), message).help("rename the file"));
        let shown: String = name.chars().take(60).collect();
        let own = Catalogue::default();
        if own.id(name).is_some() {
            return fault(format!("dlint has a rule `{shown}` of its own"));
        }
        // `[rules] paths` would be an option of it.
        if own.lookup(name).is_some() || name == "paths" || name == "none" {
            return fault(format!("`{shown}` means something else where rules are named"));
        }
        let other = self.known.get(name)?;
        fault(format!("there is another rule of this name: {}", other.display()))
    }

    fn problem(&mut self, path: &Path, message: String) {
        let path = Some(path.display().to_string());
        self.problems.push(Problem { path, message, ..Problem::default() });
    }
}

/// The file at a path without wildcards.
fn literal(tree: &Tree, path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |message: &str| Fault::new(Span::at(0), message);
    if tree.is_folder(path) {
        return Err(fault("this is a folder").help("name the files in it: `policy/*.md`"));
    }
    if !tree.exists(path) {
        return Err(fault("this file does not exist").help(
            "paths are relative to the folder of this file; `policy/*.md` takes all rules in a folder",
        ));
    }
    if path.extension().is_none_or(|e| e != "md") {
        return Err(fault("the name of a rule file ends in `.md`"));
    }
    Ok(vec![path.to_path_buf()])
}

/// True for what a glob takes: Markdown that is neither hidden nor about the folder.
fn is_rule_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_some_and(|e| e == "md")
        && !name.starts_with('.')
        && !name.eq_ignore_ascii_case("README.md")
}

/// The path with its folder in one spelling. A link keeps its name, which is that of the rule.
fn in_one_spelling(path: &Path) -> PathBuf {
    let folder = path.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
    match (folder.and_then(|f| f.canonicalize().ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}
