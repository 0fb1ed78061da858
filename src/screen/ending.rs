//! The terminal, where the program is told to end while it shows something.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

/// Gives the terminal back once a signal asks the program to end, which then ends as it would without this.
pub(super) struct Ending(Handle);

impl Ending {
    /// Waits for such signals from now on.
    ///
    /// # Errors
    /// If the handlers cannot be set.
    pub(super) fn awaited() -> io::Result<Self> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        let handle = signals.handle();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                ratatui::restore();
                let _ = emulate_default_handler(signal);
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.close();
    }
}
