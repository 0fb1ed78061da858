//! Where a build turns off the checks of certificates and signatures.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;

use crate::knowledge::{
    Action, CheckSetting, CheckText, CheckVariable, Unchecked, check_options, check_settings, check_texts,
    check_variables,
};
use crate::shell::{ListKind, Redirect, RedirectKind, Word};
use crate::syntax::{self, Kind, MountType, Transfer};
use crate::text::{Arrange, Span};

use super::command::{ScriptKind, ScriptUse};
use super::{Cmd, Download, Model, covers};

/// A place that turns a check off.
#[derive(Debug, Clone)]
pub struct CheckOff {
    /// The option, setting, variable or text.
    pub span: Span,
    /// The program that is told so; none for variables and files.
    pub program: Option<String>,
    /// True for an ENV, which stays in the image.
    pub stays: bool,
    /// What another tool calls it.
    pub alias: Option<&'static str>,
}

/// The places that turn a check off, by the check.
#[derive(Debug, Default)]
pub(super) struct ChecksOff {
    certificate: Vec<CheckOff>,
    signature: Vec<CheckOff>,
}

impl ChecksOff {
    const fn of(&mut self, check: Unchecked) -> &mut Vec<CheckOff> {
        match check {
            Unchecked::Certificate => &mut self.certificate,
            Unchecked::Signature => &mut self.signature,
        }
    }
}

/// How many steps behind a download are searched for a check of what it brought.
const MAX_STEPS: usize = 16;

impl Model {
    /// The places that turn off `check`, each once.
    #[must_use]
    pub fn checks_off(&self, check: Unchecked) -> &[CheckOff] {
        let found = self.facts.checks_off.get_or_init(|| self.all_checks_off());
        match check {
            Unchecked::Certificate => &found.certificate,
            Unchecked::Signature => &found.signature,
        }
    }

    fn all_checks_off(&self) -> ChecksOff {
        let mut found = ChecksOff::default();
        for row in check_options() {
            let commands = row.commands.iter().flat_map(|name| self.commands_named(name));
            for cmd in commands {
                let spans = options(&cmd, row.options, row.values);
                // What is only removed, nobody has to sign.
                let installs_none = matches!(cmd.usage.action, Action::Remove | Action::Clean);
                let of_signature = row.check == Unchecked::Signature;
                // The sums of all that it fetches are compared.
                let is_hashed = cmd.has_flag("--require-hashes");
                if spans.is_empty() || !counts(&cmd) || is_hashed || installs_none && of_signature {
                    continue;
                }
                let other =
                    !row.subcommands.is_empty() && !row.subcommands.iter().any(|s| cmd.is_subcommand(s));
                if other || of_signature && self.brings_its_packages(&cmd) {
                    continue;
                }
                found.of(row.check).extend(spans.into_iter().map(|span| off(span, Some(&cmd), row.alias)));
            }
        }
        for row in check_settings() {
            let commands = row.commands.iter().flat_map(|name| self.commands_named(name));
            for cmd in commands {
                if let Some(span) = row.setting(&cmd).filter(|_| counts(&cmd)) {
                    found.of(row.check).push(off(span, Some(&cmd), row.alias));
                }
            }
        }
        self.variables_off(&mut found);
        self.texts_off(&mut found);
        for found in [&mut found.certificate, &mut found.signature] {
            found.arrange_by_key(|f| f.span);
            found.dedup_by_key(|f| f.span);
        }
        found
    }

    /// True if a COPY brought the files that `cmd` installs.
    fn brings_its_packages(&self, cmd: &Cmd<'_>) -> bool {
        let stage = self.steps.get(cmd.step()).and_then(|s| s.stage);
        let copies = self
            .copies
            .iter()
            .filter(|c| c.step < cmd.step() && self.steps.get(c.step).and_then(|s| s.stage) == stage);
        let copied = copies.filter_map(|c| c.destination.known());
        let mounts = self.instruction(cmd.step()).mounts.iter().filter(|m| m.kind == MountType::Bind);
        let folders: Vec<&str> = copied.chain(mounts.filter_map(|m| m.target())).collect();
        let repository = cmd.option_value(&["--repository", "-X"]).filter(|path| path.starts_with('/'));
        if repository.is_some_and(|path| folders.iter().any(|f| covers(f, path))) {
            return true;
        }
        let is_brought = |word: &&Word| {
            let folder = word.static_prefix().rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = cmd.paths_of(word).into_iter().next();
            let path = path.as_deref().unwrap_or(folder);
            path.starts_with('/') && folders.iter().any(|f| covers(f, path))
        };
        !folders.is_empty() && cmd.operands().iter().any(is_brought)
    }

