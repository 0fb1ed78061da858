//! What programs do at the ends of a pipe.

use crate::knowledge::{Trait, program_is};
use crate::shell::{Command, RedirectKind, Word};

pub(super) fn is_sure(command: &Command) -> bool {
    let here =
        command.redirects.iter().any(|r| matches!(r.kind, RedirectKind::HereDoc | RedirectKind::HereString));
    match command.program() {
        Some("cat") => here && command.arguments().is_empty(),
        Some(program) => program_is(program, Trait::NeverFails),
        // A variable alone, as in `$X | …`, is unknown; an assignment cannot fail.
        None => command.words.is_empty(),
    }
}

/// True for a reader that fails by itself if it gets nothing, or but a part.
pub(super) fn misses_input(command: &Command) -> bool {
    let letters = |wanted: &[char]| {
        let mut words = command.arguments().iter().map(Word::static_prefix);
        words.any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(wanted))
    };
    let word = |wanted: &[&str]| command.arguments().iter().any(|w| wanted.iter().any(|x| w.is(x)));
    match command.program().unwrap_or("") {
        // The letters of tar need no `-`.
        "tar" | "bsdtar" => {
            let first = command.arguments().first().map_or("", Word::static_prefix);
            let bundled = !first.starts_with('-') && first.contains(['x', 't']);
            bundled || letters(&['x', 't']) || word(&["--extract", "--list"])
        }
        "gunzip" | "bunzip2" | "unxz" | "unzstd" | "apt-key" | "dpkg" | "gpg" | "gpg2" | "openssl" => true,
        "gzip" | "bzip2" | "xz" | "zstd" => letters(&['d']) || word(&["--decompress"]),
        program if program.ends_with("sum") => letters(&['c']) || word(&["--check"]),
        _ => false,
    }
}

pub(super) fn is_filter(command: &Command) -> bool {
    command.program().is_some_and(|p| program_is(p, Trait::Filter) || p == "grep")
}

/// True for a reader that may leave before it has read all: the writer then dies of SIGPIPE.
pub(super) fn closes_early(command: &Command) -> bool {
    let has =
        |letters: &[char], words: &[&str]| {
            command.arguments().iter().map(Word::static_prefix).any(|w| {
                words.contains(&w) || w.starts_with('-') && !w.starts_with("--") && w.contains(letters)
            })
        };
    match command.program() {
        Some("head") => true,
        Some("grep" | "egrep" | "fgrep" | "zgrep") => {
            has(&['q', 'm'], &["--quiet", "--silent"])
                || command.arguments().iter().any(|w| w.static_prefix().starts_with("--max-count"))
        }
        Some("awk" | "gawk" | "mawk") => {
            command.arguments().iter().any(|w| w.static_prefix().contains("exit"))
        }
        Some("sed") => command.arguments().iter().any(|w| {
            let script = w.static_prefix();
            script.split([';', '}']).any(|part| part.trim_end().ends_with('q') && part.len() < 12)
        }),
        _ => false,
    }
}
