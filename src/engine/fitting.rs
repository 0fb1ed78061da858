//! The folder that should have been named as the context of a build, and what to write so that it is.

use std::path::{Component, Path, PathBuf};

use dockerignore::{IgnoreFile, Matcher};

use crate::context::{Scan, SourceStatus};
use crate::semantic::{Analysis, Fitting};
use crate::text::plain_path;
use crate::workspace::{EntryForm, Files, Target, TargetOrigin, above, levels_to_top};

use super::guess::sources;

/// The folder that should have been named as the context, by an option or by a file that starts builds: it has all that
/// is copied by name, where the one that is named lacks some of it. One above that, or the Dockerfile's own.
pub(super) fn fitting(files: &Files, target: &Target, analysis: &Analysis, scan: &Scan) -> Option<Fitting> {
    let mut asked = scan.per_query.iter().flat_map(|query| &query.sources);
    let lacks_some = asked.any(|source| source.status == SourceStatus::Missing);
    let folder = target.context_folder().filter(|_| lacks_some && target.says_context())?;
    let sources = sources(analysis);
    let has = |root: &Path, source: &String| files.file_tree().exists(&root.join(source));
    if sources.is_empty() || sources.iter().all(|source| has(&folder, source)) {
        return None;
    }
    let levels = levels_to_top(files.file_tree(), &folder).unwrap_or(0);
    let parents = (1..=levels).map(|level| above(&folder, level));
    let beside =
        target.path().and_then(Path::parent).filter(|beside| *beside != folder).map(Path::to_path_buf);
    let fits = |root: &PathBuf| {
        sources.iter().all(|source| has(root, source)) && !leaves_out_any(files, target, root, &sources)
    };
    let mut found = parents.chain(beside).filter(fits);
    // Of two that would do, who knows which is meant. The Dockerfile's own folder may be one of those above.
    let only = found.next()?;
    let real = |folder: &Path| files.file_tree().real(folder).ok();
    found
        .all(|other| real(&other) == real(&only))
        .then(|| Fitting { folder: plain_path(&only).display().to_string(), advice: advice(target, &only) })
}

/// True if the ignore file that a build with the context `root` has leaves out one of the sources, or cannot be read.
fn leaves_out_any(files: &Files, target: &Target, root: &Path, sources: &[String]) -> bool {
    let candidates = target.ignore_files(root);
    let Some(path) = candidates.into_iter().find(|path| files.file_tree().exists(path)) else { return false };
    let Ok(source) = files.source(&path) else { return true };
    let ignore = IgnoreFile::parse(source.text());
    let matcher = Matcher::new(&ignore);
    sources.iter().any(|source| matcher.is_excluded(source))
}

/// What to write where the build is started, so that `folder` is its context; `None` if that is not said in a file, or
/// if a path has no plain form.
fn advice(target: &Target, folder: &Path) -> Option<String> {
    let TargetOrigin::Entry { path, form, .. } = &target.origin else { return None };
    let dockerfile = target.path().and_then(|dockerfile| relative(folder, dockerfile))?;
    let name = plain_path(path).display().to_string();
    let beside = path.parent().unwrap_or(Path::new(""));
    let from_file = relative(beside, folder)?;
    // The folder in which jobs and scripts start is mostly the top of the repository.
    let shown = plain_path(folder).display().to_string();
    let shown_file = plain_path(target.path()?).display().to_string();
    Some(match form {
        EntryForm::Compose => {
            format!("write `context: {from_file}` and `dockerfile: {dockerfile}` in `{name}`")
        }
        EntryForm::Bake => {
            format!("write `context = \"{from_file}\"` and `dockerfile = \"{dockerfile}\"` in `{name}`")
        }
        EntryForm::Devcontainer => format!("write `\"context\": \"{from_file}\"` in `{name}`"),
        EntryForm::Workflow => format!(
            "give the step in `{name}` `context: {shown}` and `file: {shown_file}`, or the command `-f {shown_file} {shown}`"
        ),
        EntryForm::Command => format!("write `-f {shown_file} {shown}` in `{name}`"),
        EntryForm::Quadlet => return None,
    })
}

/// The way from one folder to a path, as files write it.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let plain = |path: &Path| -> Option<Vec<String>> {
        let parts = path.components().filter(|part| *part != Component::CurDir);
        parts
            .map(|part| match part {
                Component::Normal(name) => name.to_str().map(str::to_owned),
                Component::RootDir => Some(String::new()),
                _ => None,
            })
            .collect()
    };
    let (from, to) = (plain(from)?, plain(to)?);
    // One of them from the root, the other from here.
    if from.first().is_some_and(String::is_empty) != to.first().is_some_and(String::is_empty) {
        return None;
    }
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(common).map(|_| "..");
    let way: Vec<&str> = up.chain(to.iter().skip(common).map(String::as_str)).collect();
    Some(if way.is_empty() { ".".to_owned() } else { way.join("/") })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn ways_lead_up_and_down() {
        for (from, to, want) in [
            ("", "web", Some("web")),
            (".", ".", Some(".")),
            ("deploy", ".", Some("..")),
            ("deploy/a", "web/Dockerfile", Some("../../web/Dockerfile")),
            ("/x/web", "/x", Some("..")),
            ("/x", "web", None),
            ("..", "web", None),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), want, "{from} {to}");
        }
    }
}
