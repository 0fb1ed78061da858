use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The builder whose rules count for an ignore file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Dialect {
    /// BuildKit.
    #[default]
    BuildKit,
    /// The classic builder of Docker. It reads patterns as BuildKit does, opens an excluded folder only if a `!` pattern
    /// begins with its path, and knows no ignore file of one Dockerfile alone.
    Classic,
    /// buildah, and by that Podman. It has ignore files of its own name too, asks each pattern of each path (so `!a`
    /// brings back what an earlier line takes out of `a`), opens an excluded folder only if a `!` pattern begins with
    /// its path, and hands `+`, `(`, `)`, `|`, `{` and `^` to Go's regular expressions.
    Buildah,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BuildKit, Self::Classic, Self::Buildah];

    /// The ignore files that the builder looks for, in order. The first that exists is used alone, even if it is empty.
    ///
    /// ```
    /// use dockerignore::Dialect;
    /// use std::path::Path;
    ///
    /// let files = Dialect::Buildah.candidates(Path::new("app/Containerfile"), Path::new("app"));
    /// let names: Vec<_> = files.iter().map(|f| f.display().to_string()).collect();
    /// assert_eq!(
    ///     names,
    ///     [
    ///         "app/Containerfile.dockerignore",
    ///         "app/Containerfile.containerignore",
    ///         "app/.containerignore",
    ///         "app/.dockerignore",
    ///     ]
    /// );
    /// ```
    #[must_use]
    pub fn candidates(self, dockerfile: &Path, context: &Path) -> Vec<PathBuf> {
        let own = |ending: &str| {
            let mut name = dockerfile.file_name().map_or_else(OsString::new, OsString::from);
            name.push(ending);
            dockerfile.with_file_name(name)
        };
        let own = match self {
            Self::BuildKit => vec![own(DOCKER)],
            Self::Classic => Vec::new(),
            // Of the two in the context the other one comes first.
            Self::Buildah => vec![own(DOCKER), own(CONTAINER)],
        };
        own.into_iter().chain(self.shared(context)).collect()
    }

    /// Those of a context, which no Dockerfile has for itself.
    #[must_use]
    pub fn shared(self, context: &Path) -> Vec<PathBuf> {
        match self {
            Self::BuildKit | Self::Classic => vec![context.join(DOCKER)],
            Self::Buildah => vec![context.join(CONTAINER), context.join(DOCKER)],
        }
    }
}

const DOCKER: &str = ".dockerignore";
const CONTAINER: &str = ".containerignore";
