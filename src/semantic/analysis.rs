use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;

use crate::context::{QueryResult, Scan, SourceQuery};
use crate::text::Source;
use dockerignore::IgnoreFile;

use super::{
    Base, Builder, CommandId, CopyFrom, CopyUse, FileHead, Heads, Installed, Model, Texts, Told, Weight,
    Weights,
};

/// The id of the query for the whole context, where a source may turn out empty.
const WHOLE: usize = PROBE - 1;

/// The id of the query that asks for manifests; it is no number of a copy.
pub const PROBE: usize = usize::MAX;

/// The ignore file that counts for a build context.
#[derive(Debug)]
pub struct ContextIgnore {
    /// Its patterns.
    pub file: IgnoreFile,
    /// Its text.
    pub source: Source,
}

/// An ignore file that does not count for the build, though it lies where people put one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadIgnore {
    /// Where it is.
    pub path: String,
    /// The folder of the build context.
    pub root: String,
    /// The ignore file that all Dockerfiles of the context share, whether or not it is there.
    pub shared: String,
    /// The one that would count for this Dockerfile alone.
    pub own: String,
    /// True if the shared one is there.
    pub is_read_for_root: bool,
    /// True if a pattern of it leaves out everything, but for what others bring back.
    pub leaves_out_all: bool,
    /// True if the shared one has (nearly) all of its lines.
    pub is_repeated: bool,
    /// What its patterns name, as paths of the context; empty where one is negated or has wildcards.
    pub named: Vec<String>,
}

/// The id of the query for the whole folder of a named context that a stage starts from.
pub const WHOLE_FOLDER: usize = usize::MAX;

/// What was measured of the named contexts of a build, each by its name as
/// [`context_name`](super::context_name) gives it.
#[derive(Debug, Clone, Default)]
pub struct NamedContexts {
    /// The folders that something is taken from.
    pub folders: BTreeMap<String, NamedFolder>,
    /// The images of other builds that stages start from, with their build contexts measured.
    pub images: BTreeMap<String, Analysis>,
}

/// What was measured of a folder that is a named context.
#[derive(Debug, Clone)]
pub struct NamedFolder {
    /// What the walk found.
    pub scan: Scan,
    /// The ignore file that counts for it: its own.
    pub ignore: Option<Arc<ContextIgnore>>,
}

impl NamedFolder {
    /// What the query of an id takes.
    #[must_use]
    pub fn result(&self, id: usize) -> Option<&QueryResult> {
        result(&self.scan, id)
    }
}

/// The result of a query; they stand in the order of their ids.
fn result(scan: &Scan, id: usize) -> Option<&QueryResult> {
    let at = scan.per_query.binary_search_by_key(&id, |q| q.id).ok()?;
    scan.per_query.get(at)
}

/// A folder that has all that is copied by name, where the build context lacks some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// The folder, for people.
    pub folder: String,
    /// What to write in the file that starts the build, so that it is the context; `None` if there is no such file.
    pub advice: Option<String>,
}

/// What was measured of the build context for one Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct BuildContext {
    /// What the walk found.
    pub scan: Scan,
    /// The ignore file that counts.
    pub ignore: Option<Arc<ContextIgnore>>,
    /// The texts of files that commands read, as far as they were asked for.
    pub texts: Texts,
    /// Single paths of the context, as far as they were looked at.
    pub weights: Weights,
    /// What lies installed beside the Dockerfile, by the commands that install the same: as far as that was asked for.
    pub installed: BTreeMap<CommandId, Installed>,
    /// What the first bytes and the modes of files say, as far as that was asked for.
    pub heads: Heads,
    /// Ignore files that do not count, though they lie where people put one.
    pub unread: Vec<UnreadIgnore>,
    /// Sources that are missing now, as written, and that something makes or fetches before the build.
    pub generated: BTreeSet<String>,
    /// The secrets of the context that Git leaves out: only this machine has them.
    pub ignored_by_git: BTreeSet<String>,
    /// True if the repository's history is sent, and a file of the root says that the build reads it:
    /// `setuptools_scm` in `pyproject.toml`.
    pub reads_history: bool,
    /// True if a file that starts builds, an option or a setting says that this folder is the build context.
    pub is_said: bool,
    /// The folder that this is, where it is taken for the build context though nobody says so and the Dockerfile is in
    /// another one.
    pub guess: Option<String>,
    /// Another folder that has all that is copied by name, where this one lacks some of it though a file says that it is
    /// the build context.
    pub fitting: Option<Fitting>,
    /// What the documents and scripts beside it say of how containers are run, as far as that was asked for.
    pub told: Told,
}

