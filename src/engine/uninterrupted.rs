//! Work that a signal does not cut off.

/// Does something short that would leave half a change behind if it was cut off. Who asks the program to end meanwhile, as
/// with Ctrl-C, ends it right after that.
#[cfg(unix)]
pub(super) fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    use std::sync::PoisonError;
    use std::sync::atomic::Ordering;

    use signal_hook::low_level::emulate_default_handler;

    // Without handlers it is done as anything else is.
    let Some(signals) = held() else { return work() };
    let running = || signals.running.lock().unwrap_or_else(PoisonError::into_inner);
    {
        let mut running = running();
        *running += 1;
        signals.ends.store(false, Ordering::SeqCst);
    }
    let done = work();
    let mut running = running();
    *running -= 1;
    if *running == 0 {
        signals.ends.store(true, Ordering::SeqCst);
        for (signal, came) in &signals.came {
            if came.load(Ordering::SeqCst) {
                let _ = emulate_default_handler(*signal);
            }
        }
    }
    drop(running);
    done
}

#[cfg(not(unix))]
pub(super) fn uninterrupted<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// What is known of signals that ask the program to end.
#[cfg(unix)]
struct Signals {
    /// How many are at work.
    running: std::sync::Mutex<usize>,
    /// True if a signal ends the program at once, as it does where nothing handles it.
    ends: std::sync::Arc<std::sync::atomic::AtomicBool>,
    /// Which signals have come.
    came: Vec<(i32, std::sync::Arc<std::sync::atomic::AtomicBool>)>,
}

/// The handlers, which are set once; `None` if they cannot be.
#[cfg(unix)]
fn held() -> Option<&'static Signals> {
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex, OnceLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;

    static SIGNALS: OnceLock<Option<Signals>> = OnceLock::new();
    let set = || {
        let ends = Arc::new(AtomicBool::new(true));
        let mut came = Vec::new();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let own = Arc::new(AtomicBool::new(false));
            flag::register_conditional_default(signal, Arc::clone(&ends)).ok()?;
            flag::register(signal, Arc::clone(&own)).ok()?;
            came.push((signal, own));
        }
        Some(Signals { running: Mutex::new(0), ends, came })
    };
    SIGNALS.get_or_init(set).as_ref()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use signal_hook::consts::SIGTERM;
    use signal_hook::low_level::raise;

    use super::uninterrupted;

    /// Where the test that is run for it writes to.
    const PLACE: &str = "DLINT_TEST_UNINTERRUPTED";

    #[test]
    fn what_is_written_is_written_whole_and_then_the_program_ends() {
        if let Some(place) = std::env::var_os(PLACE) {
            uninterrupted(|| {
                raise(SIGTERM).unwrap();
                std::fs::write(&place, "whole").unwrap();
            });
            std::fs::write(&place, "later").unwrap();
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("file");
        let own = "what_is_written_is_written_whole_and_then_the_program_ends";
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--test-threads=1", own])
            .env(PLACE, &place)
            .output()
            .unwrap()
            .status;
        assert_eq!(
            (status.signal(), std::fs::read_to_string(&place).unwrap()),
            (Some(SIGTERM), "whole".into())
        );
    }
}
