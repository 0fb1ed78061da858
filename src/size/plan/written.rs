//! What redirections and a few programs write, where the command line tells how much.

use std::collections::{HashMap, HashSet};

use crate::knowledge::{Trait, program_is};
use crate::semantic::{Cmd, ScriptId};
use crate::shell::{Connector, List, ListKind, PartKind, Redirect, RedirectKind, Word};

/// No variable of the environment is longer (`MAX_ARG_STRLEN` of Linux).
const MAX_VARIABLE: u64 = 131_072;
/// A ring of keys, with all that others have signed.
const MAX_KEYS: u64 = 1_000_000;
/// What programs print that print a line or a few.
const MAX_LINES: u64 = 4_096;

/// Bytes that are written: the least and the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Written {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Written {
    pub(super) const fn exactly(bytes: u64) -> Self {
        Self { least: bytes, most: bytes }
    }

    const fn at_most(bytes: u64) -> Self {
        Self { least: 0, most: bytes }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }
}

/// True if the redirection writes a file that stays in the layer.
pub(super) fn writes_file(redirect: &Redirect) -> bool {
    use RedirectKind::{Append, AppendBoth, Dup, HereDoc, HereString, Read, ReadWrite, Write, WriteBoth};
    let writes = match redirect.kind {
        Write | Append | ReadWrite | WriteBoth | AppendBoth => true,
        Read | HereDoc | HereString | Dup => false,
    };
    let target = redirect.target.as_ref().map_or("", Word::static_prefix);
    // What goes to devices, or to descriptors such as `/dev/stderr`, is no file of the image.
    writes && !is_device(target)
}

fn is_device(path: &str) -> bool {
    ["/dev/", "/proc/", "/sys/"].iter().any(|folder| path.starts_with(folder))
        && !path.starts_with("/dev/shm/")
}

/// True if it adds to what the file has.
pub(super) fn appends(redirect: &Redirect) -> bool {
    matches!(redirect.kind, RedirectKind::Append | RedirectKind::AppendBoth | RedirectKind::ReadWrite)
}

/// What `cmd` prints, if its words tell; `before` is the command in front of it.
pub(super) fn printed(cmd: &Cmd<'_>, before: Option<&Cmd<'_>>, asking: &Asking) -> Option<Written> {
    if cmd.shell().place.within.repeated || cmd.shell().place.within.function {
        return None;
    }
    let args = cmd.args();
    match cmd.program() {
        "" if cmd.shell().words.is_empty() => Some(Written::default()),
        ":" | "true" | "false" => Some(Written::default()),
        "echo" => {
            let silent = args.first().is_some_and(|w| w.is("-n"));
            let words = args.iter().skip(usize::from(silent));
            let text = words
                .map(|w| length(cmd, w, asking).map(|l| l.and(Written::exactly(1))))
                .try_fold(Written::default(), |sum, word| Some(sum.and(word?)))?;
            // A blank stands between words, and a newline at the end.
            let none = args.len() <= usize::from(silent);
            let end = |bytes: u64| match (none, silent) {
                (true, silent) => u64::from(!silent),
                (false, true) => bytes.saturating_sub(1),
                (false, false) => bytes,
            };
            // Escapes may make it shorter.
            let least =
                if args.iter().any(|w| w.static_prefix().contains('\\')) { 0 } else { end(text.least) };
            Some(Written { least, most: end(text.most) })
        }
        "printf" => {
            let sum =
                args.iter().try_fold(Written::default(), |sum, w| Some(sum.and(length(cmd, w, asking)?)))?;
            // The format has escapes and directives, and is used again while words are left.
            let times = u64::try_from(args.len()).unwrap_or(u64::MAX);
            Some(Written::at_most(sum.most.saturating_mul(times)))
        }
        "cat" | "tee" => {
            if let Some(text) = here_document(cmd) {
                return Some(text);
            }
            let fed = cmd.program() == "tee" || cmd.plain_words().next().is_none();
            let from = before.filter(|_| fed && cmd.shell().place.before.connector == Connector::Pipe)?;
            printed(from, None, asking)
        }
        "gpg" | "gpg2" if cmd.has_any_flag(&["--export", "--dearmor", "--enarmor"]) => {
            Some(Written::at_most(MAX_KEYS))
        }
        program if program_is(program, Trait::PrintsLines) => Some(Written::at_most(MAX_LINES)),
        _ => None,
    }
}

