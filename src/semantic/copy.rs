use crate::context::SourceQuery;
use crate::syntax::{ImageRef, Value};
use crate::text::Span;

use super::per_stage::StageId;

/// Where a COPY, ADD or mount takes its files from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFrom {
    /// The build context.
    Context,
    /// Another stage.
    Stage(StageId),
    /// An image, or a build context with a name that nobody has told.
    Image(Option<ImageRef>),
    /// A named build context that the build is given and that is no folder of this machine.
    Named,
    /// A folder of this machine that the build is given as a named context, by its name as
    /// [`context_name`](super::context_name) gives it.
    Folder(Box<str>),
    /// A stage number that does not exist.
    NoSuchStage,
    /// It depends on a variable.
    Unknown,
}

/// What one source of a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A file, folder or pattern.
    Path,
    /// An `http:` or `https:` address.
    Url,
    /// A Git repository.
    Git,
    /// It cannot be known.
    Unknown,
}

/// A source of a copy.
#[derive(Debug)]
pub struct CopySource {
    /// Where it stands.
    pub span: Span,
    /// Its value.
    pub value: Value,
    /// What it is.
    pub kind: SourceKind,
    /// Which source of the [`SourceQuery`] asks for it.
    pub asked: Option<usize>,
}

/// A COPY, an ADD, or a bind mount.
#[derive(Debug)]
pub struct CopyUse {
    /// The step.
    pub step: usize,
    /// True for ADD.
    pub add: bool,
    /// True for a `RUN --mount=type=bind`.
    pub mount: bool,
    /// True behind ONBUILD.
    pub onbuild: bool,
    /// Where the files come from.
    pub from: CopyFrom,
    /// What is taken, here-documents left out.
    pub sources: Vec<CopySource>,
    /// The absolute destination, where it is known; it ends in `/` if that is written.
    pub destination: Value,
    /// What to ask of the build context; its id is the number of the copy.
    pub query: Option<SourceQuery>,
    /// What to ask of the folder that is a named context, if it takes from one; its id is the number of the copy.
    pub named_query: Option<SourceQuery>,
}

/// What a trigger copies in a stage of the same file.
#[derive(Debug)]
pub struct TriggeredCopy {
    /// The stage that starts from the one that has the trigger.
    pub stage: StageId,
    /// The copy, with the step of the trigger, and as this stage sees it.
    pub copy: CopyUse,
}

impl CopyUse {
    /// True if it surely writes the file at the absolute path `file`.
    #[must_use]
    pub fn brings(&self, file: &str) -> bool {
        let Some(destination) = self.destination.known() else { return false };
        let Some(folder) = destination.strip_suffix('/') else { return destination == file };
        let Some(name) = file.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else {
            return false;
        };
        let base = |path: &str| path.rsplit('/').next() == Some(name);
        self.sources.iter().any(|s| s.value.known().is_some_and(base))
    }
}

/// What kind of source a value is (BuildKit's `isHTTPSource` and `gitutil.ParseGitRef`).
pub(super) fn kind(value: &Value, add: bool) -> SourceKind {
    let Some(text) = value.known() else { return SourceKind::Unknown };
    if !add {
        return SourceKind::Path;
    }
    let base = text.split('#').next().unwrap_or(text);
    let git = base.ends_with(".git") || base.starts_with("git@") || base.starts_with("git://");
    let web = text.starts_with("http://") || text.starts_with("https://");
    match (git, web) {
        (true, _) if web || base.contains('@') || base.contains("://") => SourceKind::Git,
        (_, true) => SourceKind::Url,
        _ => SourceKind::Path,
    }
}

/// A source of a copy as a path from the top; `None` for patterns.
#[must_use]
pub fn path_in_image(source: &str) -> Option<String> {
    let is_plain = !source.contains(['*', '?', '[', '\\']) && !source.split('/').any(|part| part == "..");
    let parts: Vec<&str> = source.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    is_plain.then(|| format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::{SourceKind, path_in_image};
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn sources_are_paths_from_the_top() {
        let path = |text: &str| path_in_image(text);
        assert_eq!(path("/usr/bin/x").as_deref(), Some("/usr/bin/x"));
        assert_eq!((path("uv").as_deref(), path("./a//b/").as_deref()), (Some("/uv"), Some("/a/b")));
        assert_eq!((path("/").as_deref(), path("/a/*"), path("/a/../b")), (Some("/"), None, None));
    }

    #[test]
    fn a_source_that_is_written_twice_is_asked_for_once() {
        let file = parse(Source::from_text("Dockerfile", "FROM a\nCOPY b c b ./\n"));
        let model = Model::new(file);
        let copy = &model.copies[0];
        assert_eq!(copy.query.as_ref().unwrap().sources, ["b", "c"]);
        assert_eq!(copy.sources.iter().map(|s| s.asked).collect::<Vec<_>>(), [Some(0), Some(1), Some(0)]);
    }

    #[test]
    fn sources_beyond_what_can_be_asked_are_unknown() {
        let many: String = (0..70_000).map(|n| format!("f{n} ")).collect();
        let file =
            parse(Source::from_text("Dockerfile", format!("FROM a\nCOPY b ./\nCOPY {many} ./\nCOPY c ./\n")));
        let model = Model::new(file);
        let of = |copy: usize| (model.copies[copy].query.is_some(), model.copies[copy].sources[0].kind);
        assert_eq!(
            [of(0), of(1), of(2)],
            [(true, SourceKind::Path), (false, SourceKind::Unknown), (true, SourceKind::Path),]
        );
    }
}
