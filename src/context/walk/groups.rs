//! Groups of files that belong to the very same members of the plan. Each file is counted once, in its
//! group; whatever is asked of a source, a query or a Dockerfile is a sum over groups, made after the
//! walk. So the cost of a file does not grow with the number of Dockerfiles.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A group of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) number: u32,
    /// One of its members is a path that is sent.
    pub(super) sends: bool,
}

/// The group of files that belong to no member.
pub(super) const NOBODY: u32 = 0;

/// All groups, by their members.
#[derive(Debug)]
pub(super) struct Groups {
    /// From this number on, members are paths that are sent.
    first_sent: usize,
    known: Mutex<HashMap<Arc<[u32]>, u32>>,
}

impl Groups {
    pub(super) fn new(first_sent: usize) -> Self {
        let nobody: Arc<[u32]> = Arc::default();
        Self { first_sent, known: Mutex::new(HashMap::from([(nobody, NOBODY)])) }
    }

    /// The group of the files with just these members, which are sorted.
    pub(super) fn of(&self, set: &[u32]) -> Group {
        let sends = set.last().is_some_and(|last| *last as usize >= self.first_sent);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let number = known.get(set).copied().unwrap_or_else(|| {
            let number = u32::try_from(known.len()).unwrap_or(u32::MAX);
            known.insert(set.into(), number);
            number
        });
        Group { number, sends }
    }

    /// The members of all groups, by number.
    pub(super) fn finish(self) -> Vec<Arc<[u32]>> {
        let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut sets: Vec<(u32, Arc<[u32]>)> = known.into_iter().map(|(set, number)| (number, set)).collect();
        sets.sort_unstable_by_key(|(number, _)| *number);
        sets.into_iter().map(|(_, set)| set).collect()
    }
}
