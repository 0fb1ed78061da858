//! The terminal view: the layers of an image or of a plan, the lines to blame, and the files as a tree, moved through by
//! keys. [`View`] says what is shown, [`App`] what the keys have done to it so far, and `draw` how it looks.

mod app;
mod draw;
#[cfg(unix)]
mod ending;
mod files;
mod keys;
mod view;

#[cfg(test)]
mod tests;

use std::io;

use ratatui::crossterm::event::{self, Event, KeyEventKind};

use app::App;

pub use view::View;

/// Shows the view until it is left. Needs a terminal as standard output; what the terminal showed before comes back, after
/// a panic too, and where a signal ends the program.
///
/// # Errors
/// If the terminal cannot be set up, read or written.
pub fn run(view: View, color: bool) -> io::Result<()> {
    let mut terminal = ratatui::try_init()?;
    #[cfg(unix)]
    let _ending = ending::Ending::awaited()?;
    let mut app = App::new(view, color);
    let outcome = loop {
        if let Err(error) = terminal.draw(|frame| draw::draw(frame, &mut app)) {
            break Err(error);
        }
        // What is not a key may have changed the size: all is drawn again.
        match event::read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => keys::press(&mut app, key),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
        if app.is_over {
            break Ok(());
        }
    };
    ratatui::try_restore()?;
    outcome
}
