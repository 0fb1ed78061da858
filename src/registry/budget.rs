//! What a run may ask for and read, whatever the answers are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::error::Fault;

/// Requests of a run, redirects and logins included.
const MAX_REQUESTS: u64 = 5_000;
/// Bytes of answers of a run.
const MAX_BYTES: u64 = 2 << 30;
/// How long a run takes at most.
const MAX_TIME: Duration = Duration::from_mins(20);

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    requests: AtomicU64,
    bytes: AtomicU64,
    until: Instant,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            requests: AtomicU64::new(MAX_REQUESTS),
            bytes: AtomicU64::new(MAX_BYTES),
            until: Instant::now() + MAX_TIME,
        }
    }

    /// Takes a request; the time that it may take, at most `most`.
    pub(super) fn request(&self, most: Duration) -> Result<Duration, Fault> {
        take(&self.requests, 1).ok_or(Fault::Limit("more than 5,000 requests in one run"))?;
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Fault::Slow) } else { Ok(left.min(most)) }
    }

    /// Takes bytes of an answer.
    pub(super) fn read(&self, bytes: u64) -> Result<(), Fault> {
        let limit = Fault::Limit("more than 2 GiB of answers in one run");
        take(&self.bytes, bytes).map(|_| ()).ok_or(limit)
    }
}

fn take(left: &AtomicU64, amount: u64) -> Option<u64> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(amount)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_comes_to_an_end() {
        let budget = Budget::new();
        assert_eq!(budget.read(MAX_BYTES), Ok(()));
        assert!(matches!(budget.read(1), Err(Fault::Limit(_))));
        let asked = (0..=MAX_REQUESTS).take_while(|_| budget.request(Duration::from_secs(1)).is_ok()).count();
        assert_eq!(asked as u64, MAX_REQUESTS);
    }
}
