use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Urgent;

/// How far a check has come; another thread may look at it, or end it, at any time.
#[derive(Debug, Default)]
pub struct Progress {
    files: AtomicU64,
    bytes: AtomicU64,
    walks: AtomicU64,
    cancelled: AtomicBool,
    urgent: Option<Arc<Urgent>>,
}

impl Progress {
    /// That of a check whose walks give way to what is more urgent.
    #[must_use]
    pub(crate) fn beside(urgent: Arc<Urgent>) -> Self {
        Self { urgent: Some(urgent), ..Self::default() }
    }

    /// Files seen so far.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Their bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Walks that were started: one per context and ignore file.
    #[must_use]
    pub fn walks(&self) -> u64 {
        self.walks.load(Ordering::Relaxed)
    }

    /// Ends the check: the walk goes into no more folders, and no more rules are asked. What is found until
    /// then is not whole.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// True if somebody ended the check.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn walk(&self) {
        self.walks.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits while something more urgent is done.
    pub(super) fn give_way(&self) {
        if let Some(urgent) = &self.urgent {
            urgent.give_way();
        }
    }

    pub(super) fn add(&self, files: u64, bytes: u64) {
        self.files.fetch_add(files, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