/// What all commands of `{ … }` or `( … )` print together.
pub(super) fn printed_by_group(own: &[&Cmd<'_>], list: &List, asking: &Asking) -> Option<Written> {
    if !matches!(list.kind, ListKind::Group | ListKind::Subshell) {
        return None;
    }
    if own.len() != list.len {
        return None;
    }
    own.iter().try_fold(Written::default(), |sum, cmd| Some(sum.and(printed(cmd, None, asking)?)))
}

/// The text that a command is fed with.
fn here_document(cmd: &Cmd<'_>) -> Option<Written> {
    let redirect = cmd.shell().redirects.iter().find(|r| r.kind == RedirectKind::HereDoc)?;
    let text = cmd.model.text(redirect.heredoc_body?);
    let bytes = u64::try_from(text.len()).ok()?;
    if redirect.quoted || !text.contains(['$', '`']) {
        return Some(Written::exactly(bytes).and(Written::at_most(1)));
    }
    // What a command prints may be anything; a variable has a bound.
    if text.contains("$(") || text.contains('`') {
        return None;
    }
    let variables = u64::try_from(text.matches('$').count()).ok()?;
    Some(Written::at_most(bytes.saturating_add(variables.saturating_mul(MAX_VARIABLE))))
}

/// How long a word is once it is expanded.
fn length(cmd: &Cmd<'_>, word: &Word, asking: &Asking) -> Option<Written> {
    let bytes = |text: &str| u64::try_from(text.len()).ok().map(Written::exactly);
    if word.has_glob() && !word.is_quoted() || word.has_braces() {
        return None;
    }
    if let Some(text) = cmd.text_of(word) {
        return bytes(&text);
    }
    let mut sum = Written::default();
    for part in &word.parts {
        sum = sum.and(match &part.kind {
            PartKind::Literal => bytes(cmd.model.text(part.span))?,
            PartKind::Variable(name) if cmd.comes_from_outside(name) => Written::at_most(MAX_VARIABLE),
            PartKind::Arithmetic => Written::at_most(20),
            PartKind::Command if asking.contains(&(cmd.usage.script, cmd.usage.command)) => {
                Written::at_most(MAX_VARIABLE)
            }
            _ => return None,
        });
    }
    Some(sum)
}

/// The commands of which every `$( )` runs only programs that print, and none of those that fetch.
pub(super) type Asking = HashSet<(ScriptId, usize)>;

/// True if a program prints, and what it prints is no file of any size that it was told to print.
fn prints_a_little(cmd: &Cmd<'_>) -> bool {
    let program = cmd.program();
    matches!(program, "cat" | "sed" | "dpkg" | "apt-cache" | "scanelf" | "rpm" | "git")
        || program_is(program, Trait::PrintsLines)
        || program_is(program, Trait::WritesNothing)
}

/// Finds them among the commands of one RUN.
pub(super) fn asking(commands: &[Cmd<'_>]) -> Asking {
    // Of each list how many of its commands are such programs.
    let mut little: HashMap<(ScriptId, usize), usize> = HashMap::new();
    for cmd in commands.iter().filter(|cmd| cmd.shell().place.within.substitution && prints_a_little(cmd)) {
        *little.entry((cmd.usage.script, cmd.shell().place.list)).or_default() += 1;
    }
    let (mut asking, mut others) = (Asking::new(), Asking::new());
    let mut last = None;
    for cmd in commands {
        let script = cmd.usage.script;
        if last.replace(script) == Some(script) {
            continue;
        }
        for (at, list) in cmd.script().script.lists.iter().enumerate() {
            let Some(owner) = list.owner else { continue };
            let prints = little.get(&(script, at)) == Some(&list.len);
            match list.kind {
                ListKind::CommandSubstitution | ListKind::Backticks if prints => {
                    asking.insert((script, owner))
                }
                ListKind::ShellString => false,
                _ => others.insert((script, owner)),
            };
        }
    }
    asking.retain(|command| !others.contains(command));
    asking
}

/// The length that `truncate` and `fallocate` give their files, and these.
pub(super) fn sized<'m>(cmd: &Cmd<'m>) -> Option<(u64, Vec<&'m Word>)> {
    let option = match cmd.program() {
        "truncate" => ("-s", "--size"),
        "fallocate" => ("-l", "--length"),
        _ => return None,
    };
    let args = cmd.args();
    let mut size = None;
    let mut files = Vec::new();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        at += 1;
        let text = word.as_str()?;
        if text == option.0 || text == option.1 {
            size = args.get(at).and_then(|w| w.as_str());
            at += 1;
        } else if let Some(value) = text.strip_prefix(option.1).and_then(|rest| rest.strip_prefix('=')) {
            size = Some(value);
        } else if let Some(value) = text.strip_prefix(option.0) {
            size = Some(value);
        } else if text.starts_with('-') {
            // It may be about holes, or another file's size.
            return None;
        } else {
            files.push(word);
        }
    }
    Some((bytes(size?)?, files))
}

/// `3000000`, `2M`, `1GB`, as the coreutils read it.
fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let power = |unit: &str| "KMGT".find(unit.get(..1)?.to_ascii_uppercase().as_str()).map(|n| n as u32 + 1);
    let factor = match unit {
        "" => 1,
        _ if unit.ends_with('B') && !unit.ends_with("iB") && unit.len() == 2 => {
            1000_u64.checked_pow(power(unit)?)?
        }
        _ if unit.len() == 1 || unit.ends_with("iB") => 1024_u64.checked_pow(power(unit)?)?,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_read_as_the_coreutils_do() {
        for (text, want) in [
            ("3000000", Some(3_000_000)),
            ("2M", Some(2 << 20)),
            ("1k", Some(1024)),
            ("1GB", Some(1_000_000_000)),
            ("1GiB", Some(1 << 30)),
            ("+5", None),
            ("-5", None),
            ("%4", None),
            ("5x", None),
        ] {
            assert_eq!(bytes(text), want, "{text}");
        }
    }
}