    fn variables_off(&self, found: &mut ChecksOff) {
        for (step, instruction) in self.instructions() {
            let mut look = |name: &syntax::Word, value: Option<&syntax::Word>, stays: bool| {
                let Some(value) = value else { return };
                for row in rows_of(&name.text).filter(|row| row.is_off(self.value(step, value).known())) {
                    let span = name.span.to(value.span);
                    found.of(row.check).push(CheckOff { stays, ..off(span, None, row.alias) });
                }
            };
            match &instruction.kind {
                Kind::Env(pairs) => pairs.iter().for_each(|p| look(&p.key, p.value.as_ref(), true)),
                Kind::Arg(decls) => decls.iter().for_each(|d| look(&d.name, d.default.as_ref(), false)),
                _ => {}
            }
        }
        // `export NAME=value`, `env NAME=value program`.
        let mut assigned = |words: &[Word]| {
            for word in words.iter().skip(1) {
                let Some((name, value)) = word.static_prefix().split_once('=') else { continue };
                let value = (!word.has_expansion()).then_some(value);
                for row in rows_of(name).filter(|row| row.is_off(value)) {
                    found.of(row.check).push(off(word.span, None, row.alias));
                }
            }
        };
        let is_run = |script: &&ScriptUse| script.kind == ScriptKind::Run;
        let commands = || self.scripts.iter().filter(is_run).flat_map(|s| &s.script.commands);
        for command in commands().filter(|command| !command.effective().wrappers.is_empty()) {
            assigned(&command.words);
        }
        for cmd in self.commands_named("export").filter(|cmd| is_run(&cmd.script())) {
            assigned(&cmd.shell().words);
        }
        for assignment in commands().flat_map(|command| &command.assignments) {
            let value = assignment.value.as_ref().map(|w| w.as_str());
            for row in rows_of(&assignment.name).filter(|row| row.is_off(value.unwrap_or(None))) {
                found.of(row.check).push(off(assignment.span, None, row.alias));
            }
        }
    }

    fn texts_off(&self, found: &mut ChecksOff) {
        let mut look = |span: Span, replaced: bool| {
            let text = self.text(span);
            for (row, start, _) in TEXTS.iter().filter(|(_, _, len)| *len <= text.len()) {
                let places =
                    find(text, row.text, start).filter(|at| !replaced || is_replacement(text, at.start));
                for at in places {
                    let start = span.start + Span::of(0..at.start).end;
                    let span = Span::new(start, start + Span::of(0..at.len()).end);
                    found.of(row.check).push(off(span, None, row.alias));
                }
            }
        };
        for program in ["echo", "printf", "sed", "cat", "tee"] {
            for cmd in
                self.commands_named(program).filter(|c| c.script().kind == ScriptKind::Run && writes(c))
            {
                cmd.args().iter().filter(|w| w.exact).for_each(|w| look(w.span, program == "sed"));
                let bodies = cmd.shell().redirects.iter().filter_map(|r| r.heredoc_body);
                bodies.for_each(|body| look(body, false));
            }
        }
        for (_, instruction) in self.instructions() {
            if let Kind::Copy(Transfer { .. }) | Kind::Add(Transfer { .. }) = &instruction.kind {
                instruction.heredocs.iter().for_each(|doc| look(doc.body, false));
            }
        }
    }
}

