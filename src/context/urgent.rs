use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long walks wait in all before they get their share.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long they are let through then, whatever is urgent.
const SHARE: Duration = Duration::from_millis(50);

/// What somebody waits for: walks wait while it is done, since they would take its time on the same cores. What is always
/// busy does not end them: they get a tenth of the time.
#[derive(Debug)]
pub struct Urgent {
    state: Mutex<State>,
    done: Condvar,
    patience: Duration,
}

impl Default for Urgent {
    fn default() -> Self {
        Self { state: Mutex::default(), done: Condvar::new(), patience: PATIENCE }
    }
}

#[derive(Debug, Default)]
struct State {
    /// Since when it is done, or walks have got a share.
    since: Option<Instant>,
    /// How many walks wait for its end.
    waiting: usize,
    /// How long they have waited since their last share.
    waited: Duration,
    share: Option<Instant>,
}

impl Urgent {
    /// Walks wait from now on.
    pub fn begins(&self) {
        self.state().since.get_or_insert_with(Instant::now);
    }

    /// They go on.
    pub fn ends(&self) {
        let mut state = self.state();
        if let Some(since) = state.since.take()
            && state.waiting > 0
        {
            state.waited += since.elapsed();
            self.done.notify_all();
        }
    }

    pub(super) fn give_way(&self) {
        let mut state = self.state();
        while let Some(since) = state.since {
            let now = Instant::now();
            if state.share.is_some_and(|end| now < end) {
                return;
            }
            let left = self.patience.saturating_sub(state.waited + (now - since));
            if left.is_zero() {
                *state =
                    State { since: Some(now), share: Some(now + SHARE), waited: Duration::ZERO, ..*state };
                self.done.notify_all();
                return;
            }
            state.waiting += 1;
            (state, _) = self.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn a_walk_waits_while_something_is_urgent_and_not_for_ever() {
        // However busy the machine is, the walk gets no share here.
        let urgent = Arc::new(Urgent { patience: Duration::from_secs(3600), ..Urgent::default() });
        // Nothing is.
        urgent.give_way();
        urgent.begins();
        let (told, passed) = mpsc::channel();
        let own = Arc::clone(&urgent);
        let walk = thread::spawn(move || {
            for step in 0..3 {
                own.give_way();
                told.send(step).unwrap();
            }
        });
        assert!(passed.recv_timeout(PATIENCE / 5).is_err());
        urgent.ends();
        assert_eq!(passed.iter().collect::<Vec<_>>(), [0, 1, 2]);
        walk.join().unwrap();
        // It never ends: each share comes after a while.
        let urgent = Urgent::default();
        urgent.begins();
        let started = Instant::now();
        urgent.give_way();
        urgent.give_way();
        assert!(started.elapsed() > PATIENCE / 2);
    }
}
