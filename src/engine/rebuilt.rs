//! What a change of files rebuilds of one build.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::cache::{Layer, Order, Question, judge, orders};
use crate::context::{Change, ChangeQuery, Detail, Progress, ScanRequest, SourceQuery, scan_changes};
use crate::semantic::{BuildContext, ContextIgnore, manifest_patterns};
use crate::workspace::Files;

use super::opened::Opened;
use super::texts::read_texts;
use super::walk::load_ignore;

/// What becomes of the layers of a build when files change.
#[derive(Debug)]
pub struct Rebuilt {
    /// What the instructions take of the build context.
    pub queries: Vec<SourceQuery>,
    /// The changes, in the order in which they were named.
    pub changes: Vec<Change>,
    /// True if any source file may change, and none was named.
    pub any: bool,
    /// The layers in the order of the build.
    pub layers: Vec<Layer>,
    /// Orders of the instructions that keep more.
    pub orders: Vec<Order>,
    /// True if the Dockerfile itself is among what changes.
    pub dockerfile: bool,
}

impl Rebuilt {
    /// Judges the layers of `opened` when the files at `changed` do, paths of its context; `None` stands for any
    /// source file, which manifests are not. Gives the build with its context measured.
    ///
    /// # Errors
    /// If the folder of the context cannot be read.
    pub fn of(
        mut opened: Opened,
        root: &Path,
        changed: Option<Vec<String>>,
        progress: &Progress,
    ) -> Result<(Opened, Self), io::Error> {
        let files = Files::default();
        let any = changed.is_none();
        let change = match changed {
            Some(paths) => ChangeQuery { paths, excludes: Vec::new() },
            None => ChangeQuery { paths: vec![String::new()], excludes: manifest_patterns() },
        };
        let ignore = load_ignore(&files, &opened.target, root, &mut opened.problems);
        let ignore = ignore.map(|(file, source)| Arc::new(ContextIgnore { file, source }));
        let request = ScanRequest {
            root: root.to_path_buf(),
            ignore: ignore.as_deref().map(|ignore| &ignore.file),
            queries: opened.analysis.source_queries(),
            detail: Detail::Lint,
            progress: Some(progress),
        };
        let (scan, changes) = scan_changes(&request, &change)?;
        let queries = request.queries;
        let texts = read_texts(root, opened.analysis.reads());
        let context = BuildContext { scan, ignore: ignore.clone(), texts };
        opened.analysis = opened.analysis.with_context(Some(Arc::new(context)));
        let question = Question { queries: &queries, changes: &changes, any };
        let layers = judge(&opened.analysis, &question);
        let orders = orders(&opened.analysis, &question, &layers);
        let own = opened.target.file().and_then(|path| path.canonicalize().ok());
        let is_own = |c: &Change| !c.path.is_empty() && root.join(&c.path).canonicalize().ok() == own;
        let dockerfile = !any && own.is_some() && changes.iter().any(is_own);
        Ok((opened, Self { queries, changes, any, layers, orders, dockerfile }))
    }

    /// What was asked.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question { queries: &self.queries, changes: &self.changes, any: self.any }
    }
}