/// The rows of an environment variable: one for each check that it turns off.
fn rows_of(name: &str) -> impl Iterator<Item = &'static CheckVariable> {
    // Most variables start with another letter than any of these, which is seen at once.
    static LETTERS: LazyLock<u128> = LazyLock::new(|| {
        let names = check_variables().iter().flat_map(|row| row.names);
        names.fold(0, |all, name| all | letter(name))
    });
    fn letter(name: &str) -> u128 {
        1 << (name.bytes().next().unwrap_or(0) & 127)
    }
    let rows = if *LETTERS & letter(name) == 0 { &[] } else { check_variables() };
    rows.iter().filter(move |row| row.names.contains(&name))
}

/// The texts that turn checks off, each with a search for its start and its length without blanks, which need not
/// be there.
static TEXTS: LazyLock<Vec<(&CheckText, memmem::Finder<'_>, usize)>> = LazyLock::new(|| {
    let rows = check_texts().iter();
    rows.map(|row| {
        let len = row.text.bytes().filter(|b| *b != b' ').count();
        (row, memmem::Finder::new(row.text.get(..4).unwrap_or(row.text)), len)
    })
    .collect()
});

/// False for an `echo` that only prints: into no file, and to no other program.
fn writes(cmd: &Cmd<'_>) -> bool {
    use RedirectKind::{Append, AppendBoth, ReadWrite, Write, WriteBoth};
    let shell = cmd.shell();
    let to_file = |r: &Redirect| matches!(r.kind, Append | AppendBoth | ReadWrite | Write | WriteBoth);
    let lists = &cmd.script().script.lists;
    let list = lists.get(shell.place.list);
    let is_plain = list.is_none_or(|list| list.kind == ListKind::Script);
    matches!(cmd.program(), "sed" | "tee")
        || !is_plain
        || shell.place.pipeline.is_some()
        || shell.redirects.iter().any(to_file)
}

fn off(span: Span, cmd: Option<&Cmd<'_>>, alias: Option<&'static str>) -> CheckOff {
    CheckOff { span, program: cmd.map(|c| c.program().to_owned()), stays: false, alias }
}

/// True for a command of a build, unless it stays on this machine, or a checksum or a signature is
/// compared in its stage.
fn counts(cmd: &Cmd<'_>) -> bool {
    if cmd.script().kind != ScriptKind::Run {
        return false;
    }
    let Some(stage) = cmd.stage() else { return false };
    let local =
        cmd.args().iter().any(|w| w.static_prefix().contains("://") && Download::is_local(w.static_prefix()));
    // `--repofrompath=own,file:///packages`, `deb [trusted=yes] file:/packages ./`
    let text = cmd.model.text(cmd.model.instruction(cmd.step()).span);
    let local = local
        || ["file:/", "copy:/"]
            .iter()
            .any(|scheme| memmem::find(text.as_bytes(), scheme.as_bytes()).is_some())
            && memmem::find(text.as_bytes(), b"http").is_none();
    let first = cmd.step().saturating_sub(MAX_STEPS).max(stage.steps.start);
    let last = stage.steps.end.min(cmd.step() + MAX_STEPS);
    !local && cmd.model.last_checks(first..last).next().is_none()
}

/// Where those of `wanted` stand among the options of `cmd`, each once.
fn options(cmd: &Cmd<'_>, wanted: &[&str], value_letters: &str) -> Vec<Span> {
    let mut found: Vec<(usize, Span)> = Vec::new();
    let words = cmd.args().iter().enumerate().take_while(|(_, word)| !word.is("--"));
    for (at, word) in words.filter(|(_, word)| word.static_prefix().starts_with('-')) {
        let given = word.static_prefix().as_bytes();
        let is_long = given.starts_with(b"--");
        // Few options are looked at closely: those of the same first letter, or whose letter is there.
        let may_be = |option: &str| match option.as_bytes() {
            [b'-', b'-', first, ..] => is_long && given.get(2) == Some(first),
            [b'-', letter, ..] => !is_long && given.contains(letter),
            _ => false,
        };
        for (number, option) in wanted.iter().enumerate().filter(|(_, option)| may_be(option)) {
            if let Some(span) = option_at(cmd, at, option, value_letters)
                && !found.iter().any(|(known, _)| *known == number)
            {
                found.push((number, span));
            }
        }
    }
    found.into_iter().map(|(_, span)| span).collect()
}

