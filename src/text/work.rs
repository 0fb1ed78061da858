//! How often each text was parsed and understood: tests hold it to once in a run.

use std::collections::BTreeMap;
use std::sync::Mutex;

static DONE: Mutex<BTreeMap<(String, Work), usize>> = Mutex::new(BTreeMap::new());

/// What is done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// A tree is made of it.
    Parse,
    /// A model is made of the tree.
    Model,
}

/// Remembers that `work` was done with the text called `name`.
pub(crate) fn record(work: Work, name: &str) {
    *DONE.lock().unwrap().entry((name.to_owned(), work)).or_default() += 1;
}

/// How often the text called `name` was parsed, and made into a model, since this was last asked.
pub(crate) fn taken(name: &str) -> (usize, usize) {
    let mut done = DONE.lock().unwrap();
    let mut take = |work| done.remove(&(name.to_owned(), work)).unwrap_or_default();
    (take(Work::Parse), take(Work::Model))
}
