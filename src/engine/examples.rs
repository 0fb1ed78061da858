//! Runs the examples of rule files as a user's files go: through the engine.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::{self, Config, Settings};
use crate::diag::{Applicability, Finding};
use crate::entries::Entries;
use crate::rules::examples::{self, Case, Outcome as Tested, TreeEntry, TreeFile};
use crate::rules::file::RuleFile;
use crate::rules::{Catalogue, Choice};
use crate::shellcheck::Checker;
use crate::text::Source;
use crate::workspace::{Files, Target};

use super::outcome::{Fixing, Outcome};
use super::run::Run;

/// Runs the examples of a rule file; its rule must be in `catalogue`.
#[must_use]
pub fn test_rule(file: &RuleFile, catalogue: &Arc<Catalogue>) -> Tested {
    examples::run(file, &Examples { catalogue, shellcheck: None })
}

struct Examples<'a> {
    catalogue: &'a Arc<Catalogue>,
    shellcheck: Option<&'a Checker>,
}

impl examples::Engine for Examples<'_> {
    fn lint(&self, case: &Case<'_>) -> Result<Vec<Finding>, String> {
        if let Some(path) = case.entry {
            let (outcomes, folder) = self.run_entry(case, path, None)?;
            let of_file = outcomes
                .into_iter()
                .flat_map(|o| o.files)
                .filter(|f| Path::new(&f.path) == folder.0.join(path));
            // Where the folder is says nothing to readers.
            let here = format!("{}/", folder.0.display());
            let plain = |finding: Finding| Finding { message: finding.message.replace(&here, ""), ..finding };
            return Ok(of_file.flat_map(|f| f.findings).map(plain).collect());
        }
        let outcome = self.run(case, None)?;
        Ok(outcome.files.into_iter().flat_map(|f| f.findings).collect())
    }

    fn fix(&self, case: &Case<'_>) -> Result<String, String> {
        let fixing = Fixing { allow: Applicability::Unsafe, write: false };
        let outcome = match case.entry {
            Some(path) => {
                let (outcomes, folder) = self.run_entry(case, path, Some(fixing))?;
                let path = folder.0.join(path);
                let refused = outcomes.iter().flat_map(|o| o.refused.clone()).collect();
                let is_it = |c: &super::outcome::Changed| Path::new(&c.path) == path;
                let changed = outcomes.into_iter().filter_map(|o| o.changed).find(is_it);
                Outcome { changed, refused, ..Outcome::default() }
            }
            None => self.run(case, Some(fixing))?,
        };
        if let Some(refusal) = outcome.refused.first() {
            return Err(format!("the fix is refused: {}", refusal.reason));
        }
        let Some(changed) = outcome.changed else { return Ok(case.dockerfile.to_owned()) };
        String::from_utf8(changed.after).map_err(|_| "the fix leaves what is not UTF-8".to_owned())
    }
}

impl Examples<'_> {
    fn run(&self, case: &Case<'_>, fixing: Option<Fixing>) -> Result<Outcome, String> {
        let settings = Arc::new(self.settings(case)?);
        let for_path = |_: &Path| Arc::clone(&settings);
        let with_context = case.tree.is_some() || case.dockerignore.is_some();
        let target = |path: &Path| Target::of_file(path);
        let files = Files::default();
        let (settings, shellcheck) = (&for_path, self.shellcheck);
        let run = Run {
            settings,
            target: &target,
            targets: None,
            files: &files,
            progress: None,
            fixing,
            shellcheck,
            seen: None,
        };
        let source = Source::from_text("Dockerfile", case.dockerfile);
        let outcome = if with_context {
            let folder = Folder::new().map_err(|e| format!("no folder for its build context: {e}"))?;
            let path = folder.fill(case)?;
            run.target(&Target::of_text_at(source, path))
        } else {
            run.target(&Target::of_text(source))
        };
        if let Some(problem) = outcome.problems.first() {
            return Err(format!("the example {}", problem.message));
        }
        // A script that was not checked is not one without findings.
        match shellcheck.and_then(Checker::trouble) {
            None => Ok(outcome),
            Some(trouble) => Err(trouble.to_string()),
        }
    }

    /// Lints a file that starts builds, with the files of the tree around it.
    fn run_entry(
        &self,
        case: &Case<'_>,
        path: &str,
        fixing: Option<Fixing>,
    ) -> Result<(Vec<Outcome>, Folder), String> {
        let settings = Arc::new(self.settings(case)?);
        let folder = Folder::new().map_err(|e| format!("no folder for its build context: {e}"))?;
        folder.fill(case)?;
        let files = Files::default();
        let entries = super::discover(&[folder.0.join(path)]).entries;
        if entries.is_empty() {
            return Err(format!("`{path}` is not a file that starts builds"));
        }
        let entries = Entries::read(&files, &entries, None);
        if let Some(problem) = entries.refusals().next() {
            return Err(format!("the example is refused: {}", problem.message));
        }
        let run = Run {
            settings: &|_: &Path| Arc::clone(&settings),
            target: &|path: &Path| Target::of_file(path),
            targets: None,
            files: &files,
            progress: None,
            fixing,
            shellcheck: self.shellcheck,
            seen: None,
        };
        let (_, outcomes) = run.entry_files(entries);
        match outcomes.iter().flat_map(|outcome| &outcome.problems).next() {
            Some(problem) => Err(format!("the example {}", problem.message)),
            None => Ok((outcomes, folder)),
        }
    }

    fn settings(&self, case: &Case<'_>) -> Result<Settings, String> {
        // Some rules speak of the findings of other rules.
        let selected = if case.rule.ends_with("-suppression") { "all" } else { case.rule };
        let selected = self.catalogue.select(selected).map_err(|e| e.to_string())?;
        let choice = Choice { select: Some(vec![selected]), ..Choice::default() };
        let catalogue = Arc::clone(self.catalogue);
        let config = match case.config {
            Some(text) => match config::parse(text, catalogue) {
                (config, faults) if faults.is_empty() => config,
                (_, faults) => {
                    let fault = faults.first().map_or("", |f| &f.message);
                    return Err(format!("the `config` block of the example is wrong: {fault}"));
                }
            },
            None => Config { catalogue, ..Config::default() },
        };
        Ok(config.settings(Path::new("Dockerfile"), &choice, None))
    }
}

