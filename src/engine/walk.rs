//! One walk through a build context, for the Dockerfiles that have it in common.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockerignore::IgnoreFile;

use crate::context::{Detail, Progress, SourceQuery, Views, ViewsRequest, scan_views};
use crate::diag::Problem;
use crate::semantic::{Analysis, BuildContext, ContextIgnore, Texts};
use crate::text::Source;
use crate::workspace::{Files, Target, describe};

use super::outcome::problem;
use super::texts::read_texts;
use super::weights::weigh;

/// Scans the build context of `target`, for what `analysis` takes if it is built. `None` if that is nothing, or
/// if the folder cannot be read, which is a problem then.
pub fn measure(
    files: &Files,
    target: &Target,
    analysis: &Analysis,
    progress: Option<&Progress>,
    problems: &mut Vec<Problem>,
) -> Option<BuildContext> {
    let root = target.context_folder()?;
    let queries = analysis.source_queries();
    if queries.is_empty() {
        return None;
    }
    let walked = Walked::new(files, &root, target.ignore_files(&root), vec![queries], progress, problems)?;
    let context = walked.context(0, read_texts(&root, analysis.reads()));
    let ignore = walked.ignore.as_deref().map(|ignore| &ignore.file);
    Some(BuildContext { weights: weigh(&root, ignore, analysis.weighed()), ..context })
}

/// What an ignore file alone tells: nothing is measured.
pub(super) fn unmeasured(source: Source) -> BuildContext {
    let file = IgnoreFile::parse(source.text());
    BuildContext { ignore: Some(Arc::new(ContextIgnore { file, source })), ..BuildContext::default() }
}

/// A context that was walked for some Dockerfiles.
pub(super) struct Walked {
    views: Views,
    pub(super) ignore: Option<Arc<ContextIgnore>>,
}

impl Walked {
    pub(super) fn new(
        files: &Files,
        root: &Path,
        ignore_files: Vec<PathBuf>,
        views: Vec<Vec<SourceQuery>>,
        progress: Option<&Progress>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let ignore = load_first(files, ignore_files, problems);
        let request = ViewsRequest {
            root: root.to_path_buf(),
            ignore: ignore.as_ref().map(|(file, _)| file),
            views,
            detail: Detail::Lint,
            progress,
        };
        let scanned = catch_unwind(AssertUnwindSafe(|| scan_views(&request)));
        let why = match scanned {
            Ok(Ok(views)) => {
                let ignore = ignore.map(|(file, source)| Arc::new(ContextIgnore { file, source }));
                return Some(Self { views, ignore });
            }
            Ok(Err(error)) => describe(&error),
            Err(_) => "made dlint fail".to_owned(),
        };
        problems.push(problem(&root.display().to_string(), why));
        None
    }

    pub(super) fn context(&self, view: usize, texts: Texts) -> BuildContext {
        BuildContext {
            scan: self.views.view(view),
            ignore: self.ignore.clone(),
            texts,
            ..BuildContext::default()
        }
    }
}

/// The ignore file that counts for the context of `target` in `root`.
pub fn load_ignore(
    files: &Files,
    target: &Target,
    root: &Path,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    load_first(files, target.ignore_files(root), problems)
}

fn load_first(
    files: &Files,
    candidates: impl IntoIterator<Item = PathBuf>,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    let candidate = candidates.into_iter().find(|candidate| files.exists(candidate))?;
    let shown = candidate.strip_prefix("./").unwrap_or(&candidate).display().to_string();
    match files.source_called(&candidate, &shown) {
        Ok(source) => Some((IgnoreFile::parse(source.text()), source)),
        Err(error) => {
            problems.push(problem(&shown, error.to_string()));
            None
        }
    }
}