/// Where the option `wanted` stands, if the word `at` among the arguments is, or starts, that.
fn option_at(cmd: &Cmd<'_>, at: usize, wanted: &str, value_letters: &str) -> Option<Span> {
    let args = cmd.args();
    let word = args.get(at)?;
    let given = word.static_prefix();
    let Some(split) = wanted.bytes().position(|b| matches!(b, b'=' | b' ')) else {
        let is_it = if wanted.starts_with("--") {
            // `--insecure-skip-tls-verify=false` turns it on.
            let is_off = |rest: &str| rest.is_empty() || rest.starts_with('=') && rest != "=false";
            given.strip_prefix(wanted).is_some_and(is_off)
        } else {
            in_cluster(given, wanted, value_letters) && !is_value(args, at, value_letters)
        };
        return is_it.then_some(word.span);
    };
    let (name, value) = (wanted.get(..split)?, wanted.get(split + 1..)?);
    let rest = given.strip_prefix(name)?;
    if rest.is_empty() {
        let next = args.get(at + 1)?;
        return is_like(&cmd.text_of(next)?, value).then(|| word.span.to(next.span));
    }
    let whole = cmd.text_of(word)?;
    let rest = whole.get(name.len()..)?;
    let rest = if name.starts_with("--") { rest.strip_prefix('=')? } else { rest };
    is_like(rest, value).then_some(word.span)
}

/// True if the word before is a short option that takes the next word.
fn is_value(args: &[Word], at: usize, value_letters: &str) -> bool {
    let before = at.checked_sub(1).and_then(|i| args.get(i)).map_or("", Word::static_prefix);
    let letters = before.strip_prefix('-').filter(|l| !l.starts_with('-')).unwrap_or("");
    letters.find(|c| value_letters.contains(c)).is_some_and(|i| i + 1 == letters.len())
}

/// True if the letter of `-k` is in `word`, before a letter that takes the rest of it.
fn in_cluster(word: &str, letter: &str, value_letters: &str) -> bool {
    let (Some(letters), Some(letter)) = (word.strip_prefix('-'), letter.strip_prefix('-')) else {
        return false;
    };
    if letters.starts_with('-') {
        return false;
    }
    let end = letters.find(|c| value_letters.contains(c)).unwrap_or(letters.len());
    letters.get(..end).is_some_and(|l| l.contains(letter))
}

impl CheckSetting {
    /// Where `cmd` writes the setting with a value that turns the check off.
    fn setting(&self, cmd: &Cmd<'_>) -> Option<Span> {
        // Hardly any command writes a setting.
        let starts = |word: &Word| self.subcommands.iter().any(|s| s.split(' ').next() == word.as_str());
        if !cmd.args().iter().any(|word| word.has_expansion() || starts(word)) {
            return None;
        }
        let words: Vec<(&Word, Cow<'_, str>)> = cmd
            .args()
            .iter()
            .filter(|w| !w.static_prefix().starts_with('-'))
            .filter_map(|w| Some((w, w.literal().or_else(|| cmd.text_of(w).map(Cow::Owned))?)))
            .collect();
        let fits = |subcommand: &&&str| {
            let mut wanted = subcommand.split_whitespace();
            let mut given = words.iter().map(|w| &*w.1);
            wanted.all(|w| given.next() == Some(w))
        };
        let subcommand = self.subcommands.iter().find(fits)?;
        let rest = words.get(subcommand.split_whitespace().count()..)?;
        let is_off = |value: &str| self.off.iter().any(|o| is_like(value, o));
        rest.iter().enumerate().find_map(|(at, (word, text))| {
            if let Some((key, value)) = text.split_once('=')
                && is_like(key, self.key)
            {
                return is_off(value).then_some(word.span);
            }
            let (next, value) = rest.get(at + 1)?;
            (is_like(text, self.key) && is_off(value)).then(|| word.span.to(next.span))
        })
    }
}

impl CheckVariable {
    fn is_off(&self, value: Option<&str>) -> bool {
        self.off.iter().any(|o| *o == "*" || value.is_some_and(|v| v.eq_ignore_ascii_case(o)))
    }
}

/// True if `text` is like `pattern`, in which one `*` stands for anything; case does not count.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else { return text.eq_ignore_ascii_case(pattern) };
    let bytes = text.as_bytes();
    bytes.len() >= start.len() + end.len()
        && bytes[..start.len()].eq_ignore_ascii_case(start.as_bytes())
        && bytes[bytes.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
}

/// Where `pattern` is in `text`, as a word of its own, not behind `#` on its line, nor for packages of
/// this machine.
fn find<'t>(
    text: &'t str,
    pattern: &'t str,
    start: &'t memmem::Finder<'_>,
) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    start.find_iter(text.as_bytes()).filter_map(move |start| {
        let bytes = text.as_bytes();
        let len = matched(&bytes[start..], pattern.as_bytes())?;
        let end = start + len;
        let alone = !start.checked_sub(1).is_some_and(|i| part(bytes[i]) && !is_escape(bytes, i))
            && !bytes.get(end).is_some_and(|b| part(*b));
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[end..].find('\n').map_or(text.len(), |i| end + i);
        let comment = text[line_start..start].trim_start().starts_with('#');
        let line = &text[line_start..line_end];
        let local = line.contains("file:") || line.contains("copy:/");
        (alone && !comment && !local).then_some(start..end)
    })
}

