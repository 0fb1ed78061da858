//! Runs the examples of all rule files through the engine, as a user's files go.

use std::path::Path;
use std::sync::Arc;

use crate::config::{self, Config, Settings};
use crate::diag::{Applicability, Finding};
use crate::rules::examples::{self, Case, TreeEntry};
use crate::rules::{Catalogue, Choice};
use crate::text::Source;

use super::run::{ContextChoice, Fixing, Run};

/// Writes the build context of a case, and gives the Dockerfile's path in it.
fn context(case: &Case<'_>, folder: &Path) -> std::path::PathBuf {
    for file in case.tree.unwrap_or_default() {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match &file.entry {
            TreeEntry::Folder => std::fs::create_dir_all(&path).unwrap(),
            TreeEntry::Size(bytes) => std::fs::File::create(&path).unwrap().set_len(*bytes).unwrap(),
            TreeEntry::Text(text) => std::fs::write(&path, text).unwrap(),
            #[cfg(unix)]
            TreeEntry::Link(target) => std::os::unix::fs::symlink(target, &path).unwrap(),
            #[cfg(not(unix))]
            TreeEntry::Link(_) => {}
        }
    }
    if let Some(text) = case.dockerignore {
        std::fs::write(folder.join(".dockerignore"), text).unwrap();
    }
    let path = folder.join("Dockerfile");
    std::fs::write(&path, case.dockerfile).unwrap();
    path
}

fn settings(case: &Case<'_>) -> Settings {
    let select = |word| Some(vec![Catalogue::default().select(word).unwrap()]);
    let mut choice = Choice { select: select(case.rule), ..Choice::default() };
    if case.rule.ends_with("-suppression") {
        // These speak of the findings of other rules.
        choice.select = select("all");
    }
    let config = case.config.map_or_else(Config::default, |text| {
        let (config, faults) = config::parse(text, Arc::default());
        assert!(faults.is_empty(), "{}: {faults:?}", case.rule);
        config
    });
    config.settings(Path::new("Dockerfile"), &choice, None)
}

fn run<T>(
    case: &Case<'_>,
    fixing: Option<Fixing>,
    then: impl FnOnce(&Run<'_>, Source, Option<&Path>) -> T,
) -> T {
    let settings = Arc::new(settings(case));
    let for_path = |_: &Path| Arc::clone(&settings);
    let with_context = case.tree.is_some() || case.dockerignore.is_some();
    let choice = |_: &Path| if with_context { ContextChoice::Beside } else { ContextChoice::None };
    let run = Run { settings: &for_path, context: &choice, progress: None, fixing };
    let folder = tempfile::tempdir().unwrap();
    let path = with_context.then(|| context(case, folder.path()));
    then(&run, Source::from_text("Dockerfile", case.dockerfile), path.as_deref())
}

fn lint(case: &Case<'_>) -> Vec<Finding> {
    run(case, None, |run, source, path| {
        let outcome = run.dockerfile(source, path);
        outcome.files.into_iter().flat_map(|f| f.findings).collect()
    })
}

fn fix(case: &Case<'_>) -> String {
    let fixing = Fixing { allow: Applicability::Unsafe, write: false };
    run(case, Some(fixing), |run, source, path| {
        let outcome = run.dockerfile(source, path);
        assert!(outcome.refused.is_empty(), "{}: {:?}", case.rule, outcome.refused);
        outcome.changed.map_or_else(|| case.dockerfile.to_owned(), |c| String::from_utf8(c.after).unwrap())
    })
}

#[test]
fn the_examples_of_all_rules_hold() {
    examples::run(&lint, &fix);
}
