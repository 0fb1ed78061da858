//! What one RUN has downloaded so far.

use std::collections::HashSet;

use crate::lock::LockedFetch;

/// What one RUN has downloaded and unpacked.
#[derive(Default)]
pub(super) struct Downloads<'f> {
    /// Files that are there.
    pub(super) files: Vec<Downloaded<'f>>,
    /// What the command before prints into a pipe.
    pub(super) piped: Option<(String, &'f LockedFetch)>,
    /// What was unpacked: where to, if that is known, and which component it is.
    pub(super) unpacked: Vec<(Option<String>, usize)>,
    /// The components whose files are removed again.
    pub(super) gone: HashSet<usize>,
}

impl Downloads<'_> {
    /// True if the files of a component are still there at the end of the RUN.
    pub(super) fn stays(&self, component: usize) -> bool {
        !self.gone.contains(&component)
    }
}

/// A file that was downloaded.
pub(super) struct Downloaded<'f> {
    /// Its path, or its name if it is not known which folder it is in.
    pub(super) path: String,
    /// Its address, for people.
    pub(super) address: String,
    pub(super) fetch: &'f LockedFetch,
    /// Which component of the RUN it is.
    pub(super) component: usize,
}
