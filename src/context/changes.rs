//! Files that change, and which sources take them.

use serde::Serialize;

use super::model::{SourceStatus, Tally};

/// Files that change.
#[derive(Debug, Clone, Default)]
pub struct ChangeQuery {
    /// Paths of the context, to the letter: no wildcards, and a link is the link itself. A folder is all in
    /// it; what is not there counts as deleted, and was a folder if it ends in `/`.
    pub paths: Vec<String>,
    /// What of them stays as it is: patterns as those of `--exclude`, relative to the path.
    pub excludes: Vec<String>,
}

/// What is known of one changed path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The path as asked.
    pub path: String,
    /// Whether it is there; for one that is not, whether it would be left out.
    pub status: SourceStatus,
    /// Who takes something of it, in the order of the queries.
    pub taken: Vec<Taken>,
}

/// What a query takes of a changed path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Which query, by its place in the request.
    pub query: usize,
    /// The first of its sources that does.
    pub source: usize,
    /// The changed files that it takes; none if they are deleted.
    pub files: Tally,
    /// The largest of them.
    pub largest: Option<String>,
}
