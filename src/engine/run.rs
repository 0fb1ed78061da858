use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::context::{Detail, Progress, Scan, ScanRequest, SourceQuery, scan};
use crate::diag::{FileReport, Finding, Origin, Problem};
use crate::ignorefile::{IgnoreFile, ignore_file_candidates};
use crate::semantic::{ContextFacts, Model};
use crate::syntax::{self, File};
use crate::text::Source;

use super::discover::{Input, InputKind};
use super::lint::lint;
use super::read::read_source;
use super::settings::Settings;

/// Where the build context of a Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextChoice {
    /// Nowhere: only the Dockerfile is looked at.
    None,
    /// The folder that the Dockerfile is in.
    Beside,
    /// This folder, for all.
    Folder(PathBuf),
}

/// What to do with each file.
pub struct Run<'a> {
    /// The settings for a path.
    pub settings: &'a (dyn Fn(&Path) -> Arc<Settings> + Sync),
    /// Where build contexts are.
    pub context: ContextChoice,
    /// Counters for a progress line.
    pub progress: Option<&'a Progress>,
}

/// What linting one input gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The Dockerfile, and its ignore file if something is found there.
    pub files: Vec<FileReport>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Run<'_> {
    /// Lints all inputs, in parallel. The outcomes come in the order of the inputs.
    #[must_use]
    pub fn all(&self, inputs: &[Input]) -> Vec<Outcome> {
        inputs.par_iter().map(|input| self.one(input)).collect()
    }

    /// Lints one input. A panic in a rule is caught and said.
    #[must_use]
    pub fn one(&self, input: &Input) -> Outcome {
        let name = input.path.display().to_string();
        let source = match read_source(&input.path, &name) {
            Ok(source) => source,
            Err(message) => return Outcome { files: Vec::new(), problems: vec![problem(&name, message)] },
        };
        match input.kind {
            InputKind::Dockerfile => self.dockerfile(source, Some(&input.path)),
            InputKind::Ignorefile => self.ignorefile(source),
        }
    }

    /// Lints a Dockerfile. `path` is where it is, if it is a file: its context is beside it.
    #[must_use]
    pub fn dockerfile(&self, source: Source, path: Option<&Path>) -> Outcome {
        let name = source.name().to_owned();
        let caught = catch_unwind(AssertUnwindSafe(|| self.dockerfile_inner(source, path)));
        caught.unwrap_or_else(|_| Outcome {
            files: Vec::new(),
            problems: vec![Problem {
                help: Some("this is a fault of dlint: please report it with the file".to_owned()),
                ..problem(&name, "made dlint fail".to_owned())
            }],
        })
    }

    fn dockerfile_inner(&self, source: Source, path: Option<&Path>) -> Outcome {
        let name = source.name().to_owned();
        let settings = (self.settings)(path.unwrap_or(Path::new(&name)));
        let file = syntax::parse(source);
        let mut outcome = Outcome::default();
        let context = Context::load(&self.context, path, &file, self.progress, &mut outcome.problems);
        let findings = findings(&file, context.as_ref(), &settings);
        let (own, ignore): (Vec<Finding>, Vec<Finding>) =
            findings.into_iter().partition(|f| f.origin == Origin::Dockerfile);
        outcome.files.push(FileReport { path: name, source: file.source, findings: own, suppressed: 0 });
        if let Some(Context { ignore: Some((_, source)), .. }) = context
            && !ignore.is_empty()
        {
            let path = source.name().to_owned();
            outcome.files.push(FileReport { path, source, findings: ignore, suppressed: 0 });
        }
        outcome
    }

    /// Lints an ignore file that was named itself: its syntax.
    fn ignorefile(&self, source: Source) -> Outcome {
        let _ = self;
        let path = source.name().to_owned();
        Outcome {
            files: vec![FileReport { path, source, findings: Vec::new(), suppressed: 0 }],
            problems: Vec::new(),
        }
    }
}

/// All findings of a file, before fixes.
pub(super) fn findings(file: &File, context: Option<&Context>, settings: &Settings) -> Vec<Finding> {
    let facts = context.map(Context::facts);
    let model = Model::new(file).with_context(facts);
    lint(&model, &settings.rules, &settings.options)
}

fn problem(path: &str, message: String) -> Problem {
    Problem { path: Some(path.to_owned()), message, help: None, place: None }
}

/// A scanned build context.
pub(super) struct Context {
    scan: Scan,
    ignore: Option<(IgnoreFile, Source)>,
}

impl Context {
    fn facts(&self) -> ContextFacts<'_> {
        ContextFacts {
            scan: &self.scan,
            ignore: self.ignore.as_ref().map(|(file, source)| (file, source.text())),
        }
    }

    /// Scans the context of `file`, if it takes anything from one.
    fn load(
        choice: &ContextChoice,
        path: Option<&Path>,
        file: &File,
        progress: Option<&Progress>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let root = match choice {
            ContextChoice::None => return None,
            ContextChoice::Folder(folder) => folder.clone(),
            ContextChoice::Beside => match path?.parent() {
                Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
                Some(parent) => parent.to_path_buf(),
                None => return None,
            },
        };
        let queries: Vec<SourceQuery> = Model::new(file).source_queries();
        if queries.is_empty() {
            return None;
        }
        let ignore = path.and_then(|dockerfile| load_ignore(dockerfile, &root, problems));
        let request = ScanRequest {
            root: root.clone(),
            ignore: ignore.as_ref().map(|(file, _)| file),
            queries,
            detail: Detail::Lint,
            progress,
        };
        match scan(&request) {
            Ok(scan) => Some(Self { scan, ignore }),
            Err(error) => {
                problems.push(problem(&root.display().to_string(), super::read::describe(&error)));
                None
            }
        }
    }
}

/// The ignore file that counts for a Dockerfile and a context.
pub fn load_ignore(
    dockerfile: &Path,
    root: &Path,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    for candidate in ignore_file_candidates(dockerfile, root) {
        if candidate.symlink_metadata().is_err() {
            continue;
        }
        let shown = candidate.strip_prefix("./").unwrap_or(&candidate).display().to_string();
        return match read_source(&candidate, &shown) {
            Ok(source) => Some((IgnoreFile::parse(source.text()), source)),
            Err(message) => {
                problems.push(problem(&shown, message));
                None
            }
        };
    }
    None
}

/// Sorts reports by path, and merges those of the same file.
#[must_use]
pub fn merge(files: Vec<FileReport>) -> Vec<FileReport> {
    let mut merged: BTreeMap<String, FileReport> = BTreeMap::new();
    for file in files {
        match merged.get_mut(&file.path) {
            Some(known) => {
                for finding in file.findings {
                    if !known.findings.contains(&finding) {
                        known.findings.push(finding);
                    }
                }
                known.findings.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
            }
            None => {
                merged.insert(file.path.clone(), file);
            }
        }
    }
    merged.into_values().collect()
}