impl BuildContext {
    /// The ignore file that counts, and its text.
    #[must_use]
    pub fn ignore(&self) -> Option<(&IgnoreFile, &str)> {
        self.ignore.as_deref().map(|ignore| (&ignore.file, ignore.source.text()))
    }
}

/// All that is known of one build of a Dockerfile: its model, which this can be used as, and beside it
/// what was measured of the build context.
///
/// ```
/// use dlint::internals::semantic::{Analysis, Model};
/// use dlint::internals::syntax::parse;
/// use dlint::internals::text::Source;
///
/// let file = parse(Source::from_text("Dockerfile", "FROM debian:12\nCOPY . /app\n"));
/// let analysis = Analysis::new(Model::new(file));
/// assert_eq!(analysis.stages.len(), 1);
/// assert_eq!(analysis.source_queries()[0].sources, ["."]);
/// ```
#[derive(Debug, Clone)]
pub struct Analysis {
    model: Arc<Model>,
    context: Option<Arc<BuildContext>>,
    named: Arc<NamedContexts>,
    also: Vec<Builder>,
}

impl Deref for Analysis {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl Analysis {
    /// What a model alone tells: the build context is unknown.
    #[must_use]
    pub fn new(model: impl Into<Arc<Model>>) -> Self {
        Self { model: model.into(), context: None, named: Arc::default(), also: Vec::new() }
    }

    /// The same model, with what was measured of its build context.
    #[must_use]
    pub fn with_context(mut self, context: Option<Arc<BuildContext>>) -> Self {
        self.context = context;
        self
    }

    /// The same model, with what was measured of its named contexts.
    #[must_use]
    pub fn with_named(mut self, named: NamedContexts) -> Self {
        self.named = Arc::new(named);
        self
    }

    /// The same model, with what else builds the Dockerfile, by what the project shows: each once, without the builder
    /// of this build.
    #[must_use]
    pub fn with_also(mut self, also: Vec<Builder>) -> Self {
        self.also = also;
        self
    }