/// True for the `n` of `\n`.
fn is_escape(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|i| bytes[i] == b'\\')
}

/// How long the match of `pattern` at the start of `text` is; blanks and backslashes around what is no
/// letter or digit do not count.
fn matched(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let word = |b: u8| b.is_ascii_alphanumeric();
    let mut at = 0;
    let mut before = b'a';
    for &wanted in pattern {
        if wanted == b' ' {
            before = wanted;
            continue;
        }
        while text.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\\'))
            && !(word(wanted) && word(before))
        {
            at += 1;
        }
        if *text.get(at)? != wanted {
            return None;
        }
        at += 1;
        before = wanted;
    }
    Some(at)
}

/// True if `at` is in the second part of `s/…/…/`.
fn is_replacement(script: &str, at: usize) -> bool {
    let script = script.get(..at).unwrap_or("").trim_start_matches(['"', '\'']);
    let Some(rest) = script.strip_prefix('s') else { return false };
    let Some(delimiter) = rest.chars().next() else { return false };
    rest.matches(delimiter).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let mut options = check_options().iter().flat_map(|r| r.options);
        assert!(options.all(|o| o.starts_with('-') && o.len() > 1));
        let mut patterns = check_settings().iter().flat_map(|r| r.off.iter().chain([&r.key]));
        assert!(patterns.all(|p| p.matches('*').count() <= 1));
        assert!(check_texts().iter().all(|r| r.text.len() >= 4));
        assert!(check_variables().iter().all(|r| !r.names.is_empty() && !r.off.is_empty()));
        let mut names: Vec<&str> = check_variables().iter().flat_map(|r| r.names).copied().collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b), "a variable has two rows: {names:?}");
    }

    #[test]
    fn text_is_found_as_a_word() {
        let found = |text: &str, pattern: &str| -> Vec<String> {
            find(text, pattern, &memmem::Finder::new(&pattern[..4])).map(|at| text[at].to_owned()).collect()
        };
        assert_eq!(found("a\\ngpgcheck = 0\\n", "gpgcheck=0"), ["gpgcheck = 0"]);
        assert_eq!(found("gpgcheck=0\n# gpgcheck=0\ngpgcheck=0", "gpgcheck=0").len(), 2);
        assert_eq!(found("repo_gpgcheck=0 gpgcheck=01 gpgcheck=1", "gpgcheck=0"), [""; 0]);
        assert_eq!(found("deb [ trusted=yes ] http://a.b", "trusted=yes"), ["trusted=yes"]);
        assert_eq!(found("deb [trusted=yes] file:/a", "trusted=yes"), [""; 0]);
        assert_eq!(found("Verify-Peer  \\\"false\\\";", "Verify-Peer \"false\"").len(), 1);
        assert!(is_replacement("'s/gpgcheck=1/gpgcheck=0/'", 14) && !is_replacement("s/gpgcheck=0/x/", 2));
    }
}
