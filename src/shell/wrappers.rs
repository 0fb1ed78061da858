//! Commands that run another command, and where in their words it begins.
//!
//! Facts from the manual pages of the tools: which options take a value, how many operands precede the
//! command.

use super::command::Effective;
use super::word::Word;
use crate::knowledge::{Trait, program_is};

/// A wrapper peeled off a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// Its name, without a directory.
    pub name: &'static str,
    /// Index of its word in the words of the command.
    pub index: usize,
}

struct Spec {
    name: &'static str,
    /// Letters of the options that take a value.
    short: &'static str,
    /// Long options that take a value in the next word.
    long: &'static [&'static str],
    /// Operands before the command.
    operands: usize,
    /// `NAME=value` words precede the command.
    assigns: bool,
}

const fn spec(
    name: &'static str,
    short: &'static str,
    long: &'static [&'static str],
    operands: usize,
) -> Spec {
    Spec { name, short, long, operands, assigns: false }
}

const fn assigning(name: &'static str, short: &'static str, long: &'static [&'static str]) -> Spec {
    Spec { name, short, long, operands: 0, assigns: true }
}

const SPECS: &[Spec] = &[
    assigning(
        "sudo",
        "CDRTUghpru",
        &[
            "user",
            "group",
            "host",
            "prompt",
            "chdir",
            "chroot",
            "close-from",
            "role",
            "type",
            "other-user",
            "command-timeout",
        ],
    ),
    assigning("env", "uC", &["unset", "chdir"]),
    spec("doas", "Cu", &[], 0),
    spec("exec", "a", &[], 0),
    spec("time", "fo", &["format", "output"], 0),
    spec("command", "", &[], 0),
    spec("builtin", "", &[], 0),
    spec("nice", "n", &["adjustment"], 0),
    spec("ionice", "cn", &["class", "classdata"], 0),
    spec("nohup", "", &[], 0),
    spec("setsid", "", &[], 0),
    spec("stdbuf", "ioe", &["input", "output", "error"], 0),
    spec("timeout", "ks", &["kill-after", "signal"], 1),
    spec(
        "xargs",
        "EILPadns",
        &["arg-file", "delimiter", "max-args", "max-chars", "max-lines", "max-procs", "process-slot-var"],
        0,
    ),
    spec("gosu", "", &[], 1),
    spec("su-exec", "", &[], 1),
    spec("eatmydata", "", &[], 0),
    spec("tini", "epv", &[], 0),
    spec("dumb-init", "r", &["rewrite"], 0),
];

/// At most this many wrappers are peeled off one command.
const MAX_WRAPPERS: usize = 8;

/// Finds the command behind the wrappers. A wrapper without a command is the command.
pub(super) fn peel(words: &[Word]) -> Effective {
    let (mut name_index, mut wrappers) = (0, Vec::new());
    while wrappers.len() < MAX_WRAPPERS {
        let Some(spec) = words.get(name_index).and_then(|word| find(word)) else { break };
        let Some(inner) = inner_command(spec, words, name_index + 1) else { break };
        wrappers.push(Wrapper { name: spec.name, index: name_index });
        name_index = inner;
    }
    Effective { name_index, wrappers: wrappers.into() }
}

fn find(word: &Word) -> Option<&'static Spec> {
    let name = base_name(word.as_str()?);
    SPECS.iter().find(|spec| spec.name == name)
}

fn inner_command(spec: &Spec, words: &[Word], mut at: usize) -> Option<usize> {
    let mut operands = spec.operands;
    loop {
        let word = words.get(at)?;
        let text = word.static_prefix();
        at += 1;
        if word.is("--") {
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            if spec.long.contains(&long) {
                at += 1;
            }
        } else if let Some(short) = text.strip_prefix('-').filter(|short| !short.is_empty()) {
            // `command -v name` asks for a name and runs nothing.
            if spec.name == "command" && short.contains(['v', 'V']) {
                return None;
            }
            // A value option takes the rest of its word, or the next word.
            if short.find(|c| spec.short.contains(c)).is_some_and(|n| n + 1 == short.len()) {
                at += 1;
            }
        } else if spec.assigns && is_assignment(text) {
        } else if operands > 0 {
            operands -= 1;
        } else {
            return Some(at - 1);
        }
    }
    at += operands;
    while spec.assigns && words.get(at).is_some_and(|word| is_assignment(word.static_prefix())) {
        at += 1;
    }
    words.get(at).map(|_| at)
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

pub(super) fn base_name(name: &str) -> &str {
    memchr::memrchr(b'/', name.as_bytes()).and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

/// What a shell is told to run.
pub(super) enum ShellInput {
    /// The word at this index is a script.
    Word(usize),
    /// The script comes from standard input.
    Stdin,
}

/// The script that `words`, with the command name first, give to a shell or to `su`.
pub(super) fn shell_input(words: &[Word]) -> Option<ShellInput> {
    let name = base_name(words.first()?.as_str()?);
    let su = matches!(name, "su" | "runuser");
    if !su && !program_is(name, Trait::Shell) {
        return None;
    }
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.as_str()?;
        at += 1;
        if text == "--command" && su {
            return Some(ShellInput::Word(at));
        }
        let options = text.strip_prefix(['-', '+']).filter(|options| !options.is_empty());
        match options {
            Some("-") => break,
            Some(long) if long.starts_with('-') => {
                if matches!(long, "-rcfile" | "-init-file") || su && matches!(long, "-shell" | "-group") {
                    at += 1;
                }
            }
            Some(short) => {
                // `bash -o pipefail -c '…'` and `bash -eo pipefail -c '…'`: `o` takes the next word.
                let value =
                    if su { short.ends_with(['s', 'g', 'G', 'w']) } else { short.contains(['o', 'O']) };
                at += usize::from(value);
                if text.starts_with('-') && short.contains('c') {
                    // Options may still stand between `-c` and the script.
                    while !su
                        && words.get(at).and_then(Word::as_str).is_some_and(|w| w.starts_with(['-', '+']))
                    {
                        at += 1;
                    }
                    return Some(ShellInput::Word(at));
                }
            }
            None if su => {}
            None if text == "-" => {}
            None => return None,
        }
    }
    (!su && at >= words.len()).then_some(ShellInput::Stdin)
}