    /// Another model in place of this one; what was measured of the build context stays.
    #[must_use]
    pub fn with_model(mut self, model: Arc<Model>) -> Self {
        self.model = model;
        self
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The same, for who keeps it.
    #[must_use]
    pub fn shared_model(&self) -> Arc<Model> {
        Arc::clone(&self.model)
    }

    /// What else builds the Dockerfile, as far as the project shows it.
    #[must_use]
    pub fn also(&self) -> &[Builder] {
        &self.also
    }

    /// Whether one of the builders that are known to build this Dockerfile is such a one.
    #[must_use]
    pub fn is_built_by(&self, is: impl Fn(Builder) -> bool) -> bool {
        is(self.build().builder) || self.also.iter().any(|builder| is(*builder))
    }

    /// The build context, where it was measured.
    #[must_use]
    pub fn context(&self) -> Option<&BuildContext> {
        self.context.as_deref()
    }

    /// True if the build context is the top of a repository, as far as what is sent of it shows.
    #[must_use]
    pub fn is_top_of_repository(&self) -> bool {
        let is_top = |context: &BuildContext| {
            context.scan.notable.iter().any(|n| n.name == ".git" && n.example.starts_with(".git"))
        };
        self.context().is_some_and(is_top)
    }

    /// What was measured of the named contexts.
    #[must_use]
    pub fn named(&self) -> &NamedContexts {
        &self.named
    }

    /// What to ask of the folders that are named contexts, by their names: what copies take, and the whole of one that
    /// a stage starts from, with the id [`WHOLE_FOLDER`].
    #[must_use]
    pub fn named_queries(&self) -> BTreeMap<&str, Vec<SourceQuery>> {
        let mut queries: BTreeMap<&str, Vec<SourceQuery>> = BTreeMap::new();
        for copy in &self.copies {
            if let (CopyFrom::Folder(name), Some(query)) = (&copy.from, &copy.named_query) {
                queries.entry(name).or_default().push(query.clone());
            }
        }
        for stage in self.stages.iter().filter(|stage| stage.reachable && stage.base == Base::Named) {
            if let Some((name, super::NamedContext::Folder(_))) = self.named_base(stage) {
                let asked = queries.entry(name).or_default();
                if asked.last().is_none_or(|query| query.id != WHOLE_FOLDER) {
                    let sources = vec![".".to_owned()];
                    asked.push(SourceQuery {
                        id: WHOLE_FOLDER,
                        sources,
                        reachable: true,
                        ..SourceQuery::default()
                    });
                }
            }
        }
        queries
    }

    /// What to ask of the build context: the sources of the copies, in order, then those of triggers that run in
    /// a stage of this file, of its own and of images of other builds, then the whole where a source may be empty, with
    /// the id [`WHOLE`], and at the end the manifests that rules want to name, with the id [`PROBE`](PROBE).
    #[must_use]
    pub fn source_queries(&self) -> Vec<SourceQuery> {
        let triggered = self.triggered.iter().map(|t| &t.copy);
        let reachable = |copy: &CopyUse| self.stage_of(copy.step).is_some_and(|s| s.reachable);
        let is_whole = self.copies.iter().any(|copy| reachable(copy) && !self.whole_sources(copy).is_empty());
        let whole = is_whole.then(|| SourceQuery {
            id: WHOLE,
            sources: vec![".".to_owned()],
            excludes: Vec::new(),
            parents: false,
            reachable: true,
        });
        let queries = self.copies.iter().chain(triggered).filter_map(|c| c.query.clone());
        let foreign = self.foreign_triggers();
        let foreign = foreign.iter().flat_map(|triggers| triggers.queries());
        queries.chain(foreign).chain(whole).chain(self.probe()).collect()
    }

    /// The text of a file of the build context, where it was read.
    #[must_use]
    pub fn text_of(&self, path: &str) -> Option<&str> {
        self.context()?.texts.get(path)
    }

    /// What is known of a file of the build context as a program, where it was looked at.
    #[must_use]
    pub fn head_of(&self, path: &str) -> Option<&FileHead> {
        self.context()?.heads.get(path)
    }

    /// What a copy takes from the build context, or from a folder that is a named context, where that was scanned.
    #[must_use]
    pub fn taken(&self, copy: &CopyUse) -> Option<&QueryResult> {
        match &copy.from {
            CopyFrom::Folder(name) => self.named.folders.get(&**name)?.result(copy.named_query.as_ref()?.id),
            _ => result(&self.context()?.scan, copy.query.as_ref()?.id),
        }
    }

    /// What was found at a path of the build context, or by its wildcards.
    #[must_use]
    pub fn weights_of(&self, path: &str) -> &[Weight] {
        self.context().map_or(&[], |context| context.weights.at(path))
    }

    /// What lies installed beside the Dockerfile of what a command installs.
    #[must_use]
    pub fn installed(&self, command: CommandId) -> Option<&Installed> {
        self.context()?.installed.get(&command)
    }

    /// The bytes of that.
    #[must_use]
    pub fn measured(&self, copy: &CopyUse) -> Option<u64> {
        self.taken(copy).map(|result| result.total.bytes)
    }

    /// The bytes of all of `copies`; `None` if those of any are unknown.
    #[must_use]
    pub fn measured_together(&self, copies: &[&CopyUse]) -> Option<u64> {
        copies.iter().try_fold(0_u64, |sum, copy| Some(sum.saturating_add(self.measured(copy)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::Analysis;

    #[test]
    fn an_analysis_can_be_kept_and_shared_between_threads() {
        fn shared<T: Send + Sync + 'static>() {}
        shared::<Analysis>();
    }
}
