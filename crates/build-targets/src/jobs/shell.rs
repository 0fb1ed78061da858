//! Words of a script, as far as they are sure.

use std::ops::Range;

/// A simple command.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub words: Vec<Word>,
    /// Whether these are all words, and no others.
    pub sure: bool,
    /// What it writes to by `>` and `>>`.
    pub outputs: Vec<Word>,
    /// Whether commands after it run in another folder.
    pub leaves_folder: bool,
    /// As it is written; one that leaves the folder with the rest of its line.
    pub text: &'a str,
    /// What joins it to the command before it.
    pub before: Link,
    /// What follows it.
    pub after: Link,
    /// How many subshells begin with it, and end with it.
    pub opens: usize,
    /// See `opens`.
    pub closes: usize,
    /// How many more braces open in it than close.
    pub braces: isize,
}

/// What stands between two commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// `;`, or a new line.
    End,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|` or `&`: what is before it runs in a shell of its own.
    Apart,
}

/// A word of a command.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// The word without its quotes; `None` if a variable or the like is in it.
    pub text: Option<String>,
    /// What it begins with that is known.
    pub known_start: String,
    /// Whether the shell may make none or several words of it.
    pub splits: bool,
    /// Where it is in the script.
    pub range: Range<usize>,
}

/// The simple commands of a script, also those that cannot be read for sure.
pub(super) fn commands(script: &str) -> Vec<Line<'_>> {
    let mut commands = Vec::new();
    let mut scanner = Scanner { script, at: 0, outputs: Vec::new() };
    let mut before = Link::End;
    while scanner.at < script.len() {
        let start = scanner.at;
        let Command { words, sure, after, opens, closes, braces } = scanner.command();
        // It may follow a word such as `then`.
        let leaves = |word: &Word| matches!(word.text.as_deref(), Some("cd" | "pushd" | "popd"));
        let leaves_folder = words.iter().take(2).any(leaves);
        let outputs = std::mem::take(&mut scanner.outputs);
        let is_nothing = words.is_empty() && outputs.is_empty() && (opens, closes, braces) == (0, 0, 0);
        // `a &&` goes on in the next line.
        let link = std::mem::replace(&mut before, after);
        if is_nothing && after == Link::End && link != Link::End {
            before = link;
        }
        if !is_nothing {
            let own = script.get(start..scanner.at).unwrap_or("");
            let text = if leaves_folder { line_at(script, start) } else { own };
            let line = Line {
                words,
                sure,
                outputs,
                leaves_folder,
                text,
                before: link,
                after,
                opens,
                closes,
                braces,
            };
            commands.push(line);
        }
    }
    commands
}

/// How many words are looked at that may stand before a program.
const MOST_BEFORE: usize = 16;

/// Where the program stands in the words of a command: what a shell or another program runs it with is before it, as
/// `then`, `sudo -E`, `A=1` and `timeout 10m`.
pub(super) fn lead(words: &[Word]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|_| at < MOST_BEFORE) {
        at += match word.text.as_deref() {
            _ if is_assignment(word) => 1,
            Some("if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!") => 1,
            Some("env" | "exec" | "command" | "nohup" | "time" | "sudo" | "nice") => {
                1 + flags(&words[at + 1..], &["-u", "-g", "-n"])
            }
            Some("timeout") => {
                let flags = flags(&words[at + 1..], &["-s", "-k", "--signal", "--kill-after"]);
                // How long it may run.
                2 + flags
            }
            _ => return at,
        };
    }
    at.min(words.len())
}

/// How many words are the flags that these begin with, and the values of those that take one.
fn flags(words: &[Word], with_value: &[&str]) -> usize {
    let mut at = 0;
    while let Some(flag) = words.get(at).filter(|word| word.known_start.starts_with('-')) {
        at += if with_value.contains(&flag.known_start.as_str()) { 2 } else { 1 };
    }
    at
}

/// `NAME=…`
fn is_assignment(word: &Word) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    word.known_start.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(is_letter)
    })
}

/// The line that begins at a place, or goes on there.
fn line_at(script: &str, start: usize) -> &str {
    let rest = script.get(start..).unwrap_or("").trim_start();
    rest.lines().next().unwrap_or("")
}

/// A command as it is scanned.
struct Command {
    words: Vec<Word>,
    sure: bool,
    after: Link,
    opens: usize,
    closes: usize,
    braces: isize,
}

struct Scanner<'a> {
    script: &'a str,
    at: usize,
    /// What the command writes to that is being read.
    outputs: Vec<Word>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.script.as_bytes().get(self.at).copied()
    }

    /// The words up to the end of a command, which is eaten, and whether they are sure.
    fn command(&mut self) -> Command {
        let mut command =
            Command { words: Vec::new(), sure: true, after: Link::End, opens: 0, closes: 0, braces: 0 };
        // Brackets that are no subshell, as those of a function or a list.
        let mut other = 0_usize;
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) || self.rest().starts_with("\\\n") {
                self.at += if self.peek() == Some(b'\\') { 2 } else { 1 };
            }
            match self.peek() {
                None => return command,
                // `&>`, which writes both outputs to a file.
                Some(b'&') if self.rest().starts_with("&>") => {
                    self.at += 1;
                }
                Some(b'\n' | b';' | b'&' | b'|') => {
                    command.after = self.link();
                    return command;
                }
                Some(b'(') if command.words.is_empty() && other == 0 => {
                    self.at += 1;
                    command.opens += 1;
                }
                Some(b')') if other == 0 => {
                    self.at += 1;
                    command.closes += 1;
                    // What is joined to a subshell stands behind it.
                    while matches!(self.peek(), Some(b' ' | b'\t')) {
                        self.at += 1;
                    }
                    if matches!(self.peek(), Some(b';' | b'&' | b'|')) {
                        command.after = self.link();
                    }
                    return command;
                }
                Some(b'#') => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                // A redirection, a list of commands in brackets or a heredoc: its words are none of the command's.
                Some(b'<') if self.rest().starts_with("<<") => {
                    self.at = self.script.len();
                    command.sure = false;
                    return command;
                }
                Some(b'<' | b'>') => {
                    let start = self.at;
                    while matches!(self.peek(), Some(b'<' | b'>' | b'&' | b' ')) {
                        self.at += 1;
                    }
                    let writes = self.script[start..self.at].trim_end().ends_with('>');
                    let word = self.word();
                    self.outputs.extend(word.filter(|_| writes));
                }
                Some(c @ (b'(' | b')' | b'{' | b'}' | b'`'))
                    if !self.rest().starts_with("{{") && working_folder(self.rest()).is_none() =>
                {
                    self.at += 1;
                    match c {
                        b'(' => other += 1,
                        b')' => other = other.saturating_sub(1),
                        b'{' => command.braces += 1,
                        b'}' => command.braces -= 1,
                        _ => {}
                    }
                    command.sure = false;
                }
                Some(_) => match self.word() {
                    // The number of what is redirected, as in `2>`, is no word of the command.
                    Some(word) if self.is_redirected(&word) => {}
                    Some(word) => command.words.push(word),
                    None => command.sure = false,
                },
            }
        }
    }

    /// What ends a command, which is eaten.
    fn link(&mut self) -> Link {
        let rest = self.rest();
        let (link, length) = match rest.as_bytes() {
            [b'&', b'&', ..] => (Link::And, 2),
            [b'|', b'|', ..] => (Link::Or, 2),
            [b'&' | b'|', ..] => (Link::Apart, 1),
            _ => (Link::End, 1),
        };
        self.at += length;
        link
    }

    fn is_redirected(&self, word: &Word) -> bool {
        let written = self.script.get(word.range.clone()).unwrap_or("");
        matches!(self.peek(), Some(b'<' | b'>')) && written.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn rest(&self) -> &str {
        &self.script[self.at..]
    }

    /// The word that begins here, which is eaten; `None` if its end is not sure.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut word = Word { text: None, known_start: String::new(), splits: false, range: start..start };
        let mut text = Some(String::new());
        let mut quote: Option<char> = None;
        let mut sure = true;
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            let unknown = |word: &mut Word, text: &mut Option<String>, quote: Option<char>| {
                word.splits |= quote.is_none();
                *text = None;
            };
            // A path that begins with the working folder is one that begins in it.
            if text.as_deref() == Some("")
                && quote != Some('\'')
                && let Some(length) = working_folder(rest)
            {
                self.at += length;
                push(&mut text, &mut word, '.');
                continue;
            }
            match (c, quote) {
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (_, Some('\'')) => push(&mut text, &mut word, c),
                (' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')', None) => break,
                ('$', _) if rest.starts_with("${{") => {
                    let Some(end) = rest.find("}}") else {
                        self.at = self.script.len();
                        return None;
                    };
                    self.at += end + 2;
                    unknown(&mut word, &mut text, quote);
                    continue;
                }
                ('$', _) if rest.starts_with("$(") => {
                    match substitution(rest) {
                        Some(length) => {
                            self.at += length;
                            unknown(&mut word, &mut text, quote);
                        }
                        // Another command, whose end is not sure.
                        None => {
                            self.at += 2;
                            sure = false;
                        }
                    }
                    continue;
                }
                ('$', _) if rest.starts_with("${") => {
                    self.at += rest.find('}').map_or(rest.len(), |end| end + 1);
                    unknown(&mut word, &mut text, quote);
                    continue;
                }
                ('$', _)
                    if rest[1..].starts_with(|c: char| c.is_alphanumeric() || "_@*#?!$-".contains(c)) =>
                {
                    let name = rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
                    self.at += 1 + name.unwrap_or(rest.len() - 1).max(1).min(rest.len() - 1);
                    while !self.script.is_char_boundary(self.at) {
                        self.at += 1;
                    }
                    unknown(&mut word, &mut text, quote);
                    continue;
                }
                ('`', _) => sure = false,
                ('*' | '?' | '[' | '~' | '{', None) => unknown(&mut word, &mut text, None),
                ('\\', _) => {
                    self.at += 1;
                    let Some(escaped) = self.rest().chars().next() else { break };
                    if escaped != '\n' {
                        push(&mut text, &mut word, escaped);
                    }
                    self.at += escaped.len_utf8();
                    continue;
                }
                _ => push(&mut text, &mut word, c),
            }
            self.at += c.len_utf8();
        }
        word.range = start..self.at;
        word.text = text;
        (sure && quote.is_none()).then_some(word)
    }
}

/// How long what stands for the working folder is, with which a text begins.
fn working_folder(text: &str) -> Option<usize> {
    let ways = ["$PWD", "${PWD}", "$(pwd)", "`pwd`"];
    let way = ways.into_iter().find(|way| text.starts_with(way))?;
    let behind = text[way.len()..].chars().next();
    let ends = !way.ends_with('D') || !behind.is_some_and(|c| c.is_alphanumeric() || c == '_');
    ends.then_some(way.len())
}

/// How long the `$(…)` is that a text begins with; `None` if what is in it does not tell where it ends.
fn substitution(text: &str) -> Option<usize> {
    const MOST: usize = 4096;
    let mut open = 0_usize;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate().take(MOST) {
        match byte {
            b'"' => quoted = !quoted,
            b'(' if !quoted => open += 1,
            b')' if !quoted => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            // Each of these may hide a bracket, or a quote in another one.
            b'\'' | b'\\' | b'`' | b'#' => return None,
            _ => {}
        }
    }
    None
}

fn push(text: &mut Option<String>, word: &mut Word, c: char) {
    if let Some(text) = text {
        text.push(c);
        word.known_start.push(c);
    }
}
