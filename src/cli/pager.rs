//! Long texts on a terminal: the reader's own pager shows them.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

/// Prints `text` with the program that PAGER names, if that is set, standard output is a terminal, and the text is
/// longer than it. Otherwise, and where the pager does not start, it is printed as it is.
pub(super) fn print(text: &[u8], wanted: bool) -> io::Result<()> {
    if let Some(mut pager) = pager(text).filter(|_| wanted)
        && let Ok(mut child) = pager.stdin(Stdio::piped()).spawn()
    {
        // A pager that is left before the end reads no further, which is no failure.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(text));
        return child.wait().map(|_| ());
    }
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()
}

fn pager(text: &[u8]) -> Option<Command> {
    let (_, height) = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten()?;
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    if lines < usize::from(height.0) {
        return None;
    }
    let mut command = command(&env::var("PAGER").ok()?)?;
    // What git sets as well: colours and links are shown, and what is left stays on the screen.
    if env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    Some(command)
}

/// The program and its arguments, as words.
fn command(pager: &str) -> Option<Command> {
    let mut words = pager.split_whitespace();
    let mut command = Command::new(words.next().filter(|program| *program != "cat")?);
    command.args(words);
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_what_the_variable_says() {
        let words = |pager: &str| {
            let command = command(pager)?;
            let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
            Some(std::iter::once(command.get_program().to_string_lossy().into_owned()).chain(args).collect())
        };
        assert_eq!(words("less -R"), Some(vec!["less".to_owned(), "-R".to_owned()]));
        assert_eq!(words(" most "), Some(vec!["most".to_owned()]));
        assert_eq!(words(""), None::<Vec<String>>);
        assert_eq!(words("cat"), None);
    }
}