/// A folder for the build context of one example; it goes when this goes.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("dlint-example-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                // What another run has left.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 10_000 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes the build context of a case, and gives the Dockerfile's path in it. Nothing is written
    /// elsewhere, whatever the tree says: links come last, so nothing goes through one.
    fn fill(&self, case: &Case<'_>) -> Result<PathBuf, String> {
        let (links, others): (Vec<&TreeFile>, Vec<&TreeFile>) =
            case.tree.unwrap_or_default().iter().partition(|file| matches!(file.entry, TreeEntry::Link(_)));
        for file in &others {
            make(&self.prepared(file)?, file)?;
        }
        let dockerfile = self.0.join(case.entry.unwrap_or("Dockerfile"));
        let above = dockerfile.parent().unwrap_or(&self.0);
        fs::create_dir_all(above).map_err(|e| format!("the build context cannot be made: {e}"))?;
        let texts =
            [(self.0.join(".dockerignore"), case.dockerignore), (dockerfile.clone(), Some(case.dockerfile))];
        for (path, text) in texts.iter().filter_map(|(path, text)| Some((path, (*text)?))) {
            fs::write(path, text).map_err(|e| format!("the build context cannot be made: {e}"))?;
        }
        let links: Vec<(PathBuf, &TreeFile)> =
            links.into_iter().map(|file| Ok((self.prepared(file)?, file))).collect::<Result<_, String>>()?;
        for (path, file) in links {
            make(&path, file)?;
        }
        Ok(dockerfile)
    }

    /// Where a file of the tree goes; its folder is made.
    fn prepared(&self, file: &TreeFile) -> Result<PathBuf, String> {
        let inside = Path::new(&file.path).components().all(|c| matches!(c, Component::Normal(_)));
        if !inside || file.path.is_empty() {
            return Err(format!("`{}` of the tree is outside of the context", shown(&file.path)));
        }
        let path = self.0.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0)).map_err(|e| unmade(file, &e))?;
        Ok(path)
    }
}

fn make(path: &Path, file: &TreeFile) -> Result<(), String> {
    let made = match &file.entry {
        TreeEntry::Folder => fs::create_dir_all(path),
        TreeEntry::Size(bytes) => fs::File::create(path).and_then(|f| f.set_len(*bytes)),
        TreeEntry::Text(text) => fs::write(path, text),
        #[cfg(unix)]
        TreeEntry::Link(target) => std::os::unix::fs::symlink(target, path),
        #[cfg(not(unix))]
        TreeEntry::Link(_) => Ok(()),
    };
    made.and_then(|()| if file.executable { allow_running(path) } else { Ok(()) })
        .map_err(|e| unmade(file, &e))
}

#[cfg(unix)]
fn allow_running(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn allow_running(_: &Path) -> io::Result<()> {
    Ok(())
}

fn unmade(file: &TreeFile, error: &io::Error) -> String {
    format!("`{}` of the tree cannot be made: {error}", shown(&file.path))
}

fn shown(path: &str) -> String {
    path.chars().take(60).collect()
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests;
