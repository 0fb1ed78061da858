//! The signal of STOPSIGNAL (`signal.ParseSignal` of moby/sys).

use super::ast::Instruction;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::word::Word;

/// A signal by its number on Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub i64);

/// The signals of Linux, without `SIG`.
const SIGNALS: [(&str, i64); 36] = [
    ("ABRT", 6),
    ("ALRM", 14),
    ("BUS", 7),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("FPE", 8),
    ("HUP", 1),
    ("ILL", 4),
    ("INT", 2),
    ("IO", 29),
    ("IOT", 6),
    ("KILL", 9),
    ("PIPE", 13),
    ("POLL", 29),
    ("PROF", 27),
    ("PWR", 30),
    ("QUIT", 3),
    ("SEGV", 11),
    ("STKFLT", 16),
    ("STOP", 19),
    ("SYS", 31),
    ("TERM", 15),
    ("TRAP", 5),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("USR1", 10),
    ("USR2", 12),
    ("VTALRM", 26),
    ("WINCH", 28),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("RTMIN", 34),
    ("RTMAX", 64),
];

impl Signal {
    /// Ends a program at once.
    pub const KILL: Self = Self(9);
    /// Makes a program wait.
    pub const STOP: Self = Self(19);

    /// Reads a value: a number, or a name with or without `SIG`, in any case. `None` if BuildKit refuses it.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        if let Ok(number) = value.parse::<i64>() {
            return (number != 0).then_some(Self(number));
        }
        let upper = value.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let offset = |digits: &str, most: i64| {
            let number = digits.parse::<u32>().ok().filter(|_| digits.len() < 3).map(i64::from);
            number.filter(|n| (1..=most).contains(n))
        };
        if let Some(digits) = name.strip_prefix("RTMIN+") {
            return offset(digits, 15).map(|n| Self(34 + n));
        }
        if let Some(digits) = name.strip_prefix("RTMAX-") {
            return offset(digits, 14).map(|n| Self(64 - n));
        }
        SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| Self(*number))
    }
}

/// Why BuildKit refuses the signal of an instruction; `None` also where variables decide.
pub(super) fn fault(instruction: &Instruction, word: &Word) -> Option<SyntaxError> {
    let value = word.literal()?;
    if Signal::read(&value).is_some() {
        return None;
    }
    let text = &*word.text;
    let first = text.find(char::is_whitespace).unwrap_or(text.len());
    if first < text.len() && Signal::read(&text[..first]).is_some() {
        let extra = text.len() - text[first..].trim_start().len();
        // The word is all of the arguments, so that continuations in it do not blur the place.
        let at = instruction.arguments_at;
        let span = instruction.logical.span(at + extra..at + text.len());
        let error = SyntaxError::new(SyntaxErrorKind::ExtraArgument, span, "STOPSIGNAL takes one signal");
        return Some(error.help("comments start on a line of their own"));
    }
    let shown: String = value.chars().take(60).collect();
    let error =
        SyntaxError::new(SyntaxErrorKind::InvalidSignal, word.span, format!("`{shown}` is not a signal"));
    let upper = value.to_ascii_uppercase();
    let names = SIGNALS.iter().map(|(name, _)| *name);
    Some(match crate::text::nearest(upper.trim_start_matches("SIG"), names) {
        Some(near) => error.meant(&format!("SIG{near}")),
        None => error.help("write a name or a number, for example `SIGTERM`"),
    })
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn names_and_numbers_are_read() {
        for (value, want) in [
            ("SIGKILL", Some(9)),
            ("kill", Some(9)),
            ("9", Some(9)),
            ("Sigstop", Some(19)),
            ("SIGRTMIN", Some(34)),
            ("RTMIN+15", Some(49)),
            ("SIGRTMAX-14", Some(50)),
            ("RTMIN+16", None),
            ("RTMIN+001", None),
            ("RTMAX-0", None),
            ("0", None),
            ("-1", Some(-1)),
            ("TERM ", None),
            ("", None),
        ] {
            assert_eq!(Signal::read(value), want.map(Signal), "{value}");
        }
    }
}
